"""``/desk/``: where editors see what came in and correct it. What each page does is in the module of its name."""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route

from broadsheet.serve import (
    desk_audit,
    desk_decisions,
    desk_incoming,
    desk_pages,
    desk_rules,
    desk_sources,
    desk_stories,
    desk_topics,
    desk_undo,
)


def routes() -> list[BaseRoute]:
    return [
        Route("/desk", lambda _request: RedirectResponse("/desk/"), methods=["GET"]),
        Route("/desk/assets/{name}", desk_pages.asset, methods=["GET"]),
        *desk_stories.routes(),
        *desk_incoming.routes(),
        *desk_decisions.routes(),
        *desk_rules.routes(),
        *desk_topics.routes(),
        *desk_sources.routes(),
        *desk_undo.routes(),
        *desk_audit.routes(),
    ]
