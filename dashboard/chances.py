"""Odds in words: natural frequencies, never certain."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from projects.calculations.quantiles import odds_bounds


def odds_of(variant: Mapping[str, Any], basis: str, paths: int) -> tuple[float, float]:
    """Return between which odds a variant of a forecast reaches its target: never 0, never 1."""
    return odds_bounds(variant["reached"][basis], paths)


def chance_words(odds: tuple[float, float]) -> str:
    """Return odds as a natural frequency: "3 in 100", "under 1 in 100"."""
    low, high = odds
    if high < 0.01:
        return _("under 1 in 100")
    if low > 0.99:
        return _("over 99 in 100")
    return _("%(n)s in 100") % {"n": round(low * 100)}
