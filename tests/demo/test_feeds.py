"""Every feed and sitemap of the invented press can be read by others' software, but for those that are broken on purpose."""

from __future__ import annotations

import calendar
import json
import warnings
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from broadsheet.demo import feeds
from broadsheet.demo.press import SECOND_EDITION, Outlet, Report, published, world

OUTLETS = {outlet.id: outlet for outlet in world().outlets}
WHOLE = [outlet for outlet in world().outlets if not outlet.fault]
XML = [outlet for outlet in WHOLE if outlet.feed != "json"]


def reports_of(outlet: Outlet) -> list[Report]:
    return [report for report in published(world().reports, SECOND_EDITION) if report.outlet == outlet]


def parsed(outlet: Outlet) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import feedparser

        return feedparser.parse(feeds.feed(outlet, reports_of(outlet)))


@pytest.mark.parametrize("outlet", XML, ids=lambda outlet: outlet.id)
def test_feed_is_read_by_feedparser(outlet: Outlet) -> None:
    reports = reports_of(outlet)
    feed = parsed(outlet)
    assert feed.version.startswith({"rss": "rss20", "atom": "atom10", "rdf": "rss10"}[outlet.feed])
    assert feed.feed.title == outlet.name
    assert [entry.title for entry in feed.entries] == [report.headline for report in reports[: feeds.LIST_LENGTH]]
    for entry, report in zip(feed.entries, reports, strict=False):
        assert entry.summary == report.standfirst
        moment = datetime.fromtimestamp(calendar.timegm(entry.get("published_parsed") or entry.updated_parsed), UTC)
        assert moment == report.published_at.replace(second=0)


@pytest.mark.parametrize("outlet", [outlet for outlet in WHOLE if outlet.feed == "json"], ids=lambda outlet: outlet.id)
def test_json_feed(outlet: Outlet) -> None:
    reports = reports_of(outlet)
    feed = json.loads(feeds.feed(outlet, reports))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == [report.headline for report in reports]
    for item, report in zip(feed["items"], reports, strict=True):
        assert datetime.fromisoformat(item["date_published"]) == report.published_at
        assert bool(item.get("image")) == bool(report.picture_path)
        if outlet.full_text:
            assert all(text in item["content_html"] for text in report.paragraphs if "&" not in text)


def test_links_with_tracking_and_through_a_counter() -> None:
    assert all("utm_source=feed" in entry.link for entry in parsed(OUTLETS["post"]).entries)
    radio = OUTLETS["radio"]
    expected = [f"https://{radio.host}{feeds.counter_path(report)}" for report in reports_of(radio)]
    assert [entry.link for entry in parsed(radio).entries] == expected


def test_wrongly_declared_encoding() -> None:
    data = feeds.feed(OUTLETS["mercury"], reports_of(OUTLETS["mercury"]))
    assert b'encoding="UTF-8"' in data
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(data)
    assert "’" in data.decode("cp1252")


def test_bare_ampersands_are_the_only_fault() -> None:
    data = feeds.feed(OUTLETS["echo"], reports_of(OUTLETS["echo"]))
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(data)
    assert len(etree.fromstring(data.replace(b"&", b"&amp;")).findall("channel/item")) == len(reports_of(OUTLETS["echo"]))


def test_hopeless_feed_yields_nothing() -> None:
    data = feeds.feed(OUTLETS["lighthouse"], ())
    root = etree.fromstring(data, etree.XMLParser(recover=True))
    assert root is None or not root.findall(".//item")


@pytest.mark.parametrize("outlet", [outlet for outlet in WHOLE if outlet.news_sitemap], ids=lambda outlet: outlet.id)
def test_news_sitemap(outlet: Outlet) -> None:
    root = etree.fromstring(feeds.news_sitemap(outlet, reports_of(outlet)))
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
    assert root.xpath("//s:loc/text()", namespaces=names) == [report.url for report in reports_of(outlet)]
    assert root.xpath("//n:title/text()", namespaces=names) == [report.headline for report in reports_of(outlet)]
    assert f"Sitemap: {outlet.home}news-sitemap.xml" in feeds.robots(outlet).decode()


def test_atom_titles_are_html_and_resolve_to_the_headline() -> None:
    """Escaped twice, as type="html" asks: a reader that resolves once too few would show the entity."""
    outlet = OUTLETS["grid"]
    report = reports_of(outlet)[0]
    odd = type(report)(**{name: getattr(report, name) for name in report.__struct_fields__} | {"headline": "Cod & chips <b>"})
    assert b'<title type="html">Cod &amp;amp; chips &amp;lt;b&amp;gt;</title>' in feeds.feed(outlet, [odd])
