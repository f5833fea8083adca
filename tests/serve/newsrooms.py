"""A published newsroom behind a running server, for tests of what it answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn
from starlette.types import ASGIApp

from broadsheet.serve.connection import Connection, configured
from broadsheet.settings import ServeSettings

SETTINGS = ServeSettings()


@contextmanager
def answering(app: ASGIApp, settings: ServeSettings = SETTINGS, connection: type[Connection] = Connection) -> Iterator[str]:
    """The app under its real server on loopback; its address, with the last slash."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        config = configured(app, settings, connection)
        config.timeout_graceful_shutdown = 1
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="server")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()
