"""What a real edition publishes, read by parsers that are not ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import pytest
from lxml import etree

from broadsheet.demo.server import Press
from tests.edition.papers import edition, paper


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published folder of an edition of the invented press."""
    made = paper(tmp_path_factory.mktemp("published") / "paper")
    with Press() as press:
        edition(made, press)
    return made.output


def files(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    assert found, pattern
    return found


def test_every_file_of_the_api_is_described_and_as_described(folder: Path) -> None:
    described = json.loads((folder / "api/openapi.json").read_bytes())["paths"]
    schemas: dict[str, Any] = {path.name: json.loads(path.read_bytes()) for path in files(folder, "api/schemas/*.json")}
    validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}
    used = set()
    for path in (*files(folder, "api/**/index.json"), *files(folder, "api/stories/*.json")):
        # the first users' other spelling of a page's address
        name = re.sub(r"/page(\d+)/", r"/page/\1/", f"/{path.relative_to(folder).as_posix()}")
        fits = [form for form in described if re.fullmatch(re.sub(r"{\w+}", "[^/]+", form), name)]
        form = min(fits, key=lambda form: form.count("{"))
        schema = described[form]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        errors = [error.message for error in validators[Path(schema).name].iter_errors(json.loads(path.read_bytes()))]
        assert errors == [], path
        used.add(form)
    assert used == set(described)


@pytest.mark.parametrize(("name", "version"), [("feed.xml", "rss20"), ("atom.xml", "atom10")])
def test_every_feed_is_read_without_a_complaint(folder: Path, name: str, version: str) -> None:
    for path in files(folder, f"**/{name}"):
        said = feedparser.parse(path.read_bytes())
        assert (said.bozo, said.version) == (False, version), path
        assert all(entry.title and entry.link and entry.id for entry in said.entries)
    assert feedparser.parse((folder / name).read_bytes()).entries


def test_json_feeds_say_the_same_as_the_others(folder: Path) -> None:
    for path in files(folder, "**/feed.json"):
        said = json.loads(path.read_bytes())
        other = feedparser.parse(path.with_name("atom.xml").read_bytes())
        assert [item["url"] for item in said["items"]] == [entry.link for entry in other.entries]


def test_hot_lists_hold_what_is_hot(folder: Path) -> None:
    every = json.loads((folder / "api/news/index.json").read_bytes())["value"]
    for heat in (60, 80, 100, 120):
        listed = json.loads((folder / f"api/news/minimum_heat/{heat}/index.json").read_bytes())["value"]
        assert all(item["heat"] >= heat for item in listed)
        assert {item["path"] for item in every if item["heat"] >= heat} <= {item["path"] for item in listed}


def test_outlets_are_those_of_the_stories(folder: Path) -> None:
    outlets = json.loads((folder / "api/outlets/index.json").read_bytes())["value"]
    domains = {outlet["domain"] for outlet in outlets}
    stories = [json.loads(path.read_bytes()) for path in files(folder, "api/stories/*.json")]
    reported = [{report["provider"]["domain"] for report in (story, *story["related"])} for story in stories]
    assert domains == set().union(*reported)
    assert {outlet["domain"]: outlet["stories"] for outlet in outlets} == {
        domain: sum(domain in names for names in reported) for domain in domains
    }
    assert sum(outlet["first"] for outlet in outlets) == len(stories)


def test_sources_are_listed(folder: Path) -> None:
    root = etree.parse(folder / "sources.opml").getroot()
    assert root.get("version") == "2.0"
    assert len(root.findall("body/outline")) > 1
    assert "api/openapi.json" in (folder / "llms.txt").read_text(encoding="utf-8")
