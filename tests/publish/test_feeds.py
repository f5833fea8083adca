"""Feeds, read back by feedparser and by their structure."""

from __future__ import annotations

import json
import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from lxml import etree
from msgspec.structs import replace

from broadsheet.models import Image, Location, PublishedStory, Record
from broadsheet.publish.feeds import ATOM, NEVER, Feed, atom, feeds, json_feed, rss, story_url
from tests.publish import sample

FEED = Feed(
    title="Ferries & more",
    description="Boats <on time>",
    language="en",
    home="https://paper.example/sound/",
    page="https://paper.example/sound/topics/ferries/",
)
STORIES = sample.stories()
HOSTILE = PublishedStory(
    id="x",
    record=Record(
        path="_news/2026-01-02-x.md",
        title='<script>alert("1")</script> ]]> \x00\x0b\ufffe &amp;',
        excerpt="<b>bold</b>",
        web_url="javascript:alert(1)",
        images=(Image(url="javascript:alert(2)"),),
    ),
)


def parsed(content: bytes) -> Any:
    result = feedparser.parse(content)
    assert not result.bozo, result.get("bozo_exception")
    return result


@pytest.mark.parametrize("make", [rss, atom])
def test_feedparser_reads_every_story(make: Any) -> None:
    result = parsed(make(FEED, STORIES))
    assert result.version == {"rss": "rss20", "atom": "atom10"}[make.__name__]
    assert (result.feed.title, result.feed.link) == (FEED.title, FEED.page)
    assert [entry.title for entry in result.entries] == [story.record.title for story in STORIES]
    for entry, story in zip(result.entries, STORIES, strict=True):
        assert entry.link == entry.id == story_url(FEED.home, story.record)
        assert story.record.published_at
        assert timegm(entry.published_parsed) == story.record.published_at.timestamp()
        assert {tag.term for tag in entry.tags} == set(story.record.topics)
        assert story.record.provider
        assert entry.author == story.record.provider.name


@pytest.mark.parametrize(("name", "kind"), [("feed.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml")])
def test_a_feed_names_its_own_address(name: str, kind: str) -> None:
    root = etree.fromstring(dict(feeds(FEED, STORIES))[name])
    assert [(link.get("href"), link.get("type")) for link in root.iter(f"{{{ATOM}}}link") if link.get("rel") == "self"] == [
        (FEED.page + name, kind)
    ]


def test_atom_has_what_rfc_4287_demands() -> None:
    root = etree.fromstring(atom(FEED, STORIES))
    for element in (root, *root.findall(f"{{{ATOM}}}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{{{ATOM}}}{name}")) == 1
    entries = root.findall(f"{{{ATOM}}}entry")
    assert all(entry.find(f"{{{ATOM}}}author/{{{ATOM}}}name") is not None for entry in entries)
    assert len({entry.findtext(f"{{{ATOM}}}id") for entry in entries}) == len(STORIES)
    vias = [link.get("href") for link in root.iter(f"{{{ATOM}}}link") if link.get("rel") == "via"]
    assert vias == [story.record.web_url for story in STORIES]


def test_the_date_of_a_feed_is_that_of_its_latest_change() -> None:
    latest = max(moment for story in STORIES for moment in (story.record.published_at, story.record.updated_at) if moment)
    assert etree.fromstring(atom(FEED, STORIES)).findtext(f"{{{ATOM}}}updated") == latest.isoformat().replace("+00:00", "Z")
    assert timegm(parsed(rss(FEED, STORIES)).feed.updated_parsed) == latest.timestamp()
    assert etree.fromstring(atom(FEED, [])).findtext(f"{{{ATOM}}}updated") == NEVER.isoformat().replace("+00:00", "Z")
    assert b"lastBuildDate" not in rss(FEED, [])


def test_json_feed() -> None:
    value = json.loads(json_feed(FEED, STORIES))
    assert value["version"] == "https://jsonfeed.org/version/1.1"
    assert (value["home_page_url"], value["feed_url"]) == (FEED.page, FEED.page + "feed.json")
    assert [item["id"] for item in value["items"]] == [story_url(FEED.home, story.record) for story in STORIES]
    for item, story in zip(value["items"], STORIES, strict=True):
        assert item["content_html"]
        assert item["external_url"] == story.record.web_url
        assert datetime.fromisoformat(item["date_published"]) == story.record.published_at
        assert item["authors"] == [{"name": story.record.provider.name}] if story.record.provider else True
        assert item["language"] == story.language
        assert all(value for value in item.values())


def test_coverage_is_linked() -> None:
    story = next(story for story in STORIES if len(story.record.related) > 1)
    item = json.loads(json_feed(FEED, [story]))["items"][0]
    links = [link.get("href") for link in etree.HTML(item["content_html"]).iter("a")]
    assert links == [story.record.web_url, *(entry.web_url for entry in story.record.related)]


@pytest.mark.parametrize("make", [rss, atom])
def test_places_are_told_where_there_are_any(make: Any) -> None:
    """As GeoRSS that another reader reads; and nothing else in the feed differs."""
    places = [Location(latitude=-33.8567844, longitude=151.2), Location(latitude=1e-7, longitude=0.0), None]
    stories = [replace(story, location=place) for story, place in zip(STORIES, places, strict=False)]
    made = make(FEED, stories)
    assert [entry.get("where", {}).get("coordinates") for entry in parsed(made).entries] == [
        (151.2, -33.8567844),  # feedparser gives them as GeoJSON does
        (0.0, 1e-7),
        None,
    ]
    assert b"<georss:point>0.0000001 0</georss:point>" in made
    plain = made.replace(b' xmlns:georss="http://www.georss.org/georss"', b"")
    plain = re.sub(rb"<georss:point>[^<]*</georss:point>", b"", plain)
    assert plain == make(FEED, STORIES[: len(places)])
    assert b"georss" not in plain


def test_hostile_texts_and_addresses_do_no_harm() -> None:
    title = '<script>alert("1")</script> ]]>  &amp;'
    for content in (rss(FEED, [HOSTILE]), atom(FEED, [HOSTILE])):
        root = etree.fromstring(content)
        assert title in [
            element.text for element in root.iter() if isinstance(element.tag, str) and element.tag.endswith("title")
        ]
        assert b"javascript:" not in content
        html = next(
            element.text
            for element in root.iter()
            if element.tag in ("description", f"{{{ATOM}}}content") and "bold" in (element.text or "")
        )
        assert html == "<p>&lt;b&gt;bold&lt;/b&gt;</p>"
    item = json.loads(json_feed(FEED, [HOSTILE]))["items"][0]
    assert item["title"] == title
    assert "javascript:" not in json.dumps(item)
    assert "image" not in item


def test_undated_stories_and_unknown_outlets() -> None:
    assert "published" not in parsed(rss(FEED, [HOSTILE])).entries[0]
    entry = parsed(atom(FEED, [HOSTILE])).entries[0]
    assert entry.author == FEED.title
    assert entry.updated == "1970-01-01T00:00:00Z"


def test_times_of_other_zones_are_given_in_utc() -> None:
    record = replace(HOSTILE.record, published_at=datetime.fromisoformat("2026-01-02T01:00:00+05:00"))
    entry = parsed(rss(FEED, [replace(HOSTILE, record=record)])).entries[0]
    assert entry.published == "Thu, 01 Jan 2026 20:00:00 GMT"
    assert datetime(2026, 1, 1, 20, tzinfo=UTC) == record.published_at


def test_the_same_stories_give_the_same_bytes() -> None:
    assert list(feeds(FEED, STORIES)) == list(feeds(FEED, sample.stories()))
