"""Broadsheet turns a topic into a newspaper."""

__version__ = "0.1.0"
