"""What comes in at the desk: addresses to read and errors reported, each ended with a reason or a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.models import ApprovalCase, AuditEntry, IntakeItem
from commitments.services.cases import draft_case

WORK = "commitments.change_intakeitem"
State = IntakeItem.State


class IntakeRefused(Exception):
    """A step that cannot be taken: a code and a sentence. Codes: permission, state, reason."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


@transaction.atomic
def report_error(*, text: str, page: str = "", url: str = "", contact: str = "") -> IntakeItem:
    """Keep what a visitor says is wrong. Nobody is named; the contact is never shown publicly.

    The same words sent again while they wait to be read are the same item.
    """
    given = {"kind": IntakeItem.Kind.ERROR, "text": text, "page": page, "url": url}
    return _kept_once({**given, "contact": contact}, "reported", None)


@transaction.atomic
def add_address(*, url: str, text: str, actor: User) -> IntakeItem:
    """Keep an address to be read, once. Raise IntakeRefused without the permission."""
    if not actor.has_perm("commitments.add_intakeitem"):
        raise IntakeRefused("permission", _("Your role does not include this step."))
    given = {"kind": IntakeItem.Kind.ADDRESS, "url": url, "text": text, "created_by": actor}
    return _kept_once(given, "added", actor)


def _kept_once(given: Mapping[str, Any], action: str, actor: User | None) -> IntakeItem:
    """Return the item that waits with just these words, or keep a new one."""
    waiting = IntakeItem.objects.filter(**given, state=State.OPEN).first()
    if waiting is not None:
        return waiting
    item = IntakeItem.objects.create(**given)
    _note(item, action, actor)
    return item


def proposed_reason(item: IntakeItem) -> str:
    """The reason a case about an item may begin with: no words of a visitor, which stay at the desk."""
    if item.kind == IntakeItem.Kind.ERROR:
        return _("Error reported by a visitor, item %(number)s") % {"number": item.pk}
    return item.text or _("Address to read, item %(number)s") % {"number": item.pk}


@transaction.atomic
def take_into_case(item_id: int, *, actor: User, now: datetime, reason: str) -> ApprovalCase:
    """Open a draft case of the actor for an item, with a public reason in the actor's own words.

    What the item becomes is entered there. Raise IntakeRefused when the item is
    not open any more, without a reason, or with a visitor's words for one.
    """
    item = _open(item_id, actor)
    is_error, said = item.kind == IntakeItem.Kind.ERROR, item.text.strip()
    if not reason.strip() or (is_error and said and said in reason):
        raise IntakeRefused("reason", _("Say in your own words why; the reason is public."))
    title = proposed_reason(item) if is_error else str(item)[:200]
    case = draft_case([], title=title, actor=actor, reason=reason.strip())
    item.state, item.case = State.IN_CASE, case
    item.decided_by, item.decided_at = actor, now
    item.save()
    _note(item, "taken into a case", actor, after={"case": case.pk})
    return case


@transaction.atomic
def dismiss(item_id: int, *, actor: User, now: datetime, reason: str) -> IntakeItem:
    """End an item without a case. Raise IntakeRefused without a reason, or when it is not open."""
    item = _open(item_id, actor)
    if not reason.strip():
        raise IntakeRefused("reason", _("Say why this is dismissed; it stays on record."))
    item.state, item.reason = State.DISMISSED, reason.strip()
    item.decided_by, item.decided_at = actor, now
    item.save()
    _note(item, "dismissed", actor, reason=item.reason)
    return item


def _open(item_id: int, actor: User) -> IntakeItem:
    if not actor.has_perm(WORK):
        raise IntakeRefused("permission", _("Your role does not include this step."))
    item = IntakeItem.objects.select_for_update().get(pk=item_id)
    if item.state != State.OPEN:
        raise IntakeRefused(
            "state",
            _("Somebody dealt with this already: %(state)s.") % {"state": item.get_state_display()},
        )
    return item


def _note(
    item: IntakeItem,
    action: str,
    actor: User | None,
    *,
    reason: str = "",
    after: dict[str, int] | None = None,
) -> None:
    AuditEntry.objects.create(
        actor=actor,
        action=action,
        kind="intakeitem",
        ref=str(item.pk),
        after={"state": str(item.state), **(after or {})},
        reason=reason,
    )
