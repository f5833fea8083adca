"""Stories rendered by several processes are those rendered by one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadsheet.edition import rendering
from broadsheet.errors import PublishError
from broadsheet.models import PublishedStory
from broadsheet.publish.outputs import story_files
from broadsheet.publish.site import Site
from tests.publish import sample


def many() -> list[PublishedStory]:
    """More stories than one process is handed at once."""
    return [
        replace(story, record=replace(story.record, path=f"_news/2031-05-12-{number}-{story.id}.md"))
        for number in range(4)
        for story in sample.stories()
    ]


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "FEW", 0)
    monkeypatch.setattr(rendering.os, "cpu_count", lambda: 2)


@pytest.mark.usefixtures("two_processes")
def test_the_same_files_in_the_same_order(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    words = (resources.files("broadsheet.publish") / "templates/words.html").read_text(encoding="utf-8")
    changed = words.replace("Why it ranks so", "What it is worth")
    (tmp_path / "templates/words.html").write_text(changed, encoding="utf-8")
    site = Site(sample.SETTINGS, tmp_path)
    stories = many()
    assert len(stories) > 2 * rendering.CHUNK
    found = list(rendering.render(stories, site, tmp_path, len(stories)))
    assert found == list(story_files(stories, site))
    assert any(b"What it is worth" in (content or b"") for _, content in found)


@pytest.mark.usefixtures("two_processes")
def test_only_a_few_stories_are_held_at_once() -> None:
    taken = 0

    def counted() -> Iterator[PublishedStory]:
        nonlocal taken
        for _ in range(50):
            for story in many():
                taken += 1
                yield story

    files = rendering.render(counted(), Site(sample.SETTINGS), None, 10**6)
    next(files)
    assert taken <= (2 * rendering.AHEAD + 1) * rendering.CHUNK
    files.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("two_processes")
def test_a_wrong_template_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/story.html").write_text("{{ nothing.at.all }}", encoding="utf-8")
    with pytest.raises(PublishError, match=r"template story\.html"):
        list(rendering.render(many(), Site(sample.SETTINGS, tmp_path), tmp_path, 10**6))


def test_few_stories_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "ProcessPoolExecutor", None)
    site = Site(sample.SETTINGS)
    assert list(rendering.render(sample.stories(), site, None, 27)) == list(story_files(sample.stories(), site))
