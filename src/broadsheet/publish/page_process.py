"""A process that makes pages for another one: it runs jobs, sets their files aside, and says which.

It is started by `broadsheet.edition.rendering` with the number of an open pipe, and ends with that pipe or with the
process that started it. What it has set aside then is what any killed run leaves.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from broadsheet.errors import BroadsheetError
from broadsheet.models import Value
from broadsheet.publish.files import Content, Folders, set_aside
from broadsheet.publish.outputs import Job
from broadsheet.publish.site import Site
from broadsheet.settings import Settings

PR_SET_PDEATHSIG = 1  # of prctl(2)


class Task(Value, frozen=True):
    """What a process needs to know before its first job: the settings, the newsroom's theme, the folder it writes into."""

    settings: Settings
    theme: Path | None
    root: Path


def serve(link: Connection) -> None:
    """Answer each job with its files, or with what is wrong, until the pipe is closed."""
    task: Task = link.recv()
    folders, site = Folders(task.root), None
    while True:
        try:
            job: Job = link.recv()
        except EOFError:
            return
        answer: list[tuple[str, Content]] | BroadsheetError
        try:
            site = site or Site(task.settings, task.theme)
            answer = set_aside(folders, job(site))
        except BroadsheetError as error:
            answer = error
        link.send(answer)


def _end_with_parent() -> None:
    """Be killed with the parent, also in the middle of a job. Where the kernel cannot, the end of the pipe is seen after it."""
    if end := getattr(ctypes.CDLL(None), "prctl", None):
        end(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told too, and closes the pipe
    _end_with_parent()
    serve(Connection(int(sys.argv[1])))
