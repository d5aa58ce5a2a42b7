"""Duty rates of one category over time, one of several small charts on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.frame import Axes, Chart, Table, drawing, label
from dashboard.charts.svg import el, percent

HEIGHT, TOP, BOTTOM = 196, 8, 46
HIGHEST = 62.0


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
) -> Chart:
    """Return the steps of one category. Thick: total with the ordinary duty; thin: added to it."""
    axes = Axes(first, as_of, max(HIGHEST, *(s.rate * 1.1 for s in steps)), HEIGHT, TOP, BOTTOM)
    parts = [axes.after(cutoff, as_of), axes.grid((0, 25, 50), lambda v: f"{v:g}%")]
    lines, before = [], 0.0
    for n, step in enumerate(steps):
        begin = max(step.begin, first)
        end = max(min(step.end, as_of), begin)
        points = [(begin, step.rate), (end, step.rate)]
        if n:
            points.insert(0, (begin, before))
        lines.append(axes.line(points, "l-br" if step.is_total else "l-add"))
        before = step.rate
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
    last = steps[-1]
    edge = max(min(last.end, as_of), first)
    if edge < as_of:
        lines.append(axes.line([(edge, before), (as_of, before)], "l-thin"))
    parts.append(axes.curves(*lines))
    parts.append(el("circle", class_="brandf dot", cx=axes.x(edge), cy=axes.y(before), r=4.5))
    side = "e " if axes.share(edge) > 0.3 else ""
    parts.append(label(axes.x(edge), axes.y(before) - 11, last.words, f"{side}t-ink t-halo"))
    for year in range(first.year, as_of.year + 1):
        day = max(date(year, 1, 1), first)
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
    svg = drawing(chart_id, height=HEIGHT, title=name, description=description, parts=parts)
    return Chart(svg, name, description, table)
