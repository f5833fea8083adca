"""What a hub delivers enters the store as a poll would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadsheet.edition.gathering import deliver
from broadsheet.gather.feeds import read_feed
from broadsheet.models import Source
from broadsheet.settings import Settings
from broadsheet.store import Database, frontier, sources

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SOURCE = Source(url="http://harbour.example/feed")
FEED = b"""<rss><channel><item><title>One</title><link>/1</link></item><item><title>No address</title></item>
<item><title>Old</title><link>/2</link><pubDate>Fri, 02 Jan 2015 12:00:00 GMT</pubDate></item></channel></rss>"""


def test_delivery(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'paper.db'}")
    feed = read_feed(FEED, SOURCE.url)
    assert deliver(database, Settings(), SOURCE.url, feed, NOW) is None, "no such source is set"
    with database.transaction() as connection:
        sources.set_sources(connection, [SOURCE.url])
    assert deliver(database, Settings(), SOURCE.url, feed, NOW) == 1
    assert deliver(database, Settings(), SOURCE.url, feed, NOW) == 0
    with database.transaction() as connection:
        [waiting] = frontier.pending(connection, 1, frontier.waiting(connection, 1, 9))
        state = sources.source_states(connection, [SOURCE.url])[SOURCE.url]
    database.close()
    assert (waiting.entry.url, waiting.entry.source) == ("http://harbour.example/1", SOURCE.url)
    assert state.next_at == NOW + timedelta(days=1)
