"""Accounts, passwords, sessions and tokens, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, select

from broadsheet.errors import BroadsheetError
from broadsheet.serve import passwords
from broadsheet.serve import people as persons
from broadsheet.serve.office import Office
from broadsheet.serve.passwords import hashed, is_right
from broadsheet.store import Database, people
from broadsheet.store.tables import people as accounts
from broadsheet.store.tables import sessions, tokens
from tests.serve.readers import START

PASSWORD = "three gulls on a railing"
DAY = timedelta(days=1)


@pytest.fixture
def kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # not to wait
    with database.transaction() as connection:
        persons.add_person(connection, "maud", "editor", PASSWORD, START, by="test")
        yield connection


class Kept:
    """One open transaction in the place of a database."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        yield self.connection

    reading = transaction


def by_token(kept: Connection, token: str, at: datetime) -> persons.Person | None:
    return persons.by_token(Office(cast(Any, None), cast(Any, Kept(kept)), clock=lambda: at), token)


def test_a_password_opens_its_own_account_alone(kept: Connection) -> None:
    persons.add_person(kept, "idris", "reader", "another good password", START, by="test")
    found = persons.sign_in(kept, "maud", PASSWORD)
    assert found == persons.Person("maud", "editor", ("read", "desk"))
    for name, password in [
        ("idris", PASSWORD),
        ("maud", "another good password"),
        ("maud", ""),
        ("maud", PASSWORD.upper()),
        ("maud", PASSWORD + " "),
        ("maud", "x" * 5000),
        ("nobody", PASSWORD),
        ("ma\0ud", PASSWORD),
        ("", ""),
    ]:
        assert persons.sign_in(kept, name, password) is None, (name, password)


def test_an_account_without_a_password_is_opened_by_none(kept: Connection) -> None:
    people.add(kept, people.Account("rosa", "owner", "", START))
    assert persons.sign_in(kept, "rosa", "") is None
    assert persons.sign_in(kept, "rosa", PASSWORD) is None


@pytest.mark.parametrize("password", ["", "short one", "x" * 1001])
def test_a_password_that_cannot_be(password: str) -> None:
    with pytest.raises(BroadsheetError, match="password"):
        hashed(password)


def test_a_hash_is_argon2id_salted_and_a_spoiled_one_opens_nothing() -> None:
    first, second = hashed(PASSWORD), hashed(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, the second recommendation
    assert first != second
    assert is_right(first, PASSWORD)
    assert is_right(hashed("caf\u00e9 at the quay"), "cafe\u0301 at the quay")
    assert not is_right(hashed("gulls \udcff on rails"), "gulls \udcfe on rails")
    for spoiled in ("", "x", first[:-4], PASSWORD):
        assert not is_right(spoiled, PASSWORD)


@pytest.mark.parametrize("name", ["", "Maud", "-x", "a b", "a/b", "../x", "ma\0ud", "x" * 65, "<b>", "maud\n", "é"])
def test_a_name_that_cannot_be(kept: Connection, name: str) -> None:
    with pytest.raises(BroadsheetError, match="a name is small letters"):
        persons.add_person(kept, name, "reader", PASSWORD, START, by="test")


def test_a_name_is_taken_once(kept: Connection) -> None:
    with pytest.raises(BroadsheetError, match="somebody of that name"):
        persons.add_person(kept, "maud", "owner", PASSWORD, START, by="test")
    assert [account.role for account in people.everybody(kept)] == ["editor"]


def test_nobody_is_there_before_the_first_owner_is_made(database: Database) -> None:
    with database.reading() as connection:
        assert people.everybody(connection) == []


def test_a_session_lasts_its_time_and_ends_with_the_password(kept: Connection) -> None:
    person = persons.Person("maud", "editor", ("read", "desk"))
    first, second = (persons.open_session(kept, person, START, 2 * DAY) for _ in range(2))
    assert first != second
    found = persons.by_session(kept, first, START + DAY)
    assert found is not None
    assert (found.name, found.session) == ("maud", first)
    assert persons.by_session(kept, first, START + 2 * DAY) is None
    persons.close_session(kept, first)
    assert persons.by_session(kept, first, START) is None
    persons.change_password(kept, "maud", "another good password", START, by="test")
    assert persons.by_session(kept, second, START) is None
    assert persons.sign_in(kept, "maud", PASSWORD) is None


def test_sessions_have_forms_of_their_own(kept: Connection) -> None:
    person = persons.Person("maud", "editor", ("read", "desk"))
    made = [persons.by_session(kept, persons.open_session(kept, person, START), START) for _ in range(2)]
    tokens = {found.csrf for found in made if found}
    assert len(tokens) == 2
    assert not any(found.session in tokens for found in made if found)
    assert person.csrf == ""


def test_a_token_may_what_it_was_made_for_and_its_person_still_may(kept: Connection) -> None:
    token = persons.new_token(kept, "maud", ["desk"], "a script", START, 10)
    found = by_token(kept, token, START)
    assert found == persons.Person("maud", "editor", ("desk",))
    persons.change_role(kept, "maud", "reader", START, by="test")
    assert by_token(kept, token, START) == persons.Person("maud", "reader", ())
    assert by_token(kept, token, START + 10 * DAY) is None
    assert by_token(kept, token[:-1], START) is None
    assert by_token(kept, "", START) is None


def test_tokens_that_ended_long_ago_are_forgotten(kept: Connection) -> None:
    persons.new_token(kept, "maud", ["read"], "for good", START)
    persons.new_token(kept, "maud", ["read"], "short", START, 10)
    for days, labels in ((39, {"for good", "short", "39"}), (40, {"for good", "39", "40"})):
        persons.new_token(kept, "maud", ["read"], str(days), START + days * DAY)
        assert {token.label for token in people.tokens_of(kept, "maud")} == labels


@pytest.mark.parametrize("scopes", [["admin"], ["read", "hooks"], ["everything"], [""]])
def test_a_token_is_no_more_than_its_person(kept: Connection, scopes: list[str]) -> None:
    with pytest.raises(BroadsheetError, match="more than editors may; allowed: read, desk"):
        persons.new_token(kept, "maud", scopes, "", START)


def test_a_token_that_is_removed_opens_nothing(kept: Connection) -> None:
    persons.add_person(kept, "idris", "reader", PASSWORD, START, by="test")
    token = persons.new_token(kept, "maud", ["read"], "", START)
    [known] = people.tokens_of(kept, "maud")
    for name, id in [("idris", known.id), ("maud", ""), ("maud", "%"), ("maud", known.id[:-1]), ("maud", "f" * 12)]:
        with pytest.raises(BroadsheetError, match="no such token"):
            persons.drop_token(kept, name, id, START, by="test")
    persons.drop_token(kept, "maud", known.id, START, by="test")
    assert by_token(kept, token, START) is None


def test_one_who_is_removed_leaves_nothing_open(kept: Connection) -> None:
    token = persons.new_token(kept, "maud", ["read"], "", START)
    session = persons.open_session(kept, persons.Person("maud", "editor", ()), START)
    persons.remove_person(kept, "maud", START, by="test")
    assert by_token(kept, token, START) is None
    assert persons.by_session(kept, session, START) is None
    with pytest.raises(BroadsheetError, match="nobody of that name"):
        persons.remove_person(kept, "maud", START, by="test")


def test_what_is_kept_opens_nothing(kept: Connection) -> None:
    """Whoever reads the database finds no secret in it."""
    token = persons.new_token(kept, "maud", ["read"], "", START)
    session = persons.open_session(kept, persons.Person("maud", "editor", ()), START)
    said = repr([kept.execute(select(table)).all() for table in (accounts, sessions, tokens)])
    for secret in (PASSWORD, token, token.removeprefix("bs_"), session):
        assert secret not in said


def test_all_that_is_done_to_people_is_told(kept: Connection) -> None:
    persons.change_role(kept, "maud", "owner", START, by="olga")
    persons.new_token(kept, "maud", ["hooks"], "", START)
    persons.drop_token(kept, "maud", people.tokens_of(kept, "maud")[0].id, START, by="maud", address="203.0.113.9")
    persons.change_password(kept, "maud", "another good password", START, by="maud", address="203.0.113.9")
    persons.remove_person(kept, "maud", START, by="olga")
    lines = [(note.who, note.action, note.target.split()[0], note.address) for _, note in people.audited(kept, 10)]
    assert lines == [
        ("olga", "person removed", "maud", ""),
        ("maud", "password changed", "maud", "203.0.113.9"),
        ("maud", "token removed", "maud", "203.0.113.9"),
        ("olga", "role changed", "maud", ""),
        ("test", "person added", "maud", ""),
    ]


def test_the_log_is_read_in_pages(kept: Connection) -> None:
    people.note(kept, *(people.Note(START, "maud", f"step {number}") for number in range(5)))
    first = people.audited(kept, 3)
    assert [note.action for _, note in first] == ["step 4", "step 3", "step 2"]
    assert [note.action for _, note in people.audited(kept, 3, before=first[-1][0])] == ["step 1", "step 0", "person added"]
