from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from commitments.models import ApprovalCase, AuditEntry, Revision
from commitments.services.cases import (
    CaseRefused,
    FieldChange,
    approve_case,
    changed_meanwhile,
    changes_shown,
    computed_changes,
    draft_case,
    hash_of,
    rehearse,
    return_case,
    revise_case,
    stored_records,
    submit_case,
    withdraw_case,
)
from projects.models import StageEvent
from projects.services.decision_records import decision_changes
from tests.builders import record
from tests.desk import (
    COMMITMENT,
    RECORDS,
    load_small_register,
    make_changes,
    make_decision,
    make_people,
    selected_usd,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
GAS = (Decimal(33_000_000_000), Decimal(33_300_000_000))
GAS_AND_PORT = (Decimal(35_100_000_000), Decimal(35_400_000_000))

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    load_small_register()
    return make_people("editor", "approver", "viewer", "editor_2", "administrator")


def submitted(actor, **overrides):
    case = draft_case(make_changes(**overrides), title="Port selected", actor=actor)
    return submit_case(case.pk, actor=actor, version=case.version, now=NOW)


def refusal(step, *args, **kwargs):
    with pytest.raises(CaseRefused) as caught, transaction.atomic():
        step(*args, **kwargs)
    return caught.value.code


def test_approval_by_another_person_moves_the_total_and_leaves_the_earlier_one(desk):
    editor, approver, *_ = desk
    before = Revision.objects.first().number
    case = submitted(editor)

    approved = approve_case(case.pk, actor=approver, version=case.version, now=NOW)

    assert approved.state == "approved"
    assert approved.revision.kind == "case"
    assert approved.revision.actor == approver
    assert selected_usd() == GAS_AND_PORT
    assert selected_usd(before) == GAS
    assert list(StageEvent.objects.filter(revision=approved.revision).values_list("ref")) == [
        ("prj-port-selected",)
    ]


def test_nothing_reaches_the_register_before_approval(desk):
    editor, *_ = desk

    submitted(editor)

    assert selected_usd() == GAS
    assert Revision.objects.count() == 1


def test_the_one_who_entered_a_case_cannot_decide_on_it(desk):
    editor, approver, *_ = desk
    editor.groups.set(approver.groups.all() | editor.groups.all())
    editor = type(editor).objects.get(pk=editor.pk)
    case = submitted(editor)

    assert refusal(approve_case, case.pk, actor=editor, version=case.version, now=NOW) == (
        "same_person"
    )
    given = {"actor": editor, "version": case.version, "now": NOW, "reason": "no"}
    assert refusal(return_case, case.pk, **given) == "same_person"


def test_the_database_refuses_a_decision_by_the_one_who_entered(desk):
    editor, *_ = desk
    case = submitted(editor)

    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalCase.objects.filter(pk=case.pk).update(decided_by=editor)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commitments_approvalcase SET decided_by_id = created_by_id WHERE id = %s",
            [case.pk],
        )


def test_the_database_refuses_an_approved_case_without_a_revision(desk):
    editor, approver, *_ = desk
    case = submitted(editor)

    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalCase.objects.filter(pk=case.pk).update(state="approved", decided_by=approver)


def test_return_needs_a_reason_and_keeps_it_for_the_editor(desk):
    editor, approver, *_ = desk
    case = submitted(editor)
    given = {"actor": approver, "version": case.version, "now": NOW}

    assert refusal(return_case, case.pk, **given, reason="  ") == "reason"
    returned = return_case(case.pk, **given, reason="The fact sheet says 2.0bn")

    assert (returned.state, returned.decision_reason) == ("returned", "The fact sheet says 2.0bn")
    revised = revise_case(
        case.pk,
        make_changes(low=Decimal(2_000_000_000)),
        title="Port selected",
        actor=editor,
        version=returned.version,
    )
    again = submit_case(case.pk, actor=editor, version=revised.version, now=NOW)
    assert (again.state, again.decided_by, again.decision_reason) == ("submitted", None, "")
    approve_case(case.pk, actor=approver, version=again.version, now=NOW)
    assert selected_usd() == (Decimal(35_000_000_000), Decimal(35_400_000_000))


@pytest.mark.parametrize("state", ["draft", "returned", "withdrawn", "approved"])
def test_only_a_submitted_case_can_be_approved(desk, state):
    editor, approver, *_ = desk
    case = draft_case(make_changes(), title="Port", actor=editor)
    if state != "draft":
        case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    if state == "returned":
        case = return_case(case.pk, actor=approver, version=case.version, now=NOW, reason="no")
    if state == "withdrawn":
        case = withdraw_case(case.pk, actor=editor, version=case.version)
    if state == "approved":
        case = approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    posted = Revision.objects.count()

    assert refusal(approve_case, case.pk, actor=approver, version=case.version, now=NOW) == "state"
    assert Revision.objects.count() == posted


def test_a_stale_version_is_refused_and_nothing_is_lost(desk):
    editor, _approver, *_ = desk
    case = draft_case(make_changes(), title="Port", actor=editor)
    first = revise_case(
        case.pk, case.changes, title="Port, first save", actor=editor, version=case.version
    )

    stale = {"title": "Port, second save", "actor": editor, "version": case.version}
    assert refusal(revise_case, case.pk, case.changes, **stale) == "stale"
    case.refresh_from_db()
    assert (case.title, case.version) == ("Port, first save", first.version)


def test_roles_take_only_their_own_steps(desk):
    editor, approver, viewer, other, administrator = desk
    case = submitted(editor)
    decide = {"version": case.version, "now": NOW}

    for person in (viewer, approver):
        assert refusal(draft_case, make_changes(), title="x", actor=person) == "permission"
    for person in (viewer, other, administrator):
        assert refusal(approve_case, case.pk, actor=person, **decide) == "permission"
    assert refusal(withdraw_case, case.pk, actor=other, version=case.version) == "permission"


def test_a_case_is_refused_when_its_subject_changed_meanwhile(desk):
    editor, approver, _viewer, other, _administrator = desk
    case = submitted(editor)
    rival = submitted(other, who="White House", low=Decimal(2_000_000_000))
    approve_case(rival.pk, actor=approver, version=rival.version, now=NOW)

    with pytest.raises(CaseRefused) as caught, transaction.atomic():
        approve_case(case.pk, actor=approver, version=case.version, now=NOW)

    assert caught.value.code == "changed"
    assert any("prj-port-selected" in line for line in caught.value.details)
    case.refresh_from_db()
    assert case.state == "submitted"


def test_what_changed_beside_a_case_is_shown_as_it_was_at_submission(desk):
    editor, _approver, *_ = desk
    (claim,) = RECORDS["claim"]
    record({"claim": [{**claim, "high": "34000000000.00"}]})
    beside = {"kind": "claim", "data": {**claim, "ref": "clm-gas-2", "who": "A ministry"}}
    case = draft_case([beside], title="Gas", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    record({"claim": [{**claim, "high": "35000000000.00"}]})

    (moved,) = changed_meanwhile(case)

    assert (moved.ref, moved.fields) == (
        "clm-gas",
        (FieldChange("high", "34000000000", "35000000000"),),
    )


def test_a_return_of_a_case_that_moved_on_without_a_reason_is_told_of_both(desk):
    editor, approver, *_others = desk
    case = submitted(editor)
    with pytest.raises(CaseRefused, match="Somebody changed this case") as refused:
        return_case(case.pk, actor=approver, version=case.version - 1, now=NOW, reason=" ")
    assert refused.value.details == (
        "Say why the case goes back; the one who entered it reads it.",
    )


def test_a_new_fact_sent_again_does_not_pass_for_a_correction_of_another(desk):
    editor, approver, _viewer, other, _administrator = desk
    case = submitted(editor)
    named_alike = make_decision(who="White House", low=Decimal(2_000_000_000))
    rival = draft_case(decision_changes(named_alike, own=[case.pk]), title="Port", actor=other)
    rival = submit_case(rival.pk, actor=other, version=rival.version, now=NOW)
    approve_case(rival.pk, actor=approver, version=rival.version, now=NOW)
    step = {"actor": approver, "version": case.version, "now": NOW, "reason": "taken"}
    case = return_case(case.pk, **step)
    changes = [dict(change) for change in case.changes]
    changes[0]["data"] = {**changes[0]["data"], "locator": "page 3"}
    ApprovalCase.objects.filter(pk=case.pk).update(changes=changes)

    again = {"actor": editor, "version": case.version, "now": NOW}
    with pytest.raises(CaseRefused, match="another record was given the name") as caught:
        submit_case(case.pk, **again)

    assert caught.value.code == "changed"
    assert caught.value.details == ("stageevent prj-port-selected",)
    assert StageEvent.objects.filter(ref="prj-port-selected").count() == 1


def test_changes_altered_after_submission_are_refused(desk):
    editor, approver, *_ = desk
    case = submitted(editor)
    changes = case.changes
    changes[-1]["data"]["high"] = "9100000000.00"
    ApprovalCase.objects.filter(pk=case.pk).update(changes=changes)

    assert refusal(approve_case, case.pk, actor=approver, version=case.version, now=NOW) == (
        "tampered"
    )


def test_changes_rehearsed_before_are_rehearsed_anew_once_they_were_revised(desk):
    editor, *_ = desk
    case = draft_case(make_changes(), title="Port selected", actor=editor)
    wrong = make_changes()
    wrong[0]["data"]["document"] = "doc-unknown"
    case = revise_case(case.pk, wrong, title=case.title, actor=editor, version=case.version)
    given = {"version": case.version, "now": NOW, "rehearsed_at": Revision.objects.first().number}
    assert refusal(submit_case, case.pk, actor=editor, **given) == "records"


def test_a_case_with_a_record_that_cannot_be_taken_is_not_submitted(desk):
    editor, *_ = desk
    changes = make_changes()
    changes[0]["data"]["document"] = "doc-unknown"
    case = draft_case(changes, title="Port", actor=editor)

    with pytest.raises(CaseRefused) as caught, transaction.atomic():
        submit_case(case.pk, actor=editor, version=case.version, now=NOW)

    assert caught.value.details == (
        "stageevent prj-port-selected, document: no document “doc-unknown”",
    )


def test_every_step_leaves_an_audit_entry(desk):
    editor, approver, *_ = desk
    case = submitted(editor)
    approve_case(case.pk, actor=approver, version=case.version, now=NOW, reason="checked")

    trail = AuditEntry.objects.filter(kind="approvalcase", ref=str(case.pk)).order_by("pk")
    assert [(e.action, e.actor, e.after["state"], e.reason) for e in trail] == [
        ("drafted", editor, "draft", ""),
        ("submitted", editor, "submitted", ""),
        ("approved", approver, "approved", "checked"),
    ]
    assert trail[1].after["sha256"] == case.frozen_hash


def test_changes_shown_give_old_and_new_of_what_differs_only(desk):
    change = {"kind": "claim", "data": {"ref": "clm-gas", "low": "32000000000", "who": "Commerce"}}

    (shown,) = changes_shown([change])

    assert not shown.is_new
    assert [(f.name, f.old, f.new) for f in shown.fields] == [("low", "33000000000", "32000000000")]


def test_what_the_register_computes_is_shown_beside_what_a_case_says(desk):
    editor, approver, *_ = desk
    redated = {**RECORDS["document"][0], "date": "2026-02-18"}
    record({"document": [redated]})
    place = ("claim", "clm-gas")
    stored = stored_records([{"kind": "claim", "data": {"ref": "clm-gas"}}])[place]
    same = [{"kind": "claim", "data": stored}]
    assert (changes_shown(same)[0].fields, computed_changes(same)) == ((), [()])
    case = draft_case(same, title="Restated", actor=editor)
    with pytest.raises(CaseRefused, match="Nothing in this case differs"), transaction.atomic():
        submit_case(case.pk, actor=editor, version=case.version, now=NOW)

    anew = [{"kind": "claim", "data": {k: v for k, v in stored.items() if k != "published_on"}}]
    moved = (
        FieldChange("published_on", "2026-02-17", "2026-02-18"),
        FieldChange("document_on", "2026-02-17", "2026-02-18"),
    )
    assert (changes_shown(anew)[0].fields, computed_changes(anew)) == ((), [moved])
    case = draft_case(anew, title="Dated anew", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    case = approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    assert computed_changes(case.changes, posted=case.revision) == [moved]


def test_a_record_that_is_refused_is_not_missed_by_those_that_name_it(desk):
    named = {"slug": "prj-new", "commitment": COMMITMENT, "name": "New\u200b plant"}
    changes = [
        {"kind": "project", "data": named},
        {"kind": "projectprofile", "data": {"ref": "p", "project": "prj-new", "sector": "energy"}},
        {
            "kind": "stageevent",
            "data": {**RECORDS["stageevent"][0], "ref": "e", "project": "prj-new"},
        },
    ]
    with pytest.raises(CaseRefused) as caught, transaction.atomic():
        rehearse(changes)
    assert caught.value.details == ("project prj-new, name: holds a character nobody sees, U+200B",)


def test_hash_does_not_depend_on_the_order_of_keys():
    assert hash_of([{"kind": "x", "data": {"a": 1, "b": "é"}}]) == hash_of(
        [{"data": {"b": "é", "a": 1}, "kind": "x"}]
    )


PROJECT = "prj-gas"
SIGNED = {
    **{"ref": "clm-fin-gas", "commitment": COMMITMENT, "subject": "financing:fin-gas"},
    **{"aspect": "amount.signed", "low": "5.00", "high": "5.00", "unit": "usd", "who": "A lender"},
    **{"side": "us", "rank": 2, "stated_on": "2026-05-01", "document": "doc-fact-sheet"},
}
LOAN = {
    **{"ref": "fin-gas", "commitment": COMMITMENT, "projects": [PROJECT], "instrument": "loan"},
    **{"signed_on": "2026-05-01", "document": "doc-fact-sheet"},
}
RULING = {
    **{"ref": "rul-gas", "subject": f"project:{PROJECT}", "aspect": "amount.selected"},
    **{"reason": "the newer", "claims": ["clm-gas"], "document": "doc-fact-sheet"},
}
STEP = {
    **{"ref": "prj-gas-ground", "project": PROJECT, "kind": "ground_broken"},
    **{"occurred_on": "2026-06-01", "document": "doc-fact-sheet"},
}
PROFILE = {"ref": "prj-gas-profile", "project": PROJECT, "sector": "metals", "states": ["OH"]}
OF_ANOTHER_KIND = {
    "an agreement under a claim about it": (
        ("claim", SIGNED),
        {"financing": [{**LOAN, "tenor_months": 120}]},
    ),
    "a claim that a ruling chooses": (("ruling", RULING), {"claim": [{"high": "34000000000.00"}]}),
    "what is selected under a step": (
        ("stageevent", STEP),
        {"claim": [{"high": "34000000000.00"}]},
    ),
    "a profile beside a step": (("stageevent", STEP), {"projectprofile": [PROFILE]}),
    "the name of the project": (
        ("stageevent", STEP),
        {"project": [{"slug": PROJECT, "commitment": COMMITMENT, "name": "Gas anew"}]},
    ),
}


@pytest.mark.parametrize("case", OF_ANOTHER_KIND)
def test_what_a_case_speaks_of_is_seen_to_change_whatever_its_kind(desk, case):
    editor, approver, *_others = desk
    (claim,) = RECORDS["claim"]
    (kind, data), changed = OF_ANOTHER_KIND[case]
    record({"financing": [LOAN]})
    drafted = draft_case([{"kind": kind, "data": data}], title="Gas", actor=editor)
    drafted = submit_case(drafted.pk, actor=editor, version=drafted.version, now=NOW)
    record(
        {k: [({**claim, **r} if k == "claim" else r) for r in rows] for k, rows in changed.items()}
    )
    with pytest.raises(CaseRefused) as refused, transaction.atomic():
        approve_case(drafted.pk, actor=approver, version=drafted.version, now=NOW)
    assert refused.value.code == "changed"
    assert [moved.kind for moved in refused.value.moved] == list(changed)


def test_a_case_that_nothing_moved_under_is_approved_after_others(desk):
    editor, approver, *_others = desk
    drafted = draft_case([{"kind": "stageevent", "data": STEP}], title="Gas", actor=editor)
    drafted = submit_case(drafted.pk, actor=editor, version=drafted.version, now=NOW)
    other = {"slug": "prj-port", "commitment": COMMITMENT, "name": "Port anew"}
    record({"project": [other]})
    approved = approve_case(drafted.pk, actor=approver, version=drafted.version, now=NOW)
    assert approved.state == "approved"


def test_entries_that_reverse_each_other_are_refused(desk):
    editor, *_others = desk
    entry = {
        **{"commitment": COMMITMENT, "project": PROJECT, "instrument": "loan", "kind": "fee"},
        **{"value_date": "2026-06-01", "amount_usd": "-5.00", "document": "doc-payment"},
    }
    for pairs in ((("x", "x"),), (("m1", "m2"), ("m2", "m1"))):
        lines = [
            {"kind": "ledgerentry", "data": {**entry, "ref": ref, "reverses": other}}
            for ref, other in pairs
        ]
        drafted = draft_case(lines, title="a circle", actor=editor)
        with pytest.raises(CaseRefused) as refused:
            submit_case(drafted.pk, actor=editor, version=drafted.version, now=NOW)
        assert "reverses: is not in the ledger" in str(refused.value.details)


def test_an_entry_of_a_day_long_past_is_refused_in_words(desk):
    editor, *_others = desk
    line = {
        **{"ref": "old", "commitment": COMMITMENT, "project": PROJECT, "instrument": "loan"},
        **{"kind": "fee", "value_date": "0001-01-01", "amount_usd": "5.00"},
        **{"document": "doc-payment"},
    }
    drafted = draft_case([{"kind": "ledgerentry", "data": line}], title="old", actor=editor)
    with pytest.raises(CaseRefused) as refused:
        submit_case(drafted.pk, actor=editor, version=drafted.version, now=NOW)
    assert "value_date: must lie in the years 1900 to" in str(refused.value.details)


def test_an_agreement_names_its_projects_each_once(desk):
    editor, *_others = desk
    for projects, words in (([], "is required"), ([PROJECT, PROJECT], "stands twice")):
        line = {"kind": "financing", "data": {**LOAN, "projects": projects}}
        drafted = draft_case([line], title="a loan", actor=editor)
        with pytest.raises(CaseRefused) as refused:
            submit_case(drafted.pk, actor=editor, version=drafted.version, now=NOW)
        assert words in str(refused.value.details)
