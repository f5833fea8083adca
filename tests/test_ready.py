"""The files with which a newsroom runs elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from broadsheet.cli import main
from broadsheet.newsroom import READY, add_ready
from broadsheet.settings import PublishSettings

NAMES = sorted(name for files in READY.values() for name in files)


def init(folder: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["init", str(folder), *arguments])
    assert done.exit_code == code, done.output
    return done.output


def made(folder: Path) -> list[str]:
    return [name for name in NAMES if (folder / name).exists()]


def test_only_what_is_asked_for_is_written(tmp_path: Path) -> None:
    init(tmp_path / "a")
    assert made(tmp_path / "a") == []
    init(tmp_path / "b", "--with", "github, docker, systemd")
    assert made(tmp_path / "b") == NAMES
    assert "allowed are github, docker, systemd" in init(tmp_path / "c", "--with", "github,heroku", code=2).replace("\n", " ")
    assert not (tmp_path / "c").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("mine", encoding="utf-8")
    assert [path.name for path in add_ready(tmp_path, ["docker"])] == ["compose.yaml", ".dockerignore"]
    assert (tmp_path / "Dockerfile").read_text(encoding="utf-8") == "mine"
    assert add_ready(tmp_path, ["docker"]) == []


def test_the_workflow_publishes_the_folder_and_keeps_the_key_secret(tmp_path: Path) -> None:
    add_ready(tmp_path, ["github"])
    text = (tmp_path / ".github/workflows/broadsheet.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(text)["jobs"]["edition"]["steps"]
    uses = [step.get("uses", "").partition("@")[0] for step in steps]
    assert uses.index("actions/cache") < [step.get("run") for step in steps].index("broadsheet run")
    assert steps[uses.index("actions/upload-pages-artifact")]["with"]["path"] == PublishSettings().folder
    assert "BROADSHEET_KEY: ${{ secrets.BROADSHEET_KEY }}" in text


def test_the_paper_is_served_by_the_newsroom_itself(tmp_path: Path) -> None:
    add_ready(tmp_path, ["docker"])
    services = yaml.safe_load((tmp_path / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["paper"]["command"][0] == "serve"
    assert [name for name, service in services.items() if "profiles" not in service] == ["paper"]
    assert (tmp_path / ".dockerignore").read_text(encoding="utf-8") == "*\n"


@pytest.mark.parametrize("command", ["run", "serve"])
def test_the_commands_in_them_are_there(command: str, tmp_path: Path) -> None:
    add_ready(tmp_path, READY)
    said = "".join((tmp_path / name).read_text(encoding="utf-8") for name in NAMES)
    assert f"broadsheet {command}" in said
    subprocess.run([sys.executable, "-m", "broadsheet", *command.split(), "--help"], check=True, capture_output=True)
