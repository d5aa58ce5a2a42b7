"""What waits for a person: the queues the admin opens on."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.calculations.point import PointInTime
from commitments.models import (
    ApprovalCase,
    Commitment,
    ImportBatch,
    InboxItem,
    IntakeItem,
    Job,
    Revision,
)
from commitments.selectors import Disagreement, disagreements
from commitments.services.cases import DECIDE, EDIT, ENTER
from commitments.services.intake import WORK
from dashboard import formats
from dashboard.claims import disagreement_words
from dashboard.notice_words import state_words
from projects.selectors import CommitmentRecord

LONGEST = 10
SOON = 10  # business days


@dataclass(frozen=True)
class Waiting:
    """One line of a queue: what it is, since when, and where it is dealt with, if this person may."""

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


def queues_for(user: Any, point: PointInTime) -> list[Queue]:
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
    if user.has_perm("commitments.view_inboxitem"):
        queues.append(_news())
    if user.has_perm("projects.view_fundingnotice"):
        queues.append(_due_soon(point))
    if user.has_perm("commitments.view_claim"):
        queues.append(_disagreements(point, may_rule=user.has_perm(ENTER)))
    if user.has_perm(WORK):
        queues.append(_intake())
    if user.has_perm("commitments.view_job"):
        queues.append(_dead_jobs())
    if user.has_perm("commitments.view_revision"):
        queues.append(_last_import())
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


def _last_import() -> Queue:
    """The newest file of records and the newest load, whichever there are."""
    batches = ImportBatch.objects.select_related("created_by")
    lines = [
        Waiting(
            label=f"{batch}: {batch.get_state_display()}",
            detail=f"{batch.created_by}, {batch.created_at:%Y-%m-%d %H:%M} UTC",
            url=reverse("admin:commitments_importbatch_change", args=[batch.pk]),
        )
        for batch in batches.defer("content", "report")[:1]
    ]
    lines += [
        Waiting(
            label=f"{load}: {load.reason}",
            detail=f"{load.recorded_at:%Y-%m-%d %H:%M} UTC",
            url=reverse("admin:commitments_revision_change", args=[load.pk]),
        )
        for load in Revision.objects.filter(kind=Revision.Kind.LOAD)[:1]
    ]
    return Queue(_("Last import"), _("Nothing has been loaded yet."), tuple(lines), 0)


def _news() -> Queue:
    open_items = InboxItem.objects.filter(done_at__isnull=True)
    lines = tuple(
        Waiting(
            label=item.title,
            detail=item.body,
            url=reverse("admin:commitments_inboxitem_change", args=[item.pk]),
        )
        for item in open_items[:LONGEST]
    )
    return Queue(_("News"), _("Nothing new."), lines, open_items.count())


def _due_soon(point: PointInTime) -> Queue:
    """Open notices whose day to watch lies within ten business days, or behind."""
    found = sorted(
        (
            notice
            for commitment in Commitment.objects.all()
            for notice in CommitmentRecord(commitment, point).notice_records
            if notice.standing.is_open and notice.standing.days_left <= SOON
        ),
        key=lambda notice: notice.standing.days_left,
    )
    lines = tuple(
        Waiting(
            label=f"{found_one.notice.project}, {found_one.notice.number}",
            detail=_("%(day)s: %(state)s")
            % {
                "day": formats.day(found_one.standing.watched_on),
                "state": state_words(found_one.standing)[0],
            },
            url=reverse("admin:projects_fundingnotice_change", args=[found_one.notice.pk]),
        )
        for found_one in found[:LONGEST]
    )
    return Queue(
        _("Notices due in %(days)s business days") % {"days": SOON},
        _("No open notice is due that soon."),
        lines,
        len(found),
    )


def _disagreements(point: PointInTime, *, may_rule: bool) -> Queue:
    found = [d for c in Commitment.objects.all() for d in disagreements(c, point)]
    lines = tuple(
        Waiting(
            label=label,
            detail="; ".join(str(claim.who) for claim in d.claims),
            url=ruling_address(d) if may_rule else "",
        )
        for d, label in zip(found, disagreement_words(found[:LONGEST]), strict=False)
    )
    return Queue(
        _("Sources that disagree"), _("No sources disagree without a ruling."), lines, len(found)
    )


def _intake() -> Queue:
    waiting = IntakeItem.objects.filter(state=IntakeItem.State.OPEN).order_by("pk")
    lines = tuple(
        Waiting(
            label=str(item),
            detail=f"{item.get_kind_display()}, {item.created_at:%Y-%m-%d %H:%M} UTC",
            url=reverse("admin:commitments_intakeitem_change", args=[item.pk]),
        )
        for item in waiting[:LONGEST]
    )
    return Queue(_("To read"), _("Nothing waits to be read."), lines, waiting.count())


def ruling_address(disagreement: Disagreement) -> str:
    """Where a person rules between the claims of a disagreement."""
    query = {"subject": disagreement.subject, "aspect": disagreement.aspect}
    return reverse("admin:commitments_ruling_add", query=query)
