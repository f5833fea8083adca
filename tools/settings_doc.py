"""Writes docs/settings.md from the settings themselves: their types, defaults, and the comments beside them.

python tools/settings_doc.py            print the page
python tools/settings_doc.py --write    put it in docs/settings.md; a test fails when it is not up to date
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from broadsheet import settings
from broadsheet.models import Source

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """\
# Settings

Everything a newsroom sets is in `broadsheet.toml` and in `_data/topics/*.yaml` (see [topics](topics.md)). Each setting has a
default, so a file need only say what differs. A wrong value or an unknown name is one line that says where and what is allowed.

<!-- written by tools/settings_doc.py from the settings themselves -->
"""

COLUMNS = "| setting | default | what it is |\n| --- | --- | --- |"


def page() -> str:
    """The whole page, as Markdown."""
    parts = [HEAD]
    for field in msgspec.structs.fields(settings.Settings):
        if inspect.isclass(field.type) and issubclass(field.type, settings.Section):
            parts += _section(field.name, field.type)
    parts.append(_sources())
    return "\n".join(parts)


def _section(name: str, kind: type[settings.Section]) -> Iterator[str]:
    comments = _comments(kind)
    below = []
    yield f"## `[{name}]`\n\n{_text(inspect.getdoc(kind) or '')}\n\n{COLUMNS}"
    for field in msgspec.structs.fields(kind):
        if inspect.isclass(field.type) and issubclass(field.type, settings.Section):
            below.append((f"{name}.{field.name}", field.type))
        else:
            default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
            yield _row(field.name, default, comments.get(field.name, ""))
    yield ""
    for inner, inner_kind in below:
        yield from _section(inner, inner_kind)


def _sources() -> str:
    comments = _comments(Source)
    rows = [_row(field.name, field.default, comments.get(field.name, "")) for field in msgspec.structs.fields(Source)]
    head = "## `[[sources]]`\n\nOne table a source; see [sources](sources.md).\n\n" + COLUMNS
    return "\n".join([head, *rows, ""])


def _row(name: str, default: Any, comment: str) -> str:
    if not comment:
        raise SystemExit(f"settings_doc: {name} has no comment beside it")
    shown = "needed" if default is msgspec.NODEFAULT else f"`{msgspec.json.encode(default).decode()}`"
    return f"| `{name}` | {shown} | {comment} |"


def _comments(kind: type) -> dict[str, str]:
    return dict(re.findall(r"^    (\w+): [^#\n]*#\s*(.*)$", inspect.getsource(kind), re.M))


def _text(doc: str) -> str:
    return " ".join(doc.replace("``", "`").split())


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")
