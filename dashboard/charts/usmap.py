"""States with projects: circles for what is selected, dashed rings for what is in consultation.

A circle is filled to the low end of its amount and hatched to the high end.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from dashboard.charts.frame import Chart, Table
from dashboard.charts.svg import Markup, el


class Outline(TypedDict):
    d: str
    c: tuple[float, float]
    n: str


@dataclass(frozen=True)
class Place:
    """Amounts of one state, or of several that are not split, in billions of dollars.

    `selected` is the low end, and `selected_high` the high end where it is above that.
    """

    states: tuple[str, ...]
    selected: float = 0
    selected_high: float = 0
    in_consultation: float = 0
    selected_words: str = ""
    in_consultation_words: str = ""


@lru_cache(maxsize=1)
def outlines() -> dict[str, Outline]:
    """Return the states' outlines and centres by postal code."""
    path = Path(__file__).parent / "us_states.json"
    found: dict[str, Outline] = json.loads(path.read_text())
    return found


@dataclass(frozen=True)
class Box:
    """A part of the plane, by its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    def shared(self, other: "Box") -> float:
        """The area it has in common with another."""
        across, down = abs(self.x - other.x), abs(self.y - other.y)
        width = min((self.width + other.width) / 2 - across, self.width, other.width)
        height = min((self.height + other.height) / 2 - down, self.height, other.height)
        return max(width, 0) * max(height, 0)


@dataclass(frozen=True)
class Mark:
    """Where a place is drawn: the row it belongs to, its middle and the radii of its circles."""

    row: int
    x: float
    y: float
    ring: float
    open: float
    disc: float
    words: tuple[str, ...]
    is_split: bool

    @property
    def reach(self) -> float:
        return max(self.ring, self.open, self.disc)

    @property
    def box(self) -> Box:
        return Box(self.x, self.y, 2 * self.reach, 2 * self.reach)


@dataclass(frozen=True)
class Label:
    """A place for the words of a mark, and the end of the box at which they are held."""

    box: Box
    anchor: str | None

    @property
    def x(self) -> float:
        side = {None: -1, "middle": 0, "end": 1}[self.anchor]
        return round(self.box.x + side * self.box.width / 2, 1)

    def cost(self, taken: Sequence[Box]) -> tuple[float, float]:
        """What of it lies outside the picture, then what it would cover."""
        outside = self.box.width * self.box.height - self.box.shared(INSIDE)
        return round(outside), sum(self.box.shared(other) for other in taken)


LEFT, TOP, WIDTH, HEIGHT = -58, 12, 1040, 596  # the part of the plane that is drawn
EDGE = 8  # left free beside a label, and around the picture
INSIDE = Box(LEFT + WIDTH / 2, TOP + HEIGHT / 2, WIDTH - 2 * EDGE, HEIGHT)
LINE = 34  # from one line of a label to the next


def map_chart(places: Sequence[Place], title: str, description: str, table: Table) -> Chart:
    """Return the map. Areas are to scale; the table lists every amount."""
    states = outlines()
    present = {state for place in places for state in place.states}
    parts: list[Markup] = [
        el("path", d=state["d"], class_="has" if code in present else None)
        for code, state in states.items()
    ]
    marks = [_mark(i, place) for i, place in enumerate(places) if _known(place)]
    svg = el(
        "svg",
        el("title", title, id="map-t"),
        el("desc", description, id="map-d"),
        *parts,
        *(circle for mark in marks for circle in _circles(mark)),
        *_labels(marks),
        class_="plot",
        viewBox=f"{LEFT} {TOP} {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby="map-t map-d",
    )
    return Chart("map", svg, title, description, table, kind="map", has_marks=bool(marks))


def _known(place: Place) -> bool:
    return bool(place.states) and all(state in outlines() for state in place.states)


def _radius(amount: float) -> float:
    return round(math.sqrt(max(amount, 0)) * 7.6, 1)


def _mark(row: int, place: Place) -> Mark:
    centres = [outlines()[state]["c"] for state in place.states]
    is_split = len(centres) > 1
    return Mark(
        row,
        x=sum(c[0] for c in centres) / len(centres) - (22 if is_split else 0),
        y=sum(c[1] for c in centres) / len(centres),
        ring=_radius(place.in_consultation),
        open=_radius(place.selected_high) if place.selected_high > place.selected else 0,
        disc=_radius(place.selected),
        words=tuple(w for w in (place.selected_words, place.in_consultation_words) if w),
        is_split=is_split,
    )


def _circles(mark: Mark) -> list[Markup]:
    drawn = ((mark.ring, "sel"), (mark.open, "hx"), (mark.disc, None))
    return [
        el("circle", class_=class_, data_i=mark.row, cx=mark.x, cy=mark.y, r=radius)
        for radius, class_ in drawn
        if radius
    ]


def _labels(marks: Sequence[Mark]) -> list[Markup]:
    """The words of each mark beside, above or below it, where they cover least of the others."""
    taken = [mark.box for mark in marks]
    parts: list[Markup] = []
    for mark in marks:
        if not mark.words:
            continue
        label = min(_around(mark), key=lambda label: label.cost(taken))
        taken.append(label.box)
        for n, line in enumerate(mark.words):
            y = round(label.box.y + 8 + (n - (len(mark.words) - 1) / 2) * LINE, 1)
            parts.append(el("text", line, x=label.x, y=y, text_anchor=label.anchor))
    return parts


def _around(mark: Mark) -> list[Label]:
    """Where the label of a mark may stand, the likeliest first."""
    width, height = max(map(_width, mark.words)) + EDGE, LINE * len(mark.words)
    aside, off = mark.reach + 8 + width / 2, mark.reach + 12 + height / 2
    middle = min(max(mark.x, LEFT + EDGE + width / 2), LEFT + WIDTH - EDGE - width / 2)
    right = Label(Box(mark.x + aside, mark.y, width, height), None)
    left = Label(Box(mark.x - aside, mark.y, width, height), "end")
    above = Label(Box(middle, mark.y - off, width, height), "middle")
    below = Label(Box(middle, mark.y + off, width, height), "middle")
    is_left = mark.is_split or mark.reach > 40
    return [left, above, below, right] if is_left else [right, above, below, left]


def _width(words: str) -> float:
    """How wide a label is on a phone, where its letters are largest beside the map."""
    return sum(33 if ord(letter) > 0x2E80 else 19 for letter in words)
