"""The returns of one project: its distributions split, its rates, its measures."""

from dataclasses import dataclass

from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.returns import programme, shares, whatif
from projects.metrics.returns import flags_of
from projects.selectors import ProjectRecord


@dataclass(frozen=True)
class ProjectReturns:
    owed: str
    tier: str
    flags: tuple[str, ...]
    chart: ChartWords | None
    rows: list[shares.StepRow]
    totals: tuple[str, ...]
    rates: list[programme.RateRow]
    measures: list[programme.MeasureRow]


def section(figures: Figures, project: ProjectRecord) -> ProjectReturns | None:
    """What a project paid in and out; None where no money moved in it."""
    found = next((i for i in figures.record.investments if i.project.slug == project.slug), None)
    if found is None:
        return None
    investor = whatif.investor_of(figures.reading)
    return ProjectReturns(
        owed=shares.balance_words(found.shares.balance),
        tier=programme.tier_words(found),
        flags=tuple(programme.flag_words(code) for code in flags_of(figures.record, found)),
        chart=shares.chart(found.shares, investor) if found.shares.steps else None,
        rows=shares.step_rows(found.shares),
        totals=shares.totals(found.shares),
        rates=programme.rate_rows(figures.cites, list(reversed(found.rates))),
        measures=programme.measures(figures, project=project.slug),
    )
