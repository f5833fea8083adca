"""Hostile sources polled in a process of their own, whose peak of memory is measured; each must end in a report line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from broadsheet.errors import FeedError
from broadsheet.gather.feeds import read_feed

MEGABYTES = 200

POLL = """
import gzip, json, re, sys
from broadsheet.models import Source, SourceState
from tests.gather.servers import answer, client, poll, raw, run, serving, settings
HEAD = b"HTTP/1.1 200 OK\\r\\n"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
OUTSIDE = b'<!DOCTYPE rss SYSTEM "/d" [<!ENTITY x SYSTEM "/x"> <!ENTITY % y SYSTEM "/y"> %y;]>'
ITEM = b"<rss><channel><item><title>%s</title><link>/1</link></item></channel></rss>"
CASES = {
    "an endless body": lambda: raw(HEAD + b"\\r\\n<rss>", b"<channel>" * 10_000, then="repeat"),
    "a gzip bomb": lambda: answer(gzip.compress(bytes(200_000_000)), Content_Encoding="gzip"),
    "an XML bomb": lambda: answer(b'<!DOCTYPE rss [<!ENTITY l0 "ha">' + LAUGHS + b"]>" + ITEM % b"&l11;"),
    "an external entity": lambda: answer(OUTSIDE + ITEM % b"&x;"),
    "a lying content type": lambda: answer(ITEM % b"One", Content_Type="image/png; charset=utf-16"),
    "a web page that says it is a feed": lambda: answer(b"<!doctype html><title>x</title>", Content_Type="application/rss+xml"),
    "ten megabytes of headers": lambda: raw(HEAD, *[b"X-%d: " % n + b"y" * 8000 + b"\\r\\n" for n in range(1250)], b"\\r\\n"),
    "a million entries": lambda: raw(HEAD + b"\\r\\n<rss><channel>", *[b"<item><link>/1</link></item>" * 1000] * 1000),
    "a length too long": lambda: raw(HEAD + b"Content-Length: 99\\r\\n\\r\\n<rss/>"),
    "a negative length": lambda: raw(HEAD + b"Content-Length: -5\\r\\n\\r\\n<rss/>"),
    "nested too deep": lambda: answer(b"<rss>" * 1_000_000),
    "an endless attribute": lambda: answer(b"<rss a='" + b"x" * 20_000_000),
}
async def test():
    url = "http://harbour.example/feed"
    async with serving({"*": CASES[sys.argv[1]]()}) as server, client(server) as fetcher:
        result = await poll(Source(url=url), SourceState(url=url), fetcher, settings())
        assert server.asked() == ["/feed"]
        return result
result = run(test())
# not ru_maxrss: it starts from that of the process this one was forked from, the test runner
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) // 1024
print(json.dumps([result.problem.reason if result.problem else "", len(result.entries), peak]))
"""
CASES = {
    "an endless body": ("is larger than 50,000,000 bytes", 0),
    "a gzip bomb": ("is larger than 50,000,000 bytes", 0),
    "an XML bomb": ("", 1),
    "an external entity": ("", 1),
    "a lying content type": ("", 1),
    "a web page that says it is a feed": ("is a web page, not a feed", 0),
    "ten megabytes of headers": ("cannot be reached", 0),
    "a million entries": ("has more than 120,000 entries; the others were left aside", 120_000),
    "a length too long": ("cannot be reached", 0),
    "a negative length": ("cannot be reached", 0),
    "nested too deep": ("", 0),  # read as far as it goes: a feed without entries
    "an endless attribute": ("is not XML that can be read", 0),
}


@pytest.mark.parametrize(("case", "expected"), CASES.items(), ids=CASES)
def test_hostile_source_ends_in_a_report_line(case: str, expected: tuple[str, int]) -> None:
    done = subprocess.run([sys.executable, "-c", POLL, case], capture_output=True, text=True, timeout=50, check=True)
    reason, entries, peak = json.loads(done.stdout)
    assert peak < MEGABYTES
    assert bool(reason) == bool(expected[0])
    assert reason.startswith(expected[0])
    assert entries == expected[1]


ENCODINGS = """utf-8 utf-16 utf-32 utf-7 ascii latin-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-9 iso-8859-15 cp1250 cp1251
cp1252 cp1253 cp1254 cp1255 cp1256 koi8-r koi8-u mac-roman gb2312 gbk gb18030 big5 euc-jp shift_jis iso-2022-jp euc-kr cp437 hz
rot13 punycode nonsense"""


@pytest.mark.parametrize("declared", ENCODINGS.split())
def test_wrongly_declared_encoding(declared: str) -> None:
    """What is UTF-8 stays readable whatever is declared; other bytes never raise anything but FeedError."""
    text = "<rss><channel><item><title>Zażółć – 港</title><link>/1</link></item></channel></rss>"
    head = f"<?xml version='1.0' encoding='{declared}'?>"
    [entry] = read_feed((head + text).encode(), "http://a.example/", f"text/xml; charset={declared}").entries
    if declared not in ("iso-2022-jp", "hz"):  # written in ASCII, so that UTF-8 cannot be told from them
        assert entry.title == "Zażółć – 港"
    for other in ("utf-16-le", "gb18030", "iso-2022-jp", "cp1251"):
        content = (head + text).encode(other, "replace")
        try:
            assert len(read_feed(content, "http://a.example/", f"text/xml; charset={declared}").entries) <= 1
        except FeedError:
            continue
