"""Who gets each distributed dollar: two stages, drawn as areas."""

from dataclasses import dataclass

from dashboard.charts.frame import Chart, Table, drawing, label
from dashboard.charts.svg import el, percent

HEIGHT, TOP, BOTTOM = 200, 8, 30
SWITCH = 0.5


@dataclass(frozen=True)
class SplitWords:
    """Labels of the four areas and of the axis."""

    title: str
    description: str
    us_before: str
    investor_before: str
    us_after: str
    investor_after: str
    today: str
    today_short: str
    switch: str
    end: str


def split_chart(us_before: float, us_after: float, words: SplitWords, table: Table) -> Chart:
    """Return the split of distributions before and after the deemed allocation amount."""
    plot = HEIGHT - TOP - BOTTOM
    parts = []
    for x, share, top_words, low_words in (
        (0.0, us_before, words.us_before, words.investor_before),
        (SWITCH, us_after, words.us_after, words.investor_after),
    ):
        for class_, begin, end, text in (
            ("us", 0.0, share, top_words),
            ("jp", share, 1.0, low_words),
        ):
            parts.append(
                el(
                    "rect",
                    class_=class_,
                    x=percent(x),
                    y=TOP + plot * begin,
                    width=percent(SWITCH),
                    height=plot * (end - begin),
                )
            )
            middle = TOP + plot * (begin + end) / 2 + 4
            parts.append(label(percent(x + 0.022), round(middle, 1), text, "inv"))
    foot = HEIGHT - BOTTOM
    parts += [
        el("line", class_="axis", x1="50%", x2="50%", y1=0, y2=foot + 6),
        el("line", class_="axis", x1=0, x2="100%", y1=foot, y2=foot),
        el("circle", class_="ring", cx=5, cy=foot, r=5),
        label(0, HEIGHT - 9, words.today, "t-ink wideonly"),
        label(0, HEIGHT - 9, words.today_short, "t-ink narrowonly"),
        label("50%", HEIGHT - 9, words.switch, "m t-ink t-halo"),
        label("100%", HEIGHT - 9, words.end, "e"),
    ]
    return drawing(
        "split",
        table,
        height=HEIGHT,
        title=words.title,
        description=words.description,
        parts=parts,
        has_marks=False,
    )
