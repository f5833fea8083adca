"""Values of `broadsheet.models` to and from columns."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def load(text: str, kind: type[T]) -> T:
    key: Any = kind
    loaded: T = _decoder(key).decode(text)
    return loaded


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """Kept, as making one takes longer than using it."""
    return msgspec.json.Decoder(kind)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
