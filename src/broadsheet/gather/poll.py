"""Asking one source once. What goes wrong with a source stays with it, as a Problem."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from msgspec.structs import replace

from broadsheet.errors import BroadsheetError, FeedError, FetchError
from broadsheet.gather.answers import failed
from broadsheet.gather.client import Client
from broadsheet.gather.feeds import worth_keeping
from broadsheet.gather.schedule import after_success, after_unchanged
from broadsheet.gather.sitemaps import read_sitemap
from broadsheet.gather.values import Asked, Poll, Sitemap, SitemapChild, SitemapEntry
from broadsheet.models import Entry, Page, Problem, Source, SourceState
from broadsheet.settings import GatherSettings
from broadsheet.urls import host

MAX_CHILDREN = 20  # sitemaps of an index, and of the indexes in it, that one poll follows
MAX_DEPTH = 3
_IN_THREAD = 200_000  # bytes from which reading would hold up the other transfers

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def ask(source: Source, state: SourceState, client: Client, now: datetime, settings: GatherSettings) -> Asked | Poll:
    """Ask ``source``; what a feed answered is yet to be read (`broadsheet.gather.answers`). Never raises.

    Of a sitemap only entries of the news extension and those changed within ``max_age_days`` are taken, newest first, and
    robots.txt is asked before; a feed is there to be fetched by programs.
    """
    try:
        if source.kind == "feed":
            page = await _fetch(source, state, client, settings)
            if len(page.content) > _IN_THREAD:
                page = replace(page, content=await asyncio.to_thread(worth_keeping, page.content))
            return Asked(source=source, state=state, page=page)
        if source.kind == "sitemap":
            return await _poll_sitemap(source, state, client, now, settings)
        raise FeedError("is an archive, which is read and not asked")
    except Exception as error:  # noqa: BLE001 - whatever one source makes of our code must not stop the others
        return failed(source, state, error, now, settings)


async def _fetch(source: Source, state: SourceState, client: Client, settings: GatherSettings) -> Page:
    url = state.moved_to or source.url
    page = await client.fetch(
        url,
        etag=state.etag,
        last_modified=state.last_modified,
        limit=settings.max_feed_bytes,
        allow_private=_may_be_private(url, source),
        robots=source.kind == "sitemap",
    )
    if page.status not in (200, 203, 304):
        raise FetchError(f"answered {page.status}", status=page.status)
    return page


def _may_be_private(url: str, source: Source) -> bool:
    """The permission is for the source's own host, not for those it names."""
    return source.allow_private and host(url) == host(source.url)


async def _aside(size: int, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """``work`` done in a thread when there are many bytes to read."""
    return await asyncio.to_thread(work, *args, **kwargs) if size > _IN_THREAD else work(*args, **kwargs)


async def _poll_sitemap(source: Source, state: SourceState, client: Client, now: datetime, settings: GatherSettings) -> Poll:
    page = await _fetch(source, state, client, settings)
    if page.status == 304:
        return Poll(state=after_unchanged(state, page, now, settings), unchanged=True)
    root = await _aside(len(page.content), read_sitemap, page.content, page.final_url, page.content_type)
    since = now - timedelta(days=settings.max_age_days)
    walk = _Walk(source, client, settings, since, {page.final_url, source.url})
    sitemaps = [root, *await walk.below(root)]
    found = _newest(sitemaps, since)[: settings.pages_per_edition]
    new_state = after_success(state, page, now, settings, dates=[entry.published_at or entry.modified_at for entry in found])
    if root.children:  # an index may stay the same while its sitemaps change
        new_state = replace(new_state, etag="", last_modified="")
    return Poll(state=new_state, entries=tuple(_entry(entry, source) for entry in found), problem=walk.problem)


class _Walk:
    """The sitemaps below an index, each fetched once, the lately changed ones first, so many and so deep at most."""

    def __init__(self, source: Source, client: Client, settings: GatherSettings, since: datetime, seen: set[str]) -> None:
        self._source = source
        self._client = client
        self._settings = settings
        self._since = since
        self._seen = seen
        self._left = MAX_CHILDREN
        self.problem: Problem | None = None  # the first sitemap that could not be read

    async def below(self, index: Sitemap, depth: int = 1) -> list[Sitemap]:
        """All sitemaps that ``index`` leads to, within the bounds."""
        found: list[Sitemap] = []
        for child in _lately(index.children, self._since):
            if child.url in self._seen or self._left <= 0 or depth > MAX_DEPTH:
                continue
            self._seen.add(child.url)
            self._left -= 1
            sitemap = await self._read(child.url)
            if sitemap is not None:
                found += [sitemap, *await self.below(sitemap, depth + 1)]
        return found

    async def _read(self, url: str) -> Sitemap | None:
        try:
            private = _may_be_private(url, self._source)
            page = await self._client.fetch(url, limit=self._settings.max_feed_bytes, allow_private=private, robots=True)
            self._seen.add(page.final_url)
            return await _aside(len(page.content), read_sitemap, page.content, page.final_url, page.content_type)
        except BroadsheetError as error:
            self.problem = self.problem or Problem(room="gather", where=url, reason=str(error))
            return None


def _lately(children: Sequence[SitemapChild], since: datetime) -> list[SitemapChild]:
    """Those not known to be older than ``since``: dated ones newest first, then the others in their order."""
    dated = [child for child in children if child.modified_at and child.modified_at >= since]
    dated.sort(key=lambda child: child.modified_at or since, reverse=True)
    return dated + [child for child in children if child.modified_at is None]


def _newest(sitemaps: Sequence[Sitemap], since: datetime) -> list[SitemapEntry]:
    """Entries of news sitemaps and those changed after ``since``, each address once, newest first."""
    found: dict[str, SitemapEntry] = {}
    for sitemap in sitemaps:
        for entry in sitemap.entries:
            moment = entry.published_at or entry.modified_at
            if moment >= since if moment else bool(entry.title):
                found.setdefault(entry.url, entry)
    return sorted(found.values(), key=lambda entry: entry.published_at or entry.modified_at or since, reverse=True)


def _entry(entry: SitemapEntry, source: Source) -> Entry:
    return Entry(
        url=entry.url,
        source=source.url,
        title=entry.title,
        published_at=entry.published_at,
        updated_at=entry.modified_at,
        categories=entry.keywords,
        language=entry.language,
        images=entry.images,
        video_url=entry.video_url,
    )
