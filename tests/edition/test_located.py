"""A place that a feed names, from there to what is published; and that nothing else differs by it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import pytest
from msgspec.structs import replace

from broadsheet.demo import feeds
from broadsheet.demo.server import Press
from broadsheet.edition.harvest import found
from broadsheet.models import Entry, Location
from broadsheet.settings import GatherSettings
from tests.edition.papers import edition, paper
from tests.edition.test_harvest import NOW

POINT = b'<georss:point xmlns:georss="http://www.georss.org/georss">54.25 -3.5</georss:point>'
PLACE = {"latitude": 54.25, "longitude": -3.5}
LOCATED = "anselpost.example"  # has a feed of RSS


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[..., bytes]) -> dict[str, bytes]:
    """What an edition wrote, by path, for feeds so made; without the private notes, which tell what was read from a feed."""
    monkeypatch.setattr(feeds, "feed", make)
    newsroom = paper(folder)
    with Press() as press:
        edition(newsroom, press)
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name: re.sub(rb"(?m)^secured: .*\n", b"", path.read_bytes())
        for name, path in files.items()
        if not name.startswith((".git/", ".broadsheet/"))
    }


def with_points(outlet: Any, reports: Any, plain: Callable[..., bytes] = feeds.feed) -> bytes:
    made = plain(outlet, reports)
    return made.replace(b"<item>", b"<item>" + POINT) if outlet.host.endswith(LOCATED) else made


def test_a_place_goes_from_a_feed_to_the_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = written(tmp_path / "without", monkeypatch, feeds.feed)
    located = written(tmp_path / "located", monkeypatch, with_points)
    assert set(located) == set(without)

    stories = {name: json.loads(content) for name, content in located.items() if re.search(r"api/stories/.*\.json$", name)}
    ours = {name: said for name, said in stories.items() if said["provider"]["domain"] == LOCATED}
    assert 0 < len(ours) < len(stories)
    assert {name for name, said in stories.items() if said.get("location") == PLACE} == set(ours)
    assert not any("location" in said for name, said in stories.items() if name not in ours)

    (front,) = [json.loads(content) for name, content in located.items() if name.endswith("api/news/index.json")]
    assert {item["path"] for item in front["value"] if "location" in item} == {said["path"] for said in ours.values()}
    for kind in ("feed.xml", "atom.xml"):
        (name,) = [name for name in located if re.fullmatch(rf"[^/]+/{kind}", name)]
        parsed = feedparser.parse(located[name])
        assert not parsed.bozo
        assert {entry.where["coordinates"] for entry in parsed.entries if "where" in entry} == {(-3.5, 54.25)}
        assert sum("where" in entry for entry in parsed.entries) == len(ours)

    changed = {name for name in located if located[name] != without[name]}
    told = [name for name in changed if b"georss" in located[name] or b'"location"' in located[name]]
    assert changed == set(told)
    assert not any(name.startswith("_news/") for name in changed)


def test_an_entry_is_another_when_its_place_is() -> None:
    """And one without a place is what it was for newsrooms that knew of none."""
    entry = Entry(url="https://harbour.example/1", title="One", published_at=NOW)
    one, two = Location(latitude=1.0, longitude=2.0), Location(latitude=1.0, longitude=3.0)
    entries = [entry, replace(entry, location=one), replace(entry, location=two)]
    prints = [item.fingerprint for item in found("", entries, GatherSettings(), NOW)[0]]
    assert len(set(prints)) == 3
    assert prints[0] == "0d35eef6fa40b354"
