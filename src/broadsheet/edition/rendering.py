"""Making files in several processes: a full build keeps every core busy, a small one starts none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from multiprocessing import Pipe
from pathlib import Path
from queue import SimpleQueue

from broadsheet.errors import BroadsheetError, PublishError
from broadsheet.publish.files import Content
from broadsheet.publish.outputs import Job
from broadsheet.publish.page_process import Task
from broadsheet.publish.site import Site
from broadsheet.settings import Settings

FEW = 300  # stories that are rendered before processes would have started
CHUNK = 40  # stories that are one job
AHEAD = 16  # jobs a process that may wait for it or for us, while files are flushed

Files = list[tuple[str, Content]]


def render(
    jobs: Iterable[Job], settings: Settings, theme: Path | None, root: Path, count: int
) -> Iterator[tuple[str, Content]]:
    """The files that ``jobs`` make, in their order, by as many processes as there are cores when there are ``count`` stories.

    The processes set their files aside under ``root``: killed or orphaned, they have changed nothing that is published.
    """
    workers = os.cpu_count() or 1
    if workers == 1 or count < FEW:
        site = Site(settings, theme)
        for job in jobs:
            yield from job(site)
        return
    task = Task(settings=settings, theme=theme, root=root)
    free: SimpleQueue[_Process] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(workers):
            free.put(stack.enter_context(closing(_Process(task))))
        threads = ThreadPoolExecutor(workers, thread_name_prefix="pages")
        stack.callback(threads.shutdown, cancel_futures=True)
        yield from _render(threads, free, iter(jobs), AHEAD * workers)


class _Process:
    """A `page_process`: only what pages need is loaded there, and nothing of ours is shared with it but a pipe."""

    def __init__(self, task: Task) -> None:
        self._link, theirs = Pipe()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-P", "-m", "broadsheet.publish.page_process", str(number)]
            modules = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            self._process = subprocess.Popen(command, pass_fds=[number], env=os.environ | modules)
        self._link.send(task)

    def run(self, job: Job) -> Files:
        """The files of a job. Raises what is wrong with it, and PublishError when the process ended."""
        try:
            self._link.send(job)
            answer: Files | BroadsheetError = self._link.recv()
        except (EOFError, OSError):
            raise PublishError("a process that makes pages ended; run again to go on") from None
        if isinstance(answer, BroadsheetError):
            raise answer
        return answer

    def close(self) -> None:
        self._link.close()
        self._process.wait()


def _render(
    threads: ThreadPoolExecutor, free: SimpleQueue[_Process], todo: Iterator[Job], ahead: int
) -> Iterator[tuple[str, Content]]:
    waiting: deque[Future[Files]] = deque()
    while True:
        waiting.extend(threads.submit(_run, free, job) for job in islice(todo, ahead - len(waiting)))
        if not waiting:
            return
        yield from waiting.popleft().result()


def _run(free: SimpleQueue[_Process], job: Job) -> Files:
    """Have the next free process do a job: each waits for one alone, and there are as many threads as processes."""
    process = free.get()
    try:
        return process.run(job)
    finally:
        free.put(process)
