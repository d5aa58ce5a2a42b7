"""What money rests on: a project on record that was selected, an agreement, days that are over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from commitments.calculations.calendars import FIRST_YEAR, LAST_YEAR, is_business_day
from commitments.services.cases import CaseRefused, draft_case, force_case, submit_case
from projects.services.entries import RATE_DAYS
from projects.services.verification import verify_ledger
from tests.builders import (
    BASE,
    COMMITMENT,
    DOCUMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    broken,
    entry_record,
    make_entry,
    make_notice,
    make_project,
    make_register,
    record,
)
from tests.desk import make_people

pytestmark = pytest.mark.django_db
SELECTED_ON = "2026-02-17"
LATER = "2028-01-04"
SELECTION = make_project("prj-1", on=SELECTED_ON)["stageevent"][0]
SIGNED = {
    **make_project("prj-1")["claim"][0],
    **{"ref": "clm-fin", "subject": "financing:fin-1", "aspect": "amount.signed"},
    **{"low": "300.00", "high": "300.00"},
}
NEW = {"project": [{"slug": "prj-new", "commitment": COMMITMENT, "name": "prj-new"}]}


@pytest.fixture(autouse=True)
def _projects(db):
    """A project selected on 17 February 2026, and one that no step is on record of."""
    make_register()
    record(make_project("prj-1", low="900.00", high="900.00", on=SELECTED_ON))
    record(NEW | {"document": [LENDER_DOCUMENT]})


def found() -> list[str]:
    return [str(finding) for finding in verify_ledger(lambda _percent: None).findings]


def loan(**more) -> dict:
    agreed = {"ref": "fin-1", "commitment": COMMITMENT, "instrument": "loan"}
    given = {"signed_on": "2026-05-01", "projects": ["prj-1"], "document": LENDER_RELEASE}
    return {**agreed, **given, **more}


def cover(**more) -> dict:
    made = {
        "ref": "cov-1",
        "financing": "fin-1",
        "insurer": "inst-lender",
        "document": LENDER_RELEASE,
    }
    return {**made, "in_force_on": "2026-05-01", "amount_usd": "300.00", **more}


def paid(project: str, kind: str = "fee", **more) -> dict:
    given = {"ref": "led-1", "kind": kind, "excuse": "", **more}
    return entry_record(make_entry(project, "5.00", **given))


def listed(on: str) -> dict:
    return {**SELECTION, "ref": "prj-1-listed", "kind": "candidate_listed", "occurred_on": on}


REASON = "agreed by both sides"


@pytest.mark.parametrize("reason", ["", REASON])
@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-05-01", "no step is on record by 2026-05-01, the day of fin-1"),
        (None, "no step is on record, and fin-1 is signed"),
    ],
)
def test_nothing_is_signed_on_a_project_without_a_step_whatever_the_reason(day, words, reason):
    signed = {"financing": [loan(projects=["prj-new"], signed_on=day, override_reason=reason)]}
    refusal = f"financing fin-1, projects: prj-new: {words}"
    assert broken(signed) == [refusal]
    record(signed)
    assert found() == [refusal]


@pytest.mark.parametrize("excuse", ["", REASON])
def test_no_cash_moves_on_a_project_without_a_step_whatever_the_reason(excuse):
    # a distribution without a reason is held to what was funded
    for kind in ("fee", "distribution") if excuse else ("fee",):
        entry = paid("prj-new", kind, excuse=excuse)
        words = "prj-new: no step is on record by 2026-06-01, the day of led-1"
        assert f"ledgerentry led-1, project: {words}" in broken({"ledgerentry": [entry]})
    record({"ledgerentry": [paid("prj-new", excuse=excuse)]})
    assert found() == [f"ledgerentry led-1, project: {words}"]


def test_what_a_reason_lets_pass_stands_on_a_step_all_the_same():
    notice = make_notice("prj-new", "10.00", override_reason=REASON)
    assert broken({"fundingnotice": [notice]}) == [
        "fundingnotice ntc-prj-new, project: prj-new: "
        "no step is on record by 2026-03-02, the day of ntc-prj-new"
    ]
    came = paid("prj-new", "funding", excuse=REASON)
    assert broken({"ledgerentry": [came]}) == [
        "ledgerentry led-1, project: prj-new: no step is on record by 2026-06-01, the day of led-1"
    ]


def test_a_project_is_selected_by_the_day_of_its_agreements_and_cash():
    record({"stageevent": [listed("2025-10-28")]})
    for records, words in (
        (
            {"financing": [loan(signed_on="2026-02-16")]},
            "financing fin-1, projects: prj-1: not selected by 2026-02-16, the day of fin-1",
        ),
        (
            {"ledgerentry": [paid("prj-1", on=date(2026, 2, 16))]},
            "ledgerentry led-1, project: prj-1: not selected by 2026-02-16, the day of led-1",
        ),
    ):
        assert broken(records) == [words]
        [[line]] = records.values()
        assert broken({kind: [{**line, "override_reason": REASON}] for kind in records}) == []
    assert broken({"financing": [loan(signed_on=SELECTED_ON)]}) == []
    assert broken({"ledgerentry": [paid("prj-1", on=date(2026, 2, 17))]}) == []


def test_each_project_of_an_agreement_was_selected():
    record({"stageevent": [{**SELECTION, "ref": "new", "project": "prj-new", "planned": True}]})
    refusal = (
        "financing fin-1, projects: prj-new: no step is on record by 2026-05-01, the day of fin-1"
    )
    assert broken({"financing": [loan(projects=["prj-1", "prj-new"])]}) == [refusal]


def test_a_selection_is_not_taken_from_under_what_is_signed():
    record({"stageevent": [listed("2025-10-28")], "financing": [loan()]})
    words = "prj-1: not selected by 2026-05-01, the day of fin-1"
    for change in ({"withdrawn": True}, {"occurred_on": "2026-05-02"}, {"planned": True}):
        assert broken({"stageevent": [{**SELECTION, **change}]}) == [
            f"stageevent prj-1-selected, kind: {words}"
        ]
    taken_back = {"stageevent": [{**SELECTION, "withdrawn": True}]}
    assert broken({**taken_back, "financing": [loan(withdrawn=True)]}) == []
    [administrator] = make_people("administrator")
    changes = [{"kind": "stageevent", "data": taken_back["stageevent"][0]}]
    case = draft_case(changes, title="taken back", actor=administrator)
    case = force_case(case.pk, actor=administrator, version=case.version, reason=REASON)
    assert [c["kind"] for c in case.changes] == ["stageevent", "financing"]
    record(taken_back)
    assert found() == [f"financing fin-1, projects: {words}"]


@pytest.mark.parametrize("change", [{"withdrawn": True}, {"occurred_on": "2026-05-02"}])
def test_a_reason_for_something_else_lets_no_selection_be_taken_from_under_money(change):
    record({"stageevent": [listed("2025-10-28")], "financing": [loan(override_reason="a reserve")]})
    words = "prj-1: not selected by 2026-05-01, the day of fin-1"
    taken = {"stageevent": [{**SELECTION, **change}]}
    assert broken(taken) == [f"stageevent prj-1-selected, kind: {words}"]
    assert broken({**taken, "financing": [loan(override_reason=REASON)]}) == []
    record(taken)
    # what stands so for its reason is not asked again
    assert broken({"stageevent": [{**listed("2025-10-28"), "note": "a list"}]}) == []


def test_what_was_signed_before_an_end_stands():
    record({"financing": [loan()]})
    ended = {**SELECTION, "ref": "end", "kind": "cancelled", "occurred_on": "2026-06-01"}
    assert broken({"stageevent": [ended]}) == []
    record({"stageevent": [ended]})
    assert broken({"financing": [loan(tenor_months=120)]}) == []
    assert found() == []


def test_the_last_step_is_not_taken_from_under_money_whatever_the_reason():
    record({"ledgerentry": [paid("prj-1", excuse=REASON)]})
    taken_back = {**SELECTION, "withdrawn": True}
    words = "prj-1: no step is on record by 2026-06-01, the day of led-1"
    assert broken({"stageevent": [taken_back]}) == [f"stageevent prj-1-selected, kind: {words}"]
    [administrator] = make_people("administrator")
    changes = [{"kind": "stageevent", "data": taken_back}]
    case = draft_case(changes, title="taken back", actor=administrator)
    with pytest.raises(CaseRefused, match="No reason can set this rule aside"):
        force_case(case.pk, actor=administrator, version=case.version, reason=REASON)


def test_the_grounds_of_much_money_are_read_by_a_constant_number_of_queries(
    django_assert_num_queries,
):
    record({"stageevent": [listed("2025-10-28")], "financing": [loan()]})
    from projects.models import Project
    from projects.services.grounds import ungrounded

    projects = list(Project.objects.values_list("pk", flat=True))
    early = [paid("prj-1", ref=f"led-{n}", on=date(2026, 1, 5)) for n in range(3)]
    for count, entries in ((0, []), (1, early[:1]), (3, early[1:])):
        record({"ledgerentry": entries} if entries else {})
        with django_assert_num_queries(6 if count else 5):
            assert len(list(ungrounded(projects))) == count


def test_an_agreement_is_not_taken_back_under_its_cover():
    record({"financing": [loan()], "claim": [SIGNED], "cover": [cover()]})
    gone = loan(withdrawn=True)
    words = "fin-1 was taken back, and cov-1 covers it: take back the cover first"
    assert broken({"financing": [gone]}) == [f"financing fin-1, withdrawn: {words}"]
    both = {"financing": [gone], "cover": [cover(withdrawn=True)]}
    assert broken(both) == []
    record({"financing": [gone]})
    assert found() == [f"cover cov-1, financing: {words}"]
    assert broken({"cover": [cover(amount_usd="200.00")]}) == [f"cover cov-1, financing: {words}"]


def test_the_amount_of_an_agreement_is_not_taken_back_under_its_cover():
    record({"financing": [loan()], "claim": [SIGNED], "cover": [cover()]})
    gone = {**SIGNED, "withdrawn": True}
    words = "fin-1: covered 300.00 USD, but no signed amount would be stated"
    assert broken({"claim": [gone]}) == [f"claim clm-fin, withdrawn: {words}"]
    less = {**SIGNED, "ref": "clm-2", "low": "100.00", "high": "100.00", "rank": 2}
    beyond = "fin-1: covered 300.00 USD, but signed at most 100.00 USD"
    assert [refusal.split(": ", 1)[1] for refusal in broken({"claim": [gone, less]})] == [beyond]
    assert broken({"claim": [gone], "cover": [cover(amount_usd=None)]}) == []
    record({"claim": [gone]})
    assert found() == [f"cover cov-1, amount_usd: {words}"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"unit": "jpy"}, "signed"),
        ({"subject": "financing:fin-2"}, "signed"),
        ({"low": None, "high": None, "qualifier": "not_stated"}, "signed"),
        ({"high": None, "qualifier": "more_than", "low": "1.00"}, "upper signed"),
    ],
)
def test_nor_is_it_restated_as_something_else(change, word):
    record({"financing": [loan(), loan(ref="fin-2")], "claim": [SIGNED], "cover": [cover()]})
    words = f"fin-1: covered 300.00 USD, but no {word} amount would be stated"
    restated = {"claim": [{**SIGNED, **change}]}
    assert broken(restated) == [f"claim clm-fin, high: {words}"]
    record(restated)
    assert found() == [f"cover cov-1, amount_usd: {words}"]


def test_a_cover_is_in_force_once_its_agreement_is_signed():
    record({"financing": [loan()]})
    words = "cov-1 is in force on 2026-04-30, but fin-1 was signed on 2026-05-01"
    early = cover(in_force_on="2026-04-30")
    assert broken({"cover": [early]}) == [f"cover cov-1, in_force_on: {words}"]
    record({"cover": [cover()]})
    assert broken({"financing": [loan(signed_on="2026-05-02")]}) == [
        "financing fin-1, signed_on: "
        "cov-1 is in force on 2026-05-01, but fin-1 was signed on 2026-05-02"
    ]
    record({"cover": [early]})
    assert found() == [f"cover cov-1, in_force_on: {words}"]


OF_A_COVER = "a release of the insurer or a lender, or a report of it"


@pytest.mark.parametrize(
    ("kind", "side"), [(None, None), ("fact_sheet", "us"), ("news", "article")]
)
def test_a_cover_rests_on_a_document_of_the_kind_a_financing_needs(kind, side):
    given = {**LENDER_DOCUMENT, "slug": "doc-cover", "kind": kind, "side": side}
    record({"financing": [loan()], "document": [given] if kind else []})
    unfit = cover(document="doc-cover" if kind else None)
    refusal = f"cover cov-1, document: “cover of a financing” needs {OF_A_COVER}."
    assert broken({"cover": [unfit]}) == [refusal]
    assert broken({"cover": [cover()]}) == []
    record({"cover": [unfit]})
    assert found() == [refusal]
    assert broken({"cover": [cover(withdrawn=True)]}) == []


def test_the_document_of_a_cover_stays_its_evidence():
    record({"financing": [loan(document=DOCUMENT)], "cover": [cover()]})
    refused = broken({"document": [{**LENDER_DOCUMENT, "side": "article"}]})
    assert refused == [f"cover cov-1, document: “cover of a financing” needs {OF_A_COVER}."]


VALUE = {"ref": "val-1", "project": "prj-1", "amount_usd": "1.00", "document": DOCUMENT}
TO_COME = {
    "an agreement": ("financing", loan(signed_on=LATER), "signed_on"),
    "a statement": ("claim", {**SIGNED, "stated_on": LATER}, "stated_on"),
    "an amount": ("claim", {**SIGNED, "effective_on": LATER}, "effective_on"),
    "a value": ("valuation", {**VALUE, "valued_on": LATER}, "valued_on"),
    "a profile": (
        "projectprofile",
        {**make_project("prj-1")["projectprofile"][0], "effective_on": LATER},
        "effective_on",
    ),
}


def test_no_project_is_merged_by_a_document_of_a_day_to_come():
    record({"document": [{**ARTICLE, "date": LATER, "kind": "decision", "side": "us"}]})
    link = {"ref": "lnk-1", "project": "prj-1", "other": "prj-new", "relation": "merged_into"}
    assert broken({"projectlink": [{**link, "document": "doc-article"}]}) == [
        f"projectlink lnk-1, document: {LATER} lies in the future"
    ]


@pytest.mark.parametrize("what", TO_COME)
def test_no_figure_moves_by_itself_on_a_day_to_come(what):
    kind, line, field = TO_COME[what]
    record({"financing": [loan()]})
    refusal = f"{kind} {line['ref']}, {field}: {LATER} lies in the future"
    assert broken({kind: [line]}) == [refusal]
    record({kind: [line]})
    assert found() == [refusal]


def yen(rate_on: str, day: date) -> dict:
    converted = {"currency": "JPY", "amount": "750", "fx_rate": "150", "fx_source": "a bank"}
    return {**paid("prj-1", on=day), **converted, "fx_on": rate_on}


def test_yen_are_converted_at_the_rate_of_the_value_date_or_the_last_before_it():
    day = date(2026, 11, 9)
    for ahead in range(RATE_DAYS + 1):
        rate_on = str(day - timedelta(days=ahead))
        assert broken({"ledgerentry": [yen(rate_on, day)]}) == []
    for rate_on, words in (
        ("2026-11-10", "2026-11-10 is after the value date, 2026-11-09"),
        (
            "2026-11-02",
            "2026-11-02 is more than 6 days before the value date, 2026-11-09: "
            "give the rate of that day, or the last published before it",
        ),
    ):
        refusal = f"ledgerentry led-1, fx_on: {words}"
        assert broken({"ledgerentry": [yen(rate_on, day)]}) == [refusal]


def test_a_rate_of_another_time_on_record_is_found(monkeypatch):
    from projects.services import entries

    with monkeypatch.context() as before_the_rule:
        before_the_rule.setattr(entries, "RATE_DAYS", 9999)
        record({"ledgerentry": [yen("2020-01-06", date(2026, 11, 9))]})
    [words] = found()
    assert words.startswith("ledgerentry led-1, fx_on: 2020-01-06 is more than 6 days before")


def test_tokyo_is_never_closed_for_longer_than_a_rate_may_be_old():
    longest, last_open = 0, date(FIRST_YEAR, 1, 6)
    for ahead in range((date(LAST_YEAR, 12, 31) - last_open).days + 1):
        day = date(FIRST_YEAR, 1, 6) + timedelta(days=ahead)
        if is_business_day(day, "japan"):
            last_open = day
        longest = max(longest, (day - last_open).days)
    assert longest == RATE_DAYS


@pytest.mark.parametrize("unit", ["percent", "text"])
def test_an_amount_is_claimed_in_money(unit):
    for claim in (SIGNED, make_project("prj-1")["claim"][0]):
        [refusal] = broken({"claim": [{**claim, "unit": unit}]})
        assert refusal == f"claim {claim['ref']}, unit: An amount is in money: usd, jpy."


def test_an_amount_is_claimed_by_a_document_unless_it_was_worked_out():
    record({"financing": [loan()]})
    words = "document: An amount rests on a document, unless it was worked out."
    for claim in (SIGNED, make_project("prj-1")["claim"][0]):
        unnamed = {**claim, "document": None, "rank": 2}
        assert broken({"claim": [unnamed]}) == [f"claim {claim['ref']}, {words}"]
        assert broken({"claim": [{**unnamed, "aspect": "capacity"}]}) == []
        assert broken({"claim": [{**unnamed, "withdrawn": True}]}) == []
        derived = {"side": "derived", "rank": 9, "confidence": "derived"}
        assert broken({"claim": [{**unnamed, **derived}]}) == []
    [editor] = make_people("editor")
    line = {"kind": "claim", "data": {**SIGNED, "document": None, "rank": 2}}
    case = draft_case([line], title="an amount", actor=editor)
    with pytest.raises(CaseRefused) as refused:
        submit_case(case.pk, actor=editor, version=case.version, now=datetime.now(UTC))
    assert [str(one) for one in refused.value.refusals] == [f"claim clm-fin, {words}"]


ARTICLE = {"slug": "doc-article", "title": "An article", "date": "2026-05-01", "access": "read"}
NEEDS = "“financing agreements signed” needs a lender's release, or a report of it."


@pytest.mark.parametrize(("kind", "side"), [("news", "article"), ("fact_sheet", "us"), ("", "")])
def test_an_agreement_rests_on_the_document_its_signing_needs_or_a_reason(kind, side):
    if kind:
        record({"document": [{**ARTICLE, "kind": kind, "side": side}]})
    unfit = loan(document="doc-article" if kind else None)
    assert broken({"financing": [unfit]}) == [f"financing fin-1, document: {NEEDS}"]
    assert broken({"financing": [{**unfit, "override_reason": REASON}]}) == []
    record({"financing": [unfit]})
    assert found() == [f"financing fin-1, document: {NEEDS}"]
    assert broken({"financing": [{**unfit, "withdrawn": True}]}) == []


PAPER_TO_COME = {
    "a step": ("stageevent", {**SELECTION, "document": "doc-to-come"}),
    "a notice": ("fundingnotice", make_notice("prj-1", "10.00", document="doc-to-come")),
    "a cover": ("cover", cover(document="doc-to-come")),
    "a payment": ("ledgerentry", None),
}


@pytest.mark.parametrize("what", PAPER_TO_COME)
def test_no_act_rests_on_a_document_of_a_day_to_come(what):
    kind, line = PAPER_TO_COME[what]
    of_money = {"a notice": "funding_notice", "a cover": "news", "a payment": "payment_record"}
    like = of_money.get(what, "decision")
    paper = {**LENDER_DOCUMENT, "slug": "doc-to-come", "kind": like, "date": LATER, "side": "us"}
    record({"document": [paper], "financing": [loan()]})
    line = line or paid("prj-1", document="doc-to-come")
    refusal = f"{kind} {line['ref']}, document: {LATER} lies in the future"
    assert broken({kind: [line]}) == [refusal]
    record({kind: [line]})
    assert found() == [refusal]


@pytest.mark.parametrize("kind", ["selected", "financing_signed", "candidate_listed"])
def test_nothing_binds_before_the_agreement_of_its_commitment(kind):
    words = f"stageevent prj-new-{kind}, occurred_on: The date lies before the agreement of"
    document = {"financing_signed": LENDER_RELEASE}.get(kind, DOCUMENT)
    step = {"ref": f"prj-new-{kind}", "project": "prj-new", "kind": kind, "document": document}
    early = {**step, "occurred_on": "2025-09-03"}
    refusals = [r for r in broken({"stageevent": [early]}) if "before the agreement" in r]
    assert refusals == ([] if kind == "candidate_listed" else [f"{words} 2025-09-04."])
    forced = broken({"stageevent": [{**early, "override_reason": REASON}]})
    on_the_day = broken({"stageevent": [{**step, "occurred_on": "2025-09-04"}]})
    assert not [r for r in (*forced, *on_the_day) if "before the agreement" in r]
    record({"stageevent": [early]})
    assert [f for f in found() if "before the agreement" in f] == refusals


def test_an_agreement_does_not_begin_after_what_was_selected_under_it():
    start = next(term for term in BASE["term"] if term["key"] == "start")
    refusal = "stageevent prj-1-selected, occurred_on: The date lies before the agreement of"
    record({"document": [{**BASE["document"][0], "slug": "doc-act", "date": "2026-02-18"}]})
    later = {**start, "value": {"date": "2026-02-18"}, "document": "doc-act"}
    assert broken({"term": [later]}) == [f"{refusal} 2026-02-18."]
    assert broken({"term": [{**later, "value": {"date": SELECTED_ON}}]}) == []
    assert broken({"term": [{**start, "withdrawn": True}]}) == []
    forced = {**SELECTION, "override_reason": REASON}
    assert broken({"term": [later], "stageevent": [forced]}) == []
