"""How well articles are grouped on average over many draws of a file: `python -m benchmarks.resampling FILE…`.

One figure over one file says little about the next file: it moves with which events happen to be neighbours and with where a
block or a batch ends. So the file is drawn again and again, always from the same seeds, and BCubed F1 is given as mean,
standard deviation and least over the draws of each kind:

- `stories`: half of the gold stories; `articles`: two thirds of the articles;
- `offsets`: the file without its first articles, so that blocks end elsewhere, and other keys, so that the order within a
  minute is another;
- `windows`: a third of the file, one after another in time (half a third apart);
- `batches`: the whole file in batches of 50 to 4,000, as an edition takes it.

Files without dates are in no order, and are shuffled for each draw. The setting is the default one. One JSON line a file.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

from benchmarks.stories import article, grouped, in_batches, rows, score

DRAWS = 20
OFFSET = 40  # articles
BATCHES = (50, 100, 200, 400, 1000, 2000, 4000)

Row = dict[str, Any]


def draws(lines: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """What is drawn from a file, with its kind."""
    dated = all(row.get("published") for row in lines)
    stories = sorted({row["story"] for row in lines})
    for seed in range(DRAWS):
        draw = random.Random(seed)
        rest = list(lines)
        if not dated:
            draw.shuffle(rest)
        half = set(draw.sample(stories, len(stories) // 2))
        yield "stories", [row for row in rest if row["story"] in half]
        yield "articles", [row for row in rest if draw.random() < 2 / 3]
        yield "offsets", [row | {"id": _salted(row["id"], seed)} for row in rest[seed * OFFSET * dated :]]
    third = len(lines) // 3
    for start in range(0, len(lines) - third + 1, third // 2):
        yield "windows", list(lines[start : start + third])


def _salted(key: str, seed: int) -> str:
    return blake2b(f"{seed} {key}".encode(), digest_size=8).hexdigest()


def f1(lines: Sequence[Row], batch: int = 0) -> float:
    articles = [article(row, number) for number, row in enumerate(lines)]
    if batch:
        found = in_batches(articles, batch)
    else:
        found = {judgement.key: judgement.story for judgement in grouped(articles)[0].judgements}
    return score({str(row["id"]): str(row["story"]) for row in lines}, found)["bcubed_f1"]


def resampled(lines: Sequence[Row]) -> dict[str, list[float]]:
    """BCubed F1 of each draw, by kind."""
    figures: dict[str, list[float]] = {}
    for kind, drawn in draws(lines):
        figures.setdefault(kind, []).append(f1(drawn))
    figures["batches"] = [f1(lines, size) for size in BATCHES]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    for path in parser.parse_args().files:
        figures = resampled(rows(path))
        told = {kind: {"mean": mean(v), "sd": pstdev(v), "least": min(v), "draws": len(v)} for kind, v in figures.items()}
        told["all"] = {"mean": mean(one["mean"] for one in told.values())}
        print(json.dumps({"file": path.name, **{k: {n: round(x, 4) for n, x in v.items()} for k, v in told.items()}}))


if __name__ == "__main__":
    main()
