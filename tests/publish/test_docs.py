"""The manual's pages on published files say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from broadsheet.publish import api
from broadsheet.publish.record import parse_record, render_record
from broadsheet.publish.record_form import FIELDS
from broadsheet.settings import PublishSettings

DOCS = Path(__file__).parents[2] / "docs"


def rows(text: str) -> list[str]:
    """The names in code style in the first column of a page's tables."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_example_record_is_one_to_the_byte() -> None:
    example = re.search(r"```yaml\n(.*?)```\n", (DOCS / "record.md").read_text(), re.S)
    assert example
    file = parse_record("_news/2031-05-12-night-ferry-to-skerrow-starts-in-may.md", example[1].encode())
    assert render_record(file.record).decode() == example[1]


def test_every_field_of_a_record_is_described_in_order() -> None:
    assert tuple(rows((DOCS / "record.md").read_text())) == FIELDS


@pytest.mark.parametrize("name", ["news", "story"])
def test_every_key_of_the_api_is_described_in_order(name: str) -> None:
    schema = json.loads(dict(api.schemas())[f"api/schemas/{name}.json"])
    keys = list((schema["$defs"]["item"] if name == "news" else schema)["properties"])
    assert [row for row in rows((DOCS / "api.md").read_text()) if row in keys] == keys


def test_the_numbers_in_the_manual_are_the_defaults() -> None:
    text, defaults = (DOCS / "api.md").read_text(), PublishSettings()
    for name in ("page_size", "list_pages", "feed_items"):
        assert re.search(rf"`publish\.{name}`\s[a-z\s]+\({getattr(defaults, name)}\)", text), name
    assert f"`{defaults.folder}/`" in text
