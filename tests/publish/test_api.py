"""The JSON API against its schemas and the keys of the format's first users."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

from broadsheet.models import Image, Location, OutletCount, Provider, PublishedStory, Record, Stories, Summary
from broadsheet.publish import api
from broadsheet.text import clean
from tests.publish import sample

STORIES = sample.stories()
LEAST = PublishedStory(id="0", record=Record(path="_news/2026-01-02-fog.md", title="Fog"))
HOSTILE = replace(
    STORIES[0],
    record=replace(
        STORIES[0].record,
        title='</script>"\u2028\x00\ud800'.encode("utf-8", "replace").decode(),
        provider=Provider(name="\x07", domain=""),
    ),
)

# The order in which the first users' lists have them; ours follow.
KEYS = [
    *(
        "path",
        "title",
        "excerpt",
        "sourceUrl",
        "webUrl",
        "originalUrl",
        "featuredContent",
        "highlight",
        "heat",
        "tags",
        "images",
    ),
    *(
        "content",
        "type",
        "ampWebUrl",
        "cdnAmpWebUrl",
        "publishedDateTime",
        "updatedDateTime",
        "provider",
        "locale",
        "categories",
    ),
    *("topics", "quality", "published", "related"),
]


def schema(name: str) -> dict[str, Any]:
    content = dict(api.schemas())[f"api/schemas/{name}.json"]
    loaded: dict[str, Any] = json.loads(content)
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


def check(content: bytes | None, name: str) -> Any:
    assert content
    value = json.loads(content)
    jsonschema.validate(value, schema(name), jsonschema.Draft202012Validator)
    return value


def listed(stories: list[PublishedStory], size: int = 10, pages: int = 40) -> dict[str, bytes | None]:
    return dict(api.lists("api/news", api.items(stories), size, pages))


def test_items_have_the_keys_of_the_first_users_in_their_order() -> None:
    value = check(listed(STORIES)["api/news/index.json"], "news")
    assert {tuple(item) for item in value["value"]} == {tuple(KEYS)}


def test_an_item_says_what_its_record_says() -> None:
    story = STORIES[0]
    item = check(listed([story])["api/news/index.json"], "news")["value"][0]
    record = story.record
    assert (item["path"], item["title"], item["heat"], item["quality"]) == (
        record.path,
        record.title,
        record.heat,
        record.quality,
    )
    assert record.published_at
    assert item["publishedDateTime"] == record.published_at.isoformat().replace("+00:00", "Z")
    assert [entry["provider"]["domain"] for entry in item["related"]] == [entry.provider.domain for entry in record.related]
    assert item["locale"] == story.language


def test_what_a_model_wrote_is_in_the_story_and_nowhere_else() -> None:
    wrote = replace(STORIES[0], summary=Summary(text="Short.", sources=("https://a.example/1",), model="gull-7b"))
    told = check(api.story(wrote), "story")
    assert told.pop("summary") == {"text": "Short.", "headline": None, "sources": ["https://a.example/1"], "model": "gull-7b"}
    assert told == check(api.story(STORIES[0]), "story")
    assert api.items([wrote]) == api.items([STORIES[0]])


def test_nulls_are_kept() -> None:
    item = check(listed([LEAST])["api/news/index.json"], "news")["value"][0]
    assert item == {
        **dict.fromkeys(KEYS),
        "path": "_news/2026-01-02-fog.md",
        "title": "Fog",
        "excerpt": "",
        "images": [],
        "type": "article",
        "categories": ["news"],
        "topics": [],
        "related": [],
    }


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, [0]), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5]), (30, [10, 10, 10]), (31, [10, 10, 10])],
)
def test_pages(count: int, sizes: list[int]) -> None:
    stories = [STORIES[number % len(STORIES)] for number in range(count)]
    files = listed(stories, size=10, pages=3)
    values = [check(files[f"api/news/page/{number}/index.json"], "news") for number in range(1, len(sizes) + 1)]
    assert [len(value["value"]) for value in values] == sizes
    assert [value["page"] for value in values] == list(range(1, len(sizes) + 1))
    assert [value["nextPage"] for value in values] == [*range(2, len(sizes) + 1), None]
    assert files["api/news/index.json"] == files["api/news/page/1/index.json"]
    for number in range(1, 4):
        assert files[f"api/news/page{number}/index.json"] == files[f"api/news/page/{number}/index.json"]
        assert (files[f"api/news/page{number}/index.json"] is None) == (number > len(sizes))


def test_a_page_comes_after_the_page_it_points_to() -> None:
    order = [path for path, content in api.lists("api/news", api.items(STORIES[:25]), 10, 3) if content]
    assert order[0] == "api/news/page/3/index.json"
    assert order[-1] == "api/news/index.json"


@pytest.mark.parametrize("story", [*STORIES, LEAST, HOSTILE], ids=lambda story: story.id)
def test_a_story_says_why(story: PublishedStory) -> None:
    value = check(api.story(story), "story")
    assert list(value) == [*KEYS, "id", "rank", "articles", "why"]
    assert value["why"]["quality"]["value"] == story.why_quality.value
    assert [part["reason"] for part in value["why"]["heat"]["parts"]] == [part.reason for part in story.why_heat.parts]
    assert [match["topic"] for match in value["why"]["topics"]] == [match.topic for match in story.why_topics]
    assert clean(value["title"]) == clean(story.record.title)


def test_a_place_is_in_the_story_and_its_lists() -> None:
    located = replace(STORIES[0], location=Location(latitude=54.25, longitude=-3.5))
    told, plain = check(api.story(located), "story"), check(api.story(STORIES[0]), "story")
    assert told.pop("location") == {"latitude": 54.25, "longitude": -3.5}
    assert told == plain
    for stories in ([located, STORIES[1]], Stories(msgspec.json.encode(story).decode() for story in (located, STORIES[1]))):
        items = check(dict(api.lists("api/news", api.items(stories), 10, 40))["api/news/index.json"], "news")["value"]
        assert [item.get("location") for item in items] == [{"latitude": 54.25, "longitude": -3.5}, None]
    broken = told | {"location": {"latitude": 91.0, "longitude": 0.0}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema("story"))


def test_the_private_notes_are_not_told() -> None:
    sealed = replace(LEAST, record=replace(LEAST.record, secured="c2VjcmV0;YQ=="))
    assert b"c2VjcmV0" not in api.story(sealed)
    assert b"secured" not in api.story(sealed)


def test_story_file() -> None:
    assert api.story_file("_news/2026-01-02-fog.md") == "api/stories/2026-01-02-fog.json"


def test_topics() -> None:
    value = check(api.topics(sample.TOPICS, {"Ferries": 3}), "topics")["value"]
    assert [topic["slug"] for topic in value] == [topic.slug for topic in sample.TOPICS]
    assert value[1] == {
        "name": "Ferries",
        "slug": "ferries",
        "parent": "Harbours",
        "description": sample.TOPICS[1].description,
        "stories": 3,
        "news": "api/news/ferries/index.json",
    }


@pytest.mark.parametrize("name", ["news", "story", "topics"])
def test_schemas_refuse_what_they_do_not_describe(name: str) -> None:
    contents = {
        "news": listed(STORIES)["api/news/index.json"],
        "story": api.story(STORIES[0]),
        "topics": api.topics(sample.TOPICS, {}),
    }
    value = check(contents[name], name)
    for broken in ({**value, "unknown": 1}, {key: value[key] for key in list(value)[1:]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema(name))


def test_outlets() -> None:
    logo = Image(url="assets/logo.png", width=50, height=50)
    gazette = sample.provider("gazette")
    counts = [
        OutletCount(provider=replace(gazette, images=(logo,)), stories=7, first=2),
        OutletCount(provider=Provider(name="b.example", domain="b.example")),
    ]
    value = check(api.outlets("https://paper.example/sound/", counts), "outlets")["value"]
    assert value[0]["images"][0]["url"] == "https://paper.example/sound/assets/logo.png"
    assert value[0] | {"images": []} == {"name": gazette.name, "domain": gazette.domain, "images": [], "stories": 7, "first": 2}
    assert value[1] == {"name": "b.example", "domain": "b.example", "images": [], "stories": 0, "first": 0}


def test_hot_stories_keep_their_order() -> None:
    every = [*STORIES, LEAST]
    found = api.hot(every, api.items(every), 80)
    assert found == api.items([story for story in STORIES if (story.record.heat or 0) >= 80])
    assert 0 < len(found) < len(STORIES)
