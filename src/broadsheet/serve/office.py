"""What every answer needs: the newsroom, its database, the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct
from starlette.requests import HTTPConnection

from broadsheet.edition.pipeline import ClientMaker, polite_client
from broadsheet.newsroom import Newsroom
from broadsheet.store import Database


def now() -> datetime:
    return datetime.now(UTC)


class Office(Struct, frozen=True):
    """The served newsroom. ``clock`` gives the instant of a request, ``client`` what asks the web for the desk."""

    newsroom: Newsroom
    database: Database
    clock: Callable[[], datetime] = now
    client: ClientMaker = polite_client


def office(connection: HTTPConnection) -> Office:
    """The office of the app that got this request."""
    found: Office = connection.app.state.office
    return found
