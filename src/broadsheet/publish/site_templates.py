"""The site's templates and static files: ours, and those of a newsroom that take their place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
import msgspec
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from broadsheet.errors import PublishError
from broadsheet.publish import site_view
from broadsheet.text import shorten

try:
    from markupsafe._speedups import _escape_inner as escape_text
except ImportError:  # it was built without a compiler
    from markupsafe._native import _escape_inner as escape_text


class _Template(jinja2.Template):
    """A template that writes escaped text as it is, where Jinja first makes an object of each piece: two times as fast."""

    @classmethod
    def from_code(cls, environment: jinja2.Environment, code: CodeType, *more: Any) -> jinja2.Template:
        template = super().from_code(environment, code, *more)
        template.root_render_func.__globals__["escape"] = _escape
        return template


class _Context(Context):
    """Calls functions at once: of those that templates have, only macros ask for more than their arguments."""

    def call(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        if type(function) is Macro:
            return function(self.eval_ctx, *arguments, **named)
        return function(*arguments, **named)


class _Environment(jinja2.Environment):
    template_class = _Template
    context_class = _Context

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> jinja2.Template:  # noqa: A002
        """A template by its name, always the same: pages of one build never see a changed one."""
        if name not in self._loaded:
            self._loaded[name] = super().get_template(name, parent)
        return self._loaded[name]

    @cached_property
    def _loaded(self) -> dict[Any, jinja2.Template]:
        return {}

    def make_globals(self, d: Mapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One plain mapping for all templates, as none has globals of its own."""
        return self.globals


def _escape(value: object) -> str:
    if type(value) is str:
        return escape_text(value)
    return value if type(value) is Markup else escape(value)


def _json(value: object, **_: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which the page then shows as a question mark
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def environment(overrides: Path | None) -> jinja2.Environment:
    """Where templates are looked for, and what they can ask for."""
    folders = [jinja2.FileSystemLoader(overrides / "templates")] if overrides else []
    ours = jinja2.PackageLoader("broadsheet.publish", "templates")
    environment = _Environment(
        loader=jinja2.ChoiceLoader([*folders, jinja2.PrefixLoader({"broadsheet": ours}), ours]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["json.dumps_function"] = _json
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
