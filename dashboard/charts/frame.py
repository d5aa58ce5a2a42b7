"""What every chart returns, and the axes they share.

Fluid mode: the outer drawing has no view box; it is 100% wide and a fixed
number of pixels high, so text keeps its size. Horizontal positions are
percentages; curves sit in a nested drawing stretched to the plot.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from dashboard.charts.svg import Markup, el, join, percent


@dataclass(frozen=True)
class Owner:
    """The commitment a row belongs to, empty for one of none, and whether the row is fiction."""

    commitment: str = ""
    is_fictional: bool = False


@dataclass(frozen=True)
class Table:
    """The numbers of a chart in words: tooltips and screen readers read its rows.

    `owners` name the commitment of each row, where that is not the one asked about.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    numeric_from: int = 1
    owners: tuple[Owner, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A drawing with its title, a sentence that states the finding, and its table.

    `name` is its own on a page, and part of the addresses of its files.
    """

    name: str
    svg: Markup
    title: str
    description: str
    table: Table
    sources: tuple[object, ...] = ()
    kind: str = ""
    has_marks: bool = True


def label(x: object, y: object, words: object, class_: str = "") -> Markup:
    return el("text", words, x=x, y=y, class_=class_ or None)


@dataclass(frozen=True)
class Axes:
    """A time axis in percent and an amount axis in pixels."""

    first: date
    last: date
    highest: float
    height: int
    top: int
    bottom: int

    @property
    def plot_height(self) -> int:
        return self.height - self.top - self.bottom

    def share(self, day: date) -> float:
        return (day - self.first).days / (self.last - self.first).days

    def x(self, day: date, shift: float = 0) -> str:
        return percent(self.share(day) + shift)

    def y(self, amount: float) -> float:
        return round(self.top + self.plot_height * (1 - amount / self.highest), 1)

    def _at(self, day: date, amount: float) -> str:
        return f"{self.share(day) * 1000:.1f},{1000 * (1 - amount / self.highest):.1f}"

    def line(self, points: Iterable[tuple[date, float]], class_: str) -> Markup:
        return self.lines([points], class_)

    def lines(self, each: Iterable[Iterable[tuple[date, float]]], class_: str) -> Markup:
        """Several lines that look alike, as one path."""
        paths = ("M" + "L".join(self._at(*point) for point in points) for points in each)
        return el("path", d="".join(paths), class_=f"ns {class_}")

    def area(
        self,
        low: Sequence[tuple[date, float]],
        high: Sequence[tuple[date, float]],
        class_: str,
    ) -> Markup:
        """What lies between two lines over the same days."""
        edge = [*high, *reversed(low)]
        path = "M" + "L".join(self._at(day, amount) for day, amount in edge)
        return el("path", d=path, class_=class_)

    def steps(
        self, points: Sequence[tuple[date, float]], *, until: date, class_: str
    ) -> Markup | None:
        if not points:
            return None
        until = max(until, points[-1][0])
        path, before = "", 0.0
        for day, amount in points:
            start = f"M{self._at(day, before)}" if not path else f"L{self._at(day, before)}"
            path += f"{start}L{self._at(day, amount)}"
            before = amount
        return el("path", d=f"{path}L{self._at(until, before)}", class_=f"ns {class_}")

    def curves(self, *paths: Markup | None) -> Markup:
        return el(
            "svg",
            *paths,
            x=0,
            y=self.top,
            width="100%",
            height=self.plot_height,
            viewBox="0 0 1000 1000",
            preserveAspectRatio="none",
        )

    def grid(self, amounts: Iterable[float], words: Callable[[float], str]) -> Markup:
        parts: list[Markup] = []
        for amount in amounts:
            y = self.y(amount)
            class_ = "grid" if amount else "axis"
            parts.append(el("line", class_=class_, x1=0, x2="100%", y1=y, y2=y))
            if amount and words(amount):
                parts.append(label(0, y - 5, words(amount)))
        return join(parts)

    def ticks(self, days: Iterable[tuple[date, str]]) -> Markup:
        foot = self.height - self.bottom
        return join(
            join(
                [
                    el("line", class_="axis", x1=self.x(day), x2=self.x(day), y1=foot, y2=foot + 6),
                    label(self.x(day, 0.006), self.height - 9, words) if words else None,
                ]
            )
            for day, words in days
        )

    def after(self, cutoff: date | None, until: date) -> Markup | None:
        """The pale band from the newest fact to the day described."""
        if cutoff is None or cutoff >= until:
            return None
        return self.box(cutoff, until, (0, self.highest), "after")

    def box(self, begin: date, end: date, amounts: tuple[float, float], class_: str) -> Markup:
        low, high = amounts
        left, right = (min(max(self.share(day), 0), 1) for day in (begin, end))
        return el(
            "rect",
            class_=class_,
            x=percent(left),
            width=percent(max(right - left, 0)),
            y=self.y(high),
            height=round(self.y(low) - self.y(high), 1),
        )

    def hits(self, days: Sequence[date]) -> Markup:
        """Invisible marks, one a table row, that pointer and keyboard read out."""
        shares = [min(max(self.share(day), 0), 1) for day in days]
        edges = [0.0, *((a + b) / 2 for a, b in pairwise(shares)), 1.0]
        return join(
            el(
                "rect",
                class_="hit",
                data_i=i,
                x=percent(edges[i]),
                width=percent(max(edges[i + 1] - edges[i], 0)),
                y=self.top,
                height=self.plot_height,
            )
            for i in range(len(days))
        )


def plan_label(axes: Axes, plan: Sequence[tuple[date, float]], words: str) -> Markup:
    """The label of a plan, below its line halfway along it."""
    middle = plan[0][0] + (plan[-1][0] - plan[0][0]) * 0.55
    return label(axes.x(middle, 0.012), axes.y(height_on(plan, middle)) + 14, words, "t-halo")


def height_on(line: Sequence[tuple[date, float]], day: date) -> float:
    """Return the amount of a line on one of its days, straight between its corners."""
    (d0, a0), (d1, a1) = next(pair for pair in pairwise(line) if pair[1][0] >= day)
    return a0 + (a1 - a0) * (day - d0).days / (d1 - d0).days


def drawing(
    name: str,
    table: Table,
    *,
    height: int,
    title: str,
    description: str,
    parts: Iterable[object],
    has_marks: bool = True,
) -> Chart:
    """Return a chart whose outer drawing has its title and description for screen readers."""
    svg = el(
        "svg",
        el("title", title, id=f"{name}-t"),
        el("desc", description, id=f"{name}-d"),
        *parts,
        class_="plot",
        height=height,
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
    )
    return Chart(name, svg, title, description, table, has_marks=has_marks)
