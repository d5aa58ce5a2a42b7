"""The list of projects with its filters, and the page of one project."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import BASE, COMMITMENT, DOCUMENT, make_project, merged, record
from tests.dashboard.pages.reading import Page, read

DAY = "as_of=2026-11-22"
TABLE = '<table class="sticky prj">', "</table>"


def names(page: Page) -> list[str]:
    """The slugs of the projects listed, in order."""
    rows = page.html.split(TABLE[0])[1].split(TABLE[1])[0]
    links = Page(rows.split("<tbody>")[1]).links
    return [a.split("/projects/")[1].split("/")[0] for a in links if "/projects/" in a]


def lede(page: Page) -> str:
    return page.section('<p class="lede">', '<p class="xs muted">')


@pytest.fixture
def few(db) -> None:
    """Two selected in different states and sectors, one in consultation without a low."""
    record(
        merged(
            BASE,
            make_project("prj-gas", low="33000000000", high="33300000000"),
            make_project(
                "prj-mine", low="600000000", high="600000000", sector="metals", states=["GA"]
            ),
            make_project(
                "prj-reactor",
                stage="announced_second_batch",
                on="2026-03-19",
                low=None,
                high="40000000000",
                states=["TN", "AL"],
            ),
        )
    )


def test_list_totals_each_rung_apart(client, few):
    page = read(client, f"/projects/?{DAY}")
    assert lede(page) == (
        "3 projects fit. selected $33.6–33.9bn (2 projects) in consultation up to $40.0bn (1 project)"
    )
    assert names(page) == ["prj-gas", "prj-mine", "prj-reactor"]


@pytest.mark.parametrize(
    ("query", "expected", "totals"),
    [
        ("stage=selected", ["prj-gas", "prj-mine"], "selected $33.6–33.9bn (2 projects)"),
        ("sector=metals", ["prj-mine"], "selected $600m (1 project)"),
        (
            "state=TN",
            ["prj-reactor"],
            "in consultation not stated (up to $40.0bn for a project in 2 states; split not stated)",
        ),
        ("min=34", ["prj-reactor"], "in consultation up to $40.0bn (1 project)"),
        ("max=1", ["prj-mine"], "selected $600m (1 project)"),
        ("q=GAS", ["prj-gas"], "selected $33.0–33.3bn (1 project)"),
        ("stage=selected&state=GA&sector=metals", ["prj-mine"], "selected $600m (1 project)"),
    ],
)
def test_list_totals_follow_the_filter(client, few, query, expected, totals):
    page = read(client, f"/projects/?{DAY}&{query}")
    assert names(page) == expected
    assert totals in lede(page)


def test_list_sorts_both_ways_and_says_so(client, few):
    down = read(client, f"/projects/?{DAY}&sort=-amount")
    up = read(client, f"/projects/?{DAY}&sort=amount")
    assert names(down) == ["prj-reactor", "prj-gas", "prj-mine"]
    assert names(up) == names(down)[::-1]
    heads = [a.get("aria-sort") for tag, a in up.elements if tag == "th" and "aria-sort" in a]
    assert heads == ["ascending"]
    assert read(client, f"/projects/?{DAY}&sort=name").words


def test_list_keeps_the_view_in_its_links(client, few):
    page = read(
        client, f"/projects/?{DAY}&stage=selected&q=prj&sort=-amount&published_by=2026-11-01"
    )
    heads = [a for a in page.links if "sort=" in a and a.startswith("/projects/?")]
    assert len(heads) == 4
    for address in heads:
        for part in (DAY, "stage=selected", "q=prj", "published_by=2026-11-01"):
            assert part in address


def test_list_pages_by_key_and_loses_no_row(client, few, monkeypatch):
    monkeypatch.setattr("dashboard.pages.projects.listing.PAGE_SIZE", 2)
    first = read(client, f"/projects/?{DAY}")
    following = next(a for a in first.links if "after=" in a)
    second = read(client, following)
    assert (names(first), names(second)) == (["prj-gas", "prj-mine"], ["prj-reactor"])
    assert lede(first) == lede(second)


def test_empty_list_names_the_filter_to_drop(client, few):
    page = read(client, f"/projects/?{DAY}&stage=selected&state=TN")
    assert "No project fits. Drop the filter “Stage”" in page.words
    drop = next(a for a in page.links if "state=TN" in a and "stage=" not in a)
    assert names(read(client, drop)) == ["prj-reactor"]
    page = read(client, f"/projects/?{DAY}&q=nowhere")
    assert "Drop the filter “Text”" in page.words


def test_list_of_a_commitment_without_projects_says_so(client, register):
    page = read(client, f"/projects/?{DAY}&commitment=qatar-us-2025")
    assert "No project of this commitment is on record at this point in time." in page.words


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("stage=approved", "stage"),
        ("min=abc", "min"),
        ("max=NaN", "max"),
        ("sort=size", "sort"),
        ("as_of=2026-02-30", "as_of"),
        ("known_at=yesterday", "known_at"),
        ("published_by=2999-01-01", "published_by"),
        ("commitment=mars", "commitment"),
    ],
)
def test_list_refuses_what_it_cannot_use_and_names_it(client, few, query, name):
    page = read(client, f"/projects/?{query}&q=gas", status=400)
    assert page.section('<p class="error">', "</p>").startswith(f"{name}:")
    assert "/projects/?q=gas" in page.links


def test_state_and_sector_pages_say_the_same_as_the_filtered_list(client, register):
    for address, query in (("/states/TX/", "state=TX"), ("/sectors/energy/", "sector=energy")):
        own, filtered = read(client, f"{address}?{DAY}"), read(client, f"/projects/?{DAY}&{query}")
        assert lede(own) == lede(filtered)
        assert names(own) == names(filtered)
        assert len(names(own)) >= 2
    read(client, "/states/XX/", status=404)
    read(client, "/sectors/toys/", status=404)


def test_shipped_list_agrees_with_the_ladder(client, register):
    page = read(client, f"/projects/?{DAY}")
    assert lede(page) == (
        "31 projects fit. selected $35.7–36.0bn (3 projects) in consultation up to $73.0bn (3 projects) "
        "candidate up to $293.0bn (19 projects; 5 state no amount) "
        "signed about $2.2bn (for the 3 together; split not stated)"
    )
    assert names(page)[:3] == ["prj-oh-portsmouth-gas", "prj-tx-gulflink", "prj-ga-diamond"]
    before = read(client, "/projects/?as_of=2026-01-31")
    assert "selected" not in lede(before)


def test_the_latest_step_is_one_that_counts(client, register):
    """A company's word of an approval, a day after the announcement, is a rival claim and no step."""
    for page in (read(client, "/projects/?state=PA"), read(client, "/projects/?sort=-date")):
        (row,) = (r for r in page.html.split("<tr")[1:] if "/projects/prj-pa-gas/" in r)
        assert "19 Mar 2026" in row
        assert "20 Mar 2026" not in row
    watched = read(client, "/watch/?as_of=2026-03-20").words
    assert "presidential approval reported" not in watched.split("Performance and returns")[0]
    assert "Portsmouth Powered Land Project: ground broken" in watched


def test_project_page_keeps_rival_claims_and_the_joint_loan(client, register):
    page = read(client, f"/projects/prj-oh-portsmouth-gas/?{DAY}")
    words = page.section("<main", "</main>")
    for part in (
        "selected 17 Feb 2026",
        "signed 1 May 2026",
        "funded none published",
        "selected: $33.0–33.3bn",
        "U.S. Department of Commerce $33.00bn",
        "$33.30bn",
        "over ¥340bn",
        "for 3 projects together; split not stated",
        "9,200 MW",
    ):
        assert part in words


def test_project_page_of_a_second_batch_is_in_consultation_only(client, register):
    words = read(client, f"/projects/prj-tx-gas/?{DAY}").section("<main", "</main>")
    assert "in consultation: up to $16.0bn" in words
    assert "selected none published" in words


def test_project_page_before_its_first_event_or_the_load_says_so(client, few):
    page = read(client, "/projects/prj-gas/?as_of=2026-01-31")
    main = page.section('<main id="main">', "</main>")
    assert "This project is not on record yet" in main
    assert "By 31 January 2026 the register holds nothing under this address." in main
    assert "prj-gas" not in main
    assert "/projects/prj-gas/" in page.links
    assert 'name="as_of"' in page.html
    early = read(client, "/projects/prj-gas/?known_at=2020-01-01")
    assert "This project is not on record yet" in early.words
    assert "The register held nothing at that moment." in early.words
    missing = read(client, "/projects/prj-nowhere/", status=404)
    assert "No project is called “prj-nowhere”." in missing.words


def test_a_sector_says_why_more_is_funded_than_noticed_and_what_its_totals_add_up(
    client, illustrative
):
    query = "commitment=illustrative-us-2025"
    main = read(client, f"/sectors/artificial-intelligence/?{query}").section("<main", "</main>")
    assert "$100m more is funded than noticed. " in main
    assert "both sides agreed to keep the extra 100 million dollars (fictional)." in main
    assert "more is funded" not in read(client, f"/sectors/energy/?{query}").words
    early = f"/sectors/artificial-intelligence/?{query}&as_of=2026-09-10"
    assert "more is funded" not in read(client, early).words
    whole = read(client, f"/projects/?{query}&as_of=2026-11-22").section('class="totals"', "</ul>")
    assert re.search(r"signed \$87.6–88.6bn \(13 financings", whole)
    assert re.search(r"selected \$137.9–152.9bn \(8 projects\)", whole)


def test_a_merged_project_is_listed_as_merged_but_not_on_the_map_and_ends_come_last(
    client, illustrative
):
    page = read(client, "/projects/?commitment=illustrative-us-2025&as_of=2026-11-22")
    assert "Ohio 33.0–34.0 –" in page.words
    listed = page.section(*TABLE)
    assert "1.50selected, merged into River bend gas power (fictional) 5 Dec 2025" in listed
    stages = re.findall(r"distributed|cancelled|withdrawn|declined", listed)
    assert stages == [*["distributed"] * 3, "cancelled", "withdrawn", "declined"]


def test_an_ended_project_shows_where_it_stood_and_until_when(client, illustrative):
    query = "commitment=illustrative-us-2025"
    listed = read(client, f"/projects/?{query}").section(*TABLE)
    for row in (
        "cancelled Energy, including pipelines Louisiana 40.00selected until 10 Sep 2026",
        "declined Other Georgia up to 9.00in consultation until 10 Jun 2026",
        "withdrawn Metals Arizona up to 2.00candidate until 10 Jun 2026",
    ):
        assert row in listed
    ended = read(client, f"/projects/illustrative-gas-export/?{query}")
    assert ended.section('<ol class="step wide">', "</ol>").endswith("cancelled 10 Sep 2026")
    assert "used until it ended; in no total since" in ended.words
    assert not [a for a in ended.links if a.startswith("/figures/selected_usd/")]
    candidates = read(client, f"/?{query}").section("6 candidates as published", "</table>")
    assert "Desert copper smelter (fictional) up to 2.00 withdrawn on 10 Jun 2026" in candidates
    assert "Turbine works (fictional) up to 3.00 continued by a firmer project" in candidates


@pytest.mark.parametrize(
    ("slug", "parts"),
    [
        ("prj-oh-portsmouth-gas", ("reported: $40.0bn", "said before a decision; in no total")),
        ("prj-tx-gulflink", ("reported: $2.0bn", "Said before or without a decision")),
        (
            "cnd-toshiba",
            ("candidate, on the list of the US side: up to $25.0bn", "list; in no total"),
        ),
        ("cnd-entra1", ("candidate, on the list of the US side: up to $25.0bn",)),
        ("cnd-tdk", ("candidate, on the list of the US side: up to $25.0bn",)),
        ("cnd-fujikura", ("candidate, on the list of the US side: up to $20.0bn",)),
        ("rpt-jdi", ("reported: $13.0bn", "press")),
    ],
)
def test_what_was_said_beside_the_rungs_stands_on_the_page_and_in_the_answer(
    client, register, slug, parts
):
    words = read(client, f"/projects/{slug}/?{DAY}").words
    for part in parts:
        assert part in words
    found = client.get(f"/api/v1/projects/{slug}/?{DAY}").json()["result"]["said"]
    ((_name, said),) = found.items()
    assert said["claims"]
    totals = client.get(f"/api/v1/commitments/japan-us-2025/progress/?{DAY}").json()["metrics"]
    assert totals["selected_usd"]["high"] == "36000000000.00"


def test_a_reported_project_is_listed_as_reported_with_what_the_press_says(client, register):
    words = read(client, f"/projects/?{DAY}&stage=reported").words
    row = words.split("Display", 1)[1][:200] if "Display" in words else words
    assert "13.00" in row
    assert "candidate 13" not in words


@pytest.mark.parametrize(
    ("prefix", "company", "item"),
    [("", "Fujikura", "Optical fiber cables"), ("ja/", "フジクラ", "光ファイバーケーブル")],
)
def test_a_candidate_stands_under_its_company(client, register, prefix, company, item):
    overview = read(client, f"/{prefix}?{DAY}")
    listed = read(client, f"/{prefix}projects/?{DAY}&sort=name")
    for page in (overview, listed):
        assert f"{company} {item}" in page.words
    heads = re.findall(r'<th scope="row"><a[^>]*>([^<]*)', listed.html)
    assert heads == sorted(heads, key=str.lower)
    assert company in heads
    assert item not in heads


@pytest.mark.parametrize("projects", [1, 3])
def test_pages_of_projects_ask_few_questions_whatever_the_rows(
    client, db, projects, django_assert_num_queries
):
    record(merged(BASE, *(make_project(f"prj-{n}") for n in range(projects))))
    for address, questions in (("/projects/", 9), ("/projects/prj-0/", 15), ("/states/OH/", 9)):
        client.get(address)
        with django_assert_num_queries(questions):
            response = client.get(address)
        assert "prj-0" in response.content.decode()


def test_totals_say_what_is_signed_for_several_projects_together(client, register):
    whole = read(client, "/projects/?as_of=2026-11-22")
    totals = whole.section('<ul class="totals">', "</ul>")
    assert "signed about $2.2bn (for the 3 together; split not stated)" in totals
    ladder = read(client, "/?as_of=2026-11-22").section('<table class="ladder real">', "</table>")
    for amount in ("$35.7–36.0bn", "up to $73.0bn", "$2.2bn"):
        assert amount in totals
        assert amount in ladder


def test_totals_of_a_place_say_that_its_share_of_a_joint_loan_is_not_stated(client, register):
    for address in ("/states/OH/", "/projects/?state=OH", "/sectors/energy/"):
        page = read(client, f"{address}{'&' if '?' in address else '?'}as_of=2026-11-22")
        here = 1 if "OH" in address else 2
        assert (
            f"signed not stated (about $2.2bn for 3 projects together, {here} of them here; "
            "split not stated)" in page.section('<ul class="totals">', "</ul>")
        )


def test_list_answers_the_address_that_names_every_filter(client, register):
    page = read(client, f"/projects/?{DAY}&stage=selected&sector=energy&state=TX&sort=-selected")
    assert names(page) == ["prj-tx-gulflink"]
    assert "selected $2.1bn (1 project)" in lede(page)
    read(client, "/projects/?stage=selected&sort=-selected&after=prj-oh-portsmouth-gas")


def test_list_sorts_by_what_is_selected(client, few):
    down = read(client, f"/projects/?{DAY}&sort=-selected")
    assert names(down) == ["prj-gas", "prj-mine", "prj-reactor"]
    assert names(read(client, f"/projects/?{DAY}&sort=selected")) == names(down)[::-1]
    kept = down.section('<select name="sort">', "</select>")
    assert 'value="-selected" selected' in down.html
    assert "largest selected amount first" in kept


def test_list_by_instrument_keeps_what_it_finances_and_totals_only_that(client, few):
    loan = {
        **{"ref": "fin-1", "commitment": COMMITMENT, "instrument": "loan", "document": DOCUMENT},
        **{"signed_on": "2026-05-01", "projects": ["prj-gas"], "providers": ["inst-lender"]},
    }
    claim = {
        **{"ref": "clm-fin-1", "commitment": COMMITMENT, "subject": "financing:fin-1"},
        **{"aspect": "amount.signed", "low": "2000000000", "high": "2000000000", "unit": "usd"},
        **{"who": "the lender", "side": "japan", "rank": 1, "document": DOCUMENT},
    }
    equity = {**loan, "ref": "fin-2", "instrument": "equity"}
    other = {**claim, "ref": "clm-fin-2", "subject": "financing:fin-2", "low": "1000000000"}
    record({"financing": [loan, equity], "claim": [claim, {**other, "high": "1000000000"}]})
    by_loan = read(client, f"/projects/?{DAY}&instrument=loan")
    assert names(by_loan) == ["prj-gas"]
    assert lede(by_loan) == "1 project fits. signed $2.0bn (1 financing)"
    assert "signed $3.0bn (2 financings)" in lede(read(client, f"/projects/?{DAY}"))
    rest = read(client, f"/projects/?{DAY}&instrument=not-stated")
    assert names(rest) == ["prj-gas", "prj-mine", "prj-reactor"]  # a selection names no instrument
    assert "signed" not in lede(rest)
    listed = client.get(f"/api/v1/projects/?{DAY}&instrument=loan").json()["results"]
    assert [project["slug"] for project in listed] == ["prj-gas"]


def test_an_approximate_amount_is_shown_as_about_wherever_it_stands(client, register):
    listed = read(client, "/projects/?as_of=2026-11-22")
    assert "about 0.60" in listed.words
    page = read(client, "/projects/prj-ga-diamond/?as_of=2026-11-22")
    assert "selected: about $600m" in page.words
    answer = client.get("/api/v1/projects/prj-ga-diamond/?as_of=2026-11-22").json()["result"]
    assert answer["amounts"]["selected"]["is_approximate"] is True
    progress = client.get("/api/v1/commitments/japan-us-2025/progress/?as_of=2026-11-22").json()
    about = {key for key, figure in progress["metrics"].items() if figure["is_approximate"]}
    assert "signed_usd" in about
    assert "selected_usd" not in about  # a range says so by itself


def test_a_us_state_is_called_one_in_japanese(client, register):
    page = read(client, "/ja/projects/")
    assert '<option value="TX">テキサス州</option>' in page.html
    assert "州 すべて" in page.words
    assert "状態" not in page.words
    assert "州 オハイオ州" in read(client, "/ja/projects/prj-oh-portsmouth-gas/").words


def test_terms_of_a_loan_are_not_called_clauses_in_japanese(client, illustrative):
    page = read(client, "/ja/projects/illustrative-rare-earths/?commitment=illustrative-us-2025")
    assert "提供者 条件 保証・保険" in page.words


def test_totals_by_instrument_are_those_of_the_figures(client, illustrative):
    """On each rung the instruments add to the whole, as their figure pages have them."""
    query = "commitment=illustrative-us-2025&as_of=2026-11-20"
    for instrument in ("loan", "equity", "guarantee", "not-stated"):
        page = read(client, f"/projects/?{query}&instrument={instrument}")
        for rung in ("selected", "signed", "noticed", "funded"):
            address = f"/api/v1/metrics/{rung}_usd/?{query}&instrument={instrument}"
            figure = client.get(address).json()["result"]
            asked = f"/figures/{rung}_usd/?as_of=2026-11-20&commitment=illustrative-us-2025"
            shown = f"{asked}&instrument={instrument}" in page.links
            assert shown == (figure["note"] != "none_published" and figure["reason"] is None), (
                instrument,
                rung,
            )


def test_pages_and_api_find_the_same_by_words(client, register):
    for words in ("nuclear", "data centers", "Ohio", "SB Energy", "vernova", "ソフトバンク"):
        found = client.get("/api/v1/projects/", {"q": words, "as_of": "2026-11-22"}).json()
        page = read(client, f"/projects/?as_of=2026-11-22&q={words.replace(' ', '+')}")
        assert {p["slug"] for p in found["results"]} == set(names(page)) != set(), words
    assert client.get("/api/v1/projects/?q=nuclear").json()["meta"]["count"] == 4


def test_words_find_projects_by_their_companies_with_no_question_more(client, few):
    def questions(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert names(read(client, f"/projects/?{query}")) == ["prj-gas", "prj-mine"]
        return len(asked)

    company = {"slug": "party-x", "name": "Xenon Works", "name_ja": "ゼノン工業"}
    part = {"party": "party-x", "role": "operator", "document": "doc-test"}
    parts = [{**part, "ref": f"part-{p}", "project": p} for p in ("prj-mine", "prj-gas")]
    record({"party": [company], "projectparty": parts})
    questions(f"{DAY}&stage=selected")
    usual = questions(f"{DAY}&stage=selected")
    assert questions(f"{DAY}&q=xenon") == questions(f"{DAY}&q=ゼノン工業") == usual
    early = read(client, "/projects/?as_of=2026-02-01&q=xenon")
    assert "No project" in early.words


def test_the_totals_of_a_state_are_the_figures_of_it(client, register):
    """An amount for two states is a total of neither, on the list and on the figure's page."""
    for code in ("TN", "AL"):
        totals = read(client, f"/states/{code}/?as_of=2026-11-22").section(
            '<ul class="totals">', "</ul>"
        )
        assert "not stated (up to $40.0bn for a project in 2 states; split not stated)" in totals
        figure = read(client, f"/figures/in_consultation_usd/?as_of=2026-11-22&state={code}")
        assert "not stated" in figure.words
    apart = client.get(
        "/api/v1/metrics/in_consultation_usd/?as_of=2026-11-22&state=not-stated"
    ).json()
    assert apart["result"]["high"] == "40000000000.00"


def test_the_batches_offered_are_those_of_the_commitment(client, illustrative):
    words = read(client, "/projects/").words
    assert "first batch" in words
    assert "batch 3" not in words
