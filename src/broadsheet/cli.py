"""The command line: parses and prints, decides nothing."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from broadsheet import __version__, show, show_why
from broadsheet.cli_common import NEWSROOM, extra, now
from broadsheet.cli_hooks import hooks
from broadsheet.cli_people import people
from broadsheet.errors import BroadsheetError


class Group(click.Group):
    """Turns every error that Broadsheet raises on purpose into one line and exit status 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BroadsheetError as error:
            show.error(str(error))
            sys.exit(1)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except KeyboardInterrupt:
            show.error("interrupted; nothing is lost, `broadsheet run` goes on from here")
            sys.exit(130)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            if os.environ.get("BROADSHEET_DEBUG"):
                raise
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            show.error(f"a fault of Broadsheet's own: {said}; BROADSHEET_DEBUG=1 shows where, to report it")
            sys.exit(70)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="broadsheet")
def main() -> None:
    """Broadsheet turns a topic into a newspaper."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--with", "places", default="", metavar="PLACES", help="Also files to run it there: github, docker, systemd.")
@click.option(
    "--topics", "packs", default="", metavar="PACKS", help="Packs of ready topics, such as ai,space, with their feeds."
)
def init(folder: Path, places: str, packs: str) -> None:
    """Make a newsroom in FOLDER: settings, an example topic, a key. Keeps what is there."""
    from broadsheet.adding import add_pack
    from broadsheet.newsroom import READY, add_ready, make_newsroom, open_newsroom
    from broadsheet.packs import load_pack
    from broadsheet.publish.seal import new_key

    chosen = [place for place in places.replace(" ", "").split(",") if place]
    if unknown := set(chosen).difference(READY):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: allowed are {', '.join(READY)}", param_hint="--with")
    ready = [name for name in packs.replace(" ", "").split(",") if name]
    for name in ready:
        load_pack(name)  # a name that is none is told before anything is written
    written = make_newsroom(folder, new_key() + "\n", example=not ready) + add_ready(folder, chosen)
    for name in ready:
        written += add_pack(open_newsroom(folder), name, feeds=True).written
    show.made(folder, written)


@main.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--allow-private", is_flag=True, help="Permit addresses of this machine and its own network for these sources.")
@NEWSROOM
def add(folder: Path, urls: tuple[str, ...], allow_private: bool) -> None:
    """Find the feeds of sites and add them to the newsroom's sources."""
    import asyncio

    from broadsheet.adding import add_sites
    from broadsheet.newsroom import open_newsroom

    results = asyncio.run(add_sites(open_newsroom(folder), urls, now(), allow_private=allow_private))
    show.added(results)
    if not any(result.added or result.known for result in results):
        sys.exit(1)


@main.group(invoke_without_command=True)
@click.pass_context
def topics(context: click.Context) -> None:
    """List the packs of ready topics; `topics add PACK` puts one into the newsroom."""
    from broadsheet.packs import load_pack, pack_names

    if context.invoked_subcommand is None:
        show.packs((name, load_pack(name)) for name in pack_names())


@topics.command(name="add")
@click.argument("pack")
@click.option("--feeds", is_flag=True, help="Also add the pack's suggested feeds to the newsroom's sources.")
@NEWSROOM
def add_topics(folder: Path, pack: str, feeds: bool) -> None:
    """Write the topics of a PACK into the newsroom, one file each, and none over what is there."""
    from broadsheet.adding import add_pack
    from broadsheet.newsroom import open_newsroom

    show.pack_added(add_pack(open_newsroom(folder), pack, feeds=feeds))


@main.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@NEWSROOM
def import_(folder: Path, file: Path) -> None:
    """Add the feeds of an OPML FILE, the list that feed readers export."""
    from broadsheet.adding import import_opml
    from broadsheet.newsroom import open_newsroom

    new, known = import_opml(open_newsroom(folder), file)
    show.imported(new, known)


@main.command()
@NEWSROOM
def sources(folder: Path) -> None:
    """Print each source's health, and when it is asked again."""
    from broadsheet.newsroom import open_newsroom
    from broadsheet.reports import source_states

    show.sources(source_states(open_newsroom(folder)))


@main.command()
@click.option("--due", is_flag=True, help="Ask only the sources whose time has come.")
@click.option("--at", metavar="INSTANT", help="The edition's instant, such as 2031-05-12T07:00Z, for replays; now by default.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but what went wrong.")
@NEWSROOM
def run(folder: Path, due: bool, at: str | None, quiet: bool) -> None:
    """Make one edition: gather, read, curate, publish; then exit."""
    from broadsheet.edition import run_edition
    from broadsheet.newsroom import open_newsroom

    newsroom = open_newsroom(folder)
    with show.progress(quiet) as progress:
        report = run_edition(newsroom, at=_instant(at), due_only=due, progress=progress)
    if not quiet:
        show.front_page(newsroom)
    show.report(report, newsroom, quiet=quiet)


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to answer at; 0.0.0.0 for all of this machine."
)
@click.option("--port", default=8000, show_default=True, help="The port to answer at.")
@click.option("--no-editions", is_flag=True, help="Make no editions: only answer.")
@click.option("--once", is_flag=True, help="Make one edition of what is due, and exit.")
@NEWSROOM
def serve(folder: Path, host: str, port: int, no_editions: bool, once: bool) -> None:
    """Run the newsroom as a service: editions by themselves, the site, the API, the desk."""
    from broadsheet.newsroom import open_newsroom

    with extra("serve", "serving"):
        from broadsheet.serve.run import Door, log_lines
        from broadsheet.serve.run import serve as answer
    log_lines()
    sys.exit(answer(open_newsroom(folder), Door(host, port, not no_editions, once), show.serving))


@main.command(name="mcp")
@NEWSROOM
def mcp_(folder: Path) -> None:
    """Answer an agent by the Model Context Protocol on standard input and output: search, front page, story, why."""
    from broadsheet.newsroom import open_newsroom

    with extra("mcp", "agents"):
        from broadsheet.serve.mcp import answer
    answer(open_newsroom(folder))


@main.command()
@NEWSROOM
def work(folder: Path) -> None:
    """Read pages for the editions that another process makes on the same PostgreSQL database, until stopped."""
    from broadsheet.edition import loop
    from broadsheet.edition.helping import work as help_out
    from broadsheet.newsroom import open_newsroom

    with show.progress(quiet=False) as progress:
        loop.run(help_out(open_newsroom(folder), progress))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@NEWSROOM
def backup(folder: Path, file: Path) -> None:
    """Write the whole newsroom, with what it remembers and its key, to FILE (.tar.gz)."""
    from broadsheet.backups import backup as save
    from broadsheet.newsroom import open_newsroom

    with show.progress(quiet=False) as progress:
        save(open_newsroom(folder), file, now(), progress)
    show.saved(file)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--store", default="", metavar="URL", help="An empty database for it, in place of the one it had.")
def restore(file: Path, folder: Path, store: str) -> None:
    """Make the newsroom of a backup FILE again in a new FOLDER."""
    from broadsheet.backups import restore as bring_back

    with show.progress(quiet=False) as progress:
        newsroom = bring_back(file, folder, progress, store)
    show.restored(newsroom, store)


@main.command()
@click.argument("name", metavar="URL-OR-RECORD")
@NEWSROOM
def why(folder: Path, name: str) -> None:
    """Print what an article's topics, story, quality and heat were made of."""
    from broadsheet.newsroom import open_newsroom
    from broadsheet.why import explain

    show_why.explanation(explain(open_newsroom(folder), name, now()))


@main.command()
@NEWSROOM
def doctor(folder: Path) -> None:
    """Check settings, sources, records, key, database and repository, and say what to mend."""
    from broadsheet.doctor import examine

    if show.findings(examine(folder)):
        sys.exit(1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@NEWSROOM
def report(folder: Path, as_json: bool) -> None:
    """Print the report of the last edition: counts, and all that was set aside with its reason."""
    from broadsheet.newsroom import open_newsroom
    from broadsheet.reports import last_report

    newsroom = open_newsroom(folder)
    found = last_report(newsroom)
    if as_json:
        show.json_report(found)
    else:
        show.report(found, newsroom, whole=True)


@main.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--articles", is_flag=True, help="Find articles, by their whole text, instead of stories.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to print at most.")
@NEWSROOM
def search(folder: Path, query: tuple[str, ...], articles: bool, limit: int) -> None:
    """Find stories by words, "phrases", prefix* and filters such as topic:ai after:2026-01-01, the hottest first."""
    from broadsheet.newsroom import open_newsroom
    from broadsheet.searching import search as search_for

    show.found(*search_for(open_newsroom(folder), " ".join(query), "article" if articles else "story", limit))


@main.command()
@click.option("--rebuild", is_flag=True, required=True, help="Make every story and file again from what is stored.")
@NEWSROOM
def publish(folder: Path, rebuild: bool) -> None:
    """Write the published files again, asking no source."""
    from broadsheet.edition import rebuild as rebuild_all
    from broadsheet.newsroom import open_newsroom

    newsroom = open_newsroom(folder)
    with show.progress(quiet=False) as progress:
        made = rebuild_all(newsroom, at=now(), progress=progress)
    show.report(made, newsroom)


@main.command()
@click.option("--since", default="7d", show_default=True, help="How far back: 12h, 7d, 2w.")
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write the letter's HTML into this file.")
@click.option("--send", "sending", is_flag=True, help="Send it to the subscribers, each once.")
@click.option("--at", metavar="INSTANT", help="The letter's instant, for replays; now by default.")
@NEWSROOM
def newsletter(folder: Path, since: str, target: Path | None, sending: bool, at: str | None) -> None:
    """Make a letter of the best stories; print it as text unless told what to do with it."""
    from broadsheet.letters import send_letter, span, write_letter
    from broadsheet.newsroom import open_newsroom

    if target and sending:
        raise click.UsageError("--to and --send do not go together")
    newsroom, back, instant = open_newsroom(folder), span(since), _instant(at)
    if sending:
        if show.sent(send_letter(newsroom, back, instant)):
            sys.exit(1)
        return
    letter = write_letter(newsroom, back, instant)
    if target:
        target.write_text(letter.html, encoding="utf-8")
        show.say(f"wrote {target}")
    else:
        click.echo(letter.text, nl=False)


@main.command()
@click.argument("record", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@NEWSROOM
def unseal(folder: Path, record: Path) -> None:
    """Show the private notes sealed in a RECORD of the newsroom."""
    from broadsheet.newsroom import open_newsroom
    from broadsheet.sealing import open_seal

    show.notes(open_seal(open_newsroom(folder), record))


@main.command()
@NEWSROOM
def rotate(folder: Path) -> None:
    """Put a new key before the old ones and seal every record's notes with it."""
    from broadsheet.newsroom import open_newsroom
    from broadsheet.sealing import rotate_keys

    newsroom = open_newsroom(folder)
    with show.progress(quiet=False) as progress:
        count = rotate_keys(newsroom, now(), progress)
    show.rotated(newsroom, count)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo-newsroom"))
@click.option("--serve", is_flag=True, help="Serve the site when it is made, until interrupted.")
@click.option("--port", default=8000, show_default=True, help="The port to serve it at.")
def demo(folder: Path, serve: bool, port: int) -> None:
    """Make two editions of a paper from an invented press, with no network, in FOLDER."""
    from broadsheet.demo.run import run_demo

    with show.progress(quiet=False) as progress:
        newsroom, reports = run_demo(folder, progress)
    show.front_page(newsroom)
    for report_ in reports:
        show.report(report_, newsroom)
    show.where_to_look(newsroom)
    if serve:
        from broadsheet.serve.static import serve_folder

        serve_folder(newsroom.output, port, show.serving)


main.add_command(people)
main.add_command(hooks)


def _instant(text: str | None) -> datetime:
    from broadsheet.dates import parse_date

    if text is None:
        return now()
    parsed = parse_date(text)
    if parsed is None:
        raise BroadsheetError(f"--at {text!r} is no instant; write it like 2031-05-12T07:00Z")
    return parsed
