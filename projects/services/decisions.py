"""A project approval as a person enters it, and everything that stands against it.

What each kind of decision needs is one table, REQUIREMENTS of the stages, read
by the form, the rules of posting and the pages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.bounds import Bounds
from commitments.calculations.point import PointInTime
from commitments.models import (
    Claim,
    Commitment,
    Document,
    Institution,
    Instrument,
    Revision,
    Sector,
)
from commitments.selectors import point_at, terms_of
from projects.calculations.stages import (
    DECISIONS,
    ENDS,
    EVIDENCE,
    NEEDS_ONE_OF,
    ORDER,
    REQUIREMENTS,
    STAGE_OF_KIND,
    STATEMENTS,
    Stage,
    Step,
    standing,
)
from projects.models import Financing, LedgerEntry, Project, StageEvent

Kind = StageEvent.Kind
OTHERS = frozenset({"analysis", "court_decision", "lender_release", "letter", "news", "report"})
OF_MONEY = frozenset(kind for evidence in EVIDENCE.values() for kind in evidence.kinds)
DOCUMENT_KINDS = tuple(sorted(STATEMENTS | DECISIONS | OTHERS | OF_MONEY))
FICTIONAL = "fictional"  # the kind of every document of an illustrative commitment
BINDING = (Kind.SELECTED, Kind.FINANCING_SIGNED)
ONE_DAY = timedelta(days=1)  # the two capitals' dates of one act


ANY_NAMED = gettext_lazy("any document but an unattributed article")
A_PAYMENT_RECORD = gettext_lazy(
    "a payment record (document kind payment_record) of a government or body, not of the press"
)
MONEY_WORDS: Mapping[str, Any] = {
    "fundingnotice": gettext_lazy("funding notice"),
    "cover": gettext_lazy("cover of a financing"),
    **{kind.value: kind.label for kind in LedgerEntry.Kind},
}
EVIDENCE_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(EVIDENCE, A_PAYMENT_RECORD),
    "fundingnotice": gettext_lazy(
        "the notice (document kind funding_notice) of a government or body, not of the press"
    ),
    "cover": gettext_lazy("a release of the insurer or a lender, or a report of it"),
    "funding": gettext_lazy(
        "a receipt (document kind receipt) of a government or body, not of the press"
    ),
    Kind.CANDIDATE_LISTED: gettext_lazy("a list or statement of a government or company"),
    Kind.SELECTED: gettext_lazy("a decision or fact sheet of the United States, or a joint one"),
    Kind.FINANCING_SIGNED: gettext_lazy("a lender's release, or a report of it"),
    Kind.DECLINED: gettext_lazy("a statement of Japan, or a joint one"),
}
DECISION_KINDS = tuple(kind for kind, need in REQUIREMENTS.items() if need.is_decision)


def evidence_words(kind: str) -> str:
    """What document a kind of event or ledger entry, a notice or a cover needs, in words."""
    return str(EVIDENCE_WORDS.get(kind, ANY_NAMED))


def evidence_fault(kind: str, document: Any, *, illustrative: bool = False) -> str | None:
    """The part of a document that does not fit a kind of event or money: `kind`, `side` or None.

    A fictional document evidences all of an illustrative commitment, and nothing of a real one.
    """
    needed = EVIDENCE.get(kind) or REQUIREMENTS[kind]
    fits = needed.kinds is None or document.kind in needed.kinds
    if not (illustrative if document.kind == FICTIONAL else fits):
        return "kind"
    return "side" if document.side not in needed.sides else None


def start_fault(kind: str, day: date, start: date | None) -> str:
    """Say that what binds the parties, a selection or a signing, lies before their agreement."""
    if kind not in BINDING or start is None or day >= start:
        return ""
    return _("The date lies before the agreement of %(start)s.") % {"start": start}


@dataclass(frozen=True)
class NewProject:
    """A project the register does not hold yet."""

    slug: str
    name: str
    sector: Sector | None
    states: tuple[str, ...] = ()
    name_ja: str = ""


@dataclass(frozen=True)
class NewDocument:
    """A document the register does not hold yet."""

    slug: str
    title: str
    kind: str
    issuer: str
    date: date
    date_precision: str
    url: str
    side: str
    access: str = Document.Access.READ


@dataclass(frozen=True)
class Agreement:
    """One financing agreement signed: instrument, lender, US dollars, and its terms.

    Without an amount it stands for what the others leave of the decision's.
    """

    instrument: Instrument
    lender: Institution | None = None
    amount_usd: Decimal | None = None
    cover_status: str = Financing.CoverStatus.NOT_STATED
    benchmark: str = ""
    spread_bps: int | None = None
    tenor_months: int | None = None
    repayment: str = ""


@dataclass(frozen=True)
class Source:
    """A further document on the decision's amount: who says it, where, and another amount if so."""

    document: Document
    who: str
    rank: int
    locator: str
    qualifier: str = Claim.Qualifier.NOT_STATED
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def has_own_amount(self) -> bool:
        """True where it gives another amount than the decision's."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class ProjectDecision:
    """One decision on one project with its amount in US dollars and its evidence.

    `low` and `high` are empty as the qualifier says: "up to" has no low, "more
    than" no high. `financings` are what signed financing consists of; `sources`
    say the same, or another amount, beside the document.
    """

    commitment: Commitment
    project: Project | NewProject
    kind: str
    occurred_on: date
    document: Document | NewDocument
    who: str
    rank: int
    qualifier: str
    low: Decimal | None = None
    high: Decimal | None = None
    locator: str = ""
    note: str = ""
    financings: tuple[Agreement, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def has_amount(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def divided_usd(self) -> Decimal:
        """Dollars that the agreements name."""
        return sum((a.amount_usd for a in self.financings if a.amount_usd is not None), Decimal(0))

    @property
    def rest(self) -> Bounds:
        """What the agreements that name no amount leave of the decision's, low and high."""
        low, high = (
            None if end is None else end - self.divided_usd for end in (self.low, self.high)
        )
        return Bounds(low, high)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a decision as entered, and in which field.

    `part` and `number` name the line of agreements or sources the field stands in.
    """

    field: str
    message: str
    part: str = ""
    number: int = 0


def decision_problems(decision: ProjectDecision, *, point: PointInTime) -> list[Problem]:
    """Return everything that stands against recording a decision, all at once."""
    return [
        *_names_taken(decision),
        *_date_problems(decision, point),
        *_evidence_problems(decision),
        *amount_problems(decision.qualifier, decision.low, high=decision.high),
        *_kind_problems(decision),
        *_source_problems(decision),
        *_stage_problems(decision, point),
    ]


def amount_problems(
    qualifier: str, low: Decimal | None, *, high: Decimal | None
) -> Iterator[Problem]:
    """Say which end of an amount the qualifier needs, forbids, or finds reversed or not above zero."""
    found = Claim.faults_of_ends(qualifier, low, high)
    yield from (Problem(field, message) for field, message in found.items())
    for field, amount in (("low", low), ("high", high)):
        if amount is not None and amount <= 0 and field not in found:
            yield Problem(field, _("Enter an amount above zero."))


def _names_taken(decision: ProjectDecision) -> Iterator[Problem]:
    project, document = decision.project, decision.document
    if isinstance(project, NewProject) and Project.objects.filter(slug=project.slug).exists():
        yield Problem("new_project_slug", _("A project of this name exists; choose it above."))
    if isinstance(document, NewDocument):
        taken = {document.slug} & _document_names()
        if taken:
            yield Problem(
                "new_document_slug", _("A document of this name exists; choose it above.")
            )
        elif document.url and (same := Document.objects.filter(url=document.url).first()):
            yield Problem(
                "new_document_url",
                _("This address is on record as %(document)s; choose that document above.")
                % {"document": same.slug},
            )


def _document_names() -> set[str]:
    names: set[str] = set()
    for slug, aliases in Document.objects.values_list("slug", "aliases"):
        names.update([slug, *aliases])
    return names


def _date_problems(decision: ProjectDecision, point: PointInTime) -> Iterator[Problem]:
    document = decision.document
    if decision.occurred_on > point.today:
        yield Problem(
            "occurred_on", _("The date lies in the future; only what has happened is recorded.")
        )
    start = terms_of(decision.commitment, point).day("start")
    if words := start_fault(decision.kind, decision.occurred_on, start):
        yield Problem("occurred_on", words)
    if document.date is None:
        return
    field = "new_document_date" if isinstance(document, NewDocument) else "document"
    if document.date > point.today:
        yield Problem(field, _("The document's date lies in the future."))
    if document.date_precision == "day" and document.date < decision.occurred_on - ONE_DAY:
        yield Problem(
            field,
            _("The document is dated %(date)s, before the decision it should evidence.")
            % {"date": document.date},
        )


def _evidence_problems(decision: ProjectDecision) -> Iterator[Problem]:
    document = decision.document
    new = isinstance(document, NewDocument)
    message = _("“%(kind)s” needs %(evidence)s.") % {
        "kind": Kind(decision.kind).label,
        "evidence": evidence_words(decision.kind),
    }
    illustrative = decision.commitment.illustrative
    if fault := evidence_fault(decision.kind, document, illustrative=illustrative):
        yield Problem(f"new_document_{fault}" if new else "document", message)
    yield from _rank_problems(decision.rank, document)


def _rank_problems(rank: int, document: Document | NewDocument) -> Iterator[Problem]:
    if fault := Claim.rank_fault(rank, Claim.side_of(rank, document.side), document):
        yield Problem("rank", fault)


def _kind_problems(decision: ProjectDecision) -> Iterator[Problem]:
    if REQUIREMENTS[decision.kind].aspect is None and decision.has_amount:
        yield Problem(
            "qualifier",
            _("This decision carries no amount: choose “not stated” and leave both empty."),
        )
    if decision.kind != Kind.FINANCING_SIGNED:
        if decision.financings:
            words = _("Agreements belong to signed financing only.")
            yield Problem("instrument", words, part="financings")
    elif not decision.financings:
        words = _("Say through which instrument the money was signed.")
        yield Problem("instrument", words, part="financings")
    else:
        yield from _lender_problems(decision)
        yield from _split_problems(decision)


def _lender_problems(decision: ProjectDecision) -> Iterator[Problem]:
    """Say which lender of a real commitment is made up."""
    here = decision.commitment
    for number, agreement in enumerate(decision.financings):
        lender = agreement.lender
        if lender is not None and lender.illustrative and not here.illustrative:
            words = _("“%(named)s” is fictional, and %(here)s is not")
            given = {"named": lender.slug, "here": here.slug}
            yield Problem("lender", words % given, "financings", number)


def _split_problems(decision: ProjectDecision) -> Iterator[Problem]:
    """Say where the agreements do not make up the amount signed."""
    open_ones = [n for n, a in enumerate(decision.financings) if a.amount_usd is None]
    divided = decision.divided_usd
    end = decision.high if decision.high is not None else decision.low
    for number, agreement in enumerate(decision.financings):
        if agreement.amount_usd is not None and agreement.amount_usd <= 0:
            yield Problem("amount_usd", _("Enter an amount above zero."), "financings", number)
    if end is None:
        if divided:
            words = _("State the amount signed, which the agreements make up.")
            yield Problem("qualifier", words)
        return
    if len(open_ones) > 1:
        words = _("One agreement may be left without an amount: it stands for the rest.")
        yield Problem("amount_usd", words, "financings", open_ones[-1])
        return
    rest = decision.rest
    given = {"sum": f"{divided:,.2f}", "amount": f"{end:,.2f}"}
    ends = [bound for bound in (rest.low, rest.high) if bound is not None]
    if open_ones:
        if min(ends) <= 0:
            words = _(
                "The other agreements add to %(sum)s, so nothing of %(amount)s is left for it."
            )
            yield Problem("amount_usd", words % given, "financings", open_ones[0])
    elif (
        max(ends) < 0
        or (rest.low is not None and rest.low > 0)
        or (len(ends) == 1 and ends[0] != 0)
    ):
        words = _(
            "The agreements add to %(sum)s and the amount is %(amount)s: they must be the same, "
            "or leave one agreement without an amount for the rest."
        )
        field = "high" if decision.high is not None else "low"
        yield Problem(field, words % given)


def _source_problems(decision: ProjectDecision) -> Iterator[Problem]:
    """Say what keeps further documents from speaking of the decision's amount."""
    seen = {decision.document.slug}
    for number, source in enumerate(decision.sources):
        here = partial(Problem, part="sources", number=number)
        if source.document.slug in seen:
            yield here("document", _("This document is cited already."))
        seen.add(source.document.slug)
        if REQUIREMENTS[decision.kind].aspect is None:
            words = _("This decision carries no amount for a further source to speak of.")
            yield here("document", words)
            return
        if source.has_own_amount and len(decision.financings) > 1:
            words = _("It speaks of several agreements: add its amounts to the case as claims.")
            yield here("qualifier", words)
        for problem in (
            *amount_problems(source.qualifier, source.low, high=source.high),
            *_rank_problems(source.rank, source.document),
        ):
            yield here(problem.field, problem.message)


def _stage_problems(decision: ProjectDecision, point: PointInTime) -> Iterator[Problem]:
    needed = NEEDS_ONE_OF.get(decision.kind, frozenset())
    events = _events(decision.project, point)
    stands = standing(Step(e.kind, e.occurred_on) for e in events)
    same = [e for e in events if e.kind == decision.kind and e.occurred_on == decision.occurred_on]
    repeated = [e for e in events if e.kind == decision.kind and stands.stage not in ENDS]
    for event in (same or repeated)[:1]:
        if decision.kind == Kind.FINANCING_SIGNED and not same:
            continue
        yield Problem(
            "kind",
            _("This decision is recorded already: %(kind)s on %(date)s.")
            % {"kind": event.get_kind_display(), "date": event.occurred_on},
        )
        return
    earlier = [Step(e.kind, e.occurred_on) for e in events if e.occurred_on <= decision.occurred_on]
    then = standing(earlier)
    if needed and not needed & then.reached.keys():
        yield Problem(
            "kind",
            _("On that day the project had not reached: %(stages)s.")
            % {"stages": ", ".join(sorted(needed))},
        )
    new_stage = STAGE_OF_KIND[decision.kind]
    if decision.kind == Kind.DECLINED and stands.is_selected:
        yield Problem(
            "kind", _("The project is selected; a selected project is cancelled instead.")
        )
    if new_stage in ENDS | {Stage.SELECTED} and stands.stage in ENDS:
        yield Problem(
            "kind", _("The project has ended already: %(stage)s.") % {"stage": stands.stage}
        )
    early = new_stage in (Stage.CANDIDATE, Stage.IN_CONSULTATION)
    if early and stands.stage and ORDER.index(stands.stage) > ORDER.index(new_stage):
        yield Problem(
            "kind",
            _("The project stands beyond this already: %(stage)s.") % {"stage": stands.stage},
        )


def _events(project: Project | NewProject, point: PointInTime) -> list[StageEvent]:
    if isinstance(project, NewProject):
        return []
    return list(StageEvent.objects.current(point).filter(project=project))


def newest_point(today: date) -> PointInTime:
    """The point that sees everything recorded, on a day."""
    return point_at(Revision.objects.order_by("-number").first(), today)
