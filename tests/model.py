"""A stand-in for a language model's API on loopback: it keeps what it is asked, and answers what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SAID = {"summary": "The dam above Lowfield burst and hundreds fled.", "headline": "Dam bursts", "sources": [1]}


class Model:
    """``asked`` are the requests, as (headers, body). ``say`` gives the status and what the model says to one."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[dict[str, str], Any]] = []
        self.say: Callable[[Any], tuple[int, Any]] = lambda body: (200, SAID)

    def answer(self, headers: dict[str, str], path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((headers, body))
        status, said = self.say(body) if path == "/v1/chat/completions" else (404, "no such address")
        if status != 200:
            return status, {"Location": f"{self.url}/chat/completions?again"}, str(said).encode()
        if isinstance(said, bytes):
            return status, {}, said
        text = said if isinstance(said, str) else json.dumps(said)
        told = {"choices": [{"message": {"role": "assistant", "content": text}}], "usage": {"total_tokens": 100}}
        return status, {}, json.dumps(told).encode()


@contextmanager
def answering() -> Iterator[Model]:
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, content = model.answer(dict(self.headers), self.path, body)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        model.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()
