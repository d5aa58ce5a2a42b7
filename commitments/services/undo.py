"""Taking a revision back as a whole: the case that restores what stood before it.

Nothing is removed. New facts are withdrawn, corrected ones return as a new
version of what they were, labels get back their words; rooms say how their own
kinds are taken back. New entities stay: an identity without facts says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.models import ApprovalCase, AuditEntry, Fact, Revision
from commitments.services.cases import (
    ENTER,
    FORCE,
    CaseRefused,
    draft_once,
    stored_records,
    submit_once,
)
from commitments.services.register import Keys, kinds, payload


@dataclass
class Undoing:
    """The changes that take a revision back, and what stands in the way of that."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    def add(self, kind: str, record: dict[str, Any]) -> None:
        self.changes.append({"kind": kind, "data": record})


Undo = Callable[[Revision, str, Undoing], None]
UNDO: dict[str, Undo] = {}
REVERSIBLE = (Revision.Kind.CASE, Revision.Kind.IMPORT)


def register_undo(kind: str, undo: Undo) -> None:
    """Let a room take back the records of a kind that is not a plain fact."""
    UNDO[kind] = undo


def undoing_of(revision: Revision, *, reason: str) -> Undoing:
    """Return what takes a revision back. What was changed again since is an obstacle."""
    undoing, keys = Undoing(), Keys()
    for kind, model in kinds().items():
        if kind in UNDO:
            UNDO[kind](revision, reason, undoing)
        elif issubclass(model, Fact):
            _undo_facts(kind, model, revision, keys, undoing)
    _undo_labels(revision, undoing)
    return undoing


@transaction.atomic
def propose_undo(number: int, *, actor: User, reason: str, now: datetime) -> ApprovalCase:
    """Submit the case that takes a revision back; another person decides on it.

    Where it would break a rule, whoever may set one aside keeps a draft of it to do so. Raise
    CaseRefused without the permission or a reason, for a revision that is no case or
    import, or when something it wrote was changed since.
    """
    if not actor.has_perm(ENTER):
        raise CaseRefused("permission", _("Your role does not include this step."))
    revision = Revision.objects.get(pk=number)
    if not reason.strip():
        raise CaseRefused("reason", _("Say why it is taken back; the reason is public."))
    if revision.kind not in REVERSIBLE:
        raise CaseRefused("state", _("Only an approved case or an import can be taken back."))
    undoing = undoing_of(revision, reason=reason.strip())
    if undoing.obstacles:
        words = _("It cannot be taken back as a whole: something was changed since.")
        raise CaseRefused("changed", words, undoing.obstacles)
    if not undoing.changes:
        raise CaseRefused("records", _("Nothing of this revision can be taken back."))
    given = {"revision": revision, "reason": revision.reason}
    title = (_("Take back %(revision)s: %(reason)s") % given)[:200]
    changes, why = undoing.changes, reason.strip()
    try:
        return submit_once(changes, title=title, actor=actor, now=now, reason=why)
    except CaseRefused as refused:
        if refused.code != "rules" or not actor.has_perm(FORCE):
            raise
        return draft_once(changes, title=title, actor=actor, reason=why)


def _undo_facts(kind: str, model: Any, revision: Revision, keys: Keys, undoing: Undoing) -> None:
    links = [f.name for f in model._meta.many_to_many]
    rows = model._default_manager.filter(revision=revision).order_by("pk")
    rows = rows.select_related("supersedes", "successor")
    for row in rows.prefetch_related(*links):
        later = getattr(row, "successor", None)
        if later is not None:
            undoing.obstacles.append(f"{kind} {row.ref}: r{later.revision_id}")
            continue
        before = row.supersedes or row
        held = {name: [o.pk for o in getattr(before, name).all()] for name in links}
        record = payload(before, held, keys)
        if row.supersedes is None:
            record["withdrawn"] = True
        undoing.add(kind, record)


def _undo_labels(revision: Revision, undoing: Undoing) -> None:
    """Give labels back their words, unless somebody has worded them anew."""
    trail = list(AuditEntry.objects.filter(revision=revision, action="relabelled"))
    named = [
        {"kind": entry.kind, "data": {kinds()[entry.kind].NATURAL_KEY: entry.ref}}
        for entry in trail
    ]
    stored = stored_records(named)
    for entry in trail:
        now = stored[entry.kind, entry.ref]
        moved = [name for name, value in (entry.after or {}).items() if now.get(name) != value]
        if moved:
            undoing.obstacles.append(f"{entry.kind} {entry.ref}: {', '.join(moved)}")
        else:
            undoing.add(entry.kind, {**now, **(entry.before or {})})
