"""What was decided: every approved case, and the evidence pack of one."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.selectors import PointError
from dashboard.casework import (
    cited_documents,
    effect_rows,
    shown_changes,
    split_tables,
    with_computed,
)
from dashboard.decisions import (
    MOST_CHANGES,
    decision_in,
    decisions_listed,
    illustrative_cases,
    needs_at_decision,
    pack_of,
    rivals_at_decision,
    summary,
)
from dashboard.pages.frame import decision_url, page, page_context, with_query
from dashboard.pages.parameters import takes
from dashboard.points import Reading, is_key

PAGE_SIZE = 50


@dataclass(frozen=True)
class DecisionLine:
    """One decision of the list."""

    address: str
    illustrative: bool
    said: dict[str, Any]


@page
@takes("after")
def decision_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List the approved cases, of the commitment asked for if any, newest first, with keyset pages."""
    after, asked = request.GET.get("after", ""), request.GET.get("commitment", "").strip()
    if after and not is_key(after):
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    found = decisions_listed(reading, asked=asked, after=after, size=PAGE_SIZE + 1)
    fictional = illustrative_cases(found)
    address = reverse("decisions")
    following = str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    context = page_context(
        request,
        reading,
        title=_("Decisions"),
        asked=asked,
        pager={
            "previous": with_query(address, reading) if after else "",
            "next": with_query(address, reading, after=following) if following else "",
        },
        lines=[
            DecisionLine(
                decision_url(reading, case.pk),
                case.pk in fictional,
                summary(case),
            )
            for case in found[:PAGE_SIZE]
        ],
    )
    return render(request, "dashboard/decisions.html", context)


@page
def decision_page(request: HttpRequest, reading: Reading, key: str) -> HttpResponse:
    """Show one decision with its evidence, ready to print. Anything but an approved case is a 404."""
    found = decision_in(reading, key, asked=request.GET.get("commitment", "").strip())
    if found is None:
        raise Http404(_("No decision of this number is on record at this point."))
    case, reading = found
    pack, first = pack_of(case), case.changes[:MOST_CHANGES]
    context = page_context(
        request,
        reading,
        title=_("Decision %(number)s: %(title)s") % {"number": case.pk, "title": case.title},
        pack=pack,
        body=pack.body,
        changes=with_computed(shown_changes(first), first, case.revision),
        left_out=len(case.changes) - len(first),
        steps=needs_at_decision(case, pack.states),
        evidence=cited_documents(first, case.revision_id),
        rivals=rivals_at_decision(case, first),
        effects=effect_rows(pack.effects),
        splits=split_tables(pack.effects),
    )
    return render(request, "dashboard/decision.html", context)
