"""Facts of the first page that cannot change at a point: read once by each process.

A point names a revision and the instant it was recorded; facts are only ever
added, so what a revision holds stays the same. Cash is not among them.
"""

from functools import lru_cache

from django.db.models import Q

from commitments import selectors as evidence
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Gap, Reaction, SectorMapping, Term
from dashboard.compare import rates_by_slug
from projects.selectors import record_with_kept_facts
from tariffs import selectors
from tariffs.models import CounterfactualRate, Measure, TradeFlow
from tariffs.selectors.exposure import counterfactual_rows
from tariffs.selectors.levers import Standing, lever_standings
from tariffs.selectors.rates import RateBook, RateOn

POINTS = 64


@lru_cache(maxsize=POINTS)
def rates(point: PointInTime, country: str) -> RateBook:
    return RateBook(point, country)


@lru_cache(maxsize=POINTS)
def counterfactuals(point: PointInTime) -> dict[str, CounterfactualRate]:
    """The rows of rates without the agreement on the day described, by category."""
    return counterfactual_rows(point, point.as_of)


@lru_cache(maxsize=POINTS)
def trade(point: PointInTime) -> dict[str, TradeFlow]:
    """The lines of trade by their refs."""
    return {flow.ref: flow for flow in TradeFlow.objects.current(point)}


@lru_cache(maxsize=POINTS)
def announced(point: PointInTime) -> tuple[Measure, ...]:
    return tuple(selectors.announced(point))


@lru_cache(maxsize=POINTS)
def levers(point: PointInTime, commitment: Commitment) -> tuple[Standing, ...]:
    """The levers as they stand: what they are judged from is fixed by the revision too."""
    return tuple(lever_standings(record_with_kept_facts(commitment, point)))


@lru_cache(maxsize=POINTS)
def reactions(point: PointInTime, commitment: Commitment) -> tuple[Reaction, ...]:
    """Reactions to a commitment, newest first."""
    found = evidence.reactions_to(commitment, point)
    return tuple(found.select_related("document").order_by("-occurred_on", "ref"))


@lru_cache(maxsize=POINTS)
def reactions_anywhere(point: PointInTime, commitment: Commitment) -> tuple[Reaction, ...]:
    """Reactions filed under every commitment, newest first; fictional ones only beside their own."""
    real = Q(commitment__illustrative=False) | Q(commitment=commitment)
    found = Reaction.objects.current(point).filter(real)
    return tuple(found.select_related("document").order_by("-occurred_on", "ref"))


@lru_cache(maxsize=POINTS)
def rulings(point: PointInTime, commitment: Commitment) -> tuple[Reaction, ...]:
    """What courts decided up to the day described, newest first."""
    return tuple(said for said in reactions(point, commitment) if said.kind == "court")


@lru_cache(maxsize=POINTS)
def default_terms(point: PointInTime, keys: tuple[str, ...]) -> dict[str, dict[str, Term]]:
    return evidence.default_terms(point, keys)


@lru_cache(maxsize=POINTS)
def general_rates(point: PointInTime, keys: tuple[str, ...]) -> dict[str, RateOn]:
    """The general duty on goods of each commitment's country, by commitment."""
    return rates_by_slug(point, default_terms(point, keys))


@lru_cache(maxsize=POINTS)
def gaps(point: PointInTime) -> tuple[Gap, ...]:
    return tuple(Gap.objects.current(point).select_related("document", "awaited_since"))


@lru_cache(maxsize=POINTS)
def sector_mappings(point: PointInTime) -> tuple[SectorMapping, ...]:
    return tuple(SectorMapping.objects.current(point).select_related("document"))
