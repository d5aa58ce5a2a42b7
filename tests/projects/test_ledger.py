"""Posting, reversing, and the roll-ups kept with the ledger."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from commitments.models import Document, Revision
from commitments.services.revisions import post_revision
from projects.metrics import BY_KEY, evaluate
from projects.models import LedgerDay, LedgerEntry, LedgerProject
from projects.services.ledger import (
    LedgerError,
    rebuild_rollups,
    reverse_entry,
    rollup_differences,
)
from tests.builders import make_entry, make_project, make_register, merged, post, reading, record

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def projects(db):
    make_register()
    record(merged(make_project("prj-1"), make_project("prj-2", sector="metals")))


def funded(as_of=date(2026, 11, 24), **kwargs):
    return evaluate(BY_KEY["funded_usd"], reading(as_of, **kwargs)).bounds.value


def reverse(entry):
    with transaction.atomic():
        revision = post_revision(kind=Revision.Kind.CASE, actor=None, reason="reversed")
        return reverse_entry(entry.pk, revision=revision, document=Document.objects.get())


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


def test_an_entry_is_reversed_once_and_a_reversal_never(projects):
    post([make_entry("prj-1", "100.00")])
    original = LedgerEntry.objects.get()
    reversal = reverse(original)
    for entry in (original, reversal):
        with pytest.raises(LedgerError, match="cannot be reversed"):
            reverse(entry)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount_usd": D(0), "amount": D(0)}, "zero"),
        ({"value_date": date.today() + timedelta(days=3)}, "in the future"),
        ({"currency": "JPY", "amount": D("1.50"), "fx_rate": D(150)}, "yen have no decimals"),
    ],
)
def test_an_entry_that_cannot_stand_is_refused_whole(projects, change, words):
    wrong = make_entry("prj-1", "5.00")
    for name, value in change.items():
        setattr(wrong, name, value)
    with pytest.raises(LedgerError, match=words):
        post([make_entry("prj-1", "1.00"), wrong])
    assert LedgerEntry.objects.count() == LedgerDay.objects.count() == 0


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
