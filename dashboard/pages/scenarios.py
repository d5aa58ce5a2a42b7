"""What if? Scenarios saved by visitors, one or up to four side by side, beside the forecast."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.models import Job
from commitments.tasks import ring
from dashboard import formats
from dashboard.chances import chance_words, labelled, odds_of
from dashboard.exports.forecast import scenario_grid
from dashboard.pages.files import grid_file
from dashboard.pages.forecast import (
    donor_words,
    ended_rule,
    fan_section,
    frozen,
    interval,
    prior_reason,
    project_name,
    rung_words,
    sources,
    usd_words,
    why_none,
)
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.parameters import taking_forms
from dashboard.points import Reading
from dashboard.throttles import Scenarios
from projects.models import Forecast, Scenario
from projects.selectors.forecasts import forecast_at, scenarios_at
from projects.services.forecasts import Inputs, dominating_projects, is_prior
from projects.services.scenarios import (
    DONORS,
    LONGEST_NAME,
    LONGEST_SLIP,
    RUNGS,
    Changes,
    ScenarioRefused,
    changed_inputs,
    checked,
    job_key,
    open_projects,
    save_scenario,
)

MOST = 4
RELOAD_SECONDS = 5
LISTED = 50
FIELDS = ("name", "pace_times", "slip_months", "declined", "donors", "deadline", "rung")


@page
@taking_forms
def scenario_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List what was saved, and save another: the same changes lead to the same address."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    stored = forecast_at(reading.commitment, reading.point)
    told = {name: request.POST.get(name, "") for name in FIELDS}
    refused: ScenarioRefused | None = None
    throttle = Scenarios()
    status = 200
    if request.method == "POST" and stored is not None:
        try:
            changes = checked(told, json.loads(stored.body)["inputs"])
            if throttle.allow_request(request, None):
                saved = _saved(stored, told["name"], changes)
                address = reverse("scenario", args=[saved.key])
                return HttpResponseRedirect(with_query(address, reading))
            refused, status = (
                ScenarioRefused("", _("Many were saved from your address. Try later.")),
                429,
            )
        except ScenarioRefused as error:
            refused, status = error, 422
    context = page_context(
        request,
        reading,
        of_agreement=True,
        left_out=0,
        title=_("What if?"),
        cites=cites,
        why="" if stored else why_none(reading),
        told=told,
        refused=refused,
        fields=field_words(),
        choices=_choices(figures, stored, told) if stored else {},
        saved=saved_rows(figures),
        prior=prior_reason(json.loads(stored.body)["inputs"]) if stored and stored.is_prior else "",
        ended=ended_rule(),
        limits={"name": LONGEST_NAME, "slip": LONGEST_SLIP},
    )
    response = render(request, "dashboard/scenarios.html", context, status=status)
    if status == 429:
        response["Retry-After"] = throttle.retry_after
    response["Cache-Control"] = "no-store"
    return response


@transaction.atomic
def _saved(stored: Forecast, name: str, changes: Changes) -> Scenario:
    saved = save_scenario(stored, name, changes, now=timezone.now())
    transaction.on_commit(lambda: ring(job_key(saved)))
    return saved


def field_words() -> dict[str, str]:
    return {
        "name": _("Name"),
        "pace_times": _("Approvals, times as fast"),
        "slip_months": _("Payments later by months"),
        "declined": _("Declined or cancelled project"),
        "donors": _("Donors"),
        "deadline": _("Deadline"),
        "rung": _("Rung"),
    }


def _choices(figures: Figures, stored: Forecast, told: Mapping[str, str]) -> dict[str, Any]:
    inputs = json.loads(stored.body)["inputs"]
    return {
        "declined": [
            (slug, project_name(figures, slug), slug == told["declined"])
            for slug in open_projects(inputs)
        ],
        "donors": [(name, donor_words(name), name == told["donors"]) for name in DONORS],
        "rung": [(name, rung_words(name), name == told["rung"]) for name in RUNGS],
        "deadline": inputs["deadline"],
    }


@dataclass(frozen=True)
class SavedRow:
    """One saved scenario in the list."""

    key: str
    name: str
    address: str
    changes: str
    rung: str
    median: str
    chance: str
    day: str


def saved_rows(figures: Figures) -> list[SavedRow]:
    """The newest scenarios of the commitment that rest on forecasts known at the point, by its day."""
    reading = figures.reading
    rows = scenarios_at(reading.commitment, reading.point).select_related("forecast")
    return [
        SavedRow(
            key=one.key,
            name=one.name,
            address=with_query(reverse("scenario", args=[one.key]), reading),
            changes=change_words(figures, Changes(**one.changes)),
            rung=rung_words(one.changes["rung"]),
            median=_median(one),
            chance=_chance(one),
            day=formats.day(one.forecast.as_of),
        )
        for one in rows[:LISTED]
    ]


def change_words(figures: Figures, changes: Changes) -> str:
    """Return what differs, in words; "as drawn" where nothing does."""
    said = []
    if changes.pace_times != "1":
        said.append(_("approvals %(n)s times as fast") % {"n": changes.pace_times})
    if changes.slip_months:
        words = ngettext(
            "payments %(n)s month later", "payments %(n)s months later", changes.slip_months
        )
        said.append(words % {"n": changes.slip_months})
    if changes.declined:
        said.append(
            _("nothing more of %(project)s") % {"project": project_name(figures, changes.declined)}
        )
    if changes.donors != "all":
        said.append(donor_words(changes.donors))
    if changes.deadline:
        day = formats.day(date.fromisoformat(changes.deadline))
        said.append(_("deadline %(day)s") % {"day": day})
    if changes.rung != "funded":
        said.append(_("rung: %(rung)s") % {"rung": rung_words(changes.rung)})
    return "; ".join(said) or _("as drawn")


def _median(one: Scenario) -> str:
    if one.results is None:
        return _("being drawn")
    return usd_words(one.results[one.changes["rung"]]["0.5"][-1])


def _chance(one: Scenario) -> str:
    if one.results is None:
        return formats.DASH
    odds = odds_of(one.results, one.changes["rung"], one.results["paths"])
    return labelled(chance_words(odds), is_prior=one.forecast.is_prior)


@dataclass(frozen=True)
class Column:
    """One scenario, or the forecast it changes, on one rung, side by side with others."""

    name: str
    rung: str
    changes: str
    median: str
    interval: str
    chance: str
    existing: str
    future: str
    deadline: str
    fan: ChartWords
    warning: str


@page
def scenario_page(request: HttpRequest, reading: Reading, keys: str) -> HttpResponse:
    """Show scenarios by their keys, up to four joined by commas, the forecast first on each rung.

    An address reproduces what it names: draws and what is on record beside them stand
    as on the day of the forecast, at its revision, whatever point is asked for.
    While one is being drawn the page asks the browser to load it again.
    """
    chosen = _chosen(keys)
    wanted, first = [one.key for one in chosen], chosen[0]
    if first.commitment != reading.commitment:
        address = reverse("scenario", args=[keys])
        return HttpResponseRedirect(f"{address}?commitment={first.commitment.slug}")
    cites = Cites(reading)
    figures = Figures(reading, cites)
    drawn = [one for one in chosen if one.results is not None]
    undrawn = {job_key(one): one.name for one in chosen if one.results is None}
    dead = set(
        Job.objects.filter(key__in=undrawn, state=Job.State.DEAD).values_list("key", flat=True)
        if undrawn
        else ()
    )
    waiting = [name for key, name in undrawn.items() if key not in dead]
    columns = [
        *(_base_column(figures, one, rung) for one, rung in references(chosen)),
        *(_column(figures, one) for one in drawn),
    ]
    context = page_context(
        request,
        reading,
        title=", ".join(one.name for one in chosen),
        cites=cites,
        columns=columns,
        drawings=[column.fan for column in columns],
        warnings=list(dict.fromkeys(column.warning for column in columns if column.warning)),
        prior=_prior_words(chosen),
        ended=ended_rule() if any(one.changes["declined"] for one in chosen) else "",
        waiting=waiting,
        dead=[undrawn[key] for key in dead],
        files=[
            (suffix.upper(), with_query(reverse("scenario_file", args=[keys, suffix]), reading))
            for suffix in ("csv", "xlsx")
            if drawn
        ],
        back=with_query(reverse("scenarios"), reading),
        others=[
            (row.name, with_query(reverse("scenario", args=[f"{keys},{row.key}"]), reading))
            for row in saved_rows(figures)
            if row.key not in wanted and len(wanted) < MOST
        ][:8],
    )
    response = TemplateResponse(request, "dashboard/scenario.html", context)
    if waiting:
        response["Refresh"] = str(RELOAD_SECONDS)
        response["Cache-Control"] = "no-store"
    return response


@page
def scenario_file(request: HttpRequest, reading: Reading, keys: str, suffix: str) -> HttpResponse:
    """Send the fans of the scenarios of an address as CSV or XLSX; what is not drawn yet is left out."""
    chosen = _chosen(keys)
    if chosen[0].commitment != reading.commitment:
        address = reverse("scenario_file", args=[keys, suffix])
        return HttpResponseRedirect(f"{address}?commitment={chosen[0].commitment.slug}")
    name = f"scenarios_{reading.commitment.slug}_{'_'.join(one.key for one in chosen)}"
    return grid_file(scenario_grid(chosen, reading), name, suffix, reading)


def _chosen(keys: str) -> list[Scenario]:
    """The scenarios an address names, of one commitment. Raise Http404 where it names anything else."""
    wanted = list(dict.fromkeys(keys.split(",")))
    rows = Scenario.objects.filter(key__in=wanted[:MOST])
    rows = rows.select_related("commitment", "forecast__commitment", "forecast__revision")
    found = {one.key: one for one in rows}
    if len(wanted) > MOST or set(wanted) != found.keys():
        raise Http404
    if len({one.commitment_id for one in found.values()}) > 1:
        raise Http404
    return [found[key] for key in wanted]


def references(scenarios: list[Scenario]) -> list[tuple[Forecast, str]]:
    """The forecasts that scenarios change, each on every rung that one of them looks at.

    One that changes the rung alone is set beside the default rung too.
    """
    alone = Changes(rung="selected")
    found: dict[tuple[int, str], Forecast] = {}
    for one in scenarios:
        rungs = RUNGS if Changes(**one.changes) == alone else (one.changes["rung"],)
        found.update({(one.forecast_id, rung): one.forecast for rung in rungs})
    return [(stored, rung) for (_pk, rung), stored in found.items()]


def _prior_words(scenarios: list[Scenario]) -> str:
    """Why a forecast under the scenarios is only a prior; empty where none is."""
    stored = next((one.forecast for one in scenarios if one.forecast.is_prior), None)
    return prior_reason(json.loads(stored.body)["inputs"]) if stored else ""


def _base_column(figures: Figures, stored: Forecast, rung: str) -> Column:
    body = json.loads(stored.body)
    results = {
        "months": body["results"]["months"],
        "deadline": body["inputs"]["deadline"],
        "paths": body["inputs"]["paths"],
        **body["results"]["variants"]["all"],
    }
    name = _("Forecast of %(day)s") % {"day": formats.day(stored.as_of)}
    chart_id = f"fan-{stored.pk}-{rung}"
    drawn_at = frozen(figures, stored)
    return _drawn_column(drawn_at, body["inputs"], results, rung, name, _("as drawn"), chart_id)


def _column(figures: Figures, scenario: Scenario) -> Column:
    changes = Changes(**scenario.changes)
    inputs = changed_inputs(json.loads(scenario.forecast.body)["inputs"], changes)
    results = scenario.results or {}
    words = change_words(figures, changes)
    chart_id = f"fan-{scenario.key}"
    drawn_at = frozen(figures, scenario.forecast)
    return _drawn_column(drawn_at, inputs, results, changes.rung, scenario.name, words, chart_id)


def _drawn_column(
    figures: Figures,
    inputs: Inputs,
    results: Mapping[str, Any],
    rung: str,
    name: str,
    changes: str,
    chart_id: str,
) -> Column:
    fan = results[rung]
    *on_record, (_words, to_come) = sources(inputs, results, rung)
    odds = odds_of(results, rung, results["paths"])
    section = fan_section(figures, inputs, results, fan, rung, chart_id=chart_id)
    title = _("%(name)s: %(rung)s") % {"name": name, "rung": rung_words(rung)}
    title = labelled(title, is_prior=is_prior(inputs))
    return Column(
        name=name,
        rung=rung_words(rung),
        changes=changes,
        median=usd_words(fan["0.5"][-1]),
        interval=formats.money_range(interval(fan, "0.1", "0.9")),
        chance=labelled(chance_words(odds), is_prior=is_prior(inputs)),
        existing=usd_words(sum(amount for _words, amount in on_record)),
        future=usd_words(to_come),
        deadline=formats.day(date.fromisoformat(results["deadline"])),
        fan=replace(section, title=title, subtitle=changes),
        warning=_warning(figures, name, dominating_projects(inputs)),
    )


def _warning(figures: Figures, name: str, dominating: list[str]) -> str:
    """Say of draws which project dominates what they start from, or which two; empty where none does."""
    if not dominating:
        return ""
    words = _(
        "“%(name)s”: one project holds more than 40%% of what is selected, %(project)s, so its draws vary more."
    )
    if len(dominating) > 1:
        words = _(
            "“%(name)s”: two projects each hold more than 40%% of what is selected, %(project)s and %(next)s, so its draws vary more."
        )
    projects = [project_name(figures, slug) for slug in dominating]
    return words % {"name": name, "project": projects[0], "next": projects[-1]}
