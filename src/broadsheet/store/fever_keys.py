"""The keys of Fever's apps: an app sends the MD5 of NAME:PASSWORD, so that is made when a token is, and kept hashed."""

from __future__ import annotations

from hashlib import md5, sha256

from sqlalchemy import Connection, delete, insert, select

from broadsheet.store.tables import fever_keys, tokens


def keep(connection: Connection, name: str, secret: str, token: str) -> None:
    """Keep the key of a token, whose digest is ``token``; those of tokens that are no more are forgotten."""
    connection.execute(delete(fever_keys).where(fever_keys.c.token.not_in(select(tokens.c.digest))))
    connection.execute(insert(fever_keys).values(key=_kept(api_key(name, secret)), token=token))


def token_of(connection: Connection, key: str) -> str:
    """The digest of the token that a key was made of; empty for none."""
    return str(connection.execute(select(fever_keys.c.token).where(fever_keys.c.key == _kept(key))).scalar() or "")


def api_key(name: str, secret: str) -> str:
    """What an app sends in place of a name and password, by Fever's rule."""
    return md5(f"{name}:{secret}".encode(), usedforsecurity=False).hexdigest()


def _kept(key: str) -> str:
    return sha256(key.lower().encode()).hexdigest()
