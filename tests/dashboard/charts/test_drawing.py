"""Elements as escaped text, and the axes that charts share."""

from datetime import date

import pytest

from dashboard.charts.frame import Axes, drawing
from dashboard.charts.svg import Markup, el, join, percent, text
from tests.dashboard.charts.samples import elements, make_table, parse, points

AXES = Axes(date(2025, 1, 1), date(2025, 4, 11), highest=600, height=130, top=20, bottom=10)


def test_el_escapes_words_and_attributes_but_not_markup():
    drawn = el("text", "<b>&", el("tspan", "ok"), class_='a"b', data_i=0, viewBox="0 0 1 1", y=None)
    assert drawn == (
        '<text class="a&quot;b" data-i="0" viewBox="0 0 1 1">&lt;b&gt;&amp;<tspan>ok</tspan></text>'
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (10.0, "10"), (1.5, "1.5"), (2.345, "2.35"), (100, "100"), ("30%", "30%")],
)
def test_el_writes_numbers_without_idle_digits(value, written):
    assert el("rect", x=value) == f'<rect x="{written}"/>'


def test_join_and_text_escape_what_is_not_markup():
    assert join(["<", Markup("<g/>"), None, 3]) == "&lt;<g/>3"
    assert text("'&'") == "&#x27;&amp;&#x27;"


def test_percent_keeps_two_digits():
    assert [percent(share) for share in (0, 0.3621, 1)] == ["0.00%", "36.21%", "100.00%"]


def test_axes_place_days_in_percent_and_amounts_in_pixels():
    assert [AXES.x(day) for day in (AXES.first, date(2025, 2, 20), AXES.last)] == [
        "0.00%",
        "50.00%",
        "100.00%",
    ]
    assert [AXES.y(amount) for amount in (0, 300, 600)] == [120, 70, 20]


def test_line_is_drawn_on_a_thousandth_scale_and_keeps_its_width():
    line = AXES.line([(AXES.first, 0), (AXES.last, 600)], "l-br")
    assert line == '<path d="M0.0,1000.0L1000.0,0.0" class="ns l-br"/>'


def test_curves_stretch_over_the_plot():
    (inner,) = elements(AXES.curves(None), "svg")
    assert inner == {
        "x": "0",
        "y": "20",
        "width": "100%",
        "height": "100",
        "viewBox": "0 0 1000 1000",
        "preserveAspectRatio": "none",
    }


def test_steps_stand_still_between_days():
    day = date(2025, 2, 20)
    steps = AXES.steps([(AXES.first, 150), (day, 300)], until=AXES.last, class_="l-br")
    assert points(parse(steps).attrib) == [
        (0, 1000),
        (0, 750),
        (500, 750),
        (500, 500),
        (1000, 500),
    ]


def test_steps_never_run_back_in_time():
    day = date(2025, 2, 20)
    steps = AXES.steps([(day, 300)], until=date(2025, 2, 1), class_="l-br")
    assert points(parse(steps).attrib) == [(500, 1000), (500, 500), (500, 500)]


def test_steps_of_nothing_are_not_drawn():
    assert AXES.steps([], until=AXES.last, class_="l-br") is None


def test_boxes_stay_inside_the_plot():
    box = AXES.box(date(2020, 1, 1), date(2030, 1, 1), (0, 300), "hx")
    assert box == '<rect class="hx" x="0.00%" width="100.00%" y="70" height="50"/>'
    assert 'width="0.00%"' in AXES.box(AXES.last, AXES.first, (0, 300), "hx")


def test_the_band_after_the_newest_fact_ends_today():
    assert AXES.after(date(2025, 2, 20), AXES.last) == (
        '<rect class="after" x="50.00%" width="50.00%" y="20" height="100"/>'
    )
    assert AXES.after(AXES.last, AXES.last) is None
    assert AXES.after(None, AXES.last) is None


def test_hits_cover_the_plot_once_each_row_nearest_its_day():
    days = [AXES.first, date(2025, 1, 21), AXES.last]
    hits = elements(f"<g>{AXES.hits(days)}</g>", "rect", "hit")
    assert [(h["data-i"], h["x"], h["width"]) for h in hits] == [
        ("0", "0.00%", "10.00%"),
        ("1", "10.00%", "50.00%"),
        ("2", "60.00%", "40.00%"),
    ]


def test_drawing_is_one_image_named_by_its_title_and_description():
    made = drawing("path", make_table(1), height=20, title="T", description="D", parts=[None])
    drawn = parse(made.svg)
    assert drawn.attrib == {
        "class": "plot",
        "height": "20",
        "role": "img",
        "aria-labelledby": "path-t path-d",
    }
    assert [(n.tag, n.get("id"), n.text) for n in drawn] == [
        ("title", "path-t", "T"),
        ("desc", "path-d", "D"),
    ]
