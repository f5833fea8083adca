"""Who asks: passwords, sessions and tokens, and what each role and token may do.

A role gives scopes, and a token at most those of its person: "read" asks, "desk" edits, "hooks" has things sent elsewhere,
"admin" manages people, topics and sources. Secrets are random, and only their hashes are kept.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from hmac import compare_digest

from msgspec import Struct
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request

from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.serve.office import Office, office
from broadsheet.serve.passwords import hashed, is_right
from broadsheet.settings import ServeSettings
from broadsheet.store import fever_keys, people
from broadsheet.store.people import Account, Note, Role, Token
from broadsheet.text import clean, fold_space
from broadsheet.urls import bare

SCOPES: dict[Role, tuple[str, ...]] = {
    "reader": ("read",),
    "editor": ("read", "desk"),
    "owner": ("read", "desk", "hooks", "admin"),
}
COOKIE = "broadsheet_session"
SESSION = timedelta(days=ServeSettings().session_days)  # how long one lasts unless the newsroom says otherwise
TOLD = timedelta(hours=1)  # a token's last use is kept so exactly
SAFE = ("GET", "HEAD", "OPTIONS")

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class Person(Struct, frozen=True):
    """Who asks, and what they may do now. ``session`` is the secret of their session, empty for a token's."""

    name: str
    role: Role
    scopes: tuple[str, ...]
    session: str = ""

    @property
    def csrf(self) -> str:
        """What a form of this session carries, and no other site can know."""
        return blake2b(b"csrf", key=sha256(self.session.encode()).digest(), digest_size=24).hexdigest() if self.session else ""


# --- accounts ------------------------------------------------------------------------------------------------------------


def add_person(connection: Connection, name: str, role: Role, password: str, at: datetime, *, by: str) -> None:
    """Raises BroadsheetError for a name or password that cannot be, and for a name that is taken."""
    if not NAME.fullmatch(name):
        raise BroadsheetError(f"{name!r}: a name is small letters, digits and . _ @ -, at most 64")
    people.add(connection, Account(name, role, hashed(password), at))
    people.note(connection, Note(at, by, "person added", name, detail=role))


def change_password(connection: Connection, name: str, password: str, at: datetime, *, by: str, address: str = "") -> None:
    """All sessions of the person end. Raises BroadsheetError."""
    find_person(connection, name)
    people.set_password(connection, name, hashed(password))
    people.note(connection, Note(at, by, "password changed", name, address))


def change_role(connection: Connection, name: str, role: Role, at: datetime, *, by: str) -> None:
    """Takes hold at once, for sessions and tokens too. Raises BroadsheetError."""
    old = find_person(connection, name).role
    people.set_role(connection, name, role)
    people.note(connection, Note(at, by, "role changed", name, detail=f"{old} to {role}"))


def find_person(connection: Connection, name: str) -> Account:
    """Raises BroadsheetError when there is nobody of that name."""
    account = people.find(connection, name)
    if account is None:
        raise BroadsheetError(f"{name}: there is nobody of that name")
    return account


def remove_person(connection: Connection, name: str, at: datetime, *, by: str) -> None:
    """Remove a person with all sessions and tokens. Raises BroadsheetError."""
    if not people.remove(connection, name):
        raise BroadsheetError(f"{name}: there is nobody of that name")
    people.note(connection, Note(at, by, "person removed", name))


def sign_in(connection: Connection, name: str, password: str) -> Person | None:
    """The person of that name if the password is theirs. It takes as long when there is nobody of that name."""
    account = people.find(connection, name) if NAME.fullmatch(name) else None
    is_theirs = is_right(account.password if account else "", password)
    return _person(account) if account and is_theirs else None


def _person(account: Account, session: str = "", only: Sequence[str] | None = None) -> Person:
    scopes = SCOPES[account.role]
    return Person(account.name, account.role, scopes if only is None else tuple(s for s in scopes if s in only), session)


# --- tokens --------------------------------------------------------------------------------------------------------------


def new_token(
    connection: Connection, name: str, scopes: Sequence[str], label: str, at: datetime, days: int | None = None
) -> str:
    """A new token of that person, told this once. It ends after ``days``; None: never. Raises BroadsheetError."""
    account = find_person(connection, name)
    allowed = SCOPES[account.role]
    if beyond := [scope for scope in scopes if scope not in allowed]:
        raise BroadsheetError(f"{name}: {', '.join(beyond)} is more than {account.role}s may; allowed: {', '.join(allowed)}")
    secret = f"bs_{secrets.token_urlsafe(32)}"
    until = at + timedelta(days=days) if days is not None else None
    people.add_token(connection, _digest(secret), Token("", name, label, tuple(scopes), at, until, None))
    fever_keys.keep(connection, name, secret, _digest(secret))
    return secret


def drop_token(connection: Connection, name: str, id: str, at: datetime, *, by: str, address: str = "") -> None:
    """Remove the token of that id, at once. Raises BroadsheetError."""
    if not re.fullmatch(r"[0-9a-f]{12}", id) or not people.remove_token(connection, name, id):
        raise BroadsheetError(f"{name}: there is no such token")
    people.note(connection, Note(at, by, "token removed", f"{name} {id}", address))


def by_token(here: Office, token: str) -> Person | None:
    """Whose token that is, with what it may do, while it is valid; that it was used is kept."""
    return by_digest(here, _digest(token))


def by_digest(here: Office, digest: str) -> Person | None:
    """The same by the token's digest."""
    at = here.clock()
    with here.database.reading() as connection:
        found = people.token_of(connection, digest, at)
    if found is None:
        return None
    account, known = found
    if known.used_at is None or at - known.used_at >= TOLD:
        # no request fails because when it came could not be kept
        with suppress(StoreError), here.database.transaction() as connection:
            people.note_use(connection, digest, at)
    return _person(account, only=known.scopes)


def _digest(secret: str) -> str:
    # fast on purpose: the secrets are random and long, there is nothing to guess
    return sha256(secret.encode()).hexdigest()


# --- sessions ------------------------------------------------------------------------------------------------------------


def open_session(connection: Connection, person: Person, at: datetime, lasts: timedelta = SESSION) -> str:
    """A new session of that person; its secret."""
    secret = secrets.token_urlsafe(32)
    people.open_session(connection, _digest(secret), person.name, at, at + lasts)
    return secret


def by_session(connection: Connection, secret: str, at: datetime) -> Person | None:
    """Whose session that is, while it lasts."""
    account = people.session_of(connection, _digest(secret), at)
    return _person(account, secret) if account else None


def close_session(connection: Connection, secret: str) -> None:
    people.close_session(connection, _digest(secret))


# --- requests ------------------------------------------------------------------------------------------------------------


def require(request: Request, scope: str) -> Person:
    """Who asks, if they may. To be called from a thread: it asks the database.

    A token comes as ``Authorization: Bearer ...``, a session as its cookie. A session that would change something must bring
    its CSRF token, as X-CSRF-Token or as the form has it (``request.state.csrf``). Raises HTTPException 401 and 403.
    """
    person = who(request)
    if person is None:
        raise HTTPException(401, "sign in, or send a token", headers={"WWW-Authenticate": "Bearer"})
    if scope not in person.scopes:
        raise HTTPException(403, f"this needs the scope {scope}, which {person.name} does not have here")
    if person.session and request.method not in SAFE and not _is_own(request, person):
        raise HTTPException(403, "this form is not of your session, or too old: load the page again")
    return person


def who(request: Request) -> Person | None:
    """Who asks; None for nobody known. A wrong token is nobody, whatever cookie comes with it."""
    here = office(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if token and kind.lower() == "bearer":
        return by_token(here, token.strip())
    session = request.cookies.get(cookie(request), "")
    if not session:
        return None
    with here.database.reading() as connection:
        return by_session(connection, session, here.clock())


def is_reader(request: Request) -> bool:
    """Whether one who asks may read: everybody where the newsroom is public."""
    if office(request).newsroom.settings.serve.public:
        return True
    person = who(request)
    return person is not None and "read" in person.scopes


def cookie(request: Request, name: str = COOKIE) -> str:
    """What a cookie is called here: by HTTPS so that browsers take it from this very host alone (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _is_own(request: Request, person: Person) -> bool:
    said = getattr(request.state, "csrf", "") or request.headers.get("x-csrf-token", "")
    return compare_digest(said.encode(), person.csrf.encode())


def note(request: Request, connection: Connection, who: str, action: str, target: str = "", detail: str = "") -> None:
    """Add what somebody does to the audit log, in the transaction that does it."""
    line = Note(office(request).clock(), who[:64], action, _line(target)[:500], address(request), _line(detail)[:1000])
    people.note(connection, line)


def _line(text: str) -> str:
    return bare(fold_space(clean(text)))


def address(request: Request) -> str:
    """Where a request comes from, as the server or the web servers before it say (`serve.proxies`)."""
    return request.client.host[:64] if request.client else ""
