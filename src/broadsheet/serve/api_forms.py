"""What the HTTP API is asked and what it answers, as types: requests are checked by them, and OpenAPI is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from broadsheet.models import ArticleType, SourceKind
from broadsheet.publish import api

MOST = 100  # items a page
USUAL = 25
FOUND = 10  # of what a search found: whoever looks for something finds it among the first, or asks otherwise

# before an end stands (?!\n): to Python $ is before a last line break too
_PLAIN = r"^[^\x00-\x1f\x7f]+(?!\n)$"
Text = Annotated[str, Meta(min_length=1, max_length=300, pattern=_PLAIN)]
Topic = Annotated[str, Meta(min_length=1, max_length=200, pattern=_PLAIN, description="A topic's slug, or its name.")]
Outlet = Annotated[str, Meta(pattern=r"^[a-z0-9.-]{1,253}(?!\n)$", description="An outlet's domain, such as bbc.com.")]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(?!\n)$", description="ISO 639-1, such as en.")]
Moment = Annotated[
    str,
    Meta(
        extra_json_schema={"anyOf": [{"format": "date"}, {"format": "date-time"}]},
    ),
]
Heat = Annotated[int, Meta(ge=0, le=100_000, description="The least heat.")]
Quality = Annotated[int, Meta(ge=0, le=100, description="The least quality.")]
Limit = Annotated[int, Meta(ge=1, le=MOST, description="Items a page has at most.")]
Cursor = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,600}(?!\n)$",
        description="nextCursor of the page before, with all else as it was asked for that.",
    ),
]
Words = Annotated[
    str, Meta(min_length=1, max_length=500, pattern=_PLAIN, description="Words, phrases in quotes, prefix*, -without, filters.")
]
Order = Annotated[Literal["heat", "time"], Meta(description="By heat now, or the newest publication first.")]
SearchKind = Annotated[Literal["story", "article"], Meta(description="What to search.")]


# --- what is asked -------------------------------------------------------------------------------------------------------


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a query. Empty and None ask for nothing."""


class Since(Ask, frozen=True, kw_only=True):
    since: Annotated[Moment, Meta(description="Published then or later: a day (UTC) or an instant.")] | None = None
    until: Annotated[Moment, Meta(description="Published earlier: a day (UTC) or an instant.")] | None = None


class StoriesOf(Ask, frozen=True, kw_only=True):
    """Of which stories, whenever they were published."""

    topic: Topic = ""
    outlet: Outlet = ""
    language: Language = ""
    minimum_heat: Heat | None = None
    minimum_quality: Quality | None = None


class StoryFilters(Since, frozen=True, kw_only=True):
    """Of which stories, and from when; a structure can have one base alone that has fields."""

    topic: Topic = ""
    outlet: Outlet = ""
    language: Language = ""
    minimum_heat: Heat | None = None
    minimum_quality: Quality | None = None


class StoriesAsk(StoryFilters, frozen=True, kw_only=True):
    sort: Order = "heat"
    limit: Limit = USUAL
    cursor: Cursor = ""


class ArticlesAsk(Since, frozen=True, kw_only=True):
    topic: Topic = ""
    outlet: Outlet = ""
    language: Language = ""
    story: Annotated[Text, Meta(description="The id of a story.")] = ""
    minimum_quality: Quality | None = None
    limit: Limit = USUAL
    cursor: Cursor = ""


class PageAsk(Ask, frozen=True, kw_only=True):
    limit: Limit = USUAL
    cursor: Cursor = ""


class SearchAsk(PageAsk, frozen=True, kw_only=True):
    limit: Limit = FOUND
    q: Words
    kind: SearchKind = "story"


class SearchFeedAsk(Ask, frozen=True, kw_only=True):
    q: Words
    limit: Limit = 50


class StoriesFeedAsk(StoryFilters, frozen=True, kw_only=True):
    sort: Order = "time"
    limit: Limit = 50


# --- what is answered ----------------------------------------------------------------------------------------------------


class StorySummary(api.Item, frozen=True, kw_only=True):
    """A story in a list. ``page`` is its page on the newsroom's site."""

    id: str
    rank: float
    articles: int
    page: str


class Story(StorySummary, frozen=True, kw_only=True):
    """A story with what its scores and topics were made of."""

    why: api.Why


class StoryList(api.Json, frozen=True, kw_only=True):
    value: list[StorySummary]
    next_cursor: str | None


class ArticleSummary(api.Json, frozen=True, kw_only=True):
    """An article in a list. ``story`` is its story's id, ``copy_of`` the key of the article whose text it repeats."""

    key: str
    title: str
    excerpt: str
    web_url: str | None
    original_url: str
    amp_web_url: str | None
    cdn_amp_web_url: str | None
    published_date_time: datetime | None
    updated_date_time: datetime | None
    seen_date_time: datetime | None
    type: ArticleType
    provider: api.ProviderItem
    locale: str | None
    authors: list[str]
    section: str | None
    keywords: list[str]
    images: list[api.ImageItem]
    word_count: int
    paywalled: bool | None
    topics: list[str]
    quality: int
    story: str | None
    copy_of: str | None
    location: api.LocationItem | UnsetType = UNSET


class ArticleWhy(api.Json, frozen=True, kw_only=True):
    """``similarity`` (0 to 1) is that to its story when it joined; ``origins`` says where on its page each field stood."""

    quality: api.ScoreItem
    topics: list[api.MatchItem]
    story: str
    similarity: float
    origins: dict[str, str]


class Article(ArticleSummary, frozen=True, kw_only=True):
    """An article with what was judged of it, and why."""

    why: ArticleWhy


class ArticleList(api.Json, frozen=True, kw_only=True):
    value: list[ArticleSummary]
    next_cursor: str | None


class OutletPage(api.Json, frozen=True, kw_only=True):
    value: list[api.OutletItem]
    next_cursor: str | None


class SourceItem(api.Json, frozen=True, kw_only=True):
    """A source and how it does. ``interval``: seconds between polls, as learnt; ``problem``: the last failure in words."""

    url: str
    kind: SourceKind
    title: str
    polled_date_time: datetime | None
    next_date_time: datetime | None
    interval: int
    failures: int
    problem: str | None
    retired: bool
    moved_to: str | None
    hub: str | None


class SourceList(api.Json, frozen=True, kw_only=True):
    value: list[SourceItem]
    next_cursor: str | None


class Found(api.Json, frozen=True, kw_only=True):
    """Something found: a story or an article. ``snippet`` is HTML: escaped text, what was asked for within ``<mark>``."""

    snippet: str
    story: StorySummary | None
    article: ArticleSummary | None


class SearchList(api.Json, frozen=True, kw_only=True):
    """``problems`` says which parts of the query were not understood and left out."""

    value: list[Found]
    problems: list[str]
    next_cursor: str | None


class Withdrawn(api.Json, frozen=True, kw_only=True):
    """A story that is not shown any more."""

    id: str
    path: str


class StoryMessage(api.Json, frozen=True, kw_only=True):
    """What a webhook is sent of a story that is new or changed. ``timestamp``: the edition's instant."""

    type: Literal["story.new", "story.changed"]
    timestamp: datetime
    data: StorySummary


class WithdrawnMessage(api.Json, frozen=True, kw_only=True):
    """What a webhook is sent of a story that was withdrawn."""

    type: Literal["story.withdrawn"]
    timestamp: datetime
    data: Withdrawn


class Fault(api.Json, frozen=True, kw_only=True):
    status: int
    message: str


class Refusal(api.Json, frozen=True, kw_only=True):
    """Every answer that is an error."""

    error: Fault
