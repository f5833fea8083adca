"""Who owns an outlet: as the newsroom says, else as shipped, else itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.curate import owners
from broadsheet.curate.owners import owner, voices
from broadsheet.urls import registrable_domain

LINES = [
    line
    for line in Path(owners.__file__).with_name("owners.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_an_unknown_outlet_is_its_own_owner() -> None:
    assert owner("courier.example", {}) == "courier.example"


def test_the_newsroom_has_the_last_word() -> None:
    assert owner("courier.example", {"courier.example": "Harbour Press"}) == "Harbour Press"
    name, _, domains = LINES[0].partition(": ")
    shipped = domains.split()[0]
    assert owner(shipped, {}) == name
    assert owner(shipped, {shipped: "Harbour Press"}) == "Harbour Press"
    assert owner(shipped, {shipped: ""}) == shipped


def test_the_first_of_an_owner_is_its_voice() -> None:
    own = {"a.example": "X", "c.example": "X"}
    assert voices(["a.example", "b.example", "c.example"], own) == {
        "a.example": "a.example",
        "b.example": "b.example",
        "c.example": "a.example",
    }


def test_each_outlet_is_shipped_once_under_one_owner() -> None:
    domains = [domain for line in LINES for domain in line.partition(": ")[2].split()]
    assert len(domains) == len(set(domains)) > 200
    assert all(registrable_domain(f"https://{domain}/") == domain for domain in domains)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition(":")[0])
def test_an_owner_has_two_outlets_at_least(line: str) -> None:
    name, colon, domains = line.partition(": ")
    assert colon
    assert name == name.strip()
    assert len(domains.split()) > 1
