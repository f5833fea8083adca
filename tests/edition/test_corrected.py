"""What people correct in a record's own fields stays when the story changes, and nothing of ours is taken for theirs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from broadsheet.edition import publishing
from broadsheet.edition.composing import compose_stories
from broadsheet.newsroom import open_newsroom
from broadsheet.publish.record import parse_record
from broadsheet.store import Database, shelf
from broadsheet.why import explain
from tests.edition.by_hand import NOON, Paper

TITLE = "Dam bursts above Lowfield"


class Record:
    """The record of the only story of a paper, as its file has it."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        (key,) = paper.comes([TITLE])
        compose_stories(paper.run)
        self.story = paper.story(key)
        self.hours = 0
        publishing.publish(paper.run)
        (self.file,) = (paper.run.newsroom.folder / "_news").iterdir()

    def person(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    def changes(self, **fields: Any) -> None:
        """The story has another published form, whose files wait to be written."""
        self.hours += 1
        with self.paper.database.transaction() as connection:
            story = shelf.by_story(connection, [self.story])[self.story]
            new = replace(story, record=replace(story.record, **fields))
            shelf.save(connection, new, NOON + timedelta(hours=self.hours))

    def published(self, **fields: Any) -> Any:
        self.changes(**fields)
        publishing.publish(self.paper.run)
        return self.read()

    def read(self) -> Any:
        return parse_record(f"_news/{self.file.name}", self.file.read_bytes()).record


@pytest.fixture
def record(tmp_path: Path, database: Database) -> Record:
    return Record(Paper(tmp_path / "paper", database))


def test_a_persons_correction_stays_and_the_other_fields_go_on(record: Record) -> None:
    record.person(f'title: "{TITLE}"', 'title: "The dam at Lowfield is whole"  # I was there')
    record.person("category: news", "category: corrections")
    for number in (1, 2, 3):
        said = record.published(title=f"{TITLE}, {number} dead", excerpt=f"Version {number}.", heat=50 + number)
        assert (said.title, said.category) == ("The dam at Lowfield is whole", "corrections")
        assert (said.excerpt, said.heat) == (f"Version {number}.", 50 + number)
    assert "# I was there\n" in record.file.read_text(encoding="utf-8")


def test_a_field_that_a_person_took_out_stays_out(record: Record) -> None:
    assert record.published(excerpt="Once.").excerpt == "Once."
    record.person('excerpt: "Once."\n', "")
    assert record.published(excerpt="Twice.").excerpt == ""


def test_what_is_measured_is_never_a_persons(record: Record) -> None:
    heat = record.read().heat
    record.person(f"heat: {heat}\n", "heat: 7\n")
    assert record.published(excerpt="New.").heat == heat


def test_a_correction_that_the_outlet_makes_too_is_the_outlets_from_then_on(record: Record) -> None:
    record.person(f'title: "{TITLE}"', 'title: "Dam holds"')
    assert record.published(title="Dam holds").title == "Dam holds"
    assert record.published(title="Dam holds for now").title == "Dam holds for now"


def test_what_a_killed_edition_wrote_is_not_taken_for_a_persons(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_commit", killed)  # all files are written, nothing is noted as done
        for title in ("First", "Second"):
            with pytest.raises(KeyboardInterrupt):
                record.published(title=title)
            assert record.read().title == title
    assert record.published(title="Third").title == "Third"


def test_a_rebuild_keeps_it_and_without_the_file_has_our_own_words_again(record: Record) -> None:
    record.person(f'title: "{TITLE}"', 'title: "Mine"')
    record.published(excerpt="New.")
    before = record.file.read_bytes()
    for expected in ("Mine", TITLE):
        with record.paper.database.transaction() as connection:
            shelf.mark_all_dirty(connection)
        publishing.publish(record.paper.run)
        assert record.read().title == expected
        assert (record.file.read_bytes() == before) == (expected == "Mine")
        record.file.unlink()


def test_why_names_the_corrected_fields(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    (folder / ".broadsheet").mkdir(parents=True)
    database = Database(f"sqlite:///{folder / '.broadsheet/broadsheet.db'}")
    record = Record(Paper(folder, database))
    name = record.file.name
    assert explain(open_newsroom(folder), name, NOON).edited == ()
    record.changes(title="Later")  # the file has still what we wrote
    assert explain(open_newsroom(folder), name, NOON).edited == ()
    record.person(f'title: "{TITLE}"', 'title: "Mine"')
    assert explain(open_newsroom(folder), name, NOON).edited == ("title",)
    database.close()
