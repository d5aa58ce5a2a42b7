"""Pages of words: the glossary, the method, the API, the licence, accessibility; and the theme."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commitments.calculations.calendars import calendar_version
from dashboard import formats
from dashboard.code_words import calendar_version_words
from dashboard.facts_read import TERMS, undated
from dashboard.figures import METRICS
from dashboard.glossary import GLOSSARY
from dashboard.pages.forecast import chosen_readings, ended_rule, scored_rule
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.terms import term_source
from dashboard.points import Reading
from dashboard.terms import said_term
from dashboard.throttles import Burst, PerAddress, Sustained
from projects.services.requirements import requirement_rows

YEAR_SECONDS = 31_536_000
REFERENCES = (
    "ANSI/EIA-748-D (2019). PMI, Practice Standard for Earned Value Management (2011). "
    "Lipke, Schedule is Different (2003); Earned Schedule (2009). "
    "Vandevoorde & Vanhoucke, IJPM 24 (2006). Bornhuetter & Ferguson (1972). "
    "Flyvbjerg, reference class forecasting (2006). Hersbach (2000). "
    "Gneiting & Raftery, JASA (2007). Ferro (2014). Brier (1950). "
    "Dreher & Lohmann, Oxford Review of Economic Policy 31 (2015). Federal Reserve K.8. "
    "Act on National Holidays (Japan, 1948); Banking Act Enforcement Order, art. 5."
)


@page
def glossary(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Define the words of the register."""
    groups = {
        group: [entry for entry in GLOSSARY if entry.group == group]
        for group in ("ladder", "evidence")
    }
    context = page_context(request, reading, title=_("Glossary"), left_out=0, **groups)
    return render(request, "dashboard/glossary.html", context)


@page
def method(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the conventions in force with their rival readings, and every definition."""
    cites = Cites(reading)
    readings = []
    for found in reading.record.terms.readings.values():
        if len(found) > 1 or found[0].confidence == "derived":
            for term in found:
                readings.append(
                    (
                        formats.said_name(term, "name"),
                        said_term(term),
                        term.is_default,
                        formats.said_note(term, reading.point.seen_until),
                        term_source(term, cites),
                    )
                )
    metrics = [
        (
            m.name_ja if formats.is_japanese() else m.name,
            m.definition_ja if formats.is_japanese() else m.definition,
            m.formula_ja if formats.is_japanese() else m.formula,
            m.literature,
        )
        for m in METRICS
    ]
    context = page_context(
        request,
        reading,
        left_out=undated(reading, TERMS),
        title=_("Method"),
        cites=cites,
        readings=readings,
        requirements=requirement_rows(),
        metrics=metrics,
        references=REFERENCES,
        calendar=calendar_version_words(calendar_version()),
        forecast=with_query(reverse("forecast"), reading),
        ended=ended_rule(),
        chosen=chosen_readings(),
        scored=scored_rule(),
    )
    return render(request, "dashboard/method.html", context)


EXAMPLES = (
    "/api/v1/commitments/japan-us-2025/progress/",
    "/api/v1/commitments/japan-us-2025/progress/?as_of=2026-01-31",
    "/api/v1/metrics/selected_usd/?as_of=2026-02-28",
    "/api/v1/projects/?ordering=slug&page_size=10",
    "/api/v1/claims/?subject=project:prj-oh-portsmouth-gas",
    "/api/v1/tariff-measures/?category=autos",
)
WATERFALL = """{"reading": "JAPAN_SHARE", "events": [
  {"date": "2027-03-15", "type": "rate", "rate": "0.0525"},
  {"date": "2027-03-15", "type": "contribution", "amount": "300000000.00"},
  {"date": "2027-09-15", "type": "distribution", "amount": "50000000.00"}
]}"""


def _rate_words(throttle: type[PerAddress]) -> str:
    count, seconds = throttle().parse_rate(throttle().get_rate())
    words = {
        1: _("%(n)s requests a second"),
        60: _("%(n)s requests a minute"),
        3600: _("%(n)s requests an hour"),
        86400: _("%(n)s requests a day"),
    }
    return words[seconds] % {"n": f"{count:,}"}


@page
def api(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Explain the API with examples that the tests call."""
    context = page_context(
        request,
        reading,
        left_out=0,
        title=_("API"),
        examples=EXAMPLES,
        waterfall=WATERFALL,
        burst=_rate_words(Burst),
        sustained=_rate_words(Sustained),
    )
    return render(request, "dashboard/api.html", context)


@page
def licence(request: HttpRequest, reading: Reading) -> HttpResponse:
    """State what may be reused, and what this is not."""
    context = page_context(request, reading, title=_("Licence and disclaimer"), left_out=0)
    return render(request, "dashboard/licence.html", context)


@page
def accessibility(request: HttpRequest, reading: Reading) -> HttpResponse:
    """State how the pages can be read, how that is checked, and what falls short."""
    context = page_context(request, reading, title=_("Accessibility"), left_out=0)
    return render(request, "dashboard/accessibility.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Switch between light and dark, remember it in a cookie, and go back."""
    address = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        address = "/"
    chosen = "light" if request.COOKIES.get("theme") == "dark" else "dark"
    response = HttpResponseRedirect(address)
    response.set_cookie(
        "theme",
        chosen,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.PRODUCTION,
    )
    return response
