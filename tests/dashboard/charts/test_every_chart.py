"""What every drawing keeps: named, escaped, readable row by row, free of styles."""

import re

import pytest

from dashboard.charts.frame import Chart
from dashboard.charts.svg import Markup
from tests.dashboard.charts.samples import (
    every_chart,
    every_row,
    parse,
)

HOSTILE = """</text><script>alert('1')</script>" onload="x" style="color:red" &amp; ]]>"""
CHARTS = tuple(every_chart())
DRAWINGS = (*CHARTS, *every_row())


def drawings(words: str) -> dict[str, Markup]:
    charts = {name: chart.svg for name, chart in every_chart(words).items()}
    return charts | every_row(words)


@pytest.mark.parametrize("name", CHARTS)
def test_chart_has_a_name_a_sentence_and_a_table(name):
    chart = every_chart("Said")[name]
    image = parse(chart.svg)
    named = {node.get("id"): node.text for node in image if node.tag in ("title", "desc")}
    assert image.get("role") == "img"
    assert image.get("aria-labelledby", "").split() == list(named)
    assert list(named.values()) == [chart.title, chart.description] == ["Said", "Said"]
    assert chart.table.rows
    assert all(len(row) == len(chart.table.heads) for row in chart.table.rows)


@pytest.mark.parametrize("name", CHARTS)
def test_marks_are_the_rows_of_the_table(name):
    chart: Chart = every_chart()[name]
    marks = {int(node.get("data-i", "")) for node in parse(chart.svg).iter() if node.get("data-i")}
    assert marks == (set(range(len(chart.table.rows))) if chart.has_marks else set())


@pytest.mark.parametrize("name", DRAWINGS)
def test_words_cannot_become_elements_or_attributes(name):
    as_long = "words".ljust(len(HOSTILE), ".")  # a label that finds no room stands elsewhere
    drawn, plain = parse(drawings(HOSTILE)[name]), parse(drawings(as_long)[name])
    spoken = [node.text for node in drawn.iter() if node.text and HOSTILE in node.text]
    assert len(spoken) == sum("words" in (node.text or "") for node in plain.iter())
    assert [node.tag for node in drawn.iter()] == [node.tag for node in plain.iter()]
    assert [node.attrib for node in drawn.iter()] == [node.attrib for node in plain.iter()]


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_inline_that_the_policy_forbids(name):
    for node in parse(drawings("words")[name]).iter():
        forbidden = [key for key in node.attrib if key == "style" or key.startswith("on")]
        assert not forbidden
        assert "href" not in node.attrib
        assert node.tag not in ("style", "script", "foreignObject", "image", "use")


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_word_comes_from_outside(name):
    words = [node.text for node in parse(drawings("§")[name]).iter() if node.text]
    own = [w for w in words if "§" not in w and not re.fullmatch(r"\d{4}|\d+%", w)]
    assert own == []


@pytest.mark.parametrize("name", every_row())
def test_rows_are_hidden_from_screen_readers(name):
    assert parse(every_row()[name]).get("aria-hidden") == "true"


def test_ids_are_unique_on_a_page_with_every_chart():
    ids = [
        node.get("id")
        for drawing in drawings("words").values()
        for node in parse(drawing).iter()
        if node.get("id")
    ]
    assert len(ids) == len(set(ids)) == 2 * len(CHARTS) + 1


def test_outer_drawings_have_no_view_box_so_text_keeps_its_size():
    outer = {name: parse(svg).get("viewBox") for name, svg in drawings("words").items()}
    assert [name for name, box in outer.items() if box] == ["map"]
