"""What is forgotten when its time has come, and what stays, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select, text

from broadsheet.models import Article, Entry, Judgement, Member, Provider, Report, Score
from broadsheet.store import Database, articles, editions, forgetting, frontier, listings, memory, summaries, tables
from broadsheet.store.articles import ReadArticle
from broadsheet.store.memory import Remembered
from broadsheet.store.search import Search
from broadsheet.store.search_query import parse
from broadsheet.store.summaries import Asked
from broadsheet.store.values import seconds

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
DAY = timedelta(days=1)


def article(key: str) -> Article:
    url = f"https://{key}.example/"
    return Article(
        key=key,
        original_url=url,
        web_url=url,
        title=f"The ferry {key}",
        excerpt="It is late again.",
        text="The purser blames the tide.",
        provider=Provider(name="The Skerry Post", domain="skerry-post.example"),
        published_at=NOW,
    )


def judged(key: str, story: str) -> Judgement:
    return Judgement(key=key, story=story, quality=Score(value=70))


def comes(connection: Connection, key: str, story: str, at: datetime) -> None:
    articles.save_articles(connection, [ReadArticle(key, article(key))], at)
    articles.save_judgements(connection, [judged(key, story)])
    if story:
        memory.save_stories(connection, [Remembered(story, b"", ("ferry",), seconds(NOW))], at)


def forget(database: Database, before: datetime) -> int:
    """Forgets all that is due; in how many parts."""
    parts = 0
    with database.transaction() as connection:
        while forgetting.forget_texts(connection, before):
            parts += 1
    return parts


def kept(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.scalars(select(tables.texts.c.key)))


def find(database: Database, asked: str) -> dict[str, str]:
    """The snippets of the articles that are found, by key."""
    with database.asking() as connection:
        hits = Search().find(connection, parse(asked), "article", 9).hits
    return {hit.article.key: hit.snippet for hit in hits if hit.article is not None}


def test_a_text_goes_when_it_is_due_and_not_before(database: Database) -> None:
    with database.transaction() as connection:
        for number, key in enumerate("abc"):
            comes(connection, key, f"s{key}", NOW + number * DAY)
        comes(connection, "off-topic", "", NOW)
    assert forget(database, NOW) == 0
    assert kept(database) == ["a", "b", "c", "off-topic"]
    assert forget(database, NOW + timedelta(seconds=1)) == 1
    assert kept(database) == ["b", "c"]
    assert forget(database, NOW + 9 * DAY) == 1
    assert kept(database) == []
    assert forget(database, NOW + 99 * DAY) == 0


def test_the_texts_of_a_story_that_goes_on_stay_until_its_last_one_is_as_old(database: Database) -> None:
    with database.transaction() as connection:
        comes(connection, "a", "s1", NOW)
        comes(connection, "b", "s1", NOW + 10 * DAY)
    assert [forget(database, NOW + 5 * DAY) for _ in range(2)] == [1, 0], "one that stays is not looked at again and again"
    assert kept(database) == ["a", "b"]
    forget(database, NOW + 10 * DAY)
    assert kept(database) == ["a", "b"]
    forget(database, NOW + 11 * DAY)
    assert kept(database) == []


def test_what_waits_for_curation_is_not_forgotten(database: Database) -> None:
    with database.transaction() as connection:
        articles.save_articles(connection, [ReadArticle("a", article("a"))], NOW)
    forget(database, NOW + 99 * DAY)
    assert kept(database) == ["a"]
    with database.transaction() as connection:
        articles.save_judgements(connection, [judged("a", "")])
    forget(database, NOW + 100 * DAY)
    assert kept(database) == []


def test_an_article_without_its_text_is_listed_found_and_shown(database: Database) -> None:
    with database.transaction() as connection:
        comes(connection, "a", "s1", NOW)
        comes(connection, "b", "s2", NOW + 9 * DAY)
    assert find(database, "purser").keys() == {"a", "b"}
    with database.reading() as connection:
        before = listings.articles_of(connection, listings.Wanted(), 9)
    forget(database, NOW + DAY)
    with database.reading() as connection:
        assert listings.articles_of(connection, listings.Wanted(), 9) == before
        assert articles.find(connection, "a") == Member(
            article=replace(article("a"), text=""), judgement=judged("a", "s1"), seen_at=NOW
        )
        assert articles.texts_of(connection, ["a", "b"]) == {"b": article("b").text}
        assert {item.key: item.text for item in articles.latest(connection, NOW, 9)} == {"a": "", "b": article("b").text}
    for asked in ("late", "ferry outlet:skerry-post.example late", '"late again"'):
        assert find(database, asked).keys() == {"a", "b"}
    assert find(database, "late")["a"] == "It is <mark>late</mark> again."
    assert find(database, "ferry") == dict.fromkeys("ab", "It is late again.")
    assert find(database, "purser") == {"b": "The <mark>purser</mark> blames the tide."}, "its words are forgotten too"


def test_one_that_is_read_again_has_its_text_until_it_is_judged(database: Database) -> None:
    with database.transaction() as connection:
        comes(connection, "a", "s1", NOW)
    forget(database, NOW + DAY)
    with database.transaction() as connection:
        articles.judge_anew(connection, ["a"])
        (waiting,) = articles.unjudged(connection, 9)
        assert (waiting.forgotten, waiting.article.text, waiting.before) == (True, "", judged("a", "s1"))
        articles.save_articles(connection, [ReadArticle("a", article("a"))], NOW + 40 * DAY)
        (waiting,) = articles.unjudged(connection, 9)
        assert (waiting.forgotten, waiting.article.text) == (False, article("a").text)
    forget(database, NOW + DAY)
    assert kept(database) == ["a"]
    with database.transaction() as connection:
        articles.save_judgements(connection, [judged("a", "s1")])
    forget(database, NOW + 2 * DAY)
    assert kept(database) == [], "its days count from when it was first seen"


def test_only_what_is_due_is_looked_at(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"key": f"a{n:05}", "text": "x" * 200, "kept_from": seconds(NOW) + n} for n in range(5000)]
    with database.transaction() as connection:
        connection.execute(insert(tables.texts), rows)
        connection.execute(text("ANALYZE texts"))
        shown = "EXPLAIN" if database.is_shared else "EXPLAIN QUERY PLAN"
        due = f"SELECT key FROM texts WHERE kept_from < {seconds(NOW) + 9} ORDER BY kept_from LIMIT 500"
        plan = " ".join(str(row) for row in connection.execute(text(f"{shown} {due}")))
    assert "ix_texts_kept_from" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
    monkeypatch.setattr(forgetting, "BATCH", 4)
    assert forget(database, NOW + timedelta(seconds=10)) == 3
    assert len(kept(database)) == 4990


def test_what_a_source_said_is_forgotten_once_it_is_read(database: Database) -> None:
    def found(key: str, fingerprint: str = "1") -> frontier.Found:
        return frontier.Found(key=key, entry=Entry(url=f"https://{key}", source="s", html="<p>All"), fingerprint=fingerprint)

    with database.transaction() as connection:
        old = replace(found("old"), state="ignored")
        frontier.add_entries(connection, [found("gone"), found("late"), old, found("read")], 1)
        frontier.mark_read(connection, ["read"])
        frontier.mark_failed(connection, {"gone": "HTTP 410"}, 1, final=True)
        frontier.mark_failed(connection, {"late": "HTTP 500"}, 1, final=False)
        query = select(tables.entries.c.key).where(tables.entries.c.entry == "").order_by(tables.entries.c.key)
        assert list(connection.scalars(query)) == ["gone", "old", "read"]
        frontier.add_entries(connection, [found("read", fingerprint="2"), found("late")], 2)
        waiting = frontier.pending(connection, 2, frontier.waiting(connection, 2, 9))
        assert [(item.key, item.entry.html) for item in waiting] == [("late", "<p>All"), ("read", "<p>All")]


def test_the_reports_of_the_last_editions_are_kept(database: Database) -> None:
    with database.transaction() as connection:
        for n in range(editions.KEPT + 3):
            number, at = editions.begin(connection, NOW + n * DAY)
            editions.save_report(connection, Report(edition=number, at=at), finished=True)
        assert len(connection.execute(select(tables.editions.c.id)).all()) == editions.KEPT
        assert editions.last_report(connection) == Report(edition=number, at=at)
        assert editions.begin(connection, NOW + 999 * DAY)[0] == number + 1


def test_what_a_model_was_asked_in_vain_is_forgotten(database: Database) -> None:
    with database.transaction() as connection:
        summaries.want(connection, "k", "s1", 1.0, Asked(body="all the texts", sources=("https://a.example/",)))
        summaries.miss(connection, "k", 1, 1, final=False)
        assert connection.scalar(select(tables.summaries.c.asked)) != ""
        summaries.miss(connection, "k", 2, 2, final=True)
        assert connection.scalar(select(tables.summaries.c.asked)) == ""
