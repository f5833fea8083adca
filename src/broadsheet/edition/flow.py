"""Many waits at once, results kept in batches."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from broadsheet.errors import BroadsheetError

T = TypeVar("T")
R = TypeVar("R")

KEPT_AT_ONCE = 3  # batches
COLLECTED = 30_000  # objects more than before at which the garbage collector looks for cycles


async def flow(
    items: Iterable[T],
    work: Callable[[T], Awaitable[R]],
    keep: Callable[[list[R]], Awaitable[None] | None],
    *,
    workers: int,
    batch: int,
    kept_at_once: int = KEPT_AT_ONCE,
) -> None:
    """Do ``work`` on all items, ``workers`` at a time, and hand the results to ``keep`` in lists of about ``batch``.

    Results come in the order in which they are done. While ``kept_at_once`` batches are kept, if that takes waiting, and one
    more waits for them, no further work is begun: memory holds ``workers`` items and these batches, however many there are.
    """
    waiting: Iterator[T] = iter(items)
    done: list[R] = []

    keeping = asyncio.Semaphore(kept_at_once)

    async def hand_over(least: int) -> None:
        while len(done) >= least:
            async with keeping:
                results = done[:batch]
                del done[:batch]
                if results and (kept := keep(results)):
                    await kept

    async def worker() -> None:
        for item in waiting:
            done.append(await work(item))
            if len(done) >= batch:
                await hand_over(batch)

    try:
        with seldom_collected():
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(worker())
    except* BroadsheetError as errors:
        raise errors.exceptions[0] from None
    await hand_over(1)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """With the garbage collector looking for cycles less often, and not among what was there before.

    By default that takes up to a quarter of the time of many requests.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED, *before[1:])
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def spread(items: Iterable[T], group: Callable[[T], str]) -> list[T]:
    """The items with those of one group far apart: one of each group in turn, groups and items in the order they came.

    For requests: those to one host wait for each other, and would hold up all workers if they came together.
    """
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    ranked = [(place, number, item) for number, members in enumerate(groups.values()) for place, item in enumerate(members)]
    return [item for _, _, item in sorted(ranked, key=lambda row: row[:2])]
