"""What each host of the invented press serves at an instant: paths and the documents behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from broadsheet.demo import feeds, pages, pictures
from broadsheet.demo.press import FIRST_EDITION, Outlet, Report, World, published

_BEFORE = FIRST_EDITION - timedelta(days=30)  # when what never changes was put there
_HTML = "text/html; charset=utf-8"


class Document:
    """One resource: its type, when it last changed, and its bytes, made when first asked for."""

    def __init__(self, content_type: str, modified: datetime, make: Callable[[], bytes], location: str = "") -> None:
        self.content_type = content_type
        self.modified = modified
        self.location = location  # where a redirect leads
        self._make = make
        self._body: bytes | None = None

    @property
    def body(self) -> bytes:
        if self._body is None:
            self._body = self._make()
        return self._body


Site = dict[str, Document]


def sites(world: World, now: datetime) -> dict[str, Site]:
    """Every host with what it serves at that instant. Documents keep their bytes once made."""
    reports = published(world.reports, now)
    return {outlet.host: site(outlet, [report for report in reports if report.outlet == outlet]) for outlet in world.outlets}


def site(outlet: Outlet, reports: Sequence[Report]) -> Site:
    """Paths and documents of one outlet, whose reports come newest first. A missing feed is not among them."""
    newest = max((report.updated_at for report in reports), default=_BEFORE)
    made: Site = {
        "/": Document(_HTML, newest, partial(pages.home, outlet, reports)),
        "/robots.txt": Document("text/plain; charset=utf-8", _BEFORE, partial(feeds.robots, outlet)),
    }
    if outlet.fault != "missing":
        made[outlet.feed_path] = Document(feeds.CONTENT_TYPES[outlet.feed], newest, partial(feeds.feed, outlet, reports))
    if outlet.news_sitemap:
        made["/news-sitemap.xml"] = Document(
            "application/xml; charset=utf-8", newest, partial(feeds.news_sitemap, outlet, reports)
        )
    for path, size in (("/logo.png", 180), ("/apple-touch-icon.png", 180), ("/icon.png", 48)):
        made[path] = Document("image/png", _BEFORE, partial(pictures.logo, outlet.mark, outlet.colour, size))
    for report in reports:
        made |= _report_documents(report, reports)
    return made


def _report_documents(report: Report, others: Sequence[Report]) -> Site:
    outlet = report.outlet
    made = {report.path: Document(_HTML, report.updated_at, partial(pages.article, report, others))}
    if report.amp_path:
        made[report.amp_path] = Document(_HTML, report.updated_at, partial(pages.amp, report, others))
    if report.picture_path:
        draw = partial(pictures.picture, report.scene, f"{report.event} {outlet.id}", outlet.size, outlet.picture)
        made[report.picture_path] = Document(f"image/{outlet.picture}", report.published_at, draw)
    if outlet.redirects:
        made[feeds.counter_path(report)] = Document(_HTML, report.published_at, bytes, location=report.url)
    return made
