from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import text as texts
from broadsheet.text import clean, fold_space, folded, plain, shorten, slugify


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a  b\n c", "a b c"),
        ("<p>Tide &amp; time</p>", "Tide & time"),
        ("<script>x()</script>Tide<style>p{}</style>", "Tide"),
        ("a<!-- no -->b", "a b"),
        ("3 < 4 and 5 > 2", "3 < 4 and 5 > 2"),
        ("<![CDATA[Tide]]>", "Tide"),
        ("caf&eacute; &#8217;s", "café ’s"),
        ("bell\x07 and \ud800lone", "bell and lone"),
        ("", ""),
    ],
)
def test_plain(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The LAPD Just Banned Its Officers", "the-lapd-just-banned-its-officers"),
        ("Pokémon Bubbles: October!", "pokemon-bubbles-october"),
        ("A - B -- C", "a-b-c"),
        ("What’s new & what it means", "whats-new-what-it-means"),
        ("潮力発電", ""),
        ("  ", ""),
    ],
)
def test_slugify(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_a_long_slug_is_cut_at_a_word() -> None:
    slug = slugify(" ".join(["tide"] * 60))
    assert len(slug) <= 143
    assert slug.endswith("-tide")
    assert slugify("x" * 500) == "x" * 143


def test_shorten_cuts_at_a_word() -> None:
    assert shorten("The tide turns early", 14) == "The tide…"
    assert shorten("short", 14) == "short"
    assert shorten("x" * 50, 10) == "x" * 9 + "…"


PIECES = ("<!--", "-->", "<script ", "</script >", "<STYLE>", "</style>", "<b", ">", "<", "-", "&lt;", "tide ", "\0", "<!x")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_long_markup_is_read_as_short_markup_is(markup: str) -> None:
    short = plain(markup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "LONG", 0)
        assert plain(markup) == short


@pytest.mark.parametrize("opened", ["<!--", "<script ", "<style>", "--> <!--", "</script><script "])
def test_markup_without_end_has_one(opened: str) -> None:
    """This would take minutes if each looked for its end in all the rest."""
    assert len(plain(opened * 100_000)) <= len(opened) * 100_000


@given(st.text())
def test_plain_text_is_folded_clean_and_stable(text: str) -> None:
    result = plain(text)
    assert result == fold_space(clean(result))
    result.encode("utf-8")


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_shorten_never_passes_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@given(st.text())
def test_a_slug_is_a_file_name_anywhere(text: str) -> None:
    slug = slugify(text)
    assert all(letter in "abcdefghijklmnopqrstuvwxyz0123456789-" for letter in slug)
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert slugify(slug) == slug


def test_the_short_way_to_fold_gives_what_the_long_one_does() -> None:
    """For every character there is, also at an end and before one that combines."""
    for character in map(chr, range(0x110000)):
        for text in (f" {character} ", f"a{character} b", f"{character}\u0301 x", f"a {character} b"):
            assert folded(text) == fold_space(clean(text)), ascii(text)
