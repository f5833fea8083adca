"""What is stored in the forms in which the HTTP API answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Raw
from msgspec.json import encode
from msgspec.structs import replace

from broadsheet.models import Member, Provider, PublishedStory, Source, SourceState
from broadsheet.publish import api
from broadsheet.publish.feeds import story_url
from broadsheet.serve import api_forms as forms
from broadsheet.store.search import REMEMBERED
from broadsheet.store.values import load
from broadsheet.urls import bare

S = TypeVar("S", bound=forms.StorySummary)


def story_summary(home: str, story: PublishedStory) -> forms.StorySummary:
    return _story(home, story, forms.StorySummary)


@lru_cache(maxsize=REMEMBERED)
def found_summary(home: str, stored: str) -> Raw:
    """A `story_summary` as JSON, of a published story as the store has it."""
    return Raw(encode(story_summary(home, load(stored, PublishedStory))))


def story_whole(home: str, story: PublishedStory) -> forms.Story:
    return _story(home, story, forms.Story, why=api.why_of(story))


def _story(home: str, story: PublishedStory, form: type[S], **more: Any) -> S:
    page = story_url(home, story.record)
    return api.item_of(story, form, id=story.id, rank=story.rank, articles=story.articles, page=page, **more)


def article_summary(home: str, member: Member, outlets: Mapping[str, Provider]) -> forms.ArticleSummary:
    """``outlets`` has the newsroom's own names and logos of outlets, by domain."""
    return forms.ArticleSummary(**_article_fields(home, member, outlets))


def article_whole(home: str, member: Member, outlets: Mapping[str, Provider]) -> forms.Article:
    judgement = member.judgement
    why = forms.ArticleWhy(
        quality=api.score_of(judgement.quality),
        topics=[api.match_of(match) for match in judgement.topics],
        story=judgement.story_reason,
        similarity=judgement.similarity,
        origins=member.article.origins,
    )
    return forms.Article(**_article_fields(home, member, outlets), why=why)


def _article_fields(home: str, member: Member, outlets: Mapping[str, Provider]) -> dict[str, Any]:
    article, judgement = member.article, member.judgement
    provider = outlets.get(article.provider.domain, article.provider)
    return {
        "key": article.key,
        "title": article.title,
        "excerpt": article.excerpt,
        "web_url": article.web_url or None,
        "original_url": article.original_url,
        "amp_web_url": article.amp_url or None,
        "cdn_amp_web_url": article.cdn_amp_url or None,
        "published_date_time": article.published_at,
        "updated_date_time": article.updated_at,
        "seen_date_time": member.seen_at,
        "type": article.type,
        "provider": api.provider_of(replace(provider, images=api.at_home(home, provider.images))),
        "locale": article.language or None,
        "authors": list(article.authors),
        "section": article.section or None,
        "keywords": list(article.keywords),
        "images": api.images_of(article.images),
        "word_count": article.word_count,
        "paywalled": article.paywalled,
        "topics": [match.topic for match in judgement.topics],
        "quality": judgement.quality.value,
        "story": judgement.story or None,
        "copy_of": judgement.copy_of or None,
        "location": api.location_of(article.location),
    }


def source_item(source: Source, state: SourceState) -> forms.SourceItem:
    """A source with its state; addresses without the password that may be in them."""
    return forms.SourceItem(
        url=bare(source.url),
        kind=source.kind,
        title=source.title or state.title,
        polled_date_time=state.polled_at,
        next_date_time=state.next_at,
        interval=state.interval,
        failures=state.failures,
        problem=bare(state.problem) or None,
        retired=state.retired,
        moved_to=bare(state.moved_to) or None,
        hub=bare(state.hub) or None,
    )
