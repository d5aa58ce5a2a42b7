"""One project, put together from its parts."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboard.pages.frame import (
    Cites,
    page,
    page_context,
)
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.places import project_name
from dashboard.pages.projects import amounts, facts, instruments, steps
from dashboard.pages.projects.words import stage_words
from dashboard.points import Reading


@page
def project_page(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """Show one project: its steps, amounts with rival claims, facts, parties and financing."""
    project = reading.record.by_slug.get(slug)
    if project is None:
        raise Http404(
            _("No project called “%(slug)s” is on record at this point.") % {"slug": slug}
        )
    cites = Cites(reading)
    figures = Figures(reading, cites)
    content = {
        "name": project_name(project),
        "stage": stage_words(project.standing.stage),
        "ladder": steps.ladder(project),
        "steps": [steps.step(cites, event) for event in reversed(project.events)],
        "amounts": amounts.amounts(cites, project),
        "facts": facts.facts(project),
        "parties": facts.parties(reading, project),
        "financings": instruments.financings(figures, project),
        "links": facts.links(reading, project),
        "history": steps.history(project),
    }
    context = page_context(request, reading, title=project_name(project), cites=cites, **content)
    return render(request, "dashboard/project.html", context)
