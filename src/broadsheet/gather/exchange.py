"""The pieces of an HTTP exchange: what is wished, what came, and errors in words. `broadsheet.gather.client` joins them."""

from __future__ import annotations

import re
from io import BytesIO
from typing import NamedTuple

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from broadsheet.errors import FetchError
from broadsheet.gather.addresses import PRIVATE, PrivateAddressError
from broadsheet.gather.unpacking import TooLargeError, Unpacker
from broadsheet.settings import GatherSettings
from broadsheet.urls import MAX_LENGTH

# What is an address in its only form already, as those of most feeds are.
_SIMPLE = re.compile(
    r"https?://(?!-)[a-z0-9-]{1,60}+(?:\.[a-z0-9-]{1,60}+){1,3}(?<![0-9-])(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]{0,100}+){1,9}/?"
)


class UnreachableError(FetchError):
    """The host did not answer, or not as HTTP has it."""


class Wish(NamedTuple):
    """One request as it is repeated along redirects."""

    headers: dict[str, str]
    limit: int
    head_bytes: int | None = None
    form: dict[str, str] | None = None  # posted, in place of a GET
    content: bytes | None = None  # the same, as it is
    raw: bool = False  # no coding is undone


class Answer(NamedTuple):
    """What came back: header names in lower case, the content decompressed and empty unless the status is a success."""

    status: int
    headers: dict[str, str]
    content: bytes


def address_of(url: str) -> URL:
    """``url`` taken apart. Raises FetchError when it is not one of http or https."""
    if _SIMPLE.fullmatch(url):
        return URL(url, encoded=True)
    if len(url) > MAX_LENGTH:
        raise FetchError("the address is too long", permanent=True)
    try:
        address = URL(url.strip())
        usable = address.scheme in ("http", "https") and bool(address.raw_host) and address.port is not None
    except (ValueError, UnicodeError, TypeError) as error:
        raise FetchError("is not an address", permanent=True) from error
    if not usable:
        raise FetchError("is not an http or https address", permanent=True)
    return address.with_fragment(None)


def redirected(current: URL, answer: Answer) -> URL:
    """Where a redirect of ``current`` leads. Raises FetchError when that is no address."""
    location = answer.headers.get("location", "").strip()
    if not location:
        raise FetchError(f"answered {answer.status} without saying where to", status=answer.status)
    try:
        return address_of(str(current.join(URL(location))))
    except (ValueError, UnicodeError) as error:
        raise FetchError("redirects to what is not an address", permanent=True) from error


def request_headers(etag: str, last_modified: str, head_bytes: int | None, start: int) -> dict[str, str]:
    """Conditions and range of a request, without what would end a header line."""
    if not etag and not last_modified and head_bytes is None:
        return {}
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    if head_bytes is not None:
        headers |= {"Range": f"bytes={start}-{start + head_bytes - 1}", "Accept-Encoding": "identity"}
    return {name: _one_line(value) for name, value in headers.items() if value}


def _one_line(value: str) -> str:
    return value if value.isprintable() else "".join(filter(str.isprintable, value))


def received_headers(received: CIMultiDictProxy[str]) -> dict[str, str]:
    """Names in lower case, repeated ones joined by commas, bytes that are not UTF-8 replaced."""
    joined: dict[str, str] = {}
    for name, value in received.items():
        text = value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        name = name.lower()
        joined[name] = f"{joined[name]}, {text}" if name in joined else text
    return joined


async def body_of(response: aiohttp.ClientResponse, wish: Wish) -> bytes:
    """The content, decompressed, or its first ``head_bytes``. Raises TooLargeError as soon as a limit is passed."""
    whole = wish.head_bytes is None
    if whole and (response.content_length or 0) > wish.limit:
        raise TooLargeError(wish.limit)
    unpacker = Unpacker("" if wish.raw else response.headers.get("Content-Encoding", ""), wish.limit)
    content = BytesIO()  # gives out what it holds without a copy
    received = 0
    async for chunk in response.content.iter_any():
        received += len(chunk)
        if received > wish.limit:
            raise TooLargeError(wish.limit)
        for data in unpacker.feed(chunk):
            content.write(data)
            if wish.head_bytes is not None and content.tell() >= wish.head_bytes:
                return content.getvalue()[: wish.head_bytes]
    unpacker.finish()
    return content.getvalue()


def timed_out(late: str, settings: GatherSettings) -> str:
    """The time that ran out, in words: ``connect``, ``silent`` or ``total``."""
    if late == "connect":
        return f"did not accept a connection within {settings.connect_timeout:g} seconds"
    if late == "silent":
        return f"sent nothing for {settings.first_byte_timeout:g} seconds"
    return f"was not done within {settings.timeout:g} seconds"


def explained(error: Exception) -> FetchError:
    """The network's error in one line."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, PrivateAddressError) or PRIVATE in str(error):
        return FetchError(PRIVATE, permanent=True)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return UnreachableError("its certificate is not trusted")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UnreachableError("its host has no address")
    text = " ".join(str(error).split())[:200]
    return UnreachableError(f"cannot be reached: {text or type(error).__name__}")
