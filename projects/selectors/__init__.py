"""Everything the metrics and pages read about a commitment at one point, each read once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Exists, Max, Min, Q, QuerySet, Sum

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.calendars import Calendar
from commitments.calculations.dates import last_day_of_month
from commitments.calculations.metric import Row, Scope
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Revision, SectorMapping, Term
from commitments.selectors import Judged, Judgements, Terms, judged_claims, terms_of
from projects.calculations.notices import Receipt
from projects.calculations.stages import ORDER, Stage, Standing, Step, standing
from projects.models import (
    Cover,
    Financing,
    FundingNotice,
    LedgerDay,
    LedgerEntry,
    LedgerMonth,
    LedgerProject,
    Plan,
    Project,
    ProjectLink,
    ProjectProfile,
    StageEvent,
)
from projects.selectors.notices import (
    NoticeRecord,
    is_declined,
    notice_records,
    receipts_of,
)
from projects.selectors.returns import Convention, Investment, investments_of

NOT_STATED = "not-stated"
NOBODY = Judged(Bounds(), (), ())
# Interest and principal that a loan pays are distributions; a paid guarantee and a fee are no rung.
RUNG_OF_KIND = {
    "funding": "funded",
    "disbursement": "disbursed",
    "distribution": "distributed",
    "interest": "distributed",
    "principal": "distributed",
}
CASH_RUNGS = tuple(dict.fromkeys(RUNG_OF_KIND.values()))
DECIDED = ("candidate", "in_consultation", "selected")
SAID = ("reported", "candidate_us_list")  # aspects of an amount that stand on no rung
RUNGS = ("candidate", "selected", "signed", "noticed", *CASH_RUNGS)


@dataclass(frozen=True)
class Member:
    """One amount on one rung with where it belongs: the atom every total is made of.

    `project`, `sector`, `instrument` and `state` are natural keys, or
    NOT_STATED where no document allocates the amount. `projects`, `sectors`
    and `states` are those it covers together: it may lie in any of them.
    """

    row: Row
    project: str = NOT_STATED
    sector: str = NOT_STATED
    instrument: str = NOT_STATED
    state: str = NOT_STATED
    claims: Judged = NOBODY
    projects: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

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

    def reaches_into(self, scope: Scope) -> bool:
        """True when part of the amount may lie in the scope, and no document says how much.

        A decision selects a project's whole amount and says nothing of its instruments.
        """
        instruments = (scope.instrument or "",) if self.row.kind == "project" else ()
        return not self.is_in(scope) and all(
            wanted in (None, mine) or (mine == NOT_STATED and wanted in possible)
            for wanted, mine, possible in (
                (scope.project, self.project, self.projects),
                (scope.sector, self.sector, self.sectors),
                (scope.instrument, self.instrument, instruments),
                (scope.state, self.state, self.states),
            )
        )


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
            standing=_standing_of(events),
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
    def counts(self) -> bool:
        if self.merged_into is not None:
            return False
        return self.profile is None or self.profile.count_in_totals

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


def _standing_of(events: Iterable[StageEvent]) -> Standing:
    return standing(Step(e.kind, e.occurred_on) for e in events if not e.planned)


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

    @property
    def is_followed(self) -> bool:
        """True when the rungs are recorded: a headline rung is set, or anything stands on one.

        Of a commitment that is not followed only terms are on record; nobody
        looked for its selections and payments, so nothing is said of them.
        """
        return self.terms.term("headline_rung") is not None or bool(
            self._decided or self.plan or self.financings or self.notices or self._cells
        )

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
            .filter(project__commitment=commitment)
            .exclude(relation=ProjectLink.Relation.RELATED)
            .select_related("other")
        )
        continued, merged = (
            {link.project_id: link for link in links if link.relation == relation}
            for relation in (ProjectLink.Relation.CONTINUED_AS, ProjectLink.Relation.MERGED_INTO)
        )
        records = [
            ProjectRecord(
                project=found[0].project,
                profile=profiles.get(pk),
                events=tuple(found),
                standing=_standing_of(found),
                amounts=self._amounts_of(found[0].project.slug, DECIDED),
                said=self._amounts_of(found[0].project.slug, SAID),
                continued_as=continued[pk].other.slug if pk in continued else None,
                merged_into=merged[pk].other.slug if pk in merged else None,
                merged_on=merged[pk].true_since if pk in merged else None,
            )
            for pk, found in events.items()
        ]
        return sorted(records, key=lambda record: record.slug)

    def _amounts_of(self, slug: str, names: Iterable[str]) -> dict[str, Judged]:
        """The judged dollars of a project by what follows `amount.` in their aspect."""
        keys = {name: (f"project:{slug}", f"amount.{name}", "usd") for name in names}
        return {name: self._judged[key] for name, key in keys.items() if key in self._judged}

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

    def signed_amounts(self, ref: str) -> Iterator[tuple[str, Judged]]:
        """What is claimed of a financing's amount: in dollars, and in yen where that is."""
        for currency in ("USD", "JPY"):
            judged = self.judged(f"financing:{ref}", "amount.signed", currency.lower())
            if currency == "USD" or judged.used or judged.others:
                yield currency, judged

    @cached_property
    def notices(self) -> list[FundingNotice]:
        return list(
            FundingNotice.objects.current(self.point)
            .filter(commitment=self.commitment)
            .select_related("project", "instrument", "document")
        )

    @cached_property
    def notice_records(self) -> list[NoticeRecord]:
        """The notices with their standing, each window as it was recorded."""
        return self.notices_under(None)

    def notices_under(self, calendar: Calendar | None) -> list[NoticeRecord]:
        """The notices with their standing, their windows computed anew under a calendar."""
        if not self.notices:
            return []
        return notice_records(
            self.notices,
            self._receipts,
            {
                record.slug: record.amounts["selected"].bounds
                for record in self.projects
                if record.standing.is_selected and "selected" in record.amounts
            },
            as_of=self.point.as_of,
            calendar=calendar,
        )

    @cached_property
    def _receipts(self) -> dict[int, tuple[Receipt, ...]]:
        return receipts_of(self.entries())

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
        if rung not in self._members:
            self._members[rung] = self._members_on(rung)
        return self._members[rung]

    @cached_property
    def _members(self) -> dict[str, list[Member]]:
        return {}

    def _members_on(self, rung: str) -> list[Member]:
        if rung in DECIDED:
            return [self._project_member(p, rung) for p in self.projects if _stands(p, rung, self)]
        if rung == "signed":
            return [self._financing_member(financing) for financing in self.financings]
        if rung == "guaranteed":
            return [self._cover_member(cover) for cover in self.covers]
        if rung not in RUNGS:
            raise ValueError(f"“{rung}” is no rung; rungs are never added together")
        return self._money_members(rung, self.projects)

    def members_by(self, rung: str, day: date) -> list[Member]:
        """The amounts that stood on a rung of decisions or signatures on a day up to as_of.

        Made from the rows of this point: no read but one, where cash moved in a
        project that its events leave in consultation.
        """
        if rung == "signed":
            signed = [f for f in self.financings if f.signed_on is None or f.signed_on <= day]
            return [self._financing_member(financing, day) for financing in signed]
        past = [p for p in (self._project_by(p, day) for p in self._decided) if p.events]
        return [self._project_member(p, rung) for p in past if _stands(p, rung, self)]

    def changed_on(self, *rungs: str) -> list[date]:
        """The days up to as_of on which what stands on some rungs may have changed."""
        days = {day for days in self._days_of.values() for day in days}
        if "signed" in rungs:
            for financing in self.financings:
                judged = self.judged(f"financing:{financing.ref}", "amount.signed")
                days |= judged.changed_on
                days |= {financing.signed_on} if financing.signed_on else set()
        return sorted(day for day in days if day <= self.point.as_of)

    @cached_property
    def _days_of(self) -> dict[str, list[date]]:
        """The days on which each project's own record changed, oldest first."""
        return {
            project.slug: sorted(project.changed_on | set(self._money_stages.get(project.slug, {})))
            for project in self._decided
        }

    @cached_property
    def _versions(self) -> dict[tuple[str, int], ProjectRecord]:
        return {}

    def _project_by(self, project: ProjectRecord, day: date) -> ProjectRecord:
        """A project on an earlier day; each of its versions is made once."""
        number = bisect_right(self._days_of[project.slug], day)
        if (project.slug, number) not in self._versions:
            past = project.on(day)
            stages = self._money_stages.get(project.slug, {})
            reached = [stage for on, stage in stages.items() if on <= day]
            raised = _raised(past.standing, max(reached, key=ORDER.index, default=None))
            self._versions[project.slug, number] = replace(past, standing=raised)
        return self._versions[project.slug, number]

    @cached_property
    def _money_stages(self) -> dict[str, dict[date, Stage]]:
        """Of projects whose money is ahead of their events, the days that raised their stage."""
        events = {p.slug: p.standing.stage for p in self._decided}
        ahead = {
            p.slug
            for p in self.projects
            if p.standing.stage != events[p.slug] and not p.standing.is_selected
        }
        stages: dict[str, dict[date, Stage]] = {}
        if not ahead:
            return stages
        for notice in self.notices:
            if notice.project.slug in ahead and not is_declined(notice, self.point.as_of):
                stages.setdefault(notice.project.slug, {})[notice.received_on] = Stage.NOTICED
        entries = self.entries().filter(project__slug__in=ahead).order_by("kind")
        for slug, kind, first in entries.values_list("project__slug", "kind").annotate(
            Min("value_date")
        ):
            stages.setdefault(slug, {})[first] = Stage(RUNG_OF_KIND[kind])
        return stages

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
                is_approximate=judged.is_approximate,
            ),
            project=record.slug,
            sector=record.sector,
            state=record.state,
            claims=judged,
            projects=(record.slug,),
            states=record.states,
        )

    def _financing_member(self, financing: Financing, day: date | None = None) -> Member:
        judged = self.judged(f"financing:{financing.ref}", "amount.signed")
        judged = judged if day is None else judged.on(day)
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
                note=financing.note_at(self.point.as_of),
                is_approximate=judged.is_approximate,
            ),
            project=_the_one(slugs),
            sector=_the_one([r.sector for r in records]),
            instrument=financing.instrument.slug,
            state=_the_one([r.state for r in records]),
            claims=judged,
            projects=tuple(slugs),
            sectors=tuple(r.sector for r in records),
            states=tuple(code for r in records for code in r.states),
        )

    def _cover_member(self, cover: Cover) -> Member:
        """The cover of a financing belongs where the financing does, as a guarantee."""
        stated = Bounds() if cover.amount_usd is None else exactly(cover.amount_usd)
        row = Row(
            label=str(cover.insurer),
            kind="cover",
            ref=cover.ref,
            bounds=stated,
            documents=_slugs([cover.document]),
            on=cover.in_force_on,
        )
        covered = self._financing_by_root.get(cover.financing_id)
        if covered is None:
            return Member(row=row, instrument="guarantee")
        return replace(
            self._financing_member(covered), row=row, instrument="guarantee", claims=NOBODY
        )

    @cached_property
    def _financing_by_root(self) -> dict[int, Financing]:
        return {financing.root_key: financing for financing in self.financings}

    def _money_members(self, rung: str, records: Iterable[ProjectRecord]) -> list[Member]:
        places = {record.slug: record for record in records}
        if rung == "noticed":
            called = [n for n in self.notices if not is_declined(n, self.point.as_of)]
            return [self._notice_member(notice, places) for notice in called]
        members = [self._cash_member(cell) for cell in self._cells if cell["rung"] == rung]
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
        """Cash by project, instrument and kind: from the roll-ups where they may answer.

        While no cash moved after as_of the totals answer. Else whole months are
        summed, and the month of as_of is added from the ledger unless no cash
        moved in it after as_of: then its row holds nothing else.
        """
        if not self._daily:
            return []
        last = Max("last_value_date")
        if self._next_cash_on is None:
            cells = list(_cells_of(self._of_projects(LedgerProject), last=last))
            return cells or list(_cells_of(self.entries(), last=Max("value_date")))
        month = self.point.as_of.replace(day=1)
        is_month_closed = self._next_cash_on > last_day_of_month(month)
        upto = Q(month__lte=month) if is_month_closed else Q(month__lt=month)
        cells = list(_cells_of(self._of_projects(LedgerMonth).filter(upto), last=last))
        if not cells:
            return list(_cells_of(self.entries(), last=Max("value_date")))
        if not is_month_closed:
            recent = self.entries().filter(value_date__gte=month)
            cells = _joined([*cells, *_cells_of(recent, last=Max("value_date"))])
        return cells

    @cached_property
    def _next_cash_on(self) -> date | None:
        """The first day after as_of on which cash moved; None while there is none."""
        later = LedgerDay.objects.filter(
            commitment=self.commitment, value_date__gt=self.point.as_of
        )
        first: date | None = later.aggregate(first=Min("value_date"))["first"]
        return first

    def _of_projects(self, rollup: type[LedgerMonth] | type[LedgerProject]) -> QuerySet[Any]:
        return self._kept(rollup).filter(project__commitment=self.commitment)

    def _kept(
        self, rollup: type[LedgerDay] | type[LedgerMonth] | type[LedgerProject]
    ) -> QuerySet[Any]:
        """The rows of a roll-up while nothing is posted after the point, else none.

        A roll-up answers for the newest revision only. Whether the point's is
        still that is asked in the statement that reads the rows, so a posting
        between two statements cannot slip into a figure; where none come back
        the ledger, which knows every revision, is summed instead.
        """
        if self.point.published_by is not None:
            return rollup.objects.none()
        later = Revision.objects.filter(number__gt=self.point.revision)
        return rollup.objects.filter(~Exists(later), kind__in=RUNG_OF_KIND)

    def entries(self) -> Any:
        """The ledger entries on a cash rung that count at the point."""
        return LedgerEntry.objects.known(self.point).filter(
            commitment=self.commitment, kind__in=RUNG_OF_KIND, value_date__lte=self.point.as_of
        )

    def _cash_member(self, cell: Mapping[str, Any]) -> Member:
        return Member(
            row=Row(
                label=cell["project__name"],
                kind="ledger",
                ref=f"{cell['project__slug']}:{cell['instrument__slug']}:{cell['kind']}",
                bounds=exactly(cell["total"]),
                on=cell["last"],
            ),
            project=cell["project__slug"],
            instrument=cell["instrument__slug"],
        )

    @cached_property
    def investments(self) -> list[Investment]:
        """The investments that money moved in, by project, read by the default convention."""
        return investments_of(self.commitment, self.point, Convention(), self.terms)

    def daily(self, rung: str) -> list[tuple[date, Decimal]]:
        """Net cash of each value date on a cash rung up to as_of, oldest first."""
        return self._daily.get(rung, [])

    @cached_property
    def _daily(self) -> dict[str, list[tuple[date, Decimal]]]:
        kept = self._kept(LedgerDay).filter(
            commitment=self.commitment, value_date__lte=self.point.as_of
        )
        days = list(kept.order_by("value_date").values_list("kind", "value_date", "amount_usd"))
        if not days:
            summed = self.entries().order_by("value_date").values_list("kind", "value_date")
            days = list(summed.annotate(Sum("amount_usd")))
        sums: dict[str, dict[date, Decimal]] = {}
        for kind, day, amount in days:
            series = sums.setdefault(RUNG_OF_KIND[kind], {})
            series[day] = series.get(day, Decimal(0)) + amount
        return {rung: list(series.items()) for rung, series in sums.items()}

    @cached_property
    def sector_mappings(self) -> tuple[SectorMapping, ...]:
        """Which of the register's sectors each published row of shares speaks of."""
        return tuple(SectorMapping.objects.current(self.point))

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


_CELL = ("project__slug", "project__name", "instrument__slug", "kind")


def _cells_of(rows: QuerySet[Any], *, last: Max) -> Iterable[dict[str, Any]]:
    """Sum rows of a roll-up or of the ledger by cell, in the order of their keys."""
    sums = rows.order_by(*_CELL).values(*_CELL).annotate(total=Sum("amount_usd"), last=last)
    return ({**cell, "rung": RUNG_OF_KIND[cell["kind"]]} for cell in sums)


def _joined(cells: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up what two reads say of the same cell."""
    whole: dict[tuple[str, ...], dict[str, Any]] = {}
    for cell in cells:
        key = tuple(cell[name] for name in _CELL)
        known = whole.get(key)
        if known is not None:
            total, last = known["total"] + cell["total"], max(known["last"], cell["last"])
            cell = {**cell, "total": total, "last": last}
        whole[key] = cell
    return [whole[key] for key in sorted(whole)]


def _stands(project: ProjectRecord, rung: str, record: CommitmentRecord) -> bool:
    """Whether a project's amount stands on a rung of decisions at the point.

    A candidate is open until a project that continues it is firmer, or was
    declined, withdrawn or cancelled: then it was decided with that project.
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
    heir = record.by_slug.get(project.continued_as or "")
    return heir is None or heir.standing.stage in (None, Stage.REPORTED, Stage.CANDIDATE)


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
    return replace(member, sector=record.sector, state=record.state, states=record.states)


def _the_one(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else NOT_STATED


def _slugs(documents: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(d.slug for d in documents if d is not None))
