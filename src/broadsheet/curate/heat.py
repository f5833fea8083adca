"""How much a story is being covered, and the order in which stories are shown.

Heat is the lead's quality plus ten for each *independent* provider beyond the lead's; -1 once the story has expired.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from broadsheet.models import Member, Part, Score

EXPIRED = -1
PER_PROVIDER = 10


def heat(lead: Member, others: Sequence[Member], *, expired: bool = False) -> Score:
    """The heat of a story from its lead and one report of each other independent provider, best first."""
    quality = lead.judgement.quality.value
    parts = [Part(name="lead", points=float(quality), reason=f"quality of the lead, by {lead.article.provider.name}")]
    if others:
        names = [member.article.provider.name or member.article.provider.domain for member in others]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        plural = "s" if len(names) > 1 else ""
        reason = f"{len(names)} independent provider{plural}: {', '.join(names[:5])}{more}"
        parts.append(Part(name="coverage", points=float(PER_PROVIDER * len(names)), reason=reason))
    total = quality + PER_PROVIDER * len(others)
    if expired:
        parts.append(Part(name="expired", points=float(EXPIRED - total), reason="no new article for too long"))
        total = EXPIRED
    return Score(value=total, parts=tuple(parts))


def rank(value: int, last_at: datetime, half_life_hours: float) -> float:
    """A number that orders stories by heat now, whenever now is.

    Heat now is heat halved every ``half_life_hours`` since the last article. Its binary logarithm is
    ``log2(heat) - (now - last_at) / half_life``: the term with ``now`` is the same for all stories and is left out. In half
    lives since 1970, to six decimals; a heat under 1 counts as 1.
    """
    return round(math.log2(max(value, 1)) + last_at.timestamp() / (half_life_hours * 3600), 6)
