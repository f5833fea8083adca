"""OpenID Connect, the side of the newsroom: who somebody is, by the signed word of a provider.

The authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). Nothing of an answer is believed that is not signed
with a key that the provider's own discovery document names, made for us, for this flow, and still valid.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b, sha256
from time import monotonic
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import msgspec
from joserfc.jwk import Key

from broadsheet.gather.addresses import names_private
from broadsheet.serve.oidc_tokens import Claims, OidcError, check, decoded, keys_of, signed
from broadsheet.settings import OidcSettings
from broadsheet.urls import host

FRESH = 3600.0  # seconds that a discovery document and keys are used
AGAIN = 60.0  # seconds until keys are asked for again because of one that is not among them
PATIENCE = 10.0  # seconds for an answer
LARGEST = 1_000_000  # bytes of one


class Flow(msgspec.Struct, frozen=True):
    """One sign-in under way. All that it needs follows from a secret that the browser keeps, so that we keep nothing."""

    secret: str

    @classmethod
    def begin(cls) -> Flow:
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        """By which the answer is known to come to the browser that asked."""
        return self._derived(b"state")

    @property
    def nonce(self) -> str:
        """By which the provider's word is known to be for this flow."""
        return self._derived(b"nonce")

    @property
    def verifier(self) -> str:
        """Without which nobody can use the code (PKCE)."""
        return self._derived(b"pkce")

    @property
    def challenge(self) -> str:
        return _base64(sha256(self.verifier.encode()).digest())

    def _derived(self, purpose: bytes) -> str:
        return _base64(blake2b(purpose, key=sha256(self.secret.encode()).digest(), digest_size=32).digest())


class Document(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class Provider:
    """The provider of the settings, with what is remembered of it. ``secret`` is ours with it; empty when we have none."""

    def __init__(self, settings: OidcSettings, secret: str, clock: Callable[[], float] = monotonic) -> None:
        self._settings, self._secret, self._clock = settings, secret, clock
        self._document: tuple[float, Document] | None = None
        self._keys: tuple[float, list[Key]] | None = None
        self._asking = asyncio.Lock()

    async def address(self, flow: Flow, back: str) -> str:
        """Where the browser is sent, to come back to ``back``. Raises OidcError."""
        document = await self._known()
        if not _is_safe(document.authorization_endpoint):
            raise OidcError("the provider names an address to sign in at without https")
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": " ".join(self._settings.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in document.authorization_endpoint else "?"
        return document.authorization_endpoint + joint + urlencode(query)

    async def claims(self, flow: Flow, code: str, back: str, at: datetime) -> Claims:
        """What the provider says of who signed in, for the code it gave. Raises OidcError."""
        document = await self._known()
        tokens = decoded(await self._exchange(document, flow, code, back), _Tokens, "the answer to the code")
        claims = await self._believed(tokens.id_token, flow, at)
        if self._settings.claim in claims or not (document.userinfo_endpoint and tokens.access_token):
            return claims
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        more = decoded(await self._ask("GET", document.userinfo_endpoint, headers), dict[str, Any], "userinfo")
        if more.get("sub") != claims["sub"]:
            raise OidcError("userinfo is about somebody else")
        return {**more, **claims}

    async def _exchange(self, document: Document, flow: Flow, code: str, back: str) -> bytes:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": flow.verifier}
        headers, methods = {}, document.token_endpoint_auth_methods_supported
        if self._secret and ("client_secret_basic" in methods or "client_secret_post" not in methods):
            pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._secret)}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._settings.client_id
            form |= {"client_secret": self._secret} if self._secret else {}
        return await self._ask("POST", document.token_endpoint, headers, form)

    async def _believed(self, token: str, flow: Flow, at: datetime) -> Claims:
        keys = await self._known_keys()
        try:
            claims = signed(token, keys)
        except OidcError:  # the provider may have changed its keys
            newer = await self._known_keys(older=AGAIN)
            if newer is keys:
                raise
            claims = signed(token, newer)
        check(claims, self._settings.issuer, self._settings.client_id, flow.nonce, at)
        return claims

    # --- what is remembered ----------------------------------------------------------------------------------------------

    async def _known(self) -> Document:
        async with self._asking:
            if self._document is None or self._clock() - self._document[0] > FRESH:
                self._document = (self._clock(), await self._discovered())
            return self._document[1]

    async def _discovered(self) -> Document:
        issuer = self._settings.issuer
        where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        document = decoded(await self._ask("GET", where), Document, "the discovery document")
        if document.issuer != issuer:
            raise OidcError(f"the discovery document is of {document.issuer[:200]!r}, not of serve.oidc.issuer")
        return document

    async def _known_keys(self, older: float = FRESH) -> list[Key]:
        """The provider's keys, asked for again when what we have is older than so many seconds."""
        document = await self._known()
        async with self._asking:
            if self._keys is None or self._clock() - self._keys[0] > older:
                self._keys = (self._clock(), keys_of(await self._ask("GET", document.jwks_uri)))
            return self._keys[1]

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> bytes:
        if not _is_safe(url):
            raise OidcError(f"the provider names an address without https: {url[:200]}")
        if names_private(host(url)) and not names_private(host(self._settings.issuer)):
            raise OidcError(f"the provider is elsewhere, and names an address in here: {url[:200]}")
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.request(method, url, headers=headers, data=form, allow_redirects=False) as answer,
            ):
                return await _content(answer)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise OidcError(f"the provider does not answer: {type(error).__name__}") from None


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for part in answer.content.iter_chunked(65_536):
        content += part
        if len(content) > LARGEST:
            raise OidcError("the provider's answer is too large")
    if answer.status != 200:
        raise OidcError(f"the provider answers with status {answer.status}")
    return bytes(content)


def _is_safe(url: str) -> bool:
    """Whether nobody on the way can read or change what is said there: by HTTPS, or on this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
    except ValueError:
        return False


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
