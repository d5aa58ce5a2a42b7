"""A chart to take away: the drawing of the page, alone and at a fixed size."""

import re

import pytest

from dashboard.charts.picture import EDGE, WIDTH, Surroundings, lines, picture, swatches
from dashboard.charts.styles import Element, attributes_of, token
from tests.dashboard.charts.samples import every_chart, make_path, make_rates, parse

SVG = "{http://www.w3.org/2000/svg}"
AROUND = Surroundings(
    title="The record against the path",
    subtitle="Cumulative",
    language="en",
    label="Illustrative: these figures are fictional.",
    legend=swatches([("a-232", "Section 232")]),
    foot=["Source: the memorandum", "As of 22 November 2026; revision r4"],
)


def spoken(image):
    return [node.text for node in image.iter(f"{SVG}text") if not node.get("aria-hidden")]


@pytest.mark.parametrize("name", every_chart())
def test_picture_stands_alone(name):
    image = parse(picture(every_chart()[name], AROUND))
    for node in image.iter():
        assert not {"class", "style", "href", "data-i"} & node.attrib.keys()
        assert node.tag not in (f"{SVG}style", f"{SVG}script", f"{SVG}image", f"{SVG}use")
        assert not [v for v in node.attrib.values() if "%" in v or "var(" in v or "light-dark" in v]
    assert {
        node.get("fill") for node in image.iter() if node.get("fill", "").startswith("url(")
    } <= {"url(#hx)"}
    assert [node.get("id") for node in image.iter() if node.get("id")] == ["hx"]


@pytest.mark.parametrize("name", every_chart())
def test_picture_says_what_the_page_says_around_the_chart(name):
    image = parse(picture(every_chart()[name], AROUND))
    words = spoken(image)
    assert words[:4] == [AROUND.label, AROUND.title, AROUND.subtitle, "Section 232"]
    assert words[-2:] == AROUND.foot
    assert image.find(f"{SVG}title").text == AROUND.title
    assert image.find(f"{SVG}desc").text == every_chart()[name].description


@pytest.mark.parametrize("name", every_chart())
def test_picture_holds_every_mark_of_the_page_and_the_labels_of_wide_screens(name):
    chart = every_chart()[name]
    shown = [
        node
        for node in parse(chart.svg).iter()
        if not {"narrowonly", "hit"} & set(node.get("class", "").split())
    ]
    image = parse(picture(chart, Surroundings("", "", "en")))
    for tag in ("text", "circle", "path"):
        drawn = [n for n in image.iter(f"{SVG}{tag}") if not n.get("aria-hidden")]
        assert len(drawn) == sum(node.tag == tag for node in shown), tag
    assert len(list(image.iter(f"{SVG}rect"))) == sum(n.tag == "rect" for n in shown) + 1


def test_picture_is_1200_by_675_and_taller_where_the_chart_is():
    assert (parse(picture(make_path(), AROUND)).get("width"), WIDTH) == ("1200", 1200)
    assert parse(picture(make_path(), AROUND)).get("viewBox") == "0 0 1200 675"
    long = Surroundings("", "", "en", foot=["words"] * 40)
    assert int(parse(picture(make_path(), long)).get("height")) > 675


def test_curves_are_drawn_in_pixels_of_the_plot():
    image = parse(picture(make_rates(), Surroundings("", "", "en")))
    (scale,) = {
        float(s) for s in re.findall(r"scale\(([\d.]+)\)", str(picture(make_rates(), AROUND)))
    }
    line = next(n for n in image.iter(f"{SVG}path") if n.get("stroke-width") == "3")
    pairs = re.findall(r"([\d.]+),([\d.]+)", line.get("d"))
    assert max(float(x) for x, _y in pairs) <= (WIDTH - 2 * EDGE) / scale
    assert {"fill": "none", "stroke": token("brand")}.items() <= line.attrib.items()


def test_attributes_are_those_of_the_stylesheet():
    plot = Element("svg", frozenset({"plot"}))
    label = Element("text", frozenset({"e", "t-ink", "t-halo"}))
    assert attributes_of([plot, label]) == {
        "fill": "#14181f",
        "stroke": "#faf8f4",
        "stroke-width": "4",
        "stroke-linejoin": "round",
        "paint-order": "stroke",
        "text-anchor": "end",
        "font-weight": "650",
        "font-size": "12",
        "font-family": attributes_of([plot, Element("text", frozenset())])["font-family"],
    }
    country = [Element("figure", frozenset({"chart", "map"})), plot]
    assert attributes_of([*country, Element("circle", frozenset())]) == {
        "fill": "#1b3f73",
        "fill-opacity": "0.85",
        "stroke": "#faf8f4",
        "stroke-width": "1.5",
    }
    assert attributes_of([*country, Element("circle", frozenset({"sel"}))])["fill"] == "none"


def test_lines_break_between_words_and_between_japanese_letters():
    assert lines("one two three", 10 * 0.56 * 8, 10) == ["one two", "three"]
    assert lines("覚書による投資", 40, 10) == ["覚書によ", "る投資"]
    assert lines("", 40, 10) == []


def test_words_that_are_no_xml_are_left_out():
    around = Surroundings("A\x0b <b> & “c”", "", "en")
    assert spoken(parse(picture(make_path(), around)))[0] == "A <b> & “c”"
