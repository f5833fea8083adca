"""No test of this room sends a packet off loopback, whatever the guard does: names and connections are the test's own."""

from __future__ import annotations

import pytest

from tests.gather.servers import Dialled, stay_home

__all__ = ["Dialled", "dialled"]


@pytest.fixture(autouse=True)
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    """What would have been dialled off loopback, or asked of a name server; nothing of it was."""
    return stay_home(monkeypatch.setattr)
