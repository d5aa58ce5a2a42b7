"""How a number was made: one page for every metric."""

import re
from decimal import Decimal

import pytest

from dashboard.figures import BY_KEY, METRICS
from tests.builders import (
    BASE,
    COMMITMENT,
    DOCUMENT,
    make_entry,
    make_project,
    merged,
    post,
    record,
)
from tests.dashboard.pages.reading import Page, read

DAY = "as_of=2026-11-22"


def rows(page: Page) -> list[tuple[Decimal, Decimal]]:
    """The low and high of the rows that make the figure."""
    table = page.html.split("The rows that make it")[1].split("<tbody>")[1].split("</tbody>")[0]
    found = []
    for row in table.split("</tr>")[:-1]:
        cells = re.findall(r'<td class="num">([^<]*)</td>', row)
        low, high = (Decimal(re.sub(r"[$,]", "", c).replace("–", "0")) for c in cells)
        found.append((low, high))
    return found


def test_every_metric_has_a_page_in_both_languages(client, register):
    for metric in METRICS:
        page = read(client, f"/figures/{metric.key}/?{DAY}")
        assert metric.definition in page.html.replace("&#x27;", "'").replace("&amp;", "&")
        assert metric.key in page.words
        assert f"Formula {metric.formula}" in page.words
        assert metric.name_ja in read(client, f"/ja/figures/{metric.key}/?{DAY}").words


def test_rows_sum_to_the_figure(client, register):
    page = read(client, f"/figures/selected_usd/?{DAY}")
    low, high = (sum(bound) for bound in zip(*rows(page), strict=True))
    assert (low, high) == (Decimal("35700000000"), Decimal("36000000000"))
    assert "low $35,700,000,000.00, high $36,000,000,000.00" in page.words


def test_the_list_marks_the_figures_that_count_the_added_duty_only(client, register):
    keys = ("average_duty_rate", "duty_usd_per_year", "extra_duty_usd_per_year")
    for language, mark in (("", "added duty only"), ("/ja", "上乗せ")):
        page = read(client, f"{language}/figures/?{DAY}").html
        rows = [row for row in page.split("<tr>") if mark in row]
        assert [key for key in keys if any(f"<code>{key}</code>" in r for r in rows)] == list(keys)
        assert len(rows) == len(keys)


def test_figure_of_a_scope_explains_that_scope(client, register):
    page = read(client, f"/figures/selected_usd/?{DAY}&project=prj-oh-portsmouth-gas")
    assert rows(page) == [(Decimal("33000000000"), Decimal("33300000000"))]
    assert "Portsmouth Powered Land Project" in page.words


def test_figure_says_none_published_and_what_that_means(client, register):
    words = read(client, f"/figures/funded_usd/?{DAY}").words
    assert "none published" in words
    assert "It says what was found, not what happened." in words


def test_figure_without_a_value_gives_its_reason(client, register):
    words = read(client, f"/figures/projected_date/?{DAY}").words
    assert "Nothing is on record yet that it could be computed from." in words


def test_figure_keeps_rival_claims(client, db):
    made = make_project("prj-gas", low="33000000000.00", high="33000000000.00", rank=1)
    rival = {
        **made["claim"][0],
        "ref": "clm-rival",
        "rank": 3,
        "side": "press",
        "who": "a newspaper",
    }
    rival |= {"low": "40000000000.00", "high": "40000000000.00"}
    record(merged(BASE, made, {"claim": [rival]}))
    page = read(client, "/figures/selected_usd/?as_of=2026-11-22")
    assert "$33.0bn" in page.words
    assert "prj-gas a newspaper 40.0 press or analyst" in page.section("Rival claims", "</table>")


@pytest.mark.parametrize("where", ["claim", "field", "document"])
def test_rows_made_of_what_is_recalled_are_marked_and_so_is_their_figure(client, db, where):
    made = make_project("prj-gas", low="33000000000.00", high="33000000000.00")
    memory = {**BASE["document"][0], "slug": "doc-memory", "confidence": "recalled"}
    made["document"] = [memory]
    [claim] = made["claim"]
    claim |= {
        "claim": {"confidence": "recalled"},
        "field": {"recalled_fields": ["high"]},
        "document": {"document": "doc-memory"},
    }[where]
    rival = {**claim, "ref": "clm-rival", "rank": 3, "side": "press", "who": "a newspaper"}
    made["claim"] = [claim, rival]
    record(merged(BASE, made, make_project("prj-port")))

    page = read(client, "/figures/selected_usd/?as_of=2026-11-22")
    answer = client.get("/api/v1/metrics/selected_usd/?as_of=2026-11-22").json()["result"]

    assert "$33,000,000,000.00 (unverified)" in page.section("The rows that make it", "</table>")
    assert "$33.0bn (unverified)" in page.section('<div class="answer">', "</div>")
    assert "a newspaper 33.0 (unverified)" in page.section("Rival claims", "</table>")
    assert {row["ref"]: row["is_recalled"] for row in answer["rows"]} == {
        "prj-gas": True,
        "prj-port": False,
    }
    assert answer["is_recalled"]


def test_a_share_is_not_marked_for_a_published_range_it_does_not_follow(client, db):
    mapping = {"ref": "map-power", "label": "Power", "share_low": "30", "share_high": "40"}
    mapping |= {"sectors": ["energy"], "lists": {"mou": ["energy"]}, "fit": "exact"}
    mapping |= {"document": DOCUMENT}
    claim = {"ref": "clm-share", "commitment": COMMITMENT, "subject": f"commitment:{COMMITMENT}"}
    claim |= {"aspect": "share.sector.power", "low": "30", "high": "40", "unit": "percent"}
    claim |= {"who": "Article", "side": "article", "rank": 4, "document": DOCUMENT}
    claim |= {"confidence": "recalled"}
    made = {"sectormapping": [mapping], "claim": [claim]}
    record(merged(BASE, make_project("prj-gas"), made))

    answer = client.get("/api/v1/metrics/sector_share/?sector=energy&as_of=2026-11-22").json()

    [published] = [row for row in answer["result"]["context"] if row["ref"] == "clm-share"]
    assert (published["is_recalled"], answer["result"]["is_recalled"]) == (True, False)


def test_figure_shows_the_revisions_at_which_it_changed(client, db):
    record(merged(BASE, make_project("prj-gas")))
    post([make_entry("prj-gas", "1500000.00")])
    page = read(client, "/figures/funded_usd/?as_of=2026-11-22")
    history = page.section("Revisions at which the value changed", "</table>")
    assert re.findall(r"r\d|none published|\$[\d.]+m", history) == [
        "r2",
        "$1.5m",
        "r1",
        "none published",
    ]


def test_figure_keeps_its_first_value_and_says_what_was_not_compared(client, db):
    record(merged(BASE, make_project("prj-0", low="1000000000.00", high="1000000000.00")))
    record(make_project("prj-1", low="4000000000.00", high="4000000000.00"))
    for n in range(2, 12):
        record(make_project(f"prj-{n}", stage="candidate_listed"))
    page = read(client, "/figures/selected_usd/?as_of=2026-11-22")
    history = page.section("Revisions at which the value changed", "</table>")
    assert re.findall(r"r\d+.*?before it|r\d+|\$\d\.\dbn", history) == [
        *("r5 or one of the 3 before it", "$5.0bn", "r1", "$1.0bn")
    ]
    assert "$5.0bn not known: those before it were not compared" in history
    assert history.endswith("$1.0bn test")
    assert "the newest revisions and the first; 3 between them are not." in page.words


def test_what_is_posted_of_other_things_takes_no_place_among_the_revisions_compared(client, db):
    other = {"slug": "other-us", "name": "Other", "investor": "Other", "investor_code": "XX"}
    record(merged(BASE, make_project("prj-0", low="1000000000.00", high="1000000000.00")))
    record(make_project("prj-1", low="4000000000.00", high="4000000000.00"))
    record({"commitment": [other]})
    for n in range(12):
        claim = make_project(f"prj-x{n}")["claim"][0]
        named = {"commitment": "other-us", "subject": "commitment:other-us", "aspect": "total"}
        gap = {
            "ref": f"gap-{n}",
            "area": "money",
            "question": "?",
            "text": "-",
            "document": DOCUMENT,
        }
        record({"claim": [{**claim, **named}], "gap": [gap]})
    page = read(client, "/figures/selected_usd/?as_of=2026-11-22")
    history = page.section("Revisions at which the value changed", "</table>")
    assert re.findall(r"r\d+|\$\d\.\dbn", history) == ["r2", "$5.0bn", "r1", "$1.0bn"]
    assert "not compared" not in history
    assert "between them" not in page.words


def test_figure_shows_a_change_that_its_rounded_words_hide(client, db):
    record(merged(BASE, make_project("prj-0", low="1000000000.00", high="1000000000.00")))
    record(make_project("prj-1", low="1000000.00", high="1000000.00"))
    page = read(client, "/figures/selected_usd/?as_of=2026-11-22")
    history = page.section("Revisions at which the value changed", "</table>")
    assert re.findall(r"r\d+|\$\d\.\dbn|\(.*?\)", history) == [
        *("r2", "$1.0bn", "($1,001,000,000.00)"),
        *("r1", "$1.0bn", "($1,000,000,000.00)"),
    ]


def test_figure_list_gives_every_metric(client, register):
    page = read(client, f"/figures/?{DAY}")
    for metric in METRICS:
        assert metric.name in page.html.replace("&#x27;", "'")
    assert "$21.2bn" in page.words


def test_unknown_figure_offers_the_nearest(client, register):
    page = read(client, "/figures/selected_us/", status=404)
    assert "/figures/selected_usd/" in page.links


@pytest.mark.parametrize(("projects", "revisions"), [(1, 1), (3, 1), (1, 3)])
def test_figures_ask_few_questions_whatever_the_rows_and_revisions(
    client, db, projects, revisions, django_assert_num_queries
):
    record(merged(BASE, *(make_project(f"prj-{n}") for n in range(projects))))
    for n in range(1, revisions):
        record(make_project(f"prj-later-{n}"))
    for address, questions in (("/figures/", 6), ("/figures/selected_usd/", 7)):
        client.get(address)
        with django_assert_num_queries(questions):
            response = client.get(address)
        assert response.status_code == 200


def test_figure_of_a_share_shows_both_sides_of_its_division(client, db):
    made = (make_project("prj-gas", low="30000000000.00", high="36000000000.00"),)
    record(
        merged(
            BASE, *made, make_project("prj-ore", sector="metals", low=None, high="4000000000.00")
        )
    )
    page = read(client, f"/figures/sector_share/?{DAY}&sector=energy")
    above = page.section("What is divided", "</table>")
    below = page.section("What it is divided by", "</table>")
    whole = "$30,000,000,000.00 $40,000,000,000.00"
    assert "Subtotal $30,000,000,000.00 $36,000,000,000.00" in above
    assert "prj-ore" not in above
    assert "prj-ore project – $4,000,000,000.00" in below
    assert f"Subtotal {whole}" in below
    assert "$36,000,000,000.00 ÷ $40,000,000,000.00 = 90.00%" in page.words
    assert "$30,000,000,000.00 ÷ $30,000,000,000.00 = 100.00%" in page.words


def test_every_metric_shows_its_formula_on_the_method_page_and_by_the_api(client, register):
    method, method_ja = (read(client, f"/{prefix}method/").words for prefix in ("", "ja/"))
    answered = client.get("/api/v1/metrics/?page_size=500").json()["results"]
    given = {m["key"]: (m["formula"], m["formula_ja"], m["literature"]) for m in answered}
    for metric in METRICS:
        assert metric.formula
        assert metric.formula_ja
        assert given[metric.key] == (metric.formula, metric.formula_ja, metric.literature)
        assert metric.formula in method
        assert metric.formula_ja in method_ja
    assert BY_KEY["spi_t"].literature.startswith("Lipke, Schedule is Different (2003)")


def test_units_stand_in_words(client, register):
    page = read(client, f"/figures/required_usd_per_month/?{DAY}")
    assert "Unit US dollars a month of 30.4375 days" in page.words
    assert "usd_per_month" not in page.section('<dl class="facts left">', "Key and version")


def test_a_business_day_is_rounded_alike_everywhere(client, register):
    for address in ("/", "/figures/", "/figures/required_usd_per_business_day/"):
        assert "$1.08bn" in read(client, f"{address}?{DAY}").words


def test_one_row_without_an_amount_is_said_in_the_singular(client, db):
    stated, silent = make_project("prj-1"), make_project("prj-2", low=None, high=None)
    record(merged(BASE, stated, silent))
    words = read(client, f"/figures/selected_usd/?{DAY}").words
    assert "1 row carries no amount and adds nothing." in words
    record(make_project("prj-3", low=None, high=None))
    assert (
        "2 rows carry no amount and add nothing."
        in read(client, f"/figures/selected_usd/?{DAY}").words
    )


def test_a_date_is_its_own_low_and_high(client, register):
    answer = client.get(f"/api/v1/metrics/ieac_on_plan_date/?{DAY}").json()["result"]
    assert (answer["value"], answer["low"], answer["high"]) == ("2030-04-08",) * 3


def test_figure_names_its_rows_in_words(client, register):
    page = read(client, "/figures/signed_usd/?as_of=2026-11-22")
    main = page.section("<main", "</main>")
    assert "Loan signed on 1 May 2026" in main
    assert "fin-2026-05-01" not in main
    assert "Rung in consultation" in read(client, "/figures/in_consultation_usd/").words
    part = read(client, "/figures/selected_usd/?sector=energy&state=OH&as_of=2026-11-22")
    assert "Energy, including pipelines, Ohio" in part.words


@pytest.mark.parametrize(
    ("key", "part", "heading"),
    [("sector_share", "sector=energy", "By sector"), ("instrument_share", "instrument=loan", "By")],
)
def test_a_share_without_its_scope_offers_each_part_with_its_value(
    client, register, key, part, heading
):
    page = read(client, f"/figures/{key}/?{DAY}")
    assert heading in page.words
    link = f"/figures/{key}/?{DAY}&{part}"
    assert link in page.links
    value = page.section(f'<a href="{link.replace("&", "&amp;")}">', "</tr>")
    shown = read(client, link).section('<span class="bignum">', "</span>")
    assert value.endswith(shown)
    answer = client.get(f"/api/v1/metrics/{key}/?{DAY}").json()["result"]
    assert answer["reason"] == "scope_not_defined"
    found = next(p for p in answer["parts"] if f"{p['dimension']}={p['part']}" == part)
    explained = client.get(found["explain"]).json()["result"]
    for name in ("value", "low", "high", "unit", "reason", "unstated_count"):
        assert found[name] == explained[name]
    assert explained["parts"] == []


def test_the_list_of_figures_says_what_a_share_is_split_by(client, register):
    page = read(client, f"/figures/?{DAY}")
    row = page.section(f'<a href="/figures/sector_share/?{DAY}">', "</tr>")
    assert row == "Sector's share of selected By sector sector_share"


@pytest.mark.parametrize("key", ["business_days_left", "required_usd_per_business_day"])
def test_business_days_name_what_decides_the_holidays(client, register, key):
    words = read(client, f"/figures/{key}/?{DAY}").words
    assert "Banking Act Enforcement Order, art. 5" in words
    assert "Federal Reserve K.8" in words
    assert "銀行法施行令第5条" in read(client, f"/ja/figures/{key}/?{DAY}").words
    rows = client.get(f"/api/v1/metrics/{key}/?{DAY}").json()["result"]["context"]
    units = {row["label"]: row["unit"] for row in rows}
    assert units["Business days of both countries"] == units["Federal Reserve K.8"] == ""
    assert {units[label] for label in units if "Deadline" in label or "deadline" in label} <= {
        "date"
    }
    named = [row["ref"] for row in rows if row["kind"] == "calendar"]
    assert named == ["JP", "US"]
    assert all(row["note"].startswith("holidays ") for row in rows if row["kind"] == "calendar")


def test_a_row_of_unknown_cover_has_the_day_its_loan_was_signed(client, register):
    rows = client.get(f"/api/v1/metrics/guaranteed_usd/?{DAY}").json()["result"]["rows"]
    assert [(row["ref"], row["date"]) for row in rows] == [("fin-2026-05-01", "2026-05-01")]


def test_a_figure_made_from_others_shows_each_with_its_value(client, register):
    page = read(client, f"/figures/required_usd_per_month/?{DAY}")
    made = page.section("What its formula is made from", "</table>")
    assert "Amount to be reached $550,000,000,000.00" in made
    assert "$0.00" in made
    assert "Days left 789" in made
    assert "19 Jan 2029" in page.section("What it rests on", "</table>")
    body = client.get(f"/api/v1/metrics/required_usd_per_month/?{DAY}").json()["result"]
    assert {i["key"]: i["value"] for i in body["inputs"]} == {
        "budget_usd": "550000000000.00",
        "funded_usd": "0.00",
        "days_left": "789",
    }
    deadline = next(row for row in body["context"] if row["unit"] == "date")
    assert (deadline["low"], deadline["high"]) == ("2029-01-19", "2029-01-19")


def test_a_rate_of_return_under_a_year_is_told_with_its_flows(client, illustrative):
    scope = "commitment=illustrative-us-2025&as_of=2026-11-20&project=illustrative-rare-earths"
    page = read(client, f"/figures/xirr_project/?{scope}")
    assert "over the whole span, which is under one year: not annualised." in page.words
    flows = page.section("What it rests on", "</table>")
    assert "Dry lake magnets (fictional) paid in dated flow −$300,000,000.00" in flows
    assert "received dated flow $240,000,000.00 $240,000,000.00 24 Jun 2026 2" in flows
    assert "valuation $180,000,000.00 $180,000,000.00 31 Oct 2026" in flows


def test_inputs_are_metrics_and_none_is_made_from_itself():
    for metric in METRICS:
        open_ones, seen = list(metric.inputs), set()
        while open_ones:
            name = open_ones.pop()
            assert name in BY_KEY, (metric.key, name)
            assert name != metric.key
            if name not in seen:
                seen.add(name)
                open_ones += BY_KEY[name].inputs
