"""What the modules of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from broadsheet.errors import BroadsheetError

NEWSROOM = click.option(
    "-C",
    "--newsroom",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The newsroom's folder; the current one by default.",
)


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def extra(name: str, doing: str) -> Iterator[None]:
    """What needs an optional part of Broadsheet: without it one line says what to install. Raises BroadsheetError."""
    try:
        yield
    except ImportError as error:
        raise BroadsheetError(f"{doing}: {error}; `pip install 'broadsheet[{name}]'` brings what it needs") from None
