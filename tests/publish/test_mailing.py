"""Sending to a real SMTP server: each once, refusals, and going on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from broadsheet.errors import PublishError
from broadsheet.publish.mailing import Sent, journal, send
from broadsheet.settings import NewsletterSettings
from tests.sink import Sink, sink

PEOPLE = [f"reader{number}@reader.example" for number in range(5)]


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


def mail(recipient: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "news@paper.example", recipient, "News"
    made["Message-ID"] = f"<{recipient}>"
    made.set_content("News.\n.\n..\nFrom here on.\n")
    return made


def sent(path: Path, server: Sink, people: list[str] = PEOPLE) -> Sent:
    with journal(path) as kept:
        return send(people, mail, kept, NewsletterSettings(host="127.0.0.1", port=server.port), "")


def test_each_gets_it_once_however_often_it_is_sent(tmp_path: Path, server: Sink) -> None:
    assert sent(tmp_path / "a.journal", server) == Sent(sent=5)
    assert sent(tmp_path / "a.journal", server) == Sent()
    assert server.readers == PEOPLE
    assert sent(tmp_path / "a.journal", server, [*PEOPLE, "new@reader.example"]) == Sent(sent=1)
    assert sent(tmp_path / "b.journal", server) == Sent(sent=5)
    assert server.mails[0].get_content().splitlines() == ["News.", ".", "..", "From here on."]


def test_one_refused_recipient_does_not_stop_the_others(tmp_path: Path, server: Sink) -> None:
    server.answers = {PEOPLE[1]: "550 no such person", PEOPLE[3]: "451 come again"}
    done = sent(tmp_path / "a.journal", server)
    assert done == Sent(sent=3, refused=((PEOPLE[1], "550 no such person"),), delayed=((PEOPLE[3], "451 come again"),))
    server.answers = {}
    assert sent(tmp_path / "a.journal", server) == Sent(sent=1)
    assert sorted(server.readers) == sorted(set(PEOPLE) - {PEOPLE[1]})


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = NewsletterSettings(host="127.0.0.1", port=free.getsockname()[1])
        with journal(tmp_path / "a") as kept, pytest.raises(PublishError, match=r"^127\.0\.0\.1:\d+: .*0 of 5 letters"):
            send(PEOPLE, mail, kept, settings, "")


def test_a_server_that_goes_away_half_way_is_named_and_taken_up(tmp_path: Path, server: Sink) -> None:
    server.answers = {PEOPLE[2]: "421 closing"}
    with pytest.raises(PublishError, match=r"2 of 5 letters were sent, run it again to go on"):
        sent(tmp_path / "a.journal", server)
    server.answers = {}
    assert sent(tmp_path / "a.journal", server) == Sent(sent=3)
    assert server.readers == PEOPLE


def test_logging_in_where_that_is_not_offered_is_an_error(tmp_path: Path, server: Sink) -> None:
    settings = NewsletterSettings(host="127.0.0.1", port=server.port, user="news")
    with journal(tmp_path / "a") as kept, pytest.raises(PublishError, match=r"127\.0\.0\.1"):
        send(PEOPLE, mail, kept, settings, "secret")
    settings = NewsletterSettings(host="127.0.0.1", port=server.port, security="starttls")
    with journal(tmp_path / "a") as kept, pytest.raises(PublishError, match="STARTTLS"):
        send(PEOPLE, mail, kept, settings, "")
    assert server.mails == []


def test_a_journal_is_one_processs(tmp_path: Path) -> None:
    with journal(tmp_path / "a.journal"), pytest.raises(PublishError, match="another process"), journal(tmp_path / "a.journal"):
        pass


def test_a_line_cut_off_by_a_crash_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_text("sent\tone@reader.example\t\nrefused\ttwo@reader.example\tno\nsent\tthree@rea", encoding="utf-8")
    with journal(path) as kept:
        assert kept.done == {"one@reader.example", "two@reader.example"}
        kept.note("sent", "three@reader.example", "with\twords\nof two lines")
    with journal(path) as kept:
        assert kept.done >= {"one@reader.example", "two@reader.example", "three@reader.example"}
