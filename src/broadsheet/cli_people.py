"""``broadsheet people``: parses and prints, decides nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet import show
from broadsheet.cli_common import NEWSROOM, extra, now

if TYPE_CHECKING:
    from sqlalchemy import Connection

BY = "command line"
ROLE = click.Choice(["owner", "editor", "reader"])


@click.group(name="people")
def people() -> None:
    """The people who sign in at the served newsroom, their tokens, and what they did."""


@people.command()
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What they may do.")
@NEWSROOM
def add(folder: Path, name: str, role: Any) -> None:
    """Add NAME; the password is asked for, or taken from BROADSHEET_PASSWORD or standard input."""
    secret = _password()
    with _kept(folder) as connection:
        from broadsheet.serve.people import add_person

        add_person(connection, name, role, secret, now(), by=BY)
    show.say(f"{name} may sign in as {role}")


@people.command(name="list")
@NEWSROOM
def list_(folder: Path) -> None:
    """Print who there is, with their roles."""
    with _kept(folder) as connection:
        from broadsheet.store.people import everybody

        show.people(everybody(connection))


@people.command()
@click.argument("name")
@click.argument("new", type=ROLE, metavar="ROLE")
@NEWSROOM
def role(folder: Path, name: str, new: Any) -> None:
    """Give NAME another ROLE, at once: owner, editor or reader."""
    with _kept(folder) as connection:
        from broadsheet.serve.people import change_role

        change_role(connection, name, new, now(), by=BY)
    show.say(f"{name} is {new} now")


@people.command()
@click.argument("name")
@NEWSROOM
def password(folder: Path, name: str) -> None:
    """Give NAME another password; all their sessions end."""
    secret = _password()
    with _kept(folder) as connection:
        from broadsheet.serve.people import change_password

        change_password(connection, name, secret, now(), by=BY)
    show.say(f"{name} has another password; all their sessions ended")


@people.command()
@click.argument("name")
@NEWSROOM
def remove(folder: Path, name: str) -> None:
    """Remove NAME with all sessions and tokens."""
    with _kept(folder) as connection:
        from broadsheet.serve.people import remove_person

        remove_person(connection, name, now(), by=BY)
    show.say(f"{name} is removed")


@people.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help="What it may do: read, desk, hooks, admin; can be repeated."
)
@click.option("--label", default="", help="What it is for.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends; it does not by default.")
@NEWSROOM
def token(folder: Path, name: str, scopes: tuple[str, ...], label: str, days: int | None) -> None:
    """Make a token by which programs ask in the name of NAME, and print it, this once."""
    with _kept(folder) as connection:
        from broadsheet.serve.people import new_token
        from broadsheet.store.people import Note, note

        secret = new_token(connection, name, scopes, label, now(), days)
        note(connection, Note(now(), BY, "token made", f"{name} {label}".strip(), detail=" ".join(scopes)))
    click.echo(secret)


@people.command()
@click.argument("name")
@click.option("--remove", "id", metavar="ID", help="Remove the token of that id.")
@NEWSROOM
def tokens(folder: Path, name: str, id: str | None) -> None:
    """Print the tokens of NAME, without their secrets, or remove one."""
    with _kept(folder) as connection:
        from broadsheet.serve.people import drop_token, find_person
        from broadsheet.store.people import tokens_of

        find_person(connection, name)
        if id is not None:
            drop_token(connection, name, id, now(), by=BY)
        show.tokens(tokens_of(connection, name))


@people.command()
@click.option("--lines", default=50, show_default=True, type=click.IntRange(1, 100_000), help="How many of the newest lines.")
@NEWSROOM
def log(folder: Path, lines: int) -> None:
    """Print the audit log: when, who, what, on what, and from where."""
    with _kept(folder) as connection:
        from broadsheet.store.people import audited

        show.audit(note for _, note in reversed(audited(connection, lines)))


@contextmanager
def _kept(folder: Path) -> Iterator[Connection]:
    """A transaction on the newsroom's database."""
    from broadsheet.newsroom import open_newsroom, remembered

    with extra("serve", "people"), remembered(open_newsroom(folder)) as connection:
        yield connection


def _password() -> str:
    """From the environment, from standard input when that is no terminal, else asked for twice."""
    if said := os.environ.get("BROADSHEET_PASSWORD"):
        return said
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
