"""Stories that went into others or came out of them: which decisions count for which."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection

from broadsheet.models import Decision, StoryChange
from broadsheet.store import Database, changes, decisions, lineage

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)


def change(connection: Connection, kind: Literal["merge", "split"], story: str, other: str) -> int:
    said = StoryChange(id=0, at=NOW, kind=kind, story=story, other=other, articles=("a",), by="Ida", reason="")
    return changes.note(connection, said)


def withhold(connection: Connection, story: str) -> int:
    return decisions.decide(connection, Decision(action="withhold", target=story, who="Ida", at=NOW))


def test_a_story_is_found_with_all_that_went_into_it(database: Database) -> None:
    with database.transaction() as connection:
        change(connection, "merge", "s1", "s2")
        change(connection, "merge", "s2", "s3")
        changes.mark_undone(connection, change(connection, "merge", "s1", "s4"), NOW, "Ida", 0)
        found = lineage.origins(connection, ["s1", "s2", "s9"])
    assert {name: set(group) for name, group in found.items()} == {"s1": {"s1", "s2", "s3"}, "s2": {"s2", "s3"}, "s9": {"s9"}}
    assert {number for group in found.values() for number in group.values()} == {lineage.ALL}


def test_a_part_is_withheld_with_what_it_came_out_of_if_that_was_withheld_before(database: Database) -> None:
    with database.transaction() as connection:
        change(connection, "split", "whole", "early")
        before = withhold(connection, "whole")
        change(connection, "split", "whole", "part")
        change(connection, "split", "part", "piece")
        after = withhold(connection, "whole")
        of_part = withhold(connection, "part")
        said = decisions.of_stories(connection, ["whole", "early", "part", "piece"])
        assert lineage.reached(connection, ["whole"]) == {"whole", "early", "part", "piece"}
    found = {name: [item.id for item in group] for name, group in said.items()}
    assert found == {"whole": [before, after], "early": [], "part": [before, of_part], "piece": [before]}


def test_what_came_in_after_a_part_had_left_is_nothing_to_it(database: Database) -> None:
    with database.transaction() as connection:
        withheld = withhold(connection, "other")
        change(connection, "split", "whole", "part")
        change(connection, "merge", "whole", "other")
        change(connection, "split", "whole", "later")
        said = decisions.of_stories(connection, ["whole", "part", "later"])
    found = {name: [item.id for item in group] for name, group in said.items()}
    assert found == {"whole": [withheld], "part": [], "later": [withheld]}


def test_a_story_that_left_and_came_back_again_and_again_ends(database: Database) -> None:
    with database.transaction() as connection:
        for _ in range(3):
            change(connection, "split", "whole", "part")
            change(connection, "merge", "whole", "part")
        withheld = withhold(connection, "part")
        change(connection, "split", "whole", "new")
        said = decisions.of_stories(connection, ["whole", "new"])
    assert {name: [item.id for item in group] for name, group in said.items()} == {"whole": [withheld], "new": [withheld]}
