"""`broadsheet why` tells of a story's merges and splits, from either side."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from broadsheet.edition.composing import compose_stories
from broadsheet.edition.publishing import publish
from broadsheet.edition.regrouping import merge_stories, split_story, undo_change
from broadsheet.store import Database
from tests.edition.by_hand import NOON, Paper
from tests.edition.test_regrouping import DAM, VOTE
from tests.test_cli import broadsheet


def test_merges_and_splits_are_told_with_who_and_why(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    (folder / ".broadsheet").mkdir(parents=True)
    with closing(Database(f"sqlite:///{folder / '.broadsheet' / 'broadsheet.db'}")) as database:
        paper = Paper(folder, database)
        dam, vote = paper.comes(DAM), paper.comes(VOTE)
        story, other = paper.story(dam[0]), paper.story(vote[0])
        with database.transaction() as connection:
            number = merge_stories(connection, story, other, NOON, "Ida", "one evening")
            undo_change(connection, number, NOON, "Bo")
            parted = split_story(connection, other, [vote[1]], NOON, "Ida", "two votes")
        compose_stories(paper.run)
        publish(paper.run)
    said = {key: " ".join(broadsheet("why", f"https://{key}", folder=folder).split()) for key in (dam[0], *vote)}
    at = f"{NOON:%Y-%m-%d %H:%M}"
    undone = f"with 2 articles on {at}, by Ida: one evening, undone by Bo on {at}"
    assert f"Took in story {other} {undone}" in said[dam[0]]
    assert f"Went into story {story} {undone}" in said[vote[0]]
    assert f"Gave off story {parted} with 1 article on {at}, by Ida: two votes" in said[vote[0]]
    assert f"Came out of story {other} with 1 article on {at}, by Ida: two votes" in said[vote[1]]
