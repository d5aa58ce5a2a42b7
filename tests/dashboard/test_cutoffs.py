"""How far the evidence reaches: the newest document date among everything visible."""

import pytest

from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")


@pytest.mark.parametrize(
    ("as_of", "agreement", "tariffs", "overall"),
    [
        ("2025-07-21", None, "2025-07-15", "2025-07-16"),  # Bahrain's framework
        ("2025-11-05", "2025-10-29", "2025-11-01", "2025-11-03"),  # listed, nothing rests on it yet
        ("2026-01-10", "2026-01-07", "2025-12-16", "2026-01-07"),  # the Consultation Committee
        ("2026-11-24", "2026-09-26", "2026-10-07", "2026-10-07"),
    ],
)
def test_every_kind_of_fact_moves_the_cut_off(client, as_of, agreement, tariffs, overall):
    meta = client.get(f"/api/v1/projects/?as_of={as_of}").json()["meta"]
    found = (meta["agreement_cutoff"], meta["tariffs_cutoff"], meta["data_cutoff"])
    assert found == (agreement, tariffs, overall)


@pytest.mark.parametrize("slug", ["japan-us-2025", "korea-us-2025", "eu-us-2025"])
@pytest.mark.parametrize("as_of", ["2025-07-21", "2025-11-05", "2026-01-10", "2026-06-30"])
def test_no_document_listed_is_newer_than_the_cut_off(client, slug, as_of):
    asked = f"as_of={as_of}&commitment={slug}"
    body = client.get(f"/api/v1/documents/?page_size=500&{asked}").json()
    listed = [row["date"] for row in body["results"] if row["date"] and row["date"] <= as_of]
    assert max(listed, default="") <= body["meta"]["data_cutoff"] <= as_of


def test_the_band_dates_a_document_as_exactly_as_the_list_of_sources(client):
    said = "Newest document on record: agreement about 31 Dec 2025, tariffs"
    assert said in read(client, "/sources/?as_of=2026-01-03").words
    said = "agreement 29 Oct 2025, tariffs and reactions 1 Nov 2025, overall 3 Nov 2025."
    assert said in read(client, "/sources/?as_of=2025-11-05").words


@pytest.mark.usefixtures("illustrative")
@pytest.mark.parametrize(
    ("slug", "page", "answer"),
    [
        ("korea-us-2025", "compare/", "compare/"),
        ("eu-us-2025", "compare/", "compare/"),
        ("illustrative-us-2025", "compare/", "compare/"),
        ("illustrative-us-2025", "watch/", "watch/"),
        ("illustrative-us-2025", "", None),
    ],
)
def test_what_reads_all_commitments_counts_the_documents_of_all(client, slug, page, answer):
    asked = f"commitment={slug}&as_of=2025-11-20"
    shown = read(client, f"/{page}?{asked}")
    assert "/sources/doc-sa-2025-11/" in shown.html  # Saudi Arabia, 19 Nov 2025
    assert "overall 19 Nov 2025." in shown.words
    if answer is not None:
        meta = client.get(f"/api/v1/{answer}?{asked}").json()["meta"]
        assert (meta["data_cutoff"], meta["tariffs_cutoff"]) == ("2025-11-19", "2025-11-14")


def test_what_reads_one_commitment_does_not_count_the_documents_of_others(client):
    asked = "commitment=korea-us-2025&as_of=2025-11-20"
    assert client.get(f"/api/v1/projects/?{asked}").json()["meta"]["data_cutoff"] == "2025-11-14"
