"""Other generators of static sites, given the same stories: their settings and templates are in ``peers/NAME``.

Each makes a page of the same content a story, with what its scores are made of, the front page and topics' pages of 40 stories,
and RSS and a sitemap where it has them built in; Hugo also the pages of outlets and days, and each story as
JSON. Writing their input is not timed; starting them is.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from broadsheet.models import PublishedStory
from broadsheet.settings import Settings

COMMANDS = {
    "hugo": ("hugo", "--quiet", "--destination", "public"),
    "jekyll": ("jekyll", "build", "--quiet", "--destination", "public"),
    "pelican": ("pelican", "content", "--quiet", "--output", "public", "--settings", "pelicanconf.py"),
}


def build(peer: str, folder: Path, stories: Iterable[PublishedStory], settings: Settings) -> float | None:
    """Wall seconds that ``peer`` takes for a full build of ``stories`` in ``folder``; None when it is not installed."""
    if shutil.which(peer) is None:
        return None
    shutil.copytree(Path(__file__).with_name("peers") / peer, folder)
    count = 0
    for story in stories:
        name, content = PEERS[peer](story)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
        count += 1
    if peer == "jekyll":  # it makes no page of a tag by itself
        for topic in settings.topics:
            head = json.dumps({"layout": "topic", "title": topic.name, "permalink": f"/topics/{topic.slug}/"})
            (folder / f"{topic.slug}.html").write_text(f"---\n{head}\n---\n", encoding="utf-8")
    started = time.perf_counter()
    subprocess.run(COMMANDS[peer], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    made = sum(1 for _ in (folder / "public/stories").glob("*/index.html"))
    if made != count:
        raise RuntimeError(f"{peer} made {made} pages of {count} stories")
    return seconds


def _hugo(story: PublishedStory) -> tuple[str, str]:
    name = _name(story)
    story_fields = _fields(story)
    fields = {
        "title": story.record.title,
        "date": _iso(story),
        "topics": story.record.topics,
        "outlets": sorted({report["provider"]["name"] for report in story_fields["reports"]}),
        "archive": [_iso(story)[:10]],
        "story": story_fields,
    }
    return f"content/stories/{name}.md", json.dumps(fields, ensure_ascii=False) + "\n"


def _jekyll(story: PublishedStory) -> tuple[str, str]:
    fields = {
        "layout": "story",
        "title": story.record.title,
        "date": _iso(story),
        "tags": story.record.topics,
        "permalink": f"/stories/{_name(story)}/",
        "story": _fields(story),
    }
    return f"_posts/{_name(story)}.md", f"---\n{json.dumps(fields, ensure_ascii=False)}\n---\n"


def _pelican(story: PublishedStory) -> tuple[str, str]:
    lines = [
        f"Title: {story.record.title}",
        f"Date: {_iso(story)}",
        f"Tags: {', '.join(story.record.topics)}",
        f"Slug: {_name(story)}",
        f"Story: {json.dumps(_fields(story), ensure_ascii=False)}",
    ]
    return f"content/{_name(story)}.md", "\n".join(lines) + "\n\n"


def _fields(story: PublishedStory) -> dict[str, Any]:
    """The story as plain values, its reports in the order of publication as on our pages."""
    fields: dict[str, Any] = msgspec.to_builtins(story)
    lead = {name: fields["record"][name] for name in ("title", "web_url", "published_at", "provider")}
    fields["reports"] = sorted([lead, *fields["record"].get("related", ())], key=lambda report: str(report["published_at"]))
    fields["record"].pop("related", None)
    return fields


def _iso(story: PublishedStory) -> str:
    assert story.record.published_at is not None
    return story.record.published_at.isoformat()


def _name(story: PublishedStory) -> str:
    return Path(story.record.path).stem


PEERS: dict[str, Callable[[PublishedStory], tuple[str, str]]] = {"hugo": _hugo, "jekyll": _jekyll, "pelican": _pelican}
