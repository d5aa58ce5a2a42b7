"""Posting, reversing, and the roll-ups kept with the ledger."""

import hashlib
import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Document, Revision
from commitments.services.register import RecordError
from projects.metrics import BY_KEY, evaluate
from projects.models import LedgerDay, LedgerEntry, LedgerMonth, LedgerProject
from projects.selectors.ledger import forced_funding, wrongly_late
from projects.services import rules
from projects.services.entries import ReversalRefused, reversal_record
from projects.services.ledger import FIELDS, rebuild_rollups, rollup_differences, sealed
from projects.services.rules import periods_are_over
from tests.builders import (
    DOCUMENT,
    RECEIPT,
    broken,
    entry_record,
    make_closing,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    point,
    post,
    reading,
    record,
)
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def projects(db):
    make_register()
    record(merged(make_project("prj-1"), make_project("prj-2", sector="metals")))


def funded(as_of=date(2026, 11, 24), **kwargs):
    return evaluate(BY_KEY["funded_usd"], reading(as_of, **kwargs)).bounds.value


def reverse(entry, **overrides):
    """Post the opposite of an entry as a case would. Return it."""
    opposite = {**reversal_record(entry, Document.objects.get(slug=DOCUMENT)), **overrides}
    record({"ledgerentry": [opposite]})
    return LedgerEntry.objects.get(ref=opposite["ref"])


def refusals_of(*records):
    with pytest.raises(RecordError) as refused:
        record({"ledgerentry": records})
    return list(map(str, refused.value.refusals))


def test_a_posting_asks_nothing_of_kinds_it_wrote_none_of(projects, django_assert_max_num_queries):
    post([make_entry("prj-1", "5.00", kind="fee")])
    with django_assert_max_num_queries(75):
        post([make_entry("prj-1", "5.00", kind="fee")])


def test_entries_of_one_cell_are_one_row_of_the_roll_up(projects):
    post([make_entry("prj-1", "1.10"), make_entry("prj-1", "2.20")])
    post([make_entry("prj-1", "3.30")])
    assert list(LedgerDay.objects.values_list("amount_usd", flat=True)) == [D("6.60")]
    assert list(LedgerProject.objects.values_list("amount_usd", flat=True)) == [D("6.60")]
    assert rollup_differences() == []


def test_large_amounts_are_exact_to_the_cent(projects):
    amount = D("12345678901234.56")
    post([make_entry("prj-1", str(amount)) for _ in range(1000)])
    assert funded() == amount * 1000
    assert LedgerEntry.objects.first().amount_usd == amount


def test_a_reversal_takes_the_value_date_and_leaves_the_past_as_it_was_known(projects):
    entry_on = date(2026, 6, 1)
    before = post([make_entry("prj-1", "100.00", on=entry_on)])
    reversal = reverse(LedgerEntry.objects.get())
    assert (reversal.value_date, reversal.amount_usd) == (entry_on, D("-100.00"))
    assert funded() == D("0.00")
    assert funded(revision=before.number) == D("100.00")
    assert rollup_differences() == []


def test_what_was_reversed_in_full_leaves_its_project_no_stage_and_keeps_the_past(projects, client):
    early, late = (
        make_entry("prj-1", "100.00", on=date(2026, 6, day), excuse="agreed") for day in (1, 8)
    )
    post([early, late])
    paid = make_entry("prj-1", "100.00", kind="disbursement", on=date(2026, 6, 9))
    before = post([paid])
    for entry in (early, paid):
        reverse(LedgerEntry.objects.get(ref=entry.ref))
    stages = [
        reading(revision=number).by_slug["prj-1"].standing.stage for number in (before.number, None)
    ]
    assert stages == ["disbursed", "funded"]
    assert reading(published_by=date(2026, 11, 24)).by_slug["prj-1"].standing.stage == "funded"
    words = read(client, "/projects/prj-1/?as_of=2026-11-24").section('class="step wide"', "</ol>")
    assert "funded 8 Jun 2026" in words
    assert "disbursed none published" in words
    found = client.get("/api/v1/projects/?stage=funded&as_of=2026-11-24").json()["results"]
    assert [(p["slug"], p["stage"]) for p in found] == [("prj-1", "funded")]
    assert [e.ref for e in forced_funding(["prj-1"], point())] == [late.ref]


def test_a_project_is_raised_from_the_day_of_what_was_not_reversed(projects):
    record(make_project("prj-9", stage="announced_second_batch", low="500.00", high="500.00"))
    early, late = (make_entry("prj-9", "100.00", on=date(2026, 6, day)) for day in (1, 8))
    post([early, late])
    reverse(LedgerEntry.objects.get(ref=early.ref))
    told = reading()
    days = [date(2026, 6, day) for day in (7, 8)]
    stood = [[m.project for m in told.members_by("in_consultation", day)] for day in days]
    assert stood == [["prj-9"], []]


def test_the_seal_is_the_hash_of_canonical_json_whatever_the_values_hold():
    row = dict.fromkeys(FIELDS) | {
        **{"ref": 'led-"1"', "number": 7, "note": "元利金 \\ 100%\n", "locator": ""},
        **{"value_date": date(2026, 6, 1), "amount": -1_00, "fx_rate": Decimal("152.30000000")},
    }
    row.pop("sha256")
    given = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False, "default": str}
    assert sealed(row) == hashlib.sha256(json.dumps(row, **given).encode()).hexdigest()


def test_only_cash_that_a_limit_holds_is_held_to_the_limits(projects, monkeypatch):
    asked = []
    monkeypatch.setattr(
        rules, "cash_problems", lambda projects, revision: asked.append(len(projects)) or []
    )
    for kind in ("fee", "distribution", "funding", "disbursement"):
        post([make_entry("prj-1", "5.00", kind=kind)])
    assert asked == [0, 1, 1, 1]


def test_an_entry_is_reversed_once_and_a_reversal_never(projects):
    post([make_entry("prj-1", "100.00", ref="led-a")])
    original = LedgerEntry.objects.get()
    again = reversal_record(original, Document.objects.get(slug=DOCUMENT))
    reversal = reverse(original)
    original.refresh_from_db()
    with pytest.raises(ReversalRefused, match="Entry led-a was reversed by led-a-reversed"):
        reverse(original)
    with pytest.raises(ReversalRefused, match="Entry led-a-reversed is itself a reversal"):
        reverse(reversal)
    assert refusals_of({**again, "ref": "led-b"}) == [
        "ledgerentry led-b, reverses: led-a was reversed by led-a-reversed"
    ]
    assert refusals_of({**again, "ref": "led-c", "reverses": "led-a-reversed"}) == [
        "ledgerentry led-c, reverses: led-a-reversed is itself a reversal",
        "ledgerentry led-c, amount_usd: must be the opposite of the entry it reverses: 100.00",
        "ledgerentry led-c, amount: must be the opposite of the entry it reverses: 100.00",
    ]


def test_a_reversal_is_exactly_the_opposite_on_the_same_value_date(projects):
    post([make_entry("prj-1", "100.00", ref="led-a")])
    opposite = reversal_record(LedgerEntry.objects.get(), Document.objects.get(slug=DOCUMENT))
    changed = {"value_date": "2026-06-02", "amount_usd": "-99.99", "amount": "-99.99"}
    assert refusals_of({**opposite, **changed, "instrument": "equity"}) == [
        "ledgerentry led-a-reversed, instrument: must be as in the entry it reverses, led-a",
        "ledgerentry led-a-reversed, value_date: must be as in the entry it reverses, led-a",
        "ledgerentry led-a-reversed, amount_usd: must be the opposite of the entry it reverses: "
        "-100.00",
        "ledgerentry led-a-reversed, amount: must be the opposite of the entry it reverses: "
        "-100.00",
    ]
    assert refusals_of({**opposite, "override_reason": "a test of something else"}) == [
        "ledgerentry led-a-reversed, override_reason: "
        "a reversal sets no rule aside: leave this empty"
    ]
    assert LedgerEntry.objects.count() == 1


def test_a_reversal_may_stand_beside_what_it_reverses_and_follows_it_in_the_chain(projects):
    entry = make_entry("prj-1", "100.00", ref="led-a", excuse="")
    original = entry_record(entry)
    opposite = {
        **original,
        "ref": "led-0",
        "amount_usd": "-100.00",
        "amount": "-100.00",
        "reverses": "led-a",
    }
    record({"ledgerentry": [opposite, original]})
    assert list(LedgerEntry.objects.order_by("number").values_list("ref", flat=True)) == [
        "led-a",
        "led-0",
    ]
    assert funded() == D("0.00")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount_usd": "0.00"}, "amount_usd: an entry of zero says nothing"),
        ({"amount_usd": "-5.00"}, "amount_usd: is negative; only a reversal is"),
        ({"amount_usd": "-0"}, "amount_usd: an entry of zero says nothing"),
        ({"amount_usd": ""}, "amount_usd: is required"),
        *(
            ({"amount_usd": text}, f"amount_usd: “{text}” is not an amount like 1234.50, at most")
            for text in ("NaN", "Infinity", "1e400", "0.005", "1,000.50", "١٢", "1_000")
        ),
        (
            {"amount_usd": "1" * 16},
            "amount_usd: is too large: at most 15 digits before the point are kept",
        ),
        ({"value_date": "2026-02-30"}, "value_date: “2026-02-30” is not a date like 2026-02-28"),
        ({"value_date": "2026-W09-1"}, "value_date: “2026-W09-1” is not a date like 2026-02-28"),
        ({"value_date": "0000-01-01"}, "value_date: “0000-01-01” is not a date like 2026-02-28"),
        ({"value_date": "9999-12-31"}, "value_date: 9999-12-31 lies in the future"),
        ({"project": "prj-9"}, "project: no project “prj-9”"),
        ({"kind": "gift"}, "kind: must be one of: disbursement, distribution, fee, funding"),
        ({"colour": "red"}, "colour: no such field"),
        ({"override_reason": " "}, "override_reason: is blank"),
        ({"note": "a\x00b"}, "note: must be text of at most 10000 characters"),
        ({"ref": "l" * 141}, "ref: must be text of at most 140 characters"),
        (
            {"amount": "5.01"},
            "amount: differs from the amount in US dollars, though both are in dollars",
        ),
        ({"fx_rate": "150"}, "fx_rate: a dollar amount has no rate"),
    ],
)
def test_an_entry_that_cannot_stand_is_refused_whole(projects, change, words):
    sound, wrong = (entry_record(make_entry("prj-1", "5.00", ref=r)) for r in ("led-a", "led-b"))
    [refusal] = refusals_of(sound, {**wrong, "amount": None, **change})
    assert words in refusal
    assert LedgerEntry.objects.count() == LedgerDay.objects.count() == 0
    assert Revision.objects.count() == 2


def test_a_ref_stands_once_in_a_set_and_is_posted_once(projects):
    entry = entry_record(make_entry("prj-1", "5.00", ref="led-a"))
    assert refusals_of(entry, entry) == [
        "ledgerentry led-a, ref: “led-a” stands twice in these records"
    ]
    assert record({"ledgerentry": [entry]}).number == 3
    assert record({"ledgerentry": [entry]}) is None
    assert refusals_of({**entry, "amount_usd": "6.00", "amount": "6.00"}) == [
        "ledgerentry led-a, ref: is posted with other values; a posted entry is reversed, not changed"
    ]


YEN = {
    "currency": "JPY",
    "amount": "15231000000",
    "amount_usd": "100000000.00",
    "fx_rate": "152.31",
    "fx_on": "2026-06-01",
    "fx_source": "Bank of Japan, Tokyo 17:00",
}


def test_a_yen_payment_keeps_yen_rate_day_and_source_beside_its_dollars(projects):
    entry = {**entry_record(make_entry("prj-1", "1.00", ref="led-yen")), **YEN}
    record({"ledgerentry": [entry]})
    stored = LedgerEntry.objects.get()
    assert {name: str(getattr(stored, name)) for name in YEN} == {
        **YEN,
        "amount": "15231000000.00",
        "fx_rate": "152.31000000",
    }
    post([make_entry("prj-1", "0.50")])
    assert funded() == D("100000000.50")
    assert record({"ledgerentry": [entry]}) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": "1.50", "amount_usd": "0.01"}, "amount: yen have no decimals"),
        ({"fx_source": ""}, "fx_source: is required: who states the rate of JPY"),
        ({"fx_on": None}, "fx_on: is required: the day of the rate of JPY"),
        ({"fx_rate": None}, "fx_rate: is required: the rate of JPY to the US dollar"),
        ({"fx_rate": "0.000000001"}, "fx_rate: “0.000000001” is not a rate like 152.3"),
        ({"currency": "yen"}, "currency: must be three capitals, as in JPY"),
        (
            {"amount_usd": "100000000.01"},
            "amount_usd: is not the amount divided by the rate, 100000000.00",
        ),
    ],
)
def test_a_yen_payment_without_a_sound_conversion_is_refused(projects, change, words):
    entry = {**entry_record(make_entry("prj-1", "1.00", ref="led-yen")), **YEN, **change}
    [refusal] = refusals_of(entry)
    assert words in refusal


def test_an_entry_names_a_notice_and_commitment_of_its_own_project(projects):
    record(
        {
            "commitment": [
                {"slug": "other-us", "name": "O", "investor": "O", "investor_code": "XX"}
            ],
            "fundingnotice": [make_notice("prj-2", "10.00")],
        }
    )
    entry = entry_record(make_entry("prj-1", "1.00", ref="led-a"))
    assert refusals_of({**entry, "notice": "ntc-prj-2", "commitment": "other-us"}) == [
        "ledgerentry led-a, project: belongs to another commitment",
        "ledgerentry led-a, notice: belongs to another project",
    ]


def test_a_late_entry_in_a_closed_period_needs_a_reason(projects):
    record(make_closing("2026-06-30"))
    late = entry_record(make_entry("prj-1", "5.00", ref="led-a", on=date(2026, 6, 30)))
    assert refusals_of(late) == [
        "ledgerentry led-a, late_reason: the period up to 2026-06-30 was closed; "
        "say why this is posted into it"
    ]
    record({"ledgerentry": [{**late, "late_reason": "the bank told us in July"}]})
    post([make_entry("prj-1", "6.00", on=date(2026, 7, 1))])
    assert list(LedgerEntry.objects.order_by("number").values_list("late_reason", flat=True)) == [
        "the bank told us in July",
        "",
    ]


def test_a_reversal_into_a_closed_period_is_late_too(projects):
    post([make_entry("prj-1", "5.00", ref="led-a")])
    record(make_closing("2026-06-30"))
    entry = LedgerEntry.objects.get()
    with pytest.raises(RecordError, match="late_reason: the period up to 2026-06-30 was closed"):
        reverse(entry)
    assert reverse(entry, late_reason="entered twice").late_reason == "entered twice"


def test_a_reason_where_nothing_is_late_is_refused(projects):
    record(make_closing("2026-06-30"))
    entry = entry_record(make_entry("prj-1", "5.00", ref="led-a", on=date(2026, 7, 1)))
    assert refusals_of({**entry, "late_reason": "the bank told us in August"}) == [
        "ledgerentry led-a, late_reason: 2026-07-01 lies in no closed period; leave this empty"
    ]


@pytest.mark.parametrize("change", [{"ends_on": "2026-05-31"}, {"withdrawn": True}])
@pytest.mark.parametrize("apart", [True, False])
def test_a_period_moved_back_or_opened_again_stays_closed_for_what_is_posted_since(
    projects, change, apart
):
    record(make_closing("2026-06-30"))
    opened = make_closing("2026-06-30", **change)
    late = entry_record(make_entry("prj-1", "5.00", ref="led-a", on=date(2026, 6, 10)))
    if apart:
        record(opened)
    said = broken({"ledgerentry": [late]} if apart else {**opened, "ledgerentry": [late]})
    assert said == [
        "ledgerentry led-a, late_reason: the period up to 2026-06-30 was closed; "
        "say why this is posted into it"
    ]
    record({"ledgerentry": [{**late, "late_reason": "the bank told us in July"}]})
    assert list(wrongly_late()) == []


def test_what_was_posted_before_a_period_was_closed_is_not_late(projects):
    post([make_entry("prj-1", "5.00", ref="led-a")])
    record(make_closing("2026-06-30"))
    assert list(wrongly_late()) == []


def test_a_period_that_is_not_over_cannot_be_closed(projects):
    record(make_closing("2099-12-31"))
    [refusal] = periods_are_over(Revision.objects.first())
    assert str(refusal) == (
        "closedperiod closed-2099-12-31, ends_on: "
        "is not over: only a period that has ended can be closed"
    )


def test_a_past_day_sums_only_what_had_moved(projects):
    post(
        [
            make_entry("prj-1", "10.00", on=date(2026, 3, 1)),
            make_entry("prj-2", "20.00", on=date(2026, 9, 1)),
        ]
    )
    assert funded(date(2026, 2, 28)) == D("0.00")
    assert funded(date(2026, 3, 1)) == D("10.00")
    assert funded(date(2026, 9, 1)) == D("30.00")


@pytest.mark.parametrize(
    ("as_of", "revision", "documents"),
    [
        (date(2026, 11, 24), None, ("doc-receipt", "doc-second")),  # of the whole
        (date(2026, 6, 1), None, ("doc-receipt", "doc-second")),  # months and the ledger
        (date(2026, 3, 31), None, ("doc-receipt",)),  # whole months
        (date(2026, 11, 24), "first", ("doc-receipt",)),  # the ledger
    ],
)
def test_cash_names_the_documents_it_rests_on(projects, as_of, revision, documents):
    first = post([make_entry("prj-1", "1.00", on=date(2026, 3, 1))])
    second = {"slug": "doc-second", "title": "Second", "kind": "fact_sheet", "access": "read"}
    record({"document": [{**second, "side": "us", "date": "2025-09-04"}]})
    other = entry_record(make_entry("prj-1", "2.00", on=date(2026, 6, 1)))
    later = entry_record(make_entry("prj-2", "4.00", on=date(2026, 6, 20)))
    record({"ledgerentry": [{**other, "document": "doc-second"}, later]})
    number = first.number if revision else None
    figure = evaluate(BY_KEY["funded_usd"], reading(as_of, revision=number))
    assert [row.documents for row in figure.rows if row.ref.startswith("prj-1")] == [documents]


def test_a_trailing_rate_rests_on_the_days_in_its_window(projects):
    post(
        [
            make_entry("prj-1", "90.00", on=date(2026, 3, 1)),
            make_entry("prj-1", "40.00", on=date(2026, 9, 1)),
            make_entry("prj-2", "20.00", on=date(2026, 9, 1)),
        ]
    )
    figure = evaluate(BY_KEY["trailing_90d_usd_per_month"], reading(date(2026, 9, 30)))
    by_part = {row.part: (row.on, row.bounds.value, row.documents) for row in figure.rows}
    assert by_part == {
        "numerator": (date(2026, 9, 1), D("60.00"), (RECEIPT,)),
        "denominator": (None, D(90), ()),
    }
    assert figure.bounds.value == D("60.00") / 90 * D("30.4375")


def test_a_project_has_one_row_in_all_and_one_a_month(projects):
    post(
        [
            make_entry("prj-1", "1.00", on=date(2026, 3, 1)),
            make_entry("prj-1", "2.00", on=date(2026, 3, 31)),
            make_entry("prj-1", "4.00", on=date(2026, 4, 1)),
        ]
    )
    kept = LedgerMonth.objects.order_by("month").values_list(
        "month", "amount_usd", "last_value_date"
    )
    assert list(kept) == [
        (date(2026, 3, 1), D("3.00"), date(2026, 3, 31)),
        (date(2026, 4, 1), D("4.00"), date(2026, 4, 1)),
    ]
    total = LedgerProject.objects.values_list("amount_usd", "last_value_date")
    assert list(total) == [(D("7.00"), date(2026, 4, 1))]
    rebuild_rollups()
    assert list(total.all()) == [(D("7.00"), date(2026, 4, 1))]
    assert [row[1] for row in kept.all()] == [D("3.00"), D("4.00")]


@pytest.mark.parametrize(
    ("as_of", "total", "reads_the_ledger"),
    [
        (date(2026, 3, 31), D("1.00"), False),
        (date(2026, 4, 9), D("1.00"), True),
        (date(2026, 4, 10), D("3.00"), True),
        (date(2026, 4, 20), D("7.00"), False),
        (date(2026, 11, 24), D("7.00"), False),
    ],
)
def test_a_day_inside_a_month_adds_that_months_entries_to_the_roll_up(
    projects, as_of, total, reads_the_ledger
):
    post(
        [
            make_entry("prj-1", "1.00", on=date(2026, 3, 1)),
            make_entry("prj-1", "2.00", on=date(2026, 4, 10)),
            make_entry("prj-1", "4.00", on=date(2026, 4, 20)),
        ]
    )
    found = reading(as_of)
    with CaptureQueriesContext(connection) as statements:
        members = found.members("funded")
    assert [member.row.bounds.value for member in members] == [total]
    read = [q["sql"] for q in statements if "projects_ledgerentry" in q["sql"]]
    assert ["2026-04-01" in sql for sql in read] == ([True] if reads_the_ledger else [])


def test_a_rebuild_gives_what_was_kept_and_a_difference_is_named(projects):
    post([make_entry("prj-1", "10.00"), make_entry("prj-2", "20.00", kind="disbursement")])
    LedgerDay.objects.update(amount_usd=D("99.00"))
    (first, second) = rollup_differences()
    assert "99.00 kept, 20.00 in the ledger" in first
    assert "99.00 kept, 10.00 in the ledger" in second
    rebuild_rollups()
    assert rollup_differences() == []


def test_pace_follows_from_what_was_funded(projects):
    post([make_entry("prj-1", "1000000000.00", on=date(2026, 5, 1))])
    found = reading(date(2026, 11, 22))
    month = evaluate(BY_KEY["required_usd_per_month"], found).bounds.value
    assert month == D("549000000000.00") / 789 * D("30.4375")
    trailing = evaluate(BY_KEY["trailing_365d_usd_per_month"], found).bounds.value
    assert trailing == D("1000000000.00") / 206 * D("30.4375")
    earned = evaluate(BY_KEY["earned_schedule_days"], found)
    assert round(earned.bounds.value, 6) == round(D(1233) / 550, 6)
    assert earned.note == "naive_linear"
