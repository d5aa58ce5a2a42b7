"""Eight at once on one limit: the exact total, no over-run, and the others are told why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Sum

from commitments.models import ApprovalCase
from commitments.services.cases import CaseRefused, approve_case, draft_case, submit_case
from projects.models import FundingNotice, LedgerEntry
from projects.services.entries import reversal_record
from projects.services.verification import verify_ledger
from tests.builders import (
    entry_record,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    post,
    record,
)
from tests.desk import make_people

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EIGHT = range(8)

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(db) -> list[User]:
    """An editor and eight approvers before a project selected and noticed at 500."""
    make_register()
    record(merged(make_project("prj-1", low="500.00", high="500.00"), make_project("prj-2")))
    record({"fundingnotice": [make_notice("prj-1", "500.00")]})
    return make_people("editor", *(f"approver_{n}" for n in EIGHT))


def at_once(act: Callable[[Any], Any], what: list[Any]) -> list[str]:
    """Let a thread loose on each of some things, all together; say what came of each."""
    gate = Barrier(len(what))

    def one(thing: Any) -> str:
        try:
            gate.wait(timeout=20)
            act(thing)
            return "posted"
        except CaseRefused as refused:
            return "; ".join([refused.message, *refused.details])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(what)) as pool:
        return sorted(pool.map(one, what))


def submitted(editor: User, kind: str, data: dict[str, Any]) -> ApprovalCase:
    case = draft_case([{"kind": kind, "data": data}], title=data["ref"], actor=editor)
    return submit_case(case.pk, actor=editor, version=case.version, now=NOW)


def approve(pair: tuple[ApprovalCase, User]) -> None:
    case, actor = pair
    approve_case(case.pk, actor=actor, version=case.version, now=NOW)


def total(**of: Any) -> Decimal | None:
    return LedgerEntry.objects.filter(**of).aggregate(t=Sum("amount_usd"))["t"]


def holds() -> None:
    assert verify_ledger(lambda _percent: None).findings == ()
    numbers = LedgerEntry.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_eight_receipts_on_one_notice_fill_it_exactly(people):
    editor, *approvers = people
    notice = FundingNotice.objects.get()
    receipts = [
        entry_record(make_entry("prj-1", "100.00", ref=f"led-{n}", notice=notice, excuse=""))
        for n in EIGHT
    ]
    cases = [submitted(editor, "ledgerentry", receipt) for receipt in receipts]

    outcomes = at_once(approve, list(zip(cases, approvers, strict=True)))

    told = (
        "This would break a rule of the register.; "
        "project prj-1, amount_usd: funded 600.00 USD, but noticed 500.00 USD; "
        "fundingnotice ntc-prj-1, amount_usd: funded 600.00 USD, but this notice calls 500.00 USD"
    )
    assert outcomes == [told] * 3 + ["posted"] * 5
    assert total() == Decimal("500.00")
    assert ApprovalCase.objects.filter(state="submitted").count() == 3
    holds()


def test_eight_payments_from_one_account_spend_what_came_in_and_no_more(people):
    editor, *approvers = people
    post([make_entry("prj-1", "300.00", notice=FundingNotice.objects.get(), excuse="")])
    payments = [
        entry_record(make_entry("prj-1", "75.00", ref=f"pay-{n}", kind="disbursement", excuse=""))
        for n in EIGHT
    ]
    cases = [submitted(editor, "ledgerentry", payment) for payment in payments]

    outcomes = at_once(approve, list(zip(cases, approvers, strict=True)))

    told = (
        "This would break a rule of the register.; "
        "project prj-1, amount_usd: disbursed 375.00 USD, but funded 300.00 USD"
    )
    assert outcomes == ["posted"] * 4 + [told] * 4 or outcomes == [told] * 4 + ["posted"] * 4
    assert total(kind="disbursement") == Decimal("300.00")
    holds()


def test_eight_payments_of_one_notice_spend_what_came_in_on_it_and_no_more(people):
    editor, *approvers = people
    given = {"notice": FundingNotice.objects.get(), "excuse": ""}
    post([make_entry("prj-1", "300.00", **given), make_entry("prj-1", "200.00", excuse="")])
    payments = [
        entry_record(make_entry("prj-1", "75.00", ref=f"pay-{n}", kind="disbursement", **given))
        for n in EIGHT
    ]
    cases = [submitted(editor, "ledgerentry", payment) for payment in payments]

    outcomes = at_once(approve, list(zip(cases, approvers, strict=True)))

    told = (
        "This would break a rule of the register.; fundingnotice ntc-prj-1, amount_usd: "
        "disbursed 375.00 USD, but received 300.00 USD on this notice"
    )
    assert sorted(outcomes) == sorted(["posted"] * 4 + [told] * 4)
    assert total(kind="disbursement") == Decimal("300.00")
    holds()


def test_eight_approvals_of_one_payment_post_it_once(people):
    editor, *approvers = people
    notice = FundingNotice.objects.get()
    entry = entry_record(make_entry("prj-1", "500.00", ref="led-1", notice=notice, excuse=""))
    case = submitted(editor, "ledgerentry", entry)

    outcomes = at_once(approve, [(case, approver) for approver in approvers])

    told = "Somebody changed this case since you opened it. Read it again, then decide."
    assert outcomes == [told] * 7 + ["posted"]
    assert total() == Decimal("500.00")
    holds()


def test_eight_notices_on_one_selection_call_it_exactly(people):
    editor, *approvers = people
    record(make_project("prj-3", low="300.00", high="400.00"))
    notices = [make_notice("prj-3", "100.00", ref=f"ntc-{n}", number=str(n)) for n in EIGHT]
    cases = [submitted(editor, "fundingnotice", notice) for notice in notices]
    # Notices of one project stand beside each other: all but the first were submitted before it.
    outcomes = at_once(approve, list(zip(cases, approvers, strict=True)))

    assert outcomes.count("posted") <= 4
    called = FundingNotice.objects.filter(project__slug="prj-3").aggregate(t=Sum("amount_usd"))
    assert called["t"] == 100 * outcomes.count("posted")
    assert all(o == "posted" or "Changed meanwhile" in o or "but selected" in o for o in outcomes)
    holds()


def test_eight_reversals_of_one_entry_reverse_it_once(people):
    editor, *approvers = people
    post([make_entry("prj-1", "300.00", ref="led-1", excuse="")])
    entry = LedgerEntry.objects.get()
    opposite = reversal_record(entry, entry.document)
    cases = [submitted(editor, "ledgerentry", {**opposite, "ref": f"rev-{n}"}) for n in EIGHT]

    outcomes = at_once(approve, list(zip(cases, approvers, strict=True)))

    assert outcomes.count("posted") == 1
    [winner] = LedgerEntry.objects.exclude(reverses=None).values_list("ref", flat=True)
    assert {o.rsplit(": ", 1)[1] for o in outcomes if o != "posted"} == {
        f"led-1 was reversed by {winner}"
    }
    assert total() == Decimal("0.00")
    holds()


def test_beyond_a_limit_needs_an_administrator_and_a_reason(people):
    editor, approver, *_others = people
    [administrator] = make_people("administrator")
    beyond = entry_record(make_entry("prj-1", "500.01", ref="led-1", excuse=""))
    forced = {**beyond, "override_reason": "the bank sent a cent too much"}

    with pytest.raises(CaseRefused, match="would break a rule"):
        submitted(administrator, "ledgerentry", beyond)
    with pytest.raises(CaseRefused, match="Your role does not include this step"):
        submitted(editor, "ledgerentry", forced)
    case = submitted(administrator, "ledgerentry", forced)
    with pytest.raises(CaseRefused, match="Your role does not include this step"):
        approve((case, administrator))
    approve((case, approver))

    entry = LedgerEntry.objects.get()
    assert (entry.amount_usd, entry.override_reason) == (
        Decimal("500.01"),
        "the bank sent a cent too much",
    )
    holds()
