"""A case as a basket: lines of any kind are added, edited and taken out."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from commitments.models import ApprovalCase, Claim, Commitment, Term
from commitments.services.cases import draft_case, revise_case
from dashboard.admin.record_fields import Basket
from dashboard.admin.records import RetractionForm
from dashboard.changes import BY_SLUG, CHANGES
from projects.calculations.stages import REQUIREMENTS
from projects.models import FundingNotice, LedgerEntry, Project, StageEvent
from projects.selectors.projects import DECIDED, SAID
from projects.services.decision_records import as_fictional
from tests.builders import make_entry, post, record
from tests.desk import COMMITMENT, WINDOW, load_small_register, make_people, selected_usd

pytestmark = pytest.mark.django_db

NEW = reverse("admin:commitments_approvalcase_new")
NOTICE = {
    "commitment": COMMITMENT,
    "project": "prj-gas",
    "instrument": "loan",
    "number": "1",
    "received_on": "2026-09-01",
    "amount_usd": "1000000000",
    "document": "doc-notice",
    "confidence": "sourced",
}
CLAIM = {
    "commitment": COMMITMENT,
    "subject": "project:prj-gas",
    "aspect": "amount.selected",
    "low": "40000000000",
    "high": "40000000000",
    "unit": "usd",
    "qualifier": "stated",
    "who": "Commerce",
    "side": "",
    "rank": "1",
    "stated_on": "2026-02-17",
    "stated_precision": "day",
    "document": "doc-fact-sheet",
    "confidence": "sourced",
}


@pytest.fixture
def desk():
    load_small_register()
    record(WINDOW)
    found = []
    for person in make_people("editor", "approver", "administrator"):
        client = Client()
        client.force_login(person)
        found.append(client)
    return found


def opened(client, title="A case"):
    response = client.post(NEW, {"title": title, "reason": ""})
    assert response.status_code == 302, response.content.decode()
    return ApprovalCase.objects.latest("pk")


def add(client, case, change, *, query="", **data):
    case.refresh_from_db()
    address = reverse("admin:commitments_approvalcase_line", args=[case.pk, change])
    return client.post(address + query, {"version": case.version, **data})


def step(client, case, name, **data):
    case.refresh_from_db()
    address = reverse(f"admin:commitments_approvalcase_{name}", args=[case.pk])
    return client.post(address, {"version": case.version, **data})


def said(response):
    return " ".join(response.content.decode().split())


def approve(editor, approver, case):
    submitted = step(editor, case, "submit")
    assert submitted.status_code == 302, said(submitted)
    approved = step(approver, case, "approve")
    assert approved.status_code == 302, said(approved)


def test_the_names_given_in_two_open_cases_differ(desk):
    editor, *_ = desk
    given = []
    for amount in ("40000000000", "41000000000"):
        case = opened(editor, title=amount)
        added = add(editor, case, "claim", **{**CLAIM, "low": amount, "high": amount})
        assert added.status_code == 302, said(added)
        case.refresh_from_db()
        given.append(case.changes[0]["data"]["ref"])
    assert given[1] == f"{given[0]}-2"


def test_every_kind_of_change_has_a_form(desk):
    editor, *_ = desk
    case = opened(editor)

    found = {
        change.slug: editor.get(
            reverse("admin:commitments_approvalcase_line", args=[case.pk, change.slug])
        ).status_code
        for change in CHANGES
    }

    assert found == dict.fromkeys(BY_SLUG, 200)


def test_a_case_of_a_notice_and_its_payment_is_recorded_as_one_revision(desk):
    editor, approver, _ = desk
    case = opened(editor)
    assert add(editor, case, "notice", ref="ntc-1", **NOTICE).status_code == 302
    entry = {
        "ref": "led-1",
        "commitment": COMMITMENT,
        "project": "prj-gas",
        "instrument": "loan",
        "notice": "ntc-1",
        "kind": "funding",
        "value_date": "2026-11-12",
        "amount_usd": "250000000",
        "document": "doc-receipt",
    }
    kept = add(editor, case, "entry", **entry)
    assert kept.status_code == 302, said(kept)

    shown = said(approver.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))
    assert shown.count("ntc-1") == 0  # another person's draft is nobody's business
    approve(editor, approver, case)

    notice, entry = FundingNotice.objects.get(), LedgerEntry.objects.get()
    assert notice.revision == entry.revision
    assert (notice.earliest_on, entry.amount_usd) == (date(2026, 11, 12), Decimal(250_000_000))

    again = opened(editor)
    assert (
        add(editor, again, "reversal", reverses="led-1", document="doc-fact-sheet").status_code
        == 302
    )
    approve(editor, approver, again)
    reversal = LedgerEntry.objects.get(reverses=entry)
    assert (reversal.amount_usd, reversal.value_date) == (Decimal(-250_000_000), entry.value_date)


def test_an_editor_reverses_what_an_administrator_let_through(desk):
    editor, approver, _ = desk
    post([make_entry("prj-gas", "9.00", ref="led-forced")])
    case = opened(editor)
    added = add(editor, case, "reversal", reverses="led-forced", document="doc-fact-sheet")
    assert added.status_code == 302, said(added)
    approve(editor, approver, case)
    assert LedgerEntry.objects.get(reverses__ref="led-forced").amount_usd == -9


def test_the_computed_window_is_shown_and_never_asked(desk):
    editor, *_ = desk
    case = opened(editor)
    form = said(
        editor.get(reverse("admin:commitments_approvalcase_line", args=[case.pk, "notice"]))
    )
    assert 'name="earliest_on"' not in form

    add(editor, case, "notice", **NOTICE)
    page = said(editor.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))

    assert "Earliest funding date</th><td>–</td><td>2026-11-12 (computed)" in page


def test_the_key_made_for_a_notice_carries_its_day_in_tokyo_however_that_is_given(desk):
    editor, *_ = desk
    for given in (
        {},
        {"received_on": "", "received_at": "2026-08-31T20:00:00-05:00"},
    ):
        case = opened(editor)
        added = add(editor, case, "notice", **{**NOTICE, **given})
        assert added.status_code == 302, said(added)
        case.refresh_from_db()
        assert case.changes[0]["data"]["ref"] == "fundingnotice-prj-gas-1-2026-09-01"
        case.delete()


def test_a_day_that_is_missing_is_required_in_the_words_used_elsewhere(desk):
    editor, *_ = desk
    unknown = {**NOTICE, "received_on": "", "commitment": "nobody-2025"}
    wrong = beside(add(editor, opened(editor), "notice", **unknown))
    assert wrong["received_on"] == ["Is required."]


def test_all_mistakes_of_a_line_are_told_at_once(desk):
    editor, *_ = desk
    case = opened(editor)
    wrong = {
        **NOTICE,
        "project": "prj-none",
        "amount_usd": "1,000.50",
        "received_at": "2026-09-01T09:00",
        "specified_on": "2026-02-30",
        "document": "",
    }

    refused = add(editor, case, "notice", **wrong)

    assert refused.status_code == 422
    for words in (
        "No project “prj-none” is in the register or in this case.",
        "Write digits with at most 2 decimals",
        "Write date, time and offset",
        "Write year, month and day, like 2026-12-01.</li>",
        "This field is required.",
    ):
        assert words in said(refused)
    case.refresh_from_db()
    assert case.changes == []


def test_a_date_before_the_window_ends_is_told_beside_its_field(desk):
    editor, *_ = desk
    refused = add(editor, opened(editor), "notice", **{**NOTICE, "specified_on": "2026-10-01"})

    assert refused.status_code == 422
    assert "The specified date lies before the end of the window, 2026-11-12." in said(refused)


def test_a_new_project_and_its_step_stand_in_one_case(desk):
    editor, approver, _ = desk
    case = opened(editor)
    add(editor, case, "project", slug="prj-new", name="New", commitment=COMMITMENT)
    step_line = {
        "project": "prj-new",
        "kind": "selected",
        "occurred_on": "2026-02-17",
        "document": "doc-fact-sheet",
        "confidence": "sourced",
    }
    kept = add(editor, case, "step", **step_line)
    assert kept.status_code == 302, said(kept)
    approve(editor, approver, case)

    event = StageEvent.objects.get(project__slug="prj-new")
    assert event.ref == "stageevent-prj-new-selected-2026-02-17"


def test_a_correction_is_filled_from_the_register_and_moves_the_total(desk):
    editor, approver, _ = desk
    case = opened(editor)
    address = reverse("admin:commitments_approvalcase_line", args=[case.pk, "claim"])
    filled = said(editor.get(f"{address}?ref=clm-gas"))
    assert 'name="high" value="33300000000.00"' in filled or 'value="33300000000"' in filled

    kept = add(editor, case, "claim", query="?ref=clm-gas", **CLAIM)
    assert kept.status_code == 302, said(kept)
    approve(editor, approver, case)

    assert selected_usd() == (Decimal(40_000_000_000), Decimal(40_000_000_000))
    assert Claim.objects.heads().get(ref="clm-gas").supersedes.ref == "clm-gas"


def test_a_name_is_changed_in_place_and_noted(desk):
    editor, approver, _ = desk
    case = opened(editor)
    line = {"commitment": COMMITMENT, "name": "Gas works", "name_ja": "ガス"}
    add(editor, case, "rename-project", query="?ref=prj-gas", **line)
    approve(editor, approver, case)

    assert Project.objects.get(slug="prj-gas").name == "Gas works"


def test_a_retraction_takes_a_fact_back(desk):
    editor, approver, _ = desk
    case = opened(editor)
    kept = add(editor, case, "retraction", query="?kind=claim", ref="clm-gas", note="A mistake")
    assert kept.status_code == 302, said(kept)
    approve(editor, approver, case)

    head = Claim.objects.heads().get(ref="clm-gas")
    assert (head.withdrawn, head.note) == (True, "A mistake")


def test_the_reason_of_a_retraction_stands_beside_no_japanese_of_the_old_note():
    load_small_register()
    event = {"ref": "evt-1", "project": "prj-gas", "kind": "site_secured"}
    event |= {"occurred_on": "2026-03-01", "document": "doc-fact-sheet"}
    said = {"note": "In Ohio", "note_ja": "オハイオ州で"}
    record({"stageevent": [{**event, **said}]})
    form = RetractionForm({"ref": "evt-1", "note": "A mistake"}, kind="stageevent", basket=Basket())
    assert form.is_valid(), form.errors
    assert [form.record[name] for name in ("withdrawn", "note", "note_ja")] == [
        *(True, "A mistake", "")
    ]


def test_a_plan_takes_a_line_for_each_point(desk):
    editor, *_ = desk
    case = opened(editor)
    line = {"commitment": COMMITMENT, "label": "Plan", "confidence": "sourced"}
    refused = add(editor, case, "plan", points="2027-06-30 100\n2027-06-31 200", **line)
    assert "Line 2 is not a date and an amount" in said(refused)
    add(editor, case, "plan", ref="plan-1", points="2027-06-30 100\n2028-06-30, 200.50", **line)
    case.refresh_from_db()

    assert case.changes[0]["data"]["points"] == [
        {"on": "2027-06-30", "amount_usd": "100.00"},
        {"on": "2028-06-30", "amount_usd": "200.50"},
    ]


OTHER = {"slug": "other-us", "name": "Other", "investor": "Other", "investor_code": "XX"}


def labels_of(commitment, **labels):
    """What the form of a commitment's labels is sent with; a box that is not ticked is not."""
    names = ("name", "investor", "investor_code", "host_code")
    return {name: getattr(commitment, name) for name in names} | labels


@pytest.mark.parametrize("first", ["given", "taken"])
def test_the_default_is_handed_over_by_two_lines_in_either_order(desk, first):
    editor, approver, *_ = desk
    record({"commitment": [OTHER]})
    case = opened(editor)
    held, other = (Commitment.objects.get(slug=slug) for slug in (COMMITMENT, "other-us"))
    lines = [(held, {}), (other, {"is_default": "on"})]
    for commitment, ticked in lines if first == "given" else lines[::-1]:
        query, labels = f"?ref={commitment.slug}", labels_of(commitment, **ticked)
        kept = add(editor, case, "rename-commitment", query=query, **labels)
        assert kept.status_code == 302, beside(kept)
    approve(editor, approver, case)
    assert Commitment.objects.get(is_default=True) == other


def test_a_second_default_is_refused_in_words_with_its_case(desk):
    editor, *_ = desk
    record({"commitment": [OTHER]})
    case = opened(editor)
    labels = labels_of(Commitment.objects.get(slug="other-us"), is_default="on")
    kept = add(editor, case, "rename-commitment", query="?ref=other-us", **labels)
    assert kept.status_code == 302, beside(kept)
    refused = step(editor, case, "submit")
    assert refused.status_code == 409
    assert f"“{COMMITMENT}” is the default already" in said(refused)


def test_fiction_is_refused_as_the_default_beside_its_box(desk):
    editor, *_ = desk
    record({"commitment": [{**OTHER, "illustrative": True}]})
    labels = labels_of(Commitment.objects.get(slug="other-us"), is_default="on", illustrative="on")
    refused = add(editor, opened(editor), "rename-commitment", query="?ref=other-us", **labels)
    assert beside(refused) == {"is_default": ["An illustrative commitment is never the default."]}


def test_a_line_is_edited_and_taken_out_again(desk):
    editor, *_ = desk
    case = opened(editor)
    add(editor, case, "term", key="note", name="Note", value='{"n": 1.5}', document="doc-news")
    assert case.changes == []  # a decimal outside quotes was refused
    line = {
        "commitment": COMMITMENT,
        "key": "note",
        "reading": "stated",
        "is_default": "on",
        "name": "Note",
        "document": "doc-news",
        "confidence": "sourced",
    }
    add(editor, case, "term", value='{"n": "1.5"}', **line)
    case.refresh_from_db()
    address = reverse("admin:commitments_approvalcase_edit_line", args=[case.pk, 1])
    assert "&quot;1.5&quot;" in said(editor.get(address))
    edited = {**line, "ref": case.changes[0]["data"]["ref"], "value": '{"n": "2.5"}'}
    kept = editor.post(address, {**edited, "version": case.version})
    assert kept.status_code == 302, said(kept)
    case.refresh_from_db()
    assert case.changes[0]["data"]["value"] == {"n": "2.5"}

    remove = reverse("admin:commitments_approvalcase_remove_line", args=[case.pk, 1])
    stale = editor.post(remove, {"version": case.version - 1})
    assert stale.status_code == 409
    assert editor.post(remove, {"version": case.version}).status_code == 302
    case.refresh_from_db()
    assert case.changes == []
    assert not Term.objects.filter(key="note").exists()


def test_only_the_one_who_opened_a_case_changes_its_lines(desk):
    editor, approver, administrator = desk
    case = opened(editor)

    for client in (approver, administrator):
        assert add(client, case, "notice", **NOTICE).status_code == 404
    add(editor, case, "notice", **NOTICE)
    step(editor, case, "submit")
    for client in (editor, approver, administrator):
        assert add(client, case, "notice", **NOTICE).status_code == 403


def test_a_notice_over_its_limit_is_kept_in_the_draft_and_said_to_break_a_rule(desk):
    editor, approver, administrator = desk
    for client in (editor, administrator):
        case = opened(client)
        kept = add(client, case, "notice", **{**NOTICE, "amount_usd": "40000000000"})
        assert kept.status_code == 302, said(kept)
        page = said(client.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))
        assert "This would break a rule of the register." in page
        assert "40,000,000,000.00 USD, of at most 33,300,000,000.00 USD" in page
        assert "✗ missing" in page
        refused = step(client, case, "submit")
        assert refused.status_code == 409
        assert "noticed 40,000,000,000.00 USD, but selected at most" in said(refused)
    assert step(administrator, case, "force", reason="agreed by letter").status_code == 302
    approve(administrator, approver, case)
    assert FundingNotice.objects.get().override_reason == "agreed by letter"


def test_an_editor_corrects_a_notice_let_through_and_its_reason_stays(desk):
    editor, approver, administrator = desk
    case = opened(administrator)
    over = {**NOTICE, "ref": "ntc-1", "amount_usd": "40000000000"}
    add(administrator, case, "notice", **over)
    assert step(administrator, case, "force", reason="agreed by letter").status_code == 302
    approve(administrator, approver, case)
    for change, line in (
        ("notice", {**over, "account": "an account"}),
        ("notice", {**over, "amount_usd": "39000000000"}),
        ("retraction", {"ref": "ntc-1", "note": "it was a draft"}),
    ):
        case = opened(editor)
        query = "?kind=fundingnotice" if change == "retraction" else "?ref=ntc-1"
        kept = add(editor, case, change, query=query, **line)
        assert kept.status_code == 302, said(kept)
        approve(editor, approver, case)
        head = FundingNotice.objects.heads().get()
        assert (head.revision_id, head.override_reason) == (
            ApprovalCase.objects.get(pk=case.pk).revision_id,
            "agreed by letter",
        )
        [decision] = Client().get("/api/v1/decisions/").json()["results"][:1]
        assert (decision["id"], decision["rules_set_aside"]) == (case.pk, [])


def test_an_editor_raises_no_notice_that_was_let_through(desk):
    editor, approver, administrator = desk
    case = opened(administrator)
    over = {**NOTICE, "ref": "ntc-1", "amount_usd": "40000000000"}
    add(administrator, case, "notice", **over)
    step(administrator, case, "force", reason="agreed by letter")
    approve(administrator, approver, case)
    case = opened(editor)
    add(editor, case, "notice", query="?ref=ntc-1", **{**over, "amount_usd": "40000000000.01"})
    refused = step(editor, case, "submit")
    assert refused.status_code == 409
    assert "noticed 40,000,000,000.01 USD, but selected at most" in said(refused)


def test_only_an_administrator_is_asked_why_a_rule_is_broken(desk):
    editor, _, administrator = desk
    for client, asked in ((editor, False), (administrator, True)):
        case = opened(client)
        address = reverse("admin:commitments_approvalcase_line", args=[case.pk, "notice"])
        assert ('name="override_reason"' in said(client.get(address))) is asked


STEP = {
    "ref": "prj-port-selected",
    "project": "prj-port",
    "kind": "selected",
    "occurred_on": "2026-03-02",
    "document": "doc-news",
    "confidence": "sourced",
}


def test_an_administrator_sets_a_rule_aside_with_a_public_reason(desk):
    editor, approver, administrator = desk
    for client, status in ((editor, 422), (administrator, 302)):
        case = opened(client)
        answer = add(client, case, "step", **{**STEP, "locator": "the report"})
        assert answer.status_code == status
    page = said(administrator.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))
    assert "needs a decision or fact sheet of the United States" in page
    assert "Set the rule aside with this reason" in page
    assert "✗ missing" in page
    assert step(administrator, case, "force", reason=" ").status_code == 400
    forced = step(administrator, case, "force", reason="The fact sheet is lost")
    assert forced.status_code == 302, said(forced)
    approve(administrator, approver, case)
    page = said(approver.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))
    assert "– rule set aside" in page
    assert "✗ missing" not in page

    event = StageEvent.objects.get(ref="prj-port-selected")
    assert event.override_reason == "The fact sheet is lost"


def test_an_editor_cannot_set_a_rule_aside(desk):
    editor, *_ = desk
    case = opened(editor)
    add(editor, case, "step", **STEP)

    refused = step(editor, case, "force", reason="because")

    assert refused.status_code == 403
    assert "Your role does not include this step." in said(refused)
    hidden = add(editor, case, "step", **{**STEP, "ref": "other", "override_reason": "because"})
    assert hidden.status_code == 422
    assert "needs a decision or fact sheet of the United States" in said(hidden)


def test_the_approver_reads_needs_split_and_pace(desk):
    editor, approver, _ = desk
    case = opened(editor)
    fits = {**STEP, "document": "doc-fact-sheet", "occurred_on": "2026-02-17", "locator": "p. 2"}
    add(editor, case, "step", **fits)
    amount = {**CLAIM, "subject": "project:prj-port", "low": "2100000000", "high": "2100000000"}
    kept = add(editor, case, "amount", **amount)
    assert kept.status_code == 302, said(kept)
    step(editor, case, "submit")

    page = said(approver.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))

    for words in (
        "What each step needs",
        "✓ met",
        "Split by instrument",
        '<th scope="row">Gap: not stated</th><td>$0.00bn</td><td><ins>$2.10bn</ins></td>',
        "Effect on totals, shares and pace",
        "Selected, share of the target",
    ):
        assert words in page


def beside(answer):
    """What the form says is wrong, by field."""
    assert answer.status_code == 422
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


FUNDED = {
    **{"commitment": COMMITMENT, "project": "prj-gas", "instrument": "loan", "kind": "fee"},
    **{"value_date": "2026-11-12", "amount_usd": "250", "document": "doc-payment"},
}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"amount_usd": "-5"}, {"amount_usd": ["Is negative; only a reversal is."]}),
        ({"amount_usd": "0"}, {"amount_usd": ["An entry of zero says nothing."]}),
        ({"value_date": "2100-01-01"}, {"value_date": ["2100-01-01 lies in the future."]}),
        (
            {"value_date": "2026-01-05"},
            {
                "late_reason": [
                    "The period up to 2026-03-31 was closed; say why this is posted into it."
                ]
            },
        ),
        (
            {"currency": "JPY"},
            {
                "amount": ["Is required: what was paid in JPY."],
                "fx_rate": ["Is required: the rate of JPY to the US dollar."],
                "fx_on": ["Is required: the day of the rate of JPY."],
                "fx_source": ["Is required: who states the rate of JPY."],
            },
        ),
        ({"project": "prj-port", "notice": "ntc-1"}, {"notice": ["Belongs to another project."]}),
        (
            {"amount_usd": "-5", "document": "", "value_date": "2100-01-01"},
            {
                "amount_usd": ["Is negative; only a reversal is."],
                "document": ["This field is required."],
                "value_date": ["2100-01-01 lies in the future."],
            },
        ),
    ],
)
def test_an_entry_is_judged_when_it_is_added_all_at_once_beside_its_fields(desk, given, wrong):
    editor, *_ = desk
    period = {"ref": "q1", "commitment": COMMITMENT, "ends_on": "2026-03-31"}
    record({"closedperiod": [period], "fundingnotice": [{**NOTICE, "ref": "ntc-1"}]})

    assert beside(add(editor, opened(editor), "entry", **(FUNDED | given))) == wrong


@pytest.mark.parametrize("amount", ["-5", "0"])
def test_a_notice_of_nothing_is_refused_at_its_form(desk, amount):
    editor, *_ = desk

    answer = add(editor, opened(editor), "notice", **{**NOTICE, "amount_usd": amount})

    assert beside(answer) == {"amount_usd": ["Enter an amount above zero."]}


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "fundingnotice", "data": {**NOTICE, "ref": "ntc-1", "amount_usd": "-5"}},
        {"kind": "fundingnotice", "data": {"ref": "ntc-1", "amount_usd": "a lot"}},
        {"kind": "stageevent", "data": {"ref": "s-1", "kind": "selected", "project": ["x"]}},
        {"kind": "stageevent", "data": {"ref": "s-1", "occurred_on": 7, "kind": "no kind"}},
        {"kind": "claim", "data": {"ref": "c-1", "subject": "project:prj-gas", "low": "x"}},
        {"kind": "plan", "data": {"ref": "p-1", "points": [1], "commitment": COMMITMENT}},
    ],
)
def test_the_page_of_a_case_stands_whatever_its_lines_hold(desk, line):
    editor, *_ = desk
    editor_ = User.objects.get(username="editor")
    case = draft_case([line], title="A case", actor=editor_)

    answer = editor.get(reverse("admin:commitments_approvalcase_change", args=[case.pk]))

    shown = said(answer)
    assert answer.status_code == 200
    assert "errornote" in shown
    assert "Take out" in shown
    assert step(editor, case, "withdraw").status_code == 302


def test_a_case_that_only_the_database_would_refuse_is_shown_and_can_be_withdrawn(
    desk, monkeypatch
):
    monkeypatch.setattr(FundingNotice, "clean", lambda self: None)
    editor, *_ = desk
    case = opened(editor)
    spoiled = {**NOTICE, "ref": "ntc-1", "amount_usd": "-5"}
    refused = add(editor, case, "notice", **spoiled)
    assert beside(refused) == {
        "__all__": ["Funding notice ntc-1: Would break a rule of the register."]
    }


def test_what_changed_meanwhile_is_said_in_the_words_of_the_case(desk):
    editor, approver, administrator = desk
    first, second = opened(editor), opened(administrator)
    for client, case, amount in ((editor, first, "600000000"), (administrator, second, "5000000")):
        notice = {**NOTICE, "ref": "ntc-1", "amount_usd": amount}
        assert add(client, case, "notice", **notice).status_code == 302
        assert step(client, case, "submit").status_code == 302
    assert step(approver, first, "approve").status_code == 302

    refused = said(step(approver, second, "approve"))
    shown = said(approver.get(reverse("admin:commitments_approvalcase_change", args=[second.pk])))

    for text in (refused, shown):
        assert "Amount, US dollars</th><td><del>–</del></td><td><ins>600,000,000.00" in text
        assert "amount_usd" not in text
        assert "None" not in text


def test_what_was_posted_beside_a_case_is_shown_as_it_was_and_as_it_is(desk):
    editor, approver, administrator = desk
    early = opened(editor)
    add(editor, early, "notice", **{**NOTICE, "ref": "ntc-1", "amount_usd": "600000000"})
    approve(editor, approver, early)
    case, other = opened(editor), opened(administrator)
    add(editor, case, "notice", **{**NOTICE, "ref": "ntc-2", "number": "2"})
    assert step(editor, case, "submit").status_code == 302
    lower = {**NOTICE, "amount_usd": "500000000"}
    kept = add(administrator, other, "notice", query="?ref=ntc-1", **lower)
    assert kept.status_code == 302, said(kept)
    add(administrator, other, "notice", **{**NOTICE, "ref": "ntc-3", "number": "3"})
    approve(administrator, approver, other)

    shown = said(approver.get(reverse("admin:commitments_approvalcase_change", args=[case.pk])))
    refused = said(step(approver, case, "approve"))

    for text in (shown, refused):
        assert "Funding notice ntc-1 was posted since, by revision" in text
        assert "<del>600,000,000.00</del></td><td><ins>500,000,000.00</ins>" in text
        assert "<caption>Funding notice: ntc-3</caption>" in text
        assert "<del>–</del></td><td><ins>1,000,000,000.00</ins>" in text
    assert "computed anew on the register as it is now" in shown


def test_a_document_added_to_a_case_about_fiction_is_fictional(desk):
    editor, *_ = desk
    Commitment.objects.update(illustrative=True)
    case = opened(editor)
    new = {"slug": "doc-new", "title": "A list", "kind": "news", "access": "read", "side": "press"}
    assert add(editor, case, "document", **new, date="2026-03-01").status_code == 302
    step_ = {**STEP, "kind": "candidate_listed", "document": "doc-new"}

    kept = add(editor, case, "step", **step_)

    assert kept.status_code == 302, said(kept)
    case.refresh_from_db()
    assert case.changes[0]["data"]["kind"] == "fictional"


@pytest.mark.parametrize(("side", "fits"), [("us", True), ("press", False)])
def test_what_is_shown_as_missing_of_a_new_project_is_what_is_refused(desk, side, fits):
    editor, approver, _ = desk
    Commitment.objects.update(illustrative=True)
    case = opened(editor)
    sheet = {"slug": "doc-new", "title": "A sheet", "kind": "fact_sheet", "access": "read"}
    lines = {
        "document": {**sheet, "side": side, "date": "2026-03-01", "date_precision": "day"},
        "project": {"slug": "prj-new", "commitment": COMMITMENT, "name": "New"},
        "stageevent": {**STEP, "ref": "e-new", "project": "prj-new", "document": "doc-new"},
    }
    changes = as_fictional([{"kind": kind, "data": data} for kind, data in lines.items()])
    person = User.objects.get(username="editor")
    revise_case(case.pk, changes, title="A case", actor=person, version=case.version)
    page = reverse("admin:commitments_approvalcase_change", args=[case.pk])

    assert ("✗ missing" not in said(editor.get(page))) is fits

    if fits:
        approve(editor, approver, case)
        assert "✗ missing" not in said(editor.get(page))
    else:
        assert step(editor, case, "submit").status_code == 409


def test_a_field_says_how_it_is_written_in_the_words_of_its_error(desk):
    editor, *_ = desk
    case = opened(editor)
    address = reverse("admin:commitments_approvalcase_line", args=[case.pk, "notice"])
    words = "Write date, time and offset, like 2026-12-01T09:30:00+09:00."

    shown = editor.get(address).context["form"]
    wrong = add(editor, case, "notice", **NOTICE, received_at="2026-11-20 10:00")
    taken = add(editor, case, "notice", **NOTICE, received_at="2026-09-01T09:30:00+09:00")

    assert words in shown.fields["received_at"].help_text
    assert beside(wrong) == {"received_at": [words]}
    unread = {
        **NOTICE,
        "received_on": "",
        "received_at": "2026-11-20 10:00",
        "amount_usd": "1" * 16,
    }
    large = "This is too large: at most 15 digits before the point are kept."
    wrong = add(editor, case, "notice", **unread)
    assert beside(wrong) == {"received_at": [words], "amount_usd": [large]}
    assert taken.status_code == 302, said(taken)
    for name, example in (
        ("amount_usd", "like 2100000000 or 35.50"),
        ("specified_on", "2026-12-01"),
    ):
        assert example in shown.fields[name].help_text


def test_an_approved_case_leads_to_its_evidence_pack_and_tells_the_way_back(desk):
    editor, approver, _ = desk
    case = opened(editor)
    fits = {**STEP, "document": "doc-fact-sheet", "occurred_on": "2026-02-17", "locator": "p. 2"}
    add(editor, case, "step", **fits)
    page = reverse("admin:commitments_approvalcase_change", args=[case.pk])
    assert "not given; optional" in said(editor.get(page))
    approve(editor, approver, case)

    shown = said(editor.get(page))

    assert f'href="{reverse("decision", args=[case.pk])}"' in shown
    assert "It can be taken back as one, from the page of its revision." in shown
    case.refresh_from_db()
    revision = reverse("admin:commitments_revision_change", args=[case.revision_id])
    assert "/admin/auth/user/" not in editor.get(revision).content.decode().split("content-main")[1]


def test_a_cover_of_a_loan_stated_in_yen_alone_is_said_to_have_no_limit(desk):
    editor, *_ = desk
    person = User.objects.get(username="editor")
    loan = {"ref": "fin-gas", "commitment": COMMITMENT, "instrument": "loan"}
    loan |= {"signed_on": "2026-02-17", "projects": ["prj-gas"], "document": "doc-news"}
    signed = {**CLAIM, "ref": "clm-fin", "subject": "financing:fin-gas", "side": "us", "rank": 1}
    signed |= {"aspect": "amount.signed", "low": "340000000000", "high": "340000000000"}
    cover = {"ref": "cov-1", "financing": "fin-gas", "insurer": "inst-jbic"}
    cover |= {"in_force_on": "2026-02-17", "amount_usd": "5.00", "document": "doc-news"}
    words = "No upper amount of fin-gas in US dollars is on record"
    for unit, is_said in (("jpy", True), ("usd", False)):
        lines = {"financing": loan, "claim": {**signed, "unit": unit}, "cover": cover}
        changes = [{"kind": kind, "data": data} for kind, data in lines.items()]
        case = draft_case(changes, title=unit, actor=person)
        address = reverse("admin:commitments_approvalcase_change", args=[case.pk])
        assert (words in said(editor.get(address))) is is_said, unit


LOAN = {
    **{"ref": "fin-new", "commitment": COMMITMENT, "instrument": "loan", "projects": "prj-gas"},
    **{"signed_on": "2026-03-01", "cover_status": "not_stated", "document": "doc-news"},
    **{"locator": "page 1: two billion", "confidence": "sourced"},
}
TWO_BILLION = {
    **{"amount_qualifier": "stated", "amount_low": "2000000000", "amount_high": "2000000000"},
    **{"amount_unit": "usd", "amount_who": "A lender", "amount_rank": "3"},
}


def test_the_amount_of_a_new_financing_is_kept_as_its_claim(desk):
    editor, approver, _ = desk
    case = opened(editor)
    kept = add(editor, case, "financing", **LOAN, **TWO_BILLION)
    assert kept.status_code == 302, said(kept)
    case.refresh_from_db()
    financing, claim = (line["data"] for line in case.changes)
    assert "amount_low" not in financing
    assert (claim["subject"], claim["aspect"]) == ("financing:fin-new", "amount.signed")
    told = ("low", "high", "unit", "qualifier", "who", "rank", "side", "document", "locator")
    assert [claim[name] for name in told] == [
        *("2000000000.00", "2000000000.00", "usd", "stated", "A lender", 3, "press"),
        *("doc-news", "page 1: two billion"),
    ]
    approve(editor, approver, case)
    assert Claim.objects.get(subject="financing:fin-new").low == Decimal(2_000_000_000)


def test_an_amount_in_yen_is_a_claim_in_yen(desk):
    editor, *_ = desk
    case = opened(editor)
    yen = {**TWO_BILLION, "amount_unit": "jpy", "amount_low": "", "amount_qualifier": "up_to"}
    assert add(editor, case, "financing", **LOAN, **yen).status_code == 302
    case.refresh_from_db()
    claim = case.changes[1]["data"]
    assert (claim["unit"], claim["low"], claim["high"]) == ("jpy", None, "2000000000.00")


def test_a_financing_without_an_amount_is_one_line(desk):
    editor, *_ = desk
    case = opened(editor)
    unstated = {
        **TWO_BILLION,
        "amount_qualifier": "not_stated",
        "amount_low": "",
        "amount_high": "",
    }
    assert add(editor, case, "financing", **LOAN, **unstated).status_code == 302
    case.refresh_from_db()
    assert [line["kind"] for line in case.changes] == ["financing"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount_high": ""}, "Enter this end of the amount"),
        ({"amount_high": "1000000000"}, "The high end is below the low end."),
        ({"amount_who": ""}, "An amount that is stated needs this."),
        ({"amount_unit": "jpy", "amount_high": "2000000000.50"}, "has more decimals than yen: 0"),
        (
            {"amount_low": "34000000000", "amount_high": "34000000000"},
            "prj-gas: signed 34,000,000,000.00 USD, but selected at most 33,300,000,000.00 USD.",
        ),
    ],
)
def test_an_amount_of_a_financing_that_cannot_be_is_refused_at_its_form(desk, wrong, words):
    editor, *_ = desk
    case = opened(editor)
    refused = add(editor, case, "financing", **{**LOAN, **TWO_BILLION, **wrong})
    assert refused.status_code == 422
    assert words in said(refused)
    case.refresh_from_db()
    assert case.changes == []


@pytest.mark.parametrize("aspect", ["amount", "amount.slected", "Amount.selected", "amount.signed"])
def test_an_amount_by_a_name_that_nothing_reads_is_refused_beside_its_field(desk, aspect):
    editor, *_ = desk
    case = opened(editor)
    refused = add(editor, case, "claim", **{**CLAIM, "aspect": aspect})
    assert refused.status_code == 422
    assert (
        f"“{aspect}” is no amount the register reads of this subject; it reads: amount.reported, "
        "amount.candidate, amount.candidate_us_list, amount.in_consultation, amount.selected."
    ) in said(refused)
    assert add(editor, case, "amount", **{**CLAIM, "aspect": aspect}).status_code == 422
    other = {**CLAIM, "aspect": "share.amount", "unit": "percent", "low": "4", "high": "4"}
    assert add(editor, case, "claim", **other).status_code == 302
    edit = reverse("admin:commitments_approvalcase_edit_line", args=[case.pk, 1])
    assert 'value="share.amount"' in said(editor.get(edit))


def test_the_form_of_an_amount_offers_those_the_register_reads(desk):
    editor, *_ = desk
    case = opened(editor)
    form = said(
        editor.get(reverse("admin:commitments_approvalcase_line", args=[case.pk, "amount"]))
    )
    assert '<option value="amount.selected">amount selected (amount.selected)</option>' in form
    assert '<option value="amount.instrument.loan">' not in form


def test_every_amount_that_figures_read_is_taken_and_no_other():
    read = {f"amount.{name}" for name in (*DECIDED, *SAID)}
    assert set(Claim.AMOUNTS["project"]) == read
    signed = {need.aspect for need in REQUIREMENTS.values() if need.aspect} - read
    assert signed == set(Claim.AMOUNTS["financing"])
