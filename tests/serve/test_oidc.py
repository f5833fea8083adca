"""The client of OpenID Connect against a real small provider: what is believed, and all that is not."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt

from broadsheet.serve.oidc import AGAIN, FRESH, LARGEST, Document, Flow, Provider
from broadsheet.serve.oidc_tokens import OidcError, keys_of, signed
from broadsheet.settings import OidcSettings
from tests.serve.provider import CLIENT, MAUD, SECRET, House, key, providing
from tests.serve.readers import START

BACK = "http://paper.example/account/oidc/back"
NOW = int(START.timestamp())
Spoil = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def house() -> Iterator[House]:
    with providing() as made:
        yield made


def client(house: House, clock: Callable[[], float] = lambda: 0.0, **changed: Any) -> Provider:
    return Provider(OidcSettings(issuer=house.home, client_id=CLIENT, **changed), SECRET, clock)


async def visit(house: House, provider: Provider, flow: Flow) -> str:
    """What a browser does: go where it is sent, and bring the code back."""
    there = urlsplit(await provider.address(flow, BACK))
    query = {name: values[0] for name, values in parse_qs(there.query).items()}
    assert query["tenant"] == "1"
    back = parse_qs(urlsplit(house.authorize(query)).query)
    assert back["state"] == [flow.state]
    return back["code"][0]


def sign_in(house: House, provider: Provider | None = None, flow: Flow | None = None) -> dict[str, Any]:
    provider, flow = provider or client(house), flow or Flow.begin()

    async def both() -> dict[str, Any]:
        return dict(await provider.claims(flow, await visit(house, provider, flow), BACK, START))

    return asyncio.run(both())


@pytest.mark.parametrize("kind", ["RSA", "EC", "OKP"])
def test_what_a_provider_signs_is_believed(house: House, kind: str) -> None:
    house.keys = [key("other"), key(f"of {kind}", kind)]
    house.signs = house.keys[1]
    assert sign_in(house).items() >= MAUD.items()


@pytest.mark.parametrize("methods", [["client_secret_post"], ["private_key_jwt", "client_secret_basic"], None])
def test_the_client_shows_its_secret_as_the_provider_wants(house: House, methods: list[str] | None) -> None:
    house.says = {"token_endpoint_auth_methods_supported": methods} if methods else {}
    assert sign_in(house)["sub"] == MAUD["sub"]
    with pytest.raises(OidcError, match="status 401"):
        sign_in(house, Provider(OidcSettings(issuer=house.home, client_id=CLIENT), "another secret"))


def test_each_flow_has_words_of_its_own_and_the_secret_is_in_none() -> None:
    first, second = Flow.begin(), Flow.begin()
    words = [word for flow in (first, second) for word in (flow.state, flow.nonce, flow.verifier, flow.challenge, flow.secret)]
    assert len(set(words)) == len(words)
    assert Flow(first.secret).state == first.state
    assert 43 <= len(first.verifier) <= 128


# --- lies ----------------------------------------------------------------------------------------------------------------


def said(**changed: Any) -> Spoil:
    return lambda claims: {name: value for name, value in {**claims, **changed}.items() if value is not None}


LIES = {
    "expired": said(exp=NOW - 61),
    "expired long ago": said(exp=1),
    "without an end": said(exp=None),
    "with an end in words": said(exp="tomorrow"),
    "with an end that is true": said(exp=True),
    "without a beginning": said(iat=None),
    "issued in the future": said(iat=NOW + 61),
    "not valid yet": said(nbf=NOW + 61),
    "for another client": said(aud="another"),
    "for other clients": said(aud=["another", "third"]),
    "for nobody": said(aud=None),
    "for an object": said(aud={"a": CLIENT}),
    "for several, and not for whom": said(aud=[CLIENT, "another"]),
    "for several, and for another": said(aud=[CLIENT, "another"], azp="another"),
    "for us, given to another": said(azp="another"),
    "of another issuer": said(iss="https://evil.example"),
    "of an issuer with a slash more": lambda claims: {**claims, "iss": claims["iss"] + "/"},
    "of several issuers": lambda claims: {**claims, "iss": [claims["iss"], "https://evil.example"]},
    "of no issuer": said(iss=None),
    "without a nonce": said(nonce=None),
    "with another flow's nonce": said(nonce=Flow("another").nonce),
    "with several nonces": lambda claims: {**claims, "nonce": [claims["nonce"], Flow("another").nonce]},
    "about nobody": said(sub=None),
    "about a number": said(sub=5),
    "about an empty name": said(sub=""),
    "about a name without end": said(sub="x" * 256),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_is_refused(house: House, lie: str) -> None:
    house.spoil = LIES[lie]
    with pytest.raises(OidcError, match="the ID token is not for this sign-in"):
        sign_in(house)


def test_clocks_may_differ_a_little_and_we_may_be_one_of_several(house: House) -> None:
    house.spoil = said(exp=NOW - 59, iat=NOW + 59, nbf=NOW + 59, aud=["another", CLIENT], azp=CLIENT)
    assert sign_in(house)["sub"] == MAUD["sub"]


def test_a_token_of_an_earlier_sign_in_is_refused(house: House) -> None:
    """Replayed as it was: rightly signed, still valid, for us."""
    kept: list[str] = []
    house.forge = lambda claims: kept.append(honest(house, claims)) or kept[0]
    assert sign_in(house)["sub"] == MAUD["sub"]
    with pytest.raises(OidcError, match="nonce"):
        sign_in(house)


def honest(house: House, claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": house.signs.kid, **header}, claims, house.signs, algorithms=["RS256"])


def part(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def public_pem(house: House) -> bytes:
    return house.signs.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def foreign(claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first", **header}, claims, key("evil"), algorithms=["RS256"])


def shared(claims: dict[str, Any], secret: bytes) -> str:
    signing = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(claims)}"
    return f"{signing}.{part(hmac.digest(secret, signing.encode(), 'sha256'))}"


def swapped(house: House, claims: dict[str, Any]) -> str:
    head, _, signature = honest(house, claims).split(".")
    return f"{head}.{part({**claims, 'email': 'olga@paper.example'})}.{signature}"


FORGERIES: dict[str, Callable[[House, dict[str, Any]], str]] = {
    "signed by another under the same key's name": lambda house, claims: foreign(claims),
    "signed by another without a key's name": lambda house, claims: jwt.encode({"alg": "RS256"}, claims, key("evil")),
    "signed with a key of a name nobody knows": lambda house, claims: foreign(claims, kid="evil"),
    "signed with a key it brings itself": lambda house, claims: foreign(claims, jwk=key("evil").as_dict(private=False)),
    "signed with a key it says where to find": lambda house, claims: foreign(claims, jku=f"{house.home}/keys"),
    "not signed": lambda house, claims: f"{part({'alg': 'none', 'kid': 'first'})}.{part(claims)}.",
    "not signed, in capitals": lambda house, claims: f"{part({'alg': 'NONE'})}.{part(claims)}.",
    "signed with our public key as a secret": lambda house, claims: shared(claims, public_pem(house)),
    "signed with the client's secret": lambda house, claims: shared(claims, SECRET.encode()),
    "with words changed": swapped,
    "with its signature cut": lambda house, claims: honest(house, claims)[:-8],
    "without its signature": lambda house, claims: honest(house, claims).rpartition(".")[0] + ".",
    "with a demand we do not know": lambda house, claims: (
        f"{part({'alg': 'RS256', 'crit': ['x'], 'x': 1})}.{part(claims)}.AAAA"
    ),
    "with a key's name that is none": lambda house, claims: f"{part({'alg': 'RS256', 'kid': {}})}.{part(claims)}.AAAA",
    "with a list for a head": lambda house, claims: f"{part([1])}.{part(claims)}.AAAA",
    "nested without end": lambda house, claims: f"{part(b'[' * 100_000)}.{part(claims)}.AAAA",
    "no token": lambda house, claims: "no token",
    "empty": lambda house, claims: "",
    "dots": lambda house, claims: "....",
    "encrypted": lambda house, claims: ".".join(["eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0", "", "AAAA", "AAAA", "AAAA"]),
    "accents": lambda house, claims: "\u00e9.\u00e9.\u00e9",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(house: House, forgery: str) -> None:
    house.forge = lambda claims: FORGERIES[forgery](house, claims)
    with pytest.raises(OidcError, match=r"signed with no key|cannot be read"):
        sign_in(house)


def test_a_key_for_other_uses_signs_nothing(house: House) -> None:
    published = {**house.signs.as_dict(private=False), "use": "enc"}
    house.answers["/keys"] = (200, json.dumps({"keys": [published]}).encode())
    with pytest.raises(OidcError, match="signed with no key"):
        sign_in(house)


def test_keys_that_cannot_be_read_are_passed_over(house: House) -> None:
    odd = [{}, {"kty": "RSA"}, {"kty": "RSA", "n": "!", "e": 5}, {"kty": "new"}, {"kty": "oct", "k": "AAAA"}, {"kty": []}]
    house.answers["/keys"] = (200, json.dumps({"keys": [*odd, house.signs.as_dict(private=False)]}).encode())
    assert sign_in(house)["sub"] == MAUD["sub"]


@given(st.text() | st.tuples(st.binary(), st.binary(), st.binary()).map(lambda parts: ".".join(map(part, parts))))
def test_no_token_is_a_fault(token: str) -> None:
    with suppress(OidcError):
        pytest.fail(f"believed {signed(token, [key('first')])}")


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper))
)
def test_no_list_of_keys_is_a_fault(value: Any) -> None:
    for content in (json.dumps(value).encode(), json.dumps({"keys": [value]}).encode(), repr(value).encode()):
        with suppress(OidcError):
            assert keys_of(content) == []


# --- codes ---------------------------------------------------------------------------------------------------------------


def test_a_code_serves_the_flow_it_was_given_for_alone(house: House) -> None:
    """Put into somebody else's browser it is worth nothing (PKCE), and it serves once."""
    provider, mine, theirs = client(house), Flow.begin(), Flow.begin()

    async def steps() -> None:
        code = await visit(house, provider, theirs)
        with pytest.raises(OidcError, match="status 400"):
            await provider.claims(mine, code, BACK, START)
        code = await visit(house, provider, mine)
        assert (await provider.claims(mine, code, BACK, START))["sub"] == MAUD["sub"]
        with pytest.raises(OidcError, match="status 400"):
            await provider.claims(mine, code, BACK, START)

    asyncio.run(steps())


def test_a_token_that_ended_while_it_was_under_way_is_refused(house: House) -> None:
    provider, flow = client(house), Flow.begin()

    async def late() -> None:
        await provider.claims(flow, await visit(house, provider, flow), BACK, START + timedelta(hours=1))

    with pytest.raises(OidcError, match="expired"):
        asyncio.run(late())


# --- keys that change, providers that fail -------------------------------------------------------------------------------


def test_changed_keys_are_asked_for_but_not_for_every_forged_token(house: House) -> None:
    now = [0.0]
    provider = client(house, lambda: now[0])
    sign_in(house, provider)
    sign_in(house, provider)
    assert house.asked.count("/keys") == house.asked.count("/.well-known/openid-configuration") == 1
    house.keys = [key("second")]
    house.signs = key("second")
    now[0] = AGAIN
    for _ in range(3):
        with pytest.raises(OidcError, match="signed with no key"):
            sign_in(house, provider)
    assert house.asked.count("/keys") == 1
    now[0] = AGAIN + 1
    assert sign_in(house, provider)["sub"] == MAUD["sub"]
    house.signs = key("first")
    with pytest.raises(OidcError, match="signed with no key"):  # which the provider has withdrawn
        sign_in(house, provider)
    assert house.asked.count("/keys") == 2
    house.signs = key("second")
    now[0] += FRESH + 1
    sign_in(house, provider)
    assert house.asked.count("/.well-known/openid-configuration") == 2


FAILURES: dict[str, tuple[str, bytes | int, str]] = {
    "no discovery": ("/.well-known/openid-configuration", 404, "status 404"),
    "discovery elsewhere": ("/.well-known/openid-configuration", 302, "status 302"),
    "discovery that is no JSON": ("/.well-known/openid-configuration", b"<html>", "the discovery document cannot be read"),
    "discovery without addresses": ("/.well-known/openid-configuration", b"{}", "the discovery document cannot be read"),
    "discovery without end": ("/.well-known/openid-configuration", b"x" * (LARGEST + 1), "too large"),
    "no keys": ("/keys", 500, "status 500"),
    "keys that are no list": ("/keys", b'{"keys": 5}', "the list of keys cannot be read"),
    "a list without keys": ("/keys", b'{"keys": []}', "signed with no key"),
    "no answer to the code": ("/token", 500, "status 500"),
    "an answer that is no JSON": ("/token", b"code", "the answer to the code cannot be read"),
    "an answer without a token": ("/token", b'{"access_token": "x"}', "the answer to the code cannot be read"),
    "an answer nested without end": ("/token", b"[" * 500_000, "the answer to the code cannot be read"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_provider_that_fails_is_one_clear_line(house: House, failure: str) -> None:
    path, answer, words = FAILURES[failure]
    house.answers[path] = (answer, b"") if isinstance(answer, int) else (200, answer)
    with pytest.raises(OidcError, match=words) as caught:
        sign_in(house)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"issuer": "https://evil.example"}, "is of 'https://evil.example', not of serve.oidc.issuer"),
        ({"token_endpoint": "http://evil.example/token"}, "without https"),
        ({"jwks_uri": "file:///etc/passwd"}, "without https"),
        ({"jwks_uri": "http://[/"}, "without https"),
        ({"token_endpoint": "https://127.0.0.1:1/"}, "does not answer"),
    ],
)
def test_a_document_that_leads_elsewhere_is_not_followed(house: House, says: dict[str, str], words: str) -> None:
    house.says = says
    with pytest.raises(OidcError, match=words):
        sign_in(house)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/", "https://2130706433/"]
)
def test_a_provider_elsewhere_leads_to_nothing_in_here(address: str) -> None:
    provider = Provider(OidcSettings(issuer="https://sign-in.example", client_id=CLIENT), SECRET)
    document = json.dumps(House.document(SimpleNamespace(home="https://sign-in.example", says={})) | {"jwks_uri": address})  # type: ignore[arg-type]
    provider._document = (monotonic(), msgspec.json.decode(document, type=Document))
    with pytest.raises(OidcError, match="names an address in here"):
        asyncio.run(provider._known_keys())


def test_a_browser_is_sent_to_no_address_that_is_unsafe(house: House) -> None:
    for address in ("javascript:alert(1)", "http://evil.example/", "//evil.example"):
        house.says = {"authorization_endpoint": address}
        with pytest.raises(OidcError, match="without https"):
            asyncio.run(client(house).address(Flow.begin(), BACK))


def test_a_provider_that_is_not_there_is_one_clear_line(house: House) -> None:
    provider = Provider(OidcSettings(issuer="http://127.0.0.1:1", client_id=CLIENT), SECRET)
    with pytest.raises(OidcError, match="the provider does not answer"):
        sign_in(house, provider)


# --- userinfo ------------------------------------------------------------------------------------------------------------


def test_what_the_token_does_not_say_userinfo_is_asked_for(house: House) -> None:
    house.info = {"sub": MAUD["sub"], "groups": ["desk"], "email": "other@paper.example"}
    claims = sign_in(house, client(house, claim="groups"))
    assert claims["groups"] == ["desk"]
    assert claims["email"] == MAUD["email"]  # what is signed goes before


@pytest.mark.parametrize("sub", ["another", None])
def test_userinfo_about_somebody_else_is_refused(house: House, sub: str | None) -> None:
    house.info = {"sub": sub, "groups": ["desk"]}
    with pytest.raises(OidcError, match="about somebody else"):
        sign_in(house, client(house, claim="groups"))
