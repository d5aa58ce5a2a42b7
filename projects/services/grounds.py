"""What money rests on: a project on record that was selected, an agreement that stands, days over.

Rules of posting, as in `rules`. A public reason sets the want of a selection aside, never that
of any step at all: money would stand on a project that no page shows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import (
    Claim,
    Commitment,
    Contradiction,
    Document,
    Gap,
    InstitutionStatement,
    Reaction,
    Revision,
    Ruling,
    StanceCoding,
    Term,
)
from commitments.selectors import terms_of
from commitments.services.evidence_rules import judged_anew
from commitments.services.register import Refusal
from projects.calculations.stages import REQUIREMENTS, Stage
from projects.models import (
    Cover,
    Financing,
    FundingNotice,
    LedgerEntry,
    ProjectLink,
    ProjectProfile,
    StageEvent,
    Valuation,
)
from projects.selectors import CommitmentRecord, ProjectRecord
from projects.services.decisions import (
    BINDING,
    MONEY_WORDS,
    evidence_fault,
    evidence_words,
    newest_point,
    start_fault,
)
from projects.services.limits import HELD, LIMITED, STANDING

SIGNING = StageEvent.Kind.FINANCING_SIGNED
SELECTING = [kind for kind, need in REQUIREMENTS.items() if need.stage == Stage.SELECTED]
# Facts that hold from a day on which they were said or done. Steps, notices, entries and covers
# are held to their days beside their other rules; what is agreed, planned or due (terms,
# baselines, deemed rates, measures, events) may begin on a day to come.
DONE: tuple[Any, ...] = (
    *(Claim, Ruling, ProjectProfile, ProjectLink, Financing, Valuation),
    *(Contradiction, Gap, InstitutionStatement, Reaction, StanceCoding),
)
ACTS: tuple[Any, ...] = (StageEvent, FundingNotice, Cover, LedgerEntry)
FIELDS = {"document_on": "document"}  # a fact is dated by its document


def days_are_over(revision: Revision) -> list[Refusal]:
    """Refuse facts that would become true on a day to come, by no further approval."""
    today = business_day(revision.recorded_at)
    written = [model for model in DONE if revision.wrote(model)]
    return list(days_to_come(today, Q(revision=revision), written))


def days_to_come(today: date, which: Q, models: Iterable[Any] = DONE) -> Iterator[Refusal]:
    """Yield facts, among some, of days after today."""
    for model in models:
        names = list(dict.fromkeys((*model.VALID_DATES, "document_on")))
        ahead = reduce(or_, (Q(**{f"{name}__gt": today}) for name in names))
        rows = model.objects.heads().filter(which, ahead, withdrawn=False).order_by("ref")
        for ref, *days in rows.values_list("ref", *names):
            for name, day in zip(names, days, strict=True):
                if day is not None and day > today:
                    place = (str(model._meta.model_name), ref, FIELDS.get(name, name))
                    yield Refusal(*place, _("%(day)s lies in the future") % {"day": day})


def days_of_acts(revision: Revision) -> list[Refusal]:
    """Refuse acts on documents of days to come, and what binds before the agreement began.

    So is an agreement that is said to begin after them. A public reason sets aside that an act
    lies before the agreement.
    """
    today = business_day(revision.recorded_at)
    which = Q(revision=revision)
    begun = Term.objects.filter(revision=revision, key="start").order_by()
    binding = which | Q(project__commitment__in=begun.values("commitment"))
    written = [model for model in ACTS if revision.wrote(model)]
    found = list(papers_to_come(today, which, written))
    if revision.wrote(StageEvent, Term):
        found += before_start(newest_point(today), binding)
    return found


def papers_to_come(today: date, which: Q, models: Iterable[Any] = ACTS) -> Iterator[Refusal]:
    """Yield steps, notices, covers and entries, among some, on documents of days after today."""
    ahead = which & Q(document__date__gt=today)
    for model in models:
        if model is LedgerEntry:
            rows = LedgerEntry.objects.filter(STANDING, ahead)
        else:
            rows = model.objects.heads().filter(ahead, withdrawn=False)
        for ref, day in rows.order_by("ref").values_list("ref", "document__date"):
            place = (str(model._meta.model_name), ref, "document")
            yield Refusal(*place, _("%(day)s lies in the future") % {"day": day})


def before_start(point: PointInTime, which: Q) -> Iterator[Refusal]:
    """Yield selections and signings, among some, of days before their commitment's agreement."""
    events = StageEvent.objects.heads().filter(HELD, which, withdrawn=False, planned=False)
    binding = events.filter(kind__in=BINDING).order_by("ref")
    starts: dict[Commitment, date | None] = {}
    for event in binding.select_related("project__commitment"):
        of = event.project.commitment
        if of not in starts:
            starts[of] = terms_of(of, point).day("start")
        if words := start_fault(event.kind, event.occurred_on, starts[of]):
            yield Refusal("stageevent", event.ref, "occurred_on", words)


def agreements_evidenced(revision: Revision) -> list[Refusal]:
    """Refuse agreements and covers without the document they need, or that a relabelled one was,
    and agreements for no project.
    """
    if not revision.wrote(Financing, Cover, Document):
        return []
    anew = judged_anew(revision)
    agreed = Financing.objects.heads().filter(anew)
    unheld = Financing.objects.filter(revision=revision, withdrawn=False, projects=None)
    words = _("is required")  # what is signed is held to what is selected of these
    return [
        *unevidenced_agreements(agreed, Cover.objects.heads().filter(anew)),
        *(
            Refusal("financing", ref, "projects", words)
            for ref in unheld.values_list("ref", flat=True)
        ),
    ]


def unevidenced_agreements(
    agreed: QuerySet[Financing], covers: QuerySet[Cover]
) -> Iterator[Refusal]:
    """Yield those of some agreements and covers that rest on no document of a kind they need."""
    signed = agreed.filter(HELD, withdrawn=False).select_related("document", "commitment")
    insured = covers.filter(withdrawn=False).select_related("document", "financing__commitment")
    listed: list[tuple[str, str, Any, Any]] = [
        *(("financing", SIGNING, one, one.commitment) for one in signed.order_by("ref")),
        *(("cover", "cover", one, one.financing.commitment) for one in insured.order_by("ref")),
    ]
    for kind, needs, one, commitment in listed:
        fictional = commitment.illustrative
        if one.document is None or evidence_fault(needs, one.document, illustrative=fictional):
            words = _("“%(kind)s” needs %(evidence)s.") % {
                "kind": MONEY_WORDS["cover"] if kind == "cover" else SIGNING.label,
                "evidence": evidence_words(needs),
            }
            yield Refusal(kind, one.ref, "document", words)


@dataclass(frozen=True)
class _Money:
    """Money of one project: by which record, since when, and whether a reason lets it stand."""

    kind: str
    ref: str
    project: int
    slug: str
    day: date | None
    forced: bool
    posted: bool


def money_on_selected(revision: Revision) -> list[Refusal]:
    """Refuse agreements and cash on a project before its selection, and money before any step.

    That is also a selection taken back, or moved to a later day, while they stand.
    """
    touched = Q(revision=revision)
    steps = StageEvent.objects.filter(touched).order_by("pk")
    columns = ("project_id", "supersedes__project_id", "ref")
    listed = steps.values_list(*columns)
    places = {pk: ref for *pks, ref in listed for pk in pks if pk is not None}
    projects = set(places)
    for model, name in ((Financing, "projects"), (FundingNotice, "project")):
        rows = model.objects.filter(touched, withdrawn=False).order_by()
        projects |= set(rows.values_list(name, flat=True).distinct()) - {None}
    entries = LedgerEntry.objects.filter(touched, STANDING).order_by()
    projects |= set(entries.values_list("project", flat=True).distinct())
    return list(ungrounded(projects, revision, places))


def ungrounded(
    projects: Collection[int],
    revision: Revision | None = None,
    places: Mapping[int, str] = MappingProxyType({}),
) -> Iterator[Refusal]:
    """Yield the money of some projects that stands before their selection, or before any step.

    What the revision did not post is told where a step of it, by project in `places`, left it
    so; a reason of before sets no step aside that was taken from under it since.
    """
    if not projects:
        return
    events = StageEvent.objects.heads().filter(project__in=projects, withdrawn=False, planned=False)
    listed = events.order_by().values_list("project")
    first = dict(listed.annotate(Min("occurred_on")))
    selected = dict(listed.filter(kind__in=SELECTING).annotate(Min("occurred_on")))
    before = _selected_before(revision, places) if revision and places else {}
    for money in _money_before(projects, selected, revision):
        is_known = _is_by(first.get(money.project), money.day)
        is_lost = not money.posted and _is_by(before.get(money.project), money.day)
        excused = money.forced and not is_lost
        if is_known and (excused or _is_by(selected.get(money.project), money.day)):
            continue
        place = (money.kind, money.ref, "projects" if money.kind == "financing" else "project")
        if revision and not money.posted:
            if money.project not in places:
                continue
            place = ("stageevent", places[money.project], "kind")
        given = {"project": money.slug, "ref": money.ref, "day": money.day}
        if is_known:
            words = _("%(project)s: not selected by %(day)s, the day of %(ref)s")
            if money.day is None:
                words = _("%(project)s: not selected, and %(ref)s is signed")
            yield Refusal(*place, words % given, also=((money.kind, money.ref),))
        else:
            words = _("%(project)s: no step is on record by %(day)s, the day of %(ref)s")
            if money.day is None:
                words = _("%(project)s: no step is on record, and %(ref)s is signed")
            yield Refusal(*place, words % given)


def _selected_before(revision: Revision, projects: Collection[int]) -> dict[int, date]:
    """The days on which some projects were selected first, as the revision before had them."""
    events = StageEvent.objects.heads_at(revision.pk - 1).filter(
        project__in=projects, withdrawn=False, planned=False, kind__in=SELECTING
    )
    return dict(events.order_by().values_list("project").annotate(Min("occurred_on")))


def _is_by(step: date | None, day: date | None) -> bool:
    return step is not None and (day is None or step <= day)


def _money_before(
    projects: Collection[int], selected: Mapping[int, date], revision: Revision | None
) -> Iterator[_Money]:
    """The agreements of some projects, and what is called or paid of them before a selection.

    Notices, and what is received and paid on by them, are held to what is selected by limits of
    their own: of those what a reason let pass. Entries of projects that were selected before
    their first are not read.
    """
    number = revision.pk if revision else None
    agreed = Financing.objects.heads().filter(withdrawn=False, projects__in=projects)
    columns = ["ref", "projects", "projects__slug", "signed_on", "override_reason", "revision"]
    for ref, pk, slug, day, reason, posted in agreed.order_by("ref").values_list(*columns):
        yield _Money("financing", ref, pk, slug, day, bool(reason), posted == number)
    called = FundingNotice.objects.heads().filter(~HELD, withdrawn=False, project__in=projects)
    columns = ["ref", "project", "project__slug", "received_on", "override_reason", "revision"]
    for ref, pk, slug, day, reason, posted in called.order_by("ref").values_list(*columns):
        yield _Money("fundingnotice", ref, pk, slug, day, bool(reason), posted == number)
    paid = LedgerEntry.objects.filter(STANDING, ~HELD | ~Q(kind__in=LIMITED), project__in=projects)
    begun = paid.order_by().values_list("project").annotate(Min("value_date"))
    early = {pk for pk, day in begun if not _is_by(selected.get(pk), day)}
    columns = ["ref", "project", "project__slug", "value_date", "override_reason", "revision"]
    listed = paid.filter(project__in=early).order_by("number").values_list(*columns)
    for ref, pk, slug, day, reason, posted in listed if early else ():
        yield _Money("ledgerentry", ref, pk, slug, day, bool(reason), posted == number)


@dataclass
class Records:
    """What is on record of commitments at a point; each is read once."""

    point: PointInTime
    read: dict[int, CommitmentRecord] = field(default_factory=dict)

    def at(self, commitment: Commitment) -> CommitmentRecord:
        return self.read.setdefault(commitment.pk, CommitmentRecord(commitment, self.point))


def signed_before_an_end(revision: Revision) -> list[Refusal]:
    """Refuse new agreements for projects that had ended by their day, or are left out of the totals.

    Those on record can be corrected; what was signed before an end is no new agreement.
    """
    if not revision.wrote(Financing):
        return []
    posted = Financing.objects.filter(HELD, revision=revision, withdrawn=False)
    records = Records(newest_point(business_day(revision.recorded_at)))
    refusals = []
    for financing in posted.select_related("commitment", "supersedes").order_by("ref"):
        older = financing.supersedes
        before = {p.pk for p in older.projects.all()} if older and not older.withdrawn else set()
        for project in financing.projects.order_by("slug"):
            own = records.at(financing.commitment).by_slug.get(project.slug)
            words = _gone_by(own, financing.signed_on) if own and project.pk not in before else ""
            if words:
                also = (("financing", financing.ref),)
                refusals.append(Refusal("financing", financing.ref, "projects", words, also=also))
    return refusals


def signed_past_ends(point: PointInTime) -> Iterator[Refusal]:
    """Yield agreements on record that were entered, without a reason, for a project that had ended."""
    agreed = Financing.objects.heads().filter(HELD, withdrawn=False, signed_on__isnull=False)
    records = Records(point)
    agreed = agreed.select_related("commitment", "root").prefetch_related("projects")
    for financing in agreed.order_by("ref"):
        first = financing.root or financing
        for project in financing.projects.all():
            own = records.at(financing.commitment).by_slug.get(project.slug)
            end = own.standing.ended_on if own else None
            if own is None or end is None or financing.signed_on < end or first.override_reason:
                continue
            ends = [e for e in own.events if e.occurred_on == end]
            if first.revision_id > max(event.revision_id for event in ends):
                words = _gone_by(own, financing.signed_on)
                yield Refusal("financing", financing.ref, "projects", words)


def _gone_by(project: ProjectRecord, day: date | None) -> str:
    """Say that a project had ended, or was merged, by a day, or that it is left out of the totals."""
    given = {"project": project.slug, "other": project.merged_into}
    ended_on, merged_on = project.standing.ended_on, project.merged_on
    if ended_on is not None and (day is None or day >= ended_on):
        return _("“%(project)s” has ended") % given
    if project.merged_into and (day is None or merged_on is None or day >= merged_on):
        return _("“%(project)s” was merged into “%(other)s”") % given
    if project.is_left_out:
        return _("“%(project)s” is left out of the totals") % given
    return ""
