"""Which sources are due is found without a look at the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from broadsheet.models import SourceState
from broadsheet.store import Database, sources

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
URLS = [f"https://h{n:04}.example/feed" for n in range(3000)]


def test_due_sources_are_found_by_their_time(tmp_path: Path) -> None:
    """In their order, and by the index of times: in the order of addresses, SQLite would read all that are known."""
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    late = {URLS[5], URLS[2000], URLS[77]}
    with database.transaction() as connection:
        states = [SourceState(url=url, next_at=NOW if url in late else NOW + timedelta(days=1)) for url in URLS]
        sources.save_sources(connection, states, 1)
        asked: list[tuple[str, object]] = []
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        assert sources.due(connection, NOW, 2) == sorted(late)
        [(statement, parameters)] = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
    database.close()
    assert ["ix_sources_next_at" in str(step) for step in plan] == [True]


def test_the_same_sources_in_another_order_are_the_same(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with database.transaction() as connection:
        sources.set_sources(connection, URLS)
        assert sources.are_set(connection, URLS[::-1])
        assert not sources.are_set(connection, URLS[1:])
        assert not sources.are_set(connection, [*URLS[:-2], URLS[-2] + URLS[-1]])
    database.close()
