"""What is remembered between editions: one schema on SQLite and PostgreSQL alike, by SQLAlchemy Core.

Every function takes the `sqlalchemy.Connection` of the caller's transaction (`Database.transaction`), so that the edition
decides what is kept together or not at all. No function reads all that is stored: each asks by key, or for a bounded number.
"""

from broadsheet.store.database import Database

__all__ = ["Database"]
