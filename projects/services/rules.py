"""What must hold once a revision is posted: events in order, amounts within their limits.

Rules look at what the revision touched. A fact that carries an override reason,
which only an administrator can propose, is let through, and counts in the sums that
others are held to; what lowers the limit that it passes needs a reason of its own, put on
it anew, in other words: a correction of a notice keeps its reason and gives none. `standing_faults` holds all that is on record to the same rules.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import inf
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document, Revision, Ruling
from commitments.services.evidence_rules import judged_anew
from commitments.services.register import Refusal
from projects.calculations.stages import ENDS, STAGE_OF_KIND, Misstep, Stage, Step, missteps
from projects.models import (
    ClosedPeriod,
    Cover,
    Financing,
    FundingNotice,
    LedgerEntry,
    Project,
    ProjectLink,
    ProjectProfile,
    StageEvent,
)
from projects.selectors import CommitmentRecord, ProjectRecord
from projects.selectors.history import ProjectHistory
from projects.selectors.projects import selected_together
from projects.services.decisions import (
    MONEY_WORDS,
    evidence_fault,
    evidence_words,
    newest_point,
)
from projects.services.entries import stale_rates
from projects.services.grounds import (
    agreements_evidenced,
    before_start,
    covers_on_agreements,
    days_are_over,
    days_of_acts,
    days_to_come,
    money_on_selected,
    papers_to_come,
    unevidenced_agreements,
    unfounded,
    ungrounded,
)
from projects.services.limits import (
    HELD,
    LIMITED,
    STANDING,
    Call,
    calls_by_project,
    cash_problems,
    entry_beyond,
    held_calls,
    is_lowered,
)
from projects.services.requirements import STAGE_WORDS

Place = tuple[str, str, str]  # kind, key and field of what a revision posted
Stated = tuple[Bounds, int]  # an amount, and the revision by which it was replaced
MOST_UNIONS = 500
PROJECTS_OF = ("project_id", "supersedes__project_id")  # a correction may name another project


def events_in_order(revision: Revision) -> list[Refusal]:
    """Refuse events out of order, and events of days to come that are not marked planned."""
    today = business_day(revision.recorded_at)
    posted = StageEvent.objects.filter(revision=revision)
    refusals = [
        Refusal("stageevent", event.ref, "occurred_on", _("lies in the future: mark it planned"))
        for event in posted.filter(planned=False, withdrawn=False, occurred_on__gt=today)
    ]
    return refusals + list(_out_of_order(_projects_in(posted)))


def _projects_in(posted: Any) -> set[int]:
    rows = posted.order_by().values_list(*PROJECTS_OF).distinct()
    return {pk for row in rows for pk in row if pk is not None}


def _out_of_order(projects: Collection[int]) -> Iterator[Refusal]:
    """Yield the events of some projects that those before them do not allow."""
    events = (
        StageEvent.objects.heads()
        .filter(project__in=projects, withdrawn=False, planned=False)
        .order_by("project__slug", "ref")
    )
    steps: dict[int, list[Step]] = {}
    for event in events:
        forced = bool(event.override_reason)
        step = Step(event.kind, event.occurred_on, forced=forced, ref=event.ref)
        steps.setdefault(event.project_id, []).append(step)
    for listed in steps.values():
        for misstep in missteps(listed):
            ref = misstep.step.ref
            words = _words(misstep)
            yield Refusal("stageevent", ref, "kind", words, also=(("stageevent", ref),))


def _words(misstep: Misstep) -> str:
    given = {
        "kind": StageEvent.Kind(misstep.step.kind).label,
        "day": misstep.step.on,
        "stages": ", ".join(str(w) for s, w in STAGE_WORDS.items() if s in misstep.stages),
    }
    if misstep.code == "ended":
        return _("“%(kind)s” of %(day)s: the project had ended (%(stages)s)") % given
    if misstep.code == "again":
        return _("“%(kind)s” of %(day)s: the project was so already") % given
    if misstep.code == "selected":
        return _("“%(kind)s” of %(day)s: a selected project is cancelled, not declined") % given
    return _("“%(kind)s” of %(day)s: none of these was reached before: %(stages)s") % given


def steps_evidenced(revision: Revision) -> list[Refusal]:
    """Refuse events without the document their kind needs, or that a relabelled one was."""
    return list(unevidenced_steps(StageEvent.objects.heads().filter(judged_anew(revision))))


def unevidenced_steps(events: QuerySet[StageEvent]) -> Iterator[Refusal]:
    """Yield those of some events that rest on no document of the kind they need.

    Planned ones make nothing true yet.
    """
    listed = events.filter(HELD, withdrawn=False, planned=False).order_by("ref")
    for event in listed.select_related("document", "project__commitment"):
        document, fictional = event.document, event.project.commitment.illustrative
        if document is not None and not evidence_fault(
            event.kind, document, illustrative=fictional
        ):
            continue
        words = _("“%(kind)s” needs %(evidence)s.") % {
            "kind": event.get_kind_display(),
            "evidence": evidence_words(event.kind),
        }
        yield Refusal("stageevent", event.ref, "document", words)


def money_evidenced(revision: Revision) -> list[Refusal]:
    """Refuse notices and entries without the document their kind needs, or that a relabelled one was."""
    anew = judged_anew(revision)
    notices = FundingNotice.objects.heads().filter(anew)
    return list(unevidenced(notices, LedgerEntry.objects.filter(anew)))


def unevidenced(notices: Any, entries: Any) -> Iterator[Refusal]:
    """Yield those of some notices and entries that rest on no document of the kind they need.

    Documents are judged once for each kind of row that names them, not for each row.
    """
    notice = Value("fundingnotice", output_field=CharField())
    for kind, rows in (
        ("fundingnotice", notices.filter(HELD, withdrawn=False).annotate(needs=notice)),
        ("ledgerentry", entries.filter(STANDING, HELD).annotate(needs=F("kind"))),
    ):
        columns = ("needs", "document", "commitment__illustrative")
        pairs = set(rows.order_by().values_list(*columns).distinct())
        documents = Document.objects.in_bulk({pk for _needs, pk, _illustrative in pairs if pk})
        wrong = {
            (needs, pk, illustrative)
            for needs, pk, illustrative in pairs
            if pk is None or evidence_fault(needs, documents[pk], illustrative=illustrative)
        }
        listed = rows.order_by("pk").values_list("ref", *columns) if wrong else ()
        for ref, *pair in listed:
            if tuple(pair) in wrong:
                words = _("“%(kind)s” needs %(evidence)s.") % {
                    "kind": MONEY_WORDS[pair[0]],
                    "evidence": evidence_words(pair[0]),
                }
                yield Refusal(kind, ref, "document", words)


def links_lead_on(revision: Revision) -> list[Refusal]:
    """Refuse a merge or a continuation whose amount would be found nowhere.

    That is one into the project itself, into one that was merged away or has ended, and
    a second one of a project that was merged already.
    """
    if not ProjectLink.objects.filter(revision=revision, withdrawn=False).exists():
        return []
    standing = _leading_links()
    merges = [one for one in standing if one.relation == ProjectLink.Relation.MERGED_INTO]
    posted = [link for link in standing if link.revision_id == revision.pk]
    ended = _ended({pk for link in posted for pk in (link.project_id, link.other_id)})
    refusals = []
    for link in posted:
        onward = next((one for one in merges if one.project_id == link.other_id), None)
        before = next(
            (one for one in merges if one.project_id == link.project_id and one.pk < link.pk), None
        )
        words = ""
        if link.other_id == link.project_id:
            words = _("is the project itself")
        elif onward is not None:
            given = {"project": link.other.slug, "other": onward.other.slug}
            words = _("“%(project)s” was merged into “%(other)s”") % given
        elif before is not None:
            given = {"project": link.project.slug, "other": before.other.slug}
            words = _("“%(project)s” was merged into “%(other)s”") % given
        elif link.other_id in ended and link.project_id not in ended:
            words = _("“%(project)s” has ended") % {"project": link.other.slug}
        if words:
            refusals.append(Refusal("projectlink", link.ref, "other", words))
    return refusals


def _leading_links() -> list[ProjectLink]:
    """The merges and continuations that stand, in the order of posting."""
    links = ProjectLink.objects.heads().filter(withdrawn=False)
    links = links.exclude(relation=ProjectLink.Relation.RELATED).order_by("pk")
    return list(links.select_related("project", "other"))


def _ended(projects: Collection[int]) -> dict[int, int]:
    """Those of some projects that were declined, withdrawn or cancelled, with the revision that
    first said so.
    """
    kinds = [kind for kind, stage in STAGE_OF_KIND.items() if stage in ENDS]
    events = StageEvent.objects.heads().filter(
        project__in=projects, withdrawn=False, planned=False, kind__in=kinds
    )
    said = events.annotate(first=Coalesce("root__revision", "revision"))
    return dict(said.order_by("-first").values_list("project_id", "first"))


def links_astray() -> Iterator[Refusal]:
    """Yield the links on record that lead to their own project, in a circle, or into one that
    had ended. One whose heir was merged on, or ended, after it is as it should be.
    """
    standing = _leading_links()
    merges = [one for one in standing if one.relation == ProjectLink.Relation.MERGED_INTO]
    into = {one.project_id: one.other_id for one in merges}
    ended = _ended({pk for link in standing for pk in (link.project_id, link.other_id)})
    for link in standing:
        passed, heir = {link.project_id}, link.other_id
        while heir not in passed and heir in into:
            passed.add(heir)
            heir = into[heir]
        own, others = (ended.get(pk, inf) for pk in (link.project_id, link.other_id))
        words = ""
        if link.other_id == link.project_id:
            words = _("is the project itself")
        elif heir in passed:
            words = _("leads in a circle, to no project that stands")
        elif others <= link.revision_id < own:
            words = _("“%(project)s” has ended") % {"project": link.other.slug}
        if words:
            yield Refusal("projectlink", link.ref, "other", words)


def cash_is_cash(revision: Revision) -> list[Refusal]:
    """Refuse agreements, calls and cash through a guarantee, and claims through anything else.

    A guarantee bears the risk of money that another provides: it is a cover of that financing,
    never signed beside it.

    A claim is held to the guarantees and covers of its project, so what is said of
    those, or of the amount of one, is held against the claims that were paid as well.
    """
    calls = FundingNotice.objects.filter(revision=revision, withdrawn=False)
    posted = LedgerEntry.objects.filter(revision=revision)
    amounts = _amounts_touched(revision, "financing", "amount.signed").places
    agreed = Financing.objects.filter(
        Q(revision=revision)
        | Q(ref__in=amounts)
        | Q(pk__in=Cover.objects.filter(revision=revision).values("financing"))
    )
    commitments = set(agreed.order_by().values_list("commitment", flat=True))
    claims = LedgerEntry.objects.filter(Q(revision=revision) | Q(commitment__in=commitments))
    point = newest_point(business_day(revision.recorded_at))
    signed = Financing.objects.filter(revision=revision, withdrawn=False)
    return [*through_exposure(signed, calls, posted), *unguaranteed(claims, point)]


def through_exposure(agreed: Any, calls: Any, entries: Any) -> Iterator[Refusal]:
    """Yield those of some agreements, notices and entries that make a guarantee cash, or cash one."""
    claims = Q(kind=LedgerEntry.Kind.GUARANTEE_CALL)
    standing = entries.filter(STANDING)
    cash = _("is exposure, not cash: nothing is called or paid by it")
    claimed = _("is cash: a claim under a guarantee is paid through a guarantee")
    cover = _("is exposure, not cash: a guarantee is entered as a cover of the financing it covers")
    for kind, rows, words in (
        ("financing", agreed.filter(instrument__is_cash=False), cover),
        ("fundingnotice", calls.filter(instrument__is_cash=False), cash),
        ("ledgerentry", standing.exclude(claims).filter(instrument__is_cash=False), cash),
        ("ledgerentry", standing.filter(claims, instrument__is_cash=True), claimed),
    ):
        for ref in rows.order_by("pk").values_list("ref", flat=True):
            yield Refusal(kind, ref, "instrument", words)


def unguaranteed(entries: Any, point: PointInTime) -> Iterator[Refusal]:
    """Yield claims paid while no guarantee or cover of their project stands, or beyond what is left."""
    claims = entries.filter(STANDING, HELD, kind=LedgerEntry.Kind.GUARANTEE_CALL)
    held = dict(claims.order_by().values_list("ref", "commitment"))
    for commitment in Commitment.objects.filter(pk__in=set(held.values())):
        for paid in CommitmentRecord(commitment, point).claims_paid:
            claim = paid.claim
            if claim.ref not in held or not paid.beyond:
                continue
            given = {
                "project": claim.project,
                "day": claim.on,
                "amount": f"{claim.amount:,.2f}",
                "left": f"{claim.amount - paid.beyond:,.2f}",
            }
            name, words = "kind", _("%(project)s: no guarantee or cover stands on %(day)s")
            if paid.stood:
                name = "amount_usd"
                words = _(
                    "%(project)s: a claim of %(amount)s USD on %(day)s, but its guarantees and "
                    "covers leave %(left)s USD"
                )
            also = (("ledgerentry", claim.ref),)
            yield Refusal("ledgerentry", claim.ref, name, words % given, also=also)


@dataclass
class _Touched:
    """The keys a revision touched, each with where it did so last."""

    places: dict[str, Place] = field(default_factory=dict)
    records: set[tuple[str, str]] = field(default_factory=set)  # kind and key of each
    amounts: set[str] = field(default_factory=set)  # of which a claim or ruling of it speaks
    stated: dict[str, Stated] = field(default_factory=dict)  # amounts before, where one was stated

    def add(self, key: str, kind: str, ref: str, name: str) -> None:
        self.places[key] = (kind, ref, name)
        self.records.add((kind, ref))


def notices_within_selected(revision: Revision) -> list[Refusal]:
    """Refuse what leaves more noticed on a project than the high end of what is selected of it.

    That is a notice too many, and as well a selection lowered, taken back,
    ruled otherwise, ended or kept out of the totals while its notices stand.
    """
    touched = _selection_touched(revision)
    found = Project.objects.filter(slug__in=touched.places, notices__isnull=False).distinct()
    pks = set(found.values_list("pk", flat=True))
    if not pks:
        return []
    point = newest_point(business_day(revision.recorded_at))
    concerned = found.filter(slug__in=touched.amounts).select_related("commitment")
    before = _Records(replace(point, revision=point.revision - 1))
    for project in concerned:
        record = before.at(project.commitment)
        judged = record.judged(f"project:{project.slug}", "amount.selected")
        touched.stated[project.slug] = (judged.bounds, revision.pk)
    return list(beyond_selected(pks, point, touched))


def _selection_touched(revision: Revision) -> _Touched:
    touched = _amounts_touched(revision, "project", "amount.selected")
    for model, name in (
        (ProjectProfile, "count_in_totals"),
        (ProjectLink, "relation"),
        (StageEvent, "kind"),
        (FundingNotice, "amount_usd"),
    ):
        kind = str(model._meta.model_name)
        posted = model._default_manager.filter(revision=revision).order_by("pk")
        for ref, *slugs in posted.values_list("ref", "project__slug", "supersedes__project__slug"):
            for slug in filter(None, slugs):
                touched.add(slug, kind, ref, name)
    return touched


def _amounts_touched(revision: Revision, kind: str, aspect: str) -> _Touched:
    """The keys of one kind of subject whose amount a revision's claims and rulings speak of."""
    touched = _Touched()
    for model, name in ((Claim, "high"), (Ruling, "claims")):
        posted = model._default_manager.filter(revision=revision).filter(
            Q(aspect=aspect) | Q(supersedes__aspect=aspect)
        )
        fields = ("ref", "withdrawn", "subject", "supersedes__subject")
        for ref, withdrawn, *subjects in posted.order_by("pk").values_list(*fields):
            for subject in filter(None, subjects):
                of, _colon, key = subject.partition(":")
                if of == kind:
                    place = "withdrawn" if withdrawn else name
                    touched.add(key, str(model._meta.model_name), ref, place)
                    touched.amounts.add(key)
    return touched


def _once_stated(kind: str, aspect: str) -> dict[str, Stated]:
    """The amounts on record in dollars that a later version of their claim replaced, by key."""
    gone = Claim.objects.filter(
        ~Q(low=None, high=None),
        **{"aspect": aspect, "unit": "usd", "subject__startswith": f"{kind}:"},
        successor__isnull=False,
    ).order_by("pk")
    columns = ("subject", "low", "high", "successor__revision")
    return {
        subject.partition(":")[2]: (Bounds(low, high), until)
        for subject, low, high, until in gone.values_list(*columns)
    }


def _is_lost(stated: Stated | None, now: Bounds, sum_: Decimal) -> bool:
    """Whether an amount that was stated bounds a sum no more: none is, or no upper end of it."""
    if stated is None or now.high is not None or sum_ <= (now.low or 0):
        return False
    return stated[0].high is not None or (stated[0].is_stated and not now.is_stated)


def beyond_selected(
    projects: Collection[int], point: PointInTime, touched: _Touched | None = None
) -> Iterator[Refusal]:
    """Yield the projects whose notices call more than is selected of them at a point, or before it.

    Notices with an override reason are let through, and all of a project that an
    administrator ended with a reason; one without a reason that follows them is not,
    nor is a selection lowered below them since the last of their reasons.
    """
    found = Project.objects.filter(pk__in=projects).select_related("commitment").order_by("slug")
    records = _Records(point)
    calls = calls_by_project(projects)
    let_through = {pk for pk, made in calls.items() if any(call.has_reason for call in made)}
    history = ProjectHistory(let_through, point)
    touched = touched or _Touched()
    for project in found:
        made = calls.get(project.pk, ())
        if not made:
            continue
        held = held_calls(made)
        record = records.at(project.commitment).by_slug.get(project.slug)
        called = sum((call.amount for call in held), Decimal(0))
        kind, ref, name = touched.places.get(project.slug, ("fundingnotice", project.slug, ""))
        stated = touched.stated.get(project.slug)
        if stated and not any(call.revision <= stated[1] for call in made):
            stated = None
        words = _too_much(record, called, stated) if held else None
        if words is not None:
            called = sum((call.amount for call in made), Decimal(0))
            words = _too_much(record, called, stated)
        reasoned = words is None and len(held) < len(made)
        if reasoned:
            words = _selected_less(project.pk, made, history, stated)
        if words is not None:
            beyond = _call_beyond(held, _most(record))
            if kind == "fundingnotice" and ("fundingnotice", beyond) in touched.records:
                ref = beyond
            blamed = sorted(c.ref for c in (made if reasoned else held) if c.has_reason == reasoned)
            also = tuple(("fundingnotice", one) for one in blamed)
            name = name or "amount_usd"
            yield Refusal(kind, ref, name, f"{project.slug}: {words}", also=also)
        elif held and record is not None and record.standing.is_selected:
            yield from _called_early(project, record.standing.reached[Stage.SELECTED])
            yield from _called_ahead(record, held)


@dataclass
class _Records:
    """What is on record of commitments at a point; each is read once."""

    point: PointInTime
    read: dict[int, CommitmentRecord] = field(default_factory=dict)

    def at(self, commitment: Commitment) -> CommitmentRecord:
        return self.read.setdefault(commitment.pk, CommitmentRecord(commitment, self.point))


def _selected_less(
    project: int, calls: Sequence[Call], history: ProjectHistory, stated: Stated | None
) -> str | None:
    """Say why less cannot be selected of a project, for the calls that were let through."""
    last = max(call.revision for call in calls if call.has_reason)
    since = [revision for revision in history.revisions if revision >= last]
    newest = max(since, default=last)

    def judged(revision: int) -> tuple[str | None, Decimal]:
        own = history.at(revision).get(project)
        called = history.called(project, revision)
        words = _too_much(own, called, stated if stated and revision >= stated[1] else None)
        return words, Decimal(0) if words is None else called - _most(own)

    if is_lowered(lambda revision: judged(revision)[1], since, newest=newest):
        return judged(newest)[0]
    return None


def _called_early(project: Project, selected_on: date) -> Iterator[Refusal]:
    """Yield the notices that were received before their project was selected."""
    standing = FundingNotice.objects.heads().filter(
        HELD, project=project, withdrawn=False, declined_on=None
    )
    for notice in standing.filter(received_on__lt=selected_on).order_by("ref"):
        words = _("%(project)s: received on %(day)s, but the project was selected on %(selected)s")
        given = {"project": project.slug, "day": notice.received_on, "selected": selected_on}
        place = ("fundingnotice", notice.ref)
        yield Refusal(*place, "received_on", words % given, also=(place,))


def _called_ahead(record: ProjectRecord, calls: Sequence[Call]) -> Iterator[Refusal]:
    """Yield the first notice with which more was called than was selected by its own day."""
    judged = record.amounts.get("selected")
    if judged is None or len(judged.changed_on) < 2:
        return  # what is selected now is what was selected first
    notices = FundingNotice.objects.heads().filter(ref__in=[call.ref for call in calls])
    days = dict(notices.values_list("ref", "received_on"))
    for day in sorted({days[call.ref] for call in calls if not call.has_reason}):
        then = record.on(day)
        most = then.was_selected_at_most if then.standing.is_selected else None
        called = sum((call.amount for call in calls if days[call.ref] <= day), Decimal(0))
        if most is not None and called > most:
            own = [c.ref for c in calls if days[c.ref] <= day and not c.has_reason]
            words = _(
                "%(project)s: noticed %(called)s USD by %(day)s, but selected at most %(most)s "
                "USD by then"
            )
            given = {"project": record.slug, "called": f"{called:,.2f}", "most": f"{most:,.2f}"}
            also = tuple(("fundingnotice", ref) for ref in sorted(own))
            last = next(ref for ref in reversed(own) if days[ref] == day)
            yield Refusal(
                "fundingnotice", last, "amount_usd", words % {**given, "day": day}, also=also
            )
            return


def _most(record: ProjectRecord | None) -> Decimal:
    """The most dollars that can be called of a project; none of one that is not selected."""
    return (record.selected_at_most if record else None) or Decimal(0)


def _call_beyond(calls: Iterable[Call], most: Decimal) -> str:
    """The first notice without a reason, in the order of posting, with which too much is called."""
    called = Decimal(0)
    for call in calls:
        called += call.amount
        if called > most and not call.has_reason:
            return call.ref
    return ""


def _too_much(
    record: ProjectRecord | None, called: Decimal, stated: Stated | None = None
) -> str | None:
    """Say why a project cannot have some dollars noticed on it, if it cannot.

    `stated` is what was selected of it before, of what was called by then.
    """
    given = {"called": f"{called:,.2f}"}
    if record is None or not record.standing.is_selected:
        ends = [e for e in record.events if STAGE_OF_KIND.get(e.kind) in ENDS] if record else []
        if record is not None and record.ended_for_a_reason:
            return None
        if ends:
            words = _("noticed %(called)s USD, so it ends only once those notices are declined")
            return words % given
        return _("the project is not selected, so nothing of it can be called")
    if not record.counts:
        return _("noticed %(called)s USD, so it cannot be left out of the totals") % given
    high, judged = record.was_selected_at_most, record.amounts.get("selected")
    if high is not None and called > high:
        given["most"] = f"{high:,.2f}"
        return _("noticed %(called)s USD, but selected at most %(most)s USD") % given
    now = judged.bounds if judged else Bounds()
    if _is_lost(stated, now, called):
        words = _("noticed %(called)s USD, but no selected amount would be stated")
        if now.is_stated:
            words = _("noticed %(called)s USD, but no upper selected amount would be stated")
        return words % given
    return None


def signed_before_an_end(revision: Revision) -> list[Refusal]:
    """Refuse new agreements for projects that had ended by their day, or are left out of the totals.

    Those on record can be corrected; what was signed before an end is no new agreement.
    """
    posted = Financing.objects.filter(HELD, revision=revision, withdrawn=False)
    records = _Records(newest_point(business_day(revision.recorded_at)))
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
    records = _Records(point)
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


def signed_within_selected(revision: Revision) -> list[Refusal]:
    """Refuse what leaves more signed for projects than the high end of what is selected of them."""
    signed = _amounts_touched(revision, "financing", "amount.signed")
    for ref in Financing.objects.filter(revision=revision).values_list("ref", flat=True):
        signed.add(ref, "financing", ref, "projects")
    selected = _amounts_touched(revision, "project", "amount.selected")
    if not signed.places and not selected.places:
        return []
    agreed = Financing.objects.heads().filter(withdrawn=False)
    of = agreed.filter(Q(ref__in=signed.places) | Q(projects__slug__in=selected.places))
    sharing = _sharing(set(of.values_list("pk", flat=True)))
    point = newest_point(business_day(revision.recorded_at))
    touched = _Touched(selected.places, signed.records, selected.amounts)
    concerned = agreed.filter(pk__in=sharing)
    is_let_through = concerned.exclude(HELD).exists()
    raised = _raised(concerned.filter(ref__in=signed.places), point) if is_let_through else set()
    return list(beyond_signed(concerned, point, touched, raised))


def _sharing(agreements: Collection[int]) -> set[int]:
    """Some standing agreements, and those that share projects with them, and so on."""
    pairs = Financing.objects.heads().filter(withdrawn=False, projects__isnull=False)
    projects_of: dict[int, set[int]] = {}
    for pk, project in pairs.order_by().values_list("pk", "projects"):
        projects_of.setdefault(pk, set()).add(project)
    found, projects = set(agreements), set[int]()
    while more := set().union(*(projects_of.get(pk, set()) for pk in found)) - projects:
        projects |= more
        found |= {pk for pk, own in projects_of.items() if own & projects}
    return found


def _raised(agreed: QuerySet[Financing], point: PointInTime) -> set[str]:
    """The agreements that are signed for more than a revision before, without a reason given now."""
    before = replace(point, revision=point.revision - 1)
    listed: dict[Commitment, list[str]] = {}
    without = agreed.exclude(~HELD & Q(revision=point.revision))
    for financing in without.select_related("commitment"):
        listed.setdefault(financing.commitment, []).append(financing.ref)
    found: set[str] = set()
    for commitment, refs in listed.items():
        then, now = (CommitmentRecord(commitment, at) for at in (before, point))
        found.update(ref for ref in refs if now.signed_at_most(ref) > then.signed_at_most(ref))
    return found


def beyond_signed(
    financings: QuerySet[Financing],
    point: PointInTime,
    touched: _Touched | None = None,
    raised: Collection[str] = (),
) -> Iterator[Refusal]:
    """Yield the agreements for more dollars than are selected of their projects at a point.

    An agreement for several projects is held, with all that is signed for some
    of them, to what is selected of them together, and so are agreements that share
    projects; where the amount of one is not stated no limit is known. What carries an override reason is let through, unless
    one without a reason came on record after it, or less was selected since without a
    reason; those `raised` without one come last.
    """
    listed = sorted(
        financings.select_related("commitment").prefetch_related("projects"),
        key=lambda financing: (financing.ref in raised, financing.root_key),
    )
    records = _Records(point)
    sets = {f.ref: frozenset(p.slug for p in f.projects.all()) for f in listed}
    firsts = {sets[f.ref]: f for f in reversed(listed) if sets[f.ref]}
    refused: list[frozenset[str]] = []
    for together in _held_together(firsts):
        if together not in firsts and any(smaller <= together for smaller in refused):
            continue  # told by the agreements that alone are too much
        first = next(f for slugs, f in firsts.items() if slugs <= together)
        record = records.at(first.commitment)
        most = selected_together(record.by_slug.get(slug) for slug in together)
        within = [f for f in listed if sets[f.ref] and sets[f.ref] <= together]
        plain = [f for f in within if not f.override_reason or f.ref in raised]
        reasoned = [f for f in within if f not in plain]
        held = within[: within.index(plain[-1]) + 1] if plain else []
        amounts = {f.ref: record.signed_at_most(f.ref) for f in within}
        if most is None:
            if touched and touched.amounts & together:
                yield from _selected_unstated(within, amounts, together, point, touched)
            continue
        blamed = plain
        if sum((amounts[f.ref] for f in held), Decimal(0)) <= most:
            if not reasoned or not _is_signed_beyond(together, reasoned, point):
                continue
            held, blamed = within, reasoned
        own = [f.ref for f in held]
        signed = sum((amounts[ref] for ref in own), Decimal(0))
        names = ", ".join(sorted(together))
        words = _("%(projects)s: signed %(signed)s USD, but selected at most %(most)s USD")
        given = {"projects": names, "signed": f"{signed:,.2f}", "most": f"{most:,.2f}"}
        also = tuple(("financing", f.ref) for f in blamed if amounts[f.ref])
        refused.append(together)
        yield Refusal(*_where_signed(own, together, touched), words % given, also=also)


def _selected_unstated(
    agreed: Sequence[Financing],
    amounts: Mapping[str, Decimal],
    together: frozenset[str],
    point: PointInTime,
    touched: _Touched,
) -> Iterator[Refusal]:
    """Yield that agreements would have no limit, where one was known before the revision of a point.

    What is selected at least bounds them still, and a reason given now sets it aside.
    """
    commitment = agreed[0].commitment
    then, now = (
        [CommitmentRecord(commitment, at).by_slug.get(slug) for slug in sorted(together)]
        for at in (replace(point, revision=point.revision - 1), point)
    )
    least = (own.amounts["selected"].bounds.low for own in now if own and "selected" in own.amounts)
    signed = sum(amounts.values(), Decimal(0))
    is_known = bool(selected_together(then))
    if not is_known or signed <= sum((low or Decimal(0) for low in least), Decimal(0)):
        return
    plain = [f for f in agreed if not f.override_reason or f.revision_id != point.revision]
    if plain:
        words = _("%(projects)s: signed %(signed)s USD, but no selected amount would be stated")
        given = {"projects": ", ".join(sorted(together)), "signed": f"{signed:,.2f}"}
        also = tuple(("financing", f.ref) for f in plain if amounts[f.ref])
        place = _where_signed([f.ref for f in agreed], together, touched)
        yield Refusal(*place, words % given, also=also)


def _held_together(sets: Collection[frozenset[str]]) -> list[frozenset[str]]:
    """Some sets of projects by name, then the unions of those that share one, smallest first.

    Unions are as many as MOST_UNIONS, and each whole to which no more can be added.
    """
    unions = dict.fromkeys(sorted(sets, key=sorted))
    for one in [*unions]:
        whole = one
        while more := [other for other in sets if other & whole and not other <= whole]:
            whole = whole.union(*more)
        unions[whole] = None
    waiting = [*unions]
    while waiting and len(unions) < MOST_UNIONS:
        one = waiting.pop(0)
        new = [one | other for other in sets if one & other and one | other not in unions]
        unions.update(dict.fromkeys(new))
        waiting += new
    own = [one for one in unions if one in sets]
    return own + sorted(
        (one for one in unions if one not in sets), key=lambda u: (len(u), sorted(u))
    )


def _is_signed_beyond(
    slugs: Collection[str], reasoned: Sequence[Financing], point: PointInTime
) -> bool:
    """Whether less is selected of some projects than since the last reason for what is signed."""
    projects = set(Project.objects.filter(slug__in=slugs).values_list("pk", flat=True))
    history = ProjectHistory(projects, point)
    last = max(financing.revision_id for financing in reasoned)
    since = [revision for revision in history.revisions if revision >= last]

    def excess(revision: int) -> Decimal:
        most = selected_together(history.at(revision).get(pk) for pk in projects)
        signed = (amount for own, amount in history.signed(revision) if own and own <= projects)
        return Decimal(0) if most is None else max(Decimal(0), sum(signed, Decimal(0)) - most)

    return is_lowered(excess, since, newest=max(since, default=last))


def _where_signed(own: list[str], slugs: Collection[str], touched: _Touched | None) -> Place:
    """The last agreement that a revision posted, else what it says of the projects."""
    touched = touched or _Touched()
    posted = [ref for ref in own if ("financing", ref) in touched.records]
    if posted:
        return ("financing", posted[-1], "projects")
    places = [touched.places[slug] for slug in sorted(slugs) if slug in touched.places]
    return places[0] if places else ("financing", own[-1], "projects")


def notices_sound(revision: Revision) -> list[Refusal]:
    """Refuse notices of days to come, and a number that a project's notices carry already."""
    posted = FundingNotice.objects.filter(revision=revision, withdrawn=False)
    to_come = posted.filter(received_at__gt=revision.recorded_at).order_by("ref")
    return [
        *notice_faults(posted, business_day(revision.recorded_at)),
        *(Refusal("fundingnotice", n.ref, "received_at", _("lies in the future")) for n in to_come),
    ]


def notice_faults(notices: Any, today: date) -> Iterator[Refusal]:
    """Yield what is wrong with some notices in themselves, and beside those of their project."""
    listed = list(notices.select_related("project").order_by("ref"))
    beside: dict[tuple[int, str], list[str]] = {}
    heads = FundingNotice.objects.heads().filter(
        project__in={n.project_id for n in listed}, withdrawn=False
    )
    for pk, number, ref in heads.order_by("pk").values_list("project_id", "number", "ref"):
        beside.setdefault((pk, _same(number)), []).append(ref)
    for notice in listed:
        faults = notice.faults()
        for name in ("received_on", "declined_on"):
            day = getattr(notice, name)
            if day is not None and day > today:
                faults.setdefault(name, _("%(day)s lies in the future") % {"day": day})
        others = [r for r in beside[notice.project_id, _same(notice.number)] if r != notice.ref]
        if others:
            words = _("%(project)s has a notice of this number: %(ref)s")
            given = {"project": notice.project.slug, "ref": others[0]}
            faults["number"] = words % given
        for name, text in faults.items():
            yield Refusal("fundingnotice", notice.ref, name, text)


def _same(number: str) -> str:
    return " ".join(number.split()).casefold()


def receipts_as_called(revision: Revision) -> list[Refusal]:
    """Refuse receipts through another instrument than their notice calls, unless for a reason."""
    notices = FundingNotice.objects.filter(revision=revision).order_by()
    corrected = {root or pk for pk, root in notices.values_list("pk", "root_id")}
    posted = Q(revision=revision) | Q(notice__in=corrected)
    return list(other_instruments(posted))


def other_instruments(which: Q) -> Iterator[Refusal]:
    """Yield receipts that stand, among some, whose notice calls through another instrument."""
    entries = LedgerEntry.objects.filter(
        *(which, HELD, Q(kind="funding", notice__isnull=False)),
        reverses__isnull=True,
        reversal__isnull=True,
    ).order_by()
    pairs = set(entries.values_list("notice_id", "instrument_id").distinct())
    roots = {root for root, _instrument in pairs}
    heads = FundingNotice.objects.heads().filter(Q(pk__in=roots) | Q(root__in=roots))
    called = {head.root_key: head for head in heads.select_related("instrument")}
    for root, instrument in sorted(pairs):
        notice = called[root]
        if notice.instrument_id == instrument:
            continue
        wrong = entries.filter(notice=root, instrument=instrument).select_related("instrument")
        for entry in wrong.order_by("number"):
            words = _("is %(paid)s, but notice %(ref)s calls %(called)s")
            given = {
                "paid": entry.instrument.slug,
                "ref": notice.ref,
                "called": notice.instrument.slug,
            }
            yield Refusal("ledgerentry", entry.ref, "instrument", words % given)


def covers_within(revision: Revision) -> list[Refusal]:
    """Refuse covers of days to come, and of more than the financing they cover."""
    touched = _amounts_touched(revision, "financing", "amount.signed")
    posted = Cover.objects.filter(revision=revision, withdrawn=False)
    of = posted.order_by("pk").values_list("financing__ref", "ref")
    for financing, ref in of:
        touched.add(financing, "cover", ref, "amount_usd")
    if not touched.places:
        return []
    point = newest_point(business_day(revision.recorded_at))
    before = _Records(replace(point, revision=point.revision - 1))
    amounts = Financing.objects.heads().filter(ref__in=touched.amounts)
    for financing in amounts.select_related("commitment"):
        record = before.at(financing.commitment)
        judged = record.judged(f"financing:{financing.ref}", "amount.signed")
        touched.stated[financing.ref] = (judged.bounds, revision.pk)
    covers = Cover.objects.heads().filter(withdrawn=False, financing__ref__in=touched.places)
    return list(cover_faults(covers, point, touched))


def cover_faults(
    covers: Any, point: PointInTime, touched: _Touched | None = None
) -> Iterator[Refusal]:
    """Yield covers that cannot be, and financings of which more is covered than signed."""
    listed = list(covers.select_related("financing__commitment").order_by("ref"))
    by_financing: dict[Financing, list[Cover]] = {}
    for cover in listed:
        faults = cover.faults()
        if cover.in_force_on > point.today:
            faults["in_force_on"] = _("%(day)s lies in the future") % {"day": cover.in_force_on}
        for name, text in faults.items():
            yield Refusal("cover", cover.ref, name, text)
        by_financing.setdefault(cover.financing, []).append(cover)
    records: dict[int, CommitmentRecord] = {}
    places = touched.places if touched else {}
    for financing, own in by_financing.items():
        record = records.setdefault(
            financing.commitment_id, CommitmentRecord(financing.commitment, point)
        )
        stated = record.judged(f"financing:{financing.ref}", "amount.signed").bounds
        signed, together = stated.high, _covered_at_once(own)
        place = places.get(financing.ref, ("cover", own[-1].ref, "amount_usd"))
        was = touched.stated.get(financing.ref) if touched else None
        older = was is not None and any(cover.revision_id <= was[1] for cover in own)
        if older and _is_lost(was, stated, together):
            words = _("%(ref)s: covered %(covered)s USD, but no signed amount would be stated")
            if stated.is_stated:
                words = _(
                    "%(ref)s: covered %(covered)s USD, but no upper signed amount would be stated"
                )
            given = {"ref": financing.ref, "covered": f"{together:,.2f}"}
            yield Refusal(*place, words % given)
        if signed is not None and together > signed:
            words = _("%(ref)s: covered %(covered)s USD, but signed at most %(most)s USD")
            given = {"ref": financing.ref, "covered": f"{together:,.2f}", "most": f"{signed:,.2f}"}
            yield Refusal(*place, words % given)


def _covered_at_once(covers: Collection[Cover]) -> Decimal:
    """The most dollars that covers of one financing stand for on one day; not stated is none."""
    return max(
        sum((c.amount_usd or Decimal(0) for c in covers if c.is_in_force(day)), Decimal(0))
        for day in {cover.in_force_on for cover in covers}
    )


def cash_within_limits(revision: Revision) -> list[Refusal]:
    """Refuse cash beyond what was called, and payments beyond what came in.

    Looks at every project whose entries or notices the revision touched, so a
    notice corrected below what came in on it is refused as well.
    """
    touched = _projects_in(FundingNotice.objects.filter(revision=revision))
    entries = LedgerEntry.objects.filter(revision=revision, kind__in=LIMITED).order_by()
    touched |= set(entries.values_list("project_id", flat=True).distinct())
    refusals = []
    for over in cash_problems(touched):
        entry = entry_beyond(over)
        at = entry.ref if entry is not None and entry.revision_id == revision.pk else ""
        also = tuple(("fundingnotice", ref) for ref in over.notices)
        about = "ledgerentry" if at or not over.is_notice else "fundingnotice"
        place = (about, over.what, "amount_usd")
        of = "fundingnotice" if over.is_notice else "project"
        refusals.append(Refusal(*place, over.words, also=also, at=at, of=of))
    return refusals


def periods_are_over(revision: Revision) -> list[Refusal]:
    """Refuse to close a period that has not ended."""
    today = business_day(revision.recorded_at)
    posted = ClosedPeriod.objects.filter(revision=revision, withdrawn=False, ends_on__gte=today)
    words = _("is not over: only a period that has ended can be closed")
    return [Refusal("closedperiod", period.ref, "ends_on", words) for period in posted]


def standing_faults(point: PointInTime) -> Iterator[Refusal]:
    """Yield all that is on record against these rules, cash aside, which has findings of its own."""
    projects = set(Project.objects.values_list("pk", flat=True))
    yield from _out_of_order(projects)
    yield from unevidenced_steps(StageEvent.objects.heads())
    yield from links_astray()
    unstated = _Touched(stated=_once_stated("project", "amount.selected"))
    yield from beyond_selected(projects, point, unstated)
    yield from beyond_signed(Financing.objects.heads().filter(withdrawn=False), point)
    yield from signed_past_ends(point)
    yield from notice_faults(FundingNotice.objects.heads().filter(withdrawn=False), point.today)
    standing = FundingNotice.objects.heads().filter(withdrawn=False)
    yield from unevidenced(standing, LedgerEntry.objects.all())
    agreed = Financing.objects.heads().filter(withdrawn=False)
    yield from through_exposure(agreed, standing, LedgerEntry.objects.all())
    yield from unguaranteed(LedgerEntry.objects.all(), point)
    yield from other_instruments(Q())
    taken_back = _Touched(stated=_once_stated("financing", "amount.signed"))
    yield from cover_faults(Cover.objects.heads().filter(withdrawn=False), point, taken_back)
    yield from unevidenced_agreements(Financing.objects.heads(), Cover.objects.heads())
    yield from days_to_come(point.today, Q())
    yield from papers_to_come(point.today, Q())
    yield from before_start(point, Q())
    yield from ungrounded(projects)
    yield from unfounded(Q())
    yield from stale_rates()


ALL = (
    days_are_over,
    days_of_acts,
    events_in_order,
    steps_evidenced,
    money_evidenced,
    links_lead_on,
    cash_is_cash,
    notices_sound,
    notices_within_selected,
    signed_within_selected,
    signed_before_an_end,
    agreements_evidenced,
    money_on_selected,
    covers_on_agreements,
    receipts_as_called,
    covers_within,
    cash_within_limits,
    periods_are_over,
)
