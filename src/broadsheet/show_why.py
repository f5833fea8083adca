"""What `broadsheet why` prints: an article's judgement, its story's scores, and what was decided, as small tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from broadsheet.show import ROWS, out, say
from broadsheet.text import shorten

if TYPE_CHECKING:
    from broadsheet.models import Decision, Member, Part, Score, StoryChange
    from broadsheet.why import Explanation


def explanation(found: Explanation) -> None:
    """An article's judgement, and its story's, as small tables."""
    article, judgement = found.member.article, found.member.judgement
    say(f"[bold]{escape(article.title)}[/]")
    say(f"{escape(article.provider.name)}, {article.published_at:%Y-%m-%d %H:%M} UTC, {escape(article.web_url)}\n")
    _topics(found)
    _scores("Quality", judgement.quality)
    _copy(found)
    _story(found)
    for decision in found.decisions:
        say(escape(f"Desk: {decided(decision)}"))
    if found.story and found.edited:
        say(escape(f"Corrected by hand in {found.story.record.path}, and left so: {', '.join(found.edited)}"))
    if article.origins:
        say("[bold]Read from[/] " + escape(", ".join(f"{name}: {origin}" for name, origin in sorted(article.origins.items()))))


def _topics(found: Explanation) -> None:
    table = Table(title="Topics", title_justify="left", title_style="bold", header_style="")
    for name in ("Topic", "Relevance", "Because of"):
        table.add_column(name)
    for match in found.member.judgement.topics:
        table.add_row(escape(match.topic), f"{match.relevance:.2f}", escape("inherited" if match.inherited else match.reason))
    if found.member.judgement.topics:
        out.print(table)
    elif found.member.judgement.story_reason:
        say(f"In no story: {escape(found.member.judgement.story_reason)}\n")
    else:
        say("Topics: none of the newsroom's topics is found in it, so it is in no story.\n")


def _scores(name: str, score: Score) -> None:
    table = Table(title=f"{name} {score.value}", title_justify="left", title_style="bold", header_style="", show_footer=False)
    table.add_column("Signal")
    table.add_column("Points", justify="right")
    table.add_column("Because")
    for part in score.parts:
        table.add_row(escape(part.name), _points(part), escape(part.reason))
    out.print(table)


def _points(part: Part) -> str:
    return f"{part.points:+.1f}"


def _copy(found: Explanation) -> None:
    if found.original:
        say(f"It repeats the text of {escape(found.original)}, so it counts as no report of its own.\n")


def _story(found: Explanation) -> None:
    judgement, story = found.member.judgement, found.story
    if story is None:
        return
    record = story.record
    shown = "shown" if record.published else "kept, not shown"
    say(f"[bold]Story[/] {escape(record.path)} ({shown}), {story.articles} articles")
    say(f"Joined because: {escape(judgement.story_reason)}\n")
    _scores("Heat", story.why_heat)
    if found.heat_now is not None:
        _scores("Heat now", found.heat_now)
    for change in found.changes:
        say(escape(_changed(change, judgement.story)))
    for member in found.others[:ROWS]:
        say("  " + escape(_line(member)))


def decided(decision: Decision) -> str:
    """A decision in one line: what, of what, by whom, when and why."""
    is_text = decision.action == "write topic"
    value = f" to “{', '.join(decision.value.splitlines())}”" if decision.value and not is_text else ""
    reason = f": {decision.reason}" if decision.reason else ""
    undone = f", undone by {decision.undone_by or 'time'} on {decision.undone_at:%Y-%m-%d %H:%M}" if decision.undone_at else ""
    return f"{decision.action} {decision.target}{value} on {decision.at:%Y-%m-%d %H:%M}, by {decision.who}{reason}{undone}"


def _changed(change: StoryChange, story: str) -> str:
    """A merge or split as it is told of one of its two stories."""
    did = {
        ("merge", True): f"Took in story {change.other}",
        ("merge", False): f"Went into story {change.story}",
        ("split", True): f"Gave off story {change.other}",
        ("split", False): f"Came out of story {change.story}",
    }[change.kind, story == change.story]
    undone = f", undone by {change.undone_by} on {change.undone_at:%Y-%m-%d %H:%M}" if change.undone_at else ""
    count = f"{len(change.articles)} article{'s' if len(change.articles) > 1 else ''}"
    return f"{did} with {count} on {change.at:%Y-%m-%d %H:%M}, by {change.by}: {change.reason}{undone}"


def _line(member: Member) -> str:
    article = member.article
    mark = " (copy)" if member.judgement.copy_of else ""
    when = f"{article.published_at:%Y-%m-%d %H:%M}"
    return f"{when}  {article.provider.name}: {shorten(article.title, 80)} [{member.judgement.quality.value}]{mark}"
