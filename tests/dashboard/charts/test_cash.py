"""Noticed, funded and disbursed against plan: step lines, the dashed plan, the selected ceiling."""

from itertools import pairwise

from tests.dashboard.charts.samples import AS_OF, SELECTED, elements, make_cash, points, shares


def test_the_ceiling_is_a_line_at_the_selected_amount_over_the_whole_plot():
    chart = make_cash()
    (line,) = elements(chart.svg, "line", "l-tgt")
    assert (line["x1"], line["x2"], line["y1"]) == ("0", "100%", line["y2"])
    assert float(line["y1"]) > 26  # below the top: the scale leaves room for its label


def test_money_moves_in_steps_up_to_the_day_described_and_the_plan_to_its_end():
    chart = make_cash()
    noticed = points(elements(chart.svg, "path", "l-low")[0])
    plan = points(elements(chart.svg, "path", "l-al")[0])
    assert [len(noticed), len(plan)] == [5, 3]
    assert noticed[0][0] == noticed[1][0]  # straight up on the day of the notice
    assert noticed[-1][0] < plan[-1][0] == 1000.0
    assert plan[0][1] == 1000.0


def test_without_a_plan_or_a_payment_the_chart_still_shows_the_ceiling_and_the_ring():
    chart = make_cash(noticed=[], funded=[], disbursed=[], plan=[])
    assert elements(chart.svg, "path") == []
    assert len(elements(chart.svg, "line", "l-tgt")) == len(elements(chart.svg, "circle")) == 1
    assert max(shares(chart.svg)) <= 100.01


def test_more_noticed_than_selected_stays_inside_the_plot():
    chart = make_cash(noticed=[(AS_OF, 60.0)])
    highest = min(y for _x, y in points(elements(chart.svg, "path", "l-low")[0]))
    assert highest > 0


def test_what_is_funded_stands_out_against_the_plan_of_it():
    chart = make_cash()
    (funded,) = elements(chart.svg, "path", "l-br")
    (ring,) = elements(chart.svg, "circle")
    assert points(funded)[-1][1] < points(elements(chart.svg, "path", "l-add")[0])[-1][1]
    assert float(ring["cy"]) == round(26 + 244 * points(funded)[-1][1] / 1000, 1)


def test_labels_of_lines_that_end_together_do_not_touch():
    same = {rung: [(SELECTED, 4.0)] for rung in ("noticed", "funded", "disbursed")}
    labels = [
        text
        for text in elements(make_cash(**same).svg, "text")
        if "t-halo" in text.get("class", "")
    ]
    heights = sorted(float(text["y"]) for text in labels)[:-1]
    ends = [y for y in heights if y > 40]
    assert all(low - high >= 16 for high, low in pairwise(ends))
