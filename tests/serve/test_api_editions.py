"""What real editions made, as the HTTP API tells it."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from broadsheet.demo.press import SECOND_EDITION
from broadsheet.demo.server import Press
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.store import Database, events
from broadsheet.store.events import Event
from tests.edition.papers import edition, paper
from tests.serve.apis import Served
from tests.serve.newsrooms import answering

pytestmark = pytest.mark.xdist_group("editions")


def told(database: Database, behind: int = 0) -> list[Event]:
    with database.reading() as connection:
        return events.after(connection, behind, 1000)


def test_editions_are_told_as_they_were_published(tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    with Press() as press, closing(Database(newsroom.store_url)) as database:
        edition(newsroom, press)
        first = told(database)
        press.advance()
        report = edition(newsroom, press, SECOND_EDITION)
        second = told(database, first[-1].number)
        with answering(make_app(Office(newsroom, database))) as home:
            served = Served(home, newsroom, database, {})
            stories = served.walk("stories", limit=3)
            newest = served.ask("/api/news/?page=1").json
            details = [served.get(f"stories/{item['id']}") for item in stories]
            articles = Counter(item["story"] for item in served.walk("articles", limit=7))
    assert {event.story.id for event in (*first, *second)} == {item["id"] for item in stories}
    assert {event.kind for event in first} == {"new"}
    counts = Counter(event.kind for event in second)
    assert 0 < counts["new"] <= report.counts["stories new"]  # some are not hot enough to be shown
    assert 0 < counts["changed"] <= report.counts["stories changed"]
    public = newsroom.output
    assert newest == json.loads((public / "api/news/index.json").read_text())
    for item in details:
        file = public / "api/stories" / f"{Path(item['path']).stem}.json"
        page = item.pop("page")
        assert item == json.loads(file.read_text())
        assert (public / page.removeprefix(newsroom.settings.newsroom.url) / "index.html").exists()
        assert articles[item["id"]] == item["articles"]
