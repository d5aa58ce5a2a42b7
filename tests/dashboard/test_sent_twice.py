"""A double click, or a page loaded again: what was sent twice is kept once."""

import threading

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from commitments.models import ApprovalCase, AuditEntry, IntakeItem, Revision
from commitments.services.cases import draft_once
from tests.desk import approval_form, load_small_register, make_changes, make_people

ADD = reverse("admin:commitments_approvalcase_add")


def desk(*names):
    cache.clear()
    load_small_register()
    clients = [Client() for _ in names]
    for client, person in zip(clients, make_people(*names), strict=True):
        client.force_login(person)
    return clients


@pytest.mark.django_db
@pytest.mark.parametrize(("button", "state"), [("_draft", "draft"), ("_submit", "submitted")])
def test_a_decision_sent_twice_is_one_case(button, state):
    [editor] = desk("editor")

    answers = [editor.post(ADD, {**approval_form(), button: "1"}) for _ in range(2)]

    case = ApprovalCase.objects.get()
    address = reverse("admin:commitments_approvalcase_change", args=[case.pk])
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, address)] * 2
    assert case.state == state
    assert AuditEntry.objects.filter(kind="approvalcase", action="drafted").count() == 1


@pytest.mark.django_db
def test_the_same_decision_of_two_people_stays_two_cases():
    for editor in desk("editor", "editor_2"):
        editor.post(ADD, {**approval_form(), "_draft": "1"})
    assert ApprovalCase.objects.count() == 2


@pytest.mark.django_db
def test_what_was_taken_back_can_be_entered_again():
    [editor] = desk("editor")
    editor.post(ADD, {**approval_form(), "_draft": "1"})
    ApprovalCase.objects.update(state="withdrawn")
    editor.post(ADD, {**approval_form(), "_draft": "1"})
    assert ApprovalCase.objects.order_by("pk").values_list("state", flat=True).last() == "draft"
    assert ApprovalCase.objects.count() == 2


@pytest.mark.django_db
def test_a_case_opened_twice_under_one_title_is_one():
    [editor] = desk("editor")
    given = {"title": "Notices of May", "reason": "The bank wrote."}
    for _ in range(2):
        editor.post(reverse("admin:commitments_approvalcase_new"), given)
    assert ApprovalCase.objects.get().title == "Notices of May"


@pytest.mark.django_db
def test_an_approval_sent_twice_is_recorded_once_and_says_so():
    editor, approver = desk("editor", "approver")
    editor.post(ADD, {**approval_form(), "_submit": "1"})
    case = ApprovalCase.objects.get()
    address = reverse("admin:commitments_approvalcase_approve", args=[case.pk])

    first, second = (approver.post(address, {"version": case.version}) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 409)
    assert "Nothing was changed." in second.content.decode()
    assert Revision.objects.count() == 2


@pytest.mark.django_db
def test_a_report_sent_twice_is_one_item_and_its_visitor_is_thanked_twice():
    desk()
    given = {"text": "The Texas terminal is 2.1 billion, not 2.2.", "page": "/projects/"}
    answers = [Client().post("/report/", given) for _ in range(2)]
    assert [a["Location"] for a in answers] == ["/report/?sent=1"] * 2
    assert IntakeItem.objects.get().text == given["text"]


@pytest.mark.django_db
def test_an_address_added_twice_is_one_item():
    [editor] = desk("editor")
    given = {"url": "https://example.org/a", "text": "a speech"}
    for _ in range(2):
        editor.post(reverse("admin:commitments_intakeitem_add"), given)
    assert IntakeItem.objects.get().url == given["url"]


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_eight_sendings_at_once_are_one_case():
    load_small_register()
    [editor] = make_people("editor")
    changes, found = make_changes(), []

    def send():
        try:
            actor = User.objects.get(pk=editor.pk)
            found.append(draft_once(changes, title="The port", actor=actor).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert connection.vendor == "postgresql"
    assert found == [ApprovalCase.objects.get().pk] * 8
