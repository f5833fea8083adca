"""The git command: how it is called, and which repository is the newsroom's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from broadsheet.errors import PublishError
from broadsheet.models import Value

TIMEOUT = 600.0  # seconds for one command

# Neither the user's hooks, signing nor line ends take part in what we do, and no process goes on in the background.
_OPTIONS = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.autocrlf=false"),
    *("-c", "core.safecrlf=false"),
    *("-c", "commit.gpgSign=false"),
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "gc.autoDetach=false"),
    *("-c", "maintenance.autoDetach=false"),
)
# What `git rev-parse --local-env-vars` lists: set when we run inside a hook of another repository, and then misleading.
_MISLEADING = frozenset(
    [
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE"),
        *("GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE"),
        *("GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"),
    ]
)


class GitFailed(PublishError):
    """A git command ended with an error. ``status`` is its exit status; ``output`` and ``complaint`` what it wrote."""

    def __init__(self, command: str, status: int, output: str, complaint: str) -> None:
        lines = [line for line in complaint.splitlines() if line.strip()]
        said = next(
            (line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else f"status {status}"
        )
        super().__init__(f"git {command}: {said.strip()}")
        self.status = status
        self.output = output
        self.complaint = complaint


class Repository(Value, frozen=True):
    """A newsroom that is the top folder of a Git repository. ``branch`` is the one it is on, ``head`` its commit or ``""``."""

    folder: Path
    git_dir: Path
    index: Path
    branch: str
    head: str


def git(folder: Path, *arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None) -> bytes:
    """What a git command writes. Raises GitFailed, or PublishError when there is no git or it does not end in time."""
    command = ["git", *_OPTIONS, *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            input=stdin,
            capture_output=True,
            timeout=TIMEOUT,
            env=_environment(folder) | (environment or {}),
            check=False,
            start_new_session=True,  # without a terminal, so that nothing below git can ask for a password and wait
        )
    except FileNotFoundError as error:
        missing = "the folder" if not folder.is_dir() else "the git command"
        raise PublishError(f"{missing} is missing: install git, or set publish.git to false") from error
    except subprocess.TimeoutExpired as error:
        raise PublishError(f"git {arguments[0]} did not end within {TIMEOUT:.0f} seconds") from error
    if done.returncode:
        raise GitFailed(
            arguments[0], done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )
    return done.stdout


def ask(folder: Path, *arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None) -> bytes:
    """As `git`, but for questions: empty when the answer is no, which is status 1."""
    try:
        return git(folder, *arguments, stdin=stdin, environment=environment)
    except GitFailed as error:
        if error.status != 1:
            raise
        return b""


def git_dir(folder: Path) -> Path:
    """Where the repository of ``folder`` keeps its own files. Raises GitFailed when there is none."""
    return Path(os.fsdecode(git(folder, "rev-parse", "--absolute-git-dir").rstrip(b"\n")))


def open_repository(folder: Path, branch: str = "") -> Repository:
    """The repository whose top is ``folder``, made there when it has none, on ``branch`` or the one it is on.

    A repository around the folder is not ours to commit to. Raises PublishError when it is on no branch or another one.
    """
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--template=", f"--initial-branch={branch or 'main'}")
    place = git_dir(folder)
    current = ask(folder, "symbolic-ref", "--quiet", "--short", "HEAD").decode().strip()
    head = ask(folder, "rev-parse", "--quiet", "--verify", "HEAD^{commit}").decode().strip()
    if not current:
        raise PublishError(f"{folder}: the repository is on no branch; check one out")
    if branch and branch != current:
        if head:
            raise PublishError(f"{folder}: the repository is on branch {current}, not on {branch} as publish.branch says")
        git(folder, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    return Repository(folder=folder, git_dir=place, index=place / "index", branch=branch or current, head=head)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}
