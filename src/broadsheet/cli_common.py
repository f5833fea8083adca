"""What the modules of the command line share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

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
