"""What each step of a project needs, and how far a case gives it: shown before the attempt."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Min, QuerySet, Sum
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.models import Document, Instrument, document_kind_words
from commitments.selectors import documents_at
from projects.calculations.stages import ENDS, REQUIREMENTS, Requirement, Stage
from projects.models import LedgerEntry, Project, StageEvent
from projects.selectors import CommitmentRecord, ProjectRecord
from projects.selectors.cash import unreversed
from projects.selectors.ledger import closed_until
from projects.selectors.notices import NoticeRecord
from projects.selectors.projects import selected_together
from projects.services.decision_records import COUNTED
from projects.services.decisions import MONEY_WORDS, evidence_fault, evidence_words
from projects.services.limits import LIMITS, NOTICE, PAID_OUT
from projects.services.notices import day_of_receipt

Changes = Sequence[Mapping[str, Any]]
States = tuple[CommitmentRecord, CommitmentRecord]  # without a case and with it
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
COVER, FINANCING = "cover", "financing"
Kind = LedgerEntry.Kind
LIMITED_BY: Mapping[str, str] = {limit.kind: limit.to for limit in LIMITS if limit.by == "project"}
ABOVE_ZERO = gettext_lazy("above zero")


@dataclass(frozen=True)
class Cash:
    """What a notice, a cover or one kind of ledger entry makes true, and what it is held to.

    `after` are stages of which one must stand before, or what else must, in words;
    `limit` says in words how much there can be, and `is_cash` whether it is cash, which
    no guarantee pays; `step` is the one whose evidence it needs, where it needs that.
    """

    words: Any
    stage: Any = None
    after: frozenset[Stage] = frozenset()
    limit: Any = ABOVE_ZERO
    after_words: Any = ""
    is_cash: bool = True
    step: str = ""


CASH: Mapping[str, Cash] = {
    FINANCING: Cash(
        gettext_lazy("financing agreement"),
        STAGE_WORDS[Stage.SIGNED],
        frozenset({Stage.SELECTED}),
        gettext_lazy("signed in all at most the selected amount of its projects"),
        step=StageEvent.Kind.FINANCING_SIGNED,
    ),
    COVER: Cash(
        MONEY_WORDS[COVER],
        gettext_lazy("guaranteed"),
        frozenset({Stage.SIGNED}),
        gettext_lazy("in force at once at most what was signed of the financing"),
    ),
    NOTICE: Cash(
        MONEY_WORDS[NOTICE],
        STAGE_WORDS[Stage.NOTICED],
        frozenset({Stage.SELECTED}),
        gettext_lazy("called in all at most the selected amount"),
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
        gettext_lazy(
            "paid on in all at most what was received, and of a notice what was received on it"
        ),
    ),
    **{
        kind: Cash(kind.label, STAGE_WORDS[Stage.DISTRIBUTED], frozenset({Stage.FUNDED}))
        for kind in PAID_OUT
    },
    Kind.PRINCIPAL: Cash(
        Kind.PRINCIPAL.label,
        STAGE_WORDS[Stage.DISTRIBUTED],
        frozenset({Stage.FUNDED}),
        gettext_lazy("repaid in all at most what was received"),
    ),
    Kind.FEE: Cash(Kind.FEE.label, after=frozenset({Stage.SELECTED})),
    Kind.GUARANTEE_CALL: Cash(
        Kind.GUARANTEE_CALL.label,
        after_words=gettext_lazy("a guarantee or a cover of the project that stands on that day"),
        limit=gettext_lazy(
            "claimed in all at most what guarantees and covers leave, through a guarantee: "
            "no cash of any rung"
        ),
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
        *map(_cash_row, CASH),
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


def _cash_row(kind: str) -> RequirementRow:
    cash = CASH[kind]
    return RequirementRow(
        step=str(cash.words),
        stage=str(cash.stage) if cash.stage else _("no stage"),
        after=_after_words(cash),
        document=evidence_words(cash.step or kind),
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


class _Limited(NamedTuple):
    """A sum in US dollars and what it is held to; None where no upper amount is stated."""

    amount: Decimal
    limit: Decimal | None

    @property
    def excess(self) -> Decimal:
        """What is beyond the limit; less than nothing where there is room."""
        return ZERO if self.limit is None else self.amount - self.limit

    def is_let_through(self, before: "_Limited") -> bool:
        """Whether it is beyond its limit, and was as far beyond it before."""
        return 0 < self.excess <= before.excess


NOTHING = _Limited(ZERO, ZERO)


class _Held:
    """What commitments hold at a point, with the sums that are held to limits."""

    def __init__(self, records: Sequence[CommitmentRecord]) -> None:
        self.records, self.point = records, records[0].point
        self.projects: dict[str, ProjectRecord] = {}
        self.sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.notices: dict[str, NoticeRecord] = {}
        self.agreed: dict[str, frozenset[str]] = {}  # the projects of each agreement
        self.signed: dict[str, Decimal] = {}
        for record in records:
            self.projects |= record.by_slug
            self.notices |= {one.notice.ref: one for one in record.notice_records}
            self.sums.update(record.cash_by_kind())
            for member in record.members("noticed"):
                self.sums[member.project, NOTICE] += member.row.bounds.low or ZERO
            for one in record.financings:
                self.agreed[one.ref] = frozenset(p.slug for p in one.projects.all())
                self.signed[one.ref] = record.signed_at_most(one.ref)

    def most_selected(self, project: str) -> Decimal | None:
        found = self.projects.get(project)
        if found and found.standing.stage in ENDS:
            return self.sums[project, Kind.FUNDING]  # what came in stays
        return found.selected_at_most if found else ZERO

    def on_project(self, project: str, kind: str) -> _Limited:
        """What notices call of a project, or the cash of a kind: of what stands above it."""
        if kind == NOTICE:
            return _Limited(self.sums[project, kind], self.most_selected(project))
        return _Limited(self.sums[project, kind], self.sums[project, LIMITED_BY[kind]])

    def on_notice(self, ref: str) -> _Limited:
        """What came in on a notice, of what it calls."""
        one = self.notices.get(ref)
        return _Limited(one.clock.received_usd, one.notice.amount_called) if one else NOTHING

    def paid_of(self, ref: str) -> _Limited:
        """What was paid on of a notice, of what came in on it."""
        return _Limited(self._paid_on.get(ref, ZERO), self.on_notice(ref).amount)

    @cached_property
    def _paid_on(self) -> dict[str, Decimal]:
        """What was paid on of each notice that payments name."""
        paid = self._entries.filter(kind=Kind.DISBURSEMENT, notice__isnull=False).order_by()
        return dict(paid.values_list("notice__ref").annotate(Sum("amount_usd")))

    @cached_property
    def exposure(self) -> set[str]:
        """The instruments that are exposure and no cash: guarantees."""
        return set(Instrument.objects.filter(is_cash=False).values_list("slug", flat=True))

    @cached_property
    def funded_on(self) -> dict[str, date]:
        """The first day on which each project was funded."""
        funded = unreversed(self._entries.filter(kind=Kind.FUNDING)).order_by()
        return dict(funded.values_list("project__slug").annotate(Min("value_date")))

    @property
    def _entries(self) -> QuerySet[LedgerEntry]:
        commitments = [record.commitment for record in self.records]
        return LedgerEntry.objects.known(self.point).filter(commitment__in=commitments)

    def claimed(self, project: str, days: Iterable[date]) -> _Limited:
        """What was claimed of a project, of what its guarantees bore and those of some days leave."""
        paid = [one for record in self.records for one in record.claims_paid]
        own = [one for one in paid if one.claim.project == project]
        whole = sum((one.claim.amount for one in own), ZERO)
        if beyond := sum((one.beyond for one in own), ZERO):
            return _Limited(whole, whole - beyond)
        standing = {
            one.ref: one.amount
            for day in days
            for record in self.records
            for one in record.guarantees
            if one.stands(project, day)
        }
        drawn = sum((one.of.get(ref, ZERO) for one in paid for ref in standing), ZERO)
        stated = [amount for amount in standing.values() if amount is not None]
        is_open = len(stated) < len(standing)
        return _Limited(whole, None if is_open else whole + sum(stated, ZERO) - drawn)

    def is_guaranteed(self, project: str, day: date) -> bool:
        """Whether a guarantee or cover of a project stands on a day."""
        every = (guarantee for record in self.records for guarantee in record.guarantees)
        return any(guarantee.stands(project, day) for guarantee in every)

    def on_agreements(self, projects: frozenset[str]) -> _Limited:
        """What is signed for some projects or a part of them, of what is selected of them."""
        own = (
            self.signed[ref] for ref, named in self.agreed.items() if named and named <= projects
        )
        most = selected_together(self.projects.get(slug) for slug in projects)
        return _Limited(sum(own, ZERO), most)


def step_needs(
    changes: Changes, states: Sequence[States], *, most: int | None = None
) -> list[StepNeeds]:
    """Return what each step of a case needs and whether the register gives it once it is posted.

    The register is read without the case and with it, as far as it can be written, for
    each commitment that the case speaks of; what a line itself must say is read from the
    line. Steps stand one by one; notices and entries of one kind on one project stand
    together. `most` is how many steps are looked at.
    """
    if not states:
        return []
    before, after = (_Held(records) for records in zip(*states, strict=True))
    events = steps_in(changes)[:most]
    agreed = [c["data"] for c in changes if c["kind"] == FINANCING]
    money = (NOTICE, COVER, "ledgerentry")
    cited = (*events, *(c["data"] for c in changes if c["kind"] in money))
    named = {str(one["document"]) for one in (*cited, *agreed) if one.get("document")}
    documents = documents_at(named, after.point.revision)
    fictional = Project.objects.filter(commitment__illustrative=True)
    of_fiction = fictional.filter(slug__in={str(one.get("project")) for one in cited})
    illustrative = set(of_fiction.values_list("slug", flat=True))
    fiction = (record for record in after.records if record.commitment.illustrative)
    agreed_in_fiction = {one.ref for record in fiction for one in record.financings}
    return [
        *(_needs_of(event, documents, illustrative, before, after) for event in events),
        *_agreement_needs(agreed, documents, before, after)[:most],
        *_cash_needs(changes, before, after, _Papers(documents, illustrative | agreed_in_fiction)),
    ]


class _Papers(NamedTuple):
    """The documents that a case names, and what it names of an illustrative commitment."""

    documents: Mapping[str, Document]
    illustrative: Collection[str]

    def fit(self, kind: str, line: Mapping[str, Any]) -> bool:
        """Whether the document of a line is one that its kind needs; any is, of a reversal."""
        document = self.documents.get(str(line.get("document")))
        if document is None or line.get("reverses"):
            return bool(line.get("document"))
        illustrative = line.get("financing" if kind == COVER else "project") in self.illustrative
        return evidence_fault(kind, document, illustrative=illustrative) is None

    def words(self, line: Mapping[str, Any]) -> str:
        """A document with its kind and side."""
        slug = str(line.get("document") or "–")
        document = self.documents.get(slug)
        if document is None:
            return slug
        return _document_words(document)


def _needs_of(
    event: Mapping[str, Any],
    documents: Mapping[str, Document],
    illustrative: Collection[str],
    before: _Held,
    after: _Held,
) -> StepNeeds:
    kind, slug = str(event["kind"]), str(event.get("project", ""))
    need, day = REQUIREMENTS[kind], _day(event.get("occurred_on"))
    project = after.projects.get(slug)
    needs = [*_document_needs(kind, event, documents, illustrative=slug in illustrative)]
    if not event.get("planned"):
        needs.append(
            Need(
                _("a day that is over, or the mark “planned”"),
                day is not None and day <= after.point.today,
                str(event.get("occurred_on") or "–"),
            )
        )
    if need.after:
        stage_need = _stage_need(need, project, day)
        needs.append(replace(stage_need, set_aside=bool(event.get("override_reason"))))
    if need.stage in COUNTED:
        needs += _counting_need(before.projects.get(slug), project)
    if need.aspect:
        needs.append(_amount_need(need.aspect, slug, after))
    return StepNeeds(str(StageEvent.Kind(kind).label), slug, tuple(needs))


def _document_needs(
    kind: str,
    event: Mapping[str, Any],
    documents: Mapping[str, Document],
    *,
    illustrative: bool,
) -> Iterable[Need]:
    slug = event.get("document")
    words = _("a document: %(evidence)s") % {"evidence": evidence_words(kind)}
    document = documents.get(str(slug))
    forced = bool(event.get("override_reason"))
    if document is None:
        yield Need(words, met=False, found="–", set_aside=forced)
        return
    fault = evidence_fault(kind, document, illustrative=illustrative)
    fits = bool(event.get("planned")) or fault is None
    yield Need(words, met=fits, found=_document_words(document), set_aside=forced)
    yield Need(
        _("the words quoted and where they stand"),
        met=bool(event.get("locator")),
        found=_("given") if event.get("locator") else "–",
        required=False,
    )


def _stage_need(need: Requirement, project: ProjectRecord | None, day: date | None) -> Need:
    reached = project.on(day or date.max).standing.reached if project else {}
    found = [str(STAGE_WORDS[stage]) for stage in reached if stage in need.after]
    return Need(
        _("one of these reached on that day: %(stages)s") % {"stages": _after_words(need)},
        met=bool(found),
        found=", ".join(found) or "–",
    )


def _counting_need(before: ProjectRecord | None, after: ProjectRecord | None) -> Iterable[Need]:
    """Tell of a project whose profile keeps it out of the totals, unless the case lets it in."""
    was_left_out, left_out = (one is not None and one.is_left_out for one in (before, after))
    if was_left_out or left_out:
        yield Need(
            _("a profile that counts the project in the totals"),
            met=not left_out,
            found=_("its profile keeps it out of the totals") if left_out else _("given"),
            required=False,
        )


def _amount_need(aspect: str, project: str, after: _Held) -> Need:
    """An amount is wanted, not required: unstated amounts are counted beside the total."""
    agreed = (f"financing:{ref}" for ref, named in after.agreed.items() if project in named)
    subjects = (f"project:{project}", *agreed)
    met = any(one.is_claimed(about, aspect) for one in after.records for about in subjects)
    return Need(
        _("an amount, or it counts as not stated"),
        met=met,
        found=_("given") if met else _("not stated"),
        required=False,
    )


def _within(words: Any, before: _Limited, after: _Limited) -> Need:
    """What an amount is held to; up to what was beyond it before the case it stays let through."""
    found = _("%(amount)s USD; no upper amount is stated")
    given = {"amount": f"{after.amount:,.2f}"}
    if after.limit is not None:
        found = _("%(amount)s USD, of at most %(limit)s USD")
        given["limit"] = f"{after.limit:,.2f}"
    return Need(
        str(words),
        met=after.excess <= 0,
        found=found % given,
        let_through=after.is_let_through(before),
    )


def _agreement_needs(
    agreed: Iterable[Mapping[str, Any]],
    documents: Mapping[str, Document],
    before: _Held,
    after: _Held,
) -> list[StepNeeds]:
    """What the agreements of a case need, and those of which it moves the sum or the limit.

    An agreement is held, with all that is signed for some of its projects, to what is
    selected of them together; where the amount of one is not stated no limit is known.
    """
    lines = {str(line.get("ref")): line for line in agreed if not line.get("withdrawn")}
    told = {after.agreed.get(ref) for ref in lines}
    found = []
    for ref in sorted({*lines, *after.agreed}):
        line, projects = lines.get(ref), after.agreed.get(ref, frozenset())
        was, now = before.on_agreements(projects), after.on_agreements(projects)
        needs = [*_signing_needs(line, documents, after)] if line else []
        is_moved = was != now and projects not in told
        if now.amount and now.limit is not None and (line or is_moved):
            need = _within(CASH[FINANCING].limit, was, now)
            needs.append(replace(need, set_aside=bool(line and line.get("override_reason"))))
        if needs:
            found.append(StepNeeds(str(CASH[FINANCING].words), ref, tuple(needs)))
    return found


def _signing_needs(
    line: Mapping[str, Any], documents: Mapping[str, Document], after: _Held
) -> Iterable[Need]:
    """The document of an agreement, a day that is over, and its projects selected by then."""
    fictional = {r.commitment.slug for r in after.records if r.commitment.illustrative}
    is_fictional = line.get("commitment") in fictional
    yield from _document_needs(CASH[FINANCING].step, line, documents, illustrative=is_fictional)
    yield from _instrument_needs(FINANCING, [line], after.exposure)
    day = _day(line.get("signed_on"))
    is_over = day is None or day <= after.point.today
    yield Need(_("a day that is over"), met=is_over, found=str(line.get("signed_on") or "–"))
    listed = [(str(slug), day) for slug in line.get("projects") or ()]
    if listed:
        forced = bool(line.get("override_reason"))
        yield replace(_selected_need(FINANCING, listed, after), set_aside=forced)


def _selected_need(kind: str, listed: Sequence[tuple[str, date | None]], after: _Held) -> Need:
    """Projects selected by the days on which money stands on them; by any, where none is stated."""
    reached = {slug: one.standing.reached for slug, one in after.projects.items()}
    days = [(reached.get(slug, {}).get(Stage.SELECTED), day) for slug, day in listed]
    met = sum(since is not None and (day is None or since <= day) for since, day in days)
    found = str(STAGE_WORDS[Stage.SELECTED]) if met else "–"
    return Need(
        _("one of these reached on that day: %(stages)s") % {"stages": _after_words(CASH[kind])},
        met=met == len(listed),
        found=_told(met, listed, found),
    )


def _cash_needs(changes: Changes, before: _Held, after: _Held, papers: _Papers) -> list[StepNeeds]:
    """What the notices, covers and entries of a case need, by project and kind.

    So do the notices on record of a project of which the case moves what is selected.
    """
    lines: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for change in changes:
        data = change["data"]
        kind = str(data.get("kind")) if change["kind"] == "ledgerentry" else change["kind"]
        if kind in CASH and (change["kind"] == "ledgerentry" or kind in (NOTICE, COVER)):
            about = str(data.get("financing" if kind == COVER else "project") or "")
            if not data.get("withdrawn"):
                lines.setdefault((about, kind), []).append(data)
    for slug, kind in sorted(key for key, called in after.sums.items() if called):
        if kind == NOTICE and before.most_selected(slug) != after.most_selected(slug):
            lines.setdefault((slug, NOTICE), [])
    if not lines:
        return []
    point = after.point
    until = closed_until(point.revision)
    found = []
    for (about, kind), given in lines.items():
        needs = [*_given_needs(kind, given, until, papers, today=point.today)] if given else []
        if kind != COVER:
            needs += _instrument_needs(kind, given, after.exposure)
        if kind == Kind.GUARANTEE_CALL:
            needs += _guarantee_needs(about, given, before, after)
        if kind == Kind.FEE:
            days = [(about, _day(x.get("value_date"))) for x in given if not x.get("reverses")]
            needs += [_selected_need(kind, days, after)] if days else []
        if kind == NOTICE:
            needs += _called_needs(about, given, before, after)
        elif kind in LIMITED_BY:
            needs.append(_limit_need(about, kind, before, after))
        if kind == Kind.FUNDING:
            needs += _notice_needs(given, before, after)
        if kind in (Kind.FUNDING, Kind.DISBURSEMENT):
            needs += _paid_on_needs(kind, given, before, after)
        if kind in PAID_OUT and given:
            needs.append(_funded_need(about, given, after))
        if after.sums[about, kind] < before.sums[about, kind]:
            below = [
                low for low, limit in LIMITED_BY.items() if limit == kind and after.sums[about, low]
            ]
            needs += [_limit_need(about, low, before, after) for low in below]
        if any(line.get("override_reason") for line in given):
            needs = [replace(need, set_aside=need.required) for need in needs]
        found.append(StepNeeds(str(CASH[kind].words), about, tuple(needs)))
    return found


def _limit_need(project: str, kind: str, before: _Held, after: _Held) -> Need:
    """What the notices or the cash of a kind on a project are held to."""
    sums = (held.on_project(project, kind) for held in (before, after))
    return _within(CASH[kind].limit, *sums)


def _called_needs(
    project: str, lines: Sequence[Mapping[str, Any]], before: _Held, after: _Held
) -> Iterable[Need]:
    """What calls need of their project; what came in on those corrected, held to what they call."""
    record = after.projects.get(project)
    is_added = after.sums[project, NOTICE] > before.sums[project, NOTICE]
    has_ended = record is not None and record.standing.stage in ENDS
    stands = record is not None and record.standing.is_selected
    stands |= has_ended and not is_added and after.on_project(project, NOTICE).excess <= 0
    forced = record is not None and record.ended_for_a_reason and not is_added
    yield Need(
        _("one of these stands: %(stages)s") % {"stages": _after_words(CASH[NOTICE])},
        met=stands,
        found=str(STAGE_WORDS[Stage.SELECTED]) if stands else "–",
        set_aside=forced,
    )
    yield replace(_limit_need(project, NOTICE, before, after), set_aside=forced)
    for ref in sorted({str(line.get("ref")) for line in lines}):
        was, now = before.on_notice(ref), after.on_notice(ref)
        if was.limit and now.amount:
            words = _("received on notice %(ref)s at most what it calls") % {"ref": ref}
            yield _within(words, was, now)


def _given_needs(
    kind: str,
    lines: Sequence[Mapping[str, Any]],
    until: Mapping[str, date],
    papers: _Papers,
    *,
    today: date,
) -> Iterable[Need]:
    """A document, a day that is over and, in a closed period, why it is late."""
    fits = sum(papers.fit(kind, line) for line in lines)
    yield Need(
        _("a document: %(evidence)s") % {"evidence": evidence_words(kind)},
        met=fits == len(lines),
        found=_told(fits, lines, papers.words(lines[0])),
    )
    named = "in_force_on" if kind == COVER else "value_date"
    days = [day_of_receipt(line) if kind == NOTICE else _day(line.get(named)) for line in lines]
    over = sum(day is not None and day <= today for day in days)
    yield Need(
        _("a day that is over"),
        met=over == len(lines),
        found=_told(over, lines, str(days[0] or "–")),
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
        found = _told(told, late, str(late[0].get("late_reason") or "–"))
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
        found=_told(fits, lines, slugs[0]),
    )


def _guarantee_needs(
    project: str, lines: Sequence[Mapping[str, Any]], before: _Held, after: _Held
) -> Iterable[Need]:
    """A guarantee or cover that stands on the day of each claim, and what those leave."""
    days = [day for line in lines if (day := _day(line.get("value_date")))]
    stand = sum(after.is_guaranteed(project, day) for day in days)
    given = _("given") if stand == len(lines) else "–"
    cash = CASH[Kind.GUARANTEE_CALL]
    yield Need(str(cash.after_words), met=stand == len(lines), found=_told(stand, lines, given))
    yield _within(cash.limit, before.claimed(project, days), after.claimed(project, days))


def _funded_need(project: str, lines: Sequence[Mapping[str, Any]], after: _Held) -> Need:
    """What pays out comes on no day before the project was funded."""
    first = after.funded_on.get(project)
    days = [_day(line.get("value_date")) for line in lines]
    met = sum(first is not None and day is not None and first <= day for day in days)
    words = _("one of these reached on that day: %(stages)s")
    return Need(
        words % {"stages": STAGE_WORDS[Stage.FUNDED]},
        met=met == len(lines),
        found=_told(met, lines, str(first or "–")),
    )


def _paid_on_needs(
    kind: str, lines: Sequence[Mapping[str, Any]], before: _Held, after: _Held
) -> Iterable[Need]:
    """What was paid on of each notice that payments name, or receipts that are taken back."""
    concerned = [line for line in lines if kind == Kind.DISBURSEMENT or line.get("reverses")]
    refs = sorted({str(line["notice"]) for line in concerned if line.get("notice")})
    for ref in refs:
        was, now = before.paid_of(ref), after.paid_of(ref)
        if now.amount:
            words = _("paid on of notice %(ref)s at most what was received on it") % {"ref": ref}
            yield _within(words, was, now)


def _told(count: int, lines: Sequence[Any], value: str) -> str:
    """The value of a line that is the only one, or of how many lines it is so."""
    if len(lines) == 1:
        return value
    return _("%(count)s of %(all)s") % {"count": f"{count:,}", "all": f"{len(lines):,}"}


def _notice_needs(
    lines: Sequence[Mapping[str, Any]], before: _Held, after: _Held
) -> Iterable[Need]:
    """Each notice that receipts name: how much it calls, and through which instrument."""
    paid: dict[str, set[str]] = {}
    for line in lines:
        if line.get("notice"):
            paid.setdefault(str(line["notice"]), set()).add(str(line.get("instrument")))
    for ref, through in sorted(paid.items()):
        was, now, one = before.on_notice(ref), after.on_notice(ref), after.notices.get(ref)
        instrument = one.notice.instrument.slug if one else "–"
        yield Need(
            _("what notice %(ref)s calls, through its instrument") % {"ref": ref},
            met=now.excess <= 0 and through == {instrument},
            found=_("%(amount)s USD (%(paid)s), of at most %(limit)s USD (%(called)s)")
            % {
                "amount": f"{now.amount:,.2f}",
                "paid": ", ".join(sorted(through)),
                "limit": f"{now.limit:,.2f}",
                "called": instrument,
            },
            let_through=now.amount < was.amount or now.is_let_through(was),
        )


def _document_words(document: Document) -> str:
    """A document with its kind and side."""
    kind, side = document_kind_words(document.kind), document.get_side_display()
    return _("%(document)s (%(kind)s, %(side)s)") % {
        "document": document.slug,
        "kind": kind,
        "side": side,
    }


def _day(text: Any) -> date | None:
    try:
        return parse_date(str(text)) if text else None
    except ValueError:
        return None
