"""What the templates ask of a story: addresses, directions, order of coverage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.models import Image, Provider, Record, RelatedRecord, SourceState, Topic
from broadsheet.publish import site_view
from tests.publish import sample

HOME = "https://paper.example/sound/"
NOON = datetime(2031, 5, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://gazette.example/a?b=1&c=%20#d", True),
        ("HTTP://gazette.example/", True),
        ('https://gazette.example/it\'s"quoted"', True),
        ("https://[2001:db8::1]/x", True),
        ("https://港.example/港", True),
        ("", False),
        ("/relative", False),
        ("//gazette.example/", False),
        ("https://", False),
        ("https:///path", False),
        ("https://[bad/", False),
        ("https://gazette.example/a b", False),
        ("https://gazette.example/<script>", False),
        ("https://gazette.example\\@other.example/", False),
        ("https://gazette.example/\n", False),
        (" https://gazette.example/", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)//https://gazette.example/", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("ftp://gazette.example/", False),
        ("file:///etc/passwd", False),
        ("https://gazette.example/" + "a" * site_view.MAX_ADDRESS, False),
    ],
)
def test_only_web_addresses_are_linked(url: str, kept: bool) -> None:
    assert site_view.web_url(url) == (url if kept else "")


@given(st.text())
def test_no_text_becomes_an_address_of_another_scheme(text: str) -> None:
    assert site_view.web_url(text) in ("", text)
    assert site_view.web_url(text).lower().startswith(("http://", "https://")) or not site_view.web_url(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://gazette.example/a.jpg", "https://gazette.example/a.jpg"),
        ("assets/images/logo.png", "../../assets/images/logo.png"),
        (HOME + "assets/images/logo.png", "../../assets/images/logo.png"),
        (HOME + "other.png", HOME + "other.png"),
        ("assets/../secret.png", ""),
        ("data:image/png;base64,AAAA", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_own_pictures_are_relative(url: str, shown: str) -> None:
    assert site_view.picture_url(url, HOME, "../../") == shown


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("AR-EG", "rtl"),
        ("he", "rtl"),
        ("fa-IR", "rtl"),
        ("az", "ltr"),
        ("az-Arab", "rtl"),
        ("ur-Latn", "ltr"),
        ("pa-Arab-PK", "rtl"),
        ("ja", "ltr"),
        ("", "auto"),
    ],
)
def test_direction_of_a_language(language: str, direction: str) -> None:
    assert site_view.direction(language) == direction


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.0, "+12"), (17.5, "+17.5"), (-3.5, "−3.5"), (0.0, "0"), (-0.04, "0"), (0.05, "+0.1"), (99.96, "+100")],
)
def test_points_carry_their_sign(value: float, text: str) -> None:
    assert site_view.points(value) == text


@pytest.mark.parametrize(("share", "hundredths"), [(0.0, 0), (0.925, 92), (1.0, 100), (1.7, 100), (-1.0, 0)])
def test_percent_is_bounded(share: float, hundredths: int) -> None:
    assert site_view.percent(share) == hundredths


@pytest.mark.parametrize(
    ("title", "size"),
    [("Short", ""), ("a" * 71, "long"), ("a" * 121, "longer"), ("灯" * 36, "long"), ("灯" * 61, "longer"), ("é" * 70, "")],
)
def test_long_headlines_are_set_smaller(title: str, size: str) -> None:
    assert site_view.headline_size(title) == size


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1200, 675, "wide"), (900, 900, "square"), (600, 900, "tall"), (0, 0, "wide"), (0, 900, "wide"), (900, 0, "wide")],
)
def test_frame_follows_the_picture(width: int, height: int, shape: str) -> None:
    assert site_view.shape(Image(url="https://gazette.example/a.jpg", width=width, height=height)) == shape


def test_instants_are_written_in_utc_to_the_second() -> None:
    there = datetime(2031, 5, 12, 14, 30, 5, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert site_view.iso(there) == "2031-05-12T12:30:05Z"


def test_picture_skips_what_may_not_be_shown() -> None:
    bad, small, good = (
        Image(url="javascript:x"),
        Image(url="https://a.example/s.png", width=60, height=60),
        Image(url="https://a.example/b.png"),
    )
    assert site_view.picture((bad, small, good), HOME) is small
    assert site_view.picture((bad, small, good), HOME, 480) is good
    assert site_view.picture((bad,), HOME) is None


def _record(*related: RelatedRecord, **fields: object) -> Record:
    lead = {"path": "_news/2031-05-12-lead.md", "title": "Lead", "provider": Provider(name="A", domain="a.example")}
    return Record(**{**lead, "published_at": NOON, "related": related, **fields})


def _report(domain: str, minutes: int | None) -> RelatedRecord:
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return RelatedRecord(
        title=domain, provider=Provider(name=domain, domain=domain), web_url=f"https://{domain}/", published_at=at
    )


def test_timeline_is_in_order_of_publication_with_undated_reports_last() -> None:
    record = _record(_report("late.example", 90), _report("undated.example", None), _report("early.example", -75))
    found = [(report.title, report.is_first, report.is_lead, report.lag) for report in site_view.timeline(record)]
    assert found == [
        ("early.example", True, False, 0),
        ("Lead", False, True, 75),
        ("late.example", False, False, 165),
        ("undated.example", False, False, None),
    ]


def test_timeline_of_one_report_has_no_first() -> None:
    (only,) = site_view.timeline(_record())
    assert (only.is_lead, only.is_first, only.lag) == (True, False, 0)


def test_lead_comes_first_among_reports_of_the_same_minute() -> None:
    assert [report.title for report in site_view.timeline(_record(_report("b.example", 0)))] == ["Lead", "b.example"]


def test_timeline_without_any_date() -> None:
    record = _record(_report("b.example", None), published_at=None)
    assert [(report.title, report.lag) for report in site_view.timeline(record)] == [("Lead", None), ("b.example", None)]


def test_an_outlet_counts_once() -> None:
    assert site_view.outlets(_record(_report("a.example", 1), _report("b.example", 2), _report("b.example", 3))) == 2
    assert site_view.outlets(_record(provider=None)) == 0


@pytest.mark.parametrize(
    ("fields", "label", "url"),
    [
        (
            {"featured_content": '<iframe width="8" src="https://www.youtube.com/embed/ab_C-9" allow="x"></iframe>'},
            "YouTube",
            "https://www.youtube.com/watch?v=ab_C-9",
        ),
        ({"featured_content": '<iframe src="https://player.vimeo.com/video/77"></iframe>'}, "Vimeo", "https://vimeo.com/77"),
        (
            {"featured_content": '<iframe src="https://www.dailymotion.com/embed/video/x7"></iframe>'},
            "Dailymotion",
            "https://www.dailymotion.com/video/x7",
        ),
        (
            {"featured_content": '<iframe src="https://evil.example/embed"></iframe>', "web_url": "https://a.example/v"},
            "A",
            "https://a.example/v",
        ),
        ({"type": "video", "web_url": "https://a.example/v"}, "A", "https://a.example/v"),
        ({"type": "video", "original_url": "https://a.example/o"}, "A", "https://a.example/o"),
    ],
)
def test_video_links_to_where_it_plays(fields: dict[str, str], label: str, url: str) -> None:
    assert site_view.video_link(_record(**fields)) == site_view.Link(label=label, url=url)


@pytest.mark.parametrize("fields", [{}, {"type": "video", "web_url": "javascript:alert(1)"}])
def test_no_link_where_no_video_plays(fields: dict[str, str]) -> None:
    assert site_view.video_link(_record(**fields)) is None


@pytest.mark.parametrize(
    ("url", "title", "label", "link"),
    [
        ("https://a.example/feed", "A", "A", "https://a.example/feed"),
        ("https://a.example/feed", "", "a.example", "https://a.example/feed"),
        ("https://me:secret@a.example/feed", "", "a.example", ""),
        ("/home/me/private/2031.warc.gz", "", "2031.warc.gz", ""),
        ("javascript:alert(1)", "A", "A", ""),
    ],
)
def test_sources_tell_no_secrets(url: str, title: str, label: str, link: str) -> None:
    assert site_view.source_link(SourceState(url=url, title=title)) == site_view.Link(label=label, url=link)


def _topics(*pairs: tuple[str, str]) -> list[Topic]:
    return [Topic(name=name, slug=name.lower(), parent=parent) for name, parent in pairs]


@pytest.mark.parametrize(
    ("pairs", "tree"),
    [
        ([("C", "B"), ("B", "A"), ("A", ""), ("D", "a")], [(0, "A"), (1, "B"), (2, "C"), (1, "D")]),
        ([("A", "unknown")], [(0, "A")]),
        ([("A", "B"), ("B", "A")], [(0, "A"), (1, "B")]),
        ([("A", "A")], [(0, "A")]),
        ([], []),
    ],
)
def test_topics_form_a_tree(pairs: list[tuple[str, str]], tree: list[tuple[int, str]]) -> None:
    assert [(depth, topic.name) for depth, topic in site_view.family(_topics(*pairs))] == tree


def test_navigation_shows_the_heads_of_many_topics() -> None:
    many = _topics(("Head", ""), *((f"Child {n}", "Head") for n in range(12)))
    assert [topic.name for topic in site_view.sections(many)] == ["Head"]
    assert len(site_view.sections(many[:5])) == 5


def test_newest_is_the_date_of_the_paper() -> None:
    stories = sample.stories()
    assert site_view.newest(reversed(stories)) == stories[0].record.published_at
    assert site_view.newest([]) is None
