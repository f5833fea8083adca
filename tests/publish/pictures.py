"""Pictures for the invented stories: a calm sea under a sky, another for every address; logos are a plain disc."""

from __future__ import annotations

import io
import zlib
from functools import cache

from PIL import Image, ImageDraw


@cache
def picture(url: str) -> bytes:
    """A PNG for an address; the same one each time."""
    seed = zlib.crc32(url.encode())
    return _png(_logo(seed) if url.endswith("logo.png") else _sea(seed))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _logo(seed: int) -> Image.Image:
    image = Image.new("RGB", (50, 50), (seed % 120, seed // 7 % 120, seed // 49 % 120))
    ImageDraw.Draw(image).ellipse((14, 14, 36, 36), fill="white")
    return image


def _sea(seed: int) -> Image.Image:
    image = Image.new("RGB", (600, 400))
    draw = ImageDraw.Draw(image)
    hue, horizon = seed % 360, 190 + seed // 360 % 80
    for row in range(400):
        light = 88 - 38 * row / horizon if row < horizon else 42 - 22 * (row - horizon) / (400 - horizon)
        tone = hue if row < horizon else 205
        draw.line((0, row, 600, row), fill=f"hsl({tone}, 32%, {light:.0f}%)")
    sun = 80 + seed // 11 % 440
    draw.ellipse((sun, horizon - 90, sun + 56, horizon - 34), fill=f"hsl({(hue + 30) % 360}, 70%, 88%)")
    hill = [(0, horizon)] + [(x * 60, horizon - 8 - (seed >> x) % 46) for x in range(11)] + [(600, horizon)]
    draw.polygon(hill, fill=f"hsl({(hue + 200) % 360}, 24%, 26%)")
    draw.polygon(
        [(sun - 20, horizon + 40), (sun + 70, horizon + 40), (sun + 52, horizon + 58), (sun - 4, horizon + 58)], fill="#20242a"
    )
    draw.polygon([(sun + 24, horizon + 36), (sun + 24, horizon - 22), (sun + 62, horizon + 36)], fill="#f2efe6")
    return image
