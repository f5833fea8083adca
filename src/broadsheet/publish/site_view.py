"""What the site's templates ask of a story: addresses that may be linked, directions, outlets, the order of coverage. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

import msgspec

from broadsheet.models import Image, Provider, PublishedStory, Record, SourceState, Topic, Value
from broadsheet.publish.record import record_name
from broadsheet.text import slugify

MAX_DOMAIN = 253  # characters, by RFC 1035
MAX_ADDRESS = 2048  # characters; browsers and servers agree on no more

# Languages written from right to left, by ISO 639 code and by the script subtags of BCP 47.
_RTL_LANGUAGES = frozenset(["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi", "ji"])
_RTL_SCRIPTS = frozenset(["adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"])
_WEB = re.compile(r"https?://[^\s\x00-\x20\x7f<>\\]+", re.I)
_PLAIN = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?([/?#][^\s\x00-\x20\x7f<>\\]*)?")  # what most are
_LOCAL = re.compile(r"assets/[\w\-./%]+", re.A)
_DOMAIN = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*")
_EMBED = re.compile(r'\ssrc="(https://[^"\s]+)"')
# Players by the beginning of their embed address: the name people know, and the page on which the video plays.
_PLAYERS = (
    (re.compile(r"https://www\.youtube(?:-nocookie)?\.com/embed/([\w-]+)"), "YouTube", "https://www.youtube.com/watch?v={}"),
    (re.compile(r"https://player\.vimeo\.com/video/(\d+)"), "Vimeo", "https://vimeo.com/{}"),
    (
        re.compile(r"https://(?:www|geo)\.dailymotion\.com/embed/video/(\w+)"),
        "Dailymotion",
        "https://www.dailymotion.com/video/{}",
    ),
)


class Coverage(Value, frozen=True):
    """One outlet's report in a story's timeline. ``lag``: whole minutes after the first report, None when undated."""

    title: str
    provider: Provider | None
    url: str
    at: datetime | None
    excerpt: str = ""
    is_video: bool = False
    is_lead: bool = False
    is_first: bool = False
    lag: int | None = None


class Link(Value, frozen=True):
    """A place to go and what it is called."""

    label: str
    url: str


@lru_cache(maxsize=4096)  # a story's addresses are asked for by each page and by each list that shows it
def web_url(url: str) -> str:
    """``url`` if a page may link to it: http or https, with a host, without white space; else the empty string."""
    if len(url) > MAX_ADDRESS:
        return ""
    if _PLAIN.fullmatch(url):
        return url
    if not _WEB.fullmatch(url):
        return ""
    try:
        return url if urlsplit(url).hostname else ""
    except ValueError:
        return ""


def picture_url(url: str, home: str, root: str) -> str:
    """The address of a picture as a page links to it: the newsroom's own relative to ``root``, others' on the web."""
    local = url.removeprefix(home) if url.startswith(home) else url
    if _LOCAL.fullmatch(local) and ".." not in local:
        return root + local
    return web_url(url)


def direction(language: str) -> str:
    """``rtl`` or ``ltr`` for a BCP 47 language tag; ``auto`` when the language is not known."""
    if not language:
        return "auto"
    first, *rest = language.lower().split("-")
    script = next((tag for tag in rest if len(tag) == 4), "")
    if script:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if first in _RTL_LANGUAGES else "ltr"


@lru_cache(maxsize=4096)
def story_path(path: str) -> str:
    """The folder of a story's page, from its record's path: ``stories/NAME/``."""
    return f"stories/{quote(record_name(path))}/"


@lru_cache(maxsize=4096)
def topic_path(slug: str) -> str:
    """The folder of a topic's page: ``topics/SLUG/``."""
    return f"topics/{quote(slug, safe='')}/"


@lru_cache(maxsize=4096)
def outlet_path(domain: str) -> str:
    """The folder of an outlet's page: ``outlets/DOMAIN-SLUG/``, the domain with hyphens for its dots.

    A hyphen in it is doubled, so that no two domains share a page; what is no domain gets a digest behind three.
    """
    if len(domain) <= MAX_DOMAIN and _DOMAIN.fullmatch(domain):
        return f"outlets/{domain.replace('-', '--').replace('.', '-')}/"
    digest = hashlib.sha256(domain.encode("utf-8", "replace")).hexdigest()[:12]
    return f"outlets/{slugify(domain[:MAX_DOMAIN])}---{digest}/"


def archive_path(period: str | date) -> str:
    """The folder of the archive's page of a day, ``archive/2026/01/02/``, or of a month such as "2026-01"."""
    return f"archive/{str(period).replace('-', '/')}/"


def iso(at: datetime) -> str:
    """An instant as RFC 3339 in UTC, to the second: ``2026-01-02T03:04:05Z``."""
    return in_utc(at).isoformat(timespec="seconds").replace("+00:00", "Z")


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC."""
    return at.astimezone(UTC)


def points(value: float) -> str:
    """Points with their sign, at most one decimal: ``+12``, ``−3.5``, ``0``."""
    rounded = round(value, 1)
    if not rounded:
        return "0"
    return f"{rounded:+.1f}".removesuffix(".0").replace("-", "\u2212")


def percent(share: float) -> int:
    """A share between 0 and 1 as whole hundredths, bounded to 0 to 100."""
    return round(100 * min(max(share, 0.0), 1.0))


def width(text: str) -> int:
    """How much room a text takes, in Latin letters: wide East Asian characters count double (Unicode annex 11)."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def headline_size(title: str) -> str:
    """The class of a headline by its length, so that long ones are set smaller: empty, ``long`` or ``longer``."""
    room = width(title)
    return "longer" if room > 120 else "long" if room > 70 else ""


def picture(images: Iterable[Image], home: str, least: int = 0, *, linked: bool = True) -> Image | None:
    """The first picture that may be shown and is not known to be narrower than ``least`` pixels.

    Those that the newsroom does not keep itself are shown only when they may be ``linked``.
    """
    for image in images:
        address = picture_url(image.url, home, "")
        if address and (linked or _LOCAL.fullmatch(address)) and (image.width == 0 or image.width >= least):
            return image
    return None


def shape(image: Image) -> str:
    """``wide``, ``square`` or ``tall``: the frame that crops a picture least. Unmeasured ones get the wide frame."""
    if not image.width or not image.height:
        return "wide"
    ratio = image.width / image.height
    return "tall" if ratio < 0.9 else "square" if ratio < 1.2 else "wide"


def outlets(record: Record) -> int:
    """How many outlets report a story, the lead's own included."""
    providers = [record.provider, *(related.provider for related in record.related)]
    return len({provider.domain for provider in providers if provider})


def outlet_of(record: Record, url: str) -> str:
    """The name of the outlet whose article of a story has that address; the address's host when none has."""
    known = {record.web_url: record.provider} | {related.web_url: related.provider for related in record.related}
    provider = known.get(url)
    return (provider.name or provider.domain) if provider else urlsplit(web_url(url)).hostname or ""


def timeline(record: Record) -> list[Coverage]:
    """The reports of a story, the lead's included, in order of publication; undated ones last."""
    lead = Coverage(
        title=record.title,
        provider=record.provider,
        url=web_url(record.web_url or record.original_url),
        at=record.published_at,
        is_video=record.type == "video",
        is_lead=True,
    )
    reports = [lead, *(_related(record))]
    dated = sorted((report for report in reports if report.at), key=lambda report: (report.at, not report.is_lead, report.url))
    undated = [report for report in reports if not report.at]
    return [*_with_lags(dated), *undated]


def _related(record: Record) -> Iterable[Coverage]:
    for related in record.related:
        yield Coverage(
            title=related.title,
            provider=related.provider,
            url=web_url(related.web_url),
            at=related.published_at,
            excerpt=related.excerpt,
            is_video=related.type == "video",
        )


def _with_lags(dated: list[Coverage]) -> Iterable[Coverage]:
    start = dated[0].at if dated else None
    for place, report in enumerate(dated):
        if start and report.at:
            lag = int((report.at - start).total_seconds() // 60)
            yield msgspec.structs.replace(report, lag=lag, is_first=place == 0 and len(dated) > 1)


def video_link(record: Record) -> Link | None:
    """Where a video plays. Its embed is never shown: a frame of another host would follow the reader."""
    if record.type != "video" and not record.featured_content:
        return None
    embed = _EMBED.search(record.featured_content)
    for pattern, name, page in _PLAYERS if embed else ():
        if embed and (found := pattern.match(embed[1])):
            return Link(label=name, url=page.format(found[1]))
    url = web_url(record.web_url or record.original_url)
    return Link(label=record.provider.name if record.provider else urlsplit(url).hostname or "", url=url) if url else None


def source_link(source: SourceState) -> Link:
    """A source by its title. An address with a password in it, or a file's path, is named but never linked or shown whole."""
    address = web_url(source.url)
    parts = urlsplit(address)
    if not address:
        return Link(label=source.title or PurePosixPath(source.url).name, url="")
    return Link(label=source.title or parts.hostname or "", url="" if parts.username or parts.password else address)


def family(topics: Iterable[Topic]) -> list[tuple[int, Topic]]:
    """Topics as a tree in order of the settings: (depth, topic), each parent before its children. Loops are cut."""
    every = list(topics)
    known = {name for topic in every for name in (topic.name, topic.slug)}
    order: list[tuple[int, Topic]] = []
    seen: set[str] = set()

    def visit(topic: Topic, depth: int) -> None:
        if topic.slug not in seen:
            seen.add(topic.slug)
            order.append((depth, topic))
            for child in every:
                if child.parent and child.parent in (topic.name, topic.slug):
                    visit(child, depth + 1)

    for topic in every:
        if topic.parent not in known:
            visit(topic, 0)
    for topic in every:
        visit(topic, 0)
    return order


def sections(topics: Iterable[Topic], most: int = 10) -> list[Topic]:
    """The topics in the navigation: all of them when few, else those without a parent."""
    tree = family(topics)
    return [topic for depth, topic in tree if depth == 0 or len(tree) <= most]


def newest(stories: Iterable[PublishedStory]) -> datetime | None:
    """The latest publication among stories: the date in the masthead, so that a page never asks the clock."""
    return max((story.record.published_at for story in stories if story.record.published_at), default=None)
