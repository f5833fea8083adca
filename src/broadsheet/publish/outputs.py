"""Which published files a change touches, and their bytes. Composes the API, feeds, sitemaps and site; writes nothing.

Files are made by jobs: functions of a `Site` alone that hold what they show, so that other processes can run them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

import msgspec

from broadsheet.models import OutletCount, PublishedStory, SourceState, Topic
from broadsheet.publish import api, listings, search, sitemaps
from broadsheet.publish.feeds import Feed, feeds
from broadsheet.publish.site import Site
from broadsheet.publish.site_view import archive_path, outlet_path, story_path, topic_path
from broadsheet.settings import Settings

Output = tuple[str, bytes | None]
Job = Callable[[Site], Iterable[Output]]  # can be pickled
MAX_OUTLETS = 500  # in the list of outlets


class Shelf(Protocol):
    """The published stories, as the store keeps them. All answers are bounded and in an order that the stories alone decide."""

    def newest(self, topic: str | None, limit: int) -> Sequence[PublishedStory]:
        """Published stories of a topic, or of all, newest publication first, ties by path."""

    def front(self, topic: str | None, limit: int) -> Sequence[PublishedStory]:
        """Published stories of a topic, or of all, highest rank first, ties by path."""

    def month(self, month: str) -> list[tuple[str, datetime]]:
        """Record path and last change of the published stories of a month such as "2026-01"."""

    def months(self) -> Mapping[str, datetime]:
        """The months that have published stories, each with the last change of one of them."""

    def during(self, period: str) -> Sequence[PublishedStory]:
        """All stories published in a month such as "2026-01" or on a day such as "2026-01-02", newest first, ties by path."""

    def topic_counts(self) -> dict[str, int]:
        """The number of published stories by topic name."""

    def month_counts(self) -> dict[str, int]:
        """The number of published stories by month, in order."""

    def day_counts(self, month: str) -> dict[str, int]:
        """The number of published stories by day of a month, in order."""

    def outlet(self, domain: str, limit: int) -> Sequence[PublishedStory]:
        """Published stories that an outlet reported, newest publication first, ties by path."""

    def outlets(self, limit: int) -> list[OutletCount]:
        """The outlets with the most published stories, ties by domain."""

    def outlet_counts(self, domains: Collection[str]) -> list[OutletCount]:
        """What was published of those outlets, by domain."""

    def sources(self) -> list[SourceState]:
        """The newsroom's sources, for the about page."""


def jobs(
    changed: Iterable[Sequence[PublishedStory]],
    gone: Collection[str] = (),
    *,
    topics: Collection[str],
    months: Collection[str],
    days: Collection[str] = (),
    outlets: Collection[str] = (),
    shelf: Shelf,
    settings: Settings,
) -> Iterator[Job]:
    """What makes (path in the published folder, content) of every file that a change touches; None: to be removed.

    ``changed`` are the published stories that changed, in batches, ``gone`` the record paths of those withdrawn; ``topics`` are
    the names of the topics, ``months`` the months such as "2026-01", ``days`` the days such as "2026-01-02" and ``outlets`` the
    domains of the outlets whose pages it touches. What others link to comes before them, and what is withdrawn goes last, so
    that a run killed in between leaves no link to nothing.
    """
    yield _constant
    for batch in changed:
        yield partial(story_files, batch)
    for topic in settings.topics:
        if topic.name in topics:
            newest = shelf.newest(topic.name, _length(settings))
            yield partial(_topic, topic, newest, shelf.front(topic.name, settings.publish.front_stories))
    emptied: list[str] = []
    yield from _outlets(outlets, shelf, settings, emptied)
    yield from _archive(months, days, shelf, emptied)
    yield from _whole(shelf, settings)
    emptied += [path for record in gone for path in (story_path(record) + "index.html", api.story_file(record))]
    yield partial(_nothing, emptied)


def story_files(stories: Iterable[PublishedStory], site: Site) -> Iterator[Output]:
    """Each story's JSON and page."""
    for story in stories:
        yield api.story_file(story.record.path), api.story(story)
        yield story_path(story.record.path) + "index.html", site.story(story)


def _constant(site: Site) -> Iterator[Output]:
    """What no story changes."""
    yield from site.assets().items()
    yield from api.schemas()


def _nothing(paths: Iterable[str], site: Site) -> Iterator[Output]:
    for path in paths:
        yield path, None


def _topic(topic: Topic, newest: Sequence[PublishedStory], front: Sequence[PublishedStory], site: Site) -> Iterator[Output]:
    settings, folder = site.settings, topic_path(topic.slug)
    newsroom = settings.newsroom
    feed = _feed(settings, f"{topic.name} · {newsroom.name}", topic.description or newsroom.description, folder)
    yield from _lists(f"api/news/{topic.slug}", folder, feed, newest, api.items(newest), settings)
    yield folder + "index.html", site.topic(topic, front)


def _outlets(domains: Collection[str], shelf: Shelf, settings: Settings, emptied: list[str]) -> Iterator[Job]:
    for outlet in shelf.outlet_counts(domains):
        if stories := shelf.outlet(outlet.provider.domain, settings.publish.front_stories):
            yield partial(_outlet, outlet, stories)
        else:
            emptied.append(outlet_path(outlet.provider.domain) + "index.html")


def _outlet(outlet: OutletCount, stories: Sequence[PublishedStory], site: Site) -> Iterator[Output]:
    yield outlet_path(outlet.provider.domain) + "index.html", site.outlet(outlet, stories)


def _archive(months: Collection[str], days: Collection[str], shelf: Shelf, emptied: list[str]) -> Iterator[Job]:
    for day in sorted(days):
        if stories := shelf.during(day):
            yield partial(_day, day, stories)
        else:
            emptied.append(archive_path(day) + "index.html")
    for month in sorted(months):
        if counts := shelf.day_counts(month):
            yield partial(_month, month, counts, shelf.month(month), shelf.during(month))
        else:
            emptied += [archive_path(month) + "index.html", sitemaps.month_file(month), search.month_file(month)]


def _day(day: str, stories: Sequence[PublishedStory], site: Site) -> Iterator[Output]:
    yield archive_path(day) + "index.html", site.day(day, stories)


def _month(
    month: str,
    counts: Mapping[str, int],
    changes: Sequence[tuple[str, datetime]],
    stories: Sequence[PublishedStory],
    site: Site,
) -> Iterator[Output]:
    yield archive_path(month) + "index.html", site.month(month, counts)
    yield sitemaps.month_file(month), sitemaps.month(site.settings.newsroom.url, changes)
    yield search.month_file(month), search.month(stories)


def _whole(shelf: Shelf, settings: Settings) -> Iterator[Job]:
    """Files of the newsroom as a whole, the front page last but for what only machines read."""
    counts, months = shelf.topic_counts(), shelf.month_counts()
    newest = shelf.newest(None, max(_length(settings), sitemaps.MAX_NEWS))
    yield partial(_newest, newest)
    yield partial(_overviews, counts, months, shelf.outlets(MAX_OUTLETS), shelf.sources())
    front = shelf.front(None, settings.publish.front_stories)
    yield partial(_front, front, counts, newest, shelf.months())


def _newest(newest: Sequence[PublishedStory], site: Site) -> Iterator[Output]:
    settings, newsroom, items = site.settings, site.settings.newsroom, api.items(newest)
    yield from _lists("api/news", "", _feed(settings, newsroom.name, newsroom.description, ""), newest, items, settings)
    for heat in api.HEATS:
        hot = api.hot(newest, items, heat)
        yield from api.lists(f"api/news/minimum_heat/{heat}", hot, settings.publish.page_size, settings.publish.list_pages)


def _overviews(
    topic_counts: Mapping[str, int],
    month_counts: Mapping[str, int],
    outlets: Sequence[OutletCount],
    sources: Sequence[SourceState],
    site: Site,
) -> Iterator[Output]:
    newsroom, topics = site.settings.newsroom, site.settings.topics
    yield "api/topics/index.json", api.topics(topics, topic_counts)
    yield "api/outlets/index.json", api.outlets(newsroom.url, outlets)
    yield "api/openapi.json", listings.openapi(newsroom)
    yield "sources.opml", listings.opml(newsroom, sources)
    yield "llms.txt", listings.llms(newsroom, topics)
    yield "about/index.html", site.about(sources)
    yield "outlets/index.html", site.outlets(outlets)
    yield "archive/index.html", site.archive(month_counts)
    yield "search/index.html", site.search()
    yield search.INDEX, search.index(month_counts)
    yield "404.html", site.not_found()


def _front(
    front: Sequence[PublishedStory],
    topic_counts: Mapping[str, int],
    newest: Sequence[PublishedStory],
    months: Mapping[str, datetime],
    site: Site,
) -> Iterator[Output]:
    newsroom = site.settings.newsroom
    yield "index.html", site.front(front, topic_counts)
    yield "news-sitemap.xml", sitemaps.news(newsroom, newest)
    yield "sitemap.xml", sitemaps.index(newsroom.url, months)
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


def _feed(settings: Settings, title: str, description: str, folder: str) -> Feed:
    newsroom = settings.newsroom
    page = newsroom.url + folder
    return Feed(title=title, description=description, language=newsroom.language, home=newsroom.url, page=page)
