"""A provider of OpenID Connect on loopback, with real keys, that tells lies when a test wants it to."""

from __future__ import annotations

import json
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.serve.readers import START

CLIENT, SECRET = "paper:harbour", "a secret & a half"
MAUD = {"sub": "248289761001", "email": "maud@paper.example", "email_verified": True, "preferred_username": "maud"}


@cache
def key(name: str, kind: str = "RSA") -> Key:
    parameters = {"kid": name, "use": "sig"}
    if kind == "RSA":
        return RSAKey.generate_key(2048, parameters)
    if kind == "EC":
        return ECKey.generate_key("P-256", parameters)
    return OKPKey.generate_key("Ed25519", parameters)


ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}


class House:
    """The provider. Who signs in is ``user``; the rest is what a test may change."""

    home: str

    def __init__(self) -> None:
        self.user: dict[str, Any] = dict(MAUD)
        self.keys: list[Key] = [key("first")]
        self.signs: Key = self.keys[0]
        self.says: dict[str, Any] = {}  # over what the discovery document says
        self.answers: dict[str, tuple[int, bytes]] = {}  # by path, in place of the right ones
        self.spoil: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.forge: Callable[[dict[str, Any]], str] | None = None
        self.info: dict[str, Any] = {}
        self.asked: list[str] = []  # paths, as they came
        self.codes: dict[str, dict[str, str]] = {}
        self.now = int(START.timestamp())

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.home,
            "authorization_endpoint": f"{self.home}/authorize?tenant=1",
            "token_endpoint": f"{self.home}/token",
            "jwks_uri": f"{self.home}/keys",
            "userinfo_endpoint": f"{self.home}/userinfo",
            "response_types_supported": ["code"],
            **self.says,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to, with a code."""
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.home})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """RFC 6749 and RFC 7636 as they are to be kept: a code once, by its own client, with its own verifier."""
        query = self.codes.pop(form.get("code", ""), None)
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization:
            client, secret = map(unquote_plus, b64decode(authorization.removeprefix("Basic ")).decode().split(":"))
        if (client, secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        digest = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if query is None or query["redirect_uri"] != form["redirect_uri"] or query["code_challenge"] != digest:
            return 400, {"error": "invalid_grant"}
        claims = {**self.user, "iss": self.home, "aud": CLIENT, "nonce": query["nonce"], "iat": self.now, "exp": self.now + 300}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.signed(self.spoil(claims))}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.forge is not None:
            return self.forge(claims)
        algorithm = ALGORITHMS[self.signs.key_type]
        return jwt.encode({"alg": algorithm, "kid": self.signs.kid}, claims, self.signs, algorithms=[algorithm])

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/token":
            status, said = self.token(form, authorization)
            return status, json.dumps(said).encode()
        if path == "/userinfo":
            assert authorization == "Bearer opaque"
        known = {
            "/.well-known/openid-configuration": self.document(),
            "/keys": {"keys": [item.as_dict(private=False) for item in self.keys]},
            "/userinfo": self.info,
        }
        return (200, json.dumps(known[path]).encode()) if path in known else (404, b"")


class _Door(BaseHTTPRequestHandler):
    house: House

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == "/authorize":
            back = self.house.authorize({name: values[0] for name, values in parse_qs(where.query).items()})
            self._send(302, b"", Location=back)
        else:
            self._send(*self.house.answer(where.path, {}, self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._send(*self.house.answer(self.path, form, self.headers.get("Authorization", "")))

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Those who hang up on an answer that is too large break the connection; that is what is tested."""


@contextmanager
def providing() -> Iterator[House]:
    house = House()
    with _Server(("127.0.0.1", 0), type("Door", (_Door,), {"house": house})) as server:
        house.home = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield house
        finally:
            server.shutdown()
            thread.join()
