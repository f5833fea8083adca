"""Sources at the desk: looked at, added, removed, marked, and how they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadsheet.config import load_settings
from broadsheet.models import SourceState
from broadsheet.store.sources import save_source
from tests.serve.desks import NOW, SOURCE, Desk, desk, loopback
from tests.site import running

OTHER = "https://b.example/f"


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "paper", client=loopback) as made:
        yield made


def send(news: Desk, what: str, **fields: str) -> tuple[int, str, str]:
    return news.ask(f"/desk/sources/{what}", "otto", fields)


def sources(news: Desk) -> list[str]:
    return [source.url for source in load_settings(news.paper.run.newsroom.folder).sources]


def test_a_site_is_looked_at_before_its_feed_is_added(news: Desk) -> None:
    with running() as home:
        status, text, _ = send(news, "preview", url=f"{home}/")
        assert status == 200
        assert "3 entries, 2 of a topic" in text
        assert "Ferries, Sea" in text
        assert sources(news) == [SOURCE, OTHER], "nothing is added by looking"
        assert send(news, "add", url=f"{home}/feed.xml", kind="feed", title=' The "Skerry"\nTimes ')[0] == 303
        assert sources(news) == [SOURCE, OTHER, f"{home}/feed.xml"]
        assert "It is a source already" in send(news, "preview", url=f"{home}/")[1]
    assert "The &#34;Skerry&#34; Times" in news.ask("/desk/sources/", "otto")[1]
    assert "problem" in send(news, "preview", url=f"{home}/")[1], "the site is gone"


def test_a_private_address_is_not_looked_at(tmp_path: Path) -> None:
    with running() as home, desk(tmp_path / "paper") as news:
        assert "private" in send(news, "preview", url=f"{home}/")[1]


def test_a_source_is_removed_and_all_else_stays(news: Desk) -> None:
    path = news.paper.run.newsroom.folder / "broadsheet.toml"
    before = path.read_text()
    assert send(news, "remove", url=SOURCE)[0] == 303
    assert path.read_text() == before.replace(f'[[sources]]\nurl = "{SOURCE}"\n\n', "")
    assert send(news, "remove", url=OTHER)[0] == 303
    assert sources(news) == []
    assert send(news, "remove", url=OTHER)[0] == 400


def test_a_removed_source_comes_back_where_it_stood(news: Desk) -> None:
    path = news.paper.run.newsroom.folder / "broadsheet.toml"
    before = path.read_text()
    for url in (SOURCE, OTHER):
        assert send(news, "remove", url=url)[0] == 303
    for _ in range(2):
        assert news.ask("/desk/undo", "otto", {"next": "/desk/sources/"})[2] == "/desk/sources/?told=undone"
    assert path.read_text() == before
    assert send(news, "add", url="https://c.example/feed")[0] == 303
    assert sources(news)[-1] == "https://c.example/feed"
    assert news.ask("/desk/undo", "otto", {})[0] == 303
    assert sources(news) == [SOURCE, OTHER]


def test_a_removed_source_comes_back_into_a_file_that_was_changed_meanwhile(news: Desk) -> None:
    path = news.paper.run.newsroom.folder / "broadsheet.toml"
    assert send(news, "remove", url=SOURCE)[0] == 303
    text = path.read_text()
    path.write_text(text.replace("[newsroom]", "# of my own\n\n# more\n[newsroom]", 1))
    assert news.ask("/desk/undo", "otto", {})[0] == 303
    assert sorted(sources(news)) == sorted([SOURCE, OTHER])
    assert "# of my own" in path.read_text()
    assert send(news, "remove", url=SOURCE)[0] == 303
    path.write_text(path.read_text() + f'\n[[sources]]\nurl = "{SOURCE}"\n')
    before = path.read_text()
    assert news.ask("/desk/undo", "otto", {})[0] == 400, "somebody added it again"
    assert path.read_text() == before


def test_a_source_that_is_not_a_table_is_left_to_its_owner(news: Desk) -> None:
    path = news.paper.run.newsroom.folder / "broadsheet.toml"
    text = f'sources = [{{url = "{SOURCE}"}}]\n' + path.read_text().partition("# the first")[0]
    path.write_text(text)
    status, said, _ = send(news, "remove", url=SOURCE)
    assert status == 400
    assert "by hand" in said
    assert path.read_text() == text


@pytest.mark.parametrize(
    "fields", [{"url": ""}, {"url": "post.example"}, {"url": SOURCE}, {"url": "https://c.example/", "kind": "x"}]
)
def test_what_is_no_new_source_is_refused(news: Desk, fields: dict[str, str]) -> None:
    before = (news.paper.run.newsroom.folder / "broadsheet.toml").read_text()
    assert send(news, "add", **fields)[0] == 400
    assert (news.paper.run.newsroom.folder / "broadsheet.toml").read_text() == before


def test_health_tells_who_is_in_trouble_first(news: Desk) -> None:
    failing = SourceState(url=OTHER, failures=3, problem="answered 500 <html>", polled_at=NOW, next_at=NOW + timedelta(hours=1))
    with news.database.transaction() as connection:
        save_source(connection, failing, 1)
    text = news.ask("/desk/health/")[1]
    assert text.index(OTHER) < text.index(SOURCE)
    assert "failed 3 times in a row" in text
    assert "answered 500 &lt;html&gt;" in text
    assert "not asked yet" in text
    with news.database.transaction() as connection:
        save_source(connection, SourceState(url=SOURCE, retired=True), 1)
        save_source(connection, SourceState(url=OTHER, polled_at=NOW, next_at=NOW - timedelta(hours=1)), 1)
    text = news.ask("/desk/health/")[1]
    assert text.index(SOURCE) < text.index(OTHER)
    assert "gone for good" in text
    assert "well, and due" in text


def test_a_mark_is_shown_with_its_source(news: Desk) -> None:
    news.decide("trust", SOURCE)
    assert "trusted" in news.ask("/desk/sources/?q=post", "otto")[1]
    assert OTHER not in news.ask("/desk/sources/?q=post", "otto")[1]
