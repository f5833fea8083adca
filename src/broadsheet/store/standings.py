"""The records of outlets, kept by difference: a story that changes costs what it touches, whatever the newsroom holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from broadsheet.models import Standing
from broadsheet.store.database import rows_of, upsert
from broadsheet.store.tables import accounts, standings
from broadsheet.store.values import dump, load

COUNTS = Standing.__struct_fields__

Account = dict[str, Standing]


def find_standings(connection: Connection, domains: Collection[str]) -> dict[str, Standing]:
    """The records of those outlets of which anything is known, by domain."""
    rows = rows_of(connection, select(standings), standings.c.domain, domains)
    return {row.domain: Standing(**{name: getattr(row, name) for name in COUNTS}) for row in rows}


def post(connection: Connection, new: Mapping[str, Account]) -> None:
    """Put what stories say of their outlets in place of what each said before; an empty account takes it back."""
    before = _accounts(connection, new)
    changed = {story: account for story, account in new.items() if account != before.get(story, {})}
    difference: dict[str, dict[str, int]] = {}
    for story, account in changed.items():
        for sign, side in ((1, account), (-1, before.get(story, {}))):
            for domain, standing in side.items():
                sums = difference.setdefault(domain, dict.fromkeys(COUNTS, 0))
                for name in COUNTS:
                    sums[name] += sign * getattr(standing, name)
    known = find_standings(connection, difference)
    rows = [
        {"domain": domain, **{name: getattr(known.get(domain, Standing()), name) + sums[name] for name in COUNTS}}
        for domain, sums in sorted(difference.items())
    ]
    upsert(connection, standings, rows)
    upsert(connection, accounts, [{"story": story, "account": dump(account)} for story, account in sorted(changed.items())])


def _accounts(connection: Connection, stories: Collection[str]) -> dict[str, Account]:
    return {row.story: load(row.account, Account) for row in rows_of(connection, select(accounts), accounts.c.story, stories)}
