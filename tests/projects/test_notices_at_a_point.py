"""Notices at a point in time: receipts, both readings, the unfunded commitment, the metrics."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from commitments.calculations.bounds import Bounds
from commitments.models import Term
from commitments.services.register import RecordError
from projects.calculations.notices import Receipt, Status
from projects.metrics import BY_KEY, evaluate, figure_json
from projects.models import FundingNotice
from tests.builders import COMMITMENT, DOCUMENT, post, reading, record
from tests.notices import (
    make_commitment_with_window,
    notice_record,
    receipts,
    record_notices,
)

pytestmark = pytest.mark.usefixtures("_commitment")
DAY_45 = date(2026, 11, 12)  # of a notice on 1 September 2026


@pytest.fixture
def _commitment(db: None) -> None:
    make_commitment_with_window()


def figure(key: str, **point: object) -> tuple[str | None, str | None]:
    body = figure_json(BY_KEY[key], evaluate(BY_KEY[key], reading(**point)))  # type: ignore[arg-type]  # a point's own names
    return body["value"], body["note"]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-02-17T19:00:00-05:00", date(2026, 2, 18)),  # an evening in Washington
        ("2026-02-17T09:59:59-05:00", date(2026, 2, 17)),
        ("2026-07-01T10:30:00-04:00", date(2026, 7, 1)),  # daylight saving: still the same day
        ("2026-11-02T10:30:00-05:00", date(2026, 11, 3)),  # a day after it ended: the next
    ],
)
def test_the_day_of_a_notice_is_the_one_in_tokyo(instant, day):
    given = notice_record(received_at=instant, received_zone="America/New_York", received_on=None)
    (notice,) = record_notices(given)
    assert (notice.received_on, notice.received_zone) == (day, "America/New_York")


def test_a_day_that_contradicts_the_instant_is_refused():
    given = notice_record(received_at="2026-02-17T19:00:00-05:00", received_on="2026-02-17")
    with pytest.raises((RecordError, ValidationError), match="falls on 2026-02-18 in Tokyo"):
        record({"fundingnotice": [given]})


def test_a_specified_date_inside_the_window_is_refused():
    given = notice_record(specified_on="2026-11-11")
    with pytest.raises(RecordError, match="before the end of the window, 2026-11-12"):
        record({"fundingnotice": [given]})


def test_no_window_is_computed_where_the_terms_name_no_calendar():
    term = Term.objects.heads().get(ref="term-calendar")
    row = {"ref": term.ref, "commitment": COMMITMENT, "key": term.key, "reading": term.reading}
    row |= {"name": term.name, "value": term.value, "effective_on": "2025-09-04"}
    record({"term": [{**row, "document": DOCUMENT, "withdrawn": True}]})
    with pytest.raises(RecordError, match="commitment: The terms of this commitment state no cal"):
        record({"fundingnotice": [notice_record()]})
    on = date(2026, 11, 24)
    for key in ("business_days_left", "last_safe_notice_date", "required_usd_per_business_day"):
        found = evaluate(BY_KEY[key], reading(on))
        assert (found.bounds, found.reason) == (Bounds(), "not_stated"), key
    assert evaluate(BY_KEY["required_usd_per_month"], reading(on)).reason is None
    assert evaluate(BY_KEY["debt_linear_business_days"], reading(on)).reason == "not_stated"


def test_a_notice_stands_with_its_receipts_under_both_readings():
    (notice,) = record_notices(notice_record())
    assert notice.earliest_on == DAY_45
    post(receipts(notice, (date(2026, 11, 13), "2500000"), (date(2026, 11, 17), "1500000")))
    (found,) = reading(date(2026, 11, 24)).notice_records
    assert found.clock.receipts == (
        Receipt(date(2026, 11, 13), Decimal("2500000.00")),
        Receipt(date(2026, 11, 17), Decimal("1500000.00")),
    )
    statuses = {nature: (s.status, s.days_off) for nature, s in found.standings.items()}
    assert statuses == {"earliest": (Status.FUNDED_ON_TIME, 0), "latest": (Status.LATE, 3)}
    assert found.default == "earliest"
    (earlier,) = reading(date(2026, 11, 16)).notice_records
    assert (earlier.standing.status, earlier.clock.unfunded_usd) == (Status.OPEN, 1_500_000)


def test_a_notice_is_judged_by_its_own_reading_where_it_states_one():
    given = notice_record(reading="latest")
    (notice,) = record_notices(given)
    assert notice.default_reading == "latest"
    (found,) = reading(date(2026, 11, 16)).notice_records
    assert (found.standing.status, found.standing.days_off) == (Status.LATE, 2)
    assert found.standings["earliest"].status == Status.OPEN
    assert figure("late_notices_count", as_of=date(2026, 11, 16)) == ("1", None)
    (silent,) = record_notices({**given, "reading": ""})
    assert (silent.reading, silent.default_reading) == ("", "earliest")
    assert figure("late_notices_count", as_of=date(2026, 11, 16)) == ("0", None)


def test_a_notice_keeps_the_reading_of_the_terms_it_was_recorded_under():
    term = Term.objects.heads().get(ref="term-funding_window")
    record_notices(notice_record())
    later = {"business_days": 45, "nature": "latest"}
    row = {"ref": term.ref, "commitment": COMMITMENT, "key": term.key, "reading": "latest"}
    row |= {"name": term.name, "value": later, "effective_on": "2025-09-04", "document": DOCUMENT}
    record({"term": [row]})
    (same,) = record_notices(notice_record())
    (corrected,) = record_notices(notice_record(account="Account 2"))
    (fresh,) = record_notices(notice_record("not-2"))
    assert same.pk != corrected.pk
    assert [n.default_reading for n in (same, corrected, fresh)] == [
        "earliest",
        "earliest",
        "latest",
    ]


def test_a_reading_that_is_none_is_refused_by_name():
    with pytest.raises(RecordError, match=r"not-1, reading: .*within"):
        record({"fundingnotice": [notice_record(reading="within")]})


def test_a_notice_keeps_its_receipts_when_it_is_corrected():
    (notice,) = record_notices(notice_record())
    post(receipts(notice, (DAY_45, "4000000")))
    (corrected,) = record_notices(notice_record(number="1a"))
    assert corrected.pk != notice.pk
    (found,) = reading().notice_records
    assert (found.notice.number, found.clock.funded_on) == ("1a", DAY_45)


def test_a_receipt_is_unknown_before_its_revision():
    (notice,) = record_notices(notice_record())
    before = notice.revision_id
    post(receipts(notice, (DAY_45, "4000000")))
    (then,) = reading(revision=before).notice_records
    (now,) = reading().notice_records
    assert (then.clock.funded_on, now.clock.funded_on) == (None, DAY_45)


def test_each_notice_takes_from_what_the_ones_before_left_unfunded():
    record_notices(
        notice_record("not-2", received_on="2026-10-01", amount_usd="1000000.00"),
        notice_record("not-1"),
    )
    effects = [found.effect for found in reading().notice_records]
    whole = Decimal(10_000_000)
    assert [(e.noticed_before, e.this_notice, e.after) for e in effects] == [
        (Decimal(0), Decimal(4_000_000), Bounds(whole - 4_000_000, whole - 4_000_000)),
        (Decimal(4_000_000), Decimal(1_000_000), Bounds(whole - 5_000_000, whole - 5_000_000)),
    ]


def test_a_declined_notice_gives_back_what_it_called_from_the_day_it_was_declined():
    record_notices(notice_record(declined_on="2026-10-15"), notice_record("not-2"))
    effects = [found.effect for found in reading().notice_records]
    assert [(e.noticed_before, e.this_notice) for e in effects] == [(0, 0), (0, 4_000_000)]
    assert figure("noticed_usd") == ("4000000.00", None)
    assert figure("noticed_usd", as_of=date(2026, 10, 14)) == ("8000000.00", None)


def test_of_a_notice_declined_in_part_the_rest_counts_from_the_day_it_was_declined():
    part = {"declined_on": "2026-10-15", "declined_usd": "1500000.00"}
    (notice,) = record_notices(notice_record(**part))
    post(receipts(notice, (date(2026, 10, 1), "2500000.00")))
    (found,) = reading().notice_records
    assert (found.standing.is_open, found.effect.this_notice) == (False, 2_500_000)
    assert figure("noticed_usd") == ("2500000.00", None)
    assert figure("unfunded_noticed_usd") == ("0.00", None)
    before = {"as_of": date(2026, 10, 14)}
    assert figure("noticed_usd", **before) == ("4000000.00", None)
    assert figure("unfunded_noticed_usd", **before) == ("1500000.00", None)


def test_another_calendar_computes_the_windows_anew():
    record_notices(notice_record(received_on="2026-10-01"))
    record_ = reading()
    ends = {c: record_.notices_under(c)[0].clock.earliest_on for c in ("joint", "japan", "fed")}
    assert ends == {
        "joint": date(2026, 12, 10),
        "japan": date(2026, 12, 8),
        "fed": date(2026, 12, 8),
    }


def test_notices_need_two_queries_whatever_their_number(django_assert_num_queries):
    for n in range(3):
        record_notices(notice_record(f"not-{n}", amount_usd="1000000.00"))
        at = reading()
        _ = at.terms, at.projects
        with django_assert_num_queries(1):
            assert len(at.notice_records) == n + 1


def test_the_figures_of_notices():
    assert figure("open_notices_count") == ("0", "none_published")
    assert figure("unfunded_noticed_usd") == ("0.00", "none_published")
    assert figure("still_to_be_noticed_usd") == ("550000000000.00", None)
    assert figure("last_safe_notice_date") == ("2028-11-08", None)
    first, second = record_notices(
        notice_record(specified_on="2026-11-12"), notice_record("not-2", amount_usd="1000000.00")
    )
    post([*receipts(first, (date(2026, 11, 12), "1500000")), *receipts(second, (DAY_45, "1"))])
    assert figure("open_notices_count") == ("2", None)
    assert figure("late_notices_count") == ("1", None)  # only the first has a due date
    assert figure("unfunded_noticed_usd") == ("3499999.00", None)
    assert figure("still_to_be_noticed_usd") == ("549995000000.00", None)
    assert figure("late_notices_count", as_of=date(2026, 11, 12)) == ("0", None)


def test_the_rows_of_the_figures_sum_to_them():
    record_notices(notice_record(), notice_record("not-2", amount_usd="1000000.00"))
    for key in ("open_notices_count", "unfunded_noticed_usd", "still_to_be_noticed_usd"):
        found = evaluate(BY_KEY[key], reading())
        rows = [row for row in found.rows if row.counts]
        assert sum(row.sign * row.bounds.value for row in rows) == found.bounds.value, key


def test_a_notice_keeps_its_window_and_the_version_of_its_calendar():
    (notice,) = record_notices(notice_record())
    found = FundingNotice.objects.get(pk=notice.pk)
    assert (found.window_days, found.calendar) == (45, "joint")
    assert found.calendar_version.startswith("holidays ")
