"""Pictures and logos of the invented press, drawn: the same motif and seed give the same picture."""

from __future__ import annotations

import functools
import io
from typing import Literal

from PIL import Image, ImageDraw

from broadsheet.demo.canvas import Canvas, rgb
from broadsheet.demo.scenes import SCENES

_SMOOTHING = 2  # drawn so many times larger and scaled down


@functools.cache  # the same picture is asked for by both editions
def picture(scene: str, seed: str, size: tuple[int, int], format: Literal["jpeg", "png"]) -> bytes:
    """The picture of a motif (a name in `SCENES`), ``size`` pixels wide and high."""
    width, height = size
    canvas = Canvas(width * _SMOOTHING, height * _SMOOTHING, f"{scene} {seed}")
    SCENES[scene](canvas)
    return _encoded(canvas.image.resize(size, Image.Resampling.BOX), format)


def logo(mark: str, colour: str, size: int) -> bytes:
    """A square PNG of an outlet's mark in white on its colour."""
    side = 8 * size
    image = Image.new("RGB", (side, side), rgb(colour))
    draw = ImageDraw.Draw(image)
    for shape, *numbers in MARKS[mark]:
        _shape(draw, shape, [number * side // 100 for number in numbers], rgb(colour))
    return _encoded(image.resize((size, size), Image.Resampling.BOX), "png")


# Shapes in hundredths of the side. A capital name draws in white, "hole" and "slot" in the outlet's colour.
MARKS: dict[str, tuple[tuple[str, int, int, int, int], ...]] = {
    "wave": (
        ("RING", 8, 30, 52, 74),
        ("RING", 48, 30, 92, 74),
        ("slot", 0, 0, 100, 52),
        ("BOX", 10, 34, 90, 39),
        ("BOX", 22, 22, 78, 27),
    ),
    "tower": (("BOX", 42, 20, 58, 80), ("BOX", 30, 72, 70, 82), ("DISC", 38, 12, 62, 36), ("hole", 45, 19, 55, 29)),
    "anchor": (("BOX", 46, 25, 54, 82), ("BOX", 32, 36, 68, 43), ("DISC", 41, 12, 59, 30), ("ARC", 22, 40, 78, 86)),
    "rays": (("DISC", 42, 42, 58, 58), ("RING", 28, 28, 72, 72), ("RING", 13, 13, 87, 87)),
    "disc": (("DISC", 18, 18, 82, 82), ("hole", 30, 12, 92, 74)),
    "bars": (("BOX", 20, 52, 34, 80), ("BOX", 43, 36, 57, 80), ("BOX", 66, 20, 80, 80)),
    "grid": (("BOX", 20, 20, 46, 46), ("BOX", 54, 20, 80, 46), ("BOX", 20, 54, 46, 80), ("DISC", 54, 54, 80, 80)),
    "rails": (
        ("BOX", 28, 14, 36, 86),
        ("BOX", 64, 14, 72, 86),
        ("BOX", 20, 26, 80, 33),
        ("BOX", 20, 46, 80, 53),
        ("BOX", 20, 66, 80, 73),
    ),
    "shell": (
        ("DISC", 16, 22, 84, 90),
        ("slot", 10, 62, 90, 92),
        ("slot", 48, 22, 52, 62),
        ("slot", 32, 22, 35, 62),
        ("slot", 65, 22, 68, 62),
    ),
    "bolt": (("BOX", 44, 14, 64, 46), ("BOX", 36, 40, 64, 56), ("BOX", 36, 50, 54, 86)),
    "play": (("DISC", 14, 14, 86, 86), ("slot", 38, 30, 48, 70), ("slot", 48, 38, 58, 62), ("slot", 58, 45, 66, 55)),
    "cross": (("BOX", 40, 18, 60, 82), ("BOX", 18, 40, 82, 60)),
    "lighthouse": (
        ("BOX", 40, 34, 60, 84),
        ("BOX", 34, 80, 66, 88),
        ("DISC", 40, 14, 60, 34),
        ("BOX", 64, 21, 88, 27),
        ("BOX", 12, 21, 36, 27),
    ),
    "bowl": (("DISC", 16, 14, 84, 82), ("slot", 10, 8, 90, 48), ("BOX", 36, 80, 64, 87)),
}


def _shape(draw: ImageDraw.ImageDraw, shape: str, box: list[int], colour: tuple[int, int, int]) -> None:
    white = (255, 255, 255)
    width = max(1, (box[2] - box[0]) // 10)
    if shape in ("DISC", "hole"):
        draw.ellipse(box, fill=white if shape == "DISC" else colour)
    elif shape in ("BOX", "slot"):
        draw.rectangle(box, fill=white if shape == "BOX" else colour)
    elif shape == "RING":
        draw.ellipse(box, outline=white, width=width)
    else:
        draw.arc(box, 0, 180, fill=white, width=width)


def _encoded(image: Image.Image, format: Literal["jpeg", "png"]) -> bytes:
    out = io.BytesIO()
    if format == "jpeg":
        image.save(out, "JPEG", quality=82, optimize=True)
    else:
        image.save(out, "PNG", compress_level=6)
    return out.getvalue()
