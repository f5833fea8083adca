"""Handing what was read to curation, with what it needs of the store, and keeping what it decides."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import Connection

from broadsheet.curate import Cluster, Copy, Curated, Prepared, Stream, curate, prepare, story_keys
from broadsheet.edition.run import Run
from broadsheet.models import Judgement
from broadsheet.store import articles, memory, standings
from broadsheet.store.articles import Unjudged
from broadsheet.store.memory import Remembered
from broadsheet.store.values import seconds

BATCH = 1000  # articles judged together

_CLUSTER = msgspec.msgpack.Decoder(Cluster)
_COPY = msgspec.msgpack.Decoder(Copy)


def judge(run: Run) -> None:
    """Judge the articles that wait for it, the earliest published first, each batch in one transaction."""
    done = 0
    while True:
        with run.database.transaction() as connection:
            batch = articles.unjudged(connection, BATCH)
            if not batch:
                break
            _judge(run, connection, batch)
        done += len(batch)
        run.counts["articles judged"] += len(batch)
        run.progress("curate", done, done + (BATCH if len(batch) == BATCH else 0))
    run.save_report()


def _judge(run: Run, connection: Connection, batch: list[Unjudged]) -> None:
    new = [item for item in batch if item.before is None or not item.before.story]
    again = {item.article.key: item.before for item in batch if item.before is not None and item.before.story}
    curated = _curate(run, connection, [prepare(item.article) for item in new])
    _remember(run, connection, curated)
    reread = _curate(run, connection, [prepare(item.article) for item in batch if item.article.key in again])
    settled = [_settled(judgement, again[judgement.key]) for judgement in reread.judgements]
    articles.save_judgements(connection, [*curated.judgements, *settled])
    memory.touch(connection, [judgement.story for judgement in settled])
    run.counts["articles off topic"] += sum(1 for judgement in curated.judgements if not judgement.story)
    run.counts["copies"] += sum(1 for judgement in curated.judgements if judgement.copy_of)
    run.counts["articles changed"] += len(settled)


def _settled(judgement: Judgement, before: Judgement) -> Judgement:
    """An article that was read again is scored anew, but where it belongs was decided when it came."""
    return msgspec.structs.replace(
        judgement,
        story=before.story,
        copy_of=before.copy_of,
        similarity=before.similarity,
        story_reason=before.story_reason,
        topics=judgement.topics or before.topics,
    )


def _curate(run: Run, connection: Connection, prepared: list[Prepared]) -> Curated:
    if not prepared:
        return Curated()
    settings = run.settings.curate
    earliest = min(item.at for item in prepared)
    since = seconds(earliest - timedelta(days=settings.window_days))
    total, counts = memory.frequencies(connection, {term for item in prepared for term in item.terms})
    stream = Stream(total=total, counts=counts)
    keys = {key for item in prepared for key in story_keys(item, stream)}
    bands = {band for item in prepared for band in item.bands}
    stories = memory.find_stories(connection, keys, since)
    copies = memory.find_copies(connection, bands, since, keys=[item.key for item in prepared])
    return curate(
        prepared,
        stream=stream,
        stories={name: _CLUSTER.decode(content) for name, content in sorted(stories.items())},
        copies={name: _COPY.decode(content) for name, content in sorted(copies.items())},
        topics=run.settings.topics,
        settings=settings,
        standings=standings.find_standings(connection, {item.article.provider.domain for item in prepared}),
    )


def _remember(run: Run, connection: Connection, curated: Curated) -> None:
    encode = msgspec.msgpack.encode
    clusters = [Remembered(item.id, encode(item), item.keys, seconds(item.last_at)) for item in curated.clusters]
    copies = [Remembered(item.key, encode(item), item.bands, seconds(item.published_at)) for item in curated.copies]
    memory.save_stories(connection, clusters, run.at)
    memory.save_copies(connection, copies)
    memory.add_frequencies(connection, curated.total, curated.counts)
