"""The user's folder: what lies where in it, one edition at a time, and making a new one."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from broadsheet.config import CONFIG_FILE, TOPICS_FOLDER, load_settings
from broadsheet.errors import BroadsheetError
from broadsheet.settings import Settings
from broadsheet.store import Database

STATE_FOLDER = ".broadsheet"
RECORDS_FOLDER = "_news"


class Newsroom(msgspec.Struct, frozen=True):
    """A newsroom's folder with its settings read."""

    folder: Path
    settings: Settings

    @property
    def state(self) -> Path:
        """The folder of what is not published and not in Git: the database, the key, the lock."""
        return self.folder / STATE_FOLDER

    @property
    def key_file(self) -> Path:
        return self.state / "key"

    @property
    def output(self) -> Path:
        """The published folder."""
        return self.folder / self.settings.publish.folder

    @property
    def store_url(self) -> str:
        return self.settings.store.url or f"sqlite:///{self.state / 'broadsheet.db'}"


def open_newsroom(folder: Path) -> Newsroom:
    """The newsroom in that folder. Raises ConfigError when it is none, or a setting is wrong."""
    folder = folder.resolve()
    newsroom = Newsroom(folder, load_settings(folder))
    _make_state(newsroom.state)
    return newsroom


def _make_state(state: Path) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    state.mkdir(mode=0o700, exist_ok=True)
    ignore = state / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")  # the database and the key never enter Git, whatever the newsroom's own .gitignore says


@contextmanager
def locked(newsroom: Newsroom) -> Iterator[None]:
    """Holds the newsroom for one edition; raises BroadsheetError when another process holds it.

    The kernel frees the lock with the process, so a killed edition leaves none behind.
    """
    with (newsroom.state / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise BroadsheetError(
                f"{newsroom.folder}: an edition is under way (process {holder}); wait for it to end"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def remembered(newsroom: Newsroom) -> Iterator[Connection]:
    """One transaction on the newsroom's database, opened and closed for it. Raises StoreError."""
    with closing(Database(newsroom.store_url)) as database, database.transaction() as connection:
        yield connection


_CONFIG = """\
# The newsroom's settings. Everything that can be set, with its default, is in the manual: docs/settings.md

[newsroom]
name = "{name}"
description = "The news, gathered and weighed."
language = "en"
# the address at which the published folder will be served, with its last slash
url = "http://localhost:8000/"
# told to the hosts that are asked, so that they can reach you: a mailbox or an address
contact = ""

# One table a source; `broadsheet add URL` finds the feeds of a site and adds them here.
# [[sources]]
# url = "https://news.example/feed.xml"
"""

_TOPIC = """\
# A topic: one file each. Whole words count, a keyword in capitals counts in capitals only.
taxonomy: topic
_id: technology
name: Technology
description: An example. Edit it, or delete it and write your own.
keywords:
  - technology
  - software
  - artificial intelligence
  - AI
hashtags:
  - "#technology"
"""


def make_newsroom(folder: Path, key: str, *, example: bool = True) -> list[Path]:
    """Write what a new newsroom needs, and nothing over what is there. Returns the files written.

    ``example``: a topic to edit as well, where there is none.
    """
    files = {
        CONFIG_FILE: _CONFIG.format(name=_title(folder.resolve().name)),
        f"{STATE_FOLDER}/key": key,
    }
    if example and not any((folder / TOPICS_FOLDER).glob("*.y*ml")):
        files[f"{TOPICS_FOLDER}/01-technology.yaml"] = _TOPIC
    written = []
    for name, content in files.items():
        path = folder / name
        if path.exists():
            continue
        if path.parent.name == STATE_FOLDER:
            _make_state(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600 if name.endswith("/key") else 0o644)
        path.write_text(content, encoding="utf-8")
        written.append(path)
    return written


READY = {
    "github": {".github/workflows/broadsheet.yml": "github.yml"},
    "docker": {"Dockerfile": "Dockerfile", "compose.yaml": "compose.yaml", ".dockerignore": "dockerignore"},
    "systemd": {"broadsheet.service": "broadsheet.service"},
}


def add_ready(folder: Path, places: Iterable[str]) -> list[Path]:
    """Write the files by which a newsroom runs in those places of `READY`, and nothing over what is there."""
    source = resources.files("broadsheet") / "ready"
    files = {folder / name: source / content for place in places for name, content in READY[place].items()}
    written = [path for path in files if not path.exists()]
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[path].read_bytes())
    return written


def _title(name: str) -> str:
    words = re.findall(r"\w+", name.replace("_", " "))
    return " ".join(words).title() or "Broadsheet"
