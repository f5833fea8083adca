"""How well and how fast pages are read, against peers in the same run.

    python -m benchmarks.pages DIR [--peer trafilatura|newspaper4k|resiliparse]... [--misses]

DIR holds ``truth.jsonl`` and ``html/ID.html.gz``. Scores are those of ``bench/score_pages.py`` beside the data; speeds are
pages a CPU second after one warm-up page, with all modules loaded, the readers taking turns. A page that a peer cannot read
counts as read with nothing found. ``--misses`` lists on standard error what is wrong in each page. Prints one JSON line last.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from broadsheet.errors import ReadError
from broadsheet.models import Article, Page
from broadsheet.read import read_article

Truth = dict[str, Any]
Annotated = tuple[Truth, bytes]
Reader = Callable[[Truth, bytes], dict[str, Any]]
Scorer = Callable[[list[Truth], dict[str, Any]], dict[str, Any]]
LATE = ("trafilatura", "htmldate")  # loaded by us on the first page that needs them: not part of reading a page
TURN = 10  # pages
FIELDS = {"title": "title", "body_f1": "body", "segments_f1": "body", "date_day": "published", "date_minute": "published",
          "authors_f1": "authors", "image": "image"}  # fmt: skip
GOOD_BODY = 0.95  # F1 above which a text counts as right
MAX_SAID = 200  # characters of a value that are shown
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Run(NamedTuple):
    """What a reader made of each page, and how many pages a CPU second."""

    predicted: dict[str, Any]
    pages_per_second: float


def load(folder: Path) -> list[Annotated]:
    """The annotated pages of a folder that are there, each with its bytes."""
    pages = []
    for line in (folder / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        path = folder / "html" / f"{truth['id']}.html.gz"
        if path.exists():
            pages.append((truth, gzip.decompress(path.read_bytes())))
    return pages


def prediction(article: Article) -> dict[str, Any]:
    """An article in the words of the scoring script."""
    return {
        "title": article.title,
        "body": article.text,
        "published": article.published_at.isoformat() if article.published_at else "",
        "authors": list(article.authors),
        "image": article.images[0].url if article.images else "",
        "logo": article.provider.images[0].url if article.provider.images else "",
        "site": article.provider.name,
        "lang": article.language,
        "canonical": article.web_url,
        "amp": article.amp_url,
    }


def page_of(truth: Truth, content: bytes) -> Page:
    url = truth.get("url") or f"https://unknown.example/{truth['id']}"
    return Page(url=url, final_url=url, status=200, headers={"content-type": "text/html"}, content=content, fetched_at=AT)


def broadsheet(*, fast: bool) -> Reader:
    def read(truth: Truth, content: bytes) -> dict[str, Any]:
        try:
            return prediction(read_article(page_of(truth, content), fast=fast))
        except ReadError as error:
            print(f"{truth['id']}: {error}", file=sys.stderr)
            return {}

    return read


def trafilatura(truth: Truth, content: bytes) -> dict[str, Any]:
    from trafilatura import bare_extraction

    found = bare_extraction(content, url=truth.get("url"), include_comments=False, with_metadata=True)
    if found is None:
        return {}
    values = found if isinstance(found, dict) else found.as_dict()
    names = (values.get("author") or "").split("; ")
    return {
        "title": values["title"],
        "body": values["text"],
        "published": values["date"],
        "authors": names,
        "image": values["image"],
        "site": values["sitename"],
    }


def newspaper4k(truth: Truth, content: bytes) -> dict[str, Any]:
    from newspaper import Article as Paper  # type: ignore[import-not-found,import-untyped,unused-ignore]

    paper = Paper(truth.get("url") or "https://unknown.example/", fetch_images=False)  # it would ask the network
    try:
        paper.download(input_html=content.decode("utf-8", "replace"))
        paper.parse()
    except Exception:  # noqa: BLE001 it raises many things on real pages
        return {}
    date = paper.publish_date.isoformat() if paper.publish_date else ""
    return {"title": paper.title, "body": paper.text, "published": date, "authors": paper.authors, "image": paper.top_image}


def resiliparse(truth: Truth, content: bytes) -> dict[str, Any]:
    from resiliparse.extract.html2text import extract_plain_text  # type: ignore[import-not-found,unused-ignore]
    from resiliparse.parse.html import HTMLTree  # type: ignore[import-not-found,unused-ignore]

    tree = HTMLTree.parse_from_bytes(content)
    return {"title": tree.title, "body": extract_plain_text(tree, main_content=True)}


PEERS: dict[str, tuple[str, Reader]] = {
    "trafilatura": ("trafilatura", trafilatura),
    "newspaper4k": ("newspaper", newspaper4k),
    "resiliparse": ("resiliparse", resiliparse),
}


def scorer(folder: Path) -> Scorer:
    """The function ``score`` of the scoring script, found beside the data."""
    path = next(
        parent / "bench" / "score_pages.py"
        for parent in folder.resolve().parents
        if (parent / "bench" / "score_pages.py").exists()
    )
    spec = importlib.util.spec_from_file_location("score_pages", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    score: Scorer = module.score
    return score


def run(pages: list[Annotated], readers: dict[str, Reader]) -> dict[str, Run]:
    """Predictions by page and pages a CPU second of each reader.

    The readers take turns over a few pages each, so that whatever else the machine does slows them all alike.
    """
    for module in LATE:
        importlib.import_module(module)
    predicted: dict[str, dict[str, Any]] = {name: {} for name in readers}
    seconds = dict.fromkeys(readers, 0.0)
    for read in readers.values():
        read(*pages[0])
    for start in range(0, len(pages), TURN):
        for name, read in readers.items():
            gc.collect()
            begun = time.process_time()
            for truth, content in pages[start : start + TURN]:
                predicted[name][truth["id"]] = read(truth, content)
            seconds[name] += time.process_time() - begun
    return {name: Run(predicted[name], len(pages) / seconds[name]) for name in readers}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", choices=sorted(PEERS), action="append", default=[])
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args(arguments)
    pages, score = load(options.folder), scorer(options.folder)
    readers = {"": broadsheet(fast=False), "fast_": broadsheet(fast=True)}
    peers = [peer for peer in options.peer if importlib.util.find_spec(PEERS[peer][0])]
    runs = run(pages, readers | {f"{peer}_": PEERS[peer][1] for peer in peers})
    truths = [truth for truth, _ in pages]
    result: dict[str, Any] = {}
    for prefix, (predicted, speed) in runs.items():
        scores = score(truths, predicted)
        result |= {f"{prefix}{name}": value for name, value in scores.items() if not prefix or name not in ("n", "pages")}
        result[f"{prefix}pages_per_second"] = round(speed, 1)
    for peer in options.peer:
        result |= ratios(runs, peer)
    if options.misses:
        for truth in truths:
            for line in misses(truth, runs[""].predicted[truth["id"]], score):
                print(line, file=sys.stderr)
    print(json.dumps(result))


def ratios(runs: dict[str, Run], peer: str) -> dict[str, Any]:
    """How many times faster than the peer each setting is; says so when the peer is not installed."""
    if f"{peer}_" not in runs:
        return {f"{peer}_missing": True}
    slow = runs[f"{peer}_"].pages_per_second
    return {f"{prefix}ratio_{peer}": round(runs[prefix].pages_per_second / slow, 2) for prefix in ("", "fast_")}


def misses(truth: Truth, predicted: dict[str, Any], score: Scorer) -> list[str]:
    """What is wrong in one page, a line a field: what it should be and what it is."""
    scores = score([truth], {truth["id"]: predicted})
    lines = []
    for name, field in FIELDS.items():
        value = scores.get(name)
        if isinstance(value, int | float) and value < (GOOD_BODY if field == "body" else 1):
            want, got = (_said(said, field) for said in (truth, predicted))
            lines.append(f"{truth['id']}: {name} {value:.2f}: {want} <- {got}")
    return lines


def _said(values: dict[str, Any], field: str) -> str:
    if field == "image" and "images" in values:
        return ", ".join(version["url"] for image in values["images"] for version in image[:1])[:MAX_SAID]
    value = values.get(field, "")
    return f"{len(value)} characters" if field == "body" else str(value)[:MAX_SAID]


if __name__ == "__main__":
    main()
