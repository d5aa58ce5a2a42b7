"""How far a project is: its rungs, its dated steps, and what recorded them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.pages.frame import (
    Cites,
)
from dashboard.pages.projects.words import stage_words
from projects.calculations.stages import MILESTONES, RIVAL_CLAIMS, STAGE_OF_KIND, Stage
from projects.models import StageEvent
from projects.selectors import ProjectRecord


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
    if stage in (Stage.DECLINED, Stage.WITHDRAWN, Stage.CANCELLED):
        rows.append((stage_words(stage), "", "end"))
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
        event.note,
        cites.document(_("Source"), slug),
        tag,
    )


def history(project: ProjectRecord) -> list[tuple[str, str]]:
    """The revisions that recorded what is shown: number and what it brought."""
    rows: dict[int, list[str]] = {}
    for event in project.events:
        rows.setdefault(event.revision_id, []).append(str(event.get_kind_display()))
    if project.profile:
        rows.setdefault(project.profile.revision_id, []).append(_("profile"))
    return [
        (f"r{number}", ", ".join(words)) for number, words in sorted(rows.items(), reverse=True)
    ]
