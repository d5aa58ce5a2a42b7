"""What investments paid out, who received it, what is still owed, and how they performed."""

from collections.abc import Callable, Iterator, Sequence
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
from projects.metrics.terms import context
from projects.models import LedgerEntry
from projects.selectors import CommitmentRecord, Member
from projects.selectors.returns import CONTRIBUTIONS, DISTRIBUTIONS, Investment

ENDED = (Stage.DECLINED, Stage.WITHDRAWN, Stage.CANCELLED)
MOVED = (*CONTRIBUTIONS, *DISTRIBUTIONS)
FLOW_IN, FLOW_OUT = "paid in", "received"  # the note of a row that is a dated flow
SPLIT_TERMS = ("split", "deemed_allocation", "deemed_rate")


@dataclass(frozen=True)
class Amount:
    """An amount of an investment, and what it is made of.

    That is ledger entries of some kinds, the terms it is read by, the deemed
    rates on record (`is_rated`) and the newest valuation (`is_valued`).
    """

    of: Callable[[Investment], Bounds]
    kinds: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    is_rated: bool = False
    is_valued: bool = False


def investments_in(record: CommitmentRecord, scope: Scope) -> list[Investment]:
    """The investments of a scope. Raise Undefined for an instrument: they pool theirs."""
    if scope.instrument is not None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    return [found for found in record.investments if _member(found, PAID_IN, record).is_in(scope)]


def _member(investment: Investment, value: Amount, record: CommitmentRecord) -> Member:
    slug = investment.project.slug
    row = _row(investment, value)
    place = record.by_slug.get(slug)
    if place is None:
        return Member(row=row, project=slug)
    return Member(row, project=slug, sector=place.sector, state=place.state, states=place.states)


def _row(investment: Investment, value: Amount) -> Row:
    """An amount of an investment with the documents it rests on; undated where nothing makes it.

    What has no valuation rests on the cash that asks for one.
    """
    valuation = investment.worth if value.is_valued else None
    kinds = MOVED if value.is_valued and not valuation else value.kinds
    moved = investment.moved_by(kinds)
    facts = [*(investment.rates if value.is_rated else ()), *([valuation] if valuation else ())]
    documents = [slug for one in moved for slug in one.documents]
    documents += [fact.document.slug for fact in facts if fact.document]
    last = max((one.on for one in moved), default=None)
    return Row(
        label=investment.project.name,
        kind="investment",
        ref=investment.project.slug,
        bounds=value.of(investment),
        documents=tuple(dict.fromkeys(documents)),
        on=valuation.valued_on if valuation else last,
        note=valuation.method if valuation else "",
    )


def total_of(record: CommitmentRecord, scope: Scope, value: Amount) -> Figure:
    """Sum one amount over the investments of a scope: a row for each that has any, and the terms."""
    found = investments_in(record, scope)
    figure = rung_figure(_member(one, value, record) for one in found)
    rows = (row for row in figure.rows if row.on is not None)
    terms = context(record, *value.terms) if found else ()
    return replace(figure, rows=(*rows, *terms))


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


def disbursed(investment: Investment) -> Bounds:
    return exactly(investment.disbursed)


def worth(investment: Investment) -> Bounds:
    found = investment.worth
    return Bounds() if found is None else exactly(found.amount_usd)


def japan_worth(investment: Investment) -> Bounds:
    found = investment.japan_worth
    return Bounds() if found is None else exactly(found)


PAID_IN = Amount(paid_in, CONTRIBUTIONS)
PAID_OUT = Amount(paid_out, DISTRIBUTIONS)
DISBURSED = Amount(disbursed, (LedgerEntry.Kind.DISBURSEMENT,))
JAPAN_RECEIVED = Amount(japan_received, MOVED, SPLIT_TERMS, is_rated=True)
US_RECEIVED = Amount(us_received, MOVED, SPLIT_TERMS, is_rated=True)
STILL_OWED = Amount(still_owed, MOVED, SPLIT_TERMS, is_rated=True)
WORTH = Amount(worth, is_valued=True)
JAPAN_WORTH = Amount(japan_worth, MOVED, SPLIT_TERMS, is_rated=True, is_valued=True)


def in_full(figure: Figure) -> Figure:
    """Return a sum, not stated while an investment in it has no amount."""
    if not figure.unstated_count:
        return figure
    rows = tuple(replace(row, counts=False) for row in figure.rows)
    return Figure(reason=Reason.NOT_STATED, rows=rows, unstated_count=figure.unstated_count)


def multiple(part: Compute) -> Compute:
    """Return a metric that divides an amount by what was paid in."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return divided(part(record, scope), total_of(record, scope, PAID_IN))

    return compute


def divided(part: Figure, whole: Figure) -> Figure:
    """Divide two sums. Raise Undefined where nothing was paid in, or a side is not stated."""
    if whole.note == "none_published":
        raise Undefined(Reason.NO_OBSERVATIONS)
    if part.reason is not None or whole.reason is not None:
        raise Undefined(part.reason or whole.reason or Reason.NOT_STATED)
    return ratio_figure(part, whole)


def net_asset_value(value: Amount) -> Compute:
    """Return a metric of the newest valuations."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return in_full(total_of(record, scope, value))

    return compute


def with_worth(received: Amount, value: Amount) -> Compute:
    """Return the sum of what was received and what is left, in the same rows."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        left = in_full(total_of(record, scope, value))
        got = total_of(record, scope, received)
        if left.reason is not None or got.note == "none_published":
            return left
        bounds = [
            _added(got.bounds.low, left.bounds.low),
            _added(got.bounds.high, left.bounds.high),
        ]
        rows = (*got.rows, *(row for row in left.rows if row.counts))
        return Figure(bounds=Bounds(*bounds), rows=rows)

    return compute


def _added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def moic(record: CommitmentRecord, scope: Scope) -> Figure:
    whole = with_worth(PAID_OUT, WORTH)(record, scope)
    return divided(whole, total_of(record, scope, DISBURSED))


def pic(record: CommitmentRecord, scope: Scope) -> Figure:
    selected = on_rung("selected")(record, scope)
    if selected.note == "none_published":
        raise Undefined(Reason.NO_OBSERVATIONS)
    return divided(_or_zero(total_of(record, scope, PAID_IN)), selected)


def _or_zero(figure: Figure) -> Figure:
    return figure if figure.note != "none_published" else amount(exactly(ZERO))


@dataclass(frozen=True)
class Side:
    """From whose side an investment is seen: its flows, and its part of what is left."""

    cash: Callable[[Investment], Sequence[Flow]]
    left: Amount

    def flows(self, one: Investment) -> list[Flow]:
        """Paid in negative, received positive, what is left as the last flow."""
        value = self.left.of(one).value
        if not value or one.worth is None:
            return list(self.cash(one))
        return [*self.cash(one), (one.worth.valued_on, value)]

    def rows(self, one: Investment) -> Iterator[Row]:
        """The same as rows beside a figure: what each flow is, and its documents."""
        left = replace(_row(one, self.left), kind="valuation", counts=False)
        for on, cash in self.cash(one):
            kinds, note = (CONTRIBUTIONS, FLOW_IN) if cash < 0 else (DISTRIBUTIONS, FLOW_OUT)
            slugs = [slug for m in one.moved_by(kinds) if m.on == on for slug in m.documents]
            yield replace(
                left,
                kind="flow",
                bounds=exactly(cash),
                documents=tuple(dict.fromkeys(slugs)),
                on=on,
                note=note,
            )
        yield left


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
        value = replace(
            side.left,
            of=lambda one: present_value(one, side, discount=discount, on=first),
            kinds=MOVED,
            is_rated=side.left.is_rated or discount is None,
        )
        figure = in_full(total_of(record, scope, value))
        valued = figure.reason is None and any(one.worth is not None for one in found)
        return replace(figure, note="estimated" if valued else None)

    return compute


def rate_of_return(side: Side) -> Compute:
    """Return a metric of the rate of return, what is left of each investment as its last flow.

    The note says `multiple` where several rates fit, else `estimated` where a
    valuation enters; investments that have none are counted as unstated. The
    text of a span under one year is the return over the span. Its rows are the
    dated flows, from which the rate can be solved again; they sum to nothing.
    """

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = investments_in(record, scope)
        if not found:
            raise Undefined(Reason.NO_OBSERVATIONS)
        result = xirr(flow for one in found for flow in side.flows(one))
        valued = [one for one in found if one.worth is not None]
        note = "multiple" if result.multiple else "estimated" if valued else None
        rows = [row for one in found for row in side.rows(one)]
        short = result.days < DAYS_OF_YEAR
        return Figure(
            bounds=exactly(result.rate),
            text=str(result.over_the_whole) if short else None,
            rows=(
                *sorted(rows, key=lambda row: (row.on or record.point.as_of, row.ref)),
                *context(record, *side.left.terms),
            ),
            note=note,
            unstated_count=len(found) - len(valued),
        )

    return compute


JAPAN = Side(cash=lambda one: one.japan_cash, left=JAPAN_WORTH)
WHOLE = Side(cash=lambda one: one.project_cash, left=WORTH)


def flags_of(record: CommitmentRecord, investment: Investment) -> tuple[str, ...]:
    """Return what to beware of in an investment.

    Codes: `rate_not_stated` (no deemed rate was in force at the first funding)
    and `losses_silent` (a loss shows, and the text says of none who bears it).
    """
    flags = [] if investment.is_rated else ["rate_not_stated"]
    if shows_loss(record, investment):
        flags.append("losses_silent")
    return tuple(flags)


def shows_loss(record: CommitmentRecord, investment: Investment) -> bool:
    """True where an investment lost money, or would at its newest valuation.

    It ended with money still owed, a claim under a guarantee was paid, or what
    it paid out and is worth together is less than what was paid in.
    """
    flows, worth = investment.flows, investment.worth
    place = record.by_slug.get(investment.project.slug)
    is_over = place is not None and place.standing.stage in ENDED
    is_under = worth is not None and flows.paid_out + worth.amount_usd < flows.paid_in
    owes = investment.shares.balance.daa > 0
    return investment.has_claims or is_under or (is_over and owes)
