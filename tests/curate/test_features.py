"""Preparing an article takes what comparing needs, and nothing of the machine it runs on."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest

from broadsheet.curate import Prepared, prepare
from broadsheet.curate.features import LEAD_WORDS, slug_words
from tests.curate.conftest import made

SCRIPT = """
import msgspec, sys
from broadsheet.curate import prepare, curate, Stream
from broadsheet.settings import CurateSettings
from tests.curate.conftest import made
titles = ["Dam bursts above Lowfield", "Lowfield dam bursts", "Council votes on the harbour", "Harbour vote delayed"]
text = "The river rose through the night and the dam gave way. " * 5
batch = [prepare(made(title, text, outlet=f"o{n}.example")) for n, title in enumerate(titles)]
settings = CurateSettings(only_topics=False)
result = curate(batch, stream=Stream(), stories={}, copies={}, topics=(), settings=settings)
sys.stdout.buffer.write(msgspec.json.encode([batch, result]))
"""


def test_the_headline_counts_twice_and_the_text_is_cut() -> None:
    prepared = prepare(made("Dam bursts", "the dam " + "word " * 1000))
    assert prepared.weights["dam"] == 3
    assert prepared.weights["burst"] == 2
    assert prepared.weights["word"] == LEAD_WORDS - 2
    assert prepared.terms == tuple(sorted(prepared.weights))
    assert prepared.key == "courier.example/dam-bursts"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/world-news/lowfield-dam-bursts-20140310.html?from=a-b-c-d", ["lowfield", "dam", "bursts"]),
        ("https://a.example/2014/03/%C3%BCber-die-stra%C3%9Fe/", ["über", "die", "straße"]),
        ("https://a.example/a1/dam-bursts", []),
        ("https://some-long-name.example/", []),
        ("urn:dam-bursts-above", []),
        ("", []),
    ],
)
def test_an_address_has_words(address: str, expected: list[str]) -> None:
    assert slug_words(address) == expected


def test_words_of_the_address_count_once_where_nothing_else_has_them() -> None:
    article = msgspec.structs.replace(made("Dam bursts"), web_url="https://a.example/lowfield-dam-bursts-at-night")
    weights = prepare(article).weights
    assert (weights["dam"], weights["lowfield"], weights["night"]) == (2, 1, 1)


def test_without_a_text_the_standfirst_stands_in() -> None:
    assert prepare(made("Dam bursts", excerpt="Hundreds flee")).weights["flee"] == 1


def test_an_article_needs_a_date() -> None:
    with pytest.raises(ValueError, match="needs a date"):
        prepare(made("Dam bursts", published_at=None))


def test_it_can_be_kept_and_read_again() -> None:
    prepared = prepare(made("Dam bursts", "The river rose. " * 30))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(prepared), type=Prepared) == prepared


@pytest.mark.parametrize("title", ["", "…", "!!!", "雪", "a" * 5000, "\u200f\u200e", "🙂🙂"])
def test_any_headline_can_be_prepared(title: str) -> None:
    assert prepare(made(title, key="k")).key == "k"


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    results = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(results) == 1
    assert len(results.pop()) > 1000
