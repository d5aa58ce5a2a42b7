"""Instruments and the rest add to what is selected; gross, covered and net differ by the cover."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Scope
from projects.metrics import BY_KEY, METRICS, evaluate
from projects.metrics.financing import instrument_split
from projects.models import LedgerEntry
from projects.services.entries import reversal_record
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    PAYMENT,
    make_entry,
    make_project,
    make_register,
    merged,
    post,
    reading,
    record,
)

pytestmark = pytest.mark.django_db
GUARANTEE = {"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]}
WHOLE = Scope()
FIRST = Scope(project="prj-1")


@pytest.fixture(autouse=True)
def _register():
    make_register()
    record(
        merged(
            GUARANTEE,
            make_project("prj-1", low="1000.00", high="1200.00"),
            make_project("prj-2", low=None, high="500.00", states=["TX"]),
        )
    )


def test_an_agreement_takes_its_projects_to_the_stage_it_makes_true():
    assert [p.standing.stage for p in reading().projects] == ["selected", "selected"]
    record(make_financing("fin-1", ("600.00", "600.00")))
    assert [p.standing.stage for p in reading().projects] == ["signed", "selected"]
    assert [p.standing.stage for p in reading(date(2026, 4, 30)).projects] == ["selected"] * 2
    page = Client().get("/projects/prj-1/", {"as_of": "2026-06-30"}).content.decode()
    assert '<li class="now"><b>signed</b> 1 May 2026</li>' in page


def make_financing(ref, amount, projects=("prj-1",), *, instrument="loan", cover="none"):
    """A signed financing with its amount, low and high; None when not stated."""
    claims = []
    if amount is not None:
        low, high = amount
        claims = [
            {
                "ref": f"clm-{ref}",
                "commitment": COMMITMENT,
                "subject": f"financing:{ref}",
                "aspect": "amount.signed",
                "low": low,
                "high": high,
                "unit": "usd",
                "who": "lender",
                "side": "japan",
                "rank": 1,
                "stated_on": "2026-05-01",
                "document": DOCUMENT,
            }
        ]
    financing = {
        "ref": ref,
        "commitment": COMMITMENT,
        "instrument": instrument,
        "signed_on": "2026-05-01",
        "projects": list(projects),
        "providers": ["inst-lender"],
        "cover_status": cover,
        "document": DOCUMENT,
    }
    return {"financing": [financing], "claim": claims}


def make_cover(ref, financing, amount, *, ends_on=None):
    cover = {
        "ref": ref,
        "financing": financing,
        "insurer": "inst-lender",
        "in_force_on": "2026-05-02",
        "ends_on": ends_on,
        "amount_usd": amount,
        "document": DOCUMENT,
    }
    return {"cover": [cover]}


def bounds(key: str, scope: Scope = WHOLE) -> tuple[Decimal | None, Decimal | None]:
    found = evaluate(BY_KEY[key], reading(), scope).bounds
    return found.low, found.high


def test_instruments_and_the_rest_add_to_the_selected_amount_at_low_and_at_high():
    record(make_financing("fin-1", ("300.00", "350.00")))
    record(make_financing("fin-2", ("100.00", "100.00"), instrument="equity"))
    split = instrument_split(reading(), FIRST)
    assert [(line.instrument, line.bounds) for line in split.lines] == [
        ("equity", Bounds(Decimal(100), Decimal(100))),
        ("loan", Bounds(Decimal(300), Decimal(350))),
    ]
    assert (split.rest_low, split.rest_high) == (600, 750)
    for bound, rest in (("low", split.rest_low), ("high", split.rest_high)):
        parts = [getattr(line.bounds, bound) for line in split.lines]
        assert sum(parts) + rest == getattr(split.selected, bound)
    assert bounds("selected_less_signed_usd", FIRST) == (600, 750)


def test_without_an_agreement_all_that_is_selected_has_no_instrument():
    split = instrument_split(reading(), FIRST)
    assert (split.lines, split.rest_low, split.rest_high) == ((), 1000, 1200)


def test_a_financing_without_an_amount_leaves_the_rest_and_is_counted():
    record(make_financing("fin-1", None))
    split = instrument_split(reading(), FIRST)
    assert (split.rest_low, split.rest_high, split.unstated_count) == (1000, 1200, 1)


def test_an_agreement_for_two_projects_together_is_in_the_whole_and_in_neither():
    record(make_financing("fin-1", ("200.00", "200.00"), ("prj-1", "prj-2")))
    record_now = reading()
    assert instrument_split(record_now, FIRST).lines == ()
    whole = instrument_split(record_now)
    assert [line.bounds.low for line in whole.lines] == [200]
    assert (whole.rest_low, whole.rest_high) == (800, 1500)


def test_gross_and_net_differ_by_exactly_the_cover_linked_to_them():
    record(make_financing("fin-1", ("300.00", "350.00"), cover="covered"))
    record(make_financing("fin-2", ("100.00", "100.00"), ("prj-2",)))
    record(make_cover("cov-1", "fin-1", "240.00"))
    record(make_cover("cov-old", "fin-1", "111.00", ends_on="2026-06-30"))
    assert bounds("financed_net_usd") == (400, 450)
    assert bounds("covered_usd") == (240, 240)
    assert bounds("financed_gross_usd") == (640, 690)
    assert bounds("covered_usd", FIRST) == bounds("guaranteed_usd", FIRST) == (240, 240)
    assert bounds("covered_usd", Scope(project="prj-2")) == (0, 0)
    assert (
        bounds("instrument_share", Scope(instrument="guarantee"))
        == (
            Decimal(240) / 640,
            Decimal(240) / 690,
        )[::-1]
    )


def paid_under(project, amount, on="2026-06-01", **overrides):
    given = {"kind": "guarantee_call", "instrument": "guarantee", "on": date.fromisoformat(on)}
    post([make_entry(project, amount, excuse="", **given, **overrides)])


def test_claims_paid_are_taken_off_the_cover_they_were_paid_under():
    record(make_financing("fin-1", ("300.00", "350.00"), cover="covered"))
    record(make_financing("fin-2", ("100.00", "100.00"), ("prj-2",), cover="covered"))
    record(merged(make_cover("cov-1", "fin-1", "240.00"), make_cover("cov-2", "fin-2", "50.00")))
    paid_under("prj-1", "200.00", ref="led-1")
    paid_under("prj-2", "9.00", on="2026-07-01", ref="led-2")
    assert bounds("guaranteed_usd") == bounds("covered_usd") == (81, 81)
    assert bounds("guaranteed_usd", FIRST) == (40, 40)
    assert bounds("guaranteed_usd", Scope(state="TX")) == (41, 41)
    assert bounds("financed_net_usd") == (400, 450)
    assert bounds("financed_gross_usd") == (481, 531)
    figure = evaluate(BY_KEY["guaranteed_usd"], reading())
    assert [(r.ref, r.bounds.low, r.documents, str(r.on)) for r in figure.rows] == [
        ("cov-1", 240, (DOCUMENT,), "2026-05-02"),
        ("prj-1:guarantee:guarantee_call", -200, (PAYMENT,), "2026-06-01"),
        ("cov-2", 50, (DOCUMENT,), "2026-05-02"),
        ("prj-2:guarantee:guarantee_call", -9, (PAYMENT,), "2026-07-01"),
    ]
    before = evaluate(BY_KEY["guaranteed_usd"], reading(date(2026, 6, 30)))
    assert before.bounds.low == 90
    paid = LedgerEntry.objects.get(ref="led-1")
    record({"ledgerentry": [reversal_record(paid, paid.document)]})
    assert bounds("guaranteed_usd", FIRST) == (240, 240)


def test_a_claim_paid_under_a_cover_that_ended_takes_nothing_off_the_next():
    record(make_financing("fin-1", ("300.00", "300.00"), cover="covered"))
    record(make_cover("cov-old", "fin-1", "111.00", ends_on="2026-06-30"))
    paid_under("prj-1", "100.00")
    record(make_cover("cov-new", "fin-1", "200.00"))
    assert bounds("guaranteed_usd") == (200, 200)
    assert evaluate(BY_KEY["guaranteed_usd"], reading(date(2026, 6, 30))).bounds.low == 211


def test_a_claim_under_a_cover_of_no_stated_amount_leaves_it_not_stated():
    record(make_financing("fin-1", ("300.00", "300.00"), cover="covered"))
    record(make_cover("cov-1", "fin-1", None))
    paid_under("prj-1", "100.00")
    figure = evaluate(BY_KEY["guaranteed_usd"], reading())
    assert (figure.bounds, figure.reason, figure.unstated_count) == (Bounds(), "not_stated", 1)


@pytest.mark.parametrize("claims", [1, 3])
def test_claims_are_read_at_once_whatever_their_number(claims, django_assert_num_queries):
    record(make_financing("fin-1", ("300.00", "300.00"), cover="covered"))
    record(make_cover("cov-1", "fin-1", "240.00"))
    for _number in range(claims):
        paid_under("prj-1", "9.00")
    record_now = reading()
    assert [cover.ref for cover in record_now.covers] == ["cov-1"]
    assert [financing.ref for financing in record_now.financings] == ["fin-1"]
    with django_assert_num_queries(1):
        assert len(record_now.claims_paid) == claims


def test_cover_that_is_not_stated_is_counted_and_is_not_zero():
    record(make_financing("fin-1", ("300.00", "300.00"), cover="not_stated"))
    figure = evaluate(BY_KEY["covered_usd"], reading())
    assert (figure.bounds, figure.reason, figure.unstated_count) == (Bounds(), "not_stated", 1)
    share = evaluate(BY_KEY["instrument_share"], reading(), Scope(instrument="loan"))
    assert (share.bounds, share.reason) == (Bounds(), "not_stated")


@pytest.mark.parametrize(
    "key", ["financed_gross_usd", "covered_usd", "financed_net_usd", "selected_less_signed_usd"]
)
def test_the_rows_of_a_financing_figure_make_it_with_their_signs(key):
    record(make_financing("fin-1", ("300.00", "350.00"), cover="covered"))
    record(make_cover("cov-1", "fin-1", "240.00"))
    figure = evaluate(BY_KEY[key], reading(), FIRST)
    for bound in ("low", "high"):
        parts = [row.sign * getattr(row.bounds, bound) for row in figure.rows if row.counts]
        assert sum(parts) == getattr(figure.bounds, bound)


def test_what_a_joint_agreement_leaves_of_one_project_is_not_stated():
    """Neither the whole selected amount, as if nothing were lent, nor that less the whole loan."""
    record(make_financing("fin-1", ("200.00", "200.00"), ("prj-1", "prj-2")))
    figure = evaluate(BY_KEY["selected_less_signed_usd"], reading(), FIRST)
    assert (figure.bounds, figure.reason, figure.unstated_count) == (Bounds(), "not_stated", 1)
    assert [(row.ref, row.counts) for row in figure.rows] == [("prj-1", False), ("fin-1", False)]
    assert bounds("selected_less_signed_usd") == (800, 1500)


def test_asking_twice_counts_unknown_cover_once_and_shows_its_row():
    record(make_financing("fin-1", ("300.00", "300.00"), cover="not_stated"))
    record_now = reading()
    for key in ("financed_gross_usd", "covered_usd", "covered_usd", "guaranteed_usd"):
        figure = evaluate(BY_KEY[key], record_now)
        assert figure.unstated_count == 1, key
        assert [row.ref for row in figure.rows if not row.bounds.is_stated] == ["fin-1"], key


@pytest.mark.parametrize("key", ["guaranteed_usd", "covered_usd"])
def test_cover_on_a_loan_for_two_states_is_not_stated_in_each_and_sums_to_the_whole(key):
    record(make_financing("fin-1", ("300.00", "300.00"), ("prj-1", "prj-2"), cover="covered"))
    record(make_financing("fin-2", ("100.00", "100.00"), ("prj-1",), cover="covered"))
    record(merged(make_cover("cov-1", "fin-1", "240.00"), make_cover("cov-2", "fin-2", "50.00")))
    texas = evaluate(BY_KEY[key], reading(), Scope(state="TX"))
    assert (texas.bounds, texas.reason, texas.unstated_count) == (Bounds(), "not_stated", 1)
    for dimension, keys in (
        ("state", ("OH", "TX", "not-stated")),
        ("project", ("prj-1", "prj-2", "not-stated")),
        ("instrument", ("guarantee",)),
    ):
        parts = [bounds(key, Scope(**{dimension: name}))[0] or 0 for name in keys]
        assert sum(parts) == bounds(key)[0] == 290, dimension


def test_a_guarantee_of_unknown_cover_is_not_stated_whatever_the_scope():
    record(make_financing("fin-1", ("300.00", "300.00"), cover="not_stated"))
    for scope in (WHOLE, FIRST, Scope(state="OH"), Scope(sector="energy")):
        for narrowed in (scope, replace(scope, instrument="guarantee")):
            figure = evaluate(BY_KEY["guaranteed_usd"], reading(), narrowed)
            assert (figure.bounds, figure.reason) == (Bounds(), "not_stated"), narrowed
    share = evaluate(BY_KEY["instrument_share"], reading(), Scope(instrument="guarantee"))
    assert (share.bounds, share.reason) == (Bounds(), "not_stated")


def test_no_loan_is_a_guarantee():
    record(make_financing("fin-1", ("300.00", "300.00"), cover="covered"))
    record(make_cover("cov-1", "fin-1", "240.00"))
    figure = evaluate(BY_KEY["guaranteed_usd"], reading(), Scope(instrument="loan"))
    assert (figure.bounds, figure.reason) == (Bounds(), "scope_not_defined")


@pytest.mark.parametrize("key", ["financed_gross_usd", "financed_net_usd", "signed_usd"])
def test_what_is_signed_for_two_projects_is_not_zero_in_one(key):
    record(make_financing("fin-1", ("200.00", "200.00"), ("prj-1", "prj-2")))
    figure = evaluate(BY_KEY[key], reading(), FIRST)
    assert (figure.bounds, figure.reason, figure.unstated_count) == (Bounds(), "not_stated", 1)


def test_selected_less_signed_of_a_state_is_not_stated_where_a_project_lies_in_two():
    record(make_project("prj-3", low="70.00", high="70.00", states=["GA", "FL"]))
    figure = evaluate(BY_KEY["selected_less_signed_usd"], reading(), Scope(state="FL"))
    assert (figure.bounds, figure.reason, figure.unstated_count) == (Bounds(), "not_stated", 1)


def test_selected_less_signed_is_told_apart_from_selected_without_an_instrument():
    record(make_financing("fin-1", ("300.00", "350.00")))
    unsaid = bounds("selected_usd", replace(FIRST, instrument="not-stated"))
    assert unsaid == bounds("selected_usd", FIRST) == (1000, 1200)
    assert bounds("selected_less_signed_usd", FIRST) == (700, 850)
    metric = BY_KEY["selected_less_signed_usd"]
    assert "Selected with the instrument not stated is another figure" in metric.definition
    assert len({m.name for m in METRICS}) == len({m.name_ja for m in METRICS}) == len(METRICS)
