"""What each step of a project needs, and how far a case gives it: shown before the attempt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document
from projects.calculations.stages import REQUIREMENTS, Requirement, Stage, Step, standing
from projects.models import Financing, ProjectProfile, StageEvent
from projects.services.decision_records import COUNTED
from projects.services.decisions import evidence_fault, evidence_words

Changes = Sequence[Mapping[str, Any]]
STAGE_WORDS: Mapping[str, Any] = {
    Stage.REPORTED: gettext_lazy("reported"),
    Stage.CANDIDATE: gettext_lazy("candidate"),
    Stage.IN_CONSULTATION: gettext_lazy("in consultation"),
    Stage.SELECTED: gettext_lazy("selected"),
    Stage.SIGNED: gettext_lazy("signed"),
    Stage.NOTICED: gettext_lazy("noticed"),
    Stage.FUNDED: gettext_lazy("funded"),
    Stage.DISBURSED: gettext_lazy("disbursed"),
    Stage.DISTRIBUTED: gettext_lazy("distributed"),
    Stage.DECLINED: gettext_lazy("declined"),
    Stage.WITHDRAWN: gettext_lazy("withdrawn"),
    Stage.CANCELLED: gettext_lazy("cancelled"),
}


@dataclass(frozen=True)
class RequirementRow:
    """One kind of step in words: what it makes true, what must come before, its evidence."""

    step: str
    stage: str
    after: str
    document: str
    amount: str


@dataclass(frozen=True)
class Need:
    """One thing a step needs, and whether it is given.

    What is required is held by a rule at every posting; the rest is asked for.
    A rule of evidence and order is set aside by the reason that a step carries.
    """

    words: str
    met: bool
    found: str
    required: bool = True
    set_aside: bool = False


@dataclass(frozen=True)
class StepNeeds:
    """One step of a case with all it needs."""

    step: str
    project: str
    needs: tuple[Need, ...]


def requirement_rows() -> list[RequirementRow]:
    """The table of steps in words, in the order of the ladder."""
    return [
        RequirementRow(
            step=str(StageEvent.Kind(kind).label),
            stage=str(STAGE_WORDS[need.stage]) if need.stage else _("no stage"),
            after=_after_words(need),
            document=evidence_words(kind),
            amount=_("kept as a claim") if need.aspect else "–",
        )
        for kind, need in REQUIREMENTS.items()
    ]


def _after_words(need: Requirement) -> str:
    if not need.after:
        return "–"
    return ", ".join(str(STAGE_WORDS[stage]) for stage in STAGE_WORDS if stage in need.after)


def step_needs(changes: Changes, *, point: PointInTime) -> list[StepNeeds]:
    """Return what each step of a case needs and whether the case or the register gives it."""
    new_documents = {c["data"].get("slug"): c["data"] for c in changes if c["kind"] == "document"}
    return [
        _needs_of(change["data"], changes, new_documents, point)
        for change in changes
        if change["kind"] == "stageevent"
        and not change["data"].get("withdrawn")
        and change["data"].get("kind") in REQUIREMENTS
    ]


def _needs_of(
    event: Mapping[str, Any],
    changes: Changes,
    new_documents: Mapping[Any, Mapping[str, Any]],
    point: PointInTime,
) -> StepNeeds:
    kind, project = str(event["kind"]), str(event.get("project", ""))
    need, day = REQUIREMENTS[kind], _day(event.get("occurred_on"))
    forced = bool(event.get("override_reason"))
    needs = [*_document_needs(kind, event, changes, new_documents)]
    if not event.get("planned"):
        needs.append(
            Need(
                _("a day that is over, or the mark “planned”"),
                day is not None and day <= point.today,
                str(event.get("occurred_on") or "–"),
            )
        )
    if need.after:
        needs.append(replace(_stage_need(need, project, changes, day, point), set_aside=forced))
    if need.stage in COUNTED:
        needs += _counting_need(project, changes)
    if need.aspect:
        needs.append(_amount_need(need.aspect, project, changes))
    return StepNeeds(str(StageEvent.Kind(kind).label), project, tuple(needs))


def _document_needs(
    kind: str,
    event: Mapping[str, Any],
    changes: Changes,
    new_documents: Mapping[Any, Mapping[str, Any]],
) -> Iterable[Need]:
    slug = event.get("document")
    words = _("a document: %(evidence)s") % {"evidence": evidence_words(kind)}
    document = Document.objects.filter(slug=slug).first()
    if document is None and slug in new_documents:
        given = new_documents[slug]
        document = Document(
            slug=str(slug), kind=str(given.get("kind", "")), side=str(given.get("side", ""))
        )
    forced = bool(event.get("override_reason"))
    if document is None:
        yield Need(words, met=False, found="–", set_aside=forced)
        return
    fault = evidence_fault(kind, document, illustrative=_is_illustrative(event, changes))
    fits = bool(event.get("planned")) or fault is None
    found = f"{slug} ({_plain(document.kind)}, {document.get_side_display()})"
    yield Need(words, met=fits, found=found, set_aside=forced)
    yield Need(
        _("the words quoted and where they stand"),
        met=bool(event.get("locator")),
        found=_("given") if event.get("locator") else "–",
        required=False,
    )


def _is_illustrative(event: Mapping[str, Any], changes: Changes) -> bool:
    """Whether a step is of an illustrative commitment, by its project on record or in the case."""
    named = [
        change["data"].get("commitment")
        for change in changes
        if change["kind"] == "project" and change["data"].get("slug") == event.get("project")
    ]
    of_project = Q(slug__in=named) | Q(projects__slug=event.get("project"))
    return Commitment.objects.filter(of_project, illustrative=True).exists()


def _stage_need(
    need: Requirement, project: str, changes: Changes, day: date | None, point: PointInTime
) -> Need:
    stored = StageEvent.objects.current(point).filter(project__slug=project, planned=False)
    steps = [Step(e.kind, e.occurred_on) for e in stored]
    for change in changes:
        data = change["data"]
        on = _day(data.get("occurred_on"))
        if change["kind"] == "stageevent" and data.get("project") == project and on:
            steps.append(Step(str(data["kind"]), on))
    reached = standing(s for s in steps if day is None or s.on <= day).reached
    found = [str(STAGE_WORDS[stage]) for stage in reached if stage in need.after]
    return Need(
        _("one of these reached on that day: %(stages)s") % {"stages": _after_words(need)},
        met=bool(found),
        found=", ".join(found) or "–",
    )


def _counting_need(project: str, changes: Changes) -> Iterable[Need]:
    """Tell of a project whose profile keeps it out of the totals, unless the case lets it in."""
    stored = ProjectProfile.objects.heads().filter(project__slug=project, withdrawn=False)
    if stored.filter(count_in_totals=False).exists():
        lets_in = any(
            c["kind"] == "projectprofile"
            and c["data"].get("project") == project
            and c["data"].get("count_in_totals", True)
            for c in changes
        )
        yield Need(
            _("a profile that counts the project in the totals"),
            met=lets_in,
            found=_("given") if lets_in else _("its profile keeps it out of the totals"),
            required=False,
        )


def _amount_need(aspect: str, project: str, changes: Changes) -> Need:
    """An amount is wanted, not required: unstated amounts are counted beside the total."""
    subjects = {f"project:{project}"}
    for change in changes:
        if change["kind"] == "financing" and project in (change["data"].get("projects") or ()):
            subjects.add(f"financing:{change['data'].get('ref')}")
    refs = Financing.objects.heads().filter(projects__slug=project).values_list("ref", flat=True)
    subjects |= {f"financing:{ref}" for ref in refs}
    in_case = any(
        c["kind"] == "claim"
        and c["data"].get("subject") in subjects
        and c["data"].get("aspect") == aspect
        for c in changes
    )
    stored = Claim.objects.heads().filter(subject__in=subjects, aspect=aspect, withdrawn=False)
    met = in_case or stored.exists()
    return Need(
        _("an amount, or it counts as not stated"),
        met=met,
        found=_("given") if met else _("not stated"),
        required=False,
    )


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _day(text: Any) -> date | None:
    try:
        return parse_date(str(text)) if text else None
    except ValueError:
        return None
