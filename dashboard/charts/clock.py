"""The clock of a funding notice: a tick for every business day of its window, red beyond."""

from dataclasses import dataclass

from dashboard.charts.svg import Markup, el, percent

BEYOND = 5  # ticks of room after the window
MOST_BEYOND = 45  # later days are in the words
WIDTH = 0.62  # of the room a tick has


@dataclass(frozen=True)
class Ticks:
    """Business days of a window: how many in all, how many used, how many beyond it."""

    total: int
    used: int
    beyond: int = 0


def clock_bar(ticks: Ticks) -> Markup:
    """Return the ticks: used ones firm, those to come pale, those beyond the window red."""
    beyond = min(ticks.beyond, MOST_BEYOND)
    room = ticks.total + max(beyond, BEYOND)
    used = ticks.total if beyond else min(max(ticks.used, 0), ticks.total)
    end = percent((ticks.total - (1 - WIDTH) / 2) / room)
    return el(
        "svg",
        _ticks("brandf", 0, used, room),
        _ticks("dim", used, ticks.total, room),
        _ticks("alarmf", ticks.total, ticks.total + beyond, room),
        el("line", class_="axis", x1=end, x2=end, y1="-20%", y2="120%"),
        class_="plot",
        aria_hidden="true",
    )


def _ticks(class_: str, begin: int, end: int, room: int) -> Markup | None:
    """A run of ticks as one path in a drawing that stretches with the row."""
    if begin >= end:
        return None
    path = "".join(f"M{n} 0h{WIDTH}v1h-{WIDTH}z" for n in range(begin, end))
    return el(
        "svg",
        el("path", d=path, class_=class_),
        x=0,
        y=0,
        width="100%",
        height="100%",
        viewBox=f"0 0 {room} 1",
        preserveAspectRatio="none",
    )
