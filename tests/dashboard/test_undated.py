"""What published_by leaves out for want of a date: page and answer count it over what they read."""

import re

import pytest

from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")
ASKED = "as_of=2026-02-28&published_by=2026-02-10"


@pytest.mark.parametrize(
    ("page", "answer", "count"),
    [
        ("", "commitments/japan-us-2025/progress/", 17),
        ("projects/", "projects/", 17),
        ("figures/", "metrics/", 17),
        ("figures/days_left/", "metrics/days_left/", 17),
        ("figures/average_duty_rate/", "metrics/average_duty_rate/", 3),
        ("returns/", "returns/", 17),
        ("calls/", "notices/", 0),
        ("tariffs/", "tariffs/exposure/", 3),
        ("compare/", "compare/", 0),
        ("claims/", "claims-against-record/", 19),
        ("watch/", "watch/", 41),
        ("reactions/", "reactions/", 0),
        ("glossary/", "glossary/", 0),
        ("corrections/", "corrections/", 17),
        ("decisions/", "decisions/", 17),
        ("scenarios/", "scenarios/", 0),  # kept as stored, whatever was public
        ("data/term/", "terms/", 0),
        ("data/measure/", "tariff-measures/", 2),
        ("data/document/", "documents/", 12),
        ("data/sector/", "sectors/", 0),
    ],
)
def test_page_and_answer_leave_out_as_many(client, page, answer, count):
    meta = client.get(f"/api/v1/{answer}?{ASKED}").json()["meta"]
    said = re.findall(
        r"(\d+) undated facts? (?:is|are) left out", read(client, f"/{page}?{ASKED}").words
    )
    assert (meta["undated_dropped"], [int(n) for n in said]) == (count, [count] if count else [])


def test_a_page_of_all_tables_leaves_out_what_each_of_them_does(client):
    kinds = read(client, f"/data/?{ASKED}")
    (said,) = re.findall(r"(\d+) undated facts are left out", kinds.words)
    assert int(said) > 41
    assert "left out" not in read(client, "/data/").words


@pytest.mark.usefixtures("illustrative")
@pytest.mark.parametrize(
    "slug",
    ["japan-us-2025", "illustrative-us-2025", "eu-us-2025", "uae-us-2025", "bahrain-us-2025"],
)
def test_the_undated_documents_left_out_are_those_the_list_would_hold(client, slug):
    def listed(**asked):
        given = {"commitment": slug, "as_of": "2026-11-24", "page_size": 500, **asked}
        return client.get("/api/v1/documents/", given).json()

    whole, public = listed(), listed(published_by="2026-11-24")
    left = sum(row["date"] is None for row in whole["results"])
    assert len(whole["results"]) - len(public["results"]) == left
    assert public["meta"]["undated_dropped"] == left
    page = read(client, f"/sources/?commitment={slug}&as_of=2026-11-24&published_by=2026-11-24")
    said = re.findall(r"(\d+) undated documents? (?:is|are) left out", page.words)
    assert [int(n) for n in said] == ([left] if left else [])
