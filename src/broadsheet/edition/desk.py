"""What editors decided of the stories that are composed, how their articles are shown, and new rules on what came before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from broadsheet.curate.decisions import concerns, muting
from broadsheet.edition.run import Run
from broadsheet.models import Decision, Member, Story
from broadsheet.settings import CurateSettings
from broadsheet.store import articles, claims, decisions, memory
from broadsheet.store.decisions import MUTES, OF_STORIES, RULES
from broadsheet.store.shown import Shown

BATCH = 200  # stories whose articles a new rule is held against together


class Said(NamedTuple):
    """What was decided of a story, its articles and their outlets, undone or not; and by which rule articles are muted."""

    told: Sequence[Decision] = ()
    muted: Mapping[str, Decision] = {}  # by the article's key

    @property
    def holding(self) -> list[Decision]:
        return [item for item in self.told if item.undone_at is None and item.action not in RULES]

    @property
    def of_story(self) -> list[Decision]:
        return [item for item in self.holding if item.action in OF_STORIES]

    @property
    def is_withheld(self) -> bool:
        return any(item.action == "withhold" for item in self.holding)

    def heard(self, members: Sequence[Member]) -> list[Member]:
        """The members that no rule mutes; all of them when none is left, and the story is not to be shown."""
        return [member for member in members if member.article.key not in self.muted] or list(members)

    def silences(self, members: Sequence[Member]) -> bool:
        return all(member.article.key in self.muted for member in members)


UNSAID = Said()


def said_of(connection: Connection, members: Mapping[str, Sequence[Member]], settings: CurateSettings) -> dict[str, Said]:
    """By story what was ever decided of it, of what went into it, of its articles and of their outlets, the oldest first."""
    if not decisions.are_there(connection):
        return {}
    mutes = [rule for rule in decisions.rules(connection) if rule.action in MUTES]
    of_stories = decisions.of_stories(connection, members)
    targets = {
        name: {member.article.key for member in group} | {member.article.provider.domain for member in group}
        for name, group in members.items()
    }
    found = [item for item in decisions.history(connection, set().union(*targets.values())) if item.action not in RULES]
    said = {}
    for name, group in members.items():
        muted = dict(_muted(group, mutes, settings))
        told = {item.id: item for item in (*of_stories[name], *muted.values())}
        told |= {item.id: item for item in found if item.target in targets[name]}
        said[name] = Said([told[number] for number in sorted(told)], muted)
    return said


def told_of(
    connection: Connection, story: str, members: Sequence[Member], targets: Collection[str], settings: CurateSettings
) -> list[Decision]:
    """All that was ever decided of one story and what went into it, and of those other ``targets``, the oldest first."""
    said = said_of(connection, {story: members}, settings).get(story, UNSAID)
    told = {item.id: item for item in (*decisions.history(connection, targets), *said.told)}
    return [told[number] for number in sorted(told)]


def _muted(members: Sequence[Member], mutes: Sequence[Decision], settings: CurateSettings) -> Iterator[tuple[str, Decision]]:
    for member in members:
        rule = muting(member.article, [rule for rule in mutes if reaches(rule, member, settings)])
        if rule is not None:
            yield member.article.key, rule


def reaches(rule: Decision, member: Member, settings: CurateSettings) -> bool:
    """Whether an article came late enough to be held against a rule: what is remembered or still warm when it is made."""
    return member.seen_at is None or member.seen_at >= rule.at - _back(settings)


def _back(settings: CurateSettings) -> timedelta:
    return timedelta(days=max(settings.expire_days, 2 * settings.window_days))


def show_articles(
    connection: Connection, stories: Mapping[str, Story], members: Mapping[str, Sequence[Member]], said: Mapping[str, Said]
) -> None:
    """Have the articles of composed stories shown as was decided, to programs and in search too."""
    if said:
        wanted = {key: shown for name, story in stories.items() for key, shown in _shown(story, members[name], said[name])}
        articles.show(connection, wanted)


def _shown(story: Story, members: Sequence[Member], said: Said) -> Iterator[tuple[str, Shown]]:
    last = {(item.action, item.target): item.value for item in said.holding}
    topics = story.topics if any(item.action == "retag" for item in said.holding) else None
    for member in members:
        key, provider = member.article.key, member.article.provider
        yield (
            key,
            Shown(
                title=last.get(("headline", key), ""),
                outlet=last.get(("outlet", provider.domain), ""),
                topics=topics,
                hidden=said.is_withheld or key in said.muted,
            ),
        )


# --- rules on what came before them --------------------------------------------------------------------------------------


def rule_back(run: Run) -> None:
    """Hold what came before them against rules that are new or were undone: mutes take away, marks are scored again.

    It is looked for beside the editors, whom it does not hold up. A rule that they undo meanwhile waits on.
    """
    with run.database.reading() as connection:
        rules = decisions.waiting(connection)
        stories, keys = _found(connection, rules, run.settings.curate) if rules else ([], [])
    if rules:
        with run.database.transaction() as connection:
            claims.regroup_alone(connection)
            memory.touch(connection, stories)
            articles.judge_anew(connection, keys)
            decisions.ruled(connection, [rule for rule in decisions.waiting(connection) if rule in rules])


def _found(connection: Connection, rules: Sequence[Decision], settings: CurateSettings) -> tuple[list[str], list[str]]:
    """The stories in which a mute finds something, and the keys of the articles of marked outlets and sources."""
    mutes = [rule for rule in rules if rule.action in MUTES]
    marks = [rule for rule in rules if rule.action not in MUTES]
    since = min(rule.at for rule in rules) - _back(settings)
    stories: list[str] = []
    keys: list[str] = []
    after = ""
    while batch := memory.seen_since(connection, since, BATCH, after):
        members = articles.members(connection, batch)
        stories += [name for name, group in members.items() if any(_muted(group, mutes, settings))]
        keys += _marked(members.values(), marks, settings)
        after = batch[-1]
    return stories, keys


def _marked(groups: Collection[Sequence[Member]], marks: Sequence[Decision], settings: CurateSettings) -> Iterator[str]:
    for group in groups:
        for member in group:
            if any(concerns(rule, member.article) and reaches(rule, member, settings) for rule in marks):
                yield member.article.key
