"""Which facts a page and the answer of its subject read, and how many of them are left out.

`published_by` drops what has no date; both say how many, counted over the same kinds. What
a figure is made from also says which revisions can have moved it.
"""

from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from commitments.calculations.metric import Metric
from commitments.models import (
    Claim,
    Commitment,
    Document,
    Fact,
    Gap,
    Reaction,
    Revision,
    Ruling,
    Term,
)
from commitments.selectors import undated_count
from commitments.services.one_commitment import own_rows
from commitments.services.register import kinds
from dashboard.points import (
    ABOUT_ANY,
    FIGURE_FACTS,
    Reading,
    documents_of,
    has_column,
    undated_of,
)
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


def undated_documents(reading: Reading) -> int:
    """How many documents the list beside the commitment leaves out for want of a date."""
    if reading.point.published_by is None:
        return 0
    whole = documents_of(reading.commitment, replace(reading.point, published_by=None))
    undated = Q(date__isnull=True) | Q(date_precision=Document.Precision.UNDATED)
    return whole.filter(undated).count()


def undated_rows(reading: Reading, model: Any) -> int:
    """How many rows of one table are left out; of what is no fact only documents have a date."""
    if model is Document:
        return undated_documents(reading)
    return undated(reading, (model,)) if issubclass(model, (Fact, LedgerEntry)) else 0


def facts_of(metric: Metric) -> tuple[Any, ...]:
    """The kinds of facts that a metric reads."""
    return DUTIES if metric.key in of_duties.BY_KEY else FIGURE_FACTS


def revisions_moving(metric: Metric, reading: Reading) -> QuerySet[Revision]:
    """The revisions up to a point that posted facts a figure of a commitment can be made from.

    Duties are of no commitment; every other figure is of facts that belong to its own.
    """
    moves = Q(pk__in=())
    for model in kinds().values():
        if metric.key in of_duties.BY_KEY:
            rows = Q() if model in DUTIES else None
        elif model in ABOUT_ANY or not has_column(model, "document"):
            rows = None
        else:
            rows = own_rows(model, [reading.commitment.pk])
        if rows is not None:
            moves |= Q(Exists(model.objects.filter(rows, revision=OuterRef("pk"))))
    return Revision.objects.filter(moves, number__lte=reading.point.revision)
