"""A value no door lets in any more, should it stand in the table: an answer without it, never a 500."""

import pytest
from django.urls import reverse

from commitments.models import Revision, Term
from commitments.services.register import RecordError
from projects.metrics import progress
from projects.models import Plan
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    make_entry,
    make_project,
    make_register,
    post,
    reading,
    record,
)

pytestmark = pytest.mark.django_db
PAGES = ("overview", "method", "window", "projects")


def make_plan(points) -> dict:
    return {
        "plan": [
            {
                "ref": "plan-1",
                "commitment": COMMITMENT,
                "effective_on": "2025-10-01",
                "label": "official",
                "points": points,
                "document": DOCUMENT,
            }
        ]
    }


def correct_by_hand(ref: str, value) -> None:
    """Supersede a term behind the back of every check."""
    old = Term.objects.heads().get(ref=ref)
    Term.objects.create(
        ref=ref,
        revision=Revision.objects.latest("number"),
        root_id=old.root_key,
        supersedes=old,
        commitment=old.commitment,
        key=old.key,
        name=old.name,
        value=value,
        document=old.document,
    )


@pytest.fixture
def commitment():
    made = make_register()
    record(make_project("prj-1"))
    post([make_entry("prj-1", "500.00")])
    return made


@pytest.mark.parametrize(
    ("ref", "value", "metric"),
    [
        ("term-deadline", {"date": "2029-02-30"}, "days_left"),
        ("term-deadline", "soon", "days_left"),
        ("term-deadline", {"date": "9999-12-31"}, "business_days_left"),
        ("term-start", {"date": 5}, "days_elapsed"),
        ("term-target", {"usd": "NaN"}, "target_usd"),
        ("term-target", {"usd": ["550"]}, "target_usd"),
    ],
)
def test_an_unreadable_term_leaves_figures_without_a_value(commitment, client, ref, value, metric):
    correct_by_hand(ref, value)
    figures = client.get(f"/api/v1/commitments/{commitment.slug}/progress/").json()["metrics"]
    assert (figures[metric]["value"], figures[metric]["reason"]) == (None, "not_stated")
    for name in PAGES:
        assert client.get(reverse(name)).status_code == 200, name


POINT = {"on": "2027-01-01", "amount_usd": "100.00"}


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("nonsense", "must be a list of points"),
        ([], "cannot be blank"),
        ([{"on": "x"}], "point 1 must be like"),
        ([POINT, {"on": "2027-02-30", "amount_usd": "100.00"}], "point 2 must be like"),
        ([{**POINT, "amount_usd": 100}], "point 1 must be like"),
        ([{**POINT, "amount_usd": "1e9"}], "point 1 must be like"),
        ([POINT, POINT], "point 2 is not later"),
        ([POINT, {"on": "2027-02-01", "amount_usd": "50.00"}], "point 2 plans less"),
        ([{**POINT, "amount_usd": "0.00"}], "the last of them above zero"),
    ],
)
def test_a_plan_that_is_no_baseline_is_refused_and_one_on_record_has_no_figures(
    commitment, points, words
):
    with pytest.raises(RecordError, match=words) as refused:
        record(make_plan(points))
    assert [r.field for r in refused.value.refusals] == ["points"]
    Plan.objects.create(
        ref="plan-1",
        revision=Revision.objects.latest("number"),
        commitment=commitment,
        label="official",
        points=points,
    )
    assert progress(reading())["spi_t"]["reason"] == "not_stated"


def test_a_plan_that_ends_before_the_start_plans_nothing(commitment):
    record(make_plan([{"on": "2025-01-01", "amount_usd": "100.00"}]))
    assert progress(reading())["planned_usd"]["reason"] == "zero_plan"
    record(make_plan([POINT]))
    assert progress(reading())["spi_t"]["value"] is not None
