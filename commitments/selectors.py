"""Reads of the agreement and its evidence at a point in time."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds, envelope
from commitments.calculations.point import PointInTime
from commitments.calculations.verdicts import Verdict, distance, verdict
from commitments.calculations.written import FIRST_YEAR, LAST_YEAR, read_amount, read_day
from commitments.models import (
    AuditEntry,
    Claim,
    Commitment,
    Document,
    Fact,
    Reaction,
    Revision,
    Ruling,
    RulingClaim,
    StanceCoding,
    Term,
)
from commitments.models.revisions import known_by, surely_by

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
UNSTATED = Bounds()


class PointError(ValueError):
    """A parameter of a point in time that cannot be used: which one and why."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter, self.message = parameter, message
        super().__init__(f"{parameter}: {message}")


def point_in_time(
    *,
    today: date,
    now: datetime,
    as_of: str | None = None,
    known_at: str | None = None,
    published_by: str | None = None,
    may_look_ahead: bool = False,
) -> PointInTime:
    """Resolve the three parameters of a request to a point in time.

    `as_of` and `published_by` are ISO dates, not after `today` (tariffs and
    calendars may look ahead). `known_at` is an instant with offset, inclusive,
    or a date meaning its end in UTC, of today what has passed of it; it may not lie
    in the future. Without it the newest revision is used and its instant echoed.
    Raise PointError.
    """
    described = day_asked("as_of", as_of) if as_of else today
    if described > today and not may_look_ahead:
        raise PointError("as_of", _("lies after today, %(day)s in Tokyo") % {"day": today})
    published = day_asked("published_by", published_by) if published_by else None
    if published is not None and published > today:
        raise PointError("published_by", _("lies after today, %(day)s in Tokyo") % {"day": today})
    newest = Revision.objects.order_by("-number")
    instant = _instant(known_at, now)
    if instant is not None:
        newest = newest.filter(recorded_at__lte=instant)
    revision = newest.values_list("number", "recorded_at").first()
    return PointInTime(
        as_of=described,
        revision=revision[0] if revision else 0,
        today=today,
        known_at=instant or (revision[1] if revision else None),
        published_by=published,
        recorded_at=revision[1] if revision else None,
    )


def point_at(revision: Revision | None, as_of: date) -> PointInTime:
    """The point that sees a revision and nothing later, on a day; None sees nothing."""
    recorded_at = revision.recorded_at if revision else None
    return PointInTime(
        as_of=as_of,
        revision=revision.number if revision else 0,
        today=as_of,
        known_at=recorded_at,
        recorded_at=recorded_at,
    )


def day_asked(parameter: str, text: str, *, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> date:
    """Return the day an address asks for. Raise PointError unless it is an ISO date of some years."""
    if not DAY.fullmatch(text):
        words = _("“%(text)s” is not a date like 2026-02-28") % {"text": text[:40]}
        raise PointError(parameter, words)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        words = _("“%(text)s” is not a day of the calendar") % {"text": text}
        raise PointError(parameter, words) from error
    _check_year(parameter, day, first, last)
    return day


def _check_year(parameter: str, day: date, first: int, last: int) -> None:
    if not first <= day.year <= last:
        words = _("must lie in the years %(first)s to %(last)s")
        raise PointError(parameter, words % {"first": first, "last": last})


def _instant(text: str | None, now: datetime) -> datetime | None:
    if not text:
        return None
    if DAY.fullmatch(text):
        day = day_asked("known_at", text)
        if day > now.astimezone(UTC).date():
            raise PointError("known_at", _("lies in the future"))
        end = datetime.combine(day + timedelta(days=1), time(), UTC)
        return min(end - timedelta(microseconds=1), now.astimezone(UTC))
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        words = _("“%(text)s” is not a date or an instant") % {"text": text[:40]}
        raise PointError("known_at", words) from error
    if instant.tzinfo is None:
        raise PointError("known_at", _("needs an offset, as in 2026-11-22T09:00:00+09:00"))
    if instant > now:
        raise PointError("known_at", _("lies in the future"))
    _check_year("known_at", instant, FIRST_YEAR, LAST_YEAR)
    return instant.astimezone(UTC)


def documents_at(slugs: Iterable[str], revision: int | None) -> dict[str, Document]:
    """Some documents by slug, with the labels of a revision, without one those of now: two queries."""
    found = {document.slug: document for document in Document.objects.filter(slug__in=list(slugs))}
    if revision is None:
        return found
    labels = {label.name: label for label in Document._meta.concrete_fields}
    later = AuditEntry.objects.filter(action="relabelled", revision__gt=revision)
    for entry in later.filter(kind="document", ref__in=found).order_by("-pk"):
        for name, value in (entry.before or {}).items():
            setattr(found[entry.ref], name, labels[name].to_python(value))
    return found


@dataclass(frozen=True)
class Terms:
    """The terms of one commitment at a point, by key; each key with its readings."""

    readings: Mapping[str, tuple[Term, ...]]

    def term(self, key: str) -> Term | None:
        """The default reading of a term, None where the texts are silent."""
        found = self.readings.get(key, ())
        return next((term for term in found if term.is_default), None)

    def rivals(self, key: str) -> tuple[Term, ...]:
        return tuple(term for term in self.readings.get(key, ()) if not term.is_default)

    def value(self, key: str, part: str) -> Any:
        """One part of a term's default value, None where it is not stated."""
        term = self.term(key)
        return term.value.get(part) if term and isinstance(term.value, dict) else None

    def day(self, key: str) -> date | None:
        """The day a term states, None where it states none that can be read."""
        return read_day(self.value(key, "date"))

    def usd(self, key: str) -> Decimal | None:
        """The dollars a term states, None where it states none that can be read."""
        return read_amount(self.value(key, "usd"))


def terms_of(commitment: Commitment, point: PointInTime) -> Terms:
    """The terms of a commitment in force and known at a point."""
    readings: dict[str, list[Term]] = {}
    rows = Term.objects.current(point).filter(commitment=commitment)
    ordered = rows.select_related("document").order_by("-is_default", "reading", "pk")
    for term in in_force(ordered):
        readings.setdefault(term.key, []).append(term)
    return Terms({key: tuple(found) for key, found in readings.items()})


def in_force(terms: Iterable[Term]) -> list[Term]:
    """Of terms that follow one another under one reading, the newest of each, in their order."""
    terms = list(terms)
    newest: dict[tuple[int, str, str], Term] = {}
    for term in sorted(terms, key=lambda term: (term.effective_on or date.min, term.pk)):
        newest[term.commitment_id, term.key, term.reading] = term
    return [t for t in terms if newest[t.commitment_id, t.key, t.reading] is t]


def default_terms(point: PointInTime, keys: Iterable[str]) -> dict[str, dict[str, Term]]:
    """The default reading of some terms of every commitment, by commitment and key."""
    terms: dict[str, dict[str, Term]] = {}
    rows = Term.objects.current(point).filter(key__in=list(keys), is_default=True)
    for term in in_force(rows.select_related("commitment", "document")):
        terms.setdefault(term.commitment.slug, {})[term.key] = term
    return terms


@dataclass(frozen=True)
class Judged:
    """One figure from rival claims: its bounds, the claims used and those set aside."""

    bounds: Bounds
    used: tuple[Claim, ...]
    others: tuple[Claim, ...]
    ruling: Ruling | None = None

    @property
    def is_approximate(self) -> bool:
        """True when a document behind the figure says "about"."""
        return any(claim.is_approximate for claim in self.used)

    @property
    def is_recalled(self) -> bool:
        """True when a claim behind the figure rests on general knowledge."""
        return any(claim.is_recalled for claim in self.used)

    @property
    def changed_on(self) -> set[date]:
        """The days on which a claim or the ruling came in."""
        facts = (*self.used, *self.others, *([self.ruling] if self.ruling else []))
        return {fact.true_since for fact in facts if fact.true_since is not None}

    def on(self, day: date) -> "Judged":
        """The figure as the claims and the ruling up to an earlier day gave it."""
        ruling = self.ruling if self.ruling is not None and is_true_by(self.ruling, day) else None
        named = {claim.root_key for claim in self.used} if ruling else set()
        return judge([c for c in (*self.used, *self.others) if is_true_by(c, day)], ruling, named)


def is_true_by(fact: Fact, day: date) -> bool:
    """Whether a fact is shown on a day, as `true_by` says of rows."""
    return fact.true_since is None or fact.true_since <= day


def judge(claims: Iterable[Claim], ruling: Ruling | None, named: set[int]) -> Judged:
    """Apply the rule of evidence: the ruling's claims, else those of the best rank present.

    The figure is their lowest low to highest high; derived claims never win.
    `named` holds the root keys of the claims the ruling names.
    """
    present = sorted(claims, key=lambda claim: (claim.rank, claim.ref))
    stated = [c for c in present if c.rank != Claim.Rank.DERIVED]
    used = [c for c in stated if c.root_key in named]
    if not used:
        ruling = None
        with_amount = [c for c in stated if c.low is not None or c.high is not None]
        best = min((c.rank for c in with_amount), default=None)
        used = [c for c in with_amount if c.rank == best]
    return Judged(
        bounds=envelope(Bounds(c.low, c.high) for c in used),
        used=tuple(used),
        others=tuple(c for c in present if c not in used),
        ruling=ruling,
    )


Judgements = dict[tuple[str, str, str], Judged]


def judged_claims(commitment: Commitment, point: PointInTime) -> Judgements:
    """Every figure claimed about a commitment and its parts, by (subject, aspect, unit)."""
    claims = Claim.objects.current(point).filter(commitment=commitment)
    links = RulingClaim.objects.filter(
        ruling__in=Ruling.objects.current(point), claim__commitment=commitment
    )
    return judgements(claims.select_related("document"), links.select_related("ruling"))


def judgements(claims: Iterable[Claim], links: Iterable[RulingClaim]) -> Judgements:
    """The figures that some claims give with the rulings about them, each with what it names."""
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.subject, claim.aspect, claim.unit), []).append(claim)
    rulings: dict[tuple[str, str], Ruling] = {}
    named: dict[tuple[str, str], set[int]] = {}
    for link in links:
        key = (link.ruling.subject, link.ruling.aspect)
        rulings[key] = link.ruling
        named.setdefault(key, set()).add(link.claim_id)
    return {
        (subject, aspect, unit): judge(
            found, rulings.get((subject, aspect)), named.get((subject, aspect), set())
        )
        for (subject, aspect, unit), found in groups.items()
    }


@dataclass(frozen=True)
class Backing:
    """A claim, term or measure that a claim is weighed against; bounds in the claim's unit."""

    fact: Fact
    bounds: Bounds = UNSTATED


Found = tuple[tuple[Backing, ...], Bounds]  # what a claim is weighed against, and its range
Named = Callable[[set[str]], Mapping[str, Found]]


@dataclass(frozen=True)
class WeighedClaim:
    """A claim beside what it is weighed against, and what comparing them says.

    `away` is how far the claim lies outside that record, in its own unit; None
    where nothing can be compared. Where an editor said how it stands, the claim
    itself carries the reason.
    """

    claim: Claim
    record: Bounds
    evidence: tuple[Backing, ...]
    verdict: Verdict
    away: Decimal | None

    @property
    def is_editors(self) -> bool:
        """True where no rule compared them, and an editor says how the claim stands."""
        return bool(self.claim.stands and self.evidence)


def weighed_claims(
    commitment: Commitment, point: PointInTime, elsewhere: Named
) -> list[WeighedClaim]:
    """Every claim of a person or document about a commitment, weighed: the furthest off first.

    `elsewhere` gives what claims name of other rooms ("measure:ref",
    "sectormapping:ref", "instrument:slug"), as far as it is on record. What an official record says alone is the record itself, and is
    not weighed.
    """
    judgements = judged_claims(commitment, point)
    groups = [(judged, (*judged.used, *judged.others)) for judged in judgements.values()]
    everything = [claim for _judged, claims in groups for claim in claims]
    named = _named(everything, judgements, point, elsewhere)
    weighed = [
        _weighed(claim, judged, named)
        for judged, claims in groups
        for claim in claims
        if claim.rank != Claim.Rank.DERIVED
    ]
    beside = [w for w in weighed if w.evidence or w.claim.rank != Claim.Rank.OFFICIAL]
    worst = list(Verdict)
    return sorted(
        beside,
        key=lambda w: (
            *(worst.index(w.verdict), w.claim.subject, w.claim.aspect),
            *(w.claim.rank, w.claim.ref),
        ),
    )


def _named(
    claims: Iterable[Claim], judgements: Judgements, point: PointInTime, elsewhere: Named
) -> dict[str, Found]:
    """What claims say they are to be weighed against, as far as it is on record, by claim."""
    by_ref = {f"claim:{claim.ref}": claim for claim in claims}
    wanted = {name for claim in by_ref.values() for name in claim.against}
    refs = {name.removeprefix("term:") for name in wanted if name.startswith("term:")}
    terms = Term.objects.current(point).filter(ref__in=refs) if refs else Term.objects.none()
    held = dict(elsewhere({n for n in wanted if not n.startswith(("claim:", "figure:", "term:"))}))
    held |= {f"term:{t.ref}": ((Backing(t),), UNSTATED) for t in terms.select_related("document")}
    for name in wanted & by_ref.keys():
        backing = _backing(by_ref[name])
        held[name] = (backing,), backing.bounds
    found = {}
    for claim in by_ref.values():
        backings: list[Backing] = []
        ranges: list[Bounds] = []
        for name in claim.against:
            figure = judgements.get((claim.subject, name.removeprefix("figure:"), claim.unit))
            if name.startswith("figure:") and figure is not None:
                backings += [_backing(c) for c in figure.used]
                ranges.append(figure.bounds)
            elif name in held:
                backings += held[name][0]
                ranges.append(held[name][1])
        found[claim.ref] = tuple(backings), envelope(ranges)
    return found


def _backing(claim: Claim) -> Backing:
    return Backing(claim, Bounds(claim.low, claim.high))


def _weighed(claim: Claim, judged: Judged, named: Mapping[str, Found]) -> WeighedClaim:
    """Weigh a claim against what it names, else against the evidence on its own figure."""
    evidence, record = named[claim.ref] if claim.against else _evidence(claim, judged)
    if claim.stands and evidence:
        return WeighedClaim(claim, Bounds(), evidence, Verdict(claim.stands), None)
    own = Bounds(claim.low, claim.high)
    found = verdict(own, record)
    away = None if found == Verdict.UNSUPPORTED else distance(own, record)
    return WeighedClaim(claim, record, evidence, found, away)


def _evidence(claim: Claim, judged: Judged) -> tuple[tuple[Backing, ...], Bounds]:
    """What others say of a claim's own figure, and the range that this makes.

    Where somebody ruled, the record is the figure of the ruling, also for the
    claims that make it. Else it is what the best of the other claims say, on the
    claim's own rank or better; sums made of documents where there is none. What
    is assumed for an example is evidence of nothing.
    """
    others = [c for c in (*judged.used, *judged.others) if c.root_key != claim.root_key]
    if judged.ruling is not None:
        ruled = tuple(_backing(c) for c in judged.used if c.root_key != claim.root_key)
        return ruled, judged.bounds if ruled else Bounds()
    better = [
        c
        for c in others
        if c.rank <= claim.rank
        and c.rank != Claim.Rank.DERIVED
        and c.qualifier != Claim.Qualifier.ILLUSTRATIVE
    ]
    best = min((c.rank for c in better), default=None)
    evidence = [c for c in better if c.rank == best]
    if not evidence:
        evidence = [c for c in others if c.rank == Claim.Rank.DERIVED]
    return tuple(map(_backing, evidence)), envelope(Bounds(c.low, c.high) for c in evidence)


def entities_at(model: Any, point: PointInTime) -> QuerySet[Any]:
    """The things of one kind that the register had recorded at a point.

    Documents obey published_by as well: a coarse date counts by its last
    possible day, and the undated drop out.
    """
    rows: QuerySet[Any] = model.objects.filter(revision__lte=point.revision)
    if model is Document and point.published_by is not None:
        rows = rows.filter(surely_by("date", "date_precision", point.published_by))
    return rows


def documents_beside(commitment: Commitment, point: PointInTime) -> QuerySet[Document]:
    """The documents listed beside a commitment: dated by as_of or undated.

    Fictional ones stand only beside an illustrative commitment.
    """
    documents = entities_at(Document, point)
    documents = documents.filter(Q(date__isnull=True) | Q(date__lte=point.as_of))
    return documents if commitment.illustrative else documents.exclude(kind=Document.FICTIONAL)


@dataclass(frozen=True)
class Disagreement:
    """Claims of one rank about one figure that differ, with no ruling between them."""

    subject: str
    aspect: str
    unit: str
    claims: tuple[Claim, ...]


def disagreements(commitment: Commitment, point: PointInTime) -> list[Disagreement]:
    """Every figure whose best claims differ and on which nobody has ruled, by subject."""
    return [
        Disagreement(subject, aspect, unit, judged.used)
        for (subject, aspect, unit), judged in sorted(judged_claims(commitment, point).items())
        if judged.ruling is None and len({(c.low, c.high) for c in judged.used}) > 1
    ]


def undated_count(point: PointInTime, model: Any, chosen: Q) -> int:
    """How many known rows of a kind, among those chosen, a published_by filter drops because they are undated."""
    if point.published_by is None:
        return 0
    whole = PointInTime(as_of=point.as_of, revision=point.revision, today=point.today)
    known = model.objects.filter(known_by(whole), published_on__isnull=True)
    count: int = known.filter(chosen).count()
    return count


def reactions_to(commitment: Commitment, point: PointInTime) -> QuerySet[Reaction]:
    """The reactions filed under a commitment, and those filed elsewhere that are about it."""
    key = f'"commitment:{commitment.slug}"'
    about = Q(about__icontains=key) | Q(about_inferred__icontains=key)
    rows: QuerySet[Reaction] = Reaction.objects.current(point)
    return rows.filter(Q(commitment=commitment) | about)


def codings_to(commitment: Commitment, point: PointInTime) -> QuerySet[StanceCoding]:
    """The further labels of the reactions to a commitment."""
    refs = reactions_to(commitment, point).values("ref")
    rows: QuerySet[StanceCoding] = StanceCoding.objects.current(point)
    return rows.filter(reaction__ref__in=refs)
