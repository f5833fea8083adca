"""Kinship tells reports of the lead's event from what else is written around it."""

from __future__ import annotations

from broadsheet.curate.kinship import PER_DAY, kinship
from broadsheet.settings import CurateSettings
from tests.curate.conftest import joined

THRESHOLD = CurateSettings().related_threshold
LEAD = joined("Dam bursts above Lowfield village")


def test_another_report_of_the_event() -> None:
    assert kinship(LEAD, joined("Lowfield village flees as dam bursts", outlet="b.example")) > THRESHOLD


def test_another_event() -> None:
    assert kinship(LEAD, joined("Council votes on the harbour", outlet="b.example")) < THRESHOLD


def test_each_day_between_them_counts() -> None:
    near, far = (joined("Lowfield dam bursts", outlet="b.example", hours=hours) for hours in (0, 48))
    assert abs(kinship(LEAD, near) - kinship(LEAD, far) - 2 * PER_DAY) < 0.002


def test_it_is_the_same_both_ways() -> None:
    other = joined("Lowfield dam bursts", outlet="b.example", hours=3)
    assert kinship(LEAD, other) == kinship(other, LEAD)


def test_articles_without_words_or_dates_have_little() -> None:
    assert kinship(joined("…", key="a"), joined("!", key="b")) <= 0.3
    assert kinship(LEAD, joined("Lowfield dam bursts", outlet="b.example", published_at=None)) > 0
