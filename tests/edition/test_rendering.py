"""Files made by several processes are those made by one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from importlib import resources
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadsheet.edition import rendering
from broadsheet.errors import PublishError
from broadsheet.models import PublishedStory
from broadsheet.publish.files import TEMPORARY, put
from broadsheet.publish.outputs import Job, Output, story_files
from broadsheet.publish.site import Site
from tests.publish import sample

SETTINGS = sample.SETTINGS


def many() -> list[Job]:
    """More jobs than are handed out at once."""
    return [partial(story_files, part(number)) for number in range(2 * rendering.AHEAD + 5)]


def part(number: int) -> list[PublishedStory]:
    return [
        replace(story, record=replace(story.record, path=f"_news/2031-05-12-{number}-{story.id}.md"))
        for story in sample.stories()[:3]
    ]


def alone(jobs: list[Job], site: Site) -> list[Output]:
    return [file for job in jobs for file in job(site)]


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering.os, "cpu_count", lambda: 2)


@pytest.mark.usefixtures("two_processes")
def test_the_same_files_in_the_same_order(tmp_path: Path) -> None:
    theme, root = tmp_path / "theme", tmp_path / "public"
    (theme / "templates").mkdir(parents=True)
    words = (resources.files("broadsheet.publish") / "templates/words.html").read_text(encoding="utf-8")
    changed = words.replace("Why it ranks so", "What it is worth")
    (theme / "templates/words.html").write_text(changed, encoding="utf-8")
    wanted = alone(many(), Site(SETTINGS, theme))
    made = put(root, rendering.render(many(), SETTINGS, theme, root, 10**6))
    assert list(made) == [(name, True) for name, _ in wanted]
    assert {name: (root / name).read_bytes() for name, _ in wanted} == dict(wanted)
    assert any(b"What it is worth" in (content or b"") for _, content in wanted)
    again = put(root, rendering.render(many(), SETTINGS, theme, root, 10**6))
    assert list(again) == [(name, False) for name, _ in wanted]
    assert not [path for path in root.rglob("*") if TEMPORARY.fullmatch(path.name)]


@pytest.mark.usefixtures("two_processes")
def test_only_a_few_jobs_are_held_at_once_and_no_process_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **named: started.append(real(*given, **named)) or started[-1])

    def counted() -> Iterator[Job]:
        nonlocal taken
        for _ in range(50):
            for job in many():
                taken += 1
                yield job

    files = rendering.render(counted(), SETTINGS, None, tmp_path, 10**6)
    next(files)
    assert taken <= 2 * rendering.AHEAD + 1
    files.close()  # type: ignore[attr-defined]
    assert [process.poll() for process in started] == [0, 0]


@pytest.mark.usefixtures("two_processes")
def test_a_wrong_template_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/story.html").write_text("{{ nothing.at.all }}", encoding="utf-8")
    with pytest.raises(PublishError, match=r"template story\.html"):
        list(rendering.render(many(), SETTINGS, tmp_path, tmp_path / "public", 10**6))


def fall(site: Site) -> list[Output]:
    raise SystemExit(site.settings.newsroom.name != "")


@pytest.mark.usefixtures("two_processes")
def test_a_process_that_ends_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="a process that makes pages ended"):
        list(rendering.render([*many()[:3], fall], SETTINGS, None, tmp_path, 10**6))


def test_few_stories_need_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert list(rendering.render(many(), SETTINGS, None, tmp_path, 27)) == alone(many(), Site(SETTINGS))
