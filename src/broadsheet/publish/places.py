"""Where published files are, by the settings: so that those which a change of these leaves behind can be removed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from broadsheet.models import Value
from broadsheet.publish import api, search, sitemaps
from broadsheet.publish.feeds import FILES as FEEDS
from broadsheet.publish.site_view import archive_path, outlet_path, story_path, topic_path
from broadsheet.settings import Settings

# Files of the newsroom as a whole, each of them once; schemas, lists, feeds and static files come to them.
WHOLE = (
    *("index.html", "404.html", "about/index.html", "outlets/index.html", "archive/index.html", "search/index.html"),
    *("manifest.webmanifest", "sw.js", "llms.txt", "sources.opml", "sitemap.xml", "news-sitemap.xml", search.INDEX),
    *("api/topics/index.json", "api/outlets/index.json", "api/openapi.json"),
)


class Places(Value, frozen=True):
    """What decides which files there are beside those of stories: the published folder, topics' slugs, pages of a list."""

    folder: str
    slugs: tuple[str, ...] = ()
    list_pages: int = 0
    static: tuple[str, ...] = ()


def places(settings: Settings, static: Iterable[str]) -> Places:
    """Where files are by those settings, with the ``static`` files of the newsroom's theme and ours."""
    slugs = tuple(topic.slug for topic in settings.topics)
    publish = settings.publish
    return Places(folder=publish.folder, slugs=slugs, list_pages=publish.list_pages, static=tuple(sorted(static)))


def left(before: Places, now: Places) -> Iterator[str]:
    """The files that ``before`` had in the published folder and ``now`` has not: topics', ends of lists, static files."""
    for slug in before.slugs:
        if slug not in now.slugs:
            yield from _topic(slug, before.list_pages)
    for folder in _lists(slug for slug in before.slugs if slug in now.slugs):
        yield from _pages(folder, now.list_pages + 1, before.list_pages)
    yield from sorted(set(before.static).difference(now.static))


def every(
    before: Places, records: Iterable[str], *, months: Collection[str], days: Collection[str], outlets: Collection[str]
) -> Iterator[str]:
    """All files of a published folder: those of stories by their ``records``, of months, of days and of outlets as well."""
    yield from WHOLE
    yield from FEEDS
    yield from (path for path, _ in api.schemas())
    yield from before.static
    for folder in _lists(()):
        yield from _list(folder, before.list_pages)
    for slug in before.slugs:
        yield from _topic(slug, before.list_pages)
    for period in (*days, *months):
        yield archive_path(period) + "index.html"
    for month in months:
        yield from (sitemaps.month_file(month), search.month_file(month))
    yield from (outlet_path(domain) + "index.html" for domain in outlets)
    for record in records:
        yield from (story_path(record) + "index.html", api.story_file(record))


def _topic(slug: str, pages: int) -> Iterator[str]:
    folder = topic_path(slug)
    yield from (folder + name for name in ("index.html", *FEEDS))
    yield from _list(f"api/news/{slug}", pages)


def _lists(slugs: Iterable[str]) -> Iterator[str]:
    yield "api/news"
    yield from (f"api/news/minimum_heat/{heat}" for heat in api.HEATS)
    yield from (f"api/news/{slug}" for slug in slugs)


def _list(folder: str, pages: int) -> Iterator[str]:
    yield f"{folder}/index.json"
    yield from _pages(folder, 1, pages)


def _pages(folder: str, first: int, last: int) -> Iterator[str]:
    for number in range(first, last + 1):
        yield from (f"{folder}/page/{number}/index.json", f"{folder}/page{number}/index.json")
