"""Days, amounts and shares as records write them, and what the value of a term may hold.

A record writes a day as 2029-01-19 and a number as an exact decimal string.
Readers return None for whatever is written otherwise; checks say what is wrong,
by codes that the model has the words of.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.calendars import CALENDARS

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")
SHARE = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?")
HEADLINE_RUNGS = ("selected", "signed", "noticed", "funded", "disbursed", "distributed")
LONGEST_WINDOW = 366  # business days
FIRST_YEAR, LAST_YEAR = 1900, 2100  # the calendar of the register: nothing lies outside it
DEEPEST = 3


def read_day(written: Any) -> date | None:
    """Return the day a record writes, None for anything else and after the year 2100."""
    if not isinstance(written, str) or not DAY.fullmatch(written):
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.year <= LAST_YEAR else None


def read_amount(written: Any) -> Decimal | None:
    """Return the exact amount of money a record writes, not negative; None for anything else."""
    return _read_number(written, AMOUNT)


def read_percent(written: Any) -> Decimal | None:
    """Return the percentage a record writes, None for anything else."""
    return _read_number(written, PERCENT)


def read_share(written: Any) -> Decimal | None:
    """Return the share from 0 to 1 a record writes, None for anything else."""
    return _read_number(written, SHARE)


def _read_number(written: Any, pattern: re.Pattern[str]) -> Decimal | None:
    if not isinstance(written, str) or not pattern.fullmatch(written):
        return None
    return Decimal(written)


def read_shares(written: Any) -> dict[str, Decimal] | None:
    """Return who gets which share of a whole, the United States among them; None if it is not that."""
    if not isinstance(written, dict):
        return None
    shares = {name: read_share(part) for name, part in written.items()}
    known = {name: share for name, share in shares.items() if share is not None}
    whole = sum(known.values(), Decimal(0)) == 1
    return known if whole and "us" in known and len(known) == len(shares) else None


Fits = Callable[[Any], bool]


def _is_whole_number(part: Any, most: int) -> bool:
    return isinstance(part, int) and not isinstance(part, bool) and 1 <= part <= most


@dataclass(frozen=True)
class Problem:
    """What is wrong with a term's value: a code, the part, what it must hold, what it holds."""

    code: str
    part: str = ""
    holds: str = ""
    found: str = ""


# What a part of this name holds, wherever it stands in a term's value.
PARTS: Mapping[str, tuple[Fits, str]] = {
    **dict.fromkeys(("date", "start", "end"), (lambda part: read_day(part) is not None, "day")),
    **dict.fromkeys(
        ("usd", "amount_usd"),
        (lambda part: bool(read_amount(part)), "dollars"),
    ),
    "percent": (lambda part: read_percent(part) is not None, "percent"),
    **dict.fromkeys(
        ("before", "after"),
        (lambda part: read_shares(part) is not None, "shares"),
    ),
    "business_days": (
        lambda part: _is_whole_number(part, LONGEST_WINDOW),
        "business_days",
    ),
    "spread_bps": (
        lambda part: part is None or _is_whole_number(part, 10_000),
        "basis_points",
    ),
    "calendar": (lambda part: part in CALENDARS, "calendar"),
    "rung": (lambda part: part in HEADLINE_RUNGS, "rung"),
    "list": (lambda part: isinstance(part, list), "list"),
    **dict.fromkeys(("text", "text_ja", "label"), (lambda part: isinstance(part, str), "words")),
}

# The parts without which a term of this key cannot be read.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "start": ("date",),
    "deadline": ("date",),
    "announced": ("date",),
    "target": ("usd",),
    "annual_cap": ("usd",),
    "funding_window": ("business_days",),
    "calendar": ("calendar",),
    "headline_rung": ("rung",),
    "split": ("before", "after"),
    "components": ("list",),
}


def term_problems(key: str, value: Any) -> list[Problem]:
    """Say what keeps the value of a term from being read; nothing when it can be."""
    if not isinstance(value, dict):
        return [Problem("no_object")]
    missing = [name for name in NEEDED.get(key, ()) if name not in value]
    return [*(Problem("missing", name) for name in missing), *_problems(value, 1)]


def _problems(value: dict[str, Any], depth: int) -> Iterator[Problem]:
    for name, part in value.items():
        fits, holds = PARTS.get(name, (None, ""))
        if fits is not None and not fits(part):
            yield Problem("wrong", name, holds, f"{part!r:.60}")
            continue
        inner = part if isinstance(part, list) else [part]
        if depth == DEEPEST and any(isinstance(item, (dict, list)) for item in inner):
            yield Problem("deep", name)
            continue
        for item in inner:
            if isinstance(item, dict):
                yield from _problems(item, depth + 1)
            elif isinstance(item, (float, list)):
                yield Problem("shape", name)
