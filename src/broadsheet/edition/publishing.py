"""Writing the files that a change touches, and committing them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection

from broadsheet.edition.run import Run
from broadsheet.errors import PublishError, RecordError
from broadsheet.models import Problem, PublishedStory, Record, Report
from broadsheet.publish.files import inside, remove, write
from broadsheet.publish.git import Changes, commit, describe
from broadsheet.publish.git_push import push
from broadsheet.publish.outputs import outputs
from broadsheet.publish.record import parse_record, render_record
from broadsheet.publish.site import Site
from broadsheet.store import editions, shelf
from broadsheet.store.shelf import Shelf

OVERRIDES = "theme"  # the newsroom's own templates and styles


def publish(run: Run) -> Report:
    """Write and commit what waits for it, and end the edition. Nothing is written when nothing waits."""
    with run.database.transaction() as connection:
        paths = _write(run, connection)
    made = _commit(run, paths) if paths else ""
    report = run.report(made)
    with run.database.transaction() as connection:
        shelf.clear_dirty(connection)
        editions.save_report(connection, report, finished=True)
    return report


def _write(run: Run, connection: Connection) -> list[str]:
    """Write the files of what is dirty; the paths of all of them, as a killed run may have written some of them before."""
    topics, months = shelf.dirty(connection, "topic"), shelf.dirty(connection, "month")
    stories = shelf.dirty_stories(connection, limit=1)
    if not stories and not topics and not months and editions.fact(connection, "published"):
        return []
    paths: list[str] = []
    for story in _dirty(connection):
        paths.append(story.record.path)
        run.counts["files written"] += _write_record(run, story.record)
        _tell(run, paths)
    folder = run.settings.publish.folder
    site = Site(run.settings, run.newsroom.folder / OVERRIDES)
    shown = Shelf(connection, [source.url for source in run.settings.sources])
    touched = outputs(_dirty(connection), topics=topics, months=months, shelf=shown, settings=run.settings, site=site)
    for name, content in touched:
        path = inside(run.newsroom.output, name)
        run.counts["files written"] += remove(path) if content is None else write(path, content)
        paths.append(f"{folder}/{name}")
        _tell(run, paths)
    editions.save_fact(connection, "published", "yes")
    return paths


def _tell(run: Run, paths: list[str]) -> None:
    if len(paths) % 100 == 0:
        run.progress("publish", len(paths), 0)


def _dirty(connection: Connection) -> Iterator[PublishedStory]:
    after = ""
    while batch := shelf.dirty_stories(connection, after):
        yield from batch
        after = batch[-1].record.path


def _write_record(run: Run, record: Record) -> bool:
    """Write a record, with all that its people added to it. One that they made unreadable is left to them and reported."""
    path = inside(run.newsroom.folder, record.path)
    try:
        previous = parse_record(record.path, path.read_bytes()) if path.exists() else None
        return write(path, render_record(record, previous))
    except (RecordError, OSError) as error:
        run.problem(Problem(room="publish", where=record.path, reason=f"{error}; the file was left as it is"))
        return False


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
