"""Exposure as plain data: what the API answers and a file holds, from one place."""

from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.bounds import Bounds
from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason
from tariffs.selectors.exposure import Exposure, ExposureLine


def no_exposure(on: date, elasticity: Decimal | None, point: PointInTime) -> dict[str, Any]:
    """What stands in the place of an exposure where no baseline is on record, and why."""
    return {
        "on": on,
        "reason": Reason.NOT_STATED if point.is_recorded else Reason.NOT_RECORDED_YET,
        "baseline": None,
        "elasticity": percent(elasticity),
        "lines": [],
        "within": [],
        "total": None,
    }


def exposure_json(found: Exposure, elasticity: Decimal | None) -> dict[str, Any]:
    """An exposure as plain data: US dollars a year to the cent, rates in percent."""
    base = found.baseline
    return {
        "on": found.on,
        "reason": None,
        "baseline": {
            "line": base.line,
            "label": base.label,
            "year": base.year,
            "imports_usd": _cents(base.value_usd),
            "basis": base.basis,
            "document": base.document.slug if base.document else None,
        },
        "elasticity": percent(elasticity),
        "lines": [line_json(line, elasticity) for line in found.lines],
        "within": [line_json(line, elasticity) for line in found.within],
        "total": {
            "imports_usd": _cents(found.imports),
            "imports_with_rate_usd": _cents(found.imports_with_rate),
            "imports_without_rate_usd": _cents(found.imports - found.imports_with_rate),
            "imports_compared_usd": _cents(found.imports_compared),
            "imports_uncompared_usd": _cents(found.imports - found.imports_compared),
            "unstated_count": len(found.without_rate),
            "uncompared_count": len(found.without_comparison),
            **_money("duty", found.duty),
            **_rates("average", found.average_percent, places=3),
            **_money("duty_compared", found.duty_compared),
            **_money("duty_without", found.duty_without),
            **_money("extra", found.extra),
            "added_only": any(line.is_added_only for line in found.lines),
            "added_only_count": sum(line.is_added_only for line in found.with_rate),
            "what_if": None
            if elasticity is None
            else {
                **_money("extra", found.extra_with(elasticity)),
                **_money("imports_lost", found.lost_with(elasticity)),
            },
        },
    }


def line_json(line: ExposureLine, elasticity: Decimal | None) -> dict[str, Any]:
    """One line of an exposure as plain data."""
    trade, rate = line.trade, line.rate
    return {
        "line": trade.line,
        "label": trade.label,
        "category": trade.category.slug if trade.category else None,
        "imports_usd": _cents(line.imports),
        **_rates("rate", Bounds(rate.low, rate.high)),
        "basis": rate.basis,
        "reason": rate.reason,
        "added_only": line.is_added_only,
        **_money("duty", line.duty),
        **_rates("without", line.without_percent),
        "without": [
            {
                "rate_percent": percent(without.rate_percent),
                "basis": without.basis,
                "source": without.source,
                "note": without.words,
                "document": without.document.slug if without.document else None,
            }
            for without in line.without
        ],
        **_money("duty_without", line.duty_without),
        **_money("extra", line.extra),
        "what_if": None
        if elasticity is None
        else {
            **_money("extra", line.extra_with(elasticity)),
            **_money("imports_lost", line.lost_with(elasticity)),
        },
        "authority": [measure.ref for measure in rate.authority],
    }


def _money(name: str, bounds: Bounds) -> dict[str, str | None]:
    """An amount by its bounds; the value itself only where they are equal."""
    low, high = (None if b is None else _cents(b) for b in (bounds.low, bounds.high))
    value = low if low == high else None
    return {f"{name}_usd": value, f"{name}_low_usd": low, f"{name}_high_usd": high}


def _rates(name: str, bounds: Bounds, places: int | None = None) -> dict[str, str | None]:
    low, high = (
        None if b is None else percent(b if places is None else round(b, places))
        for b in (bounds.low, bounds.high)
    )
    value = low if low == high else None
    return {f"{name}_percent": value, f"{name}_low_percent": low, f"{name}_high_percent": high}


def percent(rate: Decimal | None) -> str | None:
    """Write a number, like a rate in percent, without needless zeros."""
    return None if rate is None else f"{rate.normalize():f}"


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"
