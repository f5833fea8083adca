"""Every error Broadsheet raises on purpose. Each message is one line: what happened, where, and what to do."""

from __future__ import annotations

from datetime import datetime


class BroadsheetError(Exception):
    """Base of all. The command line prints its text and exits with 1; it never shows a traceback for one."""


class ConfigError(BroadsheetError):
    """A setting, topic or provider file is wrong. The text names file, line, what is wrong and what is allowed."""


class FetchError(BroadsheetError):
    """An address could not be fetched, or was refused.

    ``status`` is the HTTP status, 0 when none came; ``retry_at`` is set when the host said when to ask again;
    ``permanent`` says that asking again is of no use (404 for a page, 410, a refused address, robots.txt).
    """

    def __init__(self, reason: str, *, status: int = 0, retry_at: datetime | None = None, permanent: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_at = retry_at
        self.permanent = permanent


class FeedError(BroadsheetError):
    """The bytes are not a feed, sitemap or archive that can be read."""


class ReadError(BroadsheetError):
    """The page is not an article that can be read."""


class RecordError(BroadsheetError):
    """A record's file does not have the form of a record."""


class SealError(BroadsheetError):
    """A seal cannot be opened: wrong key, another record's seal, or altered bytes."""


class StoreError(BroadsheetError):
    """The database cannot be opened, is of a newer version, or refused a change."""


class ModelError(BroadsheetError):
    """A language model did not answer, or with what cannot be used.

    ``passing`` says that this is no fault of what was asked: the endpoint is away, busy, or refuses us.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class PublishError(BroadsheetError):
    """Files or the Git repository could not be written."""
