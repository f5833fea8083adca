"""A newsroom as feed readers know it: one feed a topic, in folders by the topics at the top; every story in one feed.

A story is in the feed of its first topic, which is the most specific one. Stories of no topic that is watched are in a feed
of the newsroom's own name.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import blake2b

import msgspec

from broadsheet.models import Topic, Value
from broadsheet.publish.site_view import topic_path
from broadsheet.settings import Settings
from broadsheet.store.reading_marks import Stream

OTHER = "_other"  # no topic's slug has an underscore
_STATE = "user/-/state/com.google/"
READING_LIST, STARRED, READ = _STATE + "reading-list", _STATE + "starred", _STATE + "read"
UNREAD = (_STATE + "kept-unread", _STATE + "unread", _STATE + "fresh")
LABEL = "user/-/label/"
_USER = re.compile(r"^user/[^/]*/")


class Feed(Value, frozen=True):
    """A feed: what it is called, the folder it is in, where its page is, and which stories it has."""

    slug: str
    title: str
    folder: str
    page: str
    stream: Stream

    @property
    def id(self) -> str:
        return f"feed/{self.slug}"

    @property
    def number(self) -> int:
        """A number of its own for programs that want one: of its short name, so that it never changes."""
        return number_of(self.slug)


def number_of(name: str) -> int:
    """A positive number of 31 bits for a name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") >> 1 or 1


def feeds(settings: Settings, met: Collection[str] = ()) -> list[Feed]:
    """The feeds, in the order of the topics. The one of other stories is there when ``met`` has a topic that is not watched."""
    home = settings.newsroom.url
    names = {topic.name: topic for topic in settings.topics}
    found = [
        Feed(
            slug=topic.slug,
            title=topic.name,
            folder=_top(topic, names),
            page=home + topic_path(topic.slug),
            stream=Stream(topics=(topic.name,)),
        )
        for topic in settings.topics
    ]
    if not names or any(name not in names for name in met):
        title = settings.newsroom.name
        found.append(Feed(slug=OTHER, title=title, folder=title, page=home, stream=Stream(without=tuple(names))))
    return found


def feed_of(topic: str, known: Collection[Feed]) -> Feed | None:
    """The feed in which the stories of a first topic are."""
    other = None
    for feed in known:
        if feed.slug == OTHER:
            other = feed
        elif feed.title == topic:
            return feed
    return other


def stream(settings: Settings, name: str) -> Stream | None:
    """The stories that a stream's id names, such as ``feed/energy`` or ``user/-/state/com.google/starred``; None: no such."""
    name = _USER.sub("user/-/", name)
    if name.startswith("feed/"):
        every = feeds(settings, [""])
        return next((feed.stream for feed in every if feed.id == name), None)
    if name.startswith(LABEL):
        return folder_stream(settings, name.removeprefix(LABEL))
    if name.startswith(_STATE):
        return _states().get(name, Stream(topics=()))
    return None


def folder_stream(settings: Settings, folder: str) -> Stream:
    """The stories of all feeds in a folder."""
    inside = [feed for feed in feeds(settings, [""]) if feed.folder == folder]
    if any(feed.slug == OTHER for feed in inside):
        own = {name for feed in inside for name in feed.stream.topics or ()}
        return Stream(without=tuple(topic.name for topic in settings.topics if topic.name not in own))
    return Stream(topics=tuple(name for feed in inside for name in feed.stream.topics or ()))


def narrowed(found: Stream, include: Collection[str], exclude: Collection[str]) -> Stream:
    """The stories of a stream that have the states ``include`` and not the states ``exclude``."""
    changes: dict[str, bool] = {}
    for names, wanted in ((include, True), (exclude, False)):
        for name in (_USER.sub("user/-/", name) for name in names):
            if name == READ or name in UNREAD:
                changes["read"] = wanted is (name == READ)
            elif name == STARRED:
                changes["starred"] = wanted
    return msgspec.structs.replace(found, **changes)


def _states() -> dict[str, Stream]:
    known = {READING_LIST: Stream(), STARRED: Stream(starred=True), READ: Stream(read=True)}
    return known | {name: Stream(read=False) for name in UNREAD}


def _top(topic: Topic, names: dict[str, Topic]) -> str:
    """The name of the topic at the top of a topic's line; settings are checked to have no circles."""
    while topic.parent in names:
        topic = names[topic.parent]
    return topic.name
