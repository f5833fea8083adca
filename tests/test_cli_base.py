"""The base install alone: a command that needs more says in one line what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from broadsheet.newsroom import make_newsroom
from broadsheet.publish.seal import new_key

# as if none of the optional parts were installed
BASE = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {MISSING}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from broadsheet.cli import main
main(prog_name="broadsheet")
"""
MISSING = "aiosmtplib argon2 css_inline httptools joserfc mcp multipart prometheus_client psycopg python_multipart starlette"
MISSING += " uvicorn"


def base(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    code = BASE.replace("{MISSING}", repr(set(MISSING.split())))
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, input="a good long password\n", timeout=120)


NEEDS = [
    (["serve", "--once"], "serve"),
    (["mcp"], "mcp"),
    (["hooks", "add", "https://example.com/"], "serve"),
    (["people", "add", "olga", "--role", "owner"], "serve"),
    (["people", "token", "olga", "--scope", "read"], "serve"),
]


@pytest.mark.parametrize(("words", "extra"), NEEDS, ids=[" ".join(words) for words, _ in NEEDS])
def test_what_needs_more_says_what_to_install_in_one_line(tmp_path: Path, words: list[str], extra: str) -> None:
    make_newsroom(tmp_path, new_key())
    done = base(tmp_path, *words)
    said = " ".join(done.stderr.split())
    assert done.returncode == 1, said
    assert f"`pip install 'broadsheet[{extra}]'` brings what it needs" in said
    assert "Traceback" not in said
    assert "fault" not in said


@pytest.mark.parametrize(
    "words", [["hooks", "list"], ["people", "list"], ["doctor"], ["report"], ["search", "dam"], ["--help"]]
)
def test_what_needs_no_more_works(tmp_path: Path, words: list[str]) -> None:
    make_newsroom(tmp_path, new_key())
    done = base(tmp_path, *words)
    assert "pip install" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert "fault" not in done.stderr


def test_what_a_command_does_not_need_is_not_loaded() -> None:
    """Nor by the processes that an edition starts, which load the command line again."""
    code = "import sys, broadsheet.cli; print(*({'aiohttp', 'asyncio', 'lxml', 'numpy', 'sqlalchemy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
