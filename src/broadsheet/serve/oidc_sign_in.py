"""``/account/oidc``: signing in with OpenID Connect, and which person and role that gives."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.errors import BroadsheetError
from broadsheet.serve import people as persons
from broadsheet.serve.office import office
from broadsheet.serve.oidc import Flow, Provider
from broadsheet.serve.oidc_tokens import Claims, OidcError
from broadsheet.serve.people import NAME, SCOPES, Person, cookie, note
from broadsheet.serve.security import Allowance, asker
from broadsheet.serve.sessions import TOO_MANY, let_in, sign_in_page, target
from broadsheet.settings import OidcSettings
from broadsheet.store import people
from broadsheet.store.people import Account, Note, Role

BEGIN, BACK = "/account/oidc", "/account/oidc/back"
SECRET = "BROADSHEET_OIDC_SECRET"  # the environment variable
BY = "OpenID Connect"
COOKIE = "broadsheet_oidc"
LASTS = 600  # seconds that somebody may take at the provider


def routes(settings: OidcSettings, environment: Mapping[str, str] = os.environ) -> list[BaseRoute]:
    """None without a provider. Raises BroadsheetError when the settings do not say who we are to it."""
    if not settings.issuer:
        return []
    if not settings.client_id:
        raise BroadsheetError("serve.oidc.client_id: the provider's name for this newsroom is needed")
    provider, returns = Provider(settings, environment.get(SECRET, "")), Allowance(1 / 10, 30)

    async def begin(request: Request) -> Response:
        return await _begin(request, provider)

    async def back(request: Request) -> Response:
        if not returns.take(asker(request.scope)):
            return await run_in_threadpool(sign_in_page, request, 429, problem=TOO_MANY)
        answer = await _back(request, provider, settings)
        answer.delete_cookie(cookie(request, COOKIE), path="/", httponly=True, secure=request.url.scheme == "https")
        return answer

    return [Route(BEGIN, begin, methods=["GET"]), Route(BACK, back, methods=["GET"])]


async def _begin(request: Request, provider: Provider) -> Response:
    flow = Flow.begin()
    try:
        there = await provider.address(flow, _here(request))
    except OidcError as error:
        return await run_in_threadpool(_refused, request, str(error), 502)
    answer = RedirectResponse(there, 303)
    kept = f"{flow.secret}.{target(request.query_params.get('next', ''))[:200]}"
    secure = request.url.scheme == "https"
    answer.set_cookie(cookie(request, COOKIE), kept, max_age=LASTS, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


async def _back(request: Request, provider: Provider, settings: OidcSettings) -> Response:
    secret, _, then = request.cookies.get(cookie(request, COOKIE), "").partition(".")
    flow, query = Flow(secret), request.query_params
    try:
        _check(query, flow, settings)
        claims = await provider.claims(flow, query["code"], _here(request), office(request).clock())
    except OidcError as error:
        return await run_in_threadpool(_refused, request, str(error))
    return await run_in_threadpool(_welcome, request, settings, claims, target(then))


def _check(query: Mapping[str, str], flow: Flow, settings: OidcSettings) -> None:
    """Whether that is the answer to what this browser asked."""
    if not flow.secret or not compare_digest(query.get("state", "").encode(), flow.state.encode()):
        raise OidcError("this sign-in was not begun in this browser, or too long ago; begin it again")
    if query.get("iss", settings.issuer) != settings.issuer:  # RFC 9207
        raise OidcError("the answer is another provider's")
    if error := query.get("error", ""):
        code = error if re.fullmatch(r"[a-z_]{1,40}", error) else "unknown"
        raise OidcError(f"the provider refused: {code}")
    if not 0 < len(query.get("code", "")) <= 4000:
        raise OidcError("the provider gave no code")


def _here(request: Request) -> str:
    """The address that the provider sends the browser back to, and that it must know."""
    return f"{request.url.scheme}://{request.url.netloc}{BACK}"


def _refused(request: Request, why: str, status: int = 401) -> Response:
    with office(request).database.transaction() as connection:
        note(request, connection, "", "sign-in refused", BY, why)
    return sign_in_page(request, status, problem=f"Signing in failed: {why}.")


def _welcome(request: Request, settings: OidcSettings, claims: Claims, then: str) -> Response:
    here = office(request)
    subject, role = f"{settings.issuer} {claims['sub']}", role_of(settings, claims)
    with here.database.transaction() as connection:
        account = people.by_subject(connection, subject)
        if role is None:
            if account is not None:
                people.shut(connection, account.name)
        else:
            account = _account(connection, here.clock(), account, subject, role, claims)
    if role is None or account is None:
        return _refused(request, "the provider knows you, but this newsroom gives you no role", 403)
    return let_in(request, Person(account.name, role, SCOPES[role]), then)


def _account(connection: Connection, at: datetime, known: Account | None, subject: str, role: Role, claims: Claims) -> Account:
    """The person's account as it is from now on, with what is new about it in the audit log."""
    if known is None:
        name = next(name for name in _names(claims, subject) if people.find(connection, name) is None)
        made = Account(name, role, "", at, subject)
        people.add(connection, made)
        people.note(connection, Note(at, BY, "person added", name, detail=role))
        return made
    if known.role != role:
        persons.change_role(connection, known.name, role, at, by=BY)
    return known


def _names(claims: Claims, subject: str) -> Iterator[str]:
    """What a new person may be called, the best first: nobody gets the name, and so the account, of somebody else."""
    said = [_verified_email(claims), claims.get("preferred_username")]
    yield from (name for value in said if isinstance(value, str) and NAME.fullmatch(name := value.lower()))
    yield f"oidc-{sha256(subject.encode(errors='replace')).hexdigest()[:12]}"


def role_of(settings: OidcSettings, claims: Claims) -> Role | None:
    """The highest role that the settings give to one with those claims."""
    said = _verified_email(claims) if settings.claim == "email" else claims.get(settings.claim)
    values = {value.casefold() for value in (said if isinstance(said, list) else [said]) if isinstance(value, str)}
    if settings.claim == "email":
        values |= {f"@{value.rpartition('@')[2]}" for value in values}
    roles: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("owner", settings.owners),
        ("editor", settings.editors),
        ("reader", settings.readers),
    )
    for role, wanted in roles:
        if "*" in wanted or values & {value.casefold() for value in wanted}:
            return role
    return None


def _verified_email(claims: Claims) -> str | None:
    """An address that the provider has not verified is whatever somebody typed."""
    email = claims.get("email")
    return email if isinstance(email, str) and claims.get("email_verified") in (True, "true") else None
