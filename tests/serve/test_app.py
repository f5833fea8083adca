"""The published site, health and figures, asked of a real server on loopback."""

from __future__ import annotations

import gzip
import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.serve.security import PAGES, POLICY
from broadsheet.serve.site import LOOK, SMALL
from broadsheet.store import Database
from tests.serve.newsrooms import answering

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_newsroom(tmp_path / "paper", new_key())
    public = tmp_path / "paper" / "public"
    for name, content in {
        "index.html": "<h1>Front page</h1>" + "news " * 1000,
        "topics/harbour/index.html": "<h1>Harbour</h1>",
        "api/news/index.json": '{"value": []}',
        "large.bin": "x" * (SMALL + 1),
        "döner.html": "<p>accents</p>",
    }.items():
        (public / name).parent.mkdir(parents=True, exist_ok=True)
        (public / name).write_text(content)
    (public / "outside.txt").symlink_to("../broadsheet.toml")
    return public


@pytest.fixture
def home(folder: Path) -> Iterator[str]:
    newsroom = open_newsroom(folder.parent)
    database = Database(newsroom.store_url)
    with answering(make_app(Office(newsroom, database))) as address:
        yield address
    database.close()


def ask(home: str, path: str, method: str = "GET", **headers: str) -> Answer:
    """The answer to exactly that path: no client of ours may tidy it up."""
    connection = http.client.HTTPConnection(urlsplit(home).netloc, timeout=30)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/", "text/html; charset=utf-8", b"Front page"),
        ("/index.html", "text/html; charset=utf-8", b"Front page"),
        ("/topics/harbour/", "text/html; charset=utf-8", b"Harbour"),
        ("/api/news/index.json", "application/json; charset=utf-8", b'{"value": []}'),
        ("/d%C3%B6ner.html", "text/html; charset=utf-8", b"accents"),
        ("/large.bin", "application/octet-stream", b"xxx"),
    ],
)
def test_the_site(home: str, path: str, kind: str, words: bytes) -> None:
    status, headers, content = ask(home, path)
    assert (status, headers["content-type"]) == (200, kind)
    assert words in content
    assert ask(home, path, "HEAD")[2] == b""
    assert ask(home, path, If_None_Match=headers["etag"])[0] == 304
    assert ask(home, path, If_None_Match=f'"other", W/{headers["etag"]}')[0] == 304
    assert ask(home, path, If_None_Match='"other"')[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/index.html/",
        "/../broadsheet.toml",
        "/%2e%2e/broadsheet.toml",
        "/topics/../../broadsheet.toml",
        "/..%2fbroadsheet.toml",
        "/..\\broadsheet.toml",
        "/outside.txt",
        "/index.html%00",
        "//etc/passwd",
        "/" + "a" * 5000,
    ],
)
def test_nothing_but_the_site(home: str, path: str) -> None:
    status, headers, content = ask(home, path)
    assert status == 404
    assert headers["content-type"] == "application/json"
    assert content == b'{"error":{"status":404,"message":"there is no such page"}}'


def test_a_folder_is_asked_for_with_its_slash_and_no_redirect_leads_elsewhere(home: str) -> None:
    status, headers, _ = ask(home, "/topics/harbour")
    assert (status, headers["location"]) == (308, "harbour/")
    assert ask(home, "//topics")[1].get("location", "topics/") == "topics/"


def test_the_site_is_only_read(home: str) -> None:
    status, headers, _ = ask(home, "/", "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


def test_an_edition_s_new_file_is_answered_soon(home: str, folder: Path) -> None:
    before = ask(home, "/")
    aside = folder / ".new"
    aside.write_text("<h1>Second</h1>")
    aside.replace(folder / "index.html")
    time.sleep(2 * LOOK)
    after = ask(home, "/")
    assert after[2] == b"<h1>Second</h1>"
    assert before[1]["etag"] != after[1]["etag"]
    (folder / "index.html").unlink()
    time.sleep(2 * LOOK)
    assert ask(home, "/")[0] == 404


def test_long_answers_are_compressed_for_those_who_take_it(home: str) -> None:
    _, headers, content = ask(home, "/", Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    plain = ask(home, "/")
    assert gzip.decompress(content) == plain[2]
    assert headers["etag"] != plain[1]["etag"]  # each names the bytes that it came with
    assert headers["vary"] == plain[1]["vary"] == "Accept-Encoding"
    assert "content-encoding" not in ask(home, "/", Accept_Encoding="gzip;q=0, br")[1]
    assert ask(home, "/", Accept_Encoding="gzip", If_None_Match=headers["etag"])[0] == 304


def test_health_readiness_and_figures(home: str, folder: Path) -> None:
    assert ask(home, "/healthz")[0] == 200
    assert ask(home, "/readyz")[0] == 200
    assert b"broadsheet_requests_total{" in ask(home, "/metrics")[2]
    (folder / "index.html").unlink()
    status, _, content = ask(home, "/readyz")
    assert status == 503
    assert b"nothing was published yet" in content


def test_a_file_has_the_policy_of_the_part_it_was_asked_in(home: str, folder: Path) -> None:
    (folder / "api/news").mkdir(parents=True, exist_ok=True)
    (folder / "api/news/index.json").write_text("{}")
    assert ask(home, "/api/news/index.json")[1]["content-security-policy"] == POLICY
    assert ask(home, "/")[1]["content-security-policy"] == PAGES
