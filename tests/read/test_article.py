"""A page read whole: every field with its origin, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.errors import ReadError
from broadsheet.models import Article, Entry, Image, Location, Page, Video
from broadsheet.read import read_article, read_entry
from broadsheet.read.article import MAX_SLOW_TAGS
from tests.read.pages import PARAGRAPHS, SENTENCES, TEXT, URL, html_of, json_ld, page_of

FULL_HEAD = (
    '<link rel="canonical" href="https://www.lantern.example/town/bridge-reopens">'
    '<link rel="amphtml" href="https://www.lantern.example/amp/town/bridge-reopens">'
    '<link rel="apple-touch-icon" href="/touch.png">'
    '<meta property="og:site_name" content="The Evening Lantern">'
    '<meta property="og:image" content="/p/bridge.jpg">'
    '<meta name="description" content="Eleven months after the flood the old bridge is open.">'
) + json_ld(
    json.dumps(
        {
            "@type": "NewsArticle",
            "headline": "Bridge reopens",
            "datePublished": "2026-03-04T10:00:00+01:00",
            "dateModified": "2026-03-04T12:00:00+01:00",
            "author": {"@type": "Person", "name": "Ann Lee"},
            "articleSection": "Town",
            "keywords": ["bridge", "flood"],
            "isAccessibleForFree": True,
        }
    )
)
FULL = html_of(
    FULL_HEAD, f"<article><h1>Bridge reopens</h1>{PARAGRAPHS}</article>", title="Bridge reopens | The Evening Lantern"
)


def test_everything_a_page_says() -> None:
    article = read_article(page_of(FULL))
    assert article.key == "lantern.example/town/bridge-reopens"
    assert article.original_url == URL
    assert article.web_url == "https://www.lantern.example/town/bridge-reopens"
    assert article.amp_url == "https://www.lantern.example/amp/town/bridge-reopens"
    assert (
        article.cdn_amp_url == "https://www-lantern-example.cdn.ampproject.org/c/s/www.lantern.example/amp/town/bridge-reopens"
    )
    assert (article.title, article.excerpt) == ("Bridge reopens", "Eleven months after the flood the old bridge is open.")
    assert article.text == TEXT
    assert article.word_count == len(TEXT.split())
    assert article.published_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert article.updated_at == datetime(2026, 3, 4, 11, tzinfo=UTC)
    assert (article.authors, article.language, article.type, article.paywalled) == (("Ann Lee",), "en", "article", False)
    assert (article.section, article.keywords) == ("Town", ("bridge", "flood"))
    assert article.images == (Image(url="https://www.lantern.example/p/bridge.jpg"),)
    assert (article.provider.name, article.provider.domain) == ("The Evening Lantern", "lantern.example")
    assert article.provider.images == (Image(url="https://www.lantern.example/touch.png"),)


def test_every_value_has_its_origin() -> None:
    origins = read_article(page_of(FULL)).origins
    assert list(origins) == sorted(origins)
    assert origins["authors"] == "json-ld author"
    assert origins["text"] == "text density"
    assert origins["images"] == "meta og:image"
    assert set(origins) >= {
        "title",
        "excerpt",
        "published_at",
        "updated_at",
        "web_url",
        "amp_url",
        "language",
        "provider",
        "type",
    }


ENTRY = Entry(
    url="https://www.lantern.example/town/bridge?utm_source=rss",
    source="https://www.lantern.example/feed",
    title="Bridge reopens &amp; trams wait",
    description="<p>The bridge is open.</p>",
    published_at=datetime(2026, 3, 4, 8, tzinfo=UTC),
    authors=("By Bo Ek",),
    categories=("Town",),
    language="en-gb",
    images=(Image(url="https://www.lantern.example/p/entry.jpg"),),
    video_url="https://youtu.be/abcDEF12345",
    location=Location(latitude=59.9, longitude=10.7),
    html=f'<p>{SENTENCES[0]}</p><img src="/p/in-entry.jpg"><p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p>',
)


def test_the_entry_fills_what_the_page_lacks() -> None:
    article = read_article(page_of(html_of(title="", attributes="")), ENTRY)
    assert article.title == "Bridge reopens & trams wait"
    assert article.excerpt == "The bridge is open."
    assert article.authors == ("Bo Ek",)
    assert article.images == ENTRY.images
    assert article.keywords == ("Town",)
    assert article.video == Video(player="youtube", id="abcDEF12345")
    assert (article.original_url, article.source) == (ENTRY.url, ENTRY.source)
    assert article.location == ENTRY.location
    assert article.type == "video"
    assert article.origins["title"] == "feed title"
    assert article.origins["location"] == "feed location"
    assert article.origins["authors"] == "feed authors"


def test_a_video_beside_a_long_text_does_not_make_it_a_video() -> None:
    page = page_of(
        html_of(body=PARAGRAPHS + PARAGRAPHS.replace("the", "that")), url="https://lantern.example/2026/03/04/bridge"
    )
    assert read_article(page, ENTRY).type == "article"


def test_the_page_of_a_video() -> None:
    page = page_of(
        html_of('<meta property="og:title" content="The bridge">', ""), url="https://www.youtube.com/watch?v=abcDEF12345"
    )
    article = read_article(page)
    assert (article.type, article.video) == ("video", Video(player="youtube", id="abcDEF12345"))


def test_the_entry_changes_nothing_the_page_says() -> None:
    with_entry, without = read_article(page_of(FULL), ENTRY), read_article(page_of(FULL))
    for field in ("title", "excerpt", "published_at", "authors", "images", "text", "key", "web_url"):
        assert getattr(with_entry, field) == getattr(without, field)


def test_the_entrys_date_is_better_than_a_guess() -> None:
    page = page_of(html_of(body=PARAGRAPHS + "<div>March 1, 2026</div>"), url="https://lantern.example/bridge")
    assert read_article(page, ENTRY).origins["published_at"] == "feed published"
    assert read_article(page).origins["published_at"] == "htmldate"
    assert read_article(page, fast=True).published_at is None


def test_an_entry_with_the_full_text() -> None:
    article = read_entry(ENTRY)
    assert article.text == "\n".join(SENTENCES[:3])
    assert article.title == "Bridge reopens & trams wait"
    assert article.web_url == "https://www.lantern.example/town/bridge"
    assert article.key == "lantern.example/town/bridge"
    assert article.images[0].url == "https://www.lantern.example/p/in-entry.jpg"
    assert (article.provider.name, article.provider.domain) == ("lantern.example", "lantern.example")
    assert article.published_at == ENTRY.published_at
    assert article.location == ENTRY.location


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (Entry(url="https://lantern.example/a", title="A"), "carries no text"),
        (Entry(url="mailto:a", title="A", html="<p>a</p>"), "no usable address"),
        (Entry(url="https://lantern.example/a", html="<p>a</p>"), "no title"),
        (Entry(url="https://lantern.example/a", title="A", html="<div>" * 30_000), "too deeply"),
    ],
)
def test_entries_that_are_no_article(entry: Entry, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read_entry(entry)


REFUSED = [
    (page_of(FULL, status=404), "answered 404"),
    (page_of(FULL, status=503), "answered 503"),
    (page_of(FULL, content_type="application/pdf"), "not a web page but application/pdf"),
    (page_of(FULL, content_type="image/jpeg"), "not a web page"),
    (page_of(b""), "empty"),
    (page_of(b" \n "), "empty"),
    (page_of(b"\x00\x01\x02" * 100), "binary"),
    (page_of("<html><body></body></html>"), "neither title nor text"),
    (page_of(html_of(title="")), "no title"),
    (page_of(html_of(title="404 - Page not found", body="<p>Sorry.</p>")), "error page"),
    (page_of(html_of(title="Just a moment...", body="<p>Checking your browser.</p>")), "error page"),
    (page_of(html_of(), final_url="https://www.lantern.example/"), "home page"),
    (page_of(html_of(title="Lantern", body="<a href=/a>A</a>"), url="https://lantern.example/town"), "list or home page"),
    (page_of(html_of(body="<div>" * 100_000 + PARAGRAPHS)), "too deeply"),
]


@pytest.mark.parametrize(("page", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_is_no_article(page: Page, reason: str) -> None:
    with pytest.raises(ReadError, match=reason) as caught:
        read_article(page)
    assert "\n" not in str(caught.value)


def test_an_article_about_errors_is_an_article() -> None:
    body = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES * 2).replace("</p>", " x</p>", 1)
    longer = body + f"<p>{' '.join(SENTENCES)}</p>"
    assert read_article(page_of(html_of(title="404: the story of a number", body=longer))).title == "404: the story of a number"


def test_no_content_type_is_taken_for_html() -> None:
    assert read_article(page_of(FULL, content_type="")).title == "Bridge reopens"


def test_an_address_that_is_none() -> None:
    article = read_article(page_of(html_of('<meta property="og:type" content="article">'), url="http://["))
    assert article.web_url == "http://["
    assert article.provider.domain == ""


HOSTILE = {
    "one long paragraph": "<p>" + "word " * 1_000_000,
    "many paragraphs": "<p>word word</p>" * 200_000,
    "many links": "<a href=/x>x</a>" * 200_000,
    "many metas": '<meta name="author" content="Ann Lee">' * 100_000,
    "long class": '<p class="' + "ad " * 1_000_000 + '">hello',
    "tags only": "<" * 1_000_000,
    "ampersands": "&" * 1_000_000,
    "nested just below the limit": "<div>" * 19_000 + PARAGRAPHS,
    "deep json": json_ld("[" * 100_000),
    "unclosed json": json_ld('{"a":"' + '\\"' * 200_000),
    "commas in json": json_ld("{" + "," * 500_000),
    "long title": "<title>" + "a | " * 300_000 + "</title>",
    "long description": '<meta name="description" content="' + "<a " * 15_000 + '">',
    "line breaks": "word<br> " * 200_000,
    "white space": "<p>" + " " * 3_000_000 + "x",
    "dates": '<div class="date">' + "12 " * 300_000,
    "broken base": '<base href="http://[">' + PARAGRAPHS,
    "frameset": "<frameset><frame></frameset>",
    "nul": "a\0b" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_give_an_article_or_a_reason(name: str) -> None:
    page = page_of("<html><head><title>A title that is fine</title>" + HOSTILE[name])
    try:
        article = read_article(page, fast=True)
    except ReadError:
        return
    assert len(article.text) <= 200_000
    assert len(msgspec.json.encode(article)) < 1_000_000


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_an_article_or_a_reason(content: bytes) -> None:
    for bytes_ in (content, FULL.encode()[: len(content) * 6] + content, FULL.encode() + content):
        try:
            article = read_article(page_of(bytes_), fast=True)
        except ReadError:
            continue
        assert msgspec.json.decode(msgspec.json.encode(article), type=Article) == article


def test_the_same_page_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "import sys, msgspec; from tests.read.test_article import FULL, ENTRY; from tests.read.pages import page_of;"
        "from broadsheet.read import read_article; article = read_article(page_of(FULL), ENTRY);"
        "sys.stdout.buffer.write(msgspec.json.encode(article))"
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True, timeout=60
        ).stdout
        for seed in ("1", "2")
    }
    assert len(results) == 1
    assert results.pop().startswith(b"{")


def test_a_page_of_very_many_tags_is_read_without_the_slower_readers() -> None:
    url = "https://lantern.example/bridge"
    body = "<p>Printed on 5 March 2026 in the town.</p>" + PARAGRAPHS
    assert read_article(page_of(html_of(body=body), url=url)).origins["published_at"] == "htmldate"
    heavy = read_article(page_of(html_of(body=body + "<i></i>" * MAX_SLOW_TAGS), url=url))
    assert SENTENCES[0] in heavy.text
    assert heavy.published_at is None
