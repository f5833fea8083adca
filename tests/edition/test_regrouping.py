"""Stories merged and split, by curation and by a person: what moves, what is told, what is never undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from broadsheet.curate import story_id
from broadsheet.edition import regrouping
from broadsheet.edition.composing import compose_stories
from broadsheet.edition.regrouping import CURATION, merge_stories, split_story, undo_change
from broadsheet.errors import BroadsheetError
from broadsheet.store import Database, changes, shelf
from tests.edition.by_hand import NOON, Paper

DAM = ["Dam bursts above Lowfield, hundreds flee the valley", "Hundreds flee as Lowfield dam bursts"]
LATER = "Lowfield dam burst: hundreds flee, village evacuated"
VOTE = ["Council votes to close the old harbour", "Old harbour to close after council vote"]


@pytest.fixture
def paper(tmp_path: Path, database: Database) -> Paper:
    return Paper(tmp_path / "paper", database)


@pytest.fixture
def connection(paper: Paper) -> Iterator[Connection]:
    with paper.database.transaction() as opened:
        yield opened


def apart(paper: Paper) -> tuple[str, str, str, str]:
    """Two reports of one event and the two stories into which a person put them."""
    one, two = (paper.comes([title], hours)[0] for hours, title in enumerate(DAM))
    story = paper.story(one)
    if story == paper.story(two):
        with paper.database.transaction() as opened:
            split_story(opened, story, [two], NOON, CURATION, "for this test")
    return one, two, paper.story(one), paper.story(two)


def test_a_merge_moves_all_articles_and_supersedes_the_other_record(paper: Paper) -> None:
    one, two, first, second = apart(paper)
    compose_stories(paper.run)
    with paper.database.transaction() as opened:
        paths = {name: story.record.path for name, story in shelf.by_story(opened, [first, second]).items()}
        number = merge_stories(opened, first, second, NOON, "Ida", "one event")
    compose_stories(paper.run)
    assert paper.story(one) == paper.story(two) == first
    with paper.database.transaction() as opened:
        found = shelf.by_story(opened, [first, second])
        assert {name: story.record.path for name, story in found.items()} == paths
        assert (found[second].record.heat, found[second].record.published) == (-1, False)
        assert paths[first] in found[second].why_heat.parts[0].reason
        assert found[first].articles == 2
        change = changes.changes_of(opened, [second])[second][-1]
        assert (change.id, change.kind, change.story, change.other, change.by) == (number, "merge", first, second, "Ida")
        assert change.articles == (two,)
        assert changes.superseded(opened, [first, second]) == {second: first}


def test_a_merge_undone_gives_the_other_story_and_its_record_back(paper: Paper) -> None:
    one, two, first, second = apart(paper)
    compose_stories(paper.run)
    with paper.database.transaction() as opened:
        before = {name: story.record.path for name, story in shelf.by_story(opened, [first, second]).items()}
        number = merge_stories(opened, first, second, NOON, "Ida", "one event")
        undo_change(opened, number, NOON, "Bo")
        with pytest.raises(BroadsheetError, match="undone already"):
            undo_change(opened, number, NOON, "Bo")
    compose_stories(paper.run)
    assert (paper.story(one), paper.story(two)) == (first, second)
    with paper.database.transaction() as opened:
        found = shelf.by_story(opened, [first, second])
        assert {name: story.record.path for name, story in found.items()} == before
        assert found[second].record.heat != -1
        assert changes.superseded(opened, [first, second]) == {}


def test_what_a_person_split_is_not_merged_by_itself(paper: Paper) -> None:
    keys = paper.comes(DAM)
    story = paper.story(keys[0])
    assert paper.story(keys[1]) == story
    with paper.database.transaction() as opened:
        name = split_story(opened, story, [keys[1]], NOON, "Ida", "two events")
        assert name == story_id(keys[1])
        assert changes.apart(opened, [name]) == [(name, story)]
    (later,) = paper.comes([LATER], 2)
    assert paper.story(later) in (story, name)
    assert (paper.story(keys[0]), paper.story(keys[1])) == (story, name)


def test_stories_that_grow_together_are_merged_and_it_is_told(paper: Paper) -> None:
    one, two, first, second = apart(paper)
    (later,) = paper.comes([LATER], 2)
    assert paper.story(one) == paper.story(two) == paper.story(later)
    with paper.database.transaction() as opened:
        told = changes.changes_of(opened, [first])[first][-1]
    assert (told.kind, told.by, {told.story, told.other}) == ("merge", CURATION, {first, second})
    assert told.reason.startswith("grown together: likeness ")
    assert paper.run.counts["stories merged"] == 1


def forced(paper: Paper, by: str) -> tuple[list[str], str]:
    """Two events in one story."""
    dam, vote = paper.comes(DAM), paper.comes(VOTE)
    into, other = paper.story(dam[0]), paper.story(vote[0])
    with paper.database.transaction() as opened:
        merge_stories(opened, into, other, NOON, by, "for this test")
    return [*dam, *vote], into


def test_a_story_that_drifted_is_split_and_the_lead_keeps_the_name(paper: Paper) -> None:
    keys, story = forced(paper, CURATION)
    compose_stories(paper.run)
    paper.comes([LATER], 2)
    stories = [paper.story(key) for key in keys]
    assert stories[0] == stories[1] != stories[2] == stories[3]
    assert story in stories
    with paper.database.transaction() as opened:
        path = shelf.by_story(opened, [story])[story].record.web_url
        told = changes.changes_of(opened, [story])[story][-1]
    assert paper.story(path.removeprefix("https://")) == story
    assert (told.kind, told.by, told.story) == ("split", CURATION, story)
    assert told.reason.startswith("drifted apart: likeness ")


def test_what_a_person_merged_is_not_split_by_itself(paper: Paper) -> None:
    keys, story = forced(paper, "Ida")
    paper.comes([LATER], 2)
    assert {paper.story(key) for key in keys} == {story}


BAD = [("s0", "s0"), ("s0", "s1")]


@pytest.mark.parametrize(("into", "other"), BAD)
def test_what_cannot_be_merged_is_refused(into: str, other: str, connection: Connection) -> None:
    with pytest.raises(BroadsheetError, match="two stories are needed"):
        merge_stories(connection, into, other, NOON, "Ida", "")


def test_what_cannot_be_split_is_refused(paper: Paper) -> None:
    keys = paper.comes(DAM)
    story = paper.story(keys[0])
    with paper.database.transaction() as opened:
        with pytest.raises(BroadsheetError, match="none of the articles"):
            split_story(opened, story, ["x"], NOON, "Ida", "")
        with pytest.raises(BroadsheetError, match="is not one"):
            split_story(opened, "", keys, NOON, "Ida", "")
        with pytest.raises(BroadsheetError, match="on either side"):
            split_story(opened, story, keys, NOON, "Ida", "")
        with pytest.raises(BroadsheetError, match="there is none"):
            regrouping.undo_change(opened, 99, NOON, "Ida")


def test_stories_of_one_headline_composed_together_get_paths_of_their_own(paper: Paper) -> None:
    one, two = (paper.comes(["Weather"], hours)[0] for hours in (2, 6))
    first = paper.story(one)
    with paper.database.transaction() as opened:
        other = split_story(opened, first, [two], NOON, "Ida", "two days")
    compose_stories(paper.run)
    with paper.database.transaction() as opened:
        found = shelf.by_story(opened, [first, other])
    assert len({story.record.path for story in found.values()}) == 2
