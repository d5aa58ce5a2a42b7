"""How far a project is: its rungs, its dated steps, and what recorded them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Q, Value
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.models import Claim, Revision
from commitments.models.revisions import true_by
from dashboard import formats
from dashboard.casework import ShownChange, shown_changes
from dashboard.changes import kind_words
from dashboard.decisions import override_reasons
from dashboard.pages.frame import Cites, decision_url
from dashboard.points import Reading
from dashboard.project_words import stage_words
from projects.calculations.stages import MILESTONES, RIVAL_CLAIMS, STAGE_OF_KIND, Stage
from projects.models import (
    Financing,
    FundingNotice,
    LedgerEntry,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    StageEvent,
)
from projects.selectors import ProjectRecord

MOST_LINES = 50  # of one decision; the decision's own page has the rest


@dataclass(frozen=True)
class StepRow:
    on: Any
    day: str
    words: str
    note: str
    source: SafeString | str
    tag: str


def ladder(project: ProjectRecord, money: Mapping[Stage, date]) -> list[tuple[str, str, str]]:
    """Each rung with the day it was first reached; `money` gives those that notices and cash reach."""
    reached = {**money, **project.standing.reached}
    stage = project.standing.stage
    rungs = [
        Stage.CANDIDATE,
        Stage.IN_CONSULTATION,
        Stage.SELECTED,
        Stage.SIGNED,
        Stage.NOTICED,
        Stage.FUNDED,
        Stage.DISBURSED,
    ]
    rows = []
    for rung in rungs:
        state = "now" if rung == stage else "done" if rung in reached else ""
        rows.append(
            (
                stage_words(rung),
                formats.day(reached[rung]) if rung in reached else _("none published"),
                state,
            )
        )
    if project.standing.ended_on is not None:
        rows.append((stage_words(stage), formats.day(project.standing.ended_on), "end"))
    return rows


def step(cites: Cites, event: StageEvent) -> StepRow:
    tag = ""
    if event.kind in RIVAL_CLAIMS:
        tag = _("rival claim")
    elif event.kind in MILESTONES:
        tag = _("milestone")
    elif event.kind in STAGE_OF_KIND:
        tag = stage_words(STAGE_OF_KIND[event.kind])
    slug = event.document.slug if event.document else None
    return StepRow(
        event.occurred_on,
        formats.day(event.occurred_on),
        str(event.get_kind_display()),
        formats.said_note(event, cites.reading.point.seen_until),
        cites.document(_("Source"), slug),
        tag,
    )


@dataclass(frozen=True)
class HistoryRow:
    """One revision that recorded something of a project: what, by whom, on whose approval."""

    revision: str
    day: str
    words: str
    entered: str
    approved: str
    address: str
    reasons: tuple[str, ...]
    changes: tuple[ShownChange, ...]


def history(reading: Reading, project: ProjectRecord) -> list[HistoryRow]:
    """The revisions known at the point that recorded anything of a project, newest first."""
    found = _revisions_of(project, reading)
    revisions = (
        Revision.objects.filter(number__in=found)
        .select_related("actor", "case__created_by", "case__decided_by")
        .order_by("-number")
    )
    rows = []
    for revision in revisions:
        case = getattr(revision, "case", None)
        lines = [c for c in case.changes if _is_about(c, project.slug)] if case else []
        entered, approved = _("load of curated data"), "–"
        if case is not None:
            entered, approved = case.created_by.username, case.decided_by.username
        elif revision.actor is not None:
            entered = revision.actor.username
        rows.append(
            HistoryRow(
                revision=str(revision),
                day=formats.day(revision.recorded_at.date()),
                words=", ".join(dict.fromkeys(found[revision.number])),
                entered=entered,
                approved=approved,
                address=decision_url(reading, case.pk) if case else "",
                reasons=tuple(override_reasons(lines)),
                changes=tuple(shown_changes(lines[:MOST_LINES])),
            )
        )
    return rows


def _revisions_of(project: ProjectRecord, reading: Reading) -> dict[int, list[str]]:
    """What each revision brought of a project that was true by as_of, by kind: one query."""
    own = Q(project=project.project)
    found: dict[int, list[str]] = {}
    sources: tuple[tuple[Any, Q], ...] = (
        (StageEvent, own),
        (ProjectProfile, own),
        (ProjectParty, own),
        (ProjectLink, own),
        (FundingNotice, own),
        (LedgerEntry, own),
        (Financing, Q(projects=project.project)),
        (Claim, Q(subject=f"project:{project.slug}")),
    )
    parts = [
        model.objects.known(reading.point)
        .filter(mine, true_by(model, reading.point.as_of))
        .order_by()
        .values_list("revision", Value(model._meta.model_name, output_field=CharField()))
        for model, mine in sources
    ]
    for number, kind in sorted(parts[0].union(*parts[1:])):
        found.setdefault(number, []).append(kind_words(kind))
    return found


def _is_about(change: Mapping[str, Any], slug: str) -> bool:
    data = change["data"]
    return (
        slug in (data.get("project"), data.get("other"))
        or slug in (data.get("projects") or ())
        or data.get("subject") == f"project:{slug}"
        or (change["kind"] == "project" and data.get("slug") == slug)
    )
