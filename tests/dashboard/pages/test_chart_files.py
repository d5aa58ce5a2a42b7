"""Every chart of a page can be taken away: as a picture, and its table as CSV, at the same point."""

import csv
import io

import pytest

from dashboard.exports.stamps import STAMPS
from tests.dashboard.charts.samples import parse
from tests.dashboard.pages.reading import read

SVG = "{http://www.w3.org/2000/svg}"
DAY = "as_of=2026-11-22"
FICTION = "commitment=illustrative-us-2025"
DRAWING = {
    f"/?{DAY}": {"path", "zoom", "map", "split", "reactions", "rate-general"},
    f"/projects/?stage=selected&{DAY}": {"map"},
    f"/states/OH/?{DAY}": {"map"},
    f"/tariffs/?{DAY}&on=2026-01-15": {"rate-general", "rate-autos"},
    f"/returns/?{DAY}&distributions=2027-09-15+50000000": {"shares"},
    f"/reactions/?{DAY}&stance=critical": {"reactions"},
    f"/compare/?{DAY}": {"aligned"},
    f"/ja/compare/?{DAY}&commitment=korea-us-2025": {"aligned"},
}


def files(page) -> dict[str, str]:
    return {link.split("chart/")[1].split("?")[0]: link for link in page.links if "chart/" in link}


def words(client, address: str) -> list[str]:
    """The words of a picture, once each. Fail unless it is well formed."""
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    image = parse(answer.content.decode().split("?>", 1)[1])
    return [n.text or "" for n in image.iter(f"{SVG}text") if not n.get("aria-hidden")]


def check_files(client, address: str, drawn: set[str]) -> None:
    """Follow the files of every chart of a page. Fail unless each draws or lists what it shows."""
    page = read(client, address)
    found = files(page)
    tables = page.html.split('<figure class="chart')[1:]
    rows_of_bars = {"sectors.csv", "instruments.csv"} & found.keys()
    assert len(found) == 2 * len(tables) - len(rows_of_bars)
    assert drawn <= {name.removesuffix(".svg") for name in found}
    for name, link in found.items():
        if name.endswith(".svg"):
            assert words(client, link)
            continue
        answer = client.get(link)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        figure = next(t for t in tables if f"chart/{name}" in t)
        assert len(rows) == figure.split("</table>")[0].count("<tr>"), name
        assert rows[0][-6:] == ["_table", *STAMPS]
        assert {row[-5] for row in rows[1:]} == {"2026-11-22"}


@pytest.mark.rendering
@pytest.mark.parametrize("address", DRAWING)
def test_every_chart_of_a_page_leads_to_its_picture_and_its_table(client, register, address):
    check_files(client, address, DRAWING[address])


def test_charts_of_cash_and_returns_lead_to_theirs(client, illustrative):
    address = f"/projects/illustrative-data-campus/?{DAY}&{FICTION}"
    check_files(client, address, {"cash", "shares"})


def test_files_draw_what_the_page_draws_on_the_day_asked_for(client, register):
    early, late = (
        words(client, f"/chart/zoom.svg?as_of={day}") for day in ("2026-02-28", "2026-06-01")
    )
    assert "In consultation: up to $73.0bn" in late
    assert not [line for line in early if "73.0bn" in line]
    assert any("as of 28 February 2026" in line and "revision r" in line for line in early)
    assert any("Source: Selected" in line for line in early)
    assert any("testserver/. Compiled facts are CC BY 4.0" in line for line in early)


def test_picture_speaks_japanese(client, register):
    said = words(client, f"/ja/chart/path.svg?{DAY}")
    assert said[0] == "記録と5,500億ドルへの道筋"
    assert any("2026年11月22日" in line for line in said)


def test_table_gives_numbers_as_numbers_and_words_as_shown(client, register):
    answer = client.get(f"/chart/path.csv?{DAY}")
    assert answer["Content-Disposition"].startswith(
        'attachment; filename="path_japan-us-2025_2026-11-22_r'
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1] | {"_revision": ""} == {
        "Date": "17 Feb 2026",
        "Even pace": "74.0",
        "Selected": "35.7–36.0",
        "In consultation": "0.0",
        "Signed": "0.0",
        "Funded": "none published",
        "_table": "The record and the path, $ billion",
        "_as_of": "2026-11-22",
        "_revision": "",
        "_published_by": "",
        "_commitment": "japan-us-2025",
        "_illustrative": "false",
    }


def test_fiction_is_labelled_in_the_picture_and_in_its_name(client, illustrative):
    address = f"/chart/path.svg?{FICTION}"
    assert words(client, address)[0] == "Illustrative: these figures are fictional."
    assert 'filename="illustrative_path_' in client.get(address)["Content-Disposition"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/chart/nothing.svg?{DAY}", 404),
        (f"/chart/path.png?{DAY}", 404),
        ("/chart/path.svg?as_of=2025-01-01", 404),
        ("/chart/path.svg?known_at=2020-01-01T00:00:00Z", 404),
        ("/chart/path.svg?colour=red", 400),
        ("/returns/chart/shares.svg?discount=many", 400),
        ("/projects/prj-nothing/chart/cash.svg", 404),
        ("/projects/PRJ-OH-Portsmouth-Gas/chart/cash.svg", 301),
    ],
)
def test_what_is_not_drawn_has_no_file(client, register, address, status):
    assert client.get(address).status_code == status


def test_a_file_cannot_be_posted_to(client, register):
    assert client.post("/chart/path.svg").status_code == 405
