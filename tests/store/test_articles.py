from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from broadsheet.models import Article, Image, Judgement, Member, Part, Provider, Report, Score
from broadsheet.store import Database, articles, editions
from broadsheet.store.articles import Outlet, ReadArticle

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
PROVIDER = Provider(name="The Skerry Post", domain="skerry-post.example")


def article(key: str, *, minutes: int = 0, text: str = "One.\nTwo.") -> Article:
    url = f"https://skerry-post.example/{key}"
    return Article(
        key=key,
        original_url=url,
        web_url=url,
        title=key,
        text=text,
        provider=PROVIDER,
        published_at=NOW + timedelta(minutes=minutes),
    )


def read(key: str, *, entry: str = "", minutes: int = 0, text: str = "One.\nTwo.") -> ReadArticle:
    return ReadArticle(entry or key, article(key, minutes=minutes, text=text))


def judgement(key: str, story: str) -> Judgement:
    return Judgement(key=key, story=story, quality=Score(value=70, parts=(Part(name="length", points=20.0, reason="long"),)))


def test_articles_wait_for_curation_in_order_of_publication(database: Database) -> None:
    with database.transaction() as connection:
        articles.save_articles(connection, [read("b", minutes=5), read("a", minutes=9), read("c")], NOW)
        assert [item.article.key for item in articles.unjudged(connection, 10)] == ["c", "b", "a"]
        assert [item.article.text for item in articles.unjudged(connection, 1)] == ["One.\nTwo."]
        articles.save_judgements(connection, [judgement("c", "s1"), judgement("b", "s1")])
        assert [item.article.key for item in articles.unjudged(connection, 10)] == ["a"]


def test_members_of_a_story_come_without_their_texts(database: Database) -> None:
    with database.transaction() as connection:
        articles.save_articles(connection, [read("b"), read("a"), read("c")], NOW)
        articles.save_judgements(connection, [judgement("b", "s1"), judgement("a", "s1"), judgement("c", "")])
        got = articles.members(connection, ["s1", "s2"])
    expected = [Member(article=article(key, text=""), judgement=judgement(key, "s1"), seen_at=NOW) for key in ("a", "b")]
    assert got == {"s1": expected}


def test_an_article_read_again_keeps_its_story_until_it_is_judged_anew(database: Database) -> None:
    with database.transaction() as connection:
        articles.save_articles(connection, [read("a")], NOW)
        articles.save_judgements(connection, [judgement("a", "s1")])
        articles.save_articles(connection, [read("a", text="Corrected.")], NOW + timedelta(hours=5))
        (waiting,) = articles.unjudged(connection, 10)
    assert waiting.article.text == "Corrected."
    assert waiting.before == judgement("a", "s1")


def test_of_two_entries_that_lead_to_one_article_the_order_of_reading_does_not_matter(database: Database) -> None:
    first, second = read("x", entry="a", text="A"), read("x", entry="b", text="B")
    with database.transaction() as connection:
        for batch in ([second, first], [first], [second]):
            articles.save_articles(connection, batch, NOW)
        (waiting,) = articles.unjudged(connection, 10)
        assert waiting.article.text == "A"
        articles.save_judgements(connection, [judgement("x", "s1")])
        articles.save_articles(connection, [read("x", entry="0", text="later")], NOW)
        assert articles.unjudged(connection, 10) == []


def test_an_article_is_found_with_its_text(database: Database) -> None:
    with database.transaction() as connection:
        articles.save_articles(connection, [read("a")], NOW)
        assert articles.find(connection, "a") == Member(article=article("a"), judgement=Judgement(key="a"), seen_at=NOW)
        assert articles.find(connection, "b") is None
        assert articles.known(connection, ["a", "b"]) == {"a"}


def test_an_article_without_a_date_is_refused(database: Database) -> None:
    undated = msgspec.structs.replace(article("a"), published_at=None)
    with database.transaction() as connection, pytest.raises(ValueError, match="date"):
        articles.save_articles(connection, [ReadArticle("a", undated)], NOW)


def test_outlets_are_remembered_with_their_logo(database: Database) -> None:
    logo = Image(url="https://paper.example/assets/x.png", width=50, height=50)
    outlet = Outlet(msgspec.structs.replace(PROVIDER, images=(logo,)), "https://skerry-post.example/icon.png")
    with database.transaction() as connection:
        articles.save_outlet(connection, outlet)
        assert articles.outlets(connection, ["skerry-post.example", "x.example"]) == {"skerry-post.example": outlet}


def test_new_outlets_are_those_never_met_each_with_its_first_article(database: Database) -> None:
    other = msgspec.structs.replace(article("z"), provider=Provider(name="Tern", domain="tern.example"))
    with database.transaction() as connection:
        articles.save_articles(connection, [read("b"), read("a"), ReadArticle("z", other)], NOW)
        assert [item.key for item in articles.new_outlets(connection)] == ["a", "z"]
        articles.save_outlet(connection, Outlet(PROVIDER, ""))
        assert [item.key for item in articles.new_outlets(connection)] == ["z"]


def test_facts_are_kept(database: Database) -> None:
    with database.transaction() as connection:
        assert editions.fact(connection, "settings") == ""
        editions.save_fact(connection, "settings", "1")
        editions.save_fact(connection, "settings", "2")
        assert editions.fact(connection, "settings") == "2"


def test_an_unfinished_edition_is_taken_up_again_with_its_own_instant(database: Database) -> None:
    with database.transaction() as connection:
        assert not editions.under_way(connection)
        first, at = editions.begin(connection, NOW)
        assert at == NOW
        assert editions.begin(connection, NOW + timedelta(hours=2)) == (first, NOW)
        report = Report(edition=first, at=NOW, counts={"articles": 3}, notes=("no key",))
        assert editions.last_report(connection) is None
        assert editions.report_of(connection, first) is None
        editions.save_report(connection, report, finished=True)
        assert editions.last_report(connection) == report
        assert editions.begin(connection, NOW + timedelta(hours=2)) == (first + 1, NOW + timedelta(hours=2))
