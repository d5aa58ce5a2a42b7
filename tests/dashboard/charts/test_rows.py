"""The ladder's bars, the published ranges and the pledges: rows on one scale."""

import pytest

from dashboard.charts.bands import THINNEST, Band, band_row, pledge_row
from dashboard.charts.ladder import RungBar, rung_bar, time_bar
from tests.dashboard.charts.samples import elements, parse, shares

TIME = 0.362


def widths(drawing: str, class_: str) -> list[tuple[str, str]]:
    return [(r["x"], r["width"]) for r in elements(drawing, "rect", class_)]


def test_the_whole_target_fills_the_row():
    bar = rung_bar(RungBar("range", low=550 / 550, high=550 / 550), TIME)
    assert widths(bar, "st4") == [("0", "100.00%")]


def test_a_range_is_solid_to_low_and_hatched_to_high():
    bar = rung_bar(RungBar("range", low=35.7 / 550, high=55 / 550), TIME)
    assert widths(bar, "hx") == [("0", "10.00%")]
    assert widths(bar, "st4") == [("0", "6.49%")]


def test_the_solid_part_lies_over_the_hatched_part():
    classes = [r["class"] for r in elements(rung_bar(RungBar("range", 0.1, 0.2), TIME), "rect")]
    assert classes == ["track", "hx", "st4"]


def test_a_small_amount_takes_the_firmer_tint():
    bar = rung_bar(RungBar("range", low=2.2 / 550, high=2.2 / 550), TIME)
    assert widths(bar, "st5") == [("0", "0.40%")]
    assert elements(bar, "rect", "hx") == elements(bar, "rect", "st4") == []


def test_a_ceiling_has_nothing_solid():
    bar = rung_bar(RungBar("ceiling", high=73 / 550, published=110 / 550), TIME)
    assert widths(bar, "hx") == [("0", "13.27%")]
    assert widths(bar, "hope") == [("0", "20.00%")]
    assert elements(bar, "rect", "st4") == elements(bar, "rect", "st5") == []


def test_amounts_above_the_target_end_with_the_row():
    assert widths(rung_bar(RungBar("ceiling", high=1.4), TIME), "hx") == [("0", "100.00%")]


def test_none_published_is_a_hairline_an_open_ring_and_words():
    bar = rung_bar(RungBar("none", words="none published"), TIME)
    assert len(elements(bar, "line", "zero")) == len(elements(bar, "circle", "ring")) == 1
    assert "none published</text>" in bar
    assert elements(bar, "rect") == []


def test_words_of_an_empty_row_lie_over_the_line_of_time():
    bar = parse(rung_bar(RungBar("none", words="none published"), 0.1))
    assert [node.get("class") for node in bar] == ["zero", "ring", "now", "t-halo"]


def test_not_known_is_a_dotted_line_without_ring_or_time():
    bar = rung_bar(RungBar("unknown", words="not known"), TIME)
    assert [line["class"] for line in elements(bar, "line")] == ["unk"]
    assert elements(bar, "circle") == elements(bar, "rect") == []


@pytest.mark.parametrize("kind", ["range", "ceiling", "none"])
def test_time_crosses_every_money_row(kind):
    (now,) = elements(rung_bar(RungBar(kind, low=0.1, high=0.2), TIME), "line", "now")
    assert (now["x1"], now["x2"]) == ("36.20%", "36.20%")


@pytest.mark.parametrize(
    ("share", "x"),
    [(-0.2, "0.00%"), (0, "0.00%"), (TIME, "36.20%"), (1, "100.00%"), (2.5, "100.00%")],
)
def test_time_passed_ends_within_the_row(share, x):
    bar = time_bar(share, "words")
    assert [r["width"] for r in elements(bar, "rect", "tmf")] == [x]
    assert [line["x1"] for line in elements(bar, "line", "now")] == [x]
    assert all(0 <= at <= 100 for at in shares(bar) if at < 100)
    assert max(shares(bar)) <= 100 + 1.2


def test_the_words_of_late_time_stand_inside_the_bar():
    (early,) = elements(time_bar(TIME, "words"), "text")
    (late,) = elements(time_bar(0.9, "words"), "text")
    assert (early["x"], early["class"]) == ("37.40%", "t-al")
    assert (late["x"], late["class"]) == ("88.80%", "t-al t-halo e")


def test_a_band_stands_where_its_range_was_published_hatched_for_the_article():
    row = band_row([Band(0.15, 0.2, True), Band(0.9, 0.98, False)], None)
    assert widths(row, "hx") == [("15.00%", "5.00%")]
    assert widths(row, "off") == [("90.00%", "8.00%")]
    assert elements(row, "circle") == []


def test_two_sources_that_disagree_are_both_drawn():
    row = band_row([Band(0.05, 0.1, True), Band(0.01, 0.02, True)], None)
    assert widths(row, "hx") == [("5.00%", "5.00%"), ("1.00%", "1.00%")]


def test_a_single_published_number_is_still_visible():
    assert widths(band_row([Band(0.9, 0.9, True)], None), "hx") == [("90.00%", f"{THINNEST:.2%}")]


@pytest.mark.parametrize(
    ("known", "bar", "dot"),
    [((0.98, 0.983), [], "98.30%"), ((0.5, 0.6), [("50.00%", "10.00%")], "60.00%")],
)
def test_what_is_known_is_a_dot_and_a_bar_if_it_is_a_range(known, bar, dot):
    row = band_row([], known)
    assert widths(row, "brandf") == bar
    assert [c["cx"] for c in elements(row, "circle", "dot")] == [dot]


def test_a_pledge_is_its_parts_end_to_end_on_the_scale_of_the_highest():
    row = pledge_row([200.0, 150.0], 550.0, is_own=False)
    assert widths(row, "mute") == [("0.00%", "36.36%"), ("36.36%", "27.27%")]


def test_only_the_own_pledge_has_the_brand_colour():
    assert widths(pledge_row([550.0], 550.0, is_own=True), "brandf") == [("0.00%", "100.00%")]
    assert elements(pledge_row([350.0], 550.0, is_own=False), "rect", "brandf") == []
