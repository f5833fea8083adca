"""RSS 0.9x to 2.0 and RDF Site Summary 0.90 and 1.0, with the extensions in use, to a `Feed`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from broadsheet.gather.elements import (
    XML,
    Context,
    Names,
    absolute,
    first,
    first_date,
    first_text,
    headline,
    language_of,
    text_of,
)
from broadsheet.gather.items import read_item
from broadsheet.gather.values import Feed, Hints
from broadsheet.models import Entry

_Children = dict[str, list[etree._Element]]
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_NETLOC = re.compile(r"https?://([^/?#]*)", re.I)
_VERY_MANY = 1000  # items of a feed


def read_rss(root: etree._Element, url: str, *, bases: bool = False) -> Feed:
    """The feed below ``root``, an ``rss``, ``RDF`` or bare ``channel`` element found at ``url``.

    References are relative to the nearest ``xml:base`` when there are ``bases``, else to the feed's address, or to the site's
    where a feed is served by another host.
    """
    names = Names(root)
    children, items = _channel(root, names)
    link = absolute(_channel_link(children), url)
    base = link if link and _host(link) != _host(url) else url
    language = language_of(first_text(children, "language", "dc:language") or root.get(XML + "lang", ""))
    context = Context(names, url, base, language, bases)
    return Feed(
        title=headline(text_of(first(children, "title", "dc:title", "atom:title"))),
        link=link,
        language=language,
        entries=tuple(_entries(items, context)),
        hints=_hints(children, url),
    )


def _channel(root: etree._Element, names: Names) -> tuple[_Children, list[etree._Element]]:
    """What describes the feed, and its items: inside the channel, beside it (RDF), or wherever a broken feed has them."""
    children = names.children(root)
    channels = [names.children(channel) for channel in children.get("channel", ())] or [children]
    items = [item for channel in channels for item in channel.pop("item", ())]
    items += children.pop("item", [])
    if not items:
        items = [element for element in root.iter("{*}item") if element.getparent() is not None]
    return channels[0], items


def _channel_link(children: _Children) -> str:
    """The site's address: ``link``, or an Atom link that is not to the feed itself."""
    for link in [*children.get("link", ()), *children.get("atom:link", ())]:
        if link.get("rel", "alternate") == "alternate" and (address := text_of(link) or link.get("href", "")):
            return address
    return ""


def _host(url: str) -> str:
    match = _NETLOC.match(url)
    return match[1] if match else ""


def _entries(items: list[etree._Element], context: Context) -> Iterator[Entry]:
    """Of very many items each is let go when it was read: as a tree they take more memory than as entries."""
    many = len(items) > _VERY_MANY
    items.reverse()
    while items:
        item = items.pop()
        yield read_item(item, context)
        if many:
            item.clear()


def _hints(children: _Children, url: str) -> Hints:
    links = {link.get("rel", ""): absolute(link.get("href", ""), url) for link in reversed(children.get("atom:link", []))}
    return Hints(
        ttl=_ttl(children),
        skip_hours=_skip_hours(children),
        hub=links.get("hub", ""),
        self_url=links.get("self", ""),
        updated_at=first_date(children, ("lastBuildDate", "pubDate", "dc:date", "atom:updated")),
    )


def _ttl(children: _Children) -> int | None:
    """Seconds between changes: ``ttl`` in minutes, or the syndication module's period divided by its frequency."""
    minutes = first_text(children, "ttl")
    if minutes.isdecimal() and int(minutes[:9]) > 0:
        return int(minutes[:9]) * 60
    period = _PERIODS.get(first_text(children, "sy:updatePeriod").lower())
    frequency = first_text(children, "sy:updateFrequency") or "1"
    return period // max(int(frequency[:6]), 1) if period and frequency.isdecimal() else None


def _skip_hours(children: _Children) -> tuple[int, ...]:
    """Hours of the day, UTC, in which the feed asks not to be read; 24 is midnight in RSS 0.91."""
    hours = [text_of(hour) for element in children.get("skipHours", ()) for hour in element]
    return tuple(sorted({int(hour) % 24 for hour in hours if hour.isdecimal() and len(hour) <= 2 and int(hour) <= 24}))
