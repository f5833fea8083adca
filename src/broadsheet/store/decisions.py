"""What editors decided. A decision is never changed or thrown away: it is undone, and both are told for good."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from broadsheet.models import Decision, StoryChange
from broadsheet.store import articles, changes, lineage, memory
from broadsheet.store.database import rows_of
from broadsheet.store.tables import articles as article_rows
from broadsheet.store.tables import decisions, story_changes
from broadsheet.store.values import instant, seconds

OF_STORIES = ("withhold", "pin", "retag", "rename")
MUTES = ("mute source", "mute word")
RULES = ("trust", "distrust", *MUTES)  # what is decided of all articles, those to come and those that came not long before
RETAGS = 200  # the latest, from which topics learn
LATE = timedelta(days=90)  # articles older than that when a rule was made are not looked for when it is undone


def decide(connection: Connection, decision: Decision) -> int:
    """Keep a decision and mark the stories it changes to be composed anew; its number."""
    names = ("who", "action", "target", "value", "before", "about", "reason")
    row = {"at": seconds(decision.at), **{name: getattr(decision, name) for name in names}}
    key = connection.execute(insert(decisions).values(row | {"waits": int(decision.action in RULES)})).inserted_primary_key
    _touch(connection, decision)
    return int(key[0]) if key else 0


def undo(connection: Connection, id: int, at: datetime, who: str) -> Decision | None:
    """Take a decision back, and mark what it changed; None when there is none to be taken back.

    The articles that a rule kept out wait for curation again.
    """
    row = connection.execute(select(decisions).where(decisions.c.id == id, decisions.c.undone_at.is_(None))).first()
    if row is None:
        return None
    decision = _decision(row)
    values = {"undone_at": seconds(at), "undone_by": who, "waits": int(decision.action in RULES)}
    connection.execute(update(decisions).where(decisions.c.id == id).values(values))
    _touch(connection, decision)
    if decision.action in MUTES:
        articles.judge_again(connection, decision.at - LATE, kept_out_by(decision))
    return decision


def waiting(connection: Connection) -> list[Decision]:
    """The rules, new or undone, that what came before them is still to be held against, the oldest first."""
    return _read(connection, select(decisions).where(decisions.c.waits == 1).order_by(decisions.c.id))


def ruled(connection: Connection, rules: Collection[Decision]) -> None:
    """What came before those rules was held against them."""
    connection.execute(update(decisions).where(decisions.c.id.in_([rule.id for rule in rules])).values(waits=0))


def kept_out_by(rule: Decision) -> str:
    """Why an article is in no story, as its judgement says it."""
    what = f"the word “{rule.target}”" if rule.action == "mute word" else rule.target
    return f"muted by {rule.who}: {what} (decision {rule.id})"


def let_pins_end(connection: Connection, at: datetime) -> None:
    """Take back the pins whose time has passed."""
    for pin in _active(connection, decisions.c.action == "pin"):
        if (until := datetime.fromisoformat(pin.value)) <= at:
            undo(connection, pin.id, until, "")


def _touch(connection: Connection, decision: Decision) -> None:
    if decision.action in RULES:
        return
    query = {
        "headline": select(article_rows.c.story).where(article_rows.c.key == decision.target),
        "outlet": select(article_rows.c.story).where(article_rows.c.provider == decision.target, article_rows.c.story != ""),
    }.get(decision.action)
    stories = set(connection.scalars(query)) if query is not None else {decision.target}
    memory.touch(connection, lineage.reached(connection, stories))


# --- asking --------------------------------------------------------------------------------------------------------------


def are_there(connection: Connection) -> bool:
    """Whether anything was ever decided."""
    return connection.execute(select(decisions.c.id).limit(1)).first() is not None


def history(connection: Connection, targets: Collection[str]) -> list[Decision]:
    """All that was decided of those stories, articles, outlets or sources, what was undone too, the oldest first."""
    found = [_decision(row) for row in rows_of(connection, select(decisions), decisions.c.target, targets)]
    return sorted(found, key=lambda decision: decision.id)


def of_stories(connection: Connection, stories: Collection[str]) -> dict[str, list[Decision]]:
    """By story all that was decided of it, undone or not, the oldest first.

    That is also what was decided of those that went into it; and that one which it came out of was withheld when it did.
    """
    came = lineage.origins(connection, stories)
    found = history(connection, set().union(*came.values()))
    return {name: [item for item in found if _is_of(item, counts)] for name, counts in came.items()}


def _is_of(decision: Decision, counts: Mapping[str, int]) -> bool:
    until = counts.get(decision.target, 0)
    return until == lineage.ALL or (decision.action == "withhold" and decision.id <= until)


def rules(connection: Connection) -> list[Decision]:
    """What holds of all articles: words, outlets and sources, the oldest first."""
    return _active(connection, decisions.c.action.in_(RULES))


def retags(connection: Connection) -> list[Decision]:
    """The latest retags, from which topics learn, the oldest first."""
    query = select(decisions).where(decisions.c.action == "retag", decisions.c.undone_at.is_(None))
    return _read(connection, query.order_by(decisions.c.id.desc()).limit(RETAGS))[::-1]


def outlet_names(connection: Connection, domains: Collection[str]) -> dict[str, str]:
    """The names that editors gave to those outlets, by domain."""
    query = select(decisions).where(decisions.c.action == "outlet", decisions.c.undone_at.is_(None))
    rows = rows_of(connection, query, decisions.c.target, domains)
    return {row.target: row.value for row in sorted(rows, key=lambda row: row.id)}


def _active(connection: Connection, where: ColumnElement[bool]) -> list[Decision]:
    return _read(connection, select(decisions).where(where, decisions.c.undone_at.is_(None)).order_by(decisions.c.id))


def _read(connection: Connection, query: Select[Any]) -> list[Decision]:
    return [_decision(row) for row in connection.execute(query)]


def _decision(row: Any) -> Decision:
    return Decision(
        id=row.id,
        at=instant(row.at),
        who=row.who,
        action=row.action,
        target=row.target,
        value=row.value,
        before=row.before,
        about=row.about,
        reason=row.reason,
        undone_at=instant(row.undone_at) if row.undone_at is not None else None,
        undone_by=row.undone_by or "",
    )


# --- the log -------------------------------------------------------------------------------------------------------------


class Logged(Struct, frozen=True):
    """One line of the desk's log: a decision, or a merge or split by a person."""

    kind: Literal["decision", "change"]
    what: Decision | StoryChange

    @property
    def who(self) -> str:
        return self.what.who if isinstance(self.what, Decision) else self.what.by


def log(connection: Connection, limit: int, before: datetime | None = None, who: str = "") -> list[Logged]:
    """What people decided, merged and split, the newest first; of one person, or until an instant."""
    found: list[Logged] = []
    for kind, table in (("decision", decisions), ("change", story_changes)):
        query = select(table).where(*_by_people(kind))
        if before is not None:
            query = query.where(table.c.at <= seconds(before))
        if who:
            query = query.where(table.c.who == who)
        rows = connection.execute(query.order_by(table.c.id.desc()).limit(limit))
        found += _logged(kind, rows)
    return sorted(found, key=lambda line: (line.what.at, line.what.id), reverse=True)[:limit]


def _by_people(kind: str) -> list[ColumnElement[bool]]:
    """Not what curation did, nor the changes by which others were taken back: those tell that themselves."""
    return [story_changes.c.who != changes.CURATION, story_changes.c.undoes == 0] if kind == "change" else []


def _logged(kind: str, rows: Iterable[Any]) -> list[Logged]:
    if kind == "decision":
        return [Logged("decision", _decision(row)) for row in rows]
    return [Logged("change", changes.change_of(row)) for row in rows]


def latest(connection: Connection, who: str) -> Logged | None:
    """What that person did last and nobody has taken back."""
    found: list[Logged] = []
    for kind, table in (("decision", decisions), ("change", story_changes)):
        query = select(table).where(table.c.who == who, table.c.undone_at.is_(None), *_by_people(kind))
        found += _logged(kind, connection.execute(query.order_by(table.c.id.desc()).limit(1)))
    return max(found, key=lambda line: (line.what.at, line.what.id), default=None)
