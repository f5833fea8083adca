"""Which files a change touches, in which order, and that they fit together."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest
from lxml import etree
from msgspec.structs import replace

from broadsheet.models import PublishedStory
from broadsheet.publish.files import put
from broadsheet.publish.outputs import Output, jobs
from broadsheet.publish.site import Site
from broadsheet.settings import PublishSettings
from tests.publish import sample
from tests.publish.shelf import MemoryShelf

SETTINGS = replace(
    sample.SETTINGS, publish=PublishSettings(pictures="linked", page_size=5, list_pages=4, feed_items=7, front_stories=9)
)
STORIES = sample.stories()
TOPICS = [topic.name for topic in sample.TOPICS]
HOME = SETTINGS.newsroom.url


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(SETTINGS)


def made(stories: list[PublishedStory], site: Site, changed: list[PublishedStory] | None = None) -> list[Output]:
    shelf = MemoryShelf(stories)
    months = sorted({story.record.path[6:13] for story in stories})
    days = sorted({story.record.path[6:16] for story in stories})
    outlets = sorted({domain for story in stories for domain in sample.domains(story)})
    todo = stories if changed is None else changed
    return run(site, shelf, todo, topics=TOPICS, months=months, days=days, outlets=outlets)


def run(site: Site, shelf: MemoryShelf, changed: list[PublishedStory], **touched: list[str]) -> list[Output]:
    """What the jobs make, each of which can be handed to another process."""
    shown = [story for story in changed if story.record.published]
    gone = [story.record.path for story in changed if not story.record.published]
    todo = jobs([shown[:3], shown[3:]], gone, **touched, shelf=shelf, settings=SETTINGS)  # type: ignore[arg-type]
    return [file for job in todo for file in pickle.loads(pickle.dumps(job))(site)]


def test_everything_is_there(site: Site) -> None:
    files = dict(made(STORIES, site))
    expected = {
        *("index.html", "404.html", "about/index.html", "feed.xml", "atom.xml", "feed.json", "sitemap.xml", "news-sitemap.xml"),
        *("api/news/index.json", "api/news/page/2/index.json", "api/news/page2/index.json", "api/topics/index.json"),
        *("topics/ferries/index.html", "topics/ferries/feed.xml", "topics/ferries/atom.xml", "topics/ferries/feed.json"),
        *("api/news/ferries/index.json", "api/schemas/news.json", "sitemaps/2031-05.xml"),
        *(f"stories/{Path(story.record.path).stem}/index.html" for story in STORIES),
        *(f"api/stories/{Path(story.record.path).stem}.json" for story in STORIES),
        *("outlets/index.html", "outlets/gazette-example/index.html", "archive/index.html", "archive/2031/05/index.html"),
        *("archive/2031/05/12/index.html", "search/index.html", "search/index.json", "search/2031-05.json"),
        *("manifest.webmanifest", "sw.js"),
        *site.assets(),
    }
    assert expected <= set(files)
    assert all(files[path] for path in expected)


def test_no_file_is_made_twice(site: Site) -> None:
    paths = [path for path, _ in made(STORIES, site)]
    assert len(paths) == len(set(paths))


def test_only_what_changed_is_made(site: Site) -> None:
    shelf = MemoryShelf(STORIES)
    some = run(site, shelf, STORIES[:1], topics=["Ferries"], months=["2031-05"])
    paths = [path for path, _ in some]
    assert sum(path.startswith("stories/") for path in paths) == 1
    assert {path.split("/")[1] for path in paths if path.startswith("topics/")} == {"ferries"}
    assert shelf.asked == ["2031-05"]
    assert [path for path in paths if path.startswith("outlets/")] == ["outlets/index.html"]
    assert [path for path in paths if path.startswith("archive/")] == ["archive/2031/05/index.html", "archive/index.html"]
    assert [path for path in paths if path.startswith("search/2")] == ["search/2031-05.json"]


def test_lists_and_feeds_are_bounded(site: Site) -> None:
    many = [
        replace(story, record=replace(story.record, path=f"_news/2031-05-{10 + n}-{story.id}.md"))
        for n in range(5)
        for story in STORIES
    ]
    files = dict(made(many, site, changed=[]))
    pages = [path for path, content in files.items() if re.match(r"api/news/page/\d+/", path) and content]
    assert len(pages) == 4
    assert len(json.loads(files["feed.json"] or b"")["items"]) == 7


def test_the_same_stories_in_another_order_give_the_same_bytes(site: Site) -> None:
    assert dict(made(STORIES, site)) == dict(made(STORIES[::-1], Site(SETTINGS)))


DIGEST = """
import hashlib
from broadsheet.publish.record import render_record
from broadsheet.publish.site import Site
from tests.publish.test_outputs import SETTINGS, STORIES, made
digest = hashlib.sha256()
for path, content in made(STORIES, Site(SETTINGS)):
    digest.update(path.encode() + (content or b""))
for story in STORIES:
    digest.update(render_record(story.record))
print(digest.hexdigest())
"""


def test_the_bytes_do_not_depend_on_the_process_or_the_place() -> None:
    said = set()
    for seed, zone, tongue in (("1", "UTC", "C"), ("2", "Pacific/Apia", "de_DE.UTF-8")):
        surroundings = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": tongue, "PYTHONUTF8": "1"}
        command = [sys.executable, "-c", DIGEST]
        done = subprocess.run(command, env=surroundings, cwd=Path(__file__).parents[2], check=True, capture_output=True)
        said.add(done.stdout)
    assert len(said) == 1


def links(path: str, content: bytes) -> set[str]:
    """Files of the published folder to which a page, list, feed or sitemap leads."""
    base = HOME + path
    found: set[str] = set()
    if path.endswith(".html"):
        root = etree.HTML(content)
        found = {urljoin(base, link) for name in ("href", "src") for link in root.xpath(f"//@{name}")}
    elif path.endswith(".xml"):
        found = {element.text or "" for element in etree.fromstring(content).iter("{*}loc", "link", "{*}id")}
    elif path.startswith("api/news"):
        value = json.loads(content)
        folder = path.split("page")[0].removesuffix("index.json")
        found = {f"{HOME}{folder}page/{value['nextPage']}/index.json"} if value["nextPage"] else set()
    local = {link.removeprefix(HOME).partition("?")[0].partition("#")[0] for link in found if link.startswith(HOME)}
    return {link + "index.html" if not link or link.endswith("/") else link for link in local}


def test_what_others_link_to_comes_before_them(site: Site) -> None:
    """Killed between any two files of a first edition, no page leads to a story that is not there."""
    order = [path for path, content in made(STORIES, site) if content]
    place = {path: number for number, path in enumerate(order)}
    ahead = ("stories/", "sitemaps/", "static/", "api/stories/")
    for path, content in made(STORIES, site):
        linked = links(path, content) if content else set()
        later = [target for target in linked if target.startswith(ahead) and place[target] > place[path]]
        assert not later, path


def test_every_link_inside_the_site_leads_to_a_file(site: Site) -> None:
    files = {path: content for path, content in made(STORIES, site) if content}
    for path, content in files.items():
        assert links(path, content) <= set(files), path


def test_a_withdrawn_story_goes_last_and_leaves_nothing(site: Site, tmp_path: Path) -> None:
    assert all(changed for _, changed in put(tmp_path, [file for file in made(STORIES, site) if file[1]]))
    gone = replace(STORIES[0], record=replace(STORIES[0].record, published=False))
    files = made([gone, *STORIES[1:]], site, changed=[gone])
    name = Path(gone.record.path).stem
    assert files[-2:] == [(f"stories/{name}/index.html", None), (f"api/stories/{name}.json", None)]
    assert list(put(tmp_path, files))[-1] == (files[-1][0], True)
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if f"{name}/" in path]
    assert not [path for path in left if f"stories/{name}/".encode() in (tmp_path / path).read_bytes()]
    assert sorted(left) == sorted(path for path, content in made(STORIES[1:], site) if content)


def test_an_empty_newsroom(site: Site) -> None:
    files = dict(made([], site))
    assert files["index.html"]
    assert json.loads(files["api/news/index.json"] or b"") == {"page": 1, "value": [], "nextPage": None}
    shelf = MemoryShelf([])
    touched = {"months": ["2031-05"], "days": ["2031-05-12"], "outlets": ["gazette.example"]}
    emptied = dict(run(site, shelf, [], topics=[], **touched))
    assert emptied["sitemaps/2031-05.xml"] is None
    assert {path for path, content in emptied.items() if content is None} >= {
        *("archive/2031/05/index.html", "archive/2031/05/12/index.html", "outlets/gazette-example/index.html"),
        "search/2031-05.json",
    }
