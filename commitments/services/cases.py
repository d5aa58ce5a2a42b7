"""Approval cases: one person proposes changes, another decides on them.

The changes of a case are records as files carry them, each with its kind. At
submission they are frozen together with what they would replace; a decision
is taken on exactly that, or refused.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils.translation import gettext as _

from commitments.models import ApprovalCase, AuditEntry, Fact, Revision, RevisionHead
from commitments.services.register import (
    Keys,
    Recorder,
    Refusal,
    kinds,
    payload,
    plain,
    record_fields,
)
from commitments.services.revisions import post_revision

State = ApprovalCase.State
Changes = Sequence[Mapping[str, Any]]

EDIT = "commitments.change_approvalcase"
DECIDE = "commitments.decide_case"
BEFORE = {
    State.SUBMITTED: (State.DRAFT, State.RETURNED),
    State.APPROVED: (State.SUBMITTED,),
    State.RETURNED: (State.SUBMITTED,),
    State.WITHDRAWN: (State.DRAFT, State.SUBMITTED, State.RETURNED),
}
SIBLINGS = ("subject", "project")  # rows that share one of these speak of the same thing


class CaseRefused(Exception):
    """A step that cannot be taken: a code, a sentence for the person, and what stands against it.

    Codes: permission, same_person, state, stale, reason, changed, tampered, records.
    """

    def __init__(self, code: str, message: str, details: Sequence[str] = ()) -> None:
        self.code, self.message, self.details = code, message, tuple(details)
        super().__init__(message)


@dataclass(frozen=True)
class FieldChange:
    """One field of a record, as it is and as the case would have it."""

    name: str
    old: Any
    new: Any

    @property
    def is_list(self) -> bool:
        return isinstance(self.new, list)


@dataclass(frozen=True)
class RecordChange:
    """One record of a case: what it is and the fields that would differ."""

    kind: str
    ref: str
    is_new: bool
    fields: tuple[FieldChange, ...] = field(default=())


def draft_case(changes: Changes, *, title: str, actor: User, reason: str = "") -> ApprovalCase:
    """Keep proposed changes as a draft of the actor. Raise CaseRefused without the permission."""
    _may(actor, "commitments.add_approvalcase")
    with transaction.atomic():
        case = ApprovalCase.objects.create(
            title=title, changes=list(changes), created_by=actor, reason=reason
        )
        _note(case, "drafted", actor)
    return case


@transaction.atomic
def revise_case(
    case_id: int, changes: Changes, *, title: str, actor: User, version: int
) -> ApprovalCase:
    """Replace the changes of one's own draft or returned case. Raise CaseRefused."""
    case = _locked(case_id, version)
    _may(actor, EDIT)
    _own(case, actor)
    if case.state not in (State.DRAFT, State.RETURNED):
        raise CaseRefused(
            "state", _("This case is %(state)s and can no longer be edited.") % _words(case)
        )
    case.title, case.changes = title, list(changes)
    return _step(case, case.state, actor, action="revised")


@transaction.atomic
def submit_case(case_id: int, *, actor: User, version: int, now: datetime) -> ApprovalCase:
    """Freeze one's own case and hand it to another person.

    The changes are rehearsed first; what they would replace is frozen beside
    them. Raise CaseRefused.
    """
    case = _locked(case_id, version)
    _may(actor, EDIT)
    _own(case, actor)
    _from(case, State.SUBMITTED)
    rehearse(case.changes)
    case.changes = [
        {"kind": c["kind"], "data": c["data"], "before": stored_record(c["kind"], c["data"])}
        for c in case.changes
    ]
    case.frozen_hash = hash_of(case.changes)
    case.base_revision = _newest()
    case.submitted_at = now
    case.decided_by = case.decided_at = None
    case.decision_reason = ""
    return _step(case, State.SUBMITTED, actor, after={"sha256": case.frozen_hash})


@transaction.atomic
def approve_case(
    case_id: int, *, actor: User, version: int, now: datetime, reason: str = ""
) -> ApprovalCase:
    """Post the frozen changes of another person's case as one revision.

    Raise CaseRefused when the actor may not decide or is the one who entered
    it, when the state, the version or the frozen hash does not fit, or when
    what the case speaks of has changed since it was submitted.
    """
    case = _decidable(case_id, actor, version)
    _from(case, State.APPROVED)
    # Other postings wait here, so nothing changes between the check and the posting.
    RevisionHead.objects.select_for_update().filter(id=1).first()
    if hash_of(case.changes) != case.frozen_hash:
        raise CaseRefused("tampered", _("The changes are not the ones that were submitted."))
    if moved := changed_meanwhile(case):
        raise CaseRefused(
            "changed",
            _("Changed meanwhile: what this case speaks of is not as it was at submission."),
            moved,
        )
    case.revision = apply_changes(case.changes, actor=actor, reason=case.title)
    case.decided_by, case.decided_at, case.decision_reason = actor, now, reason
    return _step(case, State.APPROVED, actor, reason=reason)


@transaction.atomic
def return_case(
    case_id: int, *, actor: User, version: int, now: datetime, reason: str
) -> ApprovalCase:
    """Send another person's case back with a reason. Raise CaseRefused."""
    case = _decidable(case_id, actor, version)
    _from(case, State.RETURNED)
    if not reason.strip():
        raise CaseRefused(
            "reason", _("Say why the case goes back; the one who entered it reads it.")
        )
    case.decided_by, case.decided_at, case.decision_reason = actor, now, reason.strip()
    return _step(case, State.RETURNED, actor, reason=reason.strip())


@transaction.atomic
def withdraw_case(case_id: int, *, actor: User, version: int) -> ApprovalCase:
    """Take back one's own case before it is decided. Raise CaseRefused."""
    case = _locked(case_id, version)
    _may(actor, EDIT)
    _own(case, actor)
    _from(case, State.WITHDRAWN)
    return _step(case, State.WITHDRAWN, actor)


def apply_changes(changes: Changes, *, actor: User | None, reason: str) -> Revision:
    """Write the changes under one revision, inside the caller's transaction.

    Raise CaseRefused with every reason when a record cannot be taken, or when
    nothing would change.
    """
    recorder = Recorder(
        lambda: post_revision(kind=Revision.Kind.CASE, actor=actor, reason=reason), loading=False
    )
    refusals: list[Refusal] = []
    for kind in kinds():
        records = [change["data"] for change in changes if change["kind"] == kind]
        if records:
            refusals += recorder.record(kind, records)
    unknown = sorted({change["kind"] for change in changes} - kinds().keys())
    refusals += [Refusal(kind, "?", "kind", "no such kind of record") for kind in unknown]
    if refusals:
        raise CaseRefused(
            "records", _("These records cannot be taken."), [str(r) for r in refusals]
        )
    if recorder.posted is None:
        raise CaseRefused("records", _("Nothing in this case differs from the register."))
    return recorder.posted


def rehearse(changes: Changes) -> None:
    """Write the changes and take them back. Raise CaseRefused as apply_changes does."""
    with transaction.atomic():
        apply_changes(changes, actor=None, reason="rehearsal")
        transaction.set_rollback(True)


def stored_record(kind: str, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the newest stored version of a record, as a record; None when it is new."""
    model = kinds()[kind]
    head = _head(model, _key(model, record))
    if head is None:
        return None
    links = {
        f.name: list(getattr(head, f.name).values_list("pk", flat=True))
        for f in model._meta.many_to_many
    }
    return payload(head, links, Keys())


def changed_meanwhile(case: ApprovalCase) -> list[str]:
    """Say what has changed since submission under the records of a case, or beside them.

    Beside them are facts of the same kind about the same project or subject.
    """
    moved = []
    for change in case.changes:
        kind, record, before = change["kind"], change["data"], change.get("before") or {}
        model = kinds()[kind]
        stored = stored_record(kind, record) or {}
        names = [n for n in sorted(stored | before) if stored.get(n) != before.get(n)]
        if names:
            shown = ", ".join(f"{n}: {before.get(n)} → {stored.get(n)}" for n in names)
            moved.append(f"{kind} {_key(model, record)}: {shown}")
        elif issubclass(model, Fact):
            newer = _newer(model, record, case)
            moved += [f"{kind} {row.ref}: r{row.revision_id}" for row in newer]
    return moved


def changes_shown(changes: Changes) -> list[RecordChange]:
    """Return old and new, field by field, for every record of a case.

    Before submission "old" is read from the register; afterwards it is what was frozen.
    """
    shown = []
    for change in changes:
        kind, record = change["kind"], change["data"]
        old = change["before"] if "before" in change else stored_record(kind, record)
        model = kinds()[kind]
        names = [name for name in record_fields(model) if name in record]
        shown.append(
            RecordChange(
                kind=kind,
                ref=_key(model, record),
                is_new=old is None,
                fields=tuple(
                    FieldChange(name, (old or {}).get(name), record[name])
                    for name in names
                    if _differs(old, model, name, record[name])
                ),
            )
        )
    return shown


def hash_of(changes: Changes) -> str:
    """Return the SHA-256 of the changes as canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _differs(old: Mapping[str, Any] | None, model: Any, name: str, value: Any) -> bool:
    """Whether a field would change; in a new record, whether it says anything."""
    if old is None:
        return value not in (None, "", [])
    return bool(old.get(name) != _plain(model, name, value))


def _plain(model: Any, name: str, value: Any) -> Any:
    """Return a value of a record in the normal form stored versions are shown in."""
    described = record_fields(model)[name]
    if described.many_to_many:
        return sorted(value)
    return value if described.many_to_one else plain(described.to_python(value))


def _key(model: Any, record: Mapping[str, Any]) -> str:
    return str(record.get(model.NATURAL_KEY, "?"))


def _head(model: Any, key: str) -> Any:
    rows = model._default_manager.filter(**{model.NATURAL_KEY: key})
    return rows.heads().first() if issubclass(model, Fact) else rows.first()


def _newer(model: Any, record: Mapping[str, Any], case: ApprovalCase) -> Iterable[Any]:
    same = models.Q(pk__in=())
    for name in SIBLINGS:
        if record.get(name) and name in record_fields(model):
            lookup = name if name == "subject" else f"{name}__slug"
            same |= models.Q(**{lookup: record[name]})
    newer: Iterable[Any] = model._default_manager.filter(
        same, revision__number__gt=case.base_revision
    )
    return newer


def _newest() -> int:
    return Revision.objects.aggregate(n=models.Max("number"))["n"] or 0


def _locked(case_id: int, version: int) -> ApprovalCase:
    case = ApprovalCase.objects.select_for_update().get(pk=case_id)
    if case.version != version:
        raise CaseRefused(
            "stale",
            _("Somebody changed this case since you opened it. Read it again, then decide."),
        )
    return case


def _decidable(case_id: int, actor: User, version: int) -> ApprovalCase:
    _may(actor, DECIDE)
    case = _locked(case_id, version)
    if case.created_by_id == actor.pk:
        raise CaseRefused(
            "same_person", _("You entered this case; another person must decide on it.")
        )
    return case


def _may(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise CaseRefused("permission", _("Your role does not include this step."))


def _own(case: ApprovalCase, actor: User) -> None:
    if case.created_by_id != actor.pk:
        raise CaseRefused("permission", _("Only the person who entered a case can do this."))


def _from(case: ApprovalCase, target: State) -> None:
    if case.state not in BEFORE[target]:
        raise CaseRefused(
            "state",
            _("This case is %(state)s; it cannot become %(target)s.")
            % {**_words(case), "target": target.label},
        )


def _words(case: ApprovalCase) -> dict[str, Any]:
    return {"state": case.get_state_display()}


def _step(
    case: ApprovalCase,
    target: str,
    actor: User,
    *,
    action: str = "",
    reason: str = "",
    after: Mapping[str, Any] | None = None,
) -> ApprovalCase:
    before, case.state = case.state, target
    case.version += 1
    case.save()
    _note(case, action or str(target), actor, before=before, reason=reason, after=after)
    return case


def _note(
    case: ApprovalCase,
    action: str,
    actor: User,
    *,
    before: str | None = None,
    reason: str = "",
    after: Mapping[str, Any] | None = None,
) -> None:
    AuditEntry.objects.create(
        actor=actor,
        revision=case.revision,
        action=action,
        kind="approvalcase",
        ref=str(case.pk),
        before=before and {"state": before},
        after={"state": str(case.state), "version": case.version, **(after or {})},
        reason=reason,
    )
