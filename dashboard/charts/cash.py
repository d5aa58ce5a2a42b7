"""What was noticed and disbursed of one project, against its plan and its ceiling."""

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
    disbursed: str
    plan: str
    ceiling: str


def cash_chart(
    noticed: Steps,
    disbursed: Steps,
    plan: Steps,
    words: CashWords,
    table: Table,
    *,
    ceiling: float,
    first: date,
    as_of: date,
    row_days: Sequence[date],
    amount_words: Callable[[float], str],
) -> Chart:
    """Return two step lines, the dashed plan and the selected ceiling, in one unit throughout.

    The plan may be empty; it is joined by straight lines and reaches to its end.
    """
    last = max([as_of, *(day for day, _ in plan)])
    highest = max([ceiling, *(amount for _, amount in (*noticed, *disbursed, *plan))])
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
            axes.steps(noticed, until=as_of, class_="l-low"),
            axes.steps(disbursed, until=as_of, class_="l-br"),
        ),
        el("line", class_="l-tgt", x1=0, x2="100%", y1=y, y2=y),
        label("100%", y - 7, words.ceiling, "e t-ink t-halo"),
    ]
    if plan:
        day, amount = plan[-1]
        parts.append(label(axes.x(day), axes.y(amount) + 18, words.plan, "e t-al t-halo"))
    parts += _ends(axes, words, noticed, disbursed, as_of=as_of)
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


def _ends(
    axes: Axes, words: CashWords, noticed: Steps, disbursed: Steps, *, as_of: date
) -> list[Markup]:
    """What each line stands at on the day described, in words beside its end."""
    late = axes.share(as_of) > 0.6
    side, shift = ("e ", -0.012) if late else ("", 0.012)
    upper = axes.y(noticed[-1][1]) if noticed else axes.y(0)
    lower = axes.y(disbursed[-1][1]) if disbursed else axes.y(0)
    if lower - upper < NEAR:
        upper = lower - NEAR
    return [
        label(axes.x(as_of, shift), upper - 4, words.noticed, f"{side}t-ink t-halo"),
        el("circle", class_="ring", cx=axes.x(as_of), cy=lower, r=5),
        label(axes.x(as_of, shift), lower + 4, words.disbursed, f"{side}t-br t-halo"),
    ]
