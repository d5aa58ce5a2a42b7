from datetime import date, timedelta
from decimal import Decimal

import pytest

from commitments.calculations.undefined import Undefined
from projects.calculations.pace import (
    acceleration,
    projected_date,
    projected_usd,
    required_usd_by,
    required_usd_per_business_day,
    required_usd_per_month,
    trailing_window,
)

D = Decimal
AS_OF, DEADLINE = date(2026, 11, 22), date(2029, 1, 19)
WHOLE = D("550000000000.00")


def test_required_usd_per_month_spreads_what_is_missing_over_the_days_left():
    assert required_usd_per_month(D(789), D(0), as_of=AS_OF, deadline=DEADLINE) == D("30.4375")


def test_required_rates_of_the_commitment_while_nothing_is_funded():
    month = required_usd_per_month(WHOLE, D(0), as_of=AS_OF, deadline=DEADLINE)
    day = required_usd_per_business_day(WHOLE, D(0), as_of=AS_OF, deadline=DEADLINE)
    assert (round(month, 2), round(day, 2)) == (D("21217522179.97"), D("1078431372.55"))


def test_a_target_already_reached_needs_nothing_however_late():
    late = date(2030, 1, 1)
    assert required_usd_per_month(D(5), D(6), as_of=late, deadline=DEADLINE) == 0
    assert required_usd_per_business_day(D(5), D(5), as_of=late, deadline=DEADLINE) == 0


def test_money_missing_on_the_deadline_has_no_rate():
    for required in (required_usd_per_month, required_usd_per_business_day):
        with pytest.raises(Undefined, match="deadline_passed"):
            required(D(5), D(4), as_of=DEADLINE, deadline=DEADLINE)


def test_reversals_can_take_what_is_funded_below_nothing():
    assert required_usd_per_month(D(0), D(-789), as_of=AS_OF, deadline=DEADLINE) == D("30.4375")


def test_trailing_rate_takes_a_half_open_window():
    on_edge, inside = AS_OF - timedelta(days=90), AS_OF - timedelta(days=89)
    flows = [(on_edge, D(900)), (inside, D(90))]
    window = trailing_window(flows, as_of=AS_OF, window_days=90)
    assert window.usd_per_month == D(90) / 90 * D("30.4375")


def test_trailing_rate_is_divided_by_the_days_observed_when_they_are_fewer():
    flows = [(AS_OF - timedelta(days=39), D(400))]
    window = trailing_window(flows, as_of=AS_OF, window_days=365)
    assert window.usd_per_month == D(10) * D("30.4375")


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([], "no_observations"),
        ([(AS_OF + timedelta(days=1), D(5))], "no_observations"),
        ([(AS_OF - timedelta(days=28), D(5))], "too_short"),
    ],
)
def test_trailing_rate_without_enough_history_is_undefined(flows, reason):
    with pytest.raises(Undefined, match=reason):
        trailing_window(flows, as_of=AS_OF, window_days=90)


def test_a_negative_net_sum_is_shown_and_projects_nothing():
    flows = [(AS_OF - timedelta(days=200), D(100)), (AS_OF, D(-190))]
    rate = trailing_window(flows, as_of=AS_OF, window_days=30).usd_per_month
    assert rate < 0
    with pytest.raises(Undefined, match="rate_not_positive"):
        projected_date(D(500), D(-90), as_of=AS_OF, usd_per_month=rate)
    with pytest.raises(Undefined, match="rate_not_positive"):
        acceleration(D(5), rate)


def test_projection_at_a_constant_rate():
    per_day = D("30.4375")  # one dollar a day
    assert projected_date(D(10), D(0), as_of=AS_OF, usd_per_month=per_day) == date(2026, 12, 2)
    assert projected_usd(D(11), as_of=AS_OF, deadline=DEADLINE, usd_per_month=per_day) == 800
    assert acceleration(D(30), D(10)) == 3


def test_a_projection_past_2100_is_undefined():
    with pytest.raises(Undefined, match="not_within_horizon"):
        projected_date(WHOLE, D(0), as_of=AS_OF, usd_per_month=D(1))


def test_the_needed_path_runs_straight_to_the_target_and_stays_there():
    given = {"as_of": date(2026, 11, 22), "deadline": date(2026, 12, 2)}
    path = [required_usd_by(date(2026, 11, 22 + n), D(110), D(10), **given) for n in (0, 1, 5)]
    assert path == [D(10), D(20), D(60)]
    assert required_usd_by(given["deadline"], D(110), D(10), **given) == 110
    assert required_usd_by(given["as_of"], D(110), D(120), **given) == 110
    with pytest.raises(Undefined, match="deadline_passed"):
        required_usd_by(given["as_of"], D(110), D(10), as_of=DEADLINE, deadline=DEADLINE)
