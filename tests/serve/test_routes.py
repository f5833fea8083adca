"""Every route of the app, as the app itself lists them: who gets in, and who does not.

A route that is added is asked here without any change. It must be guarded, by one scope, or be named in `PUBLIC`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from starlette.routing import BaseRoute, Mount, Route

from broadsheet.serve.people import SCOPES
from broadsheet.store.people import Role
from tests.serve.staff import Answer, Staff, staffed

READ = "what was published, for all where the newsroom is public"
ENDLESS = "GET /api/v1/events"  # has no end of its own: see test_events.py
# what everybody may ask, and why
PUBLIC = {
    "GET /healthz": "a machine asks whether the server lives",
    "GET /readyz": "a machine asks whether it can answer",
    "GET /metrics": "figures that name nobody",
    "GET /account/sign-in": "here one signs in",
    "POST /account/sign-in": "here one signs in",
    "POST /accounts/ClientLogin": "an app shows its token here, and gets nothing else back",
    "GET /fever": "tells `auth: 0` and no more, see test_fever.py",
    "POST /fever": "tells `auth: 0` and no more, see test_fever.py",
    "GET /fever/": "tells `auth: 0` and no more, see test_fever.py",
    "POST /fever/": "tells `auth: 0` and no more, see test_fever.py",
    "GET /desk": "leads to the desk, which is guarded",
    "GET /desk/assets/{name}": "style and script of the sign-in page",
    "GET /api/v1/stories": READ,
    "GET /api/v1/stories/{name:path}": READ,
    "GET /api/v1/articles": READ,
    "GET /api/v1/articles/{key:path}": READ,
    "GET /api/v1/topics": READ,
    "GET /api/v1/topics/{slug}": READ,
    "GET /api/v1/outlets": READ,
    "GET /api/v1/outlets/{domain}": READ,
    "GET /api/v1/search": READ,
    "GET /api/v1/openapi.json": READ,
    "GET /api/v1/{rest:path}": "says that there is no such address",
    "GET /api/news{rest:path}": READ,
    "GET /feeds/v1/{what}.{form}": READ,
    "GET /feeds/v1/saved/{name}.{form}": READ,
    ENDLESS: READ,
    "GET /websub/{token}": "a hub that knows the token is answered, see test_websub.py",
    "POST /websub/{token}": "a hub that knows the token and signs is heard, see test_websub.py",
    "GET /mcp": "refuses it; what is posted needs a token, see test_mcp.py",
    "GET /": "the published site",
    "POST /": "the published site, which refuses it",
}
ALL = SCOPES["owner"]
ROLES: tuple[Role, ...] = ("reader", "editor", "owner")


def listed(routes: Iterable[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    """The method and path of every route, those of mounted apps too."""
    for route in routes:
        if isinstance(route, Route):
            yield from ((method, before + route.path) for method in sorted((route.methods or {"GET"}) - {"HEAD"}))
        elif isinstance(route, Mount) and route.routes:
            yield from listed(route.routes, before + route.path)
        else:
            assert isinstance(route, Mount), route
            yield from ((method, f"{before}{route.path}/") for method in ("GET", "POST"))


def filled(path: str, value: str = "1") -> str:
    return re.sub(r"\{[^}]*\}", value, path)


class Gate:
    """One route, asked by whom one likes."""

    def __init__(self, staff: Staff, method: str, path: str) -> None:
        self.staff, self.method, self.path = staff, method, filled(path)

    def nobody(self, **headers: str) -> Answer:
        return self.staff.ask(self.method, self.path, {} if self.method != "GET" else None, **headers)

    def session(self, role: Role, *, csrf: str | None = None, **headers: str) -> Answer:
        session = self.staff.session(role)
        said = session.csrf if csrf is None else csrf
        form = {"csrf": said} if self.method != "GET" else None
        return self.staff.ask(self.method, self.path, form, Cookie=session.cookie, X_CSRF_Token=said, **headers)

    def token(self, *scopes: str) -> Answer:
        return self.nobody(Authorization=f"Bearer {self.staff.token(*scopes)}")


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with staffed(tmp_path_factory.mktemp("staffed") / "paper") as made:
        yield made


@pytest.fixture(scope="module")
def gates(staff: Staff) -> dict[str, Gate]:
    """Every route that is not public."""
    found = {f"{method} {path}": Gate(staff, method, path) for method, path in listed(staff.app.routes)}
    assert len(found) > 15
    return {name: gate for name, gate in found.items() if name not in PUBLIC}


def test_what_is_public_is_there(staff: Staff) -> None:
    """So that no line of `PUBLIC` outlives its route, to open another of that name one day."""
    assert set(PUBLIC) <= {f"{method} {path}" for method, path in listed(staff.app.routes)}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "broadsheet_session=guessed"},
        {"Cookie": "broadsheet_session="},
        {"Cookie": "__Host-broadsheet_session=guessed"},
        {"Authorization": "Bearer bs_guessed"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Basic b2xnYTp0aHJlZQ=="},
        {"Authorization": "GoogleLogin auth=bs_guessed"},
    ],
)
def test_nobody_gets_in(gates: dict[str, Gate], headers: dict[str, str]) -> None:
    opened = {name: answer.status for name, gate in gates.items() if not (answer := gate.nobody(**headers)).asks_to_sign_in}
    assert opened == {}, "guard these routes with `viewed`, `posted` or `require`, or name them in PUBLIC with the reason"


def test_every_route_is_opened_by_one_scope_and_by_the_roles_that_have_it(gates: dict[str, Gate]) -> None:
    for name, gate in gates.items():
        opening = [scope for scope in ALL if not gate.token(scope).is_refused]
        assert len(opening) == 1, f"{name} is opened by tokens of {opening}"
        roles = [role for role in ROLES if not gate.session(role).is_refused]
        allowed = [role for role in ROLES if opening[0] in SCOPES[role]]
        assert roles in (allowed, []), f"{name} needs {opening[0]} and is opened to {roles}"
        if name.split()[1].startswith("/desk"):
            assert "reader" not in roles, name


def test_no_form_is_taken_from_elsewhere(staff: Staff, gates: dict[str, Gate]) -> None:
    """Without its session's own token, with another session's, or from a page of another site."""
    for name, gate in gates.items():
        if gate.method == "GET" or gate.session("owner").is_refused:
            continue
        foreign = staff.session("editor").csrf
        assert gate.session("owner", csrf="").status == 403, name
        assert gate.session("owner", csrf=foreign).status == 403, name
        assert gate.session("owner", csrf="\xe9").status == 403, name
        for origin in ("https://evil.example", "null", staff.home.replace("127.0.0.1", "localhost")):
            assert gate.session("owner", Origin=origin).status == 403, (name, origin)
        assert gate.session("owner", Sec_Fetch_Site="cross-site").status == 403, name


def test_no_link_changes_anything(staff: Staff, gates: dict[str, Gate]) -> None:
    """What is done by POST cannot be done by GET, which any page can make a browser send with its cookie."""
    changing = {gate.path for gate in gates.values() if gate.method != "GET"}
    shown = {gate.path for gate in gates.values() if gate.method == "GET"}
    before = len(staff.log())
    for path in changing - shown:
        assert staff.ask("GET", path, Cookie=staff.session().cookie).status in (404, 405), path
    assert len(staff.log()) == before


@pytest.mark.parametrize("role", ["none", *ROLES])
def test_every_answer_keeps_browsers_careful(staff: Staff, gates: dict[str, Gate], role: Role) -> None:
    public = [Gate(staff, *name.split()) for name in PUBLIC if name != ENDLESS]
    for gate in [*gates.values(), *public]:
        answer = gate.nobody() if role not in ROLES else gate.session(role)
        headers, name = answer.headers, f"{gate.method} {gate.path}"
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["x-frame-options"] == "DENY", name
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe-eval" not in policy, name
        if gate.path.startswith(("/desk", "/account/")):
            assert "default-src 'none'" in policy, name
            assert "unsafe-inline" not in policy, name
            assert "no-store" in headers["cache-control"] or gate.path.startswith("/desk/assets/"), name
