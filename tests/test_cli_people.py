"""``broadsheet people``: each command as an owner types it, and what the log says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from broadsheet.cli import main
from broadsheet.newsroom import make_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve import passwords

PASSWORD = "three gulls on a railing"


class Terminal:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, status: int = 0, typed: str = "", **environment: str) -> str:
        command = ["people", *words, "-C", str(self.folder)]
        done = CliRunner().invoke(main, command, input=typed, env={"BROADSHEET_PASSWORD": "", "COLUMNS": "200", **environment})
        assert done.exit_code == status, done.output
        return " ".join(done.output.split())


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    make_newsroom(tmp_path, new_key())
    return Terminal(tmp_path)


def test_there_is_nobody_until_the_first_owner_is_added(people: Terminal) -> None:
    assert "`broadsheet people add NAME --role owner`" in people("list")
    assert people("add", "olga", "--role", "owner", typed=f"{PASSWORD}\n") == "olga may sign in as owner"
    people("add", "edda", "--role", "editor", BROADSHEET_PASSWORD=PASSWORD)
    assert people("list") == "edda editor olga owner"


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (["add", "olga", "--role", "owner"], PASSWORD, "somebody of that name"),
        (["add", "Idris", "--role", "reader"], PASSWORD, "a name is small letters"),
        (["add", "idris", "--role", "reader"], "short", "a password has 10 to 1000 characters"),
        (["add", "idris", "--role", "reader"], "", "a password has 10 to 1000 characters"),
        (["role", "idris", "owner"], "", "nobody of that name"),
        (["password", "idris"], PASSWORD, "nobody of that name"),
        (["remove", "idris"], "", "nobody of that name"),
        (["token", "idris", "--scope", "read"], "", "nobody of that name"),
        (["token", "olga", "--scope", "everything"], "", "everything is more than owners may"),
        (["tokens", "idris"], "", "nobody of that name"),
        (["tokens", "olga", "--remove", "abc"], "", "no such token"),
    ],
)
def test_what_cannot_be_done_is_one_line(people: Terminal, words: list[str], typed: str, said: str) -> None:
    people("add", "olga", "--role", "owner", typed=PASSWORD)
    assert said in people(*words, typed=typed, status=1)


def test_a_token_is_told_once_listed_and_removed(people: Terminal) -> None:
    people("add", "olga", "--role", "owner", typed=PASSWORD)
    token = people("token", "olga", "--scope", "read", "--scope", "hooks", "--label", "a [bold]script", "--days", "30")
    assert token.startswith("bs_")
    shown = people("tokens", "olga")
    assert token not in shown
    assert "a [bold]script" in shown
    assert "read hooks" in shown
    id = next(word for word in shown.split() if len(word) == 12 and word.isalnum())
    assert id not in people("tokens", "olga", "--remove", id)


def test_all_that_is_done_is_in_the_log(people: Terminal) -> None:
    people("add", "olga", "--role", "owner", typed=PASSWORD)
    people("role", "olga", "editor")
    people("password", "olga", typed="another good password")
    people("token", "olga", "--scope", "desk")
    people("remove", "olga")
    said = people("log")
    steps = ["person added", "role changed", "password changed", "token made", "person removed"]
    places = [said.index(step) for step in steps]
    assert places == sorted(places)
    assert "command line" in said
    assert "owner to editor" in said
    assert PASSWORD not in said
    assert "person added" not in people("log", "--lines", "4")
