"""What holds whoever asks: bounds of size, time and number, hostile paths and texts. Over real sockets to the real server."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from msgspec.structs import replace
from selectolax.lexbor import LexborHTMLParser
from starlette.datastructures import Headers

from broadsheet.models import Provider
from broadsheet.serve.connection import HEAD, Connection
from broadsheet.serve.people import new_token
from broadsheet.serve.security import ADDRESSES, LARGEST, Allowance, Guarded, asker, is_from_here
from broadsheet.store import people, shelf
from broadsheet.store.people import Note
from tests.serve.newsrooms import answering
from tests.serve.readers import START, story
from tests.serve.staff import PASSWORD, Staff, staffed
from tests.serve.test_routes import PUBLIC, filled, listed


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with staffed(tmp_path_factory.mktemp("security") / "paper") as made:
        yield made


@contextmanager
def line_to(home: str) -> Iterator[socket.socket]:
    where = urlsplit(home)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), timeout=30)) as made:
        yield made


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side ends it."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said else 0


# --- size ----------------------------------------------------------------------------------------------------------------

SIGN_IN = b"POST /account/sign-in HTTP/1.1\r\nHost: paper\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize("length", [b"1000001", b"9" * 40, b"1000000000000"])
def test_a_body_that_is_said_to_be_too_large_is_not_read(staff: Staff, length: bytes) -> None:
    with line_to(staff.home) as line:
        line.sendall(SIGN_IN + b"Content-Length: " + length + b"\r\n\r\nname=x")
        assert status(rest(line)) in (400, 413)


def test_a_body_that_grows_too_large_is_cut_off(staff: Staff) -> None:
    with line_to(staff.home) as line:
        try:
            line.sendall(SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(LARGEST // 50_000 + 5):
                line.sendall(b"c350\r\n" + b"x" * 50_000 + b"\r\n")
        except ConnectionError:
            return  # cut off while we spoke, before we could read why
        assert status(rest(line)) == 413


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_a_form_of_too_many_fields_is_refused(staff: Staff, kind: str) -> None:
    if kind == "urlencoded":
        body, form = b"&".join(b"f%d=x" % number for number in range(50_000)), b"application/x-www-form-urlencoded"
    else:
        part = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
        body, form = part * 5000 + b"--b--\r\n", b"multipart/form-data; boundary=b"
    with line_to(staff.home) as line:
        line.sendall(SIGN_IN.replace(b"application/x-www-form-urlencoded", form) + b"Connection: close\r\n")
        line.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert status(rest(line)) == 400


@pytest.mark.parametrize("form", ["file", "broken", "other"])
def test_a_form_of_another_kind_is_refused_without_a_fault(staff: Staff, form: str) -> None:
    bodies = {
        "file": (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nx\r\n--b--',
        ),
        "broken": ("multipart/form-data; boundary=b", b"--c\r\nnothing"),
        "other": ("application/json", b'{"name": "olga"}'),
    }
    kind, body = bodies[form]
    with closing(http.client.HTTPConnection(urlsplit(staff.home).netloc, timeout=30)) as connection:
        connection.request("POST", "/account/sign-in", body, {"Content-Type": kind})
        assert connection.getresponse().status in (400, 401)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: paper\r\nX: ",  # one header that never ends
        b"GET / HTTP/1.1\r\nHost: paper\r\n",  # ever more headers
        b"GET /",  # an address that never ends
    ],
)
def test_a_head_without_end_is_cut_off(staff: Staff, head: bytes) -> None:
    more = b"X-More: yes\r\n" * 1000 if head.endswith(b"\r\n") else b"a" * 10_000
    with line_to(staff.home) as line:
        sent = 0
        try:
            line.sendall(head)
            while sent < 50 * HEAD:
                line.sendall(more)
                sent += len(more)
        except ConnectionError:
            assert sent >= HEAD
            return
        assert status(rest(line)) in (400, 431)


def test_large_heads_within_the_bound_are_answered(staff: Staff) -> None:
    headers = "".join(f"X-{number}: {'x' * 1000}\r\n" for number in range(30))
    with line_to(staff.home) as line:
        line.sendall(f"GET /healthz HTTP/1.1\r\nHost: paper\r\nConnection: close\r\n{headers}\r\n".encode())
        assert status(rest(line)) == 200


# --- time ----------------------------------------------------------------------------------------------------------------


class Hurried(Connection):
    head_seconds = 0.2
    reading_seconds = 0.2


@pytest.mark.parametrize(
    "begun", [b"", b"GET /healthz HTTP/1.1\r\nHost: pa", b"GET /healthz HTTP/1.1\r\nHost: paper\r\n\r\nGET /"]
)
def test_a_head_that_does_not_come_is_not_waited_for(staff: Staff, begun: bytes) -> None:
    """Also the second one of a connection that goes on."""
    with answering(staff.app, connection=Hurried) as home, line_to(home) as line:
        line.sendall(begun)
        said = rest(line)
        assert said.count(b"HTTP/1.1 200") == begun.count(b"\r\n\r\n")


def test_a_body_that_does_not_come_is_not_waited_for(staff: Staff) -> None:
    with answering(Guarded(staff.app, slowest=0.2)) as home, line_to(home) as line:
        line.sendall(SIGN_IN + b"Content-Length: 100\r\n\r\nname=ol")
        said = rest(line)
        assert status(said) == 408
        assert b"connection: close" in said.lower()


def test_a_reader_who_takes_nothing_is_not_waited_for(staff: Staff) -> None:
    ended = threading.Event()

    class Watched(Hurried):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            ended.set()

    (staff.office.newsroom.output / "large.bin").write_bytes(b"x" * 40_000_000)
    with answering(staff.app, connection=Watched) as home, line_to(home) as line:
        line.sendall(b"GET /large.bin HTTP/1.1\r\nHost: paper\r\n\r\n")
        assert ended.wait(60)
        assert len(rest(line)) < 40_000_000


# --- number --------------------------------------------------------------------------------------------------------------


def test_too_many_live_requests_are_refused_and_the_site_is_not_meant(tmp_path: Path) -> None:
    with staffed(tmp_path / "paper", settings="[serve]\nrequests_per_second = 0.001\nrequest_burst = 3\n") as staff:
        said = [staff.ask("GET", "/account/sign-in") for _ in range(4)]
        assert [answer.status for answer in said] == [200, 200, 200, 429]
        assert said[-1].headers["retry-after"]
        assert "too many requests" in said[-1].text
        assert staff.ask("GET", "/").status == 200
        other = staff.ask("GET", "/account/sign-in", X_Forwarded_For="203.0.113.9")
        assert other.status == 200  # whom a web server before ours speaks for


def test_who_asks_is_told_by_trusted_web_servers_alone(tmp_path: Path) -> None:
    with staffed(tmp_path / "paper", settings='[serve]\nproxies = ["203.0.113.1"]\n') as staff:
        form = {"name": "olga", "password": "wrong"}
        staff.ask("POST", "/account/sign-in", form, X_Forwarded_For="198.51.100.7", X_Forwarded_Proto="https")
        assert staff.log()[-1].address == "127.0.0.1"


def test_connections_are_counted(tmp_path: Path) -> None:
    with staffed(tmp_path / "paper", settings="[serve]\nconnections = 3\n") as staff, line_to(staff.home), line_to(staff.home):
        assert staff.ask("GET", "/healthz").status == 503


def test_an_allowance_fills_again_with_time() -> None:
    now = [0.0]
    allowance = Allowance(0.5, 2, lambda: now[0])
    assert [allowance.take("a") for _ in range(3)] == [True, True, False]
    assert allowance.take("b")
    now[0] = 2.0
    assert [allowance.take("a") for _ in range(2)] == [True, False]
    allowance.give_back("a")
    assert allowance.take("a")
    now[0] = 1000.0
    assert [allowance.take("a") for _ in range(3)] == [True, True, False]


def test_an_allowance_remembers_a_bounded_number() -> None:
    allowance = Allowance(1, 1, lambda: 0.0)
    for number in range(ADDRESSES + 1):
        assert allowance.take(str(number))
    assert not allowance.take(str(ADDRESSES))
    assert allowance.take("0")


@pytest.mark.parametrize(
    ("host", "counts_for"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
        ("x" * 500, "x" * 64),
        ("", ""),
    ],
)
def test_the_address_that_a_request_counts_for(host: str, counts_for: str) -> None:
    assert asker({"type": "http", "client": (host, 1)}) == counts_for


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"host": "paper.example"}, True),
        ({"host": "paper.example", "origin": "http://paper.example"}, True),
        ({"host": "Paper.example", "origin": "http://paper.EXAMPLE"}, True),
        ({"host": "127.0.0.1:8000", "origin": "https://news.example"}, True),  # as it is known, before a silent web server
        ({"host": "paper.example", "origin": "https://paper.example"}, False),
        ({"host": "paper.example", "origin": "http://paper.example:81"}, False),
        ({"host": "paper.example", "origin": "http://evil.example"}, False),
        ({"host": "paper.example", "origin": "http://paper.example.evil.example"}, False),
        ({"host": "paper.example", "origin": "null"}, False),
        ({"host": "paper.example", "origin": ""}, False),
        ({"host": "paper.example", "sec-fetch-site": "same-origin"}, True),
        ({"host": "paper.example", "sec-fetch-site": "none"}, True),
        ({"host": "paper.example", "sec-fetch-site": "same-site"}, False),
        ({"host": "paper.example", "sec-fetch-site": "cross-site"}, False),
    ],
)
def test_where_a_form_was_sent_from(headers: dict[str, str], is_ours: bool) -> None:
    assert is_from_here(Headers(headers), "http", "https://news.example") is is_ours


# --- paths ---------------------------------------------------------------------------------------------------------------

UP = ["..", "%2e%2e", "%2E.", "..%00", "%252e%252e", "%c0%ae%c0%ae", "..;", "....", ".%2e", "\u2025", "\uff0e\uff0e"]
SLASHES = ["/", "%2f", "%5c", "%255c", "//", "/./", "%ef%bc%8f"]
SECRETS = ["broadsheet.toml", ".broadsheet/key", ".broadsheet/broadsheet.db", "etc/passwd"]


@pytest.mark.parametrize("part", ["", "static", "desk/assets", "api", "topics/x"])
def test_no_path_leads_out_of_the_published_folder(staff: Staff, part: str) -> None:
    for up in UP:
        for slash in SLASHES:
            for secret in SECRETS:
                depth = 8 if secret.startswith("etc") else 1 + len(part.split("/")) * bool(part)
                path = "/" + part + "/" * bool(part) + (up + slash) * depth + secret.replace("/", slash)
                answer = staff.ask("GET", quote(path, safe="/%;"))
                assert answer.status in (400, 404), path
                assert "[newsroom]" not in answer.text
                assert "root:" not in answer.text


@pytest.mark.parametrize(
    "line",
    [
        b"GET ../broadsheet.toml HTTP/1.1",
        b"GET /../broadsheet.toml HTTP/1.1",
        b"GET http://paper/../broadsheet.toml HTTP/1.1",
        b"GET file:///etc/passwd HTTP/1.1",
        b"GET /\x00/../broadsheet.toml HTTP/1.1",
        b"GET /..\\broadsheet.toml HTTP/1.1",
        b"CONNECT evil.example:443 HTTP/1.1",
        b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET  HTTP/1.1",
        b"nonsense",
    ],
)
def test_no_request_line_leads_out_or_brings_the_server_down(staff: Staff, line: bytes) -> None:
    with line_to(staff.home) as connection:
        connection.sendall(line + b"\r\nHost: paper\r\nConnection: close\r\n\r\n")
        said = rest(connection)
    assert b"[newsroom]" not in said
    assert b"root:" not in said
    assert status(said) in (0, 400, 404, 405)
    assert staff.ask("GET", "/healthz").status == 200


def test_a_link_out_of_the_published_folder_is_not_followed(staff: Staff) -> None:
    public = staff.office.newsroom.output
    for name, where in [("out.toml", "../broadsheet.toml"), ("up", ".."), ("etc", "/etc")]:
        (public / name).symlink_to(where)
    for path in ("/out.toml", "/up/broadsheet.toml", "/etc/passwd", "/up/public/../broadsheet.toml"):
        assert staff.ask("GET", path).status == 404, path


def test_no_redirect_leads_elsewhere(staff: Staff) -> None:
    (staff.office.newsroom.output / "folder").mkdir(exist_ok=True)
    for path in ("//evil.example/..", "//evil.example", "/\\evil.example", "/%2f/evil.example", "///folder", "//folder"):
        where = urlsplit(staff.ask("GET", path, Host="paper.example").goes_to)
        assert where.netloc in ("", "paper.example"), path
        assert not where.path.startswith(("//", "/\\")), path


def test_pictures_and_lists_of_the_site_run_no_script(staff: Staff) -> None:
    (staff.office.newsroom.output / "evil.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    )
    policy = staff.ask("GET", "/evil.svg").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "sandbox" not in staff.ask("GET", "/").headers["content-security-policy"]


# --- texts ---------------------------------------------------------------------------------------------------------------

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></title></textarea><b onclick='x()'>{{ 7*7 }}</b>"
URLS = ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", f"https://evil.example/{EVIL}", "vbscript:x"]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """A newsroom in which every text that came from elsewhere wants to be a program."""
    feed = "https://evil.example/" + quote(EVIL, safe="'()*={}")
    folder = tmp_path_factory.mktemp("hostile") / "paper"
    settings = f"[[sources]]\nurl = '''{feed}'''\ntitle = '''{EVIL}'''\n"
    (folder / "_data/topics").mkdir(parents=True)
    topic = "\n".join(["name: Sea", "description: |", f"  {EVIL}", "keywords:", "  - |", f"    {EVIL}", ""])
    (folder / "_data/topics/1-sea.yaml").write_text(topic)
    with staffed(folder, settings=settings) as staff:
        with staff.office.database.transaction() as connection:
            for hours, url in enumerate(URLS):
                kept = story(EVIL, ("Sea", EVIL), hours=hours)
                outlet = Provider(name=EVIL, domain="evil.example")
                related = tuple(replace(item, title=EVIL, web_url=url, provider=outlet) for item in kept.record.related)
                record = replace(kept.record, excerpt=EVIL, web_url=url, provider=outlet, related=related)
                shelf.save(connection, replace(kept, record=record), START)
            new_token(connection, "olga", ["read"], EVIL, START)
            people.note(connection, Note(START, "olga", EVIL, EVIL, "203.0.113.9", EVIL))
        yield staff


def dangers(html: str) -> list[str]:
    """What of a page could run as a program that is not ours."""
    found = []
    for node in LexborHTMLParser(html).css("*"):
        attributes = {name: value or "" for name, value in node.attributes.items()}
        found += [f"{node.tag} {name}" for name in attributes if name.startswith("on")]
        for name in ("href", "src", "action", "formaction", "data", "srcdoc", "xlink:href"):
            if re.match(r"\s*(javascript|data|vbscript)\s*:", attributes.get(name, ""), re.I):
                found.append(f"{node.tag} {name}={attributes[name][:40]}")
        if node.tag == "script" and not attributes.get("src", "").startswith("/"):
            found.append("script")
        if node.tag in ("style", "iframe", "object", "embed", "base") or "style" in attributes:
            found.append(f"{node.tag} inline")
    return found


def test_what_is_dangerous_is_seen() -> None:
    assert len(dangers(f'<a href="{URLS[0]}">x</a>{EVIL}<b style="x">')) >= 4


def test_no_page_runs_what_came_from_elsewhere(hostile: Staff) -> None:
    """Every page that the app's own routes name, as its owner sees it, with a hostile query too."""
    session, pages = hostile.session("owner"), 0
    query = "&".join(f"{name}={quote(EVIL)}" for name in ("q", "topic", "outlet", "next", "told", "error", "before", "story"))
    for method, path in listed(hostile.app.routes):
        for asked in (filled(path), f"{filled(path)}?{query}"):
            if method != "GET":
                continue
            answer = hostile.ask("GET", asked, Cookie=session.cookie)
            assert answer.status < 500, asked
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert dangers(answer.text) == [], asked
                assert "49" not in re.findall(r"</?b[^>]*>(\d+)<", answer.text), asked
                pages += 1
    assert pages >= 4


def test_no_form_s_refusal_runs_what_was_sent(hostile: Staff) -> None:
    names = ("name", "next", "label", "days", "scope-read", "id", "reason", "title", "url", "value", "text", "word", "other")
    for method, path in listed(hostile.app.routes):
        if method == "POST" and f"POST {path}" not in PUBLIC:
            answer = hostile.post(filled(path), hostile.session("owner"), **dict.fromkeys(names, EVIL))
            assert answer.status < 500, path
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert dangers(answer.text) == [], path


def test_the_sign_in_page_runs_nothing(hostile: Staff) -> None:
    answer = hostile.ask("POST", "/account/sign-in", {"name": EVIL, "password": EVIL, "next": EVIL})
    assert dangers(answer.text) == []


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud7ff\ue000", "%00", "%ff%fe", "\u202e", "x" * 100_000])
def test_texts_that_databases_dislike_are_no_fault(hostile: Staff, text: str) -> None:
    for method, path in listed(hostile.app.routes):
        if method == "GET":
            asked = (
                path.replace("{", "").replace("}", "").partition(":")[0]
                if "{" not in path
                else re.sub(r"\{[^}]*\}", "%00", path)
            )
            assert hostile.ask("GET", f"{asked}?q={quote(text[:5000])}", Cookie=hostile.session().cookie).status < 500, path


def test_pages_of_people_are_not_compressed(staff: Staff) -> None:
    """Or the length of an answer would tell of the secrets in it (BREACH)."""
    answer = staff.ask("GET", "/account/", Cookie=staff.session().cookie, Accept_Encoding="gzip")
    assert len(answer.text) > 1000
    assert "content-encoding" not in answer.headers


def test_a_session_that_ended_opens_nothing(staff: Staff) -> None:
    session, token = staff.session(), staff.token("read", days=1)
    try:
        staff.turn(days=8)
        assert staff.ask("GET", "/account/", Cookie=session.cookie).asks_to_sign_in
        assert staff.ask("GET", "/account/", Authorization=f"Bearer {token}").status == 401
    finally:
        staff.clock.at -= timedelta(days=8)


def test_a_wrong_token_is_not_made_good_by_a_cookie(staff: Staff) -> None:
    session = staff.session()
    assert staff.ask("GET", "/account/", Cookie=session.cookie, Authorization="Bearer bs_wrong").status == 401
    assert staff.ask("GET", "/account/", Authorization=f"Bearer {session.secret}").status == 401
    token = staff.token("read")
    assert staff.ask("GET", "/account/", Cookie=f"broadsheet_session={token}").asks_to_sign_in


def test_the_password_is_in_no_answer_and_no_line_of_the_log(staff: Staff) -> None:
    answer = staff.sign_in("olga", f"{PASSWORD}!", next=PASSWORD)
    assert PASSWORD not in answer.text
    assert PASSWORD not in repr(staff.log())
