"""One question to an OpenAI-compatible API (``POST /chat/completions``), bounded in time and size."""

from __future__ import annotations

import os
from collections.abc import Mapping

import aiohttp
import msgspec

from broadsheet.errors import ModelError
from broadsheet.settings import ModelSettings
from broadsheet.text import fold_space, shorten

VARIABLE = "BROADSHEET_MODEL_KEY"
LARGEST = 1_000_000  # bytes of an answer
_OURS = frozenset({400, 413, 422})  # what we asked is at fault


class Reply(msgspec.Struct, frozen=True):
    """What the model said, and the tokens that the API counted, or about as many."""

    text: str
    tokens: int


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message = _Message()


class _Usage(msgspec.Struct, frozen=True):
    total_tokens: int = 0


class _Answer(msgspec.Struct, frozen=True):
    choices: list[_Choice] = []
    usage: _Usage | None = None


def session(settings: ModelSettings, environment: Mapping[str, str] = os.environ) -> aiohttp.ClientSession:
    """A session that shows the key of the environment, if there is one, and asks no longer than the settings say."""
    headers = {"Content-Type": "application/json"}
    if secret := environment.get(VARIABLE, "").strip():
        headers["Authorization"] = f"Bearer {secret}"
    return aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=settings.timeout), trust_env=True)


async def ask(asking: aiohttp.ClientSession, url: str, body: str) -> Reply:
    """What the model answers. Redirects are refused, so that the key stays with its host. Raises ModelError."""
    try:
        async with asking.post(f"{url.rstrip('/')}/chat/completions", data=body.encode(), allow_redirects=False) as answer:
            content = await _content(answer)
            status = answer.status
    except TimeoutError:
        raise ModelError("no answer in time", passing=True) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise ModelError(f"{type(error).__name__}: {_line(str(error))}", passing=True) from None
    if status != 200:
        said = _line(content[:2000].decode("utf-8", "replace"))
        raise ModelError(f"status {status}: {said}", passing=status not in _OURS)
    return _reply(content, body)


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for part in answer.content.iter_chunked(65536):
        content += part
        if len(content) > LARGEST:
            raise ModelError(f"the answer is larger than {LARGEST} bytes")
    return content


def _reply(content: bytes, body: str) -> Reply:
    try:
        answer = msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, RecursionError):
        raise ModelError("the answer is not that of such an API") from None
    text = answer.choices[0].message.content if answer.choices else None
    if not text:
        raise ModelError("the answer is empty")
    counted = answer.usage.total_tokens if answer.usage else 0
    return Reply(text, counted if counted > 0 else (len(body) + len(text)) // 3)


def _line(text: str) -> str:
    return shorten(fold_space(text), 200)
