"""Ready topics: every pack loads, says what it means in many languages, and finds what it should and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.adding import add_pack
from broadsheet.cli import main
from broadsheet.config import load_topics
from broadsheet.curate.keywords import keyword
from broadsheet.curate.topics import TopicIndex
from broadsheet.curate.vectors import word_vectors
from broadsheet.errors import ConfigError
from broadsheet.models import Article, Provider
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.packs import load_pack, pack_names

PACKS = pack_names()
LANGUAGES = {"en", "de", "fr", "es", "pt", "it", "ja", "zh"}
LITTLE = 550  # length of the vector of a word up to which it says little: "new", "water", "people"


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    make_newsroom(tmp_path, "key", example=False)
    return open_newsroom(tmp_path)


def found(pack: str, title: str) -> set[str]:
    article = Article(
        key="k",
        original_url="https://courier.example/k",
        web_url="https://courier.example/k",
        title=title,
        provider=Provider(name="Courier", domain="courier.example"),
    )
    topics = [topic.topic for topic in load_pack(pack).topics]
    return {match.topic for match in TopicIndex(topics).match(article)}


def test_there_are_packs() -> None:
    assert {"ai", "climate", "space", "cybersecurity", "health", "economy", "software", "science"} <= set(PACKS)


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_is_whole(name: str) -> None:
    pack = load_pack(name)
    names = [topic.name for topic in pack.topics]
    assert len(names) == len(set(names)) > 2
    assert all(topic.parent in names for topic in pack.topics[1:])
    assert pack.topics[0].parent == ""
    assert set(pack.languages) >= LANGUAGES
    assert all(topic.description and topic.hashtags for topic in pack.topics)
    assert len(pack.feeds) >= 10
    assert all(re.match(r"https?://[^/]+/", feed.url) and feed.title for feed in pack.feeds)


@pytest.mark.parametrize("name", PACKS)
def test_a_keyword_is_of_one_topic_and_can_be_found(name: str) -> None:
    words = [word for topic in load_pack(name).topics for word in topic.topic.keywords]
    assert len(words) == len(set(words))
    assert all(keyword(0, word) for word in words)


@pytest.mark.parametrize("name", PACKS)
def test_no_keyword_is_a_common_word_alone(name: str) -> None:
    """A single English word without a capital says much by itself, as the length of its vector tells."""
    words = {word for topic in load_pack(name).topics for word in topic.keywords["en"] if word.isalpha() and word.islower()}
    assert [word for word in sorted(words) if word_vectors().length(word) <= LITTLE] == []


def test_names_are_of_one_pack() -> None:
    """So that a newsroom can have them all."""
    topics = [topic for name in PACKS for topic in load_pack(name).topics]
    assert len({topic.name for topic in topics}) == len({topic.topic.slug for topic in topics}) == len(topics)


def test_no_other_pack() -> None:
    with pytest.raises(ConfigError, match="'cooking' is no pack of topics; there are: ai, "):
        load_pack("cooking")


TITLES = [
    ("ai", "Stadtrat erlaubt Gesichtserkennung im Hafen", {"Computer Vision", "Artificial Intelligence"}),
    ("ai", "Le port essaie l'intelligence artificielle", {"Artificial Intelligence"}),
    ("ai", "港で顔認証を導入", {"Computer Vision", "Artificial Intelligence"}),
    ("ai", "港口使用人工智能管理船只", {"Artificial Intelligence"}),
    ("ai", "Порт испытывает искусственный интеллект", {"Artificial Intelligence"}),
    ("ai", "He said it again: aims of the aid are plain", set()),
    ("ai", "ALL CAPITALS SAY NOTHING OF AI", set()),
    ("climate", "Nuevo parque eólico frente a la costa", {"Renewable Energy", "Climate & Energy"}),
    ("climate", "The political climate in the council", set()),
    ("space", "Astronauten kehren von der Raumstation zurück", {"Space"}),
    ("space", "Office space in the harbour is dear", set()),
    ("cybersecurity", "Hospital hit by ransomware", {"Ransomware & Breaches", "Cybersecurity"}),
    ("health", "Vacunas contra el sarampión en las escuelas", {"Infections & Vaccines", "Health & Medicine"}),
    ("economy", "日銀が利上げを決定", {"Inflation & Central Banks", "Economy & Markets"}),
    ("software", "A new type checker for Python 3", {"Programming Languages", "Software Development"}),
    ("software", "A Burmese python escapes", set()),
    ("science", "Novas espécies ameaçadas na floresta", {"Biology", "Science"}),
]


@pytest.mark.parametrize(("pack", "title", "topics"), TITLES)
def test_what_a_pack_finds(pack: str, title: str, topics: set[str]) -> None:
    assert found(pack, title) == topics


def test_a_pack_becomes_files_that_are_the_newsrooms_own(newsroom: Newsroom) -> None:
    added = add_pack(newsroom, "ai")
    assert [path.name for path in added.written][:2] == ["ai.yaml", "machine-learning.yaml"]
    assert added.added == ()
    assert {topic.slug: topic for topic in load_topics(newsroom.folder)} == {
        topic.topic.slug: topic.topic for topic in load_pack("ai").topics
    }


def test_every_pack_at_once(newsroom: Newsroom) -> None:
    for name in PACKS:
        add_pack(open_newsroom(newsroom.folder), name)
    assert len(load_topics(newsroom.folder)) == sum(len(load_pack(name).topics) for name in PACKS)


def test_nothing_is_written_over(newsroom: Newsroom) -> None:
    add_pack(newsroom, "space")
    mine = newsroom.folder / "_data/topics/space.yaml"
    mine.write_text("name: My Space\nshortname: my-space\n", encoding="utf-8")
    (newsroom.folder / "_data/topics/rockets.yaml").unlink()
    (newsroom.folder / "_data/topics/astronomy.yaml").rename(newsroom.folder / "_data/topics/x.yaml")
    (newsroom.folder / "_data/topics/x.yaml").write_text("name: Astronomy\n", encoding="utf-8")
    added = add_pack(open_newsroom(newsroom.folder), "space")
    assert ([path.name for path in added.written], added.known) == (["rockets.yaml"], ("Space", "Astronomy"))
    assert "My Space" in mine.read_text(encoding="utf-8")


def test_feeds_are_added_once(newsroom: Newsroom) -> None:
    assert len(add_pack(newsroom, "space", feeds=True).added) == len(load_pack("space").feeds)
    again = open_newsroom(newsroom.folder)
    assert {source.url for source in again.settings.sources} == {feed.url for feed in load_pack("space").feeds}
    assert add_pack(again, "space", feeds=True).added == ()


def test_on_the_command_line(tmp_path: Path) -> None:
    run = CliRunner()
    listed = run.invoke(main, ["topics"])
    assert listed.exit_code == 0
    assert "cybersecurity" in listed.output
    folder = str(tmp_path / "paper")
    assert run.invoke(main, ["init", folder, "--topics", "ai, space"]).exit_code == 0
    settings = open_newsroom(tmp_path / "paper").settings
    assert len(settings.topics) == len(load_pack("ai").topics) + len(load_pack("space").topics)
    assert len(settings.sources) == len(load_pack("ai").feeds) + len(load_pack("space").feeds)
    done = run.invoke(main, ["topics", "add", "economy", "-C", folder])
    assert "Feeds to begin with" in done.output
    assert run.invoke(main, ["topics", "add", "cooking", "-C", folder]).exit_code == 1
    assert run.invoke(main, ["init", str(tmp_path / "no"), "--topics", "cooking"]).exit_code == 1
    assert not (tmp_path / "no").exists()
