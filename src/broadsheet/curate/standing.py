"""The record of an outlet: how often its articles led covered stories, were copied, were copies, were withheld by the desk.

A story's *account* says what it adds to the records of its outlets. Accounts are kept beside the sums, so that a story that
changes, merges or splits changes the sums by the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.models import Member, Standing, Story

PRIOR = 20  # articles' worth of neutral record that every outlet starts with


@dataclass
class _Sums:
    articles: int = 0
    led: int = 0
    copied: int = 0
    copies: int = 0
    withheld: int = 0


def account(story: Story, members: Sequence[Member], *, withheld: bool = False) -> dict[str, Standing]:
    """What a story of these members adds to the record of each of its outlets, by domain.

    An article that others copy counts once, however often, and not for copies by its own outlet. ``withheld``: the desk
    withholds the story.
    """
    sums: dict[str, _Sums] = defaultdict(_Sums)
    outlets = {member.article.key: member.article.provider.domain for member in members}
    copied = set()
    for member in members:
        original, domain = member.judgement.copy_of, member.article.provider.domain
        sums[domain].articles += 1
        sums[domain].copies += bool(original)
        if outlets.get(original, domain) != domain:
            copied.add(original)
    for key in sorted(copied):
        sums[outlets[key]].copied += 1
    lead = sums[story.lead.article.provider.domain]
    lead.led += not withheld and any(part.name == "coverage" for part in story.heat.parts)
    lead.withheld += withheld
    return {domain: Standing(**vars(found)) for domain, found in sorted(sums.items())}


def share(standing: Standing) -> float:
    """How good a record is, 0 to 1; 0.5 for an outlet of which nothing is known.

    The mean of +1 for an article that led or was copied, -1 for a copy and -2 for one withheld, over the articles and `PRIOR`
    neutral ones (shrinkage towards the neutral, as in an empirical Bayes estimate), added to 0.5.
    """
    earned = standing.led + standing.copied - standing.copies - 2 * standing.withheld
    return min(1.0, max(0.0, 0.5 + earned / (standing.articles + PRIOR)))


def told(standing: Standing) -> str:
    """A record in words."""
    if not standing.articles:
        return "nothing known yet"
    facts = (("led", standing.led), ("were copied", standing.copied), ("were copies", standing.copies))
    known = [f"{count} {what}" for what, count in (*facts, ("were withheld", standing.withheld)) if count]
    return f"of {standing.articles} articles {', '.join(known) or 'none led, was copied or a copy'}"
