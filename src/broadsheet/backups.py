"""A newsroom in one file, and back: its folder, its key, and all that its database remembers.

The database goes in row by row and not as its own file, so that a backup of SQLite can be restored into PostgreSQL and the
other way round: this is also how a newsroom moves from one to the other.
"""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from itertools import chain
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from broadsheet import __version__
from broadsheet.config import CONFIG_FILE
from broadsheet.edition import Progress
from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.newsroom import Newsroom, locked, open_newsroom
from broadsheet.store import Database, copying
from broadsheet.store.database import SCHEMA

FORMAT = 1
ABOUT, FILES, ROWS = "backup.json", "newsroom", "rows"


class About(msgspec.Struct, frozen=True):
    """What a backup is: of which form, schema and version of Broadsheet, made when."""

    format: int
    schema: str
    version: str
    at: datetime


def backup(newsroom: Newsroom, file: Path, at: datetime, progress: Progress) -> None:
    """Write the newsroom to a new ``file`` that its owner alone can read. No edition runs meanwhile. Raises BroadsheetError."""
    if file.exists():
        raise BroadsheetError(f"{file} is there already; choose another name")
    partial = file.with_name(file.name + ".partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with locked(newsroom), closing(Database(newsroom.store_url)) as database:
            opened = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(opened, "wb") as out, tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
                _add_bytes(tar, ABOUT, msgspec.json.encode(About(FORMAT, SCHEMA, __version__, at)))
                _add_files(tar, newsroom, leave=(file.resolve(), partial.resolve()))
                _add_rows(tar, database, progress)
        partial.replace(file)
    except OSError as error:
        raise BroadsheetError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def _add_files(tar: tarfile.TarFile, newsroom: Newsroom, leave: tuple[Path, ...]) -> None:
    state = newsroom.state
    for path in _walk(newsroom.folder):
        if path in leave or (path.parent == state and (path.name == "lock" or path.name.startswith("broadsheet.db"))):
            continue
        tar.add(path, f"{FILES}/{path.relative_to(newsroom.folder).as_posix()}", recursive=False)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)


def _add_rows(tar: tarfile.TarFile, database: Database, progress: Progress) -> None:
    tables = copying.TABLES
    with database.reading() as connection:
        for done, table in enumerate(tables):
            progress("backup", done, len(tables))
            with tempfile.TemporaryFile() as rows:
                for part in copying.rows(connection, table):
                    packed = msgspec.msgpack.encode(part)
                    rows.write(len(packed).to_bytes(8, "big") + packed)
                info = tarfile.TarInfo(f"{ROWS}/{table.name}")
                info.size = rows.tell()
                rows.seek(0)
                tar.addfile(info, rows)


def restore(file: Path, folder: Path, progress: Progress, store: str = "") -> Newsroom:
    """Make the newsroom of a backup again in a new or empty ``folder``. Raises BroadsheetError.

    ``store``: the address of an empty database to take the place of the one it had; needed when that one is still in use.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BroadsheetError(f"{folder} is not empty; restore into a new folder")
    try:
        with tarfile.open(file, "r:gz") as tar:
            _check(tar, file)
            folder.mkdir(parents=True, exist_ok=True)
            return _restore(tar, folder, store, progress)
    except (tarfile.TarError, EOFError, OSError, msgspec.MsgspecError) as error:
        raise BroadsheetError(f"{file} cannot be restored: {str(error).splitlines()[0]}") from None


def _check(tar: tarfile.TarFile, file: Path) -> None:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == ABOUT else None
    if content is None:
        raise BroadsheetError(f"{file} is no backup of a newsroom")
    about = msgspec.json.decode(content.read(), type=About)
    if (about.format, about.schema) != (FORMAT, SCHEMA):
        raise BroadsheetError(f"{file} was made by Broadsheet {about.version}; restore it with that version, then upgrade")


def _restore(tar: tarfile.TarFile, folder: Path, store: str, progress: Progress) -> Newsroom:
    members = iter(tar)
    for first in members:
        place, _, name = first.name.partition("/")
        if place == ROWS:
            break
        if place == FILES:
            tar.extract(first.replace(name=name, deep=False), folder, filter="data")
    else:
        raise BroadsheetError("it holds no database; the backup is damaged")
    newsroom = _opened(folder, store)
    with closing(_empty(newsroom)) as database, database.transaction() as connection:
        for done, info in enumerate(chain([first], members), 1):
            _bring_back(connection, tar, info)
            progress("restore", done, len(copying.TABLES))
    return newsroom


def _bring_back(connection: Connection, tar: tarfile.TarFile, info: tarfile.TarInfo) -> None:
    table = copying.BY_NAME.get(info.name.removeprefix(f"{ROWS}/"))
    if table is None:
        raise BroadsheetError(f"it holds {info.name}, which is no table of a newsroom; the backup is damaged")
    for part in _parts(tar, info):
        copying.add_rows(connection, table, part)
    copying.count_on(connection, table)


def _opened(folder: Path, store: str) -> Newsroom:
    newsroom = open_newsroom(folder)
    if not store:
        return newsroom
    chosen = msgspec.structs.replace(newsroom.settings.store, url=store)
    return msgspec.structs.replace(newsroom, settings=msgspec.structs.replace(newsroom.settings, store=chosen))


def _empty(newsroom: Newsroom) -> Database:
    database = Database(newsroom.store_url)
    with database.reading() as connection:
        if copying.holds_something(connection):
            database.close()
            raise StoreError(
                f"{database.name} holds a newsroom already; name an empty one with --store, and set store.url in {CONFIG_FILE}"
            )
    return database


def _parts(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[list[dict[str, object]]]:
    content = tar.extractfile(info)
    if content is None:
        raise BroadsheetError(f"{info.name} is no file; the backup is damaged")
    with content:
        while size := content.read(8):
            yield msgspec.msgpack.decode(content.read(int.from_bytes(size, "big")), type=list[dict[str, object]])
