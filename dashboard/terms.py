"""What a term of an agreement says, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from commitments.calculations.written import read_amount, read_day, read_percent, read_shares
from commitments.models import Term
from commitments.selectors import Terms
from dashboard import formats
from projects.selectors.returns import Convention
from tariffs.models import Basis

CONVENTION_TERMS = ("interest_convention", "capitalisation", "tier1_credit")


def term_words(value: Mapping[str, Any] | str) -> str:
    """Return the value of a term in words: its own text, else what its parts mean.

    A part that has no words here is shown as it was written, with its name.
    """
    if not isinstance(value, Mapping):
        return str(value)
    if value.get("text"):
        said = [formats.term_text(value)]
        if (day := read_day(value.get("date"))) is not None:
            said.append(_("on record for %(day)s") % {"day": formats.day(day)})
        return ("；" if formats.is_japanese() else "; ").join(said)
    known = {
        "usd": _amount_words,
        "percent": _percent_words,
        "date": _day_words,
        "business_days": _window_words,
        "calendar": _calendar_words,
        "rung": _rung_words,
        "before": _split_words,
        "list": _list_words,
    }
    for name, words in known.items():
        if name in value:
            return words(value)
    return "; ".join(f"{name.replace('_', ' ')}: {part}" for name, part in value.items())


def said_term(term: Term) -> str:
    """Return what a term says, marked where it rests on general knowledge or is derived."""
    return marked(term_words(term.value), term)


def marked(words: str, *terms: Term | None) -> str:
    """Return words drawn from terms, marked where one rests on general knowledge or is derived."""
    stated = [term for term in terms if term is not None]
    return formats.marked(
        words,
        is_recalled=any(term.recalls("value") for term in stated),
        is_derived=any(term.derives("value") for term in stated),
    )


def convention_lines(terms: Terms, convention: Convention) -> list[tuple[str, str]]:
    """How deemed interest and the first tier are read, term by term: its name and what it says.

    Of a term with several readings, the one the convention follows.
    """
    chosen = {"capitalise": convention.capitalise, "credit": str(convention.reading)}
    lines = []
    for key in CONVENTION_TERMS:
        readings = terms.readings.get(key, ())
        followed = (
            t for t in readings if not any(t.value.get(p, v) != v for p, v in chosen.items())
        )
        if (term := next(followed, None)) is not None:
            lines.append((formats.said_name(term, "name"), said_term(term)))
    return lines


def basis_words(basis: str) -> str:
    """Return how a duty is meant: in place of the ordinary one, or on top of it."""
    words: dict[str, str] = {
        Basis.ADDITIONAL: _("added"),
        Basis.ALL_IN: _("all-in"),
        Basis.MFN_ONLY: _("ordinary"),
        Basis.EXEMPT: _("exempt"),
    }
    return words.get(basis, basis)


def rate_words(value: Mapping[str, Any] | None) -> str:
    """Return a written duty with its basis: `12.5% all-in`; not stated where none is written."""
    percent = read_percent((value or {}).get("percent"))
    if value is None or percent is None:
        return _("not stated")
    return f"{formats.rate(percent)} {basis_words(str(value.get('basis', '')))}".strip()


def _amount_words(value: Mapping[str, Any]) -> str:
    amount = read_amount(value["usd"])
    if amount is None:
        return str(value["usd"])
    words = formats.money(amount)
    return _("up to %(amount)s") % {"amount": words} if value.get("label") == "up_to" else words


def _percent_words(value: Mapping[str, Any]) -> str:
    return rate_words(value)


def _day_words(value: Mapping[str, Any]) -> str:
    day = read_day(value["date"])
    return formats.day(day) if day else str(value["date"])


def _window_words(value: Mapping[str, Any]) -> str:
    days = {"n": value["business_days"]}
    if value.get("nature") == "latest":
        return _("within %(n)s business days after the notice") % days
    return _("not earlier than %(n)s business days after the notice") % days


def _calendar_words(value: Mapping[str, Any]) -> str:
    return {
        "joint": _("days on which neither Japan’s banks nor the Federal Reserve are closed"),
        "japan": _("days on which Japan’s banks are open"),
        "fed": _("days on which the Federal Reserve is open"),
    }.get(str(value["calendar"]), str(value["calendar"]))


def _rung_words(value: Mapping[str, Any]) -> str:
    return {
        "selected": _("Selected"),
        "signed": _("Signed"),
        "noticed": _("Noticed"),
        "funded": _("Funded"),
        "disbursed": _("Disbursed"),
        "distributed": _("Distributed"),
    }.get(str(value["rung"]), str(value["rung"]))


def _split_words(value: Mapping[str, Any]) -> str:
    before, after = _shares(value.get("before")), _shares(value.get("after"))
    if before == after:
        return _("%(shares)s throughout") % {"shares": before}
    return _("%(before)s until the deemed allocation is paid out, then %(after)s") % {
        "before": before,
        "after": after,
    }


def _shares(written: Any) -> str:
    shares = read_shares(written) or {}
    names = {"us": _("the United States"), "japan": _("Japan")}
    sides = sorted(shares, key=lambda side: side == "us")
    words = (f"{names.get(side, side)} {formats.percent(shares[side], 0)}" for side in sides)
    return ("・" if formats.is_japanese() else ", ").join(words)


def _list_words(value: Mapping[str, Any]) -> str:
    return ", ".join(
        ": ".join(str(part) for part in item.values()) if isinstance(item, dict) else str(item)
        for item in value["list"]
    )
