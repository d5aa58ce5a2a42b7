"""Exposure: the baseline year's imports at the rates of a day, with and without the agreement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, envelope, total
from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason
from commitments.models import Document
from tariffs.calculations import exposure
from tariffs.calculations.exposure import Case
from tariffs.calculations.rate import Basis
from tariffs.models import CounterfactualRate, TradeFlow
from tariffs.selectors.rates import RateBook, RateOn, ScopeRate

SAME = "same_for_all_countries"
ROW = "counterfactual_row"


@dataclass(frozen=True)
class Without:
    """The rate without the agreement of one part of a line, and what it rests on.

    `source` is a counterfactual row, or that the measure in force sets the same
    rate for all countries; None with nothing on record.
    """

    rate_percent: Decimal | None
    basis: str
    source: str | None
    words: str
    document: Document | None


@dataclass(frozen=True)
class ExposureLine:
    """One line of the baseline: its imports, rate and duty, and the same without the agreement.

    `covered` are the imports the record says the rate reaches, where that is less than
    the line: whether the rest pays it is not told, so every figure is a range between both.
    """

    trade: TradeFlow
    rate: RateOn
    without: tuple[Without, ...]
    cases: tuple[Case, ...]
    covered: Decimal | None = None

    @property
    def imports(self) -> Decimal:
        value: Decimal = self.trade.value_usd
        return value

    @property
    def duty(self) -> Bounds:
        return self._over(lambda imports: exposure.duty(imports, (c.rate for c in self.cases)))

    @property
    def duty_without(self) -> Bounds:
        return self._over(lambda imports: exposure.duty(imports, (c.without for c in self.cases)))

    @property
    def extra(self) -> Bounds:
        return self._over(lambda imports: exposure.extra_duty(imports, self.cases))

    @property
    def without_percent(self) -> Bounds:
        return exposure.range_of(case.without for case in self.cases)

    @property
    def is_added_only(self) -> bool:
        """True where the rate leaves out the ordinary duty, because that is not on record."""
        return self.rate.is_added_only

    def extra_with(self, elasticity: Decimal) -> Bounds:
        return self._over(
            lambda imports: exposure.extra_with_volume(imports, self.cases, elasticity=elasticity)
        )

    def lost_with(self, elasticity: Decimal) -> Bounds:
        return self._over(
            lambda imports: exposure.imports_lost(imports, self.cases, elasticity=elasticity)
        )

    def _over(self, figure: Callable[[Decimal], Bounds]) -> Bounds:
        """A figure of the whole line, down to that of the imports covered."""
        whole = figure(self.imports)
        return whole if self.covered is None else envelope([whole, figure(self.covered)])


@dataclass(frozen=True)
class Exposure:
    """The lines of the baseline on a day, and their sums.

    A sum holds the lines that have the figure; those that have none are counted
    beside it with their imports, so that both together are the whole. `within` are
    the parts of lines that a measure covers: the low ends of their lines.
    """

    on: date
    baseline: TradeFlow
    lines: tuple[ExposureLine, ...]
    within: tuple[ExposureLine, ...] = ()

    @property
    def imports(self) -> Decimal:
        return sum((line.imports for line in self.lines), Decimal(0))

    @property
    def without_rate(self) -> tuple[ExposureLine, ...]:
        return tuple(line for line in self.lines if not line.duty.is_stated)

    @property
    def without_comparison(self) -> tuple[ExposureLine, ...]:
        return tuple(line for line in self.lines if not line.extra.is_stated)

    @property
    def with_rate(self) -> tuple[ExposureLine, ...]:
        return tuple(line for line in self.lines if line.duty.is_stated)

    @property
    def compared(self) -> tuple[ExposureLine, ...]:
        return tuple(line for line in self.lines if line.extra.is_stated)

    @property
    def at_stake(self) -> tuple[ExposureLine, ...]:
        """The lines whose duty would rise without the agreement."""
        return tuple(line for line in self.lines if line.extra.high)

    @property
    def imports_with_rate(self) -> Decimal:
        return self.imports - sum((line.imports for line in self.without_rate), Decimal(0))

    @property
    def imports_compared(self) -> Decimal:
        return self.imports - sum((line.imports for line in self.without_comparison), Decimal(0))

    @property
    def duty(self) -> Bounds:
        return total(line.duty for line in self.lines)

    @property
    def duty_compared(self) -> Bounds:
        return total(line.duty for line in self.compared)

    @property
    def duty_without(self) -> Bounds:
        return total(line.duty_without for line in self.compared)

    @property
    def extra(self) -> Bounds:
        return total(line.extra for line in self.lines)

    @property
    def average_percent(self) -> Bounds:
        """Duty over the imports that have a rate: the import-weighted average rate."""
        if not self.imports_with_rate:
            return Bounds()
        return exposure.average_percent(self.duty, self.imports_with_rate)

    def extra_with(self, elasticity: Decimal) -> Bounds:
        return total(line.extra_with(elasticity) for line in self.lines)

    def lost_with(self, elasticity: Decimal) -> Bounds:
        return total(line.lost_with(elasticity) for line in self.lines)


def exposure_on(book: RateBook, on: date) -> Exposure | None:
    """The exposure of a day at the newest baseline; None where none is on record.

    What a measure covers of a line's imports, where the record tells it, stands in `within`.
    """
    lines = list(
        TradeFlow.objects.current(book.point)
        .filter(country=book.country)
        .select_related("category", "document")
        .order_by("-year", "-value_usd", "ref")
    )
    totals = {flow.part_of for flow in lines if flow.part_of}
    baseline = next((flow for flow in lines if flow.line in totals), None)
    if baseline is None:
        return None
    rows = counterfactual_rows(book.point, on)
    parts = [f for f in lines if f.part_of == baseline.line and f.year == baseline.year]
    whole = {flow.category_id for flow in parts if flow.category_id is not None}
    within = [
        flow
        for flow in lines
        if not flow.part_of
        and (flow.flow, flow.year, flow.basis) == (baseline.flow, baseline.year, baseline.basis)
        and flow.category_id in whole
    ]
    covered = {flow.category_id: flow.value_usd for flow in within}
    return Exposure(
        on,
        baseline,
        tuple(_line(book, flow, on, rows, covered.get(flow.category_id)) for flow in parts),
        tuple(_line(book, flow, on, rows) for flow in within),
    )


def counterfactual_rows(point: PointInTime, on: date) -> dict[str, CounterfactualRate]:
    """The rows of rates without the agreement that hold on a day, by category."""
    rows = CounterfactualRate.objects.current(point).filter(period_from__lte=on)
    return {
        row.category.slug: row
        for row in rows.select_related("category", "document").order_by("period_from")
        if (ends := row.ends_at(point)) is None or ends >= on
    }


def without_agreement(
    rate: RateOn, row: CounterfactualRate | None
) -> list[tuple[ScopeRate | RateOn, Without]]:
    """The rate without the agreement of each part: what a row says of the rates it changed.

    A part whose measure sets one rate for all countries would pay the same.
    """
    parts: Sequence[ScopeRate | RateOn] = rate.scopes or (rate,)
    return [(part, _without(part, row, is_part=bool(rate.scopes))) for part in parts]


def _without(part: ScopeRate | RateOn, row: CounterfactualRate | None, *, is_part: bool) -> Without:
    decides = part.authority[0] if part.authority else None
    is_named = decides is not None and decides.names_country
    if row is not None and (is_named or not is_part):
        return Without(
            row.without_percent, row.without_rate_basis, ROW, row.without_basis, row.document
        )
    if decides is None or is_named or part.rate_percent is None:
        return Without(None, "", None, "", None)
    basis = str(part.basis or "")
    return Without(part.rate_percent, basis, SAME, "", decides.document)


def _line(
    book: RateBook,
    flow: TradeFlow,
    on: date,
    rows: dict[str, CounterfactualRate],
    covered: Decimal | None = None,
) -> ExposureLine:
    category = flow.category
    if category is None:
        rate = RateOn(on, "not_stated", None, None, Reason.NO_MEASURE_ON_RECORD, ())
        return ExposureLine(flow, rate, (), (Case(None, None),))
    rate = book.rate_of(category, on)
    found = without_agreement(rate, rows.get(category.slug))
    return ExposureLine(
        flow,
        rate,
        tuple(without for _part, without in found),
        tuple(case for part, without in found for case in _cases(part, without)),
        covered,
    )


def _cases(part: ScopeRate | RateOn, without: Without) -> list[Case]:
    """What a part may pay without the agreement.

    In place of a total, a rate added to the ordinary duty is itself where that duty is
    nothing, and more by the total where it is as high: which of it is not on record. One
    whose basis is not stated may be meant either way.
    """
    low = Case(part.rate_percent, without.rate_percent)
    if (
        without.source != ROW
        or without.rate_percent is None
        or part.rate_percent is None
        or part.basis != Basis.ALL_IN
        or without.basis == Basis.ALL_IN
    ):
        return [low]
    return [low, Case(part.rate_percent, without.rate_percent + part.rate_percent)]
