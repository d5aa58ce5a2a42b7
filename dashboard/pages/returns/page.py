"""The page of returns, and the files of what it shows."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from dashboard.exports.grids import Grid
from dashboard.exports.returns import (
    INVESTMENT_COLUMNS,
    STEP_COLUMNS,
    investment_lines,
    step_lines,
)
from dashboard.facts_read import RETURNS, undated
from dashboard.pages.files import file_of, grid_file
from dashboard.pages.frame import Cites, page, page_context
from dashboard.pages.overview import returns
from dashboard.pages.overview.figures import Figures
from dashboard.pages.parameters import takes
from dashboard.pages.returns import programme, whatif
from dashboard.points import Reading
from dashboard.returns import WHAT_IF_PARAMETERS, discount_in, what_if
from dashboard.terms import convention_lines


@page
@takes(*WHAT_IF_PARAMETERS)
def returns_page(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show who got what of every investment, and what the rule gives for one a form describes."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    rule, investor = returns.section(figures), whatif.investor_of(reading)
    asked = whatif.section(request, reading, investor)
    refused = asked.problem and asked.problem.parameter == "discount"
    discount = None if refused else discount_in(asked.asked["discount"])
    context = page_context(
        request,
        reading,
        left_out=undated(reading, RETURNS),
        of_agreement=True,
        title=_("Returns"),
        description=rule.heading,
        cites=cites,
        rule=rule,
        investor=investor,
        programme=programme.section(figures, discount),
        whatif=asked,
        what=asked.answer,
        conventions=convention_lines(reading.record.terms, reading.record.convention),
        drawings=[asked.answer.chart] if asked.answer else [],
    )
    status = 400 if asked.problem else 200
    return TemplateResponse(request, "dashboard/returns.html", context, status=status)


@page
@takes(*WHAT_IF_PARAMETERS)
def what_if_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the steps of a what-if as CSV or XLSX."""
    found = what_if(whatif.asked_of(request))
    grid = Grid("what-if", STEP_COLUMNS, step_lines(found))
    return grid_file(grid, "what-if", suffix, reading)


@page
@takes("discount")
def investments_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the investments of a commitment as CSV or XLSX, with the point they stand for."""
    discount = discount_in(request.GET.get("discount", ""))
    grid = Grid("investments", INVESTMENT_COLUMNS, investment_lines(reading, discount))
    return file_of(grid, suffix, reading)
