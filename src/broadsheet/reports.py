"""What is asked of the store for printing: the last report, the front page, the sources."""

from __future__ import annotations

from broadsheet.errors import BroadsheetError
from broadsheet.models import PublishedStory, Report, SourceState
from broadsheet.newsroom import Newsroom, remembered
from broadsheet.store import editions
from broadsheet.store.shelf import Shelf


def last_report(newsroom: Newsroom) -> Report:
    """The report of the last edition. Raises BroadsheetError when there was none."""
    with remembered(newsroom) as connection:
        report = editions.last_report(connection)
    if report is None:
        raise BroadsheetError(f"{newsroom.folder}: there was no edition yet; `broadsheet run` makes one")
    return report


def source_states(newsroom: Newsroom) -> list[SourceState]:
    """What is remembered of the newsroom's sources, in its own order."""
    with remembered(newsroom) as connection:
        return Shelf(connection, [source.url for source in newsroom.settings.sources]).sources()


def front_page(newsroom: Newsroom, limit: int) -> list[PublishedStory]:
    """The stories of the front page, by heat now."""
    with remembered(newsroom) as connection:
        return list(Shelf(connection).front(None, limit))
