"""What the steps of one edition share: the newsroom, the store, the instant, and what there is to report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from broadsheet.errors import BroadsheetError
from broadsheet.models import Problem, Report
from broadsheet.newsroom import Newsroom
from broadsheet.settings import Settings
from broadsheet.store import Database, claims, editions
from broadsheet.store.values import dump, load

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done and how much there is in all."""


def quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class Run:
    """One edition under way. ``at`` is its instant: the only time that anything in it knows.

    ``helps`` names a process that helps with an edition which another one makes; raises BroadsheetError when there is none.
    """

    def __init__(self, newsroom: Newsroom, database: Database, at: datetime, progress: Progress, *, helps: str = "") -> None:
        self.newsroom = newsroom
        self.database = database
        self.progress = progress
        self._helps = helps
        with database.transaction() as connection:
            edition = editions.under_way(connection) if helps else editions.begin(connection, at)
            if edition is None:
                raise BroadsheetError("no edition is under way")
            self.number, self.at = edition
            before = None if helps else editions.report_of(connection, self.number)
        self.counts: Counter[str] = Counter(before.counts if before else {})
        self.problems: dict[str, Problem] = {_name(problem): problem for problem in (before.problems if before else ())}
        self.notes: dict[str, None] = dict.fromkeys(before.notes if before else ())

    @property
    def settings(self) -> Settings:
        return self.newsroom.settings

    def problem(self, problem: Problem) -> None:
        """Report what was set aside; the same thing once."""
        self.problems[_name(problem)] = problem

    def note(self, text: str) -> None:
        self.notes[text] = None

    def note_retired(self, url: str) -> None:
        self.note(f"{url} is gone for good and is not asked any more; remove it from the sources")

    def report(self, commit: str = "") -> Report:
        return Report(
            edition=self.number,
            at=self.at,
            counts=dict(sorted(self.counts.items())),
            problems=tuple(problem for _, problem in sorted(self.problems.items())),
            notes=tuple(self.notes),
            commit=commit,
        )

    def save_report(self) -> None:
        """Keep what is to report so far, for the run that goes on should this one be killed."""
        with self.database.transaction() as connection:
            editions.save_report(connection, self.report(), finished=False)

    def save_share(self, connection: Connection) -> None:
        """A helper's report is kept with each thing it did: the process that makes the edition takes it in."""
        if self._helps:
            claims.save_share(connection, self.number, self._helps, dump(self.report()))

    def take_shares(self, connection: Connection) -> None:
        """Add what helpers report, once."""
        for text in claims.take_shares(connection, self.number):
            share = load(text, Report)
            self.counts.update(share.counts)
            self.problems.update({_name(problem): problem for problem in share.problems})
            self.notes.update(dict.fromkeys(share.notes))
        editions.save_report(connection, self.report(), finished=False)


def _name(problem: Problem) -> str:
    return f"{problem.room} {problem.where}"
