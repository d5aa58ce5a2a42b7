"""The first page with the shipped data, and at every point in time."""

import csv
import gzip
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from openpyxl import load_workbook

from commitments.models import Revision
from tests.builders import BASE, make_project, merged, record
from tests.dashboard.pages.reading import Page, read

DAY = "2026-11-22"


@pytest.fixture
def page(client, register) -> Page:
    return read(client, f"/?as_of={DAY}")


def test_overview_opens_with_headline_and_lede(page):
    assert page.section("<h1>", "</h1>") == (
        "36% of the time is gone. No payment of the $550 billion is on record"
    )
    assert page.section('<p class="lede wrapfig">', "</p>") == (
        "Of up to $550 billion due by 19 January 2029, $35.7–36.0 billion is selected (6.5%). "
        "Loans of about $2.2 billion are signed (0.4%). In consultation, a stage below selected: "
        "up to $73 billion. None published: funding notices, payments, distributions."
    )
    printed = page.section('<p class="printed">', "</p>")
    assert printed == "As of 22 November 2026, r1 · http://testserver/?as_of=2026-11-22"


def test_overview_in_japanese_opens_with_headline_and_lede(client, register):
    page = read(client, f"/ja/?as_of={DAY}")
    assert page.section("<h1>", "</h1>") == (
        "期間の36%が過ぎた。 5,500億ドルの拠出は、まだ確認されていない"
    )
    lede = page.section('<p class="lede wrapfig">', "</p>")
    for amount in ("5,500億ドル", "357〜360億ドル", "22億ドル", "730億ドル"):
        assert amount in lede


def test_overview_ladder_gives_every_rung_apart(page):
    ladder = page.section('<table class="ladder real">', "</table>")
    for words in (
        "444 days 36.0%",
        "up to $293.0bn up to 53.3% 19 Mar 2026",
        "up to $73.0bn up to 13.3% 19 Mar 2026",
        "$35.7–36.0bn 6.5% 17 Feb 2026",
        "about $2.2bn 0.4% 1 May 2026",
    ):
        assert words in ladder
    assert ladder.count("none published") == 4
    assert ladder.count("$0.00 0.0%") == 4
    assert "not known" in ladder


def test_overview_key_figures_follow_from_the_register(page):
    words = page.section('<div class="kpis">', "<section")
    for part in ("$21.2bn", "$1.08bn", "$198.1bn", "789 days", "510", "Prior only", "12.5%"):
        assert part in words


def test_overview_shows_all_five_watch_items_gaps_and_sources(page):
    for heading in (
        "3 projects selected, 3 in consultation, 1 financing signed",
        "6 projects in 6 states; Ohio holds 92% of what is selected",
        "98% of the selected money is for energy",
        "50% to the United States, then 90%; nothing distributed yet",
        "General goods pay 12.5% under Section 301",
        "74 reactions on record",
        "10 pledges to the United States",
        "questions the public record does not answer",
        "Where the figures come from",
    ):
        assert heading in page.words
    assert "for the 3 together; split not stated" in page.words
    assert "One market note calls the signed loans disbursed; no receipt was found" in page.words
    assert "Newest document on record: agreement 26 Sep 2026" in page.words


def test_overview_counts_no_measure_that_was_undone_or_only_threatened(page):
    rates = page.section('aria-label="Rates in force"', "</table>")
    assert "General goods 12.5% all-in Section 301" in rates
    assert "24%" not in rates  # a day in April 2025 had it; its step stands in the table
    assert "Polysilicon" not in rates


def test_overview_numbers_its_sources_and_lists_every_one_it_cites(page):
    cited = [
        int(a["data-s"]) for tag, a in page.elements if tag == "a" and a.get("data-s", "").isdigit()
    ]
    listed = [a["id"] for tag, a in page.elements if tag == "li" and "id" in a]
    assert cited[0] == 1
    assert [f"s{n}" for n in range(1, len(listed) + 1)] == listed
    assert max(cited) <= len(listed)


def test_overview_answers_the_day_asked(client, register):
    page = read(client, "/?as_of=2026-01-31")
    assert page.words.count("12% of the time is gone") >= 1
    assert "nothing is selected" in page.words.lower()
    assert "General goods pay 15% under IEEPA" in page.words
    for address in page.figures:
        assert "as_of=2026-01-31" in address


def test_overview_leaves_out_what_was_not_public(client, illustrative):
    ladder = '<table class="ladder real">', "</table>"
    known = read(client, "/?as_of=2026-02-28")
    public = read(client, "/?as_of=2026-02-28&published_by=2026-02-10")
    assert "$35.7–36.0bn" in known.section(*ladder)
    assert "$35.7–36.0bn" not in public.section(*ladder)
    assert "17 undated facts are left out." in public.words
    assert "are left out." not in known.words
    for told in (known, public):
        assert "business days. The memorandum is" in told.words
    assert "with respect to Strategic Investments</a> (unverified)" in known.html


@pytest.mark.parametrize(
    ("path", "commitment", "count"),
    [
        ("metrics/", "japan-us-2025", 17),
        ("terms/", "japan-us-2025", 0),
        ("terms/", "illustrative-us-2025", 0),
        ("compare/", "japan-us-2025", 0),
        ("watch/", "japan-us-2025", 41),
    ],
)
def test_the_undated_are_counted_once_and_of_the_commitment_asked_for(
    client, illustrative, path, commitment, count
):
    asked = {"as_of": "2026-02-28", "published_by": "2026-02-10", "commitment": commitment}
    assert client.get(f"/api/v1/{path}", asked).json()["meta"]["undated_dropped"] == count


def test_overview_before_the_load_says_the_register_held_nothing(client, register):
    moment = Revision.objects.get(number=1).recorded_at - timedelta(seconds=1)
    page = Page(client.get("/", {"known_at": moment.isoformat()}).content.decode())
    assert page.section("<h1>", "</h1>") == "The register held nothing at that moment."
    assert "$" not in page.section("<main", "</main>")


def test_overview_before_the_agreement_leads_to_its_first_day_and_counts_nothing(client, register):
    page = read(client, "/?as_of=2025-07-21")
    assert page.section("<h1>", "</h1>") == "The day lies before the agreement."
    main = page.section("<main", "</main>")
    assert "The agreement on record begins on 4 September 2025" in main
    assert "$" not in main
    assert 'href="?as_of=2025-09-04"' in page.html
    assert 'id="sources"' not in page.html


def test_overview_before_the_agreement_goes_by_the_start_posted_last(client, db):
    record(BASE)
    start = next(term for term in BASE["term"] if term["key"] == "start")
    later = {"value": {"date": "2025-10-01"}, "effective_on": "2025-09-03"}
    record({"term": [{**start, **later, "ref": "term-start-2"}]})
    main = read(client, "/?as_of=2025-07-21").section("<main", "</main>")
    assert "The agreement on record begins on 1 October 2025" in main


def test_overview_before_the_agreement_shows_what_was_announced_with_its_source(client, register):
    page = read(client, "/?as_of=2025-09-01")
    assert page.section("<h1>", "</h1>") == "The day lies before the agreement."
    announced = page.section("What was announced by then", "</table>")
    assert "Quarterly review The US Treasury Secretary was reported as saying that" in announced
    assert "Amount $550.0bn Source" in announced
    assert "Announced 22 Jul 2025 Source" in announced
    assert "deadline" not in announced.lower()
    assert "White House, 23 Jul 2025" in page.section('id="sources"', "</section>")
    assert "発表日 2025年7月22日" in read(client, "/ja/?as_of=2025-09-01").words


def test_an_empty_rung_has_a_unit_in_both_languages(client, register):
    for address, zero in (("/", "$0.00"), ("/ja/", "0ドル")):
        page = read(client, f"{address}?as_of={DAY}")
        assert page.section('<tr class="k-none">', "</tr>").split()[-3] == zero


def test_overview_of_the_first_day_has_headline_and_ladder(client, register):
    page = read(client, "/?as_of=2025-09-04")
    heading = page.section("<h1>", "</h1>")
    assert heading == "0% of the time is gone. No payment of the $550 billion is on record"
    assert "1,233 days to 19 January 2029" in page.words
    ladder = page.section('<table class="ladder real">', "</table>")
    assert ladder.count("none published $0.00 0.0%") == 9


def test_overview_shows_claims_that_no_decision_bears_out(client, register):
    words = read(client, f"/?as_of={DAY}").words
    assert (
        "One company reports presidential approval of Natural gas power generation, Pennsylvania"
        in words
    )
    assert "press, covered by NEXI: 66.7%" in words
    assert "The split would change where Japan has $550bn back in all" in words
    assert "The 90% would apply to the equity part only." in words
    assert "Under investigation; no rate or day is stated." in words
    assert "15% added, scheduled from 4 Dec 2026." in words
    assert "clm-" not in words


def test_overview_of_another_commitment_says_what_is_on_record(client, register):
    page = read(client, f"/?commitment=korea-us-2025&as_of={DAY}")
    words = page.section("<main", "</main>")
    assert "Korea: investment pledge to the United States" in words
    assert "Only the terms of this commitment are on record." in words
    assert "Selected not stated" in words
    assert "Funding window not earlier than 45 business days after the notice" in words
    assert all("commitment=korea-us-2025" in address for address in page.figures)


def test_overview_marks_an_illustrative_commitment(client, db):
    example = {**BASE["commitment"][0], "is_default": False, "illustrative": True}
    record({**BASE, "commitment": [example]})
    assert "Illustrative: these figures are fictional." in read(client, "/").words


@pytest.mark.parametrize("projects", [1, 3])
def test_overview_asks_few_questions_whatever_the_rows(
    client, db, projects, django_assert_num_queries
):
    record(merged(BASE, *(make_project(f"prj-{n}") for n in range(projects))))
    client.get("/")
    with django_assert_num_queries(8):
        response = client.get("/")
    assert response.status_code == 200
    assert Page(response.content.decode()).words.count("prj-") >= projects


@pytest.mark.parametrize("address", ["/", "/ja/"])
def test_overview_is_small_and_holds_no_style_or_inline_script(client, register, address):
    page = read(client, f"{address}?as_of={DAY}")
    static = Path(settings.BASE_DIR) / "dashboard/static/dashboard"
    parts = [page.html.encode(), *((static / name).read_bytes() for name in ("app.css", "app.js"))]
    assert sum(len(gzip.compress(part, 9)) for part in parts) <= 60 * 1024
    assert len(page.elements) <= 2500
    assert_nothing_inline(page)


def assert_nothing_inline(page: Page) -> None:
    """The policy forbids style attributes, style elements, inline scripts and handlers."""
    for tag, attributes in page.elements:
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag != "style"
        if tag == "script":
            assert attributes.get("src") or attributes.get("type") == "application/json"


def test_every_chart_has_a_name_and_every_figure_a_table(page):
    pictures = [a for tag, a in page.elements if tag == "svg" and a.get("role") == "img"]
    assert len(pictures) >= 10
    for attributes in pictures:
        assert attributes.get("aria-label") or attributes.get("aria-labelledby")
    charts = page.html.split('<figure class="chart')[1:]
    assert len(charts) >= 10
    for chart in charts:
        assert "<table>" in chart.split("</figure>")[0]


def test_lede_says_in_whole_sentences_what_is_missing(client, register):
    lede = ('<p class="lede wrapfig">', "</p>")
    before = read(client, "/?as_of=2026-01-31").section(*lede)
    assert before.startswith(
        "Of up to $550 billion due by 19 January 2029, nothing is selected yet."
    )
    assert "none published" not in before


def test_lede_says_that_amounts_are_not_stated(client, db):
    record(merged(BASE, make_project("prj-gas", low=None, high=None)))
    words = read(client, "/?as_of=2026-11-22").section('<p class="lede wrapfig">', "</p>")
    assert words.startswith(
        "Of up to $550 billion due by 19 January 2029, projects are selected, but no amount "
        "is stated."
    )


def test_overview_warns_of_a_project_that_is_most_of_what_is_selected(page):
    assert (
        "One project, Portsmouth Powered Land Project, is 92.4–92.5% of all selected" in page.words
    )


def test_overview_says_whether_the_published_ranges_can_make_a_whole(page):
    assert "article: the ranges add to" in page.words


def test_overview_shows_what_officials_say_of_a_sector_the_article_has_no_row_for(page):
    row = page.words.split("Energy, including pipelines")[1][:60]
    assert "officials: over 50%" in row
    assert "no range published" not in row


def test_overview_keeps_about_where_a_document_says_about(client, register):
    words = read(client, f"/?as_of={DAY}").words
    assert "and about $2.2bn" not in words  # in prose, billion is spelt out
    assert "Loans of about $2.2 billion are signed" in words
    assert "$35.7–36.0 billion is selected" in words
    assert "about 2.2for the 3 together; split not stated" in words
    assert "19 of 21 still open; the list as published: up to $393.4bn; 5 state no amount" in words


def test_overview_announces_no_duty_before_a_document_does(client, register):
    assert "scheduled from 4 Dec 2026" in read(client, "/?as_of=2026-08-07").words
    assert "scheduled from 4 Dec 2026" not in read(client, "/?as_of=2026-08-01").words


def test_a_day_without_decisions_says_so_instead_of_drawing_nothing(client, register):
    page = read(client, "/?as_of=2025-10-01")
    assert "Nothing is selected, in consultation or signed yet" in page.words
    assert "No selection, consultation or signing is on record for the day." in page.words
    assert "No project has a place on the map for the day." in page.words
    assert "The record so far, enlarged" not in page.words
    assert 'id="map-t"' not in page.html
    later = read(client, f"/?as_of={DAY}")
    assert "The record so far, enlarged" in later.words
    assert 'id="map-t"' in later.html


def test_an_even_pace_is_not_the_plan_where_a_plan_is_on_record(client, illustrative):
    page = read(client, "/?commitment=illustrative-us-2025&as_of=2026-11-25")
    assert "The plan in force stands at $52.6bn today, an even pace at $199.4bn." in page.words
    assert "By the plan in force $52.6bn would be in by now." in page.words
    assert "Even pace: $199.4bn" in page.html
    assert "Even pace: $52.6bn" not in page.html
    assert "needed from today. Grey: the plan in force, Re-baseline of September" in page.words
    table = page.section("The record and the path, $ billion</caption>", "</table>")
    assert "Date Even pace Plan Selected" in table
    assert "25 Nov 2026 199.4 52.6 " in table
    assert len(page.elements) <= 2500


def test_the_latest_step_of_a_rung_is_the_day_that_moved_its_amount(client, illustrative):
    page = read(client, f"/?commitment=illustrative-us-2025&as_of={DAY}")
    ladder = page.section('<table class="ladder real">', "</table>")
    for words in (
        "up to $46.0bn up to 8.4% 10 Jun 2026",
        "$137.9–152.9bn 25.1–27.8% 10 Sep 2026",
        "$87.6–88.6bn 15.9–16.1% 27 Mar 2026",
    ):
        assert words in ladder
    before = read(client, "/?commitment=illustrative-us-2025&as_of=2026-09-09")
    assert "$177.9–192.9bn 32.3–35.1% 20 Feb 2026" in before.words


def test_a_rung_of_no_stated_amount_names_no_step_of_it(page):
    ladder = page.section('<table class="ladder real">', "</table>")
    assert "not known not stated – –" in ladder


@pytest.mark.parametrize(("chart", "ranges"), [("path", 4), ("zoom", 6)])
def test_both_charts_of_the_record_hatch_every_step_of_what_is_open(
    client, illustrative, chart, ranges
):
    """In consultation twice, selected four times, and what is signed twice where it is drawn."""
    address = f"/?commitment=illustrative-us-2025&as_of={DAY}"
    html = read(client, address).html
    drawn = html[html.index(f'id="{chart}-t"') :].split("</figure>", 1)[0].split("<table", 1)[0]
    assert (drawn.count('class="hx"'), drawn.count('class="hx br"')) == (2, ranges)


def test_the_map_fills_no_more_than_the_low_end(client, illustrative):
    html = read(client, f"/?commitment=illustrative-us-2025&as_of={DAY}").html
    drawn = html[html.index('id="map-t"') :].split("</svg>", 1)[0]
    circles = re.findall(r'<circle( class="\w+")? data-i="(\d)"', drawn)
    assert [kind for kind, row in circles if row == "1"] == [' class="hx"', ""]  # 33.0–34.0
    assert [kind for kind, row in circles if row == "3"] == [' class="hx"']  # up to 14.0


def test_a_rate_without_the_agreement_says_what_it_rests_on(client, register):
    table = read(client, f"/?as_of={DAY}").section('class="sticky"><caption', "</table>")
    assert "27.5% all-in 25% Section 232 plus 2.5% MFN" in table
    assert "12.5% added 12.5% on top of MFN" in table
    assert "whether the 15% is a total or an added rate is not settled" in table
    assert "他国の税率" in read(client, f"/ja/?as_of={DAY}").words


def test_what_is_signed_is_called_loans_only_where_it_is(client, illustrative):
    real, made_up = (
        read(client, f"/?as_of=2026-11-22&commitment={slug}").words
        for slug in ("japan-us-2025", "illustrative-us-2025")
    )
    assert "Loans of about $2.2 billion are signed" in real
    assert "Financing of $87.6–88.6 billion is signed" in made_up
    assert "Loans of" not in made_up
    assert "first loans" not in made_up
    assert "13 financings signed" in made_up


def test_the_record_can_be_taken_away_as_its_chart_shows_it(client, register):
    page = read(client, "/?as_of=2026-11-22")
    assert {"/record.csv?as_of=2026-11-22", "/record.xlsx?as_of=2026-11-22"} <= set(page.links)
    assert "Every day on which the record changed, with each line’s value: CSV XLSX" in page.words
    answer = client.get("/record.csv?as_of=2026-11-22")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    now = {row["rung"]: row for row in rows if row["day"] == "2026-11-22"}
    metrics = client.get("/api/v1/commitments/japan-us-2025/progress/?as_of=2026-11-22").json()
    for rung, row in now.items():
        figure = metrics["metrics"][f"{rung}_usd"]
        assert (row["low_usd"], row["high_usd"]) == (figure["low"] or "", figure["high"] or "")
    assert set(now) == {"selected", "in_consultation", "signed"}
    assert all(row["_illustrative"] == "false" for row in rows)
    workbook = client.get("/record.xlsx?as_of=2026-11-22")
    assert workbook["Content-Disposition"].endswith('_2026-11-22_r1.xlsx"')
    sheet = load_workbook(io.BytesIO(workbook.content)).active
    assert sheet.max_row == len(rows) + 1
    assert client.get("/record.csv?commitment=taiwan-us-2026").status_code == 404
    assert client.get("/record.csv?as_of=2025-08-01").status_code == 404


def test_words_around_the_split_follow_what_is_drawn(client, register, page):
    assert "Share of selected. Hatched: the article’s range. Dot: selected" in page.words
    drawn = "Share of the whole. Hatched: the article. Solid: officials or press. No dot: no split"
    assert drawn in page.words
    early = read(client, "/?published_by=2026-02-10")
    sectors = early.section("<b>Sectors: published", "</figure>")
    told = "Share of selected No range of a sector is on record by then, and nothing selected."
    assert told in sectors
    assert "atched" not in early.section('id="h1c"', 'id="h2"')
    assert "Solid: officials or press" in early.words
    assert "Dot: selected" not in read(client, "/?as_of=2026-02-10").section("<b>Sectors", "<svg")


def test_both_labels_of_the_amount_stand_from_their_own_days(client, register):
    for path, flat, label in (
        ("/", "Amount $550.0bn", "Amount, as Japan's texts put it up to $550.0bn"),
        ("/ja/", "金額 5,500億ドル", "金額（日本側の表現） 最大5,500億ドル"),
    ):
        on_the_day = read(client, f"{path}?as_of=2025-07-22").words
        assert flat in on_the_day
        assert label not in on_the_day
        for day in ("2025-07-23", "2025-09-03", "2025-09-04"):
            terms = client.get(f"/api/v1/terms/?as_of={day}&page_size=500").json()["results"]
            (up_to,) = (t for t in terms if t["key"] == "target" and t["reading"] == "up_to")
            assert up_to["document"] == "doc-kantei-2025-07-23"
        words = read(client, f"{path}?as_of=2025-09-03").words
        assert label in words


def test_the_map_and_its_table_say_about_where_a_document_does(client, page):
    table = page.section("Amounts by state, $ billion", "</table>")
    assert "Georgia about 0.6" in table
    assert page.section('aria-labelledby="map-t map-d"', "</svg>").count("about 0.6") == 1
    japanese = read(client, f"/ja/?as_of={DAY}")
    assert "約6" in japanese.section('aria-labelledby="map-t map-d"', "</svg>")
