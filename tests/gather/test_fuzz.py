"""A short coverage-guided fuzz run over the readers of what strangers send, where atheris is installed."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys

import pytest

from broadsheet.errors import FeedError
from broadsheet.gather.feeds import read_feed
from broadsheet.gather.sitemaps import read_sitemap

FUZZ = """
import sys
import atheris
with atheris.instrument_imports(include=["broadsheet.gather"]):
    from broadsheet.gather.feeds import read_feed
    from broadsheet.gather.robots import read_robots
    from broadsheet.gather.sitemaps import read_sitemap
from broadsheet.errors import FeedError
def one(data):
    read_robots(data).allows("https://a.example/a", "Broadsheet")
    for read in (read_feed, read_sitemap):
        try:
            read(data, "https://a.example/")
        except FeedError:
            pass
atheris.Setup([sys.argv[0], "-runs=20000", "-max_total_time=8", "-max_len=2000"], one)
atheris.Fuzz()
"""


FOUND = {
    # a namespace without a name after it: lxml reads it, and refuses to write it
    "broken tag name": b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><rssttp:>text</div></content></entry></feed>""",
}


@pytest.mark.parametrize("content", FOUND.values(), ids=FOUND)
def test_what_fuzzing_found(content: bytes) -> None:
    for read in (read_feed, read_sitemap):
        with contextlib.suppress(FeedError):
            read(content, "https://a.example/")


def test_fuzz() -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("ATHERIS ABSENT: the readers were not fuzzed; the dev group brings it on Linux, x86_64")
    done = subprocess.run([sys.executable, "-c", FUZZ], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
