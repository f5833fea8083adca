from __future__ import annotations

import asyncio

import pytest

from broadsheet.edition.flow import flow, spread
from broadsheet.errors import BroadsheetError


def test_all_items_are_done_and_kept_in_batches() -> None:
    kept: list[list[int]] = []

    async def work(item: int) -> int:
        await asyncio.sleep(0)
        return item * 2

    asyncio.run(flow(range(25), work, kept.append, workers=4, batch=10))
    assert sorted(number for batch in kept for number in batch) == [2 * item for item in range(25)]
    assert [len(batch) for batch in kept] == [10, 10, 5]


def test_no_more_workers_than_asked_are_at_work() -> None:
    busy, most = 0, 0

    async def work(item: int) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0)
        busy -= 1

    asyncio.run(flow(range(50), work, lambda _: None, workers=3, batch=10))
    assert most == 3


def test_our_own_error_comes_through_as_itself() -> None:
    async def work(item: int) -> int:
        raise BroadsheetError("stop")

    with pytest.raises(BroadsheetError, match="stop"):
        asyncio.run(flow([1, 2], work, lambda _: None, workers=2, batch=1))


def test_nothing_to_do_keeps_nothing() -> None:
    async def work(item: int) -> int:
        return item

    kept: list[list[int]] = []
    asyncio.run(flow([], work, kept.append, workers=2, batch=1))
    assert kept == []


def test_spread_takes_one_of_each_group_in_turn() -> None:
    assert spread(["a1", "a2", "a3", "b1", "c1", "c2"], lambda item: item[0]) == ["a1", "b1", "c1", "a2", "c2", "a3"]
