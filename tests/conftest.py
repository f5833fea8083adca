"""What all tests share: a database of each kind, and where the real data lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from broadsheet.store import Database

if TYPE_CHECKING:
    from broadsheet.demo.server import Press

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project."""
    if not SHARED.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {SHARED} is not there, so nothing was tested on real input")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server of this test process's own."""
    from tests.postgres import running

    with running(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The address of an empty PostgreSQL database."""
    from tests.postgres import new_database

    return new_database(postgres_server, f"test_{uuid4().hex}")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'broadsheet.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    opened = Database(store_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    """The invented press, served; `advance` and ``now`` turn it for the tests of one module."""
    from broadsheet.demo.server import Press

    with Press() as started:
        yield started
