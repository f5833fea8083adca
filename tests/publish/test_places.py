"""Where files are by the settings: what is named is what is made."""

from __future__ import annotations

from msgspec.structs import replace

from broadsheet.models import Topic
from broadsheet.publish.places import every, left, places
from broadsheet.publish.site import Site
from broadsheet.settings import PublishSettings
from tests.publish import sample
from tests.publish.test_outputs import SETTINGS, STORIES, made

NOW = places(SETTINGS, ["static/a.css"])
FERRIES = next(topic.slug for topic in SETTINGS.topics if topic.name == "Ferries")


def test_every_file_that_is_made_is_named() -> None:
    site = Site(SETTINGS)
    wanted = {path for path, content in made(STORIES, site) if content}
    lists = {path for path, content in made(STORIES, site) if content is None}
    months = sorted({story.record.path[6:13] for story in STORIES})
    days = sorted({story.record.path[6:16] for story in STORIES})
    outlets = sorted({domain for story in STORIES for domain in sample.domains(story)})
    records = [story.record.path for story in STORIES]
    named = list(every(places(SETTINGS, site.assets()), records, months=months, days=days, outlets=outlets))
    assert wanted <= set(named)
    assert set(named) - wanted <= lists
    assert len(named) == len(set(named))


def test_nothing_is_left_when_nothing_changed() -> None:
    assert list(left(NOW, NOW)) == []


def test_a_topic_that_is_no_more_leaves_its_page_feeds_and_lists() -> None:
    fewer = replace(SETTINGS, topics=tuple(topic for topic in SETTINGS.topics if topic.slug != FERRIES))
    found = list(left(NOW, places(fewer, ["static/a.css"])))
    assert {f"topics/{FERRIES}/index.html", f"topics/{FERRIES}/feed.json", f"api/news/{FERRIES}/page4/index.json"} <= set(found)
    assert all(f"/{FERRIES}/" in path for path in found)


def test_shorter_lists_leave_their_ends() -> None:
    shorter = replace(SETTINGS, publish=PublishSettings(list_pages=3), topics=(*SETTINGS.topics, Topic(name="New", slug="new")))
    found = list(left(NOW, places(shorter, ["static/a.css"])))
    assert {"api/news/page/4/index.json", "api/news/page4/index.json", f"api/news/{FERRIES}/page/4/index.json"} <= set(found)
    assert {path.rpartition("/page")[2] for path in found} == {"/4/index.json", "4/index.json"}


def test_static_files_of_a_theme_that_are_gone_are_left() -> None:
    assert list(left(places(SETTINGS, ["static/a.css", "static/fonts/b.woff2"]), NOW)) == ["static/fonts/b.woff2"]
