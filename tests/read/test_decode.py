"""Bytes to text: whatever is declared, and whatever is true."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.read.decode import MAX_DEPTH, SUSPICIOUS, decode, too_deep

GERMAN = "Größe, Höhe und Straße: für alle Bürger gleich. " * 20
CASES = [
    ("utf-8", "", "", GERMAN),
    ("utf-8-sig", "", "", GERMAN),
    ("utf-16", "", "", GERMAN),
    ("utf-32", "", "", GERMAN),
    ("cp1252", "text/html; charset=iso-8859-1", "", GERMAN),
    ("cp1252", 'text/html; charset="windows-1252"', "", GERMAN + "“quoted” – €"),
    ("iso-8859-2", "", '<meta charset="iso-8859-2">', "Zażółć gęślą jaźń. " * 20),
    ("cp1251", "", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "Мост снова открыт. " * 20),
    ("shift_jis", "", '<meta charset="shift_jis">', "橋が再び開通した。" * 20),
    ("gb18030", "", '<meta charset="gb2312">', "大桥重新开放。" * 20),
    ("euc_kr", "text/html; charset=euc-kr", "", "다리가 다시 열렸다. " * 20),
    ("utf-8", "text/html; charset=iso-8859-1", '<meta charset="windows-1252">', GERMAN),
    ("cp1252", "text/html; charset=no-such-charset", "", GERMAN),
    ("cp1252", "text/html; charset=utf-8", "", GERMAN),
    ("iso-8859-1", "", '<?xml version="1.0" encoding="iso-8859-1"?>', GERMAN),
]


@pytest.mark.parametrize(("encoding", "header", "declaration", "text"), CASES)
def test_every_way_to_say_an_encoding(encoding: str, header: str, declaration: str, text: str) -> None:
    assert decode((declaration + text).encode(encoding), header) == declaration + text


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    content = GERMAN.encode() + b"\x93\xe9\x94 \x81 " + "’".encode()[:2] + GERMAN.encode()
    assert decode(content, "text/html; charset=utf-8") == decode(content) == GERMAN + "“é” \ufffd \ufffd" + GERMAN


@given(st.binary(max_size=300), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_survives_any_bytes(content: bytes, header: str) -> None:
    assert isinstance(decode(content, header), str)
    assert decode(content, header) == decode(content, header)


def test_depth_is_looked_at_only_where_tags_are_many() -> None:
    assert not too_deep("<div>" * (SUSPICIOUS - 1))
    assert too_deep("<div>" * (SUSPICIOUS + 1))
    assert not too_deep("<div>a</div>" * SUSPICIOUS)
    assert not too_deep("<p>a" * (SUSPICIOUS + 1))
    assert too_deep("<p>a" * SUSPICIOUS + "<i>" * (MAX_DEPTH + 1))


STRAY = [
    (b"it\x92s", "it’s"),
    (b"\x93caf\xe9\x94", "“café”"),
    (b"5 \x80", "5 €"),
    (b"\x81", "\ufffd"),
    ("’".encode()[:2] + b" cut", "\ufffd cut"),
    ("😀".encode()[:3] + b"...", "\ufffd..."),
    ("京".encode()[:2] + b"!", "\ufffd!"),
]


@pytest.mark.parametrize(("content", "want"), STRAY)
@pytest.mark.parametrize("said", ["", "text/html; charset=utf-8"])
def test_stray_bytes_of_another_editor(content: bytes, want: str, said: str) -> None:
    around = (GERMAN * 3).encode()
    assert decode(around + content + around, said) == GERMAN * 3 + want + GERMAN * 3
