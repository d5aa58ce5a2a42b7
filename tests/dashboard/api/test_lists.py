"""Pages of records: whole records, stable pages, filters, and queries that do not grow."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from dashboard.points import newest_documents
from projects.models import FundingNotice, LedgerEntry
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    RECEIPT,
    make_closing,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    post,
    record,
)

API = "/api/v1/"
FACT = {
    "document": DOCUMENT,
    "published_on": "2025-09-04",
    "locator": "",
    "confidence": "sourced",
    "recalled_fields": [],
    "derived_fields": [],
    "note": "",
    "noted_on": None,
    "revision": 2,
}


@pytest.fixture(autouse=True)
def _register(db: None) -> None:
    make_register()


def get(client: Client, path: str, **query: str) -> dict[str, Any]:
    response = client.get(f"{API}{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_claim_stands_whole_with_its_evidence(client):
    record(make_project("mine", low=None, high="1234567890123.40"))
    assert get(client, "claims/clm-mine/")["result"] == {
        "ref": "clm-mine",
        **FACT,
        "published_on": "2026-02-17",
        "subject": "project:mine",
        "aspect": "amount.selected",
        "low": None,
        "high": "1234567890123.40",
        "unit": "usd",
        "qualifier": "up_to",
        "text": "",
        "text_ja": "",
        "who": "a government",
        "who_ja": "",
        "side": "us",
        "rank": 1,
        "stated_on": "2026-02-17",
        "against": [],
        "stands": "",
        "stands_why": "",
        "stands_why_ja": "",
        "note_ja": "",
        "stated_precision": "day",
        "effective_on": None,
        "commitment": COMMITMENT,
    }


def test_a_project_stands_whole_with_stage_amount_and_documents(client):
    record(make_project("mine"))
    body = get(client, "projects/")
    assert body["meta"]["count"] == 1
    assert body["results"] == [
        {
            "slug": "mine",
            "name": "mine",
            "name_ja": "",
            "stage": "selected",
            "reached": {"selected": "2026-02-17"},
            "sector": "energy",
            "states": ["OH"],
            "location": "",
            "batch": "",
            "count_in_totals": True,
            "continued_as": None,
            "merged_into": None,
            "amounts": {
                "selected": {
                    "low": "1000000.00",
                    "high": "1000000.00",
                    "currency": "USD",
                    "is_approximate": False,
                    "ruling": None,
                    "claims": ["clm-mine"],
                    "rival_claims": [],
                }
            },
            "said": {},
            "documents": [DOCUMENT],
        }
    ]
    assert get(client, "projects/mine/")["result"] == {**body["results"][0], "financings": []}


def test_a_ledger_entry_keeps_every_cent_and_its_seal(client):
    record(make_project("mine"))
    post([make_entry("mine", "90071992547409.93", ref="led-a", excuse="the bank is late")])
    [entry] = get(client, "ledger-entries/")["results"]
    assert entry == {
        "id": entry["id"],
        "ref": "led-a",
        "number": 1,
        "kind": "funding",
        "value_date": "2026-06-01",
        "amount_usd": "90071992547409.93",
        "currency": "USD",
        "amount": "90071992547409.93",
        "fx_rate": None,
        "fx_on": None,
        "fx_source": "",
        "published_on": "2026-06-01",
        "locator": "",
        "note": "",
        "late_reason": "",
        "override_reason": "the bank is late",
        "previous_sha256": "",
        "sha256": LedgerEntry.objects.get().sha256,
        "reverses": None,
        "commitment": COMMITMENT,
        "project": "mine",
        "instrument": "loan",
        "notice": None,
        "document": RECEIPT,
        "case": None,
        "revision": 3,
    }
    assert get(client, f"ledger-entries/{entry['id']}/")["result"] == entry


def test_ledger_entries_are_filtered_by_what_they_carry(client):
    record(merged(make_project("mine"), make_project("other")))
    record({"fundingnotice": [make_notice("mine", "9.00")]})
    notice = FundingNotice.objects.get()
    post(
        [
            make_entry("mine", "5.00", ref="led-a", notice=notice, excuse=""),
            make_entry("other", "5.00", ref="led-b", kind="disbursement", instrument="equity"),
        ]
    )
    record(make_closing("2026-06-30"))
    post([make_entry("other", "6.00", ref="led-c", late="entered late")])

    def refs(**query):
        return [row["ref"] for row in get(client, "ledger-entries/", **query)["results"]]

    assert refs(notice="ntc-mine") == refs(project="mine") == refs(forced="false") == ["led-a"]
    assert refs(kind="disbursement") == refs(instrument="equity") == ["led-b"]
    assert refs(late="true") == refs(late="true", forced="true") == ["led-c"]
    assert refs(ordering="-number", forced="true", currency="USD") == ["led-c", "led-b"]
    refused = client.get(f"{API}ledger-entries/", {"late": "yes"})
    assert (refused.status_code, refused.json()["detail"]) == (400, "must be true or false")


def test_a_closed_period_is_listed(client):
    period = {"ref": "closed-1", "commitment": COMMITMENT, "ends_on": "2026-06-30"}
    record({"closedperiod": [{**period, "document": DOCUMENT}]})
    assert get(client, "closed-periods/")["results"] == [{**period, **FACT}]


def walk(client: Client, path: str, **query: str) -> list[list[Any]]:
    """Every page of a list, following next."""
    pages, address = [], f"{API}{path}"
    while address:
        response = client.get(address, query)
        body = response.json()
        pages.append(body["results"])
        address, query = body["next"], {}
    return pages


@pytest.mark.parametrize("ordering", ["ref", "-ref", "subject", "-subject", "rank", "-rank"])
def test_pages_join_into_the_whole_list(client, ordering):
    projects = [make_project(f"p{n}", rank=1 + n % 2) for n in range(7)]
    record(merged(*projects))
    [whole] = walk(client, "claims/", ordering=ordering)
    pages = walk(client, "claims/", ordering=ordering, page_size="3")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [row for page in pages for row in page] == whole
    column = ordering.removeprefix("-")
    values = [row[column] for row in whole]
    assert values == sorted(values, reverse=ordering.startswith("-"))


@pytest.mark.parametrize("ordering", ["slug", "-slug", "stage", "-stage", "amount", "-amount"])
def test_pages_of_projects_join_into_the_whole_list(client, ordering):
    stages = ["selected", "candidate_listed", "announced_second_batch"]
    projects = [
        make_project(f"p{n}", stage=stages[n % 3], high=f"{n + 1}000000.00") for n in range(7)
    ]
    record(merged(*projects))
    [whole] = walk(client, "projects/", ordering=ordering)
    pages = walk(client, "projects/", ordering=ordering, page_size="3")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [row for page in pages for row in page] == whole


def test_a_page_that_is_exactly_full_has_no_next(client):
    record(merged(*(make_project(f"p{n}") for n in range(3))))
    assert get(client, "claims/", page_size="3")["next"] is None


def test_a_row_posted_between_two_pages_neither_repeats_nor_hides_another(client):
    record(merged(*(make_project(f"p{n}") for n in range(4))))
    first = get(client, "claims/", page_size="2")
    record(make_project("p0a"))
    second = client.get(first["next"]).json()
    refs = [row["ref"] for row in (*first["results"], *second["results"])]
    assert refs == ["clm-p0", "clm-p1", "clm-p2", "clm-p3"]


def test_next_keeps_the_point_the_filters_and_the_size(client):
    record(merged(*(make_project(f"p{n}") for n in range(3))))
    query = {"as_of": "2026-03-01", "rank": "1", "page_size": "1"}
    first = get(client, "claims/", **query)
    following = client.get(first["next"]).json()
    assert [row["ref"] for row in following["results"]] == ["clm-p1"]
    assert following["meta"]["as_of"] == "2026-03-01"
    assert following["next"].startswith(
        "/api/v1/claims/?as_of=2026-03-01&rank=1&page_size=1&after="
    )


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("claims/", {"subject": "project:a"}, ["clm-a"]),
        ("claims/", {"rank": "2"}, ["clm-b"]),
        ("claims/", {"ref": "clm-c"}, ["clm-c"]),
        ("claims/", {"document": "doc-nothing"}, []),
        ("claims/", {"q": "GOVERNMENT selected"}, ["clm-a", "clm-b"]),
        ("claims/", {"q": "%"}, []),
        ("stage-events/", {"kind": "candidate_listed"}, ["c-candidate_listed"]),
        ("stage-events/", {"project": "a"}, ["a-selected"]),
        ("stage-events/", {"as_of": "2026-02-16"}, []),
        ("stage-events/", {"published_by": "2025-09-03"}, []),
        ("project-profiles/", {"sector": "metals"}, ["b-profile"]),
        ("terms/", {"is_default": "false"}, []),
        ("terms/", {"key": "target"}, ["term-target"]),
    ],
)
def test_filters_keep_what_was_asked_for(client, path, query, expected):
    projects = make_project("a"), make_project("b", sector="metals", rank=2)
    record(merged(*projects, make_project("c", stage="candidate_listed")))
    assert [row["ref"] for row in get(client, path, **query)["results"]] == expected


def test_a_note_is_left_out_in_both_languages_before_the_day_it_speaks_from(client):
    made = make_project("a")
    said = {"note": "Sited since", "note_ja": "立地が決定", "noted_on": "2026-06-01"}
    made["projectprofile"][0] |= said
    record(made)
    days = "2026-05-31", "2026-06-01"
    found = [get(client, "project-profiles/", as_of=day)["results"][0] for day in days]
    assert [{name: row[name] for name in said} for row in found] == [
        {"note": "", "note_ja": "", "noted_on": None},
        said,
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"stage": "candidate"}, ["c"]),
        ({"sector": "metals"}, ["b"]),
        ({"state": "TX"}, ["b"]),
        ({"batch": "first"}, []),
        ({"q": "B"}, ["b"]),
        ({"as_of": "2026-02-16"}, []),
    ],
)
def test_filters_of_projects_keep_what_was_asked_for(client, query, expected):
    projects = make_project("a"), make_project("b", sector="metals", states=["TX"])
    record(merged(*projects, make_project("c", stage="candidate_listed")))
    assert [row["slug"] for row in get(client, "projects/", **query)["results"]] == expected


def test_a_day_shows_the_entries_up_to_it(client):
    record(make_project("mine"))
    post([make_entry("mine", "1.00"), make_entry("mine", "2.00", on=date(2026, 7, 1))])
    shown = get(client, "ledger-entries/", as_of="2026-06-30")["results"]
    assert [entry["amount_usd"] for entry in shown] == ["1.00"]


def test_a_correction_replaces_and_the_old_moment_still_shows_the_old(client):
    record(make_project("mine"))
    before = get(client, "claims/")["meta"]["known_at"]
    corrected = make_project("mine", low="2000000.00", high="2000000.00")
    record({"claim": corrected["claim"]})
    now = get(client, "claims/")["results"]
    then = get(client, "claims/", known_at=before)["results"]
    assert [(c["low"], c["revision"]) for c in now] == [("2000000.00", 3)]
    assert [(c["low"], c["revision"]) for c in then] == [("1000000.00", 2)]


def test_another_commitment_shows_only_its_own(client):
    record(make_project("mine"))
    other = {
        "slug": "other-us",
        "name": "Other",
        "investor": "Other",
        "investor_code": "XX",
        "illustrative": True,
    }
    record({"commitment": [other]})
    for path in ("claims/", "projects/", "terms/", "stage-events/"):
        body = get(client, path, commitment="other-us")
        assert body["results"] == [], path
        assert body["meta"]["illustrative"] is True
        assert "illustrative" not in get(client, path)["meta"]


def count_queries(client: Client, path: str, *, most: int, django_assert_num_queries: Any) -> int:
    newest_documents.cache_clear()
    with django_assert_num_queries(most):
        return len(get(client, path)["results"])


CUTOFFS = 4  # the data cut-off, kept for a point once it is known
POINT = 2  # revision and commitment
QUERIES = {
    "claims/": POINT + CUTOFFS + 1,
    "stage-events/": POINT + CUTOFFS + 1,
    "project-profiles/": POINT + CUTOFFS + 1,
    "ledger-entries/": POINT + CUTOFFS + 1,
    "rulings/": POINT + CUTOFFS + 2,
    "financings/": POINT + CUTOFFS + 5,  # claims and rulings give the amounts
}


def history(n: int) -> dict[str, list[Any]]:
    """A project with a ruling on its amount and a financing."""
    slug = f"p{n}"
    ruling = {
        "ref": f"rul-{n}",
        "subject": f"project:{slug}",
        "aspect": "amount.selected",
        "reason": "the only claim",
        "claims": [f"clm-{slug}"],
        "document": DOCUMENT,
    }
    financing = {
        "ref": f"fin-{n}",
        "commitment": COMMITMENT,
        "instrument": "loan",
        "signed_on": "2026-05-01",
        "projects": [slug],
        "providers": ["inst-lender"],
        "document": DOCUMENT,
    }
    return merged(make_project(slug), {"ruling": [ruling], "financing": [financing]})


@pytest.mark.parametrize("path", QUERIES)
def test_the_queries_of_a_list_do_not_grow_with_its_rows(client, django_assert_num_queries, path):
    for rows, numbers in ((1, [0]), (3, [1, 2])):
        record(merged(*(history(n) for n in numbers)))
        post([make_entry(f"p{n}", "1.00") for n in numbers])
        found = count_queries(
            client,
            path,
            most=QUERIES[path],
            django_assert_num_queries=django_assert_num_queries,
        )
        assert found == rows


@pytest.mark.parametrize(
    ("path", "queries"),
    [("projects/", 18), ("commitments/test-us-2025/progress/", 22), ("metrics/?page_size=100", 29)],
)
def test_the_queries_of_figures_do_not_grow_with_projects(
    client, django_assert_num_queries, path, queries
):
    for numbers in ([0], [1, 2]):
        record(merged(*(history(n) for n in numbers)))
        post([make_entry(f"p{n}", "1.00") for n in numbers])
        newest_documents.cache_clear()
        with django_assert_num_queries(queries):
            assert client.get(f"{API}{path}").status_code == 200


@pytest.mark.parametrize(("path", "key"), [("commitments/", "slug"), ("metrics/", "key")])
def test_derived_lists_page_like_every_other(client, path, key):
    others = [
        {"slug": f"other-{n}", "name": "Other", "investor": "Other", "investor_code": "XX"}
        for n in range(2)
    ]
    record({"commitment": others})
    whole = [row[key] for row in get(client, path, page_size="500")["results"]]
    found, page = [], get(client, path, page_size="2")
    while page["next"]:
        assert len(page["results"]) == 2
        found += page["results"]
        page = client.get(page["next"]).json()
    assert [row[key] for row in found + page["results"]] == whole
    refused = client.get(f"{API}{path}", {"after": "x"})
    assert (refused.status_code, refused.json()["parameter"]) == (400, "after")
    assert client.get(f"{API}{path}", {"page_size": "0"}).json()["parameter"] == "page_size"
