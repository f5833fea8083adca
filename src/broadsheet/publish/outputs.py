"""Which published files a change touches, and their bytes. Composes the API, feeds, sitemaps and site; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from broadsheet.models import OutletCount, PublishedStory, SourceState, Topic
from broadsheet.publish import api, listings, search, sitemaps
from broadsheet.publish.feeds import Feed, feeds
from broadsheet.publish.site import Site
from broadsheet.publish.site_view import archive_path, outlet_path, story_path, topic_path
from broadsheet.settings import Settings

Output = tuple[str, bytes | None]
MAX_OUTLETS = 500  # in the list of outlets


class Shelf(Protocol):
    """The published stories, as the store keeps them. All answers are bounded and in an order that the stories alone decide."""

    def newest(self, topic: str | None, limit: int) -> list[PublishedStory]:
        """Published stories of a topic, or of all, newest publication first, ties by path."""

    def front(self, topic: str | None, limit: int) -> list[PublishedStory]:
        """Published stories of a topic, or of all, highest rank first, ties by path."""

    def month(self, month: str) -> list[tuple[str, datetime]]:
        """Record path and last change of the published stories of a month such as "2026-01"."""

    def months(self) -> Mapping[str, datetime]:
        """The months that have published stories, each with the last change of one of them."""

    def during(self, period: str) -> list[PublishedStory]:
        """All stories published in a month such as "2026-01" or on a day such as "2026-01-02", newest first, ties by path."""

    def topic_counts(self) -> dict[str, int]:
        """The number of published stories by topic name."""

    def month_counts(self) -> dict[str, int]:
        """The number of published stories by month, in order."""

    def day_counts(self, month: str) -> dict[str, int]:
        """The number of published stories by day of a month, in order."""

    def outlet(self, domain: str, limit: int) -> list[PublishedStory]:
        """Published stories that an outlet reported, newest publication first, ties by path."""

    def outlets(self, limit: int) -> list[OutletCount]:
        """The outlets with the most published stories, ties by domain."""

    def outlet_counts(self, domains: Collection[str]) -> list[OutletCount]:
        """What was published of those outlets, by domain."""

    def sources(self) -> list[SourceState]:
        """The newsroom's sources, for the about page."""


def outputs(
    changed: Iterable[PublishedStory],
    *,
    topics: Collection[str],
    months: Collection[str],
    days: Collection[str] = (),
    outlets: Collection[str] = (),
    shelf: Shelf,
    settings: Settings,
    site: Site,
    render: Callable[[Iterable[PublishedStory]], Iterable[Output]] | None = None,
) -> Iterator[Output]:
    """(path in the published folder, content) of every file that a change of ``changed`` touches; None: to be removed.

    ``topics`` are the names of the topics, ``months`` the months such as "2026-01", ``days`` the days such as "2026-01-02" and
    ``outlets`` the domains of the outlets whose pages it touches. What others link to comes before them, and what is withdrawn
    goes last, so that a run killed in between leaves no link to nothing.
    """
    gone: list[str] = []
    emptied: list[Output] = []
    yield from site.assets().items()
    yield from api.schemas()
    shown = _shown(changed, gone)
    yield from render(shown) if render else story_files(shown, site)
    for topic in settings.topics:
        if topic.name in topics:
            yield from _topic(topic, shelf, settings, site)
    for file in (*_outlets(outlets, shelf, settings, site), *_archive(months, days, shelf, site)):
        if file[1]:
            yield file
        else:
            emptied.append(file)
    yield from _months(months, shelf, settings)
    yield from _whole(shelf, settings, site)
    yield from emptied
    for path in gone:
        yield story_path(path) + "index.html", None
        yield api.story_file(path), None


def story_files(stories: Iterable[PublishedStory], site: Site) -> Iterator[Output]:
    """Each story's JSON and page."""
    for story in stories:
        yield api.story_file(story.record.path), api.story(story)
        yield story_path(story.record.path) + "index.html", site.story(story)


def _shown(stories: Iterable[PublishedStory], gone: list[str]) -> Iterator[PublishedStory]:
    """The published ones; the paths of the others are added to ``gone``."""
    for story in stories:
        if story.record.published:
            yield story
        else:
            gone.append(story.record.path)


def _topic(topic: Topic, shelf: Shelf, settings: Settings, site: Site) -> Iterator[Output]:
    newsroom, folder = settings.newsroom, topic_path(topic.slug)
    feed = _feed(settings, f"{topic.name} · {newsroom.name}", topic.description or newsroom.description, folder)
    newest = shelf.newest(topic.name, _length(settings))
    yield from _lists(f"api/news/{topic.slug}", folder, feed, newest, api.items(newest), settings)
    yield folder + "index.html", site.topic(topic, shelf.front(topic.name, settings.publish.front_stories))


def _outlets(domains: Collection[str], shelf: Shelf, settings: Settings, site: Site) -> Iterator[Output]:
    for outlet in shelf.outlet_counts(domains):
        domain = outlet.provider.domain
        stories = shelf.outlet(domain, settings.publish.front_stories)
        yield outlet_path(domain) + "index.html", site.outlet(outlet, stories) if stories else None


def _archive(months: Collection[str], days: Collection[str], shelf: Shelf, site: Site) -> Iterator[Output]:
    for day in sorted(days):
        stories = shelf.during(day)
        yield archive_path(day) + "index.html", site.day(day, stories) if stories else None
    for month in sorted(months):
        counts = shelf.day_counts(month)
        yield archive_path(month) + "index.html", site.month(month, counts) if counts else None


def _whole(shelf: Shelf, settings: Settings, site: Site) -> Iterator[Output]:
    """Files of the newsroom as a whole, the front page last but for what only machines read."""
    newsroom, counts = settings.newsroom, shelf.topic_counts()
    newest = shelf.newest(None, max(_length(settings), sitemaps.MAX_NEWS))
    items = api.items(newest)
    yield from _lists("api/news", "", _feed(settings, newsroom.name, newsroom.description, ""), newest, items, settings)
    for heat in api.HEATS:
        hot = api.hot(newest, items, heat)
        yield from api.lists(f"api/news/minimum_heat/{heat}", hot, settings.publish.page_size, settings.publish.list_pages)
    yield "api/topics/index.json", api.topics(settings.topics, counts)
    yield "api/outlets/index.json", api.outlets(newsroom.url, shelf.outlets(MAX_OUTLETS))
    yield "api/openapi.json", listings.openapi(newsroom)
    yield "sources.opml", listings.opml(newsroom, shelf.sources())
    yield "llms.txt", listings.llms(newsroom, settings.topics)
    yield "about/index.html", site.about(shelf.sources())
    yield "outlets/index.html", site.outlets(shelf.outlets(MAX_OUTLETS))
    yield "archive/index.html", site.archive(shelf.month_counts())
    yield "search/index.html", site.search()
    yield search.INDEX, search.index(shelf.month_counts())
    yield "404.html", site.not_found()
    yield "index.html", site.front(shelf.front(None, settings.publish.front_stories), counts)
    yield "news-sitemap.xml", sitemaps.news(newsroom, newest)
    yield "sitemap.xml", sitemaps.index(newsroom.url, shelf.months())
    yield from site.installation()


def _length(settings: Settings) -> int:
    """How many stories the lists and feeds can show."""
    publish = settings.publish
    return max(publish.page_size * publish.list_pages, publish.feed_items)


def _lists(
    lists: str,
    folder: str,
    feed: Feed,
    newest: Sequence[PublishedStory],
    items: Sequence[msgspec.Raw],
    settings: Settings,
) -> Iterator[Output]:
    publish = settings.publish
    yield from api.lists(lists, items, publish.page_size, publish.list_pages)
    for name, content in feeds(feed, newest[: publish.feed_items]):
        yield folder + name, content


def _months(months: Collection[str], shelf: Shelf, settings: Settings) -> Iterator[Output]:
    for month in sorted(months):
        stories = shelf.month(month)
        content = sitemaps.month(settings.newsroom.url, stories) if stories else None
        yield sitemaps.month_file(month), content
        yield search.month_file(month), search.month(shelf.during(month)) if stories else None


def _feed(settings: Settings, title: str, description: str, folder: str) -> Feed:
    newsroom = settings.newsroom
    page = newsroom.url + folder
    return Feed(title=title, description=description, language=newsroom.language, home=newsroom.url, page=page)
