"""Who owns an outlet: the outlets of one owner are one voice, so their reports count once as independent coverage."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path


def owner(domain: str, own: Mapping[str, str]) -> str:
    """The owner of the outlet at ``domain``: as the newsroom says in ``own``, else as shipped, else the outlet itself.

    An empty name in ``own`` says that the outlet is its own owner, whatever is shipped.
    """
    return own.get(domain, _shipped().get(domain, "")) or domain


def voices(domains: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """For each domain, in order, the first of them with the same owner: itself when it is an independent voice."""
    first: dict[str, str] = {}
    return {domain: first.setdefault(owner(domain, own), domain) for domain in domains}


@functools.cache
def _shipped() -> dict[str, str]:
    """Domain → owner, from the file that is installed with the package."""
    lines = Path(__file__).with_name("owners.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if not line.startswith("#"))
    return {domain: name for name, _, domains in pairs for domain in domains.split()}
