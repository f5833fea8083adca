"""The lists for programs, read back by their own parsers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from openapi_spec_validator import OpenAPIV31SpecValidator

from broadsheet.gather.opml import read_opml
from broadsheet.models import SourceState
from broadsheet.publish import api, listings
from broadsheet.publish.listings import llms, openapi, opml
from tests.publish import sample

NEWSROOM = sample.SETTINGS.newsroom
HOSTILE = replace(NEWSROOM, name="x](javascript:1) <b> \x00\ud800", description="two\nlines & <i>")


def test_sources_can_be_taken_into_a_reader() -> None:
    content = opml(NEWSROOM, sample.sources())
    assert [(source.url, source.title) for source in read_opml(content)] == [
        ("https://gazette.example/feed.xml", "Harbour Gazette"),
        ("https://courier.example/atom.xml", "Skerrow Courier"),
        ("https://minato.example/rss", "港町新聞"),
        ("https://marsa.example/feed", "صحيفة المرسى"),
    ]


def test_secrets_and_files_of_the_newsroom_are_not_told() -> None:
    content = opml(NEWSROOM, sample.sources())
    assert b"secret" not in content
    assert b"/home/editor" not in content
    assert b"<body/>" in opml(NEWSROOM, [SourceState(url="https://old.example/rss", retired=True)])


def test_the_description_of_the_api_is_openapi(tmp_path: Path) -> None:
    content = openapi(NEWSROOM)
    for name, schema in (*api.schemas(), ("api/openapi.json", content)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(schema)
    said = json.loads(content)
    OpenAPIV31SpecValidator(said, base_uri=(tmp_path / "api/openapi.json").as_uri()).validate()
    assert said["servers"] == [{"url": "https://paper.example/sound"}]


def test_every_parameter_of_an_address_is_described() -> None:
    for path, item in json.loads(openapi(NEWSROOM))["paths"].items():
        named = [parameter["name"] for parameter in item["get"].get("parameters", [])]
        assert re.findall(r"{(\w+)}", path) == named


def test_every_schema_is_an_answer() -> None:
    used = set(re.findall(r'"schemas/(\w+\.json)"', openapi(NEWSROOM).decode()))
    assert used == {Path(name).name for name, _ in api.schemas()}


def test_llms_txt_names_the_data_and_the_topics() -> None:
    lines = llms(NEWSROOM, sample.TOPICS).decode().splitlines()
    assert lines[:3] == [f"# {NEWSROOM.name}", "", f"> {NEWSROOM.description}"]
    links = re.findall(r"\]\((.*?)\)", "\n".join(lines))
    assert f"{NEWSROOM.url}api/openapi.json" in links
    assert [link for link in links if "/topics/" in link and "api" not in link] == [
        f"{NEWSROOM.url}topics/{topic.slug}/" for topic in sample.TOPICS
    ]


@pytest.mark.parametrize("made", [openapi(HOSTILE), opml(HOSTILE, []), llms(HOSTILE, [])], ids=["openapi", "opml", "llms"])
def test_hostile_names_do_no_harm(made: bytes) -> None:
    made.decode("utf-8")
    assert b"\x00" not in made
    assert b"](javascript" not in made or made.startswith((b"{", b"<"))


def test_the_same_newsroom_gives_the_same_bytes() -> None:
    assert listings.openapi(NEWSROOM) == openapi(NEWSROOM)
    assert llms(NEWSROOM, sample.TOPICS) == llms(NEWSROOM, sample.TOPICS)
