"""Pictures of the sea and of what is on, under and beside it. Each function draws one motif on a canvas."""

from __future__ import annotations

from broadsheet.demo.canvas import Canvas, Colour, mix, rgb
from broadsheet.demo.palettes import DAWNS, INK, NIGHTS


def _shore(canvas: Canvas, horizon: int, palettes: tuple[tuple[str, ...], ...] = DAWNS) -> tuple[Colour, ...]:
    """Sky, sun, far hills and sea: what most scenes begin with. Returns the palette."""
    zenith, middle, low, far, near, light = palette = canvas.pick(palettes)
    canvas.gradient((zenith, middle, low), 0, horizon + 20)
    sun = canvas.chance(220, 780)
    height = horizon - canvas.chance(70, 220)
    canvas.glow(sun, height, 420, light, 55)
    canvas.disc(sun, height, canvas.chance(24, 36), mix(light, low, 15))
    for layer in range(3):
        canvas.hills(horizon - 70 + 28 * layer, 44 - 10 * layer, mix(low, far, 35 + 30 * layer), horizon + 20)
    canvas.water(horizon, near, far, light, sun)
    return palette


def turbines(canvas: Canvas) -> None:
    """Tidal machines: masts and platforms in a strait, the rotors showing in the swell."""
    horizon = canvas.chance(430, 520)
    far, near, light = _shore(canvas, horizon)[3:]
    for index in range(5):
        x, scale = 110 + 190 * index + canvas.chance(-40, 40), 60 + canvas.chance(0, 25) + 12 * (index % 3)
        base = horizon + 40 + scale
        dark = mix(mix(far, near, 70), INK, 55)
        canvas.box(x - scale // 12, base - 2 * scale, x + scale // 12, base + scale, dark)
        canvas.shape(
            [(x - scale // 2, base), (x + scale // 2, base), (x + scale // 3, base + 26), (x - scale // 3, base + 26)], dark
        )
        canvas.box(x - scale // 4, base - scale, x + scale // 4, base - scale + 14, rgb("#e0a03a"))
        canvas.disc(x, base - 2 * scale, 5, light)
        for width in (70, 100, 130):
            canvas.stroke(
                [(x - width * scale // 130, base + width // 2), (x + width * scale // 130, base + width // 2)],
                mix(near, light, 35),
                2,
            )


def ferry(canvas: Canvas) -> None:
    """A ferry on its way, lit windows and a wake behind it."""
    horizon = canvas.chance(470, 540)
    near, light = _shore(canvas, horizon, DAWNS + NIGHTS[:2])[4:]
    x, y = canvas.chance(300, 470), horizon + canvas.chance(60, 120)
    hull, white = mix(near, INK, 50), rgb("#eef1ef")
    canvas.shape([(x - 230, y), (x + 270, y), (x + 225, y + 90), (x - 200, y + 90)], hull)
    canvas.box(x - 222, y + 10, x + 262, y + 22, rgb("#b8322a"))
    canvas.box(x - 200, y - 70, x + 190, y, white)
    canvas.box(x - 150, y - 125, x + 130, y - 70, mix(white, near, 8))
    canvas.shape([(x + 40, y - 170), (x + 120, y - 170), (x + 140, y - 125), (x + 30, y - 125)], mix(white, near, 14))
    canvas.box(x - 95, y - 210, x - 40, y - 125, rgb("#b8322a"))
    canvas.box(x - 95, y - 210, x - 40, y - 190, hull)
    for row, left, right in ((y - 50, -180, 170), (y - 105, -135, 110)):
        for window in range(left, right, 30):
            canvas.box(x + window, row, x + window + 18, row + 22, mix(light, near, 20))
    for step in range(14):
        canvas.stroke(
            [(x - 210 - 22 * step, y + 84 + 3 * step), (x + 200 - 30 * step, y + 96 + 5 * step)],
            mix(near, light, 46 - 3 * step),
            2,
        )


def aground(canvas: Canvas) -> None:
    """The same ferry in fog."""
    ferry(canvas)
    for y, height, percent in ((330, 260, 75), (560, 200, 70), (760, 220, 60)):
        canvas.mist(y + canvas.chance(-40, 40), height, rgb("#cfd6d8"), percent)


def quay(canvas: Canvas) -> None:
    """A harbour: cranes, stacked containers, a ship at the quay."""
    horizon = canvas.chance(560, 620)
    near, light = _shore(canvas, horizon)[4:]
    dark = mix(near, INK, 45)
    for x in (canvas.chance(120, 200), canvas.chance(400, 480), canvas.chance(690, 760)):
        top = canvas.chance(200, 270)
        canvas.box(x, top, x + 14, horizon + 60, dark)
        canvas.box(x + 70, top + 40, x + 84, horizon + 60, dark)
        canvas.box(x - 90, top, x + 190, top + 16, dark)
        canvas.stroke([(x - 88, top), (x + 7, top - 90), (x + 186, top)], dark, 4)
        canvas.stroke([(x - 60, top), (x - 60, top + canvas.chance(60, 190))], dark, 2)
        canvas.disc(x + 7, top - 92, 5, light)
    colours = [rgb(text) for text in ("#b4472f", "#2f6f8f", "#d9a441", "#4d7f5a", "#7a5a86", "#c9c3b4")]
    for column in range(14):
        for level in range(canvas.chance(1, 4)):
            left, top = 30 + 68 * column, horizon + 40 - 42 * level
            canvas.box(left, top, left + 64, top + 39, mix(colours[canvas.chance(0, 5)], near, 22))
    canvas.box(0, horizon + 80, 1000, horizon + 112, dark)


def cable(canvas: Canvas) -> None:
    """A cable ship and the line it lays, seen through the water."""
    horizon = 330
    far, near, light = _shore(canvas, horizon)[3:]
    x = canvas.chance(480, 640)
    canvas.gradient((far, near, mix(near, INK, 60)), horizon + 40, 1000)
    canvas.shape([(x - 170, horizon), (x + 200, horizon), (x + 160, horizon + 70), (x - 150, horizon + 70)], mix(near, INK, 55))
    canvas.box(x + 70, horizon - 80, x + 150, horizon, rgb("#e8ebe6"))
    canvas.stroke([(x - 140, horizon), (x - 90, horizon - 100), (x - 60, horizon)], INK, 4)
    line = [(x - 160, horizon + 10), (x - 220, 520), (x - 320, 720), (x - 460, 830), (x - 900, 880)]
    canvas.stroke(line, rgb("#e0a03a"), 6)
    canvas.hills(900, 36, mix(near, INK, 75))
    for _ in range(60):
        canvas.disc(
            canvas.chance(0, 1000),
            canvas.chance(horizon + 90, 860),
            canvas.chance(1, 3),
            mix(near, light, canvas.chance(10, 45)),
        )


def lighthouse(canvas: Canvas) -> None:
    """A lighthouse on a head of rock, its beam over the sea."""
    horizon = canvas.chance(560, 620)
    near, light = _shore(canvas, horizon, NIGHTS)[4:]
    x = canvas.chance(620, 760)
    canvas.shape([(x, 240), (0, 120), (0, 330)], mix(near, light, 40))
    canvas.glow(x, 240, 230, light, 90)
    rock = mix(near, INK, 45)
    canvas.shape([(x - 330, 1000), (x - 150, 720), (x - 60, 640), (x + 80, 640), (x + 200, 760), (x + 420, 1000)], rock)
    white = mix(rgb("#f3efe6"), near, 15)
    canvas.shape([(x - 34, 280), (x + 34, 280), (x + 52, 650), (x - 52, 650)], white)
    for band in (360, 500):
        canvas.shape([(x - 40, band), (x + 40, band), (x + 45, band + 70), (x - 45, band + 70)], rgb("#b8322a"))
    canvas.box(x - 30, 205, x + 30, 280, light)
    canvas.shape([(x - 38, 205), (x + 38, 205), (x, 150)], rgb("#b8322a"))


def storm(canvas: Canvas) -> None:
    """Heavy sea under a breaking sky, rain across it."""
    high, low, sea, foam = canvas.pick(
        (
            ("#1c2733", "#65788a", "#22404d", "#dfe9ea"),
            ("#241f33", "#7b7391", "#2b3452", "#e6e3f0"),
            ("#17302f", "#6f8d86", "#1b4a49", "#e6f3ec"),
        )
    )
    canvas.gradient((high, mix(high, low, 60), mix(low, foam, 35)), 0, 560)
    for _ in range(26):
        canvas.glow(
            canvas.chance(0, 1000), canvas.chance(0, 330), canvas.chance(110, 260), mix(high, low, canvas.chance(0, 70)), 80
        )
    for layer in range(6):
        base = 500 + 85 * layer
        canvas.hills(base - 8, 46 + 7 * layer, mix(mix(sea, low, 50 - 8 * layer), foam, 26))
        canvas.hills(base + 14, 46 + 7 * layer, mix(sea, low, 46 - 8 * layer))
    for _ in range(240):
        x, y = canvas.chance(-100, 1000), canvas.chance(-50, 1000)
        canvas.stroke([(x, y), (x + 18, y + 70)], mix(sea, foam, canvas.chance(35, 70)), 1)


def shells(canvas: Canvas) -> None:
    """Shells on wet sand."""
    sand, wet, foam, shell = canvas.pick(
        (("#e3cfa8", "#b9986b", "#f7f4ea", "#c77d62"), ("#d9cdbd", "#93867a", "#f4f1ee", "#7a6f8a"))
    )
    canvas.gradient((wet, mix(wet, sand, 60), sand))
    for layer in range(3):
        canvas.hills(90 + 90 * layer, 34, mix(foam, wet, 10 + 16 * layer), 130 + 90 * layer)
    for _ in range(16):
        x, y, size = canvas.chance(60, 940), canvas.chance(380, 940), canvas.chance(24, 56)
        tone = mix(shell, foam, canvas.chance(0, 55))
        canvas.disc(x + 5, y + 8, size, mix(sand, wet, 70))
        canvas.disc(x, y, size, tone)
        for rib in range(-3, 4):
            canvas.stroke([(x, y + size), (x + rib * size // 4, y - size)], mix(tone, INK, 22), 2)


def bridge(canvas: Canvas) -> None:
    """A slender bridge over an inlet."""
    horizon = canvas.chance(520, 580)
    near = _shore(canvas, horizon)[4]
    dark = mix(near, INK, 40)
    deck = horizon - 60
    for tower in (300, 700):
        canvas.box(tower - 8, deck - 320, tower + 8, horizon + 120, dark)
        for reach in range(40, 300, 40):
            canvas.stroke([(tower, deck - 310), (tower - reach, deck)], dark, 2)
            canvas.stroke([(tower, deck - 310), (tower + reach, deck)], dark, 2)
    canvas.box(0, deck, 1000, deck + 18, dark)
