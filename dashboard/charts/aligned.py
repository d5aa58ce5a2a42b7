"""Commitments aligned on the day each began: days used, days to the deadline, and what was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.frame import Chart, Table, drawing, label
from dashboard.charts.svg import Markup, el, percent

ROW, TOP, BOTTOM = 40, 8, 30
STEP = 365


@dataclass(frozen=True)
class Track:
    """One commitment: its name, days used, days from start to deadline, and the days of events."""

    name: str
    used: int
    total: int | None
    events: Sequence[int]
    is_own: bool = False


def aligned_chart(
    tracks: Sequence[Track], *, title: str, description: str, table: Table, years: Sequence[str]
) -> Chart:
    """Return one row a commitment, day 0 at the left; `years` name each full year after it."""
    longest = max((max(t.used, t.total or 0) for t in tracks), default=0) or 1

    def x(days: int) -> str:
        return percent(days / longest)

    height = TOP + ROW * len(tracks) + BOTTOM
    foot = height - BOTTOM
    parts: list[Markup] = []
    for n, words in enumerate(years, start=1):
        if n * STEP <= longest:
            at = x(n * STEP)
            parts.append(el("line", class_="grid", x1=at, x2=at, y1=TOP, y2=foot))
            parts.append(label(at, height - 9, words, "m" if n * STEP < 0.95 * longest else "e"))
    parts.append(el("line", class_="axis", x1=0, x2=0, y1=TOP, y2=foot))
    for n, track in enumerate(tracks):
        y = TOP + ROW * n
        bar = y + 20
        parts.append(label(4, y + 14, track.name, "t-ink t-halo"))
        if track.total is not None:
            total = x(track.total)
            parts.append(el("line", class_="axis", x1=0, x2=total, y1=bar + 6, y2=bar + 6))
            parts.append(el("line", class_="axis", x1=total, x2=total, y1=bar, y2=bar + 12))
        class_ = "brandf" if track.is_own else "mute"
        parts.append(el("rect", class_=class_, x=0, width=x(track.used), y=bar + 2, height=8))
        for day in sorted({d for d in track.events if 0 <= d <= longest}):
            mark = el("circle", class_="tn-n", r=3)
            parts.append(el("svg", mark, x=x(day), y=bar + 6, overflow="visible"))
    return drawing(
        "aligned",
        table,
        height=height,
        title=title,
        description=description,
        parts=parts,
        has_marks=False,
    )
