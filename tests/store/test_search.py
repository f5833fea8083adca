"""What is found, in which order, on both databases: compared with a plain look through all there is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from broadsheet.models import Article, Decision, Judgement, Provider, PublishedStory, Record, RelatedRecord, Score, TopicMatch
from broadsheet.store import Database, articles, decisions, search_vectors, shelf
from broadsheet.store.articles import ReadArticle
from broadsheet.store.search import Found, Search
from broadsheet.store.search_documents import (
    HALF_LIFE,
    HEADLINE,
    Document,
    article_document,
    facet,
    number,
    said,
    story_document,
)
from broadsheet.store.search_query import Query, Term, parse
from broadsheet.store.search_tables import Kind
from tests.postgres import new_database

NOW = datetime(2031, 5, 12, tzinfo=UTC)
WORDS = ["tide", "ferry", "harbour", "café", "Straße", "skerry", "lamp", "storm", "fish", "market", "東京", "лодка", "Night"]
COUNT = 120
QUERIES = (
    "tide", '"ferry tide"', '"tide ferry" harbour', "storm -fish", 'storm -"fish market" -lamp', "har* skerry", "cafe STRASSE",
    "東京", "лодка topic:sea outlet:p1.example", "lang:de quality:55 tide", "after:2031-05-14 before:2031-05-16",
    "-tide", "", "night minheat:60", "source:s.example wind", "topic:Ports topic:sea -outlet:p2.example", "-topic:sea lamp",
    "outlet:p3.example fer* before:2031-05-15", "heat:70 quality:80", "unheard", "source:https://s1.example/feed lamp",
    "language:de -lang:en tide -source:s1.example", "before:1900-01-01", "after:9999-12-31 tide",
)  # fmt: skip


def story(number: int, title: str, excerpt: str = "", **fields: object) -> PublishedStory:
    outlet = Provider(name=f"Post {number % 5}", domain=f"p{number % 5}.example")
    record = Record(
        path=f"_news/{number}.md",
        title=title,
        excerpt=excerpt,
        provider=outlet,
        published_at=NOW + timedelta(minutes=37 * number),
        quality=number % 100,
        heat=number % 100 + 10,
        published=True,
        topics=("Sea" if number % 3 else "Ports",),
    )
    return PublishedStory(id=f"s{number}", record=replace(record, **fields), language="en" if number % 2 else "de")  # type: ignore[arg-type]


def article(number: int, title: str, excerpt: str = "", text: str = "") -> Article:
    url = f"https://p{number % 5}.example/{number}"
    return Article(
        key=f"a{number:03}",
        original_url=url,
        web_url=url,
        title=title,
        excerpt=excerpt,
        text=text,
        provider=Provider(name=f"Post {number % 5}", domain=f"p{number % 5}.example"),
        published_at=NOW + timedelta(minutes=37 * number),
        language="en" if number % 2 else "de",
        source=f"https://s{number % 4}.example/feed",
    )


def judgement(number: int, story: str | None = None) -> Judgement:
    topic = TopicMatch(topic="Sea" if number % 3 else "Ports", relevance=0.5)
    return Judgement(
        key=f"a{number:03}", story=f"s{number}" if story is None else story, quality=Score(value=number % 100), topics=(topic,)
    )


def put_article(connection: Connection, article: Article, judged: Judgement) -> None:
    articles.save_articles(connection, [ReadArticle(article.key, article)], NOW)
    articles.save_judgements(connection, [judged])


def fill(connection: Connection) -> list[Document]:
    """Stories and articles of few words each, so that every search finds some; what is indexed of those that are shown."""
    dice, made = random.Random(7), []
    for n in range(COUNT):
        item = article(n, " ".join(dice.sample(WORDS, 3)), " ".join(dice.sample(WORDS, 4)), " ".join(dice.choices(WORDS, k=40)))
        put_article(connection, item, judgement(n))
        at = NOW + timedelta(minutes=37 * n + dice.randrange(9999))
        outlet = Provider(name="Echo", domain="echo.example")
        report = RelatedRecord(title=dice.choice(WORDS), excerpt="wind", web_url="", published_at=at, provider=outlet)
        told = story(n, item.title, item.excerpt, published=n % 7 != 0, related=(report,) if n % 4 == 0 else ())
        shelf.save(connection, told, NOW)
        made.append(article_document(item, judgement(n), item.text))
        if n % 7:
            made.append(story_document(told, [item.source]))
    return made


class Filled(NamedTuple):
    """The same documents in a database of each kind."""

    databases: tuple[Database, ...]
    made: list[Document]


@pytest.fixture(scope="module")
def filled(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    postgresql = new_database(postgres_server, f"search_{uuid4().hex}")
    databases = Database(f"sqlite:///{tmp_path_factory.mktemp('search') / 'broadsheet.db'}"), Database(postgresql)
    for database in databases:
        with database.transaction() as connection:
            made = fill(connection)
    yield Filled(databases, made)
    for database in databases:
        database.close()


def pages(database: Database, query: Query, kind: Kind, size: int) -> list[str]:
    """All that is found, page by page."""
    search, names, behind = Search(), [], None
    with database.reading() as connection:
        while True:
            found = search.find(connection, query, kind, size, behind)
            assert len(found.hits) <= size
            names += keys(found)
            if found.last is None:
                return names
            behind = found.last


def keys(found: Found) -> list[str]:
    return [hit.story.record.path if hit.story else hit.article.key if hit.article else "" for hit in found.hits]


def has(words: list[str], term: Term) -> bool:
    size = len(term.words)
    for start in range(len(words) - size + 1):
        part = words[start : start + size]
        if term.prefix and part[:-1] == list(term.words[:-1]) and part[-1].startswith(term.words[-1]):
            return True
        if part == list(term.words):
            return True
    return False


def wanted(made: list[Document], query: Query, kind: Kind) -> list[str]:
    """What a query asks for, by looking at everything."""
    found = []
    for document in made:
        heading, body = said(document.heading, "heading"), said(document.body, "body")
        terms = [term for term in query.terms if not term.negated]
        fits = document.kind == kind and all(has(heading, term) or has(body, term) for term in terms)
        fits &= not any(has(heading, term) or has(body, term) for term in query.terms if term.negated)
        for name in ("topic", "outlet", "lang", "source"):
            asked = [item for item in query.filters if item.kind == name]
            positive = [facet(name, item.value) in document.facets for item in asked if not item.negated]
            fits &= any(positive) or not positive
            fits &= not any(facet(name, item.value) in document.facets for item in asked if item.negated)
        fits &= query.after is None or document.published_at >= query.after
        fits &= query.before is None or document.published_at < query.before
        fits &= query.minheat is None or (kind == "story" and document.heat >= query.minheat)
        fits &= query.quality is None or document.quality >= query.quality
        if fits:
            titled = bool(terms) and all(has(heading, term) for term in terms)
            place = document.at + (HEADLINE * HALF_LIFE if titled else 0)
            found.append(((place, titled, number(document.at, document.key)), document.key))
    return [key for _, key in sorted(found, reverse=True)]


@pytest.mark.parametrize("kind", ["story", "article"])
@pytest.mark.parametrize("text", QUERIES)
def test_what_is_asked_for_is_found_in_order(text: str, kind: Kind, filled: Filled) -> None:
    query = parse(text)
    expected = wanted(filled.made, query, kind)
    for database in filled.databases:
        for size in (7, 300):
            assert pages(database, query, kind, size) == expected


@pytest.mark.parametrize("kind", ["story", "article"])
@pytest.mark.parametrize("text", QUERIES)
def test_postgresql_finds_the_same_however_far_it_has_to_look(
    text: str, kind: Kind, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_vectors, "FEW", (3, 12, 50))
    query = parse(text)
    for size in (2, 9):
        assert pages(filled.databases[1], query, kind, size) == wanted(filled.made, query, kind)


HOSTILE = (
    "' OR 1=1; --", '" ) NOT',
    "{heading} : x", "NEAR(tide ferry)", "tide AND NOT", "a:b:c", "*", '"*"', "tide:*", "\\' | !", "%s",
    "topic:' outlet:\"", "<-> & | !", "\x00tide", "x" * 600, "\ud800", "-", '-"', "after:0000-00-00 quality:99999 minheat:-1",
    "&lt;script&gt; <script>alert(1)</script>", "東" * 80, "search_stories",
    "'' UNION SELECT password FROM people", "lang:" + "x" * 400,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", ["story", "article"])
def test_nothing_that_is_asked_is_more_than_words(text: str, kind: Kind, filled: Filled) -> None:
    query = parse(text)
    for database in filled.databases:
        assert pages(database, query, kind, 99) == wanted(filled.made, query, kind)


@pytest.mark.parametrize("behind", [-1, 0, 1 << 62, 1 << 70, -(1 << 90)])
def test_any_number_is_a_place_in_the_order(behind: int, filled: Filled) -> None:
    for database in filled.databases:
        with database.reading() as connection:
            assert len(Search().find(connection, parse("tide"), "story", 3, behind).hits) in (0, 3)


def test_headlines_come_before_mentions_but_not_before_what_is_much_hotter(database: Database) -> None:
    with database.transaction() as connection:
        for n, (title, days) in enumerate((("The ferry", 0), ("The tide", 3), ("The storm", 9))):
            at = NOW + timedelta(days=days)
            shelf.save(connection, story(n, title, "A ferry is late", published_at=at, quality=50), NOW)
    assert pages(database, parse("ferry"), "story", 2) == ["_news/2.md", "_news/0.md", "_news/1.md"]
    assert pages(database, parse("late"), "story", 2) == ["_news/2.md", "_news/1.md", "_news/0.md"]


def test_the_index_follows_what_becomes_of_a_story(database: Database) -> None:
    def found(text: str) -> list[str]:
        return pages(database, parse(text), "story", 9)

    with database.transaction() as connection:
        shelf.save(connection, story(1, "The unicorn lands"), NOW)
    assert found("unicorn lands") == found("topic:sea") == ["_news/1.md"]
    with database.transaction() as connection:
        shelf.save(connection, story(1, "The griffin lands", topics=("Air",)), NOW)
    assert found("unicorn") == found("topic:sea") == []
    assert found("griffin") == found("topic:air") == ["_news/1.md"]
    with database.transaction() as connection:  # withheld, superseded or cooled down: all are no longer published
        shelf.save(connection, story(1, "The griffin lands", published=False), NOW)
    assert found("griffin") == found("topic:sea") == []
    with database.transaction() as connection:
        shelf.save(connection, story(1, "The griffin is back"), NOW)
    assert found("griffin -lands") == ["_news/1.md"]


def test_what_is_hotter_than_all_before_is_found_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_vectors, "FEW", (1, 2, 3))
    search = Search()
    for n in range(6):
        with database.transaction() as connection:
            shelf.save(connection, story(n, "The ferry", published_at=NOW + timedelta(days=40 * n), quality=50, heat=60), NOW)
        with database.asking() as connection:
            found = search.find(connection, parse("ferry"), "story", 2)
        assert keys(found) == [f"_news/{k}.md" for k in range(n, max(n - 2, -1), -1)]


def test_what_is_not_kept_is_not_found(database: Database) -> None:
    def half_done() -> None:
        with database.transaction() as connection:
            shelf.save(connection, story(1, "The unicorn lands"), NOW)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        half_done()
    assert pages(database, parse("unicorn"), "story", 9) == []


def test_the_index_follows_what_becomes_of_an_article(database: Database) -> None:
    def found(text: str) -> list[str]:
        return pages(database, parse(text), "article", 9)

    with database.transaction() as connection:
        put_article(connection, article(1, "The unicorn", text="It lands."), judgement(1))
        put_article(connection, article(2, "Of gardens", text="It lands."), judgement(2, story=""))
    assert found("lands") == ["a001"], "what is of no topic is not found"
    with database.transaction() as connection:
        put_article(connection, article(1, "The unicorn", text="It leaves."), judgement(1))
        put_article(connection, article(2, "Of gardens", text="It lands."), judgement(2))
    assert found("unicorn lands") == []
    assert found("unicorn leaves") == ["a001"]
    assert found("lands") == ["a002"]
    with database.transaction() as connection:
        put_article(connection, article(1, "The unicorn", text="It leaves."), judgement(1, story=""))
    assert found("unicorn") == []


def test_articles_of_a_withheld_story_are_hidden_until_it_is_undone(database: Database) -> None:
    with database.transaction() as connection:
        put_article(connection, article(1, "The unicorn"), judgement(1))
        withheld = decisions.decide(connection, Decision(action="withhold", target="s1", who="maud", at=NOW))
    assert pages(database, parse("unicorn"), "article", 9) == []
    with database.transaction() as connection:
        decisions.undo(connection, withheld, NOW, "maud")
    assert pages(database, parse("unicorn"), "article", 9) == ["a001"]


def test_a_word_repeated_without_end_keeps_its_places_alike_on_both(database: Database) -> None:
    with database.transaction() as connection:
        put_article(connection, article(1, "x", text="tide " * 300 + "ferry"), judgement(1))
        put_article(connection, article(2, "x", text="tide " * 20 + "ferry"), judgement(2))
    assert pages(database, parse('"tide ferry"'), "article", 9) == ["a002"]
    assert pages(database, parse("ferry tide"), "article", 9) == ["a002", "a001"]


def test_a_hit_has_what_is_to_be_shown(database: Database) -> None:
    with database.transaction() as connection:
        shelf.save(connection, story(1, "Of ships", "<b>The</b> Café at the quay"), NOW)
        put_article(
            connection,
            article(1, "Of ships", "Standfirst", "One. " * 90 + "The cafe & the quay. " + "Two. " * 90),
            judgement(1),
        )
    with database.reading() as connection:
        (told,) = Search().find(connection, parse("cafe"), "story", 9).hits
        (read,) = Search().find(connection, parse('"cafe the quay"'), "article", 9).hits
    assert told.story == story(1, "Of ships", "<b>The</b> Café at the quay")
    assert told.snippet == "&lt;b&gt;The&lt;/b&gt; <mark>Café</mark> at the quay"
    assert read.judgement == judgement(1)
    assert read.seen_at == NOW
    assert "<mark>cafe</mark> &amp; <mark>the</mark> <mark>quay</mark>." in read.snippet
    assert read.snippet.startswith("…One. ")
