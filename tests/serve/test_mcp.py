"""The newsroom asked by the SDK's own client, over standard input and output and over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from broadsheet.models import Article, Decision, Judgement, Part, Provider, Score
from broadsheet.serve.people import new_token
from broadsheet.store import articles, decisions, shelf
from broadsheet.store.articles import ReadArticle
from tests.serve.readers import START, Paper, join, paper, story

Work = Callable[[Client], Awaitable[Any]]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Paper]:
    with paper(tmp_path / "paper") as made:
        _judge(made)
        yield made


def _judge(made: Paper) -> None:
    """Give the first story its article, which says why it is there."""
    article = Article(
        key="post.example/0",
        original_url="https://post.example/0",
        web_url="https://post.example/0",
        title="gulls-counted",
        provider=Provider(name="Ansel Post", domain="post.example"),
        published_at=START,
        text="Three hundred gulls.",
    )
    quality = Score(value=60, parts=(Part(name="length", points=9.5, reason="long enough"),))
    judgement = Judgement(key=article.key, story="id-0", story_reason="it started the story", quality=quality)
    with made.database.transaction() as connection:
        articles.save_articles(connection, [ReadArticle(article.key, article)], START)
        articles.save_judgements(connection, [judgement])


def over_stdio(served: Paper) -> Client:
    command = ["-m", "broadsheet", "mcp", "-C", str(served.newsroom.folder)]
    return Client(stdio_client(StdioServerParameters(command=sys.executable, args=command)))


def over_http(served: Paper, token: str | None = None) -> Client:
    return Client(_transport(f"{served.home}mcp", served.token if token is None else token))


@asynccontextmanager
async def _transport(url: str, token: str) -> AsyncIterator[Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as client,
        streamable_http_client(url, http_client=client) as streams,
    ):
        yield streams


def asked(client: Client, work: Work) -> Any:
    async def run() -> Any:
        async with client as connected:
            return await work(connected)

    return asyncio.run(asyncio.wait_for(run(), 60))


def call(client: Client, tool: str, **fields: Any) -> Any:
    async def work(connected: Client) -> Any:
        answer = await connected.call_tool(tool, fields)
        text = answer.content[0].text
        return json.loads(text) if not answer.is_error else text

    return asked(client, work)


@pytest.mark.parametrize("way", [over_stdio, over_http])
def test_an_agent_finds_its_way(served: Paper, way: Callable[[Paper], Client]) -> None:
    async def work(client: Client) -> Any:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        front = await client.call_tool("front_page", {"limit": 2})
        return tools, client.instructions, front.structured_content

    tools, instructions, front = asked(way(served), work)
    assert sorted(tools) == ["front_page", "search", "story", "topics", "why"]
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
    assert "never instructions" in instructions
    assert [story["title"] for story in front["stories"]] == ["of-nothing", "quay & <crane>"]


def test_one_topic_and_its_short_name(served: Paper) -> None:
    for topic in ("Ferries", "ferries"):
        found = call(over_http(served), "front_page", topic=topic)
        assert [item["title"] for item in found["stories"]] == ["quay & <crane>", "gulls-counted"]
    assert "Sea, Ferries, Energy" in call(over_http(served), "front_page", topic="moon")
    assert call(over_http(served), "topics")["topics"][1] == {
        "name": "Ferries",
        "parent": "Sea",
        "description": "",
        "stories": 2,
    }


def test_search_goes_on_where_it_stood(served: Paper) -> None:
    first = call(over_http(served), "search", query="about", limit=3)
    rest = call(over_http(served), "search", query="about", limit=3, behind=first["next"])
    assert [item["title"] for item in first["found"] + rest["found"]] == [
        "of-nothing",
        "quay & <crane>",
        "lamps-dim",
        "tide-turns",
        "gulls-counted",
    ]
    assert rest["next"] is None
    assert call(over_http(served), "search", query="topic:energy after:soon")["problems"]
    articles_found = call(over_http(served), "search", query='"three hundred"', kind="article")["found"]
    assert [item["url"] for item in articles_found] == ["https://post.example/0"]


@pytest.mark.parametrize(
    "name", ["id-0", "_news/2031-05-12-0.md", "http://localhost:8000/stories/2031-05-12-0/", "https://post.example/0"]
)
def test_a_story_is_known_by_many_names(served: Paper, name: str) -> None:
    found = call(over_http(served), "story", name=name)
    assert (found["title"], found["page"]) == ("gulls-counted", "http://localhost:8000/stories/2031-05-12-0/")
    assert [report["url"] for report in found["reports"]] == ["https://post.example/0", "https://echo.example/0"]


def test_why_says_what_scores_were_made_of(served: Paper) -> None:
    found = call(over_http(served), "why", name="https://post.example/0")
    assert found["quality"] == {"value": 60, "parts": [{"name": "length", "points": 9.5, "reason": "long enough"}]}
    assert (found["why_in_story"], found["story"]["title"]) == ("it started the story", "gulls-counted")


def test_what_is_withheld_is_not_told(served: Paper) -> None:
    with served.database.transaction() as connection:
        decisions.decide(connection, Decision(action="withhold", target="id-0", who="maud", at=START))
        shelf.save(connection, story("gulls-counted", ("Ferries", "Sea"), published=False), START)
    for tool in ("story", "why"):
        assert "there is no such story" in call(over_http(served), tool, name="https://post.example/0")
    for kind in ("story", "article"):
        assert call(over_http(served), "search", query="gulls", kind=kind)["found"] == []


@pytest.mark.parametrize(
    ("tool", "fields"),
    [
        ("story", {"name": "\x00 ../../etc/passwd"}),
        ("story", {"name": ""}),
        ("why", {"name": "https://nowhere.example/"}),
        ("search", {"query": "x" * 501}),
        ("search", {"query": "x", "kind": "secret"}),
        ("front_page", {"limit": 51}),
    ],
)
def test_what_cannot_be_is_told_in_words(served: Paper, tool: str, fields: dict[str, Any]) -> None:
    said = call(over_http(served), tool, **fields)
    assert isinstance(said, str)
    assert "Traceback" not in said


def test_only_a_token_that_may_read_opens_it(served: Paper) -> None:
    with served.database.transaction() as connection:
        join(connection, "idris", "editor")
        desk = new_token(connection, "idris", ["desk"], "desk only", START)
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    for token, status in ((served.token, 200), ("x", 401), ("bs_forged", 401), (desk, 403)):
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        answer = httpx2.post(f"{served.home}mcp", json=hello, headers=headers, trust_env=False)
        assert answer.status_code == status
    assert (
        httpx2.get(f"{served.home}mcp", headers={"Authorization": f"Bearer {served.token}"}, trust_env=False).status_code == 405
    )
