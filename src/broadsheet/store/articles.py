"""Articles, their texts, and what was judged of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, select, tuple_, update

from broadsheet.models import Article, Judgement, Member, Provider
from broadsheet.store import listings, search_index
from broadsheet.store.database import chunks, rows_of, upsert
from broadsheet.store.shown import AS_READ, Shown
from broadsheet.store.tables import articles, providers, texts
from broadsheet.store.values import dump, instant, load, seconds


class Unjudged(msgspec.Struct, frozen=True):
    """An article that waits for curation, with what was judged of an earlier text of it. ``forgotten``: it has no text now."""

    article: Article
    before: Judgement | None
    forgotten: bool = False


class ReadArticle(msgspec.Struct, frozen=True):
    """An article with the key of the entry for which it was read: another one when the page names another address."""

    entry: str
    article: Article


def save_articles(connection: Connection, found: Sequence[ReadArticle], at: datetime) -> None:
    """Keep articles, got at ``at``, for curation. One that is known is judged anew but stays in its story.

    Of two entries that lead to one article the first by its key counts, whichever was read first; and once it is judged only
    the same entry changes it. Each article must have a date.
    """
    first: dict[str, ReadArticle] = {}
    for item in sorted(found, key=lambda item: item.entry):
        first.setdefault(item.article.key, item)
    query = select(articles.c.key, articles.c.entry, articles.c.judged, articles.c.seen_at)
    before = {row.key: row for row in rows_of(connection, query, articles.c.key, first)}
    kept = [item for item in first.values() if _counts(item, before.get(item.article.key))]
    upsert(connection, articles, [_row(item, at) for item in kept], keep=("judgement", "story", "seen_at", "quality"))
    said = [(item.article.key, item.article.text, before.get(item.article.key)) for item in kept]
    rows = [{"key": key, "text": text, "kept_from": row.seen_at if row else seconds(at)} for key, text, row in said]
    upsert(connection, texts, rows)


def _counts(item: ReadArticle, before: Any) -> bool:
    return before is None or before.entry == item.entry or (not before.judged and item.entry < before.entry)


def _row(item: ReadArticle, at: datetime) -> dict[str, Any]:
    article = item.article
    if article.published_at is None:
        raise ValueError(f"{article.key}: an article is kept only with a date")
    return {
        "key": article.key,
        "entry": item.entry,
        "article": dump(msgspec.structs.replace(article, text="")),
        "provider": article.provider.domain,
        "published_at": seconds(article.published_at),
        "seen_at": seconds(at),
        "judged": 0,
        "judgement": "",
        "story": "",
        "language": article.language,
        "quality": 0,
    }


def known(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the keys whose articles are kept."""
    return {row.key for row in rows_of(connection, select(articles.c.key), articles.c.key, keys)}


def unjudged(connection: Connection, limit: int) -> list[Unjudged]:
    """Articles that wait for curation, the earliest published first."""
    query = (
        select(articles.c.article, articles.c.judgement, texts.c.text)
        .outerjoin(texts, texts.c.key == articles.c.key)
        .where(articles.c.judged == 0)
        .order_by(articles.c.published_at, articles.c.key)
        .limit(limit)
    )
    return [
        Unjudged(_with_text(row.article, row.text), load(row.judgement, Judgement) if row.judgement else None, row.text is None)
        for row in connection.execute(query)
    ]


def wait(connection: Connection) -> bool:
    """Whether any article waits for curation."""
    return connection.execute(select(articles.c.key).where(articles.c.judged == 0).limit(1)).first() is not None


def save_judgements(connection: Connection, judgements: Iterable[Judgement]) -> None:
    kept = list(judgements)
    rows = [
        {"of": item.key, "judgement": dump(item), "story": item.story, "judged": 1, "quality": item.quality.value}
        for item in kept
    ]
    if rows:
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "of"}
        connection.execute(update(articles).where(articles.c.key == bindparam("of")).values(values), rows)
        listings.list_articles(connection, kept)
        search_index.put_articles(connection, [str(row["of"]) for row in rows])


def judge_again(connection: Connection, since: datetime, reason: str) -> None:
    """Have the articles in no story, for that reason and published since, wait for curation again."""
    why = articles.c.judgement.contains(dump(reason)[1:-1], autoescape=True)
    mine = (articles.c.judged == 1, articles.c.published_at >= seconds(since), articles.c.story == "", why)
    connection.execute(update(articles).where(*mine).values(judged=0))


def judge_anew(connection: Connection, keys: Collection[str]) -> None:
    """Have those articles wait to be scored again; they stay in their stories."""
    for part in chunks(keys):
        connection.execute(update(articles).where(articles.c.key.in_(part)).values(judged=0))


def show(connection: Connection, wanted: Mapping[str, Shown]) -> None:
    """Have those articles listed and found as the desk wants them."""
    before = rows_of(connection, select(articles.c.key, articles.c.shown), articles.c.key, wanted)
    changed = {}
    for row in list(before):
        kept = dump(wanted[row.key]) if wanted[row.key] != AS_READ else ""
        if kept != row.shown:
            changed[row.key] = {"shown": kept, "hidden": int(wanted[row.key].hidden)}
    for key, values in changed.items():
        connection.execute(update(articles).where(articles.c.key == key).values(values))
    judged = rows_of(connection, select(articles.c.judgement), articles.c.key, changed)
    listings.list_articles(connection, [load(row.judgement, Judgement) for row in judged])
    search_index.put_articles(connection, changed)


def all_hidden(connection: Connection, stories: Collection[str]) -> set[str]:
    """Those of the stories of whose articles none is shown."""
    query = select(articles.c.story, func.min(articles.c.hidden).label("hidden")).group_by(articles.c.story)
    return {row.story for row in rows_of(connection, query, articles.c.story, stories) if row.hidden}


def members(connection: Connection, stories: Collection[str]) -> dict[str, list[Member]]:
    """All judged articles of those stories, in the order of their keys."""
    found: dict[str, list[Member]] = {}
    query = select(articles).where(articles.c.judged == 1).order_by(articles.c.key)
    for row in rows_of(connection, query, articles.c.story, stories):
        found.setdefault(row.story, []).append(_member(row, load(row.article, Article)))
    return found


class Place(msgspec.Struct, frozen=True):
    """Where an article stands among all, by publication, and the story it is in; empty: none."""

    key: str
    published_at: int
    story: str


def newest(connection: Connection, limit: int, behind: tuple[int, str] | None = None) -> list[Place]:
    """The judged articles by publication, the newest first, from the one behind that instant and key on."""
    order = articles.c.published_at, articles.c.key
    query = select(articles.c.key, articles.c.published_at, articles.c.story).where(articles.c.judged == 1)
    if behind is not None:
        query = query.where(tuple_(*order) < tuple_(*behind))
    rows = connection.execute(query.order_by(*(column.desc() for column in order)).limit(limit))
    return [Place(row.key, row.published_at, row.story) for row in rows]


def members_of(connection: Connection, keys: Sequence[str]) -> list[Member]:
    """The articles of those keys with what was judged of them, in their order."""
    found = {
        row.key: _member(row, load(row.article, Article)) for row in rows_of(connection, select(articles), articles.c.key, keys)
    }
    return [found[key] for key in keys]


def latest(connection: Connection, since: datetime, limit: int) -> list[Article]:
    """The judged articles published since, the newest first, with the texts that are kept."""
    query = (
        select(articles.c.article, texts.c.text)
        .outerjoin(texts, texts.c.key == articles.c.key)
        .where(articles.c.judged == 1, articles.c.published_at >= seconds(since))
        .order_by(articles.c.published_at.desc(), articles.c.key)
        .limit(limit)
    )
    return [_with_text(row.article, row.text) for row in connection.execute(query)]


def texts_of(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """The texts of those articles that are kept, by key."""
    return {row.key: row.text for row in rows_of(connection, select(texts), texts.c.key, keys)}


def find(connection: Connection, key: str) -> Member | None:
    """The article of that key with its text and judgement; the judgement is empty while it waits, the text once forgotten."""
    query = select(articles, texts.c.text).outerjoin(texts, texts.c.key == articles.c.key).where(articles.c.key == key)
    row = connection.execute(query).first()
    return _member(row, _with_text(row.article, row.text)) if row else None


def _member(row: Any, article: Article) -> Member:
    judgement = load(row.judgement, Judgement) if row.judgement else Judgement(key=article.key)
    return Member(article=article, judgement=judgement, seen_at=instant(row.seen_at))


def _with_text(article: str, text: str | None) -> Article:
    return msgspec.structs.replace(load(article, Article), text=text or "")


# --- outlets -------------------------------------------------------------------------------------------------------------


class Outlet(msgspec.Struct, frozen=True):
    """An outlet with the picture its logo was made from."""

    provider: Provider
    logo_url: str


def outlets(connection: Connection, domains: Collection[str]) -> dict[str, Outlet]:
    """What is remembered of those outlets that were met before, by domain."""
    rows = rows_of(connection, select(providers), providers.c.domain, domains)
    return {row.domain: Outlet(load(row.provider, Provider), row.logo_url) for row in rows}


def new_outlets(connection: Connection) -> list[Article]:
    """The first article, by key, of each outlet that waits for curation and was never met before."""
    first = (
        select(func.min(articles.c.key).label("key"))
        .outerjoin(providers, providers.c.domain == articles.c.provider)
        .where(articles.c.judged == 0, providers.c.domain.is_(None))
        .group_by(articles.c.provider)
        .subquery()
    )
    query = select(articles.c.article).join(first, first.c.key == articles.c.key).order_by(articles.c.key)
    return [load(text, Article) for text in connection.scalars(query)]


def save_outlet(connection: Connection, outlet: Outlet) -> None:
    row = {"domain": outlet.provider.domain, "logo_url": outlet.logo_url, "provider": dump(outlet.provider)}
    upsert(connection, providers, [row])
