"""Watch item 5: comparable commitments of other countries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.written import read_amount, read_day, read_percent
from commitments.models import Term
from dashboard import formats
from dashboard.charts.bands import pledge_row
from dashboard.charts.svg import Markup
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures, in_billions

KEYS = ("target", "components", "horizon", "current_general_rate", "binding", "status")


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
    terms = kept.default_terms(figures.reading.point, KEYS)
    own = figures.reading.commitment.slug
    amounts = {
        slug: amount
        for slug, found in terms.items()
        if "target" in found
        and (slug == own or not found["target"].commitment.illustrative)
        and (amount := read_amount(found["target"].value.get("usd"))) is not None
    }
    highest = max(amounts.values(), default=Decimal(1))
    pledges = [
        _pledge(figures, terms[slug], amount, in_billions(highest))
        for slug, amount in sorted(amounts.items(), key=lambda item: -item[1])
    ]
    return PeerSection(
        heading=heading(len(pledges)),
        sub=_(
            "Not like for like: every pledge counts something else, public credit, cash, "
            "guarantees, purchases, or what companies say they intend."
        ),
        rows=pledges,
    )


def heading(count: int) -> str:
    """Return the heading: how many pledges stand beside each other."""
    return _("%(n)s pledges to the United States, each counted in its own way") % {"n": count}


def _pledge(figures: Figures, terms: dict[str, Term], amount: Decimal, highest: float) -> Pledge:
    target = terms["target"]
    commitment = target.commitment
    name = commitment.investor
    if formats.is_japanese():
        name = commitment.investor_ja or name
    is_own = commitment.slug == figures.reading.commitment.slug
    slug = target.document.slug if target.document else None
    query = "" if commitment.is_default else f"?commitment={commitment.slug}"
    return Pledge(
        name=name,
        is_own=is_own,
        below=_text(terms, "horizon"),
        bar=pledge_row(_segments(terms, amount), highest, is_own=is_own),
        amount=figures.cites.document(formats.money(amount, places=0), slug),
        rate=_rate(terms),
        binding=_text(terms, "binding"),
        address=reverse("overview") + query,
    )


def _segments(terms: dict[str, Term], amount: Decimal) -> list[float]:
    """The parts of a pledge where they add up to it; else the pledge as one."""
    listed = terms["components"].value.get("list", []) if "components" in terms else []
    parts = [read_amount(part.get("amount_usd")) or Decimal(0) for part in listed]
    whole = parts if sum(parts, Decimal(0)) == amount else [amount]
    return [in_billions(part) for part in whole]


def _text(terms: dict[str, Term], key: str) -> str:
    return formats.term_text(terms[key].value) if key in terms else _("not stated")


def _rate(terms: dict[str, Term]) -> str:
    term = terms.get("current_general_rate")
    percent = read_percent(term.value.get("percent")) if term else None
    return formats.rate(percent) if percent is not None else _("not stated")


def term_rows(figures: Figures) -> list[tuple[str, str, SafeString | str]]:
    """Every term of a commitment: its name, its value in words, and its document."""
    rows = []
    for readings in figures.record.terms.readings.values():
        for term in readings:
            name = term.name_ja if formats.is_japanese() and term.name_ja else term.name
            slug = term.document.slug if term.document else None
            source = figures.cites.document(_("Source"), slug) if slug else _("convention")
            rows.append((name, value_words(term.value), source))
    return rows


def value_words(value: Any) -> str:
    """Return a term's value as words: amounts as money, lists with commas, parts named."""
    if not isinstance(value, dict):
        return str(value)
    parts = []
    for key, part in value.items():
        if key in ("usd", "amount_usd") and (amount := read_amount(part)) is not None:
            parts.append(formats.money(amount))
        elif key == "percent" and (percent := read_percent(part)) is not None:
            parts.append(formats.rate(percent))
        elif isinstance(part, list):
            parts.append(", ".join(value_words(p) if isinstance(p, dict) else str(p) for p in part))
        elif isinstance(part, dict):
            parts.append(f"{key}: {value_words(part)}")
        elif key == "date" and (day := read_day(part)) is not None:
            parts.append(formats.day(day))
        elif key == "text":
            parts.append(formats.term_text(value))
        elif key == "text_ja":
            continue
        elif key in ("label", "list"):
            parts.append(str(part))
        else:
            parts.append(f"{key.replace('_', ' ')}: {part}")
    return "; ".join(parts)
