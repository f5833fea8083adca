"""The running text: found among all the furniture of a page."""

from __future__ import annotations

import json

import pytest

from broadsheet.read.body import Body, body, word_count
from tests.read.pages import PARAGRAPHS, SENTENCES, TEXT, document_of, html_of, json_ld

NAV = "<nav><a href=/>Home</a> <a href=/town>Town</a></nav>"
LINK = '<li><a href="/{0}">Another story about the {0} that you may want to read now</a></li>'
LINKS = "<ul>" + "".join(LINK.format(word) for word in ("mill", "ferry", "tram")) + "</ul>"
TEASER = (
    '<div class="item"><h3><a href="/{0}">Story number {0}</a></h3><p>What the story number {0} says in one sentence.</p></div>'
)
TEASERS = "".join(TEASER.format(number) for number in range(9))
HALVES = ["".join(f"<p>{sentence}</p>" for sentence in half) for half in (SENTENCES[:2], SENTENCES[2:])]
LONG_COMMENT = "I think that this is a very long comment by a reader. " * 30
CONSENT = "We and our many partners store information on a device. " * 50
CAPTION = "The bridge, as it looked on the morning of the flood."
ASIDE = "Also worth a look: the mill by the river reopens as a museum of bread."
HIDDEN = "This text is not shown to anybody who reads the page in a browser."
QUOTE = "What somebody said about the bridge on a network, at length."


def of(markup: str, *, fast: bool = True) -> Body:
    return body(document_of("", markup), html_of("", markup), fast=fast)


FURNITURE = {
    "navigation": NAV + "{}",
    "list of links after": f"<div><div>{{}}</div>{LINKS}</div>",
    "list of links within": f"<article>{HALVES[0]}{LINKS}{HALVES[1]}</article>",
    "teasers around": f"<main><article>{{}}</article><section>{TEASERS}</section></main>",
    "comments": f'{{}}<div id="comments"><p>{LONG_COMMENT}</p></div>',
    "consent": f'{{}}<div class="cookie-consent"><p>{CONSENT}</p></div>',
    "related box": f'<article>{{}}<aside class="related"><p>{ASIDE}</p></aside></article>',
    "caption": f'<article><figure><img src="a.jpg"><figcaption>{CAPTION}</figcaption></figure>{{}}</article>',
    "caption without figure": f'<article><div><img src="a.jpg"><div>{CAPTION}</div></div>{{}}</article>',
    "credit": "<article><p>The bridge on Wednesday. Photo: Ada Brandt/NNA</p>{}</article>",
    "newsletter": "<article>{}<p>Sign up to our newsletter for the news of the town.</p></article>",
    "read more": '<article>{}<p>Read more: <a href="/mill">The mill by the river reopens</a></p></article>',
    "share bar": '<article><div class="share-bar"><span>Share this with all of your friends, now.</span></div>{}</article>',
    "title again": "<article><h1>Bridge reopens</h1>{}</article>",
    "script and style": "<article>{}<script>'A sentence in a script, long enough.';</script><style>p {{}}</style></article>",
    "hidden": f'<article>{{}}<div style="display: none">{HIDDEN}</div></article>',
    "embedded post": f'<article>{{}}<blockquote class="twitter-tweet"><p>{QUOTE}</p></blockquote></article>',
    "footer": "{}<footer><p>The Evening Lantern is published by the Lantern Society, since 1871.</p></footer>",
}


@pytest.mark.parametrize("markup", FURNITURE.values(), ids=FURNITURE.keys())
def test_furniture_is_left_out(markup: str) -> None:
    assert of(markup.format(PARAGRAPHS)).text == TEXT


NAMES = ["post-content tags-bridge", "article-body label-hidden", "sidebar-layout", "print:block share-ready"]


@pytest.mark.parametrize("name", NAMES)
def test_an_article_in_an_element_with_an_unfortunate_name(name: str) -> None:
    assert of(f'<div class="{name}"><div>{PARAGRAPHS}</div></div>').text == TEXT


def test_an_article_within_what_is_called_never_an_article() -> None:
    found = of(f'<div class="related-content">{PARAGRAPHS}</div>')
    assert found.text == TEXT


def test_paragraphs_made_of_line_breaks() -> None:
    assert of("<div>" + "<br><br>".join(SENTENCES) + "</div>").text == TEXT
    assert of("<div>" + "<br> \n <br/>".join(SENTENCES) + "</div>").text == TEXT


def test_a_single_line_break_is_white_space() -> None:
    assert of("<p>" + "<br>".join(SENTENCES) + "</p>").text == " ".join(SENTENCES)


def test_paragraphs_in_sections_of_their_own() -> None:
    assert (
        of("<main>" + "".join(f"<section><div><p>{sentence}</p></div></section>" for sentence in SENTENCES) + "</main>").text
        == TEXT
    )


def test_headings_are_kept_where_text_follows() -> None:
    markup = (
        f"<article><p>{SENTENCES[0]}</p><h2>The flood</h2><p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p><h2>See also</h2></article>"
    )
    assert of(markup).text == "\n".join([SENTENCES[0], "The flood", *SENTENCES[1:3]])


def test_links_within_prose_are_prose() -> None:
    sentence = SENTENCES[0].replace("bridge", '<a href="/bridge">bridge</a>')
    assert of(f"<article><p>{sentence}</p><p>{SENTENCES[1]}</p><p>{SENTENCES[2]}</p></article>").text == "\n".join(
        SENTENCES[:3]
    )


def test_inline_markup_does_not_break_words() -> None:
    assert of(f"<article><p>{SENTENCES[0].replace('old', '<b>o</b>ld')}</p>{PARAGRAPHS}</article>").text.startswith(
        SENTENCES[0]
    )


def test_notices_are_kept_where_they_are_the_topic() -> None:
    lines = [
        f"The messenger WhatsApp said on day {number} that it will change how its groups work in the town."
        for number in range(12)
    ]
    assert of("<article>" + "".join(f"<p>{line}</p>" for line in lines) + "</article>").text == "\n".join(lines)


def test_the_container_holds_the_text() -> None:
    found = of(NAV + f'<div id="x"><div id="a">{PARAGRAPHS}</div></div>')
    assert found.container is not None
    assert found.container.attributes == {"id": "a"}
    assert found.origin == "text density"


def test_the_second_reader_is_asked_only_where_little_is_found_and_not_when_fast() -> None:
    lines = "".join(f"<p><span>{word} 7</span></p>" for word in ("Arch", "Tram", "Mill")) * 30
    assert of(lines, fast=True).origin != "trafilatura"
    assert of(PARAGRAPHS, fast=False).origin == "text density"


def test_json_ld_where_the_page_shows_next_to_nothing() -> None:
    head = json_ld(json.dumps({"@type": "Article", "articleBody": "<p>" + "</p>\n\n<p>".join(SENTENCES) + "</p>"}))
    found = body(document_of(head, "<p>Please switch on scripts to read this page.</p>"), "", fast=True)
    assert (found.text, found.origin) == (TEXT, "json-ld articleBody")
    assert body(document_of(head, PARAGRAPHS), "", fast=True).origin == "text density"
    wrong = json_ld(json.dumps({"@type": "Article", "articleBody": {"a": 1}}))
    assert body(document_of(wrong, ""), "", fast=True).text == ""


def test_what_comes_after_the_article_is_left_out_and_a_standfirst_before_it_kept() -> None:
    before, after = (
        "What the town has waited for through a year of ferries has come.",
        "Why do you not read this page on one device only?",
    )
    markup = f"<main><header><p>{before}</p></header><article>{PARAGRAPHS}</article><section><p>{after}</p></section></main>"
    assert of(markup).text == f"{before}\n{TEXT}"


@pytest.mark.parametrize("markup", ["", "<p></p>", NAV, "<div><img src=a.jpg></div>", "<!-- only a comment -->", "\0"])
def test_no_text(markup: str) -> None:
    assert of(markup).text == ""


def test_the_same_page_gives_the_same_text() -> None:
    markup = FURNITURE["teasers around"].format(PARAGRAPHS)
    assert len({of(markup).text for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two\nthree", 3),
        ("橋が再び開通した", 4),
        ("다리가 다시 열렸다", 3),
        ("Die Brücke – wieder offen.", 5),
        ("東京 Tokyo 2026", 3),
    ],
)
def test_word_count(text: str, words: int) -> None:
    assert word_count(text) == words


def test_columns_of_a_page_laid_out_as_a_table() -> None:
    side = "<td><a href=/1>Town</a><hr><b>Tides</b><br>High 05:42<br>Low 11:58</td>"
    bare = "".join(f"<p>{sentence}" for sentence in SENTENCES)
    main = f"<td><font>Town &gt;</font><h1>Bridge reopens</h1><font>By Ada Brandt<br>4 March 2026</font>{bare}</td>"
    other = "<td><b>Related</b><br>&bull; <a href=/2>The mill opens</a><hr><b>Letter</b><br>Every day in your box</td>"
    assert of(f"<table><tr>{side}{main}{other}</tr></table>").text == TEXT


def test_cells_of_a_table_of_facts_are_kept() -> None:
    found = of(f"<article>{PARAGRAPHS}<table><tr><td>Length</td><td>120 metres</td></tr></table></article>").text
    assert found.endswith("Length\n120 metres")


def test_other_articles_beside_with_what_they_say() -> None:
    box = '<div class="b"><a href="/{0}">Story number {0} of the day</a><div>{1}</div></div>'
    boxes = "".join(box.format(number, sentence) for number, sentence in enumerate(SENTENCES))
    other = boxes.replace("The old bridge", "A ferry").replace("Hundreds", "Dozens").replace("Trams", "Buses")
    assert of(f'<div class="r"><div class="l"><h1>x</h1>{PARAGRAPHS}</div><div class="c">{other}</div></div>').text == TEXT


def test_times_between_the_parts_of_a_live_report() -> None:
    parts = "".join(f"<section><h3>{9 + n}:30</h3><p>{sentence}</p><p>#</p></section>" for n, sentence in enumerate(SENTENCES))
    assert of(f"<main>{parts}</main>").text == TEXT
