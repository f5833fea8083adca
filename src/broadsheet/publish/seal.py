"""Sealing a record's private notes: AES-SIV (RFC 5297) with the record's path as associated data.

AES-SIV is deterministic, so the same notes under the same key give the same bytes and a record whose notes did not change is
not rewritten; it tells equal notes of one record apart from changed ones and nothing else. A seal copied to another record does
not open there, as the path is part of what is authenticated.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from broadsheet.errors import SealError

KEY_BYTES = 64  # AES-256-SIV takes two keys of 32 bytes
SIV_BYTES = 16
MAX_SEAL = 100_000  # characters
VARIABLE = "BROADSHEET_KEY"

Notes = dict[str, Any]


class Sealer:
    """Seals with the first of its keys and opens with any: to rotate, put a new key before the old ones."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises SealError when there is no key or one is not of 64 bytes."""
        if not keys:
            raise SealError(f"no key: set {VARIABLE} or write a key file")
        if any(len(key) != KEY_BYTES for key in keys):
            raise SealError(f"a key has {KEY_BYTES} bytes")
        self._ciphers = [AESSIV(key) for key in keys]

    def seal(self, path: str, notes: Notes) -> str:
        """``notes``, which must be JSON, sealed for the record at ``path``: ``base64(ciphertext);base64(SIV)``."""
        sealed = self._ciphers[0].encrypt(_canonical(notes), [path.encode()])
        siv, ciphertext = sealed[:SIV_BYTES], sealed[SIV_BYTES:]
        return f"{base64.b64encode(ciphertext).decode()};{base64.b64encode(siv).decode()}"

    def unseal(self, path: str, sealed: str) -> Notes:
        """The notes in a seal of the record at ``path``.

        Raises SealError when it is not of a seal's form or opens with none of our keys: a foreign seal, that of another
        record, or altered bytes, which authenticated encryption does not tell apart.
        """
        content = _split(path, sealed)
        for cipher in self._ciphers:
            try:
                return msgspec.json.decode(cipher.decrypt(content, [path.encode()]), type=Notes)
            except InvalidTag:
                continue
            except msgspec.MsgspecError as error:
                raise SealError(f"{path}: the seal holds no notes") from error
        raise SealError(f"{path}: none of our keys opens the seal; it is foreign, another record's, or altered")

    def is_ours(self, path: str, sealed: str) -> bool:
        """Whether one of our keys opens the seal."""
        try:
            self.unseal(path, sealed)
        except SealError:
            return False
        return True

    def renew(self, path: str, notes: Notes, sealed: str) -> str:
        """The seal that the record should carry, given the one it has, or ``""``.

        A seal that says the same already stays, whichever of our keys made it, and so does a foreign one: what others sealed
        is not ours to throw away.
        """
        if not sealed:
            return self.seal(path, notes)
        try:
            same = _canonical(self.unseal(path, sealed)) == _canonical(notes)
        except SealError:
            return sealed
        return sealed if same else self.seal(path, notes)

    def reseal(self, path: str, sealed: str) -> str:
        """The same notes under the first key, so that older keys can be given up. Raises SealError for a foreign seal."""
        return self.seal(path, self.unseal(path, sealed))


def new_key() -> str:
    """A new random key in the form of the key file: base64 of 64 bytes."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def load_keys(environment: Mapping[str, str], path: Path) -> tuple[bytes, ...]:
    """The keys in ``BROADSHEET_KEY``, else those in the file at ``path``; none when there is neither.

    One key a line, base64 of 64 bytes; empty lines and what follows a ``#`` are passed over. Raises SealError.
    """
    text, where = environment.get(VARIABLE, ""), VARIABLE
    if not text.strip():
        text, where = _read(path), str(path)
    lines = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1))
    return tuple(_key(line, f"{where}, line {number}") for number, line in lines if line)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SealError(f"the key file {path} cannot be read: {error}") from error


def _key(line: str, where: str) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise SealError(f"{where}: a key is base64 of {KEY_BYTES} bytes") from error
    if len(key) != KEY_BYTES:
        raise SealError(f"{where}: a key has {KEY_BYTES} bytes, this one {len(key)}")
    return key


def _canonical(notes: Notes) -> bytes:
    try:
        return msgspec.json.encode(notes, order="sorted")
    except (TypeError, ValueError, RecursionError) as error:
        raise SealError(f"notes are not JSON: {error}") from error


def _split(path: str, sealed: str) -> bytes:
    """The bytes that AES-SIV gave: the synthetic IV before the ciphertext."""
    if len(sealed) > MAX_SEAL:
        raise SealError(f"{path}: the seal is longer than {MAX_SEAL} characters")
    try:
        parts = [base64.b64decode(part, validate=True) for part in sealed.split(";")]
    except (binascii.Error, ValueError) as error:
        raise SealError(f"{path}: the seal is not of the form base64;base64") from error
    if len(parts) != 2 or len(parts[1]) != SIV_BYTES or not parts[0]:
        raise SealError(f"{path}: the seal is not of the form base64;base64")
    return parts[1] + parts[0]
