"""Which published files a change touches, and their bytes. Composes the API, feeds, sitemaps and site; writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from broadsheet.models import PublishedStory, SourceState, Topic
from broadsheet.publish import api, sitemaps
from broadsheet.publish.feeds import Feed, feeds
from broadsheet.publish.site import Site
from broadsheet.publish.site_view import story_path, topic_path
from broadsheet.settings import Settings

Output = tuple[str, bytes | None]


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

    def topic_counts(self) -> dict[str, int]:
        """The number of published stories by topic name."""

    def sources(self) -> list[SourceState]:
        """The newsroom's sources, for the about page."""


def outputs(
    changed: Iterable[PublishedStory],
    *,
    topics: Collection[str],
    months: Collection[str],
    shelf: Shelf,
    settings: Settings,
    site: Site,
) -> Iterator[Output]:
    """(path in the published folder, content) of every file that a change of ``changed`` touches; None: to be removed.

    ``topics`` are the names of the topics, ``months`` the months such as "2026-01" whose lists it touches. What others link to
    comes before them, and what is withdrawn goes last, so that a run killed in between leaves no link to nothing.
    """
    gone: list[str] = []
    yield from site.assets().items()
    yield from api.schemas()
    for story in changed:
        if story.record.published:
            yield from _story(story, site)
        else:
            gone.append(story.record.path)
    for topic in settings.topics:
        if topic.name in topics:
            yield from _topic(topic, shelf, settings, site)
    yield from _months(months, shelf, settings)
    yield from _whole(shelf, settings, site)
    for path in gone:
        yield story_path(path) + "index.html", None
        yield api.story_file(path), None


def _story(story: PublishedStory, site: Site) -> Iterator[Output]:
    yield api.story_file(story.record.path), api.story(story)
    yield story_path(story.record.path) + "index.html", site.story(story)


def _topic(topic: Topic, shelf: Shelf, settings: Settings, site: Site) -> Iterator[Output]:
    newsroom, folder = settings.newsroom, topic_path(topic.slug)
    feed = _feed(settings, f"{topic.name} · {newsroom.name}", topic.description or newsroom.description, folder)
    yield from _lists(f"api/news/{topic.slug}", folder, feed, shelf.newest(topic.name, _length(settings)), settings)
    yield folder + "index.html", site.topic(topic, shelf.front(topic.name, settings.publish.front_stories))


def _whole(shelf: Shelf, settings: Settings, site: Site) -> Iterator[Output]:
    """Files of the newsroom as a whole, the front page last but for what only machines read."""
    newsroom, counts = settings.newsroom, shelf.topic_counts()
    newest = shelf.newest(None, max(_length(settings), sitemaps.MAX_NEWS))
    yield from _lists("api/news", "", _feed(settings, newsroom.name, newsroom.description, ""), newest, settings)
    yield "api/topics/index.json", api.topics(settings.topics, counts)
    yield "about/index.html", site.about(shelf.sources())
    yield "404.html", site.not_found()
    yield "index.html", site.front(shelf.front(None, settings.publish.front_stories), counts)
    yield "news-sitemap.xml", sitemaps.news(newsroom, newest)
    yield "sitemap.xml", sitemaps.index(newsroom.url, shelf.months())


def _length(settings: Settings) -> int:
    """How many stories the lists and feeds can show."""
    publish = settings.publish
    return max(publish.page_size * publish.list_pages, publish.feed_items)


def _lists(lists: str, folder: str, feed: Feed, newest: Sequence[PublishedStory], settings: Settings) -> Iterator[Output]:
    publish = settings.publish
    yield from api.lists(lists, newest, publish.page_size, publish.list_pages)
    for name, content in feeds(feed, newest[: publish.feed_items]):
        yield folder + name, content


def _months(months: Collection[str], shelf: Shelf, settings: Settings) -> Iterator[Output]:
    for month in sorted(months):
        stories = shelf.month(month)
        content = sitemaps.month(settings.newsroom.url, stories) if stories else None
        yield sitemaps.month_file(month), content


def _feed(settings: Settings, title: str, description: str, folder: str) -> Feed:
    newsroom = settings.newsroom
    page = newsroom.url + folder
    return Feed(title=title, description=description, language=newsroom.language, home=newsroom.url, page=page)
