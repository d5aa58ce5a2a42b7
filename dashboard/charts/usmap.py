"""States with projects: filled circles for selected, dashed rings for what is in consultation."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from dashboard.charts.frame import Chart, Table
from dashboard.charts.svg import Markup, el, join


class Outline(TypedDict):
    d: str
    c: tuple[float, float]
    n: str


@dataclass(frozen=True)
class Place:
    """Amounts of one state, or of several that are not split, in billions of dollars."""

    states: tuple[str, ...]
    selected: float = 0
    in_consultation: float = 0
    selected_words: str = ""
    in_consultation_words: str = ""


@lru_cache(maxsize=1)
def outlines() -> dict[str, Outline]:
    """Return the states' outlines and centres by postal code."""
    path = Path(__file__).parent / "us_states.json"
    found: dict[str, Outline] = json.loads(path.read_text())
    return found


LEFT, TOP, WIDTH, HEIGHT = -58, 12, 1040, 596  # the part of the plane that is drawn
RIGHT = LEFT + WIDTH - 4
LINE = 34  # from one line of a label to the next


def map_chart(places: Sequence[Place], title: str, description: str, table: Table) -> Chart:
    """Return the map. Areas are to scale; the table lists every amount."""
    states = outlines()
    present = {state for place in places for state in place.states}
    parts: list[Markup] = [
        el("path", d=state["d"], class_="has" if code in present else None)
        for code, state in states.items()
    ]
    marks = [_marks(i, place) for i, place in enumerate(places) if _known(place)]
    svg = el(
        "svg",
        el("title", title, id="map-t"),
        el("desc", description, id="map-d"),
        *parts,
        *marks,
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


def _marks(i: int, place: Place) -> Markup:
    centres = [outlines()[state]["c"] for state in place.states]
    x = sum(c[0] for c in centres) / len(centres) - (22 if len(centres) > 1 else 0)
    y = sum(c[1] for c in centres) / len(centres)
    ring, disc = _radius(place.in_consultation), _radius(place.selected)
    parts = []
    if ring:
        parts.append(el("circle", class_="sel", data_i=i, cx=x, cy=y, r=ring))
    if disc:
        parts.append(el("circle", data_i=i, cx=x, cy=y, r=disc))
    reach = max(ring, disc)
    words = [w for w in (place.selected_words, place.in_consultation_words) if w]
    left = len(centres) > 1 or reach > 40
    anchor = "end" if left else None
    at, middle = (x - reach - 8 if left else x + reach + 8), y
    if not left and at + max(map(_width, words), default=0) > RIGHT:
        half = max(map(_width, words)) / 2
        at, anchor = min(x, RIGHT - half), "middle"
        middle = y - reach - 12 - len(words) * LINE / 2
    for n, line in enumerate(words):
        down = 8 + (n - (len(words) - 1) / 2) * LINE
        parts.append(el("text", line, x=at, y=round(middle + down, 1), text_anchor=anchor))
    return join(parts)


def _width(words: str) -> float:
    """How wide a label is on a phone, where its letters are largest beside the map."""
    return sum(33 if ord(letter) > 0x2E80 else 19 for letter in words)
