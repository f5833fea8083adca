"""Seals: the same bytes for the same notes, bound to one record, opened by any of our keys."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import SealError
from broadsheet.publish.seal import Sealer, load_keys, new_key

OLD, NEW, OTHER = (bytes([number]) * 64 for number in (1, 2, 3))
PATH = "_news/2026-01-02-fog.md"
NOTES = {"source": "https://gazette.example/feed", "score": {"length": 12.5, "author": 10}, "desk": ["kept ✓"]}
PINNED = (
    "pb5oKbDjjCWnaGjBlxAys68T2S8IgmHZ7iARSjm0CMTmYd2PwRR7au/HBjcGuFVu0E"
    "bntLBRQgGNqrwm9z1UzAY17sYqbtbtvdBBIBHtxwzWmfMVqdul9vv33VzkBcVgtg==;kZP4hvW/+QEDja2HcoGTRQ=="
)
FOREIGN = "8SIapV6Nq+e5QkA=;kPZ1nC4CUj3UYmVvqvS1oA=="


def test_form_is_the_ciphertext_and_then_the_iv_of_rfc_5297() -> None:
    ciphertext, iv = (base64.b64decode(part) for part in Sealer([NEW]).seal(PATH, {"b": 1, "a": "é"}).split(";"))
    assert len(iv) == 16
    assert AESSIV(NEW).decrypt(iv + ciphertext, [PATH.encode()]) == '{"a":"é","b":1}'.encode()


def test_bytes_are_pinned() -> None:
    """The same on every machine and in every version, or all records would be rewritten."""
    assert Sealer([OLD]).seal(PATH, NOTES) == PINNED


def test_same_notes_in_another_order_give_the_same_seal() -> None:
    turned = dict(reversed(NOTES.items()))
    assert Sealer([NEW]).seal(PATH, NOTES) == Sealer([NEW]).seal(PATH, turned)
    assert Sealer([NEW]).seal(PATH, NOTES) != Sealer([NEW]).seal("_news/2026-01-02-rain.md", NOTES)


@given(
    st.dictionaries(
        st.text(),
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    )
)
def test_any_notes_come_back(notes: dict[str, object]) -> None:
    sealer = Sealer([NEW])
    assert sealer.unseal(PATH, sealer.seal(PATH, notes)) == notes


def test_rotation() -> None:
    before, both, after = Sealer([OLD]), Sealer([NEW, OLD]), Sealer([NEW])
    sealed = before.seal(PATH, NOTES)
    assert both.unseal(PATH, sealed) == NOTES
    assert both.renew(PATH, NOTES, sealed) == sealed
    assert both.renew(PATH, {**NOTES, "desk": []}, sealed) == after.seal(PATH, {**NOTES, "desk": []})
    assert both.reseal(PATH, sealed) == after.seal(PATH, NOTES)
    assert not after.is_ours(PATH, sealed)
    assert after.is_ours(PATH, both.reseal(PATH, sealed))


def test_renew_seals_what_has_no_seal_and_keeps_a_foreign_one() -> None:
    sealer = Sealer([NEW])
    assert sealer.renew(PATH, NOTES, "") == sealer.seal(PATH, NOTES)
    assert sealer.renew(PATH, NOTES, FOREIGN) == FOREIGN
    assert sealer.renew(PATH, NOTES, "elided;elided") == "elided;elided"
    with pytest.raises(SealError, match="none of our keys"):
        sealer.reseal(PATH, FOREIGN)


def altered(sealed: str) -> list[str]:
    ciphertext, iv = (base64.b64decode(part) for part in sealed.split(";"))
    pairs = [
        (bytes([ciphertext[0] ^ 1]) + ciphertext[1:], iv),
        (ciphertext, bytes([iv[0] ^ 1]) + iv[1:]),
        (ciphertext[:-1], iv),
    ]
    return [";".join(base64.b64encode(part).decode() for part in pair) for pair in pairs]


@pytest.mark.parametrize("sealed", [*altered(Sealer([NEW]).seal(PATH, NOTES)), Sealer([OTHER]).seal(PATH, NOTES), FOREIGN])
def test_what_does_not_open(sealed: str) -> None:
    with pytest.raises(SealError, match="none of our keys opens the seal"):
        Sealer([NEW, OLD]).unseal(PATH, sealed)


def test_a_seal_does_not_open_on_another_record() -> None:
    with pytest.raises(SealError, match="none of our keys"):
        Sealer([NEW]).unseal("_news/2026-01-02-rain.md", Sealer([NEW]).seal(PATH, NOTES))


@pytest.mark.parametrize(
    "sealed", ["", ";", "elided;elided", "YQ==", "YQ==;YQ==", "YQ==;AAAAAAAAAAAAAAAAAAAAAA==;YQ==", "é;é", "Y" * 100_001]
)
def test_what_has_not_the_form_of_a_seal(sealed: str) -> None:
    with pytest.raises(SealError, match=r"not of the form|longer than"):
        Sealer([NEW]).unseal(PATH, sealed)


def test_a_seal_of_something_else_than_notes() -> None:
    sealed = AESSIV(NEW).encrypt(b"[1]", [PATH.encode()])
    text = f"{base64.b64encode(sealed[16:]).decode()};{base64.b64encode(sealed[:16]).decode()}"
    with pytest.raises(SealError, match="holds no notes"):
        Sealer([NEW]).unseal(PATH, text)


def test_notes_that_are_not_json_are_refused() -> None:
    with pytest.raises(SealError, match="not JSON"):
        Sealer([NEW]).seal(PATH, {"x": object()})


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b""]])
def test_keys_are_checked(keys: list[bytes]) -> None:
    with pytest.raises(SealError, match="key"):
        Sealer(keys)


def test_keys_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    first, second = new_key(), new_key()
    assert first != second
    assert load_keys({}, file) == ()
    file.write_text(f"# ours\n{first}  # since May\n\n{second}\n")
    assert load_keys({}, file) == (base64.b64decode(first), base64.b64decode(second))
    assert load_keys({"BROADSHEET_KEY": second}, file) == (base64.b64decode(second),)
    assert load_keys({"BROADSHEET_KEY": " "}, file)[0] == base64.b64decode(first)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not base64!", "line 1: a key is base64"),
        ("# x\nYQ==", "line 2: a key has 64 bytes, this one 1"),
        ("ключ", "cannot be read"),
    ],
)
def test_wrong_key_files_are_named_with_the_line_but_not_the_key(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    with pytest.raises(SealError, match=reason) as caught:
        load_keys({}, file)
    assert text not in str(caught.value)
