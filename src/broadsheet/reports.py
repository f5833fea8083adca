"""What is asked of the store for printing: the last report, the front page, the sources."""

from __future__ import annotations

from broadsheet.errors import BroadsheetError
from broadsheet.models import PublishedStory, Report, SourceState
from broadsheet.newsroom import Newsroom
from broadsheet.store import Database, editions
from broadsheet.store.shelf import Shelf


def last_report(newsroom: Newsroom) -> Report:
    """The report of the last edition. Raises BroadsheetError when there was none."""
    database = Database(newsroom.store_url)
    try:
        with database.transaction() as connection:
            report = editions.last_report(connection)
    finally:
        database.close()
    if report is None:
        raise BroadsheetError(f"{newsroom.folder}: there was no edition yet; `broadsheet run` makes one")
    return report


def source_states(newsroom: Newsroom) -> list[SourceState]:
    """What is remembered of the newsroom's sources, in its own order."""
    database = Database(newsroom.store_url)
    try:
        with database.transaction() as connection:
            return Shelf(connection, [source.url for source in newsroom.settings.sources]).sources()
    finally:
        database.close()


def front_page(newsroom: Newsroom, limit: int) -> list[PublishedStory]:
    """The stories of the front page, by heat now."""
    database = Database(newsroom.store_url)
    try:
        with database.transaction() as connection:
            return Shelf(connection).front(None, limit)
    finally:
        database.close()
