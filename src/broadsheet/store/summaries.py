"""What a language model is to be asked of stories, what it wrote, and how much it was asked on a day."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete, not_, select, update

from broadsheet.models import Summary, Value
from broadsheet.store import editions
from broadsheet.store.database import insert_new
from broadsheet.store.tables import records, summaries
from broadsheet.store.values import dump, load

_SPENT = "model"  # the fact that says how much of the day's budget is spent


class Asked(Value, frozen=True):
    """What is asked: the request's body, and the addresses of the articles in it, in the order of their numbers."""

    body: str
    sources: tuple[str, ...]


class Wanted(Value, frozen=True):
    """A summary that waits to be asked for."""

    key: str
    story: str
    asked: Asked
    attempts: int = 0


class Spent(Value, frozen=True):
    """What was asked on a day such as "2026-01-02"."""

    day: str
    requests: int = 0
    tokens: int = 0


def kept(connection: Connection, key: str) -> Summary | None:
    """What the model wrote when it was asked just that."""
    query = select(summaries.c.summary).where(summaries.c.key == key, summaries.c.state == "kept")
    text = connection.execute(query).scalar()
    return load(text, Summary) if text else None


def want(connection: Connection, key: str, story: str, rank: float, asked: Asked) -> None:
    """Remember what is to be asked of a story. What was asked before, and answered or given up, is not asked again."""
    row = {"key": key, "story": story, "rank": rank, "asked": dump(asked), "summary": ""}
    insert_new(connection, summaries, [row | {"state": "waiting", "attempts": 0, "edition": 0}])


def forget(connection: Connection, story: str, besides: str = "") -> None:
    """What waits to be asked of a story is not wanted any more, but for the one of that key."""
    mine = and_(summaries.c.story == story, summaries.c.state == "waiting")
    connection.execute(delete(summaries).where(mine, summaries.c.key != besides))


def waiting(connection: Connection, edition: int, limit: int) -> list[Wanted]:
    """What is to be asked of shown stories, the hottest first, but not what failed in this edition already."""
    query = (
        select(summaries)
        .join(records, records.c.story == summaries.c.story)
        .where(summaries.c.state == "waiting", not_(summaries.c.edition == edition), records.c.published == 1)
        .order_by(summaries.c.rank.desc(), summaries.c.key)
    )
    return [
        Wanted(key=row.key, story=row.story, asked=load(row.asked, Asked), attempts=row.attempts)
        for row in connection.execute(query.limit(limit))
    ]


def keep(connection: Connection, key: str, summary: Summary) -> None:
    connection.execute(update(summaries).where(summaries.c.key == key).values(state="kept", summary=dump(summary), asked=""))


def miss(connection: Connection, key: str, edition: int, attempts: int, *, final: bool) -> None:
    """Note that nothing came of it; ``final`` says that it will not be asked again."""
    values = {"edition": edition, "attempts": attempts, "state": "failed" if final else "waiting"}
    values |= {"asked": ""} if final else {}
    connection.execute(update(summaries).where(summaries.c.key == key).values(values))


def spent(connection: Connection, day: str) -> Spent:
    """What was asked on that day so far."""
    text = editions.fact(connection, _SPENT)
    known = load(text, Spent) if text else None
    return known if known is not None and known.day == day else Spent(day=day)


def save_spent(connection: Connection, now: Spent) -> None:
    editions.save_fact(connection, _SPENT, dump(now))
