"""What hosts are known to bear: a gap learnt from their refusals, which decays, and until when they want to be left alone.

A refusal (429, or 503, or no answer at all) binds the address that was asked. It binds the whole host once `IN_A_ROW` different
addresses were refused one after the other: a router of many feeds passes on what each of them says and answers others in
between, while a platform that has had enough refuses everything.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from msgspec.structs import replace

from broadsheet.errors import FetchError
from broadsheet.models import HostState

IN_A_ROW = 3  # addresses refused, one after the other, that stand for the whole host
REST = timedelta(minutes=15)  # for a host that does not say how long
HALF_LIFE = timedelta(hours=6)  # in which a learnt gap halves
FIRST_GAP = 1.0  # seconds learnt from a first refusal, doubled by each further one
LONGEST_GAP = 30.0
_NO_GAP = 0.1  # seconds; a gap below is forgotten
_RELIEF = 0.9  # of a learnt gap is left after each good answer
_BUSY = frozenset({429, 503})


def learnt_gap(state: HostState, now: datetime) -> float:
    """Seconds to leave between two requests, beside what the settings say: what was learnt, halved every six hours."""
    if state.learnt_at is None or not state.gap:
        return 0.0
    gap = state.gap * 0.5 ** (max(now - state.learnt_at, timedelta(0)) / HALF_LIFE)
    return gap if gap >= _NO_GAP else 0.0


def widened(state: HostState, now: datetime) -> HostState:
    """The state after the host said that it is asked too much."""
    return replace(state, gap=min(max(2 * learnt_gap(state, now), FIRST_GAP), LONGEST_GAP), learnt_at=now)


def relieved(state: HostState, now: datetime) -> HostState:
    """The state after a good answer."""
    return replace(state, gap=round(learnt_gap(state, now) * _RELIEF, 3), learnt_at=now) if state.gap else state


def worth_keeping(state: HostState, now: datetime) -> bool:
    """Whether anything about the host is to be remembered."""
    return learnt_gap(state, now) > 0 or (state.closed_until is not None and state.closed_until > now)


class Host:
    """One host while a client lives: whose turn it is, and how its last answers were."""

    def __init__(self, state: HostState, connections: int) -> None:
        self.state = state
        self.turns = asyncio.Semaphore(connections)
        self.users = 0  # requests under way or waiting for their turn
        self.next_start = 0.0  # by the event loop's clock
        self.delay = 0.0  # seconds, as its robots.txt asks
        self._refused: dict[str, datetime | None] = {}  # addresses refused since the last good answer
        self._forbidden: set[str] = set()  # addresses answered 403 since then
        self._closed: dict[str, datetime] = {}  # addresses, and when they may be asked again

    def is_idle(self, moment: float) -> bool:
        """Whether nothing was learnt of it, nobody waits, and its next request may start at ``moment``, by the loop's clock."""
        learnt = self.state.gap or self.state.closed_until or self._refused or self._forbidden or self._closed
        return not learnt and self.next_start <= moment and not self.users

    def gap(self, now: datetime) -> float:
        return max(self.delay, learnt_gap(self.state, now))

    def refuse_closed(self, address: str, now: datetime) -> None:
        """Raises FetchError while the host, or the address, wants to be left alone."""
        until = self.state.closed_until
        if until is None or until <= now:
            until = self._closed.get(address)
        if until is not None and now < until:
            raise FetchError(f"the host asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC", retry_at=until)

    def answered(self, address: str, status: int, retry_at: datetime | None, now: datetime) -> None:
        """Learn from an answer, or with status 0 from none."""
        if status in _BUSY or status == 0:
            self._refuse(address, status, retry_at, now)
        elif status == 403:
            self._forbidden.add(address)
            if len(self._forbidden) == IN_A_ROW:
                self._forbidden.clear()
                self.state = widened(self.state, now)
        elif status < 500:
            self._refused.clear()
            self._forbidden.clear()
            self.state = relieved(self.state, now)

    def _refuse(self, address: str, status: int, retry_at: datetime | None, now: datetime) -> None:
        if status == 429:
            self.state = widened(self.state, now)
        if retry_at is not None:
            self._closed[address] = retry_at
        self._refused[address] = retry_at
        if len(self._refused) >= IN_A_ROW:
            until = max((moment for moment in self._refused.values() if moment), default=now + REST)
            self.state = replace(self.state, closed_until=until)
            self._refused.clear()
