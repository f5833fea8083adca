"""The editions: which one is under way, what the finished ones reported."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from broadsheet.models import Report
from broadsheet.store.database import upsert
from broadsheet.store.tables import editions, facts
from broadsheet.store.values import dump, instant, load, seconds

KEPT = 100  # editions of which the reports are kept


def begin(connection: Connection, at: datetime) -> tuple[int, datetime]:
    """The edition to work on and its instant: the one that a killed run left unfinished, else a new one."""
    if known := under_way(connection):
        return known
    result = connection.execute(insert(editions).values(at=seconds(at), finished=0, report=""))
    key = result.inserted_primary_key
    if key is None:  # pragma: no cover - every supported database gives it
        raise RuntimeError("the database gave no edition number")
    return int(key[0]), instant(seconds(at))


def under_way(connection: Connection) -> tuple[int, datetime] | None:
    """The edition that is not finished, and its instant."""
    row = connection.execute(select(editions).where(editions.c.finished == 0).order_by(editions.c.id)).first()
    return (row.id, instant(row.at)) if row is not None else None


def save_report(connection: Connection, report: Report, *, finished: bool) -> None:
    """Keep what an edition reports; when it is finished, editions long before it are forgotten."""
    if finished:
        connection.execute(delete(editions).where(editions.c.id <= report.edition - KEPT))
    connection.execute(
        update(editions).where(editions.c.id == report.edition).values(report=dump(report), finished=int(finished))
    )


def fact(connection: Connection, name: str) -> str:
    """A remembered fact, such as the fingerprint of the settings; empty when there is none."""
    return str(connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar() or "")


def save_fact(connection: Connection, name: str, value: str) -> None:
    upsert(connection, facts, [{"name": name, "value": value}])


def report_of(connection: Connection, edition: int) -> Report | None:
    """What that edition has reported so far."""
    text = connection.execute(select(editions.c.report).where(editions.c.id == edition)).scalar()
    return load(text, Report) if text else None


def last_report(connection: Connection) -> Report | None:
    """What the last finished edition reported."""
    row = connection.execute(
        select(editions.c.report).where(editions.c.finished == 1).order_by(editions.c.id.desc()).limit(1)
    ).first()
    return load(row.report, Report) if row and row.report else None
