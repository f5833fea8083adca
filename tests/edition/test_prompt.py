"""What is asked of a language model, and which of its answers count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from broadsheet.edition import prompt
from broadsheet.errors import ModelError
from broadsheet.models import Article, Judgement, Member, Provider, Story
from broadsheet.settings import ModelSettings

SETTINGS = ModelSettings(url="http://model.example/v1", name="gull-7b", headlines=True)
TEXT = "The old harbour will close next year."


def member(name: str) -> Member:
    key = f"{name}.example/a"
    article = Article(
        key=key,
        original_url=f"https://{key}",
        web_url=f"https://{key}",
        title=f"{name} says",
        provider=Provider(name=name.title(), domain=f"{name}.example"),
    )
    return Member(article=article, judgement=Judgement(key=key))


STORY = Story(id="s", lead=member("gazette"), related=(member("echo"), member("post")))
ASKED = prompt.ask(STORY, {"echo.example/a": "Long. " * 1000}, SETTINGS, "en")


def said(**fields: Any) -> str:
    return json.dumps({"summary": TEXT, "headline": "Harbour closes", "sources": [2]} | fields)


def test_articles_are_numbered_and_bounded() -> None:
    assert ASKED.sources == ("https://gazette.example/a", "https://echo.example/a", "https://post.example/a")
    content = json.loads(ASKED.body)["messages"][1]["content"]
    assert [line[:12] for line in content.splitlines() if line.startswith("[")] == ["[1] Gazette", "[2] Echo", "[3] Post"]
    assert len(content) < SETTINGS.characters + 200
    assert len(prompt.ask(STORY, {}, replace(SETTINGS, articles=2), "en").sources) == 2


def test_the_same_question_has_the_same_key_and_another_one_another() -> None:
    again = prompt.ask(STORY, {"echo.example/a": "Long. " * 1000}, SETTINGS, "en")
    others = [
        prompt.ask(STORY, {}, SETTINGS, "en"),
        prompt.ask(STORY, {"echo.example/a": "Long. " * 1000}, SETTINGS, "de"),
        prompt.ask(STORY, {"echo.example/a": "Long. " * 1000}, replace(SETTINGS, name="gull-70b"), "en"),
        prompt.ask(replace(STORY, related=()), {}, SETTINGS, "en"),
    ]
    assert prompt.key(again) == prompt.key(ASKED)
    assert len({prompt.key(asked) for asked in (ASKED, *others)}) == 5


@pytest.mark.parametrize(
    "answer",
    [said(), f"```json\n{said()}\n```", f"Here it is: {said(sources=[2, 2])} Anything else?", said(summary=f"<b>{TEXT}</b>")],
)
def test_answers_that_count(answer: str) -> None:
    found = prompt.read(answer, ASKED, SETTINGS)
    assert (found.text, found.headline, found.sources) == (TEXT, "Harbour closes", ("https://echo.example/a",))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot do that.",
        "[]",
        "{" * 100_000,
        said(sources=[]),
        said(sources=[0]),
        said(sources=[4]),
        said(sources=["2"]),
        said(sources=None),
        said(summary=""),
        said(summary="x" * 2001),
        said(summary=f"{TEXT} See https://elsewhere.example/"),
        said(headline=""),
        said(headline="See www.elsewhere.example"),
        said(headline="x" * 201),
        said(summary=5),
        json.dumps({"summary": TEXT, "headline": "Harbour closes"}),
        "{\ud800}",
    ],
)
def test_answers_that_are_refused(answer: str) -> None:
    with pytest.raises(ModelError):
        prompt.read(answer, ASKED, SETTINGS)
