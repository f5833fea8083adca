"""The addresses an article goes by: its canonical one and its AMP version."""

from __future__ import annotations

from urllib.parse import urlsplit

from broadsheet.read.metadata import Document, Found
from broadsheet.urls import absolute, normalize, registrable_domain


def canonical(document: Document) -> Found:
    """``rel=canonical``, else ``og:url``, if on the page's own site and no home page; else the address after redirects."""
    for value, origin in ((document.link("canonical"), "link canonical"), (document.meta("og:url").value, "meta og:url")):
        url = normalize(absolute(document.base, value))
        if url and _same_site(url, document.url) and (not _is_home(url) or _is_home(document.url)):
            return Found(url, origin)
    return Found(normalize(document.url), "final address")


def amp(document: Document, web_url: str) -> Found:
    """``rel=amphtml`` on the provider's own site; the page itself when it is AMP."""
    url = normalize(document.link("amphtml"))
    if url and _same_site(url, document.url) and not _is_home(url):
        return Found(url, "link amphtml")
    root = document.tree.root
    if root and {"amp", "⚡"}.intersection(root.attributes) and normalize(document.url) != web_url:
        return Found(normalize(document.url), "the page is AMP")
    return Found()


def _same_site(one: str, other: str) -> bool:
    return registrable_domain(one) == registrable_domain(other)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.strip("/") == "" and not parts.query
