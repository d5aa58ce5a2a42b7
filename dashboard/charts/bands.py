"""Published ranges as bands, what is known as a dot."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.svg import Markup, el, percent

THINNEST = 0.009


@dataclass(frozen=True)
class Band:
    """A published range in fractions; `is_claim` for the weakest rank, drawn hatched."""

    low: float
    high: float
    is_claim: bool


def band_row(bands: Sequence[Band], known: tuple[float, float] | None) -> Markup:
    """Return one row on a scale of 0 to 1. A known range is a bar from low to high, or a dot."""
    parts = [
        el("line", class_="grid", x1=0, x2="100%", y1="50%", y2="50%"),
        el("line", class_="axis", x1=0, x2=0, y1="8%", y2="92%"),
    ]
    for band in bands:
        width = max(band.high - band.low, THINNEST)
        parts.append(
            el(
                "rect",
                class_="hx" if band.is_claim else "off",
                x=percent(band.low),
                width=percent(width),
                y="20%",
                height="60%",
            )
        )
    if known is not None:
        low, high = known
        if high - low > THINNEST:
            parts.append(
                el(
                    "rect",
                    class_="brandf",
                    x=percent(low),
                    width=percent(high - low),
                    y="44%",
                    height="12%",
                )
            )
        parts.append(el("circle", class_="brandf dot", cx=percent(high), cy="50%", r=7))
    return el("svg", *parts, class_="plot", aria_hidden="true")


def pledge_row(segments: Sequence[float], highest: float, *, is_own: bool) -> Markup:
    """Return one pledge as a bar of its parts, on a scale of 0 to highest."""
    x, parts = 0.0, []
    for amount in segments:
        parts.append(
            el(
                "rect",
                class_="brandf sg" if is_own else "mute sg",
                x=percent(x / highest),
                y="22%",
                width=percent(amount / highest),
                height="56%",
            )
        )
        x += amount
    return el("svg", *parts, class_="plot", aria_hidden="true")


def duty_row(duty: float, extra: tuple[float, float], highest: float) -> Markup:
    """Return a duty and what would come on top, low end solid and the rest of its range hatched."""
    low, high = extra
    segments = ((duty, "brandf sg"), (low, "alarmf sg"), (max(high - low, 0.0), "hx sg"))
    x, parts = 0.0, []
    for amount, class_ in segments:
        width = percent(amount / highest)
        parts.append(
            el("rect", class_=class_, x=percent(x / highest), y="22%", width=width, height="56%")
        )
        x += amount
    return el("svg", *parts, class_="plot", aria_hidden="true")
