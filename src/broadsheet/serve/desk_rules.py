"""``/desk/rules/`` and ``/desk/health/``: what holds of all articles, and how the sources are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.config import load_settings
from broadsheet.models import SourceState
from broadsheet.serve.desk_pages import page, viewed
from broadsheet.serve.office import office
from broadsheet.serve.people import Person
from broadsheet.store import decisions, editions
from broadsheet.store.decisions import Logged
from broadsheet.store.sources import states_of

SHOWN = 300  # sources, those in trouble before others
PROBLEMS = 50  # of the last edition

_KINDS = {
    "mute-word": "Muted words",
    "mute-source": "Muted outlets and sources",
    "trust": "Trusted outlets and sources",
    "distrust": "Distrusted outlets and sources",
}


def routes() -> list[BaseRoute]:
    return [
        Route("/desk/rules/", viewed("desk", _rules), methods=["GET"]),
        Route("/desk/health/", viewed("desk", _health), methods=["GET"]),
    ]


def _rules(request: Request, person: Person) -> Response:
    with office(request).database.reading() as connection:
        held = decisions.rules(connection)
    kinds = [
        (action, name, [Logged("decision", rule) for rule in held if rule.action == action.replace("-", " ")])
        for action, name in _KINDS.items()
    ]
    return page(request, "rules.html", person, kinds=kinds)


class Health(Struct, frozen=True):
    """How a source is: ``grave`` is higher the more it needs a look, ``kind`` one word and ``told`` all of it."""

    state: SourceState
    grave: int
    kind: str
    told: str


def health(state: SourceState, at: datetime) -> Health:
    if state.retired:
        return Health(state, 3, "gone", "gone for good: remove it")
    if state.failures == 1:
        return Health(state, 2, "failing", "failed once")
    if state.failures:
        return Health(state, 4, "failing", f"failed {state.failures} times in a row")
    if state.polled_at is None:
        return Health(state, 1, "new", "not asked yet")
    due = state.next_at is not None and state.next_at < at
    return Health(state, 0, "well", "well, and due" if due else "well")


def _health(request: Request, person: Person) -> Response:
    here = office(request)
    sources = load_settings(here.newsroom.folder).sources
    with here.database.reading() as connection:
        states = states_of(connection, [source.url for source in sources])
        report = editions.last_report(connection)
        under_way = editions.under_way(connection)
    found = sorted((health(state, here.clock()) for state in states.values()), key=lambda one: (-one.grave, one.state.url))
    counts = Counter(one.kind for one in found)
    problems = report.problems[:PROBLEMS] if report else ()
    shown = {"found": found[:SHOWN], "total": len(found), "counts": counts, "report": report, "problems": problems}
    return page(request, "health.html", person, under_way=under_way, **shown)
