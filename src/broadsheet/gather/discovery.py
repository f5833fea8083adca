"""From the address of a site, page, channel or profile to the sources behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from broadsheet.errors import BroadsheetError, FeedError, FetchError
from broadsheet.gather.archives import ARCHIVE_MARKS
from broadsheet.gather.client import Client
from broadsheet.gather.decoding import decode
from broadsheet.gather.elements import absolute
from broadsheet.gather.feeds import read_feed
from broadsheet.gather.listing import LONGEST_HEAD, is_listing
from broadsheet.gather.ranges import open_remote
from broadsheet.gather.sitemaps import read_sitemap
from broadsheet.models import Page, Source
from broadsheet.urls import host

MAX_LINKED = 8  # feeds a page links to that are tried
MAX_SITEMAPS = 6

_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/json",
)
_WELL_KNOWN = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default", "/feed.json")
_NEWS_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml")
_PLAIN_SITEMAPS = ("/sitemap.xml",)
_ARCHIVE = re.compile(r"[./]warc(?:\.paths)?(?:\.gz)?$|\.wacz$", re.I)
_COMMENTS = re.compile(r"\b(?:comments?|kommentare?|comentarios|commentaires)\b", re.I)

# Addresses that say where their feed is: host, path, and the feed with the parts of the path in it.
_RULES = tuple(
    (re.compile(host_rule), re.compile(path), feed)
    for host_rule, path, feed in (
        (r"(?:www\.|m\.)?youtube\.com", r"/channel/([\w-]+)", "https://www.youtube.com/feeds/videos.xml?channel_id={0}"),
        (r"(?:www\.|m\.)?youtube\.com", r"/user/([\w-]+)", "https://www.youtube.com/feeds/videos.xml?user={0}"),
        (r"(?:www\.|old\.|new\.)?reddit\.com", r"/(r|user)/([\w-]+)", "https://www.reddit.com/{0}/{1}/.rss"),
        (r"(?:www\.)?github\.com", r"/([\w.-]+)/([\w.-]+?)(?:\.git)?(?:/.*)?", "https://github.com/{0}/{1}/releases.atom"),
        (r"(?:www\.)?github\.com", r"/([\w.-]+)", "https://github.com/{0}.atom"),
        (r"bsky\.app", r"/profile/([\w.:-]+)", "https://bsky.app/profile/{0}/rss"),
        (r"medium\.com", r"/(@?[\w.-]+)", "https://medium.com/feed/{0}"),
        (r"(?!(?:www\.|m\.)?youtube\.com|medium\.com|(?:www\.)?tiktok\.com).+", r"/@([\w.-]+)", "{origin}/@{0}.rss"),
    )
)


async def discover(client: Client, url: str, *, allow_private: bool = False) -> tuple[Source, ...]:
    """The sources behind ``url``, best first, each of them fetched and read before it is named.

    The address itself when it is a feed or sitemap, or an archive and named as one. Else the feeds that services are known to
    keep for such an address (`known_feeds`), those the page links to, failing both those at well-known paths; and last the
    host's sitemaps, news sitemaps before others. Raises FetchError when the address cannot be fetched and nothing is known of
    its like.
    """
    url = url.strip() if "//" in url else f"https://{url.strip()}"
    private_host = host(url) if allow_private else None
    if names_archive(url):
        return await _archive(client, url, allow_private)
    finder = _Finder(client, private_host)
    await finder.feeds(known_feeds(url))
    try:
        page = await client.fetch(url, allow_private=allow_private)
    except FetchError:
        if finder.found:
            return finder.sources()
        raise
    if source := _as_source(page, private_host):
        return (source,)
    await finder.feeds(linked_feeds(page))
    if not finder.found:
        await finder.feeds(urljoin(page.final_url, path) for path in _WELL_KNOWN)
    await finder.sitemaps(page.final_url)
    return finder.sources()


def names_archive(url: str) -> bool:
    """Whether an address is named as archives and their lists are; they are too large to be fetched to find out."""
    return _ARCHIVE.search(url.partition("?")[0]) is not None


async def _archive(client: Client, url: str, allow_private: bool) -> tuple[Source, ...]:
    """Nothing when the file's first bytes are none of an archive."""
    file, _ = await open_remote(client, url, allow_private=allow_private)
    head = file.read(LONGEST_HEAD) if file else b""
    is_one = is_listing(head) or head.startswith(ARCHIVE_MARKS)
    return (Source(url=url, kind="archive", allow_private=allow_private),) if is_one else ()


def known_feeds(url: str) -> tuple[str, ...]:
    """The feeds that services keep for an address of theirs, known from its form alone.

    YouTube channels, users and playlists, Reddit, GitHub, Bluesky, Medium, and Mastodon's ``/@name`` on any host.
    """
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").lower()
    except ValueError:
        return ()
    found = [_playlist(parts.query)] if re.fullmatch(r"(?:www\.|m\.)?youtube\.com", name) else []
    for host_rule, path_rule, feed in _RULES:
        match = path_rule.fullmatch(parts.path.rstrip("/"))
        if match and host_rule.fullmatch(name):
            found.append(feed.format(*match.groups(), origin=f"{parts.scheme}://{parts.netloc}"))
            break
    return tuple(filter(None, found))


def _playlist(query: str) -> str:
    identifier = parse_qs(query).get("list", [""])[0]
    return f"https://www.youtube.com/feeds/videos.xml?playlist_id={identifier}" if re.fullmatch(r"[\w-]+", identifier) else ""


def linked_feeds(page: Page) -> tuple[str, ...]:
    """The feeds a web page links to as its alternate, in its order but feeds of comments last."""
    tree = LexborHTMLParser(decode(page.content, page.content_type))
    base = _base(tree, page.final_url)
    found: dict[str, bool] = {}
    for link in tree.css("link[rel][href]"):
        attributes = {name: value or "" for name, value in link.attributes.items()}
        relations = attributes["rel"].lower().split()
        is_feed = "feed" in relations or ("alternate" in relations and _feed_type(attributes.get("type", "")))
        address = absolute(attributes["href"], base) if is_feed else ""
        if address:
            found.setdefault(address, bool(_COMMENTS.search(f"{attributes.get('title', '')} {address}")))
    return tuple(sorted(found, key=found.__getitem__))


def _base(tree: LexborHTMLParser, url: str) -> str:
    element = tree.css_first("base[href]")
    return absolute((element.attributes.get("href") or "") if element else "", url) or url


def _feed_type(declared: str) -> bool:
    return declared.partition(";")[0].strip().lower() in _FEED_TYPES


class _Finder:
    """Tries addresses and keeps those that are sources, each once, in the order of trial."""

    def __init__(self, client: Client, private_host: str | None) -> None:
        self._client = client
        self._private_host = private_host  # the one host that may be private
        self._tried: set[str] = set()
        self.found: dict[str, Source] = {}

    def sources(self) -> tuple[Source, ...]:
        return tuple(self.found.values())

    async def feeds(self, addresses: Iterable[str]) -> None:
        for address in list(addresses)[:MAX_LINKED]:
            await self._try(address, "feed")

    async def sitemaps(self, url: str) -> None:
        """Those that robots.txt names and that are usual, news sitemaps first."""
        robots = await self._client.robots(url, allow_private=host(url) == self._private_host)
        named = [address for text in robots.sitemaps() if (address := absolute(text, url))]
        usual = [urljoin(url, path) for path in (_NEWS_SITEMAPS if named else _NEWS_SITEMAPS + _PLAIN_SITEMAPS)]
        ordered = sorted(dict.fromkeys([*named, *usual]), key=lambda address: "news" not in urlsplit(address).path.lower())
        for address in ordered[:MAX_SITEMAPS]:
            await self._try(address, "sitemap")

    async def _try(self, address: str, kind: str) -> None:
        if address in self._tried:
            return
        self._tried.add(address)
        private = host(address) == self._private_host
        try:
            page = await self._client.fetch(address, allow_private=private, robots=kind == "sitemap")
        except BroadsheetError:
            return
        source = _as_source(page, self._private_host)
        if source is not None and source.kind == kind:
            self.found.setdefault(source.url, source)


def _as_source(page: Page, private_host: str | None) -> Source | None:
    """What the bytes are, whatever they are called."""
    allow_private = host(page.final_url) == private_host
    try:
        feed = read_feed(page.content, page.final_url, page.content_type)
        return Source(url=page.final_url, title=feed.title, allow_private=allow_private)
    except FeedError:
        pass
    try:
        read_sitemap(page.content, page.final_url, page.content_type)
    except FeedError:
        return None
    return Source(url=page.final_url, kind="sitemap", allow_private=allow_private)
