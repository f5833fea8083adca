"""Whether the server lives (``/healthz``), whether it can answer (``/readyz``), and its figures (``/metrics``)."""

from __future__ import annotations

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.errors import StoreError
from broadsheet.serve.metrics import REGISTRY
from broadsheet.serve.office import office


def routes() -> list[BaseRoute]:
    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def readyz(request: Request) -> Response:
    """200 when the database answers and there is a published site, else 503 with what is missing."""
    here = office(request)
    missing = []
    try:
        with here.database.reading() as connection:
            connection.execute(text("SELECT 1"))
    except StoreError:
        missing.append("the database does not answer")
    if not (here.newsroom.output / "index.html").exists():
        missing.append("nothing was published yet")
    return JSONResponse({"ready": not missing, "missing": missing}, status_code=503 if missing else 200)


def metrics(_request: Request) -> Response:
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
