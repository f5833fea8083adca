"""Why something was judged as it was: an article or record, with all that its topics, story, quality and heat were made of."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path, PurePosixPath

import msgspec
from sqlalchemy import Connection

from broadsheet.curate.heat import EXPIRED, PER_PROVIDER, Report, heat_now, independent
from broadsheet.edition.desk import told_of
from broadsheet.errors import BroadsheetError, RecordError
from broadsheet.models import Decision, Judgement, Member, Provider, PublishedStory, Record, Score, StoryChange, Value
from broadsheet.newsroom import RECORDS_FOLDER, Newsroom, remembered
from broadsheet.publish.files import inside
from broadsheet.publish.record import edited, parse_record
from broadsheet.settings import CurateSettings
from broadsheet.store import articles, changes, decisions, earlier, frontier, shelf
from broadsheet.urls import url_key


class Explanation(Value, frozen=True):
    """An article with its judgement, the story it belongs to (None: off topic), and the story's other articles."""

    member: Member
    story: PublishedStory | None = None
    others: tuple[Member, ...] = ()
    original: str = ""  # address of the article whose text it repeats
    heat_now: Score | None = None  # None: no story, or one that expired
    changes: tuple[StoryChange, ...] = ()  # the merges and splits of the story
    decisions: tuple[Decision, ...] = ()  # what editors decided of it, of its story and outlet, undone or not
    edited: tuple[str, ...] = ()  # the fields of the story's record that a person corrected in its file


def explain(newsroom: Newsroom, name: str, at: datetime) -> Explanation:
    """What is known of an article's address, or of a record's path, file name or name. Raises BroadsheetError for neither.

    ``at`` is the instant of which heat now is told.
    """
    with remembered(newsroom) as connection:
        found = explained(connection, name, newsroom.settings.curate, at)
        if found.story is None:
            return found
        return msgspec.structs.replace(found, edited=_edited(connection, newsroom.folder, found.story.record))


def _edited(connection: Connection, folder: Path, record: Record) -> tuple[str, ...]:
    ours = [record, *earlier.forms(connection, [record.path]).get(record.path, ())]
    try:
        return tuple(edited(parse_record(record.path, inside(folder, record.path).read_bytes()), ours))
    except (RecordError, OSError):
        return ()


def explained(connection: Connection, name: str, settings: CurateSettings, at: datetime) -> Explanation:
    """`explain` by a connection that is open."""
    found = _explanation(connection, _find(connection, name), settings)
    if found.story is None:
        return found
    return msgspec.structs.replace(found, heat_now=heat_of(found.story.record, settings, at))


def heat_of(record: Record, settings: CurateSettings, at: datetime) -> Score | None:
    """A record's heat at that instant; None for one that expired or went into another."""
    if record.heat in (None, EXPIRED) or record.published_at is None:
        return None
    nobody = Provider(name="", domain="")
    counts = independent(record.provider or nobody, [entry.provider for entry in record.related], settings.owners)
    others = [
        Report(entry.published_at, PER_PROVIDER)
        for entry, heard in zip(record.related, counts, strict=True)
        if heard and entry.published_at
    ]
    return heat_now(Report(record.published_at, record.quality or 0), others, at, settings.half_life_hours)


def _find(connection: Connection, name: str) -> Member:
    story = shelf.by_path(connection, _record_path(name))
    addresses = (story.record.web_url, story.record.original_url) if story else (name,)
    for address in addresses:
        member = articles.find(connection, url_key(address))
        if member is not None:
            return member
    problem = frontier.entry_problem(connection, url_key(name))
    if problem:
        raise BroadsheetError(f"{name}: its page was not read: {problem}")
    raise BroadsheetError(f"{name}: is neither the address of an article of this newsroom nor one of its records")


def _record_path(name: str) -> str:
    file = PurePosixPath(name).name
    return f"{RECORDS_FOLDER}/{file.removesuffix('.md')}.md"


def _explanation(connection: Connection, member: Member, settings: CurateSettings) -> Explanation:
    judgement = member.judgement
    about = {member.article.key, member.article.provider.domain, member.article.source}
    if not judgement.story:
        told = tuple(decisions.history(connection, about))
        return Explanation(member=member, original=_original(connection, judgement), decisions=told)
    story = shelf.by_story(connection, [judgement.story]).get(judgement.story)
    group = articles.members(connection, [judgement.story]).get(judgement.story, [])
    others = sorted((item for item in group if item.article.key != member.article.key), key=_by_time)
    about |= {item.article.key for item in group}
    return Explanation(
        member=member,
        story=story,
        others=tuple(others),
        original=_original(connection, judgement),
        changes=tuple(changes.changes_of(connection, [judgement.story]).get(judgement.story, ())),
        decisions=tuple(told_of(connection, judgement.story, group, about, settings)),
    )


def _by_time(member: Member) -> tuple[str, str]:
    return str(member.article.published_at), member.article.key


def _original(connection: Connection, judgement: Judgement) -> str:
    original = articles.find(connection, judgement.copy_of) if judgement.copy_of else None
    return original.article.web_url if original else ""
