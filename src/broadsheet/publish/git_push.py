"""Pushing the newsroom's commits; where others pushed before, ours are put on top of theirs."""

from __future__ import annotations

import time
from pathlib import Path

from broadsheet.errors import PublishError
from broadsheet.publish.git_command import GitFailed, Repository, ask, git, git_dir, open_repository
from broadsheet.publish.git_lock import clear

ATTEMPTS = 4
MARK = "broadsheet-rebase"  # in the repository's own folder while a rebase of ours runs
PAUSE = 1.0  # seconds before the first repetition, doubled for each further one


def push(folder: Path, remote: str, branch: str = "", *, pause: float = PAUSE) -> None:
    """Push the commits of the newsroom in ``folder`` to ``branch`` (empty: the one it is on) of ``remote``.

    Where the remote has commits that we lack, ours are rebased onto them; where both changed the same lines, theirs stay, as
    people's edits go before ours. What is uncommitted stays as it is. A failing network is tried again. Raises PublishError.
    """
    finish_rebase(folder)
    repository = open_repository(folder, branch)
    target = f"HEAD:refs/heads/{repository.branch}"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            git(folder, "push", "--porcelain", "--no-verify", "--", remote, target)
            return
        except GitFailed as error:
            if attempt == ATTEMPTS or _is_final(error):
                raise
            if "[rejected]" in error.output:
                _rebase(repository, remote)
            else:
                time.sleep(pause * 2 ** (attempt - 1))


def finish_rebase(folder: Path) -> None:
    """Undo a rebase of ours that was killed half way, so that the branch is as it was before it."""
    if not (folder / ".git").exists():
        return
    place = git_dir(folder)
    mark = place / MARK
    if not mark.exists():
        return
    clear(place / "index.lock", folder)
    if (place / "rebase-merge").exists():
        git(folder, "rebase", "--abort")
    mark.unlink()


def _is_final(error: GitFailed) -> bool:
    """Whether the remote said no for a reason that will not change, such as a rule of its own."""
    return "[remote rejected]" in error.output and "cannot lock ref" not in error.output


def _rebase(repository: Repository, remote: str) -> None:
    folder = repository.folder
    git(folder, "fetch", "--no-tags", "--", remote, f"refs/heads/{repository.branch}")
    if ask(folder, "diff", "--cached", "--name-only"):
        raise PublishError(f"{folder}: {remote} has newer commits, and changes are staged here; commit or unstage them")
    mark = repository.git_dir / MARK
    mark.touch()
    try:
        git(
            folder,
            "rebase",
            "--autostash",
            "--committer-date-is-author-date",
            "-X",
            "ours",
            "FETCH_HEAD",
            environment=_committer(folder),
        )
    except PublishError:
        finish_rebase(folder)
        raise
    mark.unlink()


def _committer(folder: Path) -> dict[str, str]:
    """The committer of our last commit, as there may be no other identity on a server."""
    name, mail = git(folder, "log", "-1", "--format=%cn%n%ce").decode(errors="replace").splitlines()
    return {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail}
