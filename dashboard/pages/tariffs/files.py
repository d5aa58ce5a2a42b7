"""The exposure of a day to take away."""

from django.http import HttpRequest, HttpResponse

from dashboard.exports.exposure import exposure_grid
from dashboard.exports.stamps import name_at
from dashboard.pages.files import grid_file
from dashboard.pages.frame import page
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from dashboard.tariffs import day_in, elasticity_in
from tariffs.selectors.exposure import exposure_on
from tariffs.selectors.rates import RateBook


@page
@takes("on", "elasticity")
def exposure_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the exposure of a day as CSV or XLSX."""
    asked = {name: value.strip() for name, value in request.GET.items()}
    elasticity = elasticity_in(asked.get("elasticity", ""))
    on = day_in(asked.get("on", ""), reading.point.as_of)
    found = exposure_on(RateBook(reading.point, reading.commitment.investor_code), on)
    name = name_at("exposure", reading, as_of=on)
    return grid_file(exposure_grid(found, elasticity, reading), name, suffix, reading)
