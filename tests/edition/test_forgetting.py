"""Newsrooms that keep texts for a time publish what those publish that keep them for good."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import pipeline, rebuild, regrouping
from broadsheet.edition.composing import compose_stories
from broadsheet.edition.curating import judge
from broadsheet.edition.regrouping import merge_stories, split_story
from broadsheet.models import Article, Decision, Provider, PublishedStory
from broadsheet.newsroom import Newsroom, open_newsroom
from broadsheet.store import Database, articles, decisions, forgetting, memory, tables
from broadsheet.store.articles import ReadArticle
from broadsheet.store.search import Search
from broadsheet.store.search_query import parse
from broadsheet.store.values import load, seconds
from tests.edition.by_hand import NOON, Paper
from tests.edition.papers import edition, paper, published

pytestmark = pytest.mark.xdist_group("editions")

LATER = FIRST_EDITION + timedelta(days=40)
DAM = ["Dam bursts above Lowfield, hundreds flee the valley", "Hundreds flee as Lowfield dam bursts"]


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as started:
        yield started


def counts(newsroom: Newsroom) -> tuple[int, int]:
    """How many articles and texts are kept."""
    with closing(Database(newsroom.store_url)) as database, database.reading() as connection:
        count = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in (tables.articles, tables.texts)]
    return count[0], count[1]


def found(newsroom: Newsroom, text: str) -> set[str]:
    with closing(Database(newsroom.store_url)) as database, database.asking() as connection:
        hits = Search().find(connection, parse(text), "article", 99).hits
    return {hit.article.key for hit in hits if hit.article is not None}


def changed(newsroom: Newsroom) -> Newsroom:
    """The newsroom with another name, after which all stories are made again."""
    config = newsroom.folder / "broadsheet.toml"
    config.write_text(config.read_text().replace("The Verrow Courant", "The Skerry Star"))
    return open_newsroom(newsroom.folder)


def test_every_edition_is_the_same_with_texts_and_without(press: Press, tmp_path: Path, postgres_url: str) -> None:
    newsrooms = [
        paper(tmp_path / "for good"),
        paper(tmp_path / "sqlite", extra="text_days = 20"),
        paper(tmp_path / "postgresql", store=postgres_url, extra="text_days = 20"),
    ]
    for at in (FIRST_EDITION, SECOND_EDITION):
        assert len({edition(newsroom, press, at).commit for newsroom in newsrooms}) == 1
        press.advance()
    assert len({counts(newsroom) for newsroom in newsrooms}) == 1
    listed = found(newsrooms[0], "")
    for days in (20, 40, 60):
        commits = {edition(newsroom, press, FIRST_EDITION + timedelta(days=days)).commit for newsroom in newsrooms}
        assert len(commits) == 1, days
    count, texts = counts(newsrooms[0])
    assert texts == count > 0
    assert counts(newsrooms[1]) == counts(newsrooms[2]) == (count, 0)
    made = {edition(changed(newsroom), press, FIRST_EDITION + timedelta(days=61)).commit for newsroom in newsrooms}
    assert len(made) == 1
    assert made != {""}
    assert found(newsrooms[0], "") == found(newsrooms[1], "") == found(newsrooms[2], "") >= listed > set()


def test_killed_while_it_forgets_the_next_edition_goes_on(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom = paper(tmp_path, extra="text_days = 20")
    edition(newsroom, press)
    count, _ = counts(newsroom)
    monkeypatch.setattr(forgetting, "BATCH", count // 3)
    forget, parts = forgetting.forget_texts, iter(range(9))

    def killed(*given: object) -> bool:
        done = forget(*given)  # type: ignore[arg-type]
        if next(parts) == 1:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(pipeline.forgetting, "forget_texts", killed)
    with pytest.raises(KeyboardInterrupt):
        edition(newsroom, press, LATER)
    assert counts(newsroom) == (count, count - count // 3)
    before = published(tmp_path)
    rebuild(newsroom, at=LATER)
    assert published(tmp_path) == before
    edition(newsroom, press, LATER + timedelta(hours=1))
    assert counts(newsroom) == (count, 0)


@pytest.fixture
def by_hand(tmp_path: Path, database: Database) -> Paper:
    return Paper(tmp_path / "paper", database)


SAID = {
    "dam": "dam lowfield valley river flood mayor hundreds flee rescue army spill concrete engineers broken water",
    "vote": "council harbour vote quay ferry fishermen budget sold dredging pilots landlord petition berths crane storehouse",
    "storm": "storm gale oak roofs coast lighthouse warning sea cliff wreck crew lifeboat waves surge sandbags",
}


def lives(paper: Paper, days: int, text_days: int) -> list[object]:
    """What becomes of stories that begin with eight articles and go on with one in four days."""
    dice, kept = random.Random(5), []
    for day in range(days):
        at = NOON + timedelta(days=day)
        paper.run.at = at
        with paper.database.transaction() as connection:
            for number, words in enumerate(map(str.split, SAID.values())):
                for one in range(8 if day == number else day % 4 == number):
                    outlet = Provider(name=f"O{one}", domain=f"o{one}.example")
                    url = f"https://{outlet.domain}/{number}-{day}"
                    title, said = " ".join(dice.sample(words, 5)), " ".join(dice.choices(words, k=40))
                    key = url.removeprefix("https://")
                    item = Article(
                        key=key, original_url=url, web_url=url, title=title, text=said, provider=outlet, published_at=at
                    )
                    articles.save_articles(connection, [ReadArticle(key, item)], at)
        judge(paper.run)
        compose_stories(paper.run)
        with paper.database.transaction() as connection:
            memory.forget(connection, seconds(at - timedelta(days=10)))
            while text_days and forgetting.forget_texts(connection, at - timedelta(days=text_days)):
                pass
    with paper.database.reading() as connection:
        for query in (select(tables.articles), select(tables.stories), select(tables.story_changes)):
            kept += connection.execute(query.order_by(*query.selected_columns[:1])).all()
        published = connection.scalars(select(tables.records.c.published_story).order_by(tables.records.c.path))
        kept += [replace(load(text, PublishedStory).record, secured="") for text in published]
    return kept


def test_stories_that_go_on_become_the_same_with_texts_and_without(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    divided: list[str] = []
    divide = regrouping.divide
    monkeypatch.setattr(regrouping, "divide", lambda name, *given: (divided.append(name), divide(name, *given))[1])
    lived, texts = [], []
    for name, url, days in (("for good", "", 0), ("sqlite", "", 14), ("postgresql", postgres_url, 14)):
        with closing(Database(url or f"sqlite:///{tmp_path / name}.db")) as database:
            lived.append(lives(Paper(tmp_path / name, database), 50, days))
            with database.reading() as connection:
                texts.append(connection.scalar(select(func.count()).select_from(tables.texts)))
    assert lived[0] == lived[1] == lived[2]
    assert texts[0] > 3 * texts[1] == 3 * texts[2] > 0
    assert len(divided) > 9, "stories were read again as they grew"


def forget(database: Database) -> None:
    with database.transaction() as connection:
        while forgetting.forget_texts(connection, NOON + timedelta(days=99)):
            pass
        assert connection.scalar(select(func.count()).select_from(tables.texts)) == 0


def quality(database: Database, key: str) -> int:
    with database.reading() as connection:
        member = articles.find(connection, key)
    assert member is not None
    return member.judgement.quality.value


def test_an_article_without_its_text_keeps_its_scores(by_hand: Paper) -> None:
    keys = by_hand.comes(DAM)
    with by_hand.database.reading() as connection:
        member = articles.find(connection, keys[0])
    assert member is not None
    by_hand.reads(replace(member.article, text="The mayor, Ida Moss, said: “42 houses are gone.”\n" * 40))
    before = [quality(by_hand.database, key) for key in keys]
    assert before[0] > before[1], "so the text counts"
    forget(by_hand.database)
    with by_hand.database.transaction() as connection:
        articles.judge_anew(connection, keys)
    judge(by_hand.run)
    assert [quality(by_hand.database, key) for key in keys] == before
    compose_stories(by_hand.run)


def test_old_stories_are_split_and_merged_by_what_is_left(by_hand: Paper) -> None:
    one, two = by_hand.comes(DAM)
    story = by_hand.story(one)
    assert by_hand.story(two) == story
    forget(by_hand.database)
    with by_hand.database.transaction() as connection:
        name = split_story(connection, story, [two], NOON, "Ida", "another dam")
    assert by_hand.story(two) == name != story
    with by_hand.database.transaction() as connection:
        merge_stories(connection, story, name, NOON, "Ida", "the same after all")
    assert by_hand.story(two) == story


def test_what_was_muted_comes_back_by_its_headline_and_excerpt(by_hand: Paper) -> None:
    mute = Decision(action="mute word", target="lowfield", who="Ida", at=NOON, reason="enough")
    with by_hand.database.transaction() as connection:
        number = decisions.decide(connection, mute)
    one, _ = by_hand.comes(DAM)
    assert by_hand.story(one) == ""
    forget(by_hand.database)
    with by_hand.database.transaction() as connection:
        decisions.undo(connection, number, NOON, "Ida")
    judge(by_hand.run)
    assert by_hand.story(one) != ""
