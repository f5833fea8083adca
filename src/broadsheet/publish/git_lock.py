"""The lock of a repository's index, taken as git takes it, and what is done about locks that a killed process left.

Our own lock says so in its first bytes and is held with flock(2), which ends with the process: one that is ours and not held is
left over. One of another program is taken away only when no process has it open and no git works in the repository.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from broadsheet.errors import PublishError
from broadsheet.publish.git_command import Repository

OURS = b"broadsheet\n"
PATIENCE = 10.0  # seconds to wait for another program's lock
PAUSE = 0.1
SETTLED = 2.0  # seconds after which a lock that no process on this machine holds is left over
PROCESSES = Path("/proc")
FORSAKEN = 3600.0  # the same where processes cannot be looked at


@contextmanager
def index_lock(repository: Repository, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the repository's index against git and others of us. Raises PublishError when it stays taken."""
    lock = repository.index.with_name(repository.index.name + ".lock")
    descriptor = _take(lock, repository.folder, patience)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def clear(lock: Path, folder: Path) -> bool:
    """Take away a lock that a killed process left; whether there is none now."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise PublishError(f"{lock} cannot be read: {error.strerror}") from error
    try:
        left = _left_by_us(descriptor) if os.read(descriptor, len(OURS)) == OURS else _left_by_others(lock, folder)
        if left:
            lock.unlink(missing_ok=True)
        return left
    finally:
        os.close(descriptor)


def _take(lock: Path, folder: Path, patience: float) -> int:
    end = time.monotonic() + patience
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            if not clear(lock, folder):
                if time.monotonic() >= end:
                    raise PublishError(f"{lock} is held by another git process; wait for it to end") from None
                time.sleep(PAUSE)
            continue
        except OSError as error:
            raise PublishError(f"{lock} cannot be made: {error.strerror}") from error
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, OURS)
        return descriptor


def _left_by_us(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _left_by_others(lock: Path, folder: Path) -> bool:
    try:
        age = time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return True
    if not (PROCESSES / "self" / "fd").is_dir():
        return age > FORSAKEN
    return age > SETTLED and not any(_holds(process, lock, folder) for process in PROCESSES.glob("[0-9]*"))


def _holds(process: Path, lock: Path, folder: Path) -> bool:
    """Whether a process has the lock open, or is a git that works in the folder; one that cannot be looked at may be."""
    if process.name == str(os.getpid()):
        return False
    is_git = False
    with suppress(FileNotFoundError, ProcessLookupError):
        is_git = (process / "comm").read_text(errors="replace").startswith("git")
        try:
            if is_git and (process / "cwd").readlink().is_relative_to(folder.resolve()):
                return True
            return any(entry.is_symlink() and entry.readlink() == lock.resolve() for entry in (process / "fd").iterdir())
        except PermissionError:
            return is_git
    return False
