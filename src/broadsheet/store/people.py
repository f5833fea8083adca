"""People of the newsroom: their accounts, sessions and tokens, and the audit log. Secrets are kept hashed only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, delete, insert, select, update

from broadsheet.errors import StoreError
from broadsheet.store.tables import audit, marks, people, sessions, tokens
from broadsheet.store.values import instant, seconds

Role = Literal["reader", "editor", "owner"]

SHOWN = timedelta(days=30)  # how long a token that ended is still listed


class Account(Struct, frozen=True):
    """A person's account. ``password`` is its hash; empty: no password opens it.

    ``subject`` is who they are to another service that they sign in by: its address, a space, its id of them.
    """

    name: str
    role: Role
    password: str
    created_at: datetime
    subject: str = ""


class Token(Struct, frozen=True):
    """A key for programs, without its secret. ``id`` is the start of its hash, by which it is named."""

    id: str
    person: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class Note(Struct, frozen=True):
    """A line of the audit log: when, who ("" before sign-in), what, on what, from which address, and what more is known."""

    at: datetime
    who: str
    action: str
    target: str = ""
    address: str = ""
    detail: str = ""


# --- accounts ------------------------------------------------------------------------------------------------------------


def add(connection: Connection, account: Account) -> None:
    """Raises StoreError when there is somebody of that name."""
    if find(connection, account.name) is not None:
        raise StoreError(f"{account.name}: there is somebody of that name")
    row = {"name": account.name, "role": account.role, "password": account.password, "at": seconds(account.created_at)}
    connection.execute(insert(people).values(row | {"subject": account.subject or None}))


def find(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(people).where(people.c.name == name)).first()
    return _account(row) if row else None


def by_subject(connection: Connection, subject: str) -> Account | None:
    row = connection.execute(select(people).where(people.c.subject == subject)).first()
    return _account(row) if row else None


def everybody(connection: Connection) -> list[Account]:
    return [_account(row) for row in connection.execute(select(people).order_by(people.c.name))]


def set_password(connection: Connection, name: str, password: str) -> None:
    """Keep another hash, and end the person's sessions."""
    connection.execute(update(people).where(people.c.name == name).values(password=password))
    connection.execute(delete(sessions).where(sessions.c.person == name))


def set_role(connection: Connection, name: str, role: Role) -> None:
    connection.execute(update(people).where(people.c.name == name).values(role=role))


def shut(connection: Connection, name: str) -> None:
    """End a person's sessions and remove their tokens."""
    for table in (sessions, tokens):
        connection.execute(delete(table).where(table.c.person == name))


def remove(connection: Connection, name: str) -> bool:
    """Remove a person with sessions, tokens and marks; what they did stays told. False when there is nobody of that name."""
    for table in (sessions, tokens, marks):
        connection.execute(delete(table).where(table.c.person == name))
    return connection.execute(delete(people).where(people.c.name == name)).rowcount > 0


def _account(row: Any) -> Account:
    return Account(row.name, row.role, row.password, instant(row.at), row.subject or "")


# --- sessions ------------------------------------------------------------------------------------------------------------


def open_session(connection: Connection, digest: str, person: str, at: datetime, until: datetime) -> None:
    """Keep a session; those that ended are forgotten."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= seconds(at)))
    connection.execute(insert(sessions).values(digest=digest, person=person, at=seconds(at), expires_at=seconds(until)))


def session_of(connection: Connection, digest: str, at: datetime) -> Account | None:
    """Whose session that is, while it lasts."""
    query = (
        select(people)
        .join(sessions, sessions.c.person == people.c.name)
        .where(sessions.c.digest == digest, sessions.c.expires_at > seconds(at))
    )
    row = connection.execute(query).first()
    return _account(row) if row else None


def close_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.digest == digest))


# --- tokens --------------------------------------------------------------------------------------------------------------


def add_token(connection: Connection, digest: str, token: Token) -> None:
    """Keep a token; those that ended long ago are forgotten."""
    connection.execute(delete(tokens).where(tokens.c.expires_at <= seconds(token.created_at - SHOWN)))
    row = {
        "digest": digest,
        "person": token.person,
        "label": token.label,
        "scopes": " ".join(token.scopes),
        "at": seconds(token.created_at),
        "expires_at": seconds(token.expires_at) if token.expires_at else None,
    }
    connection.execute(insert(tokens).values(row))


def token_of(connection: Connection, digest: str, at: datetime) -> tuple[Account, Token] | None:
    """Whose token that is, while it is valid."""
    query = select(people, tokens).join(tokens, tokens.c.person == people.c.name).where(tokens.c.digest == digest)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    token = _token(row)
    if token.expires_at is not None and token.expires_at <= at:
        return None
    return Account(row[people.c.name], row[people.c.role], row[people.c.password], instant(row[people.c.at])), token


def tokens_of(connection: Connection, person: str) -> list[Token]:
    query = select(tokens).where(tokens.c.person == person).order_by(tokens.c.at, tokens.c.digest)
    return [_token(row) for row in connection.execute(query).mappings()]


def note_use(connection: Connection, digest: str, at: datetime) -> None:
    connection.execute(update(tokens).where(tokens.c.digest == digest).values(used_at=seconds(at)))


def remove_token(connection: Connection, person: str, id: str) -> bool:
    found = connection.execute(delete(tokens).where(tokens.c.person == person, tokens.c.digest.startswith(id, autoescape=True)))
    return found.rowcount > 0


def _token(row: Any) -> Token:
    ends, used = row[tokens.c.expires_at], row[tokens.c.used_at]
    return Token(
        id=row[tokens.c.digest][:12],
        person=row[tokens.c.person],
        label=row[tokens.c.label],
        scopes=tuple(row[tokens.c.scopes].split()),
        created_at=instant(row[tokens.c.at]),
        expires_at=instant(ends) if ends is not None else None,
        used_at=instant(used) if used is not None else None,
    )


# --- the audit log -------------------------------------------------------------------------------------------------------


def note(connection: Connection, *notes: Note) -> None:
    """Add lines to the audit log, from which nothing is ever taken."""
    rows: Iterable[dict[str, Any]] = [
        {
            "at": seconds(item.at),
            "who": item.who,
            "action": item.action,
            "target": item.target,
            "address": item.address,
            "detail": item.detail,
        }
        for item in notes
    ]
    connection.execute(insert(audit), list(rows))


def audited(connection: Connection, limit: int, before: int | None = None, who: str = "") -> list[tuple[int, Note]]:
    """The newest lines with their numbers, of one person or all, from the one before ``before`` back."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if who:
        query = query.where(audit.c.who == who)
    return [
        (row.id, Note(instant(row.at), row.who, row.action, row.target, row.address, row.detail))
        for row in connection.execute(query)
    ]
