"""What is no article: error pages, other kinds of file, home and list pages. Each is refused with its reason."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from broadsheet.errors import ReadError
from broadsheet.models import Article, Page
from broadsheet.read.metadata import Document
from broadsheet.text import shorten

SHORT = 100  # words; an error page says no more
LEAST = 30  # words that make an article of a page that declares nothing

_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml", "text/plain", "application/octet-stream")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")  # UTF-16 and UTF-32, whose text is full of zero bytes
_ERROR_TITLE = re.compile(
    r"^(?:(?:error )?(?:40[0134]|410|50[0234])\b|error\b|not found|access denied|forbidden|attention required|just a moment|"
    r"are you a robot|seite nicht gefunden|page introuvable|página no encontrada|pagina non trovata|pagina niet gevonden)|"
    r"\b404\b|page not found",
    re.I,
)


def check_page(page: Page) -> None:
    """Raises ReadError for an error status, another type of file, no bytes, binary data."""
    if page.status >= 400:
        raise ReadError(f"the host answered {page.status}")
    media_type = page.content_type.partition(";")[0].strip().lower()
    if media_type and not media_type.startswith(_HTML_TYPES):
        raise ReadError(f"not a web page but {shorten(media_type, 60)}")
    if not page.content.strip():
        raise ReadError("the page is empty")
    head = page.content[:1024]
    if b"\0" in head and not head.startswith(_WIDE_MARKS):
        raise ReadError("not a web page but binary data")


def check_article(article: Article, document: Document) -> None:
    """Raises ReadError for what has no title, is titled as an error, or is the home page or a list."""
    if not article.title:
        raise ReadError("no title on the page" if article.text else "neither title nor text on the page")
    if article.word_count < SHORT and _ERROR_TITLE.search(article.title):
        raise ReadError(f"an error page: {shorten(article.title, 80)}")
    if not _path(document.url) and _path(article.original_url) and not document.article:
        raise ReadError("redirected to the home page")
    declared = document.article or article.published_at or article.video
    if not declared and article.word_count < LEAST:
        raise ReadError("a list or home page: no text and no date")


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""
