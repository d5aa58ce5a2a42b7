"""The fictional scenario: rich, labelled, idempotent, and never in the real figures."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document, Revision
from projects.metrics import progress
from projects.models import ClosedPeriod, Cover, FundingNotice, LedgerEntry, Plan, StageEvent
from projects.selectors import CommitmentRecord

SLUG = "illustrative-us-2025"
DAYS = (date(2025, 10, 30), date(2026, 5, 31), date(2026, 11, 25))
pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario(illustrative):
    return Commitment.objects.get(slug=SLUG)


def record_on(day: date, slug: str) -> CommitmentRecord:
    newest = Revision.objects.order_by("-number").first()
    point = PointInTime(
        as_of=day,
        revision=newest.number,
        today=DAYS[-1],
        known_at=newest.recorded_at,
        recorded_at=newest.recorded_at,
    )
    return CommitmentRecord(Commitment.objects.get(slug=slug), point)


def figures(slug: str) -> list[str]:
    return [json.dumps(progress(record_on(day, slug)), sort_keys=True) for day in DAYS]


@pytest.mark.usefixtures("register")
def test_the_real_figures_are_the_same_bytes_before_and_after():
    slugs = list(Commitment.objects.values_list("slug", flat=True))
    before = {slug: figures(slug) for slug in slugs}
    call_command("load_illustrative", verbosity=0)
    assert {slug: figures(slug) for slug in slugs} == before


def test_the_scenario_has_its_own_figures(scenario):
    found = progress(record_on(DAYS[-1], SLUG))
    shown = {key: (found[key]["low"], found[key]["high"]) for key in SHOWN}
    assert shown == SHOWN
    assert scenario.illustrative
    assert not scenario.is_default


SHOWN = {
    "target_usd": ("550000000000.00", "550000000000.00"),
    "selected_usd": ("137900000000.00", "152900000000.00"),
    "signed_usd": ("87600000000.00", "88600000000.00"),
    "noticed_usd": ("58500000000.00", "58500000000.00"),
    "funded_usd": ("45600000000.00", "45600000000.00"),
    "disbursed_usd": ("35640000000.00", "35640000000.00"),
    "distributed_usd": ("1091000000.00", "1091000000.00"),
    "guaranteed_usd": ("25555000000.00", "25555000000.00"),
}


@pytest.mark.usefixtures("scenario")
def test_loading_again_changes_nothing_and_is_not_gone_from_the_real_files(capsys):
    count = Revision.objects.count()
    call_command("load_illustrative")
    call_command("load_register")
    assert Revision.objects.count() == count
    said = capsys.readouterr().out
    assert "1-to-june-2026: 0 added, 213 unchanged; no revision needed" in said
    assert "0 gone from the files; no revision needed" in said


def test_loading_needs_the_register_first():
    with pytest.raises(CommandError, match=r"Load the register first: manage\.py load_register"):
        call_command("load_illustrative")


def test_every_fictional_record_says_so(scenario):
    documents = Document.objects.filter(kind=Document.FICTIONAL)
    assert documents.count() > 20
    for document in documents:
        assert document.slug.startswith("doc-illustrative-"), document.slug
        assert document.title.startswith("Fictional: "), document.slug
        assert document.url == "", document.slug
    own = (
        Claim.objects.filter(commitment=scenario),
        StageEvent.objects.filter(project__commitment=scenario),
        LedgerEntry.objects.filter(commitment=scenario),
        FundingNotice.objects.filter(commitment=scenario),
    )
    for rows in own:
        for row in rows.select_related("document"):
            assert row.ref.startswith("illustrative-"), row.ref
            assert row.document.kind == Document.FICTIONAL, row.ref
    outside = Claim.objects.exclude(commitment=scenario)
    assert not outside.filter(document__kind=Document.FICTIONAL).exists()


def test_the_scenario_holds_every_case_a_page_can_meet(scenario):
    entries = LedgerEntry.objects.filter(commitment=scenario)
    notices = FundingNotice.objects.filter(commitment=scenario)
    assert set(entries.values_list("kind", flat=True)) == set(LedgerEntry.Kind.values)
    assert entries.filter(reverses__isnull=False).count() == 1
    assert entries.exclude(override_reason="").count() == 1
    assert entries.exclude(late_reason="").count() == 2
    assert entries.filter(currency="JPY", fx_rate__gt=0).exclude(fx_source="").count() == 3
    assert notices.exclude(declined_on=None).count() == 1
    assert notices.filter(specified_on=None).count() >= 3
    assert Cover.objects.filter(financing__commitment=scenario).count() == 4
    assert Plan.objects.filter(commitment=scenario, project=None).count() == 2
    assert ClosedPeriod.objects.get(commitment=scenario).ends_on == date(2026, 6, 30)
    events = StageEvent.objects.filter(project__commitment=scenario)
    assert {"declined", "withdrawn", "cancelled"} <= set(events.values_list("kind", flat=True))
    assert events.filter(planned=True).count() == 1
