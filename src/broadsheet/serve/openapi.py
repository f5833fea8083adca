"""The HTTP API in the terms of OpenAPI 3.1, made from the types by which it is checked and answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, get_args

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet import __version__
from broadsheet.publish.api import encode
from broadsheet.serve import api, api_feeds, api_hooks, events
from broadsheet.serve.api_calls import Operation, said
from broadsheet.serve.api_forms import Ask, Refusal, StoriesOf, StoryMessage, WithdrawnMessage
from broadsheet.serve.office import office
from broadsheet.store.events import Kind

_REF = "#/components/schemas/{name}"
_FAULTS = {
    400: "A field is wrong; the message says which.",
    401: "This needs a token.",
    403: "The token does not have the scope.",
    404: "There is nothing of that name.",
    409: "There are too many already.",
    413: "The request is too large.",
    429: "Too many requests from this address, or it listens too often; wait a little.",
    503: "The database does not answer, or too many listen.",
}


def routes() -> list[BaseRoute]:
    """The description, and behind all other routes of the API what is said of addresses that are none."""
    return [Route(api.PREFIX + "/openapi.json", description, methods=["GET"]), Route(api.PREFIX + "/{rest:path}", _nothing)]


def _nothing(_request: Request) -> Response:
    raise HTTPException(404, "there is no such call; /api/v1/openapi.json describes all of them")


def description(request: Request) -> Response:
    """``/api/v1/openapi.json``"""
    newsroom = office(request).newsroom.settings.newsroom
    whole = {
        "openapi": "3.1.0",
        "info": {"title": newsroom.name, "description": newsroom.description, "version": __version__},
        "servers": [{"url": "/"}],
        **_described(),
    }
    return said(request, encode(whole), "application/json")


@cache
def _described() -> dict[str, Any]:
    paths = {_written(api.PREFIX + operation.path): {"get": _reading(operation)} for operation in api.OPERATIONS}
    paths |= {path: {"get": _feed(summary, ask)} for path, (summary, ask) in api_feeds.PATHS.items()}
    paths[api.PREFIX + "/events"] = {"get": _events()}
    paths |= _hooks()
    types = [operation.answer for operation in api.OPERATIONS]
    messages = [StoryMessage, WithdrawnMessage]
    _, schemas = msgspec.json.schema_components([*types, *api_hooks.TYPES, *messages, Refusal], ref_template=_REF)
    schemes = {"token": {"type": "http", "scheme": "bearer", "description": "A token; its scopes say what it may do."}}
    webhooks = {f"story.{kind}": {"post": _message(kind)} for kind in get_args(Kind)}
    return {"paths": paths, "webhooks": webhooks, "components": {"schemas": schemas, "securitySchemes": schemes}}


def _written(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _reading(operation: Operation) -> dict[str, Any]:
    answer = {"application/json": {"schema": {"$ref": _REF.format(name=operation.answer.__name__)}}}
    statuses = [400, 404] if operation.parameters else [400]
    made = _operation(operation.summary, answer, [*statuses, *([401, 403] if operation.scope else [])])
    named = [_named(name, said) for name, said in operation.parameters]
    made["parameters"] = [*named, *_fields(operation.ask)]
    made["responses"]["304"] = {"description": "As the ETag in If-None-Match says it."}
    if operation.scope:
        made["security"] = [{"token": [operation.scope]}]
    return made


def _operation(summary: str, answer: dict[str, Any], faults: Iterable[int], status: int = 200) -> dict[str, Any]:
    good = {"description": summary, **({"content": answer} if answer else {})}
    refused = {"application/json": {"schema": {"$ref": _REF.format(name="Refusal")}}}
    responses = {str(status): good}
    responses |= {str(code): {"description": _FAULTS[code], "content": refused} for code in sorted({*faults, 429, 503})}
    return {"summary": summary, "responses": responses}


def _named(name: str, said: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": said, "schema": {"type": "string", "minLength": 1}}


def _fields(ask: type[Ask]) -> Sequence[dict[str, Any]]:
    """The fields of a query."""
    (_,), components = msgspec.json.schema_components([ask], ref_template=_REF)
    whole = components[ask.__name__]
    required = whole.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, **_field(schema)}
        for name, schema in whole.get("properties", {}).items()
    ]


def _field(schema: dict[str, Any]) -> dict[str, Any]:
    """A field of a query, which cannot be null: it is left out."""
    kept = {name: value for name, value in schema.items() if name != "default" or value not in ("", None)}
    if any(choice == {"type": "null"} for choice in kept.get("anyOf", ())):
        kept = next(choice for choice in kept["anyOf"] if choice != {"type": "null"})
    said = kept.pop("description", "")
    return {"schema": kept, **({"description": said} if said else {})}


def _feed(summary: str, ask: type[Ask]) -> dict[str, Any]:
    answer = {kind: {"schema": {"type": "string"}} for kind in api_feeds.KINDS.values()}
    answer["application/feed+json"] = {"schema": {"type": "object"}}
    made = _operation(summary, answer, [400, 404])
    form = {"name": "form", "in": "path", "required": True, "schema": {"enum": list(api_feeds.KINDS)}}
    made["parameters"] = [form, *_fields(ask)]
    made["responses"]["304"] = {"description": "As the ETag in If-None-Match says it."}
    return made


def _events() -> dict[str, Any]:
    made = _operation(events.SUMMARY, {"text/event-stream": {"schema": {"type": "string"}}}, [400])
    last = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer", "minimum": 0}}
    made["parameters"] = [last | {"description": "Go on behind that event."}, *_fields(StoriesOf)]
    return made


def _message(kind: Kind) -> dict[str, Any]:
    """What a webhook is sent."""
    form = WithdrawnMessage if kind == "withdrawn" else StoryMessage
    content = {"application/json": {"schema": {"$ref": _REF.format(name=form.__name__)}}}
    headers = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        "summary": f"A story is {kind}.",
        "parameters": [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in headers],
        "requestBody": {"required": True, "content": content},
        "responses": {"2XX": {"description": "It was taken."}, "410": {"description": "Send no more."}},
    }


def _hooks() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for call in api_hooks.CALLS:
        answer = {"application/json": {"schema": {"$ref": _REF.format(name=call.answer.__name__)}}} if call.answer else {}
        faults = [401, 403, *call.faults, *([404] if "{" in call.path else []), *([400, 413] if call.body else [])]
        made = _operation(call.summary, answer, faults, call.status) | {"security": [{"token": ["hooks"]}]}
        if "{" in call.path:
            made["parameters"] = [_named("id", "The hook's id.")]
        if call.body:
            content = {"application/json": {"schema": {"$ref": _REF.format(name=call.body.__name__)}}}
            made["requestBody"] = {"required": True, "content": content}
        paths.setdefault(api.PREFIX + call.path, {})[call.method.lower()] = made
    return paths
