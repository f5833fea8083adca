"""Pictures and logos have the sizes and formats that pages declare, and one seed gives one picture."""

from __future__ import annotations

import io
from typing import Literal

import pytest
from PIL import Image

from broadsheet.demo import pictures
from broadsheet.demo.canvas import Canvas, mix, rgb
from broadsheet.demo.press import events, world
from broadsheet.demo.scenes import SCENES

Format = Literal["jpeg", "png"]


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_every_scene_is_drawn_and_differs_by_seed(scene: str) -> None:
    one, same, other = (pictures.picture(scene, seed, (240, 135), "png") for seed in ("a", "a", "b"))
    assert one == same
    assert one != other
    colours = Image.open(io.BytesIO(one)).convert("RGB").getcolors(240 * 135)
    assert colours is not None
    assert len(colours) > 60


@pytest.mark.parametrize(
    ("size", "format"), [((1200, 675), "jpeg"), ((960, 640), "png"), ((1600, 900), "jpeg"), ((37, 91), "png")]
)
def test_size_and_format(size: tuple[int, int], format: Format) -> None:
    image = Image.open(io.BytesIO(pictures.picture("ferry", "x", size, format)))
    image.load()
    assert image.size == size
    assert image.format == format.upper()


def test_events_use_known_scenes_and_outlets_known_marks() -> None:
    assert {event.scene for event in events()} <= set(SCENES)
    assert {outlet.mark for outlet in world().outlets} <= set(pictures.MARKS)


@pytest.mark.parametrize("mark", sorted(pictures.MARKS))
def test_logo(mark: str) -> None:
    image = Image.open(io.BytesIO(pictures.logo(mark, "#12355b", 60)))
    assert image.size == (60, 60)
    colours = {colour for _, colour in image.convert("RGB").getcolors(3600) or ()}
    assert {(255, 255, 255), (0x12, 0x35, 0x5B)} <= {tuple(channel for channel in colour) for colour in colours}


def test_logos_differ() -> None:
    assert len({pictures.logo(mark, "#000000", 48) for mark in pictures.MARKS}) == len(pictures.MARKS)


def test_mix() -> None:
    assert mix((0, 0, 0), (100, 200, 50), 50) == (50, 100, 25)
    assert mix(rgb("#102030"), rgb("#ffffff"), 0) == (16, 32, 48)


def test_chance_stays_in_its_range_and_reaches_both_ends() -> None:
    canvas = Canvas(10, 10, "seed")
    assert {canvas.chance(-1, 2) for _ in range(200)} == {-1, 0, 1, 2}
