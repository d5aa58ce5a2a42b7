"""The records a decision on a project consists of, as a case holds them, and back again."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, count
from typing import Any, ClassVar

from django.utils.text import slugify

from commitments.calculations.bounds import Bounds
from commitments.models import Claim, Commitment, Document
from commitments.services.cases import keys_in_open_cases, stored_records
from commitments.services.one_commitment import homes_of, ways_of
from commitments.services.register import kinds, record_fields
from projects.calculations.stages import REQUIREMENTS, STAGE_OF_KIND, Stage
from projects.models import Financing, ProjectProfile, StageEvent
from projects.services.decisions import (
    DECISION_KINDS,
    Agreement,
    NewDocument,
    NewProject,
    ProjectDecision,
)

NOT_STATED = Financing.CoverStatus.NOT_STATED
CHOSEN = frozenset({Stage.SELECTED, Stage.SIGNED})
COUNTED = CHOSEN | {Stage.IN_CONSULTATION}
COMMITMENT = "commitment:"  # begins the name of one, like commitment:japan-us-2025
ONCE = ("document", "project", "projectprofile", "stageevent")


def decision_changes(
    decision: ProjectDecision, *, own: Collection[int] = ()
) -> list[dict[str, Any]]:
    """Return the records a decision consists of, each with its kind, as a case holds them.

    Their names are free in the register and in open cases, the `own` ones of
    the decision left out: a case entered anew keeps the names it gave.
    """
    records = _records(decision, _Names(decision, own))
    return as_fictional([{"kind": kind, "data": data} for kind, data in records])


class _Names:
    """Names that no record of the register or of another open case carries."""

    MODELS: ClassVar[Mapping[str, Any]] = {
        "stageevent": StageEvent,
        "financing": Financing,
        "claim": Claim,
    }

    def __init__(self, decision: ProjectDecision, own: Collection[int]) -> None:
        slug, kind = decision.project.slug, decision.kind.replace("_", "-")
        self.day = decision.occurred_on
        self.stems = {
            "stageevent": f"{slug}-{kind}",
            "financing": f"fin-{self.day}-{slug}",
            "claim": f"clm-{slug}-{kind}".replace("_", "-"),
        }
        self.taken = keys_in_open_cases(*self.MODELS, but=own)
        for name, model in self.MODELS.items():
            stored = model.objects.filter(ref__startswith=self.stems[name])
            self.taken[name] |= set(stored.values_list("ref", flat=True))

    def claim(self, number: int, who: str) -> str:
        """Return the name of a decision's claim; the first of them has the plain one."""
        said_by = slugify(who)[:40].replace("_", "-")
        return self.free("claim", said_by, *([str(number)] if number > 1 else []))

    def free(self, kind: str, *parts: str) -> str:
        """Return a name of a kind from its stem and parts: with the day, then a number, where taken."""
        stem = "-".join([self.stems[kind], *parts])
        dated = stem if str(self.day) in stem else f"{stem}-{self.day}"
        tried = chain((stem, dated), (f"{dated}-{number}" for number in count(2)))
        found = next(name for name in tried if name not in self.taken[kind])
        self.taken[kind].add(found)
        return found


def as_fictional(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return changes whose new documents are of the kind of their commitment.

    What a case about an illustrative commitment enters as a document is fictional.
    """
    commitment = commitment_of(changes)
    if commitment is None or not commitment.illustrative:
        return [dict(change) for change in changes]
    fictional = {"kind": Document.FICTIONAL}
    return [
        {**change, "data": {**change["data"], **fictional}}
        if change["kind"] == "document"
        else dict(change)
        for change in changes
    ]


def commitment_of(changes: Iterable[Mapping[str, Any]]) -> Commitment | None:
    """The commitment some changes speak of: the first they name, else that of what they name."""
    return commitments_of([changes])[0]


def commitments_in(changes: Sequence[Mapping[str, Any]]) -> list[Commitment]:
    """Every commitment that some changes speak of, the one that all of them are about first."""
    each = dict.fromkeys(tuple(_names([change])) for change in changes)  # most name the same
    found = _commitments_named([_names(changes), *each])
    return [commitment for commitment in dict.fromkeys(found) if commitment is not None]


def commitments_of(cases: Sequence[Iterable[Mapping[str, Any]]]) -> list[Commitment | None]:
    """The commitment that each of some sets of changes speaks of: a query for each kind named."""
    return _commitments_named([_names(changes) for changes in cases])


def _commitments_named(named: Sequence[Sequence[str]]) -> list[Commitment | None]:
    """The first commitment that each of some lists of names leads to."""
    every = {name for names in named for name in names}
    given = {name: name.removeprefix(COMMITMENT) for name in every if name.startswith(COMMITMENT)}
    homes = given | homes_of(every - given.keys())
    slugs = [next((homes[name] for name in names if homes.get(name)), None) for names in named]
    found = {c.slug: c for c in Commitment.objects.filter(slug__in={s for s in slugs if s})}
    return [found.get(slug) if slug else None for slug in slugs]


def _names(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """What leads some changes to their commitment, like project:prj-1: it, or all they name."""
    named: list[str] = []
    for change in changes:
        for name in _named(change["kind"], change["data"]):
            if name.startswith(COMMITMENT):
                return [name]
            named.append(name)
    return named


def _named(kind: str, data: Mapping[str, Any]) -> Iterator[str]:
    """What a record names that may belong to a commitment: in a field, as its subject, or itself."""
    model = kinds().get(kind)
    if model is None:
        return
    for field in ways_of(model):
        of = str(model._meta.get_field(field).related_model._meta.model_name)
        keys = data.get(field) or []
        yield from (f"{of}:{key}" for key in (keys if isinstance(keys, list) else [keys]))
    if "subject" in record_fields(model):
        yield str(data.get("subject"))
    yield f"{kind}:{data.get(model.NATURAL_KEY)}"


TERMS = ("cover_status", "benchmark", "spread_bps", "tenor_months", "repayment")
SOURCE = {"document", "locator"}
FIELDS = {
    "document": {
        *("slug", "title", "kind", "issuer", "date", "date_precision", "url", "access", "side")
    },
    "project": {"slug", "commitment", "name", "name_ja"},
    "projectprofile": {"ref", "project", "sector", "states", *SOURCE},
    "stageevent": {"ref", "project", "kind", "occurred_on", "note", *SOURCE},
    "financing": {
        *("ref", "commitment", "instrument", "signed_on", "projects", "providers", *TERMS),
        *SOURCE,
    },
    "claim": {
        *("ref", "commitment", "subject", "aspect", "low", "high", "unit", "qualifier", "who"),
        *("side", "rank", "stated_on", "stated_precision", "effective_on", *SOURCE),
    },
}


def is_one_decision(changes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether changes are what one decision consists of and nothing else.

    Only then can the form of a decision edit them without losing anything.
    """
    found = parts_of(changes)
    if not found["project"] and found["projectprofile"]:
        slug = str(next(iter(found["stageevent"]), {}).get("project"))
        if found.pop("projectprofile") != [counted_profile(slug)]:
            return False
    if len(found["stageevent"]) != 1 or any(len(found[kind]) > 1 for kind in ONCE):
        return False
    (event,), agreements, claims = found["stageevent"], found["financing"], found["claim"]
    subjects = {f"financing:{a.get('ref')}" for a in agreements} or {
        f"project:{event.get('project')}"
    }
    documents = {
        str(data.get("document")) for kind in ("stageevent", "financing") for data in found[kind]
    }
    return (
        event.get("kind") in DECISION_KINDS
        and found.keys() <= FIELDS.keys()
        and all(data.keys() <= FIELDS[kind] for kind, rows in found.items() for data in rows)
        and len(documents) == 1
        and all(len(a.get("providers", ())) <= 1 for a in agreements)
        and all(claim.get("subject") in subjects for claim in claims)
        and _is_told_once(claims, documents.pop(), agreements)
    )


def _is_told_once(
    claims: Sequence[Mapping[str, Any]], document: str, agreements: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether each document speaks once of each subject, and a further one of all of them."""
    told = Counter((claim.get("document"), claim["subject"]) for claim in claims)
    of_document = Counter(claim.get("document") for claim in claims)
    subjects = max(len(agreements), 1)
    return max(told.values(), default=0) <= 1 and all(
        count == subjects for slug, count in of_document.items() if slug != document
    )


def parts_of(changes: Iterable[Mapping[str, Any]]) -> defaultdict[str, list[dict[str, Any]]]:
    """The records of a case by kind."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        found[change["kind"]].append(change["data"])
    return found


def _records(decision: ProjectDecision, names: _Names) -> Iterator[tuple[str, dict[str, Any]]]:
    slug, needed = decision.project.slug, REQUIREMENTS[decision.kind]
    source = {"document": decision.document.slug, "locator": decision.locator}
    if isinstance(decision.document, NewDocument):
        yield "document", _document_record(decision.document)
    if isinstance(decision.project, NewProject):
        yield from _project_records(decision.project, decision.commitment, source)
    yield (
        "stageevent",
        {
            "ref": names.free("stageevent"),
            "project": slug,
            "kind": decision.kind,
            "occurred_on": decision.occurred_on.isoformat(),
            "note": decision.note,
            **source,
        },
    )
    if needed.stage in COUNTED and (profile := counted_profile(slug)):
        yield "projectprofile", profile
    if needed.aspect is None:
        return
    subjects = [(f"project:{slug}", decision.qualifier, Bounds(decision.low, decision.high))]
    if decision.financings:
        subjects = []
        for agreement in decision.financings:
            ref = names.free("financing")
            financing = _financing_record(decision, agreement, ref, source)
            yield "financing", financing
            subjects.append((f"financing:{financing['ref']}", *_amount_of(decision, agreement)))
    told = [(subject, q, amount) for subject, q, amount in subjects if _is_stated(amount)]
    main = (decision.who, decision.rank, decision.document, decision.locator)
    number = 0
    for subject, qualifier, amount in told:
        number += 1
        ref = names.claim(number, decision.who)
        stated = (subject, needed.aspect, qualifier, amount)
        yield "claim", _claim(decision, ref, *stated, *main)
    for further in decision.sources:
        for subject, qualifier, amount in told if not further.has_own_amount else subjects:
            number += 1
            said = (further.who, further.rank, further.document, further.locator)
            if further.has_own_amount:
                qualifier, amount = further.qualifier, Bounds(further.low, further.high)
            ref = names.claim(number, further.who)
            stated = (subject, needed.aspect, qualifier, amount)
            yield "claim", _claim(decision, ref, *stated, *said)


def counted_profile(slug: str) -> dict[str, Any] | None:
    """Return the profile a candidate needs to count once it is firmer; None where it counts.

    Sources keep open candidates out of their totals. A project that was chosen
    already and is kept out stays out: that was meant.
    """
    stored = ProjectProfile.objects.heads().filter(
        project__slug=slug, withdrawn=False, count_in_totals=False
    )
    reached = StageEvent.objects.heads().filter(project__slug=slug, withdrawn=False, planned=False)
    chosen = any(
        STAGE_OF_KIND.get(kind) in CHOSEN for kind in reached.values_list("kind", flat=True)
    )
    profile = stored.first()
    if profile is None or chosen:
        return None
    named = [{"kind": "projectprofile", "data": {"ref": profile.ref}}]
    (record,) = stored_records(named).values()
    return {**record, "count_in_totals": True}


def _is_stated(amount: Bounds) -> bool:
    return amount.low is not None or amount.high is not None


def _amount_of(decision: ProjectDecision, agreement: Agreement) -> tuple[str, Bounds]:
    """How an agreement's dollars are stated: its own, or what the others leave."""
    if agreement.amount_usd is None:
        return decision.qualifier, decision.rest
    is_about = decision.qualifier == Claim.Qualifier.APPROXIMATE
    qualifier = Claim.Qualifier.APPROXIMATE if is_about else Claim.Qualifier.STATED
    return qualifier, Bounds(agreement.amount_usd, agreement.amount_usd)


def _document_record(document: NewDocument) -> dict[str, Any]:
    return {
        "slug": document.slug,
        "title": document.title,
        "kind": document.kind,
        "issuer": document.issuer,
        "date": document.date.isoformat(),
        "date_precision": document.date_precision,
        "url": document.url,
        "access": document.access,
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


def _financing_record(
    decision: ProjectDecision, agreement: Agreement, ref: str, source: Mapping[str, str]
) -> dict[str, Any]:
    slug = decision.project.slug
    terms = {name: getattr(agreement, name) for name in TERMS}
    return {
        "ref": ref,
        "commitment": decision.commitment.slug,
        "instrument": agreement.instrument.slug,
        "signed_on": decision.occurred_on.isoformat(),
        "projects": [slug],
        "providers": [agreement.lender.slug] if agreement.lender else [],
        **{name: value for name, value in terms.items() if value not in ("", None, NOT_STATED)},
        **source,
    }


def _claim(
    decision: ProjectDecision,
    ref: str,
    subject: str,
    aspect: str,
    qualifier: str,
    amount: Bounds,
    who: str,
    rank: int,
    document: Document | NewDocument,
    locator: str,
) -> dict[str, Any]:
    """One document's word on one amount of a decision."""
    return {
        "ref": ref,
        "commitment": decision.commitment.slug,
        **amount_claim(subject, aspect, qualifier, amount),
        "who": who,
        **said_of(document, decision.occurred_on, rank=rank),
        "locator": locator,
    }


def amount_claim(
    subject: str, aspect: str, qualifier: str, amount: Bounds, unit: str = Claim.Unit.USD
) -> dict[str, Any]:
    """What a claim says of one amount, in US dollars or yen."""
    return {
        "subject": subject,
        "aspect": aspect,
        "low": _text(amount.low),
        "high": _text(amount.high),
        "unit": unit,
        "qualifier": qualifier,
    }


def said_of(document: Document | NewDocument, done_on: date | None, *, rank: int) -> dict[str, Any]:
    """When and by whose word a document says a thing of an act, true since the act's own day."""
    said_later = bool(document.date and done_on and document.date > done_on)
    since = {"effective_on": done_on.isoformat()} if done_on and said_later else {}
    return {
        "side": Claim.side_of(rank, document.side),
        "rank": rank,
        "stated_on": document.date.isoformat() if document.date else None,
        "stated_precision": document.date_precision,
        **since,
        "document": document.slug,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
