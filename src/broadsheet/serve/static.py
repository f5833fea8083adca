"""Serves a published folder on loopback, for a look at it. A real site is served by any web server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from broadsheet.errors import BroadsheetError

HOST = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def serve_folder(folder: Path, port: int, ready: Callable[[str], None]) -> None:
    """Serve ``folder`` until interrupted; ``ready`` is told the address. Raises BroadsheetError when the port is taken."""
    try:
        server = ThreadingHTTPServer((HOST, port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise BroadsheetError(f"port {port} cannot be opened: {error.strerror}; choose another with --port") from None
    with server:
        ready(f"http://{HOST}:{server.server_port}/")
        server.serve_forever()
