"""Summaries by a language model, asked of a stand-in for its API: cited, paid for once, within a budget, never in the way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from broadsheet.demo.run import DEMO_KEY
from broadsheet.edition import chat
from broadsheet.edition.composing import compose_stories
from broadsheet.edition.curating import judge
from broadsheet.edition.run import Run
from broadsheet.edition.summarising import ATTEMPTS, PATIENCE, summarise
from broadsheet.models import Article, Provider, PublishedStory, Report
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.store import Database, articles, editions, memory, shelf, tables
from broadsheet.store.articles import ReadArticle
from tests.model import SAID, Model, answering

NOON = datetime(2031, 5, 12, 12, tzinfo=UTC)
DAM = "Dam bursts above Lowfield, hundreds flee the valley"
VOTE = "Council votes to close the old harbour"
TREE = "Oldest oak of the island falls in a gale"


class Paper:
    """A newsroom without sources, into which articles are put by hand; each `edition` gathers nothing and composes."""

    def __init__(self, folder: Path, database: Database, url: str, **settings: object) -> None:
        make_newsroom(folder, DEMO_KEY)
        chosen = {"url": url, "name": "gull-7b", **settings}
        lines = [
            f"{name} = {str(value).lower() if isinstance(value, bool | int) else repr(value)}" for name, value in chosen.items()
        ]
        with (folder / "broadsheet.toml").open("a", encoding="utf-8") as config:
            config.write("\n[curate]\nonly_topics = false\nminimum_heat = 0\n\n[model]\n" + "\n".join(lines) + "\n")
        self.newsroom = open_newsroom(folder)
        self.database = database

    def comes(self, title: str, outlet: str, hours: int = 0) -> None:
        key = f"{outlet}.example/{title.casefold().replace(' ', '-')}"
        article = Article(
            key=key,
            original_url=f"https://{key}",
            web_url=f"https://{key}",
            title=title,
            excerpt=f"{title}, it is said.",
            text=f"{title}. " * 200,
            provider=Provider(name=outlet.title(), domain=f"{outlet}.example"),
            published_at=NOON - timedelta(hours=12 - hours),
        )
        with self.database.transaction() as connection:
            articles.save_articles(connection, [ReadArticle(key, article)], NOON)

    def edition(self, at: datetime = NOON) -> Report:
        run = Run(self.newsroom, self.database, at, lambda step, done, total: None)
        judge(run)
        compose_stories(run)
        asyncio.run(summarise(run))
        with self.database.transaction() as connection:
            editions.save_report(connection, run.report(), finished=True)
        return run.report()

    def again(self) -> None:
        """All stories are to be made again, as after a change of settings."""
        with self.database.transaction() as connection:
            memory.touch_all(connection)

    def stories(self) -> dict[str, PublishedStory]:
        with self.database.reading() as connection:
            return {story.record.title: story for story in shelf.Shelf(connection).newest(None, 99)}


@pytest.fixture
def model() -> Iterator[Model]:
    with answering() as made:
        yield made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'store.db'}")
    yield made
    made.close()


def test_a_story_gets_a_summary_that_cites(
    model: Model, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADSHEET_MODEL_KEY", "secret-key")
    database = Database(store_url)
    paper = Paper(tmp_path / "paper", database, model.url)
    paper.comes(DAM, "gazette")
    report = paper.edition()
    story = paper.stories()[DAM]
    database.close()
    assert story.summary is not None
    assert (story.summary.text, story.summary.headline, story.summary.model) == (SAID["summary"], "", "gull-7b")
    assert story.summary.sources == (story.record.web_url,)
    assert report.counts["summaries written"] == 1
    headers, body = model.asked[0]
    assert (headers["Authorization"], body["model"], body["max_tokens"]) == ("Bearer secret-key", "gull-7b", 500)
    assert body["messages"][1]["content"].startswith(f"[1] Gazette, 2031-05-12\n{DAM}\n{DAM}, it is said.\n")
    assert len(body["messages"][1]["content"]) < 2000
    assert '"headline"' not in body["messages"][0]["content"]


def test_the_same_is_never_asked_twice_and_gives_the_same(model: Model, database: Database, tmp_path: Path) -> None:
    paper = Paper(tmp_path / "paper", database, model.url)
    paper.comes(DAM, "gazette")
    paper.edition()
    before = paper.stories()
    paper.again()
    report = paper.edition(NOON + timedelta(hours=1))
    assert paper.stories() == before
    assert len(model.asked) == 1
    assert "stories changed" not in report.counts


def test_what_was_written_stays_when_its_articles_texts_are_forgotten(model: Model, database: Database, tmp_path: Path) -> None:
    paper = Paper(tmp_path / "paper", database, model.url)
    paper.comes(DAM, "gazette")
    paper.edition()
    before = paper.stories()
    with database.transaction() as connection:
        connection.execute(tables.texts.delete())
    paper.again()
    report = paper.edition(NOON + timedelta(hours=1))
    assert paper.stories() == before
    assert before[DAM].summary is not None
    assert len(model.asked) == 1
    assert "stories changed" not in report.counts


def test_a_story_that_grows_is_asked_anew_and_goes_without_when_that_fails(
    model: Model, database: Database, tmp_path: Path
) -> None:
    paper = Paper(tmp_path / "paper", database, model.url)
    paper.comes(DAM, "gazette")
    paper.edition()
    path = paper.stories()[DAM].record.path
    model.say = lambda body: (503, "busy")
    paper.comes("Hundreds flee as Lowfield dam bursts above the valley", "echo", hours=1)
    report = paper.edition(NOON + timedelta(hours=1))
    (story,) = paper.stories().values()
    assert (len(story.record.related), story.summary, len(model.asked)) == (1, None, 2)
    assert [problem.reason for problem in report.problems] == ["model: status 503: busy"]
    model.say = lambda body: (200, {"summary": SAID["summary"], "sources": [2, 1, 2]})
    paper.edition(NOON + timedelta(hours=2))
    (story,) = paper.stories().values()
    assert story.summary is not None
    assert story.summary.sources == (story.record.related[0].web_url, story.record.web_url)
    assert story.record.path == path


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [
        (200, {"summary": SAID["summary"], "sources": []}, "cites none"),
        (200, b"<html>", "not that of such an API"),
        (200, b'{"choices": []}', "empty"),
        (200, b" " * 1_000_001, "larger than"),
        (302, "", "status 302"),
        (400, "too long", "status 400: too long"),
    ],
)
def test_what_cannot_be_used_is_left(
    model: Model, database: Database, tmp_path: Path, status: int, said: Any, reason: str
) -> None:
    paper = Paper(tmp_path / "paper", database, model.url)
    paper.comes(DAM, "gazette")
    model.say = lambda body: (status, said)
    for hours in range(ATTEMPTS + 1):
        report = paper.edition(NOON + timedelta(hours=hours))
        if hours == 0:
            assert reason in report.problems[0].reason
    assert paper.stories()[DAM].summary is None
    assert len(model.asked) == (ATTEMPTS + 1 if status == 302 else ATTEMPTS)


def test_an_absent_api_is_left_alone_and_asked_by_the_next_edition(model: Model, database: Database, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        gone = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    paper = Paper(tmp_path / "paper", database, gone, connections=1)
    for title in (DAM, VOTE, TREE, "Lamp oil runs short in the sound", "Ferry timetable changes for the winter"):
        paper.comes(title, "gazette")
    report = paper.edition()
    assert report.counts["summaries failed"] == PATIENCE
    assert len(paper.stories()) == 5
    config = tmp_path / "paper/broadsheet.toml"
    config.write_text(config.read_text().replace(gone, model.url))
    paper.newsroom = open_newsroom(tmp_path / "paper")
    paper.edition(NOON + timedelta(hours=1))
    assert all(story.summary for story in paper.stories().values())


@pytest.mark.parametrize("budget", [{"requests_per_day": 1}, {"tokens_per_day": 100, "connections": 1}])
def test_the_hottest_comes_first_within_the_day_s_budget(model: Model, database: Database, tmp_path: Path, budget: Any) -> None:
    paper = Paper(tmp_path / "paper", database, model.url, **budget)
    for hours, title in enumerate((VOTE, DAM, TREE)):
        paper.comes(title, "gazette", hours=hours)
    written = []
    for at in (NOON, NOON + timedelta(hours=11), NOON + timedelta(days=1), NOON + timedelta(days=2)):
        paper.edition(at)
        written.append({title for title, story in paper.stories().items() if story.summary})
    with database.reading() as connection:
        first, second, third = (story.record.title for story in shelf.Shelf(connection).front(None, 3))
    assert written == [{first}, {first}, {first, second}, {first, second, third}]


def test_an_answer_is_kept_when_the_edition_is_killed(
    model: Model, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = Paper(tmp_path / "paper", database, model.url, connections=1)
    for title in (DAM, VOTE):
        paper.comes(title, "gazette")
    asking, calls = chat.ask, []

    async def once(*args: Any) -> chat.Reply:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return await asking(*args)

    monkeypatch.setattr(chat, "ask", once)
    with pytest.raises(KeyboardInterrupt):
        paper.edition()
    paper.edition()
    assert all(story.summary for story in paper.stories().values())
    assert len(model.asked) == 2


def test_a_headline_stands_beside_the_record_s(model: Model, database: Database, tmp_path: Path) -> None:
    paper = Paper(tmp_path / "paper", database, model.url, headlines=True, summaries=False)
    paper.comes(DAM, "gazette")
    paper.edition()
    story = paper.stories()[DAM]
    assert story.summary is not None
    assert (story.summary.headline, story.summary.text) == (SAID["headline"], "")
    assert "dam-bursts-above-lowfield" in story.record.path


def test_what_is_not_shown_is_not_asked(model: Model, database: Database, tmp_path: Path) -> None:
    paper = Paper(tmp_path / "paper", database, model.url)
    config = tmp_path / "paper/broadsheet.toml"
    config.write_text(config.read_text().replace("minimum_heat = 0", "minimum_heat = 99"))
    paper.newsroom = open_newsroom(tmp_path / "paper")
    paper.comes(DAM, "gazette")
    paper.edition()
    assert model.asked == []


def test_without_an_api_nothing_is_remembered_or_asked(database: Database, tmp_path: Path) -> None:
    paper = Paper(tmp_path / "paper", database, "")
    paper.comes(DAM, "gazette")
    assert "summaries failed" not in paper.edition().counts
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.summaries)) == 0
