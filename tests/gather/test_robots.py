"""robots.txt as data; how the client uses it is tested with the client."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gather.robots import MAX_BYTES, MAX_DELAY, Robots, read_robots


def test_sitemaps_in_order_and_once() -> None:
    robots = read_robots(b"Sitemap: https://a.example/2.xml\nUser-agent: *\nDisallow: /x\nsitemap: /1.xml\nSitemap: /1.xml\n")
    assert robots.sitemaps() == ("https://a.example/2.xml", "/1.xml")


def test_delay_is_bounded() -> None:
    assert read_robots(b"User-agent: *\nCrawl-delay: 2.5").delay("Broadsheet") == 2.5
    assert read_robots(b"User-agent: *\nCrawl-delay: 86400").delay("Broadsheet") == MAX_DELAY
    assert read_robots(b"User-agent: other\nCrawl-delay: 5").delay("Broadsheet") == 0
    assert Robots().delay("Broadsheet") == 0


def test_without_rules_all_is_allowed_and_with_a_refusal_nothing() -> None:
    assert Robots().allows("https://a.example/", "Broadsheet")
    assert not Robots(refusal="down").allows("https://a.example/", "Broadsheet")


def test_only_the_beginning_counts() -> None:
    content = b"User-agent: *\n" + b"#" * MAX_BYTES + b"\nDisallow: /"
    assert read_robots(content).allows("https://a.example/", "Broadsheet")


@given(
    st.lists(
        st.sampled_from(
            [b"User-agent: *", b"Disallow: /*a*b*$", b"Allow: ", b"Crawl-delay: x", b"\xff\xfe", b"Sitemap:", b":", b"\0"]
        )
    ),
    st.binary(max_size=40),
)
def test_any_bytes_are_rules(lines: list[bytes], more: bytes) -> None:
    robots = read_robots(b"\n".join([*lines, more]))
    assert robots.allows("https://a.example/aaab", "Broadsheet") in (True, False)
    assert 0 <= robots.delay("Broadsheet") <= MAX_DELAY
    assert all(isinstance(address, str) for address in robots.sitemaps())
