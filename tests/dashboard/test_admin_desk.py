"""The desk: queues, items to read, rulings between sources, and proposals for many rows at once."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commitments.models import ApprovalCase, AuditEntry, Claim, Institution, IntakeItem, Ruling
from commitments.services.cases import (
    CaseRefused,
    approve_case,
    revise_case,
    stored_records,
    submit_case,
    submit_once,
)
from commitments.services.inbox import tell
from commitments.services.intake import report_error
from projects.models import FundingNotice, LedgerEntry
from tests.builders import BASE, make_entry, make_notice, make_project, post, record
from tests.dashboard.pages.reading import Page
from tests.desk import COMMITMENT, WINDOW, load_small_register, make_people, selected_usd

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
RIVAL = {
    "ref": "clm-gas-rival",
    "commitment": COMMITMENT,
    "subject": "project:prj-gas",
    "aspect": "amount.selected",
    "low": "30000000000.00",
    "high": "30000000000.00",
    "unit": "usd",
    "who": "White House",
    "side": "us",
    "rank": 1,
    "document": "doc-fact-sheet",
}


@pytest.fixture
def desk():
    load_small_register()
    people = make_people("editor", "approver")
    clients = []
    for person in people:
        client = Client()
        client.force_login(person)
        clients.append(client)
    return (*people, *clients)


def record_rival():
    record({"claim": [RIVAL]})


def words(answer):
    return Page(answer.content.decode()).words


def test_the_index_opens_on_what_waits(desk):
    _editor, _approver, client, _other = desk
    record_rival()
    report_error(text="The port is 2.1 billion.")
    tell("k", kind="notice", title="Notice 1 is due in 5 business days")
    record(WINDOW)
    record({"fundingnotice": [make_notice("prj-gas", "5.00", commitment=COMMITMENT)]})

    said = words(client.get(INDEX))

    for line in (
        "News (1) Notice 1 is due in 5 business days",
        "Sources that disagree (1) Gas plant, amount selected",
        "To read (1) The port is 2.1 billion.",
        "Last import r1: small register",
        "Notices due in 10 business days (1) Gas plant, 111 May 2026: window over, no due date",
    ):
        assert line in said, line


def test_a_ruling_between_sources_is_submitted_and_moves_the_figure(desk):
    editor, approver, client, _other = desk
    record_rival()
    assert [int(v) for v in selected_usd()] == [30_000_000_000, 33_300_000_000]
    address = reverse(
        "admin:commitments_ruling_add",
        query={"subject": "project:prj-gas", "aspect": "amount.selected"},
    )
    assert "White House" in words(client.get(address))
    chosen = Claim.objects.get(ref="clm-gas-rival").pk

    empty = client.post(address, {"reason": ""})
    assert empty.status_code == 422
    assert "Choose at least one claim." in words(empty)
    for _sent_twice in range(2):
        client.post(address, {"claims": [chosen], "reason": "The newer statement."})

    case = ApprovalCase.objects.get()
    assert (case.state, case.created_by) == ("submitted", editor)
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    assert Ruling.objects.get().reason == "The newer statement."
    assert [int(v) for v in selected_usd()] == [30_000_000_000, 30_000_000_000]


def test_an_item_is_taken_into_a_case_or_dismissed_in_the_admin(desk):
    editor, _approver, client, other = desk
    first, second = report_error(text="First error."), report_error(text="Second error.")

    def step(name, item):
        return reverse(f"admin:commitments_intakeitem_{name}", args=[item.pk])

    assert other.post(step("take", first)).status_code == 403
    assert client.post(step("dismiss", second), {"reason": ""}).status_code == 400
    why = {"reason": "A visitor is right about the sum."}
    assert client.post(step("take", first), {"reason": "First error."}).status_code == 400
    assert client.post(step("take", first), why).status_code == 302
    assert client.post(step("take", first), why).status_code == 409
    assert client.post(step("dismiss", second), {"reason": "Not an error."}).status_code == 302

    assert [(i.state, i.decided_by) for i in IntakeItem.objects.order_by("pk")] == [
        ("in_case", editor),
        ("dismissed", editor),
    ]


def test_what_a_visitor_says_stays_at_the_desk_and_an_editor_words_the_reason(desk):
    editor, approver, client, _other = desk
    item = report_error(text="Fools, the plant costs 33.")
    page = client.get(reverse("admin:commitments_intakeitem_change", args=[item.pk]))
    assert f"Error reported by a visitor, item {item.pk}</textarea>" in page.content.decode()
    take = reverse("admin:commitments_intakeitem_take", args=[item.pk])
    client.post(take, {"reason": f"Error reported by a visitor, item {item.pk}"})

    case = ApprovalCase.objects.get()
    address = reverse("admin:commitments_approvalcase_words", args=[case.pk])
    given = {"title": "The sum of the plant", "version": case.version}
    assert client.post(address, {**given, "reason": " "}).status_code == 422
    new = "The decision gives another sum."
    assert client.post(address, {**given, "reason": new}).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.reason, case.state) == ("The sum of the plant", new, "draft")
    claim = stored_records([{"kind": "claim", "data": {"ref": "clm-gas"}}])["claim", "clm-gas"]
    line = [{"kind": "claim", "data": {**claim, "note": "Corrected."}}]
    case = revise_case(case.pk, line, title=case.title, actor=editor, version=case.version)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    for public in ("/corrections/", "/api/v1/corrections/", f"/decisions/{case.pk}/"):
        text = Client().get(public).content.decode()
        assert "Fools" not in text, public
        assert "The sum of the plant" in text, public
    assert new in Client().get(f"/decisions/{case.pk}/").content.decode()


def test_how_to_reach_a_visitor_is_shown_to_editors_only(desk):
    _editor, _approver, client, other = desk
    item = report_error(text="An error.", contact="me@example.org")
    address = reverse("admin:commitments_intakeitem_change", args=[item.pk])
    assert "me@example.org" in words(client.get(address))
    assert "me@example.org" not in words(other.get(address))


def test_several_facts_are_proposed_for_withdrawal_with_a_preview(desk):
    editor, approver, client, other = desk
    claim = Claim.objects.get(ref="clm-gas")
    address = reverse("admin:commitments_claim_changelist")
    asked = {"action": "propose_withdrawal", "_selected_action": [claim.pk]}

    preview = client.post(address, asked)
    assert "Nothing changes until another person approves it." in words(preview)
    assert "clm-gas" in words(preview)
    assert "Say why" in words(client.post(address, {**asked, "confirm": "1", "reason": " "}))
    assert ApprovalCase.objects.count() == 0
    other.post(address, {**asked, "confirm": "1", "reason": "x"})
    assert ApprovalCase.objects.count() == 0
    for _sent_twice in range(2):
        client.post(address, {**asked, "confirm": "1", "reason": "Misread."})

    case = ApprovalCase.objects.get()
    assert (case.state, case.reason) == ("draft", "Misread.")
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    assert selected_usd() == (None, None)


def test_the_history_of_a_label_names_who_entered_and_who_approved_it(desk):
    editor, approver, client, _other = desk
    named = [{"kind": "institution", "data": {"slug": "inst-jbic", "name": "The bank"}}]
    given = {"actor": editor, "now": timezone.now()}
    case = submit_once(named, title="A name", reason="as it writes itself", **given)
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    bank = Institution.objects.get(slug="inst-jbic")
    told = words(client.get(reverse("admin:commitments_institution_history", args=[bank.pk])))
    for said in ("relabelled", "editor, approver", "A name", "as it writes itself", "The bank"):
        assert said in told


def test_entries_are_proposed_for_reversal_and_a_reversed_one_is_not(desk):
    editor, approver, client, _other = desk
    record({"document": BASE["document"]})
    post([make_entry("prj-gas", amount, kind="fee", excuse="") for amount in ("5.00", "7.00")])
    address = reverse("admin:projects_ledgerentry_changelist")
    asked = {
        "action": "propose_reversal",
        "_selected_action": list(LedgerEntry.objects.values_list("pk", flat=True)),
        "confirm": "1",
        "reason": "Posted twice.",
    }
    client.post(address, asked)
    case = ApprovalCase.objects.get()
    assert [c["data"]["amount_usd"] for c in case.changes] == ["-5.00", "-7.00"]
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())

    again = client.post(address, asked, follow=True)
    assert "Nothing selected can be proposed for this." in words(again)
    assert LedgerEntry.objects.count() == 4
    first = LedgerEntry.objects.earliest("number")
    told = words(client.get(reverse("admin:projects_ledgerentry_history", args=[first.pk])))
    for said in (first.ref, first.reversal.ref, "reversed", "reversal", "Posted twice.", "editor"):
        assert said in told
    told = words(client.get(reverse("admin:projects_project_history", args=[first.project_id])))
    for said in (first.ref, "prj-gas-selected", "clm-gas", "approver", "Posted twice."):
        assert said in told


def posted(*entries):
    post(entries)
    return list(LedgerEntry.objects.order_by("number"))


def ask_to_reverse(client, entries, **more):
    address = reverse("admin:projects_ledgerentry_changelist")
    ticked = [entry.pk for entry in entries]
    return client.post(
        address, {"action": "propose_reversal", "_selected_action": ticked, **more}, follow=True
    )


def test_a_reversal_of_many_shows_each_entry_and_the_totals_before_it_is_kept(desk):
    _editor, _approver, client, _other = desk
    _funded, *entries = posted(
        make_entry("prj-gas", "1.00"),
        *(
            make_entry("prj-gas", a, kind="distribution", excuse="")
            for a in ("50000000.00", "70000000.00")
        ),
    )
    said = words(ask_to_reverse(client, entries))
    for entry, amount in zip(entries, ("-50,000,000.00", "-70,000,000.00"), strict=True):
        shown = f"{entry.ref} {entry.value_date} cash paid out of the investment prj-gas {amount}"
        assert shown in said
    assert "Distributed $120m $0.00bn" in said
    assert ApprovalCase.objects.count() == 0


def test_entries_that_cannot_be_reversed_are_left_out_and_counted(desk):
    _editor, _approver, client, _other = desk
    record({"document": BASE["document"]})
    first, _second = posted(
        *(make_entry("prj-gas", a, kind="fee", excuse="") for a in ("5.00", "7.00"))
    )
    assert "left out" not in words(ask_to_reverse(client, [first]))
    back = make_entry("prj-gas", "-5.00", kind="fee", excuse="")
    back.reverses = first
    every = posted(back)
    assert "2 selected entries are left out" in words(ask_to_reverse(client, every))


def test_a_reversal_that_would_break_a_limit_is_told_before_and_refused_when_submitted(desk):
    editor, _approver, client, _other = desk
    record({"document": BASE["document"], **WINDOW})
    notice = make_notice("prj-gas", "5.00", commitment=COMMITMENT)
    record({"fundingnotice": [notice]})
    called = FundingNotice.objects.get()
    funded, _paid = posted(
        make_entry("prj-gas", "5.00", kind="funding", notice=called, excuse=""),
        make_entry("prj-gas", "5.00", kind="disbursement", excuse=""),
    )
    against = "isbursed 5.00 USD, but funded 0.00 USD"
    assert against in words(ask_to_reverse(client, [funded]))
    ask_to_reverse(client, [funded], confirm="1", reason="Posted twice.")
    case = ApprovalCase.objects.get()
    with pytest.raises(CaseRefused) as refused:
        submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    assert [r.message for r in refused.value.refusals] == [f"d{against}"]
    case.refresh_from_db()
    assert case.state == "draft"


def test_a_retraction_is_judged_by_the_rules_when_it_is_submitted(desk):
    _editor, _approver, client, _other = desk
    record(WINDOW)
    notice = make_notice("prj-gas", "5.00", commitment=COMMITMENT)
    record({"fundingnotice": [notice]})
    claim = Claim.objects.get(ref="clm-gas")
    asked = {"action": "propose_withdrawal", "_selected_action": [claim.pk]}
    address = reverse("admin:commitments_claim_changelist")
    assert "but no selected amount would be stated" in words(client.post(address, asked))
    client.post(address, {**asked, "confirm": "1", "reason": "Misread."})
    case = ApprovalCase.objects.get()
    answer = client.post(
        reverse("admin:commitments_approvalcase_submit", args=[case.pk]), {"version": case.version}
    )
    assert answer.status_code == 409
    assert "but no selected amount would be stated" in words(answer)
    case.refresh_from_db()
    assert case.state == "draft"


def test_entries_of_two_commitments_are_not_reversed_at_once(desk):
    _editor, _approver, client, _other = desk
    other = [{**BASE["commitment"][0], "is_default": False}]
    record({**BASE, "commitment": other, **make_project("plant")})
    entries = posted(
        *(make_entry(slug, "5.00", kind="fee", excuse="") for slug in ("prj-gas", "plant"))
    )
    assert "Select entries of one commitment at a time." in words(ask_to_reverse(client, entries))


def test_a_renewed_password_ends_the_sessions_and_is_on_record(desk, capsys):
    editor, _approver, client, _other = desk
    assert client.get(INDEX).status_code == 200

    call_command("reset_password", "editor", "--device")

    shown = capsys.readouterr().out
    password = shown.split("password")[1].split()[0]
    editor.refresh_from_db()
    assert editor.check_password(password)
    assert "otpauth://totp/" in shown
    assert client.get(INDEX).status_code == 302
    entry = AuditEntry.objects.get(action="password renewed")
    assert entry.ref == "editor"
    assert password not in str(entry.after)
    with pytest.raises(CommandError, match="nobody is called “ghost”"):
        call_command("reset_password", "ghost")


def test_sources_that_disagree_lead_only_those_who_may_rule(desk):
    _editor, _approver, editor, approver = desk
    record_rival()

    linked = ["ruling/add/" in client.get(INDEX).content.decode() for client in (editor, approver)]

    assert linked == [True, False]
    assert "Sources that disagree (1) Gas plant, amount selected" in words(approver.get(INDEX))
