"""Work off the event loop: in a thread, or in processes, which end with their parent and are started afresh when one ends."""

from __future__ import annotations

import asyncio
import atexit
import gc
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from broadsheet.edition.flow import COLLECTED

P = ParamSpec("P")
R = TypeVar("R")


class Workers:
    """So many ``processes``, or one thread for 0; use as a context manager. ``name`` is the thread's."""

    def __init__(self, processes: int, name: str) -> None:
        self.count, self._name = processes, name
        self._first: Future[int] | None = None  # of a process: what says that it has started
        self._executor = self._start()

    def _start(self) -> Executor:
        if not self.count:
            return ThreadPoolExecutor(1, thread_name_prefix=self._name)
        # not fork: this process has threads and an event loop
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(self.count, mp_context=context, initializer=_begin)
        self._first = executor.submit(os.getpid)  # starts now, while what they will work on is still being fetched
        return executor

    @property
    def are_ready(self) -> bool:
        """Whether work begins at once, and does not wait for a process to start."""
        return self._first is None or self._first.done()

    async def ready(self) -> None:
        """Wait until they are."""
        if self._first is not None:
            await asyncio.wrap_future(self._first)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._executor.shutdown(cancel_futures=True)

    async def run(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """The result of ``function``. Raises what it raises, and BrokenProcessPool when a process ended meanwhile."""
        executor = self._executor
        try:
            return await asyncio.wrap_future(executor.submit(function, *arguments, **named))
        except BrokenProcessPool:
            if executor is self._executor:  # several see the same end; the first to see it starts anew
                self._executor = self._start()
            raise


def _begin() -> None:
    end_with_parent()
    gc.set_threshold(COLLECTED)  # a fifth of the start is else spent on looking for cycles among modules
    atexit.register(os._exit, 0)  # all is kept by then: to take the interpreter apart would hold up the edition for nothing


def end_with_parent() -> None:
    """A killed edition leaves no processes behind: they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel
        threading.Thread(target=lambda: (wait([sentinel]), os._exit(1)), daemon=True).start()
