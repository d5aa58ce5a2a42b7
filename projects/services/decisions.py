"""A project approval as a person enters it, turned into records for a case.

What each kind of decision needs is one table, REQUIREMENTS of the stages, read
by the form, the rules of posting and the pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    NEEDS_ONE_OF,
    ORDER,
    REQUIREMENTS,
    STAGE_OF_KIND,
    STATEMENTS,
    Stage,
    Step,
    standing,
)
from projects.models import Project, StageEvent

Kind = StageEvent.Kind
Side = Document.Side
GOVERNMENTS = frozenset({Side.US, Side.JAPAN, Side.JOINT})
OTHERS = frozenset({"analysis", "court_decision", "lender_release", "letter", "news", "report"})
DOCUMENT_KINDS = tuple(sorted(STATEMENTS | DECISIONS | OTHERS))
FICTIONAL = "fictional"  # the kind of every document of an illustrative commitment
ONE_DAY = timedelta(days=1)  # the two capitals' dates of one act


ANY_NAMED = gettext_lazy("any document but an unattributed article")
EVIDENCE_WORDS: Mapping[str, Any] = {
    Kind.CANDIDATE_LISTED: gettext_lazy("a list or statement of a government or company"),
    Kind.SELECTED: gettext_lazy("a decision or fact sheet of the United States, or a joint one"),
    Kind.FINANCING_SIGNED: gettext_lazy("a lender's release, or a report of it"),
    Kind.DECLINED: gettext_lazy("a statement of Japan, or a joint one"),
}
DECISION_KINDS = tuple(kind for kind, need in REQUIREMENTS.items() if need.is_decision)


def evidence_words(kind: str) -> str:
    """What document a kind of event needs, in words."""
    return str(EVIDENCE_WORDS.get(kind, ANY_NAMED))


def evidence_fault(kind: str, document: Any, *, illustrative: bool = False) -> str | None:
    """The part of a document that does not fit a kind of event: `kind`, `side` or None.

    A fictional document evidences any step of an illustrative commitment, and none of a real one.
    """
    needed = REQUIREMENTS[kind]
    fits = needed.kinds is None or document.kind in needed.kinds
    if not (illustrative if document.kind == FICTIONAL else fits):
        return "kind"
    return "side" if document.side not in needed.sides else None


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


@dataclass(frozen=True)
class ProjectDecision:
    """One decision on one project with its amount in US dollars and its evidence.

    `low` and `high` are empty as the qualifier says: "up to" has no low, "more
    than" no high. `instrument` and `lender` are asked for signed financing only.
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
    instrument: Instrument | None = None
    lender: Institution | None = None

    @property
    def has_amount(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Problem:
    """What is wrong with a decision as entered, and in which field."""

    field: str
    message: str


def decision_problems(decision: ProjectDecision, *, point: PointInTime) -> list[Problem]:
    """Return everything that stands against recording a decision, all at once."""
    return [
        *_names_taken(decision),
        *_date_problems(decision, point),
        *_evidence_problems(decision),
        *amount_problems(decision.qualifier, decision.low, high=decision.high),
        *_kind_problems(decision),
        *_stage_problems(decision, point),
    ]


def amount_problems(
    qualifier: str, low: Decimal | None, *, high: Decimal | None
) -> Iterator[Problem]:
    """Say which end of an amount the qualifier needs, forbids, or finds reversed."""
    needs_low, needs_high = {
        Claim.Qualifier.UP_TO: (False, True),
        Claim.Qualifier.MORE_THAN: (True, False),
        Claim.Qualifier.NOT_STATED: (False, False),
    }.get(Claim.Qualifier(qualifier), (True, True))
    for field, amount, needed in (("low", low, needs_low), ("high", high, needs_high)):
        if needed and amount is None:
            yield Problem(
                field,
                _("Enter this end of the amount; for one exact amount enter it in both."),
            )
        if not needed and amount is not None:
            yield Problem(field, _("Leave this empty: the amount is open or not stated here."))
        if amount is not None and amount <= 0:
            yield Problem(field, _("Enter an amount above zero."))
    if low is not None and high is not None and low > high:
        yield Problem("high", _("The high end is below the low end."))


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
    binding = decision.kind in (Kind.SELECTED, Kind.FINANCING_SIGNED)
    if binding and start is not None and decision.occurred_on < start:
        yield Problem(
            "occurred_on", _("The date lies before the agreement of %(start)s.") % {"start": start}
        )
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
    if decision.rank == Claim.Rank.OFFICIAL and document.side not in GOVERNMENTS:
        yield Problem("rank", _("Only a government's or a joint document is an official record."))
    if decision.rank == Claim.Rank.ONE_SIDE and document.side in (Side.PRESS, Side.ARTICLE):
        yield Problem("rank", _("A press report is not one side's own statement."))


def _kind_problems(decision: ProjectDecision) -> Iterator[Problem]:
    if REQUIREMENTS[decision.kind].aspect is None and decision.has_amount:
        yield Problem(
            "qualifier",
            _("This decision carries no amount: choose “not stated” and leave both empty."),
        )
    if decision.kind == Kind.FINANCING_SIGNED and decision.instrument is None:
        yield Problem("instrument", _("Say through which instrument the money was signed."))
    if decision.kind != Kind.FINANCING_SIGNED and (decision.instrument or decision.lender):
        yield Problem("instrument", _("Instrument and lender belong to signed financing only."))


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
    if new_stage in ENDS and stands.stage in ENDS:
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


def decision_changes(decision: ProjectDecision) -> list[dict[str, Any]]:
    """Return the records a decision consists of, each with its kind, as a case holds them."""
    return [{"kind": kind, "data": data} for kind, data in _records(decision)]


SOURCE = {"document", "locator"}
FIELDS = {
    "document": {
        *("slug", "title", "kind", "issuer", "date", "date_precision", "url", "access", "side")
    },
    "project": {"slug", "commitment", "name", "name_ja"},
    "projectprofile": {"ref", "project", "sector", "states", *SOURCE},
    "stageevent": {"ref", "project", "kind", "occurred_on", "note", *SOURCE},
    "financing": {
        *("ref", "commitment", "instrument", "signed_on", "projects", "providers", *SOURCE)
    },
    "claim": {
        *("ref", "commitment", "subject", "aspect", "low", "high", "unit", "qualifier", "who"),
        *("side", "rank", "stated_on", "stated_precision", *SOURCE),
    },
}


def is_one_decision(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether changes are what one decision consists of and nothing else.

    Only then can the form of a decision edit them without losing anything.
    """
    found = {change["kind"]: change["data"] for change in changes}
    if len(found) != len(changes) or not found.keys() <= FIELDS.keys() or "stageevent" not in found:
        return False
    event, financing = found["stageevent"], found.get("financing", {})
    subjects = {f"project:{event.get('project')}", f"financing:{financing.get('ref')}"}
    return (
        event.get("kind") in DECISION_KINDS
        and all(data.keys() <= FIELDS[kind] for kind, data in found.items())
        and len({data["document"] for data in found.values() if "document" in data}) == 1
        and found.get("claim", {}).get("subject", next(iter(subjects))) in subjects
    )


def _records(decision: ProjectDecision) -> Iterator[tuple[str, dict[str, Any]]]:
    slug, needed = decision.project.slug, REQUIREMENTS[decision.kind]
    source = {"document": decision.document.slug, "locator": decision.locator}
    if isinstance(decision.document, NewDocument):
        yield "document", _document_record(decision.document)
    if isinstance(decision.project, NewProject):
        yield from _project_records(decision.project, decision.commitment, source)
    yield (
        "stageevent",
        {
            "ref": _free(StageEvent, f"{slug}-{decision.kind.replace('_', '-')}", decision),
            "project": slug,
            "kind": decision.kind,
            "occurred_on": decision.occurred_on.isoformat(),
            "note": decision.note,
            **source,
        },
    )
    if needed.aspect is None:
        return
    subject = f"project:{slug}"
    if decision.kind == Kind.FINANCING_SIGNED:
        financing = _financing_record(decision, source)
        subject = f"financing:{financing['ref']}"
        yield "financing", financing
    if decision.has_amount:
        yield "claim", _claim_record(decision, subject, aspect=needed.aspect, source=source)


def _document_record(document: NewDocument) -> dict[str, Any]:
    return {
        "slug": document.slug,
        "title": document.title,
        "kind": document.kind,
        "issuer": document.issuer,
        "date": document.date.isoformat(),
        "date_precision": document.date_precision,
        "url": document.url,
        "access": Document.Access.READ,
        "side": document.side,
    }


def _project_records(
    project: NewProject, commitment: Commitment, source: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "project",
        {
            "slug": project.slug,
            "commitment": commitment.slug,
            "name": project.name,
            "name_ja": project.name_ja,
        },
    )
    yield (
        "projectprofile",
        {
            "ref": f"{project.slug}-profile",
            "project": project.slug,
            "sector": project.sector.slug if project.sector else None,
            "states": list(project.states),
            **source,
        },
    )


def _financing_record(decision: ProjectDecision, source: Mapping[str, str]) -> dict[str, Any]:
    slug = decision.project.slug
    return {
        "ref": f"fin-{decision.occurred_on}-{slug}",
        "commitment": decision.commitment.slug,
        "instrument": decision.instrument.slug if decision.instrument else None,
        "signed_on": decision.occurred_on.isoformat(),
        "projects": [slug],
        "providers": [decision.lender.slug] if decision.lender else [],
        **source,
    }


def _claim_record(
    decision: ProjectDecision, subject: str, *, aspect: str, source: Mapping[str, str]
) -> dict[str, Any]:
    stem = f"clm-{decision.project.slug}-{decision.kind}-{slugify(decision.who)[:40]}"
    return {
        "ref": _free(Claim, stem.replace("_", "-"), decision),
        "commitment": decision.commitment.slug,
        "subject": subject,
        "aspect": aspect,
        "low": _text(decision.low),
        "high": _text(decision.high),
        "unit": Claim.Unit.USD,
        "qualifier": decision.qualifier,
        "who": decision.who,
        "side": decision.document.side,
        "rank": decision.rank,
        "stated_on": _stated_on(decision),
        "stated_precision": decision.document.date_precision,
        **source,
    }


def _stated_on(decision: ProjectDecision) -> str | None:
    return decision.document.date.isoformat() if decision.document.date else None


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _free(model: Any, stem: str, decision: ProjectDecision) -> str:
    """Return a ref nothing carries yet: the stem, or the stem with the day of the decision."""
    if not model.objects.filter(ref=stem).exists():
        return stem
    return f"{stem}-{decision.occurred_on}"


def newest_point(today: date) -> PointInTime:
    """The point that sees everything recorded, on a day."""
    return point_at(Revision.objects.order_by("-number").first(), today)
