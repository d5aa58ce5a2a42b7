"""What always holds: sums over every dimension equal the total, on every rung, at any date."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.metric import Scope
from commitments.models import Revision
from projects.metrics import BY_KEY, evaluate, rung_figure
from projects.models import LedgerEntry
from projects.selectors import CASH_RUNGS, RUNG_OF_KIND, CommitmentRecord
from projects.services.ledger import rollup_differences
from tests.builders import (
    DOCUMENT,
    make_entry,
    make_project,
    make_register,
    merged,
    post,
    qualifier_of,
    reading,
    record,
)

pytestmark = pytest.mark.django_db
RUNGS = ("candidate", "in_consultation", "selected", "signed", "noticed", *CASH_RUNGS)
DIMENSIONS = ("project", "sector", "instrument", "state")
START = date(2025, 9, 4)

cents = st.integers(min_value=1, max_value=10**13).map(lambda n: str(Decimal(n) / 100))
days = st.integers(min_value=0, max_value=400).map(lambda n: START + timedelta(days=n))


@st.composite
def amounts(draw: Any) -> tuple[str | None, str | None]:
    """Exact, a range, up to, more than, or not stated."""
    low, high = sorted((Decimal(draw(cents)), Decimal(draw(cents))))
    shape = draw(st.sampled_from(("exact", "range", "up to", "more than", "none")))
    return {
        "exact": (str(low), str(low)),
        "range": (str(low), str(high)),
        "up to": (None, str(high)),
        "more than": (str(low), None),
        "none": (None, None),
    }[shape]


@st.composite
def projects(draw: Any, slug: str) -> dict[str, list[Any]]:
    low, high = draw(amounts())
    kinds = ("selected", "announced_second_batch", "candidate_listed", "reported_candidate")
    return make_project(
        slug,
        stage=draw(st.sampled_from(kinds)),
        on=draw(days).isoformat(),
        low=low,
        high=high,
        sector=draw(st.sampled_from(("energy", "metals", None))),
        states=draw(st.sampled_from(([], ["OH"], ["TX"], ["TN", "AL"]))),
    )


@st.composite
def histories(draw: Any) -> dict[str, Any]:
    slugs = [f"prj-{n}" for n in range(draw(st.integers(1, 4)))]
    made = [draw(projects(slug)) for slug in slugs]
    joint = draw(st.lists(st.sampled_from(slugs), unique=True, max_size=3))
    entry = st.tuples(
        st.sampled_from(slugs),
        cents,
        st.sampled_from(("funding", "disbursement", "distribution")),
        st.sampled_from(("loan", "equity", "not-stated")),
        days,
    )
    return {
        "records": merged(*made, _financing(joint, draw(amounts()), draw(days))),
        "entries": draw(st.lists(entry, max_size=8)),
        "later": draw(st.lists(entry, max_size=4)),
        "as_of": draw(days),
    }


def _financing(slugs: list[str], bounds: tuple[Any, Any], on: date) -> dict[str, list[Any]]:
    if not slugs:
        return {}
    return {
        "financing": [
            {
                "ref": "fin-1",
                "commitment": "test-us-2025",
                "instrument": "loan",
                "signed_on": on.isoformat(),
                "projects": slugs,
                "document": DOCUMENT,
            }
        ],
        "claim": [
            {
                "ref": "clm-fin-1",
                "commitment": "test-us-2025",
                "subject": "financing:fin-1",
                "aspect": "amount.signed",
                "low": bounds[0],
                "high": bounds[1],
                "qualifier": qualifier_of(*bounds),
                "unit": "usd",
                "who": "a lender",
                "side": "japan",
                "rank": 2,
                "stated_on": on.isoformat(),
                "document": DOCUMENT,
            }
        ],
    }


def assert_sums(found: CommitmentRecord) -> None:
    for rung in RUNGS:
        members = found.members(rung)
        whole = rung_figure(members).bounds
        for dimension in DIMENSIONS:
            parts = []
            for key in {getattr(m, dimension) for m in members}:
                scope = Scope(**{dimension: key})
                parts.append(evaluate(BY_KEY[f"{rung}_usd"], found, scope).bounds)
            summed = total(parts) if parts else Bounds(Decimal(0), Decimal(0))
            assert summed == whole, (rung, dimension)


def assert_cash_equals_the_ledger(found: CommitmentRecord) -> None:
    for rung in CASH_RUNGS:
        rows = LedgerEntry.objects.filter(
            kind__in=[kind for kind, its in RUNG_OF_KIND.items() if its == rung],
            value_date__lte=found.point.as_of,
            revision__lte=found.point.revision,
        )
        by_sql = rows.aggregate(total=Sum("amount_usd"))["total"] or Decimal(0)
        assert rung_figure(found.members(rung)).bounds == Bounds(by_sql, by_sql)
        assert sum((amount for _day, amount in found.daily(rung)), Decimal(0)) == by_sql


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_sums_over_every_dimension_equal_the_total_on_every_rung(history):
    from django.db import transaction

    with transaction.atomic():
        make_register()
        record(history["records"])
        steps = history["records"]["stageevent"]
        first = {step["project"]: date.fromisoformat(step["occurred_on"]) for step in steps}
        for batch in ("entries", "later"):
            entries = [
                make_entry(slug, amount, kind=kind, instrument=instrument, on=max(on, first[slug]))
                for slug, amount, kind, instrument, on in history[batch]
            ]
            if entries:
                post(entries)
        for as_of in (history["as_of"], date(2026, 11, 24)):
            newest = Revision.objects.count()
            for revision in {newest, max(newest - 1, 1)}:
                found = reading(as_of, revision=revision)
                assert_sums(found)
                assert_cash_equals_the_ledger(found)
        assert rollup_differences() == []
        transaction.set_rollback(True)


def test_rungs_are_never_added_together():
    make_register()
    with pytest.raises(ValueError, match="rungs are never added together"):
        reading().members("selected+signed")


def test_the_target_splits_into_what_is_reached_and_what_is_missing():
    make_register()
    record(make_project("prj-1", low="30.00", high="40.00"))
    post([make_entry("prj-1", "10.00"), make_entry("prj-1", "4.00", kind="disbursement")])
    found = reading()
    target = evaluate(BY_KEY["target_usd"], found).bounds.low
    amounts = {r: evaluate(BY_KEY[f"{r}_usd"], found).bounds for r in ("selected", *CASH_RUNGS)}
    for bound in ("low", "high"):
        selected = getattr(amounts["selected"], bound)
        disbursed = amounts["disbursed"].low
        funded = amounts["funded"].low
        parts = [disbursed, funded - disbursed, selected - funded, target - selected]
        assert sum(parts) == target
        assert min(parts) >= 0
