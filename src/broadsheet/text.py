"""Plain text: white space folded, tags stripped, slugs. Used by every room; pure."""

from __future__ import annotations

import html
import re
import unicodedata

# Accents and vowel signs: of a word, yet no letters to `re`. Of Latin, Hebrew, Arabic, the scripts of India, Tibetan
SIGNS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0980-\u0dff\u0f00-\u0fff"

_TAG = re.compile(r"<(?:!--.*?-->|(script|style)\b.*?</\1\s*>|!\[CDATA\[|/?[a-zA-Z][^<>]*>|![a-zA-Z][^<>]*>)", re.S | re.I)
_PAIRS = tuple(  # what opens, and what closes it
    (re.compile(opened, re.I), re.compile(closed, re.I))
    for opened, closed in (("(<)(!--)", "-->"), (r"(<s)(cript\b)", r"</script\s*>"), (r"(<s)(tyle\b)", r"</style\s*>"))
)
_INLINE = re.compile(
    r"</?(?=[a-fimqs-uw])"  # with which all of them begin, which is told at once
    r"(?:a|abbr|b|bdi|big|cite|code|del|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|tt|u|wbr)(?:\s[^<>]*)?>",
    re.I,
)
LONG = 4096  # characters from which it matters how often an end is looked for
_UNSAFE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
SUMMARY_LENGTH = 1000  # characters of a summary that are kept
_SUMMARY_WINDOWS = (1500, 25_000)  # characters of a description from which its summary is made
_SUMMARY_ENOUGH = 300
_NOT_SLUG = re.compile(r"[^a-z0-9\s-]+")
_SLUG_GAP = re.compile(r"[\s-]+")


def fold_space(text: str) -> str:
    """``text`` with every run of white space as one space, none at its ends."""
    return " ".join(text.split())


def clean(text: str) -> str:
    """``text`` in Unicode form NFC without control characters and lone surrogates, which no output format can carry."""
    safe = text if text.isprintable() else _UNSAFE.sub("", text)  # none of these is printable
    return safe if safe.isascii() else unicodedata.normalize("NFC", safe)


def plain(markup: str) -> str:
    """The text of an HTML fragment on one line: tags stripped, entities resolved, white space folded.

    For headlines and standfirsts from feeds, where a whole parse would cost more than the text; the result is text, so
    whoever shows it escapes it.
    """
    if "<" in markup:
        ended = markup if len(markup) <= LONG else _without_end(markup)
        markup = _TAG.sub(" ", ended).replace("]]>", " ")  # not in the pattern, which then looks for one character alone
    if "&" in markup:
        markup = html.unescape(markup)
    return folded(markup)


def inline_plain(markup: str) -> str:
    """As `plain`, but tags that do not part words leave no space: ``m<sup>2</sup>`` is ``m2``."""
    if "<" not in markup and "&" not in markup:
        return folded(markup)
    return plain(_INLINE.sub("", markup))


def summary(markup: str) -> str:
    """The beginning of a description or content as plain text, at most 1,000 characters.

    Made from the first few thousand characters alone, unless these are nearly all tags.
    """
    text = ""
    for window in _SUMMARY_WINDOWS:
        text = inline_plain(_beginning(markup, window))
        if len(text) >= _SUMMARY_ENOUGH or len(markup) <= window:
            break
    return shorten(text, SUMMARY_LENGTH)


def _beginning(markup: str, length: int) -> str:
    """At most ``length`` characters, without a tag that is cut in two."""
    if len(markup) <= length:
        return markup
    tag = markup.rfind("<", 0, length)
    return markup[:tag] if tag > markup.rfind(">", 0, length) else markup[:length]


def _without_end(markup: str) -> str:
    """The same to `plain`, with what opens behind the last end of its kind spoiled by a NUL, which `plain` takes out.

    Each of them would look for its end in all the rest: a megabyte of them takes half an hour.
    """
    for opened, closed in _PAIRS:
        last = 0
        for end in closed.finditer(markup):
            last = end.start()
        markup = markup[:last] + opened.sub("\\1\0\\2", markup[last:])
    return markup


def folded(text: str) -> str:
    """``text`` as `clean` has it, on one line: white space folded."""
    if text.isprintable() and "  " not in text:  # so the only white space are single spaces, and nothing is to be taken out
        return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()
    return fold_space(clean(text))


def shorten(text: str, limit: int) -> str:
    """``text`` cut at a word to at most ``limit`` characters, with an ellipsis where something was cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip(" ,;:.-–—") + "…"


def slugify(title: str, limit: int = 143) -> str:
    """The slug of a title by the rule of the record's page: ASCII, lower case, hyphens, cut at a word near ``limit``.

    A title with no Latin letter or digit gives an empty slug; the caller names it otherwise.
    """
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = _SLUG_GAP.sub("-", _NOT_SLUG.sub("", folded)).strip("-")
    if len(slug) <= limit:
        return slug
    head, hyphen, _ = slug[: limit + 1].rpartition("-")
    return (head if hyphen else slug[:limit]).strip("-")
