"""The what-if: one investment of any size, at any rate, with any distributions."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.selectors import PointError
from dashboard import formats
from dashboard.pages.frame import with_query
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.returns import shares
from dashboard.points import Reading as Point
from dashboard.returns import (
    CAPITALISE,
    LONGEST_TEXT,
    MOST_DISTRIBUTIONS,
    WHAT_IF_PARAMETERS,
    FundCase,
    WhatIf,
    as_a_fund,
    given,
    what_if,
)
from dashboard.terms import convention_lines
from projects.calculations.waterfall import Reading
from projects.selectors.returns import Convention

JAPAN = "JP"


@dataclass(frozen=True)
class WhatIfSection:
    """The form as filled in, and the answer to it or what of it cannot be used."""

    asked: dict[str, str]
    readings: list[tuple[str, str, bool]]
    capitalising: list[tuple[str, str, bool]]
    is_example: bool
    answer: "WhatIfAnswer | None"
    problem: PointError | None = None
    most_lines: int = MOST_DISTRIBUTIONS
    longest: int = LONGEST_TEXT


@dataclass(frozen=True)
class WhatIfAnswer:
    """The answer in a sentence, the chart, the table and the files."""

    heading: str
    sentence: str
    owed: str
    present: str
    conventions: list[tuple[str, str]]
    chart: ChartWords
    rows: list[shares.StepRow]
    totals: tuple[str, ...]
    files: list[tuple[str, str]]
    fund: "FundSection"


def investor_of(point: Point) -> str:
    """The investing side in a word or two, in the reader's language."""
    commitment = point.commitment
    if commitment.investor_code == JAPAN:
        return _("Japan")
    return formats.said_name(commitment, "investor")


def asked_of(request: HttpRequest) -> dict[str, str]:
    """The parameters of the what-if that an address carries."""
    return {name: request.GET[name] for name in WHAT_IF_PARAMETERS if name in request.GET}


def section(request: HttpRequest, point: Point, investor: str) -> WhatIfSection:
    """Compute what the form asks for; a field that cannot be used is named beside what was entered."""
    asked = asked_of(request)
    shown = given(asked)
    form = WhatIfSection(
        asked=shown,
        readings=[(r, words, r == shown["reading"]) for r, words in reading_words().items()],
        capitalising=[
            (name, words, name == shown["capitalise"])
            for name, words in zip(CAPITALISE, capitalise_words(), strict=True)
        ],
        is_example=not asked,
        answer=None,
    )
    try:
        found = what_if(asked)
    except PointError as problem:
        return replace(form, problem=problem)
    return replace(form, answer=_answer_of(found, asked, point, investor))


def _answer_of(found: WhatIf, asked: dict[str, str], point: Point, investor: str) -> WhatIfAnswer:
    return WhatIfAnswer(
        heading=_heading(found, investor),
        sentence=_answer(found),
        owed=shares.balance_words(found.result.balance),
        present=_present(found, investor),
        conventions=convention_lines(
            point.record.terms, Convention(found.reading, found.capitalise)
        ),
        chart=shares.chart(found.result, investor),
        rows=shares.step_rows(found.result),
        totals=shares.totals(found.result),
        files=[
            (suffix.upper(), with_query(reverse("what-if-file", args=[suffix]), point, **asked))
            for suffix in ("csv", "xlsx")
        ],
        fund=_fund(as_a_fund(found), investor),
    )


def reading_words() -> dict[Reading, str]:
    """What each reading says reduces the deemed allocation amount."""
    return {
        Reading.JAPAN_SHARE: _("what the investor receives"),
        Reading.TOTAL: _("the whole first-tier payment"),
    }


def capitalise_words() -> tuple[str, str]:
    return (_("added to principal every six months"), _("kept apart, without interest on it"))


@dataclass(frozen=True)
class FundSection:
    """The same amount in a private fund: the answer in a sentence, and a row for each year."""

    answer: str
    rows: list[shares.StepRow]
    totals: tuple[str, ...]


def _fund(case: FundCase, investor: str) -> FundSection:
    called, paid = dict(case.flows.contributions), dict(case.flows.distributions)
    steps = {step.on: step for step in case.result.steps}
    nothing = Decimal(0)
    rows = []
    for day, value in zip(case.days, case.values, strict=True):
        step = steps.get(day)
        split = (step.japan, step.us) if step else (nothing, nothing)
        amounts = (called.get(day, nothing), paid.get(day, nothing), *split, value)
        rows.append(shares.StepRow(formats.day(day), tuple(map(shares.exact, amounts))))
    answer = _(
        "Of %(paid)s paid out over %(years)s years %(investor)s would receive %(japan)s, the United States %(us)s."
    ) % {
        "paid": shares.dollars(case.flows.paid_out),
        "years": len(case.days),
        "investor": investor,
        "japan": shares.dollars(case.result.japan),
        "us": shares.dollars(case.result.us),
    }
    sums = (case.flows.paid_in, case.flows.paid_out, case.result.japan, case.result.us)
    return FundSection(answer, rows, (*map(shares.exact, sums), ""))


def _heading(found: WhatIf, investor: str) -> str:
    return _("%(investor)s would receive %(japan)s, the United States %(us)s") % {
        "investor": investor,
        "japan": shares.dollars(found.result.japan),
        "us": shares.dollars(found.result.us),
    }


def _present(found: WhatIf, investor: str) -> str:
    """The net present value on the day of funding, of both perspectives, and at which rate."""
    return _("%(investor)s %(japan)s, whole investment %(whole)s, at %(rate)s a year") % {
        "investor": investor,
        "japan": formats.exact_dollars(found.npv_japan),
        "whole": formats.exact_dollars(found.npv_project),
        "rate": formats.rate(found.discount * 100),
    }


def _answer(found: WhatIf) -> str:
    step = found.result.steps[-1]
    return _(
        "%(amount)s funded on %(funded)s at %(rate)s a year. By %(day)s %(paid)s is distributed."
    ) % {
        "amount": formats.money(found.flows.paid_in),
        "funded": formats.day(found.flows.funded_on),
        "rate": formats.rate(found.rate * 100),
        "day": formats.day(step.on),
        "paid": shares.dollars(found.flows.paid_out),
    }
