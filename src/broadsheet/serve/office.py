"""What every answer needs: the newsroom, its database, the time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from msgspec import Struct, field
from starlette.requests import HTTPConnection

from broadsheet.config import CONFIG_FILE, load_settings, topic_files
from broadsheet.edition.pipeline import ClientMaker, polite_client
from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import Newsroom
from broadsheet.store import Database

LOOK = 1.0  # seconds between two looks for settings and topics that were changed

log = logging.getLogger("broadsheet.serve")


def now() -> datetime:
    return datetime.now(UTC)


class _Live:
    """The newsroom as its files say it now. While they are wrong it is as it was."""

    def __init__(self) -> None:
        self._next = 0.0
        self._files: object = None
        self._newsroom: Newsroom | None = None

    def of(self, opened: Newsroom) -> Newsroom:
        if monotonic() >= self._next:
            self._next = monotonic() + LOOK
            self._look(opened.folder)
        return self._newsroom or opened

    def look_again(self) -> None:
        self._next = 0.0

    def _look(self, folder: Path) -> None:
        files = _state(folder)
        if self._files not in (None, files):
            try:
                self._newsroom = Newsroom(folder, load_settings(folder))
            except BroadsheetError as error:
                log.warning("settings were changed and are wrong; those before hold on: %s", error)
        self._files = files


def _state(folder: Path) -> object:
    try:
        found = [(path.name, path.stat()) for path in (folder / CONFIG_FILE, *topic_files(folder))]
    except FileNotFoundError:  # taken away meanwhile
        return ()
    return [(name, state.st_mtime_ns, state.st_size, state.st_ino) for name, state in found]


class Office(Struct, frozen=True):
    """The served newsroom. ``clock`` gives the instant of a request, ``client`` what asks the web for the desk."""

    opened: Newsroom
    database: Database
    clock: Callable[[], datetime] = now
    client: ClientMaker = polite_client
    live: _Live = field(default_factory=_Live)

    @property
    def newsroom(self) -> Newsroom:
        """The newsroom with its settings and topics as they are now, at most `LOOK` seconds old."""
        return self.live.of(self.opened)

    def at(self) -> datetime:
        """The instant of a request to the second, as what people do is kept."""
        return self.clock().replace(microsecond=0)


def office(connection: HTTPConnection) -> Office:
    """The office of the app that got this request."""
    found: Office = connection.app.state.office
    return found
