"""The page of tariffs: what is charged, what it comes to, what lies ahead; one number, one code path."""

import pytest

from dashboard.charts.styles import Element, attributes_of
from dashboard.pages.tariffs.words import (
    OTHER_AUTHORITY,
    RANGE,
    authority_class,
    legend_words,
)
from tariffs.selectors.rates import RateBook
from tests.builders import point, record
from tests.dashboard.pages.reading import Page, read

pytestmark = pytest.mark.usefixtures("register")
DAY = "2026-11-22"


def heading(page: Page) -> str:
    return page.section("<h1>", "</h1>")


def part(page: Page, start: str, end: str = "</section>") -> str:
    return page.section(f'aria-labelledby="{start}"', end)


def test_the_headline_gives_the_duty_a_year_and_the_extra_without_the_agreement(client):
    page = read(client, f"/tariffs/?as_of={DAY}")
    assert heading(page).startswith(
        "Duty on goods of Japan: $19.1–20.6bn a year; without the agreement $10.5–23.7bn more"
    )
    assert "Imports of 2024, $144.9 billion, times the rate of the day." in page.words


def test_without_a_baseline_the_headline_is_the_general_rate(client):
    page = read(client, "/tariffs/?as_of=2025-08-20&published_by=2025-09-03")
    assert heading(page).startswith("Duty on goods of Japan: 15% added in general")
    korea = read(client, f"/tariffs/?as_of={DAY}&commitment=korea-us-2025")
    assert heading(korea).startswith(
        "Goods of Korea pay 12.5% all-in in general by its terms since 24 Jul 2026; "
        "duties by category are not recorded"
    )
    assert "General goods 12.5% all-in General rate now 24 Jul 2026" in part(korea, "t2")
    assert "$0.0bn" not in korea.words


def test_the_bars_name_their_unit_in_either_language(client):
    for prefix, unit in (("", "$ billion a year"), ("/ja", "億ドル／年")):
        page = read(client, f"{prefix}/tariffs/?as_of={DAY}")
        legend = page.html.split('aria-labelledby="t3"')[1].split('<p class="legend">')[1]
        assert f"<span>{unit}</span></p>" in legend


def test_before_the_first_day_of_the_charts_nothing_is_drawn(client):
    page = read(client, "/tariffs/?as_of=2020-01-01")
    assert "General goods" in page.words
    assert "<figure" not in page.html


def test_a_step_of_a_single_day_stands_in_the_table(client):
    page = read(client, f"/tariffs/?as_of={DAY}")
    steps = page.section("<caption>General goods</caption>", "</table>")
    assert "5 Apr 2025 10% added" in steps
    assert "9 Apr 2025 24% added" in steps
    assert "10 Apr 2025 10% added" in steps


@pytest.mark.parametrize(
    ("day", "finding", "label"),
    [
        ("2025-04-09", "General goods: 24% added on 9 Apr 2025", "24% added"),
        (
            "2026-11-29",
            "Polysilicon and solar derivatives: no measure on 29 Nov 2026",
            "15% added from 4 Dec 2026",
        ),
    ],
)
def test_a_chart_tells_what_is_in_force_on_the_day_and_what_is_not_yet(client, day, finding, label):
    page = read(client, f"/tariffs/?as_of={day}")
    figures = page.html.split("<figure")
    drawing = next(one.split("<table")[0] for one in figures if finding in one)
    assert f">{label}<" in drawing
    assert ("<circle" in drawing) is (day == "2025-04-09")


def test_every_measure_and_rate_leads_to_its_document(client):
    page = read(client, f"/tariffs/?as_of={DAY}")
    tables = page.html.split('<figure class="chart')[1:]
    rows = [
        row
        for table in tables
        for row in table.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    ]
    assert len(rows) > 30
    assert [row for row in rows if 'href="/sources/' not in row] == []
    exposure = page.html.split('id="t3"')[1].split("<tbody>")[1].split("</tbody>")[0]
    assert exposure.count("<tr>") == 21
    assert exposure.count('href="/sources/') >= 21


def test_every_authority_on_record_has_an_entry_of_its_own_in_the_legend(client):
    book = RateBook(point(), "JP")
    words = legend_words(book)
    measures = [m for found in book.measures.values() for m in found]
    classes = {authority_class(m) for m in measures}
    assert OTHER_AUTHORITY not in classes
    assert classes | {OTHER_AUTHORITY, RANGE} == set(words)
    fills = [attributes_of((Element("rect", frozenset({class_})),))["fill"] for class_ in words]
    assert len(set(fills)) == len(fills)
    page = part(read(client, f"/tariffs/?as_of={DAY}"), "t1")
    assert [text for text in ("Section 201", "Executive order") if text not in page] == []
    quartz = client.get(f"/tariffs/chart/rate-quartz_surface_products.svg?as_of={DAY}").content
    assert "Section 201" in quartz.decode()
    assert "Ordinary duty" not in quartz.decode()


def test_a_chart_with_a_scale_of_its_own_says_so(client):
    charts = read(client, f"/tariffs/?as_of={DAY}").html.split('<figure class="chart')[1:]
    told = [chart for chart in charts if "on a scale of its own, to 110%" in chart]
    assert len(told) == 1
    assert "<b>Unmanned aircraft systems</b>" in told[0]


def test_the_files_of_a_chart_hold_the_lowest_and_highest_rate_of_its_parts(client):
    asked = f"as_of={DAY}"
    rows = client.get(f"/tariffs/chart/rate-steel_aluminium.csv?{asked}").content.decode()
    head, *lines = rows.lstrip("\ufeff").splitlines()
    assert head.startswith('From,Rate,Authority,Parts,"Lowest, %","Highest, %"')
    assert ",25,50," in lines[-1]
    assert ",50,50," in lines[-2]


def test_what_a_measure_covers_of_a_line_is_told_beside_the_sum(client):
    exposure = part(read(client, f"/tariffs/?as_of={DAY}"), "t3")
    assert (
        "Medicines within 131 codes of the Section 232 pharmaceutical action: $4.7bn of imports. "
        "On these alone the duty is $707m a year, and $4.0–4.7bn more without the agreement"
    ) in exposure
    [within] = client.get(f"/api/v1/tariffs/exposure/?as_of={DAY}").json()["within"]
    assert (within["imports_usd"], within["extra_low_usd"]) == ("4711047275.00", "4004390183.75")


def test_courts_stand_on_the_legal_timeline(client):
    timeline = part(read(client, f"/tariffs/?as_of={DAY}"), "t5")
    assert "7 May 2026Held 2 to 1 that the surcharge exceeded the statute" in timeline
    assert "20 Feb 2026Held by 6 to 3" in timeline
    assert "Held 2 to 1" not in part(read(client, "/tariffs/?as_of=2026-04-01"), "t5")


def test_each_category_has_its_rate_basis_authority_and_counterfactual(client):
    page = read(client, f"/tariffs/?as_of={DAY}")
    rates = part(page, "t2")
    assert (
        "Passenger vehicles of it 2.5% ordinary duty 15% all-in "
        "Section 232 (Proclamation 10908 as modified by EO 14345) 16 Sep 2025 no end stated 27.5% all-in"
    ) in rates
    assert "Steel and aluminium: Core articles added duty only 50% added" in rates
    assert (
        "Polysilicon and solar derivatives Nearest on record: Section 232, from 4 Dec 2026" in rates
    )
    nearest = page.html.split("Nearest on record: ")[1:]
    assert len(nearest) == 2
    assert [words for words in nearest if not words.startswith('<a class="fig" href="/sour')] == []


def test_exposure_adds_up_and_counts_what_it_leaves_out(client):
    exposure = part(read(client, f"/tariffs/?as_of={DAY}"), "t3")
    assert "Motor vehicles and parts 51.83 15% 7.77 27.5% 6.48" in exposure
    assert "All 144.86 13.2–14.3% 19.09–20.65 – 10.48–23.65" in exposure
    assert "1 line has no rate without the agreement on record" in exposure


def test_every_headline_of_exposure_leads_to_the_lines_that_make_it(client):
    page = read(client, f"/tariffs/?as_of={DAY}&on=2026-03-01")
    for key in ("average_duty_rate", "duty_usd_per_year", "extra_duty_usd_per_year"):
        assert page.links.count(f"/figures/{key}/?as_of={DAY}&on=2026-03-01") == 2, key
    made = read(client, f"/figures/duty_usd_per_year/?as_of={DAY}&on=2026-03-01")
    assert "Duty a year $17.6bn on $137.2bn of imports" in page.words
    assert "Duty a year $17.6bn $17," in made.words
    assert "duties of 1 Mar 2026" in made.words
    japanese = read(client, f"/ja/figures/extra_duty_usd_per_year/?as_of={DAY}")
    assert "自動車・同部品" in japanese.words


def test_sums_say_how_many_of_their_lines_count_the_added_duty_only(client):
    page = read(client, f"/tariffs/?as_of={DAY}")
    assert "of imports; added duty only in 4 of 21 lines" in page.words
    assert "of imports compared; added duty only in 3 of 20 lines" in page.words
    assert "duty over imports that have a rate; added duty only in 4 of 21 lines" in page.words
    for key, counted in (
        ("duty_usd_per_year", "4 of 21"),
        ("average_duty_rate", "4 of 21"),
        ("extra_duty_usd_per_year", "3 of 20"),
    ):
        made = read(client, f"/figures/{key}/?as_of={DAY}").words
        assert f"{counted} lines count the added duty only" in made, key
        asked = client.get(f"/api/v1/metrics/{key}/", {"as_of": DAY}).json()["result"]
        assert asked["note"] == "added_only"
        labelled = [row for row in asked["rows"] if row["note"] == "added_only"]
        assert len(labelled) == int(counted[0])


def test_a_duty_without_a_last_day_has_no_end_in_japanese(client):
    page = read(client, f"/ja/tariffs/?as_of={DAY}")
    assert "終了日の記載なし" in page.words
    assert "候補のまま" not in page.words


def test_the_table_of_a_chart_tells_each_part_and_the_end_of_what_is_stated(client):
    page = read(client, f"/tariffs/?as_of={DAY}").words
    aircraft = "Not certified: all others: 100% added"
    further = "; Further components listed for 9 February 2027: 25% added"
    assert page.count(aircraft) - page.count(aircraft + further) >= 1
    assert page.count(aircraft + further) >= 1
    assert "15 Aug 2027 stepped, not stated Section 201 (Proclamation 11051)" in page
    quartz = client.get(f"/tariffs/chart/rate-quartz_surface_products.csv?as_of={DAY}").content
    assert "Section 201 (Proclamation 11051),,–,–," in quartz.decode()


def test_the_table_of_a_chart_tells_the_day_from_which_no_measure_is_on_record(client):
    table = client.get("/tariffs/chart/rate-general.csv?as_of=2026-05-01").content.decode()
    assert '24 Feb 2026,10% added,"Section 122' in table
    assert '24 Jul 2026,no measure,"Section 122' in table


def test_an_elasticity_adds_a_what_if_that_shows_it(client):
    page = read(client, f"/tariffs/?as_of={DAY}&elasticity=-1")
    assert "6.48 5.08" in part(page, "t3")
    assert "a year; imports fall by $7.1–16.2bn at an elasticity of −1.00" in page.words


def test_the_page_looks_ahead(client):
    page = read(client, f"/tariffs/?as_of={DAY}&on=2026-12-04")
    assert "What each category pays on 4 Dec 2026" in page.words
    assert "Polysilicon and solar derivatives added duty only 15% added" in part(page, "t2")


def test_countdowns_are_those_the_world_then_knew(client):
    ahead = part(read(client, f"/tariffs/?as_of={DAY}"), "t5")
    assert "4 Dec 2026Begins: Polysilicon and solar derivatives, 15% added 12 days left" in ahead
    ahead = part(read(client, "/tariffs/?as_of=2026-04-01"), "t5")
    assert "23 Jul 2026Last day: General goods, 10% added 113 of 150 days left" in ahead
    assert "Polysilicon" not in ahead


def test_dated_steps_that_notes_tell_of_are_counted_down_to(client):
    ahead = part(read(client, f"/tariffs/?as_of={DAY}"), "t5")
    assert "1 Jan 2027Wooden furniture and cabinets, 15% all-in: other countries pay 50%" in ahead
    assert "9 Feb 2027Begins: Unmanned aircraft systems: Further components" in ahead
    for year in (2027, 2028, 2029):
        assert f"15 Aug {year}Quartz surface products: Within the quota" in ahead
    assert "2030Quartz" not in ahead
    for words in ("266 of 365", "632 of 731", "997 of 1096"):
        assert f"is not stated {words} days left" in ahead
    assert "40 of 444 days left" in ahead
    begun = part(read(client, "/tariffs/?as_of=2026-08-15"), "t5")
    assert "365 of 365 days left" in begun
    before = part(read(client, "/tariffs/?as_of=2026-10-01"), "t5")
    assert "other countries pay 50%" not in before


def test_the_timeline_names_the_act_that_ended_a_measure(client):
    ended = part(read(client, f"/tariffs/?as_of={DAY}"), "t5")
    assert "23 Jul 2026General goods, 10% added: expired after 150 days" in ended
    assert (
        "23 Feb 2026General goods, 15% all-in: struck down after 201 days "
        "Supreme Court ruling that IEEPA does not authorize tariffs"
    ) in ended


def test_the_overview_shows_the_same_rates_and_leads_here(client):
    overview = read(client, f"/?as_of={DAY}")
    rates = overview.section('aria-label="Rates in force"', "</table>")
    assert "General goods 12.5% all-in Section 301" in rates
    assert "Passenger vehicles 15% all-in" in rates
    assert "Steel and aluminium 25–50% by part" in rates
    tariffs = read(client, f"/tariffs/?as_of={DAY}")
    for name in ("General goods", "Passenger vehicles"):
        here, there = (
            p.section(f"<caption>{name}</caption>", "</table>") for p in (overview, tariffs)
        )
        assert here == there
    assert "9 Apr 2025 24% added" in overview.section(
        "<caption>General goods</caption>", "</table>"
    )
    assert f"/tariffs/?as_of={DAY}" in overview.links


def test_a_register_without_duties_says_so(client):
    page = read(client, "/tariffs/?published_by=2020-01-01")
    assert heading(page).startswith("No rate of duty on goods of Japan is on record")


@pytest.mark.parametrize(("query", "named"), [("on=x", "on"), ("elasticity=2", "elasticity")])
def test_what_cannot_be_used_is_named(client, query, named):
    response = client.get(f"/tariffs/?{query}")
    assert response.status_code == 400
    assert named in response.content.decode()


def test_the_page_speaks_japanese(client):
    page = read(client, f"/ja/tariffs/?as_of={DAY}")
    assert "日本の産品への関税：年191〜206億ドル。合意がなければ105〜237億ドル増" in heading(page)
    assert "自動車・同部品" in page.words


def test_a_followed_country_without_measures_pays_what_its_terms_state(client):
    record(
        {
            "term": [
                {
                    "ref": "korea-us-2025-headline-rung",
                    "commitment": "korea-us-2025",
                    "key": "headline_rung",
                    "reading": "stated",
                    "is_default": True,
                    "name": "Headline rung",
                    "value": {"rung": "selected"},
                    "document": "doc-ustr-301-fl-final",
                }
            ]
        }
    )
    overview = read(client, f"/?as_of={DAY}&commitment=korea-us-2025").words
    assert "General goods pay 12.5% all-in by the terms" in overview
    assert "all-in, by the terms, since 24 Jul 2026." in overview
    assert "General goods 12.5% all-in General rate now 24 Jul 2026" in overview
