"""Writing the files that a change touches, and committing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from broadsheet.edition import leftovers
from broadsheet.edition.rendering import CHUNK, render
from broadsheet.edition.run import Run
from broadsheet.errors import PublishError, RecordError
from broadsheet.models import Problem, Record, Report
from broadsheet.publish.files import inside, put
from broadsheet.publish.git import Changes, commit, describe
from broadsheet.publish.git_push import push
from broadsheet.publish.outputs import jobs
from broadsheet.publish.places import Places, places
from broadsheet.publish.record import edited, parse_record, render_record
from broadsheet.publish.site_templates import read_assets
from broadsheet.settings import Settings
from broadsheet.store import earlier, editions, shelf
from broadsheet.store.shelf import Shelf

OVERRIDES = "theme"  # the newsroom's own templates and styles


def publish(run: Run) -> Report:
    """Write and commit what waits for it, and end the edition. Nothing is written when nothing waits."""
    now = places(run.settings, read_assets(run.newsroom.folder / OVERRIDES))
    with run.database.transaction() as connection:
        paths = _write(run, connection, now)
    made = _commit(run, paths) if paths else ""
    report = run.report(made)
    with run.database.transaction() as connection:
        shelf.clear_dirty(connection)
        editions.save_fact(connection, "published", "yes")
        leftovers.remember(connection, now)
        editions.save_report(connection, report, finished=True)
    return report


def _write(run: Run, connection: Connection, now: Places) -> list[str]:
    """Write the files of what is dirty; the paths of all of them, as a killed run may have written some of them before."""
    if not shelf.waits(connection) and editions.fact(connection, "published"):
        return []
    settings = run.settings
    old = leftovers.before(connection) or now
    paths = list(leftovers.bring_along(run, old, now))
    paths += _told(run, put(run.newsroom.folder, _records(run, connection)))
    touched = write_pages(connection, settings, run.newsroom.output, run.newsroom.folder / OVERRIDES)
    paths += [f"{settings.publish.folder}/{name}" for name in _told(run, touched)]
    return paths + list(leftovers.take_away(run, connection, old, now))


def write_pages(connection: Connection, settings: Settings, output: Path, theme: Path | None) -> Iterator[tuple[str, bool]]:
    """Write into the folder ``output`` what a change of the dirty stories touches; give (path, whether it changed)."""
    todo = jobs(
        shelf.dirty_batches(connection, CHUNK),
        shelf.dirty_gone(connection),
        topics=shelf.dirty(connection, "topic"),
        months=shelf.dirty(connection, "month"),
        days=shelf.dirty(connection, "day"),
        outlets=shelf.dirty(connection, "outlet"),
        shelf=Shelf(connection, [source.url for source in settings.sources]),
        settings=settings,
    )
    yield from put(output, render(todo, settings, theme, output, shelf.count_dirty(connection)))


def _told(run: Run, files: Iterable[tuple[str, bool]]) -> list[str]:
    names = []
    for name, changed in files:
        names.append(name)
        run.counts["files written"] += changed
        if len(names) % 100 == 0:
            run.progress("publish", len(names), 0)
    return names


def _dirty(connection: Connection) -> Iterator[tuple[Record, list[Record]]]:
    """The records that wait to be written, each with all forms of it that its file may have from us."""
    after = ""
    while batch := [story.record for story in shelf.dirty_stories(connection, after)]:
        before = earlier.forms(connection, [record.path for record in batch])
        yield from ((record, [record, *before.get(record.path, ())]) for record in batch)
        after = batch[-1].path


def _records(run: Run, connection: Connection) -> Iterator[tuple[str, bytes | None]]:
    """The records that changed, each with all that its people added to it or corrected in it.

    One that they made unreadable is left to them and reported.
    """
    for record, ours in _dirty(connection):
        path = inside(run.newsroom.folder, record.path)
        try:
            previous = parse_record(record.path, path.read_bytes()) if path.exists() else None
        except (RecordError, OSError) as error:
            run.problem(Problem(room="publish", where=record.path, reason=f"{error}; the file was left as it is"))
            continue
        yield record.path, render_record(record, previous, edited(previous, ours) if previous else ())


def _commit(run: Run, paths: list[str]) -> str:
    settings = run.settings.publish
    if not settings.git:
        return ""
    owned = [*paths, f"{settings.folder}/assets/"]
    said = partial(_message, run)
    made = commit(run.newsroom.folder, owned, said, run.at, settings.author, settings.branch)
    if made and settings.remote:
        try:
            push(run.newsroom.folder, settings.remote, settings.branch)
        except PublishError as error:
            run.problem(Problem(room="publish", where=settings.remote, reason=f"{error}; the next edition pushes again"))
    return made


def _message(run: Run, changes: Changes) -> str:
    return f"{describe(changes)}\nEdition {run.number} of {run.at:%Y-%m-%d %H:%M} UTC\n"
