"""Everything the metrics and pages read about a commitment at one point, each read once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import F, Max, Sum

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import Row, Scope
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Revision, Term
from commitments.selectors import Judged, Judgements, Terms, judged_claims, terms_of
from projects.calculations.stages import ORDER, Stage, Standing, Step, standing
from projects.models import (
    Cover,
    Financing,
    FundingNotice,
    LedgerDay,
    LedgerEntry,
    LedgerProject,
    Plan,
    Project,
    ProjectLink,
    ProjectProfile,
    StageEvent,
)

NOT_STATED = "not-stated"
NOBODY = Judged(Bounds(), (), ())
KIND_OF_RUNG = {"funded": "funding", "disbursed": "disbursement", "distributed": "distribution"}
CASH_RUNGS = tuple(KIND_OF_RUNG)
RUNGS = ("candidate", "selected", "signed", "noticed", *CASH_RUNGS)


@dataclass(frozen=True)
class Member:
    """One amount on one rung with where it belongs: the atom every total is made of.

    `project`, `sector`, `instrument` and `state` are natural keys, or
    NOT_STATED where no document allocates the amount.
    """

    row: Row
    project: str = NOT_STATED
    sector: str = NOT_STATED
    instrument: str = NOT_STATED
    state: str = NOT_STATED
    claims: Judged = NOBODY

    def is_in(self, scope: Scope) -> bool:
        return all(
            wanted in (None, mine)
            for wanted, mine in (
                (scope.project, self.project),
                (scope.sector, self.sector),
                (scope.instrument, self.instrument),
                (scope.state, self.state),
            )
        )


@dataclass(frozen=True)
class ProjectRecord:
    """A project as it stood: its profile, events, stage and judged amounts by rung."""

    project: Project
    profile: ProjectProfile | None
    events: tuple[StageEvent, ...]
    standing: Standing
    amounts: Mapping[str, Judged]
    continued_as: str | None = None

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
    def counts(self) -> bool:
        return self.profile is None or self.profile.count_in_totals

    def event_of(self, stage: Stage) -> StageEvent | None:
        """The event that first brought it to a stage."""
        day = self.standing.reached.get(stage)
        return next(
            (e for e in self.events if e.occurred_on == day and _stage_of(e) == stage), None
        )


def _stage_of(event: StageEvent) -> Stage | None:
    from_kind = standing([Step(event.kind, event.occurred_on)])
    return from_kind.stage


@dataclass
class CommitmentRecord:
    """What the register holds of one commitment at one point in time.

    Every property reads the database at most once, whatever the number of rows.
    """

    commitment: Commitment
    point: PointInTime

    @cached_property
    def terms(self) -> Terms:
        return terms_of(self.commitment, self.point)

    @cached_property
    def is_before_agreement(self) -> bool:
        """True on days before the known start of the commitment."""
        if self.terms.term("start") is not None:
            return False
        known = Term.objects.known(self.point).filter(commitment=self.commitment, key="start")
        return known.filter(effective_on__gt=self.point.as_of).exists()

    @cached_property
    def is_newest(self) -> bool:
        """True when the point sees all that is recorded, so that roll-ups may answer."""
        newest = Revision.objects.aggregate(n=Max("number"))["n"]
        return self.point.published_by is None and newest == self.point.revision

    @cached_property
    def projects(self) -> list[ProjectRecord]:
        """Every project with an event at the point, by slug."""
        return self._with_money_stages(self._decided)

    @cached_property
    def _decided(self) -> list[ProjectRecord]:
        """Every project with an event at the point as its events leave it, by slug."""
        point, commitment = self.point, self.commitment
        events: dict[int, list[StageEvent]] = {}
        for event in (
            StageEvent.objects.current(point)
            .filter(project__commitment=commitment)
            .select_related("project", "document")
        ):
            events.setdefault(event.project_id, []).append(event)
        profiles = {
            profile.project_id: profile
            for profile in ProjectProfile.objects.current(point)
            .filter(project__commitment=commitment)
            .select_related("sector", "document")
            .order_by("effective_on", "pk")
        }
        links = (
            ProjectLink.objects.current(point)
            .filter(project__commitment=commitment, relation=ProjectLink.Relation.CONTINUED_AS)
            .select_related("other")
        )
        continued = {link.project_id: link.other.slug for link in links}
        records = [
            ProjectRecord(
                project=found[0].project,
                profile=profiles.get(pk),
                events=tuple(found),
                standing=standing(Step(e.kind, e.occurred_on) for e in found),
                amounts={
                    rung: self._judged[f"project:{found[0].project.slug}", aspect, "usd"]
                    for rung, aspect in _ASPECTS.items()
                    if (f"project:{found[0].project.slug}", aspect, "usd") in self._judged
                },
                continued_as=continued.get(pk),
            )
            for pk, found in events.items()
        ]
        return sorted(records, key=lambda record: record.slug)

    def _with_money_stages(self, records: list[ProjectRecord]) -> list[ProjectRecord]:
        """Raise the stage of projects whose notices or cash say more than their events."""
        reached: dict[str, Stage] = {}
        for rung in ("noticed", *CASH_RUNGS):
            for member in self._money_members(rung, records):
                reached[member.project] = Stage(rung)
        return [
            replace(record, standing=_raised(record.standing, reached.get(record.slug)))
            for record in records
        ]

    @cached_property
    def by_slug(self) -> dict[str, ProjectRecord]:
        return {record.slug: record for record in self.projects}

    @cached_property
    def _judged(self) -> Judgements:
        return judged_claims(self.commitment, self.point)

    def judged(self, subject: str, aspect: str, unit: str = "usd") -> Judged:
        """The figure about a project, financing or the commitment, and its claims."""
        return self._judged.get((subject, aspect, unit), NOBODY)

    def judged_whole(self, aspect: str, unit: str = "percent") -> Judged:
        """What was published about an aspect of the whole commitment."""
        return self.judged(f"commitment:{self.commitment.slug}", aspect, unit)

    @cached_property
    def financings(self) -> list[Financing]:
        return list(
            Financing.objects.current(self.point)
            .filter(commitment=self.commitment)
            .select_related("instrument", "document")
            .prefetch_related("projects", "providers")
        )

    @cached_property
    def notices(self) -> list[FundingNotice]:
        return list(
            FundingNotice.objects.current(self.point)
            .filter(commitment=self.commitment)
            .select_related("project", "instrument", "document")
        )

    @cached_property
    def covers(self) -> list[Cover]:
        covers = Cover.objects.current(self.point).filter(financing__commitment=self.commitment)
        return [
            cover
            for cover in covers.select_related("financing__instrument", "insurer", "document")
            if cover.ends_on is None or cover.ends_on >= self.point.as_of
        ]

    def members(self, rung: str) -> list[Member]:
        """The amounts on one rung, or at the stage "in_consultation" or "guaranteed"."""
        if rung in ("candidate", "in_consultation", "selected"):
            return [self._project_member(p, rung) for p in self.projects if _stands(p, rung, self)]
        if rung == "signed":
            return [self._financing_member(financing) for financing in self.financings]
        if rung == "guaranteed":
            return [self._cover_member(cover) for cover in self.covers]
        if rung not in RUNGS:
            raise ValueError(f"“{rung}” is no rung; rungs are never added together")
        return self._money_members(rung, self.projects)

    def _project_member(self, record: ProjectRecord, rung: str) -> Member:
        judged = record.amounts.get(rung, NOBODY)
        event = record.event_of(Stage(rung))
        documents = [c.document for c in judged.used] + ([event.document] if event else [])
        return Member(
            row=Row(
                label=record.project.name,
                kind="project",
                ref=record.slug,
                bounds=judged.bounds,
                documents=_slugs(documents),
                on=record.standing.reached.get(Stage(rung)),
            ),
            project=record.slug,
            sector=record.sector,
            state=record.state,
            claims=judged,
        )

    def _financing_member(self, financing: Financing) -> Member:
        judged = self.judged(f"financing:{financing.ref}", "amount.signed")
        slugs = [project.slug for project in financing.projects.all()]
        records = [self.by_slug[slug] for slug in slugs if slug in self.by_slug]
        return Member(
            row=Row(
                label=financing.ref,
                kind="financing",
                ref=financing.ref,
                bounds=judged.bounds,
                documents=_slugs([*(c.document for c in judged.used), financing.document]),
                on=financing.signed_on,
                note=financing.note,
            ),
            project=_the_one(slugs),
            sector=_the_one([r.sector for r in records]),
            instrument=financing.instrument.slug,
            state=_the_one([r.state for r in records]),
            claims=judged,
        )

    def _cover_member(self, cover: Cover) -> Member:
        stated = Bounds() if cover.amount_usd is None else exactly(cover.amount_usd)
        return Member(
            row=Row(
                label=str(cover.insurer),
                kind="cover",
                ref=cover.ref,
                bounds=stated,
                documents=_slugs([cover.document]),
                on=cover.in_force_on,
            ),
            instrument="guarantee",
        )

    def _money_members(self, rung: str, records: Iterable[ProjectRecord]) -> list[Member]:
        places = {record.slug: record for record in records}
        if rung == "noticed":
            return [self._notice_member(notice, places) for notice in self.notices]
        members = [self._cash_member(rung, cell) for cell in self._cells if cell["rung"] == rung]
        return [_placed(member, places) for member in members]

    def _notice_member(self, notice: FundingNotice, places: Mapping[str, ProjectRecord]) -> Member:
        member = Member(
            row=Row(
                label=f"{notice.project.name}, {notice.number}",
                kind="notice",
                ref=notice.ref,
                bounds=exactly(notice.amount_usd),
                documents=_slugs([notice.document]),
                on=notice.received_on,
            ),
            project=notice.project.slug,
            instrument=notice.instrument.slug,
        )
        return _placed(member, places)

    @cached_property
    def _cells(self) -> list[dict[str, Any]]:
        """Cash by project, instrument and rung: from the roll-up where it may answer."""
        key = ("project__slug", "project__name", "instrument__slug", "kind")
        if self.is_newest and not self._has_later_entries:
            rollup = LedgerProject.objects.filter(project__commitment=self.commitment)
            cells = rollup.values(*key, "last_value_date", total=F("amount_usd"))
        else:
            cells = (
                self.entries()
                .values(*key)
                .annotate(total=Sum("amount_usd"), last_value_date=Max("value_date"))
            )
        rung_of = {kind: rung for rung, kind in KIND_OF_RUNG.items()}
        return [{**cell, "rung": rung_of[cell["kind"]]} for cell in cells.order_by(*key)]

    @cached_property
    def _has_later_entries(self) -> bool:
        """True when cash moved after as_of, so that an all-time sum would be too much."""
        later = LedgerDay.objects.filter(
            commitment=self.commitment, value_date__gt=self.point.as_of
        )
        return later.exists()

    def entries(self) -> Any:
        """The ledger entries that count at the point."""
        return LedgerEntry.objects.known(self.point).filter(
            commitment=self.commitment, value_date__lte=self.point.as_of
        )

    def _cash_member(self, rung: str, cell: Mapping[str, Any]) -> Member:
        return Member(
            row=Row(
                label=cell["project__name"],
                kind="ledger",
                ref=f"{cell['project__slug']}:{cell['instrument__slug']}:{rung}",
                bounds=exactly(cell["total"]),
                on=cell["last_value_date"],
            ),
            project=cell["project__slug"],
            instrument=cell["instrument__slug"],
        )

    def daily(self, rung: str) -> list[tuple[date, Decimal]]:
        """Net cash of each value date on a cash rung up to as_of, oldest first."""
        return self._daily.get(KIND_OF_RUNG[rung], [])

    @cached_property
    def _daily(self) -> dict[str, list[tuple[date, Decimal]]]:
        if self.is_newest:
            days = LedgerDay.objects.filter(
                commitment=self.commitment, value_date__lte=self.point.as_of
            ).values_list("kind", "value_date", "amount_usd")
        else:
            days = self.entries().values_list("kind", "value_date").annotate(Sum("amount_usd"))
        series: dict[str, list[tuple[date, Decimal]]] = {}
        for kind, day, amount in days.order_by("value_date"):
            series.setdefault(kind, []).append((day, amount))
        return series

    @cached_property
    def plan(self) -> Plan | None:
        """The commitment's baseline in force at the point."""
        plans = Plan.objects.current(self.point).filter(commitment=self.commitment)
        return plans.filter(project=None, sector=None).order_by("-effective_on", "-pk").first()


# What a point's revision holds for good. Cash is not in it: roll-ups answer for
# the newest revision only, so it is read anew each time.
_FACTS = (
    "terms",
    "is_before_agreement",
    "_decided",
    "_judged",
    "financings",
    "notices",
    "covers",
    "plan",
)


@lru_cache(maxsize=64)
def _facts_of(commitment: Commitment, point: PointInTime) -> dict[str, Any]:
    record = CommitmentRecord(commitment, point)
    return {name: getattr(record, name) for name in _FACTS}


def record_with_kept_facts(commitment: Commitment, point: PointInTime) -> CommitmentRecord:
    """The record of a commitment whose facts this process reads once a point.

    Facts are only added, so what a revision holds never changes; cash is read
    from the database every time.
    """
    record = CommitmentRecord(commitment, point)
    record.__dict__.update(_facts_of(commitment, point))  # fills the cached properties
    return record


_ASPECTS = {rung: f"amount.{rung}" for rung in ("candidate", "in_consultation", "selected")}


def _stands(project: ProjectRecord, rung: str, record: CommitmentRecord) -> bool:
    """Whether a project's amount stands on a rung of decisions at the point."""
    stage = project.standing.stage
    if rung == "selected":
        return project.standing.is_selected and project.counts
    if rung == "in_consultation":
        return stage == Stage.IN_CONSULTATION and project.counts
    if stage != Stage.CANDIDATE:
        return False
    heir = record.by_slug.get(project.continued_as or "")
    if heir is None or heir.standing.stage is None:
        return True
    return ORDER.index(heir.standing.stage) <= ORDER.index(Stage.CANDIDATE)


def _raised(current: Standing, reached: Stage | None) -> Standing:
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


def _placed(member: Member, places: Mapping[str, ProjectRecord]) -> Member:
    record = places.get(member.project)
    if record is None:
        return member
    return replace(member, sector=record.sector, state=record.state)


def _the_one(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else NOT_STATED


def _slugs(documents: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(d.slug for d in documents if d is not None))
