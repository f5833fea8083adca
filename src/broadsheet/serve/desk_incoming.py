"""``/desk/incoming/``: the articles that came in, the newest first, with what became of each: its story, or why it has none."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.serve.desk_pages import page, viewed
from broadsheet.serve.office import office
from broadsheet.serve.people import Person
from broadsheet.store import articles, shelf

PAGE = 50  # articles
LOOKED = 2000  # articles that are looked through for a page of those without a story


def routes() -> list[BaseRoute]:
    return [Route("/desk/incoming/", viewed("desk", _incoming), methods=["GET"])]


def _incoming(request: Request, person: Person) -> Response:
    asked = request.query_params
    show, until, key = asked.get("show", "all"), asked.get("until", ""), asked.get("key", "")
    behind = (int(until), key) if re.fullmatch(r"-?[0-9]{1,12}", until) and "\0" not in key else None
    with office(request).database.reading() as connection:
        places = articles.newest(connection, LOOKED if show == "out" else PAGE + 1, behind)
        chosen = [place for place in places if show != "out" or not place.story]
        lines = articles.members_of(connection, [place.key for place in chosen[:PAGE]])
        stories = shelf.by_story(connection, {member.judgement.story for member in lines})
    older = chosen[PAGE - 1] if len(chosen) > PAGE else (places[-1] if show == "out" and len(places) == LOOKED else None)
    return page(request, "incoming.html", person, lines=lines, stories=stories, show=show, older=older, begun=behind is None)
