"""Some projects as they stood as of one revision after another, each kind of fact read once."""

from collections.abc import Collection, Mapping
from functools import cached_property
from math import inf
from typing import Any

from django.db.models import QuerySet

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Ruling, RulingClaim
from commitments.models.revisions import known_by
from commitments.selectors import is_true_by, judgements
from projects.models import Project, ProjectLink, ProjectProfile, StageEvent
from projects.selectors.projects import ProjectRecord, project_records


class Versions:
    """Facts of one kind in all their versions known at a point: what holds on its day.

    They keep the order in which they are read.
    """

    def __init__(self, rows: QuerySet[Any], point: PointInTime) -> None:
        self.rows, self.day = list(rows.filter(known_by(point))), point.as_of
        self._until = {row.supersedes_id: row.revision_id for row in self.rows}

    def at(self, revision: int) -> list[Any]:
        """What held as of a revision."""
        return [
            row
            for row in self.rows
            if row.revision_id <= revision < self._until.get(row.pk, inf)
            and not row.withdrawn
            and is_true_by(row, self.day)
        ]


class ProjectHistory:
    """Some projects with what was selected of them, on the day of a point as of any revision.

    Six queries, whatever the number of projects and revisions.
    """

    def __init__(self, projects: Collection[int], point: PointInTime) -> None:
        self.projects, self.point = projects, point
        self._read: dict[int, Mapping[int, ProjectRecord]] = {}

    def at(self, revision: int) -> Mapping[int, ProjectRecord]:
        """The projects with an event as of a revision, by primary key; their stage by events alone."""
        if revision not in self._read:
            rulings = {ruling.pk for ruling in self._rulings.at(revision)}
            links = [link for link in self._named if link.ruling_id in rulings]
            records = project_records(
                self._events.at(revision),
                self._profiles.at(revision),
                self._links.at(revision),
                judgements(self._claims.at(revision), links),
            )
            self._read[revision] = {record.project.pk: record for record in records}
        return self._read[revision]

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

    def _of(self, rows: QuerySet[Any]) -> Versions:
        return Versions(rows.filter(project__in=self.projects), self.point)

    @cached_property
    def _subjects(self) -> list[str]:
        slugs = Project.objects.filter(pk__in=self.projects).values_list("slug", flat=True)
        return [f"project:{slug}" for slug in slugs]

    @cached_property
    def _claims(self) -> Versions:
        return Versions(Claim.objects.filter(subject__in=self._subjects), self.point)

    @cached_property
    def _rulings(self) -> Versions:
        return Versions(Ruling.objects.filter(subject__in=self._subjects), self.point)

    @cached_property
    def _named(self) -> list[RulingClaim]:
        links = RulingClaim.objects.filter(ruling__in=[r.pk for r in self._rulings.rows])
        return list(links.select_related("ruling"))
