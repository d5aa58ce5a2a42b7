"""The ticks of a funding notice's clock."""

import pytest

from dashboard.charts.clock import Ticks, clock_bar
from tests.dashboard.charts.samples import elements


def counts(ticks: Ticks) -> dict[str, int]:
    drawing = clock_bar(ticks)
    found = {}
    for class_ in ("brandf", "dim", "alarmf"):
        paths = elements(drawing, "path", class_)
        found[class_] = sum(path["d"].count("M") for path in paths)
    return found


@pytest.mark.parametrize(
    ("ticks", "used", "left", "red"),
    [
        (Ticks(45, 0), 0, 45, 0),
        (Ticks(45, 31), 31, 14, 0),
        (Ticks(45, 45), 45, 0, 0),
        (Ticks(45, 60), 45, 0, 0),
        (Ticks(45, 48, beyond=3), 45, 0, 3),
        (Ticks(45, 400, beyond=355), 45, 0, 45),
        (Ticks(30, 10), 10, 20, 0),
    ],
)
def test_every_business_day_is_a_tick_and_only_those_beyond_are_red(ticks, used, left, red):
    assert counts(ticks) == {"brandf": used, "dim": left, "alarmf": red}


def test_the_line_of_the_window_stands_after_its_last_tick():
    (line,) = elements(clock_bar(Ticks(45, 10)), "line", "axis")
    assert line["x1"] == line["x2"] == "89.62%"  # between tick 45 and 46 of 50


def test_ticks_beyond_narrow_the_scale_so_that_all_fit():
    drawing = clock_bar(Ticks(45, 60, beyond=15))
    boxes = {svg["viewBox"] for svg in elements(drawing, "svg") if "viewBox" in svg}
    assert boxes == {"0 0 60 1"}
