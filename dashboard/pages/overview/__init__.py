"""The first page: where it stands, and what is known of the five things analysts watch."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.exports.forecast import record_grid
from dashboard.headline import sentences
from dashboard.pages.calls.sections import clock_section
from dashboard.pages.files import file_of
from dashboard.pages.frame import Cites, page, page_context, start_of
from dashboard.pages.overview import (
    gaps,
    ladder,
    mix,
    peers,
    places,
    reactions,
    record,
    returns,
    tariffs,
)
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.flags import flag_notes
from dashboard.pages.reacted import reacted_to
from dashboard.pages.terms import term_rows
from dashboard.points import Reading, beside_others
from projects.metrics import BY_KEY


@page
def overview(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the first page of the commitment at the point in time."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    code = figures.json("target_usd")["reason"]
    if code == "not_recorded_yet":
        context = page_context(request, reading, title=formats.reason(code), of_agreement=True)
        return render(request, "_base.html", context)
    if reading.record.is_before_agreement:
        return _page_before(request, reading, cites)
    if not figures.has_clock or not reading.record.is_followed:
        return _terms_page(request, reading, figures, cites)
    headline = ladder.headline_of(figures)
    content: dict[str, Any] = {
        "headline": sentences(headline),
        "lede": ladder.lede(figures),
        "ladder": ladder.ladder(figures),
        "flags": flag_notes(figures),
        "key_figures": ladder.key_figures(figures),
        "record": record.record_section(figures),
        "clock": clock_section(cites),
        "places": places.places_section(figures),
        "mix": mix.mix_section(figures),
        "returns": returns.section(figures),
        "tariffs": tariffs.section(figures),
        "reactions": reactions.section(figures),
        "peers": peers.section(figures),
        "gaps": gaps.section(figures),
    }
    drawn = (
        *(content["record"].path, content["record"].zoom, content["places"].map),
        *(content["returns"].split, *content["tariffs"].charts, content["reactions"].chart),
    )
    content["drawings"] = [drawing for drawing in drawn if drawing]
    mixed = content["mix"]
    content["tables"] = {"sectors": mixed.sector_table, "instruments": mixed.instrument_table}
    title = headline.replace("\n", formats.gap())
    context = page_context(request, beside_others(reading), title=title, cites=cites, **content)
    return TemplateResponse(request, "dashboard/overview.html", context)


@page
def record_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send what the charts of the record draw as CSV or XLSX: each day on which one changed."""
    figures = Figures(reading, Cites(reading))
    is_on_record = figures.json("target_usd")["reason"] is None
    if not is_on_record or not figures.has_clock or not reading.record.is_followed:
        raise Http404
    return file_of(record_grid(record.past_figures(figures), reading), suffix, reading)


def _page_before(request: HttpRequest, reading: Reading, cites: Cites) -> HttpResponse:
    """Show what was announced of an agreement by a day before its start, and nothing counted."""
    context = page_context(
        request,
        reading,
        title=formats.reason("before_agreement"),
        cites=cites,
        starts=start_of(reading),
        rows=term_rows(reading, cites),
    )
    return render(request, "dashboard/overview_before.html", context)


def _terms_page(
    request: HttpRequest, reading: Reading, figures: Figures, cites: Cites
) -> HttpResponse:
    """Show a commitment of which only terms are on record: what it says, what is not stated."""
    name = reading.commitment.name
    if formats.is_japanese():
        name = reading.commitment.name_ja or name
    rows = term_rows(reading, cites)
    keys = (
        *("target_usd", "days_elapsed", "days_left"),
        *("selected_usd", "signed_usd", "funded_usd"),
    )
    shown = [
        (
            (formats.is_japanese() and BY_KEY[key].name_ja) or BY_KEY[key].name,
            figures.link(key),
        )
        for key in keys
    ]
    context = page_context(
        request,
        reading,
        title=name,
        cites=cites,
        name=name,
        figures=shown,
        rows=rows,
        note=_("Only the terms of this commitment are on record."),
        reacted=reacted_to(reading, cites, [f"commitment:{reading.commitment.slug}"]),
    )
    return render(request, "dashboard/overview_terms.html", context)
