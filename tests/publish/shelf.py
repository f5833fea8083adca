"""A shelf of stories in memory, in the order that publishing asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from broadsheet.models import OutletCount, PublishedStory, SourceState
from tests.publish import sample


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

    def during(self, period: str) -> list[PublishedStory]:
        return [story for story in self.newest(None, 10**6) if story.record.path[6:].startswith(period)]

    def month_counts(self) -> dict[str, int]:
        return {month: len(self.during(month)) for month in self.months()}

    def day_counts(self, month: str) -> dict[str, int]:
        days = sorted({story.record.path[6:16] for story in self.during(month)})
        return {day: len(self.during(day)) for day in days}

    def outlet(self, domain: str, limit: int) -> list[PublishedStory]:
        return [story for story in self.newest(None, 10**6) if domain in sample.domains(story)][:limit]

    def outlets(self, limit: int) -> list[OutletCount]:
        ordered = sorted(sample.outlets(self._stories), key=lambda outlet: (-outlet.stories, outlet.provider.domain))
        return ordered[:limit]

    def outlet_counts(self, domains: Collection[str]) -> list[OutletCount]:
        found = {outlet.provider.domain: outlet for outlet in sample.outlets(self._stories)}
        empty = {name: OutletCount(provider=sample.provider(name.removesuffix(".example"))) for name in domains}
        return [found.get(name, empty[name]) for name in sorted(domains)]

    def sources(self) -> list[SourceState]:
        return [SourceState(url="https://gazette.example/feed", title="Harbour Gazette")]

    def _of(self, topic: str | None) -> list[PublishedStory]:
        return [story for story in self._stories if topic is None or topic in story.record.topics]


def changed(story: PublishedStory) -> datetime:
    moment = story.record.updated_at or story.record.published_at
    assert moment
    return moment
