"""A short coverage-guided fuzz run over the readers of what strangers send, where atheris is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

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


def test_fuzz() -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("ATHERIS ABSENT: the readers were not fuzzed; `pip install atheris` brings it")
    done = subprocess.run([sys.executable, "-c", FUZZ], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
