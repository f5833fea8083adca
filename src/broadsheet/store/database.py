"""Opening the database, bringing its schema up to date, and transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Row,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import Column

from broadsheet.errors import StoreError
from broadsheet.store.pooled import look_after, tell
from broadsheet.store.values import dump

CHUNK = 500  # keys a query, below every database's limit of parameters
_MANY = 5000  # keys a query where they are one parameter
SCHEMA = "0001"  # the newest migration

Key = TypeVar("Key", int, str)


class Database:
    """The newsroom's database. ``url`` is an SQLAlchemy address, ``sqlite:///path`` or ``postgresql://...``.

    Safe to use from several threads; each `transaction` is one thread's. Raises StoreError when it cannot be opened or was
    written by a newer Broadsheet.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        try:
            _migrate(self.engine)
        except SQLAlchemyError as error:
            self.close()
            raise StoreError(f"{self.name}: cannot be opened: {_first_line(error)}") from None
        except StoreError:
            self.close()
            raise

    @property
    def name(self) -> str:
        """Its address, without the password."""
        return self.engine.url.render_as_string()

    @property
    def is_shared(self) -> bool:
        """Whether several processes may work on it at once."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All that is done with the connection is kept together, or nothing of it when the block raises."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"{self.name}: {_first_line(error)}; nothing of this step was kept") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of what is kept at one instant, that holds up no writer. Nothing can be changed through it."""
        with self._connected(reading=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For a question or two: each statement may have a view of its own, which costs less. Nothing is changed through it."""
        with self._connected(reading="each") as connection:
            if self.is_shared:
                tell(connection)
            yield connection

    @contextmanager
    def _connected(self, **options: object) -> Iterator[Connection]:
        driver: Any = self.engine.dialect.dbapi
        try:
            with self.engine.connect().execution_options(**options) as connection:
                yield connection
        except (SQLAlchemyError, driver.Error) as error:
            raise StoreError(f"{self.name}: {_first_line(error)}") from error

    def close(self) -> None:
        self.engine.dispose()


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, keep: Iterable[str] = ()) -> None:
    """Insert rows, or change those whose primary key is there; the columns in ``keep`` keep their old values."""
    if rows:
        sql, names = _upsert_sql(connection.dialect, table, tuple(rows[0]), frozenset(keep))
        # given to the driver as they are: to bind each row by itself takes SQLAlchemy longer than the database
        many: Any = list(map(itemgetter(*names), rows)) if names else list(rows)
        connection.exec_driver_sql(sql, many)


@lru_cache(maxsize=256)
def _upsert_sql(dialect: Dialect, table: Table, columns: tuple[str, ...], keep: frozenset[str]) -> tuple[str, list[str]]:
    """The statement of `upsert`, and the order of its parameters where the driver takes them by place."""
    statement = _insert(dialect, table)
    kept = {*keep, *(column.name for column in table.primary_key)}
    changed: dict[str, Column[Any]] = {name: statement.excluded[name] for name in columns if name not in kept}
    keys = list(table.primary_key)
    done = (
        statement.on_conflict_do_update(index_elements=keys, set_=changed)
        if changed
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    compiled = done.compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), list(compiled.positiontup or ())


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert those rows whose primary key is not there."""
    if rows:
        connection.execute(
            _insert(connection.dialect, table).on_conflict_do_nothing(index_elements=list(table.primary_key)), list(rows)
        )


def chunks(keys: Iterable[Key], most: int = CHUNK) -> Iterator[list[Key]]:
    """The distinct keys, sorted, in lists of at most ``most``."""
    ordered = sorted(set(keys))
    return (ordered[start : start + most] for start in range(0, len(ordered), most))


def rows_of(connection: Connection, query: Select[Any], column: ColumnElement[Key], keys: Iterable[Key]) -> Iterator[Row[Any]]:
    """The rows that ``query`` finds with one of the keys in ``column``, however many keys there are."""
    as_json = connection.dialect.name == "sqlite"
    query = query.where(_has_key(column, as_json))
    for part in chunks(keys, _MANY):
        # some at a time: one by one takes twice as long, and all at once may be many megabytes
        for rows in connection.execute(query, {"keys": dump(part) if as_json else part}).partitions(CHUNK):
            yield from rows


@lru_cache(maxsize=64)
def _has_key(column: ColumnElement[Any], as_json: bool) -> ColumnElement[bool]:
    """The condition of `rows_of`. All keys are one parameter: with one for each, SQLAlchemy takes longer than the database."""
    if not as_json:
        return column == any_(bindparam("keys", type_=ARRAY(column.type)))
    given = func.json_each(bindparam("keys", type_=Text)).table_valued("value")
    return column.in_(select(given.c.value))


def _insert(dialect: Dialect, table: Table) -> Any:
    # of the one in use: to import that of PostgreSQL in vain would be a tenth of what a command takes to start
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table)


def _engine(url: str) -> Engine:
    kind = url.partition(":")[0].partition("+")[0]
    if kind not in ("sqlite", "postgresql"):
        raise StoreError(f"store.url: {kind!r} is not supported; allowed: empty (SQLite) or postgresql://...")
    try:
        # the connection that was used last is taken first: its statements are planned already
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_use_lifo=kind != "sqlite")
    except ImportError as error:
        raise StoreError(f"store.url: {error}; `pip install 'broadsheet[postgres]'` brings the driver") from None
    except SQLAlchemyError as error:
        raise StoreError(f"store.url: {_first_line(error)}") from None
    if kind == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        look_after(engine)
    return engine


_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "cache_size=-65536", "temp_store=MEMORY"),
    "wal_autocheckpoint=8000",  # pages, 32 MB: what batch after batch changes again, as indexes, is copied back less often
)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    # the write lock is taken at once: a transaction that reads first and writes later could otherwise fail half-way
    reading = bool(connection.get_execution_options().get("reading"))
    if connection.info.get("reading") != reading:  # of the driver's connection, which is used again and again
        connection.exec_driver_sql("PRAGMA query_only=ON" if reading else "PRAGMA query_only=OFF")
        connection.info["reading"] = reading
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    if _version(engine) == SCHEMA:
        return
    # imported only here: an edition on an up-to-date database should not wait for it
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(files("broadsheet.store") / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7236015)"))  # two workers start at once
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"{engine.url.render_as_string()}: {error}; it was written by a newer Broadsheet, upgrade this one"
            ) from None


def _version(engine: Engine) -> str:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
