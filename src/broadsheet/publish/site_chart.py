"""A story's heat over time, drawn from the times of its reports alone, so that it never depends on the clock. Pure."""

from __future__ import annotations

from datetime import datetime

from broadsheet.models import PublishedStory, Value
from broadsheet.publish.site_view import in_utc, timeline

WIDTH, HEIGHT = 320, 96  # units of the drawing; room of 4 is left at each side
EDGE = 4


class Chart(Value, frozen=True):
    """A line of steps as the path of an SVG, with what it says in numbers.

    ``base`` is a line at the height of the lead's quality, ``dots`` has a point for each outlet.
    """

    line: str
    area: str
    base: str
    dots: str
    first: datetime
    last: datetime
    low: int
    high: int
    outlets: int
    minutes: int


def heat_chart(story: PublishedStory) -> Chart | None:
    """How heat rose with each outlet that joined; None when a story has no two dated reports of different outlets and times.

    It begins with the lead's quality and ends with the heat before expiry; what lies between is shared evenly by the outlets
    that joined, as copies of one text are not told apart in a record.
    """
    record = story.record
    times = _joined(story)
    low = record.quality or 0
    high = round(sum(part.points for part in story.why_heat.parts if part.points > 0)) or max(record.heat or 0, low)
    if len(times) < 2 or times[0] == times[-1] or high <= low:
        return None
    span = (times[-1] - times[0]).total_seconds()
    across = [EDGE + (WIDTH - 2 * EDGE) * (at - times[0]).total_seconds() / span for at in times]
    up = [HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (low + (high - low) * n / (len(times) - 1)) / high for n in range(len(times))]
    line = f"M{across[0]:.1f},{up[0]:.1f}" + "".join(f"H{x:.1f}V{y:.1f}" for x, y in zip(across[1:], up[1:], strict=True))
    area = f"{line}V{HEIGHT}H{across[0]:.1f}Z"
    return Chart(
        line=line,
        area=area,
        base=f"M{EDGE},{up[0]:.1f}H{WIDTH - EDGE}",
        dots="".join(f"M{x:.1f},{y:.1f}h0" for x, y in zip(across, up, strict=True)),
        first=times[0],
        last=times[-1],
        low=low,
        high=high,
        outlets=len(times),
        minutes=int(span // 60),
    )


def _joined(story: PublishedStory) -> list[datetime]:
    """When each outlet reported first, in order."""
    first: dict[str, datetime] = {}
    for report in timeline(story.record):
        if report.at and report.provider:
            first.setdefault(report.provider.domain, in_utc(report.at))
    return sorted(first.values())
