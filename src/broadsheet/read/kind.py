"""What kind of article a page is: a text, a video on a known player, or a live report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadsheet.models import ArticleType, Video
from broadsheet.read.jsonld import texts, types
from broadsheet.read.metadata import Document, attribute
from broadsheet.urls import absolute

SHORT_TEXT = 150  # words; with a player and fewer words than that, the video is the article
_PLAYERS = {
    "youtube": re.compile(r"^https?://(?:(?:www|m)\.)?(?:youtube(?:-nocookie)?\.com/(?:embed/|watch\?(?:[^#]*&)?v=|shorts/|live/|v/)|youtu\.be/)([\w-]{11})(?![\w-])"),
    "vimeo": re.compile(r"^https?://(?:www\.|player\.)?vimeo\.com/(?:video/|channels/[\w-]+/)?(\d{5,12})(?!\w)"),
    "dailymotion": re.compile(r"^https?://(?:(?:www|geo)\.)?(?:dailymotion\.com/(?:embed/video/|video/|player(?:/\w+)?\.html\?(?:[^#]*&)?video=)|dai\.ly/)([a-zA-Z0-9]{5,10})(?!\w)"),
    "twitch": re.compile(r"^https?://(?:www\.|player\.)?twitch\.tv/(?:videos/|\?(?:[^#]*&)?video=v?)(\d{6,12})(?!\w)"),
    "facebook": re.compile(r"^https?://(?:www\.)?facebook\.com/(?:[\w.]+/videos/|watch/\?v=)(\d{8,20})(?!\w)"),
}  # fmt: skip
_LIVE_PATH = re.compile(
    r"/(?:live|liveblog|live-blog|liveticker|live-ticker|live-updates|en-direct|directo|diretta)(?:[/.-]|$)|"
    r"-(?:liveblog|liveticker|live-updates)(?:[-/.]|$)",
    re.I,
)


def video_of(url: str) -> Video | None:
    """The video an address on a known player shows, None for any other address."""
    for player, pattern in _PLAYERS.items():
        if match := pattern.match(url):
            return Video(player=player, id=match[1])
    return None


def find_video(document: Document) -> Video | None:
    """The first video on a known player that the page declares, else the first it embeds."""
    return next((video for url in _video_urls(document) if (video := video_of(absolute(document.base, url)))), None)


def kind(document: Document, words: int, video: Video | None) -> tuple[ArticleType, str]:
    """``live`` for a LiveBlogPosting or a live address, ``video`` where the page says so of the video it shows or a video is
    all there is to it, else ``article``."""
    if "LiveBlogPosting" in types(document.article):
        return "live", "json-ld LiveBlogPosting"
    if (video or words < SHORT_TEXT) and document.meta("og:type").value.startswith("video"):
        return "video", "meta og:type"
    if words < SHORT_TEXT and not document.article and any("VideoObject" in types(node) for node in document.graph.nodes):
        return "video", "json-ld VideoObject"
    if video and words < SHORT_TEXT:
        return "video", f"{video.player} player"
    if _LIVE_PATH.search(document.url):
        return "live", "address"
    return "article", "default"


def _video_urls(document: Document) -> Iterator[str]:
    yield document.url
    for meta in ("og:video", "og:video:url", "og:video:secure_url", "twitter:player"):
        yield from document.metas.get(meta, ())[:2]
    for node in document.graph.nodes[:200]:
        if "VideoObject" in types(node):
            yield from texts(node.get("embedUrl")) + texts(node.get("contentUrl"))
    for frame in document.nodes.get("iframe", ())[:100]:
        yield attribute(frame, "src") or attribute(frame, "data-src")
    for tag, name in (("lite-youtube", "videoid"), ("amp-youtube", "data-videoid")):
        for element in document.nodes.get(tag, ())[:5]:
            yield "https://www.youtube.com/embed/" + attribute(element, name)
