"""Attacks on a served newsroom: on its memory and connections, by hostile encodings, and with rights that have ended.

Over real sockets to the real server, as `test_security`, which has the plainer ones.
"""

from __future__ import annotations

import http.client
import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from hashlib import md5
from pathlib import Path
from time import sleep
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from broadsheet.models import Decision, SourceState
from broadsheet.serve import events, passwords, site
from broadsheet.serve.connection import HEAD
from broadsheet.serve.people import change_password, change_role, remove_person
from broadsheet.serve.run import JsonLines
from broadsheet.serve.site import Site
from broadsheet.store import decisions, shelf, sources
from tests.serve.newsrooms import answering
from tests.serve.readers import START, story
from tests.serve.staff import CHEAP, PASSWORD, Answer, Staff, staffed
from tests.serve.test_routes import filled, listed
from tests.serve.test_security import EVIL, SIGN_IN, Hurried, dangers, line_to, rest, status

OPEN = "[serve]\nrequests_per_second = 10000\nrequest_burst = 10000\n"


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with staffed(tmp_path_factory.mktemp("attacked") / "paper", settings=OPEN) as made:
        yield made


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """A newsroom that is not for everybody, with pages."""
    with staffed(tmp_path_factory.mktemp("closed") / "paper", settings=OPEN + "public = false\n") as made:
        folder = made.office.newsroom.output / "folder"
        folder.mkdir()
        for page in ("../index.html", "../page.html", "index.html"):
            (folder / page).write_text("a page of this house")
        yield made


def send(home: str, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """A request whose body is as the test wants it."""
    with closing(http.client.HTTPConnection(urlsplit(home).netloc, timeout=30)) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        said = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, said, response.read().decode(errors="replace"), {})


# --- memory and connections ----------------------------------------------------------------------------------------------

CHUNKED = b"POST / HTTP/1.1\r\nHost: paper\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (CHUNKED + b"0\r\n", b"x: y\r\n" * 2000),  # fields behind the body, without end
        (CHUNKED + b"0\r\nx: ", b"y" * 10_000),  # one of them without end
        (SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n" * 2000),  # before there is an answer, too
        (b"GET /healthz HTTP/1.1\r\nHost: paper\r\n\r\n", b"\r\n" * 5000),  # empty lines between two requests
    ],
)
def test_what_is_no_body_has_an_end(staff: Staff, begun: bytes, more: bytes) -> None:
    with line_to(staff.home) as line:
        sent, ended = 0, False
        while sent < 200 * HEAD and not ended:
            try:
                line.sendall(more if sent else begun + more)
            except ConnectionError:
                ended = True
            sent += len(more)
    assert ended
    assert sent >= HEAD
    assert staff.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize(
    ("begun", "drop"),
    [
        (b"POST / HTTP/1.1\r\nHost: paper\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (b"GET / HTTP/1.1\r\nHost: paper\r\n\r\n", b"\r\n"),
    ],
)
def test_nobody_holds_a_connection_with_a_drop_now_and_then(staff: Staff, begun: bytes, drop: bytes) -> None:
    """Behind an answer, when nobody waits for the rest of the request, or for another."""
    with answering(staff.app, connection=Hurried) as home, line_to(home) as line:
        line.sendall(begun)
        line.settimeout(0.05)
        dropped, ended = 0, False
        while dropped < 200 and not ended:
            try:
                ended = line.recv(65536) == b""
            except TimeoutError:
                dropped += 1
                try:
                    line.sendall(drop)
                except ConnectionError:
                    ended = True
            except ConnectionError:
                ended = True
        assert ended


def test_a_body_that_comes_bit_by_bit_is_taken(staff: Staff) -> None:
    """Those bounds are not of a body that somebody waits for."""
    form = f"name=olga&password={quote(PASSWORD)}".encode()
    with answering(staff.app, connection=Hurried) as home, line_to(home) as line:
        line.sendall(SIGN_IN + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        for place in range(0, len(form), 4):
            part = form[place : place + 4]
            line.sendall(b"%x\r\n" % len(part))
            sleep(0.06)  # in all longer than a head may take, each time shorter
            line.sendall(part + b"\r\n")
        line.sendall(b"0\r\nX-Behind: x\r\n\r\n")
        assert status(rest(line)) == 303


def test_fields_behind_the_body_are_none_of_the_request(staff: Staff) -> None:
    async def told(scope: Scope, receive: Receive, send_: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        await PlainTextResponse(f"{body!r} {scope['headers']!r}")(scope, receive, send_)

    with answering(told) as home, line_to(home) as line:
        line.sendall(CHUNKED.replace(b"Host", b"Connection: close\r\nHost") + b"1\r\nx\r\n0\r\nCookie: planted\r\n\r\n")
        said = rest(line)
    assert b"b'x'" in said
    assert b"planted" not in said


def test_a_small_file_asked_by_many_addresses_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "KEPT", 100_000)
    (tmp_path / "empty.txt").write_bytes(b"")
    served = Site(tmp_path)
    scope = {"type": "http", "method": "GET", "scheme": "http", "headers": []}
    for number in range(1000):
        assert served.at_once({**scope, "path": "/" * number + "empty.txt"}) is not None
    assert len(served._kept) < 50
    assert served._size <= 100_000


def test_a_household_has_its_share_of_listeners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which has as many addresses of IPv6 as it likes."""
    monkeypatch.setattr(events, "FROM_ONE", 1)
    answers = []
    with staffed(tmp_path / "paper") as staff, ExitStack() as open_lines:
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:3::9", "2001:db8:9::1"):
            line = open_lines.enter_context(line_to(staff.home))
            line.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: paper\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
            answers.append(status(line.recv(1000)))
    assert answers == [200, 429, 200]


# --- hostile encodings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8", "unicode_escape", "punycode", "undefined", "idna"])
def test_no_sender_chooses_how_a_form_is_read(staff: Staff, codec: str) -> None:
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n\\ud800x-\r\n'
    body = (part.format("name") + part.format("password") + "--b--\r\n").encode()
    for path in ("/account/sign-in", "/account/tokens", "/desk/undo"):
        kind = f"multipart/form-data; boundary=b; charset={codec}"
        assert send(staff.home, "POST", path, body, Content_Type=kind).status == 400


@pytest.mark.parametrize("body", [b"[" * 900_000, b'{"url":' * 100_000, b'{"url": "https://a.example/", "topic": "\\ud800"}'])
def test_no_json_is_a_fault(staff: Staff, body: bytes) -> None:
    for path, scope in (("/api/v1/hooks", "hooks"), ("/mcp", "read")):
        kinds = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
        assert send(staff.home, "POST", path, body, Authorization=f"Bearer {staff.token(scope)}", **kinds).status == 400


@pytest.mark.parametrize(
    "field", [("url", "https://a.example/x\n"), ("topic", "Sea\n"), ("outlet", "post.example\n"), ("language", "en\n")]
)
def test_no_field_ends_in_a_line_break(staff: Staff, field: tuple[str, str]) -> None:
    """Which to Python's $ is the end of a text."""
    name, value = field
    body = json.dumps({"url": "https://a.example/", name: value}).encode()
    said = send(staff.home, "POST", "/api/v1/hooks", body, Authorization=f"Bearer {staff.token('hooks')}")
    assert (said.status, said.text.count("regex")) == (400, 1)
    if name != "url":
        assert staff.ask("GET", f"/api/v1/stories?{name}={quote(value)}").status == 400
    assert staff.ask("GET", "/api/v1/stories?cursor=abc%0A").status == 400
    assert staff.ask("GET", "/api/v1/search?q=abc%0A").status == 400


@pytest.mark.parametrize("number", ["0", "-1", "26", "001111111", "001" + "9" * 30, "1" * 5000, "%D9%A1", "%C2%B2", "1e3"])
def test_no_page_of_the_desk_is_too_far_back(staff: Staff, number: str) -> None:
    cookie = staff.session("editor").cookie
    for path in ("/desk/?page=", "/desk/log/?until=", "/desk/incoming/?until=", "/desk/audit/?before="):
        assert staff.ask("GET", path + number, Cookie=cookie).status in (200, 403), path


def test_no_topic_s_file_is_a_bomb(staff: Staff) -> None:
    laughs = "".join(
        f"{this}: &{this} [{', '.join([f'*{last}'] * 9)}]\n" for last, this in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for text in ("[" * 90_000, "a: &a [x, x]\n" + laughs + "keywords: *i\nname: Sea\n", "&a [*a]", "name: &a\n  - *a\n"):
        answer = staff.post("/desk/topics/preview", staff.session(), file="bomb.yaml", text=text)
        assert answer.status == 400
        assert len(answer.text) < 20_000


# --- rights that have ended, and those of elsewhere ------------------------------------------------------------------------


def doors(staff: Staff, name: str, token: str) -> Mapping[str, int]:
    """How each way into the newsroom answers a token of somebody's; Fever's tells what else is the status."""
    bearer = {"Authorization": f"Bearer {token}"}
    call = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
    mcp = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
    key = md5(f"{name}:{token}".encode(), usedforsecurity=False).hexdigest()
    return {
        "hooks": staff.ask("GET", "/api/v1/hooks", **bearer).status,
        "sources": staff.ask("GET", "/api/v1/sources", **bearer).status,
        "desk": staff.ask("GET", "/desk/", **bearer).status,
        "account": staff.ask("GET", "/account/", **bearer).status,
        "reader": staff.ask("GET", "/reader/api/0/user-info", Authorization=f"GoogleLogin auth={token}").status,
        "login": staff.ask("POST", "/accounts/ClientLogin", {"Email": name, "Passwd": token}).status,
        "fever": 200 if json.loads(staff.ask("POST", "/fever/?api", {"api_key": key}).text)["auth"] else 401,
        "mcp": send(staff.home, "POST", "/mcp", call, **bearer, **mcp).status,
    }


EVERY = dict.fromkeys(("hooks", "sources", "desk", "account", "reader", "login", "fever", "mcp"), 200)
NONE = dict.fromkeys(EVERY, 401)


def test_a_token_opens_what_its_person_may_now(tmp_path: Path) -> None:
    """After a change of password (which ends sessions alone), of role, its end, and its person's."""
    with staffed(tmp_path / "paper", settings=OPEN) as staff:
        token, session = staff.token("read", "desk", "hooks"), staff.session()
        ending, database = staff.token("read", "desk", "hooks", days=1), staff.office.database
        assert doors(staff, "olga", token) == doors(staff, "olga", ending) == EVERY
        staff.turn(days=1)
        assert doors(staff, "olga", ending) == NONE
        with database.transaction() as connection:
            change_password(connection, "olga", "four gulls on a railing", staff.clock(), by="test")
        assert staff.ask("GET", "/account/", Cookie=session.cookie).asks_to_sign_in
        assert doors(staff, "olga", token) == EVERY
        session = staff.session()
        with database.transaction() as connection:
            change_role(connection, "olga", "reader", staff.clock(), by="test")
        assert doors(staff, "olga", token) == EVERY | {"hooks": 403, "sources": 403, "desk": 403}
        assert staff.post("/desk/undo", session).status == 403
        with database.transaction() as connection:
            remove_person(connection, "olga", staff.clock(), by="test")
        assert doors(staff, "olga", token) == NONE
        assert staff.ask("GET", "/account/", Cookie=session.cookie).asks_to_sign_in


def test_what_another_newsroom_gave_opens_nothing(staff: Staff, tmp_path: Path) -> None:
    with staffed(tmp_path / "other") as other:
        token, session = other.token("read", "desk", "hooks"), other.session()
        assert doors(staff, "olga", token) == NONE
        assert staff.ask("GET", "/account/", Cookie=session.cookie).asks_to_sign_in
        assert staff.post("/desk/undo", session).goes_to == "/account/sign-in?next=/desk/undo"
        # nor the token of its forms, with a session of ours
        assert staff.post("/desk/undo", replace(staff.session(), csrf=session.csrf)).status == 403


def test_who_may_read_no_more_hears_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one who listens already."""
    monkeypatch.setattr(events, "LOOK", 0.05)
    with staffed(tmp_path / "paper", settings=OPEN + "public = false\n") as staff, line_to(staff.home) as line:
        bearer = f"Authorization: Bearer {staff.token('read')}\r\n"
        line.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: paper\r\nConnection: close\r\n{bearer}\r\n".encode())
        heard = line.recv(1000)
        with staff.office.database.transaction() as connection:
            shelf.save(connection, story("first"), START)
            shelf.clear_dirty(connection)
        while b"event: new" not in heard:
            heard += line.recv(65536)
        with staff.office.database.transaction() as connection:
            remove_person(connection, "olga", staff.clock(), by="test")
            shelf.save(connection, story("second"), START)
            shelf.clear_dirty(connection)
        while b"second" not in heard and (more := line.recv(65536)):
            heard += more
        assert b"first" in heard
        assert b"second" not in heard


def test_what_is_closed_while_it_serves_is_closed(tmp_path: Path) -> None:
    """And no cache keeps it for others."""
    with staffed(tmp_path / "paper", settings=OPEN + "public = true\n") as staff:
        (staff.office.newsroom.output / "page.html").write_text("<title>A page</title>" + "x" * 2000)
        paths = ("/", "/page.html", "/api/v1/stories", "/feeds/v1/stories.rss")
        known = {path: staff.ask("GET", path) for path in paths}
        assert {answer.status for answer in known.values()} == {200}
        file = staff.office.newsroom.folder / "broadsheet.toml"
        file.write_text(file.read_text().replace("public = true", "public = false"))
        staff.office.live.look_again()
        for path, answer in known.items():
            had = {"If_None_Match": answer.headers["etag"]}
            assert staff.ask("GET", path).status == 401, path
            assert staff.ask("GET", path, **had).status == 401, path
            signed = {"Cookie": staff.session("reader").cookie}
            for private in (staff.ask("GET", path, **signed), staff.ask("GET", path, **signed, **had)):
                assert private.status in (200, 304), path
                assert private.headers["cache-control"] == "private, no-cache", path
                assert "Cookie" in private.headers["vary"], path


@pytest.mark.parametrize(
    "way", ["{}/../", "{}/./../", "{}/%2e%2e/", "{}/..%2f", "{}/x/../../", "/{}/../", "{}%2f..%2f", "./{}/../"]
)
def test_no_other_way_leads_to_a_page_that_is_not_for_everybody(closed: Staff, way: str) -> None:
    """Behind the name of a part that asks by itself who asks, or of one that all may ask."""
    for part in ("healthz", "metrics", "account", "desk", "desk/assets", "reader", "fever", "websub", "nowhere"):
        for page in ("", "page.html", "folder/"):
            answer = closed.ask("GET", "/" + way.format(part) + page)
            assert answer.status in (401, 404), answer
            assert "of this house" not in answer.text


def test_json_of_another_site_changes_nothing(staff: Staff) -> None:
    """A page can send text/plain with a browser's cookie, and no question before; old browsers do not say which page."""
    session = staff.session()
    hook = b'{"url": "https://a.example/"}'
    call = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "topics", "arguments": {}}}'
    accept = "application/json, text/event-stream"
    for path, body in (
        ("/api/v1/hooks", hook),
        ("/mcp", call),
        ("/desk/undo", b"csrf=&kind=decision"),
        ("/reader/api/0/edit-tag", b"i=1"),
    ):
        for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
            for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
                headers = {"Cookie": session.cookie, "Content_Type": kind, "Accept": accept, **origin}
                assert send(staff.home, "POST", path, body, **headers).status in (401, 403), (path, kind, origin)


def test_no_other_site_reads_with_a_browser_s_cookie(staff: Staff) -> None:
    """Every route, and the question before it."""
    session = staff.session()
    for method, path in listed(staff.app.routes):
        for asked in (method, "OPTIONS"):
            more = {"Access_Control_Request_Method": method} if asked == "OPTIONS" else {}
            answer = staff.ask(asked, filled(path), Origin="https://evil.example", Cookie=session.cookie, **more)
            assert "access-control-allow-credentials" not in answer.headers, path
            assert answer.headers.get("access-control-allow-origin", "*") == "*", path
            if path.startswith(("/desk", "/account", "/reader", "/fever", "/mcp")):
                assert "access-control-allow-origin" not in answer.headers, path


# --- who is who ----------------------------------------------------------------------------------------------------------


def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of the password takes nearly all of the time of signing in: there is one in each case."""
    checks = []

    class Counted:
        def verify(self, kept: str, password: bytes) -> bool:
            checks.append(kept)
            return hasher.verify(kept, password)

    hasher = passwords._HASHER
    monkeypatch.setattr(passwords, "_HASHER", Counted())
    monkeypatch.setattr(passwords, "_nobodys", lambda: CHEAP)
    answers = [staff.sign_in(name, "a guess of a password") for name in ("edda", "nobody", "no body\0", "x" * 300)]
    assert len(checks) == 4
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}) == 1
    assert {answer.status for answer in answers} == {401}


def test_nobody_says_for_himself_from_where_he_comes(staff: Staff) -> None:
    """Of what web servers before ours tell, the last counts that is none of them."""
    form = {"name": "nobody", "password": "guess"}
    for said, counts in [
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9, 127.0.0.1", "203.0.113.9"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ]:
        staff.ask("POST", "/account/sign-in", form, X_Forwarded_For=said)
        assert staff.log()[-1].address == counts
    assert dangers(staff.ask("GET", "/desk/audit/", Cookie=staff.session().cookie).text) == []


# --- what is told --------------------------------------------------------------------------------------------------------


def test_no_log_line_is_forged_and_none_tells_a_secret(staff: Staff) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    token, session, forged = staff.token("read", "desk", "hooks"), staff.session(), '%0A{"level": "forged"}%0D'
    try:
        bearer = {"Authorization": f"Bearer {token}"}
        for method, path in listed(staff.app.routes):
            asked = filled(path, forged) + f"?api_key={token}&q={forged}&token={token}"
            form = {"password": PASSWORD, "name": token, "Passwd": token, "old": PASSWORD} if method == "POST" else None
            staff.ask(method, quote(asked, safe="/%?&="), form, **bearer)
            staff.ask(method, quote(asked, safe="/%?&="), form, Cookie=session.cookie, Referer=asked[:5])
        with line_to(staff.home) as line:
            line.sendall(b'GET /\r{"level": "forged"} HTTP/9\r\nAuthorization: ' + token.encode() + b"\r\n\r\n")
            rest(line)
        logging.getLogger("broadsheet.serve").warning("a path\n%s", '{"level": "forged"}')
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert lines
    assert "forged" not in {line["level"] for line in lines}
    told = written.getvalue() + staff.ask("GET", "/metrics").text
    for secret in (token, session.secret, session.csrf, PASSWORD):
        assert secret not in told
    assert not any(re.search(r"[\x00-\x1f]", text) for note in staff.log() for text in (note.target, note.detail, note.who))


def test_the_password_in_a_source_s_address_is_the_owners_alone(tmp_path: Path) -> None:
    url = "https://maud:hush@post.example/feed.xml"
    settings = f"{OPEN}\n[[sources]]\nurl = '{url}'\n"
    with staffed(tmp_path / "paper", settings=settings) as staff:
        owner, editor = staff.session(), staff.session("editor")
        added = url.replace("feed", "other")
        assert staff.post("/desk/sources/add", owner, url=added).status == 303
        assert staff.post("/desk/sources/remove", owner, url=added).status == 303
        with staff.office.database.transaction() as connection:
            sources.save_source(connection, SourceState(url=url, failures=3, problem=f"{url} answered 500"), 1)
            mute = Decision(action="mute source", target=url, who="olga", at=START)
            decisions.decide(connection, mute)
        for path in ("/desk/health/", "/desk/log/", "/desk/rules/", "/api/v1/sources"):
            answer = staff.ask("GET", path, Cookie=editor.cookie)
            assert answer.status == 200
            assert "post.example" in answer.text, path
            assert "hush" not in answer.text, path
        assert "hush" not in repr(staff.log())
        assert "hush" not in staff.ask("GET", "/desk/audit/", Cookie=owner.cookie).text
        assert staff.post("/desk/sources/remove", owner, url=url).status == 303  # which its page still can


def test_what_programs_read_carries_nothing_that_runs(tmp_path: Path) -> None:
    """Feeds that can be parsed, and snippets and texts in them that are only text with marks."""
    evil = f"{EVIL} harbour \x00\x0b\x1b\ufffe ]]>"
    with staffed(tmp_path / "paper", settings=OPEN) as staff:
        with staff.office.database.transaction() as connection:
            kept = story("harbour", ("Sea",))
            record = replace(kept.record, title=evil, excerpt=evil, web_url="javascript:alert(1)", topics=(EVIL,))
            shelf.save(connection, replace(kept, record=record), START)
        bearer = {"Authorization": f"GoogleLogin auth={staff.token('read')}"}
        for path in (
            "/feeds/v1/stories.rss",
            "/feeds/v1/search.atom?q=harbour",
            "/reader/atom/user/-/state/com.google/reading-list",
        ):
            answer = staff.ask("GET", path, **bearer)
            for node in ElementTree.fromstring(answer.text).iter():
                is_html = node.tag.rpartition("}")[2] in ("description", "encoded", "content", "summary")
                assert not is_html or dangers(node.text or "") == [], (path, node.tag)
                assert not any(value.startswith("javascript:") for value in node.attrib.values()), path
        found = json.loads(staff.ask("GET", "/api/v1/search?q=harbour").text)["value"]
        assert len(found) == 1
        assert "<mark>" in found[0]["snippet"]
        assert dangers(found[0]["snippet"]) == []
        feed = json.loads(staff.ask("GET", "/feeds/v1/stories.json").text)
        assert dangers(feed["items"][0]["content_html"]) == []
