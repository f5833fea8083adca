"""The app: which part answers which address."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.serve import health
from broadsheet.serve.metrics import Measured
from broadsheet.serve.office import Office
from broadsheet.serve.site import Site


def make_app(office: Office) -> Starlette:
    """All that ``broadsheet serve`` answers; whatever no other part does is a file of the published site."""
    app = Starlette(
        routes=[
            *health.routes(),
            Mount("/", Site(office.newsroom.output), name="site"),
        ],
        middleware=[Middleware(Measured), Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={HTTPException: _refusal, BroadsheetError: _refusal, Exception: _refusal},
    )
    app.state.office = office
    return app


async def _refusal(_request: Request, error: Exception) -> Response:
    """Every error in one shape: ``{"error": {"status": 404, "message": "..."}}``."""
    headers = None
    if isinstance(error, HTTPException):
        status, message, headers = error.status_code, error.detail, error.headers
    elif isinstance(error, StoreError):
        status, message = 503, "the database does not answer"
    elif isinstance(error, BroadsheetError):
        status, message = 400, str(error)
    else:
        status, message = 500, "a fault of the server's own; its log says more"
    return JSONResponse({"error": {"status": status, "message": message}}, status_code=status, headers=headers)
