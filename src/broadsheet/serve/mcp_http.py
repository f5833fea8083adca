"""``/mcp``: the newsroom for agents over HTTP (MCP's streamable HTTP), for whoever brings a token of the scope read."""

from __future__ import annotations

import logging
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from broadsheet.serve.office import Office
from broadsheet.serve.people import require
from broadsheet.serve.security import LARGEST


def routes(office: Office) -> list[BaseRoute]:
    """None where the SDK is not installed (``broadsheet[mcp]``)."""
    return [Route("/mcp", Answers(office))] if find_spec("mcp") else []


class Answers:
    """An ASGI app that answers each request by itself: it keeps no session, so any process can answer the next one."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":  # by which clients learn that there are no streams to listen to
            raise HTTPException(405, "requests are sent by POST", headers={"Allow": "POST"})
        await run_in_threadpool(require, Request(scope), "read")
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        manager = StreamableHTTPSessionManager(self._server, json_response=True, stateless=True, max_request_body_size=LARGEST)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    @cached_property
    def _server(self) -> Any:
        """The SDK's server, made with the first request: to import it takes a second that a newsroom without agents saves."""
        from broadsheet.serve.mcp import make_server

        logging.getLogger("mcp").setLevel(logging.WARNING)  # it would tell of every request
        server = make_server(self._office)
        server.streamable_http_app()  # which makes the manager by which the SDK gives out its inner server
        return server.session_manager.app
