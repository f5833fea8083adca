"""The demo's newsroom is one that Broadsheet itself can load, and its sources are the press's."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.config import load_settings
from broadsheet.demo.newsroom import write_newsroom
from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION, published, world
from broadsheet.demo.sites import sites
from broadsheet.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_newsroom(tmp_path / "courant")
    return load_settings(tmp_path / "courant")


def test_sources_are_what_the_press_serves(settings: Settings) -> None:
    served = {f"https://{host}{path}" for host, site in sites(world(), FIRST_EDITION).items() for path in site}
    missing = [source.title for source in settings.sources if source.url not in served]
    assert missing == ["The Evening Buoy"]
    assert len(settings.sources) == len(world().outlets)
    assert [source.title for source in settings.sources if source.kind == "sitemap"] == ["Isles Daily Bulletin"]
    assert [source.title for source in settings.sources if source.full_text] == ["The Harbour Log"]


def test_silence_is_given_up_quickly(settings: Settings) -> None:
    assert settings.gather.first_byte_timeout <= 5
    assert settings.gather.gap == 0
    assert settings.gather.connections_per_host > 1


def test_topics_have_parents_and_words(settings: Settings) -> None:
    assert 6 <= len(settings.topics) <= 8
    names = {topic.name for topic in settings.topics}
    assert sum(topic.parent in names for topic in settings.topics) >= 3
    assert all(topic.keywords and topic.description for topic in settings.topics)


def test_nearly_every_report_on_the_beat_has_a_topic_word_and_nearly_none_off_it(settings: Settings) -> None:
    words = [keyword for topic in settings.topics for keyword in topic.keywords]

    def named(text: str) -> bool:
        padded = f" {''.join(c if c.isalnum() else ' ' for c in text)} "
        return any(f" {word} " in padded or f" {word} " in padded.lower() for word in words)

    reports = published(world().reports, SECOND_EDITION)
    on_beat = [report for report in reports if report.outlet.id not in ("table", "marketlens")]
    hits = [named(" ".join([report.headline, report.standfirst, *report.paragraphs])) for report in on_beat]
    assert sum(hits) >= 0.97 * len(hits)
    aside = [report for report in reports if report.outlet.id == "table"]
    assert sum(named(f"{report.headline} {report.standfirst}") for report in aside) == 0


def test_written_twice_is_the_same(tmp_path: Path) -> None:
    def files(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    write_newsroom(tmp_path)
    first = files(tmp_path)
    write_newsroom(tmp_path)
    assert files(tmp_path) == first
    assert len(first) == 9
