"""The record against the path to the target, and the record enlarged."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from dashboard.charts.frame import Axes, Chart, Table, drawing, height_on, label, plan_label
from dashboard.charts.svg import Markup, el

Steps = Sequence[tuple[date, float]]

HEIGHT, TOP, BOTTOM = 392, 26, 30
LINE = 22  # pixels that a line of words takes
NEAR = 15  # pixels under which two lines of words would touch
MARGIN = timedelta(days=22)  # room at the right for the deadline


@dataclass(frozen=True)
class Step:
    """What a rung stands at from a day on: firm to its low, none for a ceiling, open to its high."""

    day: date
    low: float | None
    high: float


@dataclass(frozen=True)
class Series:
    """Cumulative amounts by day, in the unit of the axis, oldest first."""

    selected: Sequence[Step]
    in_consultation: Sequence[Step]
    signed: Sequence[Step]
    funded: Steps


@dataclass(frozen=True)
class PathWords:
    """Every word of the chart, formatted and translated."""

    title: str
    description: str
    target: str
    deadline: str
    even: str
    even_short: str
    needed: tuple[str, str]
    funded: str
    enlarged: str
    plan: str


def path_chart(
    series: Series,
    words: PathWords,
    table: Table,
    *,
    start: date,
    as_of: date,
    deadline: date,
    cutoff: date | None,
    target: float,
    row_days: Sequence[date],
    amount_words: Callable[[float], str],
    plan: Steps = (),
) -> Chart:
    """Return the target path: even pace, needed pace from today, and what is on record.

    The plan of what is to be funded may be empty. Amounts are in one unit throughout (billions of dollars on the page).
    """
    axes = Axes(
        first=date(start.year, start.month, 1),
        last=max(deadline, as_of) + MARGIN,
        highest=target * 600 / 550,
        height=HEIGHT,
        top=TOP,
        bottom=BOTTOM,
    )
    length = (deadline - start).days
    even = target * min(max((as_of - start).days, 0), length) / length
    funded = series.funded[-1][1] if series.funded else 0.0
    edge = cutoff or as_of
    parts: list[Markup | None] = [axes.after(cutoff, as_of)]
    parts.append(axes.grid(_ticks(target), amount_words))
    parts += _hatched(axes, series.in_consultation, edge, "hx")
    parts += _hatched(axes, series.selected, edge, "hx br")
    needed = None
    if as_of < deadline and funded < target:
        needed = axes.line([(as_of, funded), (deadline, target)], "l-al")
    parts.append(
        axes.curves(
            axes.line([(start, 0), (deadline, target)], "l-thin"),
            axes.line(plan, "l-low") if plan else None,
            needed,
            *_firm(axes, series.selected, edge, "l-br"),
            axes.steps(series.funded, until=as_of, class_="l-sig"),
        )
    )
    y = axes.y(target)
    parts += [
        el("line", class_="l-tgt", x1=0, x2=axes.x(deadline), y1=y, y2=y),
        label(0, y - 7, words.target, "t-ink t-halo"),
        el(
            "line",
            class_="axis",
            x1=axes.x(deadline),
            x2=axes.x(deadline),
            y1=18,
            y2=HEIGHT - BOTTOM,
        ),
        label(axes.x(deadline), 12, words.deadline, "e t-ink"),
    ]
    if plan:
        parts.append(plan_label(axes, plan, words.plan))
    if start < as_of < deadline:
        frame = _frame(axes, series, as_of)
        parts += _enlarged(axes, words.enlarged, begin=start, end=as_of, top=frame)
        parts += _today(axes, words, as_of=as_of, even=even, funded=funded, frame=frame)
        parts += _needed(
            axes, words, plan, as_of=as_of, deadline=deadline, funded=funded, target=target
        )
    years = range(start.year + 1, deadline.year)
    parts.append(axes.ticks([(date(year, 1, 1), str(year)) for year in years]))
    parts.append(axes.hits(row_days))
    return drawing(
        "path",
        table,
        height=HEIGHT,
        title=words.title,
        description=words.description,
        parts=parts,
    )


def _spans(steps: Sequence[Step], end: date) -> list[tuple[Step, date]]:
    """Each step with the day until which it held."""
    return list(zip(steps, [*(step.day for step in steps[1:]), end], strict=False))


def _hatched(axes: Axes, steps: Sequence[Step], end: date, class_: str) -> list[Markup]:
    """What is open of a rung, from low to high, over the days that each step held."""
    return [
        axes.box(step.day, until, (step.low or 0, step.high), class_)
        for step, until in _spans(steps, end)
        if step.high > (step.low or 0) and until > step.day
    ]


def _firm(axes: Axes, steps: Sequence[Step], end: date, class_: str) -> Iterable[Markup | None]:
    """The low of a rung as a line over the days for which one is stated."""
    for is_stated, found in groupby(_spans(steps, end), key=lambda span: span[0].low is not None):
        if is_stated:
            spans = list(found)
            points = [(step.day, step.low or 0) for step, _until in spans]
            yield axes.steps(points, until=spans[-1][1], class_=class_)


def _today(
    axes: Axes, words: PathWords, *, as_of: date, even: float, funded: float, frame: float
) -> list[Markup]:
    narrow = axes.share(as_of) < 0.25
    y, edge = axes.y(even) - 22, axes.y(frame)
    y = edge - 8 if frame and abs(y - edge) < LINE else y  # not on the frame, nor on its word
    side = "" if narrow else "e "
    shift = 0.012 if narrow else -0.012
    return [
        el("circle", class_="ringd", cx=axes.x(as_of), cy=axes.y(even), r=4),
        label(axes.x(as_of, shift), y, words.even, f"{side}t-halo wideonly"),
        label(
            axes.x(as_of, shift) if narrow else 0,
            y - 8,
            words.even_short,
            "t-halo narrowonly",
        ),
        el("circle", class_="ring", cx=axes.x(as_of), cy=axes.y(funded), r=5),
        _beside(axes, as_of, axes.y(funded) - 9, words.funded, "t-ink t-halo"),
    ]


def _beside(axes: Axes, day: date, y: float, words: str, class_: str) -> Markup:
    """A label to the right of a day, or ending with the plot where that leaves no room."""
    if axes.share(day) > 0.6:
        return label("100%", y, words, f"e {class_}")
    return label(axes.x(day, 0.02), y, words, class_)


def _frame(axes: Axes, series: Series, end: date) -> float:
    """The top of what the chart beside it enlarges; 0 where enlarging shows no more."""
    top = _highest(series)
    return 0 if top > axes.highest / 2 or axes.share(end) < 0.1 else top


def _enlarged(axes: Axes, words: str, *, begin: date, end: date, top: float) -> Sequence[Markup]:
    """The part that the chart beside it enlarges."""
    if not top:
        return ()
    return (
        axes.box(begin, end, (0, top), "zoom"),
        label(axes.x(end, -0.012), axes.y(top) + 16, words, "e t-halo"),
    )


def _needed(
    axes: Axes,
    words: PathWords,
    plan: Steps,
    *,
    as_of: date,
    deadline: date,
    funded: float,
    target: float,
) -> list[Markup]:
    """What is needed a month, beside its path and below the plan."""
    middle = as_of + (deadline - as_of) * 0.55
    is_late = axes.share(middle) > 0.75
    x, side = axes.x(middle, -0.04 if is_late else 0.02), "e " if is_late else ""
    y = axes.y(funded + (target - funded) * 0.47)
    if plan:
        y = max(y, axes.y(height_on(plan, middle)) + 22)
    return [
        label(x, y, words.needed[0], f"{side}t-al t-halo wideonly"),
        label(x, y + 16, words.needed[1], f"{side}t-al t-halo"),
    ]


@dataclass(frozen=True)
class ZoomWords:
    """Every word of the enlarged record, formatted and translated."""

    title: str
    description: str
    in_consultation: str
    selected: str
    signed: str
    funded: str
    cutoff: str


def zoom_chart(
    series: Series,
    words: ZoomWords,
    table: Table,
    *,
    start: date,
    as_of: date,
    cutoff: date | None,
    row_days: Sequence[date],
    amount_words: Callable[[float], str],
) -> Chart:
    """Return the record alone, on a scale that shows it."""
    highest = _highest(series)
    axes = Axes(
        first=date(start.year, start.month, 1),
        last=max(as_of, date(start.year, start.month, 28)),
        highest=highest,
        height=HEIGHT,
        top=TOP,
        bottom=BOTTOM,
    )
    edge = cutoff or as_of
    parts: list[Markup | None] = [axes.after(cutoff, as_of)]
    parts.append(axes.grid([highest * i / 4 for i in range(5)], amount_words))
    parts += _hatched(axes, series.in_consultation, edge, "hx")
    parts += _hatched(axes, series.selected, edge, "hx br")
    parts += _hatched(axes, series.signed, edge, "hx br")
    parts.append(
        axes.curves(
            *_firm(axes, series.selected, edge, "l-br"),
            *_firm(axes, series.signed, edge, "l-sig"),
            axes.steps(series.funded, until=as_of, class_="l-al"),
        )
    )
    funded = series.funded[-1][1] if series.funded else 0.0
    parts += _notes(
        axes,
        (
            (series.selected, words.selected, "t-br t-halo"),
            (series.in_consultation, words.in_consultation, "t-ink t-halo"),
            (series.signed, words.signed, "t-ink t-halo"),
        ),
    )
    parts += [
        el("circle", class_="ring", cx=axes.x(as_of), cy=axes.y(funded), r=5),
        label("100%", HEIGHT - 9, words.funded, "e t-ink"),
    ]
    if cutoff is not None and cutoff < as_of:
        is_late = axes.share(cutoff) > 0.85
        at = axes.x(cutoff, -0.008 if is_late else 0.008)
        parts.append(label(at, TOP + 12, words.cutoff, "e t-halo" if is_late else ""))
    years = [date(year, 1, 1) for year in range(start.year + 1, as_of.year + 1)]
    free = 0.55  # what is funded is written in the rest of the foot
    parts.append(axes.ticks([(d, str(d.year) if axes.share(d) < free else "") for d in years]))
    parts.append(axes.hits(row_days))
    return drawing(
        "zoom",
        table,
        height=HEIGHT,
        title=words.title,
        description=words.description,
        parts=parts,
    )


def _notes(axes: Axes, rungs: Sequence[tuple[Sequence[Step], str, str]]) -> list[Markup]:
    """The words of each rung beside where it stands, clear of the others' edges and words.

    They stand above its high, or below its low (within what is hatched, for a ceiling)
    where that is taken, or where its line fell from above.
    """
    standing = [rung for rung in rungs if rung[0] and rung[0][-1].high]
    ends = [steps[-1] for steps, _words, _class in standing]
    edges = {axes.y(amount) for end in ends for amount in (end.low, end.high) if amount}
    notes: list[Markup] = []
    taken: list[float] = []

    def is_free(y: float) -> bool:
        is_crossed = any(y - 12 < edge < y + 4 for edge in edges)
        is_near = any(abs(y - other) < NEAR for other in taken)
        return y < axes.height - axes.bottom and not is_crossed and not is_near

    for steps, words, class_ in standing:
        last = steps[-1]
        above, below = axes.y(last.high) - 9, axes.y(last.low or last.high) + 16
        has_fallen = bool(last.low) and len(steps) > 1 and last.high < steps[-2].high
        places = [below, above] if has_fallen else [above, below]
        places += [y - NEAR for y in sorted(taken, reverse=True) if y - NEAR < above]
        y = next(filter(is_free, places), places[-1])
        taken.append(y)
        notes.append(_beside(axes, last.day, y, words, class_))
    return notes


def _highest(series: Series) -> float:
    """The top of a scale of four steps that shows the whole record."""
    rungs = (*series.selected, *series.in_consultation, *series.signed)
    amounts = (*(step.high for step in rungs), *(amount for _day, amount in series.funded))
    room = max([1.0, *amounts]) * 1.12
    step = 4 * _step(room / 20)
    return math.ceil(room / step) * step


def _ticks(target: float) -> list[float]:
    """Round amounts from 0 that leave room for the label of the target."""
    step = _step(target / 6)
    return [n * step for n in range(math.ceil(target * 0.85 / step))]


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50 and so on that is not below `least`."""
    tens = 10.0 ** math.floor(math.log10(max(least, 1)))
    return next(n * tens for n in (1, 2, 5, 10) if n * tens >= least)
