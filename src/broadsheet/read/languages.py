"""The language of an article: what the page declares, checked against its text."""

from __future__ import annotations

import re
from collections import Counter

from broadsheet.read.jsonld import first_text
from broadsheet.read.metadata import Document, Found, attribute

_CODE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?")
_ISO_639_3 = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "nld": "nl",
    "rus": "ru",
    "jpn": "ja",
}
_SAMPLE = 1_500  # characters looked at
# Words that are frequent in one language and rare in the others.
_COMMON = {
    "en": "the of and to that is was for with this have from are which",
    "de": "der die das und ist nicht mit den von auf eine ein auch sich dem",
    "fr": "les des est dans une pour qui pas sur au plus avec ce cette aux",
    "es": "el los las que una por con del para se su como más pero este",
    "it": "il che di per una non sono della con gli alla nel anche più del",
    "pt": "que não uma os do da em para com por mais dos foi ao pela",
    "nl": "het een van en dat niet zijn voor met ook aan maar naar wordt bij",
    "sv": "och att det som är på för inte med av till har ett om jag",
    "da": "og at det er som på ikke af til har med den jeg også blev",
    "no": "og det er som på ikke av til har med jeg også ble men fra",
    "pl": "w na się że nie jest do jak dla przez oraz był ma które już",
    "tr": "bir ve bu için ile da çok olarak daha olan gibi ancak sonra kadar ne",
    "id": "yang dan di dengan untuk dari dalam ini itu pada tidak akan ke juga oleh",
    "fi": "ja on ei että oli se hän mutta ovat kun myös joka mukaan sekä vain",
    "hu": "a az és hogy nem is egy meg volt csak már mint után még el",
    "cs": "se na že je v to by jsou ale jako podle který také jeho před",
    "ro": "și în de la nu cu care pe este din sunt pentru mai au fost",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _COMMON.items()}
# Scripts: the languages written in each, the first for a text that nothing else is known of; "" where that cannot be said.
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), 0.12, ("ja",)),
    (re.compile(r"[\uac00-\ud7a3]"), 0.4, ("ko",)),
    (re.compile(r"[\u4e00-\u9fff]"), 0.4, ("zh", "ja", "yue")),
    (re.compile(r"[іїєґ]"), 0.03, ("uk", "be", "kk", "ru")),
    (re.compile(r"[ыэ]"), 0.01, ("ru", "be", "kk", "ky", "mn", "tg")),
    (re.compile(r"[\u0400-\u04ff]"), 0.4, ("", "bg", "sr", "mk", "ru", "uk", "be", "kk", "ky", "mn", "tg")),
    (re.compile(r"[\u0370-\u03ff]"), 0.4, ("el",)),
    (re.compile(r"[\u0590-\u05ff]"), 0.4, ("he", "iw", "yi")),
    (re.compile(r"[پچگڑ]"), 0.01, ("", "fa", "ur", "ps", "ku", "ckb", "sd", "ug")),
    (re.compile(r"[\u0600-\u06ff]"), 0.4, ("ar", "fa", "ur", "ps", "ku", "ckb", "sd", "ug")),
    (re.compile(r"[\u0900-\u097f]"), 0.4, ("hi", "mr", "ne", "sa")),
    (re.compile(r"[\u0e00-\u0e7f]"), 0.4, ("th",)),
)
_LEAST = 40  # characters of text by which a script is judged, words by which a language is


def language(document: Document, text: str) -> Found:
    """ISO 639-1 code: ``html lang``, ``og:locale``, ``content-language``, JSON-LD ``inLanguage``, unless the text is clearly in
    another, as on pages that keep a theme's default."""
    declared = _declared(document)
    seen = guess(text, declared.value)
    if not seen or seen == declared.value:
        return declared
    return Found(seen, "text")


def code(tag: str) -> str:
    """The primary language of a tag as ``pt-BR`` or ``en_US``, "" when it is none."""
    match = _CODE.fullmatch(tag.strip())
    if match is None:
        return ""
    primary = match[1].lower()
    return _ISO_639_3.get(primary, primary)


def guess(text: str, declared: str = "") -> str:
    """The language a text is clearly in by its script or its most common words; ``declared`` if that may be so; else ""."""
    sample = text[:_SAMPLE].casefold()
    if not sample.isascii() and len(sample) >= _LEAST:
        for pattern, share, written in _SCRIPTS:
            if len(pattern.findall(sample)) > len(sample) * share:
                return declared if declared in written else written[0] or declared
    return declared if declared and declared not in _WORDS_OF else _by_words(sample.split(), declared)


def _by_words(words: list[str], declared: str) -> str:
    if len(words) < _LEAST:
        return declared
    found = Counter(words)
    shares = {name: sum(found[word] for word in common) / len(words) for name, common in _WORDS_OF.items()}
    best = max(shares, key=lambda name: shares[name])
    clear = shares[best] > 0.12 and shares[best] > 2.5 * shares.get(declared, 0.06)
    return best if clear else declared


def _declared(document: Document) -> Found:
    root = document.tree.root
    found = (
        Found(code(attribute(root, "lang") or attribute(root, "xml:lang")) if root else "", "html lang"),
        Found(code(document.meta("og:locale").value), "meta og:locale"),
        Found(code(document.meta("content-language", "language", "dc.language").value), "meta content-language"),
        Found(code(first_text(document.article.get("inLanguage"))), "json-ld inLanguage"),
    )
    return next((one for one in found if one.value), Found())
