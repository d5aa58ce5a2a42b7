"""The fan of a forecast against the path to the target, and its odds as a hundred dots."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.charts.frame import Axes, Chart, Table, drawing, label, plan_label
from dashboard.charts.svg import Markup, el

Line = Sequence[tuple[date, float]]

HEIGHT, TOP, BOTTOM = 392, 26, 30
MARGIN = timedelta(days=22)  # room at the right for the deadline
BANDS = (("0.05", "0.95", "f1"), ("0.1", "0.9", "f2"), ("0.25", "0.75", "f3"))
ROWS, DOTS = 5, 100
NEAR = 15  # pixels under which two labels would touch


@dataclass(frozen=True)
class FanWords:
    """Every word of the chart, formatted and translated."""

    title: str
    description: str
    target: str
    deadline: str
    median: str
    band: str
    needed: str
    day: str
    on_record: str
    even: str
    plan: str


def fan_chart(
    history: Line,
    fan: Mapping[str, Line],
    words: FanWords,
    table: Table,
    *,
    start: date,
    as_of: date,
    deadline: date,
    target: float,
    row_days: Sequence[date],
    amount_words: Callable[[float], str],
    plan: Line = (),
    chart_id: str = "fan",
) -> Chart:
    """Return the record, then bands of 50, 80 and 90 % with the median, by level in `fan`.

    The needed path starts from what is on record on the day `as_of`, the dotted even pace and
    the plan, which may be empty, from the start. Amounts are in one unit throughout.
    """
    axes = Axes(
        first=date(start.year, start.month, 1),
        last=deadline + MARGIN,
        highest=target * 600 / 550,
        height=HEIGHT,
        top=TOP,
        bottom=BOTTOM,
    )
    now = history[-1][1] if history else 0.0
    lines = {level: [(as_of, now), *line] for level, line in fan.items()}
    y = axes.y(target)
    parts: list[Markup | None] = [axes.grid([target * n / 5 for n in range(5)], amount_words)]
    parts.append(
        axes.curves(
            *(axes.area(lines[low], lines[high], class_) for low, high, class_ in BANDS),
            axes.line([(start, 0.0), (deadline, target)], "l-thin"),
            axes.line(plan, "l-low") if plan else None,
            axes.line([(as_of, now), (deadline, target)], "l-al") if now < target else None,
            axes.line(lines["0.5"], "l-br"),
            axes.steps(history, until=as_of, class_="l-sig"),
        )
    )
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
        el("circle", class_="ring", cx=axes.x(as_of), cy=axes.y(now), r=5),
        label(axes.x(as_of, -0.012), axes.y(now) - 25, words.day, "e t-ink t-halo"),
        label(axes.x(as_of, -0.012), axes.y(now) - 12, words.on_record, "e t-ink t-halo"),
    ]
    parts.append(_even(axes, words.even, start=start, deadline=deadline, now=now, target=target))
    if plan:
        parts.append(plan_label(axes, plan, words.plan))
    parts += _ends(axes, words, lines, as_of=as_of, now=now, target=target)
    years = range(start.year + 1, deadline.year)
    parts.append(axes.ticks([(date(year, 1, 1), str(year)) for year in years]))
    parts.append(axes.hits(row_days))
    return drawing(
        chart_id,
        table,
        height=HEIGHT,
        title=words.title,
        description=words.description,
        parts=parts,
    )


def _even(
    axes: Axes, words: str, *, start: date, deadline: date, now: float, target: float
) -> Markup:
    """The label of the even pace, above its line and clear of the two lines beside the ring."""
    lines = (axes.y(now) - 25, axes.y(now) - 12)
    part = next(
        part
        for part in (0.45, 0.6)
        if all(abs(axes.y(target * part) - line) > NEAR for line in lines)
    )
    day = start + (deadline - start) * part
    return label(axes.x(day, -0.012), axes.y(target * part), words, "e t-halo")


def _ends(
    axes: Axes,
    words: FanWords,
    lines: Mapping[str, Line],
    *,
    as_of: date,
    now: float,
    target: float,
) -> list[Markup]:
    """The labels of the median, the widest band and the needed path, kept apart."""
    deadline = lines["0.5"][-1][0]
    top, middle = axes.y(lines["0.95"][-1][1]), axes.y(lines["0.5"][-1][1])
    middle = max(middle, top + NEAR)
    parts = [
        label(axes.x(deadline, -0.012), top - 6, words.band, "e t-halo"),
        label(axes.x(deadline, -0.012), middle - 4, words.median, "e t-br t-halo"),
    ]
    if now < target:
        part = 0.55
        height = axes.y(now + (target - now) * (part + 0.05))
        if abs(height - top) < NEAR:
            part = 0.25
            height = axes.y(now + (target - now) * (part + 0.05))
        day = as_of + (deadline - as_of) * part
        parts.append(label(axes.x(day, -0.03), height, words.needed, "e t-al t-halo"))
    return parts


def dots(odds: float, words: str) -> Markup:
    """Return a hundred dots, as many of them filled as the odds say, less than one as none."""
    filled = round(odds * DOTS)
    columns = DOTS // ROWS
    return el(
        "svg",
        *(
            el(
                "circle",
                class_="y" if n < filled else None,
                cx=6 + 12 * (n % columns),
                cy=6 + 12 * (n // columns),
                r=4,
            )
            for n in range(DOTS)
        ),
        class_="dots",
        viewBox=f"0 0 {12 * columns} {12 * ROWS}",
        role="img",
        aria_label=words,
    )
