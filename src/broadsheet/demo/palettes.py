"""Palettes that several of the press's pictures share."""

from __future__ import annotations

from broadsheet.demo.canvas import rgb

# Sky from zenith to horizon, then far and near water or land, then the light's colour.
DAWNS = (
    ("#20355e", "#a86a7c", "#f6c48c", "#6f7f97", "#16304a", "#ffe6bd"),
    ("#2b4a6f", "#7fa6b8", "#f3dfb9", "#7f9fa6", "#1f4655", "#fff3d0"),
    ("#372a55", "#b6607a", "#f8b07a", "#84657f", "#221f3d", "#ffd9a0"),
    ("#16414f", "#5fa39c", "#f2e2a8", "#629c98", "#0f3a41", "#fff6c8"),
    ("#40506b", "#9fb0bf", "#e9e4da", "#8c9eac", "#34495a", "#ffffff"),
)
NIGHTS = (
    ("#0a1028", "#1d2b52", "#4b4f7c", "#232e50", "#090f22", "#ffd88a"),
    ("#08161c", "#123a43", "#3e6f6b", "#1b4347", "#06161a", "#c9f5df"),
    ("#150c24", "#3a1f4a", "#7c4567", "#3a2448", "#120a1e", "#ffb38a"),
)
INK = rgb("#10161f")
