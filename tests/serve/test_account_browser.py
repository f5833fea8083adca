"""Signing in and the account page in a real browser: by keyboard, in every size and colour, without a word of complaint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from broadsheet.serve.people import new_token
from tests.browsers import chromium
from tests.publish.test_site_browser import LOW_CONTRAST, OUTSIDE, SIZES
from tests.serve.readers import START
from tests.serve.staff import PASSWORD, Staff, staffed

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("the account page") as opened:
        yield opened


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with staffed(tmp_path / "paper") as made:
        yield made


class Seat:
    """A page, and all that the browser had to say."""

    def __init__(self, browser: Browser, home: str, size: str = "desk", **options: Any) -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(base_url=home, viewport={"width": width, "height": height}, **options)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))

    def __enter__(self) -> Seat:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def sign_in(self, staff: Staff) -> Page:
        session = staff.session("owner")
        self.context.add_cookies([{"name": "broadsheet_session", "value": session.secret, "url": staff.home}])
        return self.page


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def test_all_is_done_by_keyboard(browser: Browser, staff: Staff) -> None:
    """Sign in, make a token, remove it, change the password, sign in with it, sign out."""
    with Seat(browser, staff.home) as seat:
        page = seat.page
        page.goto("/account/")
        page.locator("input[autofocus]:focus").wait_for()  # the name has the focus already
        page.keyboard.type("olga")
        keys(page, "Tab")
        page.keyboard.type(PASSWORD)
        keys(page, "Enter")
        page.get_by_role("heading", name="olga, owner").wait_for()
        page.get_by_label("What it is for").focus()
        page.keyboard.type("phone")
        keys(page, "Tab", "Space", "Space", "Enter")
        page.locator(".fresh code").wait_for()
        assert re.fullmatch(r"bs_[\w-]{43}", page.locator(".fresh code").inner_text())
        page.get_by_role("button", name="Remove the token phone").focus()
        keys(page, "Enter")
        page.get_by_text("The token is removed.").wait_for()
        page.get_by_label("The old one").focus()
        page.keyboard.type(PASSWORD)
        keys(page, "Tab")
        page.keyboard.type("another good password")
        keys(page, "Enter")
        page.get_by_text("The password is changed. Sign in with it.").wait_for()
        page.keyboard.type("olga")
        keys(page, "Tab")
        page.keyboard.type("wrong")
        keys(page, "Enter")
        page.get_by_role("alert").wait_for()
        assert page.get_by_label("Name").input_value() == "olga"
        page.get_by_label("Password").focus()
        page.keyboard.type("another good password")
        keys(page, "Enter")
        page.wait_for_url("**/desk/")
        page.goto("/account/")
        page.get_by_role("button", name="Sign out").focus()
        keys(page, "Enter")
        page.get_by_role("heading", name="Sign in").wait_for()
    assert [line for line in seat.said if "401" not in line and "404" not in line] == []  # refusals that we asked for


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_and_can_be_read(browser: Browser, staff: Staff, size: str, scheme: str) -> None:
    with staff.office.database.transaction() as connection:
        for label in ("phone", "a script with a rather long name that has no place " * 2, "x" * 80):
            new_token(connection, "olga", ["read", "hooks"], label[:80], START, 30)
    with Seat(browser, staff.home, size, color_scheme=scheme) as seat:
        seat.page.goto("/account/sign-in?told=password")
        pages = ["/account/sign-in?told=password", "/account/"]
        for path in pages:
            page = seat.sign_in(staff)
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
            assert page.evaluate(OUTSIDE) == [], path
            assert page.evaluate(LOW_CONTRAST) == [], path
            red = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
            assert (int(red) > 128) == (scheme == "light")
            assert Axe().run(page).response["violations"] == [], path
    assert seat.said == []


def test_what_came_from_elsewhere_runs_nothing(browser: Browser, staff: Staff) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    with staff.office.database.transaction() as connection:
        new_token(connection, "olga", ["read"], evil, START)
    with Seat(browser, staff.home) as seat:
        page = seat.sign_in(staff)
        page.goto("/account/")
        assert evil in page.locator(".tokens").inner_text()
        assert page.evaluate("document.images.length") == 0
    assert seat.said == []


def test_the_policy_of_the_pages_stops_what_would_run_all_the_same(browser: Browser, staff: Staff) -> None:
    with Seat(browser, staff.home) as seat:
        page = seat.sign_in(staff)
        page.goto("/account/")
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }""")
        assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in seat.said)
