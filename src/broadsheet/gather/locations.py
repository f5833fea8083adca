"""The location that an entry of a feed names: GeoRSS (simple and GML) and W3C Basic Geo. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from broadsheet.gather.elements import Names, text_of
from broadsheet.models import Location

NAMES = ("georss:point", "georss:where", "geo:Point", "geo:lat")
_ALL = frozenset(NAMES)
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_PAIR = re.compile(rf"({_NUMBER})(?:\s*,\s*|\s+)({_NUMBER})", re.A)
_LONGEST = 100  # characters of a pair that is read
_DIGITS = 7  # of a degree behind the point, about a centimetre; more is noise
_WGS_84 = "4326"  # as which all the spellings of a reference system end whose axes are latitude and longitude, in degrees
_Children = dict[str, list[etree._Element]]


def location_of(children: _Children, names: Names) -> Location | None:
    """The first point among an entry's children; lines, boxes and the places of media are none."""
    if _ALL.isdisjoint(children):
        return None
    return next((found for text in _pairs(children, names) if (found := location(text))), None)


def location(text: str) -> Location | None:
    """A pair "latitude longitude" in degrees, with a comma or white space between them.

    None for what is out of range, and for 0, 0, which publishers write for want of a place.
    """
    pair = _PAIR.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if pair is None:
        return None
    latitude, longitude = map(float, pair.groups())
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    found = Location(latitude=round(latitude, _DIGITS) + 0.0, longitude=round(longitude, _DIGITS) + 0.0)  # never -0.0
    return found if found.latitude or found.longitude else None


def _pairs(children: _Children, names: Names) -> Iterator[str]:
    for point in children.get("georss:point", ()):
        yield text_of(point)
    for where in children.get("georss:where", ()):
        for point in names.children(where).get("gml:Point", ()):
            for position in names.children(point).get("gml:pos", ()):
                if (position.get("srsName") or point.get("srsName") or _WGS_84).endswith(_WGS_84):
                    yield text_of(position)
    for pair in (children, *map(names.children, children.get("geo:Point", ()))):
        for latitude, longitude in zip(pair.get("geo:lat", ()), pair.get("geo:long", ()), strict=False):
            yield f"{text_of(latitude)},{text_of(longitude)}"
