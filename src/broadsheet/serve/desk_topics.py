"""``/desk/topics/``: topics in their own files, and what a change of one would have let in over the past week."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from broadsheet.config import TOPICS_FOLDER, load_settings, load_topics, topic_files
from broadsheet.curate.decisions import corrections
from broadsheet.curate.topics import TopicIndex
from broadsheet.errors import BroadsheetError
from broadsheet.models import Article, Decision, Topic, TopicMatch
from broadsheet.publish.files import remove, write
from broadsheet.serve.desk_pages import Form, back, page, posted, viewed
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import Person, note
from broadsheet.settings import Settings
from broadsheet.store import articles, decisions, shelf

HOME = "/desk/topics/"
WEEK = timedelta(days=7)
ARTICLES = 3000  # of the past week that a preview looks at
SHOWN = 40  # articles of a preview that are named
LARGEST = 100_000  # characters of a topic's file

_FILE = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}\.ya?ml")
_NEW = "name: \ndescription: \nkeywords:\n  - \n"


def routes() -> list[BaseRoute]:
    return [
        Route(HOME, viewed("admin", _topics), methods=["GET"]),
        Route(f"{HOME}edit", viewed("admin", _edit), methods=["GET"]),
        Route(f"{HOME}preview", posted("admin", _preview), methods=["POST"]),
        Route(f"{HOME}write", posted("admin", _write), methods=["POST"]),
        Route(f"{HOME}remove", posted("admin", _remove), methods=["POST"]),
    ]


def _topics(request: Request, person: Person) -> Response:
    here = office(request)
    folder = here.newsroom.folder
    with here.database.reading() as connection:
        counts = shelf.Shelf(connection).topic_counts()
    found = list(zip([path.name for path in topic_files(folder)], load_topics(folder), strict=True))
    return page(request, "topics.html", person, topics=found, counts=counts)


def _edit(request: Request, person: Person) -> Response:
    file = request.query_params.get("file", "")
    text = _read(office(request), file) if file else _NEW
    return page(request, "topic.html", person, file=file, text=text, was=_digest(text) if file else "", change=None)


def _read(here: Office, file: str) -> str:
    """The text of a topic's file as it is. Raises BroadsheetError for any other file."""
    path = next((path for path in topic_files(here.newsroom.folder) if path.name == file), None)
    if path is None:
        raise BroadsheetError(f"{file[:100]!r} is no topic's file")
    return path.read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _sent(here: Office, form: Form) -> tuple[str, str]:
    """The name and new text of a file, if it may be written. Raises BroadsheetError."""
    file, text = form.get("file", ""), form.get("text", "").replace("\r\n", "\n")
    if len(text) > LARGEST:
        raise BroadsheetError(f"a topic's file has at most {LARGEST} characters")
    if form.get("was"):
        _unchanged(here, file, form["was"])
    elif not _FILE.fullmatch(file) or (here.newsroom.folder / TOPICS_FOLDER / file).exists():
        raise BroadsheetError(f"{file[:100]!r}: a new file has a name of its own such as tidal-energy.yaml: a-z, 0-9, - and _")
    return file, text


def _unchanged(here: Office, file: str, was: str) -> Path:
    if _digest(_read(here, file)) != was:
        raise BroadsheetError(f"{file} was changed by somebody else meanwhile: load the page again")
    return here.newsroom.folder / TOPICS_FOLDER / file


def _write(request: Request, person: Person, form: Form) -> Response:
    here = office(request)
    file, text = _sent(here, form)
    load_topics(here.newsroom.folder, {file: text})
    path = here.newsroom.folder / TOPICS_FOLDER / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    with here.database.transaction() as connection:
        note(request, connection, person.name, "topic written", file)
        decision = Decision(action="write topic", target=file, who=person.name, at=here.at(), value=text, before=before)
        decisions.decide(connection, decision)
        write(path, text.encode())
    here.live.look_again()
    return back(HOME, "written")


def _remove(request: Request, person: Person, form: Form) -> Response:
    here, file = office(request), form.get("file", "")
    path = _unchanged(here, file, form.get("was", ""))
    load_topics(here.newsroom.folder, {file: None})
    before = _read(here, file)
    with here.database.transaction() as connection:
        note(request, connection, person.name, "topic removed", file)
        decision = Decision(action="remove topic", target=file, who=person.name, at=here.at(), before=before)
        decisions.decide(connection, decision)
        remove(path)
    here.live.look_again()
    return back(HOME, "written")


def undo_topic(here: Office, decision: Decision) -> None:
    """Give a topic's file the text it had before. Raises BroadsheetError when it was changed since."""
    file, path = decision.target, here.newsroom.folder / TOPICS_FOLDER / decision.target
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != decision.value:
        raise BroadsheetError(f"{file} was changed since: undo that first, or edit it")
    load_topics(here.newsroom.folder, {file: decision.before or None})
    if decision.before:
        write(path, decision.before.encode())
    else:
        remove(path)


# --- what a change would have let in -------------------------------------------------------------------------------------


class Found(Struct, frozen=True):
    """An article that a change lets in, or no longer, with why."""

    article: Article
    reason: str


class Change(Struct, frozen=True):
    """What a change would have done over the past week, of so many articles looked at."""

    looked: int
    let_in: list[Found]  # of no topic before
    left_out: list[Found]  # of no topic now
    gained: list[Found]  # the topic itself
    lost: list[Found]


def _preview(request: Request, person: Person, form: Form) -> Response:
    here = office(request)
    file, text = _sent(here, form)
    settings = load_settings(here.newsroom.folder)
    before, after = settings.topics, load_topics(here.newsroom.folder, {file: text})
    changed = {topic.name for topic in set(before) ^ set(after)}
    with here.database.reading() as connection:
        past = articles.latest(connection, here.clock() - WEEK, ARTICLES)
        retags = decisions.retags(connection)
    change = compare(past, index_of(before, settings, retags), index_of(after, settings, retags), changed)
    shown = {"file": file, "text": text, "was": form.get("was", ""), "change": change, "most": SHOWN}
    return page(request, "topic.html", person, **shown)


def index_of(topics: Sequence[Topic], settings: Settings, retags: Sequence[Decision]) -> TopicIndex:
    """Those topics as an edition would match articles with them."""
    return TopicIndex(topics, meaning=settings.curate.meaning, corrections=corrections(retags))


def compare(past: Sequence[Article], before: TopicIndex, after: TopicIndex, changed: set[str]) -> Change:
    """What differs between two sets of topics over those articles; of single topics only those ``changed`` are told."""
    change = Change(len(past), [], [], [], [])
    for article in past:
        old, new = before.match(article), after.match(article)
        _sort(article, old, new, change.let_in, changed=None)
        _sort(article, new, old, change.left_out, changed=None)
        _sort(article, old, new, change.gained, changed)
        _sort(article, new, old, change.lost, changed)
    return change


def _sort(
    article: Article,
    one: Sequence[TopicMatch],
    other: Sequence[TopicMatch],
    into: list[Found],
    changed: set[str] | None,
) -> None:
    """Keep the article if ``other`` has a topic that ``one`` has not; without ``changed``, if ``one`` has none at all."""
    had = {match.topic for match in one}
    new = [match for match in other if match.topic not in had and (changed is None or match.topic in changed)]
    if new and (changed is not None or not had):
        into.append(Found(article, "; ".join(f"{match.topic}: {match.reason}" for match in new)))
