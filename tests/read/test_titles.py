"""Headlines and standfirsts."""

from __future__ import annotations

import json

import pytest

from broadsheet.read.titles import MAX_EXCERPT, MAX_TITLE, excerpt, title, without_site
from tests.read.pages import document_of, json_ld

SITE = ("The Evening Lantern", "lantern.example", "lantern")


def of(
    *, ld: str = "", og: str = "", h1: str | tuple[str, ...] = "", element: str = "", site: tuple[str, ...] = SITE
) -> tuple[str, str]:
    head = json_ld(json.dumps({"@type": "NewsArticle", "headline": ld})) if ld else ""
    head += f'<meta property="og:title" content="{og}">' if og else ""
    headings = (h1,) if isinstance(h1, str) else h1
    body = "".join(f"<h1>{text}</h1>" for text in headings if text)
    found = title(document_of(head, body, title=element), site)
    return found.value, found.origin


SUFFIXES = [
    ("Bridge reopens | The Evening Lantern", "Bridge reopens"),
    ("Bridge reopens - The Evening Lantern", "Bridge reopens"),
    ("Bridge reopens – Town – The Evening Lantern", "Bridge reopens"),
    ("Bridge reopens | Lantern.example", "Bridge reopens"),
    ("Bridge reopens : Lantern", "Bridge reopens"),
    ("The Evening Lantern | Bridge reopens", "Bridge reopens"),
    ("Bridge reopens - after eleven months", "Bridge reopens - after eleven months"),
    ("Ferry or bridge? | A comparison", "Ferry or bridge? | A comparison"),
    ("Mayor: bridge reopens", "Mayor: bridge reopens"),
    ("The Evening Lantern", "The Evening Lantern"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "want"), SUFFIXES)
def test_without_site(text: str, want: str) -> None:
    assert without_site(text, ["the evening lantern", "lantern example", "lantern"]) == want


def test_all_agree() -> None:
    assert (
        of(ld="Bridge reopens", og="Bridge reopens", h1="Bridge reopens", element="Bridge reopens | Lantern")[0]
        == "Bridge reopens"
    )


def test_a_json_ld_headline_that_is_shown_nowhere_is_the_newsrooms_own() -> None:
    found = of(
        ld="Bridge opens after flood",
        og="Is the old bridge open?",
        h1="Is the old bridge open?",
        element="Is the old bridge open?",
    )
    assert found == ("Bridge opens after flood", "json-ld headline")


def test_what_is_shown_wins_over_the_social_title() -> None:
    found = of(
        ld="Bridge reopens after flood",
        og="You will not believe this bridge",
        h1="Bridge reopens after flood",
        element="Bridge reopens",
    )
    assert found[0] == "Bridge reopens after flood"


def test_the_heading_wins_without_json_ld_when_others_agree() -> None:
    assert of(og="Bridge reopens today | Town portal", h1="Bridge reopens today") == ("Bridge reopens today", "h1")


def test_the_heading_that_names_the_site_is_no_title() -> None:
    assert of(og="Bridge reopens", h1=("The Evening Lantern", "Bridge reopens"))[0] == "Bridge reopens"
    assert of(og="Bridge reopens", h1="Weather and traffic") == ("Bridge reopens", "meta og:title")


def test_only_a_heading() -> None:
    assert of(h1="Bridge reopens") == ("Bridge reopens", "h1")
    assert of(h1=("One", "Two")) == ("", "")


def test_only_the_title_element() -> None:
    assert of(element="Bridge reopens - The Evening Lantern") == ("Bridge reopens", "title element")


def test_languages_without_spaces() -> None:
    assert of(og="橋が再び開通した｜ランタン新聞", h1="橋が再び開通した", site=("ランタン新聞",))[0] == "橋が再び開通した"


def test_markup_and_entities_are_resolved() -> None:
    assert of(ld="<b>Bridge</b> &amp; ferry")[0] == "Bridge & ferry"


def test_nothing_and_too_much() -> None:
    assert of() == ("", "")
    assert len(of(og="word " * 200)[0]) <= MAX_TITLE


def test_the_same_page_gives_the_same_title() -> None:
    assert len({of(ld="A b c", og="A b d", h1="A b e", element="A b f") for _ in range(5)}) == 1


def test_excerpt_by_order_of_trust() -> None:
    head = '<meta name="description" content="From the description, long enough."><meta property="og:description" content="">'
    assert excerpt(document_of(head)).origin == "meta description"
    head += json_ld('{"@type": "Article", "description": "<p>From JSON-LD,\\n long enough too.</p>"}')
    assert excerpt(document_of(head)) == ("From JSON-LD, long enough too.", "json-ld description")


def test_a_short_excerpt_is_better_than_none() -> None:
    assert excerpt(document_of('<meta name="description" content="Short.">')).value == "Short."
    assert excerpt(document_of()) == ("", "")
    assert len(excerpt(document_of(f'<meta name="description" content="{"word " * 500}">')).value) <= MAX_EXCERPT


def test_a_kicker_in_an_element_of_its_own_is_cut_off() -> None:
    body = '<h1><span class="article__kicker">River town</span> Bridge reopens today</h1>'
    found = title(document_of('<meta property="og:title" content="Bridge reopens today">', body), SITE)
    assert found == ("Bridge reopens today", "h1")
    only = '<h1><span class="overline">Bridge reopens</span></h1>'
    assert title(document_of("", only), SITE).value == "Bridge reopens"
    emphasis = "<h1><em>Lantern</em> lights again</h1>"
    assert title(document_of("", emphasis), SITE).value == "Lantern lights again"


def test_a_suffix_that_is_not_known_is_cut_off_by_the_heading() -> None:
    assert of(element="Bridge reopens - Our town and all its news since 1871 on one page", h1="Bridge reopens") == (
        "Bridge reopens",
        "h1",
    )
    assert of(og="Bridge reopens » *** - Some society", h1="Bridge reopens")[0] == "Bridge reopens"
    assert (
        of(ld="Bridge reopens: what it means", og="Bridge reopens: what it means", h1="Bridge")[0]
        == "Bridge reopens: what it means"
    )


TRAIL = '<nav><ol><li><a href="/">Home</a></li><li><h1>Bridge on the Ilm: why it reopens today</h1></li></ol></nav>'
CRUMB = '<div class="crumbs"><h1>Bridge on the Ilm: why it reopens today</h1></div>'
FORMAL = "Bridge on the Ilm: why it reopens today"
SHOWN = "A town walks on its river again"


@pytest.mark.parametrize("trail", [TRAIL, CRUMB])
@pytest.mark.parametrize(
    "heading", [f"<h2>{SHOWN}</h2>", f"<h2><span class='kicker'>After the flood</span> <span>{SHOWN}</span></h2>"]
)
def test_the_heading_that_is_shown_instead_of_one_in_a_trail(trail: str, heading: str) -> None:
    head = json_ld(json.dumps({"@type": "NewsArticle", "headline": FORMAL})) + f'<meta property="og:title" content="{SHOWN}">'
    document = document_of(head, f"{trail}<article>{heading}<p>Text</p></article>", title=FORMAL)
    assert title(document, SITE) == (SHOWN, "h2")


def test_a_heading_of_the_next_part_is_not_the_title() -> None:
    head = f'<meta property="og:title" content="{FORMAL}">'
    document = document_of(head, f"<h1>{FORMAL}</h1><h2>{SHOWN}</h2>", title=FORMAL)
    assert title(document, SITE)[0] == FORMAL


def test_in_a_trail_with_nothing_shown_instead() -> None:
    document = document_of(f'<meta property="og:title" content="{FORMAL}">', TRAIL + "<h2>More news</h2>", title=FORMAL)
    assert title(document, SITE)[0] == FORMAL


EDITED = [
    ("Town walks on river again, eleven months on", "Town walks on its river again, eleven months on", "og"),
    ("Town walks on its river", "Town walks on its river again", "h1"),  # cut
    ("Ilm: Town walks on its river again", "Town walks on its river again", "h1"),  # with a kicker
]


@pytest.mark.parametrize(("og", "h1", "want"), EDITED)
def test_a_wording_made_for_others_to_show(og: str, h1: str, want: str) -> None:
    assert of(og=og, h1=h1, element=h1)[0] == {"og": og, "h1": h1}[want]


def test_without_json_ld_the_heading_wins_over_title_and_og() -> None:
    assert of(og="Interview: the mayor on the bridge", h1="The mayor in talk about the bridge", element="Interview")[1] == "h1"


def test_excerpt_from_microdata() -> None:
    found = excerpt(document_of("", '<div itemprop="description">The bridge is open after eleven months.</div>'))
    assert found == ("The bridge is open after eleven months.", "microdata description")
