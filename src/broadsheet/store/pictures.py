"""Pictures of published stories: those that are kept, and those that are still to be fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, and_, not_, select, update

from broadsheet.models import Image, Value
from broadsheet.store.database import insert_new, rows_of
from broadsheet.store.tables import pictures
from broadsheet.store.values import dump, load


class Wanted(Value, frozen=True):
    """A picture to fetch, the story that shows it, the source of its article, and how often fetching failed."""

    url: str
    story: str
    source: str
    attempts: int = 0


def want(connection: Connection, wanted: Iterable[Wanted]) -> None:
    """Remember pictures to be fetched. One that is known costs nothing more."""
    new = {"state": "waiting", "attempts": 0, "edition": 0, "copy": ""}
    insert_new(connection, pictures, [{"url": item.url, "story": item.story, "source": item.source, **new} for item in wanted])


def waiting(connection: Connection, edition: int, limit: int) -> list[Wanted]:
    """Pictures to be fetched, but not those that have failed in this edition already."""
    tried = and_(pictures.c.attempts > 0, pictures.c.edition == edition)
    query = select(pictures).where(pictures.c.state == "waiting", not_(tried)).order_by(pictures.c.url).limit(limit)
    return [Wanted(url=row.url, story=row.story, source=row.source, attempts=row.attempts) for row in connection.execute(query)]


def kept(connection: Connection, urls: Collection[str]) -> dict[str, Image]:
    """The copies that are kept of those pictures."""
    query = select(pictures.c.url, pictures.c.copy).where(pictures.c.state == "kept")
    return {row.url: load(row.copy, Image) for row in rows_of(connection, query, pictures.c.url, urls)}


def keep(connection: Connection, url: str, copy: Image) -> None:
    connection.execute(update(pictures).where(pictures.c.url == url).values(state="kept", copy=dump(copy)))


def miss(connection: Connection, url: str, edition: int, *, final: bool) -> None:
    """Note that a picture could not be had; ``final`` says that it will not be asked for again."""
    values = {"attempts": pictures.c.attempts + 1, "edition": edition, "state": "failed" if final else "waiting"}
    connection.execute(update(pictures).where(pictures.c.url == url).values(values))
