"""What a provider of OpenID Connect has signed, and what of it is believed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from broadsheet.errors import BroadsheetError

# with public keys all: with a shared secret, or none, whoever knows us could sign
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
LEEWAY = 60  # seconds that clocks may differ
MOST_KEYS = 100
LONGEST = 255  # characters of a subject, by the standard

Claims = Mapping[str, Any]
Kind = TypeVar("Kind")


class OidcError(BroadsheetError):
    """The provider did not answer, or what it says cannot be believed."""


class _Keys(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


def decoded(content: bytes, kind: type[Kind], what: str) -> Kind:
    """Raises OidcError when that is no JSON of that kind."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise OidcError(f"{what} cannot be read: {error}") from None


def keys_of(content: bytes) -> list[Key]:
    """The keys for signatures in a provider's list (RFC 7517). Raises OidcError when it is none."""
    found = decoded(content, _Keys, "the list of keys")
    return [key for data in found.keys[:MOST_KEYS] if (key := _key(data)) is not None]


def _key(data: dict[str, Any]) -> Key | None:
    """None for a key that signs nothing, or that we cannot read."""
    if data.get("kty") == "oct" or data.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


def signed(token: str, keys: Iterable[Key]) -> Claims:
    """The claims of a token that is signed with one of the keys, the one it names if it does. Raises OidcError."""
    kid = _kid(token)
    for key in keys:
        if kid is not None and key.kid != kid:
            continue
        try:
            return jwt.decode(token, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
    raise OidcError("the ID token is signed with no key of the provider")


def _kid(token: str) -> Any:
    try:
        return jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise OidcError(f"the ID token cannot be read: {type(error).__name__}") from None


def check(claims: Claims, issuer: str, client: str, nonce: str, at: datetime) -> None:
    """Whether claims are the provider's, for us, for this flow and still valid (OpenID Connect Core 1.0, 3.1.3.7).

    Raises OidcError.
    """
    wanted: dict[str, jwt.ClaimsOption] = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client},
        "nonce": {"essential": True, "value": nonce},
        **{name: {"essential": True} for name in ("sub", "exp", "iat")},
    }
    try:
        jwt.JWTClaimsRegistry(now=int(at.timestamp()), leeway=LEEWAY, **wanted).validate(dict(claims))
    except (JoseError, OverflowError) as error:
        raise OidcError(f"the ID token is not for this sign-in: {getattr(error, 'description', 'numbers too large')}") from None
    many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if many else client) != client or claims["nonce"] != nonce or len(claims["sub"]) > LONGEST:
        raise OidcError("the ID token is not for this sign-in: it was made for others")
