"""Watch item 5: comparable commitments of other countries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.written import read_amount
from commitments.models import Term
from dashboard import formats
from dashboard.charts.bands import pledge_row
from dashboard.charts.svg import Markup
from dashboard.compare import announced_terms
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.tariffs.words import answer_words
from dashboard.terms import marked
from tariffs.selectors.rates import GENERAL_RATE, RateOn

KEYS = ("target", "announced", "components", "horizon", GENERAL_RATE, "binding", "status")


@dataclass(frozen=True)
class Pledge:
    name: str
    is_own: bool
    below: str
    bar: Markup
    amount: SafeString | str
    rate: str
    binding: str
    address: str


@dataclass(frozen=True)
class PeerSection:
    heading: str
    sub: str
    rows: list[Pledge]


def section(figures: Figures) -> PeerSection:
    """Headline pledges beside each other, with a warning that they are not alike."""
    point = figures.reading.point
    terms = announced_terms(kept.default_terms(point, KEYS), figures.reading.commitment)
    rates = kept.general_rates(point, KEYS)
    amounts = {
        slug: read_amount((_value(found, "target") or {}).get("usd"))
        for slug, found in terms.items()
    }
    highest = max((amount for amount in amounts.values() if amount), default=Decimal(1))
    pledges = [
        _pledge(figures, terms[slug], amount, rates[slug], highest=in_billions(highest))
        for slug, amount in sorted(amounts.items(), key=lambda item: -(item[1] or 0))
    ]
    return PeerSection(
        heading=heading(sum(not _stated(held).commitment.illustrative for held in terms.values())),
        sub=_(
            "Not like for like: every pledge counts something else, public credit, cash, "
            "guarantees, purchases, or what companies say they intend."
        ),
        rows=pledges,
    )


def heading(count: int) -> str:
    """Return the heading: how many pledges of countries, fictional ones not counted."""
    return _("%(n)s pledges to the United States, each counted in its own way") % {"n": count}


def _pledge(
    figures: Figures,
    terms: dict[str, Term],
    amount: Decimal | None,
    rate: RateOn,
    *,
    highest: float,
) -> Pledge:
    target = _stated(terms)
    commitment = target.commitment
    name = commitment.investor
    if formats.is_japanese():
        name = commitment.investor_ja or name
    is_own = commitment.slug == figures.reading.commitment.slug
    slug = target.document.slug if target.document else None
    query = "" if commitment.is_default else f"?commitment={commitment.slug}"
    words = _("not stated") if amount is None else marked(formats.money(amount, places=0), target)
    return Pledge(
        name=name,
        is_own=is_own,
        below=_text(terms, "horizon"),
        bar=pledge_row(_segments(terms, amount or Decimal(0)), highest, is_own=is_own),
        amount=figures.cites.document(words, slug),
        rate=_("not stated") if rate.low is None else answer_words(rate),
        binding=_text(terms, "binding"),
        address=reverse("overview") + query,
    )


def _stated(terms: dict[str, Term]) -> Term:
    """The term that states a pledge: its amount, else its announcement."""
    return terms.get("target") or terms["announced"]


def _segments(terms: dict[str, Term], amount: Decimal) -> list[float]:
    """The parts of a pledge where they add up to it; else the pledge as one."""
    listed = terms["components"].value.get("list", []) if "components" in terms else []
    parts = [read_amount(part.get("amount_usd")) or Decimal(0) for part in listed]
    whole = parts if sum(parts, Decimal(0)) == amount else [amount]
    return [in_billions(part) for part in whole]


def _value(terms: dict[str, Term], key: str) -> dict[str, Any] | None:
    return terms[key].value if key in terms else None


def _text(terms: dict[str, Term], key: str) -> str:
    return formats.term_text(_value(terms, key)) or _("not stated")
