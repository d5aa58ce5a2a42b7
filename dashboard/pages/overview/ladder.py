"""Headline, lede, ladder and key figures of the first page."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commitments.calculations.bounds import Bounds, total
from dashboard import formats
from dashboard.chances import chance_words, odds_of
from dashboard.charts.ladder import RungBar, rung_bar, time_bar
from dashboard.charts.svg import Markup
from dashboard.headline import headline
from dashboard.pages.frame import with_query
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.record import last_step
from dashboard.pages.overview.tariffs import general_rate, rate_named
from dashboard.terms import basis_words
from projects.calculations.stages import Stage
from projects.selectors.forecasts import forecast_at, why_no_forecast
from tariffs.models import Measure


@dataclass(frozen=True)
class LadderRow:
    """One row: its words, its bar and its cells."""

    name: str
    below: SafeString | str
    bar: Markup
    amount: SafeString | str
    share: str
    day: str
    kind: str


@dataclass(frozen=True)
class Ladder:
    time: LadderRow
    rungs: list[LadderRow]
    note: SafeString
    target: str


@dataclass(frozen=True)
class KeyFigure:
    name: str
    value: SafeString | str
    below: SafeString | str


def headline_rung(figures: Figures) -> str:
    return figures.record.terms.value("headline_rung", "rung") or "funded"


def headline_of(figures: Figures) -> str:
    """The headline rule applied to the headline rung; ranges count at their low."""
    bounds = figures.bounds(f"{headline_rung(figures)}_usd")
    reached = bounds.low or Decimal(0)
    return headline(
        time=figures.value("time_used_share"),
        reached=reached / figures.target,
        days_left=int(figures.value("days_left")),
        target=figures.target,
    )


def lede(figures: Figures) -> SafeString:
    """Selected, signed and in consultation with their ranges, then the rungs without a record."""
    parts = [_selected_sentence(figures)]
    signed = figures.figure("signed_usd")
    if signed.reason:
        parts.append(_signed_without_dollars(figures))
    elif signed.note != "none_published":
        parts.append(
            format_html(
                _("Loans of {signed} are signed ({share}).")
                if only_loans(figures)
                else _("Financing of {signed} is signed ({share})."),
                signed=_strong(figures, "signed_usd"),
                share=formats.percent_range(figures.bounds("signed_share")),
            )
        )
    in_consultation = figures.figure("in_consultation_usd")
    if in_consultation.reason:
        words = _("Projects are in consultation, a stage below selected; no amount is stated.")
        parts.append(format_html("{}", words))
    elif in_consultation.note != "none_published":
        parts.append(
            format_html(
                _("In consultation, a stage below selected: {amount}."),
                amount=figures.prose("in_consultation_usd"),
            )
        )
    empty = [
        name
        for key, name in (
            ("noticed_usd", _("funding notices")),
            ("funded_usd", _("payments")),
            ("distributed_usd", _("distributions")),
        )
        if figures.figure(key).note == "none_published"
    ]
    if empty:
        listed = _(", ").join(empty)
        parts.append(format_html(_("None published: {rungs}."), rungs=listed))
    return formats.joined(parts)


def only_loans(figures: Figures) -> bool:
    """True where every signed financing is a loan, none equity or anything else."""
    return {m.instrument for m in figures.record.members("signed")} <= {"loan"}


def _signed_without_dollars(figures: Figures) -> SafeString:
    yen = _yen_signed(figures)
    if yen is None:
        return format_html("{}", _("Loans are signed; their amount is not stated."))
    return format_html(_("Loans of {yen} are signed; no dollar amount is stated."), yen=yen)


def _selected_sentence(figures: Figures) -> SafeString:
    """The target, its deadline and what of it is selected: a sentence for each case."""
    selected = figures.figure("selected_usd")
    if selected.note == "none_published":
        sentence = _("Of up to {target} due by {deadline}, nothing is selected yet.")
    elif selected.reason:
        sentence = _(
            "Of up to {target} due by {deadline}, projects are selected, but no amount is stated."
        )
    else:
        sentence = _("Of up to {target} due by {deadline}, {selected} is selected ({share}).")
    return format_html(
        sentence,
        target=figures.link("target_usd", formats.money(figures.target, style="prose")),
        deadline=formats.long_day(figures.deadline),
        selected=_strong(figures, "selected_usd"),
        share=formats.percent_range(figures.bounds("selected_share")),
    )


def _strong(figures: Figures, key: str) -> SafeString:
    return format_html("<b>{}</b>", figures.prose(key))


def ladder(figures: Figures) -> Ladder:
    """Every rung against time passed, on the scale of the target."""
    share = figures.value("time_used_share")
    used = figures.value("days_elapsed")
    time = LadderRow(
        name=pgettext("ladder", "Time"),
        below=_("of %(days)s days, to %(deadline)s")
        % {
            "days": formats.plain(figures.value("days_total"), 0),
            "deadline": formats.day(figures.deadline),
        },
        bar=time_bar(
            float(share),
            _("%(share)s of the time has passed") % {"share": formats.percent(share)},
        ),
        amount=figures.link("days_elapsed", _("%(n)s days") % {"n": formats.plain(used, 0)}),
        share=formats.percent(share),
        day=formats.day(figures.as_of),
        kind="tm",
    )
    rungs = [
        _row(figures, "candidate", _("Candidate"), _candidates_below(figures)),
        _row(figures, "in_consultation", _("In consultation"), _("a stage, not a rung")),
        _row(figures, "selected", _("Selected"), _("chosen by the President")),
        _row(figures, "signed", _("Signed"), _signed_below(figures)),
        _row(figures, "noticed", _("Noticed"), _("funding notice sent")),
        _row(figures, "funded", _("Funded"), _("cash in the designated account")),
        _row(figures, "disbursed", _("Disbursed"), _("paid on to a project")),
        _row(figures, "distributed", _("Distributed"), _("paid out by an investment")),
        _row(
            figures,
            "guaranteed",
            _("Guaranteed"),
            _("beside the ladder: cover, no cash"),
        ),
    ]
    return Ladder(time, rungs, _note(figures), formats.money(figures.target, places=0))


def _row(figures: Figures, rung: str, name: str, below: SafeString | str) -> LadderRow:
    key = f"{rung}_usd"
    figure = figures.figure(key)
    kind = _kind(figures, rung)
    time = float(figures.value("time_used_share"))
    return LadderRow(
        name=name,
        below=below,
        bar=rung_bar(_bar(figures, rung, kind), time if rung != "guaranteed" else None),
        amount=figures.link(key, _amount(figures, rung, kind)),
        share=_share(figure.told, figures.target, kind),
        day=formats.DASH if kind == "unknown" else formats.day(_latest(figures, rung)),
        kind=f"k-{kind}",
    )


def _kind(figures: Figures, rung: str) -> str:
    figure = figures.figure(f"{rung}_usd")
    if figure.note == "none_published":
        return "none"
    if not figure.bounds.is_stated:
        return "unknown"
    if rung in ("candidate", "in_consultation") or figure.bounds.low is None:
        return "ceiling"
    return "range"


def _bar(figures: Figures, rung: str, kind: str) -> RungBar:
    if kind == "none":
        return RungBar(kind, words=_("none published"))
    if kind == "unknown":
        return RungBar(kind, words=_("not known"))
    bounds = figures.bounds(f"{rung}_usd")
    high = bounds.high if bounds.high is not None else bounds.low or Decimal(0)
    published = _published_list(figures).high if rung == "candidate" else None
    return RungBar(
        kind,
        low=float((bounds.low or Decimal(0)) / figures.target) if kind == "range" else 0,
        high=float(high / figures.target),
        published=float((published or Decimal(0)) / figures.target),
    )


def _amount(figures: Figures, rung: str, kind: str) -> SafeString | str:
    if kind == "none":
        return formats.nothing()
    if kind == "unknown":
        return _("not stated")
    bounds = figures.figure(f"{rung}_usd").told
    if kind == "ceiling" and bounds.low is None and bounds.high is not None:
        return format_html(_("<small>up to</small> {amount}"), amount=formats.money(bounds.high))
    if figures.figure(f"{rung}_usd").is_approximate:
        return format_html(_("<small>about</small> {amount}"), amount=formats.money_range(bounds))
    return formats.money_range(bounds)


def _share(bounds: Bounds, target: Decimal, kind: str) -> str:
    if kind == "unknown":
        return formats.DASH
    if kind == "none":
        return "0.0%"
    low = None if bounds.low is None else bounds.low / target
    return formats.percent_range(Bounds(low, None if bounds.high is None else bounds.high / target))


def _latest(figures: Figures, rung: str) -> date | None:
    """The latest day on which the amount of a rung moved, up or down."""
    if rung in ("candidate", "in_consultation", "selected", "signed"):
        return last_step(figures, rung)
    days = [row.on for row in figures.figure(f"{rung}_usd").rows if row.on and row.counts]
    return max(days, default=None)


def _published_list(figures: Figures) -> Bounds:
    """The candidate list as published: every candidate ever listed, open or continued."""
    return total(
        record.amounts["candidate"].bounds
        for record in figures.record.projects
        if Stage.CANDIDATE in record.standing.reached and "candidate" in record.amounts
    )


def _candidates_below(figures: Figures) -> SafeString | str:
    listed = [p for p in figures.record.projects if Stage.CANDIDATE in p.standing.reached]
    still_open = len(figures.record.members("candidate"))
    published = _published_list(figures)
    if not listed or published.high is None:
        return _("named by companies or governments")
    words = _("%(open)s of %(listed)s still open; the list as published: up to %(amount)s") % {
        "open": still_open,
        "listed": len(listed),
        "amount": formats.money(published.high),
    }
    unstated = figures.figure("candidate_usd").unstated_count
    if not unstated:
        return words
    more = ngettext("%(n)s states no amount", "%(n)s state no amount", unstated) % {"n": unstated}
    return f"{words}; {more}" if not formats.is_japanese() else f"{words}。{more}"


def _signed_below(figures: Figures) -> SafeString | str:
    yen = _yen_signed(figures)
    if yen is None or not only_loans(figures):
        return _("financing agreements signed")
    if figures.figure("signed_usd").reason:
        return format_html(_("first loans, {yen}; no dollar amount stated"), yen=yen)
    return format_html(_("first loans, {yen}; dollars from a secondary source"), yen=yen)


def _yen_signed(figures: Figures) -> SafeString | str | None:
    """What the first financing stated in yen says of its amount, with its document."""
    for financing in figures.record.financings:
        yen = figures.record.judged(f"financing:{financing.ref}", "amount.signed", "jpy")
        if yen.used:
            words = formats.money_range(yen.bounds, "JPY", places=0)
            document = yen.used[0].document
            return figures.cites.document(words, document.slug if document else None)
    return None


def _note(figures: Figures) -> SafeString:
    texts = [
        _(
            "Hatched: a ceiling, nothing firm. Open ring: a recorded rung with nothing in it. "
            "Dotted: not known. Rungs are never added together."
        )
    ]
    parts: list[SafeString] = [format_html("{}", text) for text in texts]
    for term in (
        figures.record.terms.term("target"),
        *figures.record.terms.rivals("target"),
    ):
        if term is None:
            continue
        slug = term.document.slug if term.document else None
        ceiling = term.value.get("label") == "up_to"
        words = formats.money(figures.target, places=0)
        if ceiling:
            words = _("“up to %(amount)s”") % {"amount": words}
            template = _("{amount} in Japan’s texts.")
        else:
            template = _("Target: {amount} in the memorandum and US texts;")
        parts.append(format_html(template, amount=figures.cites.document(words, slug)))
    rival = _rival_disbursement(figures)
    if rival:
        parts.append(rival)
    return formats.joined(parts)


def _rival_disbursement(figures: Figures) -> SafeString | None:
    """The rival claim that the signed loans are already paid, where one is on record."""
    if figures.figure("disbursed_usd").note != "none_published":
        return None
    for member in figures.record.members("signed"):
        for claim in member.claims.used:
            if "disbursed" in claim.note and claim.document:
                return format_html(
                    _("{note} calls the signed loans disbursed; no receipt was found."),
                    note=figures.cites.document(_("One market note"), claim.document.slug),
                )
    return None


def key_figures(figures: Figures) -> list[KeyFigure]:
    """Needed pace, time left, forecast and the duty on general goods."""
    return [
        _needed(figures),
        _time_left(figures),
        _forecast(figures),
        _duty(figures),
    ]


def _forecast(figures: Figures) -> KeyFigure:
    """The odds of the stored forecast, none while it is a prior; linked to their page."""
    reading = figures.reading
    address = with_query(reverse("forecast"), reading)
    is_paid = not figures.figure("funded_usd").note
    stored = forecast_at(reading.commitment, reading.point) if is_paid else None
    if not is_paid:
        value = _("Prior only")
        below = _(
            "No payment is on record, so odds would only restate assumptions. None are shown."
        )
    elif stored is None:
        reason = why_no_forecast(reading.record)
        short, below = formats.short_reason(reason), formats.reason(reason)
        value = f"{short[:1].upper()}{short[1:]}"
    elif stored.is_prior:
        value = _("Prior only")
        below = _("Odds follow once six months of payments are on record.")
    else:
        body = json.loads(stored.body)
        drawn = body["results"]["variants"]["all"]
        value = chance_words(odds_of(drawn, "funded", body["inputs"]["paths"]))
        median = Decimal(drawn["funded"]["0.5"][-1])
        below = _(
            "that the target is funded by %(day)s; half of the draws stay below %(median)s."
        ) % {"day": formats.long_day(figures.deadline), "median": formats.money(median)}
    return KeyFigure(_("Forecast"), format_html('<a href="{}">{}</a>', address, value), below)


def _needed(figures: Figures) -> KeyFigure:
    if figures.figure("required_usd_per_month").reason:
        words = formats.reason(figures.figure("required_usd_per_month").reason)
        return KeyFigure(_("Needed from now"), figures.link("required_usd_per_month"), words)
    words = _("a month, or {day} each business day. At an even pace {even} would be in by now.")
    if figures.has_plan:
        words = _(
            "a month, or {day} each business day. By the plan in force {even} would be in by now."
        )
    return KeyFigure(
        _("Needed from now"),
        figures.link("required_usd_per_month"),
        format_html(
            words,
            day=figures.link("required_usd_per_business_day"),
            even=figures.link("planned_usd"),
        ),
    )


def _time_left(figures: Figures) -> KeyFigure:
    left = figures.figure("business_days_left").bounds.value
    words = _("to {deadline}: {days} business days. The memorandum is {binding}.")
    if left is None:
        words = _("to {deadline}. The memorandum is {binding}.")
    binding = figures.record.terms.term("binding")
    slug = binding.document.slug if binding and binding.document else None
    return KeyFigure(
        _("Time left"),
        figures.link("days_left"),
        format_html(
            words,
            deadline=formats.long_day(figures.deadline),
            days="" if left is None else figures.link("business_days_left", formats.plain(left, 0)),
            binding=figures.cites.document(_("not legally binding"), slug),
        ),
    )


def _duty(figures: Figures) -> KeyFigure:
    general = general_rate(figures)
    if general is None or general.rate_percent is None:
        return KeyFigure(_("Duty on general goods"), _("not stated"), _("No measure on record."))
    if general.term is not None:
        slug = general.term.document.slug if general.term.document else None
        words = _("%(basis)s, by the terms, since %(day)s.") % {
            "basis": basis_words(general.basis),
            "day": formats.day(general.term.effective_on),
        }
        rate = figures.cites.document(formats.rate(general.rate_percent), slug)
        return KeyFigure(_("Duty on general goods"), rate, words)
    measure = general.authority[0]
    below = format_html(
        _("{basis}, {authority}, since {day}."),
        basis=basis_words(general.basis),
        authority=formats.said(measure, "legal_authority"),
        day=formats.day(measure.effective_from),
    )
    cars = rate_named(figures, "autos")
    if cars and cars.rate_percent is not None:
        below = format_html(
            _("{general} Cars {rate}."),
            general=below,
            rate=_cited_rate(figures, cars.rate_percent, cars.authority[0]),
        )
    rate = _cited_rate(figures, general.rate_percent, measure)
    return KeyFigure(_("Duty on general goods"), rate, below)


def _cited_rate(figures: Figures, rate: Decimal, measure: Measure) -> SafeString | str:
    slug = measure.document.slug if measure.document else None
    return figures.cites.document(formats.rate(rate), slug)
