from datetime import UTC, date, datetime

import pytest

from commitments.calculations.dates import business_day, last_possible_day


def test_business_day_is_the_date_in_tokyo():
    evening_in_washington = datetime(2026, 2, 17, 22, tzinfo=UTC)
    assert business_day(evening_in_washington) == date(2026, 2, 18)


@pytest.mark.parametrize(
    ("day", "precision", "last"),
    [
        (date(2026, 2, 3), "day", date(2026, 2, 3)),
        (date(2026, 2, 3), "reported", date(2026, 2, 3)),
        (date(2026, 2, 3), "week", date(2026, 2, 9)),
        (date(2026, 2, 3), "month", date(2026, 2, 28)),
        (date(2026, 2, 3), "approximate", date(2026, 2, 28)),
        (date(2026, 2, 3), "year", date(2026, 12, 31)),
        (date(2026, 2, 3), "undated", None),
        (None, "day", None),
    ],
)
def test_last_possible_day_of_a_coarse_date(day, precision, last):
    assert last_possible_day(day, precision) == last
