"""Commits of the newsroom's own files and nothing else, by the git command.

A commit is built beside the repository's index: what people have staged or changed elsewhere stays as it is, and none of their
hooks, signing keys or templates takes part. Author and dates are given, so the same files on the same history give the same
commit. Killed at any instant, the repository has the commit or not; the next run finds the same files and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from broadsheet.errors import PublishError
from broadsheet.models import Value
from broadsheet.publish.git_command import GitFailed, Repository, git, open_repository
from broadsheet.publish.git_index import Entry, Index, tree_of
from broadsheet.publish.git_lock import clear, index_lock
from broadsheet.publish.git_push import finish_rebase

_AUTHOR = re.compile(r"([^<>\n\0]+) <([^<>\n\0]*)>")
_STATES = {"MERGE_HEAD": "a merge", "CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert"}
MAX_NAMED = 100  # records that a message names


class Changes(Value, frozen=True):
    """What a commit changes: paths of records, and the number of all other files."""

    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    others: int = 0


def commit(
    folder: Path,
    paths: Iterable[str],
    message: Callable[[Changes], str],
    when: datetime,
    author: str,
    branch: str = "",
) -> str:
    """Commit ``paths`` as they stand in ``folder``, a newsroom, and give the commit's id; ``""`` when nothing changed.

    ``paths`` are relative to the folder: files, also ones that are gone, and folders, which end with a slash. What git is told
    to ignore is left out. ``message`` is asked what to say of the changes. A folder without a repository gets one. Raises
    PublishError, with nothing committed, when git is missing, refuses, or is at work there.
    """
    people = _people(author, when)
    wanted = set(paths)
    folders = tuple(sorted(path for path in wanted if path.endswith("/")))
    finish_rebase(folder)
    repository = open_repository(folder, branch)
    _check_idle(repository)
    with index_lock(repository):
        index = Index(repository)
        index.take_in(wanted.difference(folders), folders)
        every = list(index.entries())
        ours = [entry for entry in every if entry.path in wanted or entry.path.startswith(folders)]
        made = ""
        if ours:
            tree = index.tree() if len(ours) == len(every) else tree_of(repository, ours)
            made = _commit(repository, tree, message(changes(ours)), people)
        index.install()
    if made:
        _tidy(folder)
    return made


def changes(entries: Iterable[Entry]) -> Changes:
    """What a commit of ``entries`` changes."""
    by_status: dict[str, list[str]] = {}
    others = 0
    for entry in entries:
        if entry.path.startswith("_news/") and entry.path.endswith(".md"):
            by_status.setdefault(entry.status, []).append(entry.path)
        else:
            others += 1
    named = {status: tuple(sorted(paths)) for status, paths in by_status.items()}
    return Changes(added=named.get("A", ()), modified=named.get("M", ()), deleted=named.get("D", ()), others=others)


def describe(changes: Changes) -> str:
    """A commit message: how many stories are new, changed and gone, and which."""
    counts = (("Publish", changes.added), ("update", changes.modified), ("remove", changes.deleted))
    said = [f"{verb} {len(paths)} {'story' if len(paths) == 1 else 'stories'}" for verb, paths in counts if paths]
    subject = ", ".join(said) or "Update pages"
    marks = [f"{mark} {path}" for mark, (_, paths) in zip("+~-", counts, strict=True) for path in paths]
    more = [f"and {len(marks) - MAX_NAMED} more"] if len(marks) > MAX_NAMED else []
    return "\n".join([subject[0].upper() + subject[1:], "", *marks[:MAX_NAMED], *more]).rstrip() + "\n"


def _commit(repository: Repository, tree: str, message: str, people: dict[str, str]) -> str:
    for name in ("HEAD", f"refs/heads/{repository.branch}"):
        clear(repository.git_dir / f"{name}.lock", repository.folder)
    parents = ("-p", repository.head) if repository.head else ()
    said = message.replace("\0", "").encode(errors="replace")
    made = git(repository.folder, "commit-tree", tree, *parents, stdin=said, environment=people).decode().strip()
    reason = f"commit: {message.partition(chr(10))[0]}"
    git(repository.folder, "update-ref", "-m", reason, "HEAD", made, repository.head or "0" * len(made), environment=people)
    return made


def _tidy(folder: Path) -> None:
    """Let git pack what has piled up, when its settings say so: a newsroom may see no other git command for years."""
    with suppress(GitFailed):
        git(folder, "gc", "--auto", "--quiet")


def _people(author: str, when: datetime) -> dict[str, str]:
    match = _AUTHOR.fullmatch(author)
    if not match:
        raise PublishError(f"publish.author is {author!r}, not of the form Name <address>")
    name, mail = match.groups()
    facts = {"NAME": name, "EMAIL": mail, "DATE": f"{int(when.timestamp())} +0000"}
    return {f"GIT_{role}_{fact}": value for role in ("AUTHOR", "COMMITTER") for fact, value in facts.items()}


def _check_idle(repository: Repository) -> None:
    for name, what in _STATES.items():
        if (repository.git_dir / name).exists():
            raise PublishError(f"{repository.folder}: {what} is under way in the repository; finish it first")
