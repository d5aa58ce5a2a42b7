"""What was done to a stored entry behind the register's back is found, by its number."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from commitments.models import InboxItem, guards
from commitments.services.cases import approve_case, draft_case, submit_case
from commitments.services.jobs import ask_daily, run_job
from projects.models import FundingNotice, LedgerCheck, LedgerEntry
from projects.services import verification
from tests.builders import (
    COMMITMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    entry_record,
    make_closing,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    post,
    record,
)
from tests.desk import make_people

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _ledger(db):
    """Nine entries of a project selected, noticed and funded in full."""
    make_register()
    record(make_project("prj-1", low="900.00", high="900.00"))
    record({"fundingnotice": [make_notice("prj-1", "900.00")]})
    notice = FundingNotice.objects.get()
    post([make_entry("prj-1", "100.00", notice=notice, excuse="") for _ in range(9)])


def spoil(*statements):
    """Do to the table what its guards refuse, as the owner of the file could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards.remove(connection)
        for statement in statements:
            cursor.execute(f"{statement[0]} projects_ledgerentry {statement[1]}")
        guards.install(connection)


def verified():
    """What the command writes, or the complaint it exits with."""
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out)
    except CommandError as error:
        return str(error).splitlines()
    return out.getvalue().splitlines()


def test_a_sound_ledger_verifies_and_the_check_is_kept():
    assert verified() == ["9 entries hold: chain, limits, splits and sums"]
    check = LedgerCheck.objects.get()
    last = LedgerEntry.objects.get(number=9)
    assert (check.entries, check.last_sha256) == (9, last.sha256)
    assert (check.first_broken, check.problems) == (None, [])
    said = Client().get("/readyz").json()["ledger"]
    assert said.startswith("verified (9 entries, 20")


def test_a_ledger_without_entries_verifies():
    spoil(("DELETE FROM", "WHERE number > 0"))
    from projects.services.ledger import rebuild_rollups

    rebuild_rollups()
    assert verified() == ["0 entries hold: chain, limits, splits and sums"]


@pytest.mark.parametrize(
    "change",
    [
        "note = 'x'",
        "ref = ref || '-'",
        "kind = 'fee'",
        "value_date = '2026-06-02'",
        "locator = 'page 2'",
        "override_reason = 'because'",
        "fx_source = 'somebody'",
        "published_on = NULL",
        "sha256 = CASE substr(sha256, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END || substr(sha256, 2)",
        "previous_sha256 = CASE substr(previous_sha256, 1, 1) WHEN 'a' THEN 'b' ELSE 'a' END"
        " || substr(previous_sha256, 2)",
    ],
)
def test_one_byte_changed_is_found_by_number(change):
    spoil(("UPDATE", f"SET {change} WHERE number = 5"))
    assert verified()[0].startswith("entry 5: was changed: its values do not give its seal")
    assert LedgerCheck.objects.get().first_broken == 5


def test_a_changed_amount_is_found_by_number_and_in_the_sums():
    spoil(("UPDATE", "SET amount_usd = 10001, amount = 10001 WHERE number = 5"))
    first, *others = verified()
    assert first == "entry 5: was changed: its values do not give its seal"
    assert any("900.00 kept, 900.01 in the ledger" in words for words in others)
    assert any(w == "entry 9: prj-1: funded 900.01 USD, but noticed 900.00 USD" for w in others)
    assert InboxItem.objects.get().title == f"The ledger does not verify: {first}"


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="Postgres types its columns")
def test_what_is_no_date_any_more_is_found_by_number():
    spoil(("UPDATE", "SET value_date = '2026-13-01' WHERE number = 5"))
    chain = verification._Chain(lambda _percent: None)
    assert [str(f) for f in chain.findings()] == [
        "entry 5: was changed: its values do not give its seal"
    ]


def test_a_missing_entry_is_found_by_number():
    spoil(("DELETE FROM", "WHERE number = 5"))
    assert verified()[0] == "entry 5: is missing"


def test_entries_missing_from_the_end_are_found_by_the_check_before():
    verified()
    spoil(("DELETE FROM", "WHERE number > 7"))
    day = LedgerCheck.objects.get().checked_at.date()
    assert verified()[0] == (f"entry 8: is missing, and all up to 9 that were verified on {day}")


def test_the_newest_entry_missing_since_the_check_before_is_found_by_its_case():
    verified()
    editor, approver = make_people("editor", "approver")
    entry = entry_record(make_entry("prj-1", "5.00", ref="led-new", kind="fee", excuse=""))
    case = draft_case([{"kind": "ledgerentry", "data": entry}], title="A fee", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    case = approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    spoil(("DELETE FROM", "WHERE number = 10"))
    assert verified()[0] == f"entry 10: is missing: led-new, posted by r{case.revision_id}"


def test_a_chain_sealed_anew_is_not_the_one_that_was_verified():
    verified()
    spoil(("DELETE FROM", "WHERE number = 9"))
    notice = FundingNotice.objects.get()
    post([make_entry("prj-1", "100.00", notice=notice, excuse="")])
    assert verified()[0] == "entry 9: is not the one that was verified before"


def test_two_entries_that_changed_places_are_found_by_number():
    spoil(
        ("UPDATE", "SET number = 100 WHERE number = 5"),
        ("UPDATE", "SET number = 5 WHERE number = 6"),
        ("UPDATE", "SET number = 6 WHERE number = 100"),
    )
    assert verified()[:2] == [
        "entry 5: stands here, but was posted as 6",
        "entry 6: stands here, but was posted as 5",
    ]


def test_a_limit_broken_without_a_reason_is_found_by_the_entry_that_broke_it(monkeypatch):
    from projects.services import rules

    monkeypatch.setattr(rules, "cash_problems", lambda projects, revision: [])
    post([make_entry("prj-1", "0.01", excuse="")])
    post([make_entry("prj-1", "500.00", kind="disbursement", excuse="the lender agreed")])
    post([make_entry("prj-1", "900.02", kind="disbursement", excuse="")])
    assert verified() == [
        "entry 10: prj-1: funded 900.01 USD, but noticed 900.00 USD",
        "entry 12: prj-1: disbursed 1,400.02 USD, but funded 900.01 USD",
    ]


def test_a_selection_lowered_below_its_notices_is_found_by_its_project():
    record({"claim": [{**make_project("prj-1", low="1", high="1")["claim"][0], "note": "cut"}]})
    assert verified() == [
        "fundingnotice prj-1, amount_usd: prj-1: noticed 900.00 USD, but selected at most 1.00 USD"
    ]


def test_a_roll_up_that_is_off_is_found():
    from projects.models import LedgerDay

    LedgerDay.objects.update(amount_usd="1.00")
    [words] = verified()
    assert words.endswith("1.00 kept, 900.00 in the ledger")


def test_a_split_off_by_a_cent_is_found(monkeypatch):
    from dataclasses import replace
    from decimal import Decimal

    whole = verification.instrument_split

    def off(found, scope):
        split = whole(found, scope)
        return replace(split, rest_low=split.rest_low - Decimal("0.01"))

    monkeypatch.setattr(verification, "instrument_split", off)
    words = "instruments and what is not stated do not sum to what is selected"
    assert verified() == [f"{COMMITMENT}: {words}", f"prj-1: {words}"]


def test_the_ledger_is_verified_once_a_day():
    keys = [job.key for job in ask_daily(now=NOW)]
    assert "verify-ledger:2026-11-24" in keys
    assert [job.key for job in ask_daily(now=NOW)] == keys
    job = run_job("verify-ledger:2026-11-24", clock=lambda: datetime.now(UTC))
    assert (job.state, LedgerCheck.objects.get().problems) == ("done", [])


def test_a_long_ledger_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(verification, "CHUNK", 2)
    assert verified() == [" 20 %", " 40 %", " 60 %", " 80 %", *verified()[-1:]]


def test_instruments_and_the_rest_sum_to_what_is_selected_at_low_and_at_high():
    financing = {
        "ref": "fin-1",
        "commitment": COMMITMENT,
        "instrument": "loan",
        "signed_on": "2026-05-01",
        "projects": ["prj-2"],
        "document": LENDER_RELEASE,
    }
    claim = make_project("prj-2", low="10.01", high="20.02")["claim"][0]
    signed = {"ref": "clm-fin", "subject": "financing:fin-1", "aspect": "amount.signed"}
    record(
        merged(
            make_project("prj-2", low="30.00", high="40.05"),
            {
                "document": [LENDER_DOCUMENT],
                "financing": [financing],
                "claim": [{**claim, **signed}],
            },
        )
    )
    assert verified() == ["9 entries hold: chain, limits, splits and sums"]


def close(day, people=None):
    """Close a period by a case that two persons take through the desk; return its revision."""
    editor, approver = people or make_people("editor", "approver")
    [data] = make_closing(day, ref="closed-1")["closedperiod"]
    changes = [{"kind": "closedperiod", "data": data}]
    case = draft_case(changes, title="The half-year", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    case = approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    return f"r{case.revision_id}"


def test_a_late_entry_without_its_reason_and_a_reason_for_nothing_are_found():
    record(make_closing("2026-03-31"))
    late = make_entry("prj-1", "1.00", on=date(2026, 3, 31), kind="fee", late="told in July")
    post([late, make_entry("prj-1", "1.00", on=date(2026, 4, 1), kind="fee")])
    assert verified() == ["11 entries hold: chain, limits, splits and sums"]
    spoil(
        ("UPDATE", "SET late_reason = '' WHERE number = 10"),
        ("UPDATE", "SET late_reason = 'so' WHERE number = 11"),
    )
    found = verified()
    assert "entry 10: was posted into a closed period without a reason" in found
    assert "entry 11: tells why it is late, and lies in no closed period" in found


def test_a_closing_extended_by_a_second_case_is_as_both_posted_it():
    people = make_people("editor", "approver")
    close("2026-03-31", people)
    close("2026-06-30", people)
    assert verified() == ["9 entries hold: chain, limits, splits and sums"]


@pytest.mark.parametrize("done", ["DELETE FROM {}", "UPDATE {} SET ends_on = '2026-01-01'"])
def test_a_closing_that_was_removed_or_moved_is_found_by_the_case_that_posted_it(done):
    revision = close("2026-06-30")
    assert verified() == ["9 entries hold: chain, limits, splits and sums"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards.remove(connection)
        cursor.execute(done.format("projects_closedperiod"))
        guards.install(connection)
    assert f"the closing closed-1 is not as {revision} posted it" in verified()
