from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commitments.models import Commitment, Document, Institution, Instrument, Sector
from commitments.services.cases import broken_rules, draft_case
from dashboard.casework import overshoot_words
from projects.calculations.stages import REQUIREMENTS
from projects.models import LedgerEntry, Project, StageEvent
from projects.services.decision_records import commitment_of, decision_changes, is_one_decision
from projects.services.decisions import (
    DECISION_KINDS,
    Agreement,
    NewDocument,
    NewProject,
    Source,
    decision_problems,
    evidence_words,
    newest_point,
)
from projects.services.effects import Overshoot, tried
from projects.services.requirements import CASH, Need, requirement_rows
from tests.builders import record
from tests.desk import (
    RECORDS,
    TODAY,
    WINDOW,
    load_small_register,
    make_changes,
    make_decision,
    make_people,
    selected_usd,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_register():
    return load_small_register()


def needs_of(changes):
    """What the steps of a case need, read as its page does: from one rehearsal."""
    return tried(changes, today=TODAY).needs


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
    assert (
        fields(
            **port, project=gas, occurred_on=date(2026, 3, 1), rank=3, financings=(Agreement(loan),)
        )
        == []
    )


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
        financings=(Agreement(Instrument.objects.get(slug="loan")),),
    )

    financing, claim = changes[1]["data"], changes[2]["data"]
    assert (financing["instrument"], financing["projects"]) == ("loan", ["prj-gas"])
    assert (claim["subject"], claim["aspect"]) == (
        f"financing:{financing['ref']}",
        "amount.signed",
    )


def test_effect_tells_totals_before_and_after_and_leaves_no_trace():
    changes = make_changes()

    effects = tried(changes, today=TODAY).effects.figures

    moved = {e.metric.key: (e.before.bounds.low, e.after.bounds.low) for e in effects if e.moves}
    assert moved["selected_usd"] == (Decimal(33_000_000_000), Decimal(35_100_000_000))
    assert selected_usd() == (Decimal(33_000_000_000), Decimal(33_300_000_000))
    assert newest_point(TODAY).revision == 1


def test_more_selected_than_remains_of_the_commitment_is_told_and_not_refused():
    target = {"ref": "t-target", "commitment": "japan-us-2025", "key": "target", "name": "Amount"}
    dated = {"value": {"usd": "35000000000.00"}, "effective_on": "2025-09-04"}
    record({"term": [{**target, **dated, "document": "doc-fact-sheet"}]})
    over = tried(make_changes(), today=TODAY).effects.overshoot
    assert over == Overshoot(Decimal("35400000000.00"), Decimal("35000000000.00"))
    words = "$35,400,000,000.00 would be selected, of $35,000,000,000.00."
    assert overshoot_words(over) == f"Beyond the remaining commitment: {words}"
    within = make_changes(low=Decimal(10**9), high=Decimal(10**9))
    assert tried(within, today=TODAY).effects.overshoot is None
    assert overshoot_words(None) == ""


def keep_the_port_out_of_the_totals():
    profile = {
        "ref": "prj-port-profile",
        "project": "prj-port",
        "sector": "energy",
        "states": ["TX"],
        "count_in_totals": False,
        "document": "doc-news",
    }
    record({"projectprofile": [profile]})


def test_a_candidate_kept_out_of_the_totals_counts_once_it_is_selected():
    keep_the_port_out_of_the_totals()
    changes = make_changes()
    assert [c["kind"] for c in changes] == ["stageevent", "projectprofile", "claim"]
    assert is_one_decision(changes)

    effects = tried(changes, today=TODAY).effects.figures

    moved = {e.metric.key: (e.before.bounds.low, e.after.bounds.low) for e in effects if e.moves}
    assert moved["selected_usd"] == (Decimal(33_000_000_000), Decimal(35_100_000_000))
    [profile] = [c["data"] for c in changes if c["kind"] == "projectprofile"]
    kept = {name: profile[name] for name in ("sector", "states", "document", "count_in_totals")}
    assert kept == {
        "sector": "energy",
        "states": ["TX"],
        "document": "doc-news",
        "count_in_totals": True,
    }


def test_a_profile_changed_by_hand_is_not_edited_as_a_decision():
    keep_the_port_out_of_the_totals()
    changes = make_changes()
    changes[1]["data"]["sector"] = "metals"
    assert not is_one_decision(changes)


def test_a_step_alone_is_told_that_its_project_stays_out_of_the_totals():
    keep_the_port_out_of_the_totals()
    whole = make_changes()
    counted = (True, "a profile that counts the project in the totals", "given")
    left_out = (False, counted[1], "its profile keeps it out of the totals")
    for changes, expected in ((whole, counted), ([whole[0], whole[2]], left_out)):
        (step,) = needs_of(changes)
        assert expected in [(n.met, n.words, n.found) for n in step.needs]


def test_commitment_of_changes_is_found_by_name_or_project():
    assert commitment_of(make_changes()).slug == "japan-us-2025"
    assert commitment_of(make_changes()[:1]).slug == "japan-us-2025"
    assert commitment_of([]) is None


COVER = {
    **{"ref": "cov-1", "financing": "fin-1", "insurer": "inst-jbic", "document": "doc-news"},
    **{"in_force_on": "2026-06-01", "amount_usd": "5.00"},
}


def test_a_cover_speaks_of_its_financing_and_moves_what_is_guaranteed():
    given = {"commitment": "japan-us-2025", "instrument": "loan", "projects": ["prj-gas"]}
    record({"financing": [{"ref": "fin-1", **given, "document": "doc-news"}]})
    changes = [{"kind": "cover", "data": COVER}]
    commitment = commitment_of(changes)
    assert commitment.slug == "japan-us-2025"
    assert commitment_of([{"kind": "ruling", "data": {"subject": "project:prj-gas"}}]) == commitment
    found = tried(changes, today=TODAY).effects
    assert "guaranteed_usd" in [e.metric.key for e in found.figures if e.moves]
    assert [split.project for split in found.splits] == ["prj-gas"]


def test_a_cover_needs_a_document_of_the_kind_a_financing_needs():
    given = {"commitment": "japan-us-2025", "instrument": "loan", "projects": ["prj-gas"]}
    record({"financing": [{"ref": "fin-1", **given, "document": "doc-news"}]})
    words = "a document: a release of the insurer or a lender, or a report of it"
    for document, found, met in (
        ("doc-news", "doc-news (news report, press or analyst)", True),
        ("doc-fact-sheet", "doc-fact-sheet (fact sheet, United States)", False),
        (None, "–", False),
    ):
        (step,) = needs_of([{"kind": "cover", "data": {**COVER, "document": document}}])
        need = next(need for need in step.needs if need.words == words)
        assert (need.found, need.met, need.required, need.set_aside) == (found, met, True, False)


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
    (step,) = needs_of(changes)

    assert [(need.met, need.found) for need in step.needs] == [
        (True, "doc-news (news report, press or analyst)"),
        (False, "–"),  # no words quoted
        (True, "2026-03-02"),
        (False, "–"),  # never selected
        (False, "not stated"),
    ]


def agreement(amount=None, **more):
    loan = Instrument.objects.get(slug="loan")
    return Agreement(loan, amount_usd=None if amount is None else Decimal(amount), **more)


def signed(*financings, low=2_100, high=2_100, **more):
    """A signing of the gas plant in millions of dollars, split as given in whole dollars."""
    return {
        "project": Project.objects.get(slug="prj-gas"),
        "kind": "financing_signed",
        "occurred_on": date(2026, 3, 1),
        "document": Document.objects.get(slug="doc-news"),
        "rank": 3,
        "low": None if low is None else Decimal(low) * 10**6,
        "high": None if high is None else Decimal(high) * 10**6,
        "financings": financings,
        **more,
    }


def test_agreements_that_make_up_the_amount_become_a_financing_and_a_claim_each():
    bank = Institution.objects.get(slug="inst-jbic")
    lines = (
        agreement(1_400_000_000, lender=bank, benchmark="six-month SOFR", spread_bps=95),
        agreement(),
    )
    assert fields(**signed(*lines)) == []
    changes = make_changes(**signed(*lines))
    first, second, claim, rest = (change["data"] for change in changes[1:])
    assert (first["ref"], first["providers"]) == ("fin-2026-03-01-prj-gas", ["inst-jbic"])
    assert (first["benchmark"], first["spread_bps"]) == ("six-month SOFR", 95)
    assert "tenor_months" not in first
    assert second["ref"] == "fin-2026-03-01-prj-gas-2"
    assert (claim["low"], claim["high"], claim["qualifier"]) == (
        "1400000000.00",
        "1400000000.00",
        "stated",
    )
    assert (rest["subject"], rest["low"]) == (f"financing:{second['ref']}", "700000000.00")
    assert is_one_decision(changes)


@pytest.mark.parametrize(
    ("amounts", "low", "high", "problem"),
    [
        ((1_400_000_000, 700_000_000), 2_100, 2_100, None),
        ((1_400_000_000, 600_000_000), 2_100, 2_100, ("high", "", 0)),
        ((1_400_000_000, 800_000_000), 2_100, 2_100, ("high", "", 0)),
        ((2_100_000_000, None), 2_100, 2_100, ("amount_usd", "financings", 1)),
        ((None, None), 2_100, 2_100, ("amount_usd", "financings", 1)),
        ((1_400_000_000, None), 2_000, 2_100, None),
        ((1_400_000_000, 650_000_000), 2_000, 2_100, None),
        ((1_400_000_000, 500_000_000), 2_000, 2_100, ("high", "", 0)),
        ((1_400_000_000, 0), 1_400, 1_400, ("amount_usd", "financings", 1)),
    ],
)
def test_agreements_make_up_the_amount_or_are_refused_in_their_place(amounts, low, high, problem):
    lines = [agreement(amount) for amount in amounts]
    found = decision_problems(
        make_decision(**signed(*lines, low=low, high=high)), point=newest_point(TODAY)
    )
    expected = [] if problem is None else [problem]
    assert [(p.field, p.part, p.number) for p in found] == expected


def test_an_open_amount_is_left_open_for_the_rest():
    lines = (agreement(1_400_000_000), agreement())
    changes = make_changes(**signed(*lines, low=None, qualifier="up_to"))
    rest = changes[-1]["data"]
    assert (rest["qualifier"], rest["low"], rest["high"]) == ("up_to", None, "700000000.00")


def test_a_split_without_a_stated_amount_is_asked_for_it():
    lines = (agreement(1_400_000_000),)
    assert fields(**signed(*lines, low=None, high=None, qualifier="not_stated")) == ["qualifier"]
    open_ones = (agreement(), agreement())
    given = signed(*open_ones, low=None, high=None, qualifier="not_stated")
    assert fields(**given) == []
    assert [c["kind"] for c in make_changes(**given)] == ["stageevent", "financing", "financing"]


def test_further_sources_become_claims_beside_the_first():
    news = Document.objects.get(slug="doc-news")
    same = Source(news, "A paper", 3, "page 1")
    other = Source(news, "A paper", 3, "page 1", "up_to", None, Decimal(2_500_000_000))
    (_event, first, second) = (c["data"] for c in make_changes(sources=(same,)))
    assert (second["document"], second["who"], second["rank"]) == ("doc-news", "A paper", 3)
    assert (second["low"], second["aspect"]) == (first["low"], first["aspect"])
    assert second["ref"] != first["ref"]
    assert make_changes(sources=(other,))[-1]["data"]["high"] == "2500000000.00"
    assert fields(sources=(other,)) == []
    assert is_one_decision(make_changes(sources=(other,)))
    sheet = Document.objects.get(slug="doc-fact-sheet")
    twice = Source(sheet, "Commerce", 1, "page 2")
    found = decision_problems(make_decision(sources=(twice,)), point=newest_point(TODAY))
    assert [(p.field, p.part, p.number) for p in found] == [("document", "sources", 0)]


def test_a_source_of_a_split_speaks_of_every_agreement():
    lines = (agreement(1_400_000_000), agreement(700_000_000))
    sheet = Document.objects.get(slug="doc-fact-sheet")
    changes = make_changes(**signed(*lines, sources=(Source(sheet, "Commerce", 1, "page 2"),)))
    claims = [c["data"] for c in changes if c["kind"] == "claim"]
    assert [c["document"] for c in claims] == ["doc-news"] * 2 + ["doc-fact-sheet"] * 2
    assert len({c["ref"] for c in claims}) == 4
    assert is_one_decision(changes)


def test_what_a_step_requires_and_what_it_is_only_asked_for_are_told_apart():
    changes = make_changes(qualifier="not_stated", low=None, high=None, locator="")
    (step,) = needs_of(changes)

    assert [need.words for need in step.needs if not need.required] == [
        "the words quoted and where they stand",
        "an amount, or it counts as not stated",
    ]
    assert [need.met for need in step.needs if not need.required] == [False, False]
    assert all(need.met for need in step.needs if need.required)


def test_a_document_entered_for_an_illustrative_commitment_is_fictional():
    real = decision_changes(make_decision(document=new_document(access="not_seen")))
    Commitment.objects.update(illustrative=True)
    fiction = decision_changes(make_decision(document=new_document()))

    assert [changes[0]["data"]["kind"] for changes in (real, fiction)] == [
        "fact_sheet",
        "fictional",
    ]
    assert [changes[0]["data"]["access"] for changes in (real, fiction)] == ["not_seen", "read"]


def test_no_lender_of_a_real_commitment_is_made_up():
    record({"institution": [{"slug": "inst-a", "name": "A", "illustrative": True}]})
    bank = Institution.objects.get(slug="inst-a")
    loan = Agreement(instrument=Instrument.objects.get(slug="loan"), lender=bank)
    signed = {"kind": "financing_signed", "financings": (loan,)}
    real = decision_problems(make_decision(**signed), point=newest_point(TODAY))
    Commitment.objects.update(illustrative=True)
    fiction = decision_problems(make_decision(**signed), point=newest_point(TODAY))

    said = [(p.part, p.number, p.message) for p in real if p.field == "lender"]
    here = Commitment.objects.get().slug
    assert said == [("financings", 0, f"“inst-a” is fictional, and {here} is not")]
    assert "lender" not in [p.field for p in fiction]


def refs(changes):
    return [c["data"].get("ref") or c["data"]["slug"] for c in changes]


def test_a_decision_takes_no_name_that_an_open_case_gives():
    (editor,) = make_people("editor")
    first = make_changes()
    case = draft_case(first, title="Port", actor=editor)
    second = make_changes()
    third = [*first, *second]
    draft_case(second, title="Port again", actor=editor)
    assert set(refs(first)) & set(refs(second)) == set()
    assert set(refs(third)) & set(refs(make_changes())) == set()
    kept = decision_changes(make_decision(), own=[case.pk])
    assert refs(kept) == refs(first)


def test_names_are_found_with_the_same_queries_however_many_cases_are_open(
    django_assert_num_queries,
):
    (editor,) = make_people("editor")
    decision = make_decision()
    for number in range(3):
        with django_assert_num_queries(7):
            changes = decision_changes(decision)
        draft_case(changes, title=f"Port {number}", actor=editor)


def test_financings_signed_on_one_day_have_names_of_their_own():
    gas = {"project": Project.objects.get(slug="prj-gas"), "kind": "financing_signed"}
    loan = Agreement(Instrument.objects.get(slug="loan"))
    (editor,) = make_people("editor")
    draft_case(make_changes(**gas, financings=(loan,)), title="A", actor=editor)
    changes = make_changes(**gas, financings=(loan,))
    (financing,) = (c["data"]["ref"] for c in changes if c["kind"] == "financing")
    assert financing == f"fin-{make_decision().occurred_on}-prj-gas-2"


NOTICE = {
    "ref": "ntc-1",
    "commitment": "japan-us-2025",
    "project": "prj-gas",
    "instrument": "loan",
    "number": "1",
    "received_on": "2026-03-02",
    "amount_usd": "33000000000.00",
    "document": "doc-notice",
}
ENTRY = {
    "ref": "led-1",
    "commitment": "japan-us-2025",
    "project": "prj-gas",
    "instrument": "loan",
    "kind": "funding",
    "value_date": "2026-06-01",
    "amount_usd": "40.00",
    "document": "doc-receipt",
    "notice": "ntc-1",
}


def test_a_notice_entered_by_its_instant_has_its_day_in_tokyo():
    record(WINDOW)
    at = {"received_on": None, "received_at": "2026-03-01T19:00:00-05:00"}
    needs = cash_needs({**NOTICE, **at})["funding notice"]
    assert needs[1] == ("a day that is over", "2026-03-02", True)


def steps_of(*lines):
    changes = [
        {"kind": "fundingnotice" if "number" in line else "ledgerentry", "data": line}
        for line in lines
    ]
    return needs_of(changes)


def cash_needs(*lines):
    """What lines of money need, as (words, found, met), by step."""
    return {s.step: [(n.words, n.found, n.met) for n in s.needs] for s in steps_of(*lines)}


def test_the_table_of_steps_tells_what_money_needs_up_to_the_last_rung():
    rows = {row.stage: row for row in requirement_rows()}
    for stage, paper in (
        ("noticed", "the notice (document kind funding_notice)"),
        ("funded", "a receipt (document kind receipt)"),
        ("disbursed", "a payment record (document kind payment_record)"),
        ("distributed", "a payment record (document kind payment_record)"),
        ("guaranteed", "a release of the insurer or a lender, or a report of it"),
    ):
        assert rows[stage].amount
        assert rows[stage].document.startswith(paper)
    assert (rows["noticed"].after, rows["funded"].after) == ("selected", "noticed")
    assert {row.step for row in requirement_rows()} >= set(LedgerEntry.Kind.labels)
    told = {row.step: (row.stage, row.after) for row in requirement_rows()}
    for kind in ("distribution", "interest", "principal"):
        assert told[LedgerEntry.Kind(kind).label] == ("distributed", "funded")
    assert told[LedgerEntry.Kind.FEE.label] == ("no stage", "selected")


def test_a_claim_under_a_guarantee_is_one_row_of_the_table_and_tells_what_it_lacks():
    (row,) = (r for r in requirement_rows() if r.step == LedgerEntry.Kind.GUARANTEE_CALL.label)
    words = "a guarantee or a cover of the project that stands on that day"
    assert (row.after, row.amount) == (
        words,
        "claimed in all at most what guarantees and covers leave, through a guarantee: "
        "no cash of any rung",
    )
    record({"instrument": [{"slug": "guarantee", "name": "Guarantee", "is_cash": False}]})
    claim = {**ENTRY, "kind": "guarantee_call", "notice": None}
    needs = cash_needs(claim, {**ENTRY, "ref": "led-2", "kind": "fee", "instrument": "guarantee"})
    assert ("a guarantee", "loan", False) in needs["claim paid under a guarantee"]
    assert (words, "–", False) in needs["claim paid under a guarantee"]
    not_cash = ("an instrument of cash, not a guarantee", "guarantee", False)
    assert not_cash in needs["fee paid"]
    agreed = {
        **{"ref": "fin-1", "commitment": "japan-us-2025", "instrument": "guarantee"},
        **{"projects": ["prj-gas"], "signed_on": "2026-02-17", "document": "doc-fact-sheet"},
    }
    changes = [
        {"kind": "financing", "data": agreed},
        {"kind": "ledgerentry", "data": {**claim, "instrument": "guarantee"}},
    ]
    (step, signing) = sorted(needs_of(changes), key=lambda s: not s.step.startswith("claim"))
    told = [(need.words, need.found, need.met) for need in signing.needs]
    assert not_cash in told
    assert [need.met for need in step.needs if need.words in (words, "a guarantee")] == [True, True]


def test_a_claim_under_a_guarantee_is_held_to_what_covers_leave_in_all():
    record({"instrument": [{"slug": "guarantee", "name": "Guarantee", "is_cash": False}]})
    given = {"commitment": "japan-us-2025", "instrument": "loan", "projects": ["prj-gas"]}
    cover = {**COVER, "in_force_on": "2026-03-01", "amount_usd": "500.00"}
    record({"financing": [{"ref": "fin-1", **given, "document": "doc-news"}], "cover": [cover]})
    claim = {**ENTRY, "kind": "guarantee_call", "notice": None, "instrument": "guarantee"}
    words = str(CASH["guarantee_call"].limit)

    def told(*lines):
        needs = cash_needs(*lines)["claim paid under a guarantee"]
        return next((found, met) for said, found, met in needs if said == words)

    first = {**claim, "amount_usd": "100.00"}
    second = {**claim, "ref": "led-2", "amount_usd": "400.01"}
    assert told(first) == ("100.00 USD, of at most 500.00 USD", True)
    assert told(first, second) == ("500.01 USD, of at most 500.00 USD", False)
    assert told({**first, "value_date": "2026-02-28"})[0] == "100.00 USD, of at most 0.00 USD"
    record({"ledgerentry": [first], "cover": [{**cover, "ref": "cov-2", "amount_usd": "50.00"}]})
    assert told({**second, "amount_usd": "400.00"}) == ("500.00 USD, of at most 550.00 USD", True)
    record({"cover": [{**cover, "ref": "cov-2", "amount_usd": None}]})
    assert told(second) == ("500.01 USD; no upper amount is stated", True)


def test_the_needs_of_a_notice_and_its_money_are_those_the_rules_hold_them_to():
    record(WINDOW)
    paid = {**ENTRY, "ref": "led-2", "kind": "disbursement", "amount_usd": "50.00", "notice": None}

    found = cash_needs(NOTICE, ENTRY, paid)

    assert found["funding notice"] == [
        (
            "a document: the notice (document kind funding_notice) of a government or body, "
            "not of the press",
            "doc-notice (funding notice, another government or body)",
            True,
        ),
        ("a day that is over", "2026-03-02", True),
        ("one of these stands: selected", "selected", True),
        (
            "called in all at most the selected amount",
            "33,000,000,000.00 USD, of at most 33,300,000,000.00 USD",
            True,
        ),
    ]
    assert found["cash received in the designated account"][2:] == [
        (
            "received in all at most what was noticed, and on a notice what it calls",
            "40.00 USD, of at most 33,000,000,000.00 USD",
            True,
        ),
        (
            "what notice ntc-1 calls, through its instrument",
            "40.00 USD (loan), of at most 33,000,000,000.00 USD (loan)",
            True,
        ),
    ]
    limit = "paid on in all at most what was received, and of a notice what was received on it"
    words = (limit, "50.00 USD, of at most 40.00 USD", False)
    assert found["cash paid on to the project"][2] == words
    assert found["cash paid on to the project"][0][1:] == (
        "doc-receipt (receipt, another government or body)",
        False,
    )


def test_what_pays_out_and_what_is_paid_of_a_notice_tell_what_they_are_held_to():
    record({**WINDOW, "fundingnotice": [NOTICE], "ledgerentry": [ENTRY]})
    out = {**ENTRY, "document": "doc-payment", "notice": None}
    paid = {**out, "ref": "led-2", "kind": "disbursement", "notice": "ntc-1", "amount_usd": "41.00"}
    early = {**out, "ref": "led-3", "kind": "interest", "value_date": "2026-05-31"}
    principal = {**out, "ref": "led-4", "kind": "principal", "amount_usd": "40.01"}
    found = cash_needs(paid, early, principal)
    of_notice = "paid on of notice ntc-1 at most what was received on it"
    of_most = "41.00 USD, of at most 40.00 USD"
    assert (of_notice, of_most, False) in found["cash paid on to the project"]
    funded = ("one of these reached on that day: funded", "2026-06-01", False)
    assert funded in found["interest paid"]
    repaid = ("repaid in all at most what was received", "40.01 USD, of at most 40.00 USD", False)
    assert repaid in found["principal repaid"]
    later = cash_needs({**early, "value_date": "2026-06-01"})["interest paid"]
    assert (*funded[:2], True) in later


def test_what_stands_already_counts_with_what_a_case_adds():
    record({**WINDOW, "fundingnotice": [NOTICE]})
    more = {**NOTICE, "ref": "ntc-2", "number": "2", "amount_usd": "400000000.00"}
    over = "33,400,000,000.00 USD, of at most 33,300,000,000.00 USD"

    assert cash_needs(more)["funding notice"][3][1:] == (over, False)
    assert cash_needs({**NOTICE, "amount_usd": "5.00"})["funding notice"][3][1:] == (
        "5.00 USD, of at most 33,300,000,000.00 USD",
        True,
    )
    port = cash_needs({**NOTICE, "ref": "ntc-3", "project": "prj-port"})["funding notice"]
    assert [need[1:] for need in port[2:]] == [
        ("–", False),
        ("33,000,000,000.00 USD, of at most 0.00 USD", False),
    ]


def states(*lines):
    """How far the limits of lines of money are kept, by step: what was found, met, set aside or let through before."""
    return {
        s.step: [
            (n.found, n.met, n.set_aside or n.let_through)
            for n in s.needs
            if "of at most" in n.found
        ]
        for s in steps_of(*lines)
    }


def test_what_is_let_through_a_limit_is_told_with_all_it_adds_to():
    record({**WINDOW, "fundingnotice": [NOTICE]})
    forced = {"override_reason": "agreed by letter"}
    notice = {**NOTICE, "ref": "ntc-2", "number": "2", **forced}
    assert states(notice)["funding notice"] == [
        ("66,000,000,000.00 USD, of at most 33,300,000,000.00 USD", False, True)
    ]
    whole = {**ENTRY, "amount_usd": "33000000000.00"}
    record({"ledgerentry": [whole]})
    more = {**ENTRY, "ref": "led-2", "amount_usd": "5.00"}
    over = [
        "33,000,000,005.00 USD, of at most 33,000,000,000.00 USD",
        "33,000,000,005.00 USD (loan), of at most 33,000,000,000.00 USD (loan)",
    ]
    step = "cash received in the designated account"
    assert states({**more, **forced})[step] == [(words, False, True) for words in over]
    assert states(more)[step] == [(words, False, False) for words in over]
    # what does not raise a sum that was let through needs no reason of its own
    record({"ledgerentry": [{**more, **forced}]})
    less = {**whole, "ref": "led-3", "amount_usd": "-1.00", "reverses": "led-1"}
    assert [need[1:] for need in states(less)[step]] == [(False, True), (False, True)]


def test_what_a_lowered_sum_limits_is_told_beside_it():
    record({**WINDOW, "fundingnotice": [NOTICE], "ledgerentry": [ENTRY]})
    paid = {**ENTRY, "ref": "led-2", "kind": "disbursement", "amount_usd": "30.00", "notice": None}
    record({"ledgerentry": [paid]})
    back = {**ENTRY, "ref": "led-3", "amount_usd": "-40.00", "reverses": "led-1"}
    limit = "paid on in all at most what was received, and of a notice what was received on it"
    assert [n for s in steps_of(back) for n in s.needs if n.words == limit] == [
        Need(limit, met=False, found="30.00 USD, of at most 0.00 USD")
    ]
    claim = {**RECORDS["claim"][0], "low": "5.00", "high": "5.00"}
    [step] = needs_of([{"kind": "claim", "data": claim}])
    assert step.needs[1:] == (
        Need(
            "called in all at most the selected amount",
            met=False,
            found="33,000,000,000.00 USD, of at most 5.00 USD",
        ),
    )


MERGE = {"ref": "lnk-1", "project": "prj-gas", "other": "prj-port", "relation": "merged_into"}
LEFT_OUT = {"ref": "prf-gas", "project": "prj-gas", "count_in_totals": False}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("projectlink", {**MERGE, "document": "doc-fact-sheet"}),
        ("projectprofile", {**LEFT_OUT, "document": "doc-fact-sheet"}),
    ],
)
def test_a_project_merged_or_left_out_leaves_nothing_selected_to_be_called(kind, data):
    record({**WINDOW, "fundingnotice": [NOTICE]})
    change = {"kind": kind, "data": data}
    limit = Need(
        "called in all at most the selected amount",
        met=False,
        found="33,000,000,000.00 USD, of at most 0.00 USD",
    )
    [alone] = needs_of([change])
    assert (alone.project, alone.needs[-1]) == ("prj-gas", limit)

    again = {"kind": "fundingnotice", "data": {**NOTICE, "override_reason": "agreed"}}
    [forced] = needs_of([change, again])
    assert forced.needs[-1] == replace(limit, set_aside=True)

    record({kind: [data], "fundingnotice": [again["data"]]})
    back = {"kind": kind, "data": {**data, "withdrawn": True}}
    if kind == "projectprofile":
        back["data"] = {**data, "count_in_totals": True}
    [restored] = needs_of([back])
    assert restored.needs[-1].found == "33,000,000,000.00 USD, of at most 33,300,000,000.00 USD"


def test_needs_of_money_are_asked_in_the_same_number_of_questions(django_assert_num_queries):
    record({**WINDOW, "fundingnotice": [NOTICE]})
    other = {**RECORDS["stageevent"][0], "document": "doc-fact-sheet"}
    lines = [
        change
        for n in range(40)
        for change in (
            {"kind": "stageevent", "data": {**other, "ref": f"e{n}", "kind": "site_secured"}},
            {"kind": "ledgerentry", "data": {**ENTRY, "ref": f"led-{n}"}},
        )
    ]
    with CaptureQueriesContext(connection) as asked:
        assert len(needs_of(lines[:2])) == 2
    with django_assert_num_queries(len(asked)):
        assert len(needs_of(lines)) == 41


def test_a_line_that_cannot_be_written_tells_its_own_needs_and_is_in_no_sum():
    record(WINDOW)
    wrong = {**NOTICE, "ref": "ntc-2", "number": "2", "instrument": "barter", "document": None}
    given = cash_needs(NOTICE, wrong)["funding notice"]
    assert [need[1:] for need in given] == [
        ("1 of 2", False),
        ("2 of 2", True),
        ("selected", True),
        ("33,000,000,000.00 USD, of at most 33,300,000,000.00 USD", True),
    ]
    nowhere = {**RECORDS["stageevent"][0], "ref": "e1", "project": "prj-none"}
    claim = {**RECORDS["claim"][0], "ref": "clm-2"}
    (step,) = needs_of([{"kind": "stageevent", "data": nowhere}, {"kind": "claim", "data": claim}])
    assert [need.met for need in step.needs if need.required] == [True, True]


def test_a_case_about_two_commitments_finds_what_each_of_them_holds():
    record(
        {"commitment": [{"slug": "uk-us", "name": "UK", "investor": "UK", "investor_code": "GB"}]}
    )
    record({"project": [{"slug": "prj-uk", "commitment": "uk-us", "name": "Plant"}]})
    selected = {**RECORDS["stageevent"][0], "ref": "e1", "project": "prj-uk"}
    record({"stageevent": [selected]})
    signed = {"kind": "financing_signed", "occurred_on": "2026-03-02", "document": "doc-news"}
    lines = [
        {"kind": "stageevent", "data": {**signed, "ref": f"s-{slug}", "project": slug}}
        for slug in ("prj-gas", "prj-uk")
    ]
    found = [[n.found for n in s.needs if "reached" in n.words] for s in needs_of(lines)]
    assert found == [["selected"], ["selected"]]


def test_an_end_tells_what_its_notices_need_unless_it_carries_a_reason():
    record({**WINDOW, "fundingnotice": [NOTICE]})
    end = {"ref": "end", "project": "prj-gas", "kind": "cancelled", "occurred_on": "2026-06-01"}
    for reason in ("", "the buyer is bankrupt"):
        data = {**end, "document": "doc-news", "override_reason": reason}
        found = tried([{"kind": "stageevent", "data": data}], today=TODAY)
        notice = found.needs[-1]
        assert (notice.step, [n.met for n in notice.needs]) == ("funding notice", [False, False])
        assert {need.set_aside for need in notice.needs} == {bool(reason)}
        assert (found.refused is None) == bool(reason)


def reached_in(*lines):
    """What stages the steps and notices of a case find reached, by step."""
    return {
        s.step: [(n.found, n.met) for n in s.needs if n.words.startswith("one of these")]
        for s in needs_of(list(lines))
    }


def test_a_step_that_is_planned_or_taken_back_makes_nothing_possible():
    selected = {**RECORDS["stageevent"][0], "ref": "e1", "project": "prj-port"}
    signed = {**selected, "ref": "e2", "kind": "financing_signed", "occurred_on": "2026-03-02"}
    lines = [{"kind": "stageevent", "data": data} for data in (selected, signed)]
    step = StageEvent.Kind.FINANCING_SIGNED.label
    assert reached_in(*lines)[step] == [("selected", True)]
    for untrue in ({"planned": True}, {"withdrawn": True}):
        first = {"kind": "stageevent", "data": {**selected, **untrue}}
        assert reached_in(first, lines[1])[step] == [("–", False)]


def test_a_selection_that_the_case_takes_back_or_moves_is_not_found_reached():
    record(WINDOW)
    stored, notice = RECORDS["stageevent"][0], {"kind": "fundingnotice", "data": NOTICE}
    later = {**stored, "occurred_on": "2026-05-01"}
    signed = {**stored, "ref": "e2", "kind": "financing_signed", "occurred_on": "2026-03-02"}
    for data, step, line in (
        ({**stored, "withdrawn": True}, "funding notice", notice),
        ({**stored, "planned": True}, "funding notice", notice),
        (later, StageEvent.Kind.FINANCING_SIGNED.label, {"kind": "stageevent", "data": signed}),
    ):
        changed = {"kind": "stageevent", "data": data}
        assert reached_in(changed, line)[step] == [("–", False)]


def test_a_notice_is_held_to_the_amount_the_case_would_leave_selected():
    record(WINDOW)
    press = {
        **RECORDS["claim"][0],
        "ref": "clm-press",
        "rank": 3,
        "side": "press",
        "high": "90000000000.00",
    }

    def found_with(claim):
        lines = [{"kind": "claim", "data": claim}, {"kind": "fundingnotice", "data": NOTICE}]
        [notice] = [s for s in needs_of(lines) if s.project]
        return notice.needs[-1].found, notice.needs[-1].met

    called = "33,000,000,000.00 USD"
    assert found_with(press) == (f"{called}, of at most 33,300,000,000.00 USD", True)
    open_ended = {**RECORDS["claim"][0], "high": None, "qualifier": "more_than"}
    assert found_with(open_ended) == (f"{called}; no upper amount is stated", True)


def test_a_notice_lowered_below_what_came_in_shows_the_rule_it_breaks_with_its_sums():
    record(WINDOW)
    record({"fundingnotice": [NOTICE]})
    paid = {**ENTRY, "amount_usd": "33000000100.00", "override_reason": "a bank's slip"}
    record({"ledgerentry": [paid]})
    lowered = {**NOTICE, "amount_usd": "32000000000.00"}
    for reason, set_aside in (("", False), ("agreed", True)):
        line = {**lowered, "override_reason": reason}
        (step,) = needs_of([{"kind": "fundingnotice", "data": line}])
        (need,) = (n for n in step.needs if n.words.startswith("received on notice ntc-1"))
        assert (need.met, need.set_aside) == (False, set_aside)
        assert need.found == "33,000,000,100.00 USD, of at most 32,000,000,000.00 USD"
    record({"fundingnotice": [line]})
    raised = {"kind": "fundingnotice", "data": {**NOTICE, "amount_usd": "32500000000.00"}}
    (step,) = needs_of([raised])
    (need,) = (n for n in step.needs if n.words.startswith("received on notice ntc-1"))
    assert (need.met, need.set_aside, need.let_through) == (False, False, True)


def test_an_agreement_shows_what_it_is_held_to_before_the_attempt():
    limit = "signed in all at most the selected amount of its projects"
    assert limit in [row.amount for row in requirement_rows()]
    agreed = {
        **{"ref": "fin-1", "commitment": "japan-us-2025", "instrument": "loan"},
        **{"projects": ["prj-gas"], "signed_on": "2026-02-17", "document": "doc-news"},
    }
    claim = {
        **{"ref": "clm-fin", "commitment": "japan-us-2025", "subject": "financing:fin-1"},
        **{"aspect": "amount.signed", "low": "33400000000.00", "high": "33400000000.00"},
        **{"unit": "usd", "who": "JBIC", "side": "japan", "rank": 2, "document": "doc-news"},
    }
    for reason, set_aside in (("", False), ("agreed", True)):
        lines = [
            {"kind": "financing", "data": {**agreed, "override_reason": reason}},
            {"kind": "claim", "data": claim},
        ]
        (step,) = needs_of(lines)
        assert (step.step, step.project) == ("financing agreement", "fin-1")
        found = "33,400,000,000.00 USD, of at most 33,300,000,000.00 USD"
        assert step.needs[-1] == Need(limit, met=False, found=found, set_aside=set_aside)
    within = {**claim, "low": "33300000000.00", "high": "33300000000.00"}
    (step,) = needs_of([lines[0], {"kind": "claim", "data": within}])
    assert step.needs[-1].met


def test_an_agreement_says_what_it_rests_on_before_it_is_tried():
    row = next(row for row in requirement_rows() if row.step == "financing agreement")
    assert (row.after, row.document) == ("selected", "a lender's release, or a report of it")
    agreed = {
        **{"ref": "fin-1", "commitment": "japan-us-2025", "instrument": "loan"},
        **{"projects": ["prj-gas"], "signed_on": "2026-02-17"},
    }
    document = "a document: a lender's release, or a report of it"
    selected = "one of these reached on that day: selected"
    day = "a day that is over"
    for change, unmet in (
        ({"document": "doc-news"}, []),
        ({"document": "doc-fact-sheet"}, [document]),
        ({"document": "doc-news", "signed_on": "2026-02-16"}, [selected]),
        ({"document": "doc-news", "signed_on": "2028-01-04"}, [day]),
        ({"projects": ["prj-gas", "prj-unknown"]}, [document, selected]),
    ):
        (step,) = needs_of([{"kind": "financing", "data": {**agreed, **change}}])
        assert [n.words for n in step.needs if n.required and not n.met] == unmet
    forced = {**agreed, "signed_on": "2026-02-16", "override_reason": "agreed"}
    (step,) = needs_of([{"kind": "financing", "data": forced}])
    assert {n.words for n in step.needs if n.set_aside} == {document, selected}


def test_a_fee_needs_its_project_selected_by_its_day():
    selected = ("one of these reached on that day: selected", "selected", True)
    fee = {**ENTRY, "kind": "fee", "notice": None}
    assert selected in cash_needs(fee)["fee paid"]
    early = cash_needs({**fee, "value_date": "2026-02-16"})["fee paid"]
    assert ("one of these reached on that day: selected", "–", False) in early
