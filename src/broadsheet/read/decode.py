"""Bytes of a page to text, whatever its encoding is said to be."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding=["']([\w.:-]+)""", re.I
)
MAX_DEPTH = 2_000  # open elements; browsers flatten what nests deeper than 512
SUSPICIOUS = 20_000  # tags; pages with fewer are parsed without a look at their depth
_VOID_OR_CLOSED = "area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|source|t[dhr]|tbody|track|wbr"
_NESTING = re.compile(rf"<(/)?(?!(?:{_VOID_OR_CLOSED})\b)[a-zA-Z]")
_META_WITHIN = 4096  # bytes; the HTML standard looks at 1,024, pages in the wild are later
_GUESS_WITHIN = 16_384
# The Encoding Standard (encoding.spec.whatwg.org) reads these labels as their supersets.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
}
_REPLACED = 0.01  # share of characters that may be unreadable before another encoding is tried
# In a page in UTF-8, what is not UTF-8 is Windows-1252 from another editor, or a character cut in its middle.
# A letter and one of …‘’“”–—«» is read as the former, though it may be the latter.
_CUT_CHARACTER = re.compile(
    "[\udcc2-\udcf4][\udc80-\udcbf]{2,}|[\udcc2-\udcf4](?![\udc85\udc91-\udc94\udc96\udc97\udcab\udcbb])[\udc80-\udcbf]"
)
_STRAY_BYTES = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


def decode(content: bytes, content_type: str = "") -> str:
    """The text of a page: by its byte order mark, else UTF-8 when it is that, else the charset of the HTTP header, of the
    page's own ``meta``, else the one that fits best. A few Windows-1252 bytes in UTF-8 are read as such. Never raises; what
    cannot be read becomes U+FFFD.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    for name in _declared(content, content_type):
        text = _try(content, name)
        if text is not None:
            return text
    return _guess(content)


def too_deep(text: str) -> bool:
    """Whether elements nest so deeply that parsing would take time by the square of their number. Counts tags, roughly."""
    if text.count("<") < SUSPICIOUS:
        return False
    depth = 0
    for match in _NESTING.finditer(text):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False


def _declared(content: bytes, content_type: str) -> list[str]:
    header = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(content[:_META_WITHIN])
    names = [header[1]] if header else []
    if meta:
        names.append((meta[1] or meta[2]).decode("ascii", "ignore"))
    return names


def _try(content: bytes, name: str) -> str | None:
    """The text by an encoding of that name, None when there is none or more than a few bytes do not fit it."""
    try:
        codec = codecs.lookup(name).name
        if codec == "utf-8":
            return _mostly_utf8(content)
        text = content.decode(_SUPERSETS.get(codec, codec), "replace")
    except (LookupError, UnicodeError, ValueError):
        return None
    return text if text.count("\ufffd") <= len(text) * _REPLACED else None


def _mostly_utf8(content: bytes) -> str | None:
    text = content.decode("utf-8", "replace")
    if text.count("\ufffd") > len(text) * _REPLACED:
        return None
    return _CUT_CHARACTER.sub("\ufffd", content.decode("utf-8", "surrogateescape")).translate(_STRAY_BYTES)


def _guess(content: bytes) -> str:
    """Mostly UTF-8 with a few broken bytes, or the encoding that charset-normalizer finds, or Windows-1252."""
    text = _mostly_utf8(content)
    if text is not None:
        return text
    best = charset_normalizer.from_bytes(content[:_GUESS_WITHIN]).best()
    return (best and _try(content, best.encoding)) or content.decode("cp1252", "replace")
