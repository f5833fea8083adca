"""A shelf of stories in memory, in the order that publishing asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from broadsheet.models import PublishedStory, SourceState


class MemoryShelf:
    """What the store answers, from a list; a story's last change is its own last date."""

    def __init__(self, stories: Iterable[PublishedStory]) -> None:
        self._stories = [story for story in stories if story.record.published]
        self.asked: list[str] = []

    def newest(self, topic: str | None, limit: int) -> list[PublishedStory]:
        dated = [story for story in self._of(topic) if story.record.published_at]
        return sorted(dated, key=lambda story: (story.record.published_at, story.record.path), reverse=True)[:limit]

    def front(self, topic: str | None, limit: int) -> list[PublishedStory]:
        return sorted(self._of(topic), key=lambda story: (story.rank, story.record.path), reverse=True)[:limit]

    def month(self, month: str) -> list[tuple[str, datetime]]:
        self.asked.append(month)
        found = [(story.record.path, changed(story)) for story in self._stories if story.record.path[6:13] == month]
        return sorted(found)

    def months(self) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for story in self._stories:
            month = story.record.path[6:13]
            found[month] = max(changed(story), found.get(month, changed(story)))
        return dict(sorted(found.items()))

    def topic_counts(self) -> dict[str, int]:
        names = [name for story in self._stories for name in story.record.topics]
        return {name: names.count(name) for name in sorted(set(names))}

    def sources(self) -> list[SourceState]:
        return [SourceState(url="https://gazette.example/feed", title="Harbour Gazette")]

    def _of(self, topic: str | None) -> list[PublishedStory]:
        return [story for story in self._stories if topic is None or topic in story.record.topics]


def changed(story: PublishedStory) -> datetime:
    moment = story.record.updated_at or story.record.published_at
    assert moment
    return moment
