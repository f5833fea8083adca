"""Pictures: which is the article's, how large it is, and logos."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Picture

from broadsheet.models import Image
from broadsheet.read.images import MAX_IMAGES, file_name, images
from broadsheet.read.pictures import KEPT_SIDE, LOGO_SIDE, copy, logo, measure
from tests.read.pages import document_of, json_ld


def picture(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Picture.effect_noise((width, height), 80).convert(mode).save(out, kind)
    return out.getvalue()


def of(head: str = "", body: str = "") -> tuple[list[str], str]:
    document = document_of(head, body, url="https://lantern.example/news/a")
    found, origin = images(document, document.tree.body)
    return [image.url.removeprefix("https://lantern.example/") for image in found], origin


OG = '<meta property="og:image" content="/share/bridge-1200x630.jpg">'
IMG = '<img src="/p/bridge-800x600.webp">'


def test_the_declared_picture_that_the_page_shows() -> None:
    other = json_ld(json.dumps({"@type": "Article", "image": "/p/ferry.jpg"}))
    assert of(OG + other, '<img src="/p/ferry.jpg">') == (["p/ferry.jpg", "share/bridge-1200x630.jpg"], "json-ld image")


def test_else_the_first_shown_then_the_declared() -> None:
    assert of('<meta property="og:image" content="/logo-card.png">', IMG)[0] == ["p/bridge-800x600.webp", "logo-card.png"]
    assert of(OG) == (["share/bridge-1200x630.jpg"], "meta og:image")
    assert of() == ([], "")


def test_the_same_file_in_two_sizes_is_one_picture() -> None:
    assert of(OG, IMG) == (["share/bridge-1200x630.jpg"], "meta og:image")
    assert file_name("https://cdn.example/a%2Fb/Bridge-800x600.JPG?w=1") == file_name("https://lantern.example/bridge.webp")


NO_PICTURES = [
    '<img src="/logo.png">',
    '<img src="/avatar/ann.jpg">',
    '<img src="/p/small.jpg" width="80">',
    '<img src="/p/low.jpg" height="40px">',
    '<img src="data:image/gif;base64,AAAA">',
    '<img src="/lazy.gif">',
    '<img src="/chart.svg">',
    '<a href="/other-story"><img src="/p/teaser.jpg"></a>',
    "<img>",
]


@pytest.mark.parametrize("body", NO_PICTURES)
def test_ornaments_and_teasers_are_no_pictures(body: str) -> None:
    assert of(body=body) == ([], "")


def test_lazy_pictures_and_links_to_larger_copies() -> None:
    assert of(body='<img src="data:image/gif;base64,AA" data-src="/p/a.jpg">')[0] == ["p/a.jpg"]
    assert of(body='<img srcset="/p/a-1.jpg 1x, /p/a-2.jpg 2x">')[0] == ["p/a-2.jpg"]
    assert of(body='<a href="/p/a-large.jpg"><img src="/p/a.jpg"></a>')[0] == ["p/a.jpg"]


def test_declared_sizes_and_titles() -> None:
    head = OG + '<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630px">'
    head += '<meta property="og:image:alt" content="The <b>bridge</b>">'
    document = document_of(head, "")
    assert images(document, None)[0] == (
        Image(url="https://www.lantern.example/share/bridge-1200x630.jpg", width=1200, height=630, title="The bridge"),
    )
    sized = {"@type": "Article", "image": [{"@type": "ImageObject", "url": "/b.jpg", "width": {"value": "900"}, "height": -3}]}
    assert images(document_of(json_ld(json.dumps(sized)), ""), None)[0][0].width == 900


def test_no_more_than_some() -> None:
    assert len(of(body="".join(f'<img src="/p/{number:03}x.jpg">' for number in range(90)))[0]) == MAX_IMAGES


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF"])
def test_measure_by_the_first_bytes(kind: str) -> None:
    assert measure(picture(640, 360, kind)[:4096]) == (640, 360)


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0" * 500]
)
def test_what_is_no_picture(data: bytes) -> None:
    assert measure(data) is None
    assert logo(data) is None


def test_a_picture_that_claims_to_be_huge() -> None:
    data = bytearray(picture(8, 8))
    data[16:24] = (60_000).to_bytes(4) + (60_000).to_bytes(4)
    assert logo(bytes(data)) is None


@pytest.mark.parametrize(
    ("width", "height", "mode"), [(200, 200, "RGB"), (300, 60, "RGBA"), (40, 90, "L"), (7, 7, "P"), (1, 400, "RGB")]
)
def test_logo_is_a_square_and_always_the_same(width: int, height: int, mode: str) -> None:
    data = picture(width, height, mode=mode)
    made = logo(data)
    assert made is not None
    assert made == logo(data)
    with Picture.open(io.BytesIO(made)) as result:
        assert (result.format, result.size, result.mode, result.info) == ("PNG", (LOGO_SIDE, LOGO_SIDE), "RGBA", {})


def test_logo_of_a_cut_off_file() -> None:
    assert logo(picture(400, 400, "JPEG")[:2000]) is None


@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "TIFF"]), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_survives_any_bytes(noise: bytes, kind: str, at: int) -> None:
    data = bytearray(picture(16, 16, kind))
    data[at : at + len(noise)] = noise
    for bytes_ in (noise, bytes(data)):
        assert measure(bytes_) is None or len(measure(bytes_) or ()) == 2
        assert copy(bytes_) is None or copy(bytes_) == copy(bytes_)
        assert logo(bytes_) is None or (logo(bytes_) or b"").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("width", "height", "mode", "kind", "size"),
    [
        (640, 360, "RGB", "JPEG", (640, 360)),
        (3000, 1500, "RGB", "JPEG", (KEPT_SIDE, KEPT_SIDE // 2)),
        (1300, 2600, "RGB", "PNG", (KEPT_SIDE // 2, KEPT_SIDE)),
        (200, 100, "RGBA", "PNG", (200, 100)),
        (200, 100, "P", "GIF", (200, 100)),
        (200, 100, "L", "WEBP", (200, 100)),
    ],
)
def test_a_copy_is_a_bounded_jpeg_and_always_the_same(width: int, height: int, mode: str, kind: str, size: object) -> None:
    data = picture(width, height, kind, mode=mode)
    made = copy(data)
    assert made is not None
    assert made == copy(data)
    assert (made.width, made.height) == size
    with Picture.open(io.BytesIO(made.content)) as result:
        assert (result.format, result.mode, result.size) == ("JPEG", "RGB", size)


def test_a_copy_is_upright_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Picture.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "A camera with a serial number"
    out = io.BytesIO()
    Picture.new("RGB", (300, 200), (10, 90, 40)).save(out, "JPEG", exif=exif, comment=b"taken by Ada", icc_profile=b"profile")
    made = copy(out.getvalue())
    assert made is not None
    assert (made.width, made.height) == (200, 300)
    assert not any(words in made.content for words in (b"camera", b"Ada", b"profile", b"Exif"))


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Picture.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
    made = copy(out.getvalue())
    assert made is not None
    with Picture.open(io.BytesIO(made.content)) as result:
        assert result.getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", b"\0" * 500])
def test_of_what_is_no_picture_there_is_no_copy(data: bytes) -> None:
    assert copy(data) is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_a_cut_off_file_there_is_no_copy(kind: str) -> None:
    data = picture(900, 900, kind)
    assert copy(data[: len(data) // 3]) is None
