"""Our own copy of a repository's index, in which a commit is prepared beside the one that people work with."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator

from broadsheet.models import Value
from broadsheet.publish.files import TEMPORARY
from broadsheet.publish.git_command import Repository, ask, git


class Entry(Value, frozen=True):
    """A path that differs from the last commit: ``line`` is its new state in the form of `git update-index --index-info`."""

    path: str
    status: str  # A added, M modified, D deleted, T its type changed
    line: bytes


class Index:
    """The repository's index with the new state of our paths. It takes the place of the repository's own at the end.

    Made and installed under the index's lock.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._file = repository.git_dir / "broadsheet-index"
        self._place = {"GIT_INDEX_FILE": str(self._file)}
        self._file.with_name(self._file.name + ".lock").unlink(missing_ok=True)
        self._file.unlink(missing_ok=True)
        if repository.index.exists():
            shutil.copy2(repository.index, self._file)  # with its time, by which git knows files changed in the same instant

    def take_in(self, files: Iterable[str], folders: Iterable[str]) -> None:
        """Take in, as they stand on the disk, the files and what changed in the folders; not what git is told to ignore."""
        known = {*self._changed(list(folders)), *self._not_ignored(set(files))}
        paths = (path for path in sorted(known) if not TEMPORARY.fullmatch(path.rpartition("/")[2]))
        self._git("update-index", "-z", "--add", "--remove", "--replace", "--stdin", stdin=_joined(paths))

    def entries(self) -> Iterator[Entry]:
        """Every path that differs from the last commit, by the raw form of git-diff-index(1)."""
        base = (
            self._repository.head or git(self._repository.folder, "hash-object", "-t", "tree", "-w", "--stdin").decode().strip()
        )
        facts = iter(self._git("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", base).split(b"\0"))
        for fact, path in zip(facts, facts, strict=False):
            _, mode, _, name, status = fact.split(b" ")
            yield Entry(path=text(path), status=status.decode(), line=b"%s %s\t%s\0" % (mode, name, path))

    def tree(self) -> str:
        """The id of the tree that it holds, people's staged changes with it. Git notes there what is written already."""
        return self._git("write-tree").decode().strip()

    def install(self) -> None:
        """Put it in the place of the repository's own."""
        if self._file.exists():
            self._file.replace(self._repository.index)

    def _changed(self, folders: list[str]) -> Iterator[str]:
        if folders:
            found = self._git(
                "ls-files", "-z", "--modified", "--deleted", "--others", "--exclude-standard", "--", *folders, literal=True
            )
            yield from (path for path in _split(found) if not path.endswith("/"))  # a slash: a repository inside ours

    def _not_ignored(self, files: set[str]) -> set[str]:
        ignored = ask(self._repository.folder, "check-ignore", "-z", "--stdin", stdin=_joined(files), environment=self._place)
        return files.difference(_split(ignored))

    def _git(self, *arguments: str, stdin: bytes = b"", literal: bool = False) -> bytes:
        more = {"GIT_LITERAL_PATHSPECS": "1"} if literal else {}
        return git(self._repository.folder, *arguments, stdin=stdin, environment=self._place | more)


def tree_of(repository: Repository, entries: Iterable[Entry]) -> str:
    """The id of the last commit's tree with ``entries`` in it, and nothing else that is staged. Reads the whole tree."""
    file = repository.git_dir / "broadsheet-tree"
    file.with_name(file.name + ".lock").unlink(missing_ok=True)
    file.unlink(missing_ok=True)
    place = {"GIT_INDEX_FILE": str(file)}
    git(repository.folder, "read-tree", repository.head or "--empty", environment=place)
    lines = b"".join(entry.line for entry in entries)
    git(repository.folder, "update-index", "-z", "--index-info", stdin=lines, environment=place)
    return git(repository.folder, "write-tree", environment=place).decode().strip()


def text(path: bytes) -> str:
    """A path as Python has it, also where it is not UTF-8."""
    return path.decode(errors="surrogateescape")


def _split(output: bytes) -> list[str]:
    return [text(path) for path in output.split(b"\0") if path]


def _joined(paths: Iterable[str]) -> bytes:
    return b"".join(path.encode(errors="surrogateescape") + b"\0" for path in paths)
