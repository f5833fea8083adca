"""Whether a headline is honest: it tells what happened, does not shout, tease or count to ten."""

from __future__ import annotations

import re

SHORT, SHORT_DENSE, LONG = 20, 8, 120  # characters; in scripts whose letters are words, fewer will do
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_BAIT = re.compile(
    r"you won[’']t believe|what happen(?:s|ed) next|will (?:shock|blow|surprise) you|one (?:weird|simple) trick\b|omg\b|"
    r"here[’']s (?:why|what|how)\b|this is (?:why|what|how)\b|the reason will\b|nobody (?:is talking|tells you)\b|"
    r"everything you need to know\b|things (?:you|we) (?:need|didn[’']t)\b|das passiert, wenn|unglaublich[,:!]|"
    r"vous n[’']allez pas (?:en )?croire|voici pourquoi|no (?:te lo )?vas a creer|esto es lo que|você não vai acreditar|"
    r"non crederai|ecco (?:perché|cosa)"
)  # in lower case, and without a boundary before: so the search skips to the letters that a phrase begins with
_LIST = re.compile(
    r"^(?:the )?(?:top )?\d{1,2} (?:\w+ ){0,3}(?:ways|things|reasons|tips|stocks|tricks|facts|dinge|gründe|raisons|choses|"
    r"cosas|razones|motivos|coisas|cose|motivi)\b|^top \d{1,2}\b"
)
_WORD = re.compile(r"[^\W\d_]{4,}")


def honesty(title: str) -> tuple[float, str]:
    """What is left of 1 after what each fault of a headline costs, and the faults."""
    faults = [(cost, name) for cost, name, there in _faults(title) if there]
    return max(0.0, 1 - sum(cost for cost, _ in faults)), ", ".join(name for _, name in faults) or "clear"


def _faults(title: str) -> tuple[tuple[float, str, bool], ...]:
    shortest = SHORT_DENSE if _DENSE.search(title) else SHORT
    lowered = title.lower()
    return (
        (0.4, "short", len(title) < shortest),
        (0.3, "long", len(title) > LONG),
        (0.5, "shouts", _shouts(title)),
        (0.6, "bait", bool(_BAIT.search(lowered))),
        (0.4, "a list", bool(_LIST.search(lowered))),
        (0.3, "asks", title.rstrip().endswith(("?", "？", "؟"))),
        (0.4, "exclaims", any(mark in title for mark in ("!", "！", "??"))),
    )


def _shouts(title: str) -> bool:
    """Capitals throughout, or three long words of them."""
    long = _WORD.findall(title)
    loud = [word for word in long if word.isupper() and word.lower() != word]
    return len(loud) >= 3 or (len(loud) >= 2 and len(loud) == len(long))
