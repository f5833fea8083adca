"""A text that several have is credited to the agency that wrote it, else to the earliest."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadsheet.curate import crediting
from broadsheet.curate.crediting import credited, is_agency
from broadsheet.curate.quality import quality
from broadsheet.models import Judgement, Member
from broadsheet.settings import CurateSettings
from broadsheet.urls import registrable_domain
from tests.curate.conftest import joined

SETTINGS = CurateSettings(agencies=("wire.example",))
DOMAINS = [
    domain
    for line in Path(crediting.__file__).with_name("agencies.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for domain in line.partition(": ")[2].split()
]


def has(outlet: str, hours: float, copy_of: str = "") -> Member:
    """An article that has a text, judged as it came."""
    of = f"{copy_of}.example/x" if copy_of else ""
    member = joined(
        "Dam bursts", outlet=f"{outlet}.example", key=f"{outlet}.example/x", hours=hours, copy_of=of, word_count=200
    )
    return replace(member, judgement=replace(member.judgement, quality=quality(member.article, SETTINGS.quality, copy_of=of)))


def credits_of(*members: Member) -> dict[str, str]:
    """Whose text each has afterwards, by outlet."""
    changed = {judgement.key: judgement for judgement in credited(members, SETTINGS)}
    after = [changed.get(member.article.key, member.judgement) for member in members]
    for judgement, member in zip(after, members, strict=True):
        assert judgement.quality == quality(member.article, SETTINGS.quality, copy_of=judgement.copy_of)
    return {_outlet(judgement.key): _outlet(judgement.copy_of) for judgement in after}


def _outlet(key: str) -> str:
    return key.partition(".")[0]


CREDITED = [
    ("as they came", [has("a", 1), has("b", 2, "a")], {"a": "", "b": "a"}),
    ("the earlier came later", [has("a", 2), has("b", 1, "a")], {"a": "b", "b": ""}),
    ("the agency's, though it is later", [has("a", 1), has("wire", 2, "a"), has("b", 3, "a")],
     {"a": "wire", "wire": "", "b": "wire"}),
    ("two texts", [has("a", 1), has("b", 1), has("c", 2, "a"), has("d", 0, "b")], {"a": "", "b": "d", "c": "a", "d": ""}),
    ("a later copy names the one it was first taken from", [has("a", 1, "wire"), has("wire", 2), has("c", 3, "a")],
     {"a": "wire", "wire": "", "c": "wire"}),
    ("a day without a time, which is noon's", [has("a", 2), has("b", -12, "a")], {"a": "", "b": "a"}),
    ("who had it first is in another story", [has("a", 2, "z"), has("b", 1, "z")], {"a": "z", "b": "z"}),
    ("a ring, which nothing makes", [has("a", 2, "b"), has("b", 1, "a")], {"a": "b", "b": "a"}),
]  # fmt: skip


@pytest.mark.parametrize(("members", "expected"), [case[1:] for case in CREDITED], ids=[case[0] for case in CREDITED])
def test_credit(members: list[Member], expected: dict[str, str]) -> None:
    assert credits_of(*members) == expected
    for _ in range(5):
        random.shuffle(members)
        assert credits_of(*members) == expected


def test_what_is_credited_rightly_stays_as_it_is() -> None:
    members = [has("a", 2), has("b", 1, "a"), has("c", 3)]
    changed: dict[str, Judgement] = {judgement.key: judgement for judgement in credited(members, SETTINGS)}
    after = [replace(member, judgement=changed.get(member.article.key, member.judgement)) for member in members]
    assert changed
    assert credited(after, SETTINGS) == []


def test_the_list_of_agencies_is_of_registrable_domains_each_once() -> None:
    assert len(DOMAINS) == len(set(DOMAINS)) > 50
    assert all(registrable_domain(f"https://www.{domain}/") == domain for domain in DOMAINS)
    assert all(is_agency(domain, ()) for domain in DOMAINS)
    assert not is_agency("courier.example", ())
