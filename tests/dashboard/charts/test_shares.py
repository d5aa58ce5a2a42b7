"""Who gets each distributed dollar: areas along the dollars paid out."""

from dashboard.charts.shares import Stretch
from tests.dashboard.charts.samples import elements, make_shares


def test_the_two_shares_of_every_stretch_fill_the_height():
    svg = make_shares().svg
    sides = zip(elements(svg, "rect", "us"), elements(svg, "rect", "jp"), strict=True)
    for us, investor in sides:
        assert float(us["height"]) + float(investor["height"]) == 164.0
        assert (us["x"], us["width"]) == (investor["x"], investor["width"])


def test_the_line_stands_where_the_second_tier_begins():
    svg = make_shares().svg
    (line,) = elements(svg, "line", "now")
    assert line["x1"] == elements(svg, "rect", "us")[1]["x"] == "84.15%"


def test_what_lies_ahead_is_pale_and_a_narrow_area_takes_the_short_label():
    said = ("long us", "us", "long jp", "jp")
    stretches = [Stretch(0.0, 80.0, 0.5, *said), Stretch(80.0, 100.0, 0.9, *said, ahead=True)]
    svg = make_shares(stretches=stretches, payments=[(0.0, 80.0)], switch=80.0).svg
    assert len(elements(svg, "rect", "ahead")) == 2
    assert (svg.count(">long us<"), svg.count(">us<"), svg.count(">jp<")) == (1, 1, 1)


def test_without_a_second_tier_no_line_is_drawn():
    assert elements(make_shares(switch=None).svg, "line", "now") == []
