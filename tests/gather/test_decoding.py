"""Encodings declared, wrongly declared and not declared at all."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gather.decoding import decode, is_utf8

GERMAN = "<t>Größe – „klar“ €</t>"
CYRILLIC = "<t>Портовые вести</t>"
CHINESE = "<t>港口新闻镕</t>"
JAPANESE = "<t>港のニュース①</t>"


def declared(label: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{label}"?>{text}'


CASES = {
    "nothing declared, UTF-8": (GERMAN, "utf-8", "", GERMAN),
    "nothing declared, Windows-1252": (GERMAN, "cp1252", "", GERMAN),
    "declared Windows-1251": (declared("windows-1251", CYRILLIC), "cp1251", "", CYRILLIC),
    "declared in a declaration begun twice": (f"<?xml{declared('windows-1251', CYRILLIC)[1:]}", "cp1251", "", CYRILLIC),
    "declared after a space": (declared("windows-1251", CYRILLIC).replace("<?", "<? "), "cp1251", "", CYRILLIC),
    "declared without its first sign": (declared("windows-1251", CYRILLIC)[1:], "cp1251", "", CYRILLIC),
    "declared without quotes": (declared("windows-1251", CYRILLIC).replace('"', ""), "cp1251", "", CYRILLIC),
    "header KOI8-R": (CYRILLIC, "koi8-r", "text/xml; charset=KOI8-R", CYRILLIC),
    "header before declaration": (declared("cp1251", CYRILLIC), "koi8-r", 'text/xml; charset="koi8-r"', CYRILLIC),
    "Latin-1 means Windows-1252": (declared("iso-8859-1", GERMAN), "cp1252", "", GERMAN),
    "ASCII means Windows-1252": (GERMAN, "cp1252", "text/xml; charset=us-ascii", GERMAN),
    "GB 2312 means GB 18030": (declared("gb2312", CHINESE), "gb18030", "", CHINESE),
    "Shift JIS means its Windows form": (declared("shift_jis", JAPANESE), "cp932", "", JAPANESE),
    "x-sjis": (JAPANESE, "cp932", "text/xml; charset=x-sjis", JAPANESE),
    "Korean": (declared("ks_c_5601-1987", "<t>항구 똠</t>"), "cp949", "", "<t>항구 똠</t>"),
    "EUC-JP": (declared("EUC-JP", "<t>港</t>"), "euc-jp", "", "<t>港</t>"),
    "ISO-2022-JP is pure ASCII to others": (declared("iso-2022-jp", "<t>港</t>"), "iso-2022-jp", "", "<t>港</t>"),
    "UTF-8 whatever is said": (declared("iso-8859-1", GERMAN), "utf-8", "text/xml; charset=gbk", GERMAN),
    "said to be UTF-8 but is not": (declared("utf-8", GERMAN), "cp1252", "text/xml; charset=utf-8", GERMAN),
    "said to be UTF-16 but is not": (declared("utf-16", GERMAN), "utf-8", "", GERMAN),
    "unknown label": (declared("x-klingon", GERMAN), "utf-8", "text/xml; charset=nonsense", GERMAN),
    "UTF-7 is refused": (declared("utf-7", "<t>+ADw-script+AD4-</t>"), "ascii", "", "+ADw-script+AD4-"),
    "not a text encoding": (declared("base64", GERMAN), "utf-8", "text/xml; charset=rot13", GERMAN),
    "UTF-16 LE without mark": (GERMAN, "utf-16-le", "", GERMAN),
    "UTF-16 BE without mark": (GERMAN, "utf-16-be", "text/xml; charset=utf-8", GERMAN),
    "UTF-32 LE without mark": (GERMAN, "utf-32-le", "", GERMAN),
    "UTF-32 BE without mark": (GERMAN, "utf-32-be", "", GERMAN),
}


@pytest.mark.parametrize(("text", "encoding", "content_type", "expected"), CASES.values(), ids=CASES)
def test_encodings(text: str, encoding: str, content_type: str, expected: str) -> None:
    assert expected in decode(text.encode(encoding), content_type)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    assert decode(mark + GERMAN.encode(encoding), "text/xml; charset=koi8-r") == GERMAN


def test_a_few_broken_characters_do_not_cost_the_others() -> None:
    content = (GERMAN * 10).encode().replace("ö".encode(), b"\xc3", 1)
    assert decode(content).count("Größe") == 9


def test_cut_in_a_character() -> None:
    assert decode(CYRILLIC.encode()[:-5]).startswith("<t>Портовые вест")


@given(
    st.binary(max_size=60),
    st.sampled_from(["", "text/xml; charset=gb2312", "charset=utf-16", "charset=hz", "charset=", "charset=\0"]),
)
def test_any_bytes_are_some_text(content: bytes, content_type: str) -> None:
    text = decode(content, content_type)
    assert isinstance(text, str)
    if is_utf8(content, content_type):
        assert text == content.decode()


@given(st.text(max_size=40))
def test_utf8_is_always_known(text: str) -> None:
    content = ("<t>" + text).encode("utf-8", "ignore")
    if "\0" not in text:
        assert decode(content, "text/xml; charset=iso-8859-1") == content.decode()
