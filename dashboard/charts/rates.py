"""Duty rates of one category over time, one of several small charts on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.frame import Axes, Chart, Table, drawing, label
from dashboard.charts.svg import el, percent

HEIGHT, TOP, BOTTOM = 196, 8, 46
HIGHEST = 62.0
ROOMY = 0.92  # of the width: a year that begins later finds no room for its label


@dataclass(frozen=True)
class Step:
    """A rate in force: percent from a day, whether it is a total, and its authority's class."""

    begin: date
    end: date
    rate: float
    is_total: bool
    authority: str
    words: str


def rates_chart(
    chart_id: str,
    steps: Sequence[Step],
    *,
    name: str,
    description: str,
    table: Table,
    first: date,
    as_of: date,
    cutoff: date,
    until: date | None = None,
) -> Chart:
    """Return the steps of one category. Thick: total with the ordinary duty; thin: added to it.

    With `until` the axis goes on past the day described: what lies ahead is dashed.
    """
    end_of_axis = max(until or as_of, as_of)
    axes = Axes(
        first, end_of_axis, max(HIGHEST, *(s.rate * 1.1 for s in steps)), HEIGHT, TOP, BOTTOM
    )
    parts = [axes.after(cutoff, as_of), axes.grid((0, 25, 50), lambda v: f"{v:g}%")]
    lines, before, reached = [], 0.0, first
    for n, step in enumerate(steps):
        begin = max(step.begin, first)
        end = max(min(step.end, end_of_axis), begin)
        today = min(max(as_of, begin), end)
        rise = [(begin, before)] if n and begin == reached else []
        if begin <= as_of:
            points = [*rise, (begin, step.rate), (today, step.rate)]
            lines.append(axes.line(points, "l-br" if step.is_total else "l-add"))
            rise = []
        if today < end:
            lines.append(axes.line([*rise, (today, step.rate), (end, step.rate)], "l-thin"))
        before, reached = step.rate, end
        parts.append(
            el(
                "rect",
                class_=step.authority,
                x=axes.x(begin),
                width=percent(max(axes.share(end) - axes.share(begin) - 0.003, 0.002)),
                y=HEIGHT - 38,
                height=7,
            )
        )
    last = next((s for s in reversed(steps) if s.begin <= as_of), steps[0])
    edge = max(min(last.end, as_of), min(last.begin, end_of_axis), first)
    if edge < as_of and last is steps[-1]:
        lines.append(axes.line([(edge, last.rate), (as_of, last.rate)], "l-thin"))
    parts.append(axes.curves(*lines))
    parts.append(el("circle", class_="brandf dot", cx=axes.x(edge), cy=axes.y(last.rate), r=4.5))
    side = "e " if axes.share(edge) > 0.3 else ""
    parts.append(label(axes.x(edge), axes.y(last.rate) - 11, last.words, f"{side}t-ink t-halo"))
    for year in range(first.year, end_of_axis.year + 1):
        day = max(date(year, 1, 1), first)
        if axes.share(day) < ROOMY:
            parts.append(label(axes.x(day, 0.006 if year > first.year else 0), HEIGHT - 12, year))
    starts = [max(axes.share(step.begin), 0) for step in steps] + [1.0]
    for i in range(len(steps)):
        parts.append(
            el(
                "rect",
                class_="hit",
                data_i=i,
                x=percent(starts[i]),
                width=percent(max(starts[i + 1] - starts[i], 0)),
                y=TOP,
                height=axes.plot_height,
            )
        )
    return drawing(
        chart_id,
        table,
        height=HEIGHT,
        title=name,
        description=description,
        parts=parts,
    )
