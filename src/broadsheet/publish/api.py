"""The JSON API: lists of stories, each story with its reasons, the topics. Pure: stories in, bytes out.

The keys of an item and their order are those of the format's first users, with nulls kept; `quality`, `published` and `related`
come after them. JSON Schemas of the files are in ``schemas/`` and published beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, TypeVar
from urllib.parse import urljoin

import msgspec
from msgspec.structs import replace

from broadsheet.models import (
    Image,
    Location,
    OutletCount,
    Provider,
    PublishedStory,
    Record,
    RelatedRecord,
    Score,
    Stories,
    Summary,
    Topic,
    TopicMatch,
)
from broadsheet.publish.record import record_name

HEATS = (60, 80, 100, 120)  # the least heats of which there are lists


class Json(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of what the API says: every key is written, those without a value as null, unless they may be unset."""


class ImageItem(Json, frozen=True, kw_only=True):
    url: str
    width: int | None
    height: int | None
    title: str | None
    is_cached: bool


class ProviderItem(Json, frozen=True, kw_only=True):
    name: str
    domain: str
    images: list[ImageItem]


class LocationItem(Json, frozen=True, kw_only=True):
    """The place that an article's feed names, in degrees of WGS 84."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90, description="Degrees north.")]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180, description="Degrees east.")]


class RelatedItem(Json, frozen=True, kw_only=True):
    title: str
    excerpt: str
    web_url: str | None
    amp_web_url: str | None
    cdn_amp_web_url: str | None
    published_date_time: datetime | None
    type: str
    provider: ProviderItem
    quality: int | None
    images: list[ImageItem]


class Item(Json, frozen=True, kw_only=True):
    path: str
    title: str
    excerpt: str
    source_url: None = None
    web_url: str | None
    original_url: str | None
    featured_content: str | None
    highlight: None = None
    heat: int | None
    tags: None = None
    images: list[ImageItem]
    content: None = None
    type: str
    amp_web_url: str | None
    cdn_amp_web_url: str | None
    published_date_time: datetime | None
    updated_date_time: datetime | None
    provider: ProviderItem | None
    locale: str | None
    categories: list[str]
    topics: list[str]
    quality: int | None
    published: bool | None
    related: list[RelatedItem]
    location: LocationItem | msgspec.UnsetType = msgspec.UNSET


class PartItem(Json, frozen=True, kw_only=True):
    name: str
    points: float
    reason: str


class ScoreItem(Json, frozen=True, kw_only=True):
    value: int
    parts: list[PartItem]


class MatchItem(Json, frozen=True, kw_only=True):
    topic: str
    relevance: float
    reason: str
    inherited: bool


class Why(Json, frozen=True, kw_only=True):
    quality: ScoreItem
    heat: ScoreItem
    topics: list[MatchItem]


class SummaryItem(Json, frozen=True, kw_only=True):
    text: str | None
    headline: str | None
    sources: list[str]
    model: str


class StoryItem(Item, frozen=True, kw_only=True):
    id: str
    rank: float
    articles: int
    why: Why
    summary: SummaryItem | msgspec.UnsetType = msgspec.UNSET


class ListPage(Json, frozen=True, kw_only=True):
    page: int
    value: list[msgspec.Raw]  # each an Item
    next_page: int | None


class TopicItem(Json, frozen=True, kw_only=True):
    name: str
    slug: str
    parent: str | None
    description: str
    stories: int
    news: str


class TopicList(Json, frozen=True, kw_only=True):
    value: list[TopicItem]


class OutletItem(Json, frozen=True, kw_only=True):
    name: str
    domain: str
    images: list[ImageItem]
    stories: int
    first: int


class OutletList(Json, frozen=True, kw_only=True):
    value: list[OutletItem]


def items(stories: Sequence[PublishedStory]) -> list[msgspec.Raw]:
    """The stories as they stand in lists."""
    if isinstance(stories, Stories):
        return list(map(_stored_item, stories.texts))
    return [_encoded_item(story) for story in stories]


def lists(folder: str, items: Sequence[msgspec.Raw], page_size: int, pages: int) -> Iterator[tuple[str, bytes | None]]:
    """The pages of one list under ``folder``, as (path, content), at most ``pages`` of them, the last first.

    Each page stands at ``page/N/index.json`` and ``pageN/index.json``, the first also at ``index.json``. A page that the list
    no longer reaches has None as its content. A list without stories has one empty page.
    """
    listed = items[: page_size * pages]
    last = max(1, -(-len(listed) // page_size))
    for number in range(last, 0, -1):
        value = list(listed[(number - 1) * page_size : number * page_size])
        content = encode(ListPage(page=number, value=value, next_page=number + 1 if number < last else None))
        yield f"{folder}/page/{number}/index.json", content
        yield f"{folder}/page{number}/index.json", content
        if number == 1:
            yield f"{folder}/index.json", content
    for number in range(last + 1, pages + 1):
        yield f"{folder}/page/{number}/index.json", None
        yield f"{folder}/page{number}/index.json", None


def story(published: PublishedStory) -> bytes:
    """One story in full, with what its scores and topics were made of."""
    said = {"id": published.id, "rank": published.rank, "articles": published.articles, "why": why_of(published)}
    made = item_of(published, StoryItem, **said)
    return encode(replace(made, summary=_summary(published.summary)) if published.summary else made)


def story_file(path: str) -> str:
    """Where the JSON of the story whose record is at ``path`` stands, relative to the published folder."""
    return f"api/stories/{record_name(path)}.json"


def topics(watched: Sequence[Topic], counts: Mapping[str, int]) -> bytes:
    """The newsroom's topics in its own order, with their numbers of published stories."""
    return encode(TopicList(value=[topic_of(topic, counts.get(topic.name, 0)) for topic in watched]))


def outlets(home: str, counts: Sequence[OutletCount]) -> bytes:
    """The outlets, those with the most published stories first. The newsroom's own logos are given with ``home``."""
    return encode(OutletList(value=[outlet_of(home, count) for count in counts]))


def hot(stories: Sequence[PublishedStory], items: Sequence[msgspec.Raw], heat: int) -> list[msgspec.Raw]:
    """The items of those stories that have at least that heat, in the order given."""
    return [item for story, item in zip(stories, items, strict=True) if (story.record.heat or 0) >= heat]


def schemas() -> Iterator[tuple[str, bytes]]:
    """The JSON Schemas of the API's files, as (path, content)."""
    folder = resources.files("broadsheet.publish") / "schemas"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield f"api/schemas/{entry.name}", entry.read_bytes()


def encode(value: object) -> bytes:
    """``value`` as JSON on one line, in the order of its keys. Texts must be ones that UTF-8 can carry."""
    return msgspec.json.encode(value) + b"\n"


class _Listed(msgspec.Struct, frozen=True, gc=False):
    """What is read of a story for lists."""

    record: Record
    language: str = ""
    location: Location | None = None


_listed = msgspec.json.Decoder(_Listed).decode


@lru_cache(maxsize=4096)  # most stories are in the lists of several topics
def _stored_item(text: str) -> msgspec.Raw:
    return _encoded_item(_listed(text))


def _encoded_item(story: PublishedStory | _Listed) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(item_of(story, Item)))


Form = TypeVar("Form", bound=Item)


def item_of(published: PublishedStory | _Listed, form: type[Form], **more: Any) -> Form:
    """A story as it stands in lists; ``more`` is what ``form`` says beyond that."""
    record = published.record
    return form(
        path=record.path,
        title=record.title,
        excerpt=record.excerpt,
        web_url=record.web_url or None,
        original_url=record.original_url or None,
        featured_content=record.featured_content or None,
        heat=record.heat,
        images=images_of(record.images),
        type=record.type,
        amp_web_url=record.amp_url or None,
        cdn_amp_web_url=record.cdn_amp_url or None,
        published_date_time=record.published_at,
        updated_date_time=record.updated_at,
        provider=provider_of(record.provider) if record.provider else None,
        locale=published.language or None,
        categories=[record.category],
        topics=list(record.topics),
        quality=record.quality,
        published=record.published,
        related=[_related(entry) for entry in record.related],
        location=location_of(published.location),
        **more,
    )


def _related(entry: RelatedRecord) -> RelatedItem:
    return RelatedItem(
        title=entry.title,
        excerpt=entry.excerpt,
        web_url=entry.web_url or None,
        amp_web_url=entry.amp_url or None,
        cdn_amp_web_url=entry.cdn_amp_url or None,
        published_date_time=entry.published_at,
        type=entry.type,
        provider=provider_of(entry.provider),
        quality=entry.quality,
        images=images_of(entry.images),
    )


def provider_of(provider: Provider) -> ProviderItem:
    """An outlet as items name it."""
    return ProviderItem(name=provider.name, domain=provider.domain, images=images_of(provider.images))


def images_of(images: Sequence[Image]) -> list[ImageItem]:
    """Pictures as items show them; measures that are not known are null."""
    return [
        ImageItem(
            url=image.url,
            width=image.width or None,
            height=image.height or None,
            title=image.title or None,
            is_cached=image.is_cached,
        )
        for image in images
    ]


def location_of(location: Location | None) -> LocationItem | msgspec.UnsetType:
    """A place as items name it; without one they have no such key."""
    return LocationItem(latitude=location.latitude, longitude=location.longitude) if location else msgspec.UNSET


def why_of(published: PublishedStory) -> Why:
    """What a story's scores and topics were made of."""
    return Why(
        quality=score_of(published.why_quality),
        heat=score_of(published.why_heat),
        topics=[match_of(match) for match in published.why_topics],
    )


def score_of(score: Score) -> ScoreItem:
    """A score with all it is made of."""
    parts = [PartItem(name=part.name, points=part.points, reason=part.reason) for part in score.parts]
    return ScoreItem(value=score.value, parts=parts)


def _summary(summary: Summary) -> SummaryItem:
    return SummaryItem(
        text=summary.text or None, headline=summary.headline or None, sources=list(summary.sources), model=summary.model
    )


def match_of(match: TopicMatch) -> MatchItem:
    """A topic with what speaks for it."""
    return MatchItem(topic=match.topic, relevance=match.relevance, reason=match.reason, inherited=match.inherited)


def outlet_of(home: str, count: OutletCount) -> OutletItem:
    """An outlet with its counts; its logo is given with ``home``."""
    provider = count.provider
    images = images_of(at_home(home, provider.images))
    return OutletItem(name=provider.name, domain=provider.domain, images=images, stories=count.stories, first=count.first)


def at_home(home: str, images: Sequence[Image]) -> tuple[Image, ...]:
    """Pictures with whole addresses, also those that the newsroom keeps."""
    return tuple(replace(image, url=urljoin(home, image.url)) for image in images)


def topic_of(topic: Topic, stories: int) -> TopicItem:
    """A topic with its number of published stories."""
    return TopicItem(
        name=topic.name,
        slug=topic.slug,
        parent=topic.parent or None,
        description=topic.description,
        stories=stories,
        news=f"api/news/{topic.slug}/index.json",
    )
