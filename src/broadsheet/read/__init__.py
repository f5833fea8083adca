"""Page → article: what a page says, and where on it each value was found. Pure: no clock, no network."""

from broadsheet.read.article import read_article, read_entry
from broadsheet.read.pictures import logo, measure

__all__ = ["logo", "measure", "read_article", "read_entry"]
