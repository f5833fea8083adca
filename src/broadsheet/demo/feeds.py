"""Feeds and sitemaps of the invented press, broken ones included. Pure: reports in, bytes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from broadsheet.demo.pages import LIST_LENGTH, encode, environment, local
from broadsheet.demo.press import Outlet, Report, Value

CONTENT_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "json": "application/feed+json",
}

# What a host serves that has let its feed go: the last words of a program, under a feed's name and type.
HOPELESS = b"<br>\n<b>Fatal error</b>: out of memory in <b>/srv/gazette/feed.cgi</b> on line <b>212</b><br>\n"


class Item(Value, frozen=True):
    """A report as feeds list it, its times on the outlet's own clock."""

    report: Report
    link: str
    posted: datetime
    updated: datetime
    picture: str
    html: str


def feed(outlet: Outlet, reports: Sequence[Report]) -> bytes:
    """The outlet's feed of those reports (newest first), in its format and with its fault."""
    if outlet.fault == "hopeless":
        return HOPELESS
    items = _items(outlet, reports)
    if outlet.feed == "json":
        return json.dumps(_json_feed(outlet, items), ensure_ascii=False, indent=1).encode()
    data = _render(f"feed.{outlet.feed}", outlet, items)
    return data.replace(b"&amp;", b"&") if outlet.fault == "ampersands" else data


def news_sitemap(outlet: Outlet, reports: Sequence[Report]) -> bytes:
    """The outlet's news sitemap, as https://www.sitemaps.org/ and its news extension have it."""
    return _render("news-sitemap.xml", outlet, _items(outlet, reports))


def robots(outlet: Outlet) -> bytes:
    """The host's robots.txt (RFC 9309)."""
    lines = ["User-agent: *", "Disallow: /search", "Disallow: /admin/"]
    if outlet.news_sitemap:
        lines.append(f"Sitemap: {outlet.home}news-sitemap.xml")
    return "\n".join([*lines, ""]).encode()


def counter_path(report: Report) -> str:
    """The path of the counter through which an outlet with ``redirects`` sends its readers."""
    return f"/go/{report.number}"


def _render(template: str, outlet: Outlet, items: Sequence[Item]) -> bytes:
    text = environment().get_template(template)
    return encode(text.render(outlet=outlet, items=items, self_url=f"https://{outlet.host}{outlet.feed_path}"), outlet)


def _items(outlet: Outlet, reports: Sequence[Report]) -> list[Item]:
    return [
        Item(
            report=report,
            link=_link(report),
            posted=local(report.published_at, outlet),
            updated=local(report.updated_at, outlet),
            picture=f"https://{outlet.host}{report.picture_path}" if report.picture_path else "",
            html=_html(report),
        )
        for report in reports[:LIST_LENGTH]
    ]


def _link(report: Report) -> str:
    if report.outlet.redirects:
        return f"https://{report.outlet.host}{counter_path(report)}"
    return f"{report.url}?{report.outlet.tracking}" if report.outlet.tracking else report.url


def _html(report: Report) -> str:
    picture = Markup('<p><img src="https://{}{}" alt=""></p>').format(report.outlet.host, report.picture_path)
    body = [Markup("<p>{}</p>").format(escape(text)) for text in report.paragraphs]
    return "".join([picture if report.picture_path else "", *body])


def _json_feed(outlet: Outlet, items: Sequence[Item]) -> dict[str, Any]:
    """JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": outlet.home,
        "feed_url": f"https://{outlet.host}{outlet.feed_path}",
        "description": outlet.tagline,
        "icon": f"{outlet.home}logo.png",
        "language": outlet.language,
        "items": [_json_item(outlet, item) for item in items],
    }


def _json_item(outlet: Outlet, item: Item) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": item.report.url,
        "url": item.link,
        "title": item.report.headline,
        "summary": item.report.standfirst,
        "date_published": item.posted.isoformat(),
        "date_modified": item.updated.isoformat(),
        "tags": list(item.report.tags),
    }
    made["content_html" if outlet.full_text else "content_text"] = item.html if outlet.full_text else item.report.standfirst
    if item.report.author:
        made["authors"] = [{"name": item.report.author}]
    if item.picture:
        made["image"] = item.picture
    return made
