"""From judged stories to their records: which articles lead, what the record says, whether it changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from broadsheet.curate import account, compose, credited
from broadsheet.curate.decisions import corrected, decided
from broadsheet.curate.heat import EXPIRED
from broadsheet.edition.desk import UNSAID, said_of, show_articles
from broadsheet.edition.pictures import want, with_kept
from broadsheet.edition.run import Run
from broadsheet.edition.summarising import with_summary
from broadsheet.models import Decision, Member, Part, Provider, PublishedStory, Record, Score, Standing, Story, StoryChange
from broadsheet.publish.build import build_record
from broadsheet.publish.record import record_path
from broadsheet.publish.seal import VARIABLE, Sealer, load_keys
from broadsheet.store import articles, changes, claims, decisions, memory, pictures, shelf, standings

BATCH = 200  # stories composed together


class Told(NamedTuple):
    """What is told of a story beside its scores: its merges and splits, and what editors decided."""

    changes: Sequence[StoryChange] = ()
    decisions: Sequence[Decision] = ()


NOTHING = Told()


def compose_stories(run: Run) -> None:
    """Compose the stories that changed or expired, and keep those whose published form is another one now."""
    sealer = open_sealer(run)
    with run.database.transaction() as connection:
        claims.regroup_alone(connection)
        decisions.let_pins_end(connection, run.at)
        memory.expire(connection, run.at - timedelta(days=run.settings.curate.expire_days))
    done = 0
    while True:
        with run.database.transaction() as connection:
            claims.regroup_alone(connection)
            ids = memory.touched(connection, BATCH)
            if not ids:
                break
            _compose(run, connection, ids, sealer)
            memory.clear_touched(connection, ids)
        done += len(ids)
        run.progress("compose", done, done + (BATCH if len(ids) == BATCH else 0))
    run.save_report()


def open_sealer(run: Run) -> Sealer | None:
    """The sealer with the newsroom's keys, or None, noted in the report, when it has none. Raises SealError for a bad key."""
    keys = load_keys(os.environ, run.newsroom.key_file)
    if keys:
        return Sealer(keys)
    run.note(f"no key, so `secured` is left out of new records: set {VARIABLE}, or `broadsheet init .` makes a key file")
    return None


def _compose(run: Run, connection: Connection, ids: list[str], sealer: Sealer | None) -> None:
    members = _with_outlets(run, connection, _credited(run, connection, articles.members(connection, ids)))
    before = shelf.by_story(connection, ids)
    said: dict[str, dict[str, Standing]] = {name: {} for name in ids}
    changed = changes.changes_of(connection, ids)
    gone = changes.superseded(connection, before)
    desk = said_of(connection, members, run.settings.curate)
    composed: dict[str, Story] = {}
    kept: dict[str, PublishedStory] = {}
    topics = {topic.name for topic in run.settings.topics}
    for name in ids:
        if name not in members:
            continue
        own = desk.get(name, UNSAID)
        heard = own.heard(members[name])
        story = compose(name, corrected(heard, own.holding), now=run.at, settings=run.settings.curate)
        said[name] = account(story, heard, withheld=own.is_withheld)
        story = decided(story, own.of_story, topics)
        if own.silences(members[name]):
            story = msgspec.structs.replace(story, published=False)
        composed[name] = story
        if run.settings.read.keep_images:
            want(connection, [story], run)
            story = _with_pictures(run, connection, story)
        old = before.get(name)
        told = Told(changed.get(name, ()), own.told)
        new = published(story, old or _new(run, connection, story, kept.values()), sealer, told)
        new = with_summary(run, connection, story, new, old)
        if new != old:
            kept[name] = new
            run.counts["stories new" if old is None else "stories changed"] += 1
    shelf.save_many(connection, list(kept.values()), run.at)
    _supersede(run, connection, [(before[name], gone[name]) for name in ids if name in gone and name not in members])
    standings.post(connection, said)
    show_articles(connection, composed, members, desk)


def _supersede(run: Run, connection: Connection, gone: Sequence[tuple[PublishedStory, str]]) -> None:
    """The records of stories that went into others stay where they are, unshown."""
    found = shelf.by_story(connection, {into for _, into in gone})
    superseded = [_superseded(old, into, found.get(into)) for old, into in gone]
    changed = [new for new, (old, _) in zip(superseded, gone, strict=True) if new != old]
    if changed:
        shelf.save_many(connection, changed, run.at)
        run.counts["stories changed"] += len(changed)


def _superseded(old: PublishedStory, into: str, found: PublishedStory | None) -> PublishedStory:
    reason = f"went into {found.record.path if found else f'story {into}'}"
    heat = Score(value=EXPIRED, parts=(Part(name="superseded", points=float(EXPIRED), reason=reason),))
    record = msgspec.structs.replace(old.record, heat=EXPIRED, published=False)
    return msgspec.structs.replace(old, record=record, rank=0.0, why_heat=heat)


def _with_pictures(run: Run, connection: Connection, story: Story) -> Story:
    article = story.lead.article
    copies = pictures.kept(connection, {image.url for image in article.images})
    images = with_kept(article.images, copies, run.settings.newsroom.url)
    lead = msgspec.structs.replace(story.lead, article=msgspec.structs.replace(article, images=images))
    return msgspec.structs.replace(story, lead=lead)


def _credited(run: Run, connection: Connection, members: dict[str, list[Member]]) -> dict[str, list[Member]]:
    """The members with each text credited to whom it is due; what changes by that is kept."""
    found = [judgement for group in members.values() for judgement in credited(group, run.settings.curate)]
    articles.save_judgements(connection, found)
    changed = {judgement.key: judgement for judgement in found}

    def known(member: Member) -> Member:
        return msgspec.structs.replace(member, judgement=changed.get(member.article.key, member.judgement))

    return {name: [known(member) for member in group] for name, group in members.items()} if found else members


def _with_outlets(run: Run, connection: Connection, members: dict[str, list[Member]]) -> dict[str, list[Member]]:
    """The members with their outlets under one name, with the logo the newsroom keeps."""
    domains = {member.article.provider.domain for group in members.values() for member in group}
    providers = {name: _shown(run, outlet.provider) for name, outlet in articles.outlets(connection, domains).items()}

    def known(member: Member) -> Member:
        article = member.article
        provider = providers.get(article.provider.domain, article.provider)
        return msgspec.structs.replace(member, article=msgspec.structs.replace(article, provider=provider))

    return {name: [known(member) for member in group] for name, group in members.items()}


def _shown(run: Run, provider: Provider) -> Provider:
    """The outlet with its logo at the address where it will be served."""
    home = run.settings.newsroom.url
    images = tuple(msgspec.structs.replace(image, url=home + image.url) for image in provider.images)
    return msgspec.structs.replace(provider, images=images)


def _new(run: Run, connection: Connection, story: Story, others: Iterable[PublishedStory]) -> PublishedStory:
    """A story's place before it is filled: its path, decided once and for all, and not that of ``others`` about to be kept."""
    lead = story.lead.article
    given = {other.record.path for other in others}

    def taken(path: str) -> bool:
        return path in given or shelf.path_taken(connection, path) or (run.newsroom.folder / path).exists()

    path = record_path(lead.title, lead.published_at or run.at, taken)
    return PublishedStory(id=story.id, record=Record(path=path, title=lead.title))


def published(story: Story, before: PublishedStory, sealer: Sealer | None, told: Told = NOTHING) -> PublishedStory:
    """The published form of a story at the place it has. A seal that says the same is kept as it is."""
    record = build_record(story, before.record.path, before.record)
    if sealer is not None:
        record = msgspec.structs.replace(record, secured=sealer.renew(record.path, notes(story, told), record.secured))
    return PublishedStory(
        id=story.id,
        record=record,
        rank=story.rank,
        language=story.lead.article.language,
        articles=story.articles,
        why_quality=story.lead.judgement.quality,
        why_heat=story.heat,
        why_topics=story.topics,
        location=story.lead.article.location,
    )


def notes(story: Story, told: Told = NOTHING) -> dict[str, object]:
    """The newsroom's private notes on a record: where it came from and what its scores were made of."""
    lead = story.lead
    return {
        "story": story.id,
        "source": lead.article.source,
        "reason": lead.judgement.story_reason,
        "quality": msgspec.to_builtins(lead.judgement.quality.parts),
        "heat": msgspec.to_builtins(story.heat.parts),
        "topics": msgspec.to_builtins(story.topics),
        "origins": lead.article.origins,
        "articles": story.articles,
        **({"changes": [_moved(change) for change in told.changes]} if told.changes else {}),
        **({"decisions": msgspec.to_builtins(told.decisions)} if told.decisions else {}),
    }


def _moved(change: StoryChange) -> object:
    """A merge or split without the articles, whose number may be large."""
    facts = msgspec.to_builtins(msgspec.structs.replace(change, articles=()))
    return facts | {"moved": len(change.articles)}
