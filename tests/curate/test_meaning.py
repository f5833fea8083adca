"""What no keyword says, the meaning of the words may; the desk's corrections teach, and nothing else does."""

from __future__ import annotations

import pytest

from broadsheet.curate import Correction
from broadsheet.curate.meaning import FEWEST, meaning, meanings
from broadsheet.curate.topics import TopicIndex
from broadsheet.curate.vectors import UNIT
from broadsheet.models import Topic
from tests.curate.conftest import made

TOPICS = (
    Topic(name="Space", slug="space", keywords=("astronaut", "orbit", "spacecraft"), description="Rockets, planets and stars."),
    Topic(name="Health", slug="health", keywords=("vaccine", "hospital", "surgeon"), description="Doctors and diseases."),
    Topic(name="Economy", slug="economy", keywords=("inflation", "central bank", "wages"), description="Money and prices."),
    Topic(name="Energy", slug="energy", keywords=("wind farm", "reactor", "power grid"), description="Electricity and fuel."),
)
UNSAID = [
    ("Rocket carries planet telescope to the stars", "Space"),
    ("Doctors warn of a new disease", "Health"),
    ("Prices rise as money is printed", "Economy"),
    ("Solar electricity gets cheaper", "Energy"),
]


def found(title: str, *corrections: Correction, topics: tuple[Topic, ...] = TOPICS, least: float = 0.4) -> list[str]:
    index = TopicIndex(topics, meaning=least, corrections=corrections)
    return [match.topic for match in index.match(made(title))]


@pytest.mark.parametrize(("title", "topic"), UNSAID)
def test_meaning_says_what_no_keyword_does(title: str, topic: str) -> None:
    assert found(title) == [topic]
    assert found(title, least=1.0) == []


@pytest.mark.parametrize("title", ["Dog rides a bus to school", "Choir sings again", "Rocket salad recalled", "…"])
def test_what_means_something_else_is_left_alone(title: str) -> None:
    assert found(title) == []


def test_it_says_so() -> None:
    (match,) = TopicIndex(TOPICS, meaning=0.4).match(made("Doctors warn of a new disease"))
    assert match.reason.startswith("the meaning of its words, likeness 0.")
    assert 0.4 <= match.relevance <= 0.5


def test_few_topics_have_nothing_in_common_to_leave_out() -> None:
    assert found("Doctors warn of a new disease", topics=TOPICS[: FEWEST - 1]) == []


PIPE = "Plumber mends the pipe under the old bridge"


def test_what_the_desk_filed_teaches_what_is_alike() -> None:
    right = Correction(topic="Energy", text=PIPE, right=True)
    assert found(PIPE) == []
    assert found("The pipe under the old bridge is mended by a plumber", right) == ["Energy"]
    assert found("Dog rides a bus to school", right) == []
    (match,) = TopicIndex(TOPICS, meaning=0.4, corrections=[right]).match(made(PIPE))
    assert match.reason == "much like an article that the desk filed so"


def test_what_the_desk_took_out_stays_out_whatever_its_keywords() -> None:
    title = "Orbit, the harbour café, opens again"
    wrong = Correction(topic="Space", text=title, right=False)
    assert found(title) == ["Space"]
    assert found(title, wrong) == []
    assert found("Astronaut returns from orbit", wrong) == ["Space"]


def test_the_nearest_correction_counts_and_corrections_work_without_meaning() -> None:
    said = (Correction(topic="Energy", text=PIPE, right=True), Correction(topic="Energy", text=f"{PIPE} of Tarn", right=False))
    assert found(PIPE, *said, least=1.0) == ["Energy"]
    assert found(f"{PIPE} of Tarn", *said, least=1.0) == []


def test_a_correction_for_a_topic_that_is_none_is_harmless() -> None:
    assert (
        found(PIPE, Correction(topic="Gardens", text=PIPE, right=True), Correction(topic="Energy", text="…", right=True)) == []
    )


def test_the_order_of_corrections_does_not_matter() -> None:
    said = [Correction(topic="Space", text=title, right=topic == "Space") for title, topic in UNSAID]
    one, other = meanings(TOPICS, tuple(said)), meanings(TOPICS, tuple(reversed(said)))
    assert (one.matrix == other.matrix).all()


def test_vectors_are_whole_and_of_one_length() -> None:
    matrix = meanings(TOPICS, ()).matrix
    assert (matrix == matrix.round()).all()
    assert all(abs(float(row @ row) ** 0.5 - UNIT) < 20 for row in matrix)
    assert not meaning("…").any()
