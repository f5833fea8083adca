"""Page → article: every field by its documented order of trust (``docs/reading.md``), with its origin beside it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from broadsheet.errors import ReadError
from broadsheet.models import Article, Entry, Page
from broadsheet.read import addresses, authors, dating, images, kind, labels, languages, provider, titles
from broadsheet.read.body import Body, body, word_count
from broadsheet.read.checks import check_article, check_page
from broadsheet.read.decode import decode, too_deep
from broadsheet.read.metadata import Document, read_document
from broadsheet.text import clean, plain, shorten
from broadsheet.urls import amp_cache_url, normalize, url_key

MAX_BYTES = 20_000_000  # of a page; longer ones are cut
MAX_SLOW_TAGS = 30_000  # of a page that the slower readers are given: they read a few thousand a second
MAX_TEXT = 200_000  # characters of an article's text


def read_article(page: Page, entry: Entry | None = None, *, fast: bool = False) -> Article:
    """The article on a page. ``entry``, what the source said about it, fills what the page lacks.

    ``fast`` never asks the slower second readers (trafilatura for texts, htmldate for days), of which few pages have need.
    Raises ReadError with the reason when the page is no article.
    """
    check_page(page)
    markup = _markup(page.content[:MAX_BYTES], page.content_type)
    fast = fast or markup.count("<") > MAX_SLOW_TAGS
    document = read_document(markup, page.final_url or page.url)
    article = _article(document, body(document, markup, fast=fast), page.url)
    if entry:
        article = _with_entry(article, entry)
    if article.published_at is None and not fast:
        article = _with_date(article, dating.guessed(markup, page.fetched_at))
    check_article(article, document)
    return article


def read_entry(entry: Entry) -> Article:
    """The article that an entry with its full text (``entry.html``) is, without its page.

    Raises ReadError when the entry has no text, no title or no usable address.
    """
    if not normalize(entry.url):
        raise ReadError("the entry has no usable address")
    if not entry.html.strip():
        raise ReadError("the entry carries no text")
    markup = _markup(f"<article>{entry.html[:MAX_BYTES]}</article>".encode("utf-8", "replace"), "")
    document = read_document(markup, entry.url)
    article = _with_entry(_article(document, body(document, markup, fast=True), entry.url), entry)
    if not article.title:
        raise ReadError("the entry has no title")
    return article


def _markup(content: bytes, content_type: str) -> str:
    markup = decode(content, content_type)
    if too_deep(markup):
        raise ReadError("elements nest too deeply")
    return markup


def _article(document: Document, text: Body, asked: str) -> Article:
    web = addresses.canonical(document)
    outlet, outlet_origin = provider.provider(document, web.value)
    names = provider.site_names(document, outlet.domain)
    title, excerpt = titles.title(document, names), titles.excerpt(document)
    people, people_origin = authors.authors(document, names, text.text)
    published, updated = dating.published(document), dating.updated(document)
    running = clean(authors.without_byline(text.text, people))[:MAX_TEXT]
    article = Article(
        key=url_key(web.value or asked),
        original_url=asked,
        web_url=web.value or asked,
        title=title.value,
        excerpt=excerpt.value,
        provider=outlet,
        text=running,
        word_count=word_count(running),
        published_at=published.value,
        updated_at=updated.value,
        authors=people,
        section=labels.section(document),
        keywords=labels.keywords(document),
        paywalled=labels.paywalled(document),
    )
    origins = {
        "web_url": web.origin,
        "title": title.origin,
        "excerpt": excerpt.origin,
        "provider": outlet_origin,
        "text": text.origin if running else "",
        "published_at": published.origin,
        "updated_at": updated.origin,
        "authors": people_origin,
    }
    return _with_forms(article, document, text, origins)


def _with_forms(article: Article, document: Document, text: Body, origins: dict[str, str]) -> Article:
    """The article with its AMP version, language, pictures, video and type."""
    amp = addresses.amp(document, article.web_url)
    tongue = languages.language(document, text.text)
    pictures, pictures_origin = images.images(document, text.container)
    video = kind.find_video(document)
    form, form_origin = kind.kind(document, article.word_count, video)
    origins |= {"amp_url": amp.origin, "language": tongue.origin, "images": pictures_origin, "type": form_origin}
    return replace(
        article,
        amp_url=amp.value,
        cdn_amp_url=amp_cache_url(amp.value) if amp.value else "",
        language=tongue.value,
        images=pictures,
        video=video,
        type=form,
        origins={field: origin for field, origin in sorted(origins.items()) if origin},
    )


def _with_entry(article: Article, entry: Entry) -> Article:
    """The article with what it lacks taken from its entry."""
    offered = {
        "title": shorten(plain(entry.title), titles.MAX_TITLE),
        "excerpt": shorten(plain(entry.summary), titles.MAX_EXCERPT),
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "authors": authors.clean_names(entry.authors),
        "images": entry.images,
        "language": languages.code(entry.language),
        "keywords": entry.categories,
        "video": kind.video_of(entry.video_url),
        "location": entry.location,
    }
    missing: dict[str, Any] = {field: value for field, value in offered.items() if value and not getattr(article, field)}
    if "video" in missing and article.word_count < kind.SHORT_TEXT:
        missing["type"] = "video"
    origins = article.origins | {field: f"feed {field.removesuffix('_at')}" for field in missing}
    origins = dict(sorted(origins.items()))
    return replace(article, **missing, source=entry.source, original_url=entry.url, origins=origins)


def _with_date(article: Article, moment: dating.Moment) -> Article:
    if moment.value is None:
        return article
    origins = dict(sorted((article.origins | {"published_at": moment.origin}).items()))
    return replace(article, published_at=moment.value, origins=origins)
