"""``/account/``: signing in and out, one's own password and tokens."""

from __future__ import annotations

import re
from datetime import timedelta

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.errors import BroadsheetError
from broadsheet.serve import people as persons
from broadsheet.serve.desk_pages import SIGN_IN, Form, back, form_of, page, posted, viewed
from broadsheet.serve.office import office
from broadsheet.serve.people import SCOPES, Person, address, cookie, note
from broadsheet.serve.security import Allowance, asker
from broadsheet.settings import ServeSettings
from broadsheet.store import people
from broadsheet.text import shorten

HOME = "/account/"
DESK = "/desk/"
MOST_DAYS = 3650  # of a token
AT_ONCE = 2  # passwords that are checked; others wait, and hold up nothing else

TOO_MANY = "Too many attempts. Wait some minutes."
_OURS = re.compile(r"/(?:desk|account)/[A-Za-z0-9_.~%/-]*")


class SignIns:
    """How often signing in may fail: for a name from one address, for an address, and for a name from anywhere.

    An attempt counts from its beginning, so that many at once are no more than many in a row.
    """

    def __init__(self, failures: int) -> None:
        self._pair = Allowance(1 / 60, failures)
        self._address = Allowance(1 / 20, 4 * failures)
        self._name = Allowance(1 / 10, 12 * failures)

    def may_try(self, name: str, address: str) -> bool:
        """Whether there may be one more attempt; if so that is counted."""
        taken: list[tuple[Allowance, str]] = []
        for allowance, key in self._all(name, address):
            if not allowance.take(key):
                self._give_back(taken)
                return False
            taken.append((allowance, key))
        return True

    def succeeded(self, name: str, address: str) -> None:
        """Uncount the attempt."""
        self._give_back(self._all(name, address))

    def _all(self, name: str, address: str) -> list[tuple[Allowance, str]]:
        return [(self._pair, f"{name} {address}"), (self._address, address), (self._name, name)]

    def _give_back(self, taken: list[tuple[Allowance, str]]) -> None:
        for allowance, key in taken:
            allowance.give_back(key)


def routes(settings: ServeSettings) -> list[BaseRoute]:
    sign_ins, checking = SignIns(settings.failed_sign_ins), CapacityLimiter(AT_ONCE)

    async def sign_in(request: Request) -> Response:
        form = await form_of(request)
        return await run_sync(_sign_in, request, form, sign_ins, limiter=checking)

    def password(request: Request, person: Person, form: Form) -> Response:
        return _password(request, person, form, sign_ins)

    return [
        Route(SIGN_IN, _sign_in_page, methods=["GET"]),
        Route(SIGN_IN, sign_in, methods=["POST"]),
        Route("/account/sign-out", posted("read", _sign_out), methods=["POST"]),
        Route("/account/password", posted("read", password), methods=["POST"]),
        Route("/account/tokens", posted("read", _token), methods=["POST"]),
        Route("/account/tokens/remove", posted("read", _remove_token), methods=["POST"]),
        Route(HOME, viewed("read", _account), methods=["GET"]),
    ]


def target(asked: str) -> str:
    """Where to go after signing in: a page of ours, whatever was asked."""
    return asked if _OURS.fullmatch(asked) and "//" not in asked and ".." not in asked else DESK


def sign_in_page(request: Request, code: int = 200, *, then: str = "", name: str = "", problem: str = "") -> Response:
    oidc = office(request).newsroom.settings.serve.oidc
    return page(request, "sign-in.html", None, code, next=target(then), name=name, problem=problem, oidc=oidc)


def _sign_in_page(request: Request) -> Response:
    return sign_in_page(request, then=request.query_params.get("next", ""))


def _sign_in(request: Request, form: Form, sign_ins: SignIns) -> Response:
    here, name, then = office(request), form.get("name", "").strip().lower()[:64], target(form.get("next", ""))
    if not sign_ins.may_try(name, asker(request.scope)):
        return sign_in_page(request, 429, then=then, name=name, problem=TOO_MANY)
    with here.database.reading() as connection:
        person = persons.sign_in(connection, name, form.get("password", ""))
    if person is None:
        with here.database.transaction() as connection:
            note(request, connection, "", "sign-in refused", name)
        return sign_in_page(request, 401, then=then, name=name, problem="Name or password is wrong.")
    sign_ins.succeeded(name, asker(request.scope))
    return let_in(request, person, then)


def let_in(request: Request, person: Person, then: str) -> Response:
    """Begin a session, whose secret nobody knew before, and end the one that was."""
    here = office(request)
    lasts = timedelta(days=here.newsroom.settings.serve.session_days)
    with here.database.transaction() as connection:
        if old := request.cookies.get(cookie(request)):
            persons.close_session(connection, old)
        secret = persons.open_session(connection, person, here.clock(), lasts)
        note(request, connection, person.name, "signed in")
    answer = RedirectResponse(then if "desk" in person.scopes else HOME, 303)
    secure, life = request.url.scheme == "https", int(lasts.total_seconds())
    answer.set_cookie(cookie(request), secret, max_age=life, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


def _sign_out(request: Request, person: Person, _form: Form) -> Response:
    with office(request).database.transaction() as connection:
        persons.close_session(connection, person.session)
        note(request, connection, person.name, "signed out")
    answer = back(SIGN_IN)
    answer.delete_cookie(cookie(request), path="/", httponly=True, secure=request.url.scheme == "https")
    return answer


def _account(request: Request, person: Person, fresh: str = "") -> Response:
    with office(request).database.reading() as connection:
        tokens = people.tokens_of(connection, person.name)
        account = persons.find_person(connection, person.name)
    values = {"tokens": tokens, "scopes": SCOPES[person.role], "fresh": fresh, "has_password": bool(account.password)}
    return page(request, "account.html", person, **values)


def _password(request: Request, person: Person, form: Form, sign_ins: SignIns) -> Response:
    here, name = office(request), person.name
    if not person.session:
        raise BroadsheetError("a token changes no password: sign in")
    if not sign_ins.may_try(name, asker(request.scope)):
        raise HTTPException(429, TOO_MANY)
    with here.database.reading() as connection:
        if persons.sign_in(connection, name, form.get("old", "")) is None:
            raise BroadsheetError("the old password is wrong")
    sign_ins.succeeded(name, asker(request.scope))
    with here.database.transaction() as connection:
        persons.change_password(connection, name, form.get("new", ""), here.clock(), by=name, address=address(request))
    return back(SIGN_IN, "password")


def _token(request: Request, person: Person, form: Form) -> Response:
    here = office(request)
    days = form.get("days", "")
    if not person.session:
        raise BroadsheetError("a token makes no tokens: sign in")
    if days and not (re.fullmatch("[0-9]{1,4}", days) and 0 < int(days) <= MOST_DAYS):
        raise BroadsheetError(f"days: {shorten(days, 20)!r} is no number from 1 to {MOST_DAYS}")
    scopes = [scope for scope in SCOPES[person.role] if f"scope-{scope}" in form]
    if not scopes:
        raise BroadsheetError("a token needs a scope")
    label = form.get("label", "").strip()[:80]
    with here.database.transaction() as connection:
        secret = persons.new_token(connection, person.name, scopes, label, here.clock(), int(days) if days else None)
        note(request, connection, person.name, "token made", label, " ".join(scopes))
    return _account(request, person, fresh=secret)


def _remove_token(request: Request, person: Person, form: Form) -> Response:
    id = form.get("id", "")
    if not person.session:
        raise BroadsheetError("a token removes no tokens: sign in")
    here = office(request)
    with here.database.transaction() as connection:
        persons.drop_token(connection, person.name, id, here.clock(), by=person.name, address=address(request))
    return back(HOME, "token")
