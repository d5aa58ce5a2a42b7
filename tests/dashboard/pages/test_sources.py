"""The documents, and what rests on each."""

from datetime import date

import pytest
from django.utils import translation

from commitments.models import Document, Fact
from commitments.services.register import kinds
from dashboard.code_words import issuer_words
from dashboard.fact_words import fact_words, named_by
from dashboard.points import naming, rows_with_documents
from tests.builders import BASE, make_project, merged, point, record
from tests.dashboard.pages.reading import Page, read


def slugs(page: Page) -> list[str]:
    rows = page.html.split("<tbody>")[1].split("</tbody>")[0]
    return [a.split("/sources/")[1].split("/")[0] for a in Page(rows).links]


def documents(number: int) -> dict:
    kinds, sides = ("fact_sheet", "press"), ("us", "press")
    return {
        "document": [
            {
                **BASE["document"][0],
                "slug": f"doc-{n}",
                "title": f"Paper {n}",
                "kind": kinds[n % 2],
                "side": sides[n % 2],
                "access": "not_seen" if n == 3 else "read",
            }
            for n in range(number)
        ]
    }


def test_sources_pages_by_key_and_loses_no_document(client, db, monkeypatch):
    monkeypatch.setattr("dashboard.pages.sources.PAGE_SIZE", 2)
    record(merged(BASE, documents(4)))
    found, address = [], "/sources/"
    while address:
        page = read(client, address)
        found += slugs(page)
        following = [a["href"] for tag, a in page.elements if a.get("rel") == "next"]
        address = following[0] if following else ""
    assert found == ["doc-0", "doc-1", "doc-2", "doc-3", "doc-test"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=press", ["doc-1", "doc-3"]),
        ("side=us", ["doc-0", "doc-2", "doc-test"]),
        ("access=not_seen", ["doc-3"]),
        ("q=paper+2", ["doc-2"]),
        ("kind=press&access=read", ["doc-1"]),
    ],
)
def test_sources_filters(client, db, query, expected):
    record(merged(BASE, documents(4)))
    page = read(client, f"/sources/?{query}")
    assert slugs(page) == expected


def test_sources_says_when_nothing_fits(client, db):
    record(BASE)
    assert "No document fits these filters." in read(client, "/sources/?q=nothing").words


def test_source_page_lists_what_rests_on_it_at_the_point(client, register):
    now = read(client, "/sources/doc-commerce-2026-02-17/?as_of=2026-11-22")
    main = now.section("<main", "</main>")
    assert "Department of Commerce fact sheet on the first three projects" in main
    assert "17 Feb 2026" in main
    assert '<li id="clm-t1-us"><p>first batch in all: $35.7–36.0bn</p>' in now.html
    address = "/sources/doc-commerce-2026-02-17/"
    for query in ("as_of=2026-01-31", "published_by=2026-02-16"):
        before = read(client, f"{address}?{query}")
        main = before.section('<main id="main">', "</main>")
        assert "This document is not on record yet" in main
        assert "fact sheet" not in main
        assert "clm-t1-us" not in before.html
        assert client.get(f"/api/v1/documents/doc-commerce-2026-02-17/?{query}").status_code == 404
    early = read(client, f"{address}?known_at=2020-01-01")
    assert "This document is not on record yet" in early.words
    assert "The register held nothing at that moment." in early.words


def test_source_page_names_the_figures_that_use_it(client, register):
    page = read(client, "/sources/doc-commerce-2026-02-17/?as_of=2026-11-22")
    assert any("/figures/selected_usd/" in a for a in page.links)
    unused = read(client, "/sources/doc-mou-2025-09-04/?as_of=2026-01-31")
    assert not any("/figures/selected_usd/" in a for a in unused.links)


def test_source_page_of_no_document_offers_the_nearest(client, register):
    page = read(client, "/sources/doc-commerce-2026-02-18/", status=404)
    assert "/sources/doc-commerce-2026-02-17/" in page.links


@pytest.mark.parametrize("projects", [1, 3])
def test_sources_ask_few_questions_whatever_the_rows(
    client, db, projects, django_assert_num_queries
):
    record(merged(BASE, documents(projects), *(make_project(f"prj-{n}") for n in range(projects))))
    for address, questions in (("/sources/", 5), ("/sources/doc-test/", 14)):
        client.get(address)
        with django_assert_num_queries(questions):
            response = client.get(address)
        assert "doc-test" in response.content.decode()


def test_source_page_speaks_in_words_and_shows_no_codes(client, register):
    page = read(client, "/sources/doc-jbic-2026-05-01/?as_of=2026-11-22")
    main = page.section("<main", "</main>")
    assert "Kind lender’s release" in main
    for words in (
        "amount signed: over ¥340.0bn",
        "Loan signed on 1 May 2026",
        "Texas GulfLink deepwater crude oil export terminal, 1 May 2026: financing agreements signed",
    ):
        assert words in main, words
    for code in (
        "None",
        "financing_signed",
        "340000000000",
        "fin-2026-05-01",
        "clm-",
        "lender_rel",
    ):
        assert code not in main, code


def test_sources_are_filtered_by_kinds_in_words(client, db):
    record(merged(BASE, documents(2)))
    assert '<option value="fact_sheet">fact sheet</option>' in read(client, "/sources/").html


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_fact_on_record_has_words(illustrative, language):
    at = point(date(2026, 11, 22))
    models = [model for model in kinds().values() if issubclass(model, Fact)]
    with translation.override(language):
        for model in models:
            for fact in model.objects.current(at).select_related(*named_by(model)):
                words = fact_words(fact, at.as_of, {})
                assert words, fact.ref
                assert "None" not in words, fact.ref


# Read for the register, and no fact of it rests on them alone.
RESTS_NOTHING = {
    "doc-ajc-2026-02-20",
    "doc-ans-2025-11-03",
    "doc-asahi-2025-11-28",
    "doc-csms-67834313",
    "doc-eo-14389",
    "doc-ft-2025-09-05",
    "doc-hudson-2025-09-26",
    "doc-ielp-2025-09",
    "doc-implementation-2025-10-28",
    "doc-irumiru-2025-10-28",
    "doc-jakotaindex-undated",
    "doc-joint-statement-2025-09-04",
    "doc-jpreports-2025-09",
    "doc-katz-2025-09",
    "doc-lexlords-2026-05-01",
    "doc-meti-2025-10-28",
    "doc-mofa-2025-07-30",
    "doc-niigata-2025-09",
    "doc-nippon-2025-04-09",
    "doc-pm-301-fl",
    "doc-sasaki-2025-09",
    "doc-takaichi-2026-02-18",
    "doc-usfrontline-2026-02-18",
    "doc-ustr-301-fl-proposal",
    "doc-wh-fs-2025-09-05",
    "doc-wikipedia-2026-02-20",
    "doc-yomiuri-2026-02-27",
}


def test_every_shipped_document_has_something_that_rests_on_it(illustrative):
    at = point(date(2029, 1, 31))
    unused = {
        document.slug
        for document in Document.objects.all()
        if not any(naming(document, rows).exists() for _kind, rows in rows_with_documents(at))
    }
    assert unused == RESTS_NOTHING


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("doc-econotimes-2025-07", "Contradictions"),
        ("doc-eo-14266", "Tariff measures"),
        ("doc-fxnote-2026-05", "financing signed, of the total: 0.4%"),
        ("doc-nvidia-2026-08-17", "capped at $105bn, an option on about 3.8 GW more"),
        ("doc-lvn-2026-06-22", "still schedules the first 800 MW"),
    ],
)
def test_source_page_leads_to_all_that_names_it(client, register, slug, words):
    main = read(client, f"/sources/{slug}/?as_of=2026-11-22").section("<main", "</main>")
    assert words in main
    assert "rests on it." not in main


def test_source_page_lists_entries_of_the_ledger_and_leads_to_the_rest(
    client, illustrative, monkeypatch
):
    monkeypatch.setattr("dashboard.pages.sources.MOST_FACTS", 2)
    address = "/sources/doc-illustrative-receipts-1/?as_of=2026-11-22"
    page = read(client, f"{address}&commitment=illustrative-us-2025")
    assert "cash received in the designated account" in page.words
    (link,) = [a for a in page.links if "/ledger-entries/" in a]
    listed = client.get(f"{link}&page_size=100").json()["results"]
    assert {row["document"] for row in listed} == {"doc-illustrative-receipts-1"}
    count = len(listed)
    assert count > 2
    assert f"The first 2 of {count}." in page.words
    assert client.get(address).status_code == 404  # what is made up is not beside the real
    early = read(
        client,
        "/sources/doc-illustrative-receipts-1/?as_of=2026-01-31&commitment=illustrative-us-2025",
    )
    assert "cash received" not in early.words


@pytest.mark.parametrize("side", ["japan", "us", "joint"])
def test_every_governments_issuer_has_its_japanese_name(register, side):
    issuers = set(Document.objects.filter(side=side).exclude(issuer="").values_list("issuer"))
    with translation.override("ja"):
        english = [issuer for (issuer,) in issuers if issuer_words(issuer).isascii()]
        spans = [issuer for (issuer,) in issuers if "<span" in issuer_words(issuer)]
    assert issuers
    assert (english, spans) == ([], [])


def test_a_document_known_from_memory_alone_is_marked_wherever_it_stands(client, register):
    page = read(client, "/sources/doc-census-2024-total/")
    assert "Date 5 Feb 2025 (unverified)" in page.words
    assert "Evidence Official (unverified)" in page.words
    assert "Not verified the whole record, from general knowledge" in page.words
    assert "All goods, Census basis, 2024: $148.2bn (unverified)" in page.words
    listed = read(client, "/sources/?q=census.gov").words
    assert "5 Feb 2025 (unverified) Official (unverified) not seen" in listed


def test_an_approximate_day_of_a_document_is_told_as_such_where_figures_cite_it(client, register):
    for address in ("/", "/sources/?q=fxnote", "/figures/signed_usd/"):
        assert "about 13 May 2026" in read(client, address).words, address
