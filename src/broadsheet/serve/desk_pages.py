"""What the desk's pages share: templates, forms, and refusals that a person can read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from broadsheet.edition.publishing import OVERRIDES
from broadsheet.errors import BroadsheetError
from broadsheet.publish.site_templates import read_assets
from broadsheet.publish.site_view import web_url
from broadsheet.serve.office import office
from broadsheet.serve.people import Person, require, who
from broadsheet.text import shorten
from broadsheet.urls import bare

SIGN_IN = "/account/sign-in"
FIELDS = 1000  # of a form: topics and articles to be ticked

Form = dict[str, str]
Endpoint = Callable[[Request], Awaitable[Response]]
View = Callable[[Request, Person], Response]
Work = Callable[[Request, Person, Form], Response]

TOLD = {  # what a page says that another led to; no other words can be put there by its address
    "password": "The password is changed. Sign in with it.",
    "token": "The token is removed.",
    "decided": "Decided. The next edition, which comes soon, publishes it.",
    "undone": "Undone. The next edition, which comes soon, publishes it.",
    "nothing": "There is nothing to undo.",
    "written": "Written. The next edition goes by it.",
}
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("broadsheet.serve", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"shorten": shorten, "address": lambda value: quote(str(value), safe=""), "web": web_url, "bare": bare}
    return made


@cache
def assets(newsroom: Path) -> dict[str, bytes]:
    """The desk's files: the look of the newsroom's own site, and what the desk adds."""
    theme = newsroom / OVERRIDES
    site = read_assets(theme if theme.is_dir() else None)
    own = {entry.name: entry.read_bytes() for entry in (resources.files("broadsheet.serve") / "assets").iterdir()}
    return {"site.css": site["static/site.css"], "favicon.svg": site["static/favicon.svg"], **own}


@cache
def _versions(newsroom: Path) -> dict[str, str]:
    return {file: sha256(content).hexdigest()[:10] for file, content in assets(newsroom).items()}


def asset(request: Request) -> Response:
    name = request.path_params["name"]
    found = assets(office(request).newsroom.folder).get(name)
    if found is None:
        raise HTTPException(404, "there is no such file")
    return Response(found, headers={"content-type": _TYPES[Path(name).suffix], "cache-control": "public, max-age=31536000"})


def page(request: Request, template: str, person: Person | None, code: int = 200, /, **values: Any) -> Response:
    """A page of the desk, as the template of that name makes it."""
    here = office(request)
    said = {"newsroom": here.newsroom.settings.newsroom, "person": person, "now": here.clock(), "path": request.url.path}
    told = TOLD.get(request.query_params.get("told", ""), "")
    text = (
        _environment()
        .get_template(template)
        .render(**{"versions": _versions(here.newsroom.folder), "told": told, **said, **values})
    )
    return HTMLResponse(text, code)


def viewed(scope: str, view: View) -> Endpoint:
    """A page for those who have that scope; others are asked to sign in, or told that they may not."""

    def work(request: Request) -> Response:
        return view(request, require(request, scope))

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_readable, request, work)

    return endpoint


def posted(scope: str, work: Work) -> Endpoint:
    """What a form does, for those who have that scope and sent it from a page of their session."""

    async def endpoint(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_readable, request, lambda asked: work(asked, require(asked, scope), form))

    return endpoint


async def form_of(request: Request) -> Form:
    """The fields of a form, its CSRF token put where `require` looks for it. Raises HTTPException 400.

    Of forms in parts (RFC 7578) there are none: the sender would choose by which of Python's codecs they are read.
    """
    if "multipart/" in request.headers.get("content-type", "").lower():
        raise HTTPException(400, "a form is sent as application/x-www-form-urlencoded")
    async with request.form(max_files=0, max_fields=FIELDS) as read:
        form = {name: value for name, value in read.multi_items() if isinstance(value, str)}
    request.state.csrf = form.pop("csrf", "")
    return form


def back(where: str, told: str = "") -> Response:
    """To another page of ours, which says what was done (a name in TOLD)."""
    return RedirectResponse(f"{where}?told={told}" if told else where, 303)


def _readable(request: Request, work: Callable[[Request], Response]) -> Response:
    try:
        return work(request)
    except HTTPException as error:
        if error.status_code == 401 and "authorization" not in request.headers:
            return RedirectResponse(f"{SIGN_IN}?next={quote(request.url.path)}", 303)
        return refusal(request, error.status_code, error.detail)
    except BroadsheetError as error:
        return refusal(request, 400, str(error))


def refusal(request: Request, status: int, message: str) -> Response:
    return page(request, "refused.html", who(request), status, message=message, status=status)
