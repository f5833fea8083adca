"""One edition of hostile sources, in a process of its own: each ends in its line of the report, and the good ones are read."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from broadsheet.edition import loop
from tests.gather.servers import Handler, Request, answer, raw, redirect, serving

pytestmark = pytest.mark.xdist_group("hostile")
MEGABYTES = 200
HEAD = b"HTTP/1.1 200 OK\r\n"
ITEM = "<rss><channel><item><title>%s</title><link>/%s</link></item></channel></rss>"
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
OUTSIDE = '<!DOCTYPE rss SYSTEM "/d" [<!ENTITY x SYSTEM "/x"> <!ENTITY % y SYSTEM "/y"> %y;]>'
ENCODINGS = [
    *("utf-8", "utf-16", "utf-32", "utf-7", "ascii", "latin-1", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-9"),
    *("iso-8859-15", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "koi8-r", "koi8-u", "mac-roman"),
    *("gb2312", "gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr", "cp437", "rot13", "punycode", "nonsense"),
]

EDITION = r"""
import json, re, sys
from pathlib import Path
from msgspec.structs import replace
from sqlalchemy import select
from broadsheet.edition import loop
from broadsheet.edition.gathering import gather
from broadsheet.edition.run import Run, quiet
from broadsheet.gather.client import Client
from broadsheet.models import Source
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.store import Database
from broadsheet.store.tables import entries
from tests.gather.servers import AGENT, NOW, Names, stay_home

class Rebinding(Names):
    async def resolve(self, host, port=0, family=0):
        self.address = "127.0.0.1"
        if host == "rebinding.example" and host not in self.asked:  # public when it is first asked for
            self.address = "8.8.8.8"
        return await super().resolve(host, port, family)

async def edition(folder, port, feeds):
    dialled = stay_home(setattr)
    make_newsroom(folder, new_key())
    newsroom = open_newsroom(folder)
    sources = [Source(url=f"http://{name}.example/feed", allow_private=True) for name in feeds]
    sources += [Source(url=f"http://rebinding.example:{number}/feed") for number in (80, 8080)]
    sources += [Source(url="http://index.example/feed", kind="sitemap", allow_private=True)]
    limits = replace(newsroom.settings.gather, gap=0.0, timeout=8.0, first_byte_timeout=2.0, connections=1)
    newsroom = replace(newsroom, settings=replace(newsroom.settings, gather=limits, sources=tuple(sources)))
    database = Database(newsroom.store_url)
    made = Run(newsroom, database, NOW, quiet)
    async with Client(limits, user_agent=AGENT, clock=lambda: NOW, resolver=Rebinding(port)) as client:
        await gather(made, client, due_only=False)
    with database.reading() as connection:
        known = sorted(connection.scalars(select(entries.c.source).distinct()))
    peak = int(re.search(r"VmHWM:\s*(\d+) kB", open("/proc/self/status").read())[1]) // 1024
    reasons = {problem.where: problem.reason for problem in made.report().problems}
    print(json.dumps({"reasons": reasons, "known": known, "dialled": dialled, "peak": peak}))

loop.run(edition(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
"""


async def loris(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.2)


def wrongly(declared: str) -> Handler:
    text = f"<?xml version='1.0' encoding='{declared}'?>" + ITEM % ("Zażółć – 港", declared)
    return answer(text.encode(), Content_Type=f"text/xml; charset={declared}")


def itself() -> Handler:
    maps = "".join(f"<sitemap><loc>http://index.example/{path}</loc></sitemap>" for path in ("", "?again", "feed"))
    return answer(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'.encode())


PRIVATE = {
    "metadata": "http://169.254.169.254/latest/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "number": "http://2130706433/",
    "other": "http://inside.example/",
}
BORNE = {
    "good": answer((ITEM % ("Ferry", "good")).encode()),
    "laughs": answer(f'<!DOCTYPE rss [<!ENTITY l0 "ha">{ENTITIES}]>{ITEM % ("&l11;", "laughs")}'.encode()),
    "outside": answer((OUTSIDE + ITEM % ("&x;", "outside")).encode()),
    "type": answer((ITEM % ("One", "type")).encode(), Content_Type="image/png; charset=utf-16"),
    **{f"{name}.enc": wrongly(name) for name in ENCODINGS},
}
FAIL = {
    "loris": (loris, "was not done within 8 seconds"),
    "silent": (raw(then="hang"), "sent nothing for 2 seconds"),
    "endless": (raw(HEAD + b"\r\n<rss>", b"<channel>" * 10_000, then="repeat"), "is larger than 50,000,000 bytes"),
    "bomb": (answer(gzip.compress(bytes(200_000_000)), Content_Encoding="gzip"), "is larger than 50,000,000 bytes"),
    "headers": (raw(HEAD, *[b"X-%d: " % n + b"y" * 8000 + b"\r\n" for n in range(1250)], b"\r\n"), "cannot be reached"),
    "loop": (redirect("http://loop.example/feed"), "redirects more than"),
    "longer": (raw(HEAD + b"Content-Length: 99\r\n\r\n<rss/>"), "cannot be reached"),
    "million": (
        raw(HEAD + b"\r\n<rss><channel>", *[b"<item><link>/1</link></item>" * 1000] * 1000),
        "has more than 120,000 entries; the others were left aside",
    ),
    **{name: (redirect(target), "the address is private") for name, target in PRIVATE.items()},
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the edition found, and which hosts were asked for what."""
    feeds = BORNE | {name: handler for name, (handler, _) in FAIL.items()}
    routes = {f"{name}.example/feed": handler for name, handler in feeds.items()}
    routes |= {f"index.example{path}": itself() for path in ("/feed", "/", "/?again")}
    return loop.run(_edition(tmp_path_factory.mktemp("paper"), routes, list(feeds)))


async def _edition(folder: Path, routes: dict[str, Handler], feeds: list[str]) -> dict[str, Any]:
    async with serving(routes) as server:
        command = [sys.executable, "-c", EDITION, str(folder), str(server.port), *feeds]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        said, _ = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0
        asked = [(request.host.partition(":")[0], request.path) for request in server.requests]
    return {**json.loads(said), "asked": asked}


def test_each_ends_in_its_line_of_the_report(outcome: dict[str, Any]) -> None:
    reasons = {where.split("/")[2].removesuffix(".example"): reason for where, reason in outcome["reasons"].items()}
    assert {name for name in reasons if not name.startswith("rebinding")} == set(FAIL)
    for name, (_, reason) in FAIL.items():
        assert reasons[name].startswith(reason)
        assert "\n" not in reasons[name]


def test_what_can_be_read_is_read(outcome: dict[str, Any]) -> None:
    assert set(outcome["known"]) == {f"http://{name}.example/feed" for name in (*BORNE, "million")}


def test_no_refused_address_is_asked(outcome: dict[str, Any]) -> None:
    """The name that rebinds is dialled where it was public, which the test keeps from happening, and never on this machine."""
    assert [address for address, _ in outcome["dialled"]] == ["8.8.8.8"]
    assert not {host for host, _ in outcome["asked"]} & {"rebinding.example", "inside.example"}
    rebinding = sorted(reason for where, reason in outcome["reasons"].items() if "rebinding" in where)
    assert [reason[:17] for reason in rebinding] == ["cannot be reached", "the address is pr"]


def test_index_that_contains_itself_is_read_once(outcome: dict[str, Any]) -> None:
    assert [path for host, path in outcome["asked"] if host == "index.example"] == ["/robots.txt", "/feed", "/", "/?again"]


def test_memory_is_bounded(outcome: dict[str, Any]) -> None:
    assert outcome["peak"] < MEGABYTES
