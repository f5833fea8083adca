"""Small newsrooms on the invented press, for tests of whole editions."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from datetime import datetime
from pathlib import Path

from broadsheet.demo.newsroom import write_newsroom
from broadsheet.demo.press import FIRST_EDITION
from broadsheet.demo.run import DEMO_KEY
from broadsheet.demo.server import LoopbackResolver, Press
from broadsheet.edition import run_edition
from broadsheet.gather.client import Client
from broadsheet.models import Report
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom

FEW = ("anselpost.example", "kelmouth-mercury.example", "dailybulletin.example", "verrownow.example", "oystwick-echo.example")
BROKEN = ("eveningbuoy.example", "lighthousegazette.example")


def paper(folder: Path, outlets: tuple[str, ...] = FEW, *, store: str = "", extra: str = "") -> Newsroom:
    """A newsroom with the demo's settings but only those outlets as sources."""
    write_newsroom(folder)
    make_newsroom(folder, DEMO_KEY)
    config = folder / "broadsheet.toml"
    head, *sources = config.read_text(encoding="utf-8").split("[[sources]]")
    kept = [source for source in sources if any(outlet in source for outlet in outlets)]
    head = head.replace("first_byte_timeout = 5.0", "first_byte_timeout = 30.0")  # no silent host among them
    head = f'{head}\n[store]\nurl = "{store}"\n{extra}\n' if store or extra else head
    config.write_text("[[sources]]".join([head, *kept]), encoding="utf-8")
    return open_newsroom(folder)


class Asking:
    """Makes clients that reach the invented press and nothing else; can be sent to another process."""

    def __init__(self, press: Press) -> None:
        self.port = press.port
        self.authorities = b"".join(press.ssl_context.get_ca_certs(binary_form=True))

    def __call__(self, newsroom: Newsroom, at: datetime) -> Client:
        return Client(
            newsroom.settings.gather,
            user_agent="Broadsheet-test/1",
            clock=lambda: at,
            resolver=LoopbackResolver(self.port),
            ssl_context=ssl.create_default_context(cadata=self.authorities),
            allow_private=True,
        )


def edition(newsroom: Newsroom, press: Press, at: datetime = FIRST_EDITION) -> Report:
    return run_edition(newsroom, at=at, client=Asking(press))


def published(folder: Path) -> dict[str, str]:
    """All files of a newsroom that are for others to see, each with a digest of its bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith((".git/", ".broadsheet/")):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
