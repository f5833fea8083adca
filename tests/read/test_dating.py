"""When it was published: which of the page's statements is believed, and to the minute in UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from broadsheet.read.dating import MAX_GUESSED, guessed, published, updated
from tests.read.pages import AT, document_of, json_ld

PLAIN = "https://lantern.example/bridge"


def ld(**fields: str) -> str:
    return json_ld(json.dumps({"@type": "NewsArticle"} | fields))


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


BARE = ld(datePublished="2026-03-04T10:00:00")
META = "article:published_time"
JSON = "json-ld datePublished"
MICRODATA = '<span itemprop="datePublished" content="2026-03-04T10:00:00Z">'
TWO_TIMES = '<time datetime="2026-03-01T10:00Z"></time><time class="published" datetime="2026-03-04T10:00Z">'

CASES = [
    (ld(datePublished="2026-03-04T10:00:00+01:00"), "", "2026-03-04T09:00", JSON),
    (ld(datePublished="2026-03-04T10:00:00Z") + meta(META, "2026-03-01T10:00:00Z"), "", "2026-03-04T10:00", JSON),
    # a bare time takes the offset of a statement with the same time on the wall
    (BARE + meta(META, "2026-03-04T10:00:00+01:00"), "", "2026-03-04T09:00", f"meta {META}"),
    (BARE + meta(META, "2026-03-04T12:34:00+01:00"), "", "2026-03-04T10:00", JSON),
    # a bare day takes the time of a statement near it
    (ld(datePublished="2026-03-04"), '<time datetime="2026-03-04T08:30:00+01:00">', "2026-03-04T07:30", "time element"),
    (ld(datePublished="2026-03-04"), '<time datetime="2026-02-01T08:30:00+01:00">', "2026-03-04T00:00", JSON),
    (ld(datePublished="yesterday") + meta(META, "2026-03-04T10:00:00Z"), "", "2026-03-04T10:00", f"meta {META}"),
    (ld(dateCreated="2026-03-04T10:00:00Z"), "", "2026-03-04T10:00", "json-ld dateCreated"),
    ('<meta name="parsely-pub-date" content="2026-03-04T10:00:00Z">', "", "2026-03-04T10:00", "meta parsely-pub-date"),
    ('<meta itemprop="datePublished" content="2026-03-04T10:00:00Z">', "", "2026-03-04T10:00", "meta datepublished"),
    ("", MICRODATA, "2026-03-04T10:00", "microdata datepublished"),
    ("", TWO_TIMES, "2026-03-04T10:00", "time element"),
    ("", '<div class="dateline">Town, 4 March 2026</div>', "2026-03-04T00:00", "visible date"),
    ("", '<p class="article-meta">Mi 04.03.26 | 14:07 Uhr | Von Ada</p>', "2026-03-04T14:07", "visible date"),
    ("", '<p class="published">Published: 15:56, 4th March 2026 at 15:56</p>', "2026-03-04T15:56", "visible date"),
    ("", "<p>On 4 March 2026 the bridge reopened.</p>", "", ""),
    ("", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "want", "origin"), CASES, ids=range(len(CASES)))
def test_published(head: str, body: str, want: str, origin: str) -> None:
    moment = published(document_of(head, body, url=PLAIN))
    assert (moment.value.strftime("%Y-%m-%dT%H:%M") if moment.value else "", moment.origin) == (want, origin)
    assert moment.value is None or moment.value.tzinfo is UTC


def test_the_day_in_the_address() -> None:
    moment = published(document_of(url="https://lantern.example/2026/03/04/bridge"))
    assert moment == (datetime(2026, 3, 4, tzinfo=UTC), "address")
    assert published(document_of(url="https://lantern.example/20261399/bridge")).value is None


def test_updated() -> None:
    head = ld(dateModified="2026-03-04T12:00:00+01:00") + meta("article:modified_time", "2026-03-05T00:00:00Z")
    assert updated(document_of(head)) == (datetime(2026, 3, 4, 11, tzinfo=UTC), "json-ld dateModified")
    assert updated(document_of(meta("article:modified_time", "2026-03-05T00:00:00Z"))).origin == "meta article:modified_time"
    assert updated(document_of()) == (None, "")


def test_guessed_from_anywhere_but_not_the_future() -> None:
    markup = "<html><body><div>Posted on March 4, 2026 by Ada</div></body></html>"
    assert guessed(markup, AT) == (datetime(2026, 3, 4, tzinfo=UTC), "htmldate")
    assert guessed(markup, datetime(2026, 3, 1, tzinfo=UTC)).value is None
    assert guessed("<p>" * MAX_GUESSED, AT).value is None
    assert guessed("", AT).value is None
