"""What is wrong with a newsroom, and what to mend: its settings, sources, records, key, database and repository."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from broadsheet.errors import BroadsheetError, RecordError, SealError
from broadsheet.models import SourceState, Value
from broadsheet.newsroom import RECORDS_FOLDER, Newsroom, open_newsroom, remembered
from broadsheet.publish.record import parse_record
from broadsheet.publish.seal import VARIABLE, Sealer, load_keys
from broadsheet.store import editions, frontier, shelf
from broadsheet.store.search_query import parse
from broadsheet.store.shelf import Shelf

Level = Literal["good", "note", "wrong"]


class Finding(Value, frozen=True):
    """One thing looked at: ``what`` was found, and what to ``mend``, empty when all is well."""

    level: Level
    where: str
    what: str
    mend: str = ""


def examine(folder: Path) -> Iterator[Finding]:
    """Look at a newsroom and say what is found, as it is found. Changes nothing."""
    try:
        newsroom = open_newsroom(folder)
    except BroadsheetError as error:
        yield Finding(level="wrong", where="settings", what=str(error), mend="edit that line")
        return
    settings = newsroom.settings
    yield _good("settings", f"{len(settings.sources)} sources, {len(settings.topics)} topics")
    yield from _settings(newsroom)
    yield from _git(newsroom)
    sealer = None
    for finding, opened in _key(newsroom):
        sealer = opened
        yield finding
    yield from _database(newsroom)
    yield from _records(newsroom, sealer)


def _good(where: str, what: str) -> Finding:
    return Finding(level="good", where=where, what=what)


def _settings(newsroom: Newsroom) -> Iterator[Finding]:
    settings = newsroom.settings
    if not settings.sources:
        yield Finding(
            level="wrong", where="settings", what="there are no sources", mend="`broadsheet add URL` finds the feeds of a site"
        )
    if not settings.topics:
        mend = "write topics in _data/topics/, or set curate.only_topics = false"
        yield Finding(level="note", where="settings", what="there are no topics, so every article counts", mend=mend)
    if not settings.newsroom.contact:
        mend = "set newsroom.contact to a mailbox or address"
        yield Finding(level="note", where="settings", what="hosts are not told how to reach you", mend=mend)
    if settings.newsroom.url.startswith("http://localhost"):
        mend = "set newsroom.url to where the published folder is served"
        yield Finding(level="note", where="settings", what="feeds and sitemaps name http://localhost", mend=mend)
    for name, query in sorted(settings.search.saved.items()):
        for problem in parse(query).problems:
            yield Finding(level="wrong", where=f"search.saved.{name}", what=problem, mend="correct the query")
    for source in settings.sources:
        if source.is_local and not (newsroom.folder / source.url).is_file():
            yield Finding(level="wrong", where=source.url, what="the archive is not there", mend="correct or remove the source")


def _git(newsroom: Newsroom) -> Iterator[Finding]:
    if not newsroom.settings.publish.git:
        yield _good("git", "not used (publish.git = false)")
    elif shutil.which("git") is None:
        yield Finding(
            level="wrong", where="git", what="the git command is missing", mend="install git, or set publish.git = false"
        )
    elif not (newsroom.folder / ".git").exists():
        yield Finding(level="note", where="git", what="no repository yet", mend="the first edition makes one")
    else:
        yield _good("git", "the repository is there")


def _key(newsroom: Newsroom) -> Iterator[tuple[Finding, Sealer | None]]:
    try:
        keys = load_keys(os.environ, newsroom.key_file)
    except SealError as error:
        yield (
            Finding(level="wrong", where="key", what=str(error), mend="restore the key; without it seals cannot be opened"),
            None,
        )
        return
    if not keys:
        mend = f"set {VARIABLE}, or run `broadsheet init .`"
        yield Finding(level="note", where="key", what="no key, so records carry no sealed notes", mend=mend), None
        return
    yield _good("key", f"{len(keys)} keys" if len(keys) > 1 else "a key is there"), Sealer(keys)
    if newsroom.key_file.exists() and newsroom.key_file.stat().st_mode & 0o077:
        mend = f"chmod 600 {newsroom.key_file}"
        yield Finding(level="wrong", where="key", what="the key file can be read by others", mend=mend), Sealer(keys)


def _database(newsroom: Newsroom) -> Iterator[Finding]:
    try:
        with remembered(newsroom) as connection:
            states = Shelf(connection, [source.url for source in newsroom.settings.sources]).sources()
            counts = frontier.entry_counts(connection)
            unfinished = editions.under_way(connection)
    except BroadsheetError as error:
        yield Finding(level="wrong", where="database", what=str(error), mend="correct store.url, or start the server")
        return
    said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    yield _good("database", f"entries: {said or 'none yet'}")
    if unfinished:
        mend = "`broadsheet run` takes it up where it stood"
        yield Finding(level="note", where="database", what="the last edition was interrupted", mend=mend)
    yield from (finding for state in states if (finding := _source(state)))


def _source(state: SourceState) -> Finding | None:
    if state.retired:
        return Finding(level="wrong", where=state.url, what="is gone for good (410)", mend="remove the source")
    if state.problem:
        times = f"failed {state.failures} times in a row: " if state.failures > 1 else ""
        return Finding(
            level="wrong",
            where=state.url,
            what=f"{times}{state.problem}",
            mend="check the address; it is asked again by itself",
        )
    if state.moved_to:
        return Finding(
            level="note",
            where=state.url,
            what=f"has moved to {state.moved_to}",
            mend="write the new address in broadsheet.toml",
        )
    return None


def _records(newsroom: Newsroom, sealer: Sealer | None) -> Iterator[Finding]:
    """Look at every record's file: whether it can be read, whether its seal opens, whether it is in the database."""
    paths = sorted((newsroom.folder / RECORDS_FOLDER).glob("*.md"))
    foreign = _foreign(newsroom, [f"{RECORDS_FOLDER}/{path.name}" for path in paths])
    wrong = 0
    for path in paths:
        name = f"{RECORDS_FOLDER}/{path.name}"
        for finding in _record(name, path, sealer, is_foreign=name in foreign):
            wrong += 1
            yield finding
    yield _good("records", f"{len(paths)} looked at, {wrong} with something to say")


def _foreign(newsroom: Newsroom, names: list[str]) -> set[str]:
    """Those of the records that the database does not know; none when it cannot be asked, which was said already."""
    try:
        with remembered(newsroom) as connection:
            return set(names) - shelf.taken(connection, names)
    except BroadsheetError:
        return set()


def _record(name: str, path: Path, sealer: Sealer | None, *, is_foreign: bool) -> Iterator[Finding]:
    try:
        record = parse_record(name, path.read_bytes()).record
    except (RecordError, OSError) as error:
        yield Finding(level="wrong", where=name, what=str(error), mend="mend the front matter, or restore it with git")
        return
    if record.secured and sealer is not None and not sealer.is_ours(name, record.secured):
        what = "its seal opens with none of our keys: foreign, moved from another record, or altered"
        yield Finding(level="note", where=name, what=what, mend="nothing, if it came from elsewhere; else restore it with git")
    if is_foreign:
        yield Finding(level="note", where=name, what="is not of this newsroom's making and is left as it is")
