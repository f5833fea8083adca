"""Rendering the files of many stories in several processes: a full build keeps every core busy, a small one starts none."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

import msgspec

from broadsheet.edition.workers import end_with_parent
from broadsheet.errors import PublishError
from broadsheet.models import PublishedStory
from broadsheet.publish.outputs import Output, story_files
from broadsheet.publish.site import Site
from broadsheet.settings import Settings

FEW = 600  # stories that are rendered before processes would have started
CHUNK = 40  # stories handed to a process at once
AHEAD = 4  # chunks a process that may wait for it or for us

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[PublishedStory]).decode
_site: list[Site] = []  # of a rendering process


def render(stories: Iterable[PublishedStory], site: Site, theme: Path | None, count: int) -> Iterator[Output]:
    """The files of ``stories``, about ``count`` of them, in their order, rendered by as many processes as there are cores.

    The processes only render: killed or orphaned, they have touched nothing.
    """
    workers = os.cpu_count() or 1
    if workers == 1 or count < FEW:
        yield from story_files(stories, site)
        return
    context = multiprocessing.get_context("spawn")  # not fork: the database's connections and threads are not theirs
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(site.settings, theme)) as pool:
        try:
            yield from _render(pool, iter(stories), AHEAD * workers)
        except BrokenProcessPool:
            raise PublishError("a process that renders pages ended; run again to go on") from None
        finally:
            pool.shutdown(cancel_futures=True)


def _render(pool: ProcessPoolExecutor, todo: Iterator[PublishedStory], ahead: int) -> Iterator[Output]:
    waiting: deque[Future[list[Output]]] = deque()
    while True:
        while len(waiting) < ahead and (chunk := list(islice(todo, CHUNK))):
            waiting.append(pool.submit(_files, _encode(chunk)))
        if not waiting:
            return
        yield from waiting.popleft().result()


def _start(settings: Settings, theme: Path | None) -> None:
    end_with_parent()
    _site[:] = [Site(settings, theme)]


def _files(stories: bytes) -> list[Output]:
    return list(story_files(_decode(stories), _site[0]))
