"""One of every chart, with words that the tests choose."""

from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree

from dashboard.charts.bands import Band, band_row, pledge_row
from dashboard.charts.cash import CashLines, CashWords, cash_chart
from dashboard.charts.clock import Ticks, clock_bar
from dashboard.charts.fan import FanWords, fan_chart
from dashboard.charts.frame import Chart, Table
from dashboard.charts.ladder import RungBar, hatch, rung_bar, time_bar
from dashboard.charts.path import PathWords, Series, ZoomWords, path_chart, zoom_chart
from dashboard.charts.path import Step as Held
from dashboard.charts.rates import Level, Step, rates_chart
from dashboard.charts.reactions import Lane, Moment, reactions_chart
from dashboard.charts.shares import SharesWords, Stretch, shares_chart
from dashboard.charts.split import SplitWords, split_chart
from dashboard.charts.svg import Markup
from dashboard.charts.usmap import Place, map_chart

START, AS_OF, CUTOFF, DEADLINE = (
    date(2025, 9, 4),
    date(2026, 11, 22),
    date(2026, 9, 26),
    date(2029, 1, 19),
)
SELECTED, CONSULTED, SIGNED = date(2026, 2, 17), date(2026, 3, 19), date(2026, 5, 1)
SERIES = Series(
    selected=[Held(SELECTED, 35.7, 36.0)],
    in_consultation=[Held(CONSULTED, None, 73.0)],
    signed=[Held(SIGNED, 2.2, 2.2)],
    funded=[],
)
DAYS = [START, SELECTED, CONSULTED, SIGNED, AS_OF]


def make_table(rows: int, words: str = "words") -> Table:
    return Table(words, (words, words), tuple((f"row {i}", words) for i in range(rows)))


def make_path(words: str = "words", **overrides: object) -> Chart:
    given: dict[str, object] = {
        "start": START,
        "as_of": AS_OF,
        "deadline": DEADLINE,
        "cutoff": CUTOFF,
        "target": 550.0,
        "row_days": [*DAYS, DEADLINE],
        "amount_words": lambda amount: f"{words} {amount:.0f}",
    }
    given |= overrides
    series = given.pop("series", SERIES)
    fields = dict.fromkeys(PathWords.__dataclass_fields__, words)
    spoken = PathWords(**{**fields, "needed": (words, words)})
    return path_chart(series, spoken, make_table(len(given["row_days"]), words), **given)


def make_zoom(words: str = "words", **overrides: object) -> Chart:
    given: dict[str, object] = {
        "start": START,
        "as_of": AS_OF,
        "cutoff": CUTOFF,
        "row_days": DAYS,
        "amount_words": lambda amount: f"{words} {amount:.0f}",
    }
    given |= overrides
    series = given.pop("series", SERIES)
    spoken = ZoomWords(**dict.fromkeys(ZoomWords.__dataclass_fields__, words))
    return zoom_chart(series, spoken, make_table(len(given["row_days"]), words), **given)


def make_step(begin: date, end: date, *rates: float, words: str = "words", row: int = 0) -> Step:
    levels = tuple(Level(rate, is_total=True) for rate in rates)
    return Step(begin, end, levels, authority="a-232", words=words, row=row)


def make_rates(words: str = "words", **overrides: object) -> Chart:
    given: dict[str, object] = {
        "name": words,
        "description": words,
        "first": date(2025, 1, 1),
        "as_of": AS_OF,
        "cutoff": CUTOFF,
    }
    given |= overrides
    steps = given.pop(
        "steps",
        [
            make_step(date(2025, 4, 3), date(2025, 9, 16), 27.5, words=words),
            make_step(date(2025, 9, 16), CUTOFF, 15.0, words=words, row=1),
        ],
    )
    given.setdefault("now", steps[-1])
    return rates_chart("rate-autos", steps, table=make_table(len(steps), words), **given)


def make_reactions(words: str = "words", **overrides: object) -> Chart:
    marks = [(date(2025, 9, 5), "supportive"), (date(2025, 9, 30), "critical")]
    given: dict[str, object] = {
        "title": words,
        "description": words,
        "first": date(2025, 7, 1),
        "as_of": AS_OF,
        "cutoff": CUTOFF,
    }
    given |= overrides
    lanes = given.pop("lanes", [Lane(words, marks), Lane(words, [(SELECTED, "neutral")])])
    moments = [Moment(START, words), Moment(SELECTED, words, is_wide=True)]
    return reactions_chart(lanes, moments, table=make_table(len(lanes), words), **given)


def make_split(words: str = "words") -> Chart:
    spoken = SplitWords(**dict.fromkeys(SplitWords.__dataclass_fields__, words))
    return split_chart(0.5, 0.9, spoken, make_table(2, words))


def make_fan(words: str = "words", **overrides: object) -> Chart:
    days = [date(2027, 7, 31), date(2028, 1, 31), DEADLINE]
    levels = ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95")
    given: dict[str, object] = {
        "start": START,
        "as_of": AS_OF,
        "deadline": DEADLINE,
        "target": 550.0,
        "row_days": days,
        "amount_words": lambda amount: f"{words} {amount:.0f}",
    }
    given |= overrides
    history = given.pop("history", [(SIGNED, 3.0)])
    fan = {
        level: [(day, 3.0 + 10.0 * n * (m + 1)) for m, day in enumerate(days)]
        for n, level in enumerate(levels)
    }
    spoken = FanWords(**dict.fromkeys(FanWords.__dataclass_fields__, words))
    return fan_chart(history, fan, spoken, make_table(len(days), words), **given)


def make_map(words: str = "words") -> Chart:
    places = [
        Place(("OH",), selected=33.0, selected_high=33.3, selected_words=words),
        Place(("TX",), selected=2.1, in_consultation=16.0, in_consultation_words=words),
        Place(("TN", "AL"), in_consultation=40.0, in_consultation_words=words),
    ]
    return map_chart(places, words, words, make_table(3, words))


def make_cash(words: str = "words", **overrides: object) -> Chart:
    spoken = CashWords(**dict.fromkeys(CashWords.__dataclass_fields__, words))
    given: dict[str, object] = {
        "noticed": [(SELECTED, 4.0), (CONSULTED, 9.0)],
        "funded": [(CONSULTED, 6.0)],
        "disbursed": [(SIGNED, 3.6)],
        "plan": [(SELECTED, 0.0), (date(2026, 12, 31), 14.0), (date(2028, 12, 31), 33.0)],
        "ceiling": 34.0,
        "first": date(2026, 2, 1),
        "as_of": AS_OF,
        "row_days": [SELECTED, CONSULTED, SIGNED, AS_OF],
        "amount_words": lambda _amount: words,
    }
    given |= overrides
    lines = CashLines(*(given.pop(n) for n in ("noticed", "funded", "disbursed", "plan")))
    return cash_chart(lines, spoken, make_table(4, words), **given)


def make_shares(words: str = "words", **overrides: object) -> Chart:
    """The worked example: 631.1 of 750 million in the first tier, two distributions."""
    spoken = SharesWords(**dict.fromkeys(SharesWords.__dataclass_fields__, words))
    said = (words,) * 4
    given: dict[str, object] = {
        "payments": [(0.0, 50.0), (50.0, 750.0)],
        "switch": 631.125,
    }
    given |= overrides
    stretches = given.pop(
        "stretches", [Stretch(0.0, 631.125, 0.5, *said), Stretch(631.125, 750.0, 0.9, *said)]
    )
    rows = len(given["payments"])
    return shares_chart(stretches, spoken, make_table(rows, words), **given)


def every_chart(words: str = "words") -> dict[str, Chart]:
    """Every chart that stands in a frame with a table."""
    return {
        "path": make_path(words),
        "zoom": make_zoom(words),
        "rates": make_rates(words),
        "reactions": make_reactions(words),
        "split": make_split(words),
        "shares": make_shares(words),
        "map": make_map(words),
        "cash": make_cash(words),
        "fan": make_fan(words),
    }


def every_row(words: str = "words") -> dict[str, Markup]:
    """Every drawing that stands in a row of words, hidden from screen readers."""
    return {
        "time": time_bar(0.362, words),
        "range": rung_bar(RungBar("range", low=0.06, high=0.07), 0.362),
        "ceiling": rung_bar(RungBar("ceiling", high=0.5, published=0.7), 0.362),
        "none": rung_bar(RungBar("none", words=words), 0.362),
        "unknown": rung_bar(RungBar("unknown", words=words), 0.362),
        "band": band_row([Band(0.15, 0.2, True), Band(0.3, 0.35, False)], (0.9, 0.98)),
        "pledge": pledge_row([200.0, 150.0], 550.0, is_own=False),
        "own pledge": pledge_row([550.0], 550.0, is_own=True),
        "clock": clock_bar(Ticks(45, 45, beyond=3)),
        "open clock": clock_bar(Ticks(45, 31)),
        "hatch": hatch(),
    }


def parse(drawing: str) -> ElementTree.Element:
    """Return a drawing as a tree. Raise ParseError unless it is well formed."""
    return ElementTree.fromstring(drawing)  # noqa: S314  # drawn by the code under test


def elements(drawing: str, tag: str, class_: str = "") -> list[dict[str, str]]:
    """Return the attributes of a drawing's elements of one tag and, if given, one class."""
    return [
        dict(node.attrib)
        for node in parse(drawing).iter(tag)
        if not class_ or class_ in node.get("class", "").split()
    ]


def points(path: dict[str, str]) -> list[tuple[float, float]]:
    """Return the corners of a path that only moves and draws lines."""
    return [corner for line in lines(path) for corner in line]


def lines(path: dict[str, str]) -> list[list[tuple[float, float]]]:
    """Return the lines of a path, each by its corners."""
    each = (line.split("L") for line in path["d"].split("M")[1:])
    return [[(float(x), float(y)) for x, y in (p.split(",") for p in line)] for line in each]


def shares(drawing: str) -> Iterator[float]:
    """Return every horizontal position and end of a drawing, in percent."""
    for node in parse(drawing).iter():
        start = float(node.get("x", "0").removesuffix("%")) if "%" in node.get("x", "") else 0.0
        if "%" in node.get("width", ""):
            yield start + float(node.attrib["width"].removesuffix("%"))
        for key in ("x", "x1", "x2", "cx"):
            if node.get(key, "").endswith("%"):
                yield float(node.attrib[key].removesuffix("%"))
