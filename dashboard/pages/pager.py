"""The way through a list that has more than one page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pager:
    """Addresses of the first page, where this is a later one, and of the next; empty for none."""

    previous: str
    next: str
