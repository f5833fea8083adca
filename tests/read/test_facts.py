"""Outlet, addresses, language, labels and type: the smaller facts about an article."""

from __future__ import annotations

import json

import pytest

from broadsheet.models import Video
from broadsheet.read import addresses, kind, labels, languages, provider
from tests.read.pages import TEXT, URL, document_of, json_ld

GERMAN = "Die alte Brücke ist wieder offen und die Bürger der Stadt freuen sich, dass der Weg nicht mehr so weit ist. " * 4


def ld(**fields: object) -> str:
    return json_ld(json.dumps({"@type": "NewsArticle"} | fields))


def canonical_link(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


CANONICAL = [
    (canonical_link("https://lantern.example/town/bridge"), "https://lantern.example/town/bridge", "link canonical"),
    (canonical_link("/town/bridge?utm_source=x"), "https://www.lantern.example/town/bridge", "link canonical"),
    (canonical_link("https://other.example/bridge"), URL, "final address"),
    (canonical_link("https://www.lantern.example/"), URL, "final address"),
    (canonical_link("javascript:alert(1)"), URL, "final address"),
    ('<meta property="og:url" content="https://lantern.example/b">', "https://lantern.example/b", "meta og:url"),
    (canonical_link("http://[") + '<meta property="og:url" content="https://other.example/">', URL, "final address"),
    ('<base href="https://lantern.example/x/">' + canonical_link("y"), "https://lantern.example/x/y", "link canonical"),
    ("", URL, "final address"),
]


@pytest.mark.parametrize(("head", "url", "origin"), CANONICAL)
def test_canonical(head: str, url: str, origin: str) -> None:
    assert addresses.canonical(document_of(head)) == (url, origin)


def test_amp_on_the_own_site_only() -> None:
    def of(href: str, attributes: str = "") -> str:
        return addresses.amp(
            document_of(f'<link rel="amphtml" href="{href}">', attributes=attributes), "https://lantern.example/a"
        ).value

    assert of("https://amp.lantern.example/bridge") == "https://amp.lantern.example/bridge"
    assert of("https://other.example/bridge") == ""
    assert of("/") == ""
    assert of("", " amp") == URL
    assert of("", " ⚡") == URL


def test_provider() -> None:
    head = '<meta property="og:site_name" content="The Evening Lantern"><link rel="icon" sizes="32x32" href="/i.png">'
    head += '<link rel="apple-touch-icon" sizes="180x180" href="/touch.png">' + ld(
        publisher={"name": "Lantern Society", "logo": {"url": "/wide.png"}}
    )
    found, origin = provider.provider(document_of(head), URL)
    assert (found.name, found.domain, origin) == ("The Evening Lantern", "lantern.example", "meta og:site_name")
    assert [image.url.rpartition("/")[2] for image in found.images] == ["touch.png", "wide.png", "i.png"]
    assert (found.images[0].width, found.images[0].height) == (180, 180)


def test_a_name_written_together_is_written_as_json_ld_has_it() -> None:
    head = '<meta property="og:site_name" content="eveninglantern">'
    assert provider.site_name(document_of(head + ld(publisher={"name": "Evening Lantern"}))) == (
        "Evening Lantern",
        "json-ld publisher",
    )
    assert provider.site_name(document_of(head + ld(publisher={"name": "Lantern Society"}))).value == "eveninglantern"


def test_provider_by_json_ld_then_by_domain() -> None:
    assert provider.provider(document_of(ld(publisher=[{"name": "Lantern Society"}])), URL)[0].name == "Lantern Society"
    site = json_ld('{"@type": "WebSite", "name": "Lantern online"}')
    assert provider.provider(document_of(site), URL)[0].name == "Lantern online"
    bare, origin = provider.provider(document_of(ld(publisher="x", image=3)), "https://lantern.example/a")
    assert (bare.name, origin) == ("lantern.example", "domain")
    assert provider.provider(document_of(), URL)[1] == "domain"


LANGUAGES = [
    (' lang="en-GB"', "", TEXT, "en", "html lang"),
    (' lang="deu"', "", "", "de", "html lang"),
    ("", '<meta property="og:locale" content="pt_BR">', "", "pt", "meta og:locale"),
    ("", ld(inLanguage="fr"), "", "fr", "json-ld inLanguage"),
    (' lang="en"', "", GERMAN, "de", "text"),
    (' lang="nonsense!"', "", GERMAN, "de", "text"),
    (' lang="en"', "", "橋が再び開通した。町の人々は喜んでいる。" * 5, "ja", "text"),
    (' lang="uk"', "", "Міст знову відкрито, і люди міста радіють цьому. " * 5, "uk", "html lang"),
    ("", "", "Міст знову відкрито, і люди міста радіють цьому. " * 5, "uk", "text"),
    ("", "", "Мост снова открыт, и жители города этому рады. " * 5, "ru", "text"),
    (' lang="bg"', "", "Мостът отново е отворен и хората в града се радват. " * 5, "bg", "html lang"),
    ("", "", "الجسر مفتوح مرة أخرى وأهل المدينة سعداء بذلك. " * 5, "ar", "text"),
    (' lang="fa"', "", "پل دوباره باز شد و مردم شهر خوشحال هستند. " * 5, "fa", "html lang"),
    (
        ' lang="af"',
        "",
        "Die brug is weer oop en die mense van die dorp is bly dat dit nie meer so ver is nie. " * 5,
        "af",
        "html lang",
    ),
    (' lang="nb"', "", "Broen er åpen igjen og folk i byen er glade for det som har skjedd med den. " * 5, "nb", "html lang"),
    (' lang="en"', "", "The bridge.", "en", "html lang"),
    ("", "", "", "", ""),
]


@pytest.mark.parametrize(("attributes", "head", "text", "code", "origin"), LANGUAGES)
def test_language(attributes: str, head: str, text: str, code: str, origin: str) -> None:
    assert languages.language(document_of(head, attributes=attributes), text) == (code, origin)


def test_section_and_keywords() -> None:
    head = ld(articleSection=["Town", "News"], keywords="bridge, flood,, Bridge")
    assert labels.section(document_of(head)) == "Town"
    assert labels.keywords(document_of(head)) == ("bridge", "flood", "Bridge")
    tags = '<meta property="article:tag" content="Ilm"><meta property="article:tag" content="floods">'
    tags += '<meta name="section" content="Town">'
    assert labels.keywords(document_of(tags)) == ("Ilm", "floods")
    assert labels.section(document_of(tags)) == "Town"
    assert len(labels.keywords(document_of(ld(keywords=[f"k{number}" for number in range(500)])))) == labels.MAX_KEYWORDS


PAYWALLED = [
    (ld(isAccessibleForFree=False), True),
    (ld(isAccessibleForFree="False"), True),
    (ld(isAccessibleForFree="http://schema.org/True"), False),
    (ld(isAccessibleForFree=True), False),
    (ld(isAccessibleForFree={"x": 1}), None),
    ('<meta property="article:content_tier" content="metered">', True),
    ('<meta property="article:content_tier" content="free">', False),
    ("", None),
]


@pytest.mark.parametrize(("head", "paywalled"), PAYWALLED)
def test_paywalled(head: str, paywalled: bool | None) -> None:
    assert labels.paywalled(document_of(head)) is paywalled


VIDEOS = [
    ("https://www.youtube.com/watch?v=abcDEF12345", Video(player="youtube", id="abcDEF12345")),
    ("https://www.youtube-nocookie.com/embed/abcDEF12345?rel=0", Video(player="youtube", id="abcDEF12345")),
    ("https://youtu.be/abcDEF12345", Video(player="youtube", id="abcDEF12345")),
    ("https://player.vimeo.com/video/123456789?h=1", Video(player="vimeo", id="123456789")),
    ("https://www.dailymotion.com/embed/video/x8abcde", Video(player="dailymotion", id="x8abcde")),
    ("https://geo.dailymotion.com/player/x1.html?video=x8abcde", Video(player="dailymotion", id="x8abcde")),
    ("https://player.twitch.tv/?video=v123456789", Video(player="twitch", id="123456789")),
    ("https://www.youtube.com/watch?v=short", None),
    ("https://www.youtube.com.evil.example/embed/abcDEF12345", None),
    ("https://evil.example/?u=https://youtu.be/abcDEF12345", None),
    ('https://www.youtube.com/embed/abcDEF12345"><script>', Video(player="youtube", id="abcDEF12345")),
    ("", None),
]


@pytest.mark.parametrize(("url", "video"), VIDEOS)
def test_video_of(url: str, video: Video | None) -> None:
    assert kind.video_of(url) == video


def test_kinds() -> None:
    frame = '<iframe src="//www.youtube.com/embed/abcDEF12345"></iframe>'
    document = document_of("", frame)
    video = kind.find_video(document)
    assert video == Video(player="youtube", id="abcDEF12345")
    assert kind.kind(document, 20, video) == ("video", "youtube player")
    assert kind.kind(document, 900, video) == ("article", "default")
    live = document_of(json_ld('{"@type": "LiveBlogPosting"}'))
    assert kind.kind(live, 900, None) == ("live", "json-ld LiveBlogPosting")
    assert kind.kind(document_of(url="https://lantern.example/live/bridge"), 900, None)[0] == "live"
    assert kind.kind(document_of(url="https://lantern.example/alive/bridge"), 900, None)[0] == "article"
    assert kind.kind(document_of('<meta property="og:type" content="video.other">'), 10, None)[0] == "video"
    assert kind.kind(document_of(json_ld('{"@type": "VideoObject"}')), 10, None)[0] == "video"


def test_videos_in_metas_and_json_ld() -> None:
    assert kind.find_video(document_of('<meta property="og:video" content="https://vimeo.com/123456789">')) == Video(
        player="vimeo", id="123456789"
    )
    head = json_ld('{"@type": "VideoObject", "embedUrl": "https://www.youtube.com/embed/abcDEF12345"}')
    assert kind.find_video(document_of(head)) == Video(player="youtube", id="abcDEF12345")
    assert kind.find_video(document_of("", '<lite-youtube videoid="abcDEF12345"></lite-youtube>')) is not None
    assert kind.find_video(document_of("", '<iframe src="https://maps.example/"></iframe>')) is None


PUBLISHER = '<div itemprop="publisher" itemscope>{}</div>'
NAMES = [
    (
        "",
        PUBLISHER.format('<meta itemprop="name" content="The Evening Lantern">'),
        "The Evening Lantern",
        "microdata publisher",
    ),
    ("", PUBLISHER.format('<b itemprop="name">The Lantern</b>'), "The Lantern", "microdata publisher"),
    ("Bridge reopens – The Lantern", "", "The Lantern", "title element"),
    ("Lantern: Bridge reopens", "", "Lantern", "title element"),
    ("Bridge reopens – after eleven months", "", "lantern.example", "domain"),
    ("Lantern festival: what to see", "", "lantern.example", "domain"),
    ("Lantern", "", "lantern.example", "domain"),
]


@pytest.mark.parametrize(("title", "body", "name", "origin"), NAMES)
def test_the_outlets_name_where_metas_do_not_say_it(title: str, body: str, name: str, origin: str) -> None:
    outlet, found = provider.provider(document_of("", body + f"<p>{TEXT}</p>", title=title), URL)
    assert (outlet.name, found) == (name, origin)


def test_a_page_that_calls_itself_a_video_is_one_with_a_long_text_too() -> None:
    frame = '<iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk"></iframe>'
    said = '<meta property="og:type" content="video.other">'
    document = document_of(said + ld(video={"@type": "VideoObject", "name": "x"}), frame)
    video = kind.find_video(document)
    assert kind.kind(document, 900, video) == ("video", "meta og:type")
    assert kind.kind(document, 900, None)[0] == "article"
    assert kind.kind(document_of("", frame), 900, video)[0] == "article"
