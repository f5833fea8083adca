"""Copies are recognised by their text; short ones by their headline, when it is all there is."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.curate.duplicates import Copy, CopyIndex, bands, repeated, resemblance, same_headline, signature, sketch

NOON = datetime(2031, 5, 12, 12, 0, tzinfo=UTC)
PINNED = "b0563f38db4f265a"


def prose(words: int, seed: int = 1) -> list[str]:
    draw = random.Random(seed)
    return [f"w{draw.randrange(5000)}" for _ in range(words)]


def copy(key: str, words: list[str], *, title: str = "", hours: float = 0, outlet: str = "a.example") -> Copy:
    return sketch(key, outlet, NOON + timedelta(hours=hours), title, " ".join(words))


def test_a_signature_is_pinned() -> None:
    """Remembered sketches must still match after an upgrade or on another machine."""
    assert signature(["one", "two", "three", "four", "five"] * 5)[:8].hex() == PINNED
    assert len(signature(prose(100))) == 480


def test_short_texts_have_no_signature() -> None:
    assert signature(prose(24)) == b""
    assert bands(b"", "", "") == ()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_resemblance_estimates_the_shared_part(share: float) -> None:
    common = prose(int(600 * share), 1)
    one, other = common + prose(600 - len(common), 2), common + prose(600 - len(common), 3)
    truth = len(common) / (1200 - len(common))
    assert resemblance(signature(one), signature(other)) == pytest.approx(truth, abs=0.12)


def test_a_report_in_a_longer_one_is_repeated_but_not_the_reverse() -> None:
    short, long = prose(200, 1), prose(200, 1) + prose(150, 2)
    assert repeated(copy("s", short), copy("l", long)) > 0.8
    assert repeated(copy("l", long), copy("s", short)) < 0.75


NEAR = [
    ("whole", prose(300), prose(300), True),
    ("one word in fifty changed", prose(300), [w if n % 50 else "new" for n, w in enumerate(prose(300))], True),
    ("a byline added", prose(300), [*prose(300), "by", "our", "staff"], True),
    ("half of it", prose(300), prose(150) + prose(150, 9), False),
    ("cut to two thirds", prose(300), prose(300)[:200], True),
    ("a paragraph added", prose(200), prose(200) + prose(80, 9), True),
    ("a paragraph put before", prose(200), prose(80, 9) + prose(200), True),
    ("part of a far longer text", prose(200), prose(200) + prose(300, 9), False),
    ("a paragraph added to half of it", prose(300), prose(150) + prose(250, 9), False),
    ("another text", prose(300), prose(300, 7), False),
    ("short and the same", prose(10), prose(10), True),
    ("short and not the same", prose(10), [*prose(9), "other"], False),
]


@pytest.mark.parametrize(("name", "first", "second", "expected"), NEAR, ids=[case[0] for case in NEAR])
def test_copies(name: str, first: list[str], second: list[str], expected: bool) -> None:
    index = CopyIndex({})
    index.add(copy("first", first))
    found = index.original(copy("second", second, outlet="b.example"), " ".join(second), 0.8)
    assert (found is not None) is expected
    assert found is None or found[0].key == "first"


def test_the_earliest_of_equals_is_the_original() -> None:
    index = CopyIndex({key: copy(key, prose(80), hours=hours) for key, hours in (("late", 3), ("early", 1), ("mid", 2))})
    found = index.original(copy("new", prose(80), hours=4), " ".join(prose(80)), 0.8)
    assert found is not None
    assert found[0].key == "early"


QUAKE = (
    "A quake of magnitude {0} shook {1} on {2}, the service said. There were no reports of damage or of injuries. "
    "The service asks people who felt it to fill in the form on its pages, so that it can draw maps of how strongly the "
    "ground moved. Aftershocks may follow for days. People should stay away from damaged walls and listen to the authorities."
)
TEMPLATE = [
    ("another place", "Magnitude 4 quake shakes Lowfield", QUAKE.format(4, "Lowfield", "Monday"), False),
    ("the same place, another headline", "No damage as ground moves", QUAKE.format(5, "Kelmouth", "Tuesday"), True),
    ("an update of it", "Magnitude 6 quake shakes Kelmouth", QUAKE.format(6, "Kelmouth", "Tuesday"), True),
    ("cut", "Quake", QUAKE.format(5, "the coast", "Tuesday")[:250], True),
]


@pytest.mark.parametrize(("name", "title", "text", "expected"), TEMPLATE, ids=[case[0] for case in TEMPLATE])
def test_a_template_filled_in_anew_is_no_copy(name: str, title: str, text: str, expected: bool) -> None:
    first = sketch("first", "a.example", NOON, "Quake of magnitude 5 shakes Kelmouth", QUAKE.format(5, "Kelmouth", "Tuesday"))
    found = CopyIndex({"first": first}).original(sketch("new", "b.example", NOON, title, text), text, 0.8)
    assert (found is not None) is expected


HEADLINES = [
    ("same day", "Dam bursts above Lowfield village", 2, "", "", True),
    ("two days later", "Dam bursts above Lowfield village", 48, "", "", False),
    ("too short to tell", "Market report", 2, "", "", False),
    ("texts differ", "Dam bursts above Lowfield village", 2, "one text", "another text", False),
    ("only one has text", "Dam bursts above Lowfield village", 2, "one text", "", False),
]


@pytest.mark.parametrize(
    ("name", "title", "hours", "text", "other", "expected"), HEADLINES, ids=[case[0] for case in HEADLINES]
)
def test_the_same_headline(name: str, title: str, hours: float, text: str, other: str, expected: bool) -> None:
    one = copy("one", text.split(), title=title)
    two = copy("two", other.split(), title=title.upper(), hours=hours)
    assert same_headline(two, one) is expected


def test_a_crowd_in_one_band_is_bounded() -> None:
    index = CopyIndex({str(n): copy(str(n), prose(5), hours=n) for n in range(500)})
    found = index.original(copy("new", prose(5), hours=501), " ".join(prose(5)), 0.8)
    assert found is not None
    assert found[0].key == "0"
