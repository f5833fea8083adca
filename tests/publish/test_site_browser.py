"""The site in a real browser: nothing overflows, nothing moves, both colour schemes, the keyboard, no word of complaint."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from broadsheet.publish.site import Site
from broadsheet.settings import PublishSettings
from tests.browsers import chromium
from tests.publish import sample
from tests.publish.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1280, 800)}
STORIES = ["stories/2031-05-12-story-1/", "stories/2031-05-11-story-8/", "stories/2031-05-10-story-27/"]
LISTS = ["outlets/", "outlets/gazette-example/", "archive/", "archive/2031/05/", "archive/2031/05/12/", "search/?q=ferry"]
PAGES = ["", "topics/tidal-energy/", "topics/transit/", *STORIES, *LISTS, "about/", "404.html"]

# Read by the page itself: how far its contents moved while it loaded (the sum of unexpected layout shifts).
WATCH_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
# Every picture in sight has come and was painted.
SETTLED = """
async () => {
  const inSight = (image) => image.checkVisibility() && image.getBoundingClientRect().top < innerHeight;
  const near = [...document.images].filter(inSight);
  await Promise.all(near.map((image) => image.decode().catch(() => {})));
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}
"""
# What sticks out of the page at its right.
OUTSIDE = """
() => [...document.querySelectorAll("main *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".hidden"))
  .map((element) => element.outerHTML.slice(0, 120))
"""
# The contrast of every text with what is painted behind it, by WCAG 2.2; the texts that fail.
LOW_CONTRAST = """
() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(color).map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (channels(color).length === 3 || channels(color)[3] === 1) return color;
    }
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("script, .hidden, .skip") || !element.offsetParent) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(element.outerHTML.slice(0, 120));
  }
  return low;
}
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that is left while it loads breaks its connections; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def _served(root: Path) -> Iterator[str]:
    with _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def _written(root: Path, site: Site) -> None:
    for path, content in sample.render(site).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host with two papers in subfolders: one that links to pictures, one that shows only its own."""
    root = tmp_path_factory.mktemp("host")
    _written(root / "sound", Site(sample.SETTINGS))
    _written(root / "kept", Site(replace(sample.SETTINGS, publish=PublishSettings())))
    with _served(root) as address:
        yield address


@pytest.fixture(scope="module")
def address(hosted: str) -> str:
    return f"{hosted}sound/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("the site") as opened:
        yield opened


def _answer(route: Route) -> None:
    route.fulfill(body=picture(route.request.url), content_type="image/png")


def _context(browser: Browser, size: str = "desk", **options: Any) -> BrowserContext:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, timezone_id="Asia/Tokyo", **options)
    context.set_default_timeout(20_000)
    context.route("**/*.example/**", _answer)
    return context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with _context(browser) as context:
        yield context.new_page()


@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_stand_still_and_say_nothing(browser: Browser, address: str, size: str) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    with _context(browser, size) as context:
        context.add_init_script(WATCH_SHIFTS)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda request: said.append(request.url))
        for path in PAGES:
            page.goto(address + path, wait_until="networkidle")  # the search fetches its files: to leave before would abort it
            width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert width[0] <= width[1], (path, width)
            assert page.evaluate(OUTSIDE) == [], path
            page.evaluate(SETTLED)
            assert page.evaluate("window.shifts") == 0, path
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_reader_and_can_be_read(browser: Browser, address: str, scheme: str) -> None:
    with _context(browser, color_scheme=scheme) as context:
        page = context.new_page()
        for path in ("", STORIES[0], "about/", "404.html"):
            page.goto(address + path)
            red = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
            assert (int(red) > 128) == (scheme == "light")
            assert page.evaluate(LOW_CONTRAST) == [], path


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def test_j_and_k_move_between_stories(page: Page, address: str) -> None:
    page.goto(address)
    titles = [story.record.title for story in sample.stories()]
    for key, expected in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0), ("Control+j", 0)):
        page.keyboard.press(key)
        assert _focused(page) == titles[expected]
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories/2031-05-12-story-1/")


def test_question_mark_shows_help_and_keys_can_be_turned_off(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    assert dialog.is_visible()
    page.keyboard.press("j")
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("button", name="Keyboard").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('.headline a, .foot button')")


def test_times_are_told_in_the_readers_zone_or_as_an_age(page: Page, address: str) -> None:
    page.clock.set_fixed_time("2031-05-12T09:00:00Z")
    page.goto(address)
    times = page.locator("article time")
    assert times.nth(0).text_content() == "3 hr ago"
    assert times.nth(0).get_attribute("title") == "12 May 2031, 05:40 UTC"
    assert times.last.text_content() == "11 May, 01:13"  # 16:13 UTC on the 10th is the next day in Tokyo


def test_a_timeline_keeps_its_times(page: Page, address: str) -> None:
    page.clock.set_fixed_time("2031-05-12T09:00:00Z")
    page.goto(address + STORIES[0])
    assert page.locator(".coverage time").first.text_content() == "12 May, 14:16"


def test_dates_to_come_and_of_other_years_are_told_whole(page: Page, address: str) -> None:
    page.clock.set_fixed_time("2030-01-01T00:00:00Z")
    page.goto(address)
    assert page.locator("article time").first.text_content() == "12 May 2031, 14:40"


def test_without_a_script_all_is_there(browser: Browser, address: str) -> None:
    with _context(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        assert page.locator("article").count() == len(sample.stories())
        assert page.locator("article time").first.text_content().strip() == "12 May 2031, 05:40 UTC"
        assert page.get_by_role("button").count() == 0


def test_a_picture_that_never_comes_leaves_the_outlets_name(browser: Browser, address: str) -> None:
    with _context(browser) as context:
        context.route("**/pictures.*/**", lambda route: route.abort())
        page = context.new_page()
        page.goto(address)
        frame = page.locator(".lead .frame")
        assert frame.bounding_box()["height"] > 300
        content = page.evaluate("getComputedStyle(document.querySelector('.lead .frame img'), '::before').content")
        assert content.startswith('"Harbour Gazette"')


def test_skip_link_and_focus_can_be_seen(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to the stories"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_on_a_phone_the_section_and_the_search_are_in_sight_and_can_be_touched(browser: Browser, address: str) -> None:
    with _context(browser, "phone") as context:
        page = context.new_page()
        page.goto(f"{address}topics/weather-sea/")
        for name in ("Weather & sea", "Search"):
            box = page.get_by_role("navigation", name="Sections").get_by_role("link", name=name).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= SIZES["phone"][0]
        heights = "[...document.querySelectorAll('.sections a, .foot li > *')].map((link) => link.clientHeight)"
        assert min(page.evaluate(heights)) >= 36


def test_rtl_stories_run_from_the_right(page: Page, address: str) -> None:
    page.goto(address)
    assert page.evaluate("getComputedStyle(document.querySelector('#story-8 .headline')).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('#story-9 .headline')).direction") == "ltr"


def test_print_has_no_navigation_and_black_text(page: Page, address: str) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(address + STORIES[0])
    assert not page.locator(".sections").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


# --- search, outlets, the app --------------------------------------------------------------------------------------------


def _found(page: Page) -> list[str]:
    return page.locator("search .rows h2").all_text_contents()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("gezeitenkraftwerk nordst", "Nordstrand prüft Gezeitenkraftwerk"),
        ("NORDSTRAND PRUFT", "Nordstrand prüft Gezeitenkraftwerk"),
        ("ferry drifts", "Ferry “Maid of Orrin” drifts"),
        ("日誌", "灯台の日誌"),
        ("ميناء", "ميناء فيلماوث"),
        ("kustenkurier nordstrand", "Nordstrand prüft"),
    ],
)
def test_search_finds_words_and_their_beginnings_whatever_their_accents(
    page: Page, address: str, words: str, first: str
) -> None:
    page.goto(f"{address}search/")
    page.locator("#query").fill(words)
    page.locator("search .rows li").first.wait_for()
    assert _found(page)[0].startswith(first)


def test_search_ranks_headlines_first_and_says_when_there_is_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}search/?q=gauge harbour")
    page.get_by_text("No story has all these words.").wait_for()
    page.locator("#query").fill("harbour")
    page.locator("search .rows li").first.wait_for()
    whole = ["harbour" in title.lower().split() for title in _found(page)]
    assert whole == sorted(whole, reverse=True)
    assert len(whole) > 3
    page.locator("#query").fill("erry")  # not the beginning of a word
    page.get_by_text("No story has all these words.").wait_for()
    assert _found(page) == []


def test_search_without_its_files_points_to_the_archive(page: Page, address: str) -> None:
    page.route("**/search/index.json", lambda route: route.abort())
    page.goto(f"{address}search/")
    page.get_by_text("They can be found by their day in the archive.").wait_for()


def test_from_the_front_page_to_a_story_an_outlet_and_a_search_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories/2031-05-12-story-1/")
    page.keyboard.press("j")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/outlets/ledger-example/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories/**")
    page.go_back()
    page.go_back()
    page.go_back()
    page.wait_for_url(address)
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.keyboard.type("dredger")
    page.locator("search .rows li").first.wait_for()
    page.keyboard.press("Enter")
    assert _focused(page).startswith("Dredger")


# The service worker answers for the page.
CONTROLLED = """
() => navigator.serviceWorker.controller
  ? true : new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", () => done(true)))
"""


def test_the_front_page_is_there_without_a_network_after_a_visit(browser: Browser, tmp_path: Path) -> None:
    _written(tmp_path / "paper", Site(replace(sample.SETTINGS, publish=PublishSettings())))
    with _context(browser) as context:
        page = context.new_page()
        with _served(tmp_path) as host:
            home = f"{host}paper/"
            page.goto(home)
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.evaluate(CONTROLLED)
        page.goto(home)  # the host is gone
        assert page.locator(".lead .headline").text_content() == sample.stories()[0].record.title
        assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).display") == "grid"
        page.goto(f"{home}{STORIES[0]}")
        assert page.url == home


def test_nothing_is_asked_of_other_hosts_and_nothing_is_left_behind(browser: Browser, hosted: str) -> None:
    asked: list[str] = []
    with _context(browser) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for path in PAGES:
            page.goto(f"{hosted}kept/{path}", wait_until="networkidle")
        assert [url for url in asked if not url.startswith((hosted, "data:"))] == []
        assert context.cookies() == []
        assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, hosted: str, scheme: str) -> None:
    with _context(browser, color_scheme=scheme) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(f"{hosted}kept/{path}", wait_until="networkidle")
            results = Axe().run(page)
            assert results.violations_count == 0, (path, results.generate_report())


WEIGHT = """
() => {
  const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const own = loaded.filter((entry) => entry.name.startsWith(location.origin));
  return [own.length, own.reduce((sum, entry) => sum + entry.decodedBodySize, 0)];
}
"""


@pytest.mark.parametrize(("path", "kilobytes"), [("", 150), (STORIES[0], 70), ("outlets/", 60), ("search/", 60)])
def test_pages_are_light(browser: Browser, hosted: str, path: str, kilobytes: int) -> None:
    """Uncompressed, all that the host sends for a page; the pictures of outlets come on top where they are linked."""
    with _context(browser, service_workers="block") as context:
        page = context.new_page()
        page.goto(f"{hosted}kept/{path}", wait_until="networkidle")
        requests, size = page.evaluate(WEIGHT)
        assert requests <= 8
        assert size <= kilobytes * 1000, size
