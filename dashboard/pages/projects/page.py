"""One project, put together from its parts."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.pages.calls.sections import project_notices
from dashboard.pages.frame import (
    Cites,
    not_yet,
    page,
    page_context,
)
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.places import project_name
from dashboard.pages.parameters import takes
from dashboard.pages.projects import amounts, cash, facts, instruments, ledger, steps
from dashboard.pages.reacted import reacted_to
from dashboard.pages.returns import project as returns
from dashboard.pages.returns.whatif import investor_of
from dashboard.points import Reading
from dashboard.project_words import stage_words
from projects.models import Project


@page
@takes("ledger_after")
def project_page(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """Show one project: its steps, amounts with rival claims, facts, parties and financing."""
    if heir := heir_of(reading, slug):
        query = request.GET.urlencode()
        address = reverse("project", args=[heir])
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    project = reading.record.by_slug.get(slug)
    if (
        project is None
        and Project.objects.filter(slug=slug, commitment=reading.commitment).exists()
    ):
        heading = _("This project is not on record yet")
        return not_yet(request, reading, heading, _("Projects"), reverse("projects"))
    if project is None:
        raise Http404(_("No project is called “%(slug)s”.") % {"slug": slug})
    cites = Cites(reading)
    figures = Figures(reading, cites)
    flows = cash.flows_of(figures, project)
    content = {
        "name": project_name(project),
        "stage": stage_words(project.standing.stage),
        "ladder": steps.ladder(project, flows.first_days),
        "steps": [steps.step(cites, event) for event in reversed(project.events)],
        "amounts": amounts.amounts(cites, project),
        "facts": facts.facts(reading, project),
        "parties": facts.parties(reading, project),
        "instruments": instruments.section(figures, project),
        "cash": cash.chart(figures, project, flows),
        "changes": cash.changes(flows),
        "returns": returns.section(figures, project),
        "investor": investor_of(reading),
        "ledger": ledger.section(request, reading, cites, project),
        "notices": project_notices(cites, project.slug),
        "links": facts.links(reading, project),
        "history": steps.history(reading, project),
        "reacted": reacted_to(reading, cites, [f"project:{project.slug}"]),
    }
    drawn = (content["cash"], content["returns"] and content["returns"].chart)
    content["drawings"] = [drawing for drawing in drawn if drawing]
    context = page_context(request, reading, title=project_name(project), cites=cites, **content)
    return TemplateResponse(request, "dashboard/project.html", context)


def heir_of(reading: Reading, slug: str) -> str | None:
    """The project that another was merged into at the point, through every later merge."""
    found, passed = reading.record.by_slug, {slug}
    heir = found[slug].merged_into if slug in found else None
    while heir in found and heir not in passed and found[heir].merged_into:
        passed.add(heir)
        heir = found[heir].merged_into
    return None if heir in passed else heir
