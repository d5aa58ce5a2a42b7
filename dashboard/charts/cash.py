"""What was noticed, funded and disbursed of one project, against its plan and its ceiling."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.frame import Axes, Chart, Table, drawing, label
from dashboard.charts.svg import Markup, el

Steps = Sequence[tuple[date, float]]

HEIGHT, TOP, BOTTOM = 300, 26, 30
HEADROOM = 1.08
NEAR = 16  # pixels under which two labels of one day would touch


@dataclass(frozen=True)
class CashWords:
    """Every word of the chart, formatted and translated."""

    title: str
    description: str
    noticed: str
    funded: str
    disbursed: str
    plan: str
    ceiling: str


@dataclass(frozen=True)
class CashLines:
    """Cumulative amounts by day on three rungs, and the plan of what is to be funded."""

    noticed: Steps
    funded: Steps
    disbursed: Steps
    plan: Steps

    @property
    def moved(self) -> list[tuple[date, float]]:
        return [*self.noticed, *self.funded, *self.disbursed]


def cash_chart(
    lines: CashLines,
    words: CashWords,
    table: Table,
    *,
    ceiling: float,
    first: date,
    as_of: date,
    row_days: Sequence[date],
    amount_words: Callable[[float], str],
) -> Chart:
    """Return three step lines, the dashed plan and the selected ceiling, in one unit throughout.

    The plan is of what is to be funded, so that is the line that stands out. It
    may be empty; it is joined by straight lines and reaches to its end.
    """
    plan = lines.plan
    last = max([as_of, *(day for day, _ in plan)])
    highest = max([ceiling, *(amount for _, amount in (*lines.moved, *plan))])
    axes = Axes(
        first=first,
        last=max(last, date(first.year + 1, first.month, 1)),
        highest=(highest or 1.0) * HEADROOM,
        height=HEIGHT,
        top=TOP,
        bottom=BOTTOM,
    )
    parts: list[Markup | None] = [axes.grid([highest * n / 4 for n in range(4)], amount_words)]
    y = axes.y(ceiling)
    parts += [
        axes.curves(
            axes.line(plan, "l-al") if plan else None,
            axes.steps(lines.noticed, until=as_of, class_="l-low"),
            axes.steps(lines.disbursed, until=as_of, class_="l-add"),
            axes.steps(lines.funded, until=as_of, class_="l-br"),
        ),
        el("line", class_="l-tgt", x1=0, x2="100%", y1=y, y2=y),
        label("100%", y - 7, words.ceiling, "e t-ink t-halo"),
    ]
    if plan:
        day, amount = plan[-1]
        parts.append(label(axes.x(day), axes.y(amount) + 18, words.plan, "e t-al t-halo"))
    parts += _ends(axes, words, lines, as_of=as_of)
    years = range(first.year + 1, axes.last.year + 1)
    parts.append(axes.ticks([(date(year, 1, 1), str(year)) for year in years]))
    parts.append(axes.hits(row_days))
    return drawing(
        "cash",
        table,
        height=HEIGHT,
        title=words.title,
        description=words.description,
        parts=parts,
    )


def _ends(axes: Axes, words: CashWords, lines: CashLines, *, as_of: date) -> list[Markup]:
    """What each line stands at on the day described, in words beside its end."""
    late = axes.share(as_of) > 0.6
    side, shift = ("e ", -0.012) if late else ("", 0.012)
    heights = [
        axes.y(steps[-1][1] if steps else 0)
        for steps in (lines.disbursed, lines.funded, lines.noticed)
    ]
    told = ((words.disbursed, "t-ink"), (words.funded, "t-br"), (words.noticed, "t-ink"))
    ends = zip(heights, told, strict=True)
    parts: list[Markup] = []
    room = float(axes.height)
    for y, (text, class_) in sorted(ends, key=lambda end: -end[0]):
        room = min(y + 4, room - NEAR)
        parts.append(label(axes.x(as_of, shift), room, text, f"{side}{class_} t-halo"))
    return [el("circle", class_="ring", cx=axes.x(as_of), cy=heights[1], r=5), *parts]
