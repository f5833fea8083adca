"""PostgreSQL's connections, kept to be used again: told what they are for, and replaced when they were closed meanwhile.

Both without a statement of its own, as SQLAlchemy would send one each time: for a short query that is a good part of its cost.
"""

from __future__ import annotations

from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

IDLE = 30.0  # seconds after which a connection is asked whether it still is one: a server that vanished says nothing


def look_after(engine: Engine) -> None:
    """Do so for all connections of an engine."""
    errors: type[Exception] = engine.dialect.dbapi.Error  # type: ignore[union-attr]

    def checkout(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("idle_since")
        if since is None or not (connection.closed or monotonic() - since > IDLE or _has_news(connection)):
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except errors as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", _checkin)
    event.listen(engine, "checkout", checkout)
    event.listen(engine, "begin", tell)


def _checkin(_connection: Any, record: Any) -> None:
    record.info["idle_since"] = monotonic()


def _has_news(connection: Any) -> bool:
    """Whether the server said something without being asked, such as that it goes."""
    with DefaultSelector() as selector:
        selector.register(connection.fileno(), EVENT_READ)
        return bool(selector.select(0))


def tell(connection: Connection) -> None:
    """Tell the driver what is begun, which tells the server with its BEGIN: "reading", "each" statement by itself, or any."""
    wanted = connection.get_execution_options().get("reading")
    if connection.info.get("reading") != wanted:  # of the driver's connection, which is used again and again
        from psycopg import IsolationLevel

        driver: Any = connection.connection.driver_connection
        driver.autocommit = wanted == "each"
        driver.isolation_level, driver.read_only = (IsolationLevel.REPEATABLE_READ, True) if wanted is True else (None, None)
        connection.info["reading"] = wanted
