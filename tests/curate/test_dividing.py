"""A story that drifted into several events comes apart, one that did not stays; what a person joined stays together."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
import pytest

from broadsheet.curate import Prepared, Stream, alone, divide, is_due, one_story, prepare, total
from broadsheet.curate.dividing import GROWTH, LEAST, MOST, SLACK
from tests.curate.conftest import made

STREAM = Stream()
WINDOW = timedelta(days=5)
DAM = ["Dam bursts above Lowfield", "Lowfield dam bursts", "Lowfield dam burst: village evacuated"]
VOTE = ["Council votes to close old harbour", "Old harbour to close after council vote", "Council vote closes old harbour"]


def articles(titles: list[str]) -> list[Prepared]:
    return [prepare(made(title, outlet=f"o{n}.example", hours=n)) for n, title in enumerate(titles)]


def test_two_events_come_apart_the_larger_first() -> None:
    members = articles([*VOTE[:2], *DAM])
    found = divide("s", members, STREAM, 0.8, WINDOW)
    assert [set(keys) for keys, _ in found.parts] == [{m.key for m in members[2:]}, {m.key for m in members[:2]}]
    assert found.likeness < found.asked == pytest.approx(0.8 * SLACK)
    for keys, cluster in found.parts:
        assert (cluster.id, cluster.size, cluster.checked) == ("s", len(keys), len(keys))


def test_one_event_stays_one() -> None:
    members = articles(DAM)
    found = divide("s", members, STREAM, 0.8, WINDOW)
    assert [len(keys) for keys, _ in found.parts] == [3]
    assert found.likeness == 0.0
    assert found.parts[0][1].size == 3


def test_the_order_in_which_they_come_does_not_matter() -> None:
    members = articles([*DAM, *VOTE])
    expected = divide("s", members, STREAM, 0.8, WINDOW)
    for seed in range(5):
        shuffled = random.Random(seed).sample(members, len(members))
        assert divide("s", shuffled, STREAM, 0.8, WINDOW) == expected


def test_what_stays_together_does_so_whatever_it_says() -> None:
    members = articles([*DAM, *VOTE])
    bound = [members[0].key, members[3].key, "of/another-story"]
    found = divide("s", members, STREAM, 0.8, WINDOW, [bound])
    (part,) = [set(keys) for keys, _ in found.parts if members[0].key in keys]
    assert members[3].key in part


DUE = [(LEAST - 1, 1, False), (LEAST, 1, True), (7, 4, False), (4 * GROWTH, 4, True), (MOST, 4, True), (MOST + 1, 4, False)]


@pytest.mark.parametrize(("size", "checked", "due"), DUE)
def test_a_story_is_looked_at_when_it_has_doubled(size: int, checked: int, due: bool) -> None:
    point = alone(articles(DAM)[0], STREAM)
    assert is_due(msgspec.structs.replace(point, size=size, checked=checked)) == due


def test_a_story_of_one_block_needs_no_second_look() -> None:
    points = [alone(article, STREAM) for article in articles(DAM)]
    assert not is_due(one_story("s", points, STREAM))
    assert is_due(total("s", points, STREAM))
