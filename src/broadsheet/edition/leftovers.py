"""Taking away what a change of settings left behind: the pages of a topic that is no more, a published folder's old name."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection

from broadsheet.edition import logos, pictures
from broadsheet.edition.run import Run
from broadsheet.publish.files import inside, move, put, remove_empty
from broadsheet.publish.places import Places, every, left
from broadsheet.store import editions, shelf

FACT = "places"
KEPT = (logos.FOLDER, pictures.FOLDER)  # what is not made anew when the folder has another name


def remember(connection: Connection, now: Places) -> None:
    """Note where the files are that were published."""
    editions.save_fact(connection, FACT, msgspec.json.encode(now).decode())


def before(connection: Connection) -> Places | None:
    """Where the files of the last edition are; None when it is not known."""
    said = editions.fact(connection, FACT)
    return msgspec.json.decode(said, type=Places) if said else None


def bring_along(run: Run, old: Places, now: Places) -> Iterator[str]:
    """Have the kept pictures in the folder under its new name; the folders in the newsroom that they leave."""
    if old.folder == now.folder:
        return
    root = inside(run.newsroom.folder, old.folder)
    for folder in KEPT:
        move(inside(root, folder), run.newsroom.output / folder)
        remove_empty(root / folder, run.newsroom.folder)
        yield f"{old.folder}/{folder}/"


def take_away(run: Run, connection: Connection, old: Places, now: Places) -> Iterator[str]:
    """Remove the files that nothing leads to any more, and no others; their paths in the newsroom."""
    if old.folder == now.folder:
        gone = left(old, now)
    else:
        kinds = {f"{kind}s": shelf.names(connection, kind) for kind in ("month", "day", "outlet")}
        every_one = every(old, shelf.paths(connection), **kinds)
        gone = (name for name in every_one if not f"{old.folder}/{name}".startswith(f"{now.folder}/"))
    root = inside(run.newsroom.folder, old.folder)
    for name, _ in put(root, ((name, None) for name in gone)):
        yield f"{old.folder}/{name}"
    remove_empty(root, run.newsroom.folder)
