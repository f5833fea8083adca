"""Bytes of pictures: the size of one from its first kilobytes, an outlet's logo, a copy of one to keep."""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

import imagesize
from PIL import Image as Picture
from PIL import ImageOps

from broadsheet.read.images import MAX_SIDE

LOGO_SIDE = 50  # pixels
KEPT_SIDE = 1200  # pixels at most, either way
KEPT_QUALITY = 82  # of 100, JPEG's scale
MAX_PIXELS = 40_000_000  # of a picture that is opened
_HOSTILE = (OSError, ValueError, SyntaxError, MemoryError, EOFError)  # what decoders raise on broken data


class Copy(NamedTuple):
    """A picture to keep: a JPEG file and its sides in pixels."""

    content: bytes
    width: int
    height: int


def measure(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, as shown, of a picture whose first kilobytes are given; None when they do not tell.

    Vector graphics have no size of their own and give None.
    """
    if head.lstrip().startswith(b"<"):
        return None
    try:
        width, height = imagesize.get(io.BytesIO(head))
    except Exception:  # noqa: BLE001 a reader of many formats, whose errors on hostile bytes are not documented
        return None
    return (width, height) if 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE else None


def logo(data: bytes) -> bytes | None:
    """A picture fitted and centred on a transparent square of 50 x 50 pixels, as PNG; None when it is no picture.

    The same bytes give the same bytes: no metadata, one compression level.
    """
    picture = _open(data)
    if picture is None or picture.width * picture.height > MAX_PIXELS:
        return None
    try:
        small = picture.convert("RGBA")
        small.thumbnail((LOGO_SIDE, LOGO_SIDE), Picture.Resampling.LANCZOS)
    except _HOSTILE:
        return None
    square = Picture.new("RGBA", (LOGO_SIDE, LOGO_SIDE), (255, 255, 255, 0))
    square.paste(small, ((LOGO_SIDE - small.width) // 2, (LOGO_SIDE - small.height) // 2))
    out = io.BytesIO()
    square.save(out, "PNG", compress_level=9)
    return out.getvalue()


def copy(data: bytes) -> Copy | None:
    """A picture as a JPEG of at most 1200 pixels a side, upright, without metadata; None when it is no picture.

    Of one that moves the first frame; what is transparent becomes white. The same bytes give the same bytes with one build of
    Pillow.
    """
    picture = _open(data)
    if picture is None or picture.width * picture.height > MAX_PIXELS:
        return None
    try:
        picture.draft("RGB", (KEPT_SIDE, KEPT_SIDE))  # JPEG is decoded no larger than it is needed
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((KEPT_SIDE, KEPT_SIDE), Picture.Resampling.LANCZOS)
        flat = _on_white(upright)
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=KEPT_QUALITY, optimize=True, progressive=True)
    except _HOSTILE:
        return None
    return Copy(out.getvalue(), flat.width, flat.height)


def _on_white(picture: Picture.Image) -> Picture.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB") if picture.mode != "RGB" else _bare(picture)
    opaque = picture.convert("RGBA")
    white = Picture.new("RGBA", opaque.size, (255, 255, 255, 255))
    return Picture.alpha_composite(white, opaque).convert("RGB")


def _bare(picture: Picture.Image) -> Picture.Image:
    """The pixels alone: what Pillow knows beside them it would write into the file."""
    bare = Picture.new("RGB", picture.size)
    bare.paste(picture)
    return bare


def _open(data: bytes) -> Picture.Image | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Picture.DecompressionBombWarning)
        try:
            return Picture.open(io.BytesIO(data))
        except Exception:  # noqa: BLE001 decoders of many formats raise whatever they like on hostile bytes
            return None
