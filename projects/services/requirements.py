"""What each step of a project needs, and how far a case gives it: shown before the attempt."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document, Instrument
from commitments.selectors import Judged, documents_at, judge
from projects.calculations.stages import ENDS, REQUIREMENTS, Requirement, Stage, Step, standing
from projects.models import (
    ClosedPeriod,
    Cover,
    Financing,
    FundingNotice,
    LedgerEntry,
    ProjectLink,
    ProjectProfile,
    StageEvent,
)
from projects.selectors import CommitmentRecord
from projects.selectors.history import signed_at_most
from projects.selectors.ledger import closed_until
from projects.services.decision_records import COUNTED, commitment_of
from projects.services.decisions import evidence_fault, evidence_words
from projects.services.notices import day_of_receipt

Changes = Sequence[Mapping[str, Any]]
Span = tuple[date, date]  # first and last day
STAGE_WORDS: Mapping[str, Any] = {
    Stage.REPORTED: gettext_lazy("reported"),
    Stage.CANDIDATE: gettext_lazy("candidate"),
    Stage.IN_CONSULTATION: gettext_lazy("in consultation"),
    Stage.SELECTED: gettext_lazy("selected"),
    Stage.SIGNED: gettext_lazy("signed"),
    Stage.NOTICED: gettext_lazy("noticed"),
    Stage.FUNDED: gettext_lazy("funded"),
    Stage.DISBURSED: gettext_lazy("disbursed"),
    Stage.DISTRIBUTED: gettext_lazy("distributed"),
    Stage.DECLINED: gettext_lazy("declined"),
    Stage.WITHDRAWN: gettext_lazy("withdrawn"),
    Stage.CANCELLED: gettext_lazy("cancelled"),
}
ZERO = Decimal(0)
NOTICE, COVER, FINANCING = "fundingnotice", "cover", "financing"
Kind = LedgerEntry.Kind
LIMITED_BY: Mapping[str, str] = {Kind.FUNDING: NOTICE, Kind.DISBURSEMENT: Kind.FUNDING}
ABOVE_ZERO = gettext_lazy("above zero")


@dataclass(frozen=True)
class Cash:
    """What a notice, a cover or one kind of ledger entry makes true, and what it is held to.

    `after` are stages of which one must stand before, or what else must, in words;
    `limit` says in words how much there can be, and `is_cash` whether it is cash, which
    no guarantee pays. What an entry lacks in a document, no posting takes.
    """

    words: Any
    stage: Any = None
    after: frozenset[Stage] = frozenset()
    limit: Any = ABOVE_ZERO
    needs_document: bool = True
    after_words: Any = ""
    is_cash: bool = True


CASH: Mapping[str, Cash] = {
    FINANCING: Cash(
        gettext_lazy("financing agreement"),
        STAGE_WORDS[Stage.SIGNED],
        limit=gettext_lazy("signed in all at most the selected amount of its projects"),
        needs_document=False,
    ),
    COVER: Cash(
        gettext_lazy("cover of a financing"),
        gettext_lazy("guaranteed"),
        frozenset({Stage.SIGNED}),
        gettext_lazy("in force at once at most what was signed of the financing"),
        needs_document=False,
    ),
    NOTICE: Cash(
        gettext_lazy("funding notice"),
        STAGE_WORDS[Stage.NOTICED],
        frozenset({Stage.SELECTED}),
        gettext_lazy("called in all at most the selected amount"),
        needs_document=False,
    ),
    Kind.FUNDING: Cash(
        Kind.FUNDING.label,
        STAGE_WORDS[Stage.FUNDED],
        frozenset({Stage.NOTICED}),
        gettext_lazy("received in all at most what was noticed, and on a notice what it calls"),
    ),
    Kind.DISBURSEMENT: Cash(
        Kind.DISBURSEMENT.label,
        STAGE_WORDS[Stage.DISBURSED],
        frozenset({Stage.FUNDED}),
        gettext_lazy("paid on in all at most what was received"),
    ),
    Kind.DISTRIBUTION: Cash(Kind.DISTRIBUTION.label, STAGE_WORDS[Stage.DISTRIBUTED]),
    **{kind: Cash(kind.label) for kind in (Kind.PRINCIPAL, Kind.INTEREST, Kind.FEE)},
    Kind.GUARANTEE_CALL: Cash(
        Kind.GUARANTEE_CALL.label,
        after_words=gettext_lazy("a guarantee or a cover of the project that stands on that day"),
        limit=gettext_lazy("above zero, through a guarantee: no cash of any rung"),
        is_cash=False,
    ),
}


@dataclass(frozen=True)
class RequirementRow:
    """One kind of step in words: what it makes true, what must come before, its evidence."""

    step: str
    stage: str
    after: str
    document: str
    amount: str


@dataclass(frozen=True)
class Need:
    """One thing a step needs, and whether it is given.

    What is required is held by a rule at every posting; the rest is asked for.
    A rule is set aside by the reason that a step carries. What passes a limit by no
    more than was let through it before stays `let_through`.
    """

    words: str
    met: bool
    found: str
    required: bool = True
    set_aside: bool = False
    let_through: bool = False


@dataclass(frozen=True)
class StepNeeds:
    """One step of a case with all it needs."""

    step: str
    project: str
    needs: tuple[Need, ...]


def requirement_rows() -> list[RequirementRow]:
    """The table of steps and of money in words, in the order of the ladder, ends last."""
    steps = [kind for kind, need in REQUIREMENTS.items() if need.stage not in ENDS]
    ends = [kind for kind, need in REQUIREMENTS.items() if need.stage in ENDS]
    return [
        *map(_step_row, steps),
        *map(_cash_row, CASH.values()),
        *map(_step_row, ends),
    ]


def _step_row(kind: str) -> RequirementRow:
    need = REQUIREMENTS[kind]
    return RequirementRow(
        step=str(StageEvent.Kind(kind).label),
        stage=str(STAGE_WORDS[need.stage]) if need.stage else _("no stage"),
        after=_after_words(need),
        document=evidence_words(kind),
        amount=_("kept as a claim") if need.aspect else "–",
    )


def _cash_row(cash: Cash) -> RequirementRow:
    needed = _("a document")
    return RequirementRow(
        step=str(cash.words),
        stage=str(cash.stage) if cash.stage else _("no stage"),
        after=_after_words(cash),
        document=needed if cash.needs_document else _("a document where there is one"),
        amount=str(cash.limit),
    )


def _after_words(need: Requirement | Cash) -> str:
    if isinstance(need, Cash) and need.after_words:
        return str(need.after_words)
    if not need.after:
        return "–"
    return ", ".join(str(STAGE_WORDS[stage]) for stage in STAGE_WORDS if stage in need.after)


def steps_in(changes: Changes) -> list[Mapping[str, Any]]:
    """The steps of projects that some changes record."""
    return [
        change["data"]
        for change in changes
        if change["kind"] == "stageevent"
        and not change["data"].get("withdrawn")
        and change["data"].get("kind") in REQUIREMENTS
    ]


def step_needs(changes: Changes, *, point: PointInTime, most: int | None = None) -> list[StepNeeds]:
    """Return what each step of a case needs and whether the case or the register gives it.

    Steps stand one by one; notices and entries of one kind on one project stand
    together. What the register gives is read at the point; `most` is how many
    steps are looked at.
    """
    events = steps_in(changes)[:most]
    documents = _documents_of(events, changes, point)
    taken = _steps_by({str(event.get("project")) for event in events}, changes, point)
    steps = [_needs_of(event, changes, documents, taken, point) for event in events]
    return [*steps, *_agreement_needs(changes, point, most), *_cash_needs(changes, point)]


def _needs_of(
    event: Mapping[str, Any],
    changes: Changes,
    documents: Mapping[str, Document],
    taken: Mapping[str, Sequence[Step]],
    point: PointInTime,
) -> StepNeeds:
    kind, project = str(event["kind"]), str(event.get("project", ""))
    need, day = REQUIREMENTS[kind], _day(event.get("occurred_on"))
    forced = bool(event.get("override_reason"))
    needs = [*_document_needs(kind, event, changes, documents)]
    if not event.get("planned"):
        needs.append(
            Need(
                _("a day that is over, or the mark “planned”"),
                day is not None and day <= point.today,
                str(event.get("occurred_on") or "–"),
            )
        )
    if need.after:
        needs.append(replace(_stage_need(need, taken.get(project, ()), day), set_aside=forced))
    if need.stage in COUNTED:
        needs += _counting_need(project, changes, point)
    if need.aspect:
        needs.append(_amount_need(need.aspect, project, changes, point))
    return StepNeeds(str(StageEvent.Kind(kind).label), project, tuple(needs))


def _documents_of(
    events: Sequence[Mapping[str, Any]], changes: Changes, point: PointInTime
) -> dict[str, Document]:
    """The documents that some steps name, as labelled at the point or by the case itself."""
    named = {str(event["document"]) for event in events if event.get("document")}
    found = documents_at(named, point.revision)
    for change in changes:
        given = change["data"]
        if change["kind"] == "document" and given.get("slug") in named:
            labels = {name: str(given.get(name, "")) for name in ("slug", "kind", "side")}
            found[labels["slug"]] = Document(**labels)
    return found


def _document_needs(
    kind: str,
    event: Mapping[str, Any],
    changes: Changes,
    documents: Mapping[str, Document],
) -> Iterable[Need]:
    slug = event.get("document")
    words = _("a document: %(evidence)s") % {"evidence": evidence_words(kind)}
    document = documents.get(str(slug))
    forced = bool(event.get("override_reason"))
    if document is None:
        yield Need(words, met=False, found="–", set_aside=forced)
        return
    fault = evidence_fault(kind, document, illustrative=_is_illustrative(event, changes))
    fits = bool(event.get("planned")) or fault is None
    found = f"{slug} ({_plain(document.kind)}, {document.get_side_display()})"
    yield Need(words, met=fits, found=found, set_aside=forced)
    yield Need(
        _("the words quoted and where they stand"),
        met=bool(event.get("locator")),
        found=_("given") if event.get("locator") else "–",
        required=False,
    )


def _is_illustrative(event: Mapping[str, Any], changes: Changes) -> bool:
    """Whether a step is of an illustrative commitment, by its project on record or in the case."""
    named = [
        change["data"].get("commitment")
        for change in changes
        if change["kind"] == "project" and change["data"].get("slug") == event.get("project")
    ]
    of_project = Q(slug__in=named) | Q(projects__slug=event.get("project"))
    return Commitment.objects.filter(of_project, illustrative=True).exists()


def _stage_need(need: Requirement, taken: Sequence[Step], day: date | None) -> Need:
    reached = standing(step for step in taken if day is None or step.on <= day).reached
    found = [str(STAGE_WORDS[stage]) for stage in reached if stage in need.after]
    return Need(
        _("one of these reached on that day: %(stages)s") % {"stages": _after_words(need)},
        met=bool(found),
        found=", ".join(found) or "–",
    )


def _counting_need(project: str, changes: Changes, point: PointInTime) -> Iterable[Need]:
    """Tell of a project whose profile keeps it out of the totals, unless the case lets it in."""
    stored = ProjectProfile.objects.current(point).filter(project__slug=project)
    if stored.filter(count_in_totals=False).exists():
        lets_in = any(
            c["kind"] == "projectprofile"
            and c["data"].get("project") == project
            and c["data"].get("count_in_totals", True)
            for c in changes
        )
        yield Need(
            _("a profile that counts the project in the totals"),
            met=lets_in,
            found=_("given") if lets_in else _("its profile keeps it out of the totals"),
            required=False,
        )


def _amount_need(aspect: str, project: str, changes: Changes, point: PointInTime) -> Need:
    """An amount is wanted, not required: unstated amounts are counted beside the total."""
    subjects = {f"project:{project}"}
    for change in changes:
        if change["kind"] == "financing" and project in (change["data"].get("projects") or ()):
            subjects.add(f"financing:{change['data'].get('ref')}")
    agreements = Financing.objects.current(point).filter(projects__slug=project)
    subjects |= {f"financing:{ref}" for ref in agreements.values_list("ref", flat=True)}
    in_case = any(
        c["kind"] == "claim"
        and c["data"].get("subject") in subjects
        and c["data"].get("aspect") == aspect
        for c in changes
    )
    stored = Claim.objects.current(point).filter(subject__in=subjects, aspect=aspect)
    met = in_case or stored.exists()
    return Need(
        _("an amount, or it counts as not stated"),
        met=met,
        found=_("given") if met else _("not stated"),
        required=False,
    )


def _within(words: Any, amount: Decimal, limit: Decimal, *, let_through: Decimal) -> Need:
    """What an amount is held to; up to what is beyond it already it stays let through."""
    given = {"amount": f"{amount:,.2f}", "limit": f"{limit:,.2f}"}
    return Need(
        str(words),
        met=amount <= limit,
        found=_("%(amount)s USD, of at most %(limit)s USD") % given,
        let_through=limit < amount <= limit + let_through,
    )


@dataclass
class _Books:
    """Notices and cash on the projects of a case, as they stand once it is recorded, in US dollars."""

    sums: defaultdict[tuple[str, str], Decimal]  # by project and kind
    before: Mapping[tuple[str, str], Decimal]  # the same without the case
    received: defaultdict[str, Decimal]  # by notice
    calls: dict[str, tuple[Decimal, str]]  # amount, instrument
    let_through: Mapping[str, Decimal]  # received beyond what each notice called without the case

    def within(self, project: str, kind: str, limit: Decimal, *, before: Decimal) -> Need:
        """What a sum is held to, and was `before` the case.

        One passed for a reason on record, and by no more than it was, stays let through.
        """
        let_through = self.before.get((project, kind), ZERO) - before
        return _within(CASH[kind].limit, self.sums[project, kind], limit, let_through=let_through)

    def called_within(
        self, project: str, selected: Decimal | None, *, before: Decimal | None
    ) -> Need:
        """What the notices of a project are held to: nothing, where no upper amount is stated."""
        called = self.sums[project, NOTICE]
        if selected is not None:
            given = self.before.get((project, NOTICE), ZERO) if before is None else before
            return self.within(project, NOTICE, selected, before=given)
        words = _("%(amount)s USD; no upper amount is stated") % {"amount": f"{called:,.2f}"}
        return Need(str(CASH[NOTICE].limit), met=True, found=words)

    def cash_within(self, project: str, kind: str) -> Need:
        """What the cash of a kind is held to: the sum above it."""
        above = (project, LIMITED_BY[kind])
        return self.within(project, kind, self.sums[above], before=self.before.get(above, ZERO))

    def received_within(self, lines: Iterable[Mapping[str, Any]]) -> Iterable[Need]:
        """What came in on each notice that the case corrects, held to what it calls after it."""
        for ref in sorted({str(line.get("ref")) for line in lines} & self.let_through.keys()):
            if came := self.received.get(ref):
                called, _instrument = self.calls.get(ref, (ZERO, ""))
                words = _("received on notice %(ref)s at most what it calls") % {"ref": ref}
                yield _within(words, came, called, let_through=self.let_through[ref])

    def held_by(self, project: str, kind: str) -> Iterable[Need]:
        """What is held to a sum, where the case lowers it."""
        if self.sums[project, kind] < self.before.get((project, kind), ZERO):
            for below, limit in LIMITED_BY.items():
                if limit == kind and self.sums[project, below]:
                    yield self.cash_within(project, below)


def _agreement_needs(changes: Changes, point: PointInTime, most: int | None) -> list[StepNeeds]:
    """What the agreements of a case, and those on projects of which it selects less, are held to.

    An agreement is held, with all that is signed for some of its projects, to what is
    selected of them together; where the amount of one is not stated no limit is known.
    """
    lines = {
        str(change["data"].get("ref")): change["data"]
        for change in changes
        if change["kind"] == FINANCING
    }
    signed, selected = _signed_in(changes), _selected_in(changes)
    commitment = commitment_of(changes) if lines or signed or selected else None
    if commitment is None:
        return []
    record = CommitmentRecord(commitment, point)
    before = {f.ref: frozenset(p.slug for p in f.projects.all()) for f in record.financings}
    after = dict(before)
    for ref, data in lines.items():
        named = () if data.get("withdrawn") else data.get("projects") or ()
        after[ref] = frozenset(str(slug) for slug in named)
    agreed = {of: record.judged(f"financing:{of}", "amount.signed") for of in after}
    said = lines.keys() | signed.keys()
    touched = [ref for ref in sorted(after) if ref in said or after[ref] & selected.keys()]
    found = []
    for ref in touched[:most]:
        projects = after[ref]
        own = [of for of, named in after.items() if named and named <= projects]
        total = sum(
            (signed_at_most(_judged_with(agreed[of], signed.get(of, ()))) for of in own), ZERO
        )
        limit = _selected_together(record, projects, selected)
        if limit is None or not total:
            continue
        was = sum(
            (
                signed_at_most(agreed[of])
                for of, named in before.items()
                if named and named <= projects
            ),
            ZERO,
        )
        could = _selected_together(record, projects, {})
        let_through = ZERO if could is None else was - could
        need = _within(CASH[FINANCING].limit, total, limit, let_through=let_through)
        if lines.get(ref, {}).get("override_reason"):
            need = replace(need, set_aside=True)
        found.append(StepNeeds(str(CASH[FINANCING].words), ref, (need,)))
    return found


def _selected_together(
    record: CommitmentRecord, projects: Collection[str], said: Mapping[str, Changes]
) -> Decimal | None:
    """The most dollars selected of some projects, with what a case claims; None where one is unknown."""
    whole = ZERO
    for slug in projects:
        judged = record.judged(f"project:{slug}", "amount.selected")
        high = _high_with(judged, said.get(slug, ()))
        if high is None:
            return None
        whole += high
    return whole


def _signed_in(changes: Changes) -> dict[str, list[Mapping[str, Any]]]:
    """What some changes claim to be signed of agreements."""
    return _claims_in(changes, "financing", "amount.signed")


def _cash_needs(changes: Changes, point: PointInTime) -> list[StepNeeds]:
    """What the notices, covers and entries of a case need, by project and kind."""
    lines: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for change in changes:
        data = change["data"]
        kind = str(data.get("kind")) if change["kind"] == "ledgerentry" else change["kind"]
        if kind in CASH and (change["kind"] == "ledgerentry" or kind in (NOTICE, COVER)):
            about = str(data.get("financing" if kind == COVER else "project") or "")
            if not data.get("withdrawn"):
                lines.setdefault((about, kind), []).append(data)
    limited = {*_selected_in(changes), *_merged_in(changes), *_profiled_in(changes)}
    if not lines and not limited:
        return []
    projects = sorted({*limited, *(about for about, kind in lines if kind != COVER)})
    books = _books(changes, projects, point)
    for slug in sorted(limited):
        if books.sums[slug, NOTICE]:
            lines.setdefault((slug, NOTICE), [])
    reached = _stages_by(projects, changes, point)
    is_called = any(kind == NOTICE for _p, kind in lines)
    selected = _selected_either_way(reached, changes, point) if is_called else {}
    until = closed_until(ClosedPeriod.objects.current(point))
    is_claimed = any(kind == Kind.GUARANTEE_CALL for _p, kind in lines)
    guarantees = guarantees_of(projects, point, changes) if is_claimed else {}
    exposure = set(_exposure().values_list("slug", flat=True))
    found = []
    for (about, kind), given in lines.items():
        needs = [*_given_needs(kind, given, until, point)] if given else []
        if kind != COVER:
            needs += _instrument_needs(kind, given, exposure)
        if kind == Kind.GUARANTEE_CALL:
            needs.append(_guarantee_need(about, given, guarantees))
        if kind == NOTICE:
            stands = Stage.SELECTED in reached.get(about, ())
            needs.append(
                Need(
                    _("one of these stands: %(stages)s") % {"stages": _after_words(CASH[kind])},
                    met=stands,
                    found=str(STAGE_WORDS[Stage.SELECTED]) if stands else "–",
                )
            )
            before, most = selected.get(about, (ZERO, ZERO))
            needs.append(books.called_within(about, most, before=before))
            needs += books.received_within(given)
        elif kind in LIMITED_BY:
            needs.append(books.cash_within(about, kind))
        if kind == Kind.FUNDING:
            needs += _notice_needs(given, books)
        needs += books.held_by(about, kind)
        if any(line.get("override_reason") for line in given):
            needs = [replace(need, set_aside=need.required) for need in needs]
        found.append(StepNeeds(str(CASH[kind].words), about, tuple(needs)))
    return found


def _given_needs(
    kind: str, lines: Sequence[Mapping[str, Any]], until: Mapping[str, date], point: PointInTime
) -> Iterable[Need]:
    """A document, a day that is over and, in a closed period, why it is late."""
    cash = CASH[kind]
    with_document = sum(bool(line.get("document")) for line in lines)
    yield Need(
        _("a document") if cash.needs_document else _("a document where there is one"),
        met=with_document == len(lines),
        found=_told(with_document, lines, [str(line.get("document") or "–") for line in lines]),
        required=cash.needs_document,
    )
    named = "in_force_on" if kind == COVER else "value_date"
    days = [day_of_receipt(line) if kind == NOTICE else _day(line.get(named)) for line in lines]
    over = sum(day is not None and day <= point.today for day in days)
    yield Need(
        _("a day that is over"),
        met=over == len(lines),
        found=_told(over, lines, [str(day or "–") for day in days]),
    )
    if kind in (NOTICE, COVER):
        return
    late = [
        line
        for line, day in zip(lines, days, strict=True)
        if day is not None and day <= until.get(str(line.get("commitment")), date.min)
    ]
    if late:
        told = sum(bool(str(line.get("late_reason") or "").strip()) for line in late)
        words = _("a reason for the posting into a closed period")
        found = _told(told, late, [str(line.get("late_reason") or "–") for line in late])
        yield Need(words, met=told == len(late), found=found)


def _instrument_needs(
    kind: str, lines: Sequence[Mapping[str, Any]], exposure: Collection[str]
) -> Iterable[Need]:
    """For what a guarantee pays a guarantee; an instrument of cash, where it is none."""
    slugs = [str(line.get("instrument") or "–") for line in lines]
    if not slugs or (CASH[kind].is_cash and not set(exposure) & set(slugs)):
        return
    fits = sum((slug in exposure) != CASH[kind].is_cash for slug in slugs)
    yield Need(
        _("an instrument of cash, not a guarantee") if CASH[kind].is_cash else _("a guarantee"),
        met=fits == len(slugs),
        found=_told(fits, lines, slugs),
    )


def _guarantee_need(
    project: str, lines: Sequence[Mapping[str, Any]], guarantees: Mapping[str, Sequence[Span]]
) -> Need:
    days = [_day(line.get("value_date")) for line in lines]
    stand = sum(day is not None and stands_on(guarantees.get(project, ()), day) for day in days)
    given = _("given") if stand == len(lines) else "–"
    return Need(
        str(CASH[Kind.GUARANTEE_CALL].after_words),
        met=stand == len(lines),
        found=_told(stand, lines, [given]),
    )


def guarantees_of(
    projects: Collection[str], point: PointInTime, changes: Changes = ()
) -> Mapping[str, Sequence[Span]]:
    """The first and last days of the guarantees and covers of some projects, by project.

    Those on record at the point, with what a case says of them in its place.
    """
    exposure = set(_exposure().values_list("slug", flat=True))
    agreed: dict[str, tuple[Collection[str], str, date | None]] = {}
    rows = Financing.objects.current(point).filter(projects__slug__in=projects).distinct()
    for one in rows.select_related("instrument").prefetch_related("projects"):
        slugs: Collection[str] = [project.slug for project in one.projects.all()]
        agreed[one.ref] = (slugs, one.instrument.slug, one.signed_on)
    covers = {
        cover.ref: (cover.financing.ref, cover.in_force_on, cover.ends_on)
        for cover in Cover.objects.current(point)
        .filter(financing__ref__in=agreed)
        .select_related("financing")
    }
    for change in changes:
        ref, data = str(change["data"].get("ref")), change["data"]
        if change["kind"] == "financing":
            slugs = [] if data.get("withdrawn") else data.get("projects") or []
            agreed[ref] = (slugs, str(data.get("instrument")), _day(data.get("signed_on")))
        if change["kind"] == COVER:
            of = "" if data.get("withdrawn") else str(data.get("financing"))
            begin = _day(data.get("in_force_on")) or date.max
            covers[ref] = (of, begin, _day(data.get("ends_on")))
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for slugs, instrument, signed_on in agreed.values():
        for slug in slugs if instrument in exposure else ():
            found[slug].append((signed_on or date.min, date.max))
    for of, begin, end in covers.values():
        for slug in agreed[of][0] if of in agreed else ():
            found[slug].append((begin, end or date.max))
    return found


def stands_on(spans: Iterable[Span], day: date) -> bool:
    """Whether a day lies in one of some spans."""
    return any(begin <= day <= end for begin, end in spans)


def _exposure() -> QuerySet[Instrument]:
    return Instrument.objects.filter(is_cash=False)


def _told(count: int, lines: Sequence[Any], values: Sequence[str]) -> str:
    """The one value, or of how many lines it is so."""
    if len(lines) == 1:
        return values[0]
    return _("%(count)s of %(all)s") % {"count": f"{count:,}", "all": f"{len(lines):,}"}


def _notice_needs(lines: Sequence[Mapping[str, Any]], books: _Books) -> Iterable[Need]:
    """Each notice that receipts name: how much it calls, and through which instrument."""
    by_notice: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        if line.get("notice"):
            by_notice.setdefault(str(line["notice"]), []).append(line)
    for ref, given in sorted(by_notice.items()):
        amount, instrument = books.calls.get(ref, (ZERO, "–"))
        came, paid = books.received[ref], {str(line.get("instrument")) for line in given}
        yield Need(
            _("what notice %(ref)s calls, through its instrument") % {"ref": ref},
            met=came <= amount and paid == {instrument},
            found=_("%(amount)s USD (%(paid)s), of at most %(limit)s USD (%(called)s)")
            % {
                "amount": f"{came:,.2f}",
                "paid": ", ".join(sorted(paid)),
                "limit": f"{amount:,.2f}",
                "called": instrument,
            },
            let_through=sum(_amount(line.get("amount_usd")) for line in given) <= 0,
        )


def _books(changes: Changes, projects: Sequence[str], point: PointInTime) -> _Books:
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    received: defaultdict[str, Decimal] = defaultdict(Decimal)
    calls: dict[str, tuple[Decimal, str]] = {}
    notices = FundingNotice.objects.current(point).filter(project__slug__in=projects)
    columns = ("ref", "project__slug", "instrument__slug", "amount_usd")
    own = {str(c["data"].get("ref")) for c in changes if c["kind"] == NOTICE}
    listed = list(notices.filter(declined_on=None).values_list(*columns))
    for ref, project, instrument, amount in listed:
        sums[project, NOTICE] += amount
        calls[ref] = (amount, instrument)
    entries = LedgerEntry.objects.known(point).filter(
        project__slug__in=projects, kind__in=(Kind.FUNDING, Kind.DISBURSEMENT)
    )
    summed = entries.order_by().values_list("project__slug", "kind", "notice__ref")
    for project, kind, notice, amount in summed.annotate(Sum("amount_usd")):
        sums[project, kind] += amount
        if notice and kind == Kind.FUNDING:
            received[notice] += amount
    beyond = {ref: received[ref] - amount for ref, (amount, _instrument) in calls.items()}
    books = _Books(sums, dict(sums), received, calls, beyond)
    for ref, project, _instrument, amount in listed:
        if ref in own:
            sums[project, NOTICE] -= amount
            del calls[ref]
    for change in changes:
        data, amount = change["data"], _amount(change["data"].get("amount_usd"))
        project, kind = str(data.get("project") or ""), str(data.get("kind"))
        if change["kind"] == NOTICE and not data.get("withdrawn") and not data.get("declined_on"):
            books.sums[project, NOTICE] += amount
            books.calls[str(data.get("ref"))] = (amount, str(data.get("instrument")))
        if change["kind"] == "ledgerentry":
            books.sums[project, kind] += amount
            if data.get("notice") and kind == Kind.FUNDING:
                books.received[str(data["notice"])] += amount
    return books


def _stages_by(
    projects: Sequence[str], changes: Changes, point: PointInTime
) -> Mapping[str, set[Stage]]:
    """The stages some projects have reached and not ended at, by the register and the case."""
    stands = {slug: standing(taken) for slug, taken in _steps_by(projects, changes, point).items()}
    return {slug: set(s.reached) if s.stage not in ENDS else set() for slug, s in stands.items()}


def _steps_by(
    projects: Collection[str], changes: Changes, point: PointInTime
) -> dict[str, list[Step]]:
    """The steps that some projects have taken once a case is recorded: one query.

    What is planned or taken back makes nothing true, and what the case says of a
    step on record stands for it.
    """
    said = [change["data"] for change in changes if change["kind"] == "stageevent"]
    own = {str(data.get("ref")) for data in said}
    stored = StageEvent.objects.current(point).filter(project__slug__in=projects, planned=False)
    columns = ("ref", "project__slug", "kind", "occurred_on")
    steps: dict[str, list[Step]] = {}
    for ref, slug, kind, day in stored.values_list(*columns):
        if ref not in own:
            steps.setdefault(slug, []).append(Step(kind, day))
    for data in said:
        on, slug = _day(data.get("occurred_on")), str(data.get("project"))
        if slug in projects and on and not (data.get("planned") or data.get("withdrawn")):
            steps.setdefault(slug, []).append(Step(str(data.get("kind")), on))
    return steps


def _selected_in(changes: Changes) -> dict[str, list[Mapping[str, Any]]]:
    """What some changes claim of the selected amount of projects."""
    return _claims_in(changes, "project", "amount.selected")


def _claims_in(changes: Changes, kind: str, aspect: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        data = change["data"]
        if (
            change["kind"] == "claim"
            and data.get("aspect") == aspect
            and data.get("unit") in (None, "", Claim.Unit.USD)
        ):
            found.setdefault(str(data.get("subject")).removeprefix(f"{kind}:"), []).append(data)
    return found


def _merged_in(changes: Changes) -> dict[str, bool]:
    """The projects that some changes merge into another, or part from it again."""
    return {
        str(change["data"].get("project")): not change["data"].get("withdrawn")
        for change in changes
        if change["kind"] == "projectlink"
        and change["data"].get("relation") == ProjectLink.Relation.MERGED_INTO
    }


def _profiled_in(changes: Changes) -> dict[str, bool]:
    """Whether the profiles that some changes give projects count them in the totals."""
    return {
        str(change["data"].get("project")): bool(change["data"].get("count_in_totals", True))
        for change in changes
        if change["kind"] == "projectprofile" and not change["data"].get("withdrawn")
    }


def _selected_either_way(
    reached: Mapping[str, Collection[Stage]], changes: Changes, point: PointInTime
) -> Mapping[str, tuple[Decimal | None, Decimal | None]]:
    """The most US dollars selected of each project, by the register and once the case is recorded.

    Nothing is of one that is not selected, was merged into another or is left out
    of the totals; None where no upper amount is stated.
    """
    commitment = commitment_of(changes)
    if commitment is None:
        return {}
    found = {}
    records = CommitmentRecord(commitment, point).by_slug
    claimed, merged, profiled = _selected_in(changes), _merged_in(changes), _profiled_in(changes)
    for slug, stages in reached.items():
        record = records.get(slug)
        is_merged = merged.get(slug, record is not None and record.merged_into is not None)
        profile = record.profile if record else None
        counts = profiled.get(slug, profile is None or profile.count_in_totals)
        stands = counts and not is_merged and Stage.SELECTED in stages
        judged = record.amounts.get("selected") if record else None
        most = _high_with(judged, claimed.get(slug, ())) if stands else ZERO
        found[slug] = (record.selected_at_most if record else ZERO, most)
    return found


def _high_with(judged: Judged | None, said: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """The upper amount that claims on record give with those of a case in their place."""
    return _judged_with(judged, said).bounds.high


def _judged_with(judged: Judged | None, said: Sequence[Mapping[str, Any]]) -> Judged:
    """What claims on record say of a figure with those of a case in their place."""
    stored = {c.ref: c for c in (*judged.used, *judged.others)} if judged else {}
    ruling = judged.ruling if judged else None
    named = {claim.root_key for claim in judged.used} if judged and ruling else set()
    claims = dict(stored)
    for data in said:
        ref = str(data.get("ref"))
        older = claims.pop(ref, None)
        if not data.get("withdrawn"):
            claims[ref] = Claim(
                ref=ref,
                root_id=older.root_key if older else None,
                rank=_rank(data.get("rank")),
                low=_stated(data.get("low")),
                high=_stated(data.get("high")),
            )
    return judge(claims.values(), ruling, named)


def _rank(text: Any) -> int:
    return int(text) if str(text).isdigit() else int(Claim.Rank.DERIVED)


def _stated(text: Any) -> Decimal | None:
    return None if text in (None, "") else _amount(text)


def _amount(text: Any) -> Decimal:
    """An amount as a case holds it; zero where it cannot be read."""
    try:
        amount = Decimal(str(text))
    except ArithmeticError:
        return ZERO
    return amount if amount.is_finite() else ZERO


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _day(text: Any) -> date | None:
    try:
        return parse_date(str(text)) if text else None
    except ValueError:
        return None
