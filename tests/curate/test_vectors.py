"""Vectors of words are whole numbers from the shipped table; related words lie near."""

import logging
import math
import subprocess
import sys

import pytest

from broadsheet.curate.vectors import DIMENSIONS, UNIT, Vector, word_vectors

PINNED_SUM, PINNED_SQUARE = 147, 2570457


def cosine(a: Vector, b: Vector) -> float:
    return int(a @ b) / math.sqrt(int(a @ a) * int(b @ b))


@pytest.mark.parametrize(("word", "near", "far"), [("earthquake", "quake", "football"), ("doctor", "hospital", "tractor")])
def test_related_words_are_nearer(word: str, near: str, far: str) -> None:
    table = word_vectors()
    assert cosine(table.word(word), table.word(near)) > cosine(table.word(word), table.word(far)) + 0.1


def test_a_text_has_a_whole_vector_of_the_length_asked_for() -> None:
    vector = word_vectors().text({"flood": 2, "valley": 1}, UNIT)
    assert vector.dtype.kind == "i"
    assert vector.shape == (DIMENSIONS,)
    assert math.sqrt(int(vector @ vector)) == pytest.approx(UNIT, abs=5)


def test_no_words_no_vector() -> None:
    assert not word_vectors().text({}, UNIT).any()


def test_the_order_of_words_does_not_matter() -> None:
    one = word_vectors().text({"flood": 2, "valley": 1, "dam": 3}, UNIT)
    assert (one == word_vectors().text({"dam": 3, "valley": 1, "flood": 2}, UNIT)).all()


def test_words_that_say_little_are_short() -> None:
    table = word_vectors()
    assert max(table.length(word) for word in ("the", "of", "and", "has", "with")) < 300
    assert min(table.length(word) for word in ("earthquake", "bitcoin", "parliament", "vaccine")) > 600


def test_numbers_that_pin_the_table() -> None:
    """The same on every machine: changing the table or its rounding changes which articles make a story."""
    vector = word_vectors().word("earthquake")
    assert (int(vector.sum()), int(vector @ vector)) == (PINNED_SUM, PINNED_SQUARE)


def test_loading_leaves_logging_alone() -> None:
    handlers = list(logging.getLogger().handlers)
    word_vectors()
    assert logging.getLogger().handlers == handlers


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads in /proc")
def test_no_thread_waits_for_products_of_matrices() -> None:
    code = "import os, broadsheet.curate; print(len(os.listdir('/proc/self/task')))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env={}).stdout == b"1\n"
