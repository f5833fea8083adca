"""How much a story is being covered, how hot it is now, and the order in which stories are shown.

Heat is the lead's quality plus ten for each *independent* provider beyond the lead's; -1 once the story has expired. Providers
of one owner are one voice. In *heat now* each of these reports counts from its own publication and halves in a half-life: it
falls with age, and five reports within an hour weigh more than five over as many days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from broadsheet.curate.owners import owner, voices
from broadsheet.models import Member, Part, Provider, Score

EXPIRED = -1
PER_PROVIDER = 10
NAMED = 5  # providers that a reason names


class Report(NamedTuple):
    """What a report adds to a story's heat: its points, from when on."""

    at: datetime
    points: int


def independent(lead: Provider, others: Sequence[Provider], owners: Mapping[str, str]) -> list[bool]:
    """For each of the other providers, best first, whether it is a voice of its own: of no owner that was heard before it."""
    first = voices([lead.domain, *(provider.domain for provider in others)], owners)
    return [first[provider.domain] == provider.domain for provider in others]


def heat(lead: Member, others: Sequence[Member], *, owners: Mapping[str, str], expired: bool = False) -> Score:
    """The heat of a story from its lead and one report of each other provider, best first."""
    quality = lead.judgement.quality.value
    parts = [Part(name="lead", points=float(quality), reason=f"quality of the lead, by {lead.article.provider.name}")]
    providers = [member.article.provider for member in others]
    alone = independent(lead.article.provider, providers, owners)
    heard = [provider for provider, counts in zip(providers, alone, strict=True) if counts]
    echoes = [provider for provider, counts in zip(providers, alone, strict=True) if not counts]
    if heard:
        plural = "s" if len(heard) > 1 else ""
        reason = f"{len(heard)} independent provider{plural}: {_names(heard)}"
        parts.append(Part(name="coverage", points=float(PER_PROVIDER * len(heard)), reason=reason))
    if echoes:
        whose = ", ".join(sorted({owner(provider.domain, owners) for provider in echoes}))
        parts.append(
            Part(name="same owner", points=0.0, reason=f"{_names(echoes)} not counted: owned by {whose}, heard already")
        )
    total = quality + PER_PROVIDER * len(heard)
    if expired:
        parts.append(Part(name="expired", points=float(EXPIRED - total), reason="no new article for too long"))
        total = EXPIRED
    return Score(value=total, parts=tuple(parts))


def _names(providers: Sequence[Provider]) -> str:
    more = f" and {len(providers) - NAMED} more" if len(providers) > NAMED else ""
    return ", ".join(provider.name or provider.domain for provider in providers[:NAMED]) + more


def rank(reports: Sequence[Report], half_life_hours: float) -> float:
    """A number that orders stories by heat now, whenever now is.

    Heat now is the sum of ``points × 2 ** -((now - at) / half_life)`` over the reports. In its binary logarithm the term
    with ``now`` is the same for all stories and is left out. In half lives since 1970, to six decimals; a heat under 1 counts
    as 1. Raises ValueError when there is no report.
    """
    half_life = half_life_hours * 3600
    newest = max(report.at for report in reports).timestamp()
    total = sum(max(report.points, 0) * 2 ** ((report.at.timestamp() - newest) / half_life) for report in reports)
    return round(math.log2(max(total, 1.0)) + newest / half_life, 6)


def heat_now(lead: Report, others: Sequence[Report], now: datetime, half_life_hours: float) -> Score:
    """Heat as it stands now, with its decay and the rate of independent coverage."""
    cooled = [_cooled(report, now, half_life_hours) for report in (lead, *others)]
    hours = _hours(now - lead.at)
    decay = f"{lead.points} points, {hours:.1f} hours old, halved every {half_life_hours:g}"
    parts = [Part(name="lead", points=round(cooled[0], 1), reason=decay)]
    if others:
        ages = sorted(_hours(now - report.at) for report in others)
        lately = sum(1 for age in ages if age <= half_life_hours)
        rate = (
            f"{lately} of {len(others)} independent reports in the last {half_life_hours:g} hours, the latest {ages[0]:.1f} ago"
        )
        parts.append(Part(name="coverage", points=round(sum(cooled[1:]), 1), reason=rate))
    return Score(value=math.floor(sum(cooled) + 0.5), parts=tuple(parts))


def _cooled(report: Report, now: datetime, half_life_hours: float) -> float:
    return float(max(report.points, 0) * 2 ** (-_hours(now - report.at) / half_life_hours))


def _hours(span: timedelta) -> float:
    return max(0.0, span.total_seconds() / 3600)
