"""What must hold once a revision is posted: the order of events, evidence, limits, days.

Rules look at what the revision touched. What a reason lets through, which only an
administrator can propose, is flagged in public and counts in the sums that others are held
to. `standing_faults` holds all that is on record to the same rules.
"""

from collections.abc import Collection, Iterator
from datetime import date
from math import inf
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Document, Revision
from commitments.selectors import documents_at
from commitments.services.evidence_rules import judged_anew, relabelled_documents
from commitments.services.register import Refusal
from projects.calculations.stages import ENDS, STAGE_OF_KIND, Misstep, Step, missteps
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
from projects.services.decisions import FICTIONAL, MONEY_WORDS, evidence_fault, evidence_words
from projects.services.entries import stale_rates
from projects.services.grounds import (
    agreements_evidenced,
    before_start,
    days_are_over,
    days_of_acts,
    days_to_come,
    money_on_selected,
    papers_to_come,
    signed_before_an_end,
    signed_past_ends,
    unevidenced_agreements,
    ungrounded,
)
from projects.services.guarantees import (
    cash_is_cash,
    cover_faults,
    covers_on_agreements,
    covers_within,
    once_signed,
    through_exposure,
    unfounded,
    unguaranteed,
)
from projects.services.limits import HELD, LIMITED, STANDING, cash_problems, entry_beyond
from projects.services.requirements import STAGE_WORDS
from projects.services.selected import (
    called_beyond,
    notices_within_selected,
    projects_of_agreements,
    signed_beyond,
    signed_within_selected,
)

PROJECTS_OF = ("project_id", "supersedes__project_id")  # a correction may name another project


def events_in_order(revision: Revision) -> list[Refusal]:
    """Refuse events out of order, and events of days to come that are not marked planned."""
    if not revision.wrote(StageEvent):
        return []
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
    if misstep.code == "passed":
        return _("“%(kind)s” of %(day)s: the project stood further by then (%(stages)s)") % given
    if misstep.code == "selected":
        return _("“%(kind)s” of %(day)s: a selected project is cancelled, not declined") % given
    return _("“%(kind)s” of %(day)s: none of these was reached before: %(stages)s") % given


def steps_evidenced(revision: Revision) -> list[Refusal]:
    """Refuse events without the document their kind needs, or that a relabelled one was."""
    if not revision.wrote(StageEvent, Document):
        return []
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
    if not revision.wrote(FundingNotice, LedgerEntry, Document):
        return []
    anew = judged_anew(revision)
    notices = FundingNotice.objects.heads().filter(anew)
    return list(unevidenced(notices, LedgerEntry.objects.filter(anew)))


# Notices that call more for the reason of the version before them: it was given for what that called.
RAISED = Q(
    supersedes__override_reason=F("override_reason"), supersedes__amount_usd__lt=F("amount_usd")
)


def unevidenced(notices: Any, entries: Any) -> Iterator[Refusal]:
    """Yield those of some notices and entries that rest on no document of the kind they need.

    Documents are judged once for each kind of row that names them, not for each row.
    """
    notice = Value("fundingnotice", output_field=CharField())
    for kind, rows in (
        ("fundingnotice", notices.filter(HELD | RAISED, withdrawn=False).annotate(needs=notice)),
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


def evidence_not_lost(revision: Revision) -> list[Refusal]:
    """Refuse to relabel a document that evidences what a reason let through for something else."""
    if not revision.wrote(Document):
        return []
    turned = relabelled_documents(revision, "side", "kind")
    slugs = Document.objects.filter(pk__in=turned).values_list("slug", flat=True) if turned else ()
    before = documents_at(slugs, revision.pk - 1) if turned else {}
    refusals = []
    for model in (StageEvent, FundingNotice, Financing, LedgerEntry):
        standing = model.objects.filter(STANDING) if model is LedgerEntry else model.objects.heads()
        rows = standing.filter(~HELD, document__slug__in=before).exclude(revision=revision)
        if model is not LedgerEntry:
            rows = rows.filter(withdrawn=False)
        for row in rows.select_related("document").order_by("ref") if before else ():
            kind = str(model._meta.model_name)
            needs = {"fundingnotice": kind, "financing": StageEvent.Kind.FINANCING_SIGNED}
            needed = needs.get(kind) or row.kind
            was, now = (
                evidence_fault(needed, document, illustrative=document.kind == FICTIONAL)
                for document in (before[row.document.slug], row.document)
            )
            if now and not was:
                words = _("“%(kind)s” needs %(evidence)s.") % {
                    "kind": MONEY_WORDS.get(needed) or StageEvent.Kind(needed).label,
                    "evidence": evidence_words(needed),
                }
                refusals.append(Refusal(kind, row.ref, "document", words, also=((kind, row.ref),)))
    return refusals


def links_lead_on(revision: Revision) -> list[Refusal]:
    """Refuse a merge or a continuation whose amount would be found nowhere.

    That is one into the project itself, into one that was merged away or has ended or that
    leads back to it, and a second one of a project that has one already.
    """
    if not revision.wrote(ProjectLink):
        return []
    standing = _leading_links()
    merges = [one for one in standing if one.relation == ProjectLink.Relation.MERGED_INTO]
    posted = [link for link in standing if link.revision_id == revision.pk]
    ended = _ended({pk for link in posted for pk in (link.project_id, link.other_id)})
    refusals = []
    for link in posted:
        onward = next((one for one in merges if one.project_id == link.other_id), None)
        mine = [one for one in standing if one.project_id == link.project_id and one.pk < link.pk]
        before = next((one for one in mine if one in merges), None)
        again = next((one for one in mine if one.relation == link.relation), None)
        words = ""
        if link.other_id == link.project_id:
            words = _("is the project itself")
        elif onward is not None:
            given = {"project": link.other.slug, "other": onward.other.slug}
            words = _("“%(project)s” was merged into “%(other)s”") % given
        elif before is not None:
            given = {"project": link.project.slug, "other": before.other.slug}
            words = _("“%(project)s” was merged into “%(other)s”") % given
        elif again is not None:
            given = {"project": link.project.slug, "other": again.other.slug}
            words = _("“%(project)s” was continued as “%(other)s”: correct that") % given
        elif _leads_back(link, standing):
            words = _("leads in a circle, to no project that stands")
        elif link.other_id in ended and link.project_id not in ended:
            words = _("“%(project)s” has ended") % {"project": link.other.slug}
        if words:
            refusals.append(Refusal("projectlink", link.ref, "other", words))
    return refusals


def selections_counted(revision: Revision) -> list[Refusal]:
    """Refuse to select a project that its profile keeps out of the totals, in silence.

    A case says so, or lets it in, by a profile beside the step; a load states both as they are.
    """
    if not revision.wrote(StageEvent):
        return []
    steps = StageEvent.objects.filter(
        NEW_STEP, revision=revision, kind=StageEvent.Kind.SELECTED, withdrawn=False
    )
    if revision.kind == Revision.Kind.LOAD or not steps.exists():
        return []
    left_out = ProjectProfile.objects.heads().filter(
        withdrawn=False, count_in_totals=False, revision__lt=revision
    )
    silent = steps.filter(planned=False, project__in=left_out.values("project"))
    words = _(
        "“%(project)s” is kept out of the totals: say in its profile, in the same case, whether it counts"
    )
    return [
        Refusal("stageevent", ref, "project", words % {"project": slug})
        for ref, slug in silent.order_by("ref").values_list("ref", "project__slug")
    ]


def _leads_back(link: ProjectLink, standing: Collection[ProjectLink]) -> bool:
    """Whether what a project was merged into or continued as leads to that project again."""
    passed, ahead = set[int](), {link.other_id}
    while ahead := ahead - passed:
        passed |= ahead
        ahead = {one.other_id for one in standing if one.project_id in ahead}
    return link.project_id in passed


# Steps that say what no version before them said of their project.
NEW_STEP = (
    Q(supersedes=None)
    | Q(supersedes__withdrawn=True)
    | Q(supersedes__planned=True, planned=False)
    | ~Q(supersedes__kind=F("kind"))
    | ~Q(supersedes__project=F("project"))
)


def merged_stand_still(revision: Revision) -> list[Refusal]:
    """Refuse a new step of a project that an earlier revision merged into another."""
    if not revision.wrote(StageEvent):
        return []
    merge = Q(withdrawn=False, relation=ProjectLink.Relation.MERGED_INTO)
    before = ProjectLink.objects.heads_at(revision.pk - 1).filter(merge)
    merges = ProjectLink.objects.heads().filter(merge, project__in=before.values("project"))
    steps = StageEvent.objects.filter(NEW_STEP, revision=revision, withdrawn=False)
    into = dict(merges.values_list("project", "other__slug"))
    words = _("“%(project)s” was merged into “%(other)s”: record it there")
    return [
        Refusal("stageevent", ref, "project", words % {"project": slug, "other": into[pk]})
        for ref, pk, slug in steps.order_by("ref").values_list("ref", "project", "project__slug")
        if pk in into
    ]


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
    ended = _ended({pk for link in standing for pk in (link.project_id, link.other_id)})
    for link in standing:
        own, others = (ended.get(pk, inf) for pk in (link.project_id, link.other_id))
        words = ""
        if link.other_id == link.project_id:
            words = _("is the project itself")
        elif _leads_back(link, standing):
            words = _("leads in a circle, to no project that stands")
        elif others <= link.revision_id < own:
            words = _("“%(project)s” has ended") % {"project": link.other.slug}
        if words:
            yield Refusal("projectlink", link.ref, "other", words)


def notices_sound(revision: Revision) -> list[Refusal]:
    """Refuse notices of days to come, and a number that a project's notices carry already."""
    if not revision.wrote(FundingNotice):
        return []
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


def reasons_kept(revision: Revision) -> list[Refusal]:
    """Refuse to keep a reason in the same words for something else than it was given for."""
    refusals = []
    for model in (StageEvent, Financing, FundingNotice):
        if not revision.wrote(model):
            continue
        posted = model.objects.filter(~HELD, revision=revision, withdrawn=False)
        kept = posted.filter(supersedes__override_reason=F("override_reason"))
        if model is Financing:
            kept = kept.prefetch_related("projects", "supersedes__projects")
        for version in kept.select_related("supersedes").order_by("ref"):
            older = version.supersedes
            changed = version.changed_from(older)
            changed += ["withdrawn"] if older.withdrawn else []
            if isinstance(version, Financing) and _projects(version) != _projects(older):
                changed.append("projects")
            if changed:
                place = (str(model._meta.model_name), version.ref)
                words = _(
                    "was given for something else (%(field)s): word it anew, or leave it empty"
                )
                given = {"field": changed[0].removesuffix("_id")}
                refusals.append(Refusal(*place, "override_reason", words % given, also=(place,)))
    return refusals


def _projects(financing: Any) -> set[int]:
    return {project.pk for project in financing.projects.all()}


def receipts_as_called(revision: Revision) -> list[Refusal]:
    """Refuse receipts through another instrument than their notice calls, unless for a reason,
    and a notice moved from the project or the instrument of the cash that moved on it.
    """
    if not revision.wrote(FundingNotice, LedgerEntry):
        return []
    posted = FundingNotice.objects.filter(revision=revision, withdrawn=False)
    corrected = {notice.root_key: notice for notice in posted.select_related("supersedes")}
    which = Q(revision=revision) | Q(notice__in=list(corrected))
    moved = {
        root: notice
        for root, notice in corrected.items()
        if notice.supersedes and notice.supersedes.instrument_id != notice.instrument_id
        if not notice.gives_reason(notice.supersedes)
    }
    forced = LedgerEntry.objects.filter(STANDING, ~HELD, notice__in=list(moved), kind="funding")
    taken = {
        entry.notice_id: entry
        for entry in forced.select_related("instrument")
        if entry.instrument_id == moved[entry.notice_id].supersedes.instrument_id
    }
    return [
        *other_instruments(which),
        *(_other_instrument("fundingnotice", moved[root], e) for root, e in taken.items()),
        *moved_from_cash(which),
    ]


def moved_from_cash(which: Q) -> Iterator[Refusal]:
    """Yield the notices of another project than the cash, among some, that moved on them."""
    standing = LedgerEntry.objects.filter(STANDING, which, notice__isnull=False).order_by()
    pairs = set(standing.values_list("notice_id", "project_id", "project__slug").distinct())
    roots = {root for root, _project, _slug in pairs}
    heads = FundingNotice.objects.heads().filter(Q(pk__in=roots) | Q(root__in=roots))
    called = {head.root_key: head for head in heads} if roots else {}
    for root, project, slug in sorted(pairs):
        if called[root].project_id != project:
            words = _("cash of “%(project)s” moved on it: reverse that first") % {"project": slug}
            yield Refusal("fundingnotice", called[root].ref, "project", words)


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
            yield _other_instrument("ledgerentry", notice, entry)


def _other_instrument(kind: str, notice: FundingNotice, entry: LedgerEntry) -> Refusal:
    words = _("is %(paid)s, but notice %(ref)s calls %(called)s") % {
        "paid": entry.instrument.slug,
        "ref": notice.ref,
        "called": notice.instrument.slug,
    }
    if kind == "ledgerentry":
        return Refusal(kind, entry.ref, "instrument", words)
    return Refusal(kind, notice.ref, "instrument", words, also=((kind, notice.ref),))


def cash_within_limits(revision: Revision) -> list[Refusal]:
    """Refuse cash beyond what was called, and payments beyond what came in.

    Looks at every project whose entries or notices the revision touched, so a
    notice corrected below what came in on it is refused as well.
    """
    if not revision.wrote(FundingNotice, LedgerEntry):
        return []
    touched = _projects_in(FundingNotice.objects.filter(revision=revision))
    entries = LedgerEntry.objects.filter(revision=revision, kind__in=LIMITED).order_by()
    touched |= set(entries.values_list("project_id", flat=True).distinct())
    refusals = []
    for over in cash_problems(touched, revision):
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
    if not revision.wrote(ClosedPeriod):
        return []
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
    noticed = Project.objects.filter(notices__isnull=False).distinct()
    yield from called_beyond(set(noticed.values_list("pk", flat=True)), point)
    yield from signed_beyond(projects_of_agreements(), point)
    yield from signed_past_ends(point)
    yield from notice_faults(FundingNotice.objects.heads().filter(withdrawn=False), point.today)
    standing = FundingNotice.objects.heads().filter(withdrawn=False)
    yield from unevidenced(standing, LedgerEntry.objects.all())
    agreed = Financing.objects.heads().filter(withdrawn=False)
    yield from through_exposure(agreed, standing, LedgerEntry.objects.all())
    yield from unguaranteed(LedgerEntry.objects.all(), point)
    yield from other_instruments(Q())
    yield from moved_from_cash(Q())
    covers = Cover.objects.heads().filter(withdrawn=False)
    yield from cover_faults(covers, point, stated=once_signed())
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
    merged_stand_still,
    selections_counted,
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
    evidence_not_lost,
    reasons_kept,
    periods_are_over,
)
