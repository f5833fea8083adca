"""The motifs that the press's pictures can have, by name."""

from __future__ import annotations

from collections.abc import Callable

from broadsheet.demo import seascapes, townscapes
from broadsheet.demo.canvas import Canvas

SCENES: dict[str, Callable[[Canvas], None]] = {
    "turbines": seascapes.turbines,
    "ferry": seascapes.ferry,
    "aground": seascapes.aground,
    "quay": seascapes.quay,
    "cable": seascapes.cable,
    "lighthouse": seascapes.lighthouse,
    "storm": seascapes.storm,
    "shells": seascapes.shells,
    "bridge": seascapes.bridge,
    "tram": townscapes.tram,
    "town": townscapes.town,
    "blackout": townscapes.blackout,
    "circuit": townscapes.circuit,
    "ward": townscapes.ward,
    "laboratory": townscapes.laboratory,
    "batteries": townscapes.batteries,
    "table": townscapes.table,
    "chart": townscapes.chart,
}
