"""`broadsheet newsletter`: composing the letter of a newsroom's best stories, keeping it, sending it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from broadsheet.errors import BroadsheetError, PublishError
from broadsheet.models import Value
from broadsheet.newsroom import Newsroom, locked, remembered
from broadsheet.publish.files import write
from broadsheet.publish.git import commit
from broadsheet.publish.git_push import push
from broadsheet.publish.mailing import PASSWORD, Sent, journal, send
from broadsheet.publish.newsletter import Letter, best, compose_letter, message, recipients, sender
from broadsheet.store import shelf

FOLDER = "_newsletters"  # of the letters that were sent, in Git
STATE = "letters"  # in the newsroom's state: letters under way and journals, with people's addresses
SUBSCRIBERS = "subscribers.txt"
_SPAN = re.compile(r"(\d{1,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


class Outgoing(Value, frozen=True):
    """A letter on its way. It stays in the newsroom's state until all have got it, so that a killed run can be ended."""

    letter: Letter
    at: datetime


def span(text: str) -> timedelta:
    """The time that "12h", "7d" or "2w" says. Raises BroadsheetError."""
    match = _SPAN.fullmatch(text.strip())
    if not match or not int(match[1]):
        raise BroadsheetError(f"--since {text!r} is no span of time; write it like 12h, 7d or 2w")
    return timedelta(hours=int(match[1]) * _HOURS[match[2]])


def write_letter(newsroom: Newsroom, since: timedelta, at: datetime) -> Letter:
    """The letter of the best stories published in the time before ``at``. Raises BroadsheetError."""
    settings = newsroom.settings
    with remembered(newsroom) as connection:
        stories = best(shelf.since(connection, at - since), settings.newsletter.stories)
    return compose_letter(stories, at - since, at, settings.newsroom, settings.newsletter)


def send_letter(newsroom: Newsroom, since: timedelta, at: datetime) -> list[tuple[str, Sent]]:
    """Send what a killed run left, then the letter of today, unless all have it; what became of each letter, by its name.

    The letter is kept and committed before the first one leaves. Raises BroadsheetError.
    """
    sender(newsroom.settings.newsletter)
    people = _subscribers(newsroom)
    today = f"{at:%Y-%m-%d}"
    if not (newsroom.state / STATE / f"{today}.journal").exists():
        _keep(newsroom, Outgoing(letter=write_letter(newsroom, since, at), at=at.replace(microsecond=0)))
    waiting = sorted((newsroom.state / STATE).glob("*.json"))
    return [(path.stem, _send(newsroom, path, people)) for path in waiting]


def _keep(newsroom: Newsroom, going: Outgoing) -> None:
    """Put the letter among those that go out, and into the newsroom's repository."""
    name = going.letter.name
    files = {f"{FOLDER}/{name}.html": going.letter.html, f"{FOLDER}/{name}.txt": going.letter.text}
    with locked(newsroom):
        for path, content in files.items():
            write(newsroom.folder / path, content.encode())
        write(newsroom.state / STATE / f"{name}.json", msgspec.json.encode(going))
        publish = newsroom.settings.publish
        if publish.git:
            said = f"Newsletter of {name}\n"
            made = commit(newsroom.folder, files, lambda _: said, going.at, publish.author, publish.branch)
            if made and publish.remote:
                with suppress(PublishError):  # the next edition pushes what this could not; readers need not wait for it
                    push(newsroom.folder, publish.remote, publish.branch)


def _send(newsroom: Newsroom, path: Path, people: list[str]) -> Sent:
    going = msgspec.json.decode(path.read_bytes(), type=Outgoing)
    settings = newsroom.settings
    make = partial(message, going.letter, at=going.at, newsroom=settings.newsroom, settings=settings.newsletter)
    with journal(path.with_suffix(".journal")) as kept:
        sent = send(people, make, kept, settings.newsletter, os.environ.get(PASSWORD, ""))
    if not sent.delayed:
        path.unlink()
    return sent


def _subscribers(newsroom: Newsroom) -> list[str]:
    path = newsroom.state / SUBSCRIBERS
    try:
        found = recipients(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(f"{path}: cannot be read: {error}; write one mail address a line into it") from None
    if not found:
        raise PublishError(f"{path}: names nobody; write one mail address a line into it")
    return found
