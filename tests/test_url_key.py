"""The quick ways to a key give what the long way gives, for any address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet import urls

LABELS = ["www", "m", "amp", "a", "-a", "a-", "google", "cdn", "ampproject", "org", "example", "co", "uk", "127", "x_y", "A"]
SEGMENTS = ["", "amp", "print", "mobile", "index.html", "default.aspx", "a.amp", "a.print.html", ".", "..", ".x", "a", "A%20b"]
SEGMENTS += ["a;jsessionid=1", "2031", "x-1", "é", "a b", "~a", "@:!$&'()*+,="]
ADDRESS = st.builds(
    lambda scheme, name, path, tail: scheme + ".".join(name) + "".join("/" + part for part in path) + tail,
    st.sampled_from(["http://", "https://", "HTTP://", "//", "", "http://u@", "ftp://"]),
    st.lists(st.sampled_from(LABELS), min_size=1, max_size=5),
    st.lists(st.sampled_from(SEGMENTS), max_size=6),
    st.sampled_from(["", "/", "//", "?a=1", "?utm_source=x", "#f", ":80", "\n", "."]),
)
SIMPLE = st.from_regex(urls._SIMPLE, fullmatch=True)
ANY_PATH = st.text(max_size=80).map(lambda text: "http://a.example/" + text)


@given(ADDRESS | SIMPLE | ANY_PATH)
@settings(max_examples=500, deadline=None)
def test_quick_ways(url: str) -> None:
    quick = urls.url_key(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "_simple_key", lambda _: "")
        assert urls.url_key(url) == quick
        patch.setattr(urls, "_PLAIN", re.compile("(?!)"))
        assert urls.url_key(url) == quick
