"""What the documentation shows is true: every command runs, every setting and command is there, every link leads somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from broadsheet.cli import main
from tests.site import running

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.M | re.S)

# What stands in a command for what a test cannot have: the web, and servers that never end.
INSTEAD = [
    (r"^pip install .*", "broadsheet --version"),
    (r"^python3 -m http\.server -d (\S+)$", r"test -f \1/index.html"),
    (r"^(broadsheet demo .*)--serve", r"\1--help"),
    (r"^broadsheet serve --port.*", "broadsheet serve --help"),
    (r"^make (\w+)", r"make -n -C {root} \1"),
    (r"^python -m (benchmarks\S*).*", r"cd {root} && {python} -m \1 --help"),
    (r"^python (tools\S*).*", r"cd {root} && {python} \1"),
    (r"^broadsheet add (.*)", r"broadsheet add --allow-private \1"),
    (r"https://news\.example", "{site}"),
]


def commands(page: Path) -> list[str]:
    blocks = CONSOLE.findall(page.read_text(encoding="utf-8"))
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def runnable(command: str, site: str) -> str:
    for shown, instead in INSTEAD:
        command = re.sub(shown, instead.format(root=ROOT, python=sys.executable, site=site), command)
    return f"({command})" if command.startswith(f"cd {ROOT}") else command


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_every_command_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    """A page's commands are run one after the other in one shell, in an empty folder, as a reader would."""
    with running() as site:
        script = "\n".join(["set -e", *(runnable(command, site) for command in commands(page))])
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "120"}
        environment.pop("BROADSHEET_KEY", None)
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr


def test_the_settings_page_is_what_the_settings_say() -> None:
    spec = importlib.util.spec_from_file_location("settings_doc", ROOT / "tools/settings_doc.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (ROOT / "docs/settings.md").read_text(encoding="utf-8") == tool.page(), "run: python tools/settings_doc.py --write"


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_in_the_manual(name: str) -> None:
    manual = (ROOT / "docs/newsroom.md").read_text(encoding="utf-8")
    assert f"`broadsheet {name}" in manual
    command = main.commands[name]
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in (ROOT / "docs").glob("*.md") if f"docs/{page.name}" not in readme]
    assert missing == []
