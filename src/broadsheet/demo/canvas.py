"""A canvas with what the press's pictures are made of: skies, hills, water, glow and silhouettes.

All chance comes from the seed and all coordinates are whole numbers, so that a picture is the same on every machine.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]


def rgb(text: str) -> Colour:
    """The colour of ``#rrggbb``."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, percent: int) -> Colour:
    """``percent`` of ``other``, the rest of ``one``."""
    red, green, blue = ((a * (100 - percent) + b * percent) // 100 for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """An image in the making. Positions are in thousandths of its width and height."""

    def __init__(self, width: int, height: int, seed: str) -> None:
        self.image = Image.new("RGB", (width, height))
        self._draw = ImageDraw.Draw(self.image)
        self._chance = random.Random(seed)

    def chance(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self._chance.random() * (high - low + 1))

    def pick(self, choices: Sequence[tuple[str, ...]]) -> tuple[Colour, ...]:
        """The colours of one of the palettes."""
        return tuple(rgb(text) for text in choices[self.chance(0, len(choices) - 1)])

    def gradient(self, colours: Sequence[Colour], top: int = 0, bottom: int = 1000) -> None:
        """A band over the whole width that goes through those colours from top to bottom."""
        first, last = self._y(top), self._y(bottom)
        span = max(1, last - first)
        for row in range(first, last):
            place = (row - first) * (len(colours) - 1) * 100 // span
            index, percent = min(place // 100, len(colours) - 2), place % 100
            self._draw.line([(0, row), (self.image.width, row)], fill=mix(colours[index], colours[index + 1], percent))

    def glow(self, x: int, y: int, radius: int, colour: Colour, strength: int = 100) -> None:
        """Light that fades from a point; ``strength`` in per cent. The radius is in thousandths of the width."""
        side = 2 * self._x(radius)
        light = ImageChops.invert(Image.radial_gradient("L")).point(lambda value: max(0, value - 75) * strength * 142 // 10000)
        mask = light.resize((side, side), Image.Resampling.BILINEAR)
        self.image.paste(colour, (self._x(x) - side // 2, self._y(y) - side // 2), mask)

    def disc(self, x: int, y: int, radius: int, colour: Colour) -> None:
        """A filled circle."""
        centre_x, centre_y, size = self._x(x), self._y(y), self._x(radius)
        self._draw.ellipse([centre_x - size, centre_y - size, centre_x + size, centre_y + size], fill=colour)

    def ring(self, x: int, y: int, radius: int, colour: Colour, thickness: int = 4) -> None:
        """A circle's outline."""
        centre_x, centre_y, size = self._x(x), self._y(y), self._x(radius)
        box = [centre_x - size, centre_y - size, centre_x + size, centre_y + size]
        self._draw.ellipse(box, outline=colour, width=max(1, self._x(thickness)))

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        """A filled rectangle."""
        self._draw.rectangle([self._x(left), self._y(top), self._x(right), self._y(bottom)], fill=colour)

    def shape(self, points: Sequence[tuple[int, int]], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(self._x(x), self._y(y)) for x, y in points], fill=colour)

    def stroke(self, points: Sequence[tuple[int, int]], colour: Colour, thickness: int = 3) -> None:
        """A line through those points."""
        self._draw.line(
            [(self._x(x), self._y(y)) for x, y in points], fill=colour, width=max(1, self._x(thickness)), joint="curve"
        )

    def hills(self, base: int, height: int, colour: Colour, bottom: int = 1000) -> None:
        """A ridge about ``base``, rough by midpoint displacement, filled down to ``bottom``."""
        ridge = [base + self.chance(-height, height) for _ in range(4)]
        reach = height // 2
        while len(ridge) < 250:
            ridge = [point for pair in zip(ridge, self._between(ridge, reach), strict=False) for point in pair] + ridge[-1:]
            reach = reach * 55 // 100
        step = [index * 1000 // (len(ridge) - 1) for index in range(len(ridge))]
        self.shape([*zip(step, ridge, strict=True), (1000, bottom), (0, bottom)], colour)

    def water(self, top: int, near: Colour, far: Colour, light: Colour, light_x: int) -> None:
        """A sea from ``top`` down, with the reflection of a light that stands above ``light_x``."""
        self.gradient((far, mix(far, near, 60), near), top, 1000)
        for _ in range(420):
            depth = self.chance(2, 998 - top)
            spread = 30 + depth // 3
            x, y = light_x + (self.chance(-spread, spread) + self.chance(-spread, spread)) // 2, top + depth
            length = 6 + depth // 12
            strength = max(10, 70 - abs(x - light_x) * 60 // spread)
            self.stroke(
                [(x - length, y), (x + length, y)], mix(mix(far, near, depth * 100 // 1000), light, strength), 1 + depth // 300
            )

    def mist(self, y: int, height: int, colour: Colour, percent: int) -> None:
        """A bank of mist about ``y``, thickest in its middle."""
        first, last = self._y(y - height), self._y(y + height)
        band = Image.linear_gradient("L").resize((1, max(1, (last - first) // 2)))
        mask = Image.new("L", (1, 2 * band.height))
        mask.paste(band, (0, 0))
        mask.paste(band.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, band.height))
        faded = mask.point(lambda value: value * percent // 100).resize((self.image.width, mask.height))
        self.image.paste(colour, (0, first), faded)

    def _between(self, ridge: Sequence[int], reach: int) -> list[int]:
        return [(a + b) // 2 + self.chance(-reach, reach) for a, b in itertools.pairwise(ridge)]

    def _x(self, thousandths: int) -> int:
        return thousandths * self.image.width // 1000

    def _y(self, thousandths: int) -> int:
        return thousandths * self.image.height // 1000
