"""The newsroom that the demo runs: a paper for the Verrow Isles, made of the invented press."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from broadsheet.demo.press import Outlet, world

_HEAD = """\
# A newspaper for the invented Verrow Isles, gathered from the invented press.

[newsroom]
name = "The Verrow Courant"
description = "The news of the five islands, gathered and weighed."
language = "en"
url = "https://courant.example/"
contact = "desk@courant.example"

[read]
keep_images = true

[gather]
connections_per_host = 8
gap = 0.0
connect_timeout = 20.0
first_byte_timeout = 5.0
timeout = 60.0
"""


def write_newsroom(folder: Path) -> None:
    """Write the demo's ``broadsheet.toml`` and its topics into ``folder``, which is made when it is not there."""
    topics = folder / "_data" / "topics"
    topics.mkdir(parents=True, exist_ok=True)
    sources = [_source(outlet) for outlet in world().outlets]
    (folder / "broadsheet.toml").write_text("\n".join([_HEAD, *sources]), encoding="utf-8")
    for file in sorted((files("broadsheet.demo") / "topics").iterdir(), key=lambda file: file.name):
        (topics / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")


def _source(outlet: Outlet) -> str:
    path = "/news-sitemap.xml" if outlet.source == "sitemap" else outlet.feed_path
    lines = ["[[sources]]", f'url = "https://{outlet.host}{path}"', f'kind = "{outlet.source}"', f'title = "{outlet.name}"']
    return "\n".join([*lines, "full_text = true", ""] if outlet.full_text else [*lines, ""])
