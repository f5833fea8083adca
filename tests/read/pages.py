"""An invented page and how to vary it: what the tests of this room read."""

from __future__ import annotations

from datetime import UTC, datetime

from broadsheet.models import Page
from broadsheet.read.metadata import Document, read_document

URL = "https://www.lantern.example/town/2026/03/04/bridge-reopens"
AT = datetime(2026, 3, 5, tzinfo=UTC)

SENTENCES = (
    "The old bridge over the Ilm opened again on Wednesday, eleven months after the flood that tore away its northern arch.",
    "Hundreds of people walked across it in the first hour, many of them children who had only known the ferry.",
    "The repair cost four million crowns, a third less than the council had set aside, said the mayor, Ada Brandt.",
    "Engineers had to dive for the stones of the arch, which the river had carried to the mill, and number each of them.",
    "Trams will follow in May, when the rails have been laid and the poles have been painted in the green of the town.",
)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
TEXT = "\n".join(SENTENCES)


def page_of(
    html: str | bytes, *, url: str = URL, final_url: str = "", status: int = 200, content_type: str = "text/html"
) -> Page:
    content = html.encode() if isinstance(html, str) else html
    headers = {"content-type": content_type} if content_type else {}
    return Page(url=url, final_url=final_url or url, status=status, headers=headers, content=content, fetched_at=AT)


def html_of(head: str = "", body: str = PARAGRAPHS, *, title: str = "Bridge reopens", attributes: str = ' lang="en"') -> str:
    return f"<!doctype html><html{attributes}><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def document_of(head: str = "", body: str = PARAGRAPHS, *, url: str = URL, title: str = "", attributes: str = "") -> Document:
    return read_document(html_of(head, body, title=title, attributes=attributes), url)


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'
