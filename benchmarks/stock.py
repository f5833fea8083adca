"""A store of N generated articles in stories of four, put straight into its tables.

Words follow Zipf's law, as those of a language do: the word of rank r comes up in proportion to 1 / r. Articles come at a
steady number a day, so that more of them reach further back. All is a function of the articles' numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, insert

from broadsheet.models import Article, Judgement, Part, Provider, PublishedStory, Record, RelatedRecord, Score, TopicMatch
from broadsheet.store import Database, search_filling, search_index
from broadsheet.store.search_documents import article_document, story_document
from broadsheet.store.search_tables import KINDS, index_of
from broadsheet.store.tables import articles, records, texts
from broadsheet.store.values import dump, seconds

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
PER_DAY = 2_000
PER_STORY = 4
VOCABULARY = 200_000
LENGTHS = {"title": 9, "excerpt": 20, "text": 120}  # words of each
BATCH = 4_000  # articles put in together
TOPICS = 30
OUTLETS = 300
FRONT = 40  # stories of the front page, whose files are to be written

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]
_TOTAL = sum(LENGTHS.values())
_SHARES = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
_CUMULATIVE = _SHARES / _SHARES[-1]


def word(rank: int) -> str:
    """The word of that rank, the commonest being 0."""
    found, left = "", rank + len(_SYLLABLES)
    while left:
        left, place = divmod(left, len(_SYLLABLES))
        found = _SYLLABLES[place] + found
    return found


def words_in(share: float, count: int, length: int = _TOTAL) -> list[str]:
    """So many words of which each is in about that share of texts of ``length`` words."""
    chances = 1 / np.arange(1, VOCABULARY + 1) / _SHARES[-1]
    there = 1 - (1 - chances) ** length
    ranks = np.argsort(np.abs(np.log(there / share)), kind="stable")[:count]
    return [word(int(rank)) for rank in sorted(ranks)]


def fill(database: Database, count: int) -> None:
    """Put so many articles and their stories into a new store, all of them indexed; the front page's files wait."""
    vocabulary = [word(rank) for rank in range(VOCABULARY)]
    with database.transaction() as connection:
        search_filling.begin(connection)
        if database.is_shared:
            for kind in KINDS:
                connection.exec_driver_sql(f"DROP INDEX ix_{index_of(kind)}")
    for start in range(0, count, BATCH):
        made = list(_articles(vocabulary, start, min(start + BATCH, count), count))
        with database.transaction() as connection:
            _put(connection, made, count)
    if database.is_shared:
        with database.transaction() as connection:
            for kind in KINDS:
                connection.exec_driver_sql(f"CREATE INDEX ix_{index_of(kind)} ON {index_of(kind)} USING gin (words, heading)")
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _articles(vocabulary: Sequence[str], start: int, end: int, count: int) -> Iterator[tuple[Article, Judgement]]:
    dice = np.random.default_rng(start)
    ranks = np.searchsorted(_CUMULATIVE, dice.random((end - start, _TOTAL)))
    chance = dice.random((end - start, 3))
    first, second = LENGTHS["title"], LENGTHS["title"] + LENGTHS["excerpt"]
    for number, row, (topic, outlet, quality) in zip(range(start, end), ranks, chance, strict=True):
        said = [vocabulary[rank] for rank in row]
        domain = f"outlet{int(OUTLETS * outlet**2)}.example"
        article = Article(
            key=f"{domain}/{number:09}",
            original_url=f"https://{domain}/{number}",
            web_url=f"https://{domain}/{number}",
            title=" ".join(said[:first]).capitalize(),
            excerpt=" ".join(said[first:second]),
            text=" ".join(said[second:]),
            provider=Provider(name=f"Outlet {int(OUTLETS * outlet**2)}", domain=domain),
            published_at=NOW - timedelta(seconds=(count - 1 - number) * 86_400 // PER_DAY),
            language="en" if outlet < 0.8 else "de",
            source=f"https://{domain}/feed",
        )
        score = Score(value=40 + int(50 * quality), parts=(Part(name="length", points=10.0, reason="120 words"),))
        match = TopicMatch(topic=f"Topic {int(TOPICS * topic**2)}", relevance=0.75, reason="in the title")
        yield article, Judgement(key=article.key, story=f"s{number // PER_STORY}", topics=(match,), quality=score)


def _put(connection: Connection, made: Sequence[tuple[Article, Judgement]], count: int) -> None:
    """Put in a batch, whole stories of it."""
    rows = [_article_row(article, judgement) for article, judgement in made]
    connection.execute(insert(articles), rows)
    kept = [
        {"key": row["key"], "text": article.text, "kept_from": row["seen_at"]}
        for row, (article, _) in zip(rows, made, strict=True)
    ]
    connection.execute(insert(texts), kept)
    search_index.add(connection, "article", [article_document(article, judged, article.text) for article, judged in made])
    stories = [_story(made[start : start + PER_STORY]) for start in range(0, len(made), PER_STORY)]
    latest = seconds(NOW) - FRONT * PER_STORY * 86_400 // PER_DAY
    connection.execute(insert(records), [_record_row(story, latest) for story in stories])
    search_index.add(connection, "story", [story_document(story) for story in stories])


def _article_row(article: Article, judgement: Judgement) -> dict[str, Any]:
    at = seconds(article.published_at or NOW)
    return {
        "key": article.key,
        "entry": article.key,
        "article": dump(msgspec.structs.replace(article, text="")),
        "provider": article.provider.domain,
        "published_at": at,
        "seen_at": at,
        "judged": 1,
        "judgement": dump(judgement),
        "story": judgement.story,
    }


def _record_row(story: PublishedStory, latest: int) -> dict[str, Any]:
    at = seconds(story.record.published_at or NOW)
    return {
        "path": story.record.path,
        "story": story.id,
        "published_story": dump(story),
        "published": 1,
        "published_at": at,
        "month": f"{story.record.published_at:%Y-%m}",
        "rank": story.rank,
        "changed_at": at,
        "shown_at": at,
        "dirty": int(at > latest),
    }


def _story(group: Sequence[tuple[Article, Judgement]]) -> PublishedStory:
    (lead, judged), *others = group
    related = tuple(
        RelatedRecord(
            title=article.title,
            excerpt=article.excerpt,
            provider=article.provider,
            web_url=article.web_url,
            published_at=article.published_at,
            quality=judgement.quality.value,
        )
        for article, judgement in others
    )
    quality, at = judged.quality.value, lead.published_at or NOW
    heat = quality + 10 * len(related)
    record = Record(
        path=f"_news/{at:%Y-%m-%d}-{judged.story}.md",
        title=lead.title,
        excerpt=lead.excerpt,
        provider=lead.provider,
        published_at=at,
        web_url=lead.web_url,
        original_url=lead.original_url,
        quality=quality,
        heat=heat,
        published=True,
        topics=(judged.topics[0].topic,),
        related=related,
    )
    rank = seconds(at) / 86_400 + float(np.log2(heat))
    return PublishedStory(
        id=judged.story,
        record=record,
        rank=rank,
        language=lead.language,
        articles=len(group),
        why_quality=judged.quality,
        why_heat=Score(value=heat),
        why_topics=judged.topics,
    )
