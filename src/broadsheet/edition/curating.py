"""Handing what was read to curation, with what it needs of the store, and keeping what it decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from broadsheet.curate import POSTINGS, Copy, Correction, Curated, Prepared, Settled, curate, nearest, prepare, story_keys
from broadsheet.curate.decisions import Mark, corrections, marks, muting
from broadsheet.edition.desk import rule_back
from broadsheet.edition.regrouping import apply_merges, divide_grown, load_clusters, load_stream, save_clusters
from broadsheet.edition.run import Run
from broadsheet.models import Decision, Judgement
from broadsheet.store import articles, changes, claims, decisions, memory, standings
from broadsheet.store.articles import Unjudged
from broadsheet.store.memory import Remembered
from broadsheet.store.values import seconds

BATCH = 1000  # articles judged together

_COPY = msgspec.msgpack.Decoder(Copy)


def judge(run: Run) -> None:
    """Judge the articles that wait for it, the earliest published first, each batch in one transaction."""
    rule_back(run)
    done = 0
    while True:
        with run.database.transaction() as connection:
            claims.regroup_alone(connection)
            batch = articles.unjudged(connection, BATCH)
            if not batch:
                break
            _judge(run, connection, batch)
        done += len(batch)
        run.counts["articles judged"] += len(batch)
        run.progress("curate", done, done + (BATCH if len(batch) == BATCH else 0))
    run.save_report()


class _Desk(NamedTuple):
    """What editors decided of all articles."""

    rules: list[Decision]
    marks: Mapping[str, Mark]
    corrections: tuple[Correction, ...]


def _desk(connection: Connection) -> _Desk:
    if not decisions.are_there(connection):
        return _Desk([], {}, ())
    rules = decisions.rules(connection)
    return _Desk(rules, marks(rules), corrections(decisions.retags(connection)))


def _judge(run: Run, connection: Connection, batch: list[Unjudged]) -> None:
    desk = _desk(connection)
    new = _unmuted(run, connection, [item for item in batch if item.before is None or not item.before.story], desk)
    settled = _again(run, connection, [item for item in batch if item.before is not None and item.before.story], desk)
    articles.save_judgements(connection, settled)
    memory.touch(connection, [judgement.story for judgement in settled])
    curated = _curate(run, connection, [prepare(item.article) for item in new], desk)
    articles.save_judgements(connection, curated.judgements)
    _remember(run, connection, curated)
    run.counts["articles off topic"] += sum(1 for judgement in curated.judgements if not judgement.story)
    run.counts["copies"] += sum(1 for judgement in curated.judgements if judgement.copy_of)
    run.counts["articles changed"] += len(settled)


def _again(run: Run, connection: Connection, batch: list[Unjudged], desk: _Desk) -> list[Judgement]:
    """What is judged of articles that are in stories: those whose texts are forgotten keep their scores."""
    before = {item.article.key: item.before for item in batch if item.before is not None}
    reread = _curate(run, connection, [prepare(item.article) for item in batch if not item.forgotten], desk)
    settled = [_settled(judgement, before[judgement.key]) for judgement in reread.judgements]
    return settled + [before[item.article.key] for item in batch if item.forgotten]


def _unmuted(run: Run, connection: Connection, new: list[Unjudged], desk: _Desk) -> list[Unjudged]:
    """Those that no editor muted; of the others it is kept why nothing is seen of them."""
    if not desk.rules:
        return new
    muted = {item.article.key: rule for item in new if (rule := muting(item.article, desk.rules))}
    articles.save_judgements(
        connection, [Judgement(key=key, story_reason=decisions.kept_out_by(rule)) for key, rule in muted.items()]
    )
    run.counts["articles muted"] += len(muted)
    return [item for item in new if item.article.key not in muted]


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


def _curate(run: Run, connection: Connection, prepared: list[Prepared], desk: _Desk) -> Curated:
    if not prepared:
        return Curated()
    settings = run.settings.curate
    since = seconds(min(item.at for item in prepared) - timedelta(days=settings.window_days))
    stream = load_stream(connection, {term for item in prepared for term in item.terms})
    lookups = [story_keys(item, stream) for item in prepared]
    postings = memory.postings(connection, {key for keys in lookups for key in keys}, since, POSTINGS)
    stories = load_clusters(connection, nearest(lookups, postings))
    bands = {band for item in prepared for band in item.bands}
    copies = memory.find_copies(connection, bands, since, keys=[item.key for item in prepared])
    return curate(
        prepared,
        stream=stream,
        stories=stories,
        copies={name: _COPY.decode(content) for name, content in sorted(copies.items())},
        topics=run.settings.topics,
        settings=settings,
        standings=standings.find_standings(connection, {item.article.provider.domain for item in prepared}),
        corrections=desk.corrections,
        marks=desk.marks,
        settled=Settled(changes.shown(connection, stories), changes.apart(connection, stories)),
    )


def _remember(run: Run, connection: Connection, curated: Curated) -> None:
    settings = run.settings.curate
    copies = [
        Remembered(item.key, msgspec.msgpack.encode(item), item.bands, seconds(item.published_at)) for item in curated.copies
    ]
    memory.save_copies(connection, copies)
    memory.add_frequencies(connection, curated.total, curated.counts)
    apply_merges(connection, curated.merges, settings.story_threshold, run.at)
    clusters = divide_grown(connection, curated.clusters, settings, run.at)
    save_clusters(connection, clusters, run.at)
    run.counts["stories merged"] += len(curated.merges)
    run.counts["stories split off"] += len(clusters) - len(curated.clusters)
