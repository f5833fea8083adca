"""Signing in with OpenID Connect, from the button to the account, against a real small provider."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from msgspec import Struct
from starlette.routing import Route

from broadsheet.errors import BroadsheetError, ConfigError
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.oidc_sign_in import COOKIE, SECRET, role_of, routes
from broadsheet.serve.people import COOKIE as SESSION
from broadsheet.settings import OidcSettings
from broadsheet.store import people
from tests.serve import provider
from tests.serve.provider import CLIENT, MAUD, House, providing
from tests.serve.staff import Answer, Staff, staffed

BACK = "/account/oidc/back"


class Both(Struct, frozen=True):
    staff: Staff
    house: House

    def begin(self, then: str = "/desk/") -> tuple[str, str]:
        """As a browser: the cookie it was given, and where the provider sent it back to."""
        begun = self.staff.ask("GET", f"/account/oidc?next={then}")
        assert begun.status == 303
        there = urlsplit(begun.goes_to)
        connection = HTTPConnection(there.netloc, timeout=30)
        connection.request("GET", f"{there.path}?{there.query}")
        back = urlsplit(connection.getresponse().headers["Location"])
        connection.close()
        assert f"{back.scheme}://{back.netloc}/" == self.staff.home
        return begun.headers["set-cookie"].partition(";")[0], f"{back.path}?{back.query}"

    def sign_in(self, then: str = "/desk/") -> Answer:
        cookie, back = self.begin(then)
        return self.staff.ask("GET", back, Cookie=cookie)

    def account(self, answer: Answer) -> str:
        page = self.staff.ask("GET", "/account/", Cookie=f"{SESSION}={answer.cookies[SESSION]}")
        return page.text.partition("<h1>")[2].partition("</h1>")[0]


def settings(house: House, **more: Any) -> str:
    lines = {"issuer": house.home, "client_id": CLIENT, "name": "Harbour <House>", **more}
    said = "\n".join(f"{name} = {value!r}" for name, value in lines.items())
    return f"[serve]\nsession_days = 3\n[serve.oidc]\n{said}\n"


@pytest.fixture
def both(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    with opened(tmp_path, monkeypatch, store_url) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    with opened(tmp_path, monkeypatch) as made:
        yield made


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, store: str = "", **more: Any) -> Any:
    from contextlib import contextmanager

    monkeypatch.setenv(SECRET, provider.SECRET)
    roles = {"owners": ["chief@paper.example"], "editors": ["@paper.example"], "readers": ["guest@inn.example"], **more}

    @contextmanager
    def both() -> Iterator[Both]:
        with providing() as house, staffed(folder / "paper", store, settings(house, **roles)) as staff:
            yield Both(staff, house)

    return both()


def test_from_the_button_to_the_account(both: Both) -> None:
    page = both.staff.ask("GET", "/account/sign-in?next=/desk/health/").text
    assert 'href="/account/oidc?next=%2Fdesk%2Fhealth%2F"' in page
    assert "Sign in with Harbour &lt;House&gt;" in page
    answer = both.sign_in("/desk/health/")
    assert (answer.status, answer.goes_to) == (303, "/desk/health/")
    assert both.account(answer) == "maud@paper.example, editor"
    lines = [(note.who, note.action, note.target, note.detail) for note in both.staff.log()]
    assert lines == [
        ("OpenID Connect", "person added", "maud@paper.example", "editor"),
        ("maud@paper.example", "signed in", "", ""),
    ]
    both.house.user["email"] = "maud.tarn@paper.example"
    assert both.account(both.sign_in()) == "maud@paper.example, editor"  # the same person, whatever they are called now


def test_the_flow_s_cookie_is_out_of_reach_short_lived_and_used_once(small: Both) -> None:
    begun = small.staff.ask("GET", "/account/oidc", X_Forwarded_Proto="https").headers["set-cookie"].lower()
    for word in ("httponly", "samesite=lax", "max-age=600", "secure", "path=/"):
        assert word in begun
    assert begun.startswith(f"__host-{COOKIE}=")
    cookies = small.sign_in().headers["set-cookie"]
    assert f'{COOKIE}=""' in cookies or f"{COOKIE}=" in cookies


def test_roles_follow_the_provider_at_each_sign_in(both: Both) -> None:
    assert both.account(both.sign_in()) == "maud@paper.example, editor"
    both.house.user["email"] = "CHIEF@paper.example"
    assert both.account(both.sign_in()) == "maud@paper.example, owner"
    both.house.user["email"] = "guest@inn.example"
    answer = both.sign_in()
    assert answer.goes_to == "/account/"
    assert both.account(answer) == "maud@paper.example, reader"
    changes = [note.detail for note in both.staff.log() if note.action == "role changed"]
    assert changes == ["editor to owner", "owner to reader"]


def test_one_who_has_no_role_any_more_is_shut_out_with_all_they_had(both: Both) -> None:
    answer = both.sign_in()
    with both.staff.office.database.transaction() as connection:
        from broadsheet.serve.people import new_token

        token = new_token(connection, "maud@paper.example", ["read"], "", both.staff.clock())
    both.house.user["email"] = "maud@elsewhere.example"
    refused = both.sign_in()
    assert refused.status == 403
    assert "gives you no role" in refused.text
    assert SESSION not in refused.cookies
    assert both.staff.ask("GET", "/account/", Cookie=f"{SESSION}={answer.cookies[SESSION]}").asks_to_sign_in
    assert both.staff.ask("GET", "/account/", Authorization=f"Bearer {token}").status == 401


@pytest.mark.parametrize(
    "user",
    [
        {"email": "maud@elsewhere.example"},
        {"email": "maud@evil-paper.example"},
        {"email": "maud@paper.example.evil.example"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email_verified": 1.5},
        {"email": None},
        {"email": ["maud@paper.example"]},
        {"email": {"paper": "@paper.example"}},
        {"email": ""},
    ],
)
def test_strangers_and_unverified_addresses_get_no_account(small: Both, user: dict[str, Any]) -> None:
    small.house.user |= user
    assert small.sign_in().status == 403
    with small.staff.office.database.reading() as connection:
        assert len(people.everybody(connection)) == 3
    [line] = small.staff.log()
    assert (line.action, line.target, line.who) == ("sign-in refused", "OpenID Connect", "")


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"email": "Maud@Paper.example"}, "maud@paper.example"),
        ({"email": "olga"}, "maud"),
        ({"email": "<b>@paper.example"}, "maud"),
        ({"email": "olga", "preferred_username": "edda"}, "oidc-"),
        ({"email": "olga", "preferred_username": "../../x"}, "oidc-"),
        ({"email": "olga", "preferred_username": 5}, "oidc-"),
        ({"email": "olga", "preferred_username": None}, "oidc-"),
    ],
)
def test_nobody_gets_the_name_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: dict[str, Any], name: str
) -> None:
    with opened(tmp_path, monkeypatch, readers=["*"]) as both:
        both.house.user |= user
        said = both.account(both.sign_in())
        assert said.startswith(name)
        assert both.account(both.sign_in()) == said
        with both.staff.office.database.reading() as connection:
            roles = {account.name: account.role for account in people.everybody(connection) if not account.subject}
        assert roles == {"olga": "owner", "edda": "editor", "rosa": "reader"}


def test_the_same_id_at_another_provider_is_another_person(both: Both) -> None:
    account = people.Account("idris", "owner", "", both.staff.clock(), f"https://other.example {MAUD['sub']}")
    with both.staff.office.database.transaction() as connection:
        people.add(connection, account)
    assert both.account(both.sign_in()) == "maud@paper.example, editor"


def test_one_who_signs_in_elsewhere_has_no_password_here(small: Both) -> None:
    answer = small.sign_in()
    page = small.staff.ask("GET", "/account/", Cookie=f"{SESSION}={answer.cookies[SESSION]}").text
    assert "The old one" not in page
    assert "Sign out" in page
    assert small.staff.sign_in("maud@paper.example", "").status == 401


def changed(back: str, **query: str | None) -> str:
    path, _, said = back.partition("?")
    kept = {name: values[0] for name, values in parse_qs(said).items()} | query
    return f"{path}?{urlencode({name: value for name, value in kept.items() if value is not None})}"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"state": None}, "not begun in this browser"),
        ({"state": "guessed"}, "not begun in this browser"),
        ({"state": "\u00e9"}, "not begun in this browser"),
        ({"iss": "https://evil.example"}, "another provider"),
        ({"code": None}, "gave no code"),
        ({"code": "x" * 4001}, "gave no code"),
        ({"code": "guessed"}, "status 400"),
        ({"error": "access_denied"}, "the provider refused: access_denied"),
        ({"error": "<script>alert(1)</script>"}, "the provider refused: unknown"),
    ],
)
def test_an_answer_that_is_not_to_our_question_is_refused(small: Both, query: dict[str, str | None], words: str) -> None:
    cookie, back = small.begin()
    answer = small.staff.ask("GET", changed(back, **query), Cookie=cookie)
    assert answer.status == 401
    assert words in answer.text
    assert "<script>alert" not in answer.text
    assert SESSION not in answer.cookies
    assert small.staff.log()[-1].action == "sign-in refused"


def test_an_answer_serves_the_browser_that_asked_alone_and_once(small: Both) -> None:
    """Nobody can be signed in as somebody else by a link, nor with a link that was seen on the way."""
    cookie, back = small.begin()
    other, _ = small.begin()
    for stolen in ({}, {"Cookie": other}, {"Cookie": f"{COOKIE}=guessed.desk"}, {"Cookie": f"{COOKIE}="}):
        assert small.staff.ask("GET", back, **stolen).status == 401
    assert small.staff.ask("GET", back, Cookie=cookie).status == 303
    assert small.staff.ask("GET", back, Cookie=cookie).status == 401


def test_a_code_of_somebody_else_s_sign_in_is_refused(small: Both) -> None:
    cookie, back = small.begin()
    _, theirs = small.begin()
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    assert "status 400" in small.staff.ask("GET", changed(back, code=code), Cookie=cookie).text


def test_a_session_that_was_there_before_is_not_taken_on(small: Both) -> None:
    planted = small.staff.session("reader")
    cookie, back = small.begin()
    answer = small.staff.ask("GET", back, Cookie=f"{cookie}; {planted.cookie}")
    assert answer.status == 303
    assert small.staff.ask("GET", "/account/", Cookie=planted.cookie).asks_to_sign_in


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/\\evil.example", "/desk/..//x", "/healthz"])
def test_signing_in_leads_nowhere_else(small: Both, then: str) -> None:
    assert small.sign_in(then).goes_to == "/desk/"


def test_a_way_back_that_was_changed_in_the_cookie_leads_nowhere_else(small: Both) -> None:
    cookie, back = small.begin()
    name, _, value = cookie.partition("=")
    secret = value.strip('"').partition(".")[0]
    answer = small.staff.ask("GET", back, Cookie=f"{name}={secret}.//evil.example")
    assert (answer.status, answer.goes_to) == (303, "/desk/")


def test_a_lie_of_the_provider_lets_nobody_in(small: Both) -> None:
    small.house.spoil = lambda claims: {**claims, "aud": "another"}
    answer = small.sign_in()
    assert answer.status == 401
    assert "the ID token is not for this sign-in" in answer.text
    assert SESSION not in answer.cookies


def test_a_provider_that_is_not_there_leaves_the_password(small: Both) -> None:
    small.house.answers["/.well-known/openid-configuration"] = (503, b"")
    answer = small.staff.ask("GET", "/account/oidc")
    assert answer.status == 502
    assert "the provider answers with status 503" in answer.text
    assert small.staff.sign_in("olga").status == 303


def test_answers_are_counted(small: Both) -> None:
    said = [small.staff.ask("GET", f"{BACK}?state=x").status for _ in range(31)]
    assert said == [401] * 30 + [429]


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["newsroom", "Desk"]}, "editor"),
        ({"groups": ["desk", "chiefs"]}, "owner"),
        ({"groups": "chiefs"}, "owner"),
        ({"groups": ["guests", 5, None, {}]}, None),
        ({"groups": {"chiefs": True}}, None),
        ({"groups": []}, None),
        ({}, None),
        ({"email": "chiefs", "email_verified": True}, None),
    ],
)
def test_roles_by_another_claim(claims: dict[str, Any], role: str | None) -> None:
    said = OidcSettings(issuer="https://house.example", claim="groups", owners=("chiefs",), editors=("desk",))
    assert role_of(said, claims) == role


def test_everybody_may_be_a_reader() -> None:
    said = OidcSettings(issuer="https://house.example", owners=("chief@paper.example",), readers=("*",))
    assert role_of(said, {"email": "chief@paper.example", "email_verified": False}) == "reader"
    assert role_of(said, {"email": "chief@paper.example", "email_verified": True}) == "owner"
    assert role_of(said, {}) == "reader"


def test_without_a_provider_there_is_nothing_to_ask() -> None:
    assert routes(OidcSettings()) == []
    with pytest.raises(BroadsheetError, match=r"serve\.oidc\.client_id"):
        routes(OidcSettings(issuer="https://house.example"))
    made = routes(OidcSettings(issuer="https://house.example", client_id="paper"), {})
    assert [route.path for route in made if isinstance(route, Route)] == ["/account/oidc", BACK]


@pytest.mark.parametrize(
    "issuer",
    ["http://house.example", "house.example", "https://house.example?x", "javascript:x", "http://localhost.evil.example"],
)
def test_an_issuer_is_asked_by_https(tmp_path: Path, issuer: str) -> None:
    make_newsroom(tmp_path, new_key())
    with (tmp_path / "broadsheet.toml").open("a") as file:
        file.write(f"\n[serve.oidc]\nissuer = '{issuer}'\n")
    with pytest.raises(ConfigError, match=r"serve\.oidc\.issuer.*an https:// address, or nothing"):
        open_newsroom(tmp_path)
