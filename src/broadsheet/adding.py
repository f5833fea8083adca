"""Adding sites to a newsroom: their feeds are found and written into ``broadsheet.toml`` as its owner would write them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from broadsheet.config import CONFIG_FILE, TOPICS_FOLDER, load_settings
from broadsheet.edition.pipeline import ClientMaker, polite_client
from broadsheet.errors import BroadsheetError, ConfigError, FeedError, PublishError
from broadsheet.gather.addresses import PRIVATE
from broadsheet.gather.discovery import discover
from broadsheet.gather.opml import read_opml
from broadsheet.models import Source, Value
from broadsheet.newsroom import Newsroom
from broadsheet.packs import load_pack, topic_file
from broadsheet.publish.files import write
from broadsheet.text import fold_space


class Added(Value, frozen=True):
    """What came of one site: its best source, now added or ``known`` before; others found; or the problem."""

    url: str
    added: Source | None = None
    known: bool = False
    others: tuple[Source, ...] = ()
    problem: str = ""


async def add_sites(
    newsroom: Newsroom, urls: Sequence[str], at: datetime, *, allow_private: bool = False, client: ClientMaker = polite_client
) -> list[Added]:
    """Find the sources behind each address and add the best one. A site that fails is told in its result."""
    known = {source.url for source in newsroom.settings.sources}
    results = []
    async with client(newsroom, at) as asking:
        for url in urls:
            try:
                found = await discover(asking, url, allow_private=allow_private)
            except BroadsheetError as error:
                hint = "; --allow-private permits it" if str(error) == PRIVATE else ""
                results.append(Added(url=url, problem=f"{error}{hint}"))
                continue
            results.append(_choose(url, found, known))
    write_sources(newsroom, [result.added for result in results if result.added is not None])
    return results


def _choose(url: str, found: Sequence[Source], known: set[str]) -> Added:
    if not found:
        return Added(url=url, problem="no feed was found there; name the feed's own address if you know it")
    best, *others = found
    others = [source for source in others if source.kind == best.kind]
    if best.url in known:
        return Added(url=url, known=True, others=tuple(others))
    known.add(best.url)
    return Added(url=url, added=best, others=tuple(others))


def import_opml(newsroom: Newsroom, file: Path) -> tuple[list[Source], int]:
    """Add the feeds that an OPML file names; those added, and the number known before. Raises FeedError, ConfigError."""
    try:
        found = read_opml(file.read_bytes())
    except FeedError as error:
        raise FeedError(f"{file}: {error}") from None
    new = _new(newsroom, found)
    write_sources(newsroom, new)
    return new, len(found) - len(new)


def _new(newsroom: Newsroom, found: Iterable[Source]) -> list[Source]:
    """Those that are no sources of the newsroom yet."""
    known = {source.url for source in newsroom.settings.sources}
    return [source for source in found if source.url not in known]


class AddedPack(Value, frozen=True):
    """What came of a pack: the topics' files written, the topics that were there, its feeds, those of them now added."""

    written: tuple[Path, ...] = ()
    known: tuple[str, ...] = ()
    suggested: tuple[Source, ...] = ()
    added: tuple[Source, ...] = ()


def add_pack(newsroom: Newsroom, name: str, *, feeds: bool = False) -> AddedPack:
    """Write a pack's topics into the newsroom, one file each, none over a topic or file that is there.

    With ``feeds`` the pack's suggested feeds become sources. Raises ConfigError.
    """
    pack = load_pack(name)
    named = {topic.name for topic in newsroom.settings.topics}
    slugs = {topic.slug for topic in newsroom.settings.topics}
    folder = newsroom.folder / TOPICS_FOLDER
    written, known = [], []
    for topic in pack.topics:
        path = folder / f"{topic.shortname}.yaml"
        if topic.name in named or topic.topic.slug in slugs or path.exists():
            known.append(topic.name)
            continue
        folder.mkdir(parents=True, exist_ok=True)
        write(path, topic_file(topic).encode())
        written.append(path)
    new = _new(newsroom, pack.feeds) if feeds else []
    write_sources(newsroom, new)
    return AddedPack(written=tuple(written), known=tuple(known), suggested=pack.feeds, added=tuple(new))


def write_sources(newsroom: Newsroom, sources: Iterable[Source]) -> None:
    """Put sources at the end of ``broadsheet.toml``; all that stands in it, comments too, stays. Raises ConfigError."""
    tables = [_table(source) for source in sources]
    if not tables:
        return
    path = newsroom.folder / CONFIG_FILE
    before = path.read_text(encoding="utf-8")
    try:
        write(path, "\n".join([before.rstrip("\n"), "", *tables]).encode())
        load_settings(newsroom.folder)
    except (BroadsheetError, PublishError):
        write(path, before.encode())  # `sources` written as one inline list, to which no table can be added
        raise


class Removed(Value, frozen=True):
    """A source's table as it stood in ``broadsheet.toml``: which one of them, from which line on."""

    number: int
    line: int
    text: str


def remove_source(newsroom: Newsroom, url: str) -> Removed:
    """Take a source out of ``broadsheet.toml``; all else that stands in it stays. Raises ConfigError."""
    path = newsroom.folder / CONFIG_FILE
    text = path.read_text(encoding="utf-8")
    before = load_settings(newsroom.folder).sources
    number = next((place for place, source in enumerate(before) if source.url == url), None)
    if number is None:
        raise ConfigError(f"{url}: is no source of this newsroom")
    lines = text.splitlines(keepends=True)
    start, end = _table_at(lines, number)
    without = "".join(lines[:start] + lines[end:])
    if not _differ_by_source(text, without, number):
        raise ConfigError(f"{CONFIG_FILE}: {url} is not written as a table of its own; remove it there by hand")
    write(path, without.encode())
    return Removed(number=number, line=start, text="".join(lines[start:end]))


def restore_source(newsroom: Newsroom, removed: Removed) -> None:
    """Put a source back where it stood, or at the end when that has become another place. Raises ConfigError."""
    path = newsroom.folder / CONFIG_FILE
    text = path.read_text(encoding="utf-8")
    lines, count = text.splitlines(keepends=True), len(load_settings(newsroom.folder).sources)
    there = "".join([*lines[: removed.line], removed.text, *lines[removed.line :]])
    if _differ_by_source(there, text, removed.number):
        put = there
    else:
        put = f"{text.rstrip()}\n\n{removed.text.rstrip()}\n"
        if not _differ_by_source(put, text, count):
            raise ConfigError(f"{CONFIG_FILE}: the source cannot be put back into it; add it by hand")
    write(path, put.encode())
    try:
        load_settings(newsroom.folder)
    except BroadsheetError:
        write(path, text.encode())  # it is there again, written by somebody else
        raise


def _table_at(lines: Sequence[str], number: int) -> tuple[int, int]:
    """From where to where the so many-th ``[[sources]]`` table is; comments right above the next table are that one's."""
    headers = [place for place, line in enumerate(lines) if line.lstrip().startswith("[")]
    tables = [place for place in headers if re.match(r"\s*\[\[\s*sources\s*\]\]", lines[place])]
    if number >= len(tables):
        return 0, 0
    start = tables[number]
    end = next((place for place in headers if place > start), len(lines))
    while end > start + 1 and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return start, end


def _differ_by_source(before: str, after: str, number: int) -> bool:
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    rest = [source for place, source in enumerate(old.pop("sources", [])) if place != number]
    return new.pop("sources", []) == rest and old == new


def _table(source: Source) -> str:
    lines = ["[[sources]]", f"url = {_string(source.url)}"]
    if source.kind != "feed":
        lines.append(f"kind = {_string(source.kind)}")
    if source.title:
        lines.append(f"title = {_string(fold_space(source.title))}")
    if source.allow_private:
        lines.append("allow_private = true")
    return "\n".join([*lines, ""])


def _string(text: str) -> str:
    # a JSON string is a TOML basic string, but for the delete character
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")
