from datetime import date
from decimal import Decimal

import pytest

from commitments.models import Commitment, Document, Instrument, Sector
from commitments.services.cases import broken_rules
from projects.calculations.stages import REQUIREMENTS
from projects.models import Project, StageEvent
from projects.services.decisions import (
    DECISION_KINDS,
    NewDocument,
    NewProject,
    decision_changes,
    decision_problems,
    evidence_words,
    newest_point,
)
from projects.services.effects import commitment_of, effect_of
from projects.services.requirements import step_needs
from tests.desk import TODAY, load_small_register, make_changes, make_decision, selected_usd

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def register():
    return load_small_register()


def fields(**overrides):
    found = decision_problems(make_decision(**overrides), point=newest_point(TODAY))
    return [problem.field for problem in found]


def new_document(**overrides):
    values = {
        "slug": "doc-new",
        "title": "A decision",
        "kind": "fact_sheet",
        "issuer": "Commerce",
        "date": date(2026, 11, 2),
        "date_precision": "day",
        "url": "https://example.org/decision",
        "side": "us",
    }
    return NewDocument(**{**values, **overrides})


def test_a_sound_decision_has_no_problem():
    assert fields() == []


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"occurred_on": date(2026, 11, 25), "document": new_document()}, "occurred_on"),
        ({"occurred_on": date(2025, 9, 3)}, "occurred_on"),
        ({"occurred_on": date(2026, 2, 19)}, "document"),
        ({"document": new_document(kind="news", side="press"), "rank": 3}, "new_document_kind"),
        ({"document": new_document(side="japan")}, "new_document_side"),
        ({"document": new_document(slug="doc-news")}, "new_document_slug"),
        ({"document": new_document(date=date(2026, 11, 25))}, "new_document_date"),
        ({"low": None}, "low"),
        ({"low": Decimal(3_000_000_000)}, "high"),
        ({"low": Decimal(0)}, "low"),
        ({"qualifier": "up_to"}, "low"),
        ({"qualifier": "more_than"}, "high"),
        ({"project": NewProject("prj-gas", "Gas again", None)}, "new_project_slug"),
    ],
)
def test_each_mistake_is_told_beside_its_field(overrides, field):
    assert field in fields(**overrides)


def test_the_same_decision_is_not_recorded_twice():
    assert fields(project=Project.objects.get(slug="prj-gas")) == ["kind"]


def test_signing_needs_a_selection_before_and_an_instrument():
    port = {"kind": "financing_signed", "document": Document.objects.get(slug="doc-news")}
    found = fields(**port, occurred_on=date(2026, 3, 1), rank=3)

    assert sorted(found) == ["instrument", "kind"]
    gas = Project.objects.get(slug="prj-gas")
    loan = Instrument.objects.get(slug="loan")
    assert fields(**port, project=gas, occurred_on=date(2026, 3, 1), rank=3, instrument=loan) == []


def test_a_press_report_is_no_official_record():
    news = Document.objects.get(slug="doc-news")
    found = fields(kind="withdrawn", document=news, occurred_on=date(2026, 3, 1), rank=1)

    assert "rank" in found


def test_an_end_carries_no_amount():
    news = Document.objects.get(slug="doc-news")
    found = fields(kind="withdrawn", document=news, occurred_on=date(2026, 3, 1), rank=3)

    assert found == ["qualifier"]


def test_a_selected_project_cannot_step_back_to_candidate():
    gas = Project.objects.get(slug="prj-gas")

    assert fields(project=gas, kind="candidate_listed") == ["kind"]


def test_an_address_on_record_names_its_document():
    Document.objects.filter(slug="doc-news").update(url="https://example.org/decision")

    assert fields(document=new_document()) == ["new_document_url"]


def test_a_new_project_brings_its_profile_document_event_and_claim():
    project = NewProject("prj-steel", "Steel mill", Sector.objects.get(slug="metals"), ("OH",))

    changes = decision_changes(make_decision(project=project, document=new_document()))

    assert [(c["kind"], c["data"].get("ref") or c["data"]["slug"]) for c in changes] == [
        ("document", "doc-new"),
        ("project", "prj-steel"),
        ("projectprofile", "prj-steel-profile"),
        ("stageevent", "prj-steel-selected"),
        ("claim", "clm-prj-steel-selected-commerce"),
    ]
    assert changes[2]["data"]["states"] == ["OH"]


def test_signed_money_becomes_a_financing_and_a_claim_about_it():
    changes = make_changes(
        project=Project.objects.get(slug="prj-gas"),
        kind="financing_signed",
        instrument=Instrument.objects.get(slug="loan"),
    )

    financing, claim = changes[1]["data"], changes[2]["data"]
    assert (financing["instrument"], financing["projects"]) == ("loan", ["prj-gas"])
    assert (claim["subject"], claim["aspect"]) == (
        f"financing:{financing['ref']}",
        "amount.signed",
    )


def test_effect_tells_totals_before_and_after_and_leaves_no_trace():
    changes = make_changes()

    effects = effect_of(changes, Commitment.objects.get(), today=TODAY)

    moved = {e.metric.key: (e.before.bounds.low, e.after.bounds.low) for e in effects if e.moves}
    assert moved["selected_usd"] == (Decimal(33_000_000_000), Decimal(35_100_000_000))
    assert selected_usd() == (Decimal(33_000_000_000), Decimal(33_300_000_000))
    assert newest_point(TODAY).revision == 1


def test_commitment_of_changes_is_found_by_name_or_project():
    assert commitment_of(make_changes()).slug == "japan-us-2025"
    assert commitment_of(make_changes()[:1]).slug == "japan-us-2025"
    assert commitment_of([]) is None


def test_every_decision_that_can_be_entered_says_what_it_needs():
    assert all(evidence_words(kind) and REQUIREMENTS[kind].sides for kind in DECISION_KINDS)
    assert set(REQUIREMENTS) == set(StageEvent.Kind.values)


def posted(*events):
    """What stands against some events of the port, as a case or a load would post them."""
    lines = [{"project": "prj-port", "occurred_on": "2026-03-02", **event} for event in events]
    return broken_rules([{"kind": "stageevent", "data": line} for line in lines])


def test_every_posting_is_held_to_the_evidence_of_its_steps():
    selected = {"ref": "e1", "kind": "selected", "document": "doc-news"}
    signed = {"ref": "e2", "kind": "financing_signed", "document": "doc-fact-sheet"}

    found = [(r.ref, r.field, r.message) for r in posted(selected, signed)]

    assert found == [
        (
            "e1",
            "document",
            "“selected by the President” needs a decision or fact sheet of the United States, "
            "or a joint one.",
        ),
        (
            "e2",
            "document",
            "“financing agreements signed” needs a lender's release, or a report of it.",
        ),
    ]


def test_a_planned_or_forced_step_needs_no_evidence_of_its_rung_yet():
    planned = {"ref": "e1", "kind": "selected", "document": "doc-news", "planned": True}
    forced = {"ref": "e2", "kind": "selected", "document": "doc-news", "override_reason": "why"}

    assert posted(planned) == []
    assert posted(forced) == []


def test_what_a_step_needs_is_shown_before_the_attempt():
    changes = [
        {
            "kind": "stageevent",
            "data": {
                "ref": "e1",
                "project": "prj-port",
                "kind": "financing_signed",
                "occurred_on": "2026-03-02",
                "document": "doc-news",
            },
        }
    ]
    (step,) = step_needs(changes, point=newest_point(TODAY))

    assert [(need.met, need.found) for need in step.needs] == [
        (True, "doc-news (news, press or analyst)"),
        (False, "–"),  # no words quoted
        (True, "2026-03-02"),
        (False, "–"),  # never selected
        (False, "not stated"),
    ]
