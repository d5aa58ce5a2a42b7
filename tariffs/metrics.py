"""The figures of exposure: each number defined once, with the lines of trade that make it.

A metric is a function of the exposure of a day. Duties are reckoned on the imports of a
country as a whole, so none has a value for a part of the commitment.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import Division, Figure, Metric, Row, Scope, amount, nothing
from commitments.calculations.undefined import Reason
from tariffs.calculations.exposure import PERCENT
from tariffs.selectors.exposure import Exposure, ExposureLine

A_YEAR = "usd_per_year"
IMPORTS, RATE, WITHOUT, DUTY, EXTRA = "trade", "rate", "rate_without", "duty", "extra_duty"
ADDED_ONLY = "added_only"  # the note where the ordinary duty is left out, not being on record
Part = Literal["", "numerator", "denominator"]


def evaluate(metric: Metric, found: Exposure | None, scope: Scope) -> Figure:
    """Return the figure of a metric on the day of an exposure, with a reason where it has none."""
    if not scope.is_whole:
        return nothing(Reason.SCOPE_NOT_DEFINED)
    if found is None:
        return nothing(Reason.NOT_STATED)
    return metric.compute(found, scope)


def duty(found: Exposure, scope: Scope) -> Figure:
    """The duty a year: imports times rate, line by line."""
    if not found.duty.is_stated:
        return nothing(Reason.NO_MEASURE_ON_RECORD)
    rows = (*_duties(found), *_rested_on(found))
    return amount(
        found.duty,
        rows=rows,
        unstated_count=len(found.without_rate),
        note=_label(found.with_rate),
    )


def extra(found: Exposure, scope: Scope) -> Figure:
    """What the same imports would pay more in a year without the agreement, line by line."""
    if not found.extra.is_stated:
        return nothing(Reason.NO_MEASURE_ON_RECORD)
    made = (_row(line, EXTRA, line.extra) for line in found.compared)
    without = _rates(found.lines, WITHOUT, lambda line: line.without_percent)
    rows = (*made, *_rested_on(found), *without)
    return amount(
        found.extra,
        rows=rows,
        unstated_count=len(found.without_comparison),
        note=_label(found.compared),
    )


def average_rate(found: Exposure, scope: Scope) -> Figure:
    """The duty over the imports that have a rate."""
    average = found.average_percent
    if not average.is_stated:
        return nothing(Reason.NO_MEASURE_ON_RECORD)
    return amount(
        _fraction(average),
        rows=(*_duties(found, "numerator"), *_imports(found.with_rate, "denominator")),
        unstated_count=len(found.without_rate),
        note=_label(found.with_rate),
        division=Division(found.duty, exactly(found.imports_with_rate), unit=A_YEAR, below="usd"),
    )


def _duties(found: Exposure, part: Part = "") -> Iterator[Row]:
    return (_row(line, DUTY, line.duty, part=part) for line in found.with_rate)


def _label(lines: Iterable[ExposureLine]) -> str | None:
    """The note of a figure of which a line counts the added duty only."""
    return ADDED_ONLY if any(line.is_added_only for line in lines) else None


def _rested_on(found: Exposure) -> Iterator[Row]:
    """The imports and the rate of every line; and what the low end of one is reckoned on alone."""
    yield from _imports((*found.lines, *found.within))
    yield from _rates(found.lines, RATE, lambda line: Bounds(line.rate.low, line.rate.high))


def _imports(lines: Iterable[ExposureLine], part: Part = "") -> Iterator[Row]:
    """Imports: one side of a division, or beside the amount they make."""
    for line in lines:
        stated = exactly(line.imports)
        yield _row(line, IMPORTS, stated, unit="usd", part=part, counts=bool(part))


def _rates(
    lines: Iterable[ExposureLine], kind: str, percent: Callable[[ExposureLine], Bounds]
) -> Iterator[Row]:
    """The rate of every line that has one, beside the amount it makes."""
    stated = ((line, _fraction(percent(line))) for line in lines if percent(line).is_stated)
    return (_row(line, kind, rate, unit="fraction", counts=False) for line, rate in stated)


def _fraction(percent: Bounds) -> Bounds:
    low, high = (None if b is None else b / PERCENT for b in (percent.low, percent.high))
    return Bounds(low, high)


def _row(line: ExposureLine, kind: str, bounds: Bounds, **kwargs: Any) -> Row:
    """A line of trade with the documents of its imports, of its rates, or of both."""
    imports = [line.trade.document]
    rates = [measure.document for measure in line.rate.authority]
    without = [found.document for found in line.without]
    documents = {
        IMPORTS: imports,
        RATE: rates,
        WITHOUT: without,
        DUTY: imports + rates,
        EXTRA: imports + rates + without,
    }[kind]
    return Row(
        label=line.trade.label,
        kind=kind,
        ref=line.trade.ref,
        bounds=bounds,
        documents=tuple(dict.fromkeys(d.slug for d in documents if d is not None)),
        note=ADDED_ONLY if line.is_added_only and kind in (RATE, DUTY, EXTRA) else "",
        unit=kwargs.pop("unit", A_YEAR),
        **kwargs,
    )


METRICS = (
    Metric(
        key="average_duty_rate",
        name="Average rate of duty",
        name_ja="平均関税率",
        definition=(
            "Duty a year over the imports of the baseline year that have a rate on the day. "
            "Where the ordinary duty is not on record it is left out."
        ),
        definition_ja=(
            "基準年の輸入のうち対象日に税率のあるものに対する、年間関税額の割合。"
            "通常の関税が記録にない場合は含めない。"
        ),
        formula="duty a year ÷ imports that have a rate, low and high apart",
        formula_ja="年間関税額 ÷ 税率のある輸入額（下限・上限別）",
        unit="fraction",
        compute=average_rate,
        inputs=("duty_usd_per_year",),
        is_kept=False,
    ),
    Metric(
        key="duty_usd_per_year",
        name="Duty a year",
        name_ja="年間関税額",
        definition=(
            "Imports of the baseline year times the rate of the day, line by line. Changes in "
            "volume, exemptions and product mix are left out. A line stays a range where its parts "
            "pay different rates, or a measure covers a part of it; a line without a rate adds nothing. "
            "Where the ordinary duty is not on record a line counts the added duty only, and says so."
        ),
        definition_ja=(
            "基準年の輸入額に対象日の税率を乗じた額を品目ごとに求めた合計。輸入量・免除・品目構成の変化は含めない。"
            "部分ごとに税率が異なる品目や、措置が一部だけに及ぶ品目は幅で示し、税率のない品目は加えない。"
            "通常の関税が記録にない品目は上乗せ関税だけを数え、その旨を示す。"
        ),
        formula="sum over the lines of imports × rate, low and high apart",
        formula_ja="品目ごとの 輸入額 × 税率 の合計（下限・上限別）",
        unit=A_YEAR,
        version=2,
        compute=duty,
        is_kept=False,
    ),
    Metric(
        key="extra_duty_usd_per_year",
        name="Extra duty a year without the agreement",
        name_ja="合意がない場合の年間関税の増加額",
        definition=(
            "What the same imports would pay more in a year at the rates without the agreement, "
            "line by line. Where such a rate comes on top of an ordinary duty that is not on record, "
            "the low end takes that duty as nothing, the high end as the whole of the all-in rate. "
            "A line without such a rate on record adds nothing; one whose rate now is the added duty "
            "only says so."
        ),
        definition_ja=(
            "合意がない場合の税率で、同じ輸入が年間に追加で支払う額を品目ごとに求めた合計。"
            "その税率が記録にない通常の関税に上乗せされる場合、下限では通常の関税をゼロ、上限では合意後の税率の全体とみなす。"
            "合意がない場合の税率が記録にない品目は加えない。現在の税率が上乗せ関税だけの品目はその旨を示す。"
        ),
        formula="sum over the lines of imports × (rate without − rate), low and high apart",
        formula_ja="品目ごとの 輸入額 ×（合意がない場合の税率 − 税率）の合計（下限・上限別）",
        unit=A_YEAR,
        version=2,
        compute=extra,
        is_kept=False,
    ),
)
BY_KEY = {metric.key: metric for metric in METRICS}
