"""Whose a text is that several articles of a story have: the agency's that wrote it, else the earliest's.

An article that is read after those that repeat it takes its text back, however they came.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from msgspec.structs import replace

from broadsheet.curate.quality import with_originality
from broadsheet.models import Judgement, Member
from broadsheet.settings import CurateSettings

OWNS = "the report whose text others of this story repeat"


def credited(members: Sequence[Member], settings: CurateSettings) -> list[Judgement]:
    """The judgements of a story's members that change when each text is credited to whom it is due."""
    by_key = {member.article.key: member for member in members}
    texts: dict[str, list[Member]] = {}
    for member in members:
        texts.setdefault(_first(member, by_key), []).append(member)
    changed = []
    for first, group in texts.items():
        if first not in by_key or len(group) < 2:  # who had it first is in another story, or nobody repeats it
            continue
        owner = min(group, key=lambda member: _claim(member, settings.agencies)).article.key
        judged = ((member, _judged(member, owner, settings)) for member in group)
        changed += [judgement for member, judgement in judged if judgement != member.judgement]
    return changed


def is_agency(domain: str, own: Collection[str]) -> bool:
    """Whether the outlet at ``domain`` is a news agency: one of those shipped, or of the newsroom's ``own``."""
    return domain in own or domain in _shipped()


def _first(member: Member, by_key: Mapping[str, Member]) -> str:
    """The key of the article whose text it is, as far as the repeated ones lead."""
    key, seen = member.article.key, {member.article.key}
    while key in by_key and (before := by_key[key].judgement.copy_of) and before not in seen:
        seen.add(before)
        key = before
    return key


def _claim(member: Member, own: Collection[str]) -> tuple[bool, datetime, str]:
    """What orders those who have a text, its owner first. A date without a time, which is midnight, may mean the day's end."""
    at = member.article.published_at or datetime.max.replace(tzinfo=UTC)
    if at.time() == time.min and member.article.published_at:
        at += timedelta(days=1)
    return not is_agency(member.article.provider.domain, own), at, member.article.key


def _judged(member: Member, owner: str, settings: CurateSettings) -> Judgement:
    article, judgement = member.article, member.judgement
    copy_of = "" if article.key == owner else owner
    quality = with_originality(judgement.quality, article, settings.quality, copy_of)
    reason = OWNS if judgement.copy_of and not copy_of else judgement.story_reason
    return replace(judgement, copy_of=copy_of, quality=quality, story_reason=reason)


@functools.cache
def _shipped() -> frozenset[str]:
    """The domains in the file that is installed with the package."""
    lines = Path(__file__).with_name("agencies.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(domain for line in lines if not line.startswith("#") for domain in line.partition(": ")[2].split())
