"""Articles → judgements: which topics, whose copy, which story, how good. Decides; remembers nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from msgspec import field, structs

from broadsheet.curate.clusters import Cluster, weightiest
from broadsheet.curate.decisions import Mark
from broadsheet.curate.duplicates import Copy, CopyIndex
from broadsheet.curate.features import Prepared, Stream
from broadsheet.curate.meaning import Correction
from broadsheet.curate.quality import UNKNOWN, quality
from broadsheet.curate.stories import NOTHING, Merge, Placed, Settled, StoryIndex
from broadsheet.curate.topics import TopicIndex
from broadsheet.models import Judgement, Score, Standing, Topic, TopicMatch, Value
from broadsheet.settings import CurateSettings


class Curated(Value, frozen=True):
    """What a batch came to, and what to remember of it.

    ``clusters`` are the stories that are new or changed, ``copies`` the articles by which copies will be recognised; each
    carries the strings it is looked up by (``keys``, ``bands``). ``counts`` and ``total`` are to be added to the stream's.
    ``merges`` are the remembered stories that have grown together.
    """

    judgements: tuple[Judgement, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    copies: tuple[Copy, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    merges: tuple[Merge, ...] = ()


class _Repeat(NamedTuple):
    """That an article repeats the text of another: its ``twin``, the first article with it, the share, the time between."""

    twin: str
    original: str
    share: float
    gap: timedelta


class _Place(NamedTuple):
    """An article's story, its likeness to it, and why."""

    story: str
    similarity: float
    reason: str


def curate(
    batch: Sequence[Prepared],
    *,
    stream: Stream,
    stories: Mapping[str, Cluster],
    copies: Mapping[str, Copy],
    topics: Sequence[Topic],
    settings: CurateSettings,
    standings: Mapping[str, Standing] = MappingProxyType({}),
    corrections: Sequence[Correction] = (),
    marks: Mapping[str, Mark] = MappingProxyType({}),
    settled: Settled = NOTHING,
) -> Curated:
    """Judges a batch of articles; the order in which they come does not matter.

    ``stories`` are the remembered stories found by the articles' `story_keys`, ``copies`` the remembered articles that share
    a band with one of them or have its key. Articles of no topic get no story when the settings say so; where the newsroom has
    no topics at all, every article gets one. ``standings`` are the records of the articles' outlets, by domain;
    ``corrections`` what the desk said of articles' topics, ``marks`` what of outlets and sources. Remembered stories that have
    grown together are merged, as far as what is ``settled`` permits.
    """
    ordered = _in_order(batch)
    index = TopicIndex(topics, meaning=settings.meaning, corrections=corrections)
    matched = {article.key: index.match(article.article) for article in ordered}
    wanted = [article for article in ordered if matched[article.key] or not (settings.only_topics and topics)]
    repeats = _repeats(wanted, copies, settings.copy_threshold)
    window = timedelta(days=settings.window_days)
    follow = [article for article in wanted if article.key in repeats and repeats[article.key].gap <= window]
    kept = copies.keys() | {article.key for article in follow}
    fresh = [article for article in wanted if article.key not in kept]
    counts = _counts(fresh)
    added = _added(stream, counts, len(fresh))
    live = StoryIndex(stories, added, settings.story_threshold, window, settled)
    placed = live.place(fresh)
    places = {key: _placed(where, settings.story_threshold) for key, where in placed.items()}
    places |= {a.key: _Place(live.resolve(copies[a.key].story), 1.0, "read again") for a in wanted if a.key in copies}
    for article in follow:
        places[article.key] = _beside(article, repeats[article.key], places, copies, live)
    outlets = _Outlets(standings, marks)
    originals = {article.key: _original(article.key, repeats, copies) for article in wanted}
    words = {a.key: placed[a.key].words if a.key in placed else weightiest(a, added) for a in wanted}
    return Curated(
        judgements=tuple(
            _judgement(a, matched[a.key], places.get(a.key), words, _scored(a, originals.get(a.key, a.key), outlets, settings))
            for a in ordered
        ),
        clusters=tuple(live.clusters[name] for name in sorted(live.changed)),
        copies=tuple(structs.replace(a.copy, story=places[a.key].story, original=originals[a.key]) for a in wanted),
        counts=counts,
        total=len(fresh),
        merges=live.merges(),
    )


class _Scored(NamedTuple):
    """An article's quality, and the article whose text it repeats ("": none)."""

    quality: Score
    copy_of: str


class _Outlets(NamedTuple):
    """What is known of outlets, and what the desk says of them or of sources in its place."""

    standings: Mapping[str, Standing]
    marks: Mapping[str, Mark]


def _scored(article: Prepared, original: str, outlets: _Outlets, settings: CurateSettings) -> _Scored:
    copy_of, domain = "" if original == article.key else original, article.article.provider.domain
    standing = outlets.standings.get(domain, UNKNOWN)
    mark = outlets.marks.get(article.article.source) or outlets.marks.get(domain)
    return _Scored(quality(article.article, settings.quality, copy_of=copy_of, standing=standing, mark=mark), copy_of)


def _judgement(
    article: Prepared,
    topics: tuple[TopicMatch, ...],
    place: _Place | None,
    words: Mapping[str, dict[str, int]],
    scored: _Scored,
) -> Judgement:
    if place is None:
        return Judgement(key=article.key, topics=topics, quality=scored.quality)
    return Judgement(
        key=article.key,
        story=place.story,
        topics=topics,
        copy_of=scored.copy_of,
        similarity=place.similarity,
        story_reason=place.reason,
        words=words[article.key],
        quality=scored.quality,
    )


def _in_order(batch: Sequence[Prepared]) -> list[Prepared]:
    """By the minute they were published, then by key; an article that is there twice counts once."""
    ordered = sorted(batch, key=lambda article: (_minute(article.at), article.key))
    return list({article.key: article for article in ordered}.values())


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _repeats(articles: Sequence[Prepared], copies: Mapping[str, Copy], threshold: float) -> dict[str, _Repeat]:
    """The articles, in order, that repeat a remembered one or one before them."""
    index = CopyIndex(copies)
    repeats = {}
    for article in articles:
        if article.key in copies:
            continue
        found = index.original(article.copy, article.article.text, threshold)
        if found is not None:
            twin, share = found
            repeats[article.key] = _Repeat(twin.key, twin.original, share, abs(article.at - twin.published_at))
        index.add(structs.replace(article.copy, original=found[0].original if found else article.key))
    return repeats


def _counts(articles: Sequence[Prepared]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for article in articles:
        for term in article.weights:
            counts[term] = counts.get(term, 0) + 1
    return dict(sorted(counts.items()))


def _added(stream: Stream, counts: Mapping[str, int], total: int) -> Stream:
    both = dict(stream.counts)
    for term, count in counts.items():
        both[term] = both.get(term, 0) + count
    return Stream(total=stream.total + total, counts=both)


def _placed(where: Placed, threshold: float) -> _Place:
    if not where.likeness:
        return _Place(where.story, 0.0, "the first report: none is like it")
    words = f", shares {', '.join(where.shared)}" if where.shared else ""
    reason = f"likeness {where.likeness:.2f}, {threshold:.2f} is asked{words}"
    return _Place(where.story, min(1.0, round(where.likeness, 3)), reason)


def _beside(
    article: Prepared, repeat: _Repeat, places: Mapping[str, _Place], copies: Mapping[str, Copy], live: StoryIndex
) -> _Place:
    """The place of an article that repeats another: beside its twin, whatever its headline says."""
    story = places[repeat.twin].story if repeat.twin in places else live.resolve(copies[repeat.twin].story)
    if story in live.clusters:
        live.touch(story, article.at)
    return _Place(story, round(repeat.share, 3), f"repeats an article of this story: {repeat.share:.0%} of its text")


def _original(key: str, repeats: Mapping[str, _Repeat], copies: Mapping[str, Copy]) -> str:
    """The key of the first article that had an article's text: its own when it is the first."""
    if key in repeats:
        return repeats[key].original
    return copies[key].original if key in copies else key
