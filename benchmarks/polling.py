"""Polling N feeds of N hosts on loopback through an edition's own gathering, beside as many bare requests of the same library.

    python -m benchmarks.polling [--feeds N] [--known K]

Prints one JSON line. `ratio_full` and `ratio_unchanged`: feeds a second over bare requests a second, for the first poll of all
feeds, no two of which have an entry in common, and for one in which nothing had changed; a bare request reads its answer and
does nothing with it. Both are measured in turn, and the best of each counts. Bare requests are made in the event loop of uvloop
as it comes; `..._same_loop` sets ours beside those in the edition's own loop, which mends a fault of that (`edition/loop.py`).
`cpu_seconds` counts all processes that polled; `rss_mb` is the peak of the one that asked. With ``--known K`` a poll of N feeds
that are due is measured a second time among K that are known: `rss_mb_known`, and `rss_growth`, that over `rss_mb_few`, among
N; the limit is a memory that stays flat.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path


def _in_process(port: int, feeds: int, known: int, answer: Connection) -> None:
    from benchmarks.polls import among_known, polls  # not above: the process that reads feeds imports this module, as all do

    with tempfile.TemporaryDirectory() as folder:
        result = among_known(port, feeds, known, Path(folder)) if known else polls(port, feeds, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.send({**result, "rss_mb": round(peak, 1)})


def measured(port: int, feeds: int, known: int = 0) -> dict[str, object]:
    """What came of the work, in a process of its own, whose peak of memory is its alone."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_in_process, args=(port, feeds, known, theirs))
    process.start()
    theirs.close()
    try:
        result: dict[str, object] = ours.recv()
    except EOFError:
        raise SystemExit("polling: the measuring process ended without an answer") from None
    process.join()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--known", type=int, default=0, help="measure memory among so many sources known, too")
    options = parser.parse_args()
    from benchmarks.polls import farm

    with farm(options.feeds) as port:
        result = {"benchmark": "polling", "feeds": options.feeds, **measured(port, options.feeds)}
        if options.known:
            due = min(options.feeds, 1000)
            few, many = (measured(port, due, known) for known in (due, options.known))
            result |= {"known": options.known, "rss_mb_few": few["rss_mb"], "rss_mb_known": many["rss_mb"]}
            result["rss_growth"] = round(float(str(many["rss_mb"])) / float(str(few["rss_mb"])), 3)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
