"""Searching a newsroom from the command line."""

from __future__ import annotations

from contextlib import closing

from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import Newsroom
from broadsheet.store import Database, search_filling
from broadsheet.store.search import Found, Search
from broadsheet.store.search_query import parse
from broadsheet.store.search_tables import Kind


def search(newsroom: Newsroom, text: str, kind: Kind, limit: int) -> tuple[Found, bool]:
    """What a query finds, and whether all that is kept could be found. Raises BroadsheetError for what cannot be understood."""
    query = parse(text)
    if query.problems:
        raise BroadsheetError(f"the search was not understood: {'; '.join(query.problems)}")
    with closing(Database(newsroom.store_url)) as database, database.reading() as connection:
        return Search().find(connection, query, kind, limit), search_filling.is_whole(connection)
