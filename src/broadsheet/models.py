"""The nouns of Broadsheet as frozen typed values. No I/O, no clock.

What a *source says* (Entry, Page) is kept apart from what *we read* (Article), from what *we decided* (Judgement, Story) and
from what *we publish* (Record). All datetimes are time-zone aware and in UTC; all texts are plain text (no HTML) unless named
``html``; all addresses are absolute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Literal, overload

import msgspec

from broadsheet.text import summary

SourceKind = Literal["feed", "sitemap", "archive"]
ArticleType = Literal["article", "video", "live"]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=False, gc=False):
    """Base of every noun: immutable, compared by value, written to JSON without its defaults.

    The garbage collector does not look at them: what cannot change cannot hold itself, and there are very many.
    """


# --- what the newsroom watches -------------------------------------------------------------------------------------------


class Topic(Value, frozen=True):
    """A subject to watch. ``slug`` names its folder and file; ``threshold`` is the least relevance (0 to 1) that counts."""

    name: str
    slug: str
    parent: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    threshold: float = 0.3


class Source(Value, frozen=True, forbid_unknown_fields=True):
    """Where articles come from. ``url`` is an address; for an archive also the path of its file, from the newsroom's folder."""

    url: str  # the address; for an archive also the path of its file from the newsroom's folder
    kind: SourceKind = "feed"  # "feed", "sitemap" or "archive"
    title: str = ""  # what to call it; a feed's own title by default
    allow_private: bool = False  # permit addresses of this machine and its own network
    full_text: bool = False  # its entries carry the whole article, so their pages are not fetched

    @property
    def is_local(self) -> bool:
        """Whether it is a file on this machine."""
        return self.kind == "archive" and not self.url.startswith(("http://", "https://"))


class ArchiveState(Value, frozen=True):
    """How far an archive was read. ``pages`` and ``bytes`` were taken in the edition that read it last."""

    cursor: int = 0  # byte offset from which to go on
    length: int = 0  # of the file in bytes, when it was read last; 0 before
    finished: bool = False  # it was read to its end
    pages: int = 0
    bytes: int = 0


class SourceState(Value, frozen=True):
    """What is remembered of a source between two polls."""

    url: str
    title: str = ""
    etag: str = ""
    last_modified: str = ""
    polled_at: datetime | None = None
    next_at: datetime | None = None
    interval: int = 0  # seconds between polls, as learnt
    failures: int = 0  # in a row
    moved_to: str = ""  # a permanent redirect (301, 308) told us so
    retired: bool = False  # 410 Gone
    problem: str = ""  # the last failure, in words; empty when healthy
    archive: ArchiveState = ArchiveState()
    hub: str = ""  # the WebSub hub that offers to deliver it
    topic: str = ""  # the address by which that hub knows it


class HostState(Value, frozen=True):
    """What is remembered of a host between two editions: see `broadsheet.gather.hosts`."""

    host: str
    gap: float = 0.0  # seconds between two requests, as learnt from refusals at ``learnt_at``
    learnt_at: datetime | None = None
    closed_until: datetime | None = None  # it wants to be left alone until then


class Subscription(Value, frozen=True):
    """A source that a WebSub hub delivers. ``token`` is the secret last part of the callback's address."""

    token: str
    source: str
    hub: str
    topic: str
    secret: str
    asked_at: datetime | None = None  # the hub was asked, and has yet to verify that
    expires_at: datetime | None = None  # verified until then
    problem: str = ""


# --- what sources say ----------------------------------------------------------------------------------------------------


class Image(Value, frozen=True):
    """A picture. Width and height in pixels, 0 when not measured."""

    url: str
    width: int = 0
    height: int = 0
    title: str = ""
    is_cached: bool = False


class Video(Value, frozen=True):
    """A video on a known player: ``player`` names it (youtube, vimeo, ...), ``id`` is its own identifier there."""

    player: str
    id: str


class Location(Value, frozen=True):
    """A point on the earth, in degrees north and east of WGS 84; never 0, 0."""

    latitude: float
    longitude: float


class Entry(Value, frozen=True):
    """What a source says about one article.

    ``html`` is the full content when the source carries it, unsanitised. ``description`` is plain text, and empty where it
    would be the beginning of ``html``, as in most feeds: so nothing is made, compared and kept twice.
    """

    url: str
    source: str = ""
    id: str = ""
    title: str = ""
    description: str = ""
    html: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    images: tuple[Image, ...] = ()
    video_url: str = ""
    location: Location | None = None

    @property
    def summary(self) -> str:
        """What the article is about, as plain text of at most 1,000 characters."""
        return self.description or summary(self.html)


class Page(Value, frozen=True):
    """The bytes at an address, with the HTTP facts that came with them. ``headers`` have lower-case names."""

    url: str  # as asked for
    final_url: str  # after redirects
    status: int
    headers: dict[str, str]
    content: bytes
    fetched_at: datetime
    moved_to: str = ""  # where permanent redirects (301, 308) from ``url`` lead; empty without one

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


# --- what we read --------------------------------------------------------------------------------------------------------


class Provider(Value, frozen=True):
    """The outlet: its name, registrable domain and logos (50 x 50 first)."""

    name: str
    domain: str
    images: tuple[Image, ...] = ()


class Article(Value, frozen=True):
    """What a page says. ``key`` is the identity of its address (`broadsheet.urls.url_key`), one per article.

    ``origins`` says for each field which part of the page it was taken from, e.g. ``{"title": "json-ld headline"}``.
    ``paywalled`` is None when the page does not say.
    """

    key: str
    original_url: str
    web_url: str
    title: str
    provider: Provider
    amp_url: str = ""
    cdn_amp_url: str = ""
    excerpt: str = ""
    text: str = ""  # paragraphs separated by one newline
    published_at: datetime | None = None
    updated_at: datetime | None = None
    type: ArticleType = "article"
    authors: tuple[str, ...] = ()
    language: str = ""  # ISO 639-1
    section: str = ""
    keywords: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    video: Video | None = None
    word_count: int = 0
    paywalled: bool | None = None
    source: str = ""
    location: Location | None = None
    origins: dict[str, str] = {}


# --- what we decided -----------------------------------------------------------------------------------------------------


class Part(Value, frozen=True):
    """One line of an explanation: a named signal, the points it gave, and the reason in words."""

    name: str
    points: float
    reason: str = ""


class Score(Value, frozen=True):
    """A whole number and what it was made of."""

    value: int = 0
    parts: tuple[Part, ...] = ()


class TopicMatch(Value, frozen=True):
    """An article's relevance (0 to 1) to a topic, and the words that say so. ``inherited`` marks an ancestor's tag."""

    topic: str
    relevance: float
    reason: str = ""
    inherited: bool = False


class Judgement(Value, frozen=True):
    """All that was decided about one article. ``story`` is empty when the article is off topic.

    ``copy_of`` is the key of the article whose text this one repeats; ``similarity`` (0 to 1) to its story when it joined,
    and ``story_reason`` says why it joined or started that story. ``words`` are the article's weightiest words, each with its
    share of the article's length of 1000 (`broadsheet.curate.kinship`).
    """

    key: str
    story: str = ""
    topics: tuple[TopicMatch, ...] = ()
    copy_of: str = ""
    similarity: float = 0.0
    story_reason: str = ""
    words: dict[str, int] = {}
    quality: Score = Score()


class Standing(Value, frozen=True):
    """The record of an outlet, in articles. ``led`` counts stories that another voice covered too, ``copied`` articles whose
    text another outlet repeated, ``withheld`` stories it led and the desk withheld."""

    articles: int = 0
    led: int = 0
    copied: int = 0
    copies: int = 0
    withheld: int = 0


Action = Literal[
    "withhold",
    "pin",
    "retag",
    "rename",
    "headline",
    "outlet",
    "trust",
    "distrust",
    "mute source",
    "mute word",
    "write topic",
    "remove topic",
    "add source",
    "remove source",
]


class Decision(Value, frozen=True):
    """What an editor decided of a story, article, outlet, source or word, for every edition to come.

    ``target`` is a story's id, an article's key, an outlet's domain, a source's address, or a word. ``value`` is what it takes:
    the name of a story or outlet, a headline, topics one a line, or the instant until which a pin holds; ``before`` is what was
    there, and ``about`` the headline and standfirst that the editor saw. Of a topic they are its file's name and texts, of a
    source that is removed ``before`` is what it takes to put it back. Merges and splits are `StoryChange`.
    """

    action: Action
    target: str
    who: str
    at: datetime
    value: str = ""
    before: str = ""
    about: str = ""
    reason: str = ""
    id: int = 0  # as the store numbers it
    undone_at: datetime | None = None
    undone_by: str = ""


class Hook(Value, frozen=True):
    """Where to send what happens to stories, and of which: that topic, outlet and language, a least heat and quality.

    Empty and None ask for nothing. ``secret`` signs what is sent.
    """

    id: str
    url: str
    secret: str
    who: str
    at: datetime
    topic: str = ""
    outlet: str = ""
    language: str = ""
    heat: int | None = None
    quality: int | None = None


class StoryChange(Value, frozen=True):
    """That a story was merged with another or split, and why. ``articles`` changed their story; ``by`` names a person, or is
    "Curation"."""

    id: int
    at: datetime
    kind: Literal["merge", "split"]
    story: str  # that stayed
    other: str  # that went into it, or came out of it
    articles: tuple[str, ...]
    by: str
    reason: str
    undone_at: datetime | None = None
    undone_by: str = ""
    undoes: int = 0  # the change that this one took back


class Member(Value, frozen=True):
    """An article of a story together with its judgement: what scoring a story needs, without the text.

    ``seen_at`` is when the newsroom got it, from which a story's expiry counts: an archive's old story is new to its readers.
    """

    article: Article
    judgement: Judgement
    seen_at: datetime | None = None


class Story(Value, frozen=True):
    """The articles about one event. ``related`` is best first, one a provider, never the lead's own.

    ``rank`` orders pages by *heat now*: heat halves every so many hours, and as all stories decay alike the order never
    depends on the clock, so it is kept as a number that does not change with time (`broadsheet.curate.heat.rank`).
    """

    id: str
    lead: Member
    related: tuple[Member, ...] = ()
    topics: tuple[TopicMatch, ...] = ()
    heat: Score = Score()
    rank: float = 0.0
    published: bool = False
    expired: bool = False
    articles: int = 1  # all articles of the story, copies and repeats included
    first_at: datetime | None = None
    last_at: datetime | None = None


# --- what we publish -----------------------------------------------------------------------------------------------------


class RelatedRecord(Value, frozen=True):
    """An entry of a record's ``related`` list."""

    title: str
    provider: Provider
    web_url: str = ""
    excerpt: str = ""
    published_at: datetime | None = None
    amp_url: str = ""
    cdn_amp_url: str = ""
    type: ArticleType = "article"
    quality: int | None = None
    images: tuple[Image, ...] = ()


class Record(Value, frozen=True):
    """A story as published: the fields of one ``_news/*.md`` file. A field the file lacks is None or empty."""

    path: str  # "_news/2026-01-02-slug.md", never changed once published
    title: str
    provider: Provider | None = None
    category: str = "news"
    excerpt: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    original_url: str = ""
    web_url: str = ""
    amp_url: str = ""
    cdn_amp_url: str = ""
    type: ArticleType = "article"
    quality: int | None = None
    heat: int | None = None
    published: bool | None = None
    featured_content: str = ""
    topics: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[RelatedRecord, ...] = ()
    secured: str = ""


class Summary(Value, frozen=True):
    """What a language model wrote of a story: a few sentences, another headline, or both; ``model`` names it.

    ``sources`` are the addresses of the articles on which it says that they rest, at least one.
    """

    text: str = ""
    headline: str = ""
    sources: tuple[str, ...] = ()
    model: str = ""


class PublishedStory(Value, frozen=True):
    """A record with what its pages show beside it: the reasons, and the number by which pages are ordered.

    ``location`` is the lead's.
    """

    id: str
    record: Record
    rank: float = 0.0
    language: str = ""
    articles: int = 1
    why_quality: Score = Score()
    why_heat: Score = Score()
    why_topics: tuple[TopicMatch, ...] = ()
    summary: Summary | None = None
    location: Location | None = None


_decode = msgspec.json.Decoder(PublishedStory).decode


class Stories(Sequence[PublishedStory]):
    """Stories as JSON, decoded when they are first looked at: they can be handed to another process without that."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = tuple(texts)

    @cached_property
    def _stories(self) -> tuple[PublishedStory, ...]:
        return tuple(map(_decode, self.texts))

    @overload
    def __getitem__(self, place: int) -> PublishedStory: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[PublishedStory]: ...
    def __getitem__(self, place: int | slice) -> PublishedStory | Sequence[PublishedStory]:
        return Stories(self.texts[place]) if isinstance(place, slice) else self._stories[place]

    def __iter__(self) -> Iterator[PublishedStory]:
        return iter(self._stories)

    def __len__(self) -> int:
        return len(self.texts)

    def __reduce__(self) -> tuple[type[Stories], tuple[tuple[str, ...]]]:
        return Stories, (self.texts,)


class OutletCount(Value, frozen=True):
    """What was published of an outlet: the stories it reported, and those it reported before all others."""

    provider: Provider
    stories: int = 0
    first: int = 0


# --- what happened -------------------------------------------------------------------------------------------------------


class Problem(Value, frozen=True):
    """One thing that went wrong without stopping the edition: where (an address or path), in which room, why in words."""

    room: Literal["gather", "read", "curate", "publish"]
    where: str
    reason: str


class Report(Value, frozen=True):
    """What one edition did. Counts by name, and everything that was set aside with its reason."""

    edition: int
    at: datetime
    counts: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    commit: str = ""
