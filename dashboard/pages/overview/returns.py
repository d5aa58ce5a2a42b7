"""Watch item 2: performance and returns."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.written import read_shares
from commitments.models import Term
from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.split import SplitWords, split_chart
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.words import ChartWords, cited
from dashboard.terms import said_term


@dataclass(frozen=True)
class ReturnsSection:
    heading: str
    sub: str
    split: ChartWords | None
    facts: list[tuple[str, SafeString | str]]
    rivals: list[tuple[SafeString | str, SafeString | str]]


def section(figures: Figures) -> ReturnsSection:
    """The rule for distributions, and what of its inputs is stated."""
    split = figures.record.terms.term("split")
    shares = us_shares(split)
    none_yet = figures.figure("distributed_usd").note == "none_published"
    return ReturnsSection(
        heading=heading(shares, none_yet),
        sub=_(
            "The switch comes when an investment has paid out its deemed allocation amount: "
            "principal with interest, spread over the life of the project."
        ),
        split=_split(figures, split, shares) if split and shares else None,
        facts=_facts(figures),
        rivals=_rivals(figures),
    )


def _rivals(figures: Figures) -> list[tuple[SafeString | str, SafeString | str]]:
    """What others said of the split: rival readings of the term, then rival claims."""
    rivals: list[tuple[SafeString | str, SafeString | str]] = []
    for term in figures.record.terms.rivals("split"):
        name = term.name_ja if formats.is_japanese() and term.name_ja else term.name
        if term.document:
            words = f"{said_term(term)}{_('.')}"
            rivals.append((words, figures.cites.document(name, term.document.slug)))
    for aspect, unit, words in (
        (
            "profit_share.switch_point",
            "usd",
            _("The split would change where Japan has {amount} back in all, not per investment."),
        ),
        (
            "profit_share.us_on_equity_only",
            "percent",
            _("The {share} would apply to the equity part only."),
        ),
    ):
        judged = figures.record.judged_whole(aspect, unit)
        for claim in (*judged.used, *judged.others):
            if claim.low is not None and claim.document:
                said = format_html(
                    words,
                    amount=formats.money(claim.low, places=0),
                    share=formats.rate(claim.low),
                )
                who = formats.said(claim, "who")
                rivals.append((said, figures.cites.document(who, claim.document.slug)))
    return rivals


def heading(shares: tuple[Decimal, Decimal] | None, none_yet: bool) -> str:
    """Return the heading: the two stages of the split, and whether anything was distributed."""
    if shares is None:
        return _("How returns are shared is not stated")
    before, after = shares
    words = {"before": formats.percent(before, 0), "after": formats.percent(after, 0)}
    if none_yet:
        return _("%(before)s to the United States, then %(after)s; nothing distributed yet") % words
    return _("%(before)s to the United States, then %(after)s") % words


def us_shares(split: Term | None) -> tuple[Decimal, Decimal] | None:
    """The United States' share before and after the switch, None where no term states them."""
    stages = [read_shares(split.value.get(stage)) for stage in ("before", "after")] if split else []
    found = [stage["us"] for stage in stages if stage is not None]
    return (found[0], found[1]) if len(found) == 2 else None


def _split(figures: Figures, term: Term, shares: tuple[Decimal, Decimal]) -> ChartWords:
    before, after = shares
    investor = figures.reading.commitment.investor
    if formats.is_japanese():
        investor = figures.reading.commitment.investor_ja or investor

    def us(share: Decimal) -> str:
        return _("United States %(share)s") % {"share": formats.percent(share, 0)}

    def other(share: Decimal) -> str:
        return f"{investor} {formats.percent(1 - share, 0)}"

    title = _("Who gets each distributed dollar")
    distributed = figures.link_words("distributed_usd")
    words = SplitWords(
        title=title,
        description=f"{us(before)}, {other(before)}; {us(after)}, {other(after)}",
        us_before=us(before),
        investor_before=other(before),
        us_after=us(after),
        investor_after=other(after),
        today=_("Distributed: %(amount)s") % {"amount": distributed},
        today_short=distributed,
        switch=_("Deemed allocation"),
        end=_("paid out"),
    )
    table = Table(
        _("Split of distributions"),
        (_("Stage"), _("United States"), investor),
        (
            (
                _("Up to the deemed allocation amount"),
                formats.percent(before, 0),
                formats.percent(1 - before, 0),
            ),
            (_("Above it"), formats.percent(after, 0), formats.percent(1 - after, 0)),
        ),
    )
    chart = split_chart(float(before), float(after), words, table)
    if term.document:
        name = term.name_ja if formats.is_japanese() and term.name_ja else term.name
        chart = cited(chart, figures, {term.document.slug: name})
    return ChartWords(
        chart,
        title,
        _(
            "The rule of clause %(clause)s; per investment. The switching point has no published amount"
        )
        % {"clause": term.clause or "?"},
    )


def _facts(figures: Figures) -> list[tuple[str, SafeString | str]]:
    terms = figures.record.terms

    def cited(key: str, words: str) -> SafeString | str:
        term = terms.term(key)
        if term is None:
            return _("not stated")
        return figures.cites.document(words, term.document.slug if term.document else None)

    reference, binding = terms.value("deemed_rate", "reference_rate"), terms.term("binding")
    spread = terms.value("deemed_rate", "spread_bps")
    return [
        (_("Distributed so far"), figures.link("distributed_usd")),
        (
            _("Deemed interest"),
            cited("deemed_rate", _("%(rate)s plus a spread") % {"rate": _rate_name(reference)})
            if reference
            else _("not stated"),
        ),
        (_("The spread"), _("not stated") if spread is None else f"{spread} bp"),
        (_("Vehicle"), cited("vehicle", _("one per investment"))),
        (
            _("Legal force"),
            cited("binding", formats.term_text(binding.value) if binding else _("not stated")),
        ),
    ]


def _rate_name(reference: str) -> str:
    """Return the name of a reference rate; a new one as it was written."""
    return {"six-month SOFR": _("six-month SOFR")}.get(reference, reference)
