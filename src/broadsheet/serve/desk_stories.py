"""``/desk/``: what came in, a story with all that is known of it, and the log of what was decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.edition.desk import told_of
from broadsheet.models import Decision, Member, PublishedStory, Score, StoryChange
from broadsheet.serve.desk_pages import page, viewed
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import Person
from broadsheet.store import articles, changes, decisions, shelf
from broadsheet.why import heat_of

PAGE = 40  # stories
LAST = 25  # pages
MOST = PAGE * LAST  # stories that a filter looks through
CANDIDATES = 30  # stories that another may be merged with
MEMBERS = 300  # articles shown of a story
LOGGED = 100  # lines

_WORD = re.compile(r"\w{4,}")


def routes() -> list[BaseRoute]:
    return [
        Route("/desk/", viewed("desk", _stories), methods=["GET"]),
        Route("/desk/stories/{id}/", viewed("desk", _story), methods=["GET"]),
        Route("/desk/log/", viewed("desk", _log), methods=["GET"]),
    ]


class Line(Struct, frozen=True):
    """A story in the list, with its heat now and what holds of it."""

    story: PublishedStory
    heat: Score | None
    outlets: list[str]
    holding: list[Decision]
    muted: bool = False  # all its articles are

    @property
    def title(self) -> str:
        renamed = [item.value for item in self.holding if item.action == "rename"]
        return renamed[-1] if renamed else self.story.record.title

    @property
    def topics(self) -> Sequence[str]:
        retagged = [item.value.splitlines() for item in self.holding if item.action == "retag"]
        return retagged[-1] if retagged else self.story.record.topics

    @property
    def states(self) -> list[str]:
        said = {item.action for item in self.holding}
        names = {"withhold": "withheld", "pin": "pinned", "rename": "renamed", "retag": "retagged"}
        why = "muted" if self.muted else "not shown: too cool"
        hidden = [] if self.story.record.published or "withhold" in said else [why]
        return [names[action] for action in names if action in said] + hidden


def _stories(request: Request, person: Person) -> Response:
    asked = request.query_params
    words, show = asked.get("q", "")[:200], asked.get("show", "all")
    number = min(int(asked["page"]), LAST) if re.fullmatch("[1-9][0-9]?", asked.get("page", "")) else 1
    here = office(request)
    with here.database.reading() as connection:
        found = _hottest(connection, MOST if words else number * PAGE + 1, show)
        chosen = [story for story in found if _has(story, words)]
        lines = _lines(here, connection, chosen[(number - 1) * PAGE : number * PAGE])
    more = number + 1 if len(chosen) > number * PAGE and number < LAST else None
    return page(request, "stories.html", person, lines=lines, words=words, show=show, number=number, more=more)


def _hottest(connection: Connection, limit: int, show: str) -> list[PublishedStory]:
    shown = {"shown": (True,), "hidden": (False,)}.get(show, (True, False))
    found = [story for one in shown for story in shelf.hottest(connection, limit, one)]
    gone = changes.superseded(connection, [story.id for story in found])
    return sorted((story for story in found if story.id not in gone), key=lambda s: (-s.rank, s.record.path))[:limit]


def _has(story: PublishedStory, words: str) -> bool:
    record = story.record
    said = " ".join([record.title, record.excerpt, *record.topics, *_outlets(story)]).casefold()
    return all(word in said for word in words.casefold().split())


def _outlets(story: PublishedStory) -> list[str]:
    record = story.record
    providers = [record.provider, *(report.provider for report in record.related)]
    return list(dict.fromkeys(provider.name or provider.domain for provider in providers if provider))


def _lines(here: Office, connection: Connection, stories: Sequence[PublishedStory]) -> list[Line]:
    said = _holding(connection, [story.id for story in stories])
    hidden = articles.all_hidden(connection, [story.id for story in stories if not story.record.published])
    settings, at = here.newsroom.settings.curate, here.clock()
    return [
        Line(story, heat_of(story.record, settings, at), _outlets(story), said.get(story.id, []), story.id in hidden)
        for story in stories
    ]


def _holding(connection: Connection, ids: Sequence[str]) -> dict[str, list[Decision]]:
    """What holds of each of those stories, and of what went into it."""
    said = decisions.of_stories(connection, ids)
    return {name: [item for item in found if item.undone_at is None] for name, found in said.items()}


# --- one story -----------------------------------------------------------------------------------------------------------


def _story(request: Request, person: Person) -> Response:
    here, id = office(request), request.path_params["id"]
    with here.database.reading() as connection:
        story = shelf.by_story(connection, [id]).get(id)
        if story is None:
            raise HTTPException(404, "there is no such story")
        (line,) = _lines(here, connection, [story])
        members = articles.members(connection, [id]).get(id, [])
        shown: dict[str, Any] = {
            "line": line,
            "story": story,
            "count": len(members),
            "members": sorted(members, key=_by_time)[:MEMBERS],
            "into": changes.superseded(connection, [id]).get(id),
            "log": _told(here, connection, id, members),
        }
    return page(request, "story.html", person, **shown)


def _by_time(member: Member) -> tuple[str, str]:
    return str(member.article.published_at), member.article.key


def _told(here: Office, connection: Connection, id: str, members: Sequence[Member]) -> list[decisions.Logged]:
    """All that was decided of a story, by people and by curation, the newest first."""
    targets = {member.article.key for member in members} | {member.article.provider.domain for member in members}
    told = told_of(connection, id, members, targets, here.newsroom.settings.curate)
    found = [decisions.Logged("decision", item) for item in told]
    found += [decisions.Logged("change", item) for item in changes.changes_of(connection, [id]).get(id, ())]
    return sorted(found, key=lambda line: (line.what.at, line.what.id), reverse=True)[:LOGGED]


def candidates(connection: Connection, story: PublishedStory) -> list[PublishedStory]:
    """The stories most likely to be merged with it: those whose headlines share words with its own, then the hottest."""
    words = _words(story.record.title)
    others = [other for other in _hottest(connection, MOST, "all") if other.id != story.id]
    return sorted(others, key=lambda other: -len(words & _words(other.record.title)))[:CANDIDATES]


def _words(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.casefold())}


# --- the log -------------------------------------------------------------------------------------------------------------


def _log(request: Request, person: Person) -> Response:
    asked = request.query_params
    who = asked.get("who", "")[:64]
    until = datetime.fromtimestamp(int(asked["until"]), UTC) if re.fullmatch(r"\d{1,11}", asked.get("until", "")) else None
    with office(request).database.reading() as connection:
        lines = decisions.log(connection, LOGGED, until, who)
        about = dict(_titles(connection, lines))
    older = int(lines[-1].what.at.timestamp()) if len(lines) == LOGGED else None
    return page(request, "log.html", person, lines=lines, who=who, older=older, about=about)


def _titles(connection: Connection, lines: Sequence[decisions.Logged]) -> Iterator[tuple[str, str]]:
    """The headline of each story that a merge or split tells of."""
    ids = {name for line in lines if isinstance(line.what, StoryChange) for name in (line.what.story, line.what.other)}
    for name, story in shelf.by_story(connection, ids).items():
        yield name, story.record.title
