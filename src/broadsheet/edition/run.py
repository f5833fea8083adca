"""What the steps of one edition share: the newsroom, the store, the instant, and what there is to report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from broadsheet.models import Problem, Report
from broadsheet.newsroom import Newsroom
from broadsheet.settings import Settings
from broadsheet.store import Database, editions

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done and how much there is in all."""


class Run:
    """One edition under way. ``at`` is its instant: the only time that anything in it knows."""

    def __init__(self, newsroom: Newsroom, database: Database, at: datetime, progress: Progress) -> None:
        self.newsroom = newsroom
        self.database = database
        self.progress = progress
        with database.transaction() as connection:
            self.number, self.at = editions.begin(connection, at)
            before = editions.report_of(connection, self.number)
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


def _name(problem: Problem) -> str:
    return f"{problem.room} {problem.where}"
