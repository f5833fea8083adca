"""Pages that cannot be had, and what their feeds say in their place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadsheet.edition import loop
from broadsheet.edition.reading import read
from broadsheet.edition.run import Run, quiet
from broadsheet.models import Entry
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.store import Database, articles, frontier
from broadsheet.store.frontier import Found
from tests.gather.servers import NOW, answer, client, serving

TEASER = "<p>The ferry is late again, and the council wants to know why.</p>"
WHOLE = "".join(f"<p>Ferry number {n} is late, and the council of isle {n} wants to know why.</p>" for n in range(20))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    make_newsroom(tmp_path, new_key())
    newsroom = open_newsroom(tmp_path)
    with closing(Database(newsroom.store_url)) as database:
        yield Run(newsroom, database, NOW, quiet)


STATUSES = {"refused": (403, WHOLE), "busy": (500, WHOLE), "teased": (403, TEASER), "bare": (403, ""), "gone": (410, WHOLE)}


@pytest.mark.parametrize(("retries", "from_feeds"), [(1, ["The busy page", "The refused page"]), (2, [])])
def test_a_page_that_cannot_be_had_for_good_is_read_from_its_feed(run: Run, retries: int, from_feeds: list[str]) -> None:
    limits = replace(run.settings.gather, retries=retries)
    run.newsroom = replace(run.newsroom, settings=replace(run.settings, gather=limits))
    entries = [
        Entry(url=f"http://{name}.example/1", title=f"The {name} page", html=html) for name, (_, html) in STATUSES.items()
    ]
    with run.database.transaction() as connection:
        found = [Found(key=entry.url.removeprefix("http://"), entry=entry, fingerprint="x") for entry in entries]
        frontier.add_entries(connection, found, run.number)

    async def test() -> None:
        routes = {f"{name}.example/1": answer(status=status) for name, (status, _) in STATUSES.items()}
        async with serving(routes) as server, client(server) as asking:
            await read(run, asking)

    loop.run(test())
    with run.database.reading() as connection:
        assert sorted(item.article.title for item in articles.unjudged(connection, 9)) == from_feeds
    failed = {problem.where.removeprefix("http://").partition(".")[0] for problem in run.report().problems}
    assert failed == {"teased", "bare", "gone"} | (set() if from_feeds else {"refused", "busy"})
