"""Which network addresses may be asked. Checked on the address of the socket itself, after all names are resolved."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

PRIVATE = "the address is private"  # why a request was refused
_EMBEDDING = (ip_network("64:ff9b::/96"), ip_network("::/96"))  # NAT64 (RFC 6052), IPv4-compatible (RFC 4291)


class PrivateAddressError(OSError):
    """A socket to an address that is not on the public Internet was refused."""


def is_public(address: str) -> bool:
    """Whether an IP address is a host on the public Internet: not private, loopback, link-local, multicast or reserved.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) counts as the IPv4 address. Anything else is not public.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.is_site_local:
            return False
        embedded = _embedded(ip)
        if embedded is not None:
            return is_public(str(embedded))
    return ip.is_global and not ip.is_multicast


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    if any(ip in network for network in _EMBEDDING):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def names_private(host: str) -> bool:
    """Whether a host is written as an address that is not public, in any spelling the C library takes (``2130706433``).

    For requests through a proxy, which are resolved elsewhere: a name passes.
    """
    host = host.strip("[]")
    if ":" in host:
        return not is_public(host)
    if host.rstrip(".").lower() == "localhost" or host.rstrip(".").lower().endswith(".localhost"):
        return True
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, ValueError):
        return False


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for the resolved address ``info``. Raises PrivateAddressError when that is not public."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise PrivateAddressError(PRIVATE)
    return socket.socket(family=family, type=kind, proto=protocol)
