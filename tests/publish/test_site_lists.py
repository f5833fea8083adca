"""Outlets, archive, search, heat chart, kept pictures and the app: what the site shows beside its front page and stories."""

from __future__ import annotations

import json
from datetime import timedelta

import lxml.html
import pytest
from msgspec.structs import replace

from broadsheet.models import Image, OutletCount, Provider, PublishedStory
from broadsheet.publish import search
from broadsheet.publish.site import Site
from broadsheet.publish.site_chart import heat_chart
from broadsheet.publish.site_view import archive_path, outlet_path
from broadsheet.settings import PublishSettings
from tests.publish import sample

SITE = Site(sample.SETTINGS)
STORIES = sample.stories()


def parse(content: bytes) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(content.decode())


@pytest.mark.parametrize(
    ("domain", "path"),
    [
        ("gazette.example", "outlets/gazette-example/"),
        ("a-b.example", "outlets/a--b-example/"),
        ("a.b.example", "outlets/a-b-example/"),
        ("xn--kste-0ra.example", "outlets/xn----kste--0ra-example/"),
        ("127.0.0.1", "outlets/127-0-0-1/"),
    ],
)
def test_no_two_outlets_share_a_page(domain: str, path: str) -> None:
    assert outlet_path(domain) == path


@pytest.mark.parametrize(
    "domain", ["../../etc", "", "A.example", "a..example", "-a.example", "a/b", "x" * 300, "صحيفة", "\ud800"]
)
def test_what_is_no_domain_has_a_page_of_its_own_that_stays_inside(domain: str) -> None:
    path = outlet_path(domain)
    assert path.isascii()
    assert path.count("/") == 2
    assert "---" in path
    assert path != outlet_path(domain + "x")


def test_an_outlets_page_shows_its_logo_its_counts_and_its_stories() -> None:
    logo = Image(url="assets/images/organizations/gazette-example-50x50.png", width=50, height=50)
    outlet = OutletCount(provider=Provider(name="Gazette <b>", domain="gazette.example", images=(logo,)), stories=31, first=12)
    page = parse(SITE.outlet(outlet, STORIES[:3]))
    assert page.xpath("//h1/img/@src") == ["../../assets/images/organizations/gazette-example-50x50.png"]
    assert page.find(".//h1").text_content().strip() == "Gazette <b>"
    assert page.xpath("//main//dd/text()") == ["31", "12"]
    assert page.xpath("//p[@class='go']/a/@href") == ["https://gazette.example/"]
    assert [link.text for link in page.xpath("//h3/a")] == [story.record.title for story in STORIES[:3]]


def test_a_story_leads_to_the_pages_of_its_outlets() -> None:
    links = parse(SITE.story(STORIES[0])).xpath("//p[@class='outlet']//a/@href")
    assert sorted(links) == sorted(f"../../{outlet_path(domain)}" for domain in sample.domains(STORIES[0]))


def test_the_outlets_with_their_numbers() -> None:
    rows = parse(SITE.outlets(sample.outlets(STORIES))).xpath("//tbody/tr")
    assert [row.xpath(".//a/@href")[0] for row in rows][:2] == ["../outlets/clip-example/", "../outlets/courier-example/"]
    assert b"No stories yet" in SITE.outlets([])


def test_the_archive_leads_from_months_to_days_to_stories() -> None:
    archive = parse(SITE.archive({"2030-12": 1, "2031-05": 28}))
    assert archive.xpath("//ul[@class='periods']//a/@href") == ["../archive/2031/05/", "../archive/2030/12/"]
    assert archive.xpath("//ul[@class='periods']//span/text()") == ["28 stories", "1 story"]
    assert archive.xpath("//main//h2/text()") == ["2031", "2030"]
    month = parse(SITE.month("2031-05", {"2031-05-09": 2, "2031-05-12": 1}))
    assert month.findtext(".//h1") == "May 2031"
    calendar = month.xpath("//table[@class='calendar']")[0]
    assert calendar.xpath(".//a/@href") == ["../../../archive/2031/05/09/", "../../../archive/2031/05/12/"]
    assert calendar.xpath("tbody/tr[2]/td[5]//b/text()") == ["9"]  # a Friday
    assert calendar.xpath(".//b/text() | .//i/text()") == [str(day) for day in range(1, 32)]
    day = parse(SITE.day("2031-05-12", STORIES[:2]))
    assert day.findtext(".//h1") == "Monday, 12 May 2031"
    assert day.xpath("//p[@class='kicker']/a/@href") == ["../../../../archive/", "../../../../archive/2031/05/"]
    assert day.xpath("//h3/a/@href")[0] == "../../../../stories/2031-05-12-story-1/"
    assert archive_path("2031-05-12") == "archive/2031/05/12/"


def test_search_index_names_months_newest_first() -> None:
    assert json.loads(search.index({"2031-04": 2, "2031-05": 28})) == [["2031-05", 28], ["2031-04", 2]]


def test_a_months_search_file_holds_all_that_is_searched() -> None:
    shard = json.loads(search.month(STORIES))
    name, title, excerpt, at, outlets, topics = shard["stories"][0]
    assert (name, title) == ("2031-05-12-story-1", STORIES[0].record.title)
    assert len(excerpt) <= search.MAX_EXCERPT
    assert at == int(STORIES[0].record.published_at.timestamp())
    assert shard["outlets"][outlets[0]] == "Harbour Gazette"
    assert len(outlets) == 7
    assert [shard["topics"][place] for place in topics] == ["Tidal energy"]


def test_the_search_page_says_where_the_archive_is_without_a_script() -> None:
    page = parse(SITE.search())
    assert page.xpath("//noscript//a/@href") == ["../archive/"]


def test_the_heat_chart_rises_with_each_outlet() -> None:
    chart = heat_chart(STORIES[0])
    assert chart
    assert (chart.low, chart.high, chart.outlets, chart.minutes) == (88, 148, 7, 309)
    assert chart.line == "M4.0,39.7H28.2V33.7H46.4V27.8H100.9V21.8H179.7V15.9H216.0V9.9H316.0V4.0"
    assert chart.base == "M4,39.7H316"
    assert chart.dots == "M4.0,39.7h0M28.2,33.7h0M46.4,27.8h0M100.9,21.8h0M179.7,15.9h0M216.0,9.9h0M316.0,4.0h0"
    svg = parse(SITE.story(STORIES[0])).find(".//svg")
    assert svg.get("role") == "img"
    assert svg.findtext("title") == "Heat over time"
    expected = "Heat rose from 88 to 148 as 7 outlets reported, the last of them 5 h 9 min after the first."
    assert svg.findtext("desc") == expected


def _with(story: PublishedStory, **fields: object) -> PublishedStory:
    return replace(story, record=replace(story.record, **fields))


def _at_once(story: PublishedStory) -> PublishedStory:
    at = story.record.published_at
    return _with(story, related=tuple(replace(report, published_at=at) for report in story.record.related))


@pytest.mark.parametrize(
    "story",
    [
        STORIES[13],
        _with(STORIES[0], related=()),
        _at_once(STORIES[0]),
        _with(STORIES[0], published_at=None, related=STORIES[0].record.related[:1]),
    ],
    ids=["one outlet", "no other", "at once", "undated"],
)
def test_no_chart_without_a_course(story: PublishedStory) -> None:
    assert heat_chart(story) is None


def test_an_expired_storys_chart_ends_with_the_heat_it_had() -> None:
    expired = _with(STORIES[0], heat=-1)
    assert heat_chart(expired) == heat_chart(STORIES[0])


@pytest.mark.parametrize("scale", [1, 10**6])
def test_chart_stays_inside_its_frame(scale: int) -> None:
    moved = replace(STORIES[0].record.related[0], published_at=sample.START + timedelta(minutes=scale))
    chart = heat_chart(_with(STORIES[0], related=(moved,)))
    assert chart
    numbers = [
        float(part) for part in chart.line.replace("M", " ").replace("H", " ").replace("V", " ").replace(",", " ").split()
    ]
    assert all(0 <= number <= 320 for number in numbers)


KEPT = Image(url="assets/pictures/ab/cd.jpg", width=1200, height=800, is_cached=True)
LINKED = Image(url="https://gazette.example/a.jpg", width=1200, height=800)


@pytest.mark.parametrize(
    ("pictures", "shown"),
    [("kept", ["assets/pictures/ab/cd.jpg"]), ("linked", ["https://gazette.example/a.jpg"])],
)
def test_pictures_are_the_papers_own_unless_others_may_be_linked(pictures: str, shown: list[str]) -> None:
    site = Site(replace(sample.SETTINGS, publish=PublishSettings(pictures=pictures)))
    page = parse(site.front([_with(STORIES[0], images=(LINKED, KEPT))], {}))
    assert page.xpath("//a[@class='picture']//img/@src") == shown
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert ("https:" in policy) == (pictures == "linked")


def test_without_linked_pictures_no_page_names_another_hosts_file() -> None:
    site = Site(replace(sample.SETTINGS, publish=PublishSettings()))
    for content in sample.render(site).values():
        if content.startswith(b"<!doctype"):
            assert [src for src in parse(content).xpath("//img/@src") if "//" in src] == []


def test_the_manifest_works_in_any_folder() -> None:
    manifest = json.loads(dict(SITE.installation())["manifest.webmanifest"])
    assert manifest["name"] == "The Sound & Strait"
    assert (manifest["start_url"], manifest["scope"]) == ("./", "./")
    assert {icon["src"] for icon in manifest["icons"]} <= set(SITE.assets())


def test_the_service_worker_changes_with_the_style_sheet() -> None:
    worker = dict(SITE.installation())["sw.js"].decode()
    for name in ("site.css", "site.js", "favicon.svg"):
        assert f'"static/{name}?' in worker
