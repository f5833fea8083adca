"""How well a story's related articles report the lead's own event: `python -m benchmarks.related RECORDS.jsonl`.

A line a record: `title`, `excerpt`, `publishedDateTime`, `provider.domain`, and `related` with the same fields and
`same_event`, a reader's judgement. All articles are judged as one batch with the default settings. A pair of lead and related
is found when both are in one story and their kinship reaches the setting. Beside it, in the same run, the best precision at a
recall of 0.80 when that threshold is moved, and the same of a peer: overlap of title words (Jaccard). Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from broadsheet.curate import Stream, curate, prepare
from broadsheet.curate.kinship import kinship
from broadsheet.curate.terms import terms
from broadsheet.models import Article, Member, Provider
from broadsheet.settings import CurateSettings

RECALL = 0.8


class Pair(NamedTuple):
    lead: Article
    other: Article
    same: bool


def article(row: Mapping[str, Any], key: str) -> Article:
    return Article(
        key=key,
        original_url=f"https://{row['provider']['domain']}/{key}",
        web_url=f"https://{row['provider']['domain']}/{key}",
        title=row["title"],
        excerpt=row.get("excerpt", ""),
        language="en",
        provider=Provider(name=row["provider"]["domain"], domain=row["provider"]["domain"]),
        published_at=datetime.fromisoformat(row["publishedDateTime"]),
    )


def pairs(path: Path) -> list[Pair]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf8").splitlines()):
        record = json.loads(line)
        lead = article(record, f"{number:03}")
        for place, other in enumerate(record.get("related") or ()):
            found.append(Pair(lead, article(other, f"{number:03}-{place:02}"), bool(other["same_event"])))
    return found


def kinships(found: Sequence[Pair]) -> list[float]:
    """For each pair how much both articles are about one event; -1 where they are not in one story."""
    articles = {a.key: a for pair in found for a in (pair.lead, pair.other)}
    batch = [prepare(a) for a in articles.values()]
    settings = CurateSettings(only_topics=False)
    curated = curate(batch, stream=Stream(), stories={}, copies={}, topics=(), settings=settings)
    members = {j.key: Member(article=articles[j.key], judgement=j) for j in curated.judgements}
    both = [(members[pair.lead.key], members[pair.other.key]) for pair in found]
    return [kinship(a, b) if a.judgement.story == b.judgement.story else -1.0 for a, b in both]


def precision_recall(found: Sequence[bool], same: Sequence[bool]) -> tuple[float, float]:
    hits = sum(f and s for f, s in zip(found, same, strict=True))
    return hits / sum(found) if any(found) else 1.0, hits / sum(same)


def jaccard(pair: Pair) -> float:
    one, other = set(terms([pair.lead.title])), set(terms([pair.other.title]))
    return len(one & other) / len(one | other)


def at_recall(options: Sequence[tuple[float, float]], recall: float) -> float:
    """The best precision among those that reach a recall."""
    return max((p for p, r in options if r >= recall), default=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    found = pairs(parser.parse_args().file)
    same = [pair.same for pair in found]
    kin = kinships(found)
    threshold = CurateSettings().related_threshold
    precision, recall = precision_recall([value >= threshold for value in kin], same)
    curve = [precision_recall([value >= limit for value in kin], same) for limit in sorted(set(kin))]
    titles = [jaccard(pair) for pair in found]
    peer = [precision_recall([value >= limit for value in titles], same) for limit in sorted(set(titles))]
    figures = {
        "precision": precision,
        "recall": recall,
        "precision_at_recall_0.80": at_recall(curve, RECALL),
        "peer_precision_at_recall_0.80": at_recall(peer, RECALL),
    }
    print(json.dumps({"pairs": len(found), "same_event": sum(same), **{k: round(v, 4) for k, v in figures.items()}}))


if __name__ == "__main__":
    main()
