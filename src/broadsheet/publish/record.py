"""A record's file: read into typed values, and written so that what people added to it stays where they put it. Pure.

The form is on the page "record" of the manual. A file is taken apart into its top-level fields as they stand, each with the
empty lines and comments before it. When it is written again, only the fields whose value changed are written anew; the others,
those of other people among them, keep their bytes, and so do line ends, a byte order mark and the body.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import yaml

from broadsheet.errors import RecordError
from broadsheet.models import Record, Value
from broadsheet.publish import record_fields
from broadsheet.publish.record_form import BLOCKS, FIELDS, MEASURED, fields
from broadsheet.text import slugify

MAX_BYTES = 2_000_000

_OPENING = re.compile(r"\ufeff?---[ \t]*(\r?\n)")
_LINE = re.compile(r"[^\n]*\n")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.M)


class Field(Value, frozen=True):
    """One top-level field as it stands in a file: ``before`` are the empty lines and comments above it."""

    name: str
    before: str
    text: str  # with its line end
    comment: str = ""  # behind a value of one line


class RecordFile(Value, frozen=True):
    """A record with the file it was read from."""

    record: Record
    newline: str = "\n"
    opening: str = "---\n"
    closing: str = "---\n\n"  # the last marker and the body; may begin with comments of the front matter
    fields: tuple[Field, ...] = ()


def parse_record(path: str, content: bytes) -> RecordFile:
    """The record in ``content``, the bytes of the file at ``path`` (relative to the newsroom).

    Raises RecordError, with the line, when the bytes are too many, not UTF-8, or not of the form of a record.
    """
    text = _decode(path, content)
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if not opening or not closing:
        raise RecordError(f"{path}, line 1: no front matter between two lines of ---")
    start, end = opening.end(), closing.start()
    try:
        nodes = record_fields.load(text[start:end])
        record = record_fields.record(path, nodes)
    except record_fields.FieldError as error:
        line = text.count("\n", 0, start + error.index) + 1
        raise RecordError(f"{path}, line {line}: {error}") from error
    parts, rest = _take_apart(text[start:end], nodes)
    return RecordFile(
        record=record, newline=opening.group(1), opening=opening.group(), closing=rest + text[end:], fields=tuple(parts)
    )


def edited(file: RecordFile, ours: Sequence[Record]) -> list[str]:
    """The fields that a person corrected: what ``file`` says there, no record of ``ours`` said.

    ``ours`` are the forms that we may have written there. Fields that are measured anew all the time are never among them.
    """
    found, said = fields(file.record), [fields(record) for record in ours]
    return [name for name in FIELDS if name not in MEASURED and all(form.get(name) != found.get(name) for form in said)]


def render_record(record: Record, previous: RecordFile | None = None, kept: Iterable[str] = ()) -> bytes:
    """The bytes of ``record``'s file. ``previous`` is the file as it is now, whose additions and line ends are kept.

    So are its fields that are named in ``kept``, whatever the record says there.
    """
    if previous is None:
        previous = RecordFile(record=record)
    newline = previous.newline
    new, old = fields(record), fields(previous.record) if previous.fields else {}
    for name in kept:
        new.pop(name, None)
        if name in old:
            new[name] = old[name]
    parts = list(_kept(previous.fields, new, old, newline))
    present = {part.name for part in parts}
    for name, lines in new.items():
        if name not in present and lines != old.get(name):
            _insert(parts, name, _lines(lines, newline), newline)
    inner = "".join(part.before + part.text for part in parts)
    return (previous.opening + inner + previous.closing).encode()


def record_path(title: str, published_at: datetime, taken: Callable[[str], bool]) -> str:
    """The path of a new record: day of publication (UTC) and slug of the title; a taken one gets ``-2``, ``-3`` and so on.

    A title without a Latin letter or digit is named by a digest of it instead of a slug.
    """
    slug = slugify(title) or hashlib.blake2b(title.encode("utf-8", "replace"), digest_size=6).hexdigest()
    stem = f"_news/{published_at.astimezone(UTC).date().isoformat()}-{slug}"
    path, number = f"{stem}.md", 1
    while taken(path):
        number += 1
        path = f"{stem}-{number}.md"
    return path


def record_name(path: str) -> str:
    """The name of a record's pages: its file's name without the ending."""
    return path.rpartition("/")[2].removesuffix(".md")


def _decode(path: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise RecordError(f"{path}: larger than {MAX_BYTES} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RecordError(f"{path}, line {line}: not UTF-8") from error


def _take_apart(text: str, nodes: list[tuple[yaml.Node, yaml.Node]]) -> tuple[list[Field], str]:
    """The fields of a front matter as they stand, and what follows the last of them."""
    starts = [key.start_mark.index for key, _ in nodes]
    parts, before = [], text[: starts[0]]
    for (key, value), start, end in zip(nodes, starts, [*starts[1:], len(text)], strict=True):
        block, gap = _split_gap(text[start:end])
        parts.append(Field(name=key.value, before=before, text=block, comment=_comment(block, value, start)))
        before = gap
    return parts, before


def _split_gap(text: str) -> tuple[str, str]:
    """A field's text without the empty lines and unindented comments at its end, which belong to the next; and those."""
    lines = _LINE.findall(text)
    cut = len(lines)
    while cut > 1 and (not lines[cut - 1].strip() or lines[cut - 1].startswith("#")):
        cut -= 1
    return "".join(lines[:cut]), "".join(lines[cut:])


def _comment(block: str, value: yaml.Node, start: int) -> str:
    """What stands behind a scalar on its last line, when that is a comment."""
    if not isinstance(value, yaml.ScalarNode):
        return ""
    rest = block[value.end_mark.index - start :].rstrip("\r\n")
    return rest if rest.lstrip().startswith("#") and "\n" not in rest else ""


def _kept(parts: Iterable[Field], new: dict[str, list[str]], old: dict[str, list[str]], newline: str) -> Iterable[Field]:
    """The fields of the previous file: others' and unchanged ones as they stand, changed ones anew, dropped ones left out."""
    orphaned = ""
    for part in parts:
        if part.name in FIELDS and part.name not in new and part.name in old:
            orphaned += part.before if "#" in part.before else ""
            continue
        text = part.text
        if part.name in FIELDS and new.get(part.name) != old.get(part.name):
            lines = new[part.name]
            text = _lines([*lines[:-1], lines[-1] + part.comment], newline)
        yield Field(name=part.name, before=orphaned + part.before, text=text)
        orphaned = ""
    if orphaned:
        yield Field(name="", before=orphaned, text="")


def _insert(parts: list[Field], name: str, text: str, newline: str) -> None:
    """Put a field where the form has it: behind the nearest of those that go before it."""
    ahead = FIELDS[: FIELDS.index(name)]
    place = max((number for number, part in enumerate(parts, 1) if part.name in ahead), default=0)
    parts.insert(place, Field(name=name, before=newline if name in BLOCKS else "", text=text))


def _lines(lines: Iterable[str], newline: str) -> str:
    return "".join(line + newline for line in lines)
