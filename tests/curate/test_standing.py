"""An outlet's record: what its articles came to, told as a share that starts neutral and moves slowly."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.curate import account, compose
from broadsheet.curate.standing import share, told
from broadsheet.models import Member, Standing
from broadsheet.settings import CurateSettings
from tests.curate.conftest import NOON, joined

TITLE = "Dam bursts above Lowfield village"


def said(*members: Member, withheld: bool = False) -> dict[str, Standing]:
    story = compose("s", members, now=NOON + timedelta(hours=1), settings=CurateSettings())
    return account(story, members, withheld=withheld)


def report(outlet: str, quality: int = 60, **rest: object) -> Member:
    return joined(TITLE, outlet=f"{outlet}.example", quality=quality, word_count=200, **rest)  # type: ignore[arg-type]


def test_a_story_that_is_covered_has_a_leader() -> None:
    assert said(report("a", 70), report("b")) == {
        "a.example": Standing(articles=1, led=1),
        "b.example": Standing(articles=1),
    }


def test_leading_alone_says_nothing() -> None:
    assert said(report("a")) == {"a.example": Standing(articles=1)}


def test_copies_are_told_of_both() -> None:
    members = [report("a", key="a.example/x"), *(report(name, copy_of="a.example/x") for name in ("b", "c"))]
    found = said(*members)
    assert found["a.example"] == Standing(articles=1, copied=1)
    assert found["b.example"] == found["c.example"] == Standing(articles=1, copies=1)


def test_an_outlet_that_repeats_itself_is_not_copied() -> None:
    assert said(report("a", key="a.example/x"), report("a", key="a.example/y", copy_of="a.example/x")) == {
        "a.example": Standing(articles=2, copies=1)
    }


def test_a_copy_of_what_is_elsewhere_is_a_copy() -> None:
    assert said(report("a"), report("b", copy_of="wire.example/x"))["b.example"] == Standing(articles=1, copies=1)


def test_what_the_desk_withholds_is_told_of_its_leader() -> None:
    assert said(report("a", 70), report("b"), withheld=True)["a.example"] == Standing(articles=1, withheld=1)


def test_nothing_known_is_neutral_and_one_article_changes_little() -> None:
    assert share(Standing()) == 0.5
    assert told(Standing()) == "nothing known yet"
    assert 0.5 < share(Standing(articles=1, led=1)) < 0.55
    assert 0.45 < share(Standing(articles=1, copies=1)) < 0.5
    assert share(Standing(articles=500, led=300)) == 1.0
    assert share(Standing(articles=500, copies=400)) == 0.0
    assert told(Standing(articles=9, led=2, copies=1)) == "of 9 articles 2 led, 1 were copies"
    assert told(Standing(articles=9)) == "of 9 articles none led, was copied or a copy"


COUNT = st.integers(0, 1000)


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_a_share_is_one(articles: int, led: int, copied: int, copies: int, withheld: int) -> None:
    found = share(Standing(articles=articles, led=led, copied=copied, copies=copies, withheld=withheld))
    assert 0 <= found <= 1
