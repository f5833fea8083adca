"""Bytes of unknown or wrongly declared encoding to text. Pure; never raises for bad bytes."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I | re.A)
# Also where the declaration itself is damaged: ``<?xml?xml ...``, ``<? xml ...``, ``?xml ...``, typographic quotes.
_DECLARED = re.compile(rb"(?:<[?!]?|\A\?|&lt;\?)\s*xml[^>]*?\bencoding\s*=\s*[^\w\s>]{0,3}([\w.:-]+)", re.I)

# Labels that the web uses for a larger set than they name (WHATWG Encoding Standard, and GB 18030 for all of GB).
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_NOT_TEXT = frozenset(
    {"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "charmap"}
)


def decode(content: bytes, content_type: str = "") -> str:
    """``content`` as text.

    A byte order mark decides; then bytes that are valid UTF-8 are UTF-8 whatever was declared (no other encoding in use yields
    it by chance); then the charset of ``content_type``, then that of the XML declaration, as RFC 7303 orders them; the labels
    are read as the web means them. Bytes that fit none keep what can be read of them.
    """
    for bom, name in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(name, "replace")
    if wide := _wide(content):
        return content.decode(wide, "replace")
    declared = _declared(content, content_type)
    candidates = declared if any(name.startswith(("iso2022", "hz")) for name in declared) else ["utf-8", *declared]
    for name in candidates:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    return _salvage(content, declared)


def is_utf8(content: bytes, content_type: str = "") -> bool:
    """Whether `decode` would read the bytes as UTF-8 without a byte order mark and without loss."""
    if content.startswith((b"\xef\xbb\xbf", b"\xff", b"\xfe", b"\0")) or _wide(content):
        return False
    if any(name.startswith(("iso2022", "hz")) for name in _declared(content, content_type)):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wide(content: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark, known by the zero bytes around the first character."""
    if b"\0" not in content[:4] or not content.strip(b"\0"):
        return ""
    if content[1:4] == b"\0\0\0":
        return "utf-32-le"
    if content[:3] == b"\0\0\0":
        return "utf-32-be"
    return "utf-16-be" if content[:1] == b"\0" else "utf-16-le"


def _declared(content: bytes, content_type: str) -> list[str]:
    labels = [match[1] for match in [_CHARSET.search(content_type)] if match]
    if match := _DECLARED.search(content[:400]):
        labels.append(match[1].decode("ascii", "ignore"))
    return [name for label in labels if (name := _codec(label))]


def _codec(label: str) -> str:
    """Python's name of the text encoding that the web means by ``label``; empty when there is none."""
    try:
        info = codecs.lookup(label.strip().lower().replace("x-sjis", "shift_jis").replace("ks_c_5601-1987", "euc_kr"))
    except (LookupError, ValueError):
        return ""
    if info.name in _NOT_TEXT or not info._is_text_encoding or info.name.startswith(("utf-16", "utf-32")):
        return ""
    return _LARGER.get(info.name, info.name)


def _salvage(content: bytes, declared: list[str]) -> str:
    """The reading that loses least: UTF-8 with a few broken characters, else what was declared, else Windows-1252."""
    text = content.decode("utf-8", "replace")
    foreign = sum(map(len, re.findall(r"[^\x00-\x7f]+", text)))
    if text.count("\ufffd") * 4 <= foreign:
        return text
    name = next((name for name in declared if name != "utf-8"), "cp1252")
    return content.decode(name, "replace")
