"""Several processes read the pages of one edition: which pages they are, and who reads those of which hosts.

A process claims whole hosts, so that a host sees one polite client however many there are. What it read is in the store at
once; a killed one leaves nothing behind but claims, which end with it (`broadsheet.store.claims`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection

from broadsheet.edition.run import Run
from broadsheet.store import editions, frontier
from broadsheet.store.claims import Claims

SHARE = 1000  # pages claimed at once, or one host's
READING = "reading"  # the fact that says of which edition pages are read, and up to which key


def open_reading(connection: Connection, run: Run) -> None:
    """Say which pages are to be read in this edition. What a killed run said of it counts on."""
    if _opened(connection)[0] == run.number:
        return
    keys = frontier.waiting(connection, run.number, run.settings.gather.pages_per_edition)
    editions.save_fact(connection, READING, f"{run.number} {keys[-1] if keys else ''}")


def waiting(connection: Connection, run: Run) -> list[str]:
    """Keys of the pages that are still to be read in this edition."""
    number, until = _opened(connection)
    if number != run.number or not until:
        return []
    return frontier.waiting(connection, run.number, run.settings.gather.pages_per_edition, until)


def close_reading(connection: Connection, run: Run) -> None:
    """All are read: take in what helpers have to report."""
    editions.save_fact(connection, READING, f"{run.number} ")
    run.take_shares(connection)


def under_way(connection: Connection) -> int:
    """The number of the edition whose pages are being read, 0 for none."""
    number, until = _opened(connection)
    return number if until else 0


def take(claims: Claims, keys: Sequence[str], *, whole: bool) -> list[str]:
    """A share of the pages whose hosts this process has claimed; ``whole``: all of them, as nobody else reads."""
    if whole:
        return list(keys)
    taken: list[str] = []
    for host, group in groupby(keys, lambda key: key.partition("/")[0]):
        if len(taken) >= SHARE:
            break
        if claims.claim(host):
            taken += group
    return taken


def _opened(connection: Connection) -> tuple[int, str]:
    number, _, until = editions.fact(connection, READING).partition(" ")
    return int(number or 0), until
