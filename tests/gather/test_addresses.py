"""Which addresses count as public, in all their spellings."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gather.addresses import PrivateAddressError, is_public, names_private, public_socket

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",  # shared by a carrier's customers
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # where clouds keep their secrets
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2001:0:53aa:64c:0:0:80ff:fffe",  # Teredo to 127.0.0.1
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "not an address",
    "",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::",
]
ODD = [
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "[::1]",
    "::1",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", [*ODD, *(address for address in PRIVATE if address[:1].isdecimal())])
def test_host_spelt_as_a_private_address(host: str) -> None:
    assert names_private(host)


@pytest.mark.parametrize(
    "host", ["harbour.example", "8.8.8.8", "134744072", "[2606:4700::1111]", "localhost.example", "10.example"]
)
def test_other_hosts_pass(host: str) -> None:
    assert not names_private(host)


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, ("127.0.0.1", 80)), (socket.AF_INET6, ("::1", 80, 0, 0))])
def test_no_socket_to_a_private_address(family: int, address: tuple[object, ...]) -> None:
    with pytest.raises(PrivateAddressError):
        public_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address))


def test_a_socket_to_a_public_address() -> None:
    with public_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 80))) as made:
        assert made.family == socket.AF_INET


@given(st.ip_addresses())
def test_embedding_makes_no_difference(ip: object) -> None:
    text = str(ip)
    if ":" not in text:
        assert is_public(text) == is_public(f"::ffff:{text}") == is_public(f"64:ff9b::{text}")


@given(st.text(max_size=30))
def test_any_text_has_an_answer(text: str) -> None:
    assert is_public(text) in (True, False)
    assert names_private(text) in (True, False)
