"""Sending a letter by SMTP, to each recipient once. A journal on the disk says who was served; a killed run goes on from it."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.errors import PublishError
from broadsheet.models import Value
from broadsheet.settings import NewsletterSettings

if TYPE_CHECKING:
    from aiosmtplib import SMTP

PASSWORD = "BROADSHEET_SMTP_PASSWORD"  # the environment variable that holds it
TIMEOUT = 60.0  # seconds for each answer of the server


class Sent(Value, frozen=True):
    """What became of a letter: how many were served in this run, who was refused, and who is still to serve."""

    sent: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    delayed: tuple[tuple[str, str], ...] = ()


class Journal:
    """Who has got a letter, a line each: ``sent`` or ``refused``, the address, the server's words."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        file.seek(0)
        lines = file.read().split("\n")
        # a line without its end was cut off by a crash: whoever it was for is served again, with the same Message-ID
        self.done = {parts[1] for line in lines[:-1] if len(parts := line.split("\t")) >= 2}
        if lines[-1]:
            file.write("\n")

    def note(self, state: str, address: str, reason: str = "") -> None:
        """Keep what became of a recipient; it is on the disk when this returns."""
        self._file.write(f"{state}\t{address}\t{' '.join(reason.split())}\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.done.add(address)


@contextmanager
def journal(path: Path) -> Iterator[Journal]:
    """The journal at ``path``, held by this process alone. Raises PublishError when another one holds it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8", newline="\n") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishError(f"{path.stem}: this letter is being sent by another process; wait for it to end") from None
        yield Journal(file)


def send(
    recipients: Sequence[str], make: Callable[[str], EmailMessage], kept: Journal, settings: NewsletterSettings, password: str
) -> Sent:
    """Send the mail that ``make`` makes to each of the recipients whom the journal does not name.

    Who is refused for good is noted and not tried again; who is refused for now is left for the next run. Raises PublishError
    when the server cannot be used at all.
    """
    todo = [address for address in recipients if address not in kept.done]
    if not todo:
        return Sent()
    try:
        return asyncio.run(_send(todo, make, kept, settings, password))
    except ImportError:
        raise PublishError("the newsletter needs more: pip install 'broadsheet[newsletter]'") from None


async def _send(
    todo: Sequence[str], make: Callable[[str], EmailMessage], kept: Journal, settings: NewsletterSettings, password: str
) -> Sent:
    from aiosmtplib import SMTP, SMTPException

    sent, refused, delayed = 0, [], []
    try:
        async with SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=password or None,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            timeout=TIMEOUT,
        ) as server:
            for address in todo:
                code, reason = await _deliver(server, make(address), address)
                if code < 300:
                    kept.note("sent", address)
                    sent += 1
                elif code >= 500:
                    kept.note("refused", address, reason)
                    refused.append((address, reason))
                else:
                    delayed.append((address, reason))
    except (SMTPException, OSError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise PublishError(
            f"{settings.host}:{settings.port}: {said}; {sent} of {len(todo)} letters were sent, run it again to go on"
        ) from error
    return Sent(sent=sent, refused=tuple(refused), delayed=tuple(delayed))


async def _deliver(server: SMTP, mail: EmailMessage, address: str) -> tuple[int, str]:
    """The server's answer for one recipient: its code, 250 when the mail was taken, and its words."""
    from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected

    try:
        await server.send_message(mail, recipients=[address])
    except SMTPRecipientsRefused as error:
        first = error.recipients[0]
        return first.code, f"{first.code} {first.message}"
    except SMTPServerDisconnected:
        raise
    except SMTPResponseException as error:
        return error.code, f"{error.code} {error.message}"
    return 250, ""
