"""The event loop of an edition: that of uvloop, in which asking many feeds takes a seventh less of a processor."""

from __future__ import annotations

import asyncio
import sys

if sys.platform == "win32":
    run = asyncio.run
else:
    from uvloop import run

__all__ = ["run"]
