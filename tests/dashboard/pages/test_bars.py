"""Bars and rows beside tables: extra duty, and commitments aligned."""

from datetime import date

from dashboard.charts.aligned import Track, aligned_chart
from dashboard.charts.bands import duty_row
from dashboard.charts.frame import Table
from tests.dashboard.pages.reading import read

DAY = "2026-11-22"


def test_commitments_are_aligned_on_the_day_each_began(client, register):
    page = read(client, f"/compare/?as_of={DAY}")
    table = page.section("<caption>Aligned by days since the start</caption>", "</table>")
    days = (date(2026, 11, 22) - date(2025, 9, 4)).days
    whole = (date(2029, 1, 19) - date(2025, 9, 4)).days
    assert f"Japan 4 Sept 2025, signing {days} {whole} 36%" in table.replace("Sep ", "Sept ")
    assert "Korea" in table


def test_a_track_without_a_deadline_has_no_line_ahead():
    tracks = [Track("A", 100, 400, [5, 300]), Track("B", 50, None, [])]
    table = Table("t", ("a",), ((1,),))
    svg = str(aligned_chart(tracks, title="t", description="d", table=table, years=["1"]).svg)
    assert svg.count("<circle") == 2
    assert svg.count('class="axis"') == 3  # day 0, and the line and end of the first alone


def test_a_year_at_the_edge_keeps_its_label_inside():
    table = Table("t", ("a",), ((1,),))
    tracks = [Track("A", 100, 740, [])]
    given = {"title": "t", "description": "d", "table": table, "years": ["one", "two"]}
    svg = str(aligned_chart(tracks, **given).svg)
    assert 'class="m">one' in svg
    assert 'class="e">two' in svg


def test_extra_duty_is_drawn_beside_the_duty(client, register):
    page = read(client, f"/tariffs/?as_of={DAY}")
    rows = page.html.split('<div class="rows">')[1].split('<div class="scroll')[0]
    assert rows.count('class="row w"') == rows.count('class="alarmf sg"') == 17
    assert rows.index("Basic pharmaceutical products") < rows.index("Motor vehicles and parts")


def test_a_range_of_extra_duty_is_hatched_beyond_its_low_end():
    bar = str(duty_row(1.0, (1.0, 2.0), 4.0))
    assert bar.count('width="25.00%"') == 3
    assert 'class="hx sg"' in bar
