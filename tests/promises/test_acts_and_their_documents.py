"""An act was public no earlier than it was done, whatever the date of its document."""

from datetime import date

import pytest

from commitments.models import Claim
from dashboard.casework import cited_documents
from projects.metrics import BY_KEY, evaluate
from projects.models import Cover, Financing, FundingNotice, LedgerEntry, StageEvent
from projects.services.verification import verify_ledger
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    entry_record,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    reading,
    record,
)

pytestmark = pytest.mark.django_db
EARLY = date(2025, 9, 4)  # of the document
SELECTED, SIGNED, NOTICED, FUNDED = (
    date(2026, 2, 17),
    date(2026, 5, 1),
    date(2026, 3, 2),
    date(2026, 6, 1),
)
AGREED = {
    **{"ref": "fin-1", "commitment": COMMITMENT, "instrument": "loan", "projects": ["prj-1"]},
    **{"signed_on": str(SIGNED), "document": LENDER_RELEASE},
}
COVER = {
    **{"ref": "cov-1", "financing": "fin-1", "insurer": "inst-lender", "document": LENDER_RELEASE},
    "in_force_on": str(SIGNED),
}


@pytest.fixture(autouse=True)
def _posted(db):
    """Acts of 2026, all proved by one document of 2025."""
    make_register()
    planned = {
        **{"ref": "prj-1-site", "project": "prj-1", "kind": "site_secured", "planned": True},
        **{"occurred_on": "2027-01-01", "document": DOCUMENT},
    }
    record(merged(make_project("prj-1"), {"stageevent": [planned]}))
    record({"document": [LENDER_DOCUMENT], "financing": [AGREED], "cover": [COVER]})
    record({"fundingnotice": [make_notice("prj-1", "100.00")]})
    record({"ledgerentry": [entry_record(make_entry("prj-1", "100.00", excuse=""))]})


def test_no_act_is_public_before_its_own_day():
    published = {
        model: model.objects.exclude(ref="prj-1-site").get().published_on
        for model in (StageEvent, Financing, Cover, FundingNotice, LedgerEntry)
    }
    assert published == {
        **{StageEvent: SELECTED, Financing: SIGNED, Cover: SIGNED},
        **{FundingNotice: NOTICED, LedgerEntry: FUNDED},
    }
    assert verify_ledger(lambda _percent: None).findings == ()


def test_what_is_only_planned_is_public_with_its_document():
    assert StageEvent.objects.get(ref="prj-1-site").published_on == EARLY


@pytest.mark.parametrize(
    ("stated_on", "public"), [("2026-05-13", date(2026, 5, 31)), ("2026-05-14", date(2026, 5, 14))]
)
def test_a_statement_knows_the_day_of_its_document_no_better_than_the_document(stated_on, public):
    note = {
        "slug": "doc-note",
        "title": "Note",
        "kind": "report",
        "side": "other",
        "access": "read",
    }
    note |= {"date": "2026-05-13", "date_precision": "approximate"}
    said = make_project("prj-2")["claim"][0]
    said |= {"document": "doc-note", "side": "other", "rank": 2}
    said |= {"stated_on": stated_on, "stated_precision": "day"}
    record(
        merged(make_project("prj-2"), {"document": [note]}, {"claim": [{**said, "ref": "clm-2"}]})
    )
    assert Claim.objects.get(ref="clm-2").published_on == public


def test_a_day_of_publication_before_the_act_is_not_kept():
    record({"financing": [{**AGREED, "ref": "fin-2", "published_on": "2026-04-01"}]})
    assert Financing.objects.get(ref="fin-2").published_on == SIGNED


@pytest.mark.parametrize(
    ("published_by", "noticed", "funded"),
    [(date(2026, 3, 1), 0, 0), (NOTICED, 100, 0), (FUNDED, 100, 100)],
)
def test_nothing_counts_as_known_before_it_happened(published_by, noticed, funded):
    found = reading(published_by=published_by)
    figures = [evaluate(BY_KEY[key], found).bounds.value for key in ("noticed_usd", "funded_usd")]
    assert figures == [noticed, funded]


def test_who_decides_is_told_that_a_document_is_older_than_the_act():
    changes = [{"kind": "financing", "data": AGREED}]
    [cited] = cited_documents(changes)
    assert cited.older == ("The document is older than the act: fin-1 of 2026-05-01.")
    [cited] = cited_documents([*changes, {"kind": "cover", "data": COVER}])
    assert cited.older.startswith("The document is older than 2 acts, the last of them ")
    same_day = {**AGREED, "signed_on": str(EARLY)}
    assert [c.older for c in cited_documents([{"kind": "financing", "data": same_day}])] == [""]


INSTANT = {
    **make_notice("prj-1", "5.00", ref="ntc-2", number="2", received_on=None),
    **{"received_at": "2026-11-24T19:00:00-05:00", "received_zone": "America/New_York"},
}


def test_a_notice_entered_by_its_instant_is_public_from_its_day_in_tokyo():
    record({"fundingnotice": [INSTANT]})
    notice = FundingNotice.objects.get(ref="ntc-2")
    assert (notice.received_on, notice.published_on) == (date(2026, 11, 25), date(2026, 11, 25))
    [cited] = cited_documents([{"kind": "fundingnotice", "data": INSTANT}])
    assert cited.older == "The document is older than the act: ntc-2 of 2026-11-25."


def test_a_document_entered_in_the_same_case_is_weighed_too():
    new = {"kind": "document", "data": {"slug": "doc-new", "title": "New", "date": "2026-04-30"}}
    line = {"kind": "financing", "data": {**AGREED, "document": "doc-new"}}
    assert "fin-1 of 2026-05-01" in cited_documents([new, line])[0].older
