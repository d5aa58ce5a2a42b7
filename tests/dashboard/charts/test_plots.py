"""Where the charts with axes put what is on record."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard.charts.path import HEIGHT, NEAR, Series
from dashboard.charts.path import Step as Held
from dashboard.charts.rates import Level, Step
from dashboard.charts.reactions import Lane
from dashboard.charts.split import HEIGHT as SPLIT_HEIGHT
from dashboard.charts.usmap import LEFT, LINE, WIDTH, Place, map_chart, outlines
from tests.dashboard.charts.samples import (
    AS_OF,
    CONSULTED,
    CUTOFF,
    DEADLINE,
    SELECTED,
    SERIES,
    SIGNED,
    START,
    elements,
    every_chart,
    lines,
    make_path,
    make_rates,
    make_reactions,
    make_step,
    make_table,
    make_zoom,
    parse,
    points,
    shares,
)

EMPTY = Series([], [], [], [])
FIRST, LAST = START.replace(day=1), date(2029, 2, 10)


def thousandths(day: date) -> float:
    return round((day - FIRST).days / (LAST - FIRST).days * 1000, 1)


# The record against the path


def test_the_target_line_stands_at_550_of_600():
    (line,) = elements(make_path().svg, "line", "l-tgt")
    assert float(line["y1"]) == round(26 + (HEIGHT - 56) * (1 - 550 / 600), 1) == 54.0


def test_the_even_pace_runs_from_the_start_to_the_target_at_the_deadline():
    (even,) = elements(make_path().svg, "path", "l-thin")
    assert points(even) == [(thousandths(START), 1000), (thousandths(DEADLINE), 83.3)]


def test_a_plan_is_drawn_and_the_words_of_the_needed_line_stand_below_it():
    plan = [(START, 0.0), (AS_OF, 20.0), (DEADLINE, 330.0)]
    svg, without = make_path(plan=plan).svg, make_path().svg
    (drawn,) = elements(svg, "path", "l-low")
    assert points(drawn)[::2] == [(thousandths(START), 1000), (thousandths(DEADLINE), 450)]
    assert elements(without, "path", "l-low") == []
    heights = [
        [float(text["y"]) for text in elements(each, "text") if "t-al" in text.get("class", "")]
        for each in (without, svg)
    ]
    assert heights[1][0] > heights[0][0] + 20


def test_the_needed_line_starts_today_at_what_is_funded():
    (needed,) = elements(make_path().svg, "path", "l-al")
    assert points(needed) == [(thousandths(AS_OF), 1000), (thousandths(DEADLINE), 83.3)]
    paid = make_path(series=replace(SERIES, funded=[(SIGNED, 300.0)]))
    (needed,) = elements(paid.svg, "path", "l-al")
    assert points(needed)[0] == (thousandths(AS_OF), 500)


@pytest.mark.parametrize("case", ["reached", "late"])
def test_nothing_is_needed_once_the_target_is_reached_or_the_deadline_is_past(case):
    chart = (
        make_path(series=replace(SERIES, funded=[(SIGNED, 550.0)]))
        if case == "reached"
        else make_path(as_of=date(2030, 1, 1), cutoff=None)
    )
    assert elements(chart.svg, "path", "l-al") == []


def test_what_is_on_record_stops_at_the_newest_document():
    (selected,) = elements(make_path().svg, "path", "l-br")
    assert points(selected)[-1] == (thousandths(CUTOFF), 940.5)
    (after,) = elements(make_path().svg, "rect", "after")
    assert after["x"] == f"{(CUTOFF - FIRST).days / (LAST - FIRST).days:.2%}"


def test_what_is_funded_is_drawn_up_to_the_day_described():
    chart = make_path(series=replace(SERIES, funded=[(SIGNED, 60.0)]))
    (funded,) = elements(chart.svg, "path", "l-sig")
    assert points(funded) == [
        (thousandths(SIGNED), 1000),
        (thousandths(SIGNED), 900),
        (thousandths(AS_OF), 900),
    ]


def test_a_record_without_any_step_still_has_its_path():
    chart = make_path(series=EMPTY)
    assert elements(chart.svg, "path", "l-br") == elements(chart.svg, "rect", "hx") == []
    assert len(elements(chart.svg, "path", "l-thin")) == 1


def test_the_part_that_the_next_chart_enlarges_is_outlined():
    (zoom,) = elements(make_path().svg, "rect", "zoom")
    assert (float(zoom["y"]), float(zoom["height"])) == (306.0, 56.0)  # 100 of 600 over 336 px
    assert elements(make_zoom().svg, "text")[0]["y"] == "273"  # a quarter of those 100, less 5
    full = make_path(series=replace(SERIES, selected=[Held(SIGNED, 20.0, 400.0)]))
    assert elements(full.svg, "rect", "zoom") == []


@pytest.mark.parametrize(
    ("target", "grid"),
    [
        (550.0, [0, 100, 200, 300, 400]),
        (350.0, [0, 100, 200]),
        (20.0, [0, 5, 10, 15]),
        (3.0, [0, 1, 2]),
    ],
)
def test_the_grid_has_round_amounts_below_the_target(target, grid):
    said: list[float] = []
    make_path(target=target, amount_words=lambda amount: said.append(amount) or "words")
    assert sorted(set(said)) == [amount for amount in grid if amount]


@pytest.mark.parametrize("deadline", [date(2028, 12, 31), date(2029, 11, 30), date(2026, 11, 23)])
@pytest.mark.parametrize("as_of", [START, AS_OF, date(2030, 6, 1)])
def test_the_deadline_and_the_day_described_stay_inside(deadline, as_of):
    paid = replace(EMPTY, funded=[(START, 60.0)])
    chart = make_path(series=paid, deadline=deadline, as_of=as_of, cutoff=min(CUTOFF, as_of))
    assert max(at for at in shares(chart.svg)) <= 102
    for path in elements(chart.svg, "path", "ns"):
        assert all(0 <= x <= 1000 for x, _y in points(path))


# The record enlarged


def test_the_enlarged_scale_holds_what_was_ever_reached():
    said: list[float] = []
    fallen = replace(SERIES, in_consultation=[Held(START, None, 180.0), Held(SIGNED, None, 10.0)])
    make_zoom(series=fallen, amount_words=lambda amount: said.append(amount) or "words")
    assert sorted(set(said)) == [60, 120, 180, 240]


@pytest.mark.parametrize("amount", [0.3, 1, 7, 36, 73, 99, 100, 549, 1200])
def test_the_enlarged_scale_has_four_whole_steps_above_the_record(amount):
    said: list[float] = []
    series = replace(EMPTY, signed=[Held(SIGNED, amount, amount)])
    make_zoom(series=series, amount_words=lambda value: said.append(value) or "words")
    step = min(said)
    assert sorted(set(said)) == [step, 2 * step, 3 * step, 4 * step]
    assert step == round(step)
    assert amount < 4 * step <= max(4, 3 * amount)


# What both draw of the record

LATER = date(2026, 7, 1)


def hatched(chart, scale: float) -> list[tuple[str, str, float, float]]:
    """Begin, width, low and high of each hatched stretch, by the scale of the drawing."""
    return [
        (
            box["x"],
            box["width"],
            round((HEIGHT - 30 - float(box["y"]) - float(box["height"])) / (HEIGHT - 56) * scale),
            round((HEIGHT - 30 - float(box["y"])) / (HEIGHT - 56) * scale),
        )
        for box in elements(chart.svg, "rect", "hx")
    ]


BOTH = pytest.mark.parametrize(
    ("make", "last", "scale"), [(make_path, LAST, 600), (make_zoom, AS_OF, 100)]
)


def stretch(begin: date, end: date, last: date) -> tuple[str, str]:
    whole = (last - FIRST).days
    return f"{(begin - FIRST).days / whole:.2%}", f"{(end - begin).days / whole:.2%}"


@BOTH
def test_every_step_of_a_ceiling_is_hatched_from_zero_over_the_days_it_held(make, last, scale):
    steps = [Held(CONSULTED, None, 73.0), Held(SIGNED, None, 33.0), Held(LATER, None, 0.0)]
    assert hatched(make(series=replace(EMPTY, in_consultation=steps)), scale) == [
        (*stretch(CONSULTED, SIGNED, last), 0, 73),
        (*stretch(SIGNED, LATER, last), 0, 33),
    ]


@BOTH
def test_a_step_on_the_day_of_the_newest_document_leaves_those_before_it_drawn(make, last, scale):
    steps = [Held(CONSULTED, None, 73.0), Held(CUTOFF, None, 33.0)]
    assert hatched(make(series=replace(EMPTY, in_consultation=steps)), scale) == [
        (*stretch(CONSULTED, CUTOFF, last), 0, 73)
    ]


@BOTH
def test_a_range_is_a_line_at_its_low_and_hatched_to_its_high_at_every_step(make, last, scale):
    steps = [Held(SELECTED, 20.0, 40.0), Held(SIGNED, 50.0, 50.0), Held(LATER, 50.0, 80.0)]
    chart = make(series=replace(EMPTY, selected=steps))
    assert hatched(chart, scale) == [
        (*stretch(SELECTED, SIGNED, last), 20, 40),
        (*stretch(LATER, CUTOFF, last), 50, 80),
    ]
    (line,) = elements(chart.svg, "path", "l-br")
    heights = [round((1000 - y) / 1000 * scale) for _x, y in points(line)]
    assert heights == [0, 20, 20, 50, 50, 50, 50]


@BOTH
def test_no_line_is_drawn_while_no_low_is_stated(make, last, scale):
    steps = [Held(SELECTED, None, 80.0), Held(SIGNED, 30.0, 80.0), Held(LATER, None, 80.0)]
    chart = make(series=replace(EMPTY, selected=steps))
    assert [low for _x, _width, low, _high in hatched(chart, scale)] == [0, 30, 0]
    (line,) = elements(chart.svg, "path", "l-br")
    days = {x for x, _y in points(line)}
    assert days == {
        round((d - FIRST).days / (last - FIRST).days * 1000, 1) for d in (SIGNED, LATER)
    }


@pytest.mark.parametrize(
    ("selected", "consulted", "signed"),
    [
        ((35.7, 36.0), 73.0, 2.2),
        ((35.7, 36.0), 33.0, 2.2),
        ((35.7, 76.0), 33.0, 33.0),
        ((30.0, 34.0), 33.0, 32.0),
        ((None, 36.0), 36.0, 36.0),
        ((0.5, 2.0), 1.0, 1.5),
    ],
)
def test_labels_of_the_enlarged_record_cross_no_edge_and_no_other_label(
    selected, consulted, signed
):
    series = Series(
        [Held(SELECTED, *selected)],
        [Held(CONSULTED, None, 73.0), Held(CUTOFF, None, consulted)],
        [Held(SIGNED, signed, signed)],
        [],
    )
    svg = make_zoom(series=series).svg
    labels = [
        float(text["y"])
        for text in elements(svg, "text", "t-halo")
        if {"t-br", "t-ink"} & set(text["class"].split())
    ]
    assert len(labels) == 3
    assert min(abs(a - b) for n, a in enumerate(labels) for b in labels[n + 1 :]) >= NEAR
    edges = [26 + (HEIGHT - 56) * (1 - v / 100) for v in (*selected, consulted, signed) if v]
    assert not [(y, e) for y in labels for e in edges if y - 10 < e < y + 2]


def test_a_rung_that_stands_at_nothing_has_no_label_in_the_enlarged_record():
    gone = replace(SERIES, in_consultation=[Held(CONSULTED, None, 73.0), Held(SIGNED, None, 0.0)])
    told = [elements(make_zoom(series=s).svg, "text", "t-ink") for s in (SERIES, gone)]
    assert len(told[0]) == len(told[1]) + 1


def test_nothing_on_record_is_an_open_ring_at_zero():
    (ring,) = elements(make_zoom(series=EMPTY).svg, "circle", "ring")
    assert (ring["cx"], float(ring["cy"])) == ("100.00%", HEIGHT - 30)


@pytest.mark.parametrize("days", [3, 100, 400])
def test_labels_late_in_the_plot_end_with_it(days):
    as_of = SIGNED + timedelta(days=days)
    chart = make_zoom(as_of=as_of, cutoff=None, row_days=[START, as_of])
    for words in elements(chart.svg, "text", "t-halo"):
        x, ends = float(words["x"].removesuffix("%")), "e" in words["class"].split()
        assert x == 100 if ends else x <= 62


@pytest.mark.parametrize(("before", "off"), [(120.0, -9), (170.0, 16)])
def test_what_is_selected_is_told_above_its_line_and_after_a_fall_below_it(before, off):
    steps = [Held(SELECTED, before, before), Held(SIGNED, 140.0, 140.0)]
    drawn = make_zoom(series=replace(EMPTY, selected=steps)).svg
    (words,) = elements(drawn, "text", "t-br")
    (line,) = elements(drawn, "path", "l-br")
    end = points(line)[-1][1] / 1000 * (HEIGHT - 56) + 26
    assert float(words["y"]) == pytest.approx(end + off, abs=0.1)
    day = (SIGNED - FIRST).days / (AS_OF - FIRST).days
    assert words["x"] == f"{day + 0.02:.2%}"


@pytest.mark.parametrize("selected", [36.0, 196.0])
def test_the_even_pace_is_told_clear_of_the_frame_of_what_is_enlarged(selected):
    series = replace(EMPTY, selected=[Held(SELECTED, selected, selected)])
    drawn = make_path(series=series).svg
    (frame,) = elements(drawn, "rect", "zoom")
    words = next(w for w in elements(drawn, "text", "t-halo") if "wideonly" in w["class"])
    below = float(frame["y"]) - float(words["y"])
    assert below >= 8 or below <= -22


@pytest.mark.parametrize(("cutoff", "side"), [(date(2026, 6, 1), None), (date(2026, 11, 15), "e")])
def test_the_word_at_the_newest_document_stays_inside(cutoff, side):
    drawn = make_zoom("cut", cutoff=cutoff).svg
    (word,) = [w for w in elements(drawn, "text") if w["y"] == "38"]
    assert word.get("class", "").split()[:1] == ([side] if side else [])


@pytest.mark.parametrize(("as_of", "years"), [(AS_OF, ["2026"]), (date(2026, 2, 20), [])])
def test_years_leave_the_foot_to_what_is_funded(as_of, years):
    drawn = parse(make_zoom(as_of=as_of, cutoff=None, row_days=[START, as_of]).svg)
    assert [n.text for n in drawn.iter("text") if (n.text or "").isdigit()] == years
    assert len([n for n in drawn.iter("line") if n.get("y2") == str(HEIGHT - 24)]) == 1


def test_labels_of_a_late_day_stand_left_of_the_needed_line():
    early, late = make_path(), make_path(as_of=date(2028, 11, 1))
    assert [w["class"] for w in elements(early.svg, "text", "t-al")] == [
        "t-al t-halo wideonly",
        "t-al t-halo",
    ]
    assert all("e" in w["class"].split() for w in elements(late.svg, "text", "t-al"))
    assert "e t-ink t-halo" in [w.get("class") for w in elements(late.svg, "text")]


# Rates


def test_total_rates_are_thick_and_added_ones_thin():
    begin, middle = date(2025, 4, 3), date(2025, 9, 16)
    levels = (Level(15.0, is_total=False),)
    added = Step(middle, CUTOFF, levels, authority="a-301", words="words", row=1)
    chart = make_rates(steps=[make_step(begin, middle, 27.5), added])
    assert len(elements(chart.svg, "path", "l-br")) == len(elements(chart.svg, "path", "l-add"))
    assert [r["class"] for r in elements(chart.svg, "rect") if r["class"].startswith("a-")] == [
        "a-232",
        "a-301",
    ]


def test_a_rate_steps_from_the_one_before_and_is_dashed_after_the_cutoff():
    chart = make_rates()
    (thick,) = elements(chart.svg, "path", "l-br")
    before, now = lines(thick)
    assert now[0] == before[-1]
    assert now[1][0] == now[0][0]
    (dashed,) = elements(chart.svg, "path", "l-thin")
    assert points(dashed) == [now[-1], (1000, now[-1][1])]


def test_a_rate_above_the_scale_lifts_the_scale():
    chart = make_rates(steps=[make_step(date(2025, 4, 3), AS_OF, 145.0)])
    assert all(y >= 0 for path in elements(chart.svg, "path", "ns") for _x, y in points(path))


def test_parts_that_differ_have_a_line_each_and_a_band_between_them():
    steps = [
        make_step(date(2025, 6, 4), date(2026, 4, 6), 50.0),
        make_step(date(2026, 4, 6), AS_OF, 50.0, 25.0, row=2),
    ]
    chart = make_rates(steps=steps)
    (thick,) = elements(chart.svg, "path", "l-br")
    before, high, low = lines(thick)
    assert high[0] == high[1] == before[-1]
    assert low[0] == before[-1]
    (band,) = elements(chart.svg, "path", "a-rng")
    assert points(band) == [high[-2], high[-1], low[-1], low[-2]]
    assert len(elements(chart.svg, "circle", "dot")) == 2
    assert [mark["data-i"] for mark in elements(chart.svg, "rect", "hit")] == ["0", "2"]


def test_a_rate_older_than_the_chart_starts_at_its_edge():
    steps = [
        make_step(date(2018, 3, 23), date(2024, 1, 1), 10.0),
        make_step(date(2024, 1, 1), CUTOFF, 25.0),
    ]
    chart = make_rates(steps=steps)
    assert all(
        0 <= x <= 1000 for path in elements(chart.svg, "path", "ns") for x, _y in points(path)
    )
    assert all(0 <= at <= 100.5 for at in shares(chart.svg))


def test_the_rate_of_a_first_month_is_written_to_the_right():
    chart = make_rates(steps=[make_step(date(2025, 1, 1), date(2025, 3, 1), 2.5)])
    assert [w["class"] for w in elements(chart.svg, "text", "t-ink")] == ["t-ink t-halo"]


# Reactions


def test_every_reaction_is_one_mark_of_its_stance():
    days = [date(2025, 9, d) for d in (1, 8, 30)]
    lane = Lane("Japan", [(days[0], "supportive"), (days[1], "critical"), (days[2], "critical")])
    chart = make_reactions(lanes=[lane])
    stances = ("tn-s", "tn-n", "tn-c")
    assert [len(elements(chart.svg, "path", c)) for c in stances] == [1, 0, 2]
    marks = [a for a in elements(chart.svg, "svg") if a.get("overflow")]
    assert len({a["x"] for a in marks}) == 1
    assert sorted(float(a["y"]) for a in marks) == [55, 67, 79]


def test_a_lane_without_reactions_keeps_its_place():
    chart = make_reactions(lanes=[Lane("Japan", []), Lane("United States", [])])
    assert [line["y1"] for line in elements(chart.svg, "line", "grid")] == ["52", "74"]


def test_a_newest_fact_before_the_first_month_shades_the_whole():
    chart = make_reactions(cutoff=date(2024, 1, 1))
    (after,) = elements(chart.svg, "rect", "after")
    assert after["x"] == "0.00%"
    assert float(after["width"].removesuffix("%")) <= 100


# Split


def test_the_two_shares_fill_every_stage():
    chart = every_chart()["split"]
    us, jp = (elements(chart.svg, "rect", c) for c in ("us", "jp"))
    assert [(r["x"], r["width"]) for r in us] == [("0.00%", "50.00%"), ("50.00%", "50.00%")]
    heights = [float(a["height"]) + float(b["height"]) for a, b in zip(us, jp, strict=True)]
    assert heights == pytest.approx([SPLIT_HEIGHT - 38] * 2)
    assert float(us[1]["height"]) / heights[1] == pytest.approx(0.9)


# Map


def test_circles_are_to_scale_by_area():
    places = [Place(("OH",), selected=9.0), Place(("TX",), selected=36.0)]
    chart = map_chart(places, "T", "D", make_table(2))
    small, large = (float(c["r"]) for c in elements(chart.svg, "circle"))
    assert (large / small) ** 2 == pytest.approx(4)


def test_what_is_selected_is_filled_and_what_is_in_consultation_a_ring():
    chart = map_chart([Place(("TX",), selected=2.1, in_consultation=16.0)], "T", "D", make_table(1))
    ring, disc = elements(chart.svg, "circle")
    assert (ring.get("class"), disc.get("class")) == ("sel", None)
    assert ring["data-i"] == disc["data-i"] == "0"


def test_a_circle_is_filled_to_the_low_end_and_hatched_to_the_high_end():
    places = [
        Place(("AK",), selected_high=14.0),
        Place(("OH",), selected=9.0, selected_high=36.0),
        Place(("TX",), selected=9.0, selected_high=9.0),
    ]
    chart = map_chart(places, "T", "D", make_table(3))
    drawn = [(c["data-i"], c.get("class"), float(c["r"])) for c in elements(chart.svg, "circle")]
    assert [(row, class_) for row, class_, _radius in drawn] == [
        ("0", "hx"),
        ("1", "hx"),
        ("1", None),
        ("2", None),
    ]
    assert drawn[1][2] == pytest.approx(2 * drawn[2][2])
    assert drawn[2][2] == drawn[3][2]


def test_labels_of_neighbouring_states_stand_apart():
    given = (("OH", 34.0, "33.0–34.0"), ("IN", 9.5, "9.5"), ("IL", 6.0, "up to 6.0"))
    places = [Place((code,), selected=usd, selected_words=words) for code, usd, words in given]
    chart = map_chart(places, "T", "D", make_table(3))
    boxes = []
    for text, (_code, _usd, words) in zip(elements(chart.svg, "text"), given, strict=True):
        width = 19 * len(words)
        side = {None: 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
        left, y = float(text["x"]) - side * width, float(text["y"])
        boxes.append((left, left + width, y))
    for n, (left, right, y) in enumerate(boxes):
        for other_left, other_right, other_y in boxes[n + 1 :]:
            is_beside = right <= other_left or other_right <= left
            assert is_beside or abs(y - other_y) >= LINE


def test_states_with_a_project_are_tinted_and_all_are_drawn():
    chart = map_chart([Place(("TN", "AL"), in_consultation=40.0)], "T", "D", make_table(1))
    assert len(elements(chart.svg, "path")) == len(outlines()) >= 50
    assert len(elements(chart.svg, "path", "has")) == 2


@pytest.mark.parametrize("states", [(), ("PR?",)])
def test_a_place_that_is_not_on_the_map_keeps_its_row_and_has_no_mark(states):
    places = [Place(states, selected=5.0), Place(("GA",), selected=0.6)]
    chart = map_chart(places, "T", "D", make_table(2))
    assert [c["data-i"] for c in elements(chart.svg, "circle")] == ["1"]


def test_a_map_without_amounts_offers_no_marks_to_read():
    assert not map_chart([Place(())], "T", "D", make_table(1)).has_marks


def test_map_keeps_a_label_within_the_picture():
    words = "up to 17.0"
    chart = map_chart(
        [Place(("ME",), in_consultation=17, in_consultation_words=words)], "T", "D", make_table(1)
    )
    text = re.search(rf'<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">{words}', str(chart.svg))
    assert text is not None
    assert float(text[1]) + 33 / 2 * len(words) / 2 <= LEFT + WIDTH
