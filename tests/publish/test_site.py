"""Every page of the site, by parsing it: structure, links, hostile texts, determinism, a newsroom's own templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
import msgspec
import pytest

from broadsheet.errors import PublishError
from broadsheet.models import (
    Image,
    Part,
    Provider,
    PublishedStory,
    Record,
    RelatedRecord,
    Score,
    SourceState,
    Summary,
    Topic,
    TopicMatch,
)
from broadsheet.publish.site import Site
from broadsheet.settings import Settings
from tests.publish import sample

SITE = Site(sample.SETTINGS)
FILES = sample.render(SITE)
PAGES = sorted(path for path in FILES if path.endswith(".html"))
# What the publish room writes beside the site's pages.
NEIGHBOURS = ("feed.xml", "atom.xml", "feed.json", ".json")
Element = lxml.html.HtmlElement


def parse(content: bytes) -> Element:
    return lxml.html.document_fromstring(content.decode())


@pytest.fixture(params=PAGES)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(path: str) -> Element:
    return parse(FILES[path])


# --- every page ----------------------------------------------------------------------------------------------------------


def test_sample_is_a_whole_paper() -> None:
    days = {story.record.path[6:16] for story in sample.stories()}
    lists = len(sample.TOPICS) + len(sample.outlets(sample.stories())) + len(days)
    assert len(PAGES) == 7 + lists + len(sample.stories())
    assert len(sample.stories()) >= 25


def test_landmarks_headings_and_skip_link(page: Element) -> None:
    for name in ("h1", "main", "body/header", "body/footer"):
        assert len(page.findall(f".//{name}" if "/" not in name else name)) == 1
    assert page.xpath("//body/*[1]/@href") == ["#main"]
    assert page.xpath("//main/@id") == ["main"]
    assert page.xpath("//nav[not(@aria-label)]") == []
    levels = [int(heading.tag[1]) for heading in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_references_lead_somewhere(page: Element) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)
    assert {link[1:] for link in page.xpath("//@href[starts-with(., '#')]")} <= set(ids)


def test_head_says_what_the_page_is(page: Element, path: str) -> None:
    assert FILES[path].startswith(b"<!doctype html>\n")
    assert page.get("lang") == "en-GB"
    assert page.findtext("head/title")
    assert page.xpath("//meta[@name='description']/@content")[0]
    if path == "404.html":
        assert page.xpath("//link[@rel='canonical']") == []
        return
    canonical = sample.SETTINGS.newsroom.url + path.removesuffix("index.html")
    assert page.xpath("//link[@rel='canonical']/@href") == [canonical]
    assert page.xpath("//meta[@property='og:url']/@content") == [canonical]
    kinds = page.xpath("//link[@rel='alternate']/@type")
    assert kinds == ["application/rss+xml", "application/atom+xml", "application/feed+json"]


def test_nothing_inline_and_nothing_of_other_hosts_but_pictures(page: Element) -> None:
    assert page.xpath("//style | //@style | //iframe | //object | //embed | //form | //base") == []
    assert page.xpath("//@*[starts-with(name(), 'on')]") == []
    for script in page.iter("script"):
        assert script.get("type") == "application/ld+json" or (script.get("src") and not script.text)
    loaded = page.xpath("//script/@src | //link[@rel='stylesheet' or @rel='icon']/@href")
    assert [address for address in loaded if urlsplit(address).netloc] == []
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_pictures_have_their_room_and_ask_quietly(page: Element) -> None:
    pictures = page.findall(".//img")
    for picture in pictures:
        assert picture.get("alt") is not None
        assert int(picture.get("width")) > 0
        assert int(picture.get("height")) > 0
        assert picture.get("referrerpolicy") == "no-referrer"
        assert picture.get("loading") == "lazy" or picture.get("fetchpriority") == "high"
    assert sum(picture.get("loading") != "lazy" for picture in pictures) <= 1


def test_tables_have_headers(page: Element) -> None:
    for table in page.iter("table"):
        assert table.findall("thead/tr/th[@scope='col']")
        rows = table.findall("tbody/tr") if table.get("class") != "calendar" else []  # its days are told by their columns alone
        assert all(row.find("th").get("scope") == "row" for row in rows)
        assert table.find("caption") is not None or table.getparent().get("aria-labelledby")


def test_times_are_absolute_without_a_script(page: Element) -> None:
    for time in page.iter("time"):
        at = datetime.fromisoformat(time.get("datetime"))
        assert at.tzinfo == UTC
        assert time.text.strip() == f"{at.day} {at:%b} {at.year}, {at:%H:%M} UTC"


def test_structured_data_is_json_about_this_address(page: Element, path: str) -> None:
    blocks = [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]
    assert len(blocks) == (path != "404.html")
    for block in blocks:
        assert block["@context"] == "https://schema.org"
        assert block["isPartOf"]["url"] == sample.SETTINGS.newsroom.url


def _links(page: Element) -> Iterator[str]:
    for address in page.xpath("//@href | //@src"):
        if not address.startswith("#"):
            yield address


@pytest.mark.parametrize(
    "base", ["https://paper.example/sound/", "http://127.0.0.1:9/some/where/else/", "file:///home/me/public/"]
)
def test_every_link_inside_resolves_from_any_folder(page: Element, path: str, base: str) -> None:
    if path == "404.html":
        base = sample.SETTINGS.newsroom.url  # a host shows it at any depth, so it knows the newsroom's own address alone
    here = urljoin(base, path.removesuffix("index.html"))
    for link in _links(page):
        target = urljoin(here, link).partition("#")[0].partition("?")[0]
        if not target.startswith(base):
            assert link.startswith(("https://", "http://")), link
            continue
        name = unquote(target.removeprefix(base))
        assert name.endswith(NEIGHBOURS) or (name + "index.html" if name.endswith("/") or not name else name) in FILES, link


def test_not_found_page_works_at_any_depth() -> None:
    page = parse(SITE.not_found())
    assert page.xpath("//link[@rel='stylesheet']/@href")[0].startswith("/sound/static/site.css")
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]


# --- the front page and topics -------------------------------------------------------------------------------------------


def _titles(page: Element) -> list[str]:
    return [heading.text_content() for heading in page.xpath("//article//*[contains(@class, 'headline')]")]


def test_what_a_model_wrote_is_marked_and_cites() -> None:
    story = next(story for story in sample.stories() if story.record.related and story.record.related[0].web_url)
    sources = (story.record.related[0].web_url, "https://gone.example/x")
    wrote = Summary(text="Two boats <sank>.", headline="Two boats sink", sources=sources, model="gull-7b")
    (box,) = parse(SITE.story(msgspec.structs.replace(story, summary=wrote))).find_class("summary")
    assert "Two boats <sank>." in box.text_content()
    assert "Written by a language model, gull-7b" in box.text_content()
    assert [link.text for link in box.iter("a")] == [story.record.related[0].provider.name, "gone.example"]
    assert parse(SITE.story(story)).find_class("summary") == []


def test_front_page_is_in_order_of_rank() -> None:
    page = parse(FILES["index.html"])
    stories = sample.stories()
    assert _titles(page) == [story.record.title for story in stories]
    ranks = [rank.text_content() for rank in page.xpath("//span[@class='rank']")]
    assert ranks == [f"Rank {place}" for place in range(1, len(stories) + 1)]


def test_front_page_says_heat_outlets_topic_and_time() -> None:
    first = parse(FILES["index.html"]).xpath("//article")[0]
    words = " ".join(first.text_content().split())
    for expected in ("Heat 148", "7 outlets", "Tidal energy", "Harbour Gazette", "12 May 2031, 05:40 UTC"):
        assert expected in words
    assert first.xpath(".//p[@class='byline']//a/@href") == ["https://gazette.example/2031/05/1"]


def test_front_page_carries_the_date_of_its_newest_story_and_the_topics_with_counts() -> None:
    page = parse(FILES["index.html"])
    assert "Monday, 12 May 2031" in " ".join(page.xpath("//p[@class='ear']")[0].text_content().split())
    counts = {
        item.find("a").text: item.xpath(".//*[@aria-hidden]/text()") for item in page.xpath("//section[@class='index']//li")
    }
    assert counts["Ferries"] == ["4"]
    assert list(counts) == [topic.name for topic in sample.TOPICS]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 7, 8, 9])
def test_front_page_of_few_stories(number: int) -> None:
    page = parse(SITE.front(sample.stories()[:number], {}))
    assert len(page.xpath("//article")) == number
    assert ("No stories yet" in page.text_content()) == (number == 0)
    assert page.xpath("//section[@class='index']") == []


def test_item_list_names_the_stories_in_order() -> None:
    block = json.loads(parse(FILES["index.html"]).xpath("//script[@type='application/ld+json']/text()")[0])
    items = block["mainEntity"]["itemListElement"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert items[0]["url"] == "https://paper.example/sound/stories/2031-05-12-story-1/"


@pytest.mark.parametrize("story", sample.stories(), ids=lambda story: story.id)
def test_language_and_direction_of_each_story(story: PublishedStory) -> None:
    page = parse(SITE.story(story))
    (headline,) = page.iter("h1")
    assert headline.get("lang") == story.language
    assert headline.get("dir") == ("rtl" if story.language in ("ar", "he") else "ltr")


def test_topic_page_names_parent_description_and_feeds() -> None:
    page = parse(FILES["topics/ferries/index.html"])
    words = " ".join(page.find(".//main/header").text_content().split())
    assert words == "Part of Harbours Ferries Boats that leave on time, and the others. RSS Atom JSON Feed"
    assert page.xpath("//main/header//ul//@href") == [f"../../topics/ferries/{name}" for name in NEIGHBOURS[:3]]
    assert page.xpath("//nav//*[@aria-current]/text()") == ["Ferries"]


def test_topic_without_stories() -> None:
    assert b"No stories yet" in SITE.topic(Topic(name="Gulls", slug="gulls"), [])


# --- a story -------------------------------------------------------------------------------------------------------------


def _story(place: int) -> Element:
    return parse(SITE.story(sample.stories()[place]))


def test_story_leads_to_the_article_itself() -> None:
    page = _story(0)
    assert page.xpath("//h1/a/@href") == ["https://gazette.example/2031/05/1"]
    assert page.xpath("//p[@class='go']/a/@href") == ["https://gazette.example/2031/05/1"]
    assert page.xpath("//div[@class='body']//figcaption/text()") == [
        "The rotor on its barge in Ardvane yard. Photograph: Ilse Marrable"
    ]


def test_story_tells_who_reported_when() -> None:
    reports = _story(0).xpath("//section[@class='coverage']//li")
    outlets = [report.xpath(".//p[@class='outlet']")[0].text_content().strip() for report in reports]
    assert outlets[:3] == ["The Tidal Ledger", "Harbour Gazette", "Skerrow Courier"]
    assert [report.xpath(".//span[@class='tag']/text()") for report in reports[:3]] == [["First"], ["Lead"], []]
    assert reports[1].xpath(".//span[@class='lag']/text()") == ["+24 min"]
    assert reports[6].xpath(".//span[@class='lag']/text()") == ["+5 h 9 min"]
    times = [report.xpath(".//time/@datetime")[0] for report in reports]
    assert times == sorted(times)


def test_story_says_why_it_ranks_so() -> None:
    page = _story(0)
    heat = [" ".join(row.text_content().split()) for row in page.xpath("//table[@id='heat']//tr")]
    assert heat[:2] == ["SignalPoints", "qualityof the lead+88"]
    assert heat[-1] == "Total148"
    assert "spamone phrase of an advertisement−3.5" in [
        " ".join(row.text_content().split()) for row in page.xpath("//table[@id='quality']//tr")
    ]
    assert [cell.text for cell in page.xpath("//table[@id='topics']//td")] == ["92 %"]
    assert page.xpath("//p[@class='data']/a/@href") == ["../../api/stories/2031-05-12-story-1.json"]


def test_video_is_a_link_and_never_a_frame() -> None:
    page = _story(11)
    assert page.xpath("//p[@class='go']/a")[0].text_content() == "Watch on YouTube"
    assert page.xpath("//figure/a/@href") == ["https://www.youtube.com/watch?v=ab_C-9"]
    assert page.xpath("//figure//img/@alt") == ["Watch on YouTube"]
    block = json.loads(page.xpath("//script[@type='application/ld+json']/text()")[0])
    assert block["mainEntity"]["@type"] == "VideoObject"
    assert block["mainEntity"]["uploadDate"]


def test_story_schema_credits_the_outlet() -> None:
    lead = json.loads(_story(0).xpath("//script[@type='application/ld+json']/text()")[0])["mainEntity"]
    assert lead["@type"] == "NewsArticle"
    assert lead["url"] == "https://gazette.example/2031/05/1"
    assert lead["publisher"] == {"@type": "Organization", "name": "Harbour Gazette", "url": "https://gazette.example/"}
    assert lead["datePublished"] == "2031-05-12T05:40:00Z"


@pytest.mark.parametrize("fields", [{}, {"published": True}, {"heat": -1, "quality": 12}, {"title": ""}])
def test_story_that_lacks_nearly_everything(fields: dict[str, object]) -> None:
    record = Record(**{"path": "_news/2031-05-12-bare.md", "title": "Bare", **fields})
    story = PublishedStory(id="bare", record=record)
    page = parse(SITE.story(story))
    assert ("No longer in the news" in page.text_content()) == (record.heat == -1)
    assert len(parse(SITE.front([story], {})).xpath("//article")) == 1


# --- about ---------------------------------------------------------------------------------------------------------------


def test_about_lists_sources_with_their_health() -> None:
    rows = [
        (row.find("th").text_content(), row.find("td").text_content().strip())
        for row in parse(FILES["about/index.html"]).xpath("//table[@class='sources']/tbody/tr")
    ]
    assert rows[0] == ("Harbour Gazette", "Healthy")
    assert rows[1] == ("Skerrow Courier", "the host did not answer")
    assert rows[4] == ("Old Pier News", "Closed by its publisher")
    assert b"secret" not in FILES["about/index.html"]
    assert b"/home/editor" not in FILES["about/index.html"]


def test_about_does_not_change_when_a_source_is_merely_asked_again() -> None:
    again = [msgspec.structs.replace(s, polled_at=sample.START, interval=900, etag="x") for s in sample.sources()]
    assert SITE.about(again) == SITE.about(sample.sources())
    assert b"no sources yet" in SITE.about([])


# --- hostile texts -------------------------------------------------------------------------------------------------------

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}{% raw %}]]>--></title>\u202e\u2028\ud800"
BAD_URLS = [
    "javascript:alert(1)",
    'https://a.example/"onmouseover="alert(1)',
    "data:text/html,x",
    "//evil.example",
    "vbscript:x",
]


def _evil_story(url: str) -> PublishedStory:
    outlet = Provider(name=EVIL, domain=EVIL, images=(Image(url=url, title=EVIL),))
    report = RelatedRecord(title=EVIL, excerpt=EVIL, provider=outlet, web_url=url, images=(Image(url=url),))
    record = Record(
        path="_news/2031-05-12-evil.md",
        title=EVIL,
        excerpt=EVIL,
        provider=outlet,
        published_at=sample.START,
        web_url=url,
        original_url=url,
        type="video",
        featured_content=f'<iframe src="{url}" onload="alert(3)"></iframe><script>alert(4)</script>',
        topics=(EVIL, "Ferries"),
        images=(Image(url=url, title=EVIL, width=800, height=600),),
        related=(report,),
        heat=50,
        quality=50,
    )
    why = Score(value=50, parts=(Part(name=EVIL, points=1.0, reason=EVIL),))
    topics = (TopicMatch(topic=EVIL, relevance=0.5, reason=EVIL),)
    return PublishedStory(id="evil", record=record, language=EVIL, why_heat=why, why_quality=why, why_topics=topics)


@pytest.mark.parametrize("url", BAD_URLS)
def test_hostile_texts_stay_texts(url: str) -> None:
    story, topic = _evil_story(url), Topic(name=EVIL, slug="../" + EVIL.encode("utf-8", "ignore").decode(), description=EVIL)
    settings = msgspec.structs.replace(sample.SETTINGS, topics=(*sample.TOPICS, topic))
    site = Site(settings)
    source = SourceState(url=url, title=EVIL, problem=EVIL)
    pages = [site.front([story], {EVIL: 1}), site.story(story), site.topic(topic, [story]), site.about([source])]
    for page in map(parse, pages):
        sources = page.xpath("//script/@src")
        assert len(sources) == 1
        assert len(page.xpath("//script")) == 2
        assert {image.get("src") for image in page.iter("img")} <= {url}
        assert page.xpath("//@*[starts-with(name(), 'on')]") == []
        addresses = page.xpath("//@href | //@src")
        assert [a for a in addresses if urlsplit(a).scheme not in ("", "http", "https")] == []
        assert [a for a in addresses if a.startswith("//") or "/../" in a.lstrip("./")] == []
        assert "alert(1)" in page.text_content()
        json.loads(page.xpath("//script[@type='application/ld+json']/text()")[0])


# --- determinism ---------------------------------------------------------------------------------------------------------


def test_same_stories_give_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from tests.publish import sample; from broadsheet.publish.site import Site;"
        "files = sample.render(Site(sample.SETTINGS)); digest = hashlib.sha256();"
        "[digest.update(path.encode() + files[path]) for path in sorted(files)]; print(digest.hexdigest())"
    )
    root = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(digests) == 1


# --- a newsroom's own templates ------------------------------------------------------------------------------------------


def _newsroom(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_template_of_the_newsroom_takes_the_place_of_ours(tmp_path: Path) -> None:
    theirs = {
        "templates/404.html": '{% extends "base.html" %}{% block main %}<h1>Gone fishing</h1>{% endblock %}',
        "templates/base.html": '{% extends "broadsheet/base.html" %}{% block policy %}{% endblock %}',
    }
    site = Site(sample.SETTINGS, _newsroom(tmp_path, theirs))
    assert b"<h1>Gone fishing</h1>" in site.not_found()
    assert b"Content-Security-Policy" not in site.not_found()
    assert b'<header class="masthead">' in site.not_found()


def test_the_navigation_marks_the_page_that_is_shown() -> None:
    site, topic = Site(sample.SETTINGS), sample.TOPICS[0]
    stories = sample.stories()
    shown = {
        "Front page": site.front(stories, {}),
        topic.name: site.topic(topic, stories),
        "Search": site.search(),
        "About": site.about([]),
        "Archive": site.archive({}),
        "Outlets": site.outlets([]),
        "": site.story(stories[0]),
    }
    for name, content in shown.items():
        marked = {link.text_content() for link in parse(content).xpath("//nav//a[@aria-current='page']")}
        assert marked == ({name} if name else set())


def test_what_is_made_once_follows_its_values_and_the_pages_depth() -> None:
    site, stories = Site(sample.SETTINGS), sample.stories()
    first = [site.story(story) for story in stories]
    site.front(stories, {})
    site.not_found()
    assert [site.story(story) for story in stories] == first == [Site(sample.SETTINGS).story(story) for story in stories]


def test_words_can_be_translated_in_one_file(tmp_path: Path) -> None:
    ours = (Path(sample.__file__).parents[2] / "src/broadsheet/publish/templates/words.html").read_text(encoding="utf-8")
    theirs = ours.replace('lang = "en-GB"', 'lang = "nl"').replace('"May"', '"mei"').replace('"Heat"', '"Hitte"')
    page = parse(Site(sample.SETTINGS, _newsroom(tmp_path, {"templates/words.html": theirs})).front(sample.stories(), {}))
    assert page.get("lang") == "nl"
    assert "12 mei 2031, 05:40 UTC" in page.text_content()
    assert "Hitte 148" in page.text_content()


def test_static_files_of_the_newsroom_are_added_and_replace_ours(tmp_path: Path) -> None:
    files = {"static/site.css": "body{}", "static/fonts/paper.css": "/**/", "static/.hidden": "no"}
    assets = Site(sample.SETTINGS, _newsroom(tmp_path, files)).assets()
    assert assets["static/site.css"] == b"body{}"
    assert assets["static/fonts/paper.css"] == b"/**/"
    assert set(assets) == {
        *("static/favicon.svg", "static/icon-192.png", "static/icon-512.png"),
        *("static/fonts/paper.css", "static/search.js", "static/site.css", "static/site.js"),
    }


def test_a_changed_style_sheet_has_a_new_address(tmp_path: Path) -> None:
    other = Site(sample.SETTINGS, _newsroom(tmp_path, {"static/site.css": "body{}"}))
    find = "//link[@rel='stylesheet']/@href"
    assert parse(other.not_found()).xpath(find) != parse(SITE.not_found()).xpath(find)


def test_a_newsroom_without_own_files(tmp_path: Path) -> None:
    assert Site(sample.SETTINGS, tmp_path).front([], {}) == SITE.front([], {})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("404.html", "<p>\n{% if %}", r"404\.html, line 2: Expected"),
        ("404.html", "<p>\n{{ nonsense }}", r"404\.html, line 2: 'nonsense' is undefined"),
        ("404.html", '{% extends "nowhere.html" %}', r"nowhere\.html"),
        ("404.html", "{{ page.nonsense }}", r"404\.html, line 1: .*no attribute 'nonsense'"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    folder = _newsroom(tmp_path, {f"templates/{name}": text})
    with pytest.raises(PublishError, match=said) as caught:
        Site(sample.SETTINGS, folder).not_found()
    assert "\n" not in str(caught.value)


def test_default_settings_are_enough() -> None:
    site = Site(Settings())
    assert parse(site.front(sample.stories(), {})).findtext(".//h1") == "Broadsheet"
    assert parse(site.not_found()).xpath("//link[@rel='stylesheet']/@href")[0].startswith("/static/")


# --- the manual ----------------------------------------------------------------------------------------------------------

MANUAL = (Path(__file__).parents[2] / "docs/site.md").read_text(encoding="utf-8")


def test_the_manual_names_every_file_a_theme_can_replace() -> None:
    package = Path(sys.modules[Site.__module__].__file__).parent
    files = [path.name for folder in ("templates", "static") for path in (package / folder).iterdir()]
    assert [name for name in files if name not in MANUAL] == []


def test_the_manuals_theme_without_pictures(tmp_path: Path) -> None:
    example = MANUAL.split("```jinja\n")[1].split("```")[0]
    site = Site(sample.SETTINGS, _newsroom(tmp_path, {"templates/picture.html": example}))
    for content in (site.front(sample.stories(), {}), site.story(sample.stories()[0])):
        assert parse(content).xpath("//img | //*[@class='picture']") == []
        assert sample.stories()[0].record.title.encode() in content


def test_the_manuals_theme_with_own_fonts(tmp_path: Path) -> None:
    example = MANUAL.split("```jinja\n")[2].split("```")[0]
    page = parse(Site(sample.SETTINGS, _newsroom(tmp_path, {"templates/base.html": example})).topic(sample.TOPICS[0], []))
    assert page.xpath("//meta[@http-equiv]") == []
    assert "../../static/fonts.css" in page.xpath("//link/@href")
