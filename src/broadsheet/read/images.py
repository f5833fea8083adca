"""The pictures that a page declares and shows, its main one first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from broadsheet.models import Image
from broadsheet.read.jsonld import first_text
from broadsheet.read.metadata import Document
from broadsheet.text import plain, shorten
from broadsheet.urls import absolute

MAX_IMAGES = 10
MAX_SHOWN = 40  # pictures of the article that are looked at
SMALL = 120  # pixels a declared side; what is smaller is an ornament
MAX_SIDE = 100_000  # pixels
_NO_PICTURE = re.compile(
    r"(?:logo|sprite|placeholder|blank\.|spacer|pixel|avatar|gravatar|icon|default[-_]?(?:image|share|og)|"
    r"transparent|1x1|loading|lazyload|\.(?:svg|gif)(?:$|\?))"
)  # searched in lower case
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif)(?:$|\?)|^#|^$", re.I)
_SIZE_IN_NAME = re.compile(r"[-_.]?\d{2,4}x\d{2,4}|-scaled|@\dx", re.I)
_LAZY = ("src", "data-src", "data-original", "data-lazy-src", "data-srcset", "srcset")


def images(document: Document, container: LexborNode | None) -> tuple[tuple[Image, ...], str]:
    """The article's pictures, its main one first, and where that was found.

    The main picture is the declared one (``og:image``, JSON-LD ``image``, ``twitter:image``) that the page also shows, else the
    first large picture in the article, else the first declared. Sizes are what the page declares, 0 where it does not.
    """
    declared = list(_declared(document))
    shown = list(_shown(document, container))
    ordered = _order(declared, shown)
    found: dict[str, tuple[Image, str]] = {}
    for image, origin in ordered:
        found.setdefault(file_name(image.url), (image, origin))
    best = list(found.values())[:MAX_IMAGES]
    return tuple(image for image, _ in best), best[0][1] if best else ""


def file_name(url: str) -> str:
    """What names a picture whatever size or host it is served from: the last part of its path without size and ending."""
    name = unquote(urlsplit(unquote(url)).path).rstrip("/").rsplit("/", 1)[-1].casefold()
    return _SIZE_IN_NAME.sub("", re.sub(r"\.(jpe?g|png|webp|gif|avif)$", "", name))


def _order(declared: list[tuple[Image, str]], shown: list[tuple[Image, str]]) -> list[tuple[Image, str]]:
    names = {file_name(image.url) for image, _ in shown}
    both = [one for one in declared if file_name(one[0].url) in names]
    if both:
        return [*both, *declared, *shown]
    return [*shown[:1], *declared, *shown[1:]]


def _declared(document: Document) -> Iterator[tuple[Image, str]]:
    width, height = (_pixels(document.meta(f"og:image:{side}").value) for side in ("width", "height"))
    alt = document.meta("og:image:alt").value
    for meta in ("og:image", "og:image:url", "og:image:secure_url"):
        for value in document.metas.get(meta, ())[:1]:
            yield from _image(document, value, "meta og:image", width, height, alt)
    yield from _json_ld(document, document.article.get("image"))
    for meta in ("twitter:image", "twitter:image:src", "thumbnail", "parsely-image-url", "sailthru.image.full"):
        for value in document.metas.get(meta, ())[:1]:
            yield from _image(document, value, f"meta {meta}")
    if link := document.link("image_src"):
        yield from _image(document, link, "link image_src")


def _json_ld(document: Document, value: object) -> Iterator[tuple[Image, str]]:
    for item in value[:MAX_IMAGES] if isinstance(value, list) else [value]:
        node = document.graph.resolve(item)
        if isinstance(node, str):
            yield from _image(document, node, "json-ld image")
        elif isinstance(node, dict):
            url = first_text(node.get("url") or node.get("contentUrl") or node.get("@id"))
            title = first_text(node.get("caption"))
            yield from _image(document, url, "json-ld image", _pixels(node.get("width")), _pixels(node.get("height")), title)


def _shown(document: Document, container: LexborNode | None) -> Iterator[tuple[Image, str]]:
    for node in container.css("img")[:MAX_SHOWN] if container else ():
        attributes = node.attributes
        width, height = _pixels(attributes.get("width")), _pixels(attributes.get("height"))
        if 0 < width < SMALL or 0 < height < SMALL or _leads_elsewhere(node):
            continue
        url = _source(attributes)
        if url and not _NO_PICTURE.search(url.lower()):
            yield from _image(document, url, "img in the article", width, height, attributes.get("alt") or "")


def _leads_elsewhere(node: LexborNode) -> bool:
    """Whether a picture is a link to another page, as in teasers, and not to a larger copy of itself."""
    parent = node.parent
    for _ in range(3):
        if parent is None:
            return False
        if parent.tag == "a":
            return not _PICTURE_FILE.search(parent.attributes.get("href") or "")
        parent = parent.parent
    return False


def _source(attributes: dict[str, str | None]) -> str:
    for name in _LAZY:
        value = (attributes.get(name) or "").strip()
        if value and not value.startswith("data:"):
            return value.split(",")[-1].split()[0] if name.endswith("srcset") and value.strip(", ") else value
    return ""


def _image(
    document: Document, url: str, origin: str, width: int = 0, height: int = 0, title: str = ""
) -> Iterator[tuple[Image, str]]:
    address = absolute(document.base, url)
    if address:
        yield Image(url=address, width=width, height=height, title=shorten(plain(title), 300)), origin


def _pixels(value: object) -> int:
    """A declared side in pixels, 0 when it is none."""
    if isinstance(value, dict):
        value = value.get("value")
    match = re.match(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*$", str(value)) if value else None
    return int(match[1]) if match and int(match[1]) <= MAX_SIDE else 0
