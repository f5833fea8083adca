from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.config import load_settings, load_topics
from broadsheet.errors import ConfigError
from broadsheet.models import Source, Topic
from broadsheet.settings import Settings

WRONG = yaml.safe_load((Path(__file__).parent / "wrong.yaml").read_text(encoding="utf-8"))


def newsroom(folder: Path, toml: str = "", **topics: str) -> Path:
    (folder / "_data/topics").mkdir(parents=True, exist_ok=True)
    (folder / "broadsheet.toml").write_text(toml, encoding="utf-8")
    for name, text in topics.items():
        (folder / f"_data/topics/{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", WRONG, ids=[case["says"][:60] for case in WRONG])
def test_a_wrong_value_is_one_line_with_file_line_and_what_is_allowed(case: dict[str, str], tmp_path: Path) -> None:
    topics = {"x": case["topic"]} if "topic" in case else {}
    with pytest.raises(ConfigError) as caught:
        load_settings(newsroom(tmp_path, case.get("toml", ""), **topics))
    assert str(caught.value).startswith(case["says"])
    assert "\n" not in str(caught.value)


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(newsroom(tmp_path)) == Settings()


def test_settings_sources_and_topics_are_read(tmp_path: Path) -> None:
    feed = '[[sources]]\nurl = "https://a.example/feed"\ntitle = "A"\n'
    toml = f'[gather]\ngap = 2\n{feed}[[sources]]\nurl = "x.warc"\nkind = "archive"\n'
    settings = load_settings(
        newsroom(tmp_path, toml, b="name: B\nparent: A\n", a="name: A\nkeywords: [tide]\nthreshold: 0.5\n")
    )
    assert settings.gather.gap == 2.0
    assert settings.sources == (Source(url="https://a.example/feed", title="A"), Source(url="x.warc", kind="archive"))
    assert settings.topics == (
        Topic(name="A", slug="a", keywords=("tide",), threshold=0.5),
        Topic(name="B", slug="b", parent="A"),
    )


def test_a_topic_of_the_first_system_is_read_as_it_is(tmp_path: Path) -> None:
    lines = ("taxonomy: topic", "_id: 7", "name: Power Apps", "shortname: Apps", "parent:", "description:", "keywords: []")
    text = "\n".join([*lines, "hashtags:", "images:", "  - url: x", "services: {twitter: x}"])
    (topic,) = load_topics(newsroom(tmp_path, x=text))
    assert topic == Topic(name="Power Apps", slug="apps")


@pytest.mark.parametrize(
    ("name", "slug"), [("Künstliche Intelligenz", "kunstliche-intelligenz"), ("人工知能", "x"), ("!!!", "x")]
)
def test_a_slug_is_always_there(name: str, slug: str, tmp_path: Path) -> None:
    (topic,) = load_topics(newsroom(tmp_path, x=f"name: '{name}'\n"))
    assert topic.slug == slug


@pytest.mark.parametrize("what", ["name", "shortname"])
def test_two_topics_of_one_name_are_refused(what: str, tmp_path: Path) -> None:
    one = "name: Tides\n"
    two = "name: Tides\n" if what == "name" else "name: Other\nshortname: tides\n"
    with pytest.raises(ConfigError, match=rf"_data/topics/b.yaml:\d: {what}: .* already used by _data/topics/a.yaml"):
        load_topics(newsroom(tmp_path, a=one, b=two))


def test_a_folder_that_is_no_newsroom_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not found; `broadsheet init"):
        load_settings(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    newsroom(tmp_path)
    (tmp_path / "broadsheet.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="must be a UTF-8 text file"):
        load_settings(tmp_path)


@given(text=st.text(max_size=200))
def test_no_topic_file_raises_anything_else(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = newsroom(tmp_path_factory.mktemp("n"), x=text)
    with suppress(ConfigError):
        load_topics(folder)
