"""Addresses: identity, clean form, domain, AMP cache. Table by table, then for any string at all."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.urls import MAX_LENGTH, absolute, amp_cache_url, host, normalize, registrable_domain, url_key

KEYS = [
    ("http://www.press.example/a/b", "press.example/a/b"),
    ("https://Press.Example:443/a/b/", "press.example/a/b"),
    ("http://press.example:80/a/b#comments", "press.example/a/b"),
    ("//press.example/a/b", "press.example/a/b"),
    ("press.example/a/b", "press.example/a/b"),
    ("https://user:secret@press.example/a/b", "press.example/a/b"),
    ("https://m.press.example/a/b", "press.example/a/b"),
    ("https://amp.press.example/a/b", "press.example/a/b"),
    ("https://www.press.example/amp/a/b", "press.example/a/b"),
    ("https://press.example/a/b/amp/", "press.example/a/b"),
    ("https://press.example/a/b.amp", "press.example/a/b"),
    ("https://press.example/a/b.amp.html", "press.example/a/b.html"),
    ("https://press.example/a/b?amp=1", "press.example/a/b"),
    ("https://press.example/a/b?outputType=amp", "press.example/a/b"),
    ("https://press.example/a/b?view=print", "press.example/a/b"),
    ("https://press.example/a/b/print", "press.example/a/b"),
    ("https://press-example.cdn.ampproject.org/c/s/press.example/a/b/amp", "press.example/a/b"),
    ("https://www.google.com/amp/s/press.example/a/b", "press.example/a/b"),
    ("https://press.example/a/index.html", "press.example/a"),
    ("https://press.example/index.php", "press.example"),
    ("https://press.example/", "press.example"),
    ("https://press.example//a//b", "press.example/a/b"),
    ("https://press.example/x/../a/./b", "press.example/a/b"),
    ("https://press.example/a?utm_source=feed&utm_medium=rss", "press.example/a"),
    ("https://press.example/a?fbclid=1&id=7&gclid=2", "press.example/a?id=7"),
    ("https://press.example/a?ref=home&source=rss", "press.example/a"),
    ("https://press.example/a;jsessionid=4F2A9C?id=7", "press.example/a?id=7"),
    ("https://press.example/a?PHPSESSID=k3j5h2&id=7&ASPSESSIONIDCQ=X", "press.example/a?id=7"),
    ("https://press.example/a?sid=0123456789abcdef0123456789abcdef", "press.example/a"),
    ("https://press.example/a?gaa_at=eafs&gaa_n=x", "press.example/a"),
    ("https://press.example/a?b=2&a=1&&", "press.example/a?a=1&b=2"),
    ("https://press.example/%7Eann/%c3%a9t%C3%A9", "press.example/~ann/%C3%A9t%C3%A9"),
    ("https://press.example/~ann/été", "press.example/~ann/%C3%A9t%C3%A9"),
    ("https://bücher.example/a", "xn--bcher-kva.example/a"),
    ("https://press.example:8443/a", "press.example:8443/a"),
    ("http://127.0.0.1:8000/a/", "127.0.0.1:8000/a"),
    ("http://[2001:db8::1]/a", "[2001:db8::1]/a"),
    ("https://www.co.uk/a", "www.co.uk/a"),
    ("https://www.localhost/a", "www.localhost/a"),
    ("urn:uuid:1234", "urn:uuid:1234"),
    ("  ", ""),
]
NOT_THE_SAME = [
    ("https://press.example/a?id=1", "https://press.example/a?id=2"),
    ("https://press.example/a", "https://other.example/a"),
    ("https://press.example/a?sid=1", "https://press.example/a?sid=2"),
    ("https://press.example/a;p=1", "https://press.example/a;p=2"),
    ("https://sport.press.example/a", "https://press.example/a"),
    ("https://press.example/A", "https://press.example/a"),
    ("https://press.example/best-guitar-amp", "https://press.example/best-guitar"),
    ("https://m.example.com/", "https://example.com.example/"),
]
CLEAN = [
    ("HTTPS://WWW.Press.Example/A?b=2&a=1&utm_source=x#y", "https://www.press.example/A?b=2&a=1"),
    ("http://press.example", "http://press.example/"),
    ("http://press.example:80/", "http://press.example/"),
    ("http://press.example:443/", "http://press.example:443/"),
    ("https://u:p@press.example/a b", "https://press.example/a%20b"),
    ("https://press.example/a/?source=keep", "https://press.example/a/?source=keep"),
    ("https://press.example/100%", "https://press.example/100%25"),
    ("press.example/a", ""),
    ("ftp://press.example/a", ""),
    ("https://", ""),
    ("https://a..example/", ""),
    ("https://press.example:99999/", ""),
    ("https://press.example/" + "a" * MAX_LENGTH, ""),
]
BASE = "https://press.example/news/one.html"
ABSOLUTE = [
    ("two.html", "https://press.example/news/two.html"),
    ("/two?x=1#part", "https://press.example/two?x=1"),
    ("//img.example/p.jpg", "https://img.example/p.jpg"),
    ("http://other.example/ü", "http://other.example/%C3%BC"),
    (" \n/two\t", "https://press.example/two"),
    ("?page=2", "https://press.example/news/one.html?page=2"),
    ("#top", ""),
    ("", ""),
    ("javascript:void(0)", ""),
    ("mailto:ann@press.example", ""),
    ("data:image/png;base64,AAAA", ""),
    ("http://[broken", ""),
]
DOMAINS = [
    ("https://news.press.co.uk/a", "press.co.uk"),
    ("news.press.co.uk", "press.co.uk"),
    ("https://ann.blogspot.com/2020/", "ann.blogspot.com"),
    ("http://127.0.0.1:8000/", "127.0.0.1"),
    ("http://[::1]/", "[::1]"),
    ("http://localhost:8000/", "localhost"),
    ("https://press.example/", "press.example"),
    ("https://www.press.example/", "press.example"),
    ("https://co.uk/", "co.uk"),
    ("not an address", ""),
]
# The rows that the AMP project's own tests have.
AMP = [
    ("hello-world.com", "hello--world-com"),
    ("www.press-one.example", "www-press--one-example"),
    ("en-us.example.com", "0-en--us-example-com-0"),
    ("xn--bcher-kva.ch", "xn--bcher-ch-65a"),
    ("點看.com", "xn---com-k47jg78q"),
    ("toplevelnohyphens", "qsgpfjzulvuaxb66z77vlhb5gu2irvcnyp6t67cz6tqo5ae6fysa"),
    (
        "itwasadarkandstormynight.therainfellintorrents.exceptatoccasionalintervalswhenitwascheckedby."
        "aviolentgustofwindwhichsweptupthestreets.com",
        "dgz4cnrxufaulnwku4ow5biptyqnenjievjht56hd7wqinbdbteq",
    ),
    (
        "hello.xn--4gbrim.xn----rmckbbajlc6dj7bxne2c.xn--wgbh1c",
        "a6h5moukddengbsjm77rvbosevwuduec2blkjva4223o4bgafgla",
    ),
]

PIECES = [
    "http://",
    "https://",
    "//",
    "www.",
    "m.",
    "amp.",
    "press",
    ".com",
    ".co.uk",
    ":80",
    ":8443",
    "/",
    "/amp",
    "/index.html",
]
PIECES += [
    ";jsessionid=1",
    "PHPSESSID=1",
    ".amp",
    "/..",
    "/.",
    "?",
    "&",
    "a=1",
    "utm_x=1",
    "ref=a",
    "#f",
    "%",
    "%41",
    "%2e",
    "é",
    " ",
    "\\",
    "@",
    "[::1]",
    "=",
]
PIECES += ["google.com/amp/s/", "x.cdn.ampproject.org/c/s/", "print", "\ud800", "mode=amp", "\0"]
ANY = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@pytest.mark.parametrize(("url", "key"), KEYS)
def test_key(url: str, key: str) -> None:
    assert url_key(url) == key


@pytest.mark.parametrize(("one", "other"), NOT_THE_SAME)
def test_different_articles_keep_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(("url", "clean"), CLEAN)
def test_normalize(url: str, clean: str) -> None:
    assert normalize(url) == clean


@pytest.mark.parametrize(("href", "url"), ABSOLUTE)
def test_absolute(href: str, url: str) -> None:
    assert absolute(BASE, href) == url


def test_absolute_with_an_unusable_base() -> None:
    assert absolute("", "/a") == ""
    assert absolute("http://[", "a") == ""
    assert absolute("", "https://press.example/a") == "https://press.example/a"


@pytest.mark.parametrize(("url", "domain"), DOMAINS)
def test_registrable_domain(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


def test_registrable_domain_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert registrable_domain("https://never.seen.press.co.jp/") == "press.co.jp"


def test_host() -> None:
    assert host("https://User@WWW.Press.Example.:443/a") == "www.press.example"
    assert host("ß.example/a") == "xn--zca.example"
    assert host("https:///a") == ""


@pytest.mark.parametrize(("name", "prefix"), AMP)
def test_amp_cache_prefix(name: str, prefix: str) -> None:
    assert amp_cache_url(f"https://{name}/a").startswith(f"https://{prefix}.cdn.ampproject.org/c/s/")


def test_amp_cache_url_keeps_scheme_path_and_query() -> None:
    assert (
        amp_cache_url("https://press.example/a/b?c=1#d") == "https://press-example.cdn.ampproject.org/c/s/press.example/a/b?c=1"
    )
    assert amp_cache_url("http://press.example/a") == "https://press-example.cdn.ampproject.org/c/press.example/a"
    assert amp_cache_url("nothing") == ""


@given(ANY)
@settings(max_examples=400, deadline=None)
def test_keys_are_their_own_keys(url: str) -> None:
    key = url_key(url)
    assert url_key(key) == key
    clean = normalize(url)
    assert normalize(clean) == clean
    if clean:
        assert url_key(clean) == key


@given(ANY, ANY)
@settings(max_examples=300, deadline=None)
def test_every_function_survives_any_string(one: str, other: str) -> None:
    found = absolute(one, other)
    assert found == "" or found.startswith(("http://", "https://"))
    assert host(one) == host(host(one))
    assert isinstance(registrable_domain(one), str)
    assert amp_cache_url(one) == "" or ".cdn.ampproject.org/c/" in amp_cache_url(one)


def test_very_long_strings_have_short_keys() -> None:
    key = url_key("x" * 1_000_000)
    assert len(key) <= MAX_LENGTH
    assert url_key(key) == key
