"""The form in which a record's own fields are written: names, order, quoting. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import yaml

from broadsheet.models import Image, Provider, Record, RelatedRecord

# The fields in the order of the file: those of the head stand together, each block has an empty line before it.
HEAD = (
    "category",
    "title",
    "excerpt",
    "publishedDateTime",
    "updatedDateTime",
    "originalUrl",
    "webUrl",
    "ampWebUrl",
    "cdnAmpWebUrl",
    "type",
    "quality",
    "heat",
    "published",
)
BLOCKS = ("featuredContent", "provider", "topics", "images", "related", "secured")
FIELDS = HEAD + BLOCKS
MEASURED = frozenset(["quality", "heat", "published", "related", "secured"])  # these are never a person's: the desk decides

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
# What YAML would fold as a line break or refuse as not printable; no-break space and other scripts stay as they are.
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_PLAIN = re.compile(r"[^\W\d_][^\W_]*(?:[ .'&-][^\W_]+)*")  # surely text, so YAML need not be asked
# Words and numbers that some YAML reader of version 1.1 or 1.2 takes for something else than text.
_NOT_TEXT = re.compile(r"[-+.]?[\d_,.:]+(e[-+]?\d+)?|0[xo][\da-f]+|[-+]?\.?(inf|nan)|y|n|yes|no|on|off|true|false|null", re.I)


def fields(record: Record) -> dict[str, list[str]]:
    """The lines of each field that ``record`` has, in the order of the file, by field name."""
    lines = {name: [f"{name}: {value}"] for name, value in _head(record)}
    if record.featured_content:
        lines["featuredContent"] = [f"featuredContent: {quoted(record.featured_content)}"]
    if record.provider and (record.provider.name or record.provider.domain):
        lines["provider"] = list(_provider(record.provider))
    if record.topics:
        lines["topics"] = ["topics:", *(f"  - {plain(topic)}" for topic in record.topics)]
    if record.images:
        lines["images"] = ["images:", *_images(record.images, "  ")]
    if record.related:
        lines["related"] = ["related:", *(line for entry in record.related for line in _item(_related(entry), "  "))]
    if record.secured:
        lines["secured"] = [f"secured: {quoted(record.secured)}"]
    return lines


def quoted(text: str) -> str:
    """``text`` as a double-quoted YAML scalar on one line (YAML 1.1, 5.7), in the escapes that JSON has too."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def plain(text: str) -> str:
    """``text`` without quotes where YAML reads it back as the same text, else double-quoted."""
    if _NOT_TEXT.fullmatch(text):
        return quoted(text)
    return text if _PLAIN.fullmatch(text) or _reads_back(text) else quoted(text)


def stamp(moment: datetime) -> str:
    """``2020-11-18T02:41:00Z``: whole seconds in UTC."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"  # half a character, which no file in UTF-8 can carry
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"


def _reads_back(text: str) -> bool:
    """Whether a YAML reader gives ``text`` back when it stands unquoted as a value. Ruby reads a leading colon as a symbol."""
    if text.startswith(":") or _ESCAPED.search(text):
        return False
    try:
        node = yaml.compose(f"name: {text}\n", yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    value = node.value[0][1] if isinstance(node, yaml.MappingNode) else None
    return isinstance(value, yaml.ScalarNode) and (value.tag, value.value) == ("tag:yaml.org,2002:str", text)


def _head(record: Record) -> Iterator[tuple[str, str]]:
    yield "category", plain(record.category)
    yield "title", quoted(record.title)
    yield "excerpt", quoted(record.excerpt)
    yield from _date("publishedDateTime", record.published_at)
    yield from _date("updatedDateTime", record.updated_at)
    yield from _text("originalUrl", record.original_url)
    yield from _addresses(record)
    yield "type", record.type
    yield from _number("quality", record.quality)
    yield from _number("heat", record.heat)
    if record.published is not None:
        yield "published", _boolean(record.published)


def _addresses(entry: Record | RelatedRecord) -> Iterator[tuple[str, str]]:
    yield from _text("webUrl", entry.web_url)
    yield from _text("ampWebUrl", entry.amp_url)
    yield from _text("cdnAmpWebUrl", entry.cdn_amp_url)


def _related(entry: RelatedRecord) -> Iterator[str]:
    yield f"title: {quoted(entry.title)}"
    yield f"excerpt: {quoted(entry.excerpt)}"
    for name, value in (*_date("publishedDateTime", entry.published_at), *_addresses(entry)):
        yield f"{name}: {value}"
    yield f"type: {entry.type}"
    if entry.provider.name or entry.provider.domain:
        yield from _provider(entry.provider)
    for name, value in _number("quality", entry.quality):
        yield f"{name}: {value}"
    if entry.images:
        yield from ("images:", *_images(entry.images, "  "))


def _provider(provider: Provider) -> Iterator[str]:
    yield "provider:"
    for name, value in (("name", provider.name), ("domain", provider.domain)):
        if value:
            yield f"  {name}: {plain(value)}"
    if provider.images:
        yield "  images:"
        yield from _images(provider.images, "    ")


def _images(images: Iterable[Image], indent: str) -> Iterator[str]:
    for image in images:
        yield from _item(_image(image), indent)


def _image(image: Image) -> Iterator[str]:
    yield f"url: {quoted(image.url)}"
    for name, value in (("width", image.width), ("height", image.height)):
        if value:
            yield f"{name}: {value}"
    if image.title:
        yield f"title: {quoted(image.title)}"
    if image.is_cached:
        yield "isCached: true"


def _item(lines: Iterable[str], indent: str) -> Iterator[str]:
    """``lines`` as one entry of a list: a hyphen before the first, the others under it."""
    for number, line in enumerate(lines):
        yield f"{indent}{'  ' if number else '- '}{line}"


def _date(name: str, moment: datetime | None) -> Iterator[tuple[str, str]]:
    if moment:
        yield name, stamp(moment)


def _text(name: str, text: str) -> Iterator[tuple[str, str]]:
    if text:
        yield name, quoted(text)


def _number(name: str, number: int | None) -> Iterator[tuple[str, str]]:
    if number is not None:
        yield name, str(number)


def _boolean(value: bool) -> str:
    return "true" if value else "false"
