"""A served newsroom with a store of N generated articles: its front page, a story, and searches, at 32 connections on one core.

    python -m benchmarks.serve [--articles N] [--postgres] [--grow] [--seconds S] [--keep FOLDER]

Prints one JSON line. `front_rps` is of the front page's file, `story_rps` of a story's page, `search_rps` of searches for
stories with a word that is in one of a hundred articles, whose page has the usual ten; `longer` are the same with pages of 25.
`rare`, `phrase` and `articles` are searches for a rare word, for a phrase with filters, and for articles with such a word.
No two searches in a row are alike; no answer is kept. Of each: requests a second, `p50_ms` and `p99_ms` until the answer, and
`cpu_ms`, the server's processor time for a request, that of the database's own processes included. `front_ratio` is `front_rps`
over the rate at which the same server sends a bare response of the same size; `memory_mb` the most memory that its process
took. With `--grow` also `search_growth`: the `cpu_ms` of `search` at N over that at N / 10.

The server, `broadsheet serve` as it is, and PostgreSQL run on one core, the client on another. `--keep` keeps the filled store
in that folder, or takes the one that is there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

from benchmarks import stock
from benchmarks.asking import Asked, ask
from broadsheet.edition.publishing import write_pages
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.store import Database, shelf
from tests.postgres import new_database, running

QUERIES = 500  # different searches of each kind
ROUNDS = 3  # of which the best counts
MEMORY = "512MB"  # PostgreSQL's shared_buffers, as the manual advises
WARM = 0.5  # seconds of each kind before anything is measured
BARE = """
import socket, sys, uvicorn
from broadsheet.serve.run import Door, _listen
content = b"x" * int(sys.argv[1])
headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", sys.argv[1].encode())]
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})
listening = _listen(Door(port=0))
print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")).run([listening])
"""


class Server:
    """A server in a process of its own, on one core."""

    def __init__(self, command: Sequence[str], core: int, beside: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        os.sched_setaffinity(self._process.pid, {core})
        self._beside = beside
        assert self._process.stdout is not None
        said = re.search(r"http://[\d.]+:(\d+)/", self._process.stdout.readline())
        if said is None:
            raise SystemExit("serve: the server did not start")
        self.port = int(said[1])

    def cpu(self) -> float:
        """Processor seconds so far, of the processes beside it and their children too."""
        return sum(_cpu(pid) for pid in (self._process.pid, *_family(self._beside)))

    def memory(self) -> float:
        """The most it took, in megabytes."""
        said = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self._process.pid}/status").read_text())
        return int(said[1]) / 1024 if said else 0.0

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        if self._process.stdout is not None:
            self._process.stdout.close()


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _family(pids: Sequence[int]) -> list[int]:
    """Those processes and their children, however deep."""
    found = list(pids)
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


# --- what is asked for ---------------------------------------------------------------------------------------------------


def addresses(story: str) -> dict[str, list[str]]:
    """What is asked for, by what it is called."""
    dice = random.Random(7)
    common, rare = stock.words_in(0.01, 100), stock.words_in(0.0001, QUERIES)
    often = [stock.word(rank) for rank in range(30)]
    phrases = [
        f'"{dice.choice(often)} {dice.choice(often)}" topic:"topic {dice.randrange(10)}" lang:en' for _ in range(QUERIES)
    ]
    return {
        "front": ["/"],
        "story": [story],
        "search": _searches("story", common),
        "longer": [f"{address}&limit=25" for address in _searches("story", common)],
        "rare": _searches("story", rare),
        "phrase": _searches("story", phrases),
        "articles": _searches("article", common),
    }


def _searches(kind: str, queries: Sequence[str]) -> list[str]:
    return [f"/api/v1/search?kind={kind}&q={quote(query)}" for query in queries]


# --- measuring -----------------------------------------------------------------------------------------------------------


@contextmanager
def serving(newsroom: Newsroom, core: int, beside: Sequence[int]) -> Iterator[Server]:
    command = [sys.executable, "-m", "broadsheet", "serve", "-C", str(newsroom.folder), "--port", "0", "--no-editions"]
    server = Server(command, core, beside)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def bare(size: int, core: int) -> Iterator[Server]:
    server = Server([sys.executable, "-c", BARE, str(size)], core)
    try:
        yield server
    finally:
        server.stop()


def measured(server: Server, paths: Sequence[str], length: float) -> tuple[Asked, float]:
    """One round: what was told of it, and the server's milliseconds a request."""
    before = server.cpu()
    told = ask(server.port, paths, length)
    return told, 1000 * (server.cpu() - before) / told.count


def measure(newsroom: Newsroom, core: int, beside: Sequence[int], length: float) -> dict[str, float]:
    """All that is asked for of one newsroom, in rounds so that what else the machine does falls on all of it."""
    story = sorted((newsroom.output / "stories").iterdir())[-1].name
    asked, best = addresses(f"/stories/{story}/"), dict[str, float]()
    with serving(newsroom, core, beside) as server:
        sizes = {name: ask(server.port, paths, WARM).size for name, paths in asked.items()}
        with bare(sizes["front"], core) as plain:
            for _ in range(ROUNDS):
                _note(best, "bare", *measured(plain, ["/"], length))
                for name, paths in asked.items():
                    _note(best, name, *measured(server, paths, length))
        best["memory_mb"] = server.memory()
    best["front_ratio"] = best["front_rps"] / best["bare_rps"]
    return best


def _note(best: dict[str, float], name: str, told: Asked, cpu: float) -> None:
    """Keep the best of what was measured: all else is the machine's other work."""
    best[f"{name}_rps"] = max(told.rps, best.get(f"{name}_rps", 0.0))
    for key, value in (("p50_ms", told.p50_ms), ("p99_ms", told.p99_ms), ("cpu_ms", cpu)):
        best[f"{name}_{key}"] = min(value, best.get(f"{name}_{key}", value))


def paper(folder: Path, store: str, count: int) -> Newsroom:
    """A newsroom with a filled store and its front page; the one that is there when it was kept."""
    if (folder / "public/index.html").exists():
        return open_newsroom(folder)
    make_newsroom(folder, new_key())
    if store:
        with (folder / "broadsheet.toml").open("a") as file:
            file.write(f'\n[store]\nurl = "{store}"\n')
    newsroom = open_newsroom(folder)
    with closing(Database(newsroom.store_url)) as database:
        stock.fill(database, count)
        with database.transaction() as connection:
            for _ in write_pages(connection, newsroom.settings, newsroom.output, None):
                pass
            shelf.clear_dirty(connection)
    return newsroom


def _give_memory(folder: Path) -> None:
    """It is read when the server starts."""
    import psycopg

    with running(folder) as address, psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{MEMORY}'")


def one(folder: Path, count: int, *, postgres: bool, core: int, length: float) -> dict[str, float]:
    """A newsroom of so many articles, filled and measured."""
    folder.mkdir(parents=True, exist_ok=True)
    if postgres:
        _give_memory(folder)
    with running(folder) if postgres else nullcontext("") as address:
        beside: list[int] = []
        if postgres:
            beside = [int((folder / "data/postmaster.pid").read_text().split()[0])]
            os.sched_setaffinity(beside[0], {core})
        kept = (folder / "paper/broadsheet.toml").exists()
        store = new_database(address, "paper") if postgres and not kept else ""
        return measure(paper(folder / "paper", store, count), core, beside, length)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true", help="keep them in PostgreSQL; SQLite by default")
    parser.add_argument("--grow", action="store_true", help="measure a tenth of them too")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of the rounds")
    parser.add_argument("--keep", type=Path, help="the folder in which filled stores are kept")
    options = parser.parse_args()
    here, *there = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, set(there) or {here})  # the client's
    kind = "postgresql" if options.postgres else "sqlite"
    with tempfile.TemporaryDirectory() if options.keep is None else nullcontext(options.keep) as name:
        told = {
            count: one(Path(name) / f"{kind}-{count}", count, postgres=options.postgres, core=here, length=options.seconds)
            for count in ([options.articles // 10] if options.grow else []) + [options.articles]
        }
    result: dict[str, object] = {"articles": options.articles, "store": kind}
    result |= {key: round(value, 3) for key, value in told[options.articles].items()}
    if options.grow:
        result["search_growth"] = round(
            told[options.articles]["search_cpu_ms"] / told[options.articles // 10]["search_cpu_ms"], 3
        )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
