"""The website: static pages of stories, from templates that a newsroom can replace one by one.

Every page is a function of what it shows and of the settings: no clock, no network, so the same stories give the same bytes.
All links inside the site are relative, so the folder works wherever it is put; only ``404.html``, which a host shows at any
depth, starts from the path of ``newsroom.url``.
"""

from __future__ import annotations

import hashlib
from calendar import Calendar
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from broadsheet.models import OutletCount, PublishedStory, SourceState, Topic, Value
from broadsheet.publish import site_schema, site_templates, site_view
from broadsheet.publish.site_chart import heat_chart
from broadsheet.settings import Settings
from broadsheet.text import shorten

PAGES = (
    *("front.html", "topic.html", "story.html", "about.html", "404.html"),
    *("outlet.html", "outlets.html", "day.html", "month.html", "archive.html", "search.html"),
    *("manifest.webmanifest", "sw.js"),
)

NAVIGATION = frozenset(["", "search/", "about/", "archive/", "outlets/"])
KEPT = 4096  # pieces of pages, such as a logo, that are not made anew for each page


class Page(Value, frozen=True):
    """What the frame of a page needs. ``path`` is the page's folder in the site, ``root`` leads from it to the front page."""

    path: str
    root: str
    canonical: str
    title: str
    description: str
    kind: str = "website"
    picture: str = ""
    feeds: str = ""  # the folder whose feeds the page announces
    section: str = ""  # slug of the topic shown

    @property
    def here(self) -> str:
        """The entry of the navigation that is this page: the slug of a topic or a folder; a hyphen for all other pages."""
        return self.section or (self.path if self.path in NAVIGATION else "-")


class Site:
    """Renders the pages of one newsroom. Templates are compiled once, here.

    ``overrides`` is the newsroom's theme: a file in its ``templates/`` or ``static/`` takes the place of ours of the same
    name, which stays to be had as ``broadsheet/NAME``. Raises PublishError, which names file and line, when a template is
    wrong.
    """

    def __init__(self, settings: Settings, overrides: Path | None = None) -> None:
        self.settings = settings
        self._assets = site_templates.read_assets(overrides)
        self._environment = site_templates.environment(overrides)
        self._environment.globals |= self._globals()
        try:
            self._templates = {name: self._environment.get_template(name) for name in PAGES}
        except jinja2.TemplateError as error:
            raise site_templates.problem(error, "templates") from error

    def front(self, stories: Sequence[PublishedStory], topic_counts: Mapping[str, int]) -> bytes:
        """The front page: ``stories`` highest rank first; ``topic_counts`` published stories by topic name."""
        newsroom = self.settings.newsroom
        page = self._page("", newsroom.name, newsroom.description, picture=_og_picture(stories))
        schema = site_schema.collection(newsroom, page.canonical, newsroom.name, stories)
        return self._render("front.html", page, schema, stories=stories, topic_counts=topic_counts)

    def topic(self, topic: Topic, stories: Sequence[PublishedStory]) -> bytes:
        """A topic's page: its ``stories`` highest rank first."""
        newsroom = self.settings.newsroom
        path = site_view.topic_path(topic.slug)
        description = topic.description or newsroom.description
        page = self._page(path, topic.name, description, feeds=path, section=topic.slug, picture=_og_picture(stories))
        schema = site_schema.collection(newsroom, page.canonical, topic.name, stories)
        return self._render("topic.html", page, schema, topic=topic, stories=stories)

    def story(self, story: PublishedStory) -> bytes:
        """A story's page: its lead, who reported it when, and why it ranks as it does."""
        record = story.record
        page = self._page(
            site_view.story_path(record.path),
            record.title,
            record.excerpt or record.title,
            kind="article",
            picture=_og_picture([story]),
        )
        schema = site_schema.story_page(self.settings.newsroom, page.canonical, story)
        return self._render("story.html", page, schema, story=story)

    def about(self, sources: Sequence[SourceState]) -> bytes:
        """What the newsroom is, where its articles come from, and how it weighs them.

        When a source was last asked is not shown: the page would change with every edition though nothing happened.
        """
        newsroom = self.settings.newsroom
        page = self._page("about/", f"About {newsroom.name}", newsroom.description)
        schema = {"@context": "https://schema.org", "@type": "AboutPage", "isPartOf": site_schema.website(newsroom)}
        return self._render("about.html", page, schema, sources=sources)

    def outlet(self, outlet: OutletCount, stories: Sequence[PublishedStory]) -> bytes:
        """An outlet's page: its ``stories`` newest first."""
        name = outlet.provider.name
        return self._list("outlet.html", site_view.outlet_path(outlet.provider.domain), name, stories, outlet=outlet)

    def outlets(self, outlets: Sequence[OutletCount]) -> bytes:
        """The outlets, those with the most stories first."""
        return self._list("outlets.html", "outlets/", "Outlets", outlets=outlets)

    def day(self, day: str, stories: Sequence[PublishedStory]) -> bytes:
        """The stories of a day such as "2026-01-02", newest first."""
        return self._list("day.html", site_view.archive_path(day), day, stories, day=date.fromisoformat(day))

    def month(self, month: str, counts: Mapping[str, int]) -> bytes:
        """A month such as "2026-01" as a calendar, with the numbers of stories of its days."""
        first = date.fromisoformat(f"{month}-01")
        days = Calendar().monthdatescalendar(first.year, first.month)
        weeks = [[(day, counts.get(str(day), 0)) if day.month == first.month else None for day in week] for week in days]
        most = max(counts.values(), default=0)
        return self._list("month.html", site_view.archive_path(month), month, month=first, weeks=weeks, most=most)

    def archive(self, counts: Mapping[str, int]) -> bytes:
        """The months that have stories, with their numbers."""
        months = [(date.fromisoformat(f"{month}-01"), number) for month, number in sorted(counts.items(), reverse=True)]
        return self._list("archive.html", "archive/", "Archive", months=months)

    def search(self) -> bytes:
        """The page that searches all published stories, by a script."""
        return self._list("search.html", "search/", "Search")

    def installation(self) -> Iterator[tuple[str, bytes]]:
        """What makes the site an app that shows its front page offline: the manifest and the service worker."""
        for name in ("manifest.webmanifest", "sw.js"):
            yield name, self._render(name, self._page("", self.settings.newsroom.name, ""), None)

    def not_found(self) -> bytes:
        """The page for addresses that lead nowhere."""
        page = self._page("404.html", "Page not found", self.settings.newsroom.description)
        return self._render("404.html", page, None)

    def assets(self) -> dict[str, bytes]:
        """Style sheet, script, icon and the newsroom's own static files, by path in the site (``static/...``)."""
        return dict(self._assets)

    def _list(
        self, template: str, path: str, title: str, stories: Sequence[PublishedStory] | None = None, **values: Any
    ) -> bytes:
        newsroom = self.settings.newsroom
        page = self._page(path, title, newsroom.description)
        schema = site_schema.collection(newsroom, page.canonical, title, stories or ())
        return self._render(template, page, schema, stories=stories, **values)

    def _page(self, path: str, title: str, description: str, **more: str) -> Page:
        home = self.settings.newsroom.url
        root = urlsplit(home).path if path == "404.html" else "../" * path.count("/")
        canonical = home + path
        return Page(path=path, root=root, canonical=canonical, title=title, description=shorten(description, 300), **more)

    def _render(self, name: str, page: Page, schema: site_schema.Schema | None, **values: Any) -> bytes:
        try:
            return self._templates[name].render(page=page, schema=schema, **values).encode("utf-8", "replace")
        except jinja2.TemplateError as error:
            raise site_templates.problem(error, name) from error

    def _globals(self) -> dict[str, Any]:
        topics = self.settings.topics
        return {
            "settings": self.settings,
            "newsroom": self.settings.newsroom,
            "topics": {topic.name: topic for topic in topics},
            "topic_tree": site_view.family(topics),
            "sections": site_view.sections(topics),
            "version": {name: hashlib.sha256(content).hexdigest()[:10] for name, content in self._assets.items()},
            "outlet_number": site_view.outlets,
            "heat_chart": heat_chart,
            "outlet_of": site_view.outlet_of,
            "timeline": site_view.timeline,
            "picture": site_view.picture,
            "once": lru_cache(maxsize=KEPT)(_call),
            "newest": site_view.newest,
            "video_link": site_view.video_link,
            "source_link": site_view.source_link,
        }


def _call(macro: Callable[..., str], *values: object) -> str:
    """What a macro makes of values that alone decide it; templates ask for it as ``once``."""
    return macro(*values)


def _og_picture(stories: Sequence[PublishedStory]) -> str:
    pictures = (site_view.web_url(image.url) for story in stories[:1] for image in story.record.images)
    return next((url for url in pictures if url), "")
