"""Two approvers at once: one decision is taken, the other is refused in words."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from commitments.models import ApprovalCase, Revision
from commitments.services.cases import CaseRefused, approve_case, draft_case, submit_case
from tests.desk import load_small_register, make_changes, make_people, selected_usd

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
