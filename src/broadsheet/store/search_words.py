"""Words as search knows them: folded alike in what is kept and in what is asked, whatever the database. Pure.

Words are small letters without the accents of Latin, Greek and Cyrillic; scripts that put no space between words give one word
a letter, so that a word of theirs is found as a phrase.
"""

from __future__ import annotations

import re
import unicodedata

from broadsheet.text import SIGNS

_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(f"[{_SPACELESS}]|[^\\W_{_SPACELESS}]+(?:[{SIGNS}]+[^\\W_{_SPACELESS}]*)*")
_PLAIN = re.compile("[a-z0-9]+")  # the same of small letters of ASCII, and much faster
_ACCENTS = re.compile("[\u0300-\u036f]+")
LONGEST = 60  # characters of a word; the rest is cut off
ROOM = 40  # characters of a text that are looked at for each word wanted


def words(text: str, limit: int) -> list[str]:
    """The folded words of a text, at most ``limit``."""
    same = folded(text[: limit * ROOM])
    found = (_PLAIN if same.isascii() else WORD).findall(same)
    return [word[:LONGEST] for word in found[:limit]]


def folded(text: str) -> str:
    """Without accents and case, in the forms of NFKC."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", bare)))
