"""How long a request may take: one timer looks after all that are under way, as one for each costs more than its answer."""

from __future__ import annotations

import asyncio
import socket
from contextvars import ContextVar

STEP = 0.05  # seconds between two looks, by which an end may come late


class Deadline:
    """One request: when it has to be done, and the socket that is being connected for it."""

    __slots__ = ("done_by", "expired", "socket", "socket_by", "task")

    def __init__(self, task: asyncio.Task[object], done_by: float) -> None:
        self.task: asyncio.Task[object] | None = task
        self.done_by = done_by
        self.socket: socket.socket | None = None
        self.socket_by = 0.0
        self.expired = ""  # which time ran out: "connect" or "total"

    def ended(self) -> bool:
        """Whether it was this deadline, and nobody else, that cancelled the task; to be asked once, when that is cancelled."""
        return bool(self.expired) and self.task is not None and self.task.uncancel() == 0


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class Deadlines:
    """The requests under way in one event loop. ``connect`` and ``total`` in seconds."""

    def __init__(self, connect: float, total: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._connect, self._total = connect, total
        self._waiting: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Deadline:
        """Watch over the task that calls this, until `end`. When a time runs out it is cancelled."""
        task = asyncio.current_task()
        assert task is not None
        deadline = Deadline(task, self._loop.time() + self._total)
        self._waiting.add(deadline)
        _current.set(deadline)
        if self._timer is None:
            self._timer = self._loop.call_later(STEP, self._look)
        return deadline

    def end(self, deadline: Deadline) -> None:
        self._waiting.discard(deadline)
        # timers of the library have copied the context, and would hold the task, and what it fetched, as long as they run
        deadline.task = deadline.socket = None
        _current.set(None)

    def dialled(self, made: socket.socket) -> socket.socket:
        """To be told of the socket that the current request makes."""
        deadline = _current.get()
        if deadline is not None:
            deadline.socket, deadline.socket_by = made, self._loop.time() + self._connect
        return made

    def _look(self) -> None:
        now = self._loop.time()
        for deadline in self._waiting:
            if deadline.socket is not None and _is_connected(deadline.socket):
                deadline.socket = None
            if deadline.task is not None and not deadline.expired and (late := _late(deadline, now)):
                deadline.expired = late
                deadline.task.cancel()
        self._timer = self._loop.call_later(STEP, self._look) if self._waiting else None


def _late(deadline: Deadline, now: float) -> str:
    if deadline.socket is not None and now >= deadline.socket_by:
        return "connect"
    return "total" if now >= deadline.done_by else ""


def _is_connected(dialled: socket.socket) -> bool:
    try:
        dialled.getpeername()
    except OSError:
        return False
    return True
