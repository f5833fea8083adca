"""What editors decided, laid over what was judged. Pure: undone, it is as if it had never been."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import structs

from broadsheet.curate.meaning import Correction
from broadsheet.models import Article, Decision, Member, Story, TopicMatch

PIN = 1e6  # added to the rank, in half lives, of a story that is to stand before all that are not


class Mark(NamedTuple):
    """What the desk says of an outlet or source in place of its record: how good it is, 0 to 1, and who says so."""

    share: float
    reason: str


def corrected(members: Sequence[Member], decisions: Sequence[Decision]) -> list[Member]:
    """The members with their headlines and outlets as editors corrected them; the last correction counts."""
    headlines = {item.target: item.value for item in decisions if item.action == "headline"}
    outlets = {item.target: item.value for item in decisions if item.action == "outlet"}

    def correct(member: Member) -> Member:
        article, provider = member.article, member.article.provider
        title, name = headlines.get(article.key, article.title), outlets.get(provider.domain, provider.name)
        if (title, name) == (article.title, provider.name):
            return member
        return structs.replace(
            member, article=structs.replace(article, title=title, provider=structs.replace(provider, name=name))
        )

    return [correct(member) for member in members]


def decided(story: Story, decisions: Sequence[Decision], topics: Collection[str]) -> Story:
    """The story as editors want it shown: its name, topics, place, and whether at all.

    ``decisions`` are those of the story and of what went into it; the last of each kind counts. Of ``topics``, the newsroom's
    names, alone a story has any.
    """
    said = {item.action: item for item in decisions}
    if rename := said.get("rename"):
        lead = structs.replace(story.lead.article, title=rename.value)
        story = structs.replace(story, lead=structs.replace(story.lead, article=lead))
    if retag := said.get("retag"):
        story = structs.replace(story, topics=tuple(_topics(retag, topics)))
    if "pin" in said and not story.expired:
        story = structs.replace(story, rank=story.rank + PIN, published=True)
    if "withhold" in said:
        story = structs.replace(story, published=False)
    return story


def _topics(retag: Decision, known: Collection[str]) -> Iterator[TopicMatch]:
    reason = f"{retag.who} said so" + (f": {retag.reason}" if retag.reason else "")
    for name in retag.value.splitlines():
        if name in known:
            yield TopicMatch(topic=name, relevance=1.0, reason=reason)


def corrections(retags: Sequence[Decision]) -> tuple[Correction, ...]:
    """What topics learn from retags: that the article was about those it has now, and not about those it had and lost."""
    found = []
    for retag in retags:
        now, before = retag.value.splitlines(), retag.before.splitlines()
        found += [Correction(topic=name, text=retag.about, right=True) for name in now]
        found += [Correction(topic=name, text=retag.about, right=False) for name in before if name not in now]
    return tuple(found)


def muting(article: Article, rules: Sequence[Decision]) -> Decision | None:
    """The rule by which an article is muted, for its source, its outlet, or a word of its headline or standfirst."""
    words = f"{article.title}\n{article.excerpt}".casefold()
    for rule in rules:
        if rule.action == "mute source" and concerns(rule, article):
            return rule
        if rule.action == "mute word" and re.search(rf"(?<!\w){re.escape(rule.target.casefold())}(?!\w)", words):
            return rule
    return None


def concerns(rule: Decision, article: Article) -> bool:
    """Whether an article is of the outlet or source of a rule."""
    return rule.target in (article.source, article.provider.domain)


def marks(rules: Sequence[Decision]) -> Mapping[str, Mark]:
    """What editors say of outlets, by domain, and of sources, by address; the last word counts."""
    found = {}
    for rule in rules:
        if rule.action in ("trust", "distrust"):
            why = f": {rule.reason}" if rule.reason else ""
            found[rule.target] = Mark(float(rule.action == "trust"), f"{rule.action}ed by {rule.who}{why}")
    return found
