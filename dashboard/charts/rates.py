"""Duty rates of one category over time, one of several small charts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.frame import Axes, Chart, Table, drawing, label
from dashboard.charts.svg import Markup, el, percent

HEIGHT, TOP, BOTTOM = 196, 8, 46
HIGHEST = 62.0
TICK = 25
Line = list[tuple[date, float]]
ROOMY = 0.92  # of the width: a year that begins later finds no room for its label


@dataclass(frozen=True)
class Level:
    """The rate of a part in percent, and whether it is a total with the ordinary duty."""

    rate: float
    is_total: bool


@dataclass(frozen=True)
class Step:
    """The rates in force from a day, one for each part, and the class of their authority.

    `row` is the row of the table that tells of it.
    """

    begin: date
    end: date
    levels: tuple[Level, ...]
    authority: str
    words: str
    row: int

    @property
    def low(self) -> float:
        return min(level.rate for level in self.levels)

    @property
    def high(self) -> float:
        return max(level.rate for level in self.levels)

    @property
    def is_range(self) -> bool:
        return self.low < self.high


def highest_of(steps: Sequence[Step]) -> float:
    """Return the top of the scale in percent: the same for all charts no rate of which lies above."""
    return max(HIGHEST, *(step.high * 1.1 for step in steps))


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
    now: Step | None,
    until: date | None = None,
) -> Chart:
    """Return the steps of one category. Thick: total with the ordinary duty; thin: added to it.

    Where parts pay different rates each has its line, and a band joins the lowest to the
    highest. `now` is the step in force on the day described: it has a dot there. With `until`
    the axis goes on past that day: what lies ahead is dashed.
    """
    end_of_axis = max(until or as_of, as_of)
    axes = Axes(first, end_of_axis, highest_of(steps), HEIGHT, TOP, BOTTOM)
    ticks = range(0, int(axes.highest) + 1, TICK)
    told = now or next((s for s in steps if s.begin > as_of), steps[-1])
    edge = max(min(told.end, as_of), min(told.begin, end_of_axis), first)
    lines: dict[str, list[Line]] = {}
    for class_, line in _lines(axes, steps, as_of):
        lines.setdefault(class_, []).append(line)
    if now is not None and edge < as_of:
        ahead = ([(edge, level.rate), (as_of, level.rate)] for level in now.levels)
        lines.setdefault("l-thin", []).extend(ahead)
    side = "e " if axes.share(edge) > 0.3 else ""
    parts = [
        axes.after(cutoff, as_of),
        axes.grid(ticks, lambda v: f"{v:g}%"),
        *(_strip(axes, step) for step in steps),
        axes.curves(
            *_bands(axes, steps), *(axes.lines(alike, class_) for class_, alike in lines.items())
        ),
        *(
            el("circle", class_="brandf dot", cx=axes.x(edge), cy=axes.y(rate), r=4.5)
            for rate in sorted({level.rate for level in now.levels} if now else ())
        ),
        label(axes.x(edge), axes.y(told.high) - 11, told.words, f"{side}t-ink t-halo"),
    ]
    for year in range(first.year, end_of_axis.year + 1):
        day = max(date(year, 1, 1), first)
        if axes.share(day) < ROOMY:
            parts.append(label(axes.x(day, 0.006 if year > first.year else 0), HEIGHT - 12, year))
    starts = [max(axes.share(step.begin), 0) for step in steps] + [1.0]
    for i, step in enumerate(steps):
        parts.append(
            el(
                "rect",
                class_="hit",
                data_i=step.row,
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


def _lines(axes: Axes, steps: Sequence[Step], as_of: date) -> Iterator[tuple[str, Line]]:
    """The line of every part with its class, risen from the nearest rate before where one goes on into the other."""
    before: list[float] = []
    reached = axes.first
    for step in steps:
        begin, end = _days(axes, step)
        today = min(max(as_of, begin), end)
        for level in step.levels:
            risen = begin == reached and before
            rise = [(begin, min(before, key=lambda r: abs(r - level.rate)))] if risen else []
            if begin <= as_of:
                points = [*rise, (begin, level.rate), (today, level.rate)]
                yield "l-br" if level.is_total else "l-add", points
                rise = []
            if today < end:
                yield "l-thin", [*rise, (today, level.rate), (end, level.rate)]
        before, reached = [level.rate for level in step.levels], end


def _bands(axes: Axes, steps: Sequence[Step]) -> Iterator[Markup]:
    for step in steps:
        if step.is_range:
            begin, end = _days(axes, step)
            low, high = ([(day, rate) for day in (begin, end)] for rate in (step.low, step.high))
            yield axes.area(low, high, "a-rng")


def _strip(axes: Axes, step: Step) -> Markup:
    """The law a step rests on, below the plot."""
    begin, end = _days(axes, step)
    return el(
        "rect",
        class_=step.authority,
        x=axes.x(begin),
        width=percent(max(axes.share(end) - axes.share(begin) - 0.003, 0.002)),
        y=HEIGHT - 38,
        height=7,
    )


def _days(axes: Axes, step: Step) -> tuple[date, date]:
    """The days of a step as far as the axis shows them."""
    begin = max(step.begin, axes.first)
    return begin, max(min(step.end, axes.last), begin)
