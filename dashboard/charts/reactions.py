"""Reactions stacked by month and side; shape says the stance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.frame import Chart, Table, drawing, label
from dashboard.charts.svg import Markup, el, percent

STANCES = ("critical", "neutral", "supportive")
STEP, MARK = 12, 4.6
CLOSE = 0.12  # of the width: nearer than that two labels would meet


@dataclass(frozen=True)
class Lane:
    """One side: its name and the (day, stance) of each reaction."""

    name: str
    marks: Sequence[tuple[date, str]]


@dataclass(frozen=True)
class EventLane:
    """Something on the same axis that is no reaction: its name and the day of each event."""

    name: str
    days: Sequence[date]


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


def event_mark() -> Markup:
    """Return the mark of an event around the origin: an upright bar."""
    return el("rect", class_="tn-e", x=-1.5, y=-6, width=3, height=12)


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
    events: Sequence[EventLane] = (),
) -> Chart:
    """Return the lanes one below the other, months from first to as_of, events below them."""
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
    for events_lane in events:
        parts.append(label(0, y + 14, events_lane.name, "t-ink t-halo"))
        y += 34
        for day in sorted(set(events_lane.days)):
            if first <= day <= as_of:
                parts.append(
                    el("svg", event_mark(), x=percent(x(day)), y=y - 9, overflow="visible")
                )
        parts.append(el("line", class_="grid", x1=0, x2="100%", y1=y, y2=y))
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
    shown = sorted((m for m in moments if first <= m.day <= as_of), key=lambda m: m.day)
    for n, moment in enumerate(shown):
        at = percent(x(moment.day))
        behind.append(el("line", class_="ev", x1=at, x2=at, y1=16, y2=y))
        anchor = "m"
        if n + 1 < len(shown) and x(shown[n + 1].day) - x(moment.day) < CLOSE:
            anchor = "e"
        elif n and x(moment.day) - x(shown[n - 1].day) < CLOSE:
            anchor = "s"
        class_ = f"{anchor} t-ink{' wideonly' if moment.is_wide else ''}"
        behind.append(label(at, 11, moment.words, class_))
    years = [
        label(percent(max(x(date(year, 1, 1)), 0) + 0.005), y + 21, year)
        for year in range(first.year, as_of.year + 1)
    ]
    return drawing(
        "reactions",
        table,
        height=y + 30,
        title=title,
        description=description,
        parts=[*behind, *parts, *years],
        has_marks=False,
    )


def _stacks(lane: Lane, first: date, months: int) -> list[list[str]]:
    stacks: list[list[str]] = [[] for _ in range(months)]
    for stance in STANCES:
        for day, found in lane.marks:
            month = (day.year - first.year) * 12 + day.month - first.month
            if found == stance and 0 <= month < months:
                stacks[month].append(stance)
    return stacks
