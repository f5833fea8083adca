"""Reading off the event loop: by the settings, in a thread or in processes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from broadsheet.edition.readers import FEW, Readers
from broadsheet.errors import ReadError
from broadsheet.models import Article, Page
from broadsheet.settings import ReadSettings

AT = datetime(2026, 3, 5, tzinfo=UTC)
LINE = "The bridge over the Ilm opened again on Wednesday, eleven months after the flood that tore away its arch. "
PAGE = f"""<!doctype html><html><head><title>The bridge is open</title></head><body><article><h1>The bridge is open</h1>
<p>Printed on 5 March 2026 in the town.</p><p>{LINE * 9}</p></article></body></html>"""


def read(settings: ReadSettings, content: str, pages: int = 1) -> Article:
    url = "https://lantern.example/bridge"
    page = Page(
        url=url, final_url=url, status=200, headers={"content-type": "text/html"}, content=content.encode(), fetched_at=AT
    )

    async def one() -> Article:
        with Readers(settings, pages) as readers:
            return await readers.read(page, None)

    return asyncio.run(one())


def test_a_page_without_a_stated_day_is_dated_by_the_second_reader() -> None:
    article = read(ReadSettings(), PAGE)
    assert article.origins["published_at"] == "htmldate"


def test_fast_asks_no_second_reader() -> None:
    article = read(ReadSettings(fast=True), PAGE)
    assert article.title == "The bridge is open"
    assert article.published_at is None


def test_processes_read_as_a_thread_does() -> None:
    assert read(ReadSettings(workers=2), PAGE, pages=4 * FEW) == read(ReadSettings(workers=1), PAGE)


@pytest.mark.parametrize("pages", [1, 4 * FEW])
def test_a_page_that_is_no_article(pages: int) -> None:
    with pytest.raises(ReadError, match="empty"):
        read(ReadSettings(workers=2), " ", pages=pages)
