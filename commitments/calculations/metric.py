"""What a metric is: one definition that every page, answer, file and job reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from commitments.calculations.bounds import Bounds, told_total

NO_BOUNDS = Bounds()


@dataclass(frozen=True)
class Scope:
    """The part of a commitment a figure is about; all of it by default.

    Each field is a natural key; a state is a postal code.
    """

    project: str | None = None
    sector: str | None = None
    instrument: str | None = None
    state: str | None = None

    @property
    def is_whole(self) -> bool:
        return self == Scope()


@dataclass(frozen=True)
class Row:
    """One row that makes a figure. The signed bounds of all rows re-sum to the figure.

    `kind` and `ref` name the record; `documents` are slugs. `counts` is False
    for a row shown as context only (a rival claim, an input of a formula).
    `unit` is that of the bounds. `part` says which side of a division the row
    belongs to: the rows of each side re-sum to that side. `is_approximate` where
    a document says "about", `is_recalled` where it rests on general knowledge,
    `is_derived` where no document states it and it was worked out, `is_rival`
    for a reading the figure does not follow. `text` is a date where the unit is one.
    """

    label: str
    kind: str
    ref: str
    bounds: Bounds
    documents: tuple[str, ...] = ()
    on: date | None = None
    sign: int = 1
    counts: bool = True
    note: str = ""
    unit: str = "usd"
    part: Literal["", "numerator", "denominator"] = ""
    is_approximate: bool = False
    is_recalled: bool = False
    is_derived: bool = False
    is_rival: bool = False
    text: str = ""


@dataclass(frozen=True)
class Division:
    """The two amounts a figure is made of: the first by the second, times the factor.

    Both are in `unit`, but for a rate, whose denominator is in `below`.
    """

    numerator: Bounds
    denominator: Bounds
    unit: str = "usd"
    below: str = ""
    factor: Decimal = Decimal(1)

    @property
    def units(self) -> tuple[str, str]:
        """The units of the two, in their order."""
        return self.unit, self.below or self.unit


@dataclass(frozen=True)
class Figure:
    """The value of a metric at a point in time: bounds, or a reason for their absence.

    `note` is a code such as `none_published`; `text` a date or a word where the
    unit is not a number. A share or a rate over days carries its division.
    """

    bounds: Bounds = NO_BOUNDS
    reason: str | None = None
    note: str | None = None
    unstated_count: int = 0
    rows: tuple[Row, ...] = ()
    text: str | None = None
    division: Division | None = None

    @property
    def is_approximate(self) -> bool:
        """True for a single amount of which a row is only given as about so much.

        A range says by itself that the amount is not exact.
        """
        return self.bounds.value is not None and any(
            row.is_approximate for row in self.rows if row.counts
        )

    @property
    def is_recalled(self) -> bool:
        """True where a row it is made from, or rests on, is general knowledge."""
        return any(row.is_recalled and not row.is_rival for row in self.rows)

    @property
    def is_derived(self) -> bool:
        """True where a row it is made from, or rests on, is stated by no document: worked out."""
        return any(row.is_derived and not row.is_rival for row in self.rows)

    @property
    def told(self) -> Bounds:
        """The bounds as people are told them: a sum that is mostly ceilings is a ceiling."""
        summed = [row for row in self.rows if row.counts]
        if any(row.part or row.sign != 1 for row in summed):
            return self.bounds
        told = told_total(row.bounds for row in summed)
        return told if told.high == self.bounds.high else self.bounds


@dataclass(frozen=True)
class Metric:
    """One metric: key, names, definition, unit, rung, version and its function.

    `compute` takes the record of a commitment at a point in time and a scope,
    and raises Undefined with a reason code where no answer exists. The version
    rises whenever the definition changes. `formula` is plain text in English,
    `formula_ja` the same in Japanese, `literature` where it is taken from.
    `is_kept` is False for one that replays the ledger: it is computed when it
    is asked for, and not in the progress stored for every day. `splits_by`
    is the dimension of a share, which has a value for each part and none for the whole.
    `inputs` are the keys of the metrics its formula is made from.
    """

    key: str
    name: str
    name_ja: str
    definition: str
    definition_ja: str
    unit: str
    compute: Callable[[Any, Scope], Figure]
    rung: str | None = None
    version: int = 1
    formula: str = ""
    formula_ja: str = ""
    literature: str = ""
    is_kept: bool = True
    splits_by: Literal["", "sector", "instrument"] = ""
    inputs: tuple[str, ...] = ()


def amount(bounds: Bounds, **kwargs: Any) -> Figure:
    """Return a figure that has bounds."""
    return Figure(bounds=bounds, **kwargs)


def nothing(reason: str, **kwargs: Any) -> Figure:
    """Return a figure without a value, with the reason for it."""
    return Figure(reason=reason, **kwargs)


def none_published(**kwargs: Any) -> Figure:
    """Return the zero of a recorded rung on which nothing has been published."""
    zero = Decimal("0.00")
    return Figure(bounds=Bounds(zero, zero), note="none_published", **kwargs)
