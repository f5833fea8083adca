"""Pairs of degrees as feeds write them; the elements that hold them are in the feeds beside their expectations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gather.locations import location
from broadsheet.models import Location


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("45.256 -71.92", 45.256, -71.92),
        ("45.256,-71.92", 45.256, -71.92),
        ("\n 45.256 ,\t-71.92 ", 45.256, -71.92),
        ("+45. -.5", 45.0, -0.5),
        ("-90 180", -90.0, 180.0),
        ("0 12", 0.0, 12.0),
        ("-0.0 1.5e1", 0.0, 15.0),
        ("59.912712345678 10.7", 59.9127123, 10.7),
    ],
)
def test_pairs(text: str, latitude: float, longitude: float) -> None:
    assert repr(location(text)) == repr(Location(latitude=latitude, longitude=longitude))  # which tells 0.0 from -0.0


@pytest.mark.parametrize(
    "text",
    [
        *("", "45", "45.2-71.9", "45;71", "45 71 120", "45,256 -71,92", "45,,71", "N45 W71", "45° 71°", "1_0 20"),
        *("90.00000001 10", "-90.1 10", "10 180.00000001", "10 -181", "1e999 1", "nan 1", "inf 1", "0x10 1"),
        *("0 0", "-0.0,0.00", "1e-9 0", "٤٥ ٧١", "4" * 60 + " " + "7" * 60, "0." + "1" * 200 + " 1"),
    ],
)
def test_what_is_no_place(text: str) -> None:
    assert location(text) is None


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([" ", ",", ", ", " \n"]))
def test_any_place_is_read_to_the_centimetre(latitude: float, longitude: float, between: str) -> None:
    found = location(f"{latitude}{between}{longitude}")
    if found is None:
        assert max(abs(latitude), abs(longitude)) <= 1e-7
    else:
        assert (found.latitude, found.longitude) == pytest.approx((latitude, longitude), abs=1e-7)


@given(st.text(alphabet="0123456789.+-eE, \n", max_size=120))
def test_whatever_is_read_is_on_the_earth(text: str) -> None:
    found = location(text)
    assert found is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180 and (found.latitude or found.longitude))
