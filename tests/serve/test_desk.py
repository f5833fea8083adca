"""The desk by its forms alone: who may what, what every action does, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from broadsheet.models import StoryChange
from broadsheet.serve import desk_incoming
from broadsheet.store import changes, decisions, people
from tests.serve.desks import EVIL, HEADLINES, NOW, SOURCE, Desk, desk

PAGES = ["/desk/", "/desk/?show=hidden", "/desk/?q=ferry", "/desk/?page=2", "/desk/health/", "/desk/rules/", "/desk/log/"]
PAGES += ["/desk/incoming/", "/desk/incoming/?show=out", "/desk/incoming/?until=x&key=%00"]
OWNERS = ["/desk/topics/", "/desk/topics/edit", "/desk/topics/edit?file=1-sea.yaml", "/desk/sources/", "/desk/audit/"]
FORMS = ["/desk/decide/withhold", "/desk/undo"]
OWNERS_FORMS = [f"/desk/topics/{name}" for name in ("preview", "write", "remove")]
OWNERS_FORMS += [f"/desk/sources/{name}" for name in ("preview", "add", "remove")]
STORY_ACTIONS = ["withhold", "pin", "merge", "split", "retag", "rename"]


@pytest.fixture
def news(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "paper") as made:
        yield made


# --- who may what --------------------------------------------------------------------------------------------------------


def test_pages_are_for_those_who_may(news: Desk) -> None:
    for path in PAGES:
        assert news.ask(path, "ida")[0] == 200, path
    for path in PAGES + OWNERS:
        assert news.ask(path, "otto")[0] == 200, path
        assert news.ask(path, "rita")[0] == 403, path
        assert news.ask(path, "")[0] == 303, path
    for path in OWNERS:
        assert news.ask(path, "ida")[0] == 403, path


def test_forms_are_for_those_who_may_and_come_from_their_own_page(news: Desk) -> None:
    story = {"of": news.story("harbour").id}
    for path in FORMS + OWNERS_FORMS:
        assert news.ask(path, "rita", story)[0] == 403, path
        assert news.ask(path, "", story)[0] == 303, path
        assert news.ask(path, "otto", {"csrf": "0" * 48} | story)[0] == 403, path
    for path in OWNERS_FORMS:
        assert news.ask(path, "ida", story)[0] == 403, path
    with news.database.reading() as connection:
        assert not decisions.are_there(connection)


# --- what actions do -----------------------------------------------------------------------------------------------------


def test_a_story_withheld_is_shown_so_and_undone(news: Desk) -> None:
    story = news.story("harbour")
    news.decide("withhold", story.id)
    assert not news.story("harbour").record.published
    assert "withheld" in news.ask("/desk/")[1]
    text = news.ask(f"/desk/stories/{story.id}/")[1]
    assert "for this test" in text
    status, _, where = news.ask("/desk/undo", fields={"next": f"/desk/stories/{story.id}/"})
    assert (status, where) == (303, f"/desk/stories/{story.id}/?told=undone")
    news.next_edition()
    assert news.story("harbour").record.published
    assert news.ask("/desk/undo", fields={})[2] == "/desk/?told=nothing"


def test_a_story_is_pinned_renamed_and_retagged(news: Desk) -> None:
    story = news.story("harbour")
    news.decide("pin", story.id, hours="72")
    news.decide("rename", story.id, value="  The old\nharbour ")
    news.decide("retag", story.id, **{"topic-ferries": "1"})
    found = news.story("harbour")
    assert found.rank > 1e6
    assert (found.record.title, found.record.topics) == ("The old harbour", ("Ferries", "Sea"))
    with news.database.reading() as connection:
        (_, rename, retag) = decisions.history(connection, [story.id])
    assert (rename.before, retag.before, retag.about) == (HEADLINES[1][0], "Sea", f"The old harbour\n{story.record.excerpt}")
    assert "pinned, renamed, retagged" in news.ask("/desk/")[1]


def test_stories_are_merged_split_and_both_undone(news: Desk) -> None:
    into, other = news.story("harbour"), news.story("script")
    news.decide("merge", into.id, other=other.id)
    assert news.story("script").record.heat == -1
    assert "It went into" in news.ask(f"/desk/stories/{other.id}/")[1]
    assert other.id not in news.ask("/desk/")[1]
    assert news.ask(f"/desk/decide/withhold?of={other.id}")[0] == 400
    with news.database.reading() as connection:
        (change,) = changes.changes_of(connection, [into.id])[into.id]
        keys = [member.removeprefix("https://") for member in (other.record.web_url,)]
    assert (change.by, change.reason, change.articles) == ("ida", "for this test", tuple(keys))
    news.ask("/desk/undo", fields={"kind": "change", "id": str(change.id)})
    news.next_edition()
    assert news.story("script").record.heat != -1
    news.decide("merge", into.id, other=other.id)
    news.decide("split", into.id, **{"key-2": keys[0]})
    with news.database.reading() as connection:
        told = [line.what for line in decisions.log(connection, 10)]
    assert [item.kind for item in told if isinstance(item, StoryChange)] == ["split", "merge", "merge"]
    for _ in range(2):
        assert news.ask("/desk/undo", fields={})[2] == "/desk/?told=undone"
    assert news.ask("/desk/undo", fields={})[2] == "/desk/?told=nothing"


def test_programs_get_what_editors_corrected(news: Desk) -> None:
    story = news.story("harbour")
    key, domain = story.record.web_url.removeprefix("https://"), "o3.example"
    news.decide("headline", key, value="The quay closes")
    news.decide("outlet", domain, value="The <Quay> Times")
    news.decide("retag", story.id, **{"topic-ferries": "1"})
    (article,) = json.loads(news.ask("/api/v1/articles?outlet=o3.example&topic=ferries", "")[1])["value"]
    assert (article["title"], article["provider"]["name"]) == ("The quay closes", "The <Quay> Times")
    assert article["topics"] == ["Ferries", "Sea"]
    (hit,) = json.loads(news.ask("/api/v1/search?kind=article&q=quay+times+topic:ferries", "")[1])["value"]
    assert hit["article"] == article
    for _ in range(3):
        news.ask("/desk/undo", fields={})
    news.next_edition()
    (article,) = json.loads(news.ask("/api/v1/articles?outlet=o3.example&topic=sea", "")[1])["value"]
    assert (article["title"], article["provider"]["name"], article["topics"]) == (HEADLINES[1][0], "O3", ["Sea"])


def test_articles_that_came_in_are_told_with_what_became_of_them(news: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    news.decide("mute-word", "gale")
    news.paper.comes(["A gale blows <b>"], 20)
    everything = news.ask("/desk/incoming/")[1]
    assert everything.index("A gale blows &lt;b&gt;") < everything.index("Council votes") < everything.index("Dam bursts")
    assert f"/desk/stories/{news.story('harbour').id}/" in everything
    out = news.ask("/desk/incoming/?show=out")[1]
    assert "muted by ida: the word “gale”" in out
    assert "Council votes" not in out
    monkeypatch.setattr(desk_incoming, "PAGE", 2)
    seen, path = [], "/desk/incoming/"
    while path:
        text = news.ask(path)[1]
        seen += re.findall(r'noopener">([^<]*)</a>', text)
        older = re.search(r'href="([^"]*)" rel="next"', text)
        path = unescape(older[1]) if older else ""
    assert len(seen) == len(set(seen)) == 5


def test_the_audit_log_is_told_as_text(news: Desk) -> None:
    with news.database.transaction() as connection:
        people.note(connection, people.Note(NOW, "", "sign-in refused", "<script>", "203.0.113.9", "<b>"))
    text = news.ask("/desk/audit/", "otto")[1]
    assert "&lt;script&gt;" in text
    assert "203.0.113.9" in text
    assert "nobody known" in text
    assert "Nothing yet by nobody" in news.ask("/desk/audit/?who=nobody&before=x", "otto")[1]


def test_headlines_and_outlets_are_corrected(news: Desk) -> None:
    story = news.story("harbour")
    news.decide("headline", story.record.web_url.removeprefix("https://"), value="Council closes harbour")
    assert story.record.provider is not None
    news.decide("outlet", story.record.provider.domain, value="The Council Crier")
    record = news.story("harbour").record
    assert record.provider is not None
    assert (record.title, record.provider.name) == ("Council closes harbour", "The Council Crier")


@pytest.mark.parametrize(
    ("action", "of", "kept"),
    [
        ("mute-word", " Ferry\n sinks ", "Ferry sinks"),
        ("mute-source", "Ansel.EXAMPLE", "ansel.example"),
        ("mute-source", SOURCE, SOURCE),
        ("trust", "ansel.example", "ansel.example"),
        ("distrust", "ansel.example", "ansel.example"),
    ],
)
def test_rules_are_made_shown_and_undone(news: Desk, action: str, of: str, kept: str) -> None:
    news.decide(action, of)
    with news.database.reading() as connection:
        (rule,) = decisions.rules(connection)
        assert [entry.action for _, entry in people.audited(connection, 1)] == [f"decided: {action}"]
    assert (rule.target, rule.who) == (kept, "ida")
    assert kept in news.ask("/desk/rules/")[1]
    assert news.ask("/desk/undo", fields={"kind": "decision", "id": str(rule.id), "next": "/desk/rules/"})[0] == 303
    assert kept not in news.ask("/desk/rules/")[1]
    assert "undone by ida" in news.ask("/desk/log/")[1]
    assert news.ask("/desk/undo", fields={"kind": "decision", "id": str(rule.id)})[0] == 400


# --- what is refused, and what is escaped --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("withhold", {"of": "nothing"}),
        ("withhold", {"reason": "x" * 501}),
        ("pin", {"hours": "5"}),
        ("pin", {}),
        ("rename", {"value": " \n "}),
        ("rename", {"value": "x" * 501}),
        ("merge", {"other": "nothing"}),
        ("split", {}),
        ("headline", {"of": "nothing.example/x", "value": "x"}),
        ("outlet", {"of": "no domain", "value": "x"}),
        ("trust", {"of": "javascript:alert(1)"}),
        ("mute-source", {"of": ""}),
        ("mute-word", {"of": " "}),
        ("mute-word", {"of": "x" * 101}),
        ("launch", {}),
    ],
)
def test_what_cannot_be_is_refused_in_words(news: Desk, action: str, fields: dict[str, str]) -> None:
    status, text, _ = news.ask(f"/desk/decide/{action}", fields={"of": news.story("harbour").id} | fields)
    assert status in (400, 404)
    assert "That cannot be done" in text
    with news.database.reading() as connection:
        assert not decisions.are_there(connection)


def test_a_story_cannot_go_into_itself(news: Desk) -> None:
    story = news.story("harbour").id
    assert news.ask("/desk/decide/merge", fields={"of": story, "other": story})[0] == 400


@pytest.mark.parametrize(
    "fields", [{"kind": "decision", "id": "1" * 30}, {"kind": "change", "id": "7"}, {"kind": "x", "id": "1"}]
)
def test_what_was_never_decided_is_not_undone(news: Desk, fields: dict[str, str]) -> None:
    assert news.ask("/desk/undo", fields=fields)[0] == 400


def test_nothing_from_outside_is_taken_for_markup(news: Desk) -> None:
    story = news.story("script")
    news.decide("rename", story.id, value=EVIL, reason=EVIL)
    news.decide("mute-word", EVIL, reason=EVIL)
    pages = ["/desk/", "/desk/?q=%3Cscript%3E", "/desk/log/?who=%3Cscript%3E", "/desk/rules/", f"/desk/stories/{story.id}/"]
    pages += [f"/desk/decide/{action}?of={story.id}&next=%22%3E%3Cscript%3E" for action in STORY_ACTIONS]
    pages += [
        "/desk/decide/mute-source?of=%3Cscript%3E",
        "/desk/decide/trust?of=%3Cscript%3E",
        "/desk/topics/edit?file=%3Cscript%3E",
    ]
    for path in pages:
        text = news.ask(path, "otto")[1]
        assert "alert(1)" not in text.replace("&lt;script&gt;alert(1)", ""), path
        assert "<script>" not in text, path


def test_back_is_only_to_pages_of_ours(news: Desk) -> None:
    story = news.story("harbour").id
    fields = {"of": story, "next": "https://evil.example/"}
    assert news.ask("/desk/decide/withhold", fields=fields)[2] == "/desk/?told=decided"


# --- the list ------------------------------------------------------------------------------------------------------------


def test_the_desk_is_found_without_its_last_slash(news: Desk) -> None:
    assert news.ask("/desk")[::2] == (307, "/desk/")


def test_the_list_is_filtered_by_words_and_by_what_is_shown(news: Desk) -> None:
    assert news.ask("/desk/")[1].count('class="story') == 3
    assert news.ask("/desk/?q=DAM+lowfield")[1].count('class="story') == 1
    assert "No story has these words" in news.ask("/desk/?q=nothing+like+it")[1]
    news.decide("withhold", news.story("harbour").id)
    assert news.ask("/desk/?show=hidden")[1].count('class="story') == 1
    assert news.ask("/desk/?show=shown")[1].count('class="story') == 2
    assert news.ask("/desk/stories/nothing/")[0] == 404
    assert news.ask("/desk/?page=99999&show=other")[0] == 200


@pytest.mark.parametrize("path", ["/desk/nothing/at/all/", "/desk/topics"])
def test_an_address_that_is_no_page_of_the_desk_is_told_on_a_page(news: Desk, path: str) -> None:
    status, said, _ = news.ask(path)
    assert status == 404
    assert "there is no such page" in said
    assert '<a href="/desk/">Back</a>' in said
