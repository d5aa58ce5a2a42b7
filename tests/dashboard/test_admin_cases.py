"""Entering, submitting and deciding a case through the admin's pages."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from commitments.calculations.bounds import exactly
from commitments.calculations.metric import Figure
from commitments.models import ApprovalCase, AuditEntry, Commitment, Job, Revision
from commitments.services.cases import draft_case
from dashboard.admin import cases as admin_cases
from dashboard.admin.fields import A_DAY, DayField
from dashboard.casework import cited_documents, figure_words
from dashboard.decisions import MOST_STEPS
from tests.builders import record
from tests.dashboard.pages.reading import Page
from tests.desk import COMMITMENT, approval_form, load_small_register, make_people, selected_usd

pytestmark = pytest.mark.django_db

GAS = (Decimal(33_000_000_000), Decimal(33_300_000_000))
GAS_AND_PORT = (Decimal(35_100_000_000), Decimal(35_400_000_000))
ADD = reverse("admin:commitments_approvalcase_add")


def test_days_carry_their_unit_and_documents_the_day_as_the_house_writes_it():
    load_small_register()
    days = [figure_words("days", Figure(exactly(Decimal(n)))) for n in (1, 17)]
    assert days == ["1 day", "17 days"]
    [cited] = cited_documents([{"kind": "claim", "data": {"document": "doc-fact-sheet"}}])
    assert cited.day == "17 Feb 2026"


@pytest.fixture
def desk():
    load_small_register()
    people = make_people("editor", "approver", "viewer", "editor_2")
    clients = []
    for person in people:
        client = Client()
        client.force_login(person)
        clients.append(client)
    return clients


def page(case):
    return reverse("admin:commitments_approvalcase_change", args=[case.pk])


def step(client, case, name, **data):
    address = reverse(f"admin:commitments_approvalcase_{name}", args=[case.pk])
    return client.post(address, {"version": case.version, **data})


def entered(client, button="_submit", **overrides):
    response = client.post(ADD, {**approval_form(**overrides), button: "1"})
    assert response.status_code == 302, response.content.decode()
    return ApprovalCase.objects.latest("pk")


def said(response):
    return " ".join(response.content.decode().split())


def test_whole_way_from_draft_to_the_total(desk):
    editor, approver, *_ = desk
    before = Revision.objects.first().number
    case = entered(editor, "_draft")
    assert case.state == "draft"

    assert step(editor, case, "submit").status_code == 302
    case.refresh_from_db()
    refused = step(editor, case, "approve")
    assert refused.status_code == 403
    assert "Your role does not include this step." in said(refused)

    shown = said(approver.get(page(case)))
    assert "page 2: a port of 2.1 billion dollars" in shown
    assert "<ins>2,100,000,000.00</ins>" in shown
    assert "$33.00–33.30bn" in shown
    assert "<ins>$35.10–35.40bn</ins>" in shown
    assert step(approver, case, "approve").status_code == 302

    case.refresh_from_db()
    assert case.state == "approved"
    assert selected_usd() == GAS_AND_PORT
    assert selected_usd(before) == GAS
    (job,) = Job.objects.filter(key__startswith="progress:")
    assert (job.state, job.payload["revision"]) == ("pending", case.revision.number)


def test_one_person_with_both_roles_still_cannot_decide_on_their_own_case(desk):
    editor, *_ = desk
    case = entered(editor)
    person = case.created_by
    person.groups.add(*make_people("approver_2")[0].groups.all())

    refused = step(editor, case, "approve")

    assert refused.status_code == 403
    assert "You entered this case; another person must decide on it." in said(refused)
    assert selected_usd() == GAS


def test_return_with_a_reason_lands_in_the_editors_queue_and_can_be_edited(desk):
    editor, approver, *_ = desk
    case = entered(editor)

    assert step(approver, case, "return", reason=" ").status_code == 400
    refused = step(approver, case, "return", reason="Check\x00 it")
    assert refused.status_code == 400
    assert "reason: holds characters that cannot be used" in refused.content.decode()
    assert step(approver, case, "return", reason="Check the amount").status_code == 302

    index = said(editor.get(reverse("admin:index")))
    assert "Returned to you (1)" in index
    assert "Check the amount" in index
    edit = reverse("admin:commitments_approvalcase_edit", args=[case.pk])
    form = said(editor.get(edit))
    assert 'value="2100000000.00"' in form
    assert "Check the amount" in form
    case.refresh_from_db()
    low = approval_form(low="2000000000", version=str(case.version), _submit="1")
    assert editor.post(edit, low).status_code == 302
    case.refresh_from_db()
    assert case.state == "submitted"
    assert case.changes[-1]["data"]["low"] == "2000000000.00"


def test_a_case_with_more_than_one_decision_is_edited_line_by_line(desk):
    editor, *_ = desk
    case = entered(editor, "_draft")
    edit = reverse("admin:commitments_approvalcase_edit", args=[case.pk])
    assert edit in said(editor.get(page(case)))
    extra = {"kind": "claim", "data": {**case.changes[-1]["data"], "ref": "clm-other"}}
    case.changes = [*case.changes, extra]
    case.save()

    assert edit not in said(editor.get(page(case)))
    refused = editor.get(edit)
    assert refused.status_code == 409
    assert "edit its lines instead" in said(refused)


def test_approvers_index_opens_on_what_waits(desk):
    editor, approver, *_ = desk
    case = entered(editor)

    index = said(approver.get(reverse("admin:index")))

    assert "To approve (1)" in index
    assert case.title in index
    assert "small register" in index
    assert "To approve" not in said(editor.get(reverse("admin:index")))


@pytest.mark.parametrize("name", ["approve", "return", "submit", "withdraw", "edit"])
def test_forced_post_in_a_wrong_state_is_a_conflict(desk, name):
    editor, approver, *_ = desk
    case = entered(editor)
    step(approver, case, "approve")
    case.refresh_from_db()
    actor = approver if name in ("approve", "return") else editor

    refused = step(actor, case, name, reason="again")

    assert refused.status_code == 409
    assert "approved" in said(refused)
    assert selected_usd() == GAS_AND_PORT


def test_stale_form_is_a_conflict(desk):
    editor, approver, *_ = desk
    case = entered(editor)
    step(approver, case, "return", reason="no")
    fresh = ApprovalCase.objects.get(pk=case.pk)
    step(editor, fresh, "submit")

    refused = step(approver, case, "approve")

    assert refused.status_code == 409
    assert "Somebody changed this case since you opened it." in said(refused)


def test_a_subject_that_changed_meanwhile_is_a_conflict_with_both_versions(desk):
    editor, approver, _viewer, other = desk
    case = entered(editor)
    rival = entered(other, who="White House")
    step(approver, rival, "approve")

    shown = approver.get(page(case)).content.decode()
    assert "Changed meanwhile" in shown
    assert f"/{case.pk}/return/" in shown
    assert f"/{case.pk}/approve/" not in shown
    refused = step(approver, case, "approve")

    assert refused.status_code == 409
    assert "Changed meanwhile" in said(refused)


def test_what_a_large_case_would_do_is_found_once_for_each_version_and_revision(desk, monkeypatch):
    editor, approver, _viewer, other = desk
    case = entered(editor)
    small = without_tokens(approver.get(page(case)))
    tries, tried = [], admin_cases.tried
    monkeypatch.setattr(
        admin_cases, "tried", lambda *args, **kw: tries.append(1) or tried(*args, **kw)
    )
    monkeypatch.setattr(admin_cases, "MOST_CHANGES", 0)

    assert [without_tokens(approver.get(page(case))) for _ in range(2)] == [small, small]
    assert len(tries) == 1
    step(approver, entered(other, who="White House"), "approve")
    approver.get(page(case))
    step(approver, case, "return", reason="no")
    editor.get(page(case))
    assert len(tries) == 3


def without_tokens(answer):
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*', "", answer.content.decode())


def test_a_case_deleted_or_never_there_is_not_found(desk):
    _editor, approver, *_ = desk
    for key in ("999", "9" * 30, "x"):
        assert approver.get(f"/admin/commitments/approvalcase/{key}/change/").status_code == 404
    assert approver.post(f"/admin/commitments/approvalcase/{'9' * 30}/approve/").status_code == 404


def test_other_peoples_drafts_are_not_found(desk):
    editor, approver, viewer, other = desk
    case = entered(editor, "_draft")

    for client in (approver, viewer, other):
        assert client.get(page(case)).status_code == 404
        assert step(client, case, "submit").status_code == 404
    assert editor.get(page(case)).status_code == 200


def test_steps_are_posts_only(desk):
    editor, approver, *_ = desk
    case = entered(editor)

    address = reverse("admin:commitments_approvalcase_approve", args=[case.pk])
    assert approver.get(address).status_code == 405


def test_a_post_without_the_token_is_refused(desk):
    editor, *_ = desk
    case = entered(editor)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_people("approver_2")[0])

    assert step(strict, case, "approve").status_code == 403
    case.refresh_from_db()
    assert case.state == "submitted"


def test_a_busy_register_is_told_and_nothing_is_written(desk, monkeypatch):
    editor, approver, *_ = desk
    case = entered(editor)

    def locked(*_args, **_kwargs):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(admin_cases, "approve_case", locked)
    refused = step(approver, case, "approve")

    assert refused.status_code == 503
    assert "The register is busy" in said(refused)
    assert selected_usd() == GAS


def test_a_case_can_be_read_while_the_register_is_busy(desk, monkeypatch):
    editor, approver, *_ = desk
    case = entered(editor)

    def locked(*_args, **_kwargs):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(admin_cases, "tried", locked)
    response = approver.get(page(case))

    assert response.status_code == 200
    assert "The register is busy" in said(response)


def test_all_mistakes_are_told_at_once_beside_their_fields(desk):
    editor, *_ = desk
    wrong = {
        "project": "",
        "new_project_slug": "Steel Mill",
        "new_project_states": "OH, ZZ",
        "occurred_on": "2026-02-30",
        "low": "1,000.50",
        "high": "1" * 16,
        "document": "",
        "who": "",
    }

    response = editor.post(ADD, {**approval_form(**wrong), "_submit": "1"})

    assert response.status_code == 422
    text = said(response)
    for message in (
        "Begin with prj- / cnd-",
        "A new one needs this.",
        "No US state has the postal code ZZ.",
        "Write year, month and day, like 2026-12-01.</li>",
        "Write whole US dollars with at most two decimals",
        "This is too large: at most 13 digits before the point are kept.",
        "Choose one on record, or enter a new one.",
        "This field is required.",
    ):
        assert message in text
    assert not ApprovalCase.objects.exists()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_day_is_taken_as_iso_alone_in_either_language(language):
    with translation.override(language):
        field = DayField()
        assert field.clean("2026-12-11") == date(2026, 12, 11)
        for day in (
            "11/12/2026",
            "11/20/2026",
            "2026/11/12",
            "2026-1-5",
            "20261112",
            "Nov 12 2026",
        ):
            with pytest.raises(ValidationError) as refused:
                field.clean(day)
            assert refused.value.messages == [str(A_DAY)] == [str(field.help_text)]
        assert 'value="2026-12-11"' in field.widget.render("day", date(2026, 12, 11))


def test_a_day_written_another_way_is_refused_beside_its_field(desk):
    editor, *_ = desk

    refused = editor.post(ADD, {**approval_form(occurred_on="11/20/2026"), "_submit": "1"})

    assert refused.status_code == 422
    assert refused.context["form"].errors == {"occurred_on": [A_DAY]}
    assert f"The day it happened; never in the future. {A_DAY}" in said(refused)
    assert not ApprovalCase.objects.exists()


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "1e400", "0.005", "-0", "1,000.50", "1" * 16, "١٢٣", "1_000"]
)
def test_an_amount_that_cannot_be_meant_is_refused(desk, amount):
    editor, *_ = desk

    response = editor.post(ADD, {**approval_form(low=amount, high=amount), "_draft": "1"})

    assert response.status_code == 422
    assert not ApprovalCase.objects.exists()


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_meant_is_refused(desk, day):
    editor, *_ = desk

    response = editor.post(ADD, {**approval_form(occurred_on=day), "_draft": "1"})

    assert response.status_code == 422


def test_the_approver_reads_evidence_rivals_and_amounts_in_words(desk):
    editor, approver, *_ = desk
    rival = {
        **{"ref": "clm-port-rival", "commitment": COMMITMENT, "subject": "project:prj-port"},
        **{"aspect": "amount.selected", "low": "2000000000.00", "high": "2200000000.00"},
        **{"unit": "usd", "who": "White House", "side": "us", "rank": 2, "document": "doc-news"},
    }
    record({"claim": [rival]})
    case = entered(editor, button="_submit")

    shown = Page(approver.get(page(case)).content.decode()).words

    assert "fact sheet, United States, read." in shown
    assert "What of it – amount selected (amount.selected)" in shown
    assert "Side – United States" in shown
    assert "White House $2.0–2.2bn" in shown


def test_the_approver_is_warned_of_a_document_older_than_the_act(desk):
    editor, approver, *_ = desk
    warning = "The document is older than the act:"
    assert warning not in said(approver.get(page(entered(editor))))
    case = entered(editor, occurred_on="2026-02-18")
    assert f"{warning} prj-port-selected-2026-02-18 of 2026-02-18." in said(
        approver.get(page(case))
    )


def test_text_from_a_source_stays_text(desk):
    editor, approver, *_ = desk
    case = entered(editor, locator="<script>alert(1)</script>\u202etext\x07")

    shown = approver.get(page(case)).content.decode()

    assert "<script>alert(1)</script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;text" in shown
    assert "\u202e" not in shown
    assert "\x07" not in shown


def test_a_link_that_is_not_http_is_refused(desk):
    editor, *_ = desk
    new = {
        "document": "",
        "new_document_slug": "doc-new",
        "new_document_title": "A decision",
        "new_document_kind": "fact_sheet",
        "new_document_side": "us",
        "new_document_issuer": "Commerce",
        "new_document_date": "2026-02-17",
        "new_document_url": "javascript:alert(1)",
    }

    response = editor.post(ADD, {**approval_form(**new), "_draft": "1"})

    assert response.status_code == 422
    assert "Enter a valid URL." in said(response)
    good = entered(editor, **{**new, "new_document_url": "https://example.org/a"})
    assert [c["kind"] for c in good.changes] == ["document", "stageevent", "claim"]


PAPER = {
    "document": "",
    "new_document_slug": "doc-letter",
    "new_document_title": "Letter",
    "new_document_kind": "decision",
    "new_document_side": "us",
    "new_document_issuer": "Commerce",
    "new_document_date": "2026-02-17",
}


def test_a_new_document_has_an_address_unless_it_is_on_paper(desk):
    editor, *_ = desk
    asked = editor.post(ADD, {**approval_form(**PAPER), "_draft": "1"})
    assert asked.status_code == 422
    assert "of a source on paper say that it has none" in said(asked)
    both = {"new_document_url": "https://example.org/a", "new_document_no_url": "on"}
    refused = editor.post(ADD, {**approval_form(**PAPER, **both), "_draft": "1"})
    assert "It has an address" in said(refused)
    unquoted = editor.post(
        ADD, {**approval_form(**PAPER, new_document_no_url="on", locator=""), "_draft": "1"}
    )
    assert unquoted.status_code == 422

    case = entered(editor, "_draft", **PAPER, new_document_no_url="on")

    assert case.changes[0]["data"]["url"] == ""
    edit = said(editor.get(reverse("admin:commitments_approvalcase_edit", args=[case.pk])))
    (box,) = re.findall(r'<input type="checkbox" name="new_document_no_url"[^>]*>', edit)
    assert "checked" in box


def test_a_fictional_document_needs_no_address(desk):
    editor, *_ = desk
    Commitment.objects.update(illustrative=True)
    case = entered(editor, "_draft", **PAPER)
    assert (case.changes[0]["data"]["kind"], case.changes[0]["data"]["url"]) == ("fictional", "")


def test_a_new_project_is_entered_and_edited_through_the_same_form(desk):
    editor, approver, *_ = desk
    new = {
        "project": "",
        "new_project_slug": "prj-oh-steel",
        "new_project_name": "Steel mill",
        "new_project_sector": "",
        "new_project_states": "oh",
    }
    case = entered(editor, "_draft", **new)

    edit = said(editor.get(reverse("admin:commitments_approvalcase_edit", args=[case.pk])))
    assert 'value="prj-oh-steel"' in edit
    assert 'value="OH"' in edit

    step(editor, case, "submit")
    case.refresh_from_db()
    step(approver, case, "approve")
    assert Commitment.objects.get().projects.filter(slug="prj-oh-steel").exists()
    assert selected_usd() == GAS_AND_PORT


def test_history_of_a_case_is_on_its_page(desk):
    editor, approver, *_ = desk
    case = entered(editor)
    step(approver, case, "return", reason="Check the amount")

    shown = said(editor.get(page(case)))

    assert "Audit trail" in shown
    assert "Check the amount" in shown
    assert AuditEntry.objects.filter(kind="approvalcase").count() == 3


def test_a_long_case_tells_the_needs_of_its_first_steps_and_how_many_are_left_out(desk):
    event = {"project": "prj-port", "kind": "financing_signed", "document": "doc-news"}
    lines = [
        {"kind": "stageevent", "data": {**event, "ref": f"e{n}", "occurred_on": f"2026-03-{n:02}"}}
        for n in range(1, 5)
    ]
    case = draft_case(
        [*lines, *lines[:1]] * 11, title="many", actor=User.objects.get(username="editor")
    )
    shown = said(desk[0].get(page(case)))
    assert shown.count("<caption>prj-port: ") == MOST_STEPS
    assert "What 5 more steps need is not shown." in shown
