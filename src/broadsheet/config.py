"""``broadsheet.toml`` and ``_data/topics/*.yaml`` → typed settings.

Every wrong value is one line that names file, line, what is wrong and what is allowed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import yaml

from broadsheet.errors import ConfigError
from broadsheet.models import Topic
from broadsheet.settings import Settings
from broadsheet.text import slugify

CONFIG_FILE = "broadsheet.toml"
TOPICS_FOLDER = "_data/topics"

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.S)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_ALLOWED = {
    "^(mailto:.+@.+|https://.+)?$": "a mailto: or https:// address, or nothing",
    r"^(https?://\S+)?$": "an http:// or https:// address, or nothing",
    "^https?://.+/$": "an http:// or https:// address that ends with /",
    r"^(https://[^\s?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?)?$": "an https:// address, or nothing",
    "^[a-z]{2,3}(-[A-Za-z0-9]+)*$": 'a language tag such as "en" or "pt-BR"',
    r"^[A-Za-z0-9_][A-Za-z0-9_\-/]*$": "a folder inside the newsroom: letters, digits, - _ and /",
}

_TYPES = {
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "str": "text",
    "array": "a list",
    "object": "a table",
}

Path_ = tuple[str | int, ...]
Kind = TypeVar("Kind")


class TopicFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One topic as its YAML file says it. ``taxonomy``, ``images`` and ``services`` are kept for the first users' sites."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    taxonomy: Literal["topic"] = "topic"
    id: str | int = msgspec.field(default="", name="_id")
    shortname: str = ""
    parent: str | None = None
    description: str | None = None
    keywords: list[str] | None = None
    exclude: list[str] | None = None
    hashtags: list[str] | None = None
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.3
    images: Any = None
    services: Any = None


def load_settings(newsroom: Path) -> Settings:
    """The settings of the newsroom in that folder, its topics included. Raises ConfigError."""
    path = newsroom / CONFIG_FILE
    text = _read(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_toml_syntax(text, error)) from None
    if "topics" in table:
        line = _toml_line(text, ("topics",))
        raise ConfigError(f"{CONFIG_FILE}:{line}: topics are not set here; write one file a topic in {TOPICS_FOLDER}/")
    settings = _convert(table, Settings, CONFIG_FILE, lambda where: _toml_line(text, where))
    _check_sources(settings, text)
    _check_model(settings, text)
    _check_retention(settings, text)
    return msgspec.structs.replace(settings, topics=load_topics(newsroom))


def load_topics(newsroom: Path, changed: Mapping[str, str | None] = MappingProxyType({})) -> tuple[Topic, ...]:
    """The topics in ``_data/topics/*.yaml``, in the order of their file names. Raises ConfigError.

    ``changed`` are files as they would be, by name; None: without it.
    """
    texts: dict[str, str | None] = {path.name: _read(path) for path in topic_files(newsroom) if path.name not in changed}
    found: list[tuple[str, Topic, yaml.Node]] = []
    for file, text in sorted((texts | dict(changed)).items()):
        if text is not None:
            name = f"{TOPICS_FOLDER}/{file}"
            found.append((name, *_topic(name, Path(file).stem, text)))
    _check_topics(found)
    return tuple(topic for _, topic, _ in found)


def topic_files(newsroom: Path) -> list[Path]:
    """The topics' files, in the order of their names."""
    return sorted((newsroom / TOPICS_FOLDER).glob("*.y*ml"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: not found; `broadsheet init {path.parent}` makes a newsroom") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; it must be a UTF-8 text file") from None


def _topic(file: str, stem: str, text: str) -> tuple[Topic, yaml.Node]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(_yaml_syntax(file, error)) from None
    except RecursionError:
        raise ConfigError(f"{file}:1: its lists lie too deep in each other") from None
    if node is None or not isinstance(data, dict):
        raise ConfigError(f"{file}:1: a topic is a list of `key: value` lines with at least `name:`")
    read = _convert(data, TopicFile, file, lambda where: _yaml_line(node, where))
    slug = slugify(read.shortname or read.name) or slugify(stem) or "topic"
    if re.fullmatch(r"page\d*", slug):
        line = _yaml_line(node, ("shortname" if read.shortname else "name",))
        raise ConfigError(f"{file}:{line}: {slug!r} cannot be a topic's short name: the pages of lists are called so")
    topic = Topic(
        name=read.name,
        slug=slug,
        parent=read.parent or "",
        description=read.description or "",
        keywords=tuple(read.keywords or ()),
        exclude=tuple(read.exclude or ()),
        hashtags=tuple(read.hashtags or ()),
        threshold=read.threshold,
    )
    return topic, node


# --- checks no type can make ---------------------------------------------------------------------------------------------


def _check_model(settings: Settings, text: str) -> None:
    if settings.model.url and not settings.model.name:
        line = _toml_line(text, ("model", "url"))
        raise ConfigError(f"{CONFIG_FILE}:{line}: model.name: which model that API should use is not said")


def _check_retention(settings: Settings, text: str) -> None:
    days, least = settings.store.text_days, max(2 * settings.curate.window_days, settings.curate.expire_days)
    if 0 < days < least:
        needed = f"0, or at least {least:g}: twice curate.window_days and no less than curate.expire_days"
        line = _toml_line(text, ("store", "text_days"))
        raise ConfigError(f"{CONFIG_FILE}:{line}: store.text_days: {days} is not allowed; allowed: {needed}")


def _check_sources(settings: Settings, text: str) -> None:
    """Lines are looked up only for an error: there may be a hundred thousand sources."""

    def line(index: int) -> int:
        return _toml_line(text, ("sources", index, "url"))

    seen: dict[str, int] = {}
    for index, source in enumerate(settings.sources):
        if not re.match(r"https?://[^/\s]+", source.url) and not (source.is_local and "://" not in source.url):
            raise ConfigError(f"{CONFIG_FILE}:{line(index)}: sources.url: {source.url!r} is not an http:// or https:// address")
        if source.url in seen:
            known = f"is already a source in line {line(seen[source.url])}; remove one"
            raise ConfigError(f"{CONFIG_FILE}:{line(index)}: sources.url: {source.url} {known}")
        seen[source.url] = index


def _check_topics(found: list[tuple[str, Topic, yaml.Node]]) -> None:
    names: dict[str, str] = {}
    slugs: dict[str, str] = {}
    for file, topic, node in found:
        for known, value, what in ((names, topic.name, "name"), (slugs, topic.slug, "shortname")):
            if value in known:
                line = _yaml_line(node, (what,))
                raise ConfigError(
                    f"{file}:{line}: {what}: {value!r} is already used by {known[value]}; topics need names of their own"
                )
            known[value] = file
    parents = {topic.name: topic.parent for _, topic, _ in found}
    for file, topic, node in found:
        _check_parents(f"{file}:{_yaml_line(node, ('parent',))}", topic.name, parents)


def _check_parents(where: str, name: str, parents: dict[str, str]) -> None:
    seen = [name]
    while parent := parents[seen[-1]]:
        if parent not in parents:
            raise ConfigError(f"{where}: parent: {parent!r} is no topic; allowed: {', '.join(sorted(parents))}")
        if parent in seen:
            raise ConfigError(f"{where}: parent: {parent!r} makes a circle: {' > '.join([*seen, parent])}")
        seen.append(parent)


# --- wrong values in words -----------------------------------------------------------------------------------------------


def _convert(data: Any, kind: type[Kind], file: str, line_of: Callable[[Path_], int]) -> Kind:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        match = _AT.match(str(error))
        what, path = (match["what"], match["path"] or "$") if match else (str(error), "$")
        where = _steps(path)
        unknown = re.search(r"unknown field `([^`]*)`", what)
        if unknown:
            where = (*where, unknown[1])
        name = ".".join(str(step) for step in where if isinstance(step, str)) or "it"
        raise ConfigError(f"{file}:{line_of(where)}: {name}: {_words(what, data, where, kind)}") from None


def _steps(path: str) -> Path_:
    return tuple(int(index) if index.isdigit() else key for key, index in _STEP.findall(path) if key or index.isdigit())


def _words(what: str, data: Any, where: Path_, kind: type) -> str:
    if "unknown field" in what:
        return f"no such setting; allowed: {', '.join(_names(_owner(kind, where[:-1])))}"
    if "missing required field" in what:
        return what.replace("Object missing required field", "lacks").replace("`", "")
    value = data
    for step in where:
        value = value[step]
    if pattern := re.search(r"regex '(.*)'$", what):
        allowed = _ALLOWED.get(pattern[1].replace("\\\\", "\\"), pattern[1])
    elif "Invalid enum value" in what:
        allowed = " or ".join(f'"{choice}"' for choice in _choices(_owner(kind, where[:-1]), str(where[-1])))
    else:
        allowed = re.sub(r", got `\w+`$|Expected |`| \| null", "", what)
        allowed = re.sub(r"\b(float|int|bool|str|array|object)\b", lambda name: _TYPES[name[1]], allowed)
    return f"{value!r} is not allowed; allowed: {allowed}"


def _owner(kind: Any, where: Path_) -> Any:
    """The struct class that holds the setting at ``where``."""
    for step in where:
        kind = get_args(kind)[0] if isinstance(step, int) else get_type_hints(kind)[step]
    return kind


def _names(kind: Any) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind) if field.encode_name != "topics"]


def _choices(kind: Any, name: str) -> tuple[Any, ...]:
    hint = get_type_hints(kind)[name]
    return get_args(hint) if get_origin(hint) is Literal else ()


def _toml_syntax(text: str, error: tomllib.TOMLDecodeError) -> str:
    match = re.search(r"^(.*?) \(at (?:line (\d+), column \d+|end of document)\)$", str(error), re.S)
    what, line = (match[1], match[2] or len(text.splitlines())) if match else (str(error), 1)
    return f"{CONFIG_FILE}:{line}: not TOML: {what[:1].lower()}{what[1:]}"


def _yaml_syntax(file: str, error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{file}:{error.problem_mark.line + 1}: not YAML: {error.problem}"
    return f"{file}:1: not YAML: {' '.join(str(error).split())}"


# --- where a value stands ------------------------------------------------------------------------------------------------


def _toml_line(text: str, where: Path_) -> int:
    """The line (from 1) of the setting at ``where``, or of the closest table that holds it.

    tomllib keeps no positions, so the text is looked through for table headers and keys; dotted keys and inline tables
    fall back to the line on which they begin.
    """
    best, depth = 1, 0
    table: Path_ = ()
    counts: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if array := re.match(r"\[\[\s*([\w.\-]+)\s*\]\]", line):
            counts[array[1]] = counts.get(array[1], -1) + 1
            path = table = (*array[1].split("."), counts[array[1]])
        elif header := re.match(r"\[\s*([\w.\-]+)\s*\]", line):
            path = table = tuple(header[1].split("."))
        elif key := re.match(r"([\w.\-]+)\s*=", line):
            path = (*table, *key[1].split("."))
        else:
            continue
        if len(path) > depth and path == where[: len(path)]:
            best, depth = number, len(path)
    return best


def _yaml_line(node: yaml.Node | None, where: Path_) -> int:
    line = node.start_mark.line + 1 if node else 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if step not in pairs:
                break
            key, node = pairs[step]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
