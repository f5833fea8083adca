"""What the search in the reader's browser searches: a list of months, and one compact file of stories a month. Pure.

A change touches the file of its month alone. The page fetches the newest month first, and older ones only as long as the
reader's words need them (``static/search.js``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from broadsheet.models import PublishedStory, Stories
from broadsheet.publish.api import encode
from broadsheet.publish.record import record_name
from broadsheet.text import shorten

INDEX = "search/index.json"
MAX_EXCERPT = 160  # characters that are searched and shown


class Shard(msgspec.Struct, frozen=True):
    """Stories of a month, newest first: [name, title, excerpt, seconds since 1970, places of outlets, places of topics]."""

    outlets: list[str]
    topics: list[str]
    stories: list[tuple[str, str, str, int, list[int], list[int]]]


class _Provider(msgspec.Struct, frozen=True, gc=False):
    name: str


class _Report(msgspec.Struct, frozen=True, gc=False):
    provider: _Provider


class _Record(msgspec.Struct, frozen=True, gc=False):
    path: str
    title: str
    excerpt: str = ""
    published_at: datetime | None = None
    provider: _Provider | None = None
    topics: tuple[str, ...] = ()
    related: tuple[_Report, ...] = ()


class _Story(msgspec.Struct, frozen=True, gc=False):
    """What is read of a story that is searched: a month has very many."""

    record: _Record


_decode = msgspec.json.Decoder(_Story).decode


def index(counts: Mapping[str, int]) -> bytes:
    """The months that have stories, newest first, each with their number."""
    return encode([[month, counts[month]] for month in sorted(counts, reverse=True)])


def month_file(month: str) -> str:
    """Where the stories of a month such as "2026-01" stand, relative to the published folder."""
    return f"search/{month}.json"


def month(stories: Sequence[PublishedStory]) -> bytes:
    """The stories of a month, newest first; the lead's outlet is the first of each story's."""
    found: Iterable[PublishedStory | _Story] = map(_decode, stories.texts) if isinstance(stories, Stories) else stories
    outlets: dict[str, int] = {}
    topics: dict[str, int] = {}
    rows = [
        (
            record_name(story.record.path),
            story.record.title,
            shorten(story.record.excerpt, MAX_EXCERPT),
            int(story.record.published_at.timestamp()) if story.record.published_at else 0,
            [outlets.setdefault(name, len(outlets)) for name in _outlets(story)],
            [topics.setdefault(name, len(topics)) for name in story.record.topics],
        )
        for story in found
    ]
    return encode(Shard(outlets=list(outlets), topics=list(topics), stories=rows))


def _outlets(story: PublishedStory | _Story) -> list[str]:
    record = story.record
    providers = [record.provider, *(report.provider for report in record.related)]
    return list(dict.fromkeys(provider.name for provider in providers if provider))
