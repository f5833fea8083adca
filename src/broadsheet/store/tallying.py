"""How many published stories a topic, outlet, month or day has: kept by difference, so that no edition counts all records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from broadsheet.models import Record
from broadsheet.store.database import rows_of, upsert
from broadsheet.store.tables import tallies
from broadsheet.store.values import seconds


def tally(connection: Connection, before: Sequence[Record], after: Sequence[Record], at: datetime) -> None:
    """Correct the tallies that stories had and have; the pages of all of them wait to be written."""
    change: Counter[tuple[str, str]] = Counter()
    for record in after:
        change.update(dict.fromkeys(_places(record), int(bool(record.published))))
    for record in before:
        change.subtract(dict.fromkeys(_places(record), int(bool(record.published))))
    names: dict[str, list[str]] = {}
    for kind, name in sorted(change):
        names.setdefault(kind, []).append(name)
    rows = []
    for kind, those in names.items():
        query = select(tallies.c.name, tallies.c.published).where(tallies.c.kind == kind)
        known = {row.name: row.published for row in rows_of(connection, query, tallies.c.name, those)}
        rows += [_row(kind, name, known.get(name, 0) + change[kind, name], at) for name in those]
    upsert(connection, tallies, rows)


def _row(kind: str, name: str, published: int, at: datetime) -> dict[str, object]:
    return {"kind": kind, "name": name, "published": published, "changed_at": seconds(at), "dirty": 1}


def _places(record: Record) -> set[tuple[str, str]]:
    """The tallies in which a record counts, as (kind, name)."""
    domains = reported(record)
    at = record.published_at
    return {
        *(("topic", name) for name in record.topics),
        *(("outlet", name) for name in domains),
        *(("first", name) for name in domains[:1]),
        *((("month", f"{at:%Y-%m}"), ("day", f"{at:%Y-%m-%d}")) if at else ()),
    }


def reported(record: Record) -> list[str]:
    """The domains of a story's outlets, that of the first report first."""
    never = datetime.max.replace(tzinfo=UTC)
    reports = [(record.published_at or never, record.provider)]
    reports += [(report.published_at or never, report.provider) for report in record.related]
    ordered = sorted(reports, key=lambda report: report[0])
    return list(dict.fromkeys(provider.domain for _, provider in ordered if provider and provider.domain))
