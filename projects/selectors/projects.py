"""A project as it stood at one point: its events, its stage and its amounts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from commitments.selectors import Judged, Judgements
from projects.calculations.stages import (
    ENDS,
    ORDER,
    RIVAL_CLAIMS,
    STAGE_OF_KIND,
    Stage,
    Standing,
    Step,
    standing,
)
from projects.models import Project, ProjectLink, ProjectProfile, StageEvent

NOT_STATED = "not-stated"
DECIDED = ("candidate", "in_consultation", "selected")
SAID = ("reported", "candidate_us_list")  # aspects of an amount that stand on no rung


@dataclass(frozen=True)
class ProjectRecord:
    """A project as it stood: its profile, events, stage and judged amounts by rung.

    `said` holds what was said of its size beside the rungs: by press reports
    (`reported`) and on the list of one side alone (`candidate_us_list`).
    """

    project: Project
    profile: ProjectProfile | None
    events: tuple[StageEvent, ...]
    standing: Standing
    amounts: Mapping[str, Judged]
    said: Mapping[str, Judged] = field(default_factory=dict)
    continued_as: str | None = None
    merged_into: str | None = None
    merged_on: date | None = None

    def on(self, day: date) -> "ProjectRecord":
        """The project as its own events and claims up to an earlier day left it."""
        events = tuple(e for e in self.events if e.occurred_on <= day)
        is_merged = self.merged_on is None or self.merged_on <= day
        return replace(
            self,
            events=events,
            standing=standing_of(events),
            amounts={rung: judged.on(day) for rung, judged in self.amounts.items()},
            said={name: judged.on(day) for name, judged in self.said.items()},
            merged_into=self.merged_into if is_merged else None,
        )

    @property
    def changed_on(self) -> set[date]:
        """The days on which an event, a claim or its merger came in."""
        days = {event.occurred_on for event in self.events}
        days |= {self.merged_on} if self.merged_on else set()
        return days.union(*(judged.changed_on for judged in self.amounts.values()))

    @property
    def slug(self) -> str:
        return self.project.slug

    @property
    def sector(self) -> str:
        return self.profile.sector.slug if self.profile and self.profile.sector else NOT_STATED

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.profile.states) if self.profile else ()

    @property
    def state(self) -> str:
        """The one state it lies in; not stated when none or several are named."""
        return self.states[0] if len(self.states) == 1 else NOT_STATED

    def is_at(self, stage: str) -> bool:
        """Whether a filter by stage finds it: selected means selected and standing, whatever since."""
        if stage == Stage.SELECTED:
            return self.standing.is_selected
        return self.standing.stage == stage

    @property
    def is_left_out(self) -> bool:
        """Whether its profile keeps it out of the totals."""
        return self.profile is not None and not self.profile.count_in_totals

    @property
    def counts(self) -> bool:
        return self.merged_into is None and not self.is_left_out

    @property
    def ended_for_a_reason(self) -> bool:
        """Whether it is not selected, and an administrator let an end of it break a rule."""
        ends = (event for event in self.events if STAGE_OF_KIND.get(event.kind) in ENDS)
        return not self.standing.is_selected and any(end.override_reason for end in ends)

    @property
    def was_selected_at_most(self) -> Decimal | None:
        """The most US dollars that were selected of it, whatever became of it: 0 where it never was
        selected, None where no upper amount is stated.
        """
        if Stage.SELECTED not in self.standing.reached:
            return Decimal(0)
        judged = self.amounts.get("selected")
        return judged.bounds.high if judged else None

    @property
    def selected_at_most(self) -> Decimal | None:
        """The most US dollars that are selected of it: 0 where it is not selected or left out of
        the totals, None where no upper amount is stated.
        """
        stands = self.counts and self.standing.is_selected
        return self.was_selected_at_most if stands else Decimal(0)

    @property
    def steps(self) -> tuple[StageEvent, ...]:
        """The events that count: what is planned has not happened, a rival claim is no step."""
        return tuple(e for e in self.events if not e.planned and e.kind not in RIVAL_CLAIMS)

    @property
    def last_step_on(self) -> date | None:
        """The day of the newest step; None where nothing counts as one."""
        return max((step.occurred_on for step in self.steps), default=None)

    def event_of(self, stage: Stage) -> StageEvent | None:
        """The event that first brought it to a stage."""
        day = self.standing.reached.get(stage)
        return next(
            (
                e
                for e in self.events
                if e.occurred_on == day and not e.planned and _stage_of(e) == stage
            ),
            None,
        )


def project_records(
    events: Iterable[StageEvent],
    profiles: Iterable[ProjectProfile],
    links: Iterable[ProjectLink],
    judged: Judgements,
) -> list[ProjectRecord]:
    """The projects that some events, profiles, links and judged claims make, by slug.

    Profiles come in the order in which they take effect; links are mergers and continuations.
    """
    by_project: dict[int, list[StageEvent]] = {}
    for event in events:
        by_project.setdefault(event.project_id, []).append(event)
    profile_of = {profile.project_id: profile for profile in profiles}
    continued: dict[int, ProjectLink] = {}
    merged: dict[int, ProjectLink] = {}
    for link in links:
        is_merger = link.relation == ProjectLink.Relation.MERGED_INTO
        (merged if is_merger else continued)[link.project_id] = link
    records = [
        ProjectRecord(
            project=found[0].project,
            profile=profile_of.get(pk),
            events=tuple(found),
            standing=standing_of(found),
            amounts=_amounts_of(found[0].project.slug, DECIDED, judged),
            said=_amounts_of(found[0].project.slug, SAID, judged),
            continued_as=continued[pk].other.slug if pk in continued else None,
            merged_into=merged[pk].other.slug if pk in merged else None,
            merged_on=merged[pk].true_since if pk in merged else None,
        )
        for pk, found in by_project.items()
    ]
    return sorted(records, key=lambda record: record.slug)


def _amounts_of(slug: str, names: Iterable[str], judged: Judgements) -> dict[str, Judged]:
    """The judged dollars of a project by what follows `amount.` in their aspect."""
    keys = {name: (f"project:{slug}", f"amount.{name}", "usd") for name in names}
    return {name: judged[key] for name, key in keys.items() if key in judged}


def selected_together(projects: Iterable[ProjectRecord | None]) -> Decimal | None:
    """The most US dollars that were selected of some projects, of those that ended too.

    Of one never selected that is nothing; None where one was without an upper amount.
    """
    highs = [project.was_selected_at_most if project else Decimal(0) for project in projects]
    known = [high for high in highs if high is not None]
    return sum(known, Decimal(0)) if len(known) == len(highs) else None


def standing_of(events: Iterable[StageEvent]) -> Standing:
    """Where events leave a project; what is only planned moves nothing."""
    return standing(Step(e.kind, e.occurred_on) for e in events if not e.planned)


def _stage_of(event: StageEvent) -> Stage | None:
    from_kind = standing([Step(event.kind, event.occurred_on)])
    return from_kind.stage


def stands(project: ProjectRecord, rung: str, by_slug: Mapping[str, ProjectRecord]) -> bool:
    """Whether a project's amount stands on a rung of decisions at the point.

    A candidate is open until a project that continues it, or what became of
    that, is firmer, or was declined, withdrawn or cancelled: then it was decided
    with that project.
    `count_in_totals` keeps a project out of the firmer stages, never a candidate
    off the list: sources mark every open candidate as outside their totals.
    """
    stage = project.standing.stage
    if rung == "selected":
        return project.standing.is_selected and project.counts
    if rung == "in_consultation":
        return stage == Stage.IN_CONSULTATION and project.counts
    if stage != Stage.CANDIDATE or project.merged_into is not None:
        return False
    heir, passed = by_slug.get(project.continued_as or ""), {project.slug}
    while heir is not None and heir.slug not in passed:
        if heir.standing.stage not in (None, Stage.REPORTED, Stage.CANDIDATE):
            return False
        passed.add(heir.slug)
        heir = by_slug.get(heir.continued_as or heir.merged_into or "")
    return True


def raised(current: Standing, reached: Stage | None) -> Standing:
    """A standing raised to the stage that money reached, unless the project has ended."""
    if (
        reached is None
        or current.stage is None
        or current.stage
        in (
            Stage.DECLINED,
            Stage.WITHDRAWN,
            Stage.CANCELLED,
        )
    ):
        return current
    if ORDER.index(reached) <= ORDER.index(current.stage):
        return current
    return replace(current, stage=reached)
