"""From the YAML of a record's front matter to typed values; each wrong one is named with its place. Pure.

Scalars are taken as they are written and never resolved by YAML: a provider named ``Yes`` or ``365`` keeps its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import yaml
from yaml.composer import Composer

from broadsheet.models import ArticleType, Image, Provider, Record, RelatedRecord

MAX_DEPTH = 40  # of what people add; our own fields are seven deep
MAX_ITEMS = 500  # of one list
MAX_NUMBER = 1_000_000_000

_INTEGER = re.compile(r"[-+]?[0-9]{1,10}")
_BOOLEANS = {"true": True, "false": False}
_TYPES: dict[str, ArticleType] = {"article": "article", "video": "video", "live": "live"}
_NULL = "tag:yaml.org,2002:null"

Pairs = dict[str, yaml.Node]
T = TypeVar("T")


class FieldError(Exception):
    """What is wrong with the front matter, and where: ``index`` counts characters from its beginning."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index


class _Loader(Composer, yaml.CSafeLoader):
    """libyaml's parser under PyYAML's own composer, with bounded depth: that of libyaml overflows the stack on deep input."""

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FieldError(_index(self.peek_event()), f"nested deeper than {MAX_DEPTH}")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def load(text: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """The top-level pairs of a front matter, in order. Raises FieldError."""
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise FieldError(error.problem_mark.index if error.problem_mark else 0, error.problem or "not YAML") from error
    except yaml.YAMLError as error:
        raise FieldError(0, str(error).splitlines()[0]) from error
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise FieldError(0, "not a list of fields")
    _pairs(node)
    for key, _ in node.value:
        start = key.start_mark.index
        if start and text[start - 1] != "\n":
            raise _wrong(key, "a field does not begin its line")
    return list(node.value)


def record(path: str, nodes: list[tuple[yaml.Node, yaml.Node]]) -> Record:
    """The record that the top-level pairs say; names that are not of a record are passed over. Raises FieldError."""
    pairs = {key.value: value for key, value in nodes}
    if not _text(pairs, "title"):
        raise FieldError(0, "it has no title")
    return Record(
        path=path,
        category=_text(pairs, "category") or "news",
        title=_text(pairs, "title"),
        excerpt=_text(pairs, "excerpt"),
        published_at=_date(pairs, "publishedDateTime"),
        updated_at=_date(pairs, "updatedDateTime"),
        original_url=_text(pairs, "originalUrl"),
        web_url=_text(pairs, "webUrl"),
        amp_url=_text(pairs, "ampWebUrl"),
        cdn_amp_url=_text(pairs, "cdnAmpWebUrl"),
        type=_type(pairs),
        quality=_number(pairs, "quality"),
        heat=_number(pairs, "heat"),
        published=_boolean(pairs, "published"),
        featured_content=_text(pairs, "featuredContent"),
        provider=_provider(pairs["provider"]) if _given(pairs, "provider") else None,
        topics=_list(pairs, "topics", _scalar),
        images=_list(pairs, "images", _image),
        related=_list(pairs, "related", _related),
        secured=_text(pairs, "secured"),
    )


def _related(node: yaml.Node) -> RelatedRecord:
    pairs = _pairs(node)
    return RelatedRecord(
        title=_text(pairs, "title"),
        excerpt=_text(pairs, "excerpt"),
        published_at=_date(pairs, "publishedDateTime"),
        web_url=_text(pairs, "webUrl"),
        amp_url=_text(pairs, "ampWebUrl"),
        cdn_amp_url=_text(pairs, "cdnAmpWebUrl"),
        type=_type(pairs),
        provider=_provider(pairs["provider"]) if _given(pairs, "provider") else Provider(name="", domain=""),
        quality=_number(pairs, "quality"),
        images=_list(pairs, "images", _image),
    )


def _provider(node: yaml.Node) -> Provider:
    pairs = _pairs(node)
    return Provider(name=_text(pairs, "name"), domain=_text(pairs, "domain"), images=_list(pairs, "images", _image))


def _image(node: yaml.Node) -> Image:
    pairs = _pairs(node)
    return Image(
        url=_text(pairs, "url"),
        width=_number(pairs, "width") or 0,
        height=_number(pairs, "height") or 0,
        title=_text(pairs, "title"),
        is_cached=_boolean(pairs, "isCached") or False,
    )


def _pairs(node: yaml.Node) -> Pairs:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node, "fields were expected here")
    pairs: Pairs = {}
    for key, value in node.value:
        name = _scalar(key)
        if name in pairs:
            raise _wrong(key, f"{name} is given twice")
        pairs[name] = value
    return pairs


def _list(pairs: Pairs, name: str, read: Callable[[yaml.Node], T]) -> tuple[T, ...]:
    if not _given(pairs, name):
        return ()
    node = pairs[name]
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(node, f"{name} is not a list")
    if len(node.value) > MAX_ITEMS:
        raise _wrong(node, f"{name} has more than {MAX_ITEMS} entries")
    return tuple(read(item) for item in node.value)


def _text(pairs: Pairs, name: str) -> str:
    return _scalar(pairs[name]) if _given(pairs, name) else ""


def _number(pairs: Pairs, name: str) -> int | None:
    if not _given(pairs, name):
        return None
    text = _scalar(pairs[name])
    if not _INTEGER.fullmatch(text) or abs(int(text)) > MAX_NUMBER:
        raise _wrong(pairs[name], f"{name} is not a whole number")
    return int(text)


def _boolean(pairs: Pairs, name: str) -> bool | None:
    if not _given(pairs, name):
        return None
    value = _BOOLEANS.get(_scalar(pairs[name]).lower())
    if value is None:
        raise _wrong(pairs[name], f"{name} is neither true nor false")
    return value


def _date(pairs: Pairs, name: str) -> datetime | None:
    """A date of ISO 8601, in UTC where it names no zone, as YAML has it too."""
    if not _given(pairs, name):
        return None
    try:
        moment = datetime.fromisoformat(_scalar(pairs[name]))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(pairs[name], f"{name} is not a date such as 2020-11-18T02:41:00Z") from None


def _type(pairs: Pairs) -> ArticleType:
    text = _text(pairs, "type") or "article"
    if text not in _TYPES:
        raise _wrong(pairs["type"], f"type is none of {', '.join(_TYPES)}")
    return _TYPES[text]


def _given(pairs: Pairs, name: str) -> bool:
    node = pairs.get(name)
    return node is not None and node.tag != _NULL


def _scalar(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _wrong(node, "text was expected here")
    return str(node.value)


def _index(event: yaml.Event | None) -> int:
    return event.start_mark.index if event and event.start_mark else 0


def _wrong(node: yaml.Node, reason: str) -> FieldError:
    return FieldError(node.start_mark.index, reason)
