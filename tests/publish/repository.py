"""A newsroom's repository as tests see it: files by short names, git as a person calls it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from broadsheet.publish.git import commit, describe

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AUTHOR = "The Lantern <desk@lantern.example>"
FOLDERS = ("_news/", "public/", "assets/")  # what a newsroom commits


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@lantern.example", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def put(folder: Path, **files: str) -> None:
    """Files of a newsroom by short names: ``news_a`` is the record a, ``public_a`` the page a, others stand at the top."""
    for name, content in files.items():
        kind, _, short = name.partition("_")
        place = {"news": f"_news/{short}.md", "public": f"public/{short}.html", "assets": f"assets/{short}.png"}.get(kind, name)
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def publish(folder: Path, paths: tuple[str, ...] = FOLDERS, **more: str) -> str:
    return commit(folder, paths, describe, WHEN, AUTHOR, **more)
