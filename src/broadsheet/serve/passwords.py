"""Passwords, kept as their argon2id hashes alone."""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import cache
from threading import Semaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from broadsheet.errors import BroadsheetError

SHORTEST, LONGEST = 10, 1000  # characters of a password

_HASHER = PasswordHasher()
_AT_ONCE = Semaphore(2)  # each check of a password takes 64 MB


def hashed(password: str) -> str:
    """The argon2id hash of a password. Raises BroadsheetError for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BroadsheetError(f"a password has {SHORTEST} to {LONGEST} characters")
    with _AT_ONCE:
        return _HASHER.hash(_bytes(password))


def is_right(kept: str, password: str) -> bool:
    """Whether that is the password of a hash; for an empty hash it is none, and finding that out takes as long."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE, suppress(VerificationError, InvalidHashError):
        return _HASHER.verify(kept or _nobodys(), _bytes(password)) and bool(kept)
    return False


def _bytes(password: str) -> bytes:
    """The same for one word however its accents were typed (RFC 8265)."""
    return normalize("NFC", password).encode(errors="surrogatepass")


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())
