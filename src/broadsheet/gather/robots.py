"""What a host's robots.txt allows (RFC 9309). Pure."""

from __future__ import annotations

from protego import Protego

from broadsheet.gather.decoding import decode
from broadsheet.models import Value

MAX_BYTES = 512_000  # RFC 9309 asks for at least 500 kibibytes
MAX_DELAY = 30.0  # seconds; a longer Crawl-delay is taken for this


class Robots(Value, frozen=True):
    """The rules of one host. ``refusal`` is why nothing may be fetched; without rules and refusal everything may."""

    rules: Protego | None = None
    refusal: str = ""

    def allows(self, url: str, agent: str) -> bool:
        """Whether ``agent``, a product name such as ``Broadsheet``, may fetch ``url``."""
        return not self.refusal and (self.rules is None or bool(self.rules.can_fetch(url, agent)))

    def delay(self, agent: str) -> float:
        """Seconds that the host wants between two requests, at most 30; 0 when it does not say."""
        asked = self.rules.crawl_delay(agent) if self.rules else None
        return min(asked or 0.0, MAX_DELAY)

    def sitemaps(self) -> tuple[str, ...]:
        """The sitemap addresses in the order of the file, as written."""
        return tuple(dict.fromkeys(self.rules.sitemaps)) if self.rules else ()


def read_robots(content: bytes) -> Robots:
    """The rules in a robots.txt of any content; lines that are none are ignored."""
    return Robots(rules=Protego.parse(decode(content[:MAX_BYTES])))
