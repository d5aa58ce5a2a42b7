"""Which facts a page and the answer of its subject read, and how many of them are left out.

`published_by` drops what has no date; both say how many, counted over the same kinds.
"""

from typing import Any

from django.db.models import Q

from commitments.calculations.metric import Metric
from commitments.models import Claim, Commitment, Document, Fact, Gap, Reaction, Ruling, Term
from commitments.selectors import undated_count, undated_documents
from dashboard.points import FIGURE_FACTS, Reading, undated_of
from projects.models import DeemedRate, FundingNotice, LedgerEntry, StageEvent, Valuation
from tariffs import metrics as of_duties
from tariffs.models import CounterfactualRate, Lever, Measure, TradeFlow

CLAIMS = (Claim, Ruling, Term, Measure)
DUTIES = (Measure, TradeFlow, CounterfactualRate)
LEVERS = (Lever, Term, Measure, FundingNotice, StageEvent, Reaction)
NOTICES = (FundingNotice,)
REACTIONS = (Reaction,)
RETURNS = (*FIGURE_FACTS, DeemedRate, Valuation)
TERMS = (Term,)
WATCHED = (*FIGURE_FACTS, Measure, Reaction, Lever, Gap)


def undated(reading: Reading, models: tuple[Any, ...] = FIGURE_FACTS) -> int:
    """How many facts of some kinds are left out: of the commitment, and of what belongs to none."""
    return undated_of(reading.point, reading.commitment, models)


def undated_compared(reading: Reading) -> int:
    """How many terms are left out of every commitment that stands beside the others."""
    shown = Q(illustrative=False) | Q(pk=reading.commitment.pk)
    compared = Commitment.objects.filter(shown)
    return undated_count(reading.point, Term, Q(commitment__in=compared))


def undated_rows(reading: Reading, model: Any) -> int:
    """How many rows of one table are left out; of what is no fact only documents have a date."""
    if model is Document:
        return undated_documents(reading.point)
    return undated(reading, (model,)) if issubclass(model, (Fact, LedgerEntry)) else 0


def facts_of(metric: Metric) -> tuple[Any, ...]:
    """The kinds of facts that a metric reads."""
    return DUTIES if metric.key in of_duties.BY_KEY else FIGURE_FACTS
