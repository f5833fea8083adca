"""The invented press: its outlets and their reports, read from ``world/*.yaml`` into frozen values.

Everything in it is invented: people, places, outlets, events. Each outlet publishes under a host of its own in ``.example``.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, Literal

import msgspec
import yaml

from broadsheet.text import slugify

FIRST_EDITION = datetime(2031, 5, 12, 7, 0, tzinfo=UTC)
SECOND_EDITION = datetime(2031, 5, 12, 12, 0, tzinfo=UTC)

EVENT_FILES = ("energy", "sea", "transit", "intelligence", "health", "aside")

_OPENING = re.compile(r'(^|[\s(\[–—“])"')


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the press's values; a misspelt key in the YAML is an error."""


class Outlet(Value, frozen=True):
    """A publisher as ``world/outlets.yaml`` describes it. ``offset`` is its clock's distance from UTC in minutes.

    ``encoding`` is what its bytes are in, whatever its headers say (they always say UTF-8). ``redirects`` means that its feed
    links go through a counter, ``tracking`` is put behind them. ``fault`` is how its feed is broken.
    """

    id: str
    name: str
    host: str
    design: str = ""
    language: str = "en"
    tagline: str = ""
    colour: str = "#333333"
    mark: str = "disc"
    sections: tuple[str, ...] = ()
    source: Literal["feed", "sitemap"] = "feed"
    feed: Literal["rss", "atom", "rdf", "json"] = "rss"
    feed_path: str = "/feed"
    article_path: str = "/{slug}"
    amp_path: str = ""
    offset: int = 60
    encoding: str = "utf-8"
    gzip: bool = False
    full_text: bool = False
    redirects: bool = False
    tracking: str = ""
    news_sitemap: bool = False
    picture: Literal["jpeg", "png"] = "jpeg"
    size: tuple[int, int] = (1200, 675)
    fault: Literal["", "ampersands", "hopeless", "missing", "silent"] = ""

    @property
    def home(self) -> str:
        return f"https://{self.host}/"


class Correction(Value, frozen=True):
    """What an outlet changed in a report after it was published. Empty fields stay as they were."""

    at: datetime
    headline: str = ""
    standfirst: str = ""
    body: str = ""


class Written(Value, frozen=True):
    """A report as its YAML file has it. Agency copy names all ``outlets`` that print it; ``at`` is the first one's time."""

    at: datetime
    headline: str
    standfirst: str
    body: str
    outlet: str = ""
    outlets: tuple[str, ...] = ()
    author: str = ""
    credit: str = ""
    section: str = ""
    picture: bool = True
    video: str = ""
    correction: Correction | None = None


class Event(Value, frozen=True):
    """Something that happened, with everything the press wrote about it. ``scene`` names its picture's motif."""

    id: str
    section: str
    scene: str
    tags: tuple[str, ...]
    reports: tuple[Written, ...]


class Report(Value, frozen=True):
    """One published article. ``path`` is its address on the outlet's host; ``amp_path`` is empty when it has no AMP version."""

    event: str
    outlet: Outlet
    headline: str
    standfirst: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    updated_at: datetime
    section: str
    tags: tuple[str, ...]
    scene: str
    path: str
    number: int
    author: str = ""
    credit: str = ""
    picture_path: str = ""
    video: str = ""
    amp_path: str = ""
    correction: Correction | None = None

    @property
    def url(self) -> str:
        return f"https://{self.outlet.host}{self.path}"


class World(Value, frozen=True):
    """All outlets, and all reports with the newest first."""

    outlets: tuple[Outlet, ...]
    reports: tuple[Report, ...]


@functools.cache
def world() -> World:
    """The whole invented press, both editions of it."""
    outlets = msgspec.convert(_load("outlets"), tuple[Outlet, ...])
    by_id = {outlet.id: outlet for outlet in outlets}
    reports = [report for event in events() for written in event.reports for report in _reports(event, written, by_id)]
    return World(outlets=outlets, reports=tuple(sorted(reports, key=lambda r: (r.published_at, r.outlet.id), reverse=True)))


@functools.cache
def events() -> tuple[Event, ...]:
    """Every event, in the order of the files."""
    return tuple(event for name in EVENT_FILES for event in msgspec.convert(_load(name), tuple[Event, ...]))


@functools.cache
def labels() -> dict[str, dict[str, Any]]:
    """The words around an article, by language."""
    return msgspec.convert(_load("labels"), dict[str, dict[str, Any]])


def published(reports: Iterable[Report], now: datetime) -> tuple[Report, ...]:
    """The reports that are out at that instant, corrected where a correction is out too."""
    return tuple(_corrected(report, now) for report in reports if report.published_at <= now)


def paragraphs(body: str) -> tuple[str, ...]:
    """The paragraphs of a text, which empty lines separate, with typographic quotation marks."""
    return tuple(typographic(" ".join(part.split())) for part in body.strip().split("\n\n"))


def typographic(text: str) -> str:
    """``text`` with straight quotation marks and apostrophes made curly."""
    text = _OPENING.sub(r"\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[“–—])'", r"\1‘", text).replace("'", "’")


def _load(name: str) -> Any:
    text = (files("broadsheet.demo") / "world" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _reports(event: Event, written: Written, outlets: dict[str, Outlet]) -> list[Report]:
    """The written report once for each outlet that prints it; the others of agency copy follow the first after some minutes."""
    names = written.outlets or (written.outlet,)
    return [
        _report(event, written, outlets[name], written.at + timedelta(minutes=9 * index)) for index, name in enumerate(names)
    ]


def _report(event: Event, written: Written, outlet: Outlet, at: datetime) -> Report:
    headline = typographic(written.headline)
    slug = slugify(headline, 60)
    number = 100_000 + zlib.crc32(f"{outlet.host}/{slug}".encode()) % 900_000
    local = at + timedelta(minutes=outlet.offset)
    section = written.section or event.section
    path = outlet.article_path.format(
        slug=slug, number=number, section=slugify(section), year=local.year, month=f"{local:%m}", day=f"{local:%d}"
    )
    suffix = "jpg" if outlet.picture == "jpeg" else "png"
    return Report(
        event=event.id,
        outlet=outlet,
        headline=headline,
        standfirst=typographic(written.standfirst),
        paragraphs=paragraphs(written.body),
        published_at=at,
        updated_at=at,
        section=section,
        tags=event.tags,
        scene=event.scene,
        path=path,
        number=number,
        author=written.author,
        credit=written.credit,
        picture_path=f"/media/{number}.{suffix}" if written.picture else "",
        video=written.video,
        amp_path=outlet.amp_path.format(path=path),
        correction=written.correction,
    )


def _corrected(report: Report, now: datetime) -> Report:
    correction = report.correction
    if correction is None or correction.at > now:
        return report
    return msgspec.structs.replace(
        report,
        updated_at=correction.at,
        headline=typographic(correction.headline) or report.headline,
        standfirst=typographic(correction.standfirst) or report.standfirst,
        paragraphs=paragraphs(correction.body) if correction.body else report.paragraphs,
    )
