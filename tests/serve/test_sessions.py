"""Signing in and out, the account page, its tokens: asked of a real server as a browser does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadsheet.serve import passwords
from broadsheet.serve.people import COOKIE, by_session, change_role
from broadsheet.serve.sessions import target
from tests.serve.staff import CHEAP, PASSWORD, Staff, staffed


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_nobodys", lambda: CHEAP)


@pytest.fixture
def staff(store_url: str, tmp_path: Path) -> Iterator[Staff]:
    with staffed(tmp_path / "paper", store_url) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Staff]:
    with staffed(tmp_path / "paper") as made:
        yield made


def test_signing_in_and_out(staff: Staff) -> None:
    page = staff.ask("GET", "/account/")
    assert (page.status, page.goes_to) == (303, "/account/sign-in?next=/account/")
    answer = staff.sign_in("Edda ", next="/desk/health/")
    assert (answer.status, answer.goes_to) == (303, "/desk/health/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert f"max-age={7 * 86400}" in cookie
    signed = f"{COOKIE}={answer.cookies[COOKIE]}"
    home = staff.ask("GET", "/account/", Cookie=signed)
    assert "edda, editor" in home.text
    csrf = re.search(r'name="csrf" value="(\w+)"', home.text)
    assert csrf
    out = staff.ask("POST", "/account/sign-out", {"csrf": csrf[1]}, Cookie=signed)
    assert (out.status, out.goes_to) == (303, "/account/sign-in")
    assert out.cookies[COOKIE] == ""
    assert staff.ask("GET", "/account/", Cookie=signed).asks_to_sign_in
    lines = [(note.at, note.who, note.action, note.address) for note in staff.log() if note.who == "edda"]
    assert lines == [(staff.clock.at, "edda", "signed in", "127.0.0.1"), (staff.clock.at, "edda", "signed out", "127.0.0.1")]


def test_readers_are_led_to_their_account(small: Staff) -> None:
    assert small.sign_in("rosa", next="/desk/").goes_to == "/account/"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("edda", "wrong"),
        ("edda", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("ed\0da", PASSWORD),
        ("<script>", "\0"),
        ("x" * 500, "y"),
    ],
)
def test_a_wrong_password_says_only_that(staff: Staff, name: str, password: str) -> None:
    answer = staff.sign_in(name, password)
    assert answer.status == 401
    assert "Name or password is wrong." in answer.text
    assert answer.cookies == {}
    assert "<script>" not in answer.text
    assert [note.action for note in staff.log()][-1] == "sign-in refused"


def test_guessing_is_slowed_and_told_apart_by_nothing(small: Staff) -> None:
    for name in ("edda", "nobody"):
        said = [small.sign_in(name, f"guess number {count}").status for count in range(7)]
        assert said == [401] * 5 + [429] * 2, name
    assert small.sign_in("edda").status == 429  # the right one too, or the lock would tell which it is
    assert small.sign_in("olga").status == 303


def test_many_guesses_at_once_are_no_more_than_many_in_a_row(small: Staff) -> None:
    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(lambda count: small.sign_in("edda", f"guess number {count}").status, range(12)))
    assert sorted(said) == [401] * 5 + [429] * 7


def test_an_address_cannot_try_all_names(small: Staff) -> None:
    said = [small.sign_in(f"name-{count}", "guess").status for count in range(22)]
    assert said == [401] * 20 + [429] * 2


def test_right_passwords_are_not_counted(small: Staff) -> None:
    assert {small.sign_in("edda").status for _ in range(7)} == {303}


def test_the_limits_are_the_newsroom_s(tmp_path: Path) -> None:
    with staffed(tmp_path / "paper", settings="[serve]\nfailed_sign_ins = 1\nsession_days = 0.5\n") as staff:
        assert [staff.sign_in("edda", "guess").status for _ in range(2)] == [401, 429]
        answer = staff.sign_in("olga")
        assert "max-age=43200" in answer.headers["set-cookie"].lower()
        signed = f"{COOKIE}={answer.cookies[COOKIE]}"
        staff.turn(hours=11)
        assert staff.ask("GET", "/account/", Cookie=signed).status == 200
        staff.turn(hours=1)
        assert staff.ask("GET", "/account/", Cookie=signed).asks_to_sign_in


def test_a_session_that_was_there_before_is_not_taken_on(staff: Staff) -> None:
    """Session fixation: what somebody put into the browser is worth nothing after signing in."""
    planted = staff.session("reader")
    answer = staff.ask("POST", "/account/sign-in", {"name": "olga", "password": PASSWORD}, Cookie=planted.cookie)
    fresh = answer.cookies[COOKIE]
    assert fresh != planted.secret
    with staff.office.database.reading() as connection:
        assert by_session(connection, planted.secret, staff.clock()) is None
        found = by_session(connection, fresh, staff.clock())
    assert found is not None
    assert found.name == "olga"
    invented = staff.ask("POST", "/account/sign-in", {"name": "olga", "password": PASSWORD}, Cookie=f"{COOKIE}=invented")
    assert invented.cookies[COOKIE] != "invented"


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/desk//evil.example",
        "/desk/../..//evil.example",
        "/desk/..",
        "javascript:alert(1)",
        "/account/\r\nSet-Cookie: a=b",
        "/desk/\t/evil.example",
        "http:evil.example",
        "/deskevil/",
        "/",
        "",
        "/desk/?next=//evil.example",
        "/desk/@evil.example",
        "/desk/\u2028",
        "/desk/\uff0f\uff0fevil.example",
    ],
)
def test_signing_in_leads_nowhere_else(asked: str) -> None:
    assert target(asked) == "/desk/"


def test_the_way_back_is_asked_of_the_server_too(small: Staff) -> None:
    assert small.sign_in("olga", next="https://evil.example/").goes_to == "/desk/"
    page = small.ask("GET", "/account/sign-in?next=https://evil.example/").text
    assert "evil.example" not in page
    assert 'name="next" value="/account/"' in small.ask("GET", "/account/sign-in?next=/account/").text


def test_tokens_are_made_shown_once_and_removed(staff: Staff) -> None:
    session = staff.session("editor")
    form = {"label": "<b>my</b> script", "scope-read": "1", "scope-admin": "1", "days": "30"}
    made = staff.post("/account/tokens", session, **form)
    token = re.search(r"<code>(bs_[\w-]+)</code>", made.text)
    assert made.status == 200
    assert token
    assert "&lt;b&gt;my&lt;/b&gt; script" in made.text
    asked = staff.ask("GET", "/account/", Authorization=f"Bearer {token[1]}")
    assert asked.status == 200
    assert token[1] not in asked.text
    assert staff.ask("POST", "/account/tokens", {"scope-read": "1"}, Authorization=f"Bearer {token[1]}").status == 400
    shown = staff.ask("GET", "/account/", Cookie=session.cookie).text
    assert "last used 2031-05-12" in shown
    id = re.search(r'name="id" value="(\w+)"', shown)
    assert id
    assert staff.post("/account/tokens/remove", staff.session("reader"), id=id[1]).status == 400  # not theirs
    assert staff.post("/account/tokens/remove", session, id=id[1]).goes_to == "/account/?told=token"
    assert staff.ask("GET", "/account/", Authorization=f"Bearer {token[1]}").status == 401
    assert [note.action for note in staff.log()][-2:] == ["token made", "token removed"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "a token needs a scope"),
        ({"scope-admin": "1"}, "a token needs a scope"),
        ({"scope-read": "1", "days": "0"}, "is no number from 1 to 3650"),
        ({"scope-read": "1", "days": "9999"}, "is no number from 1 to 3650"),
        ({"scope-read": "1", "days": "\u0663"}, "is no number from 1 to 3650"),
        ({"scope-read": "1", "days": "9" * 5000}, "is no number from 1 to 3650"),
        ({"scope-read": "1", "days": "<b>"}, "is no number from 1 to 3650"),
    ],
)
def test_a_token_that_cannot_be(small: Staff, form: dict[str, str], words: str) -> None:
    answer = small.post("/account/tokens", small.session("editor"), **form)
    assert answer.status == 400
    assert words in answer.text
    assert "<b>" not in answer.text


def test_a_token_is_removed_with_a_nonsense_id(small: Staff) -> None:
    for id in ("", "%", "' OR 1=1 --", "f" * 12, "\0"):
        assert small.post("/account/tokens/remove", small.session(), id=id).status == 400


def test_a_password_is_changed_with_the_old_one(staff: Staff) -> None:
    session, other = staff.session("editor"), staff.session("editor")
    assert staff.post("/account/password", session, old="wrong", new="another good password").status == 400
    assert staff.post("/account/password", session, old=PASSWORD, new="short").status == 400
    answer = staff.post("/account/password", session, old=PASSWORD, new="another good password")
    assert answer.goes_to == "/account/sign-in?told=password"
    for ended in (session, other):
        assert staff.ask("GET", "/account/", Cookie=ended.cookie).asks_to_sign_in
    assert staff.sign_in("edda").status == 401
    assert staff.sign_in("edda", "another good password").status == 303
    [line] = [note for note in staff.log() if note.action == "password changed"]
    assert (line.who, line.address) == ("edda", "127.0.0.1")


def test_the_old_password_cannot_be_guessed_with_a_stolen_session(small: Staff) -> None:
    session = small.session("editor")
    said = [small.post("/account/password", session, old=f"guess {n}", new="another good password").status for n in range(6)]
    assert said == [400] * 5 + [429]


def test_a_role_that_is_taken_away_is_gone_at_once(small: Staff) -> None:
    session = small.session("owner")
    with small.office.database.transaction() as connection:
        change_role(connection, "olga", "reader", small.clock(), by="test")
    assert "olga, reader" in small.ask("GET", "/account/", Cookie=session.cookie).text
    answer = small.post("/account/tokens", session, **{"scope-admin": "1"})
    assert "a token needs a scope" in answer.text


@pytest.mark.parametrize("told", ["<script>alert(1)</script>", "nothing-known", "password&told=token"])
def test_a_page_says_only_its_own_words(small: Staff, told: str) -> None:
    page = small.ask("GET", f"/account/sign-in?told={told}").text.replace(" ", "")
    assert "alert" not in page
    assert "nothing-known" not in page


def test_by_https_the_cookie_is_this_host_s_alone(small: Staff) -> None:
    """As a web server before ours says it: X-Forwarded-Proto."""
    answer = small.ask("POST", "/account/sign-in", {"name": "olga", "password": PASSWORD}, X_Forwarded_Proto="https")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert "secure" in cookie.lower()
    assert "domain" not in cookie.lower()
    assert "max-age=" in answer.headers["strict-transport-security"]
    secret = answer.cookies[f"__Host-{COOKIE}"]
    https = {"X_Forwarded_Proto": "https"}
    assert small.ask("GET", "/account/", Cookie=f"__Host-{COOKIE}={secret}", **https).status == 200
    assert small.ask("GET", "/account/", Cookie=f"{COOKIE}={secret}", **https).asks_to_sign_in
