"""Ready topics: packs of a subject and its parts, with keywords in several languages and feeds to begin with.

Each pack is one YAML file beside this one. Its keywords are listed by language; a newsroom's topic has them all, as a word that
means the subject in one language rarely means another in the next.
"""

from __future__ import annotations

from importlib import resources

import msgspec
import yaml

from broadsheet.errors import ConfigError
from broadsheet.models import Source, Topic, Value
from broadsheet.text import slugify


class PackTopic(Value, frozen=True, forbid_unknown_fields=True):
    """A topic of a pack. ``keywords`` are by language (ISO 639-1)."""

    shortname: str
    name: str
    description: str
    keywords: dict[str, tuple[str, ...]]
    parent: str = ""
    hashtags: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def topic(self) -> Topic:
        words = tuple(dict.fromkeys(word for listed in self.keywords.values() for word in listed))
        return Topic(
            name=self.name,
            slug=slugify(self.shortname),
            parent=self.parent,
            description=self.description,
            keywords=words,
            exclude=self.exclude,
            hashtags=self.hashtags,
        )


class Pack(Value, frozen=True, forbid_unknown_fields=True):
    """A subject: its topics, the broadest first, and suggested feeds."""

    title: str
    topics: tuple[PackTopic, ...]
    feeds: tuple[Source, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(language for topic in self.topics for language in topic.keywords))


def pack_names() -> list[str]:
    """The names of the packs, in order."""
    return sorted(
        file.name.removesuffix(".yaml") for file in resources.files(__name__).iterdir() if file.name.endswith(".yaml")
    )


def load_pack(name: str) -> Pack:
    """The pack of that name. Raises ConfigError when there is none."""
    names = pack_names()
    if name not in names:
        raise ConfigError(f"{name!r} is no pack of topics; there are: {', '.join(names)}")
    text = (resources.files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Pack)


def topic_file(topic: PackTopic) -> str:
    """The file of a topic as a newsroom keeps it: one keyword a line, under the language it is in."""
    head = {
        "taxonomy": "topic",
        "_id": topic.shortname,
        "name": topic.name,
        "shortname": topic.shortname,
        "parent": topic.parent,
        "description": topic.description,
    }
    lines = [f"{key}: {_quoted(value)}" for key, value in head.items() if value]
    lines.append("keywords:")
    seen: set[str] = set()
    for language, words in topic.keywords.items():
        lines.append(f"  # {language}")
        lines += [f"  - {_quoted(word)}" for word in words if word not in seen]
        seen.update(words)
    for name, listed in (("exclude", topic.exclude), ("hashtags", topic.hashtags)):
        if listed:
            lines += [f"{name}:", *(f"  - {_quoted(word)}" for word in listed)]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """``text`` as YAML, in quotes only where it needs them."""
    return yaml.safe_dump(text, allow_unicode=True, width=1000).removesuffix("\n").removesuffix("\n...")
