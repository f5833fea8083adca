"""Addresses: their identity, a clean form to fetch, their host and domain, and their place on the AMP cache. Pure.

Every function takes any string at all and never raises: what is no http(s) address gives an empty string, or for `url_key`
a key of its own.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin

import idna

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_LENGTH = 4096  # characters; longer addresses are unusable: servers and databases refuse them

_PARTS = re.compile(r"(?:(https?):)?//([^/?#\\]*)([^?#]*)(?:\?([^#]*))?", re.I)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_NOT_IN_URL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_USER = re.compile(r"(https?://)[^\s/?#]*@", re.I)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})?")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
# The addresses of most articles, of which only scheme and ``www.`` need be taken away: see `_simple_key`.
_SIMPLE = re.compile(
    r"https?://((?!-)[a-z0-9-]++(?:\.[a-z0-9-]++)++(?<!-))((?:/(?!\.)[A-Za-z0-9_.~:@!$&'()*+,=-]++)*+)/?", re.A
)
_SIMPLE_HOST = re.compile(r"https?://((?!-)[a-z0-9-]++(?:\.[a-z0-9-]++)++(?<!-))(?=[/?#]|$)", re.A)
_SIMPLE_LENGTH = 250  # characters; a longer one may have a longer host than there can be
_PLAIN = re.compile(r"[A-Za-z0-9_.~/:@!$&'()*+,;=?-]*+")  # what no escape is needed for
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/:@!$&'()*+,;=-._~%"
_DEFAULT_PORT = {"http": "80", "https": "443"}

_TRACKING_PREFIXES = (
    "utm_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "hsa_",
    "at_",
    "wt_",
    "ns_",
    "mc_",
    "oly_",
    "vero_",
    "itm_",
    "ss_",
    "soc_",
    "guce_",
    "gaa_",
)
# fmt: off
_TRACKING = frozenset({
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid", "sccid",
    "srsltid", "epik", "irclickid", "gclsrc", "li_fat_id", "s_kwcid", "mkt_tok", "trk", "igsh", "igshid", "_hsenc",
    "_hsmi", "_ga", "_gl", "__s", "__twitter_impression", "guccounter", "cmpid", "cmp", "ocid", "ncid", "ito", "xtor",
    "smid", "smtyp", "sr_share", "ftag", "ftcamp", "mbid", "spm", "taid", "traffic_source", "amp_gsa", "amp_js_v",
    "usqp", "wkey", "icid", "fromrss",
})
# fmt: on
# fmt: off
_REFERRAL = frozenset({
    "ref", "ref_src", "ref_url", "referrer", "referer", "source", "src", "share", "shared", "feature", "campaign",
    "partner", "rss", "from",
})
# fmt: on
_VARIANT = re.compile(
    r"(?:amp|print|printable|mobile|m|isamp|is_amp|noamp)(?:=(?:1|true|yes|y|on|amp)?)?|(?:outputtype|output|view|format|type|mode)=(?:amp|print|mobile)",
    re.I,
)
# Names that mean nothing else, and short ones whose value is as long as only a session's is.
_SESSION = re.compile(
    r"(?:(?:phpsess|jsession|session_?|aspsession|asp\.net_session)id\w*=|(?:sid|sess|s)=[0-9a-f]{24,}$)", re.I
)
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.I)
_VARIANT_HOSTS = ("www.", "www2.", "m.", "mobile.", "amp.", "touch.", "print.")
_AMP_WRAPPED = re.compile(
    r"(?:[^/?]+\.cdn\.ampproject\.org/[a-z](?:/s)?|(?:www\.)?google\.[a-z.]{2,6}/amp(?:/s)?)/([^/?]+\.[^/?]+(?:/[^?]*)?)", re.I
)
_VARIANT_PATH = re.compile(
    r"(?=[/.][adimp])(?:"  # how all of them begin, which is told at once
    r"^/(?:amp|print|mobile)(?=/.)|(?<=.)/(?:amp|print)(?:\.html?)?$|(?:\.amp|\.print)(?=\.html?$)|(?<=[^/])\.amp$"
    r"|/(?:index|default)\.(?:html?|php\d?|aspx?|shtml|jsp)$)",
    re.I,
)


class _Url(NamedTuple):
    scheme: str
    host: str  # lower case, punycode
    port: str  # empty when the scheme's own
    path: str  # begins with a slash, or empty
    query: str


def url_key(url: str) -> str:
    """The identity of an address: one article, one key, whichever way it was linked to.

    Scheme, ``www.``, user, default port, fragment, trailing slash, index file, tracking parameters and the AMP, mobile and
    print variants are taken away, the query is sorted. Idempotent: a key is its own key. Not an address to fetch.
    """
    if key := _simple_key(url):
        return key
    parts = _split(url, bare=True)
    if parts is None:
        return _odd_key(url)
    if inner := _AMP_WRAPPED.match(parts.host + re.sub("//+", "/", parts.path)):
        return url_key(f"{inner[1]}?{parts.query}")
    query = sorted(p for p in _kept(parts.query) if not _VARIANT.fullmatch(p) and p.partition("=")[0].lower() not in _REFERRAL)
    port = f":{parts.port}" if parts.port else ""
    key = _plain_host(parts.host) + port + _plain_path(parts.path) + ("?" + "&".join(query) if query else "")
    return url_key(key) if _AMP_WRAPPED.match(key) else key


def _simple_key(url: str) -> str:
    """The key of an address that is written simply, which is found at a tenth of the cost; "" for any other."""
    match = _SIMPLE.fullmatch(url) if len(url) < _SIMPLE_LENGTH else None
    if match is None:
        return ""
    name, path = match.groups()
    if "ampproject" in name or "google" in name or _VARIANT_PATH.search(path):
        return ""
    return _plain_host(name) + path


def normalize(url: str) -> str:
    """A clean address to fetch: lower-case host, no user, fragment or tracking parameters; "" when not http(s)."""
    parts = _split(url)
    if parts is None:
        return ""
    return _join(parts._replace(query="&".join(_kept(parts.query))))


def absolute(base: str, href: str) -> str:
    """``href`` as found on the page at ``base``, made absolute, without fragment; "" when not http(s) or unusable."""
    href = _tidy(href)
    if not href or len(href) > MAX_LENGTH or href[0] == "#":
        return ""
    if not _PARTS.match(href) or href.startswith("//"):
        if _SCHEME.match(href):
            return ""
        try:
            href = urljoin(base, href)
        except ValueError:
            return ""
    parts = _split(href)
    return _join(parts) if parts else ""


def host(url: str) -> str:
    """The host of an address in lower case and punycode, without port; "" when it has none."""
    if len(url) < _SIMPLE_LENGTH and (match := _SIMPLE_HOST.match(url)):
        return match[1]
    parts = _split(url, bare=True)
    return parts.host if parts else ""


def bare(text: str) -> str:
    """A text that names addresses, such as one address alone, without the user and password that may stand in them."""
    return _USER.sub(r"\1", text) if "@" in text else text


def registrable_domain(url: str) -> str:
    """The registered domain of an address or a bare host: ``news.example.co.uk`` → ``example.co.uk``.

    By the Public Suffix List that tldextract ships, private suffixes included, so that each blog of a blog host is its own
    outlet. Addresses by number and hosts without a dot pass through.
    """
    return _registrable(host(url))


def amp_cache_url(url: str) -> str:
    """Where the AMP cache keeps an AMP page, by its project's algorithm (amp.dev, AMP Cache URL format); "" if unusable."""
    parts = _split(url)
    if parts is None:
        return ""
    secure = "s/" if parts.scheme == "https" else ""
    return f"https://{_amp_prefix(parts.host)}.cdn.ampproject.org/c/{secure}" + _join(parts).split("//", 1)[1]


def _odd_key(url: str) -> str:
    """The key of what is no address: itself, or its digest when it is long."""
    url = _tidy(url)
    return url if len(url) <= MAX_LENGTH else hashlib.sha256(url.encode()).hexdigest()


def _tidy(url: str) -> str:
    return _NOT_IN_URL.sub("", url).strip()


def _split(url: str, *, bare: bool = False) -> _Url | None:
    """The parts of an http(s) address, or None. ``bare`` also takes an address without scheme, as keys are."""
    url = _tidy(url)
    if len(url) > MAX_LENGTH:
        return None
    if bare and not url.lower().startswith(("http://", "https://", "//")):
        url = "//" + url
    match = _PARTS.match(url)
    if match is None or not (match[1] or bare):
        return None
    scheme = (match[1] or "https").lower()
    name, port = _split_host(match[2])
    if not name or (port and not 0 < int(port) < 65536):
        return None
    path = _clean_path(_SESSION_PATH.sub("", match[3].replace("\\", "/")))
    query = _escape(match[4] or "", _PATH_SAFE + "?")
    if len(path) + len(query) > MAX_LENGTH:
        return None
    return _Url(scheme, name, "" if port == _DEFAULT_PORT[scheme] else port, path, query)


def _split_host(netloc: str) -> tuple[str, str]:
    """Host in lower-case punycode and port of the part between ``//`` and ``/``; empty when not usable."""
    name = netloc.rpartition("@")[2].lower()
    head, colon, port = name.rpartition(":")
    if colon and not port.endswith("]"):
        if port and not (port.isascii() and port.isdigit() and len(port) < 6):
            return "", ""
        name, port = head, port.lstrip("0")
    else:
        port = ""
    name = name.rstrip(".")
    if not name.isascii():
        name = _punycode(name)
    return (name, port) if _HOST.fullmatch(name) and ".." not in name and len(name) < 254 else ("", "")


def _punycode(name: str) -> str:
    try:
        return idna.encode(name, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


def _escape(text: str, safe: str) -> str:
    """Percent-encoding in one form only: what needs none is written plainly, all else in upper case."""
    if _PLAIN.fullmatch(text):
        return text

    def one(match: re.Match[str]) -> str:
        if not match[1]:
            return "%25"
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else "%" + match[1].upper()

    return quote(_ESCAPE.sub(one, text) if "%" in text else text, safe=safe)


def _clean_path(path: str) -> str:
    path = _escape(path, _PATH_SAFE)
    if "/." not in path:
        return path
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if clean != "/" and path.endswith(("/", "/.", "/..")) else clean


def _join(parts: _Url) -> str:
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.host}{port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def _kept(query: str) -> list[str]:
    """The parameters of a query that are not there to follow readers about or to name their visit."""
    return [
        p
        for p in query.split("&")
        if p and p != "=" and not _is_tracking(p.partition("=")[0].lower()) and not _SESSION.match(p)
    ]


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _plain_path(path: str) -> str:
    path = re.sub("//+", "/", path).rstrip("/")
    before = ""
    while path != before:
        before, path = path, _clean_path(_VARIANT_PATH.sub("", path)).rstrip("/")
    return path


@lru_cache(maxsize=4096)
def _plain_host(name: str) -> str:
    """The host without ``www.`` and its likes, so long as what they stand before is a host of its own and no public suffix."""
    while name.startswith(_VARIANT_HOSTS):
        rest = name.partition(".")[2]
        if "." not in rest or not _suffixes()(rest).domain:
            break
        name = rest
    return name


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    import tldextract  # only here: it takes long, and few of the processes that know addresses have need of it

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


@lru_cache(maxsize=4096)
def _registrable(name: str) -> str:
    found = _suffixes()(name)
    if found.domain and found.suffix:
        return f"{found.domain}.{found.suffix}"
    if found.suffix or name.startswith("[") or name.rpartition(".")[2].isdigit():
        return name
    return ".".join(name.split(".")[-2:])  # the list's own rule for suffixes it does not have


def _amp_prefix(name: str) -> str:
    if "." not in name or len(name) > 63 or (name[2:4] == "--" and not name.startswith("xn--")):
        return _amp_digest(name)
    readable = ".".join(_unicode_label(label) for label in name.split("."))
    if _mixes_directions(readable):
        return _amp_digest(name)
    joined = readable.replace("-", "--").replace(".", "-")
    prefix = joined if joined.isascii() else "xn--" + joined.encode("punycode").decode()
    if prefix[2:4] == "--" and not prefix.startswith("xn--"):
        prefix = f"0-{prefix}-0"
    return prefix.lower() if len(prefix) <= 63 else _amp_digest(name)


def _unicode_label(label: str) -> str:
    try:
        return idna.decode(label) if label.startswith("xn--") else label
    except (idna.IDNAError, UnicodeError):
        return label


def _mixes_directions(text: str) -> bool:
    kinds = {unicodedata.bidirectional(char) for char in text}
    return bool(kinds & {"R", "AL"}) and "L" in kinds


def _amp_digest(name: str) -> str:
    return base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower().rstrip("=")
