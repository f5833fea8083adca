"""The demo: two editions of a paper made of the invented press, with a clock of its own."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from broadsheet.demo.newsroom import write_newsroom
from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import Progress, run_edition
from broadsheet.errors import BroadsheetError
from broadsheet.gather.client import Client
from broadsheet.models import Report
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom

# known to all who read this: a real newsroom's key is made at random by `broadsheet init`
DEMO_KEY = base64.b64encode(blake2b(b"the Verrow Courant, an invented paper").digest()).decode()
_MARK = ".broadsheet/demo"


def run_demo(folder: Path, progress: Progress) -> tuple[Newsroom, list[Report]]:
    """Make the demo's newsroom in ``folder`` and run its two editions. The same files come out, whenever and wherever.

    A demo that stands there is made anew. Raises BroadsheetError when the folder holds anything else.
    """
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_newsroom(folder)
    make_newsroom(folder, DEMO_KEY)
    (folder / _MARK).touch()
    newsroom = open_newsroom(folder)
    reports = []
    with Press() as press:
        for at in (FIRST_EDITION, SECOND_EDITION):
            if at == SECOND_EDITION:
                press.advance()
            progress("press", 0, 0)
            press.prepare()
            reports.append(run_edition(newsroom, at=at, client=asking(press), progress=progress))
    return newsroom, reports


def asking(press: Press) -> Callable[[Newsroom, datetime], Client]:
    """Makes clients that reach the invented press alone, by its own resolver and certificate."""

    def make(newsroom: Newsroom, at: datetime) -> Client:
        return Client(
            newsroom.settings.gather,
            user_agent="Broadsheet-demo/1 (+https://courant.example/)",
            clock=lambda: at,
            resolver=press.resolver,
            ssl_context=press.ssl_context,
            allow_private=True,
        )

    return make


def _clear(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / _MARK).exists():
        raise BroadsheetError(f"{folder}: holds something else than a demo; choose an empty folder")
    shutil.rmtree(folder)
