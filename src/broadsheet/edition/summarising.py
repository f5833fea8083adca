"""Summaries of stories by a language model, for newsrooms that have one. Whatever it does or fails to do stops no edition.

Composing says what is to be asked (`with_summary`): nothing, when just that was answered before. After it the hottest of what
waits is asked, within the day's budget. An answer is kept for good by what was asked, so that the same articles give the same
edition whether the model is there or not.
"""

from __future__ import annotations

import aiohttp
import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from broadsheet.edition import chat, prompt
from broadsheet.edition.flow import flow
from broadsheet.edition.run import Run
from broadsheet.errors import ModelError
from broadsheet.models import Problem, PublishedStory, Story, Summary
from broadsheet.settings import ModelSettings
from broadsheet.store import articles, shelf, summaries
from broadsheet.store.summaries import Spent, Wanted

ATTEMPTS = 3  # editions in which what cannot be used is asked for anew
PATIENCE = 3  # failures in a row after which an edition asks no more


class _Came(msgspec.Struct, frozen=True):
    """What came of one question: nothing at all when it was not asked."""

    wanted: Wanted
    summary: Summary | None = None
    problem: str = ""
    final: bool = False
    counts: bool = True


class _Budget:
    """What of the day's budget is left, and how often in a row nothing came."""

    def __init__(self, settings: ModelSettings, spent: Spent) -> None:
        self._settings = settings
        self.spent = spent
        self.failures = 0

    @property
    def requests(self) -> int:
        return max(0, self._settings.requests_per_day - self.spent.requests)

    def take(self) -> bool:
        """Whether one more may be asked; if so it is counted."""
        if not self.requests or self.spent.tokens >= self._settings.tokens_per_day or self.failures >= PATIENCE:
            return False
        self.spent = replace(self.spent, requests=self.spent.requests + 1)
        return True

    def count(self, tokens: int) -> None:
        self.spent = replace(self.spent, tokens=self.spent.tokens + tokens)


def with_summary(
    run: Run, connection: Connection, story: Story, found: PublishedStory, before: PublishedStory | None
) -> PublishedStory:
    """The story with what was written of just these articles; if nothing was, that is wanted of a story in the news.

    Of articles whose texts are forgotten no more can be asked: what was written stays, while all that it cites is there.
    """
    settings = run.settings.model
    if not prompt.wants(settings):
        return found
    if not story.published:
        summaries.forget(connection, story.id)
        return found
    keys = [member.article.key for member in (story.lead, *story.related)[: settings.articles]]
    texts = articles.texts_of(connection, keys)
    asked = prompt.ask(story, texts, settings, run.settings.newsroom.language)
    if not texts.keys() >= set(keys):
        summaries.forget(connection, story.id)
        written = before.summary if before is not None else None
        return replace(found, summary=written if written and set(written.sources) <= set(asked.sources) else None)
    name = prompt.key(asked)
    summaries.forget(connection, story.id, besides=name)
    kept = summaries.kept(connection, name)
    if kept is None and not story.expired:
        summaries.want(connection, name, story.id, story.rank, asked)
    return replace(found, summary=kept)


async def summarise(run: Run) -> None:
    """Ask the model for what waits, as far as the day's budget goes, and give the stories what it wrote."""
    settings = run.settings.model
    if not prompt.wants(settings):
        return
    with run.database.transaction() as connection:
        budget = _Budget(settings, summaries.spent(connection, f"{run.at:%Y-%m-%d}"))
        waiting = summaries.waiting(connection, run.number, budget.requests)
    if not waiting:
        return
    async with chat.session(settings) as asking:

        async def work(wanted: Wanted) -> _Came | None:
            return await _ask(asking, settings, budget, wanted)

        # each answer is kept at once: it was paid for
        await flow(waiting, work, lambda found: _keep(run, budget, found), workers=settings.connections, batch=1)
    run.save_report()


async def _ask(asking: aiohttp.ClientSession, settings: ModelSettings, budget: _Budget, wanted: Wanted) -> _Came | None:
    if not budget.take():
        return None
    try:
        reply = await chat.ask(asking, settings.url, wanted.asked.body)
        budget.count(reply.tokens)
        summary = prompt.read(reply.text, wanted.asked, settings)
    except ModelError as error:
        budget.failures += error.passing
        final = not error.passing and wanted.attempts + 1 >= ATTEMPTS
        return _Came(wanted, problem=str(error), final=final, counts=not error.passing)
    budget.failures = 0
    return _Came(wanted, summary)


def _keep(run: Run, budget: _Budget, found: list[_Came | None]) -> None:
    came = [item for item in found if item is not None]
    with run.database.transaction() as connection:
        if came:
            summaries.save_spent(connection, budget.spent)
        for item in came:
            if item.summary is None:
                attempts = item.wanted.attempts + item.counts
                summaries.miss(connection, item.wanted.key, run.number, attempts, final=item.final)
            else:
                summaries.keep(connection, item.wanted.key, item.summary)
                _give(run, connection, item.wanted.story, item.summary)
    for item in came:
        run.counts["summaries written" if item.summary else "summaries failed"] += 1
        if item.problem:
            run.problem(Problem(room="publish", where=run.settings.model.url, reason=f"model: {item.problem}"))


def _give(run: Run, connection: Connection, story: str, summary: Summary) -> None:
    found = shelf.by_story(connection, [story]).get(story)
    if found is not None and found.record.published:
        shelf.save(connection, replace(found, summary=summary), run.at)
