"""Records of outlets are sums of what stories say, kept by difference."""

from __future__ import annotations

from broadsheet.models import Standing
from broadsheet.store import Database, standings


def test_sums_follow_what_stories_say(database: Database) -> None:
    with database.transaction() as connection:
        standings.post(connection, {"s": {"a.example": Standing(articles=2, led=1)}, "t": {"a.example": Standing(articles=1)}})
        assert standings.find_standings(connection, ["a.example", "b.example"]) == {"a.example": Standing(articles=3, led=1)}
        standings.post(connection, {"s": {"a.example": Standing(articles=2), "b.example": Standing(articles=1, copies=1)}})
        assert standings.find_standings(connection, ["a.example", "b.example"]) == {
            "a.example": Standing(articles=3),
            "b.example": Standing(articles=1, copies=1),
        }


def test_saying_the_same_again_changes_nothing_and_nothing_takes_it_back(database: Database) -> None:
    said = {"s": {"a.example": Standing(articles=2, copied=1)}}
    with database.transaction() as connection:
        for _ in range(2):
            standings.post(connection, said)
            assert standings.find_standings(connection, ["a.example"]) == {"a.example": Standing(articles=2, copied=1)}
        standings.post(connection, {"s": {}})
        assert standings.find_standings(connection, ["a.example"]) == {"a.example": Standing()}
