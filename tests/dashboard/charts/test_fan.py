"""The fan: bands inside one another, the median, the needed path, and a hundred dots."""

import pytest

from dashboard.charts.fan import dots
from tests.dashboard.charts.samples import (
    AS_OF,
    DEADLINE,
    SIGNED,
    START,
    elements,
    make_fan,
    parse,
    points,
)


def test_bands_lie_inside_one_another_from_the_widest_to_the_narrowest():
    svg = make_fan().svg
    bands = [[y for _x, y in points(elements(svg, "path", name)[0])] for name in ("f1", "f2", "f3")]
    assert min(bands[0]) < min(bands[1]) < min(bands[2])


def test_the_fan_and_the_needed_path_start_from_what_is_on_record_today():
    svg = make_fan().svg
    needed = points(elements(svg, "path", "l-al")[0])
    median = points(elements(svg, "path", "l-br")[0])
    assert needed[0] == median[0] == points(elements(svg, "path", "f1")[0])[0]
    assert len(median) == 4


def test_a_plan_is_drawn_beside_the_even_pace_and_both_are_named():
    plan = [(START, 0.0), (AS_OF, 50.0), (DEADLINE, 550.0)]
    svg = make_fan(plan=plan).svg
    assert len(points(elements(svg, "path", "l-low")[0])) == 3
    assert elements(make_fan().svg, "path", "l-low") == []
    assert len(elements(svg, "text")) == len(elements(make_fan().svg, "text")) + 1


@pytest.mark.parametrize("now", [3.0, 230.0, 250.0, 330.0])
def test_the_words_of_the_even_pace_stay_clear_of_those_of_today(now):
    even, today = make_fan(history=[(SIGNED, now)]).svg, "e t-ink t-halo"
    labels = {text.get("class"): text for text in reversed(elements(even, "text"))}
    assert abs(float(labels["e t-halo"].get("y")) - float(labels[today].get("y"))) > 14


def test_nothing_is_needed_once_the_target_is_reached():
    assert elements(make_fan(target=2.0).svg, "path", "l-al") == []


def test_without_a_payment_the_fan_starts_at_zero():
    median = points(elements(make_fan(history=[]).svg, "path", "l-br")[0])
    assert median[0][1] == 1000.0


@pytest.mark.parametrize(
    ("odds", "filled"), [(0.0, 0), (0.003, 0), (0.025, 2), (0.031, 3), (0.375, 38), (1.0, 100)]
)
def test_dots_are_a_hundred_as_many_filled_as_the_odds_say(odds, filled):
    drawn = dots(odds, "3 in 100")
    assert parse(drawn).get("aria-label") == "3 in 100"
    assert len(elements(drawn, "circle")) == 100
    assert len(elements(drawn, "circle", "y")) == filled


@pytest.mark.parametrize("target", [200.0, 300.0, 305.0, 310.0, 315.0, 320.0, 550.0])
def test_the_words_of_the_needed_path_stay_clear_of_those_of_the_band(target):
    labels = elements(make_fan(target=target).svg, "text")
    heights = {label.get("class"): float(label.get("y")) for label in labels}
    assert abs(heights["e t-al t-halo"] - heights["e t-halo"]) > 8
