from __future__ import annotations

from sqlalchemy import Connection

from broadsheet.models import Entry, SourceState
from broadsheet.store import Database, frontier, sources
from broadsheet.store.frontier import Found


def found(key: str, source: str = "https://a.example/feed", fingerprint: str = "1", title: str = "") -> Found:
    return Found(key=key, entry=Entry(url=f"https://{key}", source=source, title=title), fingerprint=fingerprint)


def waiting(connection: Connection, edition: int, limit: int) -> list[frontier.Pending]:
    return frontier.pending(connection, edition, frontier.waiting(connection, edition, limit))


def test_source_states_come_back_as_they_were(database: Database) -> None:
    states = [
        SourceState(url="https://a.example/", etag='"x"', failures=2, problem="HTTP 500"),
        SourceState(url="https://b.example/"),
    ]
    with database.transaction() as connection:
        for state in states:
            sources.save_source(connection, state, 1)
        got = sources.source_states(connection, ["https://a.example/", "https://b.example/", "https://c.example/"])
        assert sources.polled_in(connection, ["https://a.example/", "https://c.example/"], 1) == {"https://a.example/"}
        assert sources.polled_in(connection, ["https://a.example/"], 2) == set()
    assert got == {state.url: state for state in states}


def test_a_known_entry_is_not_read_again(database: Database) -> None:
    with database.transaction() as connection:
        assert frontier.add_entries(connection, [found("x"), found("y"), found("x")], 1) == 2
        frontier.mark_read(connection, ["x", "y"])
        assert frontier.add_entries(connection, [found("x"), found("z")], 2) == 1
        assert [item.key for item in waiting(connection, 2, 10)] == ["z"]


def test_an_entry_its_source_changed_is_read_again(database: Database) -> None:
    with database.transaction() as connection:
        frontier.add_entries(connection, [found("x")], 1)
        frontier.mark_read(connection, ["x"])
        frontier.add_entries(connection, [found("x", fingerprint="2", title="Corrected")], 2)
        assert [item.entry.title for item in waiting(connection, 2, 10)] == ["Corrected"]


def test_another_source_that_says_it_otherwise_does_not_cause_reading(database: Database) -> None:
    with database.transaction() as connection:
        frontier.add_entries(connection, [found("x")], 1)
        frontier.mark_read(connection, ["x"])
        frontier.add_entries(connection, [found("x", source="https://b.example/feed", fingerprint="2")], 2)
        assert waiting(connection, 2, 10) == []


def test_of_two_sources_in_one_edition_the_order_of_answers_does_not_matter(database: Database) -> None:
    a, b = found("x", source="https://a.example/feed", title="A"), found("x", source="https://b.example/feed", title="B")
    with database.transaction() as connection:
        frontier.add_entries(connection, [b], 1)
        frontier.add_entries(connection, [a], 1)
        frontier.add_entries(connection, [b], 1)
        assert [item.entry.title for item in waiting(connection, 1, 10)] == ["A"]


def test_ignored_entries_are_remembered_but_not_read(database: Database) -> None:
    old = Found(key="old", entry=Entry(url="https://old", source="s"), fingerprint="1", state="ignored")
    with database.transaction() as connection:
        assert frontier.add_entries(connection, [old], 1) == 0
        assert waiting(connection, 1, 10) == []
        assert frontier.entry_counts(connection) == {"ignored": 1}


def test_a_failed_page_waits_for_the_next_edition(database: Database) -> None:
    with database.transaction() as connection:
        frontier.add_entries(connection, [found("x"), found("y")], 1)
        frontier.mark_failed(connection, {"x": "HTTP 503"}, 1, final=False)
        assert [item.key for item in waiting(connection, 1, 10)] == ["y"]
        assert [(item.key, item.attempts) for item in waiting(connection, 2, 10)] == [("x", 1), ("y", 0)]
        frontier.mark_failed(connection, {"x": "HTTP 404"}, 2, final=True)
        assert [item.key for item in waiting(connection, 3, 10)] == ["y"]
        assert frontier.entry_problem(connection, "x") == "HTTP 404"
        assert frontier.entry_problem(connection, "unknown") == ""


def test_pending_is_bounded_and_in_order(database: Database) -> None:
    with database.transaction() as connection:
        frontier.add_entries(connection, [found(f"k{number:04}") for number in range(1200)], 1)
        keys = [item.key for item in waiting(connection, 1, 700)]
    assert keys == [f"k{number:04}" for number in range(700)]
