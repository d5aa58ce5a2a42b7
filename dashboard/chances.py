"""Odds in words and as bounds: natural frequencies, never certain, a prior labelled as one."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from projects.calculations.quantiles import odds_bounds


def odds_of(variant: Mapping[str, Any], rung: str, paths: int) -> tuple[float, float]:
    """Return between which odds a variant of a forecast reaches its target: never 0, never 1."""
    return odds_bounds(variant["reached"][rung], paths)


def chance_words(odds: tuple[float, float]) -> str:
    """Return odds as a natural frequency: "3 in 100", "under 1 in 100"."""
    low, high = odds
    if high < 0.01:
        return _("under 1 in 100")
    if low > 0.99:
        return _("over 99 in 100")
    return _("%(n)s in 100") % {"n": round(low * 100)}


def labelled(words: str, *, is_prior: bool) -> str:
    """Return words about draws, under the label of a prior where they are one's."""
    return _("Prior: %(odds)s") % {"odds": words} if is_prior else words


def told_odds(variant: Mapping[str, Any], rung: str, paths: int) -> dict[str, str | None]:
    """Return odds as data: `low` and `high` as decimal strings, and words in English.

    A bound that would be 0 or 1 is None, for draws cannot show certainty: with
    none of 10,000 paths the odds are under "0.0001" and have no lower bound.
    """
    low, high = odds_of(variant, rung, paths)
    with override("en"):
        words = chance_words((low, high))
    return {
        "low": _digits(low) if low > 0 else None,
        "high": _digits(high) if high < 1 else None,
        "words": words,
    }


def _digits(share: float) -> str:
    return f"{share:.6f}".rstrip("0")
