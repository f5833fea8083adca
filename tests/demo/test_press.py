"""The invented press keeps the promises that the demo and other tests build on."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from broadsheet.demo.press import (
    FIRST_EDITION,
    SECOND_EDITION,
    Event,
    Outlet,
    Report,
    Written,
    events,
    labels,
    paragraphs,
    published,
    typographic,
    world,
)

FIRST = published(world().reports, FIRST_EDITION)
SECOND = published(world().reports, SECOND_EDITION)
PUBLISHING = [outlet for outlet in world().outlets if not outlet.fault or outlet.fault == "ampersands"]
BRANDS = re.compile(
    r"\b(google|apple|amazon|microsoft|facebook|meta|twitter|youtube|whatsapp|instagram|openai|tesla|siemens|reuters|bbc"
    r"|royal mail|spotify|netflix|nvidia|android|iphone|ipad|uber|airbus|boeing|maersk|tesco|guinness|lego|hoover)\b",
    re.I,
)


def by_event(reports: tuple[Report, ...]) -> dict[str, list[Report]]:
    return {event.id: [report for report in reports if report.event == event.id] for event in events()}


def sentences(report: Report) -> set[str]:
    return {text for part in report.paragraphs for text in re.split(r"(?<=[.!?])”? +", part) if len(text.split()) > 3}


def shingles(report: Report) -> set[tuple[str, ...]]:
    words = " ".join(report.paragraphs).lower().split()
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def test_enough_of_everything() -> None:
    assert len(PUBLISHING) >= 14
    assert {outlet.language for outlet in PUBLISHING} == {"en", "de", "es"}
    assert {outlet.feed for outlet in PUBLISHING} == {"rss", "atom", "rdf", "json"}
    assert len({outlet.design for outlet in PUBLISHING}) >= 6
    assert sum(bool(outlet.amp_path) for outlet in PUBLISHING) >= 2
    assert len(FIRST) >= 90
    assert len(SECOND) - len(FIRST) >= 20
    assert len({report.event for report in FIRST}) >= 18
    assert len({report.event for report in SECOND} - {report.event for report in FIRST}) >= 3


def test_coverage_is_uneven() -> None:
    sizes = Counter(len(reports) for reports in by_event(FIRST).values() if reports)
    assert sizes[1] >= 3
    assert sum(sizes[size] for size in range(2, 6)) >= 8
    assert max(sizes) >= 8


def test_second_edition_adds_to_known_events_and_corrects_one_report() -> None:
    fresh = set(SECOND) - set(FIRST)
    known = {report.event for report in FIRST}
    assert sum(report.event in known for report in fresh if report.updated_at == report.published_at) >= 8
    before = {report.url: report for report in FIRST}
    changed = [(before[report.url], report) for report in SECOND if report.url in before and report != before[report.url]]
    assert len(changed) == 1
    old, new = changed[0]
    assert new.updated_at > FIRST_EDITION > old.updated_at == old.published_at == new.published_at
    assert new.paragraphs != old.paragraphs
    assert new.headline != old.headline


def test_everything_the_pipeline_must_cope_with_is_there() -> None:
    agency = Counter((report.credit, report.headline) for report in FIRST if report.credit)
    assert max(agency.values()) == 4
    for headline in {headline for _, headline in agency}:
        assert len({report.paragraphs for report in FIRST if report.headline == headline}) == 1
    assert any(report.video for report in FIRST)
    assert any(report.headline.isupper() or re.search(r"[A-Z]{4,} [A-Z]{2,}.*!", report.headline) for report in FIRST)
    assert any(not report.picture_path for report in FIRST)
    assert any(outlet.encoding != "utf-8" for outlet in PUBLISHING)
    assert {outlet.fault for outlet in world().outlets} == {"", "ampersands", "hopeless", "missing", "silent"}
    assert {outlet.source for outlet in PUBLISHING} == {"feed", "sitemap"}


@pytest.mark.parametrize("event", events(), ids=lambda event: event.id)
def test_reports_of_one_event_differ(event: Event) -> None:
    reports = [report for report in SECOND if report.event == event.id]
    for one, other in itertools.combinations(reports, 2):
        if one.credit and one.headline == other.headline:
            continue
        assert one.headline != other.headline
        assert len(sentences(one) & sentences(other)) <= 2, (one.url, other.url)
        assert len(shingles(one) & shingles(other)) <= 12, (one.url, other.url)


def test_market_reports_are_one_template() -> None:
    spam = [report for report in SECOND if report.outlet.id == "marketlens"]
    for one, other in itertools.combinations(spam, 2):
        assert len(shingles(one) & shingles(other)) > len(shingles(one)) // 2


@pytest.mark.parametrize("report", world().reports, ids=lambda report: f"{report.outlet.id}-{report.number}")
def test_report_is_whole(report: Report) -> None:
    assert 120 <= sum(len(text.split()) for text in report.paragraphs) <= 300
    assert 20 <= len(report.headline) <= 160
    assert len(report.standfirst) > 40
    assert report.author or report.credit or report.outlet.id == "marketlens"
    assert report.published_at.tzinfo is not None
    assert SECOND_EDITION - timedelta(days=4) < report.published_at <= SECOND_EDITION
    assert report.outlet.host.endswith(".example")
    everything = " ".join([report.headline, report.standfirst, report.author, *report.tags, *report.paragraphs])
    assert not BRANDS.search(everything)
    assert not re.search(r"https?:|www\.|[<>{}]|\"|(?<!\w)'|'(?!\w)", everything)


def test_nothing_is_dated_after_its_edition() -> None:
    for reports, edition in ((FIRST, FIRST_EDITION), (SECOND, SECOND_EDITION)):
        assert all(report.published_at <= report.updated_at <= edition for report in reports)


def test_addresses_are_unique() -> None:
    for values in ([report.url for report in world().reports], [outlet.host for outlet in world().outlets]):
        assert len(values) == len(set(values))
    pictures = [(report.outlet.host, report.picture_path) for report in world().reports if report.picture_path]
    assert len(pictures) == len(set(pictures))


def test_newest_come_first() -> None:
    dates = [report.published_at for report in world().reports]
    assert dates == sorted(dates, reverse=True)


def test_labels_say_the_same_in_every_language() -> None:
    keys = {language: sorted(words) for language, words in labels().items()}
    assert set(keys) == {"en", "de", "es"}
    assert keys["de"] == keys["en"] == keys["es"]
    assert all(len(words["months"]) == 12 for words in labels().values())


@pytest.mark.parametrize(
    ("straight", "curly"),
    [
        ('"Yes," she said.', "“Yes,” she said."),
        ("the islands' own, it's", "the islands’ own, it’s"),
        ('("so")', "(“so”)"),
        ("a 'no' – 'yes'", "a ‘no’ – ‘yes’"),
        ("„Ja“, sagte er", "„Ja“, sagte er"),
        ("", ""),
    ],
)
def test_typographic(straight: str, curly: str) -> None:
    assert typographic(straight) == curly


def test_paragraphs_fold_lines() -> None:
    assert paragraphs("one\ntwo\n\nthree\n") == ("one two", "three")


def test_misspelt_key_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="headlin"):
        msgspec.convert({"at": datetime(2031, 5, 1, tzinfo=UTC), "headlin": "x"}, Written)
    with pytest.raises(msgspec.ValidationError, match="fault"):
        msgspec.convert({"id": "x", "name": "X", "host": "x.example", "fault": "sleepy"}, Outlet)
