"""``/desk/undo``: what was decided, taken back: what a form names, or else what that person did last."""

from __future__ import annotations

import re

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.edition.regrouping import undo_change
from broadsheet.errors import BroadsheetError
from broadsheet.models import Decision
from broadsheet.serve.desk_pages import Form, back, posted
from broadsheet.serve.desk_sources import undo_source
from broadsheet.serve.desk_topics import undo_topic
from broadsheet.serve.office import office
from broadsheet.serve.people import Person, note
from broadsheet.serve.sessions import target as ours
from broadsheet.store import claims, decisions

_OF_FILES = {
    "write topic": undo_topic,
    "remove topic": undo_topic,
    "add source": undo_source,
    "remove source": undo_source,
}


def routes() -> list[BaseRoute]:
    return [Route("/desk/undo", posted("desk", _undone), methods=["POST"])]


def _undone(request: Request, person: Person, form: Form) -> Response:
    here, then = office(request), ours(form.get("next", ""))
    at = here.at()
    with here.database.transaction() as connection:
        claims.regroup_alone(connection)
        kind, number = _meant(connection, person, form)
        if number is None:
            return back(then, "nothing")
        note(request, connection, person.name, "undone", f"{kind} {number}")
        if kind == "change":
            undo_change(connection, number, at, person.name)
        elif (decision := decisions.undo(connection, number, at, person.name)) is None:
            raise BroadsheetError("that was undone already")
        elif decision.action in _OF_FILES:
            _undo_file(request, person, decision)
    here.live.look_again()
    return back(then, "undone")


def _undo_file(request: Request, person: Person, decision: Decision) -> None:
    if "admin" not in person.scopes:
        raise HTTPException(403, "topics and sources are the owners'")
    _OF_FILES[decision.action](office(request), decision)


def _meant(connection: Connection, person: Person, form: Form) -> tuple[str, int | None]:
    kind, number = form.get("kind", ""), form.get("id", "")
    if not number:
        last = decisions.latest(connection, person.name)
        return (last.kind, last.what.id) if last else ("", None)
    if not re.fullmatch(r"[0-9]{1,9}", number) or kind not in ("decision", "change"):
        raise BroadsheetError("there is no such decision")
    return kind, int(number)
