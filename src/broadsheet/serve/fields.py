"""What a program sends with a request: the fields of its query and of its form, bounded."""

from __future__ import annotations

from urllib.parse import parse_qsl

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST = 12_000  # fields


class Fields(Struct, frozen=True):
    """Named texts; a name may come more than once."""

    values: dict[str, list[str]]

    def one(self, name: str, default: str = "") -> str:
        """The first text of that name."""
        return self.values.get(name, [default])[0]

    def many(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds; what is none counts as ``default``."""
        value = _whole(self.one(name))
        return min(max(default if value is None else value, least), most)

    def numbers(self, name: str, count: int, most: int) -> list[int]:
        """At most ``count`` whole numbers with commas between them; what is none, or above ``most``, is left out."""
        found = (_whole(text) for text in self.one(name).split(",", count)[:count])
        return [value for value in found if value is not None and value <= most]

    def __contains__(self, name: str) -> bool:
        return name in self.values


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


async def read_fields(request: Request) -> Fields:
    """The fields of a request's query, and behind them those of its form. Raises HTTPException 413 when there are too many."""
    body = await request.body()  # `Guarded` bounds it
    values: dict[str, list[str]] = {}
    try:
        for text in (request.url.query, body.decode("utf-8", "replace")):
            for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MOST):
                values.setdefault(name, []).append(value)
    except ValueError:
        raise HTTPException(413, f"a form has at most {MOST} fields") from None
    return Fields(values)
