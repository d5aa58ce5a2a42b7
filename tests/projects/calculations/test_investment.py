"""The events of an investment: periods from the first funding, rates that hold for a period."""

from datetime import date
from decimal import Decimal

from commitments.calculations.dates import months_after
from projects.calculations.investment import Flows, events_of, period_starts, rate_on
from projects.calculations.waterfall import Balance, Event, Kind, Reading, waterfall

FUNDED = date(2027, 3, 15)
RATE = Decimal("0.0525")


def make_flows(**overrides: object) -> Flows:
    """The worked example of the method page: 300m at 5.25 %, 50m and 700m distributed."""
    given: dict[str, object] = {
        "contributions": ((FUNDED, Decimal("300000000.00")),),
        "distributions": (
            (date(2027, 9, 15), Decimal("50000000.00")),
            (date(2028, 3, 15), Decimal("700000000.00")),
        ),
        "rates": ((date(2027, 1, 4), RATE),),
    }
    return Flows(**(given | overrides))


def test_worked_example_to_the_cent_from_flows():
    until = date(2028, 3, 15)
    events = events_of(make_flows(), until=until, capitalise=True)
    first, second = waterfall(events, Reading.JAPAN_SHARE, until=until).steps
    assert (first.japan_tier1, first.us_tier1) == (Decimal("25000000.00"),) * 2
    assert second.before.daa == Decimal("290562618.75")
    assert second.tier1 == Decimal("581125237.50")
    assert second.japan_tier2 == Decimal("11887476.25")
    assert second.us_tier2 == Decimal("106987286.25")


def test_periods_are_six_months_from_the_first_funding_and_end_with_short_months():
    starts = period_starts(date(2026, 8, 31), date(2028, 3, 1))
    assert starts == [date(2026, 8, 31), date(2027, 2, 28), date(2027, 8, 31), date(2028, 2, 29)]
    assert months_after(date(2026, 12, 31), 2) == date(2027, 2, 28)


def test_a_rate_holds_for_the_period_in_which_it_changes():
    rates = ((FUNDED, RATE), (date(2027, 6, 1), Decimal("0.06")))
    flows = make_flows(distributions=(), rates=rates)
    events = events_of(flows, until=date(2027, 12, 31), capitalise=False)
    assert [e for e in events if e.kind is Kind.RATE] == [
        Event(FUNDED, Kind.RATE, RATE),
        Event(date(2027, 9, 15), Kind.RATE, Decimal("0.06")),
    ]
    assert rate_on(rates, date(2027, 3, 14)) is None


def test_without_capitalisation_interest_bears_no_interest():
    until = date(2028, 3, 15)
    flows = make_flows(distributions=())
    simple = waterfall(events_of(flows, until=until, capitalise=False), Reading.TOTAL, until=until)
    assert simple.balance == Balance(Decimal("300000000.00"), Decimal("16012500.00"))  # 366 days
    events = events_of(flows, until=until, capitalise=True)
    assert waterfall(events, Reading.TOTAL, until=until).balance == Balance(
        Decimal("316226160.42")  # 308,050,000 x (1 + 0.0525 x 182/360)
    )


def test_interest_accrues_to_the_day_described():
    until = date(2027, 4, 14)
    events = events_of(make_flows(), until=until, capitalise=True)
    found = waterfall(events, Reading.JAPAN_SHARE, until=until)
    assert found.balance == Balance(Decimal("300000000.00"), Decimal("1312500.00"))  # 30 days


def test_without_a_rate_nothing_accrues_and_without_funding_no_period_begins():
    until = date(2028, 3, 15)
    events = events_of(make_flows(rates=(), distributions=()), until=until, capitalise=True)
    assert waterfall(events, Reading.TOTAL, until=until).balance.interest == 0
    assert (
        events_of(make_flows(contributions=(), distributions=()), until=until, capitalise=True)
        == []
    )
    assert events_of(make_flows(), until=date(2027, 3, 14), capitalise=True) == []
