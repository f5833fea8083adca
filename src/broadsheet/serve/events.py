"""``/api/v1/events``: new, changed and withdrawn stories as server-sent events, with all that was missed (Last-Event-ID).

Events come when an edition has ended, whichever process made it: one task looks for that in the database, as long as anybody
listens. All who listen share what is read and written for them.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from broadsheet.errors import StoreError
from broadsheet.publish.api import encode
from broadsheet.serve.api import PREFIX, stories_of
from broadsheet.serve.api_answers import story_summary
from broadsheet.serve.api_calls import read_ask
from broadsheet.serve.api_forms import StoriesOf, StorySummary, Withdrawn
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import is_reader
from broadsheet.serve.security import asker
from broadsheet.store import events
from broadsheet.store.events import Event
from broadsheet.store.listings import Wanted
from broadsheet.store.tallying import reported

SUMMARY = "Server-sent events: stories that are new, changed or withdrawn, as editions end."
MOST = 200  # who listen at once
FROM_ONE = 20  # of them from one address
LOOK = 1.0  # seconds between two looks for an edition that ended
HEARTBEAT = 20.0  # seconds of silence until a comment is sent, so that no proxy takes the connection for dead
RETRY = 5000  # milliseconds after which a listener comes back
BATCH = 200  # events read together
_KEPT = 8  # batches

_LATER = {"Retry-After": "30"}
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*"}


class Told(Struct, frozen=True):
    """An event, and the same as it is sent."""

    event: Event
    text: str


class Followers:
    """Those who listen, and what wakes them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._from: Counter[str] = Counter()
        self._released = 0
        self._news = asyncio.Event()
        self._batches: OrderedDict[tuple[int, int], asyncio.Task[list[Told]]] = OrderedDict()
        self.is_closed = False

    async def watch(self) -> None:
        """Look for editions that ended, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            if self._from:
                with suppress(StoreError):
                    self._wake(await run_in_threadpool(self.released))

    def released(self) -> int:
        with self._office.database.reading() as connection:
            return events.released(connection)

    def close(self) -> None:
        """Send all who listen away: the server ends."""
        self.is_closed = True
        self._news.set()

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """A place among those who listen. Raises HTTPException 503 when there is none, 429 when that address has its share."""
        if self.is_closed or self._from.total() >= MOST:
            raise HTTPException(503, "too many listen already; come back later", headers=_LATER)
        if self._from[address] >= FROM_ONE:
            raise HTTPException(429, f"{FROM_ONE} listen from your address already; close one first", headers=_LATER)
        self._from[address] += 1
        try:
            yield
        finally:
            self._from[address] -= 1
            self._from = +self._from  # nobody is remembered who has gone

    async def follow(self, behind: int, wanted: Wanted, may: Callable[[], bool] = lambda: True) -> AsyncIterator[str]:
        """What is sent to one who has all events up to ``behind``, as long as they ``may`` read it, which asks the database."""
        yield f"retry: {RETRY}\n\n"
        while not self.is_closed:
            news = self._news
            told = await self._behind(behind)
            if told and not await run_in_threadpool(may):
                return
            for item in told:
                behind = item.event.number
                if fits(wanted, item.event):
                    yield item.text
            if not told:
                try:
                    await asyncio.wait_for(news.wait(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"

    async def _behind(self, number: int) -> list[Told]:
        key = (number, self._released)
        task = self._batches.get(key)
        if task is None:
            task = self._batches[key] = asyncio.create_task(run_in_threadpool(self._read, number))
            while len(self._batches) > _KEPT:
                self._batches.popitem(last=False)
        try:
            return await asyncio.shield(task)  # one who leaves does not take it from the others
        except StoreError:
            self._batches.pop(key, None)
            return []

    def _read(self, number: int) -> list[Told]:
        home = self._office.newsroom.settings.newsroom.url
        with self._office.database.reading() as connection:
            return [Told(event, _written(home, event)) for event in events.after(connection, number, BATCH)]

    def _wake(self, released: int) -> None:
        if released != self._released:
            self._released = released
            self._news.set()
            if not self.is_closed:
                self._news = asyncio.Event()


def fits(wanted: Wanted, event: Event) -> bool:
    """Whether somebody wants to know. That a story was withdrawn is told to all who may have got it."""
    story, record = event.story, event.story.record
    return (
        (not wanted.topic or wanted.topic in record.topics)
        and (not wanted.outlet or wanted.outlet in reported(record))
        and (not wanted.language or wanted.language == story.language)
        and (wanted.heat is None or event.kind == "withdrawn" or (record.heat or 0) >= wanted.heat)
        and (wanted.quality is None or event.kind == "withdrawn" or (record.quality or 0) >= wanted.quality)
    )


def body(home: str, event: Event) -> StorySummary | Withdrawn:
    """What an event says: the story as lists have it, or of one that was withdrawn no more than its name."""
    story = event.story
    return Withdrawn(id=story.id, path=story.record.path) if event.kind == "withdrawn" else story_summary(home, story)


def _written(home: str, event: Event) -> str:
    return f"id: {event.number}\nevent: {event.kind}\ndata: {encode(body(home, event)).decode().strip()}\n\n"


# --- the call ------------------------------------------------------------------------------------------------------------


class Stream:
    """The ASGI app that answers those who listen."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        ask, followers = read_ask(request, StoriesOf), followers_of(request)
        given = request.headers.get("last-event-id", "")
        if given and not (given.isascii() and given.isdecimal() and len(given) <= 15):
            raise HTTPException(400, "Last-Event-ID: is no number of an event")
        if request.method == "HEAD":
            await Response(headers=_HEADERS, media_type="text/event-stream")(scope, receive, send)
            return
        with followers.place(asker(scope)):
            behind = int(given) if given else await run_in_threadpool(followers.released)
            wanted = stories_of(office(request).newsroom.settings, ask)
            told = followers.follow(behind, wanted, lambda: is_reader(request))
            await StreamingResponse(told, headers=_HEADERS, media_type="text/event-stream")(scope, receive, send)


def followers_of(request: Request) -> Followers:
    found: Followers = request.app.state.followers
    return found


def routes() -> list[BaseRoute]:
    return [Route(PREFIX + "/events", Stream(), methods=["GET"])]
