"""What comes in at the desk: kept, taken into a case, or dismissed with a reason."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from commitments.models import AuditEntry, InboxItem, IntakeItem
from commitments.services.cases import withdraw_case
from commitments.services.inbox import mark_done, tell
from commitments.services.intake import (
    IntakeRefused,
    add_address,
    dismiss,
    proposed_reason,
    report_error,
    take_into_case,
)
from tests.desk import make_people

pytestmark = pytest.mark.django_db


def refusal(step, *args, **kwargs):
    with pytest.raises(IntakeRefused) as caught, transaction.atomic():
        step(*args, **kwargs)
    return caught.value.code


def test_an_item_is_dismissed_with_a_reason_and_once():
    (editor,) = make_people("editor")
    item = report_error(text="The Ohio plant is 33.3 billion.")
    now = timezone.now()

    assert refusal(dismiss, item.pk, actor=editor, now=now, reason="  ") == "reason"
    ended = dismiss(item.pk, actor=editor, now=now, reason="Both figures are on record.")

    assert (ended.state, ended.reason) == ("dismissed", "Both figures are on record.")
    assert refusal(dismiss, item.pk, actor=editor, now=now, reason="again") == "state"
    assert refusal(take_into_case, item.pk, actor=editor, now=now, reason="so") == "state"
    trail = AuditEntry.objects.filter(kind="intakeitem").order_by("pk")
    assert list(trail.values_list("action", flat=True)) == ["reported", "dismissed"]


def test_an_item_becomes_a_draft_case_of_the_one_who_takes_it():
    (editor,) = make_people("editor")
    item = add_address(url="https://www.jbic.go.jp/x", text="Loan release", actor=editor)

    case = take_into_case(item.pk, actor=editor, now=timezone.now(), reason="Loan release")

    item.refresh_from_db()
    assert (item.state, item.case_id, item.decided_by) == ("in_case", case.pk, editor)
    assert (case.state, case.created_by, case.reason) == ("draft", editor, "Loan release")


def test_an_item_waits_again_once_the_case_it_was_taken_into_is_withdrawn():
    (editor,) = make_people("editor")
    item = report_error(text="The Ohio plant is 33.3 billion.")
    case = take_into_case(item.pk, actor=editor, now=timezone.now(), reason="Both are on record")

    withdraw_case(case.pk, actor=editor, version=case.version)

    item.refresh_from_db()
    assert (item.state, item.case, item.decided_by) == ("open", None, None)
    again = take_into_case(item.pk, actor=editor, now=timezone.now(), reason="Read once more")
    assert again.pk != case.pk
    trail = AuditEntry.objects.filter(kind="intakeitem").order_by("pk")
    actions = ["reported", "taken into a case", "open again", "taken into a case"]
    assert list(trail.values_list("action", flat=True)) == actions


@pytest.mark.parametrize("role", ["viewer", "approver"])
def test_only_who_works_at_the_desk_deals_with_items(role):
    (person,) = make_people(role)
    item = report_error(text="Something is wrong here.")

    assert refusal(add_address, url="https://a.example", text="", actor=person) == "permission"
    given = {"actor": person, "now": timezone.now(), "reason": "so"}
    assert refusal(take_into_case, item.pk, **given) == "permission"


@pytest.mark.parametrize("reason", ["", "  ", "33 is wrong, fools", "Well: 33 is wrong, fools."])
def test_a_case_has_a_reason_of_the_editor_and_no_words_of_a_visitor(reason):
    (editor,) = make_people("editor")
    item = report_error(text="33 is wrong, fools")
    now = timezone.now()
    assert refusal(take_into_case, item.pk, actor=editor, now=now, reason=reason) == "reason"
    proposed = proposed_reason(item)
    assert proposed == f"Error reported by a visitor, item {item.pk}"
    case = take_into_case(item.pk, actor=editor, now=now, reason=proposed)
    assert (case.title, case.reason) == (proposed, proposed)


def test_the_database_refuses_a_dismissal_without_a_reason():
    with pytest.raises(IntegrityError, match="intake_dismissed_with_reason"), transaction.atomic():
        IntakeItem.objects.create(kind="error", text="x", state="dismissed")


def test_news_is_told_once_and_taken_note_of_once():
    editor, approver = make_people("editor", "approver")
    assert [tell("late:n-1", kind="notice", title="Late") for _ in range(5)] == [True] + [False] * 4
    item = InboxItem.objects.get()

    assert mark_done([item.pk], actor=editor, now=timezone.now()) == 1
    assert mark_done([item.pk], actor=approver, now=timezone.now()) == 0
    item.refresh_from_db()
    assert item.done_by == editor
