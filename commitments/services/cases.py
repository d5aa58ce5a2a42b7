"""Approval cases: one person proposes changes, another decides on them.

The changes of a case are records as files carry them, each with its kind. At
submission they are frozen together with what they would replace; a decision
is taken on exactly that, or refused.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commitments.models import ApprovalCase, AuditEntry, Fact, ImportBatch, Revision, Term
from commitments.services.register import (
    READ,
    RELABELLED,
    Keys,
    Recorder,
    RecordError,
    Refusal,
    build,
    empty_value,
    is_restated,
    kinds,
    normal_value,
    payload,
    plain,
    record_fields,
    stored_links,
)
from commitments.services.revisions import locked_head, post_revision

State = ApprovalCase.State
Changes = Sequence[Mapping[str, Any]]
Place = tuple[str, str]  # kind and key

ENTER = "commitments.add_approvalcase"
EDIT = "commitments.change_approvalcase"
DECIDE = "commitments.decide_case"
FORCE = "commitments.force_case"
BEFORE = {
    State.SUBMITTED: (State.DRAFT, State.RETURNED),
    State.APPROVED: (State.SUBMITTED,),
    State.RETURNED: (State.SUBMITTED,),
    State.WITHDRAWN: (State.DRAFT, State.SUBMITTED, State.RETURNED),
}
STEPPED = (
    *("title", "state", "frozen_hash", "base_revision", "decided_by", "decision_reason"),
    *("submitted_at", "decided_at", "revision", "version"),
)
CHUNK = 500


class CaseRefused(Exception):
    """A step that cannot be taken: a code, a sentence for the person, and what stands against it.

    Codes: permission, same_person, state, stale, reason, changed, tampered, records, rules.
    What stands against it are records refused, records moved, or lines of text; `details`
    gives each as a line, with the names of fields as files carry them.
    """

    def __init__(
        self,
        code: str,
        message: str,
        lines: Sequence[str] = (),
        *,
        refusals: "Sequence[Refusal]" = (),
        moved: "Sequence[RecordChange]" = (),
    ) -> None:
        self.code, self.message, self.lines = code, message, tuple(lines)
        self.refusals, self.moved = tuple(refusals), tuple(moved)
        super().__init__(message)

    @property
    def details(self) -> tuple[str, ...]:
        return (*self.lines, *map(str, self.refusals), *map(str, self.moved))


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
    """One record of a case: what it is and the fields that would differ.

    One that moved beside a case names the revision it was posted by.
    """

    kind: str
    ref: str
    is_new: bool
    fields: tuple[FieldChange, ...] = field(default=())
    revision: int | None = None

    def __str__(self) -> str:
        shown = ", ".join(f"{f.name}: {f.old} → {f.new}" for f in self.fields)
        return f"{self.kind} {self.ref}: {shown or f'r{self.revision}'}"


def draft_case(changes: Changes, *, title: str, actor: User, reason: str = "") -> ApprovalCase:
    """Keep proposed changes as a draft of the actor. Raise CaseRefused without the permission."""
    _may(actor, ENTER)
    with transaction.atomic():
        case = ApprovalCase.objects.create(
            title=title, changes=list(changes), created_by=actor, reason=reason
        )
        _note(case, "drafted", actor)
    return case


@transaction.atomic
def draft_once(changes: Changes, *, title: str, actor: User, reason: str = "") -> ApprovalCase:
    """Return the actor's own case that holds just this and is not decided yet, or draft it.

    A form sent twice, by a double click or a page loaded again, so opens one
    case. Sendings of one person wait for each other.
    """
    User.objects.select_for_update().get(pk=actor.pk)
    asked = [[c["kind"], c["data"]] for c in changes]
    for case in sent_before(title=title, actor=actor, reason=reason):
        if [[c["kind"], c["data"]] for c in case.changes] == asked:
            return case
    return draft_case(changes, title=title, actor=actor, reason=reason)


def sent_before(*, title: str, actor: User, reason: str) -> QuerySet[ApprovalCase]:
    """The actor's own cases that wait under a title and a reason, oldest first."""
    waiting = ApprovalCase.objects.filter(state__in=(State.DRAFT, State.SUBMITTED))
    return waiting.filter(created_by=actor, title=title, reason=reason).order_by("pk")


@transaction.atomic
def submit_once(
    changes: Changes, *, title: str, actor: User, now: datetime, reason: str = ""
) -> ApprovalCase:
    """Draft a case and submit it, or return the actor's own that waits with just this already."""
    case = draft_once(changes, title=title, actor=actor, reason=reason)
    if case.state == State.SUBMITTED:
        return case
    return submit_case(case.pk, actor=actor, version=case.version, now=now)


@transaction.atomic
def revise_case(
    case_id: int,
    changes: Changes,
    *,
    title: str,
    actor: User,
    version: int,
    reason: str | None = None,
) -> ApprovalCase:
    """Replace the changes of one's own draft or returned case, and its reason where one is given.

    Raise CaseRefused.
    """
    case = _locked(case_id, version)
    _may(actor, EDIT)
    _own(case, actor)
    if case.state not in (State.DRAFT, State.RETURNED):
        raise CaseRefused(
            "state", _("This case is %(state)s and can no longer be edited.") % _words(case)
        )
    case.title, case.changes = title, list(changes)
    case.reason = case.reason if reason is None else reason
    case.save(update_fields=["changes", "reason"])
    return _step(case, case.state, actor, action="revised")


@transaction.atomic
def force_case(case_id: int, *, actor: User, version: int, reason: str) -> ApprovalCase:
    """Put a public reason on the rows of one's own draft that would break a rule.

    Only rows that a rule refuses are marked, and only kinds that can carry a
    reason; where none of the draft can, those on record that the rule names are
    added with it. Raise CaseRefused when the reason is missing, when no rule is broken,
    or when a rule stands that no reason can set aside.
    """
    case = _locked(case_id, version)
    _may(actor, FORCE)
    _own(case, actor)
    if case.state not in (State.DRAFT, State.RETURNED):
        raise CaseRefused(
            "state", _("This case is %(state)s and can no longer be edited.") % _words(case)
        )
    if not reason.strip():
        raise CaseRefused("reason", _("Say why the rule is set aside; the reason is public."))
    changes, marked = [{"kind": c["kind"], "data": dict(c["data"])} for c in case.changes], False
    while broken := broken_rules(changes):
        named = [line for line in changes if any(_is_named_by(line, r) for r in broken)]
        unlike = [line for line in named if line["data"].get("override_reason") != reason.strip()]
        lines = [line for line in unlike if not line["data"].get("override_reason")] or unlike
        if not lines:
            able = _on_record_beside(changes, broken)
            lines = [row for row in able if row["data"]["override_reason"] != reason.strip()]
            changes += lines
            if not lines:
                words = _why_none_helps(
                    case.changes, is_on_record=bool(able or (named and not marked))
                )
                raise CaseRefused("rules", words, refusals=broken)
        for line in lines:
            line["data"]["override_reason"] = reason.strip()
        marked = True
    if not marked:
        raise CaseRefused("rules", _("No rule stands against this case."))
    case.changes = changes
    case.save(update_fields=["changes"])
    return _step(case, case.state, actor, action="forced", reason=reason.strip())


def broken_rules(changes: Changes) -> list[Refusal]:
    """Return the rules some changes would break, each with the record it speaks of.

    Raise CaseRefused when a record cannot be taken at all.
    """
    with rehearsing(changes) as refused:
        pass
    if refused is None or not refused.refusals:
        return []
    if refused.code != "rules":
        raise refused
    return list(refused.refusals)


def _why_none_helps(changes: Changes, *, is_on_record: bool) -> str:
    if any(change["data"].get("reverses") for change in changes):
        return _(
            "A reversal carries no reason, nor does an entry on record: reverse the entries that"
            " the rule holds as well, and post them again."
        )
    if is_on_record:
        return _("This reason is on record already, for something else: word it anew.")
    return _("No reason can set this rule aside.")


def _is_named_by(line: Mapping[str, Any], refusal: Refusal) -> bool:
    """Whether a rule's refusal speaks of a line that can carry a reason."""
    kind, data = line["kind"], line["data"]
    if "override_reason" not in record_fields(kinds()[kind]) or data.get("reverses"):
        return False
    if (kind, data.get("ref")) in refusal.also:
        return True
    return kind == refusal.kind and refusal.ref in {
        data.get("ref"),
        data.get("project"),
        data.get("notice"),
    }


def _on_record_beside(changes: Changes, broken: Sequence[Refusal]) -> list[dict[str, Any]]:
    """The stored records that a rule names, not in the draft, of kinds that can carry a reason."""
    own = {_place(change) for change in changes}
    named = [
        {"kind": kind, "data": {kinds()[kind].NATURAL_KEY: key}}
        for kind, key in dict.fromkeys(place for refusal in broken for place in refusal.also)
        if (kind, key) not in own
    ]
    stored = stored_records(named)
    return [
        {"kind": kind, "data": record}
        for (kind, _key), record in stored.items()
        if "override_reason" in record and not getattr(kinds()[kind], "insert_only", False)
    ]


@transaction.atomic
def submit_case(
    case_id: int, *, actor: User, version: int, now: datetime, rehearsed_at: int | None = None
) -> ApprovalCase:
    """Freeze one's own case and hand it to another person.

    The changes are rehearsed first, and what they would replace is frozen beside
    them, unless they were drafted so at a revision after which nothing was
    posted. Raise CaseRefused.
    """
    case = _locked(case_id, version)
    _may(actor, EDIT)
    _own(case, actor)
    _from(case, State.SUBMITTED)
    locked_head()  # what is frozen is of one revision, the one it is compared with later
    newest = _newest()
    if case.version > 1 or rehearsed_at != newest:
        rehearse(case.changes)
        _freeze(case)
    if reasoned := _giving_reasons(case.changes):
        _may(actor, FORCE)
        _refuse_idle_reasons(case.changes, reasoned)
    case.frozen_hash, case.base_revision = hash_of(case.changes), newest
    case.submitted_at = now
    case.decided_by = case.decided_at = None
    case.decision_reason = ""
    return _step(case, State.SUBMITTED, actor, after={"sha256": case.frozen_hash})


def _giving_reasons(changes: Changes) -> list[Mapping[str, Any]]:
    """The lines that give a public reason; one that the record carried before is no new one."""
    lines = [line for line in changes if line["data"].get("override_reason")]
    stored = stored_records(lines)
    return [
        line
        for line in lines
        if stored.get(_place(line), {}).get("override_reason") != line["data"]["override_reason"]
    ]


def _refuse_idle_reasons(changes: Changes, reasoned: Collection[Mapping[str, Any]]) -> None:
    """Raise CaseRefused for a reason where no rule is broken: it would be flagged for nothing."""
    given = {_place(line) for line in reasoned}
    without = [
        {**line, "data": {**line["data"], "override_reason": ""}} if _place(line) in given else line
        for line in changes
    ]
    broken = broken_rules(without)
    words = _("no rule stands against this: leave it empty")
    idle = [
        Refusal(line["kind"], str(line["data"].get("ref")), "override_reason", words)
        for line in reasoned
        if not any(_is_named_by(line, refusal) for refusal in broken)
    ]
    if idle:
        raise CaseRefused("rules", _("A reason is given where no rule is broken."), refusals=idle)


def _freeze(case: ApprovalCase) -> None:
    """Keep beside the changes of a case what each would replace. Raise CaseRefused."""
    stored = stored_records(case.changes)
    if taken := _taken_since(case, stored):
        raise CaseRefused(
            "changed",
            _("Meanwhile another record was given the name of a new one: give it another."),
            taken,
        )
    case.changes = [
        {"kind": c["kind"], "data": c["data"], "before": stored.get(_place(c))}
        for c in case.changes
    ]
    case.save(update_fields=["changes"])


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
    locked_head()  # nothing changes between the check and the posting
    if hash_of(case.changes) != case.frozen_hash:
        raise CaseRefused("tampered", _("The changes are not the ones that were submitted."))
    if moved := changed_meanwhile(case):
        raise CaseRefused(
            "changed",
            _("Changed meanwhile: what this case speaks of is not as it was at submission."),
            moved=moved,
        )
    is_import = ImportBatch.objects.filter(case=case).exists()  # its file is not read
    posted_as = Revision.Kind.IMPORT if is_import else Revision.Kind.CASE
    case.revision = apply_changes(
        case.changes, actor=actor, reason=case.title, revision_kind=posted_as
    )
    case.decided_by, case.decided_at, case.decision_reason = actor, now, reason
    return _step(case, State.APPROVED, actor, reason=reason)


@transaction.atomic
def return_case(
    case_id: int, *, actor: User, version: int, now: datetime, reason: str
) -> ApprovalCase:
    """Send another person's case back with a reason. Raise CaseRefused."""
    missing = _("Say why the case goes back; the one who entered it reads it.")
    try:
        case = _decidable(case_id, actor, version)
    except CaseRefused as refused:
        if refused.code == "stale" and not reason.strip():
            raise CaseRefused(refused.code, refused.message, [missing]) from refused
        raise
    _from(case, State.RETURNED)
    if not reason.strip():
        raise CaseRefused("reason", missing)
    case.decided_by, case.decided_at, case.decision_reason = actor, now, reason.strip()
    return _step(case, State.RETURNED, actor, reason=reason.strip())


@transaction.atomic
def withdraw_case(case_id: int, *, actor: User, version: int) -> ApprovalCase:
    """Take back one's own case before it is decided. Raise CaseRefused.

    What came in and was taken into it waits to be read again.
    """
    case = _locked(case_id, version)
    _may(actor, EDIT)
    _own(case, actor)
    _from(case, State.WITHDRAWN)
    for item in case.intake.all():
        item.state, item.case, item.decided_by, item.decided_at = item.State.OPEN, None, None, None
        item.save()
        AuditEntry.objects.create(
            actor=actor,
            action="open again",
            kind="intakeitem",
            ref=str(item.pk),
            before={"case": case.pk},
            after={"state": str(item.state)},
        )
    return _step(case, State.WITHDRAWN, actor)


def keys_in_open_cases(*listed: str, but: Collection[int] = ()) -> dict[str, set[str]]:
    """The keys that cases not decided yet give to records, by kind: one query.

    Cases `but` some are looked at; imports bring their own keys.
    """
    open_ones = ApprovalCase.objects.filter(
        state__in=(State.DRAFT, State.SUBMITTED, State.RETURNED), import_batch__isnull=True
    )
    found: dict[str, set[str]] = {kind: set() for kind in listed}
    for changes in open_ones.exclude(pk__in=but).values_list("changes", flat=True):
        for change in changes:
            if change["kind"] in found:
                found[change["kind"]].add(_key(kinds()[change["kind"]], change["data"]))
    return found


def _taken_since(case: ApprovalCase, stored: Mapping[Place, Mapping[str, Any]]) -> list[str]:
    """Facts that were new when the case was submitted before, and whose name another took since.

    Submitted again they would pass for corrections of that other record.
    """
    return [
        " ".join(_place(change))
        for change in case.changes
        if "before" in change
        and change["before"] is None
        and _place(change) in stored
        and issubclass(kinds()[change["kind"]], Fact)
        and record_change(change["kind"], change["data"], stored[_place(change)]).fields
    ]


def apply_changes(
    changes: Changes,
    *,
    actor: User | None,
    reason: str,
    revision_kind: str = Revision.Kind.CASE,
) -> Revision:
    """Write the changes under one revision, inside the caller's transaction.

    Raise CaseRefused with every reason when a record cannot be taken, or when
    nothing would change.
    """
    recorder, refusals = _written(changes, actor=actor, reason=reason, revision_kind=revision_kind)
    if refused := _why_not(recorder, refusals):
        raise refused
    assert recorder.posted is not None  # noqa: S101  # else it was refused
    return recorder.posted


def _why_not(recorder: Recorder, refusals: Sequence[Refusal]) -> CaseRefused | None:
    """Why what was written cannot be posted; None where it can."""
    if refusals:
        return CaseRefused("records", _("These records cannot be taken."), refusals=refusals)
    if recorder.posted is None:
        return CaseRefused("records", _("Nothing in this case differs from the register."))
    if broken := recorder.broken_rules():
        return CaseRefused("rules", _("This would break a rule of the register."), refusals=broken)
    return None


def by_kind(changes: Changes) -> dict[str, list[Mapping[str, Any]]]:
    """Return the records of some changes by their kind, in the order given."""
    listed: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        listed.setdefault(change["kind"], []).append(change["data"])
    return listed


def _written(
    changes: Changes,
    *,
    actor: User | None,
    reason: str,
    revision_kind: str = Revision.Kind.CASE,
) -> tuple[Recorder, list[Refusal]]:
    """Write the records of some changes; return why any were refused."""
    recorder = Recorder(
        lambda: post_revision(kind=revision_kind, actor=actor, reason=reason), loading=False
    )
    refusals: list[Refusal] = []
    listed = by_kind(changes)
    for kind in kinds():
        if kind in listed:
            refusals += recorder.record(kind, listed[kind])
    refusals = _first_causes(refusals, listed)
    unknown = sorted(listed.keys() - kinds().keys())
    refusals += [Refusal(kind, "?", "kind", _("no such kind of record")) for kind in unknown]
    return recorder, refusals


def _first_causes(
    refusals: Sequence[Refusal], listed: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Refusal]:
    """Leave out what is refused only for naming a record of the same case that was refused itself."""
    if not refusals:
        return []
    refused = {(refusal.kind, refusal.ref) for refusal in refusals}
    named = {
        (kind, _key(kinds()[kind], record)): record
        for kind, records in listed.items()
        if kind in kinds()
        for record in records
    }

    def follows(refusal: Refusal) -> bool:
        value = named.get((refusal.kind, refusal.ref), {}).get(refusal.field)
        f = record_fields(kinds()[refusal.kind]).get(refusal.field)
        if f is None or not f.is_relation:
            return False
        keys = value if isinstance(value, list) else [value]
        return any((f.related_model._meta.model_name, str(key)) in refused for key in keys)

    return [refusal for refusal in refusals if not follows(refusal)] or list(refusals)


def line_refusals(
    changes: Changes, line: Mapping[str, Any], *, may_force: bool = False
) -> list[Refusal]:
    """Return what the register would refuse of one more line, tried with the others of a case.

    What several records make up, such as a sum held to a limit, is judged
    with the whole case, as what a draft breaks; a rule about the line alone can
    be set aside by whoever may force one.
    """
    kind, ref = line["kind"], _key(kinds()[line["kind"]], line["data"])
    with transaction.atomic():
        recorder, refusals = _written([*changes, line], actor=None, reason="rehearsal")
        if not may_force:
            refusals += recorder.broken_rules()
        transaction.set_rollback(True)
    own = (refusal for refusal in refusals if (refusal.kind, refusal.ref) == (kind, ref))
    return [refusal for refusal in own if not _is_of_several(refusal)]


def _is_of_several(refusal: Refusal) -> bool:
    """Whether several records make up what is refused: an amount, or which commitment is default."""
    return refusal.field in ("amount_usd", "is_default") and bool(refusal.also)


@contextmanager
def rehearsing(changes: Changes) -> Iterator[CaseRefused | None]:
    """Write those of the changes that can be, and take them back at the end.

    Give why they could not be posted, None where they could.
    """
    with transaction.atomic():
        yield _why_not(*_written(changes, actor=None, reason="rehearsal"))
        transaction.set_rollback(True)


def rehearse(changes: Changes) -> None:
    """Write the changes and take them back. Raise CaseRefused as apply_changes does."""
    with rehearsing(changes) as refused:
        pass
    if refused is not None:
        raise refused


def stored_records(changes: Changes) -> dict[Place, dict[str, Any]]:
    """Return the newest stored version of each record some changes name, by kind and key.

    New records are not in it. A query for each 500 records of a kind, one for entries.
    """
    found: dict[Place, dict[str, Any]] = {}
    keys = Keys()
    for kind, records in by_kind(changes).items():
        model = kinds()[kind]
        wanted = [_key(model, record) for record in records]
        if kind in READ:
            found |= {(kind, key): record for key, record in READ[kind](wanted).items()}
            continue
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            rows = model._default_manager.filter(**{f"{model.NATURAL_KEY}__in": chunk})
            if issubclass(model, Fact):
                rows = rows.heads()
            for row in rows:
                found[kind, str(getattr(row, model.NATURAL_KEY))] = _as_record(row, keys)
    return found


def _as_record(row: Any, keys: Keys) -> dict[str, Any]:
    links = {
        f.name: list(getattr(row, f.name).values_list("pk", flat=True))
        for f in row._meta.many_to_many
    }
    return payload(row, links, keys)


def changed_meanwhile(case: ApprovalCase) -> list[RecordChange]:
    """Return what changed since submission under the records of a case, or beside them.

    Under them: as frozen, and as they are now. Beside them: what they name, and facts about
    the projects and subjects they are about, as they were at submission and are now, with the
    revision that posted them. Entries beside entries are held to their limits instead.
    """
    if _newest() == case.base_revision:
        return []
    moved = []
    now = stored_records(case.changes)
    for change in case.changes:
        kind, record, before = change["kind"], change["data"], change.get("before") or {}
        stored = now.get(_place(change)) or {}
        fields = tuple(
            FieldChange(name, before.get(name), stored.get(name))
            for name in sorted(stored | before)
            if stored.get(name) != before.get(name)
        )
        if fields:
            ref = _key(kinds()[kind], record)
            moved.append(RecordChange(kind, ref, is_new=not before, fields=fields))
    own = {_place(change) for change in case.changes}
    beside = {place for place in _newer(case) if place[:2] not in own}
    for kind in dict.fromkeys(place[0] for place in sorted(beside)):
        newer = sorted((ref, number) for of, ref, number in beside if of == kind)
        moved += _moved_beside(kind, newer, case)
    return moved + _relabelled_since(case, own)


def _moved_beside(
    kind: str, newer: Sequence[tuple[str, int]], case: ApprovalCase
) -> list[RecordChange]:
    """Facts posted since a case was submitted, then and now: of the first ones field by field."""
    model, posted = kinds()[kind], dict(newer)
    shown = list(posted)[:CHUNK]
    named = [{"kind": kind, "data": {model.NATURAL_KEY: ref}} for ref in shown]
    now = {ref: record for (_kind, ref), record in stored_records(named).items()}
    rows = model._default_manager.filter(ref__in=shown, revision__number__lte=case.base_revision)
    keys = Keys()
    then = {row.ref: _as_record(row, keys) for row in rows.order_by("revision_id", "pk")}
    found = []
    for ref, number in posted.items():
        old, new = then.get(ref, {}), now.get(ref, {})
        fields = tuple(
            FieldChange(name, old.get(name), new.get(name))
            for name in sorted(old | new)
            if (old.get(name) or None) != (new.get(name) or None)
        )
        found.append(RecordChange(kind, ref, is_new=not old, fields=fields, revision=number))
    return found


def changes_shown(
    changes: Changes, *, start: int = 0, limit: int | None = None
) -> list[RecordChange]:
    """Return old and new, field by field, for the records of a case, or for a slice of them.

    Before submission "old" is read from the register; afterwards it is what was frozen.
    """
    listed = changes[start : None if limit is None else start + limit]
    shown = []
    stored = stored_records([c for c in listed if "before" not in c])
    for change in listed:
        kind, record = change["kind"], change["data"]
        old = change["before"] if "before" in change else stored.get(_place(change))
        shown.append(record_change(kind, record, old))
    return shown


def record_change(
    kind: str, record: Mapping[str, Any], old: Mapping[str, Any] | None
) -> RecordChange:
    """Return the fields in which a record differs from its stored version, if there is one."""
    model = kinds()[kind]
    return RecordChange(
        kind=kind,
        ref=_key(model, record),
        is_new=old is None,
        fields=tuple(
            FieldChange(name, (old or {}).get(name), record[name])
            for name in record_fields(model)
            if name in record and _differs(old, model, name, record[name])
        ),
    )


def computed_changes(
    changes: Changes, *, posted: Revision | None = None
) -> list[tuple[FieldChange, ...]]:
    """Return what the register itself sets in each fact of some changes, beside what they say.

    That is read from what a revision posted, else computed on the register as it
    is, where all that a line names is on record.
    """
    keys = Keys()
    found: dict[Place, tuple[FieldChange, ...]] = {}
    for kind, records in by_kind(changes).items():
        model = kinds()[kind]
        if not issubclass(model, Fact):
            continue
        for start in range(0, len(records), CHUNK):
            by_ref = {_key(model, r): r for r in records[start : start + CHUNK]}
            pairs = (
                _built(model, by_ref, keys)
                if posted is None
                else _as_posted(model, by_ref, keys, posted)
            )
            for ref, (new, old) in pairs.items():
                found[kind, ref] = _computed_in(model, by_ref[ref], new, old)
    return [found.get(_place(change), ()) for change in changes]


Versions = tuple[dict[str, Any], dict[str, Any] | None]  # a fact as it will be, and as it was


def _as_posted(
    model: Any, by_ref: Mapping[str, Any], keys: Keys, posted: Revision
) -> dict[str, Versions]:
    rows = model.objects.filter(revision=posted, ref__in=by_ref).select_related("supersedes")
    versions = {row.ref: (row, row.supersedes) for row in rows}
    links = stored_links(model, [v.pk for pair in versions.values() for v in pair if v])
    return {
        ref: (
            _whole(new, links.get(new.pk, {}), keys),
            old and _whole(old, links.get(old.pk, {}), keys),
        )
        for ref, (new, old) in versions.items()
    }


def _built(model: Any, by_ref: Mapping[str, Any], keys: Keys) -> dict[str, Versions]:
    heads = {row.ref: row for row in model.objects.heads().filter(ref__in=by_ref)}
    links = stored_links(model, [head.pk for head in heads.values()])
    found: dict[str, Versions] = {}
    for ref, record in by_ref.items():
        try:
            new, own = build(model, record, keys)
        except RecordError:
            continue
        head = heads.get(ref)
        old = head and _whole(head, links.get(head.pk, {}), keys)
        if old and is_restated(model, record, old):
            continue
        if head and hasattr(new, "keep_computed"):
            new.keep_computed(head)
        found[ref] = (_whole(new, own, keys), old)
    return found


def _whole(fact: Fact, links: Mapping[str, list[int]], keys: Keys) -> dict[str, Any]:
    """A fact as a record, and what the register computes beside it."""
    computed = {
        name: plain(getattr(fact, name)) for name in (*sorted(fact.COMPUTED), "document_on")
    }
    return payload(fact, links, keys) | computed


def _computed_in(
    model: Any, record: Mapping[str, Any], new: Mapping[str, Any], old: Mapping[str, Any] | None
) -> tuple[FieldChange, ...]:
    """The fields in which a fact differs from its old version, or says anything, but not by its record."""
    asked = record_fields(model)
    before = old or {name: empty_value(f) for name, f in asked.items()}
    return tuple(
        FieldChange(name, (old or {}).get(name), value)
        for name, value in new.items()
        if value != before.get(name)
        and not (name in record and normal_value(model, name, record[name]) == value)
    )


def hash_of(changes: Changes) -> str:
    """Return the SHA-256 of the changes as canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _differs(old: Mapping[str, Any] | None, model: Any, name: str, value: Any) -> bool:
    """Whether a field would change; in a new record, whether it says anything."""
    if old is None:
        return value not in (None, "", [])
    return bool(old.get(name) != normal_value(model, name, value))


def _key(model: Any, record: Mapping[str, Any]) -> str:
    return str(record.get(model.NATURAL_KEY, "?"))


def _place(change: Mapping[str, Any]) -> Place:
    return change["kind"], _key(kinds()[change["kind"]], change["data"])


def _named(changes: Changes) -> dict[str, set[str]]:
    """The keys of the records that some changes name, by kind: by relation, or as a subject."""
    named: dict[str, set[str]] = {}
    for change in changes:
        for name, f in record_fields(kinds()[change["kind"]]).items():
            value = change["data"].get(name)
            if f.is_relation and value:
                keys = value if isinstance(value, list) else [value]
                named.setdefault(f.related_model._meta.model_name, set()).update(map(str, keys))
        kind, _colon, key = str(change["data"].get("subject") or "").partition(":")
        if key and kind in kinds():
            named.setdefault(kind, set()).add(key)
    return named


def _newer(case: ApprovalCase) -> set[tuple[str, str, int]]:
    """The facts posted since a submission that its changes name, that are about the same project
    or subject, or by which they are computed: kind, key and revision.
    """
    named = _named(case.changes)
    projects = named.get("project", set())
    subjects = {f"{kind}:{key}" for kind, keys in named.items() for key in keys}
    computed = (c for c in case.changes if getattr(kinds()[c["kind"]], "COMPUTED", None))
    commitments = _named(list(computed)).get("commitment", set())  # by whose terms it is computed
    found: set[tuple[str, str, int]] = set()
    for kind, model in kinds().items():
        if not issubclass(model, Fact):
            continue
        lookups = {"ref": named.get(kind, set()), "subject": subjects}
        lookups |= {"project__slug": projects, "projects__slug": projects}
        if model is Term:
            lookups["commitment__slug"] = commitments
        for lookup, keys in lookups.items():
            name = lookup.removesuffix("__slug")
            if lookup != "ref" and name not in record_fields(model):
                continue
            listed = sorted(keys)
            for start in range(0, len(listed), CHUNK):
                rows = model._default_manager.filter(
                    **{f"{lookup}__in": listed[start : start + CHUNK]},
                    revision__gt=case.base_revision,
                )
                found.update((kind, ref, n) for ref, n in rows.values_list("ref", "revision_id"))
    return found


def _relabelled_since(case: ApprovalCase, own: Collection[Place]) -> list[RecordChange]:
    """The labels that things a case names were given since it was submitted."""
    named = _named(case.changes)
    trail = AuditEntry.objects.filter(
        action=RELABELLED, revision__gt=case.base_revision, kind__in=named
    )
    return [
        RecordChange(
            entry.kind,
            entry.ref,
            is_new=False,
            fields=tuple(
                FieldChange(name, (entry.before or {}).get(name), value)
                for name, value in (entry.after or {}).items()
            ),
            revision=entry.revision_id,
        )
        for entry in trail.order_by("pk")
        if entry.ref in named[entry.kind] and (entry.kind, entry.ref) not in own
    ]


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
    case.save(update_fields=STEPPED)
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
