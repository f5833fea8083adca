"""Files of the newsroom, written so that a reader, or a run killed at any instant, never leaves or sees half of one.

Each is written aside, flushed to the disk and renamed. One process writes to a newsroom at a time; the edition's lock sees to
that. What a killed run leaves beside a file is a temporary file of a name that depends on the file alone, so the next write of
it takes it away.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from broadsheet.errors import PublishError
from broadsheet.models import Value

TEMPORARY = re.compile(r"\.[^/]*\.broadsheet-tmp")
BATCH = 1024  # files flushed together


class Aside(Value, frozen=True):
    """A file that stands beside its place, to be flushed and named; ``path`` is empty when the place says that already."""

    path: str


Content = bytes | Aside | None  # of a file to be put in its place; None: it is to be removed


def inside(root: Path, relative: str) -> Path:
    """The path of ``relative`` under ``root``. Raises PublishError when it leads out of it, also by a symbolic link."""
    parts = PurePosixPath(relative).parts
    if not parts or relative.startswith("/") or ".." in parts or "\0" in relative or "\\" in relative:
        raise PublishError(f"{relative!r} is not a path inside the newsroom")
    home = root.resolve()
    path = home.joinpath(*parts)
    if not path.parent.resolve().is_relative_to(home) or path.is_symlink():
        raise PublishError(f"{relative} leads out of the newsroom by a symbolic link")
    return path


def write(path: Path, content: bytes) -> bool:
    """Put ``content`` at ``path``, its folders with it; False, and nothing touched, when it is there already.

    Raises PublishError.
    """
    aside = _write_aside(path, content)
    if aside:
        _rename(str(aside), str(path))
        _flush([path.parent, path.parent.parent])
    return bool(aside)


def put(root: Path, files: Iterable[tuple[str, Content]]) -> Iterator[tuple[str, bool]]:
    """Write each (path under ``root``, content), or remove it where the content is None; give (path, whether it changed).

    Those that another process has set aside get their place, like the others, in their turn.

    Files are flushed a batch at a time, before they get their names, and the names when all is done: far fewer waits for the
    disk than one `write` after the other has. They appear and go in the order given. No path may come twice within a batch.
    Works as far as the answer is read. Raises PublishError.
    """
    todo, folders, touched = iter(files), Folders(root), False
    while batch := list(islice(todo, BATCH)):
        for name, changed in _put_batch(folders, batch):
            touched = touched or changed
            yield name, changed
    if touched:
        _flush_all(folders.home)


def set_aside(folders: Folders, files: Iterable[tuple[str, bytes | None]]) -> list[tuple[str, Content]]:
    """Write each (path, content) beside its place; `put` does the rest. What is to be removed stays. Raises PublishError."""
    return [(name, None if content is None else Aside(path=_put_aside(folders, name, content))) for name, content in files]


def remove_empty(folder: Path, root: Path) -> None:
    """Take the folder away when it is empty, and then those above it, up to ``root``, which stays."""
    while folder != root:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def move(source: Path, target: Path) -> None:
    """Bring the files of a folder, but no folders in it, into another. Raises PublishError."""
    names = sorted(entry.name for entry in source.iterdir() if entry.is_file()) if source.is_dir() else []
    for name in names:
        _make_folder(target)
        _rename(str(source / name), str(target / name))
    if names:
        _flush([source, target, target.parent])


def remove(path: Path) -> bool:
    """Take the file at ``path`` away, and its folder when that is empty then; False when there is none. Raises PublishError."""
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise PublishError(f"{path} cannot be removed: {error.strerror or error}") from error
    with contextlib.suppress(OSError):
        path.parent.rmdir()
    return True


class Folders:
    """The folders under ``home`` that are known to be there and no way out of it: each is looked at once."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self._known: dict[str, bool] = {}  # whether it was made here, so that it holds nothing but what was put there since

    def path(self, relative: str) -> str:
        """Where a file is. Raises PublishError when ``relative`` does not name one inside."""
        if not {"", ".", ".."}.isdisjoint(relative.split("/")) or "\0" in relative or "\\" in relative:
            raise PublishError(f"{relative!r} is not a path inside the newsroom")
        return f"{self.home}/{relative}"

    def make(self, folder: str) -> bool:
        """Have the folder there; whether it is a new one. Raises OSError, and PublishError when it leads out."""
        if folder in self._known:
            return self._known[folder]
        if folder:
            self.make(folder.rpartition("/")[0])
        new = True
        try:
            os.mkdir(f"{self.home}/{folder}")  # noqa: PTH102  # a string is enough, and twice as fast
        except FileExistsError:
            new = False
            if folder and stat.S_ISLNK(os.lstat(f"{self.home}/{folder}").st_mode):
                inside(self.home, f"{folder}/file")
        self._known[folder] = new
        return new

    def take_away(self, relative: str) -> bool:
        """Remove the file, and the folders that are empty then; False when there is none."""
        taken = os.path.lexists(self.path(relative)) and remove(inside(self.home, relative))
        if taken:
            self._known.clear()
            remove_empty((self.home / relative).parent, self.home)
        return taken


def _put_batch(folders: Folders, batch: list[tuple[str, Content]]) -> list[tuple[str, bool]]:
    asides = [_aside(folders, name, content) for name, content in batch]
    if any(asides):
        _flush_all(folders.home)
    done: list[tuple[str, bool]] = []
    for (name, content), aside in zip(batch, asides, strict=True):
        if aside:
            _rename(aside, folders.path(name))
        done.append((name, bool(aside) or (content is None and folders.take_away(name))))
    return done


def _aside(folders: Folders, name: str, content: Content) -> str:
    if isinstance(content, Aside):
        return content.path
    return "" if content is None else _put_aside(folders, name, content)


def _put_aside(folders: Folders, name: str, content: bytes) -> str:
    """The file, not flushed, that is to take the place of ``name``; empty when that has the content already."""
    path = folders.path(name)
    folder, _, last = path.rpartition("/")
    aside = f"{folder}/.{last}.broadsheet-tmp"
    try:
        if not folders.make(name.rpartition("/")[0]) and _has(path, content):
            return ""
        descriptor = _open_new(aside)
        with open(descriptor, "wb") as file:  # noqa: PTH123
            file.write(content)
    except OSError as error:
        raise _failed(path, aside, error) from error
    return aside


def _open_new(path: str) -> int:
    """A new file, open for writing. What a killed run left there goes; a link is neither followed nor written through."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o666)
    except FileExistsError:
        os.unlink(path)  # noqa: PTH108
        return os.open(path, flags, 0o666)


def _has(path: str, content: bytes) -> bool:
    """Whether the file says that already. Raises PublishError when it is a link."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(found.st_mode):
        raise PublishError(f"{path} leads out of the newsroom by a symbolic link")
    return found.st_size == len(content) and Path(path).read_bytes() == content


def _flush_all(folder: Path) -> None:
    """Have all that was written under ``folder`` reach the disk: one call however many files, syncfs(2), else sync(2)."""
    flush = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if flush is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if flush(descriptor):
            raise PublishError(f"{folder} cannot be flushed: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)


def _write_aside(path: Path, content: bytes) -> Path | None:
    """The flushed file that is to take the place of ``path``; None when that has the content already."""
    aside = path.with_name(f".{path.name}.broadsheet-tmp")
    try:
        if _is(path, content):
            return None
        _make_folder(path.parent)
        aside.unlink(missing_ok=True)
        with aside.open("xb") as file:  # "x" neither follows nor replaces a link
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _failed(str(path), str(aside), error) from error
    return aside


def _rename(aside: str, path: str) -> None:
    try:
        os.replace(aside, path)  # noqa: PTH105  # strings, as a full build renames very many
    except OSError as error:
        raise _failed(path, aside, error) from error


def _failed(path: str, aside: str, error: OSError) -> PublishError:
    with contextlib.suppress(OSError):
        os.unlink(aside)  # noqa: PTH108
    return PublishError(f"{path} cannot be written: {error.strerror or error}")


def _is(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it. Its own place in the one above it is flushed with the file, theirs here."""
    if not folder.parent.is_dir():
        _make_folder(folder.parent)
        _flush([folder.parent.parent])
    folder.mkdir(exist_ok=True)


def _flush(folders: Iterable[Path]) -> None:
    for folder in folders:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, PermissionError):
            continue  # it was removed when empty, or is above the newsroom and not ours
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise PublishError(f"{folder} cannot be flushed: {error.strerror}") from error
        finally:
            os.close(descriptor)
