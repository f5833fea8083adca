"""Web archives whole, damaged, compressed or not, and going on where one left off."""

from __future__ import annotations

import gzip
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet.errors import FeedError
from broadsheet.gather.archives import MAX_PAGE_BYTES, read_archive
from broadsheet.gather.values import ArchivedPage
from tests.archives import HTML, http, packed, record, wacz


def page(number: int) -> bytes:
    return record(f"https://harbour.example/{number}", http(f"<p>Page {number}</p>".encode() * 50))


RECORDS = [
    record("", b"software: x\r\n", "warcinfo", "application/warc-fields"),
    page(0),
    record("https://harbour.example/0", b"GET / HTTP/1.1\r\n\r\n", "request", "application/http; msgtype=request"),
    record("https://harbour.example/gone", http(b"gone", "404 Not Found")),
    page(1),
    record("https://harbour.example/i.png", http(b"\x89PNG", kind="image/png")),
    record("dns:harbour.example", b"20260102 127.0.0.1", "response", "text/dns"),
    record("https://harbour.example/zip", http(gzip.compress(b"<p>Packed</p>"), more="Content-Encoding: gzip\r\n")),
    record(
        "https://harbour.example/bomb", http(gzip.compress(b"\0" * (MAX_PAGE_BYTES + 1)), more="Content-Encoding: gzip\r\n")
    ),
    page(2),
    record("https://harbour.example/xhtml", http(b"<p/>", kind="application/xhtml+xml")),
    record("file:///etc/passwd", http(b"<p/>")),
    page(3),
]
PATHS = ["0", "1", "zip", "2", "xhtml", "3"]


FORMS = {
    "plain": b"".join(RECORDS),
    "by record": packed(RECORDS),
    "as a whole": gzip.compress(b"".join(RECORDS)),
    "wacz": wacz(packed(RECORDS[:5]), packed(RECORDS[5:])),
}


@pytest.fixture(params=FORMS.values(), ids=FORMS)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "a.warc"
    path.write_bytes(request.param)
    return path


def paths(found: list[ArchivedPage]) -> list[str]:
    return [item.page.url.rpartition("/")[2] if item.page else f"! {item.problem.partition(': ')[2]}" for item in found]


def read(path: Path, content: bytes, cursor: int = 0) -> list[ArchivedPage]:
    path.write_bytes(content)
    return list(read_archive(path, cursor))


def test_pages_in_order(archive: Path) -> None:
    found = list(read_archive(str(archive)))
    assert paths(found) == PATHS
    first = found[0].page
    assert first is not None
    assert first.content == b"<p>Page 0</p>" * 50
    assert first.headers["content-type"] == HTML
    assert (first.status, first.final_url, first.fetched_at) == (200, first.url, datetime(2026, 1, 2, 7, 30, tzinfo=UTC))
    assert found[2].page is not None
    assert found[2].page.content == b"<p>Packed</p>"


def test_going_on_after_each_page(archive: Path) -> None:
    found = list(read_archive(archive))
    for number, item in enumerate(found, 1):
        assert list(read_archive(archive, item.cursor)) == found[number:]


@pytest.mark.parametrize("pack", [packed, b"".join], ids=["by record", "plain"])
def test_damaged_record_is_passed_over(pack: object, tmp_path: Path) -> None:
    records = [page(n) for n in range(4)]
    sizes = [len(pack([item])) for item in records]
    whole = bytearray(pack(records))
    whole[sizes[0] : sizes[0] + 8] = b"\xff" * 8
    found = read(tmp_path / "a.warc", bytes(whole))
    assert [path for path in paths(found) if path[0] != "!"] == ["0", "2", "3"]
    assert sum(item.page is None for item in found) == 1
    for number, item in enumerate(found, 1):
        assert [path for path in paths(list(read_archive(tmp_path / "a.warc", item.cursor))) if path[0] != "!"] == [
            path for path in paths(found[number:]) if path[0] != "!"
        ]


def test_damage_inside_a_compressed_record(tmp_path: Path) -> None:
    members = [gzip.compress(page(n)) for n in range(3)]
    members[1] = members[1][:-30] + b"\xff" * 22 + members[1][-8:]
    found = read(tmp_path / "a.warc", b"".join(members))
    assert [path for path in paths(found) if path[0] != "!"] == ["0", "2"]
    assert sum(item.page is None for item in found) == 1


@pytest.mark.parametrize("cut", [5, 60, 400])
def test_cut_archive_says_so(cut: int, tmp_path: Path) -> None:
    found = read(tmp_path / "a.warc", b"".join([page(0), page(1)])[:-cut])
    if cut == 5:  # of the empty lines and the last byte
        assert paths(found) == ["0", "! the record ends after 729 of 730 bytes"]
    assert paths(found)[0] == "0"
    assert found[-1].page is None


@pytest.mark.parametrize("content", [b"not an archive at all", b"<html>", b"\x1f\x8b\x08junk", b"WARC/9.9\r\n\r\n"])
def test_what_is_no_archive_is_reported(content: bytes, tmp_path: Path) -> None:
    found = read(tmp_path / "a.warc", content)
    assert [item.page for item in found] == [None]


def test_empty_archive(tmp_path: Path) -> None:
    assert read(tmp_path / "a.warc", b"") == []
    assert read(tmp_path / "b.warc", b"".join(RECORDS), cursor=10**9) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (wacz(), "without WARC files"),
        (wacz(gzip.compress(b"".join(RECORDS))), "compressed as a whole"),
        (wacz(packed(RECORDS), method=zipfile.ZIP_DEFLATED), "compresses its WARC files once more"),
    ],
)
def test_collections_that_cannot_be_read(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=reason):
        read(tmp_path / "a.wacz", content)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"a\.warc cannot be opened"):
        list(read_archive(tmp_path / "a.warc"))
