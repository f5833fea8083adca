"""The letter and the mail that carries it."""

from __future__ import annotations

import email
from datetime import timedelta
from email.policy import default

import pytest
from lxml import etree
from msgspec.structs import replace

from broadsheet.errors import PublishError
from broadsheet.models import PublishedStory, Record
from broadsheet.publish.newsletter import Letter, best, compose_letter, message, recipients, sender
from broadsheet.settings import NewsletterSettings, NewsroomSettings
from tests.publish import sample

NEWSROOM = sample.SETTINGS.newsroom
SETTINGS = NewsletterSettings(sender="The Sound <news@paper.example>", unsubscribe="mailto:leave@paper.example?subject=leave")
AT = sample.START
SINCE = AT - timedelta(days=7)
STORIES = sample.stories()


def letter(
    stories: list[PublishedStory], settings: NewsletterSettings = SETTINGS, newsroom: NewsroomSettings = NEWSROOM
) -> Letter:
    return compose_letter(stories, SINCE, AT, newsroom, settings)


def test_the_best_are_the_hottest_whatever_their_order() -> None:
    chosen = best(STORIES, 5)
    assert chosen == best(STORIES[::-1], 5)
    heats = [story.record.heat or 0 for story in chosen]
    assert heats == sorted((story.record.heat or 0 for story in STORIES), reverse=True)[:5]


def test_both_forms_say_the_same() -> None:
    made = letter(STORIES[:4])
    page = etree.HTML(made.html)
    said = " ".join(page.itertext())
    for story in STORIES[:4]:
        url = f"{NEWSROOM.url}stories/{story.record.path[6:-3]}/"
        assert story.record.title in said
        assert story.record.title in made.text
        assert url in made.text
        assert page.xpath(f'//a[@href="{url}"]')
    assert made.name == "2031-05-12"
    assert "5 May 2031 to 12 May 2031" in made.text
    assert STORIES[0].record.title[:40] in made.subject


def test_mail_programs_need_nothing_but_the_mail() -> None:
    page = etree.HTML(letter(STORIES).html)
    assert not page.xpath("//style | //link | //script | //img | //form | //iframe")
    headlines = page.xpath("//h2")
    assert len(headlines) == len(STORIES)
    assert all("font-size" in headline.get("style") for headline in headlines)
    assert "width: 100%" in page.xpath("//table")[0].get("style")


def test_hostile_texts_and_addresses_do_no_harm() -> None:
    record = Record(
        path="_news/2031-05-12-x.md",
        title='<script>alert(1)</script>\r\nBcc: all@paper.example \x00"',
        web_url="javascript:alert(1)",
        heat=50,
    )
    made = letter([PublishedStory(id="x", record=record)])
    assert not etree.HTML(made.html).xpath("//script")
    assert "javascript:" not in made.html + made.text
    mail = message(made, "ada@reader.example", AT, NEWSROOM, SETTINGS)
    assert mail["Bcc"] is None
    assert "unknown outlet" in made.text


def test_no_stories_no_letter() -> None:
    with pytest.raises(PublishError, match=r"no story was published since 2031-05-05 06:40 UTC"):
        letter([])


def test_the_mail_is_the_same_however_often_it_is_made() -> None:
    made = letter(STORIES)
    first = message(made, "ada@reader.example", AT, NEWSROOM, SETTINGS)
    assert first.as_bytes() == message(letter(STORIES), "ada@reader.example", AT, NEWSROOM, SETTINGS).as_bytes()
    other = message(made, "bob@reader.example", AT, NEWSROOM, SETTINGS)
    later = message(replace(made, name="2031-05-13"), "ada@reader.example", AT, NEWSROOM, SETTINGS)
    assert len({mail["Message-ID"] for mail in (first, other, later)}) == 3


def test_the_mail_is_one_that_programs_read() -> None:
    content = message(letter(STORIES), "ada@reader.example", AT, NEWSROOM, SETTINGS).as_bytes()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    content.decode("ascii")
    mail = email.message_from_bytes(content, policy=default)
    assert not mail.defects
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["From"].addresses[0].addr_spec == "news@paper.example"
    assert mail["To"] == "ada@reader.example"
    assert mail["Date"].datetime == AT
    assert mail["List-Unsubscribe"] == "<mailto:leave@paper.example?subject=leave>"
    assert mail["List-Id"] == "<news.paper.example>"
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert STORIES[0].record.title in plain.get_content()


@pytest.mark.parametrize(
    ("unsubscribe", "one_click", "list_unsubscribe", "post"),
    [
        ("", True, None, None),
        ("mailto:leave@paper.example", True, "<mailto:leave@paper.example>", None),
        ("https://paper.example/leave", False, "<https://paper.example/leave>", None),
        ("https://paper.example/leave", True, "<https://paper.example/leave>", "List-Unsubscribe=One-Click"),
    ],
)
def test_how_to_leave(unsubscribe: str, one_click: bool, list_unsubscribe: str | None, post: str | None) -> None:
    settings = NewsletterSettings(sender="news@paper.example", unsubscribe=unsubscribe, one_click=one_click)
    made = letter(STORIES[:1], settings)
    mail = message(made, "ada@reader.example", AT, NEWSROOM, settings)
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (list_unsubscribe, post)
    assert ("Unsubscribe" in made.html) == bool(unsubscribe) == ("Unsubscribe" in made.text)


@pytest.mark.parametrize("said", ["", "The Sound", "a@b@c", "x <a b@c>", "a@paper.example\nBcc: all@paper.example"])
def test_a_sender_must_be_a_mailbox(said: str) -> None:
    with pytest.raises(PublishError, match=r"newsletter\.sender"):
        sender(NewsletterSettings(sender=said))


def test_subscribers_are_read_once_each_in_order() -> None:
    content = "# ours\nbob@reader.example\n\n  ada@reader.example  # since May\r\nBOB@reader.example\n"
    assert recipients(content, "list") == ["bob@reader.example", "ada@reader.example"]


@pytest.mark.parametrize(
    "line", ["ada", "ada@", "@reader.example", "a b@reader.example", "<a@b.example>", "ä@b.example", "a@-\0"]
)
def test_what_is_no_address_is_named_with_its_line(line: str) -> None:
    with pytest.raises(PublishError, match=r"^list:2: .* is no mail address"):
        recipients(f"ada@reader.example\n{line}\n", "list")
