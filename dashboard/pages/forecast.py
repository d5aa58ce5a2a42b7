"""What are the odds? The stored forecast of a commitment, with what it assumes and how it did."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.calculations.money import shown_shares
from commitments.calculations.undefined import Reason, Undefined
from dashboard import formats
from dashboard.chances import chance_words, labelled, odds_of
from dashboard.charts.fan import FanWords, Line, dots, fan_chart
from dashboard.charts.frame import Table
from dashboard.exports.forecast import fan_grid
from dashboard.pages.files import grid_file
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.parameters import takes
from dashboard.points import Reading, one_of
from projects.calculations.pace import required_usd_by
from projects.metrics.pace_lines import INDICES, Value, pace_lines
from projects.models import Forecast
from projects.selectors.backtest import kept_backtest
from projects.selectors.forecasts import forecast_at, record_drawn_from, why_no_forecast
from projects.selectors.moves import counted
from projects.selectors.scores import Reliability, reliability
from projects.services.forecasts import Inputs, dominating_projects, ended, is_prior, live_approvals

RUNGS = ("funded", "selected")
DONORS = ("all", "fast", "slow", "without")
LEVELS = ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95")
PACE = (
    "required_usd_per_month",
    "trailing_30d_usd_per_month",
    "trailing_90d_usd_per_month",
    "trailing_180d_usd_per_month",
    "trailing_365d_usd_per_month",
)


@page
@takes(rung=lambda: RUNGS, donors=lambda: DONORS)
def forecast(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the newest forecast stored by the point, or say why there is none."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    stored = forecast_at(reading.commitment, reading.point)
    content: dict[str, Any] = {"heading": _("What are the odds?"), "why": why_none(reading)}
    if stored is not None:
        rung = request.GET.get("rung", "").strip() or "funded"
        donors = request.GET.get("donors", "").strip() or "all"
        content = _content(stored, figures, rung, donors)
    context = page_context(
        request,
        reading,
        of_agreement=True,
        title=content["heading"],
        cites=cites,
        stored=stored,
        scores=score_rows(reading),
        scored=scored_rule(),
        backtest=backtest_rows(),
        chosen=chosen_readings(),
        drawings=[content["fan"]] if "fan" in content else [],
        **content,
    )
    return TemplateResponse(request, "dashboard/forecast.html", context)


@page
@takes(rung=lambda: RUNGS, donors=lambda: DONORS)
def fan_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the fan of the newest forecast stored by the point as CSV or XLSX.

    A rung or a choice of donors that is asked for is the only one in it.
    """
    stored = forecast_at(reading.commitment, reading.point)
    if stored is None:
        raise Http404
    rung, donors = (request.GET.get(name, "").strip() for name in ("rung", "donors"))
    if donors:
        one_of("donors", donors, drawn_for(json.loads(stored.body)["results"]))
    grid = fan_grid(stored, reading, rung=rung, donors=donors)
    subject = "_".join(filter(None, ("forecast", rung, donors)))
    name = f"{subject}_{reading.commitment.slug}_{stored.as_of}_r{stored.revision_id}"
    return grid_file(grid, name, suffix, reading)


def why_none(reading: Reading) -> str:
    """Return why no forecast is shown, in the words of the forecast where it has its own."""
    reason = why_no_forecast(reading.record)
    words = {
        Reason.NOT_STATED: _(
            "The texts of this commitment state no deadline that an amount is due by."
        ),
        Reason.NO_PROJECTS: _(
            "No project of this commitment is followed here, so there is nothing to draw and no forecast is made."
        ),
        Reason.DEADLINE_PASSED: _("The deadline has passed: what was paid by then is on record."),
    }
    return words.get(reason) or formats.reason(reason)


def _content(stored: Forecast, figures: Figures, rung: str, donors: str) -> dict[str, Any]:
    body = json.loads(stored.body)
    inputs, results = body["inputs"], body["results"]
    variants = results["variants"]
    drawn = drawn_for(results)
    variant = variants[one_of("donors", donors, drawn)]
    odds = odds_of(variant, rung, inputs["paths"])
    given = ended(inputs, results["dominating"]) if donors == "without" else inputs
    asked = {
        "rung": "" if rung == "funded" else rung,
        "donors": "" if donors == "all" else donors,
    }
    return {
        "heading": heading(odds, inputs, rung),
        "why": "",
        "is_prior": stored.is_prior,
        "prior_reason": prior_reason(inputs) if stored.is_prior else "",
        "chance": chance_words(odds),
        "dots": dots(odds[0], chance_words(odds)),
        "rung": rung_words(rung),
        "is_selected": rung == "selected",
        "counted": counted_rule() if rung == "selected" else "",
        "whole": whole_words() if (rung, donors) == ("selected", "without") else "",
        "rungs": [(name, rung_words(name), name == rung) for name in RUNGS],
        "donors": [(n, donor_words(n), n == donors) for n in drawn],
        "dominating": dominating_words(figures, inputs, results["dominating"]),
        "ended": left_out_words(stored),
        "fan": fan_section(frozen(figures, stored), inputs, results, variant[rung], rung),
        "parts": part_rows(sources(given, variant, rung)),
        **_beside(figures, results, rung),
        "variants": variant_rows(variants, rung, inputs["paths"]),
        "assumptions": assumptions(inputs),
        "stages": stage_rows(inputs),
        "drawn": {
            "seed": results["seed"],
            "paths": f"{inputs['paths']:,}",
            "model": stored.model_version,
            "sha256": stored.sha256,
            "as_of": formats.day(stored.as_of),
            "revision": stored.revision_id,
        },
        "csv": with_query(reverse("forecast_file", args=["csv"]), figures.reading, **asked),
        "xlsx": with_query(reverse("forecast_file", args=["xlsx"]), figures.reading, **asked),
        "what_if": with_query(reverse("scenarios"), figures.reading),
        "api": with_query(
            reverse("forecast-of", args=[figures.reading.commitment.slug]), figures.reading
        ),
    }


def drawn_for(results: Mapping[str, Any]) -> list[str]:
    """The choices of donors a forecast was drawn with: without one project only where it dominates."""
    return [name for name in DONORS if name in results["variants"]]


def _beside(figures: Figures, results: Mapping[str, Any], rung: str) -> dict[str, Any]:
    """The pace and the simple forecasts of the rung that is looked at."""
    drawn = results["variants"]["all"]
    if rung == "funded":
        return {"pace": pace_rows(figures), "baselines": baseline_rows(results, drawn)}
    values = _selections(figures)
    return {
        "pace": [
            (words, value_words(values[key])) for words, key in zip(pace_names(), PACE, strict=True)
        ],
        "baselines": [
            (_("This model, mean of the draws"), usd_words(drawn["selected"]["mean"][-1])),
            (_("Run rate of the last 365 days"), value_words(values["projected_usd"])),
        ],
    }


def _selections(figures: Figures) -> Mapping[str, Value]:
    """The pace of selections as a whole: each index or the reason for none."""
    try:
        return pace_lines(figures.record, "selected")[0].values
    except Undefined as undefined:
        return dict.fromkeys(INDICES, undefined.reason)


def value_words(value: Value) -> str:
    """Return dollars of a pace in words, or in two or three why there are none."""
    if isinstance(value, Reason):
        return formats.short_reason(value)
    return formats.money(value) if isinstance(value, Decimal) and value else formats.nothing()


def heading(odds: tuple[float, float], inputs: Mapping[str, Any], rung: str) -> str:
    """Return the page's heading: the odds in words, and that they are a prior while they are."""
    given = {
        "chance": chance_words(odds),
        "target": usd_words(float(inputs["target_usd"]), places=0),
        "day": formats.day(date.fromisoformat(inputs["deadline"])),
    }
    if rung == "selected":
        words = _("%(chance)s that %(target)s is selected by %(day)s")
    else:
        words = _("%(chance)s that %(target)s is funded by %(day)s")
    if is_prior(inputs):
        return labelled(words % given, is_prior=True)
    return _("Odds: %(odds)s") % {"odds": words % given}


def prior_reason(inputs: Mapping[str, Any]) -> str:
    """Return why a forecast is only a prior, and what would change that."""
    if inputs["paid_since"] is None:
        return _(
            "No payment is on record, so the odds rest on assumptions and on other programmes. "
            "Half a year of payments would make it a forecast; every selection, notice or payment "
            "moves it."
        )
    since = formats.day(date.fromisoformat(inputs["paid_since"]))
    return _(
        "Payments are on record since %(day)s only. After half a year it becomes a forecast; every "
        "selection, notice or payment moves it."
    ) % {"day": since}


def usd_words(amount: float, *, places: int = 1) -> str:
    if not round(amount):
        return formats.nothing()
    return formats.money(Decimal(round(amount)), places=places)


def rung_words(rung: str) -> str:
    return {"funded": _("funded"), "selected": _("selected")}[rung]


def donor_words(name: str) -> str:
    return {
        "all": _("All donors"),
        "fast": _("Fast donors: over 90 percent paid within a year"),
        "slow": _("Slow donors: the others"),
        "without": _("Without the project that dominates"),
    }[name]


def project_name(figures: Figures, slug: str) -> str:
    return figures.project_names.get(slug, slug)


def frozen(figures: Figures, stored: Forecast) -> Figures:
    """The figures of the day and revision a forecast was drawn at, whatever the reader asks for."""
    record = record_drawn_from(stored)
    reading = replace(figures.reading, point=record.point, record=record)
    return Figures(reading, figures.cites)


def fan_section(
    figures: Figures,
    inputs: Mapping[str, Any],
    results: Mapping[str, Any],
    fan: Mapping[str, list[int]],
    rung: str,
    *,
    chart_id: str = "fan",
) -> ChartWords:
    """Return the fan of one variant; `results` tells its months. Its title names rung and prior.

    `figures` are those the forecast was drawn from, so that what is on record, the
    needed path and the plan stand as they stood for the draws.
    """
    as_of, start, deadline = (date.fromisoformat(inputs[n]) for n in ("as_of", "start", "deadline"))
    days = [date.fromisoformat(day) for day in results["months"]]
    target = float(inputs["target_usd"]) / 1e9
    plan = figures.plan if rung == "funded" else None  # a plan is of what is to be funded
    lines: dict[str, Line] = {
        level: [(day, usd / 1e9) for day, usd in zip(days, fan[level], strict=True)]
        for level in LEVELS
    }
    history = _history(figures, rung, as_of)
    now = history[-1][1] if history else 0.0
    dollars = Decimal(inputs["target_usd"]), Decimal(round(now * 1e9))

    def needed(day: date) -> Decimal:
        return required_usd_by(day, *dollars, as_of=as_of, deadline=deadline)

    words = _("Draws of what is funded against the path to %(target)s")
    if rung == "selected":
        words = _("Draws of what is selected against the path to %(target)s")
    title = labelled(
        words % {"target": usd_words(target * 1e9, places=0)}, is_prior=is_prior(inputs)
    )
    last = {level: usd_words(fan[level][-1]) for level in LEVELS}
    described = {
        "day": formats.long_day(deadline),
        "median": last["0.5"],
        "range": formats.money_range(interval(fan, "0.1", "0.9")),
    }
    chart = fan_chart(
        history,
        lines,
        FanWords(
            title=title,
            description=_(
                "By %(day)s half of the draws stay below %(median)s; four in five lie within %(range)s."
            )
            % described,
            target=_("Target %(target)s") % {"target": usd_words(target * 1e9, places=0)},
            deadline=_("Deadline %(day)s") % {"day": formats.day(deadline)},
            median=_("Median %(amount)s") % {"amount": last["0.5"]},
            band=_("1 in 20 above %(amount)s") % {"amount": last["0.95"]},
            needed=_("Needed from then"),
            day=formats.day(as_of),
            on_record=usd_words(now * 1e9),
            even=_("Even pace"),
            plan=_("Plan"),
        ),
        Table(
            caption=_("The fan by month, $ billion"),
            heads=(
                _("Date"),
                "5%",
                "10%",
                "25%",
                _("Median"),
                "75%",
                "90%",
                "95%",
                _("Needed path"),
                *([_("Plan")] if plan else []),
            ),
            rows=tuple(
                (
                    formats.day(day),
                    *(_billions(fan[level][n]) for level in LEVELS),
                    formats.cell(needed(day)),
                    *([formats.cell(plan.planned_by(day))] if plan else []),
                )
                for n, day in enumerate(days)
            ),
        ),
        start=start,
        as_of=as_of,
        deadline=deadline,
        target=target,
        row_days=days,
        amount_words=lambda amount: usd_words(amount * 1e9, places=0) if amount else "",
        plan=figures.plan_line(deadline) if plan else (),
        chart_id=chart_id,
    )
    subtitle = _(
        "Bands hold 50, 80 and 90 percent of the draws; thick line: the median; dashed: what is needed; dotted: an even pace."
    )
    if rung == "selected":
        subtitle = formats.joined((subtitle, counted_rule()))
    if plan:
        named = formats.said_as_written(plan.label)
        subtitle = format_html(
            _("{lines} Grey: the plan in force, {plan}."), lines=subtitle, plan=named
        )
    return ChartWords(chart, title, subtitle, reading=figures.reading)


def counted_rule() -> str:
    """At what end a selection that is a range counts, here as in what the draws start from."""
    return _(
        "A selection counts at the low end of its range, or at its ceiling where only that is stated."
    )


def whole_words() -> str:
    """What the pace and the needed path count where the draws leave a project out."""
    return _(
        "What is needed, the line of what is on record and the pace count the whole record, with the project that the draws leave out."
    )


def ended_rule() -> str:
    """What is left of a project that is declined, cancelled or left out of the draws."""
    return _(
        "A project that is declined, cancelled or left out brings nothing more. What it was paid stays paid but is no longer selected, and its approval, once made, still counts in the pace and sizes of approvals to come."
    )


def dominating_words(figures: Figures, inputs: Inputs, project: str | None) -> str:
    """Say which project dominates, and how the draws with and without it vary; empty where none does.

    Without it another may dominate what is left, and then those draws vary as much.
    """
    if project is None:
        return ""
    given = {"project": project_name(figures, project)}
    rest = dominating_projects(ended(inputs, project))
    if rest:
        given["next"] = project_name(figures, rest[0])
    if len(dominating_projects(inputs)) > 1:
        words = _(
            "Two projects each hold more than 40%% of what is selected: %(project)s and %(next)s. The odds are shown with and without %(project)s. Of the rest %(next)s holds more than 40%% still, so the draws vary more both with and without it."
        )
    elif rest:
        words = _(
            "One project holds more than 40%% of what is selected: %(project)s. The odds are shown with and without it. Of the rest %(next)s holds more than 40%% in turn, so the draws vary more both with and without it."
        )
    else:
        words = _(
            "One project holds more than 40%% of what is selected: %(project)s. The odds are shown with and without it, and the draws with it vary more."
        )
    return words % given


def left_out_words(stored: Forecast) -> str:
    """What the draws without the project that dominates keep of it, by the model that drew them."""
    older = {
        "analogue-1": _("Drawn by an older model: without it, what it was paid is left out too."),
        "analogue-2": _(
            "Drawn by an older model: without it, what it was paid counts as selected still."
        ),
    }
    return older.get(stored.model_version) or ended_rule()


def _history(figures: Figures, rung: str, as_of: date) -> list[tuple[date, float]]:
    """What is on record by the day of the forecast: funded cash, or what counts of selections."""
    steps: list[tuple[date, float]] = []
    if rung != "funded":
        for day in figures.record.changed_on("selected"):
            stood = (counted(m) or Decimal(0) for m in figures.record.members_by("selected", day))
            height = in_billions(sum(stood, Decimal(0)))
            if day <= as_of and height != (steps[-1][1] if steps else 0):
                steps.append((day, height))
        return steps
    running = 0.0
    for day, amount in figures.record.daily("funded"):
        if day <= as_of:
            running += in_billions(amount)
            steps.append((day, running))
    return steps


def interval(fan: Mapping[str, list[int]], low: str, high: str) -> Bounds:
    return Bounds(Decimal(fan[low][-1]), Decimal(fan[high][-1]))


def _billions(amount: float) -> str:
    return formats.cell(Decimal(round(amount)))


def pace_names() -> tuple[str, ...]:
    return (
        _("Needed from today, a month"),
        _("Last 30 days, a month"),
        _("Last 90 days, a month"),
        _("Last 180 days, a month"),
        _("Last 365 days, a month"),
    )


def pace_rows(figures: Figures) -> list[tuple[str, SafeString]]:
    """Needed against actual pace of funding, each figure with its explanation."""
    return [(words, figures.link(key)) for words, key in zip(pace_names(), PACE, strict=True)]


def sources(
    inputs: Mapping[str, Any], variant: Mapping[str, Any], rung: str
) -> list[tuple[str, int]]:
    """Where the mean at the deadline comes from on a rung, in whole dollars; approvals to come last.

    What is selected stays selected on every path, so the rest of its mean is to come.
    """
    if rung == "selected":
        known = round(sum(Decimal(one["amount_usd"]) for one in live_approvals(inputs)))
        to_come = variant["selected"]["mean"][-1] - known
        return [(_("Selected already"), known), (_("From approvals to come"), to_come)]
    return [
        (_("Funded already"), variant["paid_usd"]),
        (_("From approvals on record"), variant["existing_usd"]),
        (_("From approvals to come"), variant["future_usd"]),
    ]


def part_rows(parts: list[tuple[str, int]]) -> list[tuple[str, str, str]]:
    """Each source in dollars and as a share of all; the shares shown add to 100."""
    amounts = [Decimal(amount) for _words, amount in parts]
    shares = [formats.DASH] * len(parts)
    if any(amounts) and min(amounts) >= 0:  # what was paid back has no share of what was paid
        shares = [formats.percent(share / 100, 0) for share in shown_shares(amounts, places=0)]
    return [
        (words, usd_words(amount), share)
        for (words, amount), share in zip(parts, shares, strict=True)
    ]


def variant_rows(
    variants: Mapping[str, Any], rung: str, paths: int
) -> list[tuple[str, str, str, str]]:
    """Each choice of donors: the median, the 80 % interval and the odds at the deadline.

    Donors tell when is paid, not what is selected: of that rung one choice says all.
    """
    names = ("all", "without") if rung == "selected" else DONORS
    return [
        (
            donor_words(name),
            usd_words(variants[name][rung]["0.5"][-1]),
            formats.money_range(interval(variants[name][rung], "0.1", "0.9")),
            chance_words(odds_of(variants[name], rung, paths)),
        )
        for name in names
        if name in variants
    ]


def baseline_rows(results: Mapping[str, Any], variant: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Simple forecasts of what is approved already, beside what the draws give for the same."""
    known = variant["paid_usd"] + variant["existing_usd"]
    baselines = results["baselines"]
    return [
        (_("This model, mean of the draws"), usd_words(known)),
        (
            _("Run rate of the last 12 calendar months, at most what is approved"),
            usd_words(baselines["run_rate"]),
        ),
        (_("Earned schedule"), usd_words(baselines["earned_schedule"])),
        (_("Mean curve of the donors"), usd_words(baselines["mean_curve"])),
    ]


def assumptions(inputs: Mapping[str, Any]) -> list[str]:
    """Everything that was assumed rather than recorded, a sentence each."""
    approved, candidates = len(live_approvals(inputs)), len(inputs["candidates"])
    over = len(inputs["approvals"]) - approved
    prior = inputs["size_prior"]
    of_ended = ngettext(
        "%(n)s project more was selected and has ended since.",
        "%(n)s projects more were selected and have ended since.",
        over,
    )
    return [
        ngettext(
            "%(n)s approval is on record, taken at the low end of its range, or at its ceiling where only that is stated.",
            "%(n)s approvals are on record, taken at the low end of their ranges, or at the ceiling where only that is stated.",
            approved,
        )
        % {"n": approved},
        *([formats.joined((of_ended % {"n": over}, ended_rule()))] if over else []),
        _(
            "Each follows an operation of the World Bank that stood alike at the same age, drawn anew on every path; 930 of them are the donors. This programme may be faster or slower."
        ),
        ngettext(
            "%(n)s named project waits as a candidate or in consultation; its amount is drawn within what is stated, from zero where only a ceiling is.",
            "%(n)s named projects wait as candidates or in consultation; their amounts are drawn within what is stated, from zero where only a ceiling is.",
            candidates,
        )
        % {"n": candidates},
        _(
            "Projects nobody has named come at the pace of the unlisted ones so far. Sizes: log-normal, held before any is known to lie around %(size)s, and at most three times the largest known."
        )
        % {"size": usd_words(math.exp(float(prior["mean"])))},
        ngettext(
            "Nothing is paid in the first %(n)s month after a selection: a notice and its window come first.",
            "Nothing is paid in the first %(n)s months after a selection: a notice and its window come first.",
            inputs["window_months"],
        )
        % {"n": inputs["window_months"]},
        _("What is selected is cut at the target on every path."),
    ]


def stage_rows(inputs: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """For each stage before a selection: wait and success as assumed, and after the record."""
    names = {"candidate": _("candidate"), "in_consultation": _("in consultation")}
    return [
        (
            names[prior["stage"]],
            _days(prior),
            _days(held),
            _success(prior),
            _success(held),
        )
        for prior, held in zip(inputs["stage_priors"], inputs["stages"], strict=True)
    ]


def _days(odds: Mapping[str, str]) -> str:
    return formats.plain(Decimal(odds["days"]) / Decimal(odds["moves"]), 0)


def _success(odds: Mapping[str, str]) -> str:
    successes, failures = Decimal(odds["successes"]), Decimal(odds["failures"])
    return formats.percent(successes / (successes + failures), 0)


def backtest_rows() -> dict[str, Any]:
    """The kept backtest: errors as shares of the commitments, a row for each kind of programme."""
    kept = kept_backtest()
    return {
        "tasks": kept["tasks"],
        "paths": f"{kept['paths']:,}",
        "rows": [
            (
                portfolio_words(row["portfolio"]),
                *(
                    formats.DASH if row[name] is None else formats.plain(Decimal(str(row[name])), 3)
                    for name in ("run_rate", "earned_schedule", "mean_curve", "analogue", "crps")
                ),
                formats.percent(Decimal(str(row["in_80"])), 0),
                formats.percent(Decimal(str(row["in_90"])), 0),
            )
            for row in kept["rows"]
        ],
    }


def chosen_readings() -> list[str]:
    """What of the model the backtest chose, a sentence each with both figures."""
    found: dict[str, dict[str, str]] = {}
    for one in kept_backtest()["readings"]:
        figures = found.setdefault(one["reading"], {"on": portfolio_words(one["portfolio"])})
        which = "" if len(figures) == 1 else "_second"
        figures[f"on{which}"] = portfolio_words(one["portfolio"])
        for way in ("chosen", "otherwise"):
            scores = one[way]
            figures[f"{way}{which}"] = formats.plain(Decimal(str(scores["crps"])), 4)
            figures[f"{way}_in{which}"] = formats.percent(Decimal(str(scores["in_80"])), 0)
    words = {
        "last_twelve_months": _(
            "A donor weighs by its share paid in the last twelve months too, not by the share paid in all alone. %(on)s: CRPS %(chosen)s, otherwise %(otherwise)s. %(on_second)s: %(chosen_second)s, otherwise %(otherwise_second)s."
        ),
        "common_spread": _(
            "The common factor varies by 0.20, not 0.25. %(on)s: the 80%% interval holds %(chosen_in)s, otherwise %(otherwise_in)s; CRPS %(chosen)s, otherwise %(otherwise)s."
        ),
        "largest_size": _(
            "A drawn size is at most three times the largest known, not one and a half times. %(on)s: the 80%% interval holds %(chosen_in)s, otherwise %(otherwise_in)s; CRPS %(chosen)s, otherwise %(otherwise)s."
        ),
        "approval_months": _(
            "The pace of approvals is that of the last 36 months, not 24. %(on)s: CRPS %(chosen)s, otherwise %(otherwise)s."
        ),
        "pace_weight": _(
            "Approvals so far weigh three tenths in their pace, not in full. %(on)s: the 80%% interval holds %(chosen_in)s, otherwise %(otherwise_in)s; CRPS %(chosen)s, otherwise %(otherwise)s."
        ),
    }
    return [words[name] % figures for name, figures in found.items()]


def portfolio_words(name: str) -> str:
    return {
        "3 projects": _("3 projects"),
        "12 projects": _("12 projects"),
        "40 projects": _("40 projects"),
        "8, the largest at 90 %": _("8 projects, the largest of them scaled to 90%"),
        "with future approvals": _("Programmes with approvals to come"),
        "12, donors known then": _("12 projects, donors as known then"),
    }.get(name, name)


def scored_rule() -> str:
    """How a month of a forecast is scored, and which forecasts count."""
    return _(
        "A scored month is held against what was funded by its end. The odds judged are those that funding is then on the path needed from the day of the forecast, which at the deadline is the target; the run rate is that of the twelve months before the forecast. Of several forecasts of one day the last counts."
    )


def score_rows(reading: Reading) -> dict[str, Any]:
    """How published forecasts did: counts alone while those of fewer than eight days are scored."""
    did = reliability(reading.commitment, reading.point)
    words = ngettext(
        "%(n)s month of a published forecast is scored so far.",
        "%(n)s months of published forecasts are scored so far.",
        did.months,
    ) % {"n": did.months}
    if did.months:
        days = ngettext(
            "The forecasts were made on %(n)s day.",
            "The forecasts were made on %(n)s days.",
            did.origins,
        )
        words = formats.joined((words, days % {"n": did.origins}))
    return {
        "words": words,
        "is_few": did.verdict is None,
        "rows": [*_verdict_rows(did), *_count_rows(did)] if did.months else [],
        "tenths": [
            (f"{n * 10}–{n * 10 + 10}%", count) for n, count in enumerate(did.pit_histogram)
        ],
    }


def _verdict_rows(did: Reliability) -> list[tuple[str, str]]:
    held = did.verdict
    if held is None:
        return []
    skilled = formats.DASH if held.skill is None else _score(held.skill, 2)
    return [
        (_("CRPS, share of the target"), _score(held.crps_share)),
        (_("Error of the run rate, share of the target"), _score(held.run_rate_share)),
        (_("Skill over the run rate: 0 is as good, 1 perfect"), skilled),
        (_("Pinball loss, share of the target"), _score(held.pinball_share)),
        (_("Brier score of the odds that funding is on the needed path"), _score(held.brier)),
        (_("Brier score of telling how often it was"), _score(held.base_rate_brier)),
    ]


def _count_rows(did: Reliability) -> list[tuple[str, str]]:
    of_all = _("%(n)s of %(all)s")
    counts = [
        (_("On the needed path or above"), did.reached),
        (_("Inside the interval (50%)"), did.in_50),
        (_("Inside the interval (80%)"), did.in_80),
        (_("Inside the interval (90%)"), did.in_90),
    ]
    return [(words, of_all % {"n": n, "all": did.months}) for words, n in counts]


def _score(value: float, places: int = 4) -> str:
    return formats.plain(Decimal(value), places)
