"""From a story to the record that publishes it. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import structs

from broadsheet.models import ArticleType, Image, Member, Provider, Record, RelatedRecord, Story, Video
from broadsheet.text import clean, fold_space, shorten

LOGO_SIZE = 50  # pixels, both ways
MAX_TITLE = 500  # characters, as all of these: what a record may hold whatever a page says
MAX_EXCERPT = 5000
MAX_RELATED_EXCERPT = 1000
MAX_RELATED = 100  # entries
MAX_IMAGES = 20

# The players whose videos are embedded: the form of an identifier there, and the address of its frame.
_PLAYERS = {
    "youtube": (re.compile(r"[A-Za-z0-9_-]{6,20}"), "https://www.youtube.com/embed/"),
    "vimeo": (re.compile(r"[0-9]{1,12}"), "https://player.vimeo.com/video/"),
    "dailymotion": (re.compile(r"[A-Za-z0-9]{5,12}"), "https://www.dailymotion.com/embed/video/"),
}
_FRAME = (
    '<iframe width="800" height="500" frameborder="0" src="{}" '
    'allow="accelerometer; autoplay; encrypted-media; gyroscope; picture-in-picture" allowfullscreen></iframe>'
)


def build_record(story: Story, path: str, previous: Record | None = None) -> Record:
    """The record of ``story`` at ``path``. Of ``previous``, its last form, the category and the seal are kept."""
    lead = story.lead.article
    return Record(
        path=path,
        category=previous.category if previous else "news",
        title=_line(lead.title, MAX_TITLE),
        excerpt=_line(lead.excerpt, MAX_EXCERPT),
        published_at=_whole(lead.published_at),
        updated_at=_whole(lead.updated_at),
        original_url=lead.original_url,
        web_url=lead.web_url,
        amp_url=lead.amp_url,
        cdn_amp_url=lead.cdn_amp_url,
        type=_type(lead.type),
        quality=story.lead.judgement.quality.value,
        heat=story.heat.value,
        published=story.published,
        featured_content=embed(lead.video) if lead.video else "",
        provider=_provider(lead.provider, logos=True),
        topics=tuple(dict.fromkeys(match.topic for match in story.topics)),
        images=_images(lead.images[:MAX_IMAGES]),
        related=tuple(_related(member) for member in story.related[:MAX_RELATED]),
        secured=previous.secured if previous else "",
    )


def embed(video: Video) -> str:
    """The frame that plays ``video``, made by us; empty for a player we do not know or an identifier it cannot have."""
    form, address = _PLAYERS.get(video.player, (None, ""))
    return _FRAME.format(address + video.id) if form and form.fullmatch(video.id) else ""


def _related(member: Member) -> RelatedRecord:
    article = member.article
    return RelatedRecord(
        title=_line(article.title, MAX_TITLE),
        excerpt=_line(article.excerpt, MAX_RELATED_EXCERPT),
        published_at=_whole(article.published_at),
        web_url=article.web_url,
        amp_url=article.amp_url,
        cdn_amp_url=article.cdn_amp_url,
        type=_type(article.type),
        provider=_provider(article.provider, logos=False),
        quality=member.judgement.quality.value,
        images=_images(article.images[:1]),
    )


def _provider(provider: Provider, *, logos: bool) -> Provider:
    """The outlet with its logo where that is asked for: the form has only logos of 50 x 50."""
    images = tuple(image for image in provider.images if logos and (image.width, image.height) == (LOGO_SIZE, LOGO_SIZE))
    return Provider(name=_line(provider.name), domain=provider.domain, images=images)


def _images(images: tuple[Image, ...]) -> tuple[Image, ...]:
    return tuple(structs.replace(image, title=_line(image.title)) for image in images)


def _type(type: ArticleType) -> ArticleType:
    """The form knows no live coverage: to it that is an article."""
    return "video" if type == "video" else "article"


def _line(text: str, limit: int = MAX_TITLE) -> str:
    return shorten(fold_space(clean(text)), limit)


def _whole(moment: datetime | None) -> datetime | None:
    """To the second, as the form has it, so that a record read back equals the one that was written."""
    return moment.replace(microsecond=0) if moment else None
