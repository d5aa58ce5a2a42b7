"""Reactions stacked by month and side; shape says the stance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.frame import Chart, Table, drawing, label
from dashboard.charts.svg import Markup, el, percent

STANCES = ("critical", "neutral", "supportive")
STEP, MARK = 12, 4.6


@dataclass(frozen=True)
class Lane:
    """One side: its name and the (day, stance) of each reaction."""

    name: str
    marks: Sequence[tuple[date, str]]


@dataclass(frozen=True)
class Moment:
    day: date
    words: str
    is_wide: bool = False


def stance_mark(stance: str, size: float = MARK) -> Markup:
    """Return the mark of a stance around the origin."""
    if stance == "supportive":
        return el(
            "path", class_="tn-s", d=f"M0,{-size}L{size},{size * 0.8:.1f}L{-size},{size * 0.8:.1f}Z"
        )
    if stance == "critical":
        return el(
            "path",
            class_="tn-c",
            d=f"M0,{size}L{size},{-size * 0.8:.1f}L{-size},{-size * 0.8:.1f}Z",
        )
    return el("circle", class_="tn-n", r=size - 0.8)


def reactions_chart(
    lanes: Sequence[Lane],
    moments: Sequence[Moment],
    *,
    title: str,
    description: str,
    table: Table,
    first: date,
    as_of: date,
    cutoff: date | None,
) -> Chart:
    """Return the lanes one below the other, months from first to as_of."""
    months = (as_of.year - first.year) * 12 + as_of.month - first.month + 1
    width = 1 / months

    def x(day: date) -> float:
        return ((day.year - first.year) * 12 + day.month - first.month + (day.day - 1) / 31) * width

    parts: list[Markup] = []
    y = 30
    for lane in lanes:
        stacks = _stacks(lane, first, months)
        height = max(map(len, stacks), default=0) * STEP + 22
        base = y + height
        parts.append(label(0, y + 14, lane.name, "t-ink t-halo"))
        for month, stack in enumerate(stacks):
            for n, stance in enumerate(stack):
                at = percent((month + 0.5) * width)
                parts.append(
                    el("svg", stance_mark(stance), x=at, y=base - 9 - STEP * n, overflow="visible")
                )
        parts.append(el("line", class_="grid", x1=0, x2="100%", y1=base, y2=base))
        y = base
    behind: list[Markup] = []
    if cutoff is not None and cutoff < as_of:
        behind.append(
            el(
                "rect",
                class_="after",
                x=percent(max(x(cutoff), 0)),
                width=percent(x(as_of) - max(x(cutoff), 0)),
                y=16,
                height=y - 16,
            )
        )
    for moment in moments:
        if first <= moment.day <= as_of:
            at = percent(x(moment.day))
            behind.append(el("line", class_="ev", x1=at, x2=at, y1=16, y2=y))
            class_ = "m t-ink wideonly" if moment.is_wide else "m t-ink"
            behind.append(label(at, 11, moment.words, class_))
    years = [
        label(percent(max(x(date(year, 1, 1)), 0) + 0.005), y + 21, year)
        for year in range(first.year, as_of.year + 1)
    ]
    svg = drawing(
        "reactions",
        height=y + 30,
        title=title,
        description=description,
        parts=[*behind, *parts, *years],
    )
    return Chart(svg, title, description, table, has_marks=False)


def _stacks(lane: Lane, first: date, months: int) -> list[list[str]]:
    stacks: list[list[str]] = [[] for _ in range(months)]
    for stance in STANCES:
        for day, found in lane.marks:
            month = (day.year - first.year) * 12 + day.month - first.month
            if found == stance and 0 <= month < months:
                stacks[month].append(stance)
    return stacks
