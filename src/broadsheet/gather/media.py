"""Pictures and films that feeds name beside an entry: Media RSS, enclosures, iTunes, YouTube. Pure."""

from __future__ import annotations

import re

from lxml import etree

from broadsheet.gather.elements import Names, absolute, text_of
from broadsheet.models import Image

MAX_IMAGES = 20  # of one entry
_MEDIA = ("media:player", "media:content", "media:thumbnail", "enclosure", "itunes:image", "image")
_LINKS = ("atom:link", "link")  # to an enclosure
_GROUPS = ("media:group", "media:content")
NAMES = (*_MEDIA, *_GROUPS, "yt:videoId")
_ALL = frozenset(NAMES)
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
_FILMS = (".mp4", ".m4v", ".mov", ".webm", ".m3u8")
_VIDEO_ID = re.compile(r"[\w-]{5,20}", re.A)
_Children = dict[str, list[etree._Element]]


def media_of(children: _Children, names: Names, base: str) -> tuple[tuple[Image, ...], str]:
    """The images of an entry and the address of its film or player."""
    images: dict[str, Image] = {}
    films: list[str] = []
    if _ALL.isdisjoint(children) and not _enclosures(children):
        return (), ""
    for element, name in _media_elements(children, names):
        url = absolute(element.get("url") or element.get("href") or text_of(element), base)
        kind = _kind(element, name, url)
        if kind == "image" and url and len(images) < MAX_IMAGES:
            images.setdefault(url, Image(url=url, width=pixels(element, "width"), height=pixels(element, "height")))
        elif kind == "video" and url:
            films.append(url)
    for element in children.get("yt:videoId", ()):
        if _VIDEO_ID.fullmatch(video_id := text_of(element)):
            films.insert(0, f"https://www.youtube.com/watch?v={video_id}")
    return tuple(images.values()), films[0] if films else ""


def _media_elements(children: _Children, names: Names) -> list[tuple[etree._Element, str]]:
    """Elements with a medium, players first; those inside a group or a content come after the entry's own."""
    found = [(element, name) for name in _MEDIA if name in children for element in children[name]]
    found += [(link, "enclosure") for link in _enclosures(children)]
    for name in _GROUPS:
        for element in children.get(name, ()):
            inner = ((child, names(child)) for child in element.iterdescendants())
            found += [pair for pair in inner if pair[1] in _MEDIA]
    return sorted(found, key=lambda pair: pair[1] != "media:player")


def _enclosures(children: _Children) -> list[etree._Element]:
    return [link for name in _LINKS if name in children for link in children[name] if link.get("rel") == "enclosure"]


def _kind(element: etree._Element, name: str, url: str) -> str:
    """``image``, ``video`` or nothing, by what the element is, says, or by the ending of its address."""
    if name == "media:player":
        return "video"
    if name in ("media:thumbnail", "itunes:image", "image"):
        return "image"
    declared = element.get("medium") or (element.get("type") or "").partition("/")[0]
    if declared in ("image", "video", "audio", "document"):
        return declared
    path = url.partition("?")[0].lower()
    return "image" if path.endswith(_PICTURES) else "video" if path.endswith(_FILMS) else ""


def pixels(element: etree._Element, name: str) -> int:
    """A width or height attribute as a whole number of pixels, 0 when it is none."""
    digits = (element.get(name) or "").strip().removesuffix("px")
    return int(digits) if digits.isdecimal() and len(digits) < 6 else 0
