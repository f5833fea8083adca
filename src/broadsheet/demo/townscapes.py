"""Pictures of streets, rooms, tables and machines. Each function draws one motif on a canvas."""

from __future__ import annotations

from broadsheet.demo.canvas import Canvas, Colour, mix, rgb
from broadsheet.demo.palettes import DAWNS, INK, NIGHTS


def tram(canvas: Canvas) -> None:
    """A tram in a street of gables."""
    zenith, middle, low, _, near, light = canvas.pick(DAWNS)
    canvas.gradient((zenith, middle, low), 0, 800)
    canvas.glow(canvas.chance(300, 700), 300, 460, light, 55)
    _skyline(canvas, 640, mix(middle, near, 45), light, 14)
    canvas.gradient((mix(near, low, 30), mix(near, INK, 35)), 700, 1000)
    x, body = canvas.chance(150, 330), rgb(("#c8452f", "#1f7a74", "#d79a2b", "#31568c")[canvas.chance(0, 3)])
    canvas.stroke([(0, 290), (1000, 270)], mix(near, INK, 60), 2)
    canvas.stroke([(x + 220, 280), (x + 260, 340), (x + 220, 400)], INK, 4)
    canvas.box(x, 400, x + 540, 780, body)
    canvas.box(x, 640, x + 540, 668, rgb("#f2ead8"))
    for window in range(6):
        canvas.box(x + 18 + 87 * window, 450, x + 86 + 87 * window, 600, mix(light, near, 25 + 6 * (window % 3)))
    for wheel in (70, 150, 390, 470):
        canvas.disc(x + wheel, 785, 26, INK)
    for rail in (815, 870):
        canvas.stroke([(0, rail), (1000, rail + 6)], mix(low, near, 30), 3)


def _skyline(canvas: Canvas, base: int, colour: Colour, light: Colour, houses: int) -> None:
    step = 1000 // houses
    for index in range(houses + 1):
        left, top = index * step - 10, base - canvas.chance(90, 280)
        shade = mix(colour, INK, canvas.chance(0, 28))
        canvas.box(left, top, left + step - 2, base + 80, shade)
        if canvas.chance(0, 2):
            canvas.shape([(left, top), (left + step // 2, top - 70), (left + step - 2, top)], shade)
        for row in range(top + 24, base + 40, 52):
            for column in range(left + 12, left + step - 18, 22):
                if canvas.chance(0, 9) > 5:
                    canvas.box(column, row, column + 9, row + 26, mix(light, colour, 25))


def town(canvas: Canvas) -> None:
    """A harbour town at dusk, its lights in the water."""
    zenith, middle, low, far, near, light = canvas.pick(NIGHTS)
    canvas.gradient((zenith, middle, low), 0, 640)
    for _ in range(90):
        canvas.disc(canvas.chance(0, 1000), canvas.chance(0, 320), 1, mix(light, zenith, canvas.chance(10, 70)))
    canvas.hills(430, 80, mix(middle, far, 50), 660)
    _skyline(canvas, 560, mix(far, near, 40), light, 17)
    canvas.water(640, near, far, light, canvas.chance(350, 650))


def blackout(canvas: Canvas) -> None:
    """A dark town with one lit window."""
    zenith, middle, low, far, near, light = canvas.pick(NIGHTS)
    canvas.gradient((zenith, middle, low), 0, 640)
    _skyline(canvas, 560, mix(near, INK, 50), mix(near, INK, 70), 15)
    x = canvas.chance(300, 700)
    canvas.glow(x, 470, 160, light, 90)
    canvas.box(x - 8, 450, x + 8, 490, light)
    canvas.water(640, near, far, light, x)


def circuit(canvas: Canvas) -> None:
    """Traces and nodes on a dark board."""
    dark, line, node = canvas.pick(
        (
            ("#0d1b2e", "#2f7fa8", "#ffc861"),
            ("#1a1230", "#7b5cc4", "#7ff0d0"),
            ("#0c2321", "#2f9b83", "#ffd1a8"),
            ("#221a14", "#b5793c", "#ffe8b8"),
        )
    )
    canvas.gradient((mix(dark, line, 25), dark, mix(dark, INK, 50)))
    canvas.glow(canvas.chance(250, 750), canvas.chance(250, 750), 460, line, 60)
    for _ in range(46):
        x, y = canvas.chance(0, 40) * 25, canvas.chance(0, 28) * 36
        turn, rise = canvas.chance(2, 9) * 25, canvas.chance(-4, 4) * 36
        end = (x + 2 * turn, y + rise)
        canvas.stroke([(x, y), (x + turn, y), (x + turn, y + rise), end], mix(dark, line, canvas.chance(45, 100)), 3)
        canvas.disc(*end, canvas.chance(5, 9), mix(line, node, canvas.chance(20, 100)))
    x, y = canvas.chance(380, 560), canvas.chance(340, 480)
    canvas.glow(x + 60, y + 90, 220, node, 55)
    canvas.box(x, y, x + 120, y + 190, mix(dark, INK, 30))
    canvas.box(x + 14, y + 22, x + 106, y + 168, mix(dark, node, 75))


def ward(canvas: Canvas) -> None:
    """A hospital corridor in perspective, light at its end."""
    wall, floor, door, light = canvas.pick(
        (
            ("#d7e4e3", "#8fb0b3", "#3f7f86", "#fffdf0"),
            ("#e6e0ee", "#a39bbd", "#5f5a92", "#fffaf0"),
            ("#e9e4d6", "#b3a98d", "#4f7d63", "#ffffff"),
        )
    )
    x, y = canvas.chance(430, 570), 430
    canvas.gradient((mix(wall, light, 60), wall))
    canvas.shape([(0, 1000), (1000, 1000), (x + 90, y + 130), (x - 90, y + 130)], floor)
    canvas.shape([(0, 0), (1000, 0), (x + 90, y - 110), (x - 90, y - 110)], mix(wall, light, 80))
    canvas.box(x - 90, y - 110, x + 90, y + 130, mix(light, wall, 20))
    canvas.glow(x, y, 330, light, 75)
    for side in (-1, 1):
        for near in (150, 260, 420):
            far_x, near_x = x + side * near, x + side * (near + near // 3)
            top, bottom = y - near * 3 // 4, y + near * 11 // 10
            canvas.shape(
                [(far_x, top), (near_x, top - near // 4), (near_x, bottom + near // 4), (far_x, bottom)],
                mix(door, wall, 55 - near // 10),
            )
    for lamp in range(4):
        top = 40 + 72 * lamp
        canvas.box(x - 90 + 14 * lamp, top, x + 90 - 14 * lamp, top + 22 - 4 * lamp, light)


def laboratory(canvas: Canvas) -> None:
    """Round cells under a lens."""
    ground, cell, core, light = canvas.pick(
        (
            ("#12324a", "#3f97a5", "#f2c46d", "#e8fbf6"),
            ("#3b1739", "#b3567f", "#ffd3a1", "#fff0ee"),
            ("#16392b", "#5da06a", "#f0e08d", "#f4ffe9"),
        )
    )
    canvas.gradient((mix(ground, cell, 35), ground))
    canvas.glow(500, 480, 620, mix(cell, light, 40), 70)
    for _ in range(60):
        x, y, radius = canvas.chance(0, 1000), canvas.chance(0, 1000), canvas.chance(14, 62)
        tone = mix(ground, cell, canvas.chance(45, 95))
        canvas.disc(x, y, radius, tone)
        canvas.ring(x, y, radius, mix(tone, light, 45), 2)
        canvas.disc(x + radius // 5, y - radius // 4, radius // 3, mix(tone, core, 70))


def batteries(canvas: Canvas) -> None:
    """Rows of battery containers, a plume over one of them."""
    zenith, middle, low, _, near, light = canvas.pick(DAWNS)
    canvas.gradient((zenith, middle, low), 0, 600)
    canvas.glow(canvas.chance(200, 800), 420, 420, light, 50)
    canvas.hills(520, 70, mix(middle, near, 50), 640)
    canvas.gradient((mix(low, near, 55), near), 600, 1000)
    smoke = canvas.chance(250, 700)
    for puff in range(16):
        canvas.glow(
            smoke + 14 * puff + canvas.chance(-20, 20), 600 - 36 * puff, 60 + 9 * puff, mix(INK, middle, 30 + 3 * puff), 65
        )
    for row in range(3):
        top, high = 600 + 90 * row, 100 + 34 * row
        for column in range(7 - row):
            width = 130 + 30 * row
            left = 20 + column * (width + 14) - 30 * row
            canvas.box(left, top, left + width, top + high, mix(rgb("#e8ebe6"), near, 14 + 12 * ((row + column) % 2)))
            canvas.box(left + 10, top + 18, left + width // 3, top + high - 14, mix(near, INK, 20))
            canvas.disc(left + width - 20, top + 24, 6, rgb("#5fc27e"))


def table(canvas: Canvas) -> None:
    """A laid table from above."""
    cloth, plate, food, leaf = canvas.pick(
        (
            ("#2f4a52", "#f4f1ea", "#e0893f", "#5f8f4a"),
            ("#6b2f3a", "#fbf7ef", "#e3b04b", "#7ea05a"),
            ("#c9b48d", "#ffffff", "#b8492f", "#456b3a"),
        )
    )
    canvas.gradient((mix(cloth, plate, 12), cloth))
    for stripe in range(0, 1000, 90):
        canvas.box(stripe, 0, stripe + 26, 1000, mix(cloth, plate, 9))
    for x, y, radius in (
        (canvas.chance(380, 480), 520, 210),
        (canvas.chance(760, 840), 300, 110),
        (canvas.chance(120, 190), 250, 90),
    ):
        canvas.disc(x + 10, y + 16, radius, mix(cloth, INK, 45))
        canvas.disc(x, y, radius, plate)
        canvas.ring(x, y, radius * 4 // 5, mix(plate, cloth, 18), 3)
        for _ in range(26):
            spread = radius // 2
            tone = mix(food, leaf, 100 * canvas.chance(0, 1)) if canvas.chance(0, 1) else mix(food, plate, 30)
            canvas.disc(x + canvas.chance(-spread, spread), y + canvas.chance(-spread, spread), radius // 8, tone)


def chart(canvas: Canvas) -> None:
    """An upward chart of nothing in particular."""
    canvas.gradient((rgb("#eaf2fb"), rgb("#c6d9ee")))
    height = 120
    for index in range(8):
        height += canvas.chance(20, 100)
        canvas.box(90 + 105 * index, 900 - height, 160 + 105 * index, 900, mix(rgb("#205090"), rgb("#53a0d8"), 12 * index))
    canvas.stroke([(90, 760), (300, 640), (520, 560), (720, 330), (930, 150)], rgb("#e08a2c"), 8)
    canvas.shape([(960, 110), (900, 140), (945, 195)], rgb("#e08a2c"))
