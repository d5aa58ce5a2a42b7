"""Said against record, other countries, and reactions: pages, answers and the feed."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from commitments.services.cases import stored_records
from tests.builders import record
from tests.dashboard.pages.reading import read

DAY = "2026-11-22"
ATOM = "{http://www.w3.org/2005/Atom}"


def answers(client, address):
    return json.loads(client.get(address).content)


def of(rows, ref):
    (found,) = (row for row in rows if row.get("ref", row.get("slug")) == ref)
    return found


def test_claims_are_weighed_against_the_best_evidence_beside_them(client, register):
    rows = answers(client, f"/api/v1/claims-against-record/?as_of={DAY}&page_size=500")["results"]

    batch = of(rows, "clm-t1-jp"), of(rows, "clm-t1-us")
    assert {row["verdict"] for row in batch} == {"supported"}
    assert [row["record_low"] for row in batch] == ["35700000000"] * 2
    headline = of(rows, "clm-t1-us-headline")
    assert (headline["low"], headline["record_high"]) == ("36000000000", "35700000000")
    assert (headline["verdict"], headline["away"]) == ("rounded", "300000000")
    assert "clm-total-mou" not in {row["ref"] for row in rows}
    article = of(rows, "clm-inst-equity-seed-table")
    assert (article["verdict"], article["away"]) == ("overstated", "8")
    assert (article["record_low"], article["record_high"]) == ("1", "2")
    assert of(rows, "clm-inst-equity-seed-text")["verdict"] == "supported"
    assert of(rows, "clm-sec-semi-seed")["verdict"] == "overstated"
    post = of(rows, "clm-prj-tx-gulflink-kind-post")
    assert (post["text"], post["verdict"]) == ("an LNG facility", "contradicted")
    assert post["evidence"] == ["clm-prj-tx-gulflink-kind-commerce"]


def test_claims_page_shows_difference_verdict_and_every_contradiction(client, register):
    page = read(client, f"/claims/?as_of={DAY}&q=facility")
    assert "an LNG facility" in page.words
    assert "a deepwater crude oil export terminal" in page.words
    assert "contradicted" in page.words
    assert "20 contradictions inside the article" in page.words

    overstated = read(client, f"/claims/?as_of={DAY}&verdict=overstated")
    assert "+8.0 points" in overstated.words
    assert read(client, f"/ja/claims/?as_of={DAY}").words.count("裏付けなし") >= 1


def test_what_is_furthest_from_the_record_stands_first(client, register):
    rows = answers(client, f"/api/v1/claims-against-record/?as_of={DAY}&page_size=500")["results"]
    order = ["contradicted", "overstated", "rounded", "supported", "unsupported"]
    assert [row["verdict"] for row in rows] == sorted(
        (row["verdict"] for row in rows), key=order.index
    )
    assert {row["rank"] for row in rows if row["verdict"] == "unsupported"} == {2, 3, 4}


def test_every_claim_and_reaction_on_a_page_leads_to_its_document(client, register):
    page = read(client, f"/claims/?as_of={DAY}")
    assert page.html.count('<tr id="clm-') == 50
    cells = page.html.split('<tr id="clm-')[1:]
    assert all('class="fig' in cell.split("</tr>")[0] for cell in cells)


@pytest.mark.parametrize("address", ["/claims/?verdict=wrong", "/compare/?sort=gdp"])
def test_a_value_that_cannot_be_used_is_named(client, register, address):
    response = client.get(address)
    assert response.status_code == 400
    assert "must be one of" in response.content.decode()
    assert (
        client.get(f"/api/v1{address.replace('claims', 'claims-against-record')}").status_code
        == 400
    )


def test_compare_states_what_each_agreement_says_and_what_none_does(client, register):
    rows = answers(client, f"/api/v1/compare/?as_of={DAY}")["results"]
    assert len(rows) == 10
    korea, japan, qatar = (
        of(rows, slug) for slug in ("korea-us-2025", "japan-us-2025", "qatar-us-2025")
    )
    assert korea["cash_share"] == "0.571429"  # 200 of 350 billion is called cash
    assert (korea["deadline"], korea["days_since_start"]) == ("2029-01-19", 373)
    assert korea["selected_share"] is None
    assert japan["selected_share"]["low"] == "0.064909"
    assert (japan["rate_percent"], japan["rate_basis"]) == ("12.5", "all_in_with_mfn")
    assert (qatar["deadline"], qatar["cash_share"]) == (None, None)

    page = read(client, f"/compare/?as_of={DAY}&sort=name")
    assert page.words.index("Not like for like.") < page.words.index("Terms side by side")
    assert "57%" in page.words
    table = page.section("<tbody>", "</tbody>")
    names = [table.index(name) for name in ("Bahrain", "European Union", "India", "Japan")]
    assert names == sorted(names)


AFTER_150_DAYS = (
    "as_of=2026-11-29&published_by=2026-03-01",
    "as_of=2026-10-15&published_by=2026-07-20",
)


@pytest.mark.parametrize("query", AFTER_150_DAYS)
def test_no_rate_outlasts_the_act_that_sets_it(client, register, query):
    """Section 122 ends by its own 150 days on 23 July 2026, for every country alike."""
    for row in answers(client, f"/api/v1/compare/?{query}")["results"]:
        slug = row["slug"]
        address = f"/api/v1/tariffs/rate/?category=general&commitment={slug}&{query}"
        rate = answers(client, address)
        told = (rate["rate_percent"], rate["status"])
        assert (row["rate_percent"], row["rate_basis"], told) == (None, None, (None, "not_stated"))
        assert "rate_percent" not in row["recalled_fields"] + row["derived_fields"]
        assert {one["effective_to"] for one in rate["nearest"]} == {"2026-07-23"}, slug
    table = read(client, f"/compare/?{query}").section("<tbody>", "</tbody>")
    first = read(client, f"/?{query}").section('aria-labelledby="h5"', "</section>")
    assert "10% added" not in table + first
    assert "duty not stated" in first


def test_a_rate_by_terms_tells_the_last_day_that_its_act_sets(client, register):
    query = "commitment=eu-us-2025&as_of=2026-03-01"
    rate = answers(client, f"/api/v1/tariffs/rate/?category=general&{query}")
    ends = [one["effective_to"] for one in rate["authority"]]
    assert (rate["rate_percent"], ends) == ("10", ["2026-07-23"])
    assert "23 Jul 2026" in read(client, f"/tariffs/?{query}").words


@pytest.mark.parametrize("day", ["2025-08-20", "2026-01-31", "2026-02-24", "2026-07-23", DAY])
def test_compare_gives_the_rate_that_the_register_answers(client, register, day):
    for row in answers(client, f"/api/v1/compare/?as_of={day}")["results"]:
        address = f"/api/v1/tariffs/rate/?category=general&commitment={row['slug']}&as_of={day}"
        rate = answers(client, address)
        assert (row["rate_percent"], row["rate_basis"]) == (rate["rate_percent"], rate["basis"])


def test_compare_says_whether_days_count_from_signing_or_announcement(client, register):
    rows = answers(client, f"/api/v1/compare/?as_of={DAY}")["results"]
    announced = {row["investor_code"] for row in rows if not row["is_signed"]}
    assert announced == {"AE", "SA", "QA", "BH"}
    page = read(client, f"/compare/?as_of={DAY}")
    qatar = page.section('<tr id="qatar-us-2025">', "</tr>")
    assert "since announcement" in qatar
    korea = page.section('<tr id="korea-us-2025">', "</tr>")
    assert "since signing" in korea


def test_compare_names_the_governing_text_with_its_force(client, register):
    rows = answers(client, f"/api/v1/compare/?as_of={DAY}")["results"]
    japan = of(rows, "japan-us-2025")
    assert japan["governing_document"] == "doc-mou-2025-09-04"
    cell = read(client, f"/compare/?as_of={DAY}").section('<tr id="japan-us-2025">', "</tr>")
    assert "Memorandum of Understanding" in cell
    assert "with respect to Strategic Investments (unverified)" in cell
    assert "Not legally binding" in cell


def test_notes_on_what_cannot_be_compared_are_japanese_on_a_japanese_page(client, register):
    page = read(client, f"/ja/compare/?as_of={DAY}").words
    assert "投資ではなく購入。" in page
    assert "Purchases, not investment." not in page
    assert "Purchases, not investment." in read(client, f"/compare/?as_of={DAY}").words


def test_filters_of_reactions_offer_only_what_they_can_find(client, illustrative):
    page = read(client, f"/reactions/?as_of={DAY}").html
    who = page.split('name="actor_type"', 1)[1].split("</select>")[0]
    assert "fictional" not in who
    assert 'value="government"' in who or who.count("<option") > 5


def test_reactions_are_filtered_by_side_and_stance(client, register):
    assert "74 reactions on record" in read(client, f"/reactions/?as_of={DAY}").words
    japan = read(client, f"/reactions/?as_of={DAY}&side=japan&stance=critical").words
    assert "12 reactions on record" in japan
    assert (
        read(client, f"/reactions/?as_of={DAY}&q=nobodysaidthis").words.count(
            "No reaction fits these filters."
        )
        == 1
    )


def test_reactions_feed_is_atom_with_a_lasting_name_for_each_entry(client, register):
    response = client.get(f"/reactions/feed.atom?as_of={DAY}&side=us")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)  # noqa: S314  # made by ourselves
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 23
    names = {entry.findtext(f"{ATOM}id") for entry in entries}
    assert len(names) == 23
    assert all(name.startswith("tag:550-tracker,2025:rx-") for name in names)
    published = [entry.findtext(f"{ATOM}published")[:10] for entry in entries]
    assert published == sorted(published, reverse=True)
    assert published[0] < entries[0].findtext(f"{ATOM}updated")[:10]
    assert all("/sources/doc-" in entry.find(f"{ATOM}link").get("href") for entry in entries)


@pytest.mark.parametrize("address", ["/claims/", "/compare/", "/reactions/"])
def test_pages_ask_few_questions(client, register, address, django_assert_max_num_queries):
    client.get(address)
    with django_assert_max_num_queries(15):
        client.get(address)


def test_each_contradiction_says_what_the_register_does_with_it(client, register):
    rows = read(client, "/claims/").section("Statements that cannot both hold", "</table>")
    assert "How the register handles it" in rows
    assert "Both are kept as claims with their source; neither is merged into the other." in rows


def test_each_ruling_shows_the_claims_it_chose_and_its_reason(client, register):
    page = read(client, f"/claims/?as_of={DAY}")
    rows = page.section("Rulings and their reasons", "</table>")
    assert "Portsmouth Powered Land Project" in rows
    assert "$33.0bn" in rows
    assert "$33.3bn" in rows
    assert "the range between them is shown" in rows
    assert "Rulings" not in read(client, "/claims/?commitment=korea-us-2025").words


def standing(client, ref, as_of=DAY):
    address = f"/api/v1/claims-against-record/?as_of={as_of}&page_size=500"
    row = of(answers(client, address)["results"], ref)
    return row["verdict"], row["away"], row["evidence"]


def test_records_between_which_the_range_is_shown_are_both_supported(client, register):
    both = (
        "clm-prj-oh-portsmouth-gas-u-s-department-of-commerce",
        "clm-prj-oh-portsmouth-gas-government-of-japan",
    )
    assert standing(client, both[0]) == ("supported", "0", [both[1]])
    assert standing(client, both[1]) == ("supported", "0", [both[0]])
    assert standing(client, "clm-t1-us") == ("supported", "0", ["clm-t1-jp"])
    page = read(client, f"/claims/?as_of={DAY}&q=portsmouth+selected").words
    assert "$33.0–33.3bn" in page


def test_a_figure_somebody_ruled_on_alone_is_not_its_own_evidence(client, register):
    assert standing(client, "clm-fin-usd") == ("unsupported", None, [])


@pytest.mark.parametrize(
    ("ref", "verdict", "away", "evidence"),
    [
        ("clm-tariff-s122", "supported", "0", ["gen-122-2026"]),
        ("clm-tariff-seed", "overstated", None, ["gen-25-threat", "gen-15-allin-2025"]),
        (
            "clm-profit-us-07",
            "overstated",
            None,
            ["clm-profit-mou-stage1", "clm-profit-mou-stage2"],
        ),
        (
            "clm-profit-akazawa",
            "contradicted",
            None,
            ["clm-profit-mou-stage1", "clm-profit-mou-stage2"],
        ),
        ("clm-profit-lutnick", "contradicted", None, ["term-deemed"]),
        ("clm-nature-trump", "contradicted", None, ["clm-nature-akazawa-0904"]),
        ("clm-nature-akazawa-0904", "supported", "0", ["clm-total-mou"]),
        ("clm-inst-guar-seed", "contradicted", "-36.67", ["clm-inst-nexi-mainichi"]),
        ("clm-progress-digest", "rounded", "0.18", ["drv-announced-share"]),
        ("clm-t1-share", "supported", "0", ["drv-t1-share"]),
        ("clm-sec-energy-lutnick", "supported", "0", ["clm-sec-energy-t12"]),
        (
            "clm-prj-oh-portsmouth-gas-press-before-the-decision",
            "overstated",
            "6700000000",
            [
                "clm-prj-oh-portsmouth-gas-government-of-japan",
                "clm-prj-oh-portsmouth-gas-u-s-department-of-commerce",
            ],
        ),
        (
            "clm-prj-tx-gulflink-press-before-the-decision",
            "rounded",
            "-100000000",
            ["clm-prj-tx-gulflink-u-s-department-of-commerce-japan"],
        ),
        ("clm-t1-pre", "overstated", "6500000000", ["clm-t1-jp", "clm-t1-us"]),
        ("clm-t2-pre", "overstated", "27000000000", ["clm-t2", "clm-t2-flat"]),
        ("clm-list-jiji", "rounded", "6550000000", ["clm-list-osint"]),
    ],
)
def test_a_claim_is_weighed_against_what_the_register_names(
    client, register, ref, verdict, away, evidence
):
    assert standing(client, ref) == (verdict, away, evidence)


@pytest.mark.parametrize(
    ("ref", "away"),
    [
        ("clm-sec-semi-seed", "40"),
        ("clm-sec-pharma-seed", "20"),
        ("clm-sec-clean-seed", "18.32"),
        ("clm-sec-ship-seed", "15"),
        ("clm-sec-other-seed", "10"),
    ],
)
def test_shares_of_sectors_are_weighed_against_what_is_selected_in_them(
    client, register, ref, away
):
    verdict, found, evidence = standing(client, ref)
    assert (verdict, found) == ("overstated", away)
    assert "clm-prj-tx-gulflink-u-s-department-of-commerce-japan" in evidence
    assert standing(client, ref, as_of="2025-12-01") == ("unsupported", None, [])


def test_a_share_the_register_does_not_state_says_why_nothing_is_compared(client, register):
    page = read(client, f"/claims/?as_of={DAY}&q=clm-inst-loans-seed").words
    assert "nothing to compare with: what it speaks of is not stated on record" in page


def test_what_was_said_stands_before_what_was_derived_from_it(client, register):
    page = read(client, f"/claims/?as_of={DAY}&q=clm-t1-share").words
    assert "just over 6% (derived: 6.5–6.6%)" in page
    assert "computed: 35.7 to 36 bn of 550 bn" in page


def test_what_is_assumed_for_an_example_is_evidence_of_nothing(client, register):
    assert standing(client, "clm-inst-loans-seed") == ("unsupported", None, [])


def test_a_claim_is_not_weighed_against_what_was_not_yet_on_record(client, register):
    before = standing(client, "clm-profit-us-07", as_of="2025-08-01")
    assert before == ("unsupported", None, [])


def test_an_editors_reason_stands_beside_the_record(client, register):
    page = read(client, f"/claims/?as_of={DAY}&q=clm-profit-lutnick").words
    assert "not once $550 billion has been paid back in all" in page
    japanese = read(client, f"/ja/claims/?as_of={DAY}&q=clm-profit-lutnick").words
    assert "投資ごとのみなし配分額で切り替わる" in japanese


def test_a_rounded_claim_says_so_with_its_difference(client, register):
    rows = read(client, f"/claims/?as_of={DAY}&verdict=rounded").section("<tbody>", "</tbody>")
    assert "$36.0bn" in rows
    assert "+$300m" in rows
    assert "rounded" in rows


@pytest.mark.parametrize(
    ("day", "slug", "start", "signed", "pledge", "document"),
    [
        ("2025-07-22", "japan-us-2025", "2025-07-22", False, "550", "doc-ts-2025-07-22"),
        ("2025-08-15", "eu-us-2025", "2025-07-27", False, "600", "doc-indiatoday-2025-07-27"),
        ("2025-10-15", "korea-us-2025", "2025-07-30", False, "350", "doc-koreabizwire-2025-07-30"),
        ("2025-10-15", "saudi-us-2025", "2025-05-13", False, "600", "doc-sa-2025-05"),
        ("2025-10-15", "japan-us-2025", "2025-09-04", True, "550", "doc-mou-2025-09-04"),
        ("2026-01-20", "taiwan-us-2026", "2026-01-15", False, "500", "doc-tw-deal"),
        (
            "2026-02-03",
            "india-us-2026",
            "2026-02-02",
            False,
            "500",
            "doc-sundayguardian-2026-02-02",
        ),
        ("2026-02-06", "india-us-2026", "2026-02-06", True, "500", "doc-in-js"),
    ],
)
def test_a_deal_stands_beside_the_others_from_its_announcement(
    client, register, day, slug, start, signed, pledge, document
):
    row = of(answers(client, f"/api/v1/compare/?as_of={day}")["results"], slug)
    assert (row["start"], row["is_signed"]) == (start, signed)
    assert row["pledge_usd"] == f"{pledge}000000000.00"
    assert row["governing_document"] == document


def test_each_row_leads_to_the_document_its_terms_rest_on(client, register):
    page = read(client, "/compare/?as_of=2025-10-15")
    saudi = page.html.split('<tr id="saudi-us-2025">')[1].split("</tr>")[0]
    assert "White House announcement of the Saudi investment package" in saudi
    korea = page.section('<tr id="korea-us-2025">', "</tr>")
    assert "since announcement" in korea


@pytest.mark.parametrize("slug", ["japan-us-2025", "illustrative-us-2025"])
def test_a_split_on_record_in_shares_is_told_in_words(client, illustrative, slug):
    said = (
        "Japan 50%, the United States 50% until the deemed allocation is paid out,"
        " then Japan 10%, the United States 90%"
    )
    asked = f"?commitment={slug}&as_of={DAY}"
    assert said in read(client, f"/compare/{asked}").section(f'<tr id="{slug}">', "</tr>")
    page = read(client, f"/ja/compare/{asked}").section(f'<tr id="{slug}">', "</tr>")
    assert "みなし配分額の分配までは日本 50%・米国 50%、その後は日本 10%・米国 90%" in page
    found = answers(client, f"/api/v1/compare/{asked}&page_size=50")["results"]
    assert of(found, slug)["split"] == said
    assert of(found, "korea-us-2025")["split"].startswith("equal until the principal")
    for language in ("", "/ja"):
        file = client.get(f"{language}/compare/compare.csv{asked}").content.decode("utf-8-sig")
        assert of(csv.DictReader(io.StringIO(file)), slug)["split"] == said


def test_a_deal_announced_without_an_amount_stands_there_without_one(client, register):
    target = {
        "ref": "qatar-us-2025-target",
        "commitment": "qatar-us-2025",
        "key": "target",
        "reading": "stated",
        "name": "Amount",
        "value": {"usd": "1200000000000.00"},
        "effective_on": "2025-05-14",
        "document": "doc-qa-2025-05",
        "withdrawn": True,
    }
    record({"term": [target]})
    row = of(answers(client, f"/api/v1/compare/?as_of={DAY}")["results"], "qatar-us-2025")
    assert (row["pledge_usd"], row["start"]) == (None, "2025-05-14")
    for address in ("/compare/", "/"):
        words = read(client, f"{address}?as_of={DAY}").words
        assert "10 pledges to the United States" in words or address == "/compare/"
        assert "Qatar" in words


def row_of(client, slug, address="/compare/"):
    return read(client, f"{address}?as_of={DAY}").section(f'<tr id="{slug}">', "</tr>")


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("korea-us-2025", "19 Jan 2029 (unverified)"),
        ("korea-us-2025", "at most $20.0bn a year"),
        ("korea-us-2025", "$150 billion of shipbuilding cooperation"),
        ("korea-us-2025", "Legislated: the statute passed on 12 March 2026"),
        ("uae-us-2025", "21 Mar 2035 (unverified)"),
        ("uae-us-2025", "since announcement (unverified)"),
        ("qatar-us-2025", "since announcement (unverified)"),
        ("taiwan-us-2026", "since signing (unverified)"),
        ("taiwan-us-2026", "at least $250 billion of government credit guarantees"),
        ("eu-us-2025", "$750 billion of energy purchases"),
        ("eu-us-2025", "since signing"),
        ("saudi-us-2025", "An initial package of $600 billion of May 2025"),
    ],
)
def test_a_row_gives_parts_cap_and_state_and_marks_what_is_recalled(client, register, slug, words):
    assert words in row_of(client, slug)


def test_recalled_terms_are_marked_wherever_they_stand(client, register):
    korea = read(client, f"/?commitment=korea-us-2025&as_of={DAY}").words
    assert "Deadline 19 Jan 2029 (unverified)" in korea
    assert "2029年1月19日（未検証）" in row_of(client, "korea-us-2025", "/ja/compare/")
    taiwan = read(client, "/watch/?as_of=2026-02-22").words
    assert "Taiwan: deal signed (unverified)" in taiwan
    japan = of(answers(client, f"/api/v1/compare/?as_of={DAY}")["results"], "japan-us-2025")
    assert japan["recalled_fields"] == []


def test_days_counted_from_a_recalled_term_are_marked(client, register):
    asked = f"?commitment=korea-us-2025&as_of={DAY}"
    figure = read(client, f"/figures/days_left/{asked}")
    assert "days (unverified)" in figure.section('<div class="answer">', "</div>")
    assert "term 19 Jan 2029 (unverified) 19 Jan 2029 (unverified)" in figure.words
    japanese = read(client, f"/ja/figures/days_left/{asked}").section(
        '<div class="answer">', "</div>"
    )
    assert "（未検証）" in japanese
    answer = client.get(f"/api/v1/metrics/days_left/{asked}").json()["result"]
    assert answer["is_recalled"]
    assert [row["is_recalled"] for row in answer["context"]] == [True]
    sourced = client.get(f"/api/v1/metrics/days_elapsed/{asked}").json()["result"]
    assert not sourced["is_recalled"]
    compare = read(client, f"/compare/?as_of={DAY}").words
    assert "Korea 14 Nov 2025, signing 373 1162 (unverified) 32% (unverified)" in compare


def test_a_value_that_was_worked_out_is_marked_as_derived(client, register):
    for slug in ("india-us-2026", "eu-us-2025", "switzerland-us-2025", "taiwan-us-2026"):
        assert "(derived)" in row_of(client, slug), slug
    assert "21 Mar 2035 (unverified) (derived)" in row_of(client, "uae-us-2025")
    asked = f"?commitment=taiwan-us-2026&as_of={DAY}"
    assert "$500.0bn (derived)" in read(client, f"/{asked}").words
    for address, words in (("/", "$500bn (derived)"), ("/ja/", "5,000億ドル（算出）")):
        assert words in read(client, f"{address}?as_of={DAY}").section('id="h5"', "</section>")
    page = read(client, f"/ja/figures/target_usd/{asked}")
    assert "5,000億ドル（算出）" in page.section('<div class="answer">', "</div>")
    answer = client.get(f"/api/v1/metrics/target_usd/{asked}").json()["result"]
    for marked in (answer, answer["rows"][0]):
        assert (marked["is_derived"], marked["is_recalled"]) == (True, False)


def test_days_to_a_derived_deadline_are_marked_wherever_they_stand(client, register):
    asked = f"?commitment=eu-us-2025&as_of={DAY}"
    figure = read(client, f"/figures/days_left/{asked}")
    assert "days (derived)" in figure.section('<div class="answer">', "</div>")
    assert re.search(r"Days in all [\d,]+ \(derived\)", figure.words)
    assert "days (derived)" in read(client, f"/{asked}").words
    answer = client.get(f"/api/v1/metrics/days_left/{asked}").json()["result"]
    assert (answer["is_derived"], answer["is_recalled"]) == (True, False)


@pytest.mark.parametrize("slug", ["uae-us-2025", "eu-us-2025", "taiwan-us-2026", "japan-us-2025"])
def test_every_answer_marks_a_figure_alike(client, register, slug):
    """Progress, the list of metrics and the inputs of each give the marks of the metric itself."""
    asked = f"?commitment={slug}&as_of={DAY}"
    told = client.get(f"/api/v1/commitments/{slug}/progress/{asked}").json()["metrics"]
    marks = ("is_recalled", "is_derived")
    given = {key: [figure[mark] for mark in marks] for key, figure in told.items()}
    for row in client.get(f"/api/v1/metrics/?page_size=200&{asked[1:]}").json()["results"]:
        if row["key"] in given:
            assert [row[mark] for mark in marks] == given[row["key"]], row["key"]
    for key in ("days_left", "time_used_share", "selected_share"):
        answer = client.get(f"/api/v1/metrics/{key}/{asked}").json()["result"]
        for found in (answer, *answer["inputs"]):
            assert [found[mark] for mark in marks] == given[found["key"]], found["key"]
    if slug == "uae-us-2025":
        assert (given["days_left"], given["days_elapsed"]) == ([True, True], [True, False])


def test_the_answer_and_the_file_give_parts_cap_and_what_is_recalled(client, register):
    row = of(answers(client, f"/api/v1/compare/?as_of={DAY}")["results"], "korea-us-2025")
    assert row["annual_cap_usd"] == "20000000000.00"
    assert [part["amount_usd"] for part in row["components"]] == [
        "200000000000.00",
        "150000000000.00",
    ]
    assert row["recalled_fields"] == ["deadline"]
    text = client.get(f"/compare/compare.csv?as_of={DAY}").content.decode("utf-8-sig")
    rows = {line["slug"]: line for line in csv.DictReader(io.StringIO(text))}
    assert rows["korea-us-2025"]["annual_cap_usd"] == "20000000000.00"
    assert (
        "energy purchases (separate intention): 750000000000.00" in rows["eu-us-2025"]["components"]
    )
    assert rows["uae-us-2025"]["recalled_fields"] == "start; days_since_start; deadline"
    assert rows["uae-us-2025"]["derived_fields"] == "deadline"
    assert rows["taiwan-us-2026"]["derived_fields"] == "pledge_usd"


def test_a_cash_share_is_marked_for_either_of_the_terms_it_divides(client, register):
    named = [{"kind": "term", "data": {"ref": "korea-us-2025-target"}}]
    [target] = stored_records(named).values()
    record({"term": [{**target, "derived_fields": ["value"]}]})

    row = of(answers(client, f"/api/v1/compare/?as_of={DAY}")["results"], "korea-us-2025")

    assert row["derived_fields"] == ["pledge_usd", "cash_share"]
    assert "57% (derived)" in row_of(client, "korea-us-2025")


def test_both_pages_count_reactions_to_other_deals_by_one_rule(client, register):
    """Those that name a deal and those concluded to be about it (rx-069 is concluded)."""
    about = "Reactions that name their deals or are concluded to be about them"
    assert f"{about}, in the last 90 days: 1;" in read(client, "/watch/?as_of=2026-10-01").words
    compared = read(client, "/compare/?as_of=2026-10-01").words
    assert "Office of the US Trade Representative" in compared
    assert "Reactions count those that name a deal and those that are concluded" in compared


@pytest.mark.parametrize(
    ("asked", "value", "reason", "words"),
    [
        ("published_by=2026-02-05", "0.000000", None, "0.0% selected"),
        ("published_by=2025-07-25", None, "before_agreement", "before the agreement"),
        ("as_of=2025-07-25", None, "before_agreement", "before the agreement"),
    ],
)
def test_selections_are_followed_before_the_first_of_them(
    client, register, asked, value, reason, words
):
    rows = client.get(f"/api/v1/compare/?{asked}").json()["results"]
    (share,) = (row["selected_share"] for row in rows if row["slug"] == "japan-us-2025")
    assert (share["value"], share["reason"]) == (value, reason)
    page = read(client, f"/compare/?{asked}").words
    assert words in page
    assert page.count("not followed here") == 3 * (len(rows) - 1)


def test_each_cell_names_its_column_for_a_page_too_narrow_for_columns(client, register):
    html = read(client, "/ja/compare/").html
    table = html[html.index('<table class="terms sticky stack">') :]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', table[: table.index("</thead>")])
    named = re.findall(r'<td[^>]* data-h="([^"]+)">', table[: table.index("</table>")])
    assert len(heads) == 15
    assert named == heads[1:] * 10


def test_what_was_computed_is_shown_as_exactly_as_its_parts(client, register):
    assert "$488.45bn" in read(client, "/claims/").words
    assert "4,884.5億ドル" in read(client, "/ja/claims/").words


def test_reactions_to_a_deal_are_as_many_whichever_commitment_is_looked_at(client, illustrative):
    pattern = re.compile(r'<a[^>]*href="([^"]*about=commitment[^"]*)"[^>]*>(\d+)</a>')
    counts = []
    for slug in ("japan-us-2025", "eu-us-2025", "illustrative-us-2025"):
        page = read(client, f"/compare/?as_of={DAY}&commitment={slug}")
        links = [(unquote(unescape(link)), int(n)) for link, n in pattern.findall(page.html)]
        counts.append({address.rpartition(":")[2]: n for address, n in links})
    assert counts[0] == counts[1] == {k: n for k, n in counts[2].items() if k in counts[0]}
    assert counts[0]["korea-us-2025"] == 9
    address = next(address for address, _n in links if address.endswith("korea-us-2025"))
    assert "9 reactions on record" in read(client, address).words
