"""What editors have shown of an article in place of what was read and judged."""

from __future__ import annotations

from msgspec.structs import replace

from broadsheet.models import Article, Judgement, TopicMatch, Value
from broadsheet.store.values import load


class Shown(Value, frozen=True):
    """Empty and None leave what is there. ``hidden``: it is shown to nobody."""

    title: str = ""
    outlet: str = ""
    topics: tuple[TopicMatch, ...] | None = None
    hidden: bool = False


AS_READ = Shown()


def shown_of(kept: str) -> Shown:
    """As the store keeps it: empty when nothing differs."""
    return load(kept, Shown) if kept else AS_READ


def as_shown(article: Article, judgement: Judgement, kept: str) -> tuple[Article, Judgement]:
    """An article and its judgement as they are shown to others."""
    if not kept:
        return article, judgement
    shown = load(kept, Shown)
    provider = replace(article.provider, name=shown.outlet or article.provider.name)
    article = replace(article, title=shown.title or article.title, provider=provider)
    return article, judgement if shown.topics is None else replace(judgement, topics=shown.topics)
