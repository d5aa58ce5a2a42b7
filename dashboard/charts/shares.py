"""Who gets each distributed dollar of an investment: areas along the dollars paid out."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.frame import Chart, Table, drawing, label
from dashboard.charts.svg import Markup, el, percent

HEIGHT, TOP, BOTTOM = 220, 26, 30
ROOMY, SCANT = 0.3, 0.08  # shares of the width in which long and short labels have room


@dataclass(frozen=True)
class Stretch:
    """Dollars shared alike: from and to in dollars paid out, and the United States' share.

    `ahead` marks what is not paid out yet.
    """

    begin: float
    end: float
    us: float
    us_words: str
    us_short: str
    investor_words: str
    investor_short: str
    ahead: bool = False


@dataclass(frozen=True)
class SharesWords:
    """Every word beside the areas, formatted and translated."""

    title: str
    description: str
    zero: str
    switch: str
    end: str


def shares_chart(
    stretches: Sequence[Stretch],
    words: SharesWords,
    table: Table,
    *,
    payments: Sequence[tuple[float, float]],
    switch: float | None,
) -> Chart:
    """Return the shares of each distributed dollar, with a line where the second tier begins.

    `payments` are the distributions of the table's rows, from and to in dollars
    paid out. The two shares of a stretch always fill the height.
    """
    whole = stretches[-1].end
    plot, foot = HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM
    parts: list[Markup | None] = []
    labels: list[Markup] = []
    for stretch in stretches:
        x, width = stretch.begin / whole, (stretch.end - stretch.begin) / whole
        for side, top, share in (
            ("us", 0.0, stretch.us),
            ("jp", stretch.us, 1 - stretch.us),
        ):
            parts.append(
                el(
                    "rect",
                    class_=f"{side} ahead" if stretch.ahead else side,
                    x=percent(x),
                    y=round(TOP + plot * top, 1),
                    width=percent(width),
                    height=round(plot * share, 1),
                )
            )
            middle = round(TOP + plot * (top + share / 2) + 4, 1)
            labels += _labels(stretch, side, x, width, y=middle)
    parts += labels
    if switch is not None:
        at = switch / whole
        side = "e" if at > 1 / 2 else ""
        parts += [
            el("line", class_="now", x1=percent(at), x2=percent(at), y1=TOP - 6, y2=foot + 6),
            label(percent(at), TOP - 11, words.switch, f"{side} t-al".strip()),
        ]
    parts += [
        el("line", class_="axis", x1=0, x2="100%", y1=foot, y2=foot),
        label(0, HEIGHT - 9, words.zero),
        label("100%", HEIGHT - 9, words.end, "e"),
    ]
    for i, (begin, end) in enumerate(payments):
        parts.append(
            el(
                "rect",
                class_="hit",
                data_i=i,
                x=percent(begin / whole),
                width=percent((end - begin) / whole),
                y=TOP,
                height=plot,
            )
        )
    return drawing(
        "shares",
        table,
        height=HEIGHT,
        title=words.title,
        description=words.description,
        parts=parts,
    )


def _labels(stretch: Stretch, side: str, x: float, width: float, *, y: float) -> list[Markup]:
    """The label of an area: long where there is room for it, else short, else none."""
    long = stretch.us_words if side == "us" else stretch.investor_words
    short = stretch.us_short if side == "us" else stretch.investor_short
    at = percent(x + 0.012)
    if width >= ROOMY:
        return [label(at, y, long, "inv")]
    return [label(at, y, short, "inv")] if width >= SCANT else []
