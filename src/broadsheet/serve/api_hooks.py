"""``/api/v1/hooks``: webhooks made, listed, taken up again and removed by programs that have the scope "hooks"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.publish.api import Json, encode
from broadsheet.serve.api import PREFIX, topic_name
from broadsheet.serve.api_calls import explained
from broadsheet.serve.api_forms import Ask, Heat, Language, Outlet, Quality, Topic
from broadsheet.serve.hooks import TooManyError, add_hook
from broadsheet.serve.office import office
from broadsheet.serve.people import Person, note, require
from broadsheet.store import hooks
from broadsheet.store.hooks import HookState

Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:[1-9][0-9]{0,4})?(/[!-~]*)?(?!\n)$",
        max_length=2000,
        description="Where messages are posted.",
    ),
]


class HookAsk(Ask, frozen=True, kw_only=True):
    """A hook to be made: where to, and of which stories."""

    url: Url
    topic: Topic | None = None
    outlet: Outlet | None = None
    language: Language | None = None
    minimum_heat: Heat | None = None
    minimum_quality: Quality | None = None


class HookItem(Json, frozen=True, kw_only=True):
    """A hook and how it does. ``sent`` is the number of the last event that it has; ``problem`` the last failure in words."""

    id: str
    url: str
    who: str
    created_date_time: datetime
    topic: str | None
    outlet: str | None
    language: str | None
    minimum_heat: int | None
    minimum_quality: int | None
    sent: int
    failures: int
    failing_date_time: datetime | None
    next_date_time: datetime
    problem: str | None
    stopped: bool


class NewHook(HookItem, frozen=True, kw_only=True):
    """A hook that was just made, with the secret that signs its messages, told this once."""

    secret: str


class HookList(Json, frozen=True, kw_only=True):
    value: list[HookItem]


class HookCall(Struct, frozen=True):
    """A call about hooks, as it is served and as OpenAPI tells of it."""

    method: str
    path: str
    summary: str
    work: Callable[[Request, Person, Any], Any]
    answer: type[Any] | None = None
    body: type[Any] | None = None
    status: int = 200
    faults: tuple[int, ...] = ()  # besides those that all such calls have


def routes() -> list[BaseRoute]:
    paths = dict.fromkeys(call.path for call in CALLS)
    return [_route(path, {call.method: call for call in CALLS if call.path == path}) for path in paths]


def _route(path: str, calls: dict[str, HookCall]) -> Route:
    async def endpoint(request: Request) -> Response:
        call = calls["GET" if request.method == "HEAD" else request.method]
        content = await request.body() if call.body else b""
        return await run_in_threadpool(_answer, request, call, content)

    return Route(PREFIX + path, endpoint, methods=list(calls))


def _answer(request: Request, call: HookCall, content: bytes) -> Response:
    person = require(request, "hooks")
    value = call.work(request, person, _read(content, call.body) if call.body else None)
    headers = {"Cache-Control": "no-store"}
    if call.answer is None:
        return Response(status_code=call.status, headers=headers)
    return Response(encode(value), status_code=call.status, headers=headers, media_type="application/json")


def _read(content: bytes, kind: type[Any]) -> Any:
    try:
        said = msgspec.json.decode(content)
        if isinstance(said, dict):  # to JSON Schema 3.0 is a whole number
            said = {
                name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in said.items()
            }
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        raise HTTPException(400, explained(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise HTTPException(400, "the request is not JSON") from None


# --- work ----------------------------------------------------------------------------------------------------------------


def _list(request: Request, _person: Person, _body: None) -> HookList:
    with office(request).database.reading() as connection:
        return HookList(value=[HookItem(**_fields(state)) for state in hooks.every(connection)])


def _add(request: Request, person: Person, asked: HookAsk) -> NewHook:
    here = office(request)
    settings = here.newsroom.settings
    wanted: dict[str, Any] = {"outlet": asked.outlet or "", "language": asked.language or ""}
    wanted |= {"topic": topic_name(settings, asked.topic or ""), "heat": asked.minimum_heat, "quality": asked.minimum_quality}
    try:
        with here.database.transaction() as connection:
            hook = add_hook(connection, settings, asked.url, person.name, here.clock(), **wanted)
            state = hooks.find(connection, hook.id)
    except StoreError:
        raise
    except BroadsheetError as error:
        raise HTTPException(409 if isinstance(error, TooManyError) else 403, str(error)) from None
    if state is None:  # pragma: no cover - it was just added
        raise RuntimeError("the database lost a hook")
    return NewHook(**_fields(state), secret=hook.secret)


def _one(request: Request, _person: Person, _body: None) -> HookItem:
    with office(request).database.reading() as connection:
        state = hooks.find(connection, _id(request))
    if state is None:
        raise _NONE
    return HookItem(**_fields(state))


def _remove(request: Request, person: Person, _body: None) -> None:
    with office(request).database.transaction() as connection:
        if not hooks.remove(connection, _id(request)):
            raise _NONE
        note(request, connection, person.name, "hook removed", _id(request))


def _resume(request: Request, person: Person, _body: None) -> HookItem:
    here = office(request)
    with here.database.transaction() as connection:
        if not hooks.resume(connection, _id(request), here.clock()):
            raise _NONE
        note(request, connection, person.name, "hook taken up again", _id(request))
    return _one(request, person, None)


_NONE = HTTPException(404, "there is no such hook")


def _id(request: Request) -> str:
    id: str = request.path_params["id"]
    if not re.fullmatch(r"[0-9a-f]{32}", id):
        raise _NONE
    return id


def _fields(state: HookState) -> dict[str, Any]:
    hook = state.hook
    return {
        "id": hook.id,
        "url": hook.url,
        "who": hook.who,
        "created_date_time": hook.at,
        "topic": hook.topic or None,
        "outlet": hook.outlet or None,
        "language": hook.language or None,
        "minimum_heat": hook.heat,
        "minimum_quality": hook.quality,
        "sent": state.sent,
        "failures": state.failures,
        "failing_date_time": state.failing_at,
        "next_date_time": state.next_at,
        "problem": state.problem or None,
        "stopped": state.stopped,
    }


CALLS = (
    HookCall("GET", "/hooks", "The webhooks and how they do.", _list, HookList),
    HookCall("POST", "/hooks", "Make a webhook; its secret is told this once.", _add, NewHook, HookAsk, 201, (409,)),
    HookCall("GET", "/hooks/{id}", "One webhook.", _one, HookItem),
    HookCall("DELETE", "/hooks/{id}", "Remove a webhook.", _remove, status=204),
    HookCall("POST", "/hooks/{id}/resume", "Take a webhook up again that was stopped.", _resume, HookItem),
)
TYPES = (HookItem, NewHook, HookList, HookAsk)
