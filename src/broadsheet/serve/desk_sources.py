"""``/desk/sources/``: sources added, removed and marked, and what one would have brought over the past week."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.adding import Removed, remove_source, restore_source, write_sources
from broadsheet.config import load_settings
from broadsheet.errors import BroadsheetError
from broadsheet.gather.answers import read_asked
from broadsheet.gather.discovery import discover
from broadsheet.gather.poll import ask
from broadsheet.gather.values import Asked
from broadsheet.models import Article, Decision, Entry, Provider, Source, SourceState
from broadsheet.serve.desk_pages import Form, back, page, posted, viewed
from broadsheet.serve.desk_rules import SHOWN, health
from broadsheet.serve.desk_topics import WEEK, index_of
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import Person, note
from broadsheet.settings import Settings
from broadsheet.store import decisions
from broadsheet.store.sources import states_of
from broadsheet.store.values import dump, load
from broadsheet.text import clean, fold_space
from broadsheet.urls import host, url_key

HOME = "/desk/sources/"
ENTRIES = 200  # of a source that a preview looks at
OTHERS = 10  # sources of a site that are named
MAX_ADDRESS = 2000  # characters
PATIENCE = 60.0  # seconds that looking at a site may take


def routes() -> list[BaseRoute]:
    return [
        Route(HOME, viewed("admin", _sources), methods=["GET"]),
        Route(f"{HOME}preview", posted("admin", _preview), methods=["POST"]),
        Route(f"{HOME}add", posted("admin", _add), methods=["POST"]),
        Route(f"{HOME}remove", posted("admin", _remove), methods=["POST"]),
    ]


def _sources(request: Request, person: Person) -> Response:
    here, words = office(request), request.query_params.get("q", "")[:200]
    sources = load_settings(here.newsroom.folder).sources
    chosen = [source for source in sources if words.casefold() in f"{source.url} {source.title}".casefold()][:SHOWN]
    with here.database.reading() as connection:
        states = states_of(connection, [source.url for source in chosen])
        marks = {rule.target: rule.action for rule in decisions.rules(connection)}
    lines = [(source, health(states[source.url], here.clock()), marks.get(source.url, "")) for source in chosen]
    return page(request, "sources.html", person, lines=lines, total=len(sources), words=words)


def _address(form: Form) -> str:
    url = form.get("url", "").strip()
    if not url or len(url) > MAX_ADDRESS:
        raise BroadsheetError(f"an address is needed, of at most {MAX_ADDRESS} characters")
    return url


def _add(request: Request, person: Person, form: Form) -> Response:
    here, url = office(request), _address(form)
    if not url.startswith(("http://", "https://")):
        raise BroadsheetError(f"{url[:100]!r} is not an http:// or https:// address")
    kind = form.get("kind", "feed")
    if kind not in ("feed", "sitemap"):
        raise BroadsheetError(f"{kind[:20]!r}: a source is a feed or a sitemap")
    source = Source(url=url, kind="feed" if kind == "feed" else "sitemap", title=fold_space(clean(form.get("title", "")))[:200])
    with here.database.transaction() as connection:
        note(request, connection, person.name, "source added", url)
        decisions.decide(connection, Decision(action="add source", target=url, who=person.name, at=here.at()))
        write_sources(here.newsroom, [source])
    here.live.look_again()
    return back(HOME, "written")


def _remove(request: Request, person: Person, form: Form) -> Response:
    here, url = office(request), _address(form)
    with here.database.transaction() as connection:
        note(request, connection, person.name, "source removed", url)
        removed = remove_source(here.newsroom, url)
        decision = Decision(action="remove source", target=url, who=person.name, at=here.at(), before=dump(removed))
        decisions.decide(connection, decision)
    here.live.look_again()
    return back(HOME, "written")


def undo_source(here: Office, decision: Decision) -> None:
    """Take a source out that was added, or put one back that was removed. Raises BroadsheetError."""
    if decision.action == "add source":
        remove_source(here.newsroom, decision.target)
    else:
        restore_source(here.newsroom, load(decision.before, Removed))


# --- what a source would have brought ------------------------------------------------------------------------------------


class Brought(Struct, frozen=True):
    """An entry of the past week with the topics that its headline and summary have."""

    entry: Entry
    topics: str


class Looked(Struct, frozen=True):
    """The sources of a site, best first, and what the best of them says."""

    sources: Sequence[Source]
    entries: Sequence[Entry] = ()
    problem: str = ""


def _preview(request: Request, person: Person, form: Form) -> Response:
    here, url = office(request), _address(form)
    settings = load_settings(here.newsroom.folder)
    known = {source.url for source in settings.sources}
    looked = asyncio.run(_look(here, settings, url))
    with here.database.reading() as connection:
        index = index_of(settings.topics, settings, decisions.retags(connection))
    week = [entry for entry in looked.entries if _is_of_the_week(entry, here.clock())]
    brought = [Brought(entry, ", ".join(match.topic for match in index.match(_article(entry)))) for entry in week[:ENTRIES]]
    shown = {"looked": looked, "brought": brought, "let_in": [one for one in brought if one.topics], "known": known, "url": url}
    return page(request, "source.html", person, **shown)


async def _look(here: Office, settings: Settings, url: str) -> Looked:
    at = here.clock()
    try:
        async with asyncio.timeout(PATIENCE), here.client(here.newsroom, at) as asking:
            sources = (await discover(asking, url))[:OTHERS]
            if not sources or sources[0].kind == "archive":
                return Looked(sources, problem="" if sources else "no feed or sitemap was found there")
            asked = await ask(sources[0], SourceState(url=sources[0].url), asking, at, settings.gather)
            found = read_asked(asked, at, settings.gather) if isinstance(asked, Asked) else asked
    except TimeoutError:
        return Looked((), problem=f"it took more than {PATIENCE:.0f} seconds")
    except BroadsheetError as error:
        return Looked((), problem=str(error))
    return Looked(sources, found.entries, found.problem.reason if found.problem else "")


def _is_of_the_week(entry: Entry, at: datetime) -> bool:
    """One without a date is taken for new, as by an edition."""
    when = entry.published_at or entry.updated_at
    return when is None or when >= at - WEEK


def _article(entry: Entry) -> Article:
    """An entry as far as topics see it before its page is read."""
    outlet = Provider(name="", domain=host(entry.url) or "")
    return Article(
        key=url_key(entry.url),
        original_url=entry.url,
        web_url=entry.url,
        title=entry.title,
        excerpt=clean(entry.summary),
        provider=outlet,
    )
