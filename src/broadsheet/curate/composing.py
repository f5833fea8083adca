"""Judged articles of one story → the story as published: its lead, its related reports, its topics, its heat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from broadsheet.curate.duplicates import LEAST_TITLE
from broadsheet.curate.heat import PER_PROVIDER, Report, heat, independent, rank
from broadsheet.curate.kinship import WHOLE, asked, kinship
from broadsheet.curate.terms import terms
from broadsheet.models import Member, Story, TopicMatch
from broadsheet.settings import CurateSettings


def compose(story_id: str, members: Sequence[Member], *, now: datetime, settings: CurateSettings) -> Story:
    """The story of ``members`` as of ``now``. Raises ValueError when there are none, or one has no date."""
    if not members:
        raise ValueError(f"{story_id}: a story needs an article")
    ordered = sorted(members, key=_best_first)
    lead = next((member for member in ordered if not member.judgement.copy_of), ordered[0])
    related = _related(lead, ordered, settings.related_threshold)
    dates = sorted(_published(member) for member in members)
    fresh = max([dates[-1], *(member.seen_at for member in members if member.seen_at)])
    expired = now - fresh > timedelta(days=settings.expire_days)
    counts = independent(lead.article.provider, [member.article.provider for member in related], settings.owners)
    score = heat(lead, related, owners=settings.owners, expired=expired)
    return Story(
        id=story_id,
        lead=lead,
        related=related,
        topics=_topics(lead, ordered),
        heat=score,
        rank=rank(_reports(lead, related, counts, expired=expired), settings.half_life_hours),
        published=not expired and score.value >= settings.minimum_heat,
        expired=expired,
        articles=len(members),
        first_at=dates[0],
        last_at=dates[-1],
    )


def _reports(lead: Member, related: Sequence[Member], counts: Sequence[bool], *, expired: bool) -> list[Report]:
    """What the lead, first, and each independent report of a story give to its heat now; nothing once it has expired.

    ``counts`` says of each related report whether it is an independent one.
    """
    found = [Report(_published(lead), 0 if expired else lead.judgement.quality.value)]
    return found + [
        Report(_published(member), 0 if expired else PER_PROVIDER)
        for member, heard in zip(related, counts, strict=True)
        if heard
    ]


def _published(member: Member) -> datetime:
    if member.article.published_at is None:
        raise ValueError(f"{member.article.key}: an article of a story needs a date")
    return member.article.published_at


def _best_first(member: Member) -> tuple[int, datetime, str]:
    return -member.judgement.quality.value, _published(member), member.article.key


def _related(lead: Member, ordered: Sequence[Member], threshold: float) -> tuple[Member, ...]:
    """The independent reports of the lead's event: one a provider, one a text, no address twice, never the lead's own.

    Nor one a headline, word for word, where an article is too short to tell whether it has a text of its own.
    """
    providers = {lead.article.provider.domain}
    texts = {_text(lead)}
    addresses = {lead.article.web_url}
    headlines = {_headline(lead): lead.article.word_count}
    chosen = []
    for member in sorted(ordered, key=lambda m: (bool(m.judgement.copy_of), *_best_first(m))):
        article = member.article
        if article.provider.domain in providers or _text(member) in texts or article.web_url in addresses:
            continue
        headline = _headline(member)
        if headline in headlines and min(headlines[headline], article.word_count) < WHOLE:
            continue
        if kinship(lead, member) < asked(lead, member, threshold):
            continue
        providers.add(article.provider.domain)
        texts.add(_text(member))
        addresses.add(article.web_url)
        headlines[headline] = article.word_count
        chosen.append(member)
    return tuple(sorted(chosen, key=_best_first))


def _headline(member: Member) -> tuple[str, ...]:
    """The folded words of a headline; of one too short to be anybody's own, what names the article."""
    found = tuple(terms([member.article.title]))
    return found if len(found) >= LEAST_TITLE else (member.article.key,)


def _text(member: Member) -> str:
    """What names a text: the key of the first article that had it."""
    return member.judgement.copy_of or member.article.key


def _topics(lead: Member, members: Sequence[Member]) -> tuple[TopicMatch, ...]:
    """The lead's topics and those of more than half of the articles, the more specific before the more general."""
    seen: dict[str, int] = {}
    for member in members:
        for match in member.judgement.topics:
            seen[match.topic] = seen.get(match.topic, 0) + 1
    chosen = list(lead.judgement.topics)
    for member in members:
        for position, match in enumerate(member.judgement.topics):
            names = [m.topic for m in chosen]
            if match.topic in names or 2 * seen[match.topic] <= len(members):
                continue
            later = [names.index(m.topic) for m in member.judgement.topics[position + 1 :] if m.topic in names]
            chosen.insert(min(later, default=len(chosen)), match)
    return tuple(chosen)
