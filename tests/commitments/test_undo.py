"""Taking a revision back as one: new facts, corrections, labels and entries."""

import pytest
from django.utils import timezone

from commitments.models import Claim, Institution, Revision
from commitments.services.cases import CaseRefused, approve_case, draft_case, submit_case
from commitments.services.undo import propose_undo
from projects.models import LedgerDay, LedgerEntry, StageEvent
from tests.builders import make_entry
from tests.builders import post as post_entries
from tests.desk import (
    COMMITMENT,
    RECORDS,
    load_small_register,
    make_changes,
    make_people,
    selected_usd,
)

pytestmark = pytest.mark.django_db

ENTRY = {
    **{"ref": "led-1", "commitment": COMMITMENT, "project": "prj-gas", "instrument": "loan"},
    **{"kind": "fee", "value_date": "2026-06-01", "amount_usd": "12.50", "document": "doc-payment"},
}


@pytest.fixture
def desk():
    load_small_register()
    return make_people("editor", "approver")


def decide(case, approver):
    return approve_case(case.pk, actor=approver, version=case.version, now=timezone.now()).revision


def post(changes, desk):
    editor, approver = desk
    case = draft_case(changes, title="A change", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    return decide(case, approver)


def take_back(revision, desk, reason="entered by mistake"):
    return propose_undo(revision.pk, actor=desk[0], reason=reason, now=timezone.now())


def test_a_revision_is_taken_back_as_one_by_another_person(desk):
    before = selected_usd()
    claim = {**RECORDS["claim"][0], "low": "40000000000", "high": "40000000000"}
    label = {"slug": "inst-jbic", "name": "The bank"}
    changes = [
        *make_changes(),
        {"kind": "claim", "data": claim},
        {"kind": "institution", "data": label},
        {"kind": "ledgerentry", "data": ENTRY},
    ]
    revision = post(changes, desk)
    assert selected_usd() != before

    case = take_back(revision, desk)
    assert take_back(revision, desk).pk == case.pk
    with pytest.raises(CaseRefused) as refused:
        decide(case, desk[0])
    assert refused.value.code in ("permission", "same_person")
    undone = decide(case, desk[1])

    assert selected_usd() == before
    assert selected_usd(revision.pk) != before
    assert Institution.objects.get(slug="inst-jbic").name == "JBIC"
    assert Claim.objects.heads().get(ref="clm-gas").low == 33_000_000_000
    new = StageEvent.objects.heads().filter(project__slug="prj-port", kind="selected").get()
    assert (new.withdrawn, new.revision) == (True, undone)
    assert [(e.ref, str(e.amount_usd)) for e in LedgerEntry.objects.order_by("number")] == [
        ("led-1", "12.50"),
        ("led-1-reversed", "-12.50"),
    ]
    assert LedgerDay.objects.get(kind="fee").amount_usd == 0
    assert case.title == f"Take back r{revision.pk}: A change"


def test_what_was_taken_back_can_come_back(desk):
    revision = post([*make_changes(), {"kind": "ledgerentry", "data": ENTRY}], desk)
    after = selected_usd()
    undone = decide(take_back(revision, desk), desk[1])

    decide(take_back(undone, desk, reason="it was right"), desk[1])

    assert selected_usd() == after
    assert LedgerDay.objects.get(kind="fee").amount_usd * 100 == 1250


def test_what_was_let_through_a_limit_is_taken_back_without_a_reason_for_it(desk):
    revision = post_entries([make_entry("prj-gas", "9.00")])
    decide(take_back(revision, desk), desk[1])
    reversal = LedgerEntry.objects.get(reverses__isnull=False)
    assert (str(reversal.amount_usd), reversal.override_reason) == ("-9.00", "")


@pytest.mark.parametrize(
    ("reason", "message"),
    [("  ", "Say why it is taken back; the reason is public.")],
)
def test_an_undoing_needs_a_reason(desk, reason, message):
    revision = post(make_changes(), desk)
    with pytest.raises(CaseRefused, match=message):
        take_back(revision, desk, reason=reason)


def test_a_load_is_not_taken_back(desk):
    with pytest.raises(CaseRefused, match="Only an approved case or an import can be taken back"):
        take_back(Revision.objects.get(), desk)


def test_what_was_changed_since_stands_in_the_way(desk):
    claim = RECORDS["claim"][0]
    revision = post([{"kind": "claim", "data": {**claim, "note": "one"}}], desk)
    later = post([{"kind": "claim", "data": {**claim, "note": "two"}}], desk)

    with pytest.raises(CaseRefused) as refused:
        take_back(revision, desk)

    assert refused.value.details == (f"claim clm-gas: r{later.pk}",)
