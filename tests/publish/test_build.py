"""From stories to records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from broadsheet.models import (
    Article,
    Image,
    Judgement,
    Member,
    Provider,
    Record,
    RelatedRecord,
    Score,
    Story,
    TopicMatch,
    Video,
)
from broadsheet.publish.build import build_record, embed
from broadsheet.publish.record import parse_record, render_record

PATH = "_news/2026-01-02-ferry.md"
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
LOGO = Image(url="https://paper.example/assets/images/gazette.example-50x50.png", width=50, height=50)
PHOTO = Image(url="https://gazette.example/f.jpg", width=1200, height=800, title="The\n Gull", is_cached=True)


def member(name: str, quality: int, **more: object) -> Member:
    article = Article(
        key=name,
        original_url=f"https://{name}.example/1?from=feed",
        web_url=f"https://{name}.example/1",
        title=f" {name.title()}:\tferry\x07 at night ",
        excerpt="The  council\nsaid yes.",
        provider=Provider(name=f"{name.title()}  News", domain=f"{name}.example", images=(replace(LOGO, width=400), LOGO)),
        published_at=WHEN,
        images=(PHOTO, replace(PHOTO, url="https://gazette.example/2.jpg")),
        **more,  # type: ignore[arg-type]
    )
    return Member(article=article, judgement=Judgement(key=name, quality=Score(value=quality)))


STORY = Story(
    id="1",
    lead=member("gazette", 70, updated_at=WHEN, amp_url="https://gazette.example/amp", cdn_amp_url="https://cdn.example/amp"),
    related=(member("courier", 60, type="live"), member("tv", 50, type="video", video=Video(player="vimeo", id="12345"))),
    topics=tuple(TopicMatch(topic=name, relevance=0.5) for name in ("Ferries", "Harbours", "Ferries")),
    heat=Score(value=90),
    published=True,
)


def test_every_field() -> None:
    when, photo = WHEN.replace(microsecond=0), replace(PHOTO, title="The Gull")
    assert build_record(STORY, PATH) == Record(
        path=PATH,
        title="Gazette: ferry at night",
        excerpt="The council said yes.",
        published_at=when,
        updated_at=when,
        original_url="https://gazette.example/1?from=feed",
        web_url="https://gazette.example/1",
        amp_url="https://gazette.example/amp",
        cdn_amp_url="https://cdn.example/amp",
        quality=70,
        heat=90,
        published=True,
        provider=Provider(name="Gazette News", domain="gazette.example", images=(LOGO,)),
        topics=("Ferries", "Harbours"),
        images=(photo, replace(photo, url="https://gazette.example/2.jpg")),
        related=tuple(
            RelatedRecord(
                title=f"{name}: ferry at night",
                excerpt="The council said yes.",
                published_at=when,
                web_url=f"https://{domain}/1",
                type=kind,
                provider=Provider(name=f"{name} News", domain=domain),
                quality=quality,
                images=(photo,),
            )
            for name, domain, kind, quality in (
                ("Courier", "courier.example", "article", 60),
                ("Tv", "tv.example", "video", 50),
            )
        ),
    )


def test_a_built_record_is_read_back_the_same() -> None:
    record = build_record(STORY, PATH)
    assert parse_record(PATH, render_record(record)).record == record


def test_category_and_seal_of_the_previous_record_are_kept() -> None:
    previous = Record(path=PATH, title="Old", category="briefs", secured="YQ==;AAAA", heat=3, amp_url="https://old.example")
    record = build_record(STORY, PATH, previous)
    assert record == replace(build_record(STORY, PATH), category="briefs", secured="YQ==;AAAA")


def test_a_video_is_embedded_and_live_coverage_is_an_article() -> None:
    video = build_record(
        replace(STORY, lead=member("tv", 50, type="video", video=Video(player="youtube", id="ab_C-9xyz12"))), PATH
    )
    assert video.type == "video"
    assert video.featured_content == (
        '<iframe width="800" height="500" frameborder="0" src="https://www.youtube.com/embed/ab_C-9xyz12" '
        'allow="accelerometer; autoplay; encrypted-media; gyroscope; picture-in-picture" allowfullscreen></iframe>'
    )
    assert build_record(replace(STORY, lead=member("tv", 50, type="live")), PATH).type == "article"


def test_whatever_a_page_says_a_record_is_one_that_can_be_read() -> None:
    lead = member("gazette", 1, authors=())
    long = replace(
        lead.article,
        title="word " * 9999,
        excerpt="word " * 9999,
        images=(replace(PHOTO, url="https://x.example/" + "x" * 2000),) * 99,
    )
    every = replace(lead, article=long)
    record = build_record(replace(STORY, lead=every, related=(every,) * 999), PATH)
    assert (len(record.related), len(record.images)) == (100, 20)
    assert record.title.endswith("word…")
    assert parse_record(PATH, render_record(record)).record == record


@pytest.mark.parametrize(
    ("player", "id", "address"),
    [
        ("youtube", "WJk-Y8LQlfE", "https://www.youtube.com/embed/WJk-Y8LQlfE"),
        ("vimeo", "76979871", "https://player.vimeo.com/video/76979871"),
        ("dailymotion", "x8abcde", "https://www.dailymotion.com/embed/video/x8abcde"),
        ("youtube", 'x" onload="alert(1)', ""),
        ("youtube", "../../evil", ""),
        ("youtube", "WJk-Y8LQlfE\n", ""),
        ("youtube", "", ""),
        ("vimeo", "WJk-Y8LQlfE", ""),
        ("vimeo", "١٢٣٤", ""),
        ("evilplayer", "12345", ""),
    ],
)
def test_only_known_players_and_identifiers_are_embedded(player: str, id: str, address: str) -> None:
    frame = embed(Video(player=player, id=id))
    assert (f'src="{address}"' in frame) if address else not frame
