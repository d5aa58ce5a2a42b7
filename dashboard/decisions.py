"""The evidence pack of an approved case: what it changed, on what evidence, by whom, to what effect."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import get_language

from commitments.calculations.dates import business_day
from commitments.calculations.metric import Figure
from commitments.calculations.point import PointInTime
from commitments.models import ApprovalCase, AuditEntry, Revision
from commitments.models.money import ScaledDecimalField
from commitments.selectors import point_at
from commitments.services.cases import FieldChange, changes_shown, computed_changes
from commitments.services.register import kinds
from dashboard.casework import CitedDocument, RivalClaim, cited_documents, rival_claims
from dashboard.points import Reading, is_key
from projects.metrics import shown
from projects.selectors import CommitmentRecord
from projects.services.decision_records import commitment_of, commitments_in, commitments_of
from projects.services.effects import Effects, effects_between
from projects.services.requirements import Need, States, StepNeeds, step_needs, steps_in

MOST_CHANGES = 500  # of an import; the rest are in the lists of the revision
CHUNK = 100  # cases read at once where those of one commitment are asked for
MOST_STEPS = 50  # whose needs are told
KEPT = 32  # cases of more than MOST_CHANGES whose needs a process keeps
DOCUMENT_LABELS = ("title", "kind", "issuer", "side", "url", "access", "confidence")


@dataclass(frozen=True)
class Pack:
    """One decision as plain data, with its hash and what its page shows beside it."""

    case: ApprovalCase
    states: Sequence[States]
    effects: Effects
    body: Mapping[str, Any]
    sha256: str


def decisions(point: PointInTime) -> QuerySet[ApprovalCase]:
    """The approved cases recorded by a point, newest first."""
    rows = ApprovalCase.objects.filter(
        state=ApprovalCase.State.APPROVED, revision__number__lte=point.revision
    )
    return rows.select_related("created_by", "decided_by", "revision").order_by("-pk")


def decisions_listed(reading: Reading, *, asked: str, after: str, size: int) -> list[ApprovalCase]:
    """Up to some decisions of a reading from a cursor on, newest first: those `decision_in` finds.

    `asked` is the commitment asked for, if any. The register does not keep of which
    commitment a case is, so cases are read until enough of them are found.
    """
    rows = decisions(reading.point)
    if after:
        rows = rows.filter(pk__lt=int(after))
    if not asked:
        return list(rows[:size])
    found: list[ApprovalCase] = []
    chunk = list(rows[: max(size, CHUNK)])
    while chunk and len(found) < size:
        homes = commitments_of([case.changes[:MOST_CHANGES] for case in chunk])
        own = (None, reading.commitment)
        found += [case for case, of in zip(chunk, homes, strict=True) if of in own]
        chunk = list(rows.filter(pk__lt=chunk[-1].pk)[: max(size, CHUNK)])
    return found[:size]


def decision_in(reading: Reading, key: str, *, asked: str) -> tuple[ApprovalCase, Reading] | None:
    """The decision of a number, and the reading turned to the commitment it is on.

    None where none is on record at the point, or where the commitment `asked`
    for, if any, is another one.
    """
    case = decisions(reading.point).filter(pk=int(key)).first() if is_key(key) else None
    if case is None:
        return None
    commitment = commitment_of(case.changes[:MOST_CHANGES])
    if commitment is None or commitment == reading.commitment:
        return case, reading
    if asked:
        return None
    named = {} if commitment.is_default else {"commitment": commitment.slug}
    turned = replace(
        reading,
        commitment=commitment,
        record=CommitmentRecord(commitment, reading.point),
        asked={**reading.asked, **named},
    )
    return case, turned


def pack_of(case: ApprovalCase) -> Pack:
    """Return the evidence pack of an approved case.

    Its effects are read at the revision before the case and at its own, on the
    day of the decision, so they stay what they were. The hash is SHA-256 of the
    pack as canonical JSON: sorted keys, no spaces, UTF-8.
    """
    first, states = case.changes[:MOST_CHANGES], states_of(case)
    commitment = states[0][0].commitment if states else None
    with translation.override("en"):  # one pack, one hash, whoever reads it
        needs = needs_at_decision(case, states)
        documents = [_document(item) for item in cited_documents(first, case.revision_id)]
        rivals = [_rival(item) for item in rivals_at_decision(case, first)]
    effects = effects_between(*states[0], changes=first) if states else Effects((), ())
    body = {
        **summary(case),
        "commitment": commitment.slug if commitment else None,
        "illustrative": bool(commitment and commitment.illustrative),
        "reason": case.reason,
        "approval_reason": case.decision_reason,
        "drafted_at": case.created_at.isoformat(),
        "steps": _steps(case),
        "submitted_sha256": case.frozen_hash,
        "changes_count": len(case.changes),
        "changes": [
            {
                "kind": change.kind,
                "ref": change.ref,
                "is_new": change.is_new,
                "fields": _fields(change.kind, change.fields),
                "computed": _fields(change.kind, computed),
            }
            for change, computed in zip(
                changes_shown(first), computed_changes(first, posted=case.revision), strict=True
            )
        ],
        "required": [
            {
                "step": step.step,
                "subject": step.project,
                "needs": [
                    {
                        "needed": need.words,
                        "given": need.found,
                        "required": need.required,
                        "state": _need_state(need),
                    }
                    for need in step.needs
                ],
            }
            for step in needs
        ],
        "required_left_out": max(0, len(steps_in(case.changes)) - MOST_STEPS),
        "documents": documents,
        "rival_claims": rivals,
        "effects": [
            {
                "metric": effect.metric.key,
                "part": effect.part or None,
                "unit": effect.metric.unit,
                "before": _figure(effect.before, effect.metric.unit),
                "after": _figure(effect.after, effect.metric.unit),
            }
            for effect in effects.figures
        ],
    }
    return Pack(case, states, effects, body, hash_of(body))


def _fields(kind: str, fields: Iterable[FieldChange]) -> list[dict[str, Any]]:
    return [
        {"name": f.name, "old": stated(kind, f.name, f.old), "new": stated(kind, f.name, f.new)}
        for f in fields
    ]


def stated(kind: str, name: str, value: Any) -> Any:
    """Return a value of a record as answers give it: an amount with two decimals or all it has.

    However it was written; as it stands where it is no amount.
    """
    f = {f.name: f for f in kinds()[kind]._meta.concrete_fields}.get(name)
    if value in (None, "") or not isinstance(f, ScaledDecimalField):
        return value
    try:
        number = Decimal(str(value)).normalize()
    except ArithmeticError:
        return value
    return f"{number:.{max(2, -int(number.as_tuple().exponent))}f}" if number.is_finite() else value


def states_of(case: ApprovalCase) -> list[States]:
    """The commitments of an approved case as the register held them before and after it.

    On the day of the decision; the one that the case is about first.
    """
    before, after = _point(case, 1), _point(case, 0)
    return [
        (CommitmentRecord(commitment, before), CommitmentRecord(commitment, after))
        for commitment in commitments_in(case.changes)
    ]


def needs_at_decision(case: ApprovalCase, states: Sequence[States]) -> list[StepNeeds]:
    """What the steps of an approved case needed and had when it was decided.

    That of a large case is kept: it comes of all its changes, and never changes.
    """
    if len(case.changes) > MOST_CHANGES:
        return _needs_kept(case.pk, states[0][1].point, get_language()) if states else []
    return step_needs(case.changes, states, most=MOST_STEPS)


@lru_cache(maxsize=KEPT)
def _needs_kept(pk: int, decided: PointInTime, language: str) -> list[StepNeeds]:
    """What an approved case needed, in a language: read once by each process."""
    case = ApprovalCase.objects.select_related("revision").get(pk=pk)
    return step_needs(case.changes, states_of(case), most=MOST_STEPS)


def rivals_at_decision(
    case: ApprovalCase, changes: Sequence[Mapping[str, Any]]
) -> list[RivalClaim]:
    """What others said of the same as some changes of an approved case when it was decided."""
    assert case.revision is not None  # noqa: S101  # approved
    return rival_claims(changes, case.revision.number - 1)


def _need_state(need: Need) -> str:
    if need.met:
        return "met"
    if need.set_aside:
        return "set_aside"
    if need.let_through:
        return "let_through"
    return "missing" if need.required else "optional"


def summary(case: ApprovalCase) -> dict[str, Any]:
    """What a list says of a decision."""
    assert case.revision and case.decided_by and case.decided_at and case.submitted_at  # noqa: S101, PT018  # approved
    return {
        "id": case.pk,
        "title": case.title,
        "proposed_by": case.created_by.username,
        "proposed_at": case.submitted_at.isoformat(),
        "approved_by": case.decided_by.username,
        "approved_at": case.decided_at.isoformat(),
        "revision": case.revision.number,
        "recorded_at": case.revision.recorded_at.isoformat(),
        "rules_set_aside": override_reasons(case.changes),
    }


def override_reasons(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The public reasons for which rules were set aside, each once."""
    found = (str(change["data"].get("override_reason") or "") for change in changes)
    return list(dict.fromkeys(reason for reason in found if reason))


def illustrative_cases(cases: Sequence[ApprovalCase]) -> set[int]:
    """Which of some cases are of an illustrative commitment: a query for each kind they name."""
    found = commitments_of([case.changes[:MOST_CHANGES] for case in cases])
    return {case.pk for case, of in zip(cases, found, strict=True) if of and of.illustrative}


def hash_of(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a pack as canonical JSON."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _steps(case: ApprovalCase) -> list[dict[str, Any]]:
    """When a case was submitted and sent back before it was approved, by whom and why, oldest first.

    The last is the submission of what was approved. Two submissions of one hash say the same.
    """
    told = (ApprovalCase.State.SUBMITTED.value, ApprovalCase.State.RETURNED.value)
    steps = AuditEntry.objects.filter(kind="approvalcase", ref=str(case.pk), action__in=told)
    return [
        {
            "step": step.action,
            "by": step.actor.username if step.actor else None,
            "at": step.at.isoformat(),
            "reason": step.reason,
            "sha256": (step.after or {}).get("sha256"),
        }
        for step in steps.select_related("actor").order_by("pk")
    ]


def _point(case: ApprovalCase, back: int) -> PointInTime:
    """The register as it stood on the day of a decision, `back` revisions before its own."""
    assert case.revision is not None and case.decided_at is not None  # noqa: S101, PT018  # approved
    day = business_day(case.decided_at)
    revision = Revision.objects.filter(number__lte=case.revision.number - back).first()
    return point_at(revision, day)


def _document(item: CitedDocument) -> dict[str, Any]:
    day = item.given.get("date")
    return {
        "slug": item.slug,
        **{name: item.given.get(name, "") for name in DOCUMENT_LABELS},
        "recalled_fields": item.given.get("recalled_fields", []),
        "date": day.isoformat() if day else None,
        "quotes": list(item.quotes),
        "warning": item.older or None,
    }


def _rival(item: RivalClaim) -> dict[str, Any]:
    claim = item.claim
    ends = {end: stated("claim", end, getattr(claim, end)) for end in ("low", "high")}
    return {
        **{name: getattr(claim, name) for name in ("ref", "subject", "aspect", "who", "rank")},
        "said": item.words,
        "unit": claim.unit,
        **ends,
        "document": item.document.slug if item.document else None,
        "chosen": item.chosen,
    }


def _figure(figure: Figure, unit: str) -> dict[str, Any]:
    bounds: dict[str, Decimal | None] = {"low": figure.bounds.low, "high": figure.bounds.high}
    return {
        **{name: shown(value, unit) for name, value in bounds.items()},
        "text": figure.text,
        "reason": str(figure.reason) if figure.reason else None,
    }
