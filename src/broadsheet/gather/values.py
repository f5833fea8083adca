"""What the gather room hands out beside the nouns of `broadsheet.models`."""

from __future__ import annotations

from datetime import datetime

from broadsheet.models import Entry, Image, Page, Problem, Source, SourceState, Value


class Hints(Value, frozen=True):
    """What a feed says about asking it again. ``ttl`` in seconds, ``skip_hours`` in UTC; addresses are empty when not given."""

    ttl: int | None = None
    skip_hours: tuple[int, ...] = ()
    hub: str = ""
    self_url: str = ""
    updated_at: datetime | None = None


class Feed(Value, frozen=True):
    """A feed as read. An entry that names no address of its own has an empty ``url``."""

    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    hints: Hints = Hints()
    cut: bool = False  # there were more entries than are read


class SitemapEntry(Value, frozen=True):
    """One address of a sitemap. ``title``, ``published_at``, ``language``, ``keywords`` come from the news extension."""

    url: str
    modified_at: datetime | None = None
    title: str = ""
    published_at: datetime | None = None
    language: str = ""
    keywords: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    video_url: str = ""


class SitemapChild(Value, frozen=True):
    """A sitemap named by an index, and when it last changed."""

    url: str
    modified_at: datetime | None = None


class Sitemap(Value, frozen=True):
    """A sitemap (``entries``) or an index of sitemaps (``children``). ``news`` when the news extension is used."""

    entries: tuple[SitemapEntry, ...] = ()
    children: tuple[SitemapChild, ...] = ()
    news: bool = False


class ArchivedPage(Value, frozen=True):
    """A page of an archive, and the ``cursor`` from which to go on after it; or the reason a record could not be read."""

    page: Page | None
    cursor: int
    problem: str = ""


class Asked(Value, frozen=True):
    """A feed that answered, be it that nothing has changed, and is yet to be read, with its state before it was asked."""

    source: Source
    state: SourceState
    page: Page


class Poll(Value, frozen=True):
    """What came of asking one source: its new state, and its entries unless it is unchanged or had a problem."""

    state: SourceState
    entries: tuple[Entry, ...] = ()
    problem: Problem | None = None
    unchanged: bool = False
