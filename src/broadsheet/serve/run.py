"""``broadsheet serve``: the app under its server, editions beside it, one orderly end for both."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

import uvicorn
from msgspec import Struct
from uvicorn.loops.auto import auto_loop_factory

from broadsheet.edition.flow import seldom_collected
from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import Newsroom
from broadsheet.serve.app import make_app
from broadsheet.serve.connection import configured
from broadsheet.serve.office import Office
from broadsheet.serve.schedule import Schedule
from broadsheet.serve.websub import keep_subscribed
from broadsheet.store import Database


class Door(Struct, frozen=True):
    """Where and how to serve. Port 0 takes any free one; without ``editions`` the paper is served as it is."""

    host: str = "127.0.0.1"
    port: int = 8000
    editions: bool = True
    once: bool = False


def serve(newsroom: Newsroom, door: Door, ready: Callable[[str], None]) -> int:
    """Serve until told to stop (SIGTERM, SIGINT), and give the exit status. Raises BroadsheetError.

    ``once`` makes one edition and ends with its status. ``ready`` is told the address once it answers.
    """
    with closing(Database(newsroom.store_url)) as database:
        office = Office(newsroom, database)
        if door.once:
            return asyncio.run(Schedule(office).edition())
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            return runner.run(_serve(office, door, ready))


class _Server(uvicorn.Server):
    """Told to stop, it ends in order and is done: uvicorn's own would raise the signal once more.

    ``leave`` ends the answers that have no end of their own, for which it would wait.
    """

    def __init__(self, config: uvicorn.Config, leave: Callable[[], None]) -> None:
        super().__init__(config)
        self._leave = leave

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leave()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def _serve(office: Office, door: Door, ready: Callable[[str], None]) -> int:
    with closing(_listen(door)) as listening:
        schedule = Schedule(office)
        app = make_app(office, schedule.wake)
        server = _Server(configured(app, office.newsroom.settings.serve), app.state.followers.close)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, server.handle_exit, name, None)
        tasks = [asyncio.create_task(schedule.run())] if door.editions else []
        if office.newsroom.settings.gather.websub:
            tasks.append(asyncio.create_task(keep_subscribed(office)))
        host, port = listening.getsockname()[:2]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
        try:
            with seldom_collected():
                await server.serve([listening])
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
    return 0


def _listen(door: Door) -> socket.socket:
    try:
        listening = socket.create_server((door.host, door.port), family=socket.AF_INET6 if ":" in door.host else socket.AF_INET)
    except OSError as error:
        where = f"{door.host} port {door.port}"
        raise BroadsheetError(f"{where} cannot be opened: {error.strerror}; choose another with --port") from None
    # the connections have it from here: asyncio sets it only where the socket names its protocol, which accepted ones do not,
    # and without it the end of an answer waits until the reader has acknowledged its beginning
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class JsonLines(logging.Formatter):
    """One JSON object a line: when, how grave, who, what, and what else is known of it."""

    _usual = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName", "color_message"}

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in self._usual},
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str, ensure_ascii=False)


def log_lines() -> None:
    """Write the server's log to standard error, one JSON object a line."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
