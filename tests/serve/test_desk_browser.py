"""The desk in a real browser: every action by keyboard, all fits, axe has no complaint, and it works without a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from broadsheet.models import Record
from broadsheet.serve.people import COOKIE
from broadsheet.store import decisions, people, shelf
from tests.browsers import chromium
from tests.publish.test_site_browser import LOW_CONTRAST, OUTSIDE, SIZES
from tests.serve.desks import NOW, Desk, desk, loopback
from tests.site import running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("the desk") as opened:
        yield opened


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "paper") as made:
        yield made


@contextmanager
def working(browser: Browser, news: Desk, name: str = "ida", size: str = "desk", **options: Any) -> Iterator[BrowserContext]:
    width, height = SIZES[size]
    with browser.new_context(viewport={"width": width, "height": height}, **options) as context:
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": COOKIE, "value": news.secrets[name], "url": news.home}])
        yield context


class Hand:
    """An editor who has a keyboard and nothing else. What the browser complains of is kept in ``said``."""

    def __init__(self, page: Page, news: Desk) -> None:
        self.page, self.news = page, news
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(f"{news.home}desk/")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def ready(self, key: str) -> None:
        """Press it once the page that was led to is all there, its script too."""
        self.page.wait_for_load_state()
        self.page.evaluate("document.activeElement.blur()")
        self.press(key)

    def begin(self, key: str, action: str) -> None:
        self.press(key)
        self.form(action)

    def form(self, action: str) -> None:
        self.page.wait_for_url(f"**/desk/decide/{action}?*")
        expect(self.page.locator("[autofocus]:focus")).to_have_count(1)  # a slow browser gives it its field after the page

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def send(self, told: str = "Decided.") -> None:
        self.press("Enter")
        expect(self.page.get_by_role("status")).to_contain_text(told)
        self.news.next_edition()

    def on(self, part: str) -> None:
        """Go down to the story whose headline has that part."""
        for _ in range(len(self.page.locator("ol.stories > li").all())):
            self.press("j")
            if part in (self.page.locator(".here h2").text_content() or ""):
                return
        raise AssertionError(f"no story of {part}")


@pytest.fixture
def hand(browser: Browser, news: Desk) -> Iterator[Hand]:
    with working(browser, news) as context:
        found = Hand(context.new_page(), news)
        yield found
        assert found.said == []


def record(news: Desk, part: str = "harbour") -> Record:
    return news.story(part).record


def articles_of(news: Desk, id: str) -> int:
    with news.database.reading() as connection:
        return shelf.by_story(connection, [id])[id].articles


def reason(news: Desk, part: str = "harbour") -> str:
    """Why the last decision of a story was made."""
    with news.database.reading() as connection:
        return decisions.history(connection, [news.story(part).id])[-1].reason


def test_withhold_and_undo_with_one_key(hand: Hand, news: Desk) -> None:
    hand.on("harbour")
    hand.begin("w", "withhold")
    hand.type("an advertisement")
    hand.send()
    assert not record(news).published
    assert reason(news) == "an advertisement"
    hand.press("u")
    expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
    news.next_edition()
    assert record(news).published
    hand.press("u")
    expect(hand.page.get_by_role("status")).to_contain_text("nothing to undo")


def test_pin(hand: Hand, news: Desk) -> None:
    hand.on("harbour")
    hand.begin("p", "pin")
    hand.press("ArrowDown", "Tab")
    hand.type("all day")
    hand.send()
    assert news.story("harbour").rank > 1e6
    with news.database.reading() as connection:
        (pin,) = decisions.history(connection, [news.story("harbour").id])
    assert (pin.reason, pin.value[:16]) == ("all day", "2031-05-15T12:05")
    hand.page.reload()
    assert "harbour" in (hand.page.locator("ol.stories h2").first.text_content() or "")


def test_merge_and_split(hand: Hand, news: Desk) -> None:
    story = news.story("harbour").id
    hand.on("harbour")
    hand.begin("m", "merge")
    while "Dam" not in (hand.page.locator("label:has(input:focus)").text_content() or ""):
        hand.press("ArrowDown")
    hand.press("Space", "Tab")
    hand.type("one flood")
    hand.send()
    assert articles_of(news, story) == 3
    hand.page.goto(f"{news.home}desk/stories/{story}/")
    hand.begin("s", "split")
    while "Council" not in (hand.page.locator("label:has(input:focus)").text_content() or ""):
        hand.press("Tab")
    hand.press("Space")
    hand.send()
    assert articles_of(news, story) == 2
    hand.page.goto(f"{news.home}desk/log/")
    assert hand.page.locator(".logged b").all_text_contents() == ["split", "merge"]
    for _ in range(2):
        hand.press("u")
        expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
        hand.page.goto(f"{news.home}desk/log/")
    assert hand.page.locator(".logged.off").count() == 2


def test_retag(hand: Hand, news: Desk) -> None:
    hand.on("harbour")
    hand.begin("t", "retag")
    hand.press("Space", "Tab", "Tab", "Space", "Tab")  # Sea off, Ferries left, Water on
    hand.type("of the river")
    hand.send()
    assert record(news).topics == ("Water & <dams>",)
    assert reason(news) == "of the river"


def test_rename_from_the_storys_page(hand: Hand, news: Desk) -> None:
    hand.on("harbour")
    hand.press("o")
    hand.page.wait_for_url("**/desk/stories/*/")
    hand.begin("r", "rename")
    hand.type("The old <harbour>")
    hand.press("Tab")
    hand.type("shorter")
    hand.send()
    assert record(news).title == "The old <harbour>"
    hand.page.wait_for_url("**/desk/stories/*/?told=decided")
    expect(hand.page.locator("h1")).to_have_text("The old <harbour>")
    hand.begin("w", "withhold")
    hand.press("Escape")
    hand.page.wait_for_url("**/desk/stories/*/")


@pytest.mark.parametrize(
    ("link", "words", "action"),
    [
        ("Headline", ["Council shuts harbour", "as its page says now"], "headline"),
        ("Outlet", ["The Council Crier", "its name"], "outlet"),
        ("Trust", ["careful"], "trust"),
        ("Distrust", ["careless"], "distrust"),
        ("Mute", ["a shop"], "mute source"),
    ],
)
def test_articles_and_outlets(hand: Hand, news: Desk, link: str, words: list[str], action: str) -> None:
    hand.on("harbour")
    hand.press("o")
    hand.page.wait_for_url("**/desk/stories/*/")
    while not hand.page.evaluate(f"document.activeElement.textContent.trim() === '{link}'"):
        hand.press("Tab")
    hand.press("Enter")
    hand.form(action.replace(" ", "-"))
    for place, text in enumerate(words):
        if place:
            hand.press("Tab")
        hand.type(text)
    hand.send()
    with news.database.reading() as connection:
        last = decisions.latest(connection, "ida")
    assert last is not None
    assert isinstance(last.what, decisions.Decision)
    assert (last.what.action, last.what.reason) == (action, words[-1])
    if len(words) > 1:
        assert last.what.value == words[0]


def test_rules(hand: Hand, news: Desk) -> None:
    hand.page.goto(f"{news.home}desk/rules/")
    hand.page.get_by_label("Word, or several").focus()
    hand.type("horoscope")
    hand.press("Tab")
    hand.type("no news")
    hand.send()
    expect(hand.page.locator(".logged").first).to_contain_text("horoscope by ida")
    hand.press("Escape")
    hand.page.evaluate("document.activeElement.blur()")
    hand.press("u")
    expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
    assert hand.page.locator(".logged").count() == 0


def test_filter_help_and_moving_back(hand: Hand, news: Desk) -> None:
    hand.press("j", "j", "k", "k", "k")
    first = hand.page.locator(".here h2").text_content()
    assert first == hand.page.locator("ol.stories h2").first.text_content()
    hand.press("?")
    dialog = hand.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    hand.press("w", "Escape")
    expect(dialog).to_be_hidden()
    hand.press("/")
    hand.type("council w")
    hand.press("Enter")
    hand.page.wait_for_url("**/desk/?q=council*")
    assert hand.page.locator("ol.stories > li").count() == 0
    expect(hand.page.get_by_text("No story has these words.")).to_be_visible()


def test_topics_are_edited_and_previewed(browser: Browser, news: Desk) -> None:
    with working(browser, news, "otto") as context:
        hand = Hand(context.new_page(), news)
        hand.page.goto(f"{news.home}desk/topics/")
        hand.press("n")
        hand.page.wait_for_url("**/desk/topics/edit")
        hand.page.get_by_label("File").fill("ports.yaml")
        hand.page.get_by_label("The topic, in YAML").fill("name: Ports\nkeywords: [harbour]\n")
        hand.page.get_by_role("button", name="Preview").press("Enter")
        expect(hand.page.get_by_role("heading", name="New to the topic: 1")).to_be_visible()
        hand.page.get_by_role("button", name="Write").press("Enter")
        expect(hand.page.get_by_role("status")).to_contain_text("Written.")
        hand.page.get_by_role("link", name="Ports").press("Enter")
        hand.page.get_by_role("button", name="Remove").press("Enter")
        expect(hand.page.get_by_role("status")).to_contain_text("Written.")
        assert hand.page.get_by_role("link", name="Ports").count() == 0
        hand.ready("u")
        expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
        expect(hand.page.get_by_role("link", name="Ports")).to_be_visible()
        assert hand.said == []


def test_sources_are_looked_at_added_marked_and_removed(browser: Browser, tmp_path: Path) -> None:
    with running() as site, desk(tmp_path / "paper", client=loopback) as news, working(browser, news, "otto") as context:
        hand = Hand(context.new_page(), news)
        hand.page.goto(f"{news.home}desk/sources/")
        hand.page.get_by_label("The address of").focus()
        hand.type(site)
        hand.press("Enter")
        expect(hand.page.get_by_role("heading", name="3 entries, 2 of a topic")).to_be_visible()
        expect(hand.page.get_by_role("button", name="Add this feed")).to_be_focused()
        hand.press("Enter")
        expect(hand.page.get_by_role("status")).to_contain_text("Written.")
        hand.page.get_by_role("link", name=f"Trust: {site}/feed.xml", exact=True).press("Enter")
        hand.form("trust")
        hand.type("its keeper counts gulls")
        hand.send()
        expect(hand.page.locator("li", has_text=site)).to_contain_text("trusted")
        hand.page.get_by_role("button", name=f"Remove {site}/feed.xml").press("Enter")
        expect(hand.page.get_by_role("status")).to_contain_text("Written.")
        assert hand.page.locator("li", has_text=site).count() == 0
        hand.ready("u")
        expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
        expect(hand.page.locator("li", has_text=site)).to_contain_text("trusted")
        assert hand.said == []


def test_a_mute_takes_away_what_is_there_and_undone_gives_it_back(hand: Hand, news: Desk) -> None:
    hand.page.goto(f"{news.home}desk/rules/")
    hand.page.get_by_label("Word, or several").focus()
    hand.type("harbour")
    hand.send()
    assert not record(news).published
    hand.page.goto(f"{news.home}desk/")
    expect(hand.page.locator("li", has_text="harbour")).to_contain_text("muted")
    hand.press("u")
    expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
    news.next_edition()
    assert record(news).published


def test_what_a_mute_kept_out_is_found_and_let_in_again(hand: Hand, news: Desk) -> None:
    news.decide("mute-word", "gale")
    news.paper.comes(["A gale blows over Kelmouth harbour"], 20)
    hand.page.get_by_role("link", name="Articles", exact=True).press("Enter")
    hand.page.wait_for_url("**/desk/incoming/")
    hand.page.get_by_label("Show").select_option("out")
    hand.page.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(hand.page.locator("li.item")).to_have_count(1)
    expect(hand.page.locator("li.item")).to_contain_text("muted by ida")
    hand.ready("u")
    expect(hand.page.get_by_role("status")).to_contain_text("Undone.")
    news.next_edition()
    hand.page.goto(f"{news.home}desk/incoming/?show=out")
    expect(hand.page.get_by_text("None yet.")).to_be_visible()


def test_the_audit_log_is_read_page_by_page_and_by_person(browser: Browser, news: Desk) -> None:
    with news.database.transaction() as connection:
        people.note(connection, *(people.Note(NOW, "rita", "signed in", f"visit {number}") for number in range(130)))
    news.decide("withhold", news.story("harbour").id)
    with working(browser, news, "otto") as context:
        hand = Hand(context.new_page(), news)
        hand.page.get_by_role("link", name="Audit").press("Enter")
        rows = hand.page.locator("tbody tr")
        expect(rows.first).to_contain_text("decided: withhold")
        expect(rows.first).to_contain_text("127.0.0.1")
        expect(rows).to_have_count(100)
        hand.page.get_by_role("link", name="Older").press("Enter")
        expect(rows).to_have_count(31)
        expect(rows.last).to_contain_text("visit 0")
        hand.page.get_by_role("link", name="Newest").press("Enter")
        expect(rows).to_have_count(100)
        hand.ready("/")
        hand.type("ida")
        hand.press("Enter")
        expect(rows).to_have_count(1)
        hand.page.goto(f"{news.home}desk/audit/")
        hand.page.get_by_role("link", name="rita").first.press("Enter")
        expect(rows).to_have_count(100)
        hand.page.get_by_role("link", name="Older").press("Enter")
        expect(rows).to_have_count(30)
        assert hand.said == []
    with working(browser, news, "ida") as context:
        page = context.new_page()
        page.goto(f"{news.home}desk/")
        assert page.get_by_role("link", name="Audit").count() == 0


def test_it_works_by_hand_without_a_script(browser: Browser, news: Desk) -> None:
    with working(browser, news, java_script_enabled=False, has_touch=True, size="phone") as context:
        page = context.new_page()
        page.goto(f"{news.home}desk/")
        page.locator("li", has_text="Council").get_by_role("link", name="Withhold").tap()
        page.get_by_role("button", name="Withhold").tap()
        expect(page.get_by_role("status")).to_contain_text("Decided.")
        news.next_edition()
        assert not record(news).published
        page.get_by_role("button", name="Undo my last").tap()
        expect(page.get_by_role("status")).to_contain_text("Undone.")
        news.next_edition()
        assert record(news).published


def every_page(news: Desk) -> list[str]:
    story = news.story("harbour").id
    actions = ("withhold", "pin", "merge", "split", "retag", "rename")
    pages = [
        "",
        f"stories/{story}/",
        "log/",
        "rules/",
        "health/",
        "topics/",
        "topics/edit?file=1-sea.yaml",
        "sources/",
        "audit/",
        "incoming/",
    ]
    return pages + [f"decide/{action}?of={story}" for action in actions]


@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_and_axe_has_no_complaint(browser: Browser, news: Desk, size: str) -> None:
    news.decide("withhold", news.story("harbour").id)
    news.decide("mute-word", "horoscope")
    with working(browser, news, "otto", size) as context:
        hand = Hand(context.new_page(), news)
        for path in every_page(news):
            hand.page.goto(f"{news.home}desk/{path}")
            width = hand.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert width[0] <= width[1], (path, width)
            assert hand.page.evaluate(OUTSIDE) == [], path
            if size == "desk":
                found = Axe().run(hand.page)
                assert found.violations_count == 0, found.generate_report()
        assert hand.said == []


def test_it_can_be_read_in_the_dark(browser: Browser, news: Desk) -> None:
    news.decide("withhold", news.story("harbour").id)
    with working(browser, news, "otto", color_scheme="dark") as context:
        page = context.new_page()
        for path in every_page(news):
            page.goto(f"{news.home}desk/{path}")
            assert page.evaluate(LOW_CONTRAST) == [], path
