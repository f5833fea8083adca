"""Every page of the invented press parses, says what its report says, and is dressed in its outlet's design."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest

from broadsheet.demo import pages
from broadsheet.demo.press import SECOND_EDITION, Report, published, world

REPORTS = published(world().reports, SECOND_EDITION)
DESIGNS = sorted({report.outlet.design for report in REPORTS})
FOREIGN = {"schema.org", "www.youtube-nocookie.com", "cdn.ampproject.org", "www.w3.org", "ogp.me"}


def of(outlet: str) -> Report:
    return next(report for report in REPORTS if report.outlet.id == outlet)


def tree(page: bytes, report: Report) -> Any:
    return lxml.html.document_fromstring(page.decode(report.outlet.encoding))


def text_of(node: Any) -> str:
    return " ".join(node.text_content().split())


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: f"{report.outlet.id}-{report.number}")
def test_page_carries_its_report(report: Report) -> None:
    page = pages.article(report, REPORTS[:3])
    root = tree(page, report)
    assert [text_of(node) for node in root.iter("h1")] == [report.headline]
    assert root.get("lang", report.outlet.language)[:2] == report.outlet.language
    text = text_of(root)
    assert report.standfirst in text
    assert all(paragraph in text for paragraph in report.paragraphs)
    assert report.author in text
    hosts = {urlsplit(address).hostname for address in re.findall(r"https?://[^\s\"'<>]+", page.decode(report.outlet.encoding))}
    assert all(host in FOREIGN or str(host).endswith(".example") for host in hosts)


@pytest.mark.parametrize("design", DESIGNS)
def test_designs_differ(design: str) -> None:
    """The elements and classes of no two designs are much alike."""
    shapes = {name: _shape(next(report for report in REPORTS if report.outlet.design == name)) for name in DESIGNS}
    for other in DESIGNS:
        if other != design:
            assert len(shapes[design] & shapes[other]) < 0.35 * len(shapes[design] | shapes[other])


def _shape(report: Report) -> set[tuple[str, str]]:
    return {
        (str(node.tag), node.get("class", node.get("width", "")))
        for node in tree(pages.article(report, REPORTS[:3]), report).iter()
    }


@pytest.mark.parametrize("design", DESIGNS)
def test_pages_are_noisy(design: str) -> None:
    """Each design has navigation or related links that a reader must not take for the article."""
    report = next(report for report in REPORTS if report.outlet.design == design)
    others = [other for other in REPORTS if other.outlet == report.outlet and other != report]
    text = text_of(tree(pages.article(report, others), report))
    assert others[0].headline in text
    assert all(section.lower() in text.lower() for section in report.outlet.sections)


def json_ld(page: bytes) -> list[Any]:
    return [
        json.loads(block) for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.decode(), re.S)
    ]


@pytest.mark.parametrize("outlet", ["post", "times", "bulletin", "now", "inselpost"])
def test_structured_data(outlet: str) -> None:
    report = of(outlet)
    text = json.dumps(json_ld(pages.article(report, ())))
    assert json.dumps(report.headline) in text
    found = re.search(r'"datePublished": "([^"]+)"', text)
    assert found
    assert datetime.fromisoformat(found[1]) == report.published_at
    assert found[1].endswith(("+01:00", "+02:00"))


@pytest.mark.parametrize("outlet", ["mercury", "echo", "grid", "ward", "harbourlog", "skerry", "radio", "vigia"])
def test_other_designs_have_no_structured_data(outlet: str) -> None:
    assert json_ld(pages.article(of(outlet), ())[:0]) == []
    assert b"ld+json" not in pages.article(of(outlet), ())


def test_amp_page_and_its_link() -> None:
    linked = [report for report in REPORTS if report.amp_path]
    assert {report.outlet.id for report in linked} == {"post", "times", "bulletin"}
    for report in linked:
        page = tree(pages.article(report, ()), report)
        href = page.xpath("string(//link[@rel='amphtml']/@href)")
        assert href in (report.amp_path, f"https://{report.outlet.host}{report.amp_path}")
        amp = tree(pages.amp(report, ()), report)
        assert "amp" in amp.attrib
        assert amp.xpath("string(//link[@rel='canonical']/@href)") == report.url


def test_video_page_embeds_its_player() -> None:
    report = next(report for report in REPORTS if report.video)
    page = pages.article(report, ()).decode()
    assert f'src="https://www.youtube-nocookie.com/embed/{report.video}"' in page
    assert len(report.video) == 11


def test_live_page_shows_newest_moment_first() -> None:
    report = next(report for report in REPORTS if report.outlet.design == "live" and not report.video)
    times = tree(pages.article(report, ()), report).xpath("//section[@class='post']//time/@datetime")
    assert len(times) == len(report.paragraphs)
    assert times == sorted(times, reverse=True)


def test_wrongly_declared_encoding() -> None:
    page = pages.article(of("mercury"), ())
    assert b"charset=utf-8" in page
    with pytest.raises(UnicodeDecodeError):
        page.decode("utf-8")
    assert "’" in page.decode("cp1252")


def test_correction_is_dated() -> None:
    report = next(report for report in REPORTS if report.updated_at != report.published_at)
    page = pages.article(report, ()).decode()
    assert pages.local(report.updated_at, report.outlet).isoformat() in page


@pytest.mark.parametrize(
    ("outlet", "form"),
    [
        ("post", r"\d+ May 2031, \d\d:\d\d"),
        ("inselpost", r"\d+\. Mai 2031, \d\d\.\d\d Uhr"),
        ("vigia", r"\d+ de mayo de 2031, \d\d:\d\d h"),
    ],
)
def test_dates_are_written_in_the_page_language(outlet: str, form: str) -> None:
    report = of(outlet)
    assert re.search(form, text_of(tree(pages.article(report, ()), report)))


def test_home_lists_reports_and_feed() -> None:
    report = of("post")
    mine = [other for other in REPORTS if other.outlet == report.outlet]
    page = pages.home(report.outlet, mine).decode()
    assert all(other.path in page for other in mine[: pages.LIST_LENGTH])
    assert f'type="application/rss+xml" title="The Ansel Post" href="{report.outlet.feed_path}"' in page
