"""What no posting may do, and what is found where it is on record all the same."""

from datetime import UTC, date, datetime

import pytest

from commitments.models import Document
from commitments.services.cases import (
    CaseRefused,
    approve_case,
    draft_case,
    force_case,
    submit_case,
)
from commitments.services.register import RecordError
from commitments.services.undo import propose_undo
from projects.models import FundingNotice, LedgerEntry
from projects.services.rules import money_evidenced
from projects.services.selected import MOST_UNIONS, held_together
from projects.services.verification import verify_ledger
from tests.builders import (
    BASE,
    COMMITMENT,
    DOCUMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    broken,
    entry_record,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    record,
)
from tests.desk import make_people

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CALLED = "prj-1: noticed 900.00 USD"


@pytest.fixture(autouse=True)
def _noticed(db):
    """A project selected and noticed at 900 dollars."""
    make_register()
    record({"document": [LENDER_DOCUMENT]})
    record(make_project("prj-1", low="900.00", high="900.00"))
    record({"fundingnotice": [make_notice("prj-1", "900.00")]})


def found() -> list[str]:
    return [str(finding) for finding in verify_ledger(lambda _percent: None).findings]


def step(kind: str, on: str = "2026-06-01", **more: str) -> dict[str, str]:
    named = {"ref": f"prj-1-{kind}-{on}", "project": "prj-1", "document": DOCUMENT}
    return {**named, "kind": kind, "occurred_on": on, **more}


AMOUNT = make_project("prj-1", low="900.00", high="900.00")["claim"][0]
SELECTION = make_project("prj-1")["stageevent"][0]
PROFILE = make_project("prj-1")["projectprofile"][0]
UNDER_ITS_NOTICES = {
    "the amount is lowered": (
        {"claim": [{**AMOUNT, "low": "100.00", "high": "100.00"}]},
        f"claim clm-prj-1, high: {CALLED}, but selected at most 100.00 USD",
    ),
    "the amount is taken back": (
        {"claim": [{**AMOUNT, "withdrawn": True}]},
        f"claim clm-prj-1, withdrawn: {CALLED}, but no selected amount would be stated",
    ),
    "it is restated in yen": (
        {"claim": [{**AMOUNT, "unit": "jpy"}]},
        f"claim clm-prj-1, high: {CALLED}, but no selected amount would be stated",
    ),
    "it is restated as of another step": (
        {"claim": [{**AMOUNT, "aspect": "amount.candidate"}]},
        f"claim clm-prj-1, high: {CALLED}, but no selected amount would be stated",
    ),
    "it is restated as of another project": (
        merged(
            make_project("prj-2", low=None, high=None),
            {"claim": [{**AMOUNT, "subject": "project:prj-2"}]},
        ),
        f"claim clm-prj-1, high: {CALLED}, but no selected amount would be stated",
    ),
    "it is restated as not stated": (
        {"claim": [{**AMOUNT, "low": None, "high": None, "qualifier": "not_stated"}]},
        f"claim clm-prj-1, high: {CALLED}, but no selected amount would be stated",
    ),
    "its upper end is taken back": (
        {"claim": [{**AMOUNT, "low": "100.00", "high": None, "qualifier": "more_than"}]},
        f"claim clm-prj-1, high: {CALLED}, but no upper selected amount would be stated",
    ),
    "a ruling lowers it": (
        {
            "claim": [
                {
                    **AMOUNT,
                    "ref": "clm-2",
                    "low": "100.00",
                    "high": "100.00",
                    "rank": 3,
                    "side": "press",
                }
            ],
            "ruling": [
                {
                    **{"ref": "rul-1", "subject": "project:prj-1", "aspect": "amount.selected"},
                    **{"reason": "newer", "claims": ["clm-2"], "document": DOCUMENT},
                }
            ],
        },
        f"ruling rul-1, claims: {CALLED}, but selected at most 100.00 USD",
    ),
    "the selection is taken back": (
        {"stageevent": [{**SELECTION, "withdrawn": True}]},
        "stageevent prj-1-selected, kind: prj-1: the project is not selected, "
        "so nothing of it can be called",
    ),
    "the project is cancelled": (
        {"stageevent": [step("cancelled")]},
        f"stageevent prj-1-cancelled-2026-06-01, kind: {CALLED}, "
        "so it ends only once those notices are declined, or lowered to what came in on them",
    ),
    "it is kept out of the totals": (
        {"projectprofile": [{**PROFILE, "count_in_totals": False}]},
        f"projectprofile prj-1-profile, count_in_totals: {CALLED}, "
        "so it cannot be left out of the totals",
    ),
}


@pytest.mark.parametrize("case", UNDER_ITS_NOTICES)
def test_a_selection_is_not_taken_from_under_its_notices(case):
    records, words = UNDER_ITS_NOTICES[case]
    assert broken(records) == [words]


@pytest.mark.parametrize("case", UNDER_ITS_NOTICES)
def test_one_taken_from_under_them_is_found_by_its_project(case):
    records, words = UNDER_ITS_NOTICES[case]
    record(records)
    assert found() == [f"fundingnotice prj-1, amount_usd: {words.split(': ', 1)[1]}"]


def test_an_open_amount_bounds_what_is_called_up_to_its_low_end():
    more_than = {**AMOUNT, "low": "900.00", "high": None, "qualifier": "more_than"}
    assert broken({"claim": [more_than]}) == []


def test_what_is_called_after_an_amount_was_restated_has_no_amount_to_keep_to():
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    restated = {"claim": [{**AMOUNT, "unit": "jpy"}]}
    assert broken(restated) == []
    record(restated)
    again = make_notice("prj-1", "900.00", ref="ntc-2", number="2")
    assert broken({"fundingnotice": [again]}) == []
    record({"fundingnotice": [again]})
    assert found() == []


def test_a_selection_is_lowered_beside_notices_that_are_declined_or_corrected():
    lower = {**AMOUNT, "low": "100.00", "high": "100.00"}
    declined = make_notice("prj-1", "900.00", declined_on="2026-04-01")
    assert broken({"claim": [lower], "fundingnotice": [declined]}) == []
    assert broken({"claim": [lower], "fundingnotice": [make_notice("prj-1", "100.00")]}) == []


def test_an_administrator_lowers_it_with_a_reason_that_stands_on_the_notice():
    editor, administrator = make_people("editor", "administrator")
    lower = [{"kind": "claim", "data": {**AMOUNT, "low": "100.00", "high": "100.00"}}]
    case = draft_case(lower, title="lower", actor=editor)
    with pytest.raises(CaseRefused, match="would break a rule"):
        submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    case = draft_case(lower, title="lower", actor=administrator)
    reason = "the two governments agreed to it"
    case = force_case(case.pk, actor=administrator, version=case.version, reason=reason)
    assert [c["kind"] for c in case.changes] == ["claim", "fundingnotice"]
    record({c["kind"]: [c["data"]] for c in case.changes})
    assert FundingNotice.objects.heads().get().override_reason == reason
    assert found() == []


def test_a_project_is_ended_with_its_notices_by_an_administrators_reason():
    ended = step("cancelled", override_reason="the courts stopped it")
    assert broken({"stageevent": [ended]}) == []
    record({"stageevent": [ended]})
    assert found() == []


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (None, "the project was so already"),
        ("withdrawn", "the project had ended (withdrawn)"),
        ("cancelled", "the project had ended (cancelled)"),
    ],
)
def test_a_project_is_selected_once_and_never_after_its_end(before, words):
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    if before:
        record({"stageevent": [step(before)]})
    again = step("selected", "2026-07-01")
    refusal = (
        "stageevent prj-1-selected-2026-07-01, kind: "
        f"“selected by the President” of 2026-07-01: {words}"
    )
    assert broken({"stageevent": [again]}) == [refusal]
    assert broken({"stageevent": [{**again, "override_reason": "a second decision"}]}) == []
    record({"stageevent": [again]})
    assert found() == [refusal]


def test_what_a_step_must_follow_is_told_in_words():
    first, *_others = broken(make_project("prj-9", stage="declined", low=None, high=None))
    assert first.endswith("none of these was reached before: reported, candidate, in consultation")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount_usd": "0.00"}, "amount_usd: Enter an amount above zero."),
        ({"amount_usd": "-5.00"}, "amount_usd: Enter an amount above zero."),
        (
            {"received_zone": "Mars/X"},
            "received_zone: “Mars/X” is not a time zone like Asia/Tokyo.",
        ),
        (
            {"declined_on": "2026-03-01"},
            "declined_on: It cannot be declined before it was received, 2026-03-02.",
        ),
        ({"declined_on": "2029-01-02"}, "declined_on: 2029-01-02 lies in the future"),
        ({"declined_usd": "1.00"}, "declined_on: is required: a part is declined"),
        (
            {"declined_on": "2026-04-01", "declined_usd": "0.00"},
            "declined_usd: Enter an amount above zero.",
        ),
        (
            {"declined_on": "2026-04-01", "declined_usd": "900.00"},
            "declined_usd: A part is less than what is called; for all leave it empty.",
        ),
        ({"received_on": "2028-01-04"}, "received_on: 2028-01-04 lies in the future"),
        (
            {"specified_on": "2026-03-03"},
            "specified_on: The specified date lies before the end of the window, 2026-05-11.",
        ),
    ],
)
def test_a_notice_that_cannot_be_is_refused(change, words):
    notice = make_notice("prj-1", "900.00", **change)
    assert f"fundingnotice ntc-prj-1, {words}" in broken({"fundingnotice": [notice]})


def test_a_number_stands_once_on_a_project():
    record({"fundingnotice": [make_notice("prj-1", "400.00")]})
    second = make_notice("prj-1", "5.00", ref="ntc-2", number=" 1 ")
    refusal = "fundingnotice ntc-2, number: prj-1 has a notice of this number: ntc-prj-1"
    assert broken({"fundingnotice": [second]}) == [refusal]
    assert broken({"fundingnotice": [{**second, "number": "2"}]}) == []
    record({"fundingnotice": [second]})
    assert refusal in found()


def receipt(**more: str) -> dict[str, str]:
    entry = make_entry("prj-1", "5.00", ref="led-1", instrument="equity", excuse="")
    return {**entry_record(entry), "notice": "ntc-prj-1", **more}


def test_a_receipt_comes_through_the_instrument_of_its_notice_or_with_a_reason():
    refusal = "ledgerentry led-1, instrument: is equity, but notice ntc-prj-1 calls loan"
    assert broken({"ledgerentry": [receipt()]}) == [refusal]
    assert broken({"ledgerentry": [receipt(instrument="loan")]}) == []
    assert broken({"ledgerentry": [receipt(override_reason="agreed by both sides")]}) == []
    record({"ledgerentry": [receipt()]})
    assert found() == [refusal]


def test_a_notice_keeps_the_instrument_of_what_came_in_on_it():
    record({"ledgerentry": [receipt(instrument="loan")]})
    equity = make_notice("prj-1", "900.00", instrument="equity")
    assert broken({"fundingnotice": [equity]}) == [
        "ledgerentry led-1, instrument: is loan, but notice ntc-prj-1 calls equity"
    ]


FINANCING = {
    **{"ref": "fin-1", "commitment": COMMITMENT, "instrument": "loan", "projects": ["prj-1"]},
    **{"signed_on": "2026-05-01", "document": LENDER_RELEASE},
}
SIGNED = {
    **{**AMOUNT, "ref": "clm-fin", "subject": "financing:fin-1", "aspect": "amount.signed"},
    **{"low": "300.00", "high": "300.00"},
}


def cover(**more: str | None) -> dict[str, str | None]:
    made = {
        "ref": "cov-1",
        "financing": "fin-1",
        "insurer": "inst-lender",
        "document": LENDER_RELEASE,
    }
    return {**made, "in_force_on": "2026-05-01", "amount_usd": "300.00", **more}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"amount_usd": "300.01"},
            "amount_usd: fin-1: covered 300.01 USD, but signed at most 300.00 USD",
        ),
        (
            {"amount_usd": "-1.00"},
            "amount_usd: Enter an amount above zero, or leave it empty: not stated.",
        ),
        ({"ends_on": "2026-04-30"}, "ends_on: The last day is before the first."),
        ({"in_force_on": "2028-01-04"}, "in_force_on: 2028-01-04 lies in the future"),
    ],
)
def test_a_cover_that_cannot_be_is_refused(change, words):
    record({"financing": [FINANCING], "claim": [SIGNED]})
    assert broken({"cover": [cover()]}) == broken({"cover": [cover(amount_usd=None)]}) == []
    assert broken({"cover": [cover(**change)]}) == [f"cover cov-1, {words}"]


def test_covers_of_one_day_are_added_and_the_loan_is_not_lowered_under_them():
    record({"financing": [FINANCING], "claim": [SIGNED], "cover": [cover(amount_usd="200.00")]})
    second = cover(ref="cov-2", amount_usd="200.00")
    words = "fin-1: covered 400.00 USD, but signed at most 300.00 USD"
    assert broken({"cover": [second]}) == [f"cover cov-2, amount_usd: {words}"]
    ended = cover(amount_usd="200.00", ends_on="2026-05-31")
    assert broken({"cover": [ended, {**second, "in_force_on": "2026-06-01"}]}) == []
    assert broken({"claim": [{**SIGNED, "low": "100.00", "high": "100.00"}]}) == [
        "claim clm-fin, high: fin-1: covered 200.00 USD, but signed at most 100.00 USD"
    ]
    record({"cover": [second]})
    assert found() == [f"cover cov-2, amount_usd: {words}"]


def financing(ref: str, amount: str, *projects: str, **more: str) -> dict[str, list]:
    """An agreement for some projects and the claim of what it is signed for."""
    claim = {**AMOUNT, "ref": f"clm-{ref}", "subject": f"financing:{ref}"}
    agreed = {"ref": ref, "commitment": COMMITMENT, "instrument": "loan"}
    agreed["projects"] = list(projects)
    return {
        "financing": [{**agreed, "signed_on": "2026-05-01", "document": LENDER_RELEASE, **more}],
        "claim": [{**claim, "aspect": "amount.signed", "low": amount, "high": amount}],
    }


TOO_MUCH = "prj-1: signed 900.01 USD, but selected at most 900.00 USD"


def test_no_more_is_signed_than_is_selected():
    record(financing("fin-1", "600.00", "prj-1"))
    assert broken(financing("fin-2", "300.00", "prj-1")) == []
    beyond = financing("fin-2", "300.01", "prj-1")
    assert broken(beyond) == [f"financing fin-2, projects: {TOO_MUCH}"]
    record(beyond)
    assert f"financing fin-2, projects: {TOO_MUCH}" in found()


def test_more_is_signed_for_a_reason_of_an_administrator():
    record(financing("fin-1", "600.00", "prj-1"))
    excused = financing("fin-2", "300.01", "prj-1", override_reason="the lenders gave a reserve")
    assert broken(excused) == []
    [administrator] = make_people("administrator")
    plain = financing("fin-2", "300.01", "prj-1")
    changes = [{"kind": kind, "data": row} for kind, rows in plain.items() for row in rows]
    case = draft_case(changes, title="a second loan", actor=administrator)
    case = force_case(case.pk, actor=administrator, version=case.version, reason="a reserve")
    assert [c["data"].get("override_reason") for c in case.changes] == ["a reserve", None]


def test_a_selection_is_not_lowered_below_what_is_signed():
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    record(financing("fin-1", "600.00", "prj-1"))
    lower = {"claim": [{**AMOUNT, "low": "500.00", "high": "500.00"}]}
    words = "prj-1: signed 600.00 USD, but selected at most 500.00 USD"
    assert broken(lower) == [f"claim clm-prj-1, high: {words}"]


def test_what_is_signed_for_projects_together_is_held_to_what_is_selected_of_them_all():
    record(make_project("prj-2", low="100.00", high="100.00"))
    record(financing("fin-1", "600.00", "prj-1"))
    assert broken(financing("fin-2", "400.00", "prj-1", "prj-2")) == []
    assert broken(financing("fin-2", "400.01", "prj-1", "prj-2")) == [
        "financing fin-2, projects: prj-1, prj-2: signed 1,000.01 USD, "
        "but selected at most 1,000.00 USD"
    ]
    record(make_project("prj-3", low=None, high=None))
    assert broken(financing("fin-2", "400.01", "prj-1", "prj-3")) == []


def cash(kind: str, amount: str, on: str, **more: object) -> dict:
    given = {"ref": f"led-{kind}-{on}", "kind": kind, "on": date.fromisoformat(on), "excuse": ""}
    return entry_record(make_entry("prj-1", amount, **{**given, **more}))


def on_days(findings: list[str]) -> list[str]:
    return [words.split(": ", 1)[1] for words in findings]


EARLY_RECEIPT = "funded on 2026-03-01, but this notice was received on 2026-03-02"
EARLY_PAYMENT = "disbursed 5.00 USD by 2026-05-01, but funded that much only on 2026-06-01"
UNCALLED = "funded 10.00 USD by 2026-03-01, but noticed that much only on 2026-03-02"


def test_cash_of_a_notice_is_not_received_before_the_notice():
    notice = FundingNotice.objects.get()
    early = cash("funding", "10.00", "2026-03-01", notice=notice)
    assert on_days(broken({"ledgerentry": [early]})) == [UNCALLED, EARLY_RECEIPT]
    same_day = cash("funding", "10.00", "2026-03-02", notice=notice)
    assert broken({"ledgerentry": [same_day]}) == []
    forced = {**early, "override_reason": "the bank was early"}
    assert broken({"ledgerentry": [forced]}) == []
    record({"ledgerentry": [early]})
    assert {f.split(": ", 2)[2] for f in found()} == {UNCALLED, EARLY_RECEIPT}


def test_no_payment_leaves_before_the_cash_for_it_came():
    record({"ledgerentry": [cash("funding", "10.00", "2026-06-01")]})
    early = cash("disbursement", "5.00", "2026-05-01")
    assert on_days(broken({"ledgerentry": [early]})) == [EARLY_PAYMENT]
    assert broken({"ledgerentry": [{**early, "value_date": "2026-06-01"}]}) == []
    record({"ledgerentry": [early]})
    assert [f.split(": ", 2)[2] for f in found()] == [EARLY_PAYMENT]


def test_a_receipt_that_was_reversed_was_not_early():
    notice = FundingNotice.objects.get()
    early = cash("funding", "10.00", "2026-03-01", notice=notice)
    record({"ledgerentry": [early]})
    back = {**early, "ref": "led-back", "amount": "-10.00", "amount_usd": "-10.00"}
    assert broken({"ledgerentry": [{**back, "reverses": early["ref"]}]}) == []
    record({"ledgerentry": [{**back, "reverses": early["ref"]}]})
    assert found() == []


def test_a_notice_does_not_come_before_its_project_is_selected():
    record(make_project("prj-2"))
    early = make_notice("prj-2", "10.00", received_on="2026-02-16")
    words = (
        "fundingnotice ntc-prj-2, received_on: prj-2: received on 2026-02-16, "
        "but the project was selected on 2026-02-17"
    )
    assert broken({"fundingnotice": [early]}) == [words]
    listed = {**step("candidate_listed", "2025-10-28"), "project": "prj-2"}
    record({"stageevent": [listed]})
    assert broken({"fundingnotice": [{**early, "override_reason": "called at once"}]}) == []
    assert broken({"fundingnotice": [{**early, "received_on": "2026-02-17"}]}) == []
    record({"fundingnotice": [early]})
    assert found() == [words]


def called(ref: str, amount: str, **more: str) -> dict[str, object]:
    return make_notice("prj-1", amount, **{"ref": ref, "number": ref, **more})


def test_a_notice_let_through_leaves_no_room_to_the_next():
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    assert found() == []
    third = called("ntc-3", "0.01")
    words = "prj-1: noticed 1,200.01 USD, but selected at most 900.00 USD"
    assert broken({"fundingnotice": [third]}) == [f"fundingnotice ntc-3, amount_usd: {words}"]
    assert broken({"fundingnotice": [{**third, "override_reason": "agreed too"}]}) == []
    # a correction that raises a call makes it anew, one that lowers it does not
    raised, lowered = (make_notice("prj-1", amount) for amount in ("899.99", "900.00"))
    record({"fundingnotice": [raised]})
    assert found() == []
    assert len(broken({"fundingnotice": [lowered]})) == 1
    record({"fundingnotice": [called("ntc-2", "300.00", declined_on="2026-04-01")]})
    assert broken({"fundingnotice": [lowered]}) == []
    record({"fundingnotice": [third]})
    assert found() == []


def test_a_notice_keeps_the_reason_that_let_it_through_as_far_as_it_was_let_through():
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    versions = FundingNotice.objects.filter(ref="ntc-2")
    record({"fundingnotice": [called("ntc-2", "300.00")]})
    assert versions.count() == 1  # nothing else was said of it
    for amount, more in (("300.00", {"account": "an account"}), ("250.00", {})):
        record({"fundingnotice": [called("ntc-2", amount, **more)]})
        assert versions.get(successor=None).override_reason == "agreed"
        assert found() == []
    words = "prj-1: noticed 1,150.01 USD, but selected at most 900.00 USD"
    raised = {"fundingnotice": [called("ntc-2", "250.01")]}
    assert broken(raised) == [f"fundingnotice ntc-2, amount_usd: {words}"]
    record(make_project("prj-2", low="200.00", high="200.00"))
    for moved in ({"project": "prj-2"}, {"received_on": "2026-02-16"}):
        assert broken({"fundingnotice": [{**called("ntc-2", "250.00"), **moved}]}) != [], moved
    record({"fundingnotice": [called("ntc-2", "250.00", declined_on="2026-04-01")]})
    assert versions.get(successor=None).override_reason == "agreed"
    assert len(broken({"fundingnotice": [called("ntc-2", "250.00")]})) == 1


def test_a_reversal_under_a_payment_is_no_place_for_a_reason():
    (administrator,) = make_people("administrator")
    first = cash("funding", "10.00", "2026-06-02", ref="f1")
    paid = cash("disbursement", "10.00", "2026-06-03", ref="d1")
    record({"ledgerentry": [first, paid]})
    back, unpaid = (
        {**e, "ref": f"{e['ref']}-back", "amount_usd": "-10.00", "amount": "-10.00"}
        | {"reverses": e["ref"]}
        for e in (first, paid)
    )
    later = {**first, "ref": "f2", "value_date": "2026-06-09"}

    def forced(*entries):
        lines = [{"kind": "ledgerentry", "data": entry} for entry in entries]
        case = draft_case(lines, title="bank erred", actor=administrator)
        return force_case(case.pk, actor=administrator, version=case.version, reason="a bank erred")

    for entries in ((back,), (back, later)):
        with pytest.raises(CaseRefused, match="reverse the entries that the rule holds as well"):
            forced(*entries)
    again = {**paid, "ref": "d2"}
    lines = forced(back, unpaid, later, again).changes
    assert {c["data"]["ref"]: c["data"].get("override_reason", "") for c in lines} == {
        **{"f1-back": "", "d1-back": ""},
        **{"f2": "a bank erred", "d2": "a bank erred"},
    }


def test_a_reason_that_a_notice_keeps_is_replaced_by_one_worded_anew_only():
    (administrator,) = make_people("administrator")
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    raised = called("ntc-2", "400.00", override_reason="agreed")
    line = {"kind": "fundingnotice", "data": raised}
    case = draft_case([line], title="more", actor=administrator)
    given = {"actor": administrator, "version": case.version}
    with pytest.raises(CaseRefused, match="on record already, for something else"):
        force_case(case.pk, **given, reason="agreed")
    case = force_case(case.pk, **given, reason="agreed anew")
    assert case.changes[0]["data"]["override_reason"] == "agreed anew"


def test_a_notice_raised_towards_what_came_in_keeps_its_reason_and_breaks_no_rule():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "950.00", "2026-06-02", notice=notice, excuse="x")]})
    record({"fundingnotice": [make_notice("prj-1", "800.00", override_reason="agreed")]})
    raised = {"fundingnotice": [make_notice("prj-1", "850.00")]}
    assert broken(raised) == []
    record(raised)
    assert FundingNotice.objects.heads().get().override_reason == "agreed"
    assert found() == []
    lowered = broken({"fundingnotice": [make_notice("prj-1", "849.99")]})
    assert on_days(lowered) == [
        "funded 950.00 USD, but noticed 849.99 USD",
        "funded 950.00 USD, but this notice calls 849.99 USD",
    ]


def test_a_correction_with_a_kept_reason_gives_none_for_another_limit():
    record({"fundingnotice": [make_notice("prj-1", "500.00")]})
    record({"fundingnotice": [called("ntc-2", "500.00", override_reason="agreed")]})
    account = called("ntc-2", "500.00", account="an account")
    lower = {"claim": [{**AMOUNT, "low": "800.00", "high": "800.00"}]}
    words = "prj-1: noticed 1,000.00 USD, but selected at most 800.00 USD"
    assert broken(lower) == [f"claim clm-prj-1, high: {words}"]
    for kept in ({}, {"override_reason": "agreed"}):
        refused = broken({**lower, "fundingnotice": [{**account, **kept}]})
        assert refused == [f"claim clm-prj-1, high: {words}"]
    anew = {**account, "override_reason": "agreed anew"}
    assert broken({**lower, "fundingnotice": [anew]}) == []


def test_a_correction_with_a_kept_reason_leaves_its_notice_in_its_place():
    record({"fundingnotice": [make_notice("prj-1", "500.00")]})
    record({"fundingnotice": [called("ntc-2", "500.00", override_reason="agreed")]})
    record({"fundingnotice": [make_notice("prj-1", "300.00")]})
    record({"fundingnotice": [called("ntc-3", "100.00")]})
    record({"fundingnotice": [called("ntc-2", "500.00", account="an account")]})
    assert len(broken({"fundingnotice": [called("ntc-3", "100.01")]})) == 1
    assert broken({"fundingnotice": [make_notice("prj-1", "300.01")]}) != []


def test_a_notice_with_a_kept_reason_is_not_lowered_beneath_what_came_in():
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    record({"ledgerentry": [cash("funding", "1200.00", "2026-06-02", excuse="a cent")]})
    [refused] = broken({"fundingnotice": [called("ntc-2", "299.00")]})
    assert refused.endswith("funded 1,200.00 USD, but noticed 1,199.00 USD")


LOWER = {"claim": [{**AMOUNT, "low": "100.00", "high": "100.00"}]}


@pytest.mark.parametrize(
    ("records", "place", "words"),
    [
        (LOWER, "claim clm-prj-1, high", "but selected at most 100.00 USD"),
        (
            {"projectprofile": [{**PROFILE, "count_in_totals": False}]},
            "projectprofile prj-1-profile, count_in_totals",
            "so it cannot be left out of the totals",
        ),
        (
            {"stageevent": [step("cancelled")]},
            "stageevent prj-1-cancelled-2026-06-01, kind",
            "so it ends only once those notices are declined, or lowered to what came in on them",
        ),
    ],
)
def test_a_notice_let_through_holds_its_limit_where_it_is(records, place, words):
    let_through = make_notice("prj-1", "1000.00", override_reason="agreed")
    record({"fundingnotice": [let_through]})
    told = "prj-1: noticed 1,000.00 USD, "
    assert broken(records) == [f"{place}: {told}{words}"]
    again = [{**let_through, "override_reason": "agreed anew"}]
    assert broken({**records, "fundingnotice": again}) == []
    record(records)
    assert found() == [f"fundingnotice prj-1, amount_usd: {told}{words}"]
    record({"fundingnotice": again})
    assert found() == []


def test_a_limit_raised_over_what_was_let_through_is_lowered_again_for_a_new_reason():
    record({"fundingnotice": [make_notice("prj-1", "1000.00", override_reason="agreed")]})
    higher, lower = (
        {"claim": [{**AMOUNT, "low": amount, "high": amount}]} for amount in ("950.00", "940.00")
    )
    record(higher)
    assert len(broken(lower)) == 1
    [administrator] = make_people("administrator")
    lines = [{"kind": "claim", "data": lower["claim"][0]}]
    case = draft_case(lines, title="lower", actor=administrator)
    given = {"actor": administrator, "version": case.version}
    with pytest.raises(CaseRefused, match="on record already, for something else: word it anew"):
        force_case(case.pk, **given, reason="agreed")
    case = force_case(case.pk, **given, reason="agreed anew")
    assert [c["data"].get("override_reason") for c in case.changes] == [None, "agreed anew"]


def test_an_agreement_let_through_holds_its_limit_where_it_is():
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    record(financing("fin-1", "900.01", "prj-1", override_reason="a reserve"))
    words = "prj-1: signed 900.01 USD, but selected at most 100.00 USD"
    assert broken(LOWER) == [f"claim clm-prj-1, high: {words}"]
    again = financing("fin-1", "900.01", "prj-1", override_reason="a larger reserve")
    assert broken({**again, "claim": [*again["claim"], *LOWER["claim"]]}) == []
    record(LOWER)
    assert found() == [f"financing fin-1, projects: {words}"]


def test_cash_let_through_holds_its_limits_where_they_are():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "1000.00", "2026-06-02", notice=notice, excuse="x")]})
    record({"ledgerentry": [cash("disbursement", "1100.00", "2026-06-02", excuse="x")]})
    assert found() == []
    less = make_notice("prj-1", "800.00")
    assert on_days(broken({"fundingnotice": [less]})) == [
        "funded 1,000.00 USD, but noticed 800.00 USD",
        "funded 1,000.00 USD, but this notice calls 800.00 USD",
    ]
    assert broken({"fundingnotice": [{**less, "override_reason": "agreed"}]}) == []
    back = {**cash("funding", "1000.00", "2026-06-02", notice=notice), "ref": "led-back"}
    back |= {"amount_usd": "-1000.00", "amount": "-1000.00", "reverses": "led-funding-2026-06-02"}
    assert on_days(broken({"ledgerentry": [back]})) == [
        "disbursed 1,100.00 USD, but funded 0.00 USD"
    ]
    record({"fundingnotice": [less]})
    assert len(found()) == 2


def test_cash_let_through_leaves_no_room_to_what_follows():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "800.00", "2026-06-02", ref="a", notice=notice)]})
    beyond = cash("funding", "150.00", "2026-06-02", ref="b", notice=notice, excuse="agreed")
    record({"ledgerentry": [beyond]})
    assert found() == []
    small = cash("funding", "0.01", "2026-06-01", ref="c", notice=notice)
    assert on_days(broken({"ledgerentry": [small]})) == [
        "funded 950.01 USD, but noticed 900.00 USD",
        "funded 950.01 USD, but this notice calls 900.00 USD",
    ]
    # what stood in the set before the one let through had the room; the rest does not
    assert broken({"ledgerentry": [{**small, "override_reason": "a cent"}]}) == []
    back = {**cash("funding", "1", "2026-06-02", ref="d", notice=notice), "reverses": "b"}
    back |= {"amount_usd": "-150.00", "amount": "-150.00", "override_reason": ""}
    assert broken({"ledgerentry": [back, {**small, "amount_usd": "100.00", "amount": None}]}) == []
    record({"ledgerentry": [small]})
    assert {words.split(": ", 1)[0] for words in found()} == {"entry 3"}


def test_what_is_let_through_on_one_day_is_held_against_the_days_it_reaches():
    record({"ledgerentry": [cash("funding", "10.00", day) for day in ("2026-06-01", "2026-06-05")]})
    early = cash("disbursement", "15.00", "2026-06-03", excuse="the bank was early")
    record({"ledgerentry": [early]})
    assert found() == []
    for day in ("2026-06-02", "2026-06-04"):
        words = "disbursed 16.00 USD by {}, but funded that much only on 2026-06-05"
        told = on_days(broken({"ledgerentry": [cash("disbursement", "1.00", day)]}))
        assert told == [words.format(max(day, "2026-06-03"))]
    assert broken({"ledgerentry": [cash("disbursement", "5.00", "2026-06-05")]}) == []


def test_an_agreement_let_through_leaves_no_room_to_the_next():
    record(financing("fin-1", "900.01", "prj-1", override_reason="the lenders gave a reserve"))
    assert found() == []
    assert broken(financing("fin-2", "1.00", "prj-1")) == [
        "financing fin-2, projects: prj-1: signed 901.01 USD, but selected at most 900.00 USD"
    ]
    record(financing("fin-2", "1.00", "prj-1", override_reason="a fee"))
    for ref, amount in (("fin-1", "900.02"), ("fin-2", "1.01")):
        raised = {"claim": financing(ref, amount, "prj-1")["claim"]}
        [words] = broken(raised)
        assert words.startswith(f"financing {ref}, projects: prj-1: signed 901.02 USD")
    lowered = {"claim": financing("fin-1", "900.00", "prj-1")["claim"]}
    assert broken(lowered) == []
    again = financing("fin-2", "2.00", "prj-1", override_reason="a larger fee")
    assert broken(again) == []


def link(project: str, other: str, relation: str = "merged_into") -> dict[str, str]:
    named = {"ref": f"{project}-{other}", "project": project, "other": other}
    return {**named, "relation": relation, "document": DOCUMENT}


def test_a_merge_or_continuation_leads_to_a_project_that_stands():
    record(make_project("prj-2"))
    record(make_project("prj-3"))
    record({"projectlink": [link("prj-2", "prj-3")]})
    record(merged(make_project("prj-4"), {"stageevent": [step("cancelled", project="prj-4")]}))
    record(make_project("prj-5"))
    for one, words in (
        (link("prj-5", "prj-5"), "is the project itself"),
        (link("prj-5", "prj-5", "continued_as"), "is the project itself"),
        (link("prj-3", "prj-2"), "“prj-2” was merged into “prj-3”"),
        (link("prj-5", "prj-2"), "“prj-2” was merged into “prj-3”"),
        (link("prj-2", "prj-5"), "“prj-2” was merged into “prj-3”"),
        (link("prj-5", "prj-4"), "“prj-4” has ended"),
    ):
        assert broken({"projectlink": [one]}) == [f"projectlink {one['ref']}, other: {words}"]
    assert broken({"projectlink": [link("prj-5", "prj-3")]}) == []


def test_a_project_is_continued_once_and_never_in_a_circle():
    for slug in ("prj-2", "prj-3"):
        record(make_project(slug))
    record({"projectlink": [link("prj-2", "prj-3", "continued_as")]})
    circle = "leads in a circle, to no project that stands"
    for one, words in (
        (link("prj-2", "prj-1", "continued_as"), "“prj-2” was continued as “prj-3”: correct that"),
        (link("prj-3", "prj-2", "continued_as"), circle),
        (link("prj-3", "prj-2"), circle),
    ):
        assert broken({"projectlink": [one]}) == [f"projectlink {one['ref']}, other: {words}"]
    corrected = {**link("prj-2", "prj-3", "continued_as"), "other": "prj-1"}
    assert broken({"projectlink": [corrected]}) == []
    assert broken({"projectlink": [link("prj-3", "prj-1", "continued_as")]}) == []


def test_a_selected_project_is_no_candidate_any_more():
    words = "the project stood further by then (selected)"
    for kind in ("candidate_listed", "announced_second_batch", "under_negotiation"):
        [refusal] = broken({"stageevent": [step(kind)]})
        assert words in refusal
    before = step("announced_second_batch", on="2026-02-16")
    assert broken({"stageevent": [before]}) == []


def test_a_project_kept_out_of_the_totals_is_not_selected_in_silence():
    candidate = make_project("prj-2", stage="candidate_listed")
    profile = {**candidate["projectprofile"][0], "count_in_totals": False}
    record({**candidate, "projectprofile": [profile]})
    chosen = step("selected", project="prj-2", ref="chosen")
    words = (
        "“prj-2” is kept out of the totals: say in its profile, in the same case, whether it counts"
    )
    assert broken({"stageevent": [chosen]}) == [f"stageevent chosen, project: {words}"]
    listed = {**candidate["stageevent"][0], "kind": "selected"}
    assert broken({"stageevent": [listed]}) == [f"stageevent {listed['ref']}, project: {words}"]
    for said in ({"count_in_totals": True}, {"note": "Outside the totals by its source."}):
        assert broken({"stageevent": [chosen], "projectprofile": [{**profile, **said}]}) == []


def test_a_project_that_was_merged_takes_no_new_step():
    record(make_project("prj-2"))
    record({"projectlink": [link("prj-2", "prj-1")]})
    again = step("site_secured", project="prj-2", ref="site-2")
    words = "“prj-2” was merged into “prj-1”: record it there"
    assert broken({"stageevent": [again]}) == [f"stageevent site-2, project: {words}"]
    corrected = {**make_project("prj-2")["stageevent"][0], "note": "A note."}
    assert broken({"stageevent": [corrected]}) == []
    assert broken({"stageevent": [{**again, "project": "prj-1"}]}) == []
    beside = {"projectlink": [{**link("prj-2", "prj-1"), "note": "A note."}]}
    assert broken({"stageevent": [again], **beside}) == [f"stageevent site-2, project: {words}"]
    moved = {**again, "project": "prj-1"}
    record({"stageevent": [moved]})
    assert broken({"stageevent": [again]}) == [f"stageevent site-2, project: {words}"]
    undone = {"projectlink": [{**link("prj-2", "prj-1"), "withdrawn": True}]}
    assert broken({"stageevent": [again], **undone}) == []


def test_links_on_record_that_lead_nowhere_are_found():
    for slug in ("prj-2", "prj-3", "prj-4", "prj-5", "prj-6", "prj-7"):
        record(make_project(slug))
    record({"projectlink": [link("prj-2", "prj-3")]})
    record({"projectlink": [link("prj-3", "prj-4")]})
    record({"stageevent": [step("cancelled", project="prj-4", ref="end-4")]})
    record({"stageevent": [step("cancelled", on="2026-06-02", project="prj-4", ref="end-4")]})
    assert found() == []  # its heir was merged on, and ended, afterwards
    record({"projectlink": [link("prj-5", "prj-5"), link("prj-6", "prj-4")]})
    record({"projectlink": [link("prj-7", "prj-4", "continued_as")]})
    assert found() == [
        "projectlink prj-5-prj-5, other: is the project itself",
        "projectlink prj-6-prj-4, other: “prj-4” has ended",
        "projectlink prj-7-prj-4, other: “prj-4” has ended",
    ]
    for ref in ("prj-6", "prj-7"):
        record({"projectlink": [{**link(ref, "prj-4"), "withdrawn": True}]})
    record({"projectlink": [{**link("prj-5", "prj-5"), "withdrawn": True}]})
    record({"projectlink": [link("prj-4", "prj-2")]})
    record({"projectlink": [link("prj-5", "prj-3")]})
    words = "leads in a circle, to no project that stands"
    named = ("prj-2-prj-3", "prj-3-prj-4", "prj-4-prj-2")
    assert found() == [f"projectlink {ref}, other: {words}" for ref in named]


def test_nothing_is_called_or_paid_through_a_guarantee():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    words = "is exposure, not cash: nothing is called or paid by it"
    notice = make_notice("prj-1", "900.00", instrument="guarantee")
    assert broken({"fundingnotice": [notice]}) == [f"fundingnotice ntc-prj-1, instrument: {words}"]
    for kind in set(LedgerEntry.Kind) - {LedgerEntry.Kind.GUARANTEE_CALL}:
        entry = make_entry("prj-1", "5.00", ref="led-1", kind=kind, instrument="guarantee")
        expected = [f"ledgerentry led-1, instrument: {words}"]
        assert broken({"ledgerentry": [entry_record(entry)]}) == expected


def test_cash_let_through_on_a_day_is_not_left_without_what_it_had_by_then():
    first = cash("funding", "10.00", "2026-06-02", ref="f1")
    record({"ledgerentry": [first, cash("funding", "10.00", "2026-06-05", ref="f2")]})
    record({"ledgerentry": [cash("disbursement", "15.00", "2026-06-03", excuse="a bank")]})
    back = {**first, "ref": "f1-back", "amount": "-10.00", "amount_usd": "-10.00", "reverses": "f1"}
    later = [back, cash("funding", "10.00", "2026-09-05", ref="f3")]
    words = "disbursed 15.00 USD by 2026-06-03, but funded that much only on 2026-09-05"
    assert on_days(broken({"ledgerentry": later})) == [words]
    sooner = [back, cash("funding", "10.00", "2026-06-01", ref="f3")]
    assert broken({"ledgerentry": sooner}) == []
    record({"ledgerentry": later})
    record(make_project("prj-2"))
    assert [f.split(": ", 1)[1] for f in found()] == [words]


SOMETHING_ELSE = {
    "claim": [{**AMOUNT, "ref": "clm-else", "aspect": "amount.candidate", "low": "1.00"}]
}


@pytest.mark.parametrize(
    ("records", "raised", "lowered", "words"),
    [
        (
            {"fundingnotice": [make_notice("prj-1", "1000.00", override_reason="agreed")]},
            {"claim": [{**AMOUNT, "low": "950.00", "high": "950.00"}]},
            {"claim": [{**AMOUNT, "low": "940.00", "high": "940.00"}]},
            "prj-1: noticed 1,000.00 USD, but selected at most 940.00 USD",
        ),
        (
            financing("fin-1", "1000.00", "prj-1", override_reason="agreed"),
            {"claim": [{**AMOUNT, "low": "950.00", "high": "950.00"}]},
            {"claim": [{**AMOUNT, "low": "940.00", "high": "940.00"}]},
            "prj-1: signed 1,000.00 USD, but selected at most 940.00 USD",
        ),
    ],
)
def test_a_limit_lowered_without_a_reason_is_found_whatever_is_posted_after(
    records, raised, lowered, words
):
    for posted in (records, raised, lowered, SOMETHING_ELSE):
        record(posted)
    assert [f.split(", ", 1)[1].split(": ", 1)[1] for f in found()] == [words]
    record(raised)
    assert found() == []


def test_a_notice_lowered_below_what_came_in_is_found_whatever_is_posted_after():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "950.00", "2026-06-02", notice=notice, excuse="x")]})
    record({"fundingnotice": [make_notice("prj-1", "890.00")]})
    record({"ledgerentry": [cash("fee", "1.00", "2026-06-03")]})
    assert on_days(found()) == [
        "funded 950.00 USD, but noticed 890.00 USD",
        "funded 950.00 USD, but this notice calls 890.00 USD",
    ]


def test_an_amount_moved_to_another_project_is_missed_by_a_notice_let_through():
    record({"fundingnotice": [make_notice("prj-1", "1000.00", override_reason="agreed")]})
    record(make_project("prj-2", low=None, high=None))
    record(
        {
            "claim": [
                {
                    **AMOUNT,
                    "ref": "clm-2",
                    "low": "300.00",
                    "high": "300.00",
                    "rank": 3,
                    "side": "press",
                }
            ]
        }
    )
    moved = {"claim": [{**AMOUNT, "subject": "project:prj-2"}]}
    words = "prj-1: noticed 1,000.00 USD, but selected at most 300.00 USD"
    assert broken(moved) == [f"claim clm-prj-1, high: {words}"]


def test_agreements_that_share_projects_are_held_to_what_is_selected_of_all_of_them():
    for slug in ("prj-2", "prj-3", "prj-4"):
        record(make_project(slug, low="900.00", high="900.00"))
    record(financing("fin-12", "1700.00", "prj-1", "prj-2"))
    record(financing("fin-34", "100.00", "prj-3", "prj-4"))
    second = financing("fin-23", "1700.00", "prj-2", "prj-3")
    words = "prj-1, prj-2, prj-3: signed 3,400.00 USD, but selected at most 2,700.00 USD"
    assert broken(second) == [f"financing fin-23, projects: {words}"]
    assert broken(financing("fin-23", "1000.00", "prj-2", "prj-3")) == []
    record(second)
    assert found() == [f"financing fin-23, projects: {words}"]


def test_very_many_agreements_that_share_a_project_are_judged_in_time():
    sets = [frozenset({1, other}) for other in range(10, 40)]
    names = {pk: f"prj-{pk}" for pk in (1, *range(10, 40))}
    unions = held_together(sets, names)
    assert unions[: len(sets)] == sets
    assert unions[-1] == frozenset(names)
    assert len(unions) < 2 * MOST_UNIONS


CANCELLED_ON = "2026-06-01"


def test_nothing_new_is_signed_for_a_project_that_ended_unless_before_its_end():
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    record(financing("fin-1", "300.00", "prj-1"))
    record({"stageevent": [step("cancelled", CANCELLED_ON)]})
    refusal = "financing fin-2, projects: “prj-1” has ended"
    for day in (CANCELLED_ON, "2026-07-01", None):
        assert broken(financing("fin-2", "5.00", "prj-1", signed_on=day)) == [refusal]
    assert broken(financing("fin-2", "5.00", "prj-1", signed_on="2026-05-31")) == []
    forced = financing(
        "fin-2", "5.00", "prj-1", signed_on="2026-07-01", override_reason="a wind-up"
    )
    assert broken(forced) == []
    # what is on record is corrected
    corrected = financing("fin-1", "299.00", "prj-1", signed_on="2026-07-01")
    assert broken(corrected) == []
    record(corrected)
    assert found() == []
    record(financing("fin-2", "5.00", "prj-1", signed_on="2026-07-01"))
    assert found() == [refusal]


def test_nothing_new_is_signed_for_a_project_merged_away_or_left_out():
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    record(make_project("prj-2"))
    record({"projectlink": [link("prj-1", "prj-2")]})
    assert broken(financing("fin-1", "5.00", "prj-1")) == [
        "financing fin-1, projects: “prj-1” was merged into “prj-2”"
    ]
    left_out = {**make_project("prj-2")["projectprofile"][0], "count_in_totals": False}
    record({"projectprofile": [left_out]})
    assert broken(financing("fin-1", "5.00", "prj-2")) == [
        "financing fin-1, projects: “prj-2” is left out of the totals"
    ]


def claim_paid(**overrides):
    entry = make_entry("prj-1", "5.00", ref="led-1", kind="guarantee_call", excuse="", **overrides)
    return {"ledgerentry": [entry_record(entry)]}


def test_a_claim_under_a_guarantee_needs_a_guarantee_or_cover_that_stands():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    cash = "is cash: a claim under a guarantee is paid through a guarantee"
    assert f"ledgerentry led-1, instrument: {cash}" in broken(claim_paid(instrument="equity"))
    words = "ledgerentry led-1, kind: prj-1: no guarantee or cover stands on 2026-06-01"
    assert broken(claim_paid(instrument="guarantee")) == [words]
    late = cover(in_force_on="2026-06-02", amount_usd=None)
    record({**financing("fin-1", "300.00", "prj-1"), "cover": [late]})
    assert broken(claim_paid(instrument="guarantee")) == [words]
    record({"cover": [{**late, "in_force_on": "2026-06-01"}]})
    record(claim_paid(instrument="guarantee"))
    assert found() == []
    assert broken({"cover": [late]}) == [words]
    record({"cover": [late]})
    assert found() == [words]


def test_a_guarantee_agreed_for_a_project_bears_its_claims():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record(financing("fin-1", "300.00", "prj-1", instrument="guarantee"))
    assert broken(claim_paid(instrument="guarantee")) == []
    before = claim_paid(instrument="guarantee", on=date(2026, 4, 30))
    assert len(broken(before)) == 1


def test_nothing_is_signed_through_a_guarantee_whatever_the_reason():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    words = (
        "financing fin-1, instrument: is exposure, not cash: "
        "a guarantee is entered as a cover of the financing it covers"
    )
    for reason in ("", "agreed by both sides"):
        agreed = financing("fin-1", "5.00", "prj-1", instrument="guarantee", override_reason=reason)
        assert broken(agreed) == [words]
    record(agreed)
    assert found() == [words]
    assert broken({"financing": [{**agreed["financing"][0], "withdrawn": True}]}) == []


def test_what_is_on_record_through_the_wrong_instrument_is_found():
    interest = make_entry("prj-1", "5.00", ref="led-1", kind="interest")
    record({"ledgerentry": [entry_record(interest)]})
    record({"instrument": [{"slug": "loan", "name": "loan", "is_cash": False}]})
    words = "is exposure, not cash: nothing is called or paid by it"
    assert f"ledgerentry led-1, instrument: {words}" in found()


def test_a_notice_lowered_below_what_came_in_is_refused_by_its_own_name():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "800.00", "2026-06-02", notice=notice)]})
    words = "funded 800.00 USD, but this notice calls 700.00 USD"
    refused = broken({"fundingnotice": [make_notice("prj-1", "700.00")]})
    assert f"fundingnotice ntc-prj-1, amount_usd: {words}" in refused


RECEIPT_NEEDED = "a receipt (document kind receipt) of a government or body, not of the press"
RECORD_NEEDED = (
    "a payment record (document kind payment_record) of a government or body, not of the press"
)
NOTICE_NEEDED = (
    "the notice (document kind funding_notice) of a government or body, not of the press"
)


def paper(kind: str, side: str) -> dict[str, str]:
    named = {"slug": "doc-paper", "title": "A paper", "kind": kind, "side": side}
    return {**named, "date": "2026-01-01", "access": "read"}


@pytest.mark.parametrize("kind", LedgerEntry.Kind)
def test_money_moves_on_its_own_kind_of_document_only(kind):
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record({"ledgerentry": [cash("funding", "500.00", "2026-03-02", ref="before")]})
    record({**financing("fin-1", "300.00", "prj-1"), "cover": [cover()]})
    claimed = kind == LedgerEntry.Kind.GUARANTEE_CALL
    entry = cash(kind, "5.00", "2026-06-01", instrument="guarantee" if claimed else "loan")
    entry |= {"ref": "led-1", "document": "doc-paper"}
    is_funding = kind == LedgerEntry.Kind.FUNDING
    own, other = ("receipt", "payment_record")[:: 1 if is_funding else -1]
    needed = RECEIPT_NEEDED if is_funding else RECORD_NEEDED
    refusal = f"ledgerentry led-1, document: “{kind.label}” needs {needed}."
    for named in (("article", "article"), ("news", "press"), (own, "press"), (other, "us")):
        posted = {"document": [paper(*named)], "ledgerentry": [entry]}
        assert broken(posted) == [refusal], named
    reason = [{**entry, "override_reason": "the bank told by telephone"}]
    assert broken({"document": [paper("news", "press")], "ledgerentry": reason}) == []
    assert broken({"document": [paper(own, "other")], "ledgerentry": [entry]}) == []
    record({"document": [paper("news", "press")]})
    record({"ledgerentry": [entry]})
    assert found() == [refusal]


def test_a_notice_rests_on_the_notice_itself():
    notice = called("ntc-2", "1.00")
    room = make_notice("prj-1", "800.00")
    refusal = f"fundingnotice ntc-2, document: “funding notice” needs {NOTICE_NEEDED}."
    assert broken({"fundingnotice": [room, {**notice, "document": None}]}) == [refusal]
    record({"document": [paper("news", "press")]})
    notice = {**notice, "document": "doc-paper"}
    assert broken({"fundingnotice": [room, notice]}) == [refusal]
    reason = {**notice, "override_reason": "published later"}
    assert broken({"fundingnotice": [room, reason]}) == []
    record({"fundingnotice": [room, notice]})
    assert found() == [refusal]
    record({"fundingnotice": [{**notice, "withdrawn": True}]})
    assert found() == []


def test_an_administrators_reason_stands_in_for_the_document_of_a_payment():
    record({"document": [paper("news", "press")]})
    [administrator] = make_people("administrator")
    entry = {**cash("fee", "5.00", "2026-06-01"), "document": "doc-paper"}
    line = {"kind": "ledgerentry", "data": entry}
    case = draft_case([line], title="a fee", actor=administrator)
    case = force_case(case.pk, actor=administrator, version=case.version, reason="told by the bank")
    assert case.changes[0]["data"]["override_reason"] == "told by the bank"


def test_documents_of_many_entries_are_judged_at_once(django_assert_num_queries):
    entries = [cash("fee", "1.00", "2026-06-01", ref=f"led-{n}") for n in range(5)]
    record({"ledgerentry": entries[:1]})
    record({"ledgerentry": entries[1:]})
    for ref in ("led-0", "led-1"):
        revision = LedgerEntry.objects.get(ref=ref).revision
        with django_assert_num_queries(4):  # relabelled documents; notices; entries and theirs
            assert money_evidenced(revision) == []


def of_notice(kind: str, amount: str, on: str, ref: str) -> dict:
    notice = FundingNotice.objects.get(ref="ntc-prj-1", supersedes=None)
    return cash(kind, amount, on, ref=ref, notice=notice)


def test_no_more_is_paid_on_of_a_notice_than_was_received_on_it():
    record({"fundingnotice": [make_notice("prj-1", "500.00"), called("ntc-2", "400.00")]})
    other = {**cash("funding", "400.00", "2026-06-01", ref="f2"), "notice": "ntc-2"}
    record({"ledgerentry": [of_notice("funding", "300.00", "2026-06-02", "f1"), other]})
    at_once = of_notice("disbursement", "300.00", "2026-06-02", "d1")
    assert broken({"ledgerentry": [at_once]}) == []
    too_much = of_notice("disbursement", "300.01", "2026-06-02", "d1")
    words = "disbursed 300.01 USD, but received 300.00 USD on this notice"
    assert broken({"ledgerentry": [too_much]}) == [f"fundingnotice ntc-prj-1, amount_usd: {words}"]
    assert broken({"ledgerentry": [{**too_much, "override_reason": "an advance"}]}) == []
    early = of_notice("disbursement", "5.00", "2026-06-01", "d1")
    assert on_days(broken({"ledgerentry": [early]})) == [
        "disbursed 5.00 USD by 2026-06-01, but received that much on this notice only on 2026-06-02"
    ]
    record({"ledgerentry": [too_much]})
    assert on_days(found()) == [f"ntc-prj-1: {words}"]


def test_nothing_is_paid_on_of_a_notice_that_was_declined():
    record({"ledgerentry": [cash("funding", "50.00", "2026-06-01")]})
    declined = {**called("ntc-2", "1.00"), "declined_on": "2026-06-01"}
    record({"fundingnotice": [declined]})
    paid = {**cash("disbursement", "50.00", "2026-06-02", ref="d1"), "notice": "ntc-2"}
    assert broken({"ledgerentry": [paid]}) == [
        "fundingnotice ntc-2, amount_usd: disbursed 50.00 USD, but received 0.00 USD on this notice"
    ]


def test_what_came_in_on_a_notice_stands_and_the_rest_of_it_is_declined():
    record({"ledgerentry": [of_notice("funding", "300.00", "2026-06-01", "f1")]})
    declined = make_notice("prj-1", "900.00", declined_on="2026-06-02")
    words = "funded 300.00 USD, but this notice calls 0.00 USD"
    assert any(words in line for line in broken({"fundingnotice": [declined]}))
    too_much = {**declined, "declined_usd": "600.01"}
    words = "funded 300.00 USD, but this notice calls 299.99 USD"
    assert any(words in line for line in broken({"fundingnotice": [too_much]}))
    record({"fundingnotice": [{**declined, "declined_usd": "600.00"}]})
    more = of_notice("funding", "0.01", "2026-06-03", "f2")
    words = "funded 300.01 USD, but this notice calls 300.00 USD"
    assert any(words in line for line in broken({"ledgerentry": [more]}))
    end = {"ref": "prj-1-ended", "project": "prj-1", "kind": "cancelled"}
    ended = {**end, "occurred_on": "2026-06-03", "document": DOCUMENT}
    assert broken({"stageevent": [ended]}) == []


def test_what_was_let_through_of_a_notice_leaves_no_room_and_keeps_its_limit():
    record({"ledgerentry": [of_notice("funding", "300.00", "2026-06-01", "f1")]})
    record({"ledgerentry": [cash("funding", "300.00", "2026-06-01", ref="f2")]})
    advance = of_notice("disbursement", "310.00", "2026-06-02", "d1")
    record({"ledgerentry": [{**advance, "override_reason": "an advance"}]})
    assert found() == []
    [words] = broken({"ledgerentry": [of_notice("disbursement", "1.00", "2026-06-02", "d2")]})
    assert words.endswith("disbursed 311.00 USD, but received 300.00 USD on this notice")
    back = {**of_notice("funding", "1.00", "2026-06-01", "f1-back"), "reverses": "f1"}
    back |= {"amount_usd": "-300.00", "amount": "-300.00"}
    told = on_days(broken({"ledgerentry": [back]}))
    assert "disbursed 310.00 USD, but received 0.00 USD on this notice" in told


def test_no_more_principal_is_repaid_than_was_funded():
    record({"ledgerentry": [cash("funding", "250.00", "2026-06-02")]})
    assert broken({"ledgerentry": [cash("principal", "250.00", "2026-06-02")]}) == []
    too_much = cash("principal", "250.01", "2026-06-03")
    words = "repaid 250.01 USD of principal, but funded 250.00 USD"
    assert on_days(broken({"ledgerentry": [too_much]})) == [words]
    assert broken({"ledgerentry": [{**too_much, "override_reason": "with a premium"}]}) == []
    [early] = broken({"ledgerentry": [cash("principal", "1.00", "2026-06-01")]})
    assert early.endswith("by 2026-06-01, but funded that much only on 2026-06-02")
    record({"ledgerentry": [too_much]})
    assert on_days(found()) == [f"prj-1: {words}"]


@pytest.mark.parametrize("kind", ["interest", "distribution"])
def test_nothing_is_paid_out_of_a_project_before_it_was_funded(kind):
    label = LedgerEntry.Kind(kind).label
    paid = cash(kind, "5.00", "2026-06-01", ref="led-1")
    words = f"“{label}” of 2026-06-01, but nothing was funded"
    assert broken({"ledgerentry": [paid]}) == [f"project prj-1, amount_usd: {words}"]
    assert broken({"ledgerentry": [{**paid, "override_reason": "from a reserve"}]}) == []
    record({"ledgerentry": [cash("funding", "9.00", "2026-06-02")]})
    words += " before 2026-06-02"
    assert on_days(broken({"ledgerentry": [paid]})) == [words]
    assert broken({"ledgerentry": [{**paid, "value_date": "2026-06-02"}]}) == []
    record({"ledgerentry": [paid]})
    assert on_days(found()) == [f"prj-1: {words}"]


def claimed(amount: str, ref: str, **more: str) -> dict:
    return cash("guarantee_call", amount, "2026-06-01", ref=ref, instrument="guarantee") | more


def test_no_more_is_claimed_than_guarantees_and_covers_leave():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record({**financing("fin-1", "300.00", "prj-1"), "cover": [cover(amount_usd="200.00")]})
    assert broken({"ledgerentry": [claimed("200.00", "led-1")]}) == []
    words = "prj-1: a claim of {} USD on 2026-06-01, but its guarantees and covers leave {} USD"
    [refused] = broken({"ledgerentry": [claimed("200.01", "led-1")]})
    assert refused == f"ledgerentry led-1, amount_usd: {words.format('200.01', '200.00')}"
    record({"ledgerentry": [claimed("150.00", "led-1")]})
    second = claimed("60.00", "led-2")
    told = f"ledgerentry led-2, amount_usd: {words.format('60.00', '50.00')}"
    assert broken({"ledgerentry": [second]}) == [told]
    forced = {**second, "override_reason": "the insurer paid interest"}
    assert broken({"ledgerentry": [forced]}) == []
    # a cover beside the first bears what it leaves, and an amount not stated any claim
    beside = cover(ref="cov-2", amount_usd="10.00")
    assert broken({"cover": [beside], "ledgerentry": [second]}) == []
    open_cover = cover(ref="cov-2", amount_usd=None)
    assert broken({"cover": [open_cover], "ledgerentry": [claimed("9000.00", "led-2")]}) == []
    record({"ledgerentry": [second]})
    assert found() == [told]


def test_a_cover_is_not_lowered_beneath_the_claims_paid_under_it():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record({**financing("fin-1", "300.00", "prj-1"), "cover": [cover(amount_usd="200.00")]})
    record({"ledgerentry": [claimed("150.00", "led-1")]})
    [refused] = broken({"cover": [cover(amount_usd="149.99")]})
    assert refused.endswith(
        "150.00 USD on 2026-06-01, but its guarantees and covers leave 149.99 USD"
    )
    record(financing("fin-2", "90.00", "prj-1", instrument="guarantee"))
    record({"ledgerentry": [claimed("140.00", "led-2")]})
    lower = {"claim": financing("fin-2", "80.00", "prj-1")["claim"]}
    [refused] = broken(lower)
    assert refused.endswith("but its guarantees and covers leave 130.00 USD")


def test_a_claim_let_through_leaves_nothing_to_the_next():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record({**financing("fin-1", "300.00", "prj-1"), "cover": [cover(amount_usd="200.00")]})
    record({"ledgerentry": [claimed("250.00", "led-1", override_reason="agreed")]})
    assert found() == []
    [refused] = broken({"ledgerentry": [claimed("1.00", "led-2")]})
    assert refused.endswith("but its guarantees and covers leave 0.00 USD")


def relabelled(slug: str, **labels: str) -> dict[str, list]:
    """The record of a document on the register, with some labels changed."""
    row = Document.objects.filter(slug=slug).values(
        "slug", "title", "kind", "side", "date", "access"
    )
    stored = row.get()
    return {"document": [{**stored, "date": str(stored["date"]), **labels}]}


def test_a_document_keeps_the_kind_and_the_side_that_evidence_what_rests_on_it():
    fin = financing("fin-1", "5.00", "prj-1")["financing"]
    record({"ledgerentry": [cash("funding", "5.00", "2026-06-01", ref="led-1")], "financing": fin})
    record({"document": [paper("fact_sheet", "us")]})
    record({"stageevent": [step("selected", document="doc-paper", ref="step-1")]})
    selection = (
        "stageevent step-1, document: “selected by the President” needs "
        "a decision or fact sheet of the United States, or a joint one."
    )
    signing = "“financing agreements signed” needs a lender's release, or a report of it."
    for slug, unfit, refusal in (
        ("doc-paper", {"kind": "lender_release"}, selection),
        ("doc-paper", {"side": "japan"}, selection),
        (LENDER_RELEASE, {"side": "article"}, f"financing fin-1, document: {signing}"),
        (
            "doc-notice",
            {"kind": "letter"},
            f"fundingnotice ntc-prj-1, document: “funding notice” needs {NOTICE_NEEDED}.",
        ),
        (
            "doc-receipt",
            {"side": "press"},
            f"ledgerentry led-1, document: “cash received in the designated account” needs {RECEIPT_NEEDED}.",
        ),
    ):
        told = [words for words in broken(relabelled(slug, **unfit)) if "document: " in words]
        assert told == [refusal], (slug, unfit)
        assert broken(relabelled(slug, title="Another name")) == []


def test_a_reason_for_something_else_keeps_its_evidence_when_a_document_is_relabelled():
    record({"document": [paper("fact_sheet", "us")]})
    forced = step("selected", document="doc-paper", override_reason="told by both sides")
    record({"stageevent": [forced, step("declined", document="doc-paper", withdrawn=True)]})
    needs = "a decision or fact sheet of the United States, or a joint one"
    turned = relabelled("doc-paper", kind="letter")
    refusal = f"stageevent {forced['ref']}, document: “selected by the President” needs {needs}."
    assert broken(turned) == [refusal]
    anew = {"stageevent": [{**forced, "override_reason": "told by both sides in a letter"}]}
    assert broken({**turned, **anew}) == []
    record({**turned, **anew})  # what never was its evidence is not lost
    assert broken(relabelled("doc-paper", kind="news")) == []


def test_a_step_on_a_document_that_is_no_evidence_of_it_is_found():
    event = make_project("prj-1")["stageevent"][0]
    record({"stageevent": [{**event, "document": LENDER_RELEASE}]})
    needs = "a decision or fact sheet of the United States, or a joint one"
    refusal = f"stageevent {event['ref']}, document: “selected by the President” needs {needs}."
    assert found() == [refusal]
    record({"stageevent": [{**event, "document": LENDER_RELEASE, "override_reason": "told"}]})
    assert found() == []
    planned = step("declined", document=LENDER_RELEASE, planned=True)
    record({"stageevent": [planned]})
    assert found() == []


@pytest.mark.parametrize(
    "change", [{"unit": "jpy"}, {"low": None, "high": None, "qualifier": "not_stated"}]
)
def test_a_selected_amount_is_not_made_unstated_under_what_is_signed_of_it(change):
    record({"fundingnotice": [make_notice("prj-1", "900.00", declined_on="2026-04-01")]})
    record(financing("fin-1", "900.00", "prj-1"))
    words = "prj-1: signed 900.00 USD, but no selected amount would be stated"
    restated = {"claim": [{**AMOUNT, **change}]}
    assert broken(restated) == [f"claim clm-prj-1, high: {words}"]
    anew = financing("fin-1", "900.00", "prj-1", override_reason="agreed")["financing"]
    assert broken({**restated, "financing": anew}) == []


def test_nothing_is_selected_of_a_project_that_never_was():
    """An agreement let through on it is not raised but for a reason of its own."""
    listed = make_project("prj-2", stage="candidate_listed", low="9000.00", high="9000.00")
    record(listed)
    signed = financing("fin-2", "100.00", "prj-2", override_reason="agreed")
    assert broken(signed) == []
    record(signed)
    assert found() == []
    raised = {"claim": [{**signed["claim"][0], "low": "9000.00", "high": "9000.00"}]}
    words = "prj-2: signed 9,000.00 USD, but selected at most 0.00 USD"
    assert broken(raised) == [f"financing fin-2, projects: {words}"]
    anew = [{**signed["financing"][0], "override_reason": "agreed anew"}]
    assert broken({**raised, "financing": anew}) == []
    selected = make_project("prj-2", low="9000.00", high="9000.00")
    selected["stageevent"][0]["occurred_on"] = "2026-02-18"
    chosen = {"stageevent": selected["stageevent"]}
    chosen["claim"] = [{**selected["claim"][0], "ref": "clm-prj-2-selected"}]
    assert broken({**merged(chosen, raised)}) == []


def test_no_more_is_called_than_was_selected_by_the_day_of_the_call():
    more = {
        **AMOUNT,
        "ref": "clm-2",
        "low": "5000.00",
        "high": "5000.00",
        "stated_on": "2026-10-01",
    }
    record({"claim": [more]})
    second = make_notice("prj-1", "100.00", ref="ntc-2", number="2")
    assert broken({"fundingnotice": [{**second, "received_on": "2026-10-01"}]}) == []
    early = {**second, "received_on": "2026-06-01"}
    words = "prj-1: noticed 1,000.00 USD by 2026-06-01, but selected at most 900.00 USD by then"
    refusal = f"fundingnotice ntc-2, amount_usd: {words}"
    assert broken({"fundingnotice": [early]}) == [refusal]
    assert broken({"fundingnotice": [{**early, "override_reason": "agreed"}]}) == []
    record({"fundingnotice": [early]})
    assert found() == [refusal]


def test_no_reason_is_flagged_where_no_rule_is_broken():
    [administrator] = make_people("administrator")
    lines = [
        {"kind": "fundingnotice", "data": called(ref, amount, override_reason="agreed")}
        for ref, amount in (("ntc-2", "300.00"), ("ntc-3", "5.00"))
    ]
    project = make_project("prj-2", low="50.00", high="50.00")
    record(project)
    lines[1]["data"]["project"] = "prj-2"
    case = draft_case(lines, title="two notices", actor=administrator)
    given = {"actor": administrator, "version": case.version, "now": NOW}
    with pytest.raises(CaseRefused, match="where no rule is broken") as refused:
        submit_case(case.pk, **given)
    assert refused.value.details == (
        "fundingnotice ntc-3, override_reason: no rule stands against this: leave it empty",
    )
    lines[1]["data"]["override_reason"] = ""
    case = draft_case(lines, title="two notices", actor=administrator)
    case = submit_case(case.pk, **{**given, "version": case.version})
    assert case.state == "submitted"


def test_a_reason_for_a_receipt_lets_no_payment_through():
    record({"ledgerentry": [cash("funding", "900.00", "2026-06-02")]})
    more = cash("funding", "100.00", "2026-06-02", ref="f2", excuse="an advance")
    for kind, words in (
        ("disbursement", "disbursed 1,100.00 USD, but funded 1,000.00 USD"),
        ("principal", "repaid 1,100.00 USD of principal, but funded 1,000.00 USD"),
    ):
        paid = cash(kind, "1100.00", "2026-06-03", ref="d1")
        assert on_days(broken({"ledgerentry": [more, paid]})) == [words]
        enough = {**paid, "amount": "1000.00", "amount_usd": "1000.00"}
        assert broken({"ledgerentry": [more, enough]}) == []


def test_what_was_let_through_is_not_replaced_by_what_gives_no_reason():
    notice = FundingNotice.objects.get()
    forced = cash("funding", "1000.00", "2026-06-02", ref="f1", notice=notice, excuse="agreed")
    record({"ledgerentry": [forced]})
    back = {**forced, "ref": "f1-back", "reverses": "f1", "override_reason": ""}
    back |= {"amount_usd": "-1000.00", "amount": "-1000.00"}
    again = {**forced, "ref": "f2", "override_reason": ""}
    assert len(broken({"ledgerentry": [back, again]})) == 2
    assert broken({"ledgerentry": [back, {**again, "override_reason": "agreed"}]}) == []
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    gone = called("ntc-2", "300.00", declined_on="2026-04-01")
    swapped = {"fundingnotice": [gone, called("ntc-3", "300.00")]}
    words = "prj-1: noticed 1,200.00 USD, but selected at most 900.00 USD"
    assert broken(swapped) == [f"fundingnotice ntc-3, amount_usd: {words}"]


def test_the_reason_of_an_end_lets_no_amount_be_lowered_and_nothing_be_added():
    ended = {**step("cancelled"), "override_reason": "the courts stopped it"}
    lower = {**AMOUNT, "low": "100.00", "high": "100.00"}
    words = "prj-1: noticed 900.00 USD, but selected at most 100.00 USD"
    refusal = f"claim clm-prj-1, high: {words}"
    assert broken({"stageevent": [ended], "claim": [lower]}) == [refusal]
    late = called("ntc-2", "0.01", received_on="2026-06-02")
    gone = "fundingnotice ntc-2, amount_usd: prj-1: “prj-1” has ended"
    assert broken({"stageevent": [ended], "fundingnotice": [late]}) == [gone]
    record({"stageevent": [ended]})
    assert broken({"fundingnotice": [late]}) == [gone]
    back = {"stageevent": [{**ended, "withdrawn": True, "override_reason": ""}]}
    assert broken({**back, "claim": [lower]}) == [refusal]
    assert broken(back) == []


def test_a_notice_stays_with_the_project_of_the_cash_that_moved_on_it():
    notice = FundingNotice.objects.get()
    record(make_project("prj-2", low="5000.00", high="5000.00"))
    record({"ledgerentry": [cash("funding", "500.00", "2026-06-02", notice=notice)]})
    moved = {**make_notice("prj-1", "900.00"), "project": "prj-2", "number": "S1"}
    beside = called("ntc-2", "900.00")
    words = "cash of “prj-1” moved on it: reverse that first"
    refusal = f"fundingnotice ntc-prj-1, project: {words}"
    assert broken({"fundingnotice": [moved, beside]}) == [refusal]
    record({"fundingnotice": [moved, beside]})
    assert refusal in found()


def test_a_reason_is_kept_for_what_it_was_given_for_only():
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    record({"document": [{**LENDER_DOCUMENT, "slug": "doc-press", "kind": "news"}]})
    kept = {**called("ntc-2", "300.00"), "document": "doc-press"}
    told = "fundingnotice ntc-2, override_reason: was given for something else ({}): word it anew"
    [*_others, refused] = broken({"fundingnotice": [{**kept, "override_reason": "agreed"}]})
    assert refused.startswith(told.format("document"))
    assert len(broken({"fundingnotice": [kept]})) == 2  # no evidence, and beyond the limit
    ended = {**step("cancelled"), "override_reason": "the courts stopped it"}
    record({"stageevent": [ended]})
    [refused] = broken({"stageevent": [{**ended, "occurred_on": "2026-05-01"}]})
    assert "was given for something else (occurred_on)" in refused
    assert broken({"stageevent": [{**ended, "note": "as told"}]}) == []


def test_the_reason_of_an_agreement_is_kept_for_the_projects_it_was_given_for():
    record(make_project("prj-2", low="900.00", high="900.00"))
    record(financing("fin-1", "1800.01", "prj-1", "prj-2", override_reason="a reserve"))
    fewer = financing("fin-1", "900.00", "prj-1", override_reason="a reserve")
    [refused] = broken(fewer)
    assert "override_reason: was given for something else (projects)" in refused
    assert broken(financing("fin-1", "900.00", "prj-1", override_reason="a fee")) == []


def test_a_notice_keeps_the_instrument_of_a_receipt_let_through():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "500.00", "2026-06-02", notice=notice, excuse="x")]})
    changed = make_notice("prj-1", "900.00", instrument="equity")
    words = "fundingnotice ntc-prj-1, instrument: is loan, but notice ntc-prj-1 calls equity"
    assert broken({"fundingnotice": [changed]}) == [words]
    assert broken({"fundingnotice": [{**changed, "override_reason": "agreed"}]}) == []


def test_a_cover_is_not_lowered_beneath_a_claim_let_through():
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record({**financing("fin-1", "300.00", "prj-1"), "cover": [cover(amount_usd="200.00")]})
    record({"ledgerentry": [claimed("250.00", "led-1", override_reason="agreed")]})
    [refused] = broken({"cover": [cover(amount_usd="100.00")]})
    assert refused.endswith("but its guarantees and covers leave 100.00 USD")
    assert broken({"cover": [cover(amount_usd="210.00")]}) == []
    assert found() == []


def test_an_editor_corrects_what_an_administrator_let_through_and_keeps_the_reason():
    [editor] = make_people("editor")
    agreed = financing("fin-1", "900.01", "prj-1", override_reason="a reserve")
    record(agreed)
    change = {**agreed["financing"][0], "tenor_months": 120}
    case = draft_case([{"kind": "financing", "data": change}], title="its tenor", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    assert case.state == "submitted"
    stripped = {**change, "override_reason": ""}
    assert len(broken({"financing": [stripped]})) == 1


def test_cash_moves_on_a_notice_that_was_moved_only_of_its_new_project():
    record(make_project("prj-2", low="5000.00", high="5000.00"))
    moved = {**make_notice("prj-1", "900.00"), "project": "prj-2", "number": "S1"}
    record({"fundingnotice": [moved]})
    notice = FundingNotice.objects.get(supersedes=None)
    other = cash("funding", "10.00", "2026-06-02", notice=notice)
    with pytest.raises(RecordError, match="belongs to another project"):
        record({"ledgerentry": [other]})
    assert broken({"ledgerentry": [{**other, "project": "prj-2"}]}) == []


def test_a_reason_is_worded_anew_for_what_was_withdrawn():
    ended = {**step("cancelled"), "override_reason": "the courts stopped it"}
    record({"stageevent": [ended]})
    record({"stageevent": [{**ended, "withdrawn": True}]})
    record({"fundingnotice": [make_notice("prj-1", "900.00", account="an account")]})
    [refused] = broken({"stageevent": [ended]})
    assert "was given for something else (withdrawn): word it anew" in refused
    assert (
        broken({"stageevent": [{**ended, "override_reason": "the courts stopped it again"}]}) == []
    )


def test_a_notice_on_another_document_is_not_raised_for_the_reason_it_has():
    record({"document": [{**LENDER_DOCUMENT, "slug": "doc-press", "kind": "news"}]})
    told = called("ntc-2", "10.00", document="doc-press", override_reason="as told")
    record({"claim": [{**AMOUNT, "low": "5000.00", "high": "5000.00"}], "fundingnotice": [told]})
    raised = {**told, "amount_usd": "20.00"}
    [refused] = broken({"fundingnotice": [raised]})
    assert refused.startswith("fundingnotice ntc-2, document: “funding notice” needs")
    assert broken({"fundingnotice": [{**raised, "override_reason": "as told anew"}]}) == []


def test_a_project_ends_with_what_was_called_and_came_in():
    notice = FundingNotice.objects.get()
    record({"ledgerentry": [cash("funding", "500.00", "2026-05-02", notice=notice)]})
    ended = {"stageevent": [step("cancelled")]}
    words = "so it ends only once those notices are declined, or lowered to what came in on them"
    [refused] = broken(ended)
    assert refused.endswith(f"{CALLED}, {words}")
    lowered = {"fundingnotice": [make_notice("prj-1", "500.00")]}
    assert broken({**ended, **lowered}) == []
    record({**ended, **lowered})
    assert found() == []
    gone = "fundingnotice ntc-2, amount_usd: prj-1: “prj-1” has ended"
    assert broken({"fundingnotice": [called("ntc-2", "1.00", received_on="2026-06-02")]}) == [gone]
    back = {**cash("funding", "500.00", "2026-05-02", notice=notice), "ref": "back"}
    back |= {"amount": "-500.00", "amount_usd": "-500.00", "reverses": "led-funding-2026-05-02"}
    record({"ledgerentry": [back]})
    assert found() == []


def test_a_window_computed_by_other_terms_is_seen_to_change():
    editor, approver = make_people("editor", "approver")
    line = {"kind": "fundingnotice", "data": make_notice("prj-1", "900.00", account="an account")}
    case = draft_case([line], title="its account", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    [window] = [term for term in BASE["term"] if term["key"] == "funding_window"]
    record({"term": [{**window, "value": {**window["value"], "business_days": 60}}]})
    with pytest.raises(CaseRefused) as refused:
        approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    assert (refused.value.code, [m.kind for m in refused.value.moved]) == ("changed", ["term"])


def test_a_payment_is_not_approved_over_an_end_that_nobody_saw():
    editor, approver = make_people("editor", "approver")
    record({"ledgerentry": [cash("funding", "900.00", "2026-05-02")]})
    paid = {"kind": "ledgerentry", "data": cash("disbursement", "900.00", "2026-10-02")}
    case = draft_case([paid], title="paid on", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    record({"stageevent": [step("cancelled", "2026-09-01")]})
    with pytest.raises(CaseRefused) as refused:
        approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    assert (refused.value.code, [m.kind for m in refused.value.moved]) == (
        "changed",
        ["stageevent"],
    )


def test_an_administrator_takes_back_what_needs_a_reason_anew():
    editor, approver, administrator = make_people("editor", "approver", "administrator")
    record({"fundingnotice": [called("ntc-2", "300.00", override_reason="agreed")]})
    gone = {"kind": "fundingnotice", "data": {**called("ntc-2", "300.00"), "withdrawn": True}}
    case = draft_case([gone], title="taken back", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    case = approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    undone = {"reason": "it stands after all", "now": NOW}
    with pytest.raises(CaseRefused, match="would break a rule"):
        propose_undo(case.revision_id, actor=editor, **undone)
    draft = propose_undo(case.revision_id, actor=administrator, **undone)
    assert draft.state == "draft"
    given = {"actor": administrator, "version": draft.version}
    forced = force_case(draft.pk, **given, reason="agreed once more")
    forced = submit_case(forced.pk, actor=administrator, version=forced.version, now=NOW)
    assert [c["data"]["override_reason"] for c in forced.changes] == ["agreed once more"]
