"""An agency's report that is read editions after its reprint takes its text back; the record keeps its path."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from broadsheet.curate.crediting import OWNS
from broadsheet.edition.composing import compose_stories
from broadsheet.models import Article, Judgement, Provider, PublishedStory
from broadsheet.store import Database, articles, shelf
from tests.edition.by_hand import NOON, Paper

TEXT = "\n".join(
    f"The river {name} rose by {n} metres in the night, said the mayor of ward {n}, and the dam did not hold." for n, name in
    enumerate(("Ansel", "Bourne", "Carrow", "Dell", "Esk", "Fenn", "Garnet", "Hollow"), 2)
)  # fmt: skip


def report(outlet: str, hours: float, more: str = "") -> Article:
    key = f"{outlet}/dam"
    text = f"{TEXT}\n{more}".strip()
    return Article(
        key=key,
        original_url=f"https://{key}",
        web_url=f"https://{key}",
        title=f"Dam bursts above Lowfield, says {outlet.partition('.')[0]}",
        provider=Provider(name=outlet, domain=outlet),
        text=text,
        word_count=len(text.split()),
        published_at=NOON + timedelta(hours=hours),
    )


@pytest.fixture
def paper(tmp_path: Path, database: Database) -> Paper:
    return Paper(tmp_path / "paper", database)


def composed(paper: Paper) -> PublishedStory:
    compose_stories(paper.run)
    with paper.database.reading() as connection:
        (story,) = shelf.by_story(connection, [paper.story("courier.example/dam")]).values()
    return story


def judged(paper: Paper, outlet: str) -> Judgement:
    with paper.database.reading() as connection:
        member = articles.find(connection, f"{outlet}/dam")
    assert member is not None
    return member.judgement


def points(judgement: Judgement) -> float:
    return next(part.points for part in judgement.quality.parts if part.name == "originality")


@pytest.mark.parametrize(("owner", "hours"), [("reuters.com", 2), ("herald.example", -2)], ids=["agency", "earliest"])
def test_whose_text_it_is_takes_it_back(paper: Paper, owner: str, hours: float) -> None:
    paper.reads(report("courier.example", 0))
    first = composed(paper)
    for outlet, later in ((owner, hours), ("gazette.example", 3)):
        paper.reads(report(outlet, later))
        story = composed(paper)
        assert (story.record.path, story.id) == (first.record.path, first.id)
        assert story.record.provider.domain == owner
        assert story.record.related == ()  # one text is one report
        assert story.record.heat == story.record.quality
    assert {outlet: judged(paper, outlet).copy_of for outlet in ("courier.example", owner, "gazette.example")} == {
        "courier.example": f"{owner}/dam",
        owner: "",
        "gazette.example": f"{owner}/dam",
    }
    assert points(judged(paper, "courier.example")) == 0 < points(judged(paper, owner))
    assert judged(paper, owner).story_reason == OWNS


def test_a_text_that_is_read_again_stays_credited(paper: Paper) -> None:
    paper.reads(report("courier.example", 0))
    paper.reads(report("reuters.com", 1))
    before = composed(paper)
    paper.reads(report("courier.example", 0, more="The ferry goes on."))
    paper.reads(report("reuters.com", 1, more="The ferry goes on."))
    after = composed(paper)
    assert after.record.provider == before.record.provider
    assert judged(paper, "courier.example").copy_of == "reuters.com/dam"
    assert points(judged(paper, "courier.example")) == 0 < points(judged(paper, "reuters.com"))
