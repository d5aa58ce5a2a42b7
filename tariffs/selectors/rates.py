"""The rate in force: measures at a point in time, and the one answer for a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason
from commitments.calculations.written import read_percent
from commitments.models import Term
from commitments.selectors import entities_at
from tariffs.calculations.codes import SPECIAL, Span, spans_in
from tariffs.calculations.rate import (
    Answer,
    Basis,
    Duty,
    Part,
    goods_rate_on,
    heading_rate_on,
    rate_on,
    standing_on,
)
from tariffs.models import BY_START, Measure, TariffCategory

GENERAL = "general"  # the category of goods under no duty of their own
GENERAL_RATE = "current_general_rate"  # the key of the term
# Rows that never give the rate on a date, whatever their dates say.
NEVER_CHARGED = (Measure.Listed.THREATENED, Measure.Listed.PENDING)
IN_FORCE, SCHEDULED, NOT_STATED = "in_force", "scheduled", "not_stated"
BEGINS, CHANGES, LAST_DAY = "begins", "changes", "last_day"


@dataclass(frozen=True)
class ScopeRate:
    """The rate of one part of what was asked about.

    Without a category it is what of a tariff code lies in none on record.
    """

    category: TariffCategory | None
    scope: str
    scope_ja: str
    rate_percent: Decimal | None
    basis: Basis | None
    reason: Reason | None
    authority: tuple[Measure, ...]


@dataclass(frozen=True)
class RateOn:
    """The one answer for a category, or some of them, on a day.

    `status` is in_force or scheduled with a rate, depends_on_scope with
    `scopes`, else not_stated. `authority` begins with what decides; the ordinary duty beneath
    comes last. `nearest` are the measures beside what has no rate, which may be a part
    alone: before and after the day, or on like goods. Where no measure on goods of
    the country is recorded, `term` states the rate, or is the nearest on record.
    """

    on: date
    status: str
    rate_percent: Decimal | None
    basis: Basis | None
    reason: Reason | None
    authority: tuple[Measure, ...]
    scopes: tuple[ScopeRate, ...] = ()
    nearest: tuple[Measure, ...] = ()
    term: Term | None = None

    @property
    def low(self) -> Decimal | None:
        """The lowest rate: that of the part that pays least; None where one has none."""
        return min(self._rates) if self._rates else None

    @property
    def high(self) -> Decimal | None:
        return max(self._rates) if self._rates else None

    @property
    def is_added_only(self) -> bool:
        """True where a rate leaves out the ordinary duty, because that is not on record."""
        reasons = [scope.reason for scope in self.scopes] or [self.reason]
        return Reason.MFN_NOT_ON_RECORD in reasons

    @cached_property
    def _rates(self) -> list[Decimal]:
        if self.rate_percent is not None:
            return [self.rate_percent]
        rates = [scope.rate_percent for scope in self.scopes]
        return [] if None in rates else [rate for rate in rates if rate is not None]


@dataclass(frozen=True)
class Change:
    """A day on which the answer for a category begins, and the last day it holds."""

    begins: date
    ends: date
    rate: RateOn

    def holds_on(self, day: date) -> bool:
        return self.begins <= day <= self.ends


@dataclass(frozen=True)
class Step:
    """A day from the one described on: the first of a measure, its last, or one its note tells of."""

    day: date
    measure: Measure
    kind: str


class RateBook:
    """Every measure on goods of a country at a point in time: read once, asked often."""

    def __init__(self, point: PointInTime, country: str) -> None:
        self.point, self.country = point, country
        self.categories = tuple(
            entities_at(TariffCategory, point).exclude(slug="all").order_by("position", "slug")
        )
        rows = Measure.objects.current(point).filter(country=country)
        self.measures: dict[str, list[Measure]] = {}
        for measure in rows.select_related("category", "document", "ended_by").order_by(
            "category__position", BY_START, "pk"
        ):
            self.measures.setdefault(measure.category.slug, []).append(measure)
        self._replaced = self._replaced_refs()
        self._ref = {m.ref: m for found in self.measures.values() for m in found}
        self._duties = {slug: self._duties_of(found) for slug, found in self.measures.items()}

    def named(self, name: str) -> tuple[TariffCategory, ...]:
        """The categories called by a slug or another name: several where the name fits several."""
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        if plain == "all":
            return self.categories
        exact = tuple(c for c in self.categories if c.slug == plain)
        return exact or tuple(c for c in self.categories if plain in c.aliases)

    def rate(self, categories: Iterable[TariffCategory], on: date, *, digits: str = "") -> RateOn:
        """Return the one answer for a day; with a tariff code, of goods that lie in its category.

        With a heading of chapter 99 it is that of the measures that name it and hold.
        """
        found = [(category, self._rate(category, on, digits)) for category in categories]
        return found[0][1] if len(found) == 1 else _joined(found, on)

    def rate_of(self, category: TariffCategory, on: date) -> RateOn:
        return self.rate([category], on)

    def standing(self, slug: str, on: date) -> tuple[Measure, ...]:
        """The measures of a category that hold on a day."""
        return self._measures(d.ref for d in standing_on(self._duties.get(slug, ()), on))

    def changes(self, category: TariffCategory, first: date, last: date) -> list[Change]:
        """The answers of a category from one day to another, each as long as it holds; none if they cross."""
        if first > last:
            return []
        duties = self._duties.get(category.slug, ())
        starts = {first, *(term.effective_on or first for term in self._terms)}
        starts |= {d.begins for d in duties}
        terms_end = (self.term_ends_on(term) for term in self._terms)
        starts |= {ends + timedelta(days=1) for ends in terms_end if ends is not None}
        lasts = {day for d in duties for day in (d.ends, d.stated_to) if day and day < date.max}
        starts |= {day + timedelta(days=1) for day in lasts}
        days = sorted(day for day in starts if first <= day <= last)
        ends = [*(day - timedelta(days=1) for day in days[1:]), last]
        found: list[Change] = []
        for begins, ending in zip(days, ends, strict=True):
            rate = self.rate_of(category, begins)
            if found and replace(rate, on=found[-1].rate.on) == found[-1].rate:
                found[-1] = replace(found[-1], ends=ending)
            else:
                found.append(Change(begins, ending, rate))
        return found

    @cached_property
    def newest(self) -> list[tuple[TariffCategory, Change]]:
        """The newest day, up to the one described, on which what a category pays changed: all it changed."""
        last = [(c, self.changes(c, date.min, self.point.as_of)[-1]) for c in self.categories]
        day = max((change.begins for _, change in last), default=date.min)
        return [one for one in last if one[1].begins == day > date.min]

    def ahead(self) -> list[Step]:
        """The days on which a measure begins, changes or ends after the one described, as the world then knew."""
        as_of, seen_until = self.point.as_of, self.point.seen_until
        found = []
        for measures in self.measures.values():
            for measure in measures:
                begins, ends = measure.effective_from, self.ends_on(measure)
                status = self.status(measure)
                if begins is not None and begins > as_of and status == SCHEDULED:
                    found.append(Step(begins, measure, BEGINS))
                if ends is not None and ends >= as_of and status in (IN_FORCE, SCHEDULED):
                    found.append(Step(ends, measure, LAST_DAY))
                if status in (IN_FORCE, SCHEDULED) and measure.is_noted(seen_until):
                    days = (date.fromisoformat(day) for day in measure.steps_on)
                    found += [Step(day, measure, CHANGES) for day in days if day > as_of]
        return sorted(found, key=lambda step: step.day)

    def named_measure(self, ref: str) -> Measure:
        return self._ref[ref]

    def names(self, measure: Measure, digits: str) -> bool:
        """Return whether a measure's scope names a tariff code, or some of what it holds.

        A code that a scope names by itself is that measure's, though it lies in the range of
        others: 9903.08.24, the ceiling among the headings 9903.08.20 to 9903.08.26.
        """
        is_own = any(span.is_one and span.holds(digits) for span in self._every_span)
        return any(
            span.meets(digits) and (span.is_one or not is_own) for span in self._spans[measure.ref]
        )

    def names_all(self, measure: Measure, digits: str) -> bool:
        """Return whether a measure's scope names all that a tariff code holds."""
        return any(span.holds(digits) for span in self._spans[measure.ref])

    def status(self, measure: Measure) -> str:
        """The status of a measure on the day described, from acts and dates."""
        duty = self._duty(measure)
        if duty is None:
            return measure.listed_status
        if any(
            measure.ref in other.replaces
            for other in self.measures[measure.category.slug]
            if other.listed_status not in NEVER_CHARGED
        ):
            return str(Measure.Listed.REPLACED)
        if duty.begins > self.point.as_of:
            return SCHEDULED
        if duty.ends is None or duty.ends >= self.point.as_of:
            return IN_FORCE
        return measure.listed_status

    def ends_on(self, measure: Measure) -> date | None:
        """The last day of a measure, as far as the act that set it was there."""
        return measure.ends_at(self.point)

    def term_ends_on(self, term: Term) -> date | None:
        """The last day of a rate that a term states, where its act sets one for all countries."""
        return self._acts_end.get(term.document_id)

    def ended(self) -> list[tuple[date, Measure]]:
        """The duties that have ended and their last days, newest first; the ordinary ones left out."""
        found = [
            (ends, measure)
            for measures in self.measures.values()
            for measure in measures
            if (ends := self.ends_on(measure)) is not None
            and ends < self.point.as_of
            and measure.basis != Basis.MFN_ONLY
            and measure.listed_status not in NEVER_CHARGED
        ]
        return sorted(found, key=lambda one: one[0], reverse=True)

    @cached_property
    def _spans(self) -> dict[str, list[Span]]:
        return {ref: list(spans_in(measure.hts_scope)) for ref, measure in self._ref.items()}

    @cached_property
    def _every_span(self) -> frozenset[Span]:
        return frozenset(span for spans in self._spans.values() for span in spans)

    @cached_property
    def _terms(self) -> list[Term]:
        """What terms state of the general rate of a country without measures, oldest first."""
        if self.measures:
            return []
        rows = Term.objects.current(self.point).filter(
            commitment__investor_code=self.country,
            commitment__illustrative=False,
            key=GENERAL_RATE,
            is_default=True,
            effective_on__isnull=False,
        )
        return list(rows.select_related("document").order_by("effective_on", "ref"))

    @cached_property
    def _acts_end(self) -> dict[int | None, date]:
        return acts_end(self.point) if self._terms else {}

    def _by_terms(self, category: TariffCategory, on: date) -> RateOn:
        """The general rate as the terms in force on a day state it; of other goods they say nothing."""
        begun = [t for t in self._terms if t.effective_on is not None and t.effective_on <= on]
        term = begun[-1] if begun else None
        if term is None or category.slug != GENERAL:
            nearest = term or next(iter(self._terms), None)
            return _not_stated(on, nearest)
        return _rate_by_term(term, on, self._acts_end)

    def _rate(self, category: TariffCategory, on: date, digits: str) -> RateOn:
        if self._terms:
            return self._by_terms(category, on)
        duties = self._duties.get(category.slug, ())
        if not digits:
            return self._told(category, on, rate_on(duties, on))
        if not digits.startswith(SPECIAL):
            return self._told(category, on, goods_rate_on(duties, on))
        return self._told(category, on, self._rate_named(duties, on, digits))

    def _rate_named(self, duties: Sequence[Duty], on: date, digits: str) -> Answer:
        """The answer for a heading of chapter 99: of its measures that hold, on the ordinary duty.

        Without one it is not stated, whatever ordinary duty the goods pay: nearest are its
        measures before and after the day, else those that hold in their place.
        """
        standing = standing_on(duties, on)
        named = [duty for duty in duties if self.names(self._ref[duty.ref], digits)]
        if any(duty in named for duty in standing):
            kept = [d for d in standing if d in named or d.basis is Basis.MFN_ONLY]
            return heading_rate_on(kept, on)
        answer = heading_rate_on([duty for duty in named if not duty.covers(on)], on)
        return answer if answer.nearest else replace(answer, nearest=tuple(d.ref for d in standing))

    def _told(self, category: TariffCategory, on: date, answer: Answer) -> RateOn:
        scopes = tuple(self._scope(category, part) for part in answer.parts)
        authority = self._measures(answer.refs)
        if answer.depends_on_scope:
            status = str(Reason.DEPENDS_ON_SCOPE)
        elif answer.rate is None:
            status = NOT_STATED
        else:
            decides = authority[0].effective_from
            begun = decides is not None and decides <= self.point.as_of
            status = IN_FORCE if begun else SCHEDULED
        return RateOn(
            on,
            status,
            answer.rate,
            answer.basis,
            answer.reason,
            authority,
            scopes,
            self._measures(answer.nearest),
        )

    def _scope(self, category: TariffCategory, part: Part) -> ScopeRate:
        authority = self._measures(part.refs)
        words = {m.leaves_out: m.leaves_out_ja for m in self.measures[category.slug]}
        words |= {m.scope: m.scope_ja for m in authority}
        named = words.get(part.scope, "") if part.scope else ""
        return ScopeRate(category, part.scope, named, part.rate, part.basis, part.reason, authority)

    def _measures(self, refs: Iterable[str]) -> tuple[Measure, ...]:
        return tuple(self._ref[ref] for ref in refs)

    def _replaced_refs(self) -> set[str]:
        """The measures another one replaces, whether or not the world could know it yet."""
        known = replace(self.point, published_by=None)
        rows = Measure.objects.current(known).filter(country=self.country)
        return {ref for refs in rows.values_list("replaces", flat=True) for ref in refs}

    def _duties_of(self, measures: Sequence[Measure]) -> tuple[Duty, ...]:
        found = (self._duty(measure) for measure in measures)
        return tuple(duty for duty in found if duty is not None)

    def _duty(self, measure: Measure) -> Duty | None:
        """A measure as the calculation takes it; None for one that never gives a rate."""
        if (
            measure.listed_status in NEVER_CHARGED
            or (
                measure.listed_status == Measure.Listed.REPLACED
                and measure.ref not in self._replaced
            )
            or measure.rate_percent is None
            or measure.effective_from is None
        ):
            return None
        return Duty(
            ref=measure.ref,
            rate=measure.rate_percent.normalize(),
            basis=Basis(measure.basis),
            begins=measure.effective_from,
            ends=self.ends_on(measure),
            scope=measure.scope,
            names_country=measure.names_country,
            replaces=tuple(measure.replaces),
            leaves_out=measure.leaves_out,
            stated_to=measure.stated_to(self.point.seen_until),
        )


def acts_end(point: PointInTime) -> dict[int | None, date]:
    """The last day of each act that itself sets one for the general goods of all countries."""
    rows = Measure.objects.current(point).filter(category__slug=GENERAL, names_country=False)
    ends: dict[int | None, list[date | None]] = {}
    for measure in rows.exclude(listed_status__in=NEVER_CHARGED):
        own = measure.effective_to if measure.ended_by_id is None else None
        ends.setdefault(measure.document_id, []).append(own)
    lasts = {act: [day for day in days if day is not None] for act, days in ends.items()}
    return {act: max(days) for act, days in lasts.items() if act and len(days) == len(ends[act])}


def general_rates(point: PointInTime, terms: Mapping[str, Term | None]) -> dict[str, RateOn]:
    """The general rate of some countries on the day described, as their rate books answer.

    Where measures on goods of a country are on record it is theirs, else that of the term
    given for the country; not stated without either.
    """
    on = point.as_of
    rows = Measure.objects.current(point).filter(country__in=terms)
    measured = set(rows.order_by().values_list("country", flat=True).distinct())
    ends = acts_end(point) if any(terms.values()) else {}
    found = {}
    for country, term in terms.items():
        if country in measured:
            book = RateBook(point, country)
            named = book.named(GENERAL)
            found[country] = book.rate(named, on) if named else _not_stated(on, None)
        else:
            found[country] = _rate_by_term(term, on, ends) if term else _not_stated(on, None)
    return found


def _rate_by_term(term: Term, on: date, ends: Mapping[int | None, date]) -> RateOn:
    """The rate that a term states on a day; none before it begins, or once its act has ended."""
    percent, basis = read_percent(term.value.get("percent")), term.value.get("basis")
    begins, last = term.effective_on, ends.get(term.document_id)
    is_out = begins is None or begins > on or (last is not None and last < on)
    if is_out or percent is None or basis not in set(Basis):
        return _not_stated(on, term)
    is_added = basis in (Basis.ADDITIONAL, Basis.EXEMPT)
    reason = Reason.MFN_NOT_ON_RECORD if is_added else None
    return RateOn(on, IN_FORCE, percent, Basis(basis), reason, (), term=term)


def _not_stated(on: date, nearest: Term | None) -> RateOn:
    return RateOn(on, NOT_STATED, None, None, Reason.NO_MEASURE_ON_RECORD, (), term=nearest)


def _joined(found: Sequence[tuple[TariffCategory, RateOn]], on: date) -> RateOn:
    """One answer for several categories asked for under one name: each of their rates a scope."""
    scopes = tuple(scope for category, rate in found for scope in scopes_of(category, rate))
    authority = tuple(dict.fromkeys(m for _, rate in found for m in rate.authority))
    nearest = tuple(dict.fromkeys(m for _, rate in found for m in rate.nearest))
    if not authority:
        term = found[0][1].term
        reason = next((scope.reason for scope in scopes if scope.rate_percent is None), None)
        return RateOn(on, NOT_STATED, None, None, reason, (), nearest=nearest, term=term)
    alike = {(scope.rate_percent, scope.basis, scope.reason) for scope in scopes}
    if len(alike) > 1:
        depends = Reason.DEPENDS_ON_SCOPE
        return RateOn(on, str(depends), None, None, depends, authority, scopes, nearest)
    return replace(found[0][1], authority=authority, scopes=scopes)


def scopes_of(category: TariffCategory, rate: RateOn) -> tuple[ScopeRate, ...]:
    """The parts of an answer; one for all of it where it has none."""
    whole = ScopeRate(category, "", "", rate.rate_percent, rate.basis, rate.reason, rate.authority)
    return rate.scopes or (whole,)
