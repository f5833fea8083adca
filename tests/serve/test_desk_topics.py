"""Topics at the desk: their files written whole or not at all, and what a change would have let in over the past week."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.config import load_topics
from broadsheet.curate.topics import TopicIndex
from broadsheet.models import Article, Provider, Topic
from broadsheet.serve import office
from broadsheet.serve.desk_topics import compare
from broadsheet.store import decisions
from tests.serve.desks import TOPICS, Desk, desk

GOOD = "name: Ports\nkeywords: [harbour]\n"


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "paper") as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "paper/_data/topics"


def send(news: Desk, what: str, file: str, text: str = "", was: str = "") -> tuple[int, str, str]:
    return news.ask(f"/desk/topics/{what}", "otto", {"file": file, "text": text, "was": was})


def opened(news: Desk, file: str) -> str:
    """The mark of a file's text as its page has it."""
    found = re.search(r'name="was" value="([0-9a-f]+)"', news.ask(f"/desk/topics/edit?file={file}", "otto")[1])
    assert found
    return found[1]


def test_a_topic_is_made_changed_and_removed(news: Desk, folder: Path) -> None:
    assert send(news, "write", "ports.yaml", GOOD)[2] == "/desk/topics/?told=written"
    assert (folder / "ports.yaml").read_text() == GOOD
    assert "Ports" in news.ask("/desk/topics/", "otto")[1]
    changed = GOOD + "parent: Sea\n"
    assert send(news, "write", "ports.yaml", changed.replace("\n", "\r\n"), opened(news, "ports.yaml"))[0] == 303
    assert (folder / "ports.yaml").read_text() == changed
    assert send(news, "remove", "ports.yaml", was=opened(news, "ports.yaml"))[0] == 303
    assert sorted(path.name for path in folder.iterdir()) == sorted(TOPICS)


def test_a_removed_topic_comes_back_with_one_key_and_a_written_one_as_it_was(news: Desk, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert send(news, "remove", "2-ferries.yaml", was=opened(news, "2-ferries.yaml"))[0] == 303
    assert send(news, "write", "ports.yaml", GOOD)[0] == 303
    assert send(news, "write", "ports.yaml", GOOD + "parent: Sea\n", opened(news, "ports.yaml"))[0] == 303
    undo = {"next": "/desk/topics/"}
    for text in (GOOD.encode(), None):
        assert news.ask("/desk/undo", "otto", undo)[2] == "/desk/topics/?told=undone"
        assert (folder / "ports.yaml").exists() == (text is not None)
        assert text is None or (folder / "ports.yaml").read_bytes() == text
    assert news.ask("/desk/undo", "otto", undo)[2] == "/desk/topics/?told=undone"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert news.ask("/desk/undo", "otto", undo)[2] == "/desk/topics/?told=nothing"
    log = news.ask("/desk/log/", "otto")[1]
    assert log.count("remove topic") == 1
    assert log.count("– undone by otto") == 3


def test_a_topic_that_was_changed_since_is_not_given_its_old_text(news: Desk, folder: Path) -> None:
    assert send(news, "remove", "2-ferries.yaml", was=opened(news, "2-ferries.yaml"))[0] == 303
    (folder / "2-ferries.yaml").write_text(GOOD)
    status, text, _ = news.ask("/desk/undo", "otto", {})
    assert (status, "was changed since" in text) == (400, True)
    assert (folder / "2-ferries.yaml").read_text() == GOOD
    (folder / "2-ferries.yaml").unlink()
    assert send(news, "remove", "1-sea.yaml", was=opened(news, "1-sea.yaml"))[0] == 303
    with news.database.reading() as connection:
        ferries = next(line.what.id for line in decisions.log(connection, 10) if line.what.target == "2-ferries.yaml")
    status, text, _ = news.ask("/desk/undo", "otto", {"kind": "decision", "id": str(ferries)})
    assert (status, "is no topic" in text) == (400, True), "the one it belongs to is not there"
    for _ in range(2):
        assert news.ask("/desk/undo", "otto", {})[0] == 303
    assert sorted(path.name for path in folder.iterdir()) == sorted(TOPICS)


def test_an_editor_does_not_take_back_what_an_owner_did_with_topics(news: Desk, folder: Path) -> None:
    assert send(news, "remove", "2-ferries.yaml", was=opened(news, "2-ferries.yaml"))[0] == 303
    with news.database.reading() as connection:
        (line,) = decisions.log(connection, 10)
    status, text, _ = news.ask("/desk/undo", "ida", {"kind": "decision", "id": str(line.what.id)})
    assert (status, "owners" in text) == (403, True)
    assert not (folder / "2-ferries.yaml").exists()
    assert f"Undo remove topic {line.what.id}" in news.ask("/desk/log/", "otto")[1]
    assert f"Undo remove topic {line.what.id}" not in news.ask("/desk/log/", "ida")[1]
    with news.database.reading() as connection:
        assert decisions.log(connection, 10) == [line], "nothing of it was kept"


def test_programs_have_the_topics_as_they_are_now(news: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def named() -> list[str]:
        return [topic["name"] for topic in json.loads(news.ask("/api/v1/topics", "")[1])["value"]]

    assert named() == ["Sea", "Ferries", "Water & <dams>"]
    assert send(news, "write", "ports.yaml", GOOD)[0] == 303
    assert named()[-1] == "Ports"
    assert news.ask("/api/v1/topics/ports", "")[0] == 200
    monkeypatch.setattr(office, "LOOK", 0.0)
    assert news.ask("/desk/undo", "otto", {})[0] == 303
    assert "Ports" not in named()
    (folder / "quays.yaml").write_text("name: Quays\nkeywords: [quay]\n")
    assert named()[-1] == "Quays", "as somebody wrote it with another program"
    (folder / "quays.yaml").write_text("name: [")
    assert named()[-1] == "Quays", "while a file is wrong all is as it was"
    (folder / "quays.yaml").unlink()
    assert named()[-1] == "Water & <dams>"


REFUSED = {
    "no YAML": ("new.yaml", "name: [", "not YAML"),
    "a wrong field": ("new.yaml", "name: X\nkeyword: [a]\n", "no such setting"),
    "a taken name": ("new.yaml", "name: Sea\n", "already used"),
    "a parent that is not there": ("new.yaml", "name: X\nparent: Y\n", "is no topic"),
    "a file that is there": ("1-sea.yaml", GOOD, "a name of its own"),
    "out of the folder": ("../../broadsheet.yaml", GOOD, "a name of its own"),
    "a hidden file": (".x.yaml", GOOD, "a name of its own"),
    "another kind of file": ("x.toml", GOOD, "a name of its own"),
    "too large": ("new.yaml", GOOD + "#" * 100_000, "at most"),
    "too deep": ("new.yaml", "name: X\nkeywords: " + "[" * 5000, "too deep"),
}


@pytest.mark.parametrize(("file", "text", "why"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("what", ["write", "preview"])
def test_what_is_wrong_is_told_and_not_written(news: Desk, folder: Path, what: str, file: str, text: str, why: str) -> None:
    status, said, _ = send(news, what, file, text)
    assert status == 400
    assert why in said
    assert {path.name: path.read_text() for path in folder.iterdir()} == TOPICS


def test_a_file_changed_by_another_meanwhile_is_left(news: Desk, folder: Path) -> None:
    was = opened(news, "3-water.yaml")
    (folder / "3-water.yaml").write_text("name: Water\n")
    for what in ("write", "preview", "remove"):
        assert send(news, what, "3-water.yaml", GOOD, was)[0] == 400
    assert (folder / "3-water.yaml").read_text() == "name: Water\n"


def test_a_topic_that_others_belong_to_is_not_removed(news: Desk, folder: Path) -> None:
    assert send(news, "remove", "1-sea.yaml", was=opened(news, "1-sea.yaml"))[0] == 400
    assert (folder / "1-sea.yaml").exists()


def test_a_preview_tells_what_would_have_come_and_writes_nothing(news: Desk, folder: Path) -> None:
    status, text, _ = send(news, "preview", "ports.yaml", GOOD)
    assert status == 200
    assert "Of 4 articles of the past week" in text
    assert "New to the topic: 1" in text
    assert "Council votes to close the old harbour" in text
    assert not (folder / "ports.yaml").exists()
    status, text, _ = send(news, "preview", "3-water.yaml", "name: Water\nkeywords: [flood]\n", opened(news, "3-water.yaml"))
    assert status == 200
    assert "No longer let in: 2" in text


def article(title: str) -> Article:
    url = f"https://post.example/{title}"
    return Article(key=url, original_url=url, web_url=url, title=title, provider=Provider(name="P", domain="post.example"))


def test_what_two_sets_of_topics_differ_in() -> None:
    sea, mill = Topic(name="Sea", slug="sea", keywords=("tide",)), Topic(name="Mills", slug="mills", keywords=("mill",))
    wide = Topic(name="Mills", slug="mills", keywords=("tide", "wind"))
    past = [article(title) for title in ("Tide turns", "Mill burns", "Wind rises", "Nothing happens")]
    change = compare(past, TopicIndex([sea, mill]), TopicIndex([sea, wide]), {"Mills"})
    told = {name: [one.article.title for one in getattr(change, name)] for name in ("let_in", "left_out", "gained", "lost")}
    assert (change.looked, told) == (
        4,
        {
            "let_in": ["Wind rises"],
            "left_out": ["Mill burns"],
            "gained": ["Tide turns", "Wind rises"],
            "lost": ["Mill burns"],
        },
    )


def test_files_are_checked_as_they_would_be(tmp_path: Path) -> None:
    folder = tmp_path / "_data/topics"
    folder.mkdir(parents=True)
    (folder / "b.yaml").write_text("name: B\n")
    assert [topic.name for topic in load_topics(tmp_path, {"a.yaml": "name: A\n", "b.yaml": None})] == ["A"]
    assert [topic.name for topic in load_topics(tmp_path)] == ["B"]
