"""What an article's text is made of: who is quoted, what is counted, whether it says when.

Reporting names its sources and its figures; both can be counted in any language by marks and digits, and in those listed here
by the words that introduce what somebody said. Those are looked for in lower case.
"""

from __future__ import annotations

import re

from broadsheet.curate.terms import count
from broadsheet.models import Article

MOST = 20_000  # characters of the text that are looked at
EVERY = 80  # words in which a full share asks for one statement and one figure
ENOUGH = 4  # statements, and figures, below which a text is thin however short it is

_QUOTE = re.compile(
    r"“[^”\n]{12,}”|\"[^\"\n]{12,}\"|«[^»\n]{8,}»|»[^«\n]{8,}«|„[^“”\n]{8,}[“”]|「[^」\n]{4,}」|『[^』\n]{4,}』"
)
_SAID = re.compile(
    r"\b(?:said|says|told|according to|testified|wrote in|confirmed|denied|spokes(?:man|woman|person)|"  # en
    r"sagte|erklärte|zufolge|laut|teilte mit|betonte|sprecher(?:in)?|"  # de
    r"a déclaré|a expliqué|selon|d[’']après|a affirmé|porte-parole|a indiqué|"  # fr
    r"dijo|afirmó|según|declaró|explicó|aseguró|portavoz|señaló|"  # es
    r"disse|afirmou|segundo|declarou|explicou|de acordo com|porta-voz|"  # pt
    r"ha detto|ha dichiarato|secondo|ha spiegato|ha affermato|portavoce|ha aggiunto)\b"  # it
    r"|と述べ|と話し|によると|表示|指出|据.{0,12}报道|заявил|сообщил|по словам|وقال|بحسب"  # ja, zh, ru, ar
)
_FIGURE = re.compile(r"(?<![\w.,-])[$€£¥]?\d[\d.,\u00a0\u202f]*\d?\s?(?:%|percent|Prozent|pour cent|por ciento|per cento)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WHEN = re.compile(
    r"\b(?:today|yesterday|tonight|tomorrow|this (?:morning|week|month)|last (?:night|week)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|heute|gestern|morgen|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"aujourd[’']hui|hier|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hoy|ayer|mañana|lunes|martes|miércoles|"
    r"jueves|viernes|sábado|domingo|hoje|ontem|amanhã|(?:segunda|terça|quarta|quinta|sexta)-feira|oggi|ieri|domani|"
    r"lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|сегодня|вчера)\b|今日|昨日|本日|今天|昨天|اليوم|أمس"
)


def length(article: Article) -> int:
    """How many words an article has; in scripts without spaces, pairs of letters."""
    return article.word_count or count(article.text)


def sourcing(article: Article) -> tuple[float, str]:
    """How densely an article quotes or names sources (three fifths) and gives figures (two fifths)."""
    body = (article.text or article.excerpt)[:MOST]
    if not body:
        return 0.0, "no text"
    size = count(body)
    statements = len(_QUOTE.findall(body)) + len(_SAID.findall(body.lower()))
    figures = len({found.strip(" .,") for found in _FIGURE.findall(body) if not _YEAR.fullmatch(found.strip(" .,"))})
    asked = max(ENOUGH, size / EVERY)
    share = 0.6 * min(1.0, statements / asked) + 0.4 * min(1.0, figures / asked)
    return share, f"{statements} statements of sources and {figures} figures in {size} words"


def freshness(article: Article) -> tuple[float, str]:
    """Whether its facts are dated: a date of its own, a day named at the beginning, changes dated after it."""
    if article.published_at is None:
        return 0.0, "no date"
    if article.updated_at is not None and article.updated_at < article.published_at:
        return 0.2, "changed before it was published"
    share, reasons = 0.5, ["dated"]
    if _WHEN.search(f"{article.title}\n{article.excerpt}\n{article.text[:600]}".lower()):
        share, reasons = share + 0.3, [*reasons, "says when"]
    if article.updated_at is not None:
        share, reasons = share + 0.2, [*reasons, "changes dated"]
    return share, ", ".join(reasons)
