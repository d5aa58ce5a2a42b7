"""What investments paid out, who received it, what is still owed, and how they performed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import (
    Figure,
    Row,
    Scope,
    amount,
)
from commitments.calculations.money import cents
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations.investment import rate_on
from projects.calculations.performance import DAYS_OF_YEAR, Flow, xirr, xnpv
from projects.calculations.stages import Stage
from projects.metrics.rungs import ZERO, Compute, on_rung, ratio_figure, rung_figure
from projects.models import Valuation
from projects.selectors import CommitmentRecord, Member
from projects.selectors.returns import Investment

ENDED = (Stage.DECLINED, Stage.WITHDRAWN, Stage.CANCELLED)

Amount = Callable[[Investment], Bounds]


def investments_in(record: CommitmentRecord, scope: Scope) -> list[Investment]:
    """The investments of a scope. Raise Undefined for an instrument: they pool theirs."""
    if scope.instrument is not None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    return [
        found for found in record.investments if _member(found, exactly(ZERO), record).is_in(scope)
    ]


def _member(investment: Investment, bounds: Bounds, record: CommitmentRecord) -> Member:
    slug = investment.project.slug
    place = record.by_slug.get(slug)
    moved = (*investment.flows.contributions, *investment.flows.distributions)
    row = Row(
        label=investment.project.name,
        kind="investment",
        ref=slug,
        bounds=bounds,
        on=max(on for on, _amount in moved),
    )
    if place is None:
        return Member(row=row, project=slug)
    return Member(row, project=slug, sector=place.sector, state=place.state, states=place.states)


def total_of(record: CommitmentRecord, scope: Scope, value: Amount) -> Figure:
    """Sum one amount over the investments of a scope, a row each."""
    found = investments_in(record, scope)
    return rung_figure(_member(one, value(one), record) for one in found)


def summed(value: Amount) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return total_of(record, scope, value)

    return compute


def paid_in(investment: Investment) -> Bounds:
    return exactly(investment.flows.paid_in)


def paid_out(investment: Investment) -> Bounds:
    return exactly(investment.flows.paid_out)


def japan_received(investment: Investment) -> Bounds:
    """Japan's part of what was paid out; at most half where no rate says how much is owed.

    Interest nobody stated would only lengthen the first tier.
    """
    received = investment.shares.japan
    if investment.is_rated:
        return exactly(received)
    return Bounds(received, max(received, investment.flows.paid_out / 2))


def us_received(investment: Investment) -> Bounds:
    japan = japan_received(investment)
    paid = investment.flows.paid_out
    return Bounds(
        None if japan.high is None else paid - japan.high,
        None if japan.low is None else paid - japan.low,
    )


def still_owed(investment: Investment) -> Bounds:
    """The deemed allocation amount; without a rate at least the principal, and no upper bound."""
    owed = investment.shares.balance.daa
    return exactly(owed) if investment.is_rated else Bounds(owed, None)


def worth(investment: Investment) -> Bounds:
    found = investment.worth
    return Bounds() if found is None else exactly(found.amount_usd)


def japan_worth(investment: Investment) -> Bounds:
    found = investment.japan_worth
    return Bounds() if found is None else exactly(found)


def worth_with_documents(record: CommitmentRecord, scope: Scope, value: Amount) -> Figure:
    """Sum the newest valuations. Not stated while an investment that was paid in has none."""
    figure = total_of(record, scope, value)
    found = [one.worth for one in investments_in(record, scope)]
    rows = tuple(_valued(row, v) for row, v in zip(figure.rows, found, strict=True))
    if figure.unstated_count:
        rows = tuple(replace(row, counts=False) for row in rows)
        return Figure(reason=Reason.NOT_STATED, rows=rows, unstated_count=figure.unstated_count)
    return replace(figure, rows=rows)


def _valued(row: Row, valuation: Valuation | None) -> Row:
    if valuation is None:
        return row
    documents = (valuation.document.slug,) if valuation.document else ()
    return replace(row, documents=documents, on=valuation.valued_on, note=valuation.method)


def multiple(part: Compute) -> Compute:
    """Return a metric that divides an amount by what was paid in."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return divided(part(record, scope), total_of(record, scope, paid_in))

    return compute


def divided(part: Figure, whole: Figure) -> Figure:
    """Divide two sums. Raise Undefined where nothing was paid in, or a side is not stated."""
    if whole.note == "none_published":
        raise Undefined(Reason.NO_OBSERVATIONS)
    if part.reason is not None or whole.reason is not None:
        raise Undefined(part.reason or whole.reason or Reason.NOT_STATED)
    return ratio_figure(part, whole)


def net_asset_value(value: Amount) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return worth_with_documents(record, scope, value)

    return compute


def with_worth(received: Amount, value: Amount) -> Compute:
    """Return the sum of what was received and what is left, in the same rows."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        left = worth_with_documents(record, scope, value)
        got = total_of(record, scope, received)
        if left.reason is not None or got.note == "none_published":
            return left
        bounds = [
            _added(got.bounds.low, left.bounds.low),
            _added(got.bounds.high, left.bounds.high),
        ]
        return Figure(bounds=Bounds(*bounds), rows=(*got.rows, *left.rows))

    return compute


def _added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def moic(record: CommitmentRecord, scope: Scope) -> Figure:
    whole = with_worth(paid_out, worth)(record, scope)
    invested = total_of(record, scope, lambda one: exactly(one.disbursed))
    return divided(whole, invested)


def pic(record: CommitmentRecord, scope: Scope) -> Figure:
    selected = on_rung("selected")(record, scope)
    if selected.note == "none_published":
        raise Undefined(Reason.NO_OBSERVATIONS)
    return divided(_or_zero(total_of(record, scope, paid_in)), selected)


def _or_zero(figure: Figure) -> Figure:
    return figure if figure.note != "none_published" else amount(exactly(ZERO))


@dataclass(frozen=True)
class Side:
    """From whose side an investment is seen: its flows, and its part of what is left."""

    cash: Callable[[Investment], Sequence[Flow]]
    left: Callable[[Investment], Decimal | None]

    def flows(self, one: Investment) -> list[Flow]:
        """Paid in negative, received positive, what is left as the last flow."""
        value = self.left(one)
        if not value or one.worth is None:
            return list(self.cash(one))
        return [*self.cash(one), (one.worth.valued_on, value)]


def deemed_rate(investment: Investment) -> Decimal | None:
    """The deemed rate in force on the day of the first funding; None where none is on record."""
    funded_on = investment.flows.funded_on
    return None if funded_on is None else rate_on(investment.flows.rates, funded_on)


def present_value(
    investment: Investment, side: Side, *, discount: Decimal | None = None, on: date | None = None
) -> Bounds:
    """The net present value in US dollars on a day, that of the first flow unless given.

    At the rate a year `discount`, or else at the investment's own deemed rate;
    not stated where neither is there.
    """
    rate = deemed_rate(investment) if discount is None else discount
    return Bounds() if rate is None else exactly(cents(xnpv(rate, side.flows(investment), on=on)))


def net_present_value(side: Side, discount: Decimal | None = None) -> Compute:
    """Return a metric of the net present value on the day of the first flow in its scope.

    The note says `estimated` where a valuation enters. Not stated while an
    investment has no rate to be discounted at.
    """

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = investments_in(record, scope)
        if not found:
            raise Undefined(Reason.NO_OBSERVATIONS)
        first = min(on for one in found for on, _amount in side.cash(one))
        figure = rung_figure(
            _member(one, present_value(one, side, discount=discount, on=first), record)
            for one in found
        )
        if figure.unstated_count:
            rows = tuple(replace(row, counts=False) for row in figure.rows)
            return Figure(reason=Reason.NOT_STATED, rows=rows, unstated_count=figure.unstated_count)
        valued = any(one.worth is not None for one in found)
        return replace(figure, note="estimated" if valued else None)

    return compute


def rate_of_return(side: Side) -> Compute:
    """Return a metric of the rate of return, what is left of each investment as its last flow.

    The note says `multiple` where several rates fit, else `estimated` where a
    valuation enters; investments that have none are counted as unstated. The
    text of a span under one year is the return over the span.
    """

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = investments_in(record, scope)
        if not found:
            raise Undefined(Reason.NO_OBSERVATIONS)
        result = xirr(flow for one in found for flow in side.flows(one))
        valued = [one for one in found if one.worth is not None]
        note = "multiple" if result.multiple else "estimated" if valued else None
        rows = (_member(one, paid_in(one), record).row for one in found)
        short = result.days < DAYS_OF_YEAR
        return Figure(
            bounds=exactly(result.rate),
            text=str(result.over_the_whole) if short else None,
            rows=tuple(replace(row, counts=False) for row in rows),
            note=note,
            unstated_count=len(found) - len(valued),
        )

    return compute


def _worth_of_all(investment: Investment) -> Decimal | None:
    return None if investment.worth is None else investment.worth.amount_usd


JAPAN = Side(cash=lambda one: one.japan_cash, left=lambda one: one.japan_worth)
WHOLE = Side(cash=lambda one: one.project_cash, left=_worth_of_all)


def flags_of(record: CommitmentRecord, investment: Investment) -> tuple[str, ...]:
    """Return what to beware of in an investment.

    Codes: `rate_not_stated` (no deemed rate was in force at the first funding)
    and `losses_silent` (it ended with money still owed, or a claim under a
    guarantee was paid: the text says of no loss who bears it).
    """
    flags = [] if investment.is_rated else ["rate_not_stated"]
    owed = investment.shares.balance.daa
    place = record.by_slug.get(investment.project.slug)
    ended = place is not None and place.standing.stage in ENDED and owed > 0
    if ended or investment.has_claims:
        flags.append("losses_silent")
    return tuple(flags)
