"""XML as the web serves it to an lxml tree: parsed strictly, repaired when that fails, read with losses last. Pure.

Document types are cut out before the parser sees them, so that there are no entities to expand and nothing to load; what they
would have declared is resolved from the table of HTML entities or kept as text.
"""

from __future__ import annotations

import html.entities
import re
from io import StringIO

from lxml import etree

from broadsheet.errors import FeedError
from broadsheet.gather.decoding import decode, is_utf8

# Possessive, so that a document type without an end costs one pass.
_DOCTYPE = re.compile(
    r"<!DOCTYPE(?:[^\"'\[>]|\"[^\"]*\"|'[^']*')*+(?:\[(?:[^\"'\]<]|\"[^\"]*\"|'[^']*'|<!--(?>.*?-->)|<(?!!--))*+\]\s*)?>",
    re.I | re.S,
)
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*>\s*", re.I)
_ROOT = re.compile(r"<[A-Za-z_]")
_ROOT_BYTES = re.compile(rb"<[A-Za-z_]")
# What stands before the root element, a damaged declaration (``<?xml?xml ...``, ``<? xml ...``, ``<xml ...?>``) among it.
_BEFORE_ROOT = re.compile(r"(?:<!--(?>.*?-->|.*)|<xml(?=[\s?/>])|<(?![A-Za-z_])|[^<])*+", re.I | re.S)
_UNQUOTED = re.compile(rb"(\s[\w:.-]+\s*=\s*)([^\s\"'<>]+)(?=[\s>])")
_LONGEST_TAG = 10_000  # bytes
MAX_TAGS = 1_500_000  # of one document, beginnings and ends: as a tree each takes some 150 to 350 bytes
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)|&(?:#(\d+);|#[xX]([0-9a-fA-F]+);|(\w+);)?", re.S | re.A)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_HTML_PAGE = re.compile(r"\s*(?:<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)


def parse_xml(content: bytes, content_type: str = "", base_url: str = "") -> etree._Element:
    """The root element of ``content``.

    Raises FeedError when there is no XML in it or too much of it, or when it is a web page.
    """
    content = content.strip(b" \t\r\n\f")
    if not content:
        raise FeedError("is empty")
    if has_too_many_tags(content, len(content)):
        raise FeedError(f"has more than {MAX_TAGS:,} tags")
    first = _ROOT_BYTES.search(content)
    if first and b"<!" not in content[: first.start()] and is_utf8(content, content_type):
        root = _parse(content, base_url)
        if root is not None:
            return root
    text = _without_doctype(decode(content, content_type).lstrip("\ufeff \t\r\n"))
    if _HTML_PAGE.match(text):
        raise FeedError("is a web page, not a feed")
    return _parse_text(text, base_url)


def has_too_many_tags(content: bytes, end: int) -> bool:
    """Whether there are more than `MAX_TAGS` before ``end``; tags are not counted where they have no room."""
    return end > MAX_TAGS and content.count(b"<", 0, end) > MAX_TAGS


def _parse_text(text: str, base_url: str) -> etree._Element:
    """Without its declaration, whose encoding no longer holds; repaired, and then with losses, only when that fails."""
    match = _DECLARATION.match(text)
    text = text[match.end() :] if match else text
    root = _parse(text.encode("utf-8", "replace"), base_url)
    if root is None:
        repaired = _repair(text).encode()
        root = _parse(repaired, base_url)
        if root is None:
            root = _parse(_quoted(repaired), base_url, recover=True)
            if root is None or not (len(root) or root.text):
                raise FeedError("is not XML that can be read")
    return root


def _parse(content: bytes, base_url: str, *, recover: bool = False) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8", recover=recover, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(content, parser, base_url=base_url)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _without_doctype(text: str) -> str:
    """``text`` with no document type before its root element. Raises FeedError when one has no end."""
    root = _ROOT.search(text)
    doctype = text.upper().find("<!DOCTYPE", 0, root.start() if root else None)
    if doctype < 0:
        return text
    match = _DOCTYPE.match(text, doctype)
    if match is None:
        raise FeedError("has a document type without an end")
    if match[0].lower().startswith("<!doctype html"):
        raise FeedError("is a web page, not a feed")
    return text[:doctype] + text[match.end() :]


def _repair(text: str) -> str:
    """What is not of the root element before it, control characters and references that XML does not know, made harmless."""
    before = _BEFORE_ROOT.match(text)
    text = ILLEGAL.sub("", text[before.end() :] if before else text)
    # written piece by piece: `re.sub` holds all the pieces until it is done, of millions many times the text
    repaired = StringIO()
    end = 0
    for match in _REFERENCE.finditer(text):
        repaired.write(text[end : match.start()])
        repaired.write(_resolve(match))
        end = match.end()
    repaired.write(text[end:])
    return repaired.getvalue()


def _quoted(content: bytes) -> bytes:
    """With quotes around what the first tag's attributes lack them for: the parser gives up there, as nowhere else."""
    end = content.find(b">", 0, _LONGEST_TAG) + 1
    return _UNQUOTED.sub(rb'\1"\2"', content[:end]) + content[end:]


def _resolve(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return match[0] if name in _XML_NAMES else _named(name)
    if decimal or hexadecimal:
        return _numbered(decimal, hexadecimal)
    return "&amp;" if match[0] == "&" else match[0]


def _named(name: str) -> str:
    character = html.entities.html5.get(name + ";")
    return character.replace("&", "&amp;").replace("<", "&lt;") if character else f"&amp;{name};"


def _numbered(decimal: str | None, hexadecimal: str | None) -> str:
    """A character reference that XML allows as it is, one of Windows-1252 as HTML means it, anything else dropped."""
    digits, base = (decimal, 10) if decimal else (hexadecimal or "", 16)
    code = int(digits, base) if len(digits) < 9 else -1
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "ignore")
    legal = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return f"&#{code};" if legal else ""
