"""``broadsheet hooks``: parses and prints, decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from broadsheet import show
from broadsheet.cli_common import NEWSROOM, extra, now
from broadsheet.errors import BroadsheetError


@click.group(name="hooks")
def hooks() -> None:
    """The addresses to which the served newsroom sends new and changed stories (webhooks)."""


@hooks.command(name="add")
@click.argument("url")
@click.option("--topic", default="", help="Only stories of that topic, by its slug or name.")
@click.option("--outlet", default="", help="Only stories that the outlet of that domain reported.")
@click.option("--language", default="", help="Only stories of that language, such as en.")
@click.option("--minimum-heat", "heat", type=click.IntRange(0), help="Only stories of at least that heat.")
@click.option("--minimum-quality", "quality", type=click.IntRange(0, 100), help="Only stories of at least that quality.")
@NEWSROOM
def hooks_add(folder: Path, url: str, topic: str, **wanted: Any) -> None:
    """Send what happens from now on to URL; print the hook's id and, this once, its secret."""
    from broadsheet.newsroom import open_newsroom, remembered

    with extra("serve", "hooks"):
        from broadsheet.serve.api import topic_name
        from broadsheet.serve.hooks import add_hook

    newsroom = open_newsroom(folder)
    topic = topic_name(newsroom.settings, topic)
    with remembered(newsroom) as connection:
        hook = add_hook(connection, newsroom.settings, url, "command line", now(), topic=topic, **wanted)
    show.say(f"{hook.id}\nsecret: {hook.secret}")


@hooks.command(name="list")
@NEWSROOM
def hooks_list(folder: Path) -> None:
    """Print the hooks and how they do."""
    from broadsheet.newsroom import open_newsroom, remembered
    from broadsheet.store.hooks import every

    with remembered(open_newsroom(folder)) as connection:
        show.hooks(every(connection))


@hooks.command(name="resume")
@click.argument("id")
@NEWSROOM
def hooks_resume(folder: Path, id: str) -> None:
    """Take the hook ID up again, where it stopped."""
    from broadsheet.newsroom import open_newsroom, remembered
    from broadsheet.store.hooks import resume

    with remembered(open_newsroom(folder)) as connection:
        if not resume(connection, id, now()):
            raise BroadsheetError(f"{id}: there is no such hook")
    show.say(f"{id} goes on")


@hooks.command(name="remove")
@click.argument("id")
@NEWSROOM
def hooks_remove(folder: Path, id: str) -> None:
    """Send nothing more to the hook ID, and forget it."""
    from broadsheet.newsroom import open_newsroom, remembered
    from broadsheet.store.hooks import remove

    with remembered(open_newsroom(folder)) as connection:
        if not remove(connection, id):
            raise BroadsheetError(f"{id}: there is no such hook")
    show.say(f"{id} is removed")
