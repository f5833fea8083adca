"""``/desk/decide/``: one page and one form for everything an editor can decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from msgspec import Struct, structs
from msgspec.structs import replace
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.config import load_topics
from broadsheet.edition.regrouping import merge_stories, split_story
from broadsheet.errors import BroadsheetError
from broadsheet.models import Action, Decision, PublishedStory, Topic
from broadsheet.serve.desk_pages import Form, back, page, posted, viewed
from broadsheet.serve.desk_stories import candidates
from broadsheet.serve.office import office
from broadsheet.serve.people import Person, note
from broadsheet.serve.sessions import target as ours
from broadsheet.store import articles, changes, claims, decisions, shelf
from broadsheet.text import clean, fold_space

MAX_REASON, MAX_NAME, MAX_WORD, MAX_ADDRESS = 500, 500, 100, 2000  # characters
SPLITTABLE = 300  # articles that the form of a split shows
PINS = {6: "6 hours", 24: "a day", 72: "3 days", 168: "a week"}

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_SOURCE = re.compile(r"https?://[^\s/]+\S*")


class Deciding(Struct, frozen=True):
    """What can be decided: its heading, the button, and of what it is decided."""

    heading: str
    button: str
    of: str  # story, article, outlet, source (or outlet), word


DECIDING = {
    "withhold": Deciding("Withhold a story", "Withhold", "story"),
    "pin": Deciding("Pin a story to the top", "Pin", "story"),
    "merge": Deciding("Merge another story into this one", "Merge", "story"),
    "split": Deciding("Split articles off into a story of their own", "Split", "story"),
    "retag": Deciding("Change a story's topics", "Retag", "story"),
    "rename": Deciding("Rename a story", "Rename", "story"),
    "headline": Deciding("Correct an article's headline", "Correct", "article"),
    "outlet": Deciding("Correct an outlet's name", "Correct", "outlet"),
    "trust": Deciding("Trust an outlet or source", "Trust", "source"),
    "distrust": Deciding("Distrust an outlet or source", "Distrust", "source"),
    "mute-source": Deciding("Mute an outlet or source", "Mute", "source"),
    "mute-word": Deciding("Mute a word", "Mute", "word"),
}


def routes() -> list[BaseRoute]:
    return [
        Route("/desk/decide/{action}", viewed("desk", _asked), methods=["GET"]),
        Route("/desk/decide/{action}", posted("desk", _decided), methods=["POST"]),
    ]


# --- asking --------------------------------------------------------------------------------------------------------------


def _asked(request: Request, person: Person) -> Response:
    action = _action(request)
    of = request.query_params.get("of", "")
    then = ours(request.query_params.get("next", ""))
    here = office(request)
    with here.database.reading() as connection:
        shown = _shown(connection, action, of)
        if action == "retag":
            shown["topics"] = load_topics(here.newsroom.folder)
    return page(request, "decide.html", person, action=action, deciding=DECIDING[action], of=of, then=then, **shown)


def _shown(connection: Connection, action: str, of: str) -> dict[str, Any]:
    """What the page of an action shows beside its form."""
    shown: dict[str, Any] = {"story": None, "title": of, "pins": PINS}
    if DECIDING[action].of == "story":
        story = _story(connection, of)
        shown |= {"story": story, "title": story.record.title}
        if action == "merge":
            shown["candidates"] = candidates(connection, story)
        if action == "split":
            shown["members"] = articles.members(connection, [of]).get(of, [])[:SPLITTABLE]
    if action == "headline":
        shown["title"] = _headline(connection, of)
    if action == "outlet":
        shown["title"] = _outlet_name(connection, of)
    return shown


def _action(request: Request) -> str:
    action = str(request.path_params["action"])
    if action not in DECIDING:
        raise HTTPException(404, "there is nothing of that name to decide")
    return action


def _story(connection: Connection, id: str) -> PublishedStory:
    story = shelf.by_story(connection, [id]).get(id)
    if story is None:
        raise HTTPException(404, "there is no such story")
    if into := changes.superseded(connection, [id]).get(id):
        raise BroadsheetError(f"that story went into another: {into}")
    return story


def _headline(connection: Connection, key: str) -> str:
    member = articles.find(connection, key)
    if member is None:
        raise HTTPException(404, "there is no such article")
    said = [item.value for item in decisions.history(connection, [key]) if item.action == "headline" and not item.undone_at]
    return said[-1] if said else member.article.title


def _outlet_name(connection: Connection, domain: str) -> str:
    (found,) = shelf.Shelf(connection).outlet_counts([domain])
    return found.provider.name


# --- deciding ------------------------------------------------------------------------------------------------------------


class Sent(Struct, frozen=True):
    """A form that came, and what reading it takes."""

    connection: Connection
    form: Form
    at: datetime
    topics: Sequence[Topic]

    def field(self, name: str) -> str:
        return self.form.get(name, "")


class Said(Struct, frozen=True):
    """What a form says: the fields of a `Decision` that depend on its action."""

    target: str
    value: str = ""
    before: str = ""
    about: str = ""


def _decided(request: Request, person: Person, form: Form) -> Response:
    here, action, of = office(request), _action(request), form.get("of", "")
    reason, at = _text(form.get("reason", ""), MAX_REASON), here.at()
    with here.database.transaction() as connection:
        claims.regroup_alone(connection)
        if action in ("merge", "split"):
            _regroup(connection, action, form, at, person.name, reason or "no reason given")
        else:
            said = _READ[action](Sent(connection, form, at, load_topics(here.newsroom.folder)))
            named = cast(Action, action.replace("-", " "))
            fields = structs.asdict(said)
            decisions.decide(connection, Decision(action=named, who=person.name, at=at, reason=reason, **fields))
        note(request, connection, person.name, f"decided: {action}", of, reason)
    return back(ours(form.get("next", "")), "decided")


def _regroup(connection: Connection, action: str, form: Form, at: datetime, by: str, reason: str) -> None:
    story = _story(connection, form.get("of", ""))
    if action == "merge":
        merge_stories(connection, story.id, _story(connection, form.get("other", "")).id, at, by, reason)
    else:
        keys = [value for name, value in form.items() if name.startswith("key-")]
        split_story(connection, story.id, keys, at, by, reason)


def _text(said: str, most: int) -> str:
    text = fold_space(clean(said))
    if len(text) > most:
        raise BroadsheetError(f"{text[:40]}…: at most {most} characters")
    return text


def _needed(said: str, most: int, what: str) -> str:
    text = _text(said, most)
    if not text:
        raise BroadsheetError(f"{what} is needed")
    return text


def _withhold(sent: Sent) -> Said:
    story = _story(sent.connection, sent.field("of"))
    return Said(story.id, about=f"{story.record.title}\n{story.record.excerpt}")


def _pin(sent: Sent) -> Said:
    hours = sent.field("hours")
    if hours not in map(str, PINS):
        raise BroadsheetError(f"a pin holds for {', '.join(PINS.values())}")
    return replace(_withhold(sent), value=(sent.at + timedelta(hours=int(hours))).isoformat())


def _rename(sent: Sent) -> Said:
    said = _withhold(sent)
    return replace(said, value=_needed(sent.field("value"), MAX_NAME, "a name"), before=said.about.partition("\n")[0])


def _retag(sent: Sent) -> Said:
    story = _story(sent.connection, sent.field("of"))
    chosen = {topic.name for topic in sent.topics if f"topic-{topic.slug}" in sent.form}
    value = "\n".join(with_ancestors(chosen, sent.topics))
    return replace(_withhold(sent), value=value, before="\n".join(story.record.topics))


def with_ancestors(chosen: set[str], topics: Sequence[Topic]) -> list[str]:
    """Those topics, the most specific first, each with its ancestors after it."""
    parents = {topic.name: topic.parent for topic in topics}

    def line(name: str) -> list[str]:
        return [name, *line(parents[name])] if parents.get(name) else [name]

    lines = sorted((line(name) for name in parents if name in chosen), key=len, reverse=True)
    return list(dict.fromkeys(name for found in lines for name in found))


def _correct_headline(sent: Sent) -> Said:
    before = _headline(sent.connection, sent.field("of"))
    return Said(sent.field("of"), _needed(sent.field("value"), MAX_NAME, "a headline"), before, before)


def _correct_outlet(sent: Sent) -> Said:
    domain = sent.field("of")
    if not _DOMAIN.fullmatch(domain):
        raise BroadsheetError(f"{domain[:100]!r} is no outlet's domain")
    before = _outlet_name(sent.connection, domain)
    return Said(domain, _needed(sent.field("value"), MAX_NAME, "a name"), before, before)


def _source(sent: Sent) -> Said:
    said = sent.field("of").strip()
    if len(said) > MAX_ADDRESS or not (_DOMAIN.fullmatch(said.lower()) or _SOURCE.fullmatch(said)):
        raise BroadsheetError(f"{said[:100]!r} is neither an outlet's domain, such as post.example, nor a source's address")
    return Said(said if "://" in said else said.lower())


def _word(sent: Sent) -> Said:
    return Said(_needed(sent.field("of"), MAX_WORD, "a word"))


_READ: Mapping[str, Callable[[Sent], Said]] = {
    "withhold": _withhold,
    "pin": _pin,
    "rename": _rename,
    "retag": _retag,
    "headline": _correct_headline,
    "outlet": _correct_outlet,
    "trust": _source,
    "distrust": _source,
    "mute-source": _source,
    "mute-word": _word,
}
