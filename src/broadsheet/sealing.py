"""Opening a record's seal, and giving all records a new key."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from broadsheet.edition.publishing import publish
from broadsheet.edition.run import Progress, Run
from broadsheet.errors import SealError
from broadsheet.newsroom import RECORDS_FOLDER, Newsroom, locked
from broadsheet.publish.files import write
from broadsheet.publish.record import parse_record
from broadsheet.publish.seal import VARIABLE, Notes, Sealer, load_keys, new_key
from broadsheet.store import Database, shelf

BATCH = 500


def open_seal(newsroom: Newsroom, file: Path) -> Notes:
    """The private notes of a record's file. Raises RecordError for what is no record, SealError for a seal not ours."""
    name = f"{RECORDS_FOLDER}/{file.name}"
    record = parse_record(name, file.read_bytes()).record
    if not record.secured:
        raise SealError(f"{file}: carries no seal")
    return Sealer(load_keys(os.environ, newsroom.key_file)).unseal(name, record.secured)


def rotate_keys(newsroom: Newsroom, at: datetime, progress: Progress) -> int:
    """Put a new key before the old ones in the key file, seal every record with it, publish; the number of records.

    With keys in the environment, the new key is its owner's to put first there; the records are then sealed with that one.
    Killed half way, run it again: every seal opens with one of the keys.
    """
    with locked(newsroom):
        if not os.environ.get(VARIABLE, "").strip():
            _put_key(newsroom.key_file)
        with closing(Database(newsroom.store_url)) as database:
            run = Run(newsroom, database, at, progress)
            count = _reseal(run, Sealer(load_keys(os.environ, newsroom.key_file)))
            publish(run)
            return count


def _put_key(path: Path) -> None:
    before = path.read_text("ascii") if path.exists() else ""
    write(path, f"{new_key()}\n{before}".encode("ascii"))
    path.chmod(0o600)


def _reseal(run: Run, sealer: Sealer) -> int:
    count, after = 0, ""
    while True:
        with run.database.transaction() as connection:
            batch = shelf.after_path(connection, after, BATCH)
            for story in batch:
                record = story.record
                if not record.secured or not sealer.is_ours(record.path, record.secured):
                    continue
                sealed = msgspec.structs.replace(record, secured=sealer.reseal(record.path, record.secured))
                shelf.save(connection, msgspec.structs.replace(story, record=sealed), run.at)
                count += 1
        if not batch:
            return count
        after = batch[-1].record.path
        run.progress("seal", count, 0)
