"""Which of several processes on one PostgreSQL database does what. On SQLite one process does all.

Claims are the database's own advisory locks, held by a connection: they end with the process that holds them, however it ends,
so that no claim of a dead one is ever waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.store.database import Database
from broadsheet.store.editions import save_fact
from broadsheet.store.tables import facts

LEADING = "edition"  # the claim of the process that makes the edition
REGROUPING = "regrouping"
_SPACE = 7236016  # keeps our locks apart from others' on the same database


class Claims:
    """Names that this process alone works on. Use as a context manager; raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._held: list[str] = []

    def __enter__(self) -> Self:
        if self._database.is_shared:
            try:
                self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            except SQLAlchemyError as error:
                raise StoreError(f"{self._database.name}: {error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection is not None:
            self.release()
            self._connection.close()

    def claim(self, name: str) -> bool:
        """Whether the name is this process's own now."""
        if self._connection is None:
            return True
        got = self._connection.scalar(text("SELECT pg_try_advisory_lock(:space, :name)"), _lock(name))
        if got:
            self._held.append(name)
        return bool(got)

    def release(self) -> None:
        """Give all names back."""
        while self._held and self._connection is not None:
            self._connection.execute(text("SELECT pg_advisory_unlock(:space, :name)"), _lock(self._held.pop()))


def _lock(name: str) -> dict[str, int]:
    """PostgreSQL names a lock by two 32-bit numbers. Two names that share one are never worked on at once, which is no harm."""
    return {"space": _SPACE, "name": int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), signed=True)}


@contextmanager
def leading(database: Database) -> Iterator[None]:
    """Makes this process the one that makes the edition; raises BroadsheetError when another one does."""
    with Claims(database) as claims:
        if not claims.claim(LEADING):
            raise BroadsheetError(f"{database.name}: another process makes an edition on this database; wait for it to end")
        yield


def regroup_alone(connection: Connection) -> None:
    """Until this transaction ends nobody else moves articles between stories or composes them: editions and editors do.

    On SQLite every transaction that writes is alone.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, :name)"), _lock(REGROUPING))


# --- what helpers report -------------------------------------------------------------------------------------------------


def save_share(connection: Connection, edition: int, helper: str, report: str) -> None:
    """Keep what a helper has done of an edition so far."""
    save_fact(connection, f"share {edition:08} {helper}", report)


def take_shares(connection: Connection, edition: int) -> list[str]:
    """What all helpers have done of an edition, handed over once."""
    mine = facts.c.name.startswith(f"share {edition:08} ", autoescape=True)
    shares = list(connection.scalars(select(facts.c.value).where(mine).order_by(facts.c.name)))
    connection.execute(facts.delete().where(mine))
    return shares
