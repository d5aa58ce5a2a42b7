"""What waits for a person: the queues the admin opens on."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import ApprovalCase, Job, Revision
from commitments.services.cases import DECIDE, EDIT

LONGEST = 10


@dataclass(frozen=True)
class Waiting:
    """One line of a queue: what it is, since when, and where it is dealt with."""

    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class Queue:
    """A queue with its first lines, and how many wait in all."""

    title: str
    empty: str
    lines: tuple[Waiting, ...]
    count: int


def queues_for(user: Any) -> list[Queue]:
    """The queues a person can act on or read, in the order of the desk."""
    queues = []
    if user.has_perm(DECIDE):
        submitted = ApprovalCase.objects.filter(state=ApprovalCase.State.SUBMITTED)
        queues.append(
            _cases(_("To approve"), _("No case waits for you."), submitted.exclude(created_by=user))
        )
    if user.has_perm(EDIT):
        own = ApprovalCase.objects.filter(created_by=user)
        returned = own.filter(state=ApprovalCase.State.RETURNED)
        drafts = own.filter(state=ApprovalCase.State.DRAFT)
        queues.append(_cases(_("Returned to you"), _("Nothing was returned to you."), returned))
        queues.append(_cases(_("Your drafts"), _("You have no draft."), drafts))
    if user.has_perm("commitments.view_job"):
        queues.append(_dead_jobs())
    if user.has_perm("commitments.view_revision"):
        queues.append(_last_load())
    return queues


def _cases(title: str, empty: str, cases: Any) -> Queue:
    shown = cases.select_related("created_by").order_by("submitted_at", "pk")[:LONGEST]
    return Queue(
        title,
        empty,
        tuple(
            Waiting(
                label=case.title,
                detail=case.decision_reason or str(case.created_by),
                url=reverse("admin:commitments_approvalcase_change", args=[case.pk]),
            )
            for case in shown
        ),
        cases.count(),
    )


def _dead_jobs() -> Queue:
    dead = Job.objects.filter(state=Job.State.DEAD)
    lines = tuple(
        Waiting(job.key, job.last_error, reverse("admin:commitments_job_change", args=[job.pk]))
        for job in dead[:LONGEST]
    )
    return Queue(_("Failed jobs"), _("No job has failed for good."), lines, dead.count())


def _last_load() -> Queue:
    loads = Revision.objects.filter(kind=Revision.Kind.LOAD)
    lines = tuple(
        Waiting(
            label=f"{load}: {load.reason}",
            detail=f"{load.recorded_at:%Y-%m-%d %H:%M} UTC",
            url=reverse("admin:commitments_revision_change", args=[load.pk]),
        )
        for load in loads[:1]
    )
    return Queue(_("Last load"), _("Nothing has been loaded yet."), lines, 0)
