"""Duty a year with and without the agreement: worked by hand, US dollars and percent."""

from decimal import Decimal

import pytest

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.undefined import Undefined
from tariffs.calculations.exposure import (
    Case,
    average_percent,
    duty,
    duty_usd,
    extra_duty,
    extra_with_volume,
    imports_after,
    imports_lost,
)


def usd(text: str) -> Decimal:
    return Decimal(text)


CARS = usd("51832187138")
DEAL = Case(usd("15"), usd("27.5"))


def test_a_duty_is_imports_times_rate_to_the_cent():
    """Vehicles and parts of 2024, 51.83bn: 7.8bn a year at 15 % against 14.2bn at 27.5 %."""
    assert duty_usd(CARS, usd("15")) == usd("7774828070.70")
    assert duty_usd(CARS, usd("27.5")) == usd("14253851462.95")
    assert extra_duty(CARS, [DEAL]) == exactly(usd("6479023392.25"))


def test_parts_at_different_rates_give_a_range_that_stays_one():
    assert duty(usd("1000"), [usd("50"), usd("25")]) == Bounds(usd("250.00"), usd("500.00"))


def test_one_part_without_a_rate_leaves_the_line_without_a_duty():
    assert duty(usd("1000"), [usd("50"), None]) == Bounds()
    assert extra_duty(usd("1000"), [DEAL, Case(usd("15"), None)]) == Bounds()
    assert extra_with_volume(usd("1000"), [Case(None, None)], elasticity=usd("-1")) == Bounds()


def test_the_extra_is_taken_part_by_part_not_between_ends_of_ranges():
    """Parts at 50 and 25 for all countries: without the agreement nothing would change."""
    same = [Case(usd("50"), usd("50")), Case(usd("25"), usd("25"))]
    assert extra_duty(usd("1000"), same) == exactly(usd("0.00"))


def test_the_average_rate_is_duty_over_imports():
    assert average_percent(Bounds(usd("150"), usd("250")), usd("1000")) == Bounds(
        usd("15"), usd("25")
    )
    with pytest.raises(Undefined, match="zero_total"):
        average_percent(Bounds(usd("0"), usd("0")), usd("0"))


def test_imports_fall_with_the_price_by_the_elasticity():
    """At -1 imports fall as the price with duty rises: 1000 x 1.15 / 1.25 = 920."""
    assert imports_after(usd("1000"), usd("15"), usd("25"), elasticity=usd("-1")) == usd("920")
    assert imports_after(usd("1000"), usd("15"), usd("25"), elasticity=usd("0")) == usd("1000")


def test_the_what_if_takes_the_duty_on_the_imports_left():
    """1000 at 15 % pays 150; the 920 left at 25 % pay 230: 80 more, 80 of imports gone."""
    cases = [Case(usd("15"), usd("25"))]
    assert extra_with_volume(usd("1000"), cases, elasticity=usd("-1")) == exactly(usd("80.00"))
    assert imports_lost(usd("1000"), cases, elasticity=usd("-1")) == exactly(usd("80.00"))
    assert extra_with_volume(usd("1000"), cases, elasticity=usd("0")) == exactly(usd("100.00"))
