"""Investments from the ledger: replayed at a point, split under each reading, measured."""

from datetime import date
from decimal import Decimal

import pytest

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import Scope
from commitments.models import Term
from commitments.selectors import Terms
from projects.calculations.performance import xirr
from projects.calculations.waterfall import AGREED, Balance, Reading, split
from projects.metrics import BY_KEY, evaluate, figure_json, progress
from projects.metrics.returns import flags_of
from projects.models import LedgerEntry
from projects.selectors.returns import Convention, agreed_shares, investments_of
from tests.builders import (
    BASE,
    COMMITMENT,
    DOCUMENT,
    RECEIPT,
    make_entry,
    make_project,
    make_register,
    merged,
    point,
    post,
    reading,
    record,
)

pytestmark = pytest.mark.django_db
NO_TERMS = Terms({})  # the memorandum's shares
FUNDED = date(2026, 1, 15)
MINE = Scope(project="prj-mine")
SILENT = ("losses_silent",)


@pytest.fixture
def commitment():
    commitment = make_register()
    record(
        merged(
            make_project("prj-mine", low="400000000.00", high="600000000.00", on="2025-12-01"),
            make_project("prj-gas", on="2025-12-01"),
        )
    )
    return commitment


def make_rate(annual_rate: str, **overrides: object) -> dict[str, list[dict[str, object]]]:
    return {
        "deemedrate": [
            {
                "ref": "rate-1",
                "commitment": COMMITMENT,
                "effective_on": "2026-01-01",
                "annual_rate": annual_rate,
                "document": DOCUMENT,
                **overrides,
            }
        ]
    }


def make_valuation(amount: str, **overrides: object) -> dict[str, list[dict[str, object]]]:
    return {
        "valuation": [
            {
                "ref": "val-1",
                "project": "prj-mine",
                "valued_on": "2026-11-01",
                "amount_usd": amount,
                "document": DOCUMENT,
                **overrides,
            }
        ]
    }


def pay(amount: str, kind: str, on: date, **overrides: object) -> LedgerEntry:
    return make_entry("prj-mine", amount, kind=kind, on=on, **overrides)


def post_example() -> None:
    """300m at 5.25 %, 50m distributed after 181 days and 20m of interest on the same day."""
    post(
        [
            pay("300000000.00", "funding", FUNDED),
            pay("290000000.00", "disbursement", date(2026, 1, 20)),
            pay("30000000.00", "distribution", date(2026, 7, 15)),
            pay("20000000.00", "interest", date(2026, 7, 15)),
            pay("1000000.00", "fee", date(2026, 7, 15)),
        ]
    )


def shown(key: str, scope: Scope = MINE, **at: object) -> dict[str, object]:
    return figure_json(BY_KEY[key], evaluate(BY_KEY[key], reading(**at), scope))


def test_an_investment_is_split_from_what_the_ledger_holds(commitment):
    record(make_rate("0.0525"))
    post_example()
    (one,) = reading(date(2026, 7, 15)).investments
    (step,) = one.shares.steps
    assert one.flows.paid_in == Decimal("300000000.00")
    assert step.before.daa == Decimal("307918750.00")  # 181 days at 5.25 %, capitalised
    assert (step.amount, step.japan, step.us) == (
        Decimal("50000000.00"),
        Decimal("25000000.00"),
        Decimal("25000000.00"),
    )
    assert one.shares.balance.daa == Decimal("282918750.00")
    assert one.disbursed == Decimal("290000000.00")


def test_each_reading_replays_the_same_flows(commitment):
    record(make_rate("0.0525"))
    post_example()
    owed = {
        (reading_, capitalise): found.shares.balance.daa
        for reading_ in Reading
        for capitalise in (True, False)
        for found in investments_of(
            commitment, point(date(2026, 7, 15)), Convention(reading_, capitalise), NO_TERMS
        )
    }
    assert owed == {
        (Reading.JAPAN_SHARE, True): Decimal("282918750.00"),
        (Reading.JAPAN_SHARE, False): Decimal("282918750.00"),
        (Reading.TOTAL, True): Decimal("257918750.00"),
        (Reading.TOTAL, False): Decimal("257918750.00"),
    }


def test_a_reversed_entry_drops_out_and_the_rest_is_replayed(commitment):
    record(make_rate("0.0525"))
    post_example()
    before = reading()
    entry = LedgerEntry.objects.get(kind="distribution")
    post(
        [
            make_reversal(entry),
            pay("10000000.00", "distribution", date(2026, 3, 16)),
        ]
    )
    (one,) = reading().investments
    assert one.flows.distributions == (
        (date(2026, 3, 16), Decimal("10000000.00")),
        (date(2026, 7, 15), Decimal("20000000.00")),
    )
    (old,) = reading(revision=before.point.revision).investments
    assert old.flows.distributions == ((date(2026, 7, 15), Decimal("50000000.00")),)
    assert old.shares == before.investments[0].shares


def make_reversal(entry: LedgerEntry) -> LedgerEntry:
    opposite = make_entry(
        entry.project.slug,
        str(-entry.amount_usd),
        kind=entry.kind,
        on=entry.value_date,
        excuse="",
    )
    opposite.reverses = entry
    return opposite


def test_an_investment_takes_its_own_rate_before_that_of_the_commitment(commitment):
    record(make_rate("0.05"))
    record(make_rate("0.07", ref="rate-own", project="prj-mine"))
    post([pay("300000000.00", "funding", FUNDED)])
    (one,) = reading(date(2026, 1, 25)).investments
    assert one.shares.balance.interest == Decimal("583333.33")  # 10 days at 7 %


def test_without_a_rate_interest_is_not_stated(commitment):
    post_example()
    (one,) = reading().investments
    assert not one.is_rated
    assert flags_of(reading(), one) == ("rate_not_stated",)
    owed = evaluate(BY_KEY["deemed_allocation_usd"], reading(), MINE)
    assert owed.bounds == Bounds(Decimal("275000000.00"), None)
    # 700m without a rate may all lie in the first tier
    post([pay("700000000.00", "distribution", date(2026, 8, 3))])
    japan = evaluate(BY_KEY["japan_received_usd"], reading(), MINE)
    us = evaluate(BY_KEY["us_received_usd"], reading(), MINE)
    assert japan.bounds == Bounds(Decimal("315000000.00"), Decimal("375000000.00"))
    assert us.bounds == Bounds(Decimal("375000000.00"), Decimal("435000000.00"))


def test_a_paid_claim_is_a_contribution_and_losses_are_flagged(commitment):
    record({"instrument": [{"slug": "guarantee", "name": "guarantee", "is_cash": False}]})
    record(make_rate("0.05"))
    post(
        [
            pay("300000000.00", "funding", FUNDED),
            pay("5000000.00", "guarantee_call", date(2026, 2, 2), instrument="guarantee"),
        ]
    )
    (one,) = reading().investments
    assert one.flows.paid_in == Decimal("305000000.00")
    assert flags_of(reading(), one) == ("losses_silent",)
    paid_in = evaluate(BY_KEY["paid_in_usd"], reading(), MINE)
    assert (paid_in.bounds, paid_in.rows[0].on) == (exactly(one.flows.paid_in), date(2026, 2, 2))
    for key in ("dpi_japan", "dpi_project", "rvpi_project", "pic"):
        assert "paid_in_usd" in BY_KEY[key].inputs
    divided = evaluate(BY_KEY["dpi_japan"], reading(), MINE).division
    assert divided is not None
    assert divided.denominator == paid_in.bounds


@pytest.mark.parametrize(("worth", "flags"), [("250000000.00", ()), ("249999999.99", SILENT)])
def test_losses_are_flagged_where_payments_and_worth_are_less_than_was_paid_in(
    commitment, worth, flags
):
    record(make_rate("0.05"))
    post_example()  # 50m of 300m paid out
    record(make_valuation(worth))
    (one,) = reading().investments
    assert flags_of(reading(), one) == flags


def test_multiples_are_exact_and_from_both_sides(commitment):
    record(make_rate("0.0525"))
    post_example()
    record(make_valuation("280000000.00"))
    values = {
        key: shown(key)["value"]
        for key in ("dpi_japan", "dpi_project", "rvpi_japan", "rvpi_project", "moic")
    }
    assert values == {
        "dpi_japan": "0.083333",  # 25 / 300
        "dpi_project": "0.166667",  # 50 / 300
        "rvpi_japan": "0.466667",  # half of 280 in the first tier
        "rvpi_project": "0.933333",
        "moic": "1.137931",  # (50 + 280) / 290 disbursed
    }
    assert shown("tvpi_japan")["value"] == "0.550000"
    assert shown("tvpi_project")["value"] == "1.100000"
    pic = shown("pic")
    assert (pic["low"], pic["high"]) == ("0.500000", "0.750000")  # of 400 to 600 selected


def test_rates_of_return_take_the_valuation_as_the_last_flow(commitment):
    record(make_rate("0.0525"))
    post_example()
    assert shown("xirr_project")["note"] is None
    record(make_valuation("280000000.00"))
    whole, japan = shown("xirr_project"), shown("xirr_japan")
    assert (whole["note"], japan["note"]) == ("estimated", "estimated")
    # -300m, +50m after 181 days, +280m after 290: 13.6 % a year; Japan's 25m and 140m lose
    assert Decimal(str(whole["value"])) == pytest.approx(Decimal("0.1363"), abs=Decimal("0.001"))
    assert Decimal(str(japan["value"])) < 0
    text = evaluate(BY_KEY["xirr_project"], reading(), MINE).text
    assert Decimal(str(text)) < Decimal(str(whole["value"]))  # under a year


def post_documented() -> None:
    """The example with a document for each thing, and a project that paid nothing out."""
    names = ("cash-in", "wire", "cash-out", "rate", "valuation")
    record({"document": [{**BASE["document"][0], "slug": f"doc-{name}"} for name in names]})
    record(make_rate("0.0525", document="doc-rate"))
    entries = (
        pay("300000000.00", "funding", FUNDED, document="doc-cash-in"),
        pay("290000000.00", "disbursement", date(2026, 1, 20), document="doc-wire"),
        pay("50000000.00", "distribution", date(2026, 7, 15), document="doc-cash-out"),
        make_entry("prj-gas", "100.00", on=FUNDED),
    )
    post(entries)
    for ref, project, worth in (("1", "prj-mine", "280000000.00"), ("2", "prj-gas", "100.00")):
        own = {"ref": f"val-{ref}", "project": project, "document": "doc-valuation"}
        record(make_valuation(worth, **own))


PAID = ("doc-cash-in",)
SPLIT = ("doc-cash-in", "doc-cash-out", "doc-rate")


@pytest.mark.parametrize(
    ("key", "documents"),
    [
        ("paid_in_usd", [(RECEIPT,), PAID]),
        ("japan_received_usd", [(RECEIPT, "doc-rate"), SPLIT]),
        ("deemed_allocation_usd", [(RECEIPT, "doc-rate"), SPLIT]),
        ("residual_usd", [("doc-valuation",), ("doc-valuation",)]),
        ("dpi_project", [("doc-cash-out",), (RECEIPT,), PAID]),  # prj-gas paid nothing out
        ("moic", [("doc-cash-out",), ("doc-valuation",), ("doc-valuation",), ("doc-wire",)]),
        (
            "npv_japan_usd",
            [(RECEIPT, "doc-rate", "doc-valuation"), (*SPLIT, "doc-valuation")],
        ),
    ],
)
def test_rows_name_the_documents_of_what_they_are_made_of(commitment, key, documents):
    post_documented()
    figure = evaluate(BY_KEY[key], reading())
    assert [row.documents for row in figure.rows] == documents


def test_a_rate_of_return_shows_the_dated_flows_it_is_solved_from(commitment):
    post_documented()
    figure = evaluate(BY_KEY["xirr_japan"], reading(), MINE)
    assert [(row.on, row.bounds.value, row.note, row.documents) for row in figure.rows] == [
        (FUNDED, Decimal("-300000000.00"), "paid in", PAID),
        (date(2026, 7, 15), Decimal("25000000.00"), "received", ("doc-cash-out",)),
        (date(2026, 11, 1), Decimal("140000000.00"), "", (*SPLIT, "doc-valuation")),
    ]
    flows = [(row.on, row.bounds.value) for row in figure.rows if row.on and row.bounds.value]
    assert xirr(flows).rate == figure.bounds.value


def test_a_valuation_counts_until_cash_moves_again(commitment):
    post_example()
    record(make_valuation("280000000.00"))
    assert shown("residual_usd")["value"] == "280000000.00"
    post([pay("1000000.00", "interest", date(2026, 11, 2))])
    residual = shown("residual_usd")
    assert (residual["value"], residual["reason"]) == (None, "not_stated")
    assert shown("rvpi_project")["reason"] == "not_stated"


def test_without_a_payment_every_measure_says_why_it_has_no_value(commitment):
    assert shown("japan_received_usd", Scope())["note"] == "none_published"
    for key in ("dpi_japan", "rvpi_project", "tvpi_japan", "moic", "xirr_japan", "xirr_project"):
        assert shown(key, Scope())["reason"] == "no_observations"
    assert shown("dpi_japan", Scope(instrument="loan"))["reason"] == "scope_not_defined"


def test_programme_figures_re_sum_to_their_rows(commitment):
    record(make_rate("0.0525"))
    post_example()
    post(
        [make_entry("prj-gas", "100.01", on=FUNDED), make_entry("prj-gas", "0.01", kind="interest")]
    )
    for key in ("japan_received_usd", "us_received_usd", "deemed_allocation_usd"):
        figure = evaluate(BY_KEY[key], reading(), Scope())
        low = sum((row.bounds.low for row in figure.rows), Decimal(0))
        assert figure.bounds == exactly(low)
        assert [row.ref for row in figure.rows] == ["prj-gas", "prj-mine"]
    parts = [evaluate(BY_KEY[f"{who}_received_usd"], reading()).bounds for who in ("japan", "us")]
    assert sum(part.low for part in parts) == Decimal("50000000.01")


def test_what_replays_the_ledger_is_not_kept_every_day(commitment):
    post_example()
    assert "dpi_japan" not in progress(reading())
    assert "funded_usd" in progress(reading())


def test_investments_need_the_same_queries_whatever_their_number(
    commitment, django_assert_num_queries
):
    record(make_rate("0.0525"))
    post_example()
    for _ in range(2):
        newest = point()
        with django_assert_num_queries(4):
            investments_of(commitment, newest, Convention(), NO_TERMS)
        post([make_entry("prj-gas", "1.00", on=FUNDED)])


def test_each_side_gets_what_the_terms_of_its_commitment_say():
    """A first tier of 25 to 75 ends when the 25 have paid what is owed; the second is 20 to 80."""
    given = {"before": {"us": "0.75", "japan": "0.25"}, "after": {"us": "0.8", "japan": "0.2"}}
    shares = agreed_shares(Terms({"split": (Term(key="split", is_default=True, value=given),)}))
    assert (shares.us_tier1, shares.us_tier2) == (Decimal("0.75"), Decimal("0.8"))
    assert agreed_shares(NO_TERMS) == AGREED
    owed = Balance(principal=Decimal("100.00"))
    step = split(date(2027, 1, 1), Decimal("500.00"), owed, Reading.JAPAN_SHARE, shares)
    assert (step.tier1, step.japan_tier1, step.tier2) == (Decimal(400), Decimal(100), Decimal(100))
    assert (step.japan_tier2, step.us_tier2, step.after.daa) == (Decimal(20), Decimal(80), 0)
