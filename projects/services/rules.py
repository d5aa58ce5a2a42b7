"""What must hold once a revision is posted: events in order, amounts within their limits.

Rules look at what the revision wrote. A fact that carries an override reason,
which only an administrator can propose, is let through.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Revision
from commitments.services.register import Refusal
from projects.calculations.stages import Misstep, Step, missteps
from projects.models import ClosedPeriod, FundingNotice, LedgerEntry, Project, StageEvent
from projects.selectors import CommitmentRecord
from projects.services.decisions import evidence_fault, evidence_words, newest_point
from projects.services.limits import cash_problems, noticed_totals


def events_in_order(revision: Revision) -> list[Refusal]:
    """Refuse events out of order, and events of days to come that are not marked planned."""
    today = business_day(revision.recorded_at)
    posted = StageEvent.objects.filter(revision=revision)
    touched = set(posted.values_list("project_id", flat=True))
    refusals = [
        Refusal("stageevent", event.ref, "occurred_on", _("lies in the future: mark it planned"))
        for event in posted.filter(planned=False, withdrawn=False, occurred_on__gt=today)
    ]
    for slug, steps in _steps_of(touched).items():
        refusals += [
            Refusal("stageevent", slug, "kind", words) for words in map(_words, missteps(steps))
        ]
    return refusals


def _steps_of(projects: Collection[int]) -> dict[str, list[Step]]:
    events = (
        StageEvent.objects.heads()
        .filter(project__in=projects, withdrawn=False, planned=False)
        .select_related("project")
    )
    steps: dict[str, list[Step]] = {}
    for event in events:
        step = Step(event.kind, event.occurred_on, forced=bool(event.override_reason))
        steps.setdefault(event.project.slug, []).append(step)
    return steps


def _words(misstep: Misstep) -> str:
    given = {
        "kind": StageEvent.Kind(misstep.step.kind).label,
        "day": misstep.step.on,
        "stages": ", ".join(sorted(misstep.stages)),
    }
    if misstep.code == "ended":
        return _("“%(kind)s” of %(day)s: the project had ended (%(stages)s)") % given
    if misstep.code == "selected":
        return _("“%(kind)s” of %(day)s: a selected project is cancelled, not declined") % given
    return _("“%(kind)s” of %(day)s: none of these was reached before: %(stages)s") % given


def steps_evidenced(revision: Revision) -> list[Refusal]:
    """Refuse events without the document their kind needs; planned ones make nothing true yet."""
    posted = StageEvent.objects.filter(
        revision=revision, withdrawn=False, planned=False, override_reason=""
    ).select_related("document", "project__commitment")
    refusals = []
    for event in posted:
        document, fictional = event.document, event.project.commitment.illustrative
        if document is not None and not evidence_fault(
            event.kind, document, illustrative=fictional
        ):
            continue
        words = _("“%(kind)s” needs %(evidence)s.") % {
            "kind": event.get_kind_display(),
            "evidence": evidence_words(event.kind),
        }
        refusals.append(Refusal("stageevent", event.ref, "document", words))
    return refusals


def notices_within_selected(revision: Revision) -> list[Refusal]:
    """Refuse notices that take a project's noticed amount beyond the high end of its selection."""
    posted = FundingNotice.objects.filter(
        revision=revision, withdrawn=False, declined_on=None, override_reason=""
    )
    touched = set(posted.values_list("project_id", flat=True))
    point = newest_point(business_day(revision.recorded_at))
    return list(beyond_selected(touched, point)) if touched else []


def beyond_selected(projects: Collection[int], point: PointInTime) -> Iterable[Refusal]:
    """Yield the projects whose notices call more than is selected of them at a point."""
    found = Project.objects.filter(pk__in=projects).select_related("commitment")
    records = {p.commitment_id: CommitmentRecord(p.commitment, point) for p in found}
    noticed = noticed_totals(projects, held=True)
    for project in (p for p in found if noticed.get(p.pk)):
        record = records[project.commitment_id].by_slug.get(project.slug)
        selected = record is not None and record.standing.is_selected
        judged = record.amounts.get("selected") if record else None
        called = noticed.get(project.pk, Decimal(0))
        if not selected:
            words = _("the project is not selected, so nothing of it can be called")
            yield Refusal("fundingnotice", project.slug, "project", words)
        elif judged and judged.bounds.high is not None and called > judged.bounds.high:
            words = _("noticed %(called)s USD, but selected at most %(most)s USD")
            given = {"called": f"{called:,.2f}", "most": f"{judged.bounds.high:,.2f}"}
            yield Refusal("fundingnotice", project.slug, "amount_usd", words % given)


def cash_within_limits(revision: Revision) -> list[Refusal]:
    """Refuse cash beyond what was called, and payments beyond what came in.

    Looks at every project whose entries or notices the revision touched, so a
    notice corrected below what came in on it is refused as well.
    """
    touched = {
        pk
        for model in (LedgerEntry, FundingNotice)
        for pk in model.objects.filter(revision=revision)
        .order_by()
        .values_list("project_id", flat=True)
        .distinct()
    }
    return [
        Refusal("ledgerentry", over.what, "amount_usd", over.words)
        for over in cash_problems(touched)
    ]


def periods_are_over(revision: Revision) -> list[Refusal]:
    """Refuse to close a period that has not ended."""
    today = business_day(revision.recorded_at)
    posted = ClosedPeriod.objects.filter(revision=revision, withdrawn=False, ends_on__gte=today)
    words = _("is not over: only a period that has ended can be closed")
    return [Refusal("closedperiod", period.ref, "ends_on", words) for period in posted]


ALL = (
    events_in_order,
    steps_evidenced,
    notices_within_selected,
    cash_within_limits,
    periods_are_over,
)
