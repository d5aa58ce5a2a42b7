"""Some projects, their notices and agreements as of any revision, each kind of fact read once."""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Ruling, RulingClaim
from commitments.models.revisions import known_by
from commitments.selectors import Judged, Judgements, is_true_by, judgements
from projects.models import (
    Financing,
    FundingNotice,
    LedgerEntry,
    Project,
    ProjectLink,
    ProjectProfile,
    StageEvent,
)
from projects.selectors.members import NOBODY
from projects.selectors.projects import ProjectRecord, project_records


class Versions:
    """Facts of one kind in all their versions known at a point: what holds on its day.

    They keep the order in which they are read.
    """

    def __init__(self, rows: QuerySet[Any], point: PointInTime) -> None:
        known = known_by(point)
        newer = rows.model._base_manager.filter(known, supersedes=OuterRef("pk"))
        until = Subquery(newer.values("revision")[:1])
        self.rows, self.day = list(rows.filter(known).annotate(until=until)), point.as_of

    def at(self, revision: int) -> list[Any]:
        """What held as of a revision."""
        return [
            row
            for row in self.rows
            if row.revision_id <= revision
            and (row.until is None or revision < row.until)
            and not row.withdrawn
            and is_true_by(row, self.day)
        ]

    @property
    def revisions(self) -> set[int]:
        """Those as of which something began to hold, or held no more."""
        return {n for row in self.rows for n in (row.revision_id, row.until) if n is not None}


class ProjectHistory:
    """What was selected, called and signed of some projects, on the day of a point.

    As of any revision up to the point's own; the number of queries does not grow
    with the projects or the revisions.
    """

    def __init__(self, projects: Collection[int], point: PointInTime) -> None:
        self._projects, self._point = projects, point
        self._read: dict[int, Mapping[int, ProjectRecord]] = {}
        self._figures: dict[int, Judgements] = {}
        self._days: dict[int, list[date]] = {}
        self._past: dict[tuple[int, int], ProjectRecord] = {}

    def at(self, revision: int) -> Mapping[int, ProjectRecord]:
        """The projects with an event as of a revision, by primary key; their stage by events alone."""
        if revision not in self._read:
            records = project_records(
                self._events.at(revision),
                self._profiles.at(revision),
                self._links.at(revision),
                self._judged(revision),
            )
            self._read[revision] = {record.project.pk: record for record in records}
        return self._read[revision]

    def by(self, record: ProjectRecord, day: date) -> ProjectRecord:
        """One of the projects read here, on an earlier day; made once for days alike."""
        days = self._days.setdefault(id(record), sorted(record.changed_on))
        key = (id(record), bisect_right(days, day))
        if key not in self._past:
            self._past[key] = record.on(day)
        return self._past[key]

    def notices(self, revision: int) -> list[FundingNotice]:
        """The notices on the projects, in the order of their newest versions."""
        return self._notices.at(revision)

    def called(self, project: int, revision: int) -> Decimal:
        """The dollars that the notices of a project call."""
        notices = (n for n in self.notices(revision) if n.project_id == project)
        return sum((notice.amount_called for notice in notices), Decimal(0))

    def funded(self, project: int, revision: int) -> Decimal:
        """The most dollars that a project was funded with as of any revision up to one."""
        sums, most = Decimal(0), Decimal(0)
        for pk, posted, amount in self._funding:
            if pk == project and posted <= revision:
                sums += amount
                most = max(most, sums)
        return most

    def agreements(self, revision: int) -> list[tuple[Financing, frozenset[int], Judged]]:
        """Each agreement for some of the projects, with all it is for and what it is signed for."""
        judged = self._judged(revision)
        return [
            (
                financing,
                frozenset(project.pk for project in financing.projects.all()),
                judged.get((f"financing:{financing.ref}", "amount.signed", "usd"), NOBODY),
            )
            for financing in self._financings.at(revision)
        ]

    def signed(self, revision: int) -> list[tuple[frozenset[int], Decimal]]:
        """The projects of each agreement for some of them, with the most dollars it is signed for."""
        return [(own, signed_at_most(judged)) for _of, own, judged in self.agreements(revision)]

    @property
    def revisions(self) -> list[int]:
        """Those by which something of the projects changed, oldest first."""
        read = (self._events, self._profiles, self._links, self._claims, self._rulings)
        return sorted(
            {n for rows in (*read, self._notices, self._financings) for n in rows.revisions}
        )

    def _judged(self, revision: int) -> Judgements:
        if revision not in self._figures:
            self._figures[revision] = self._judge(revision)
        return self._figures[revision]

    def _judge(self, revision: int) -> Judgements:
        rulings = {ruling.pk for ruling in self._rulings.at(revision)}
        links = [link for link in self._named if link.ruling_id in rulings]
        return judgements(self._claims.at(revision), links)

    @cached_property
    def _events(self) -> Versions:
        return self._of(StageEvent.objects.select_related("project"))

    @cached_property
    def _profiles(self) -> Versions:
        return self._of(ProjectProfile.objects.order_by("effective_on", "pk"))

    @cached_property
    def _links(self) -> Versions:
        links = ProjectLink.objects.exclude(relation=ProjectLink.Relation.RELATED)
        return self._of(links.select_related("other"))

    @cached_property
    def _notices(self) -> Versions:
        return self._of(FundingNotice.objects.select_related("supersedes").order_by("pk"))

    @cached_property
    def _funding(self) -> list[tuple[int, int, Decimal]]:
        """What each revision brought of funding to each project, oldest first."""
        entries = LedgerEntry.objects.filter(project__in=self._projects, kind="funding").order_by()
        summed = entries.values_list("project_id", "revision_id").annotate(Sum("amount_usd"))
        return sorted(summed, key=lambda row: row[1])

    def _of(self, rows: QuerySet[Any]) -> Versions:
        return Versions(rows.filter(project__in=self._projects), self._point)

    @cached_property
    def _financings(self) -> Versions:
        named = Financing.objects.filter(projects__in=self._projects).values("pk")
        rows = Financing.objects.filter(pk__in=named).order_by("pk")
        rows = rows.select_related("supersedes").prefetch_related("projects")
        return Versions(rows, self._point)

    @cached_property
    def _claims(self) -> Versions:
        return Versions(Claim.objects.filter(subject__in=self._subjects), self._point)

    @cached_property
    def _rulings(self) -> Versions:
        return Versions(Ruling.objects.filter(subject__in=self._subjects), self._point)

    @cached_property
    def _named(self) -> list[RulingClaim]:
        links = RulingClaim.objects.filter(ruling__in=[r.pk for r in self._rulings.rows])
        return list(links.select_related("ruling"))

    @cached_property
    def _subjects(self) -> list[str]:
        slugs = Project.objects.filter(pk__in=self._projects).values_list("slug", flat=True)
        refs = {financing.ref for financing in self._financings.rows}
        return [*(f"project:{slug}" for slug in slugs), *(f"financing:{ref}" for ref in refs)]


def signed_at_most(judged: Judged) -> Decimal:
    """The high end of what is signed, or what it is at least; not stated is none."""
    bounds = judged.bounds
    return (bounds.low if bounds.high is None else bounds.high) or Decimal(0)
