"""Two people at once: one decision is taken, and none over a change that nobody saw."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookLong
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from commitments.models import ApprovalCase, Revision
from commitments.services import cases as module
from commitments.services.cases import CaseRefused, approve_case, draft_case, submit_case
from tests.builders import record
from tests.desk import RECORDS, load_small_register, make_changes, make_people, selected_usd

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


def submitted(actor, **overrides):
    case = draft_case(make_changes(**overrides), title="Port", actor=actor)
    return submit_case(case.pk, actor=actor, version=case.version, now=NOW)


def approved_at_once(pairs):
    """Approve each (case, actor) in its own thread, all let loose together; say what came of it."""
    gate = Barrier(len(pairs))

    def approve(pair):
        case, actor = pair
        try:
            gate.wait(timeout=10)
            approve_case(case.pk, actor=actor, version=case.version, now=NOW)
            return "approved"
        except CaseRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pairs)) as pool:
        return sorted(pool.map(approve, pairs))


def test_two_approvers_of_one_case_take_one_decision():
    load_small_register()
    editor, *approvers = make_people("editor", *(f"approver_{n}" for n in range(8)))
    case = submitted(editor)

    outcomes = approved_at_once([(case, approver) for approver in approvers])

    assert outcomes == ["approved", *["stale"] * 7]
    assert Revision.objects.filter(kind="case").count() == 1
    assert selected_usd() == (Decimal(35_100_000_000), Decimal(35_400_000_000))


def test_rival_cases_about_one_project_approved_at_once_post_one():
    load_small_register()
    editor, other, *approvers = make_people("editor", "editor_2", "approver", "approver_2")
    cases = [submitted(editor), submitted(other, who="White House", low=Decimal(2_000_000_000))]

    outcomes = approved_at_once(list(zip(cases, approvers, strict=True)))

    assert outcomes == ["approved", "changed"]
    states = ApprovalCase.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["approved", "submitted"]
    assert Revision.objects.filter(kind="case").count() == 1


def test_what_is_posted_while_a_case_is_frozen_waits_and_is_seen_by_its_approver(monkeypatch):
    load_small_register()
    editor, approver = make_people("editor", "approver")
    [claim] = RECORDS["claim"]
    line = {"kind": "claim", "data": {**claim, "high": "34000000000.00"}}
    case = draft_case([line], title="Gas", actor=editor)
    stored_records, posting = module.stored_records, []

    def post_another():
        try:
            record({"claim": [{**claim, "high": "50000000000.00"}]})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:

        def read_beside_a_posting(changes):
            found = stored_records(changes)
            if not posting:
                posting.append(pool.submit(post_another))
                with pytest.raises(TookLong):
                    posting[0].result(timeout=1)
            return found

        monkeypatch.setattr(module, "stored_records", read_beside_a_posting)
        case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
        posting[0].result(timeout=10)

    assert case.changes[0]["before"]["high"] == "33300000000"
    with pytest.raises(CaseRefused) as refused:
        approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    assert refused.value.code == "changed"
