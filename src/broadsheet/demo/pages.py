"""HTML pages of the invented press: one Jinja2 template a page design. Pure: a report in, bytes out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import jinja2

from broadsheet.demo.press import Outlet, Report, labels

LIST_LENGTH = 30
_RELATED = 4


@functools.cache
def environment() -> jinja2.Environment:
    """The templates of pages and feeds, compiled once."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("broadsheet", "demo/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["rfc822"] = format_datetime
    return made


def article(report: Report, others: Sequence[Report]) -> bytes:
    """The page of a report in its outlet's design; ``others`` are the outlet's reports for the related links."""
    return _render(f"{report.outlet.design}.html", report, others)


def amp(report: Report, others: Sequence[Report]) -> bytes:
    """The AMP version of a report."""
    return _render("amp.html", report, others)


def home(outlet: Outlet, reports: Sequence[Report]) -> bytes:
    """The outlet's front page: links to its newest reports."""
    template = environment().get_template("home.html")
    return encode(template.render(outlet=outlet, reports=reports[:LIST_LENGTH], t=labels()[outlet.language]), outlet)


def encode(text: str, outlet: Outlet) -> bytes:
    """``text`` in the encoding that the outlet really uses; what that lacks becomes a character reference."""
    return text.encode(outlet.encoding, "xmlcharrefreplace")


def local(instant: datetime, outlet: Outlet) -> datetime:
    """The instant on the outlet's own clock."""
    return instant.astimezone(timezone(timedelta(minutes=outlet.offset)))


def _render(template: str, report: Report, others: Sequence[Report]) -> bytes:
    outlet = report.outlet
    posted = local(report.published_at, outlet)
    text = environment().get_template(template)
    page = text.render(
        outlet=outlet,
        report=report,
        t=labels()[outlet.language],
        posted=posted,
        updated=local(report.updated_at, outlet),
        posted_text=_date_text(posted, outlet.language),
        updated_text=_date_text(local(report.updated_at, outlet), outlet.language),
        picture=f"https://{outlet.host}{report.picture_path}" if report.picture_path else "",
        related=[other for other in others if other.path != report.path][:_RELATED],
        ld=_json_ld(report),
        moments=_moments(report),
    )
    return encode(page, outlet)


def _date_text(instant: datetime, language: str) -> str:
    """The date as readers of that language write it, with the time of day."""
    month = labels()[language]["months"][instant.month - 1]
    if language == "de":
        return f"{instant.day}. {month} {instant.year}, {instant:%H.%M} Uhr"
    if language == "es":
        return f"{instant.day} de {month} de {instant.year}, {instant:%H:%M} h"
    return f"{instant.day} {month} {instant.year}, {instant:%H:%M}"


def _moments(report: Report) -> list[tuple[datetime, str]]:
    """The paragraphs as a live blog shows them: newest first, each with the time it was posted."""
    start = local(report.published_at, report.outlet)
    return [(start - timedelta(minutes=11 * index), text) for index, text in enumerate(report.paragraphs)]


def _json_ld(report: Report) -> dict[str, Any]:
    outlet = report.outlet
    width, height = outlet.size
    data: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": f"{report.url}#article",
        "mainEntityOfPage": {"@type": "WebPage", "@id": report.url},
        "url": report.url,
        "headline": report.headline,
        "description": report.standfirst,
        "datePublished": local(report.published_at, outlet).isoformat(),
        "dateModified": local(report.updated_at, outlet).isoformat(),
        "inLanguage": outlet.language,
        "articleSection": report.section,
        "keywords": list(report.tags),
        "isAccessibleForFree": True,
        "author": [
            {"@type": "Person" if report.author else "Organization", "name": report.author or report.credit or outlet.name}
        ],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": outlet.name,
            "url": outlet.home,
            "logo": {"@type": "ImageObject", "url": f"{outlet.home}logo.png", "width": 180, "height": 180},
        },
    }
    if report.picture_path:
        data["image"] = [
            {"@type": "ImageObject", "url": f"https://{outlet.host}{report.picture_path}", "width": width, "height": height}
        ]
    if report.video:
        data["video"] = {
            "@type": "VideoObject",
            "name": report.headline,
            "description": report.standfirst,
            "uploadDate": local(report.published_at, outlet).isoformat(),
            "embedUrl": f"https://www.youtube-nocookie.com/embed/{report.video}",
        }
    return data
