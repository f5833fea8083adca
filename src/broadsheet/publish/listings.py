"""Files by which programs find their way in a newsroom: its sources as OPML 2.0, ``llms.txt``, an OpenAPI 3.1 description."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from broadsheet import __version__
from broadsheet.models import SourceState, Topic
from broadsheet.publish.api import HEATS, encode
from broadsheet.publish.site_view import source_link, topic_path
from broadsheet.publish.xml import document, element
from broadsheet.settings import NewsroomSettings
from broadsheet.text import clean, fold_space

_NAME = {"name": "name", "description": "A record's file name without .md."}
_TOPIC = {"name": "topic", "description": "A topic's slug, from api/topics/index.json."}
_PAGE = {"name": "page", "schema": {"type": "integer", "minimum": 1}, "description": "From 1, as nextPage says."}
_HEAT = {"name": "heat", "schema": {"type": "integer", "enum": list(HEATS)}, "description": "The least heat."}

# path: what it is, its schema, its parameters
_PATHS: dict[str, tuple[str, str, tuple[dict[str, Any], ...]]] = {
    "api/news/index.json": ("The newest stories.", "news", ()),
    "api/news/page/{page}/index.json": ("A page of the newest stories.", "news", (_PAGE,)),
    "api/news/{topic}/index.json": ("A topic's newest stories.", "news", (_TOPIC,)),
    "api/news/{topic}/page/{page}/index.json": ("A page of a topic's newest stories.", "news", (_TOPIC, _PAGE)),
    "api/news/minimum_heat/{heat}/index.json": ("The newest stories of a least heat.", "news", (_HEAT,)),
    "api/news/minimum_heat/{heat}/page/{page}/index.json": ("A page of them.", "news", (_HEAT, _PAGE)),
    "api/stories/{name}.json": ("One story in full, with its reasons.", "story", (_NAME,)),
    "api/topics/index.json": ("The topics.", "topics", ()),
    "api/outlets/index.json": ("The outlets with the most stories.", "outlets", ()),
}


def opml(newsroom: NewsroomSettings, sources: Iterable[SourceState]) -> bytes:
    """The newsroom's feeds and sitemaps as OPML 2.0 (http://opml.org/spec2.opml).

    Left out are files of its own, and addresses with a password in them.
    """
    outlines = []
    for source in sources:
        link = source_link(source)
        if link.url and not source.retired:
            outlines.append(element("outline", attributes={"type": "rss", "text": link.label, "xmlUrl": link.url}))
    head = element("head", element("title", f"Sources of {newsroom.name}"), element("ownerId", newsroom.url))
    return document(element("opml", head, element("body", *outlines), attributes={"version": "2.0"}))


def llms(newsroom: NewsroomSettings, topics: Sequence[Topic]) -> bytes:
    """What the newsroom is and where programs read it, in the form of https://llmstxt.org."""
    home = newsroom.url
    data = {
        "Newest stories": "api/news/index.json",
        "Topics": "api/topics/index.json",
        "Outlets": "api/outlets/index.json",
        "Description of the API": "api/openapi.json",
        "Feed": "feed.json",
        "Sources": "sources.opml",
    }
    lines = [
        f"# {_line(newsroom.name)}",
        "",
        f"> {_line(newsroom.description)}",
        "",
        "Stories are groups of outlets' reports of one event. Titles and excerpts are the outlets': cite them by `webUrl`.",
        "`quality` (0 to 100) says how good a report is, `heat` how many independent outlets report the event.",
        "",
        "## Data",
        "",
        *(f"- [{name}]({home}{path})" for name, path in data.items()),
        "",
        "## Topics",
        "",
        *(_topic(home, topic) for topic in topics),
    ]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "replace")


def openapi(newsroom: NewsroomSettings) -> bytes:
    """The JSON API in the terms of OpenAPI 3.1, with the published JSON Schemas as its answers."""
    info = {"title": clean(newsroom.name), "description": clean(newsroom.description), "version": __version__}
    paths = {f"/{path}": {"get": _operation(*said)} for path, said in _PATHS.items()}
    return encode({"openapi": "3.1.0", "info": info, "servers": [{"url": newsroom.url.rstrip("/")}], "paths": paths})


def _operation(summary: str, schema: str, parameters: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    answer = {"description": summary, "content": {"application/json": {"schema": {"$ref": f"schemas/{schema}.json"}}}}
    given = [{"in": "path", "required": True, "schema": {"type": "string"}} | parameter for parameter in parameters]
    return {
        "summary": summary,
        **({"parameters": given} if given else {}),
        "responses": {"200": answer, "404": {"description": "There is none of that name."}},
    }


def _topic(home: str, topic: Topic) -> str:
    name, about = _line(topic.name), _line(topic.description)
    return f"- [{name}]({home}{topic_path(topic.slug)}){f': {about}' if about else ''}"


def _line(text: str) -> str:
    """On one line, without what Markdown would take for a link."""
    return fold_space(clean(text)).replace("[", "(").replace("]", ")")
