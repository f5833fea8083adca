"""Copies of pictures: had once, shown by the site, asked for again after a passing failure, never lost by a kill."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadsheet.demo.press import FIRST_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import run_edition
from broadsheet.errors import FetchError
from broadsheet.gather.client import Client
from broadsheet.models import Page, Record, Report
from broadsheet.newsroom import Newsroom, open_newsroom
from broadsheet.publish.record import parse_record
from tests.edition.papers import Asking, paper, published

OUTLETS = ("anselpost.example",)
NEXT = FIRST_EDITION + timedelta(hours=1)
KEPT = "https://courant.example/assets/images/stories/"


class WithoutPictures(Asking):
    """A web of which pictures as a whole cannot be had; their first kilobytes can."""

    def __init__(self, press: Press, *, permanent: bool) -> None:
        super().__init__(press)
        self.permanent = permanent
        self.asked: list[str] = []

    def __call__(self, newsroom: Newsroom, at: datetime) -> Client:
        client = super().__call__(newsroom, at)
        fetch = client.fetch

        async def refusing(url: str, **options: Any) -> Page:
            if url.endswith(".jpg") and "head_bytes" not in options:
                self.asked.append(url)
                raise FetchError("answered 503", status=503, permanent=self.permanent)
            return await fetch(url, **options)

        client.fetch = refusing  # type: ignore[method-assign]
        return client


def run(newsroom: Newsroom, asking: Asking, at: datetime = FIRST_EDITION) -> Report:
    return run_edition(newsroom, at=at, client=asking)


def records(folder: Path) -> list[Record]:
    found = [parse_record(f"_news/{path.name}", path.read_bytes()).record for path in sorted((folder / "_news").glob("*.md"))]
    return [record for record in found if record.published and record.images]


def test_published_stories_show_copies_and_nothing_of_others(press: Press, tmp_path: Path) -> None:
    run(paper(tmp_path, OUTLETS), Asking(press))
    shown = [record.images[0] for record in records(tmp_path)]
    assert shown
    for image in shown:
        assert image.is_cached
        assert image.url.startswith(KEPT)
        assert 0 < image.width <= 1200
        assert (tmp_path / "public" / image.url.removeprefix("https://courant.example/")).read_bytes().startswith(b"\xff\xd8")
    kept = {path.name for path in (tmp_path / "public/assets/images/stories").iterdir()}
    assert kept == {image.url.removeprefix(KEPT) for image in shown}, "pictures of what is not published were fetched"


def test_after_a_passing_failure_a_picture_is_asked_for_again(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path, OUTLETS)
    report = run(newsroom, WithoutPictures(press, permanent=False))
    waiting = records(tmp_path)
    assert waiting
    assert not any(record.images[0].is_cached for record in waiting)
    assert report.counts["pictures failed"] == len(waiting)
    assert sum("503" in problem.reason for problem in report.problems) == len(waiting)
    run(newsroom, Asking(press), NEXT)
    assert all(record.images[0].is_cached for record in records(tmp_path))


@pytest.mark.parametrize(("permanent", "tries"), [(True, 1), (False, 3)])
def test_it_is_not_asked_for_without_end(permanent: bool, tries: int, press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path, OUTLETS)
    asking = WithoutPictures(press, permanent=permanent)
    for hour in range(5):
        run(newsroom, asking, FIRST_EDITION + timedelta(minutes=hour))
    url = asking.asked[0]
    assert asking.asked.count(url) == tries


def test_switched_on_later_it_keeps_the_pictures_of_known_stories(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path / "later", OUTLETS)
    config = newsroom.folder / "broadsheet.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("keep_images = true", "keep_images = false"), encoding="utf-8")
    run(open_newsroom(newsroom.folder), Asking(press))
    assert not (newsroom.output / "assets/images/stories").exists()
    config.write_text(text, encoding="utf-8")
    run(open_newsroom(newsroom.folder), Asking(press), NEXT)
    assert any(name.startswith("public/assets/images/stories/") for name in published(newsroom.folder))
    assert all(record.images[0].is_cached for record in records(newsroom.folder))
