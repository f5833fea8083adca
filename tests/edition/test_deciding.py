"""What editors decide holds in every edition after, through merges too, is told, and is gone once it is undone."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broadsheet.edition.composing import compose_stories
from broadsheet.edition.curating import judge
from broadsheet.edition.regrouping import CURATION, merge_stories, split_story, undo_change
from broadsheet.errors import StoreError
from broadsheet.models import Article, Decision, PublishedStory
from broadsheet.newsroom import open_newsroom
from broadsheet.publish.seal import Sealer, load_keys
from broadsheet.show_why import decided
from broadsheet.store import Database, articles, changes, claims, decisions, listings, memory, search_query, shelf, standings
from broadsheet.store.search import Search
from broadsheet.why import explain
from tests.edition.by_hand import NOON, Paper

DAM = ["Dam bursts above Lowfield, hundreds flee the valley", "Hundreds flee as Lowfield dam bursts"]
VOTE = "Council votes to close the old harbour"
TOPICS = {"1-water": "name: Water\nkeywords: [dam]\n", "2-ports": "name: Ports\nkeywords: [harbour]\n"}


@pytest.fixture
def paper(tmp_path: Path, database: Database) -> Paper:
    made = Paper(tmp_path / "paper", database)
    for old in (tmp_path / "paper/_data/topics").glob("*"):
        old.unlink()
    for name, text in TOPICS.items():
        (tmp_path / f"paper/_data/topics/{name}.yaml").write_text(text)
    made.run.newsroom = open_newsroom(tmp_path / "paper")
    return made


def decide(paper: Paper, action: Any, target: str, value: str = "", **more: Any) -> int:
    with paper.database.transaction() as connection:
        said = Decision(action=action, target=target, value=value, who="Ida", at=NOON, reason="for this test", **more)
        return decisions.decide(connection, said)


def undo(paper: Paper, number: int) -> None:
    with paper.database.transaction() as connection:
        assert decisions.undo(connection, number, NOON + timedelta(hours=1), "Bo") is not None
        assert decisions.undo(connection, number, NOON + timedelta(hours=1), "Bo") is None


def shown(paper: Paper, story: str) -> PublishedStory:
    compose_stories(paper.run)
    with paper.database.transaction() as connection:
        assert memory.touched(connection, 1) == []
        return shelf.by_story(connection, [story])[story]


def facts(paper: Paper, story: str) -> dict[str, Any]:
    """All that is published of a story but its seal."""
    record = shown(paper, story).record
    return {name: getattr(record, name) for name in record.__struct_fields__ if name != "secured"}


CASES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "withheld": ("withhold", "", {"published": False}),
    "renamed": ("rename", "Lowfield <flooded>", {"title": "Lowfield <flooded>"}),
    "retagged": ("retag", "Ports\nGone", {"topics": ("Ports",)}),
    "of no topic": ("retag", "", {"topics": ()}),
}


@pytest.mark.parametrize(("action", "value", "change"), CASES.values(), ids=CASES)
def test_it_holds_in_later_editions_and_undone_is_as_if_it_had_never_been(
    paper: Paper, action: Any, value: str, change: dict[str, Any]
) -> None:
    (key,) = paper.comes(DAM[:1])
    story = paper.story(key)
    before = facts(paper, story)
    number = decide(paper, action, story, value)
    assert facts(paper, story) == before | change
    paper.comes(DAM[1:], 1)
    later = facts(paper, story)
    assert {name: later[name] for name in change} == change
    with paper.database.transaction() as connection:
        memory.touch_all(connection)
    assert facts(paper, story) == later
    undo(paper, number)
    after = facts(paper, story)
    assert {name: after[name] for name in change} == {name: before[name] for name in change}


def test_the_path_of_a_record_stays_whatever_it_is_called(paper: Paper) -> None:
    (key,) = paper.comes(DAM[:1])
    story = paper.story(key)
    path = shown(paper, story).record.path
    decide(paper, "rename", story, "Another name")
    assert shown(paper, story).record.path == path


def test_a_pin_puts_a_story_before_all_others_until_its_time(paper: Paper) -> None:
    (old,), (new,) = paper.comes([VOTE]), paper.comes(DAM[:1], 9)
    pinned, other = paper.story(old), paper.story(new)
    compose_stories(paper.run)
    decide(paper, "pin", pinned, (NOON + timedelta(days=1)).isoformat())
    assert shown(paper, pinned).rank > shown(paper, other).rank
    paper.run.at = NOON + timedelta(days=1)
    assert shown(paper, pinned).rank < shown(paper, other).rank
    with paper.database.transaction() as connection:
        (pin,) = decisions.history(connection, [pinned])
    assert (pin.undone_at, pin.undone_by) == (NOON + timedelta(days=1), "")


def test_a_pin_shows_what_is_not_warm_enough_but_not_what_is_withheld(paper: Paper) -> None:
    config = paper.run.newsroom.folder / "broadsheet.toml"
    config.write_text(config.read_text().replace("[curate]", "[curate]\nminimum_heat = 99"))
    paper.run.newsroom = open_newsroom(paper.run.newsroom.folder)
    (key,) = paper.comes([VOTE])
    story = paper.story(key)
    assert not shown(paper, story).record.published
    decide(paper, "pin", story, (NOON + timedelta(days=1)).isoformat())
    assert shown(paper, story).record.published
    decide(paper, "withhold", story)
    assert not shown(paper, story).record.published


def test_a_headline_is_corrected_in_every_story_that_shows_it(paper: Paper) -> None:
    (key,) = paper.comes(DAM[:1])
    number = decide(paper, "headline", key, "Dam leaks above Lowfield")
    assert shown(paper, paper.story(key)).record.title == "Dam leaks above Lowfield"
    undo(paper, number)
    assert shown(paper, paper.story(key)).record.title == DAM[0]


def test_an_outlet_is_corrected_in_all_its_stories_and_on_its_page(paper: Paper) -> None:
    keys = [*paper.comes(DAM[:1]), *paper.comes([VOTE])]
    stories = [paper.story(key) for key in keys]
    compose_stories(paper.run)
    number = decide(paper, "outlet", "o0.example", "The Lowfield Observer")
    for story in stories:
        provider = shown(paper, story).record.provider
        assert provider is not None
        assert provider.name == "The Lowfield Observer"
    with paper.database.transaction() as connection:
        (count,) = shelf.Shelf(connection).outlet_counts(["o0.example"])
    assert count.provider.name == "The Lowfield Observer"
    undo(paper, number)
    provider = shown(paper, stories[0]).record.provider
    assert provider is not None
    assert provider.name == "O0"


@pytest.mark.parametrize("target", ["Dam", "bursts above", "o0.example"])
def test_what_is_muted_gets_no_story_and_says_why_until_it_is_undone(paper: Paper, target: str) -> None:
    number = decide(paper, "mute source" if "." in target else "mute word", target)
    (key,) = paper.comes(DAM[:1])
    (other,) = paper.comes([VOTE, "Damask and bursts of colour"], 1)[:1]
    assert paper.story(key) == ""
    assert paper.story(other) != ""
    with paper.database.transaction() as connection:
        member = articles.find(connection, key)
        assert member is not None
        assert member.judgement.story_reason.startswith("muted by Ida: ")
    undo(paper, number)
    judge(paper.run)
    assert paper.story(key) != ""


@pytest.mark.parametrize(("action", "target"), [("mute word", "Lowfield"), ("mute source", "o0.example")])
def test_a_new_mute_takes_away_what_was_published_until_it_is_undone(paper: Paper, action: Any, target: str) -> None:
    (dam,) = paper.comes(DAM[:1])
    (vote,) = paper.comes([VOTE], 1)
    story, other = paper.story(dam), paper.story(vote)
    before = facts(paper, story)
    assert before["published"]
    number = decide(paper, action, target)
    judge(paper.run)
    assert facts(paper, story) == before | {"published": False}
    assert shown(paper, other).record.published
    assert [item.key for item in listed(paper)] == [vote]
    with paper.database.transaction() as connection:
        memory.touch_all(connection)
    assert not shown(paper, story).record.published, "nor when all stories are made again"
    undo(paper, number)
    judge(paper.run)
    assert facts(paper, story) == before
    assert {item.key for item in listed(paper)} == {dam, vote}


def test_a_mute_that_is_undone_while_an_edition_looks_for_what_it_takes_away_waits_on(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.comes(DAM[:1])
    number = decide(paper, "mute word", "dam")
    touch = memory.touch

    def undone_just_before(*given: Any) -> None:
        monkeypatch.setattr(memory, "touch", touch)
        assert decisions.undo(given[0], number, NOON, "Bo") is not None
        touch(*given)

    monkeypatch.setattr(memory, "touch", undone_just_before)
    judge(paper.run)
    with paper.database.transaction() as connection:
        assert [(rule.id, rule.undone_by) for rule in decisions.waiting(connection)] == [(number, "Bo")]
    judge(paper.run)
    with paper.database.transaction() as connection:
        assert decisions.waiting(connection) == []


def test_what_is_muted_leaves_a_story_that_others_tell_too(paper: Paper) -> None:
    one, two = (paper.comes([title], hours)[0] for hours, title in enumerate(DAM))
    story = paper.story(one)
    if story != paper.story(two):
        other = paper.story(two)
        with paper.database.transaction() as connection:
            merge_stories(connection, story, other, NOON, "Ida", "one event")
    before = facts(paper, story)
    assert {before["provider"].domain} | {entry.provider.domain for entry in before["related"]} == {"o0.example", "o1.example"}
    number = decide(paper, "mute source", "o0.example")
    judge(paper.run)
    record = shown(paper, story).record
    assert record.published
    assert (record.title, record.provider and record.provider.domain, record.related) == (DAM[1], "o1.example", ())
    told = Sealer(load_keys({}, paper.run.newsroom.key_file)).unseal(record.path, record.secured)["decisions"]
    assert isinstance(told, list)
    assert [item["action"] for item in told][-1] == "mute source"
    undo(paper, number)
    judge(paper.run)
    assert facts(paper, story) == before


def test_a_mute_leaves_what_came_long_before_it(paper: Paper) -> None:
    (dam,) = paper.comes(DAM[:1])
    story = paper.story(dam)
    with paper.database.transaction() as connection:
        late = Decision(action="mute word", target="dam", who="Ida", at=NOON + timedelta(days=14, seconds=1))
        decisions.decide(connection, late)
    judge(paper.run)
    with paper.database.transaction() as connection:
        memory.touch_all(connection)
    assert shown(paper, story).record.published


def listed(paper: Paper) -> list[Article]:
    """The articles as programs get them, the newest first."""
    compose_stories(paper.run)
    with paper.database.reading() as connection:
        page = listings.articles_of(connection, listings.Wanted(), 10)
    return [member.article for member in page.articles]


def found(paper: Paper, words: str) -> list[str]:
    """The keys of the articles that programs find by those words."""
    compose_stories(paper.run)
    with paper.database.reading() as connection:
        page = Search().find(connection, search_query.parse(words), "article", 10)
    return [hit.article.key for hit in page.hits if hit.article]


def test_programs_list_and_find_articles_as_editors_corrected_them(paper: Paper) -> None:
    (key,) = paper.comes(DAM[:1])
    (vote,) = paper.comes([VOTE], 1)
    story = paper.story(key)
    assert (found(paper, "leaks"), found(paper, "lowfield observer"), found(paper, "topic:ports")) == ([], [], [vote])
    numbers = [
        decide(paper, "headline", key, "Dam leaks above Lowfield"),
        decide(paper, "outlet", "o0.example", "The Lowfield Observer"),
        decide(paper, "retag", story, "Ports"),
    ]
    (article,) = [item for item in listed(paper) if item.key == key]
    assert (article.title, article.provider.name) == ("Dam leaks above Lowfield", "The Lowfield Observer")
    assert (found(paper, "leaks"), found(paper, "lowfield observer")) == ([key], [key])
    assert (found(paper, "bursts"), set(found(paper, "topic:ports"))) == ([], {key, vote})
    with paper.database.reading() as connection:
        ports = listings.articles_of(connection, listings.Wanted(topic="Ports"), 10).articles
        water = listings.articles_of(connection, listings.Wanted(topic="Water"), 10).articles
        single = listings.article_of(connection, key)
    assert ({member.article.key for member in ports}, water) == ({key, vote}, ())
    assert single is not None
    assert [match.topic for match in single.judgement.topics] == ["Ports"]
    for number in numbers:
        undo(paper, number)
    assert found(paper, "leaks") == []
    assert key in found(paper, "topic:water")
    (article,) = [item for item in listed(paper) if item.key == key]
    assert (article.title, article.provider.name) == (DAM[0], "O0")


def test_articles_that_are_read_again_stay_as_they_were_corrected(paper: Paper) -> None:
    (key,) = paper.comes(DAM[:1])
    decide(paper, "retag", paper.story(key), "Ports")
    assert found(paper, "topic:ports") == [key]
    paper.comes(DAM[:1])
    with paper.database.reading() as connection:
        ports = listings.articles_of(connection, listings.Wanted(topic="Ports"), 10).articles
    assert [member.article.key for member in ports] == [key], "before its story is composed again, too"
    assert found(paper, "topic:ports") == [key]


def test_articles_of_a_part_of_a_withheld_story_are_neither_listed_nor_found(paper: Paper) -> None:
    one, two = paper.comes(DAM)
    story = paper.story(one)
    assert paper.story(two) == story
    number = decide(paper, "withhold", story)
    with paper.database.transaction() as opened:
        split_story(opened, story, [two], NOON, CURATION, "for this test")
    assert (listed(paper), found(paper, "lowfield")) == ([], [])
    undo(paper, number)
    assert {item.key for item in listed(paper)} == set(found(paper, "lowfield")) == {one, two}


def test_a_mark_holds_of_what_came_before_it_too_until_it_is_undone(paper: Paper) -> None:
    (key,) = paper.comes(["Ferry sinks off Kelmouth in a gale"])
    story = paper.story(key)
    before = facts(paper, story)
    number = decide(paper, "distrust", "o0.example")
    judge(paper.run)
    after = facts(paper, story)
    assert after["quality"] == before["quality"] - 5, "the outlet's record gave 5 points"
    assert paper.story(key) == story
    undo(paper, number)
    judge(paper.run)
    assert facts(paper, story) == before


def test_outlets_are_trusted_or_not_in_place_of_their_record(paper: Paper) -> None:
    (plain,) = paper.comes(["Ferry drifts off Kelmouth for six hours"], 1)
    decide(paper, "trust", "o2.example")
    decide(paper, "distrust", "o3.example")
    (trusted,), (not_so,) = paper.comes(["Ferry sinks off Kelmouth in a gale"], 2), paper.comes(["Mill burns in Verrow"], 3)
    points = {}
    with paper.database.transaction() as connection:
        for key in (plain, trusted, not_so):
            member = articles.find(connection, key)
            assert member is not None
            points[key] = next(part for part in member.judgement.quality.parts if part.name == "provider")
    assert (points[plain].points, points[trusted].points, points[not_so].points) == (5.0, 10.0, 0.0)
    assert points[trusted].reason == "trusted by Ida: for this test"


def test_topics_learn_from_a_retag(paper: Paper) -> None:
    config = paper.run.newsroom.folder / "broadsheet.toml"
    config.write_text(config.read_text().replace("only_topics = false", "only_topics = true"))
    paper.run.newsroom = open_newsroom(paper.run.newsroom.folder)
    (key,) = paper.comes(["Reservoir wall gives way, dam authority says"])
    (unknown,) = paper.comes(["Reservoir wall gives way in Lowfield"], 1)
    assert paper.story(unknown) == "", "no keyword is in it"
    decide(paper, "retag", paper.story(key), "Ports", before="Water", about="Reservoir wall gives way, dam authority says")
    (like, not_so) = paper.comes(["Reservoir wall gives way, says authority", "Dam authority says reservoir wall gives way"], 2)
    with paper.database.transaction() as connection:
        found = [articles.find(connection, name) for name in (like, not_so)]
    assert [[match.topic for match in member.judgement.topics] for member in found if member] == [["Ports"], ["Ports"]]


def two_stories(paper: Paper) -> tuple[str, str]:
    one, two = (paper.comes([title], hours)[0] for hours, title in enumerate(DAM))
    if (story := paper.story(one)) == paper.story(two):
        with paper.database.transaction() as opened:
            split_story(opened, story, [two], NOON, CURATION, "for this test")
    return paper.story(one), paper.story(two)


@pytest.mark.parametrize("by", [CURATION, "Ida"])
def test_what_was_decided_of_a_story_holds_of_the_one_it_went_into(paper: Paper, by: str) -> None:
    into, other = two_stories(paper)
    compose_stories(paper.run)
    decide(paper, "withhold", other)
    assert shown(paper, into).record.published
    with paper.database.transaction() as opened:
        number = merge_stories(opened, into, other, NOON, by, "one event")
    assert not shown(paper, into).record.published
    with paper.database.transaction() as opened:
        undo_change(opened, number, NOON, "Bo")
    assert shown(paper, into).record.published
    assert not shown(paper, other).record.published


def test_what_went_into_another_is_still_undone(paper: Paper) -> None:
    into, other = two_stories(paper)
    compose_stories(paper.run)
    number = decide(paper, "withhold", other)
    with paper.database.transaction() as opened:
        merge_stories(opened, into, other, NOON, "Ida", "one event")
    assert not shown(paper, into).record.published
    undo(paper, number)
    assert shown(paper, into).record.published


def test_a_part_that_curation_splits_off_a_withheld_story_is_withheld_until_that_is_undone(paper: Paper) -> None:
    dam, vote = paper.comes(DAM)[0], paper.comes([VOTE, "Old harbour to close after council vote"])[0]
    story, other = paper.story(dam), paper.story(vote)
    with paper.database.transaction() as opened:
        merge_stories(opened, story, other, NOON, CURATION, "for this test")
    number = decide(paper, "withhold", story)
    assert not shown(paper, story).record.published
    paper.comes(["Lowfield dam burst: hundreds flee, village evacuated"], 2)
    parts = {paper.story(dam), paper.story(vote)}
    with paper.database.transaction() as opened:
        (split,) = [item for item in changes.changes_of(opened, [story])[story] if item.kind == "split"]
    assert (split.by, {split.story, split.other}) == (CURATION, parts)
    assert [shown(paper, part).record.published for part in parts] == [False, False]
    with paper.database.transaction() as connection:
        memory.touch_all(connection)
    assert not shown(paper, split.other).record.published, "nor when all stories are made again"
    undo(paper, number)
    assert [shown(paper, part).record.published for part in parts] == [True, True]


def test_a_part_that_left_before_its_story_was_withheld_is_shown(paper: Paper) -> None:
    into, other = two_stories(paper)
    compose_stories(paper.run)
    decide(paper, "withhold", into)
    assert not shown(paper, into).record.published
    assert shown(paper, other).record.published


def test_a_withheld_story_speaks_against_its_outlet(paper: Paper) -> None:
    (key,) = paper.comes(DAM[:1])
    decide(paper, "withhold", paper.story(key))
    compose_stories(paper.run)
    with paper.database.transaction() as connection:
        assert standings.find_standings(connection, ["o0.example"])["o0.example"].withheld == 1


def test_notes_and_why_tell_what_was_decided_undone_or_not(paper: Paper) -> None:
    (key,) = paper.comes(DAM[:1])
    story = paper.story(key)
    undo(paper, decide(paper, "withhold", story))
    decide(paper, "headline", key, "Dam leaks")
    record = shown(paper, story).record
    told = Sealer(load_keys({}, paper.run.newsroom.key_file)).unseal(record.path, record.secured)["decisions"]
    assert isinstance(told, list)
    assert [(item["action"], item["who"], item["reason"], item.get("undone_by", "")) for item in told] == [
        ("withhold", "Ida", "for this test", "Bo"),
        ("headline", "Ida", "for this test", ""),
    ]
    newsroom = paper.run.newsroom
    url = paper.database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    config = newsroom.folder / "broadsheet.toml"
    config.write_text(config.read_text() + f'\n[store]\nurl = "{url}"\n')
    found = explain(open_newsroom(newsroom.folder), record.path, NOON)
    assert [decided(item) for item in found.decisions] == [
        f"withhold {story} on 2031-05-12 12:00, by Ida: for this test, undone by Bo on 2031-05-12 13:00",
        f"headline {key} to “Dam leaks” on 2031-05-12 12:00, by Ida: for this test",
    ]


def test_an_editor_waits_for_an_edition_that_moves_articles(postgres_url: str) -> None:
    hurried = f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-c%20lock_timeout%3D50"
    with closing(Database(postgres_url)) as one, closing(Database(hurried)) as other:
        with one.transaction() as edition:
            claims.regroup_alone(edition)
            with pytest.raises(StoreError, match="lock timeout"), other.transaction() as editor:
                claims.regroup_alone(editor)
        with other.transaction() as editor:
            claims.regroup_alone(editor)


def test_the_log_tells_decisions_and_changes_and_what_a_person_did_last(paper: Paper) -> None:
    into, other = two_stories(paper)
    decide(paper, "withhold", into)
    with paper.database.transaction() as opened:
        merge_stories(opened, into, other, NOON + timedelta(minutes=1), "Bo", "one event")
    decide(paper, "mute word", "gale")
    with paper.database.transaction() as opened:
        told = [line.what for line in decisions.log(opened, 10)]
        assert [getattr(item, "action", "") or getattr(item, "kind", "") for item in told] == ["merge", "mute word", "withhold"]
        assert [line.who for line in decisions.log(opened, 10, who="Ida")] == ["Ida", "Ida"]
        last = decisions.latest(opened, "Bo")
        assert last is not None
        assert last.kind == "change"
        undo_change(opened, last.what.id, NOON, "Bo")
        assert decisions.latest(opened, "Bo") is None, "what took it back is not taken back in its turn"
        assert decisions.latest(opened, "nobody") is None
        assert len(decisions.log(opened, 10)) == 3
