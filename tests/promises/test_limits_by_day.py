"""Nothing posted without a reason leaves a sum further beyond its limit, on any day, by any page.

Random histories of one project are held against what the register itself answers for each day.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from commitments.calculations.bounds import total
from projects.models import Financing, FundingNotice, LedgerEntry
from projects.services.verification import verify_ledger
from tests.builders import (
    COMMITMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    TODAY,
    broken,
    entry_record,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    reading,
    record,
)

AMOUNT = make_project("prj-1", low="300.00", high="300.00")["claim"][0]
DAYS = ("2026-03-02", "2026-04-01", "2026-05-07", "2026-06-01")
amounts, days = st.sampled_from(("50", "100", "200", "300", "400")), st.sampled_from(DAYS)
reasons, which = st.booleans(), st.sampled_from(("a", "b"))
claims = st.tuples(st.just("claim"), which, amounts, days, st.just(value=False))
notices = st.tuples(st.just("notice"), which, amounts, days, reasons)
agreements = st.tuples(st.just("agreement"), which, amounts, days, reasons)
receipts = st.tuples(st.just("funding"), which, amounts, days, reasons)
payments = st.tuples(st.just("disbursement"), which, amounts, days, reasons)
repayments = st.tuples(st.just("principal"), which, amounts, days, reasons)
reversals = st.tuples(st.just("reverse"), which, amounts, days, st.just(value=False))
ANY = st.one_of(
    claims, reversals, notices, notices, agreements, receipts, receipts, payments, repayments
)
STEPS = st.lists(st.tuples(ANY, ANY, st.booleans()), min_size=3, max_size=8)


def claimed(ref: str, amount: str, on: str) -> dict:
    return {**AMOUNT, "ref": f"clm-{ref}", "low": amount, "high": amount, "stated_on": on}


def records_of(number: int, step: tuple) -> dict[str, list[dict]]:
    """The records of one step; a reversal takes the newest entry that stands."""
    kind, ref, amount, on, has_reason = step
    reason = f"reason {number}" if has_reason else ""
    if kind == "claim":
        return {"claim": [claimed(ref, amount, on)]}
    if kind == "notice":
        called = {"ref": f"ntc-{ref}", "number": ref, "received_on": on, "override_reason": reason}
        return {"fundingnotice": [make_notice("prj-1", amount, **called)]}
    if kind == "agreement":
        named = {"ref": f"fin-{ref}", "commitment": COMMITMENT, "projects": ["prj-1"]}
        signed = {"instrument": "loan", "signed_on": on, "document": LENDER_RELEASE}
        claim = {"aspect": "amount.signed", "subject": f"financing:fin-{ref}"}
        return {
            "financing": [{**named, **signed, "override_reason": reason}],
            "claim": [{**claimed(f"fin-{ref}", amount, on), **claim}],
        }
    if kind == "reverse":
        entry = LedgerEntry.objects.filter(reverses=None, reversal=None).order_by("number").last()
        if entry is None:
            return {}
        back = {"ref": f"{entry.ref}-back", "reverses": entry.ref, "override_reason": ""}
        opposite = dict.fromkeys(("amount", "amount_usd"), f"-{entry.amount_usd}")
        return {"ledgerentry": [{**entry_record(entry), **back, **opposite}]}
    notice = FundingNotice.objects.filter(supersedes=None, ref=f"ntc-{ref}").first()
    given = {"ref": f"led-{number}", "kind": kind, "on": date.fromisoformat(on), "excuse": reason}
    of = None if kind == "principal" else notice
    return {"ledgerentry": [entry_record(make_entry("prj-1", amount, notice=of, **given))]}


Sums = dict[str, Decimal | None]


def sums_on(day: date) -> Sums:
    """What stands on each rung on a day, as pages show it, and of each notice; None: not stated."""
    told = reading(day)
    sums: Sums = {
        rung: total(member.row.bounds for member in told.members(rung)).high or Decimal(0)
        for rung in ("signed", "noticed", "funded", "disbursed")
    }
    sums["selected"] = total(m.row.bounds for m in told.members("selected")).high
    moved = LedgerEntry.objects.filter(value_date__lte=day)
    sums["repaid"] = sum((e.amount_usd for e in moved.filter(kind="principal")), Decimal(0))
    for notice in FundingNotice.objects.heads():
        own = moved.filter(notice=notice.root_key)
        is_called = notice.received_on <= day
        sums[f"called {notice.ref}"] = notice.amount_called if is_called else Decimal(0)
        for kind in ("funding", "disbursement"):
            listed = (entry.amount_usd for entry in own.filter(kind=kind))
            sums[f"{kind} {notice.ref}"] = sum(listed, Decimal(0))
    return sums


def told() -> dict[date, Sums]:
    return {day: sums_on(day) for day in (*map(date.fromisoformat, DAYS), TODAY)}


def grown(before: dict[date, Sums], after: dict[date, Sums]) -> list[tuple[str, date]]:
    """The sums that stand further beyond their limit than before, and the days on which they do.

    What is not stated is no limit, unless it was stated before.
    """
    found = []
    for day, now in after.items():
        was = before[day]
        for sum_, limit in limits(now):
            stood, stands = was.get(sum_) or Decimal(0), now[sum_]
            limited = was.get(limit, Decimal(0))
            least = limited if limited is None else Decimal(0)
            most = least if now[limit] is None else now[limit]
            excess = Decimal(0) if most is None else max(Decimal(0), stands - most)
            if excess > (Decimal(0) if limited is None else max(Decimal(0), stood - limited)):
                found.append((sum_, day))
    return found


def limits(sums: Sums) -> Iterator[tuple[str, str]]:
    yield from (("signed", "selected"), ("noticed", "selected"), ("funded", "noticed"))
    yield from (("disbursed", "funded"), ("repaid", "funded"))
    for name in [n for n in sums if n.startswith("called ")]:
        ref = name.removeprefix("called ")
        yield from ((f"funding {ref}", name), (f"disbursement {ref}", f"funding {ref}"))


def beside(one: dict[str, list[dict]], other: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Two sets of records as one; the first alone where both speak of one record."""
    named = [{row["ref"] for rows in records.values() for row in rows} for records in (one, other)]
    return one if named[0] & named[1] else merged(one, other)


def is_anything_let_through() -> bool:
    """Whether something carries a reason: what carries none is then held by itself as well."""
    rows = (LedgerEntry.objects.filter(reversal=None), FundingNotice.objects.heads())
    return any(
        own.exclude(override_reason="").exists() for own in (*rows, Financing.objects.heads())
    )


class LimitsByDay(TestCase):
    """Every example begins with one project, selected at 300 dollars."""

    @given(STEPS)
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_an_excess_grows_for_a_reason_only(self, steps):
        make_register()
        record({"document": [LENDER_DOCUMENT]})
        project = make_project("prj-1")
        record({**project, "claim": [claimed("a", "300", "2026-02-17")]})
        for number, (step, other, is_alone) in enumerate(steps):
            records, before = records_of(2 * number, step), told()
            if not is_alone and not step[-1]:  # two at once, neither with a reason
                records = beside(records, records_of(2 * number + 1, (*other[:-1], False)))
            words = broken(records) if records else []
            if step[-1]:
                assert words == []
            with transaction.atomic():
                record(records)
                beyond = grown(before, told())
                assert step[-1] or words or not beyond, beyond
                assert beyond or not words or is_anything_let_through(), words
                transaction.set_rollback(bool(words))
        assert verify_ledger(lambda _percent: None).findings == ()


pytestmark = pytest.mark.django_db
