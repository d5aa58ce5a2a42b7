"""The page of returns, and the files of what it shows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.exports.returns import STEP_COLUMNS, csv_text, step_lines
from dashboard.pages.data import CSV
from dashboard.pages.frame import Cites, page, page_context
from dashboard.pages.overview import returns
from dashboard.pages.overview.figures import Figures
from dashboard.pages.parameters import takes
from dashboard.pages.returns import whatif
from dashboard.points import Reading
from dashboard.returns import WHAT_IF_PARAMETERS, what_if


def investor_of(reading: Reading) -> str:
    """Who invests, in the reader's language."""
    commitment = reading.commitment
    return (commitment.investor_ja if formats.is_japanese() else "") or commitment.investor


@page
@takes(*WHAT_IF_PARAMETERS)
def returns_page(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the rule of distributions, and what it gives for an investment a form describes."""
    cites = Cites(reading)
    rule = returns.section(Figures(reading, cites))
    context = page_context(
        request,
        reading,
        title=_("Returns"),
        description=rule.heading,
        cites=cites,
        rule=rule,
        investor=investor_of(reading),
        whatif=whatif.section(request, reading, investor_of(reading)),
    )
    return render(request, "dashboard/returns.html", context)


@page
@takes(*WHAT_IF_PARAMETERS)
def what_if_file(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Send the steps of a what-if as CSV."""
    found = what_if(whatif.asked_of(request))
    return _file("what-if", csv_text(STEP_COLUMNS, step_lines(found.result)))


def _file(name: str, text: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(text, content_type=CSV, headers=headers)
