"""The site's templates and static files: ours, and those of a newsroom that take their place."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import jinja2

from broadsheet.errors import PublishError
from broadsheet.publish import site_view
from broadsheet.text import shorten


def environment(overrides: Path | None) -> jinja2.Environment:
    """Where templates are looked for, and what they can ask for."""
    folders = [jinja2.FileSystemLoader(overrides / "templates")] if overrides else []
    ours = jinja2.PackageLoader("broadsheet.publish", "templates")
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([*folders, jinja2.PrefixLoader({"broadsheet": ours}), ours]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.filters |= {
        "web": site_view.web_url,
        "picture_url": site_view.picture_url,
        "direction": site_view.direction,
        "story_path": site_view.story_path,
        "topic_path": site_view.topic_path,
        "outlet_path": site_view.outlet_path,
        "archive_path": site_view.archive_path,
        "iso": site_view.iso,
        "utc": site_view.in_utc,
        "points": site_view.points,
        "percent": site_view.percent,
        "headline_size": site_view.headline_size,
        "shape": site_view.shape,
        "shorten": shorten,
    }
    return environment


def read_assets(overrides: Path | None) -> dict[str, bytes]:
    """Static files by path in the site, ours and the newsroom's."""
    package = resources.files("broadsheet.publish") / "static"
    found = {f"static/{entry.name}": entry.read_bytes() for entry in package.iterdir() if entry.is_file()}
    folder = overrides / "static" if overrides else None
    if folder and folder.is_dir():
        files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        found |= {f"static/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}
    return dict(sorted(found.items()))


def problem(error: jinja2.TemplateError, name: str) -> PublishError:
    """The error of a template as ours: file, line and reason on one line."""
    where, line = name, _line(error)
    if isinstance(error, jinja2.TemplateSyntaxError):
        where = error.filename or error.name or name
    reason = " ".join(str(error.message or error).split())
    return PublishError(f"template {where}{f', line {line}' if line else ''}: {reason}")


def _line(error: jinja2.TemplateError) -> int:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename.endswith(".html"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
