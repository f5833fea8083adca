"""``/desk/audit/``: the audit log, for owners: who signed in, decided and changed what, when and from where."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.serve.desk_pages import page, viewed
from broadsheet.serve.office import office
from broadsheet.serve.people import Person
from broadsheet.store import people
from broadsheet.text import clean, fold_space

PAGE = 100  # lines


def routes() -> list[BaseRoute]:
    return [Route("/desk/audit/", viewed("admin", _audit), methods=["GET"])]


def _audit(request: Request, person: Person) -> Response:
    asked = request.query_params
    who, said = fold_space(clean(asked.get("who", "")))[:64], asked.get("before", "")
    before = int(said) if re.fullmatch(r"[0-9]{1,18}", said) else None
    with office(request).database.reading() as connection:
        lines = people.audited(connection, PAGE + 1, before, who)
    older = lines[PAGE - 1][0] if len(lines) > PAGE else None
    notes = [note for _, note in lines[:PAGE]]
    return page(request, "audit.html", person, notes=notes, who=who, older=older, is_newest=before is None)
