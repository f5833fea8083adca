"""What the command line prints: tables, progress, one-line errors."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from broadsheet.text import shorten

if TYPE_CHECKING:  # what is printed; to load what it comes from takes longer than most commands
    from broadsheet.adding import Added, AddedPack
    from broadsheet.doctor import Finding
    from broadsheet.edition import Progress as Tell
    from broadsheet.models import Report, Source, SourceState
    from broadsheet.newsroom import Newsroom
    from broadsheet.packs import Pack
    from broadsheet.publish.mailing import Sent
    from broadsheet.store.hooks import HookState
    from broadsheet.store.people import Account, Note, Token
    from broadsheet.store.search import Found

ROWS = 20
PROBLEMS = 12
STEPS = {
    "press": "Printing the invented press",
    "gather": "Asking the sources",
    "read": "Reading pages",
    "curate": "Judging articles",
    "compose": "Composing stories",
    "publish": "Writing files",
    "seal": "Sealing records",
    "search": "Indexing for search",
}

out = Console(highlight=False, width=None if Console().is_terminal else 120)
err = Console(highlight=False, stderr=True, soft_wrap=True)


def error(text: str) -> None:
    err.print(f"[bold red]broadsheet:[/] {escape(text)}")


def say(text: str) -> None:
    out.print(text, soft_wrap=True)


@contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """Bars on a terminal, a line a step elsewhere, nothing when quiet."""
    if quiet:
        yield lambda step, done, total: None
    elif not out.is_terminal:
        seen: set[str] = set()

        def line(step: str, done: int, total: int) -> None:
            if step not in seen:
                seen.add(step)
                say(f"{STEPS.get(step, step)} ...")

        yield line
    else:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=out, transient=True) as bars:
            tasks: dict[str, TaskID] = {}

            def bar(step: str, done: int, total: int) -> None:
                if step not in tasks:
                    tasks[step] = bars.add_task(STEPS.get(step, step), total=None)
                bars.update(tasks[step], completed=done, total=total or None)

            yield bar


def made(folder: Path, written: Sequence[Path]) -> None:
    for path in written:
        say(f"wrote {escape(os.path.relpath(path))}")
    if not written:
        say(f"{escape(str(folder))}: all a newsroom needs is there already")
    say(f"\nNext: [bold]broadsheet add URL -C {escape(str(folder))}[/], then [bold]broadsheet run -C {escape(str(folder))}[/]")


def added(results: Iterable[Added]) -> None:
    for result in results:
        if result.problem:
            error(f"{result.url}: {result.problem}")
        elif result.known:
            say(f"{escape(result.url)}: its feed is a source already")
        elif result.added is not None:
            title = f" ({result.added.title})" if result.added.title else ""
            say(f"added [bold]{escape(result.added.url)}[/]{escape(title)}")
        for source in result.others[:5]:
            say(f"  also found: {escape(source.url)} {escape(source.title)}")


def packs(found: Iterable[tuple[str, Pack]]) -> None:
    """The packs of ready topics as a table."""
    table = Table(header_style="bold")
    for name in ("Pack", "Topics", "Languages", "Feeds"):
        table.add_column(name, overflow="fold", justify="right" if name == "Feeds" else "left")
    for name, pack in found:
        topics = ", ".join(topic.name for topic in pack.topics)
        table.add_row(f"[bold]{name}[/]", escape(topics), " ".join(pack.languages), str(len(pack.feeds)))
    out.print(table)
    say("\n[bold]broadsheet topics add PACK[/] writes a pack's topics into the newsroom, for you to edit.")


def pack_added(found: AddedPack) -> None:
    for path in found.written:
        say(f"wrote {escape(os.path.relpath(path))}")
    for name in found.known:
        say(f"{escape(name)}: is there already, left as it is")
    for source in found.added:
        say(f"added [bold]{escape(source.url)}[/] {escape(source.title)}")
    if not found.added:
        say("\nFeeds to begin with; `--feeds` adds them:")
        for source in found.suggested:
            say(f"  {escape(source.url)} {escape(source.title)}")


def imported(new: Sequence[Source], known: int) -> None:
    say(f"added {len(new)} feeds; {known} were sources already")


def sources(states: Sequence[SourceState]) -> None:
    """The sources as a table: health, last and next time asked, how often."""
    table = Table(header_style="bold")
    for name in ("Source", "Health", "Last asked", "Next", "Every"):
        table.add_column(name, overflow="fold")
    for state in states:
        name = f"{state.title}\n{state.url}" if state.title else state.url
        every = f"{state.interval / 3600:.1f} h" if state.interval else ""
        table.add_row(escape(name), _health(state), _instant(state.polled_at), _instant(state.next_at), every)
    out.print(table)


def _health(state: SourceState) -> str:
    if state.retired:
        return "[red]gone[/]"
    if state.problem:
        return f"[red]failed {state.failures} x:[/] {escape(state.problem)}"
    return "[green]good[/]" if state.polled_at else "never asked"


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def people(found: Iterable[Account]) -> None:
    """Who there is, a line each."""
    lines = [f"{escape(account.name)}  {account.role}" for account in found]
    say("\n".join(lines) or "nobody yet; `broadsheet people add NAME --role owner` adds the first")


def tokens(found: Iterable[Token]) -> None:
    """Tokens as a table, without their secrets."""
    table = Table(header_style="bold")
    for name in ("Id", "For", "Scopes", "Made", "Ends", "Last used"):
        table.add_column(name, overflow="fold")
    for token in found:
        times = (_instant(token.created_at), _instant(token.expires_at) or "never", _instant(token.used_at) or "never")
        table.add_row(token.id, escape(token.label), " ".join(token.scopes), *times)
    out.print(table)


def audit(notes: Iterable[Note]) -> None:
    """Lines of the audit log, the newest last."""
    table = Table(header_style="bold")
    for name in ("When (UTC)", "Who", "What", "On what", "From", "More"):
        table.add_column(name, overflow="fold")
    for note in notes:
        said = (note.who or "nobody", note.action, note.target, note.address, note.detail)
        table.add_row(f"{note.at:%Y-%m-%d %H:%M:%S}", *(escape(text) for text in said))
    out.print(table)


def front_page(newsroom: Newsroom) -> None:
    """The front page as a table: heat, quality, outlets, headline."""
    from broadsheet.reports import front_page as stories_of

    stories = stories_of(newsroom, ROWS)
    if not stories:
        say("No story is on the front page yet.")
        return
    table = Table(title=escape(newsroom.settings.newsroom.name), title_style="bold", header_style="bold", expand=False)
    for name in ("Heat", "Quality", "Outlets"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    table.add_column("Headline", overflow="ellipsis", no_wrap=True)
    table.add_column("Led by", no_wrap=True)
    for story in stories:
        record = story.record
        outlet = record.provider.name if record.provider else ""
        table.add_row(
            str(record.heat),
            str(record.quality),
            str(1 + len(record.related)),
            escape(shorten(record.title, 62)),
            escape(shorten(outlet, 22)),
        )
    out.print(table)


def found(found: Found, is_whole: bool) -> None:
    """What a search found: outlet, date, heat (of articles the quality) and headline in a line, the snippet below it."""
    from broadsheet.store.search_snippets import plain

    for hit in found.hits:
        story = hit.story
        said = story.record if story else hit.article
        if said is None:
            continue
        at = f"{said.published_at:%Y-%m-%d}" if said.published_at else "no date"
        score = f"heat {story.record.heat}" if story else f"quality {hit.judgement.quality.value if hit.judgement else 0}"
        say(f"[bold]{escape(said.title)}[/]")
        say(f"  {at}, {escape(said.provider.name if said.provider else 'no outlet')}, {score}")
        say(f"  {escape(plain(hit.snippet))}")
    if not found.hits:
        say("Nothing was found.")
    if not is_whole:
        say("Not all that is kept can be found yet: the next edition completes the index.")


def report(report: Report, newsroom: Newsroom, *, quiet: bool = False, whole: bool = False) -> None:
    """Counts, notes and what was set aside."""
    if not quiet:
        counts = report.counts
        say(
            f"Edition {report.edition} of {report.at:%Y-%m-%d %H:%M} UTC: {counts.get('sources asked', 0)} sources asked, "
            f"{counts.get('pages read', 0)} pages read, {counts.get('stories new', 0)} new stories, "
            f"{counts.get('stories changed', 0)} changed, {counts.get('files written', 0)} files written"
            + (f", commit {report.commit[:10]}" if report.commit else "")
        )
        for note in report.notes:
            say(f"[yellow]note:[/] {escape(note)}")
    shown = report.problems if whole else report.problems[:PROBLEMS]
    for problem in shown:
        say(f"[yellow]set aside[/] {escape(f'({problem.room}) {problem.where}: {problem.reason}')}")
    if len(shown) < len(report.problems):
        say(f"... and {len(report.problems) - len(shown)} more; `broadsheet report` prints all")


def json_report(found: Report) -> None:
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())


def where_to_look(newsroom: Newsroom) -> None:
    from broadsheet.reports import front_page as stories_of

    folder, output = escape(os.path.relpath(newsroom.folder)), escape(os.path.relpath(newsroom.output))
    say(f"\nThe site lies in [bold]{output}/[/]; look at it with")
    say(f"  [bold]{_command()} demo {folder} --serve[/]    (or: python3 -m http.server -d {output})")
    say(f"Its records are in {folder}/_news/; ask why a story ranks so with")
    first = next(iter(stories_of(newsroom, 1)), None)
    if first is not None:
        say(f"  [bold]{_command()} why -C {folder} {escape(first.record.path)}[/]")


def _command() -> str:
    """How the reader can call us: by name, or by where this environment has us."""
    beside = Path(sys.executable).with_name("broadsheet")
    return "broadsheet" if shutil.which("broadsheet") or not beside.exists() else escape(os.path.relpath(beside))


def hooks(states: Iterable[HookState]) -> None:
    """Each webhook: id, address, how it does."""
    lines = [f"{state.hook.id}  {state.hook.url}  {_hook_health(state)}" for state in states]
    say("\n".join(lines) or "no hooks yet; `broadsheet hooks add URL` adds one")


def _hook_health(state: HookState) -> str:
    if state.stopped:
        return f"stopped: {state.problem}"
    return f"failed {state.failures} times: {state.problem}" if state.failures else "well"


def serving(address: str) -> None:
    say(f"Serving at [bold]{address}[/] until interrupted (Ctrl-C)")


def saved(file: Path) -> None:
    say(f"Saved in {escape(str(file))}: keep it secret, as it holds the key, and keep it elsewhere.")


def restored(newsroom: Newsroom, store: str) -> None:
    say(f"The newsroom is in {escape(str(newsroom.folder))} again; `broadsheet run` goes on from there.")
    if store:
        say("Write the new database into its broadsheet.toml before that: store.url")


# --- doctor, seals -------------------------------------------------------------------------------------------------------

_MARKS = {"good": "[green]good [/]", "note": "[yellow]note [/]", "wrong": "[bold red]wrong[/]"}


def findings(found: Iterable[Finding]) -> int:
    """Print findings as they come; the number of those that are wrong."""
    wrong = 0
    for finding in found:
        say(f"{_MARKS[finding.level]} {escape(finding.where)}: {escape(finding.what)}")
        if finding.mend:
            say(f"      mend: {escape(finding.mend)}")
        wrong += finding.level == "wrong"
    say("\nAll is well." if not wrong else f"\n{wrong} things to mend.")
    return wrong


def sent(letters: Sequence[tuple[str, Sent]]) -> int:
    """Print what became of letters; how many recipients are to be served in another run."""
    for name, done in letters:
        say(f"newsletter of {name}: {done.sent} sent, {len(done.refused)} refused, {len(done.delayed)} to be tried again")
        for address, reason in (*done.refused, *done.delayed):
            error(f"{address}: {reason}")
    if not letters:
        say("all have the letter of today already")
    return sum(len(done.delayed) for _, done in letters)


def notes(found: dict[str, Any]) -> None:
    print(msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=2).decode())


def rotated(newsroom: Newsroom, count: int) -> None:
    say(f"{count} records are sealed with the first key of {escape(str(newsroom.key_file))}; older keys may be removed")
