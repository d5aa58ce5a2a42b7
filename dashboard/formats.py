"""Numbers and days as people read them, in English and Japanese.

One formatter for money: `money(value, style=...)`. Rounding is half-even and
happens here and nowhere before.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds

BILLION, MILLION = Decimal(10) ** 9, Decimal(10) ** 6
MAN, OKU, CHO = Decimal(10) ** 4, Decimal(10) ** 8, Decimal(10) ** 12
MINUS, DASH = "−", "–"
COARSE = {
    "week": gettext_lazy("week of %(day)s"),
    "approximate": gettext_lazy("about %(day)s"),
    "reported": gettext_lazy("reported %(day)s"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_japanese() -> bool:
    return (get_language() or "en").startswith("ja")


def said(row: Any, name: str) -> str:
    """Return a text of the register in the reader's language."""
    english: str = getattr(row, name)
    if not is_japanese():
        return english
    return getattr(row, f"{name}_ja") or said_as_written(english)


def said_name(row: Any, name: str) -> str:
    """Return a name as plain text in the reader's language: Japanese where it has one."""
    english: str = getattr(row, name)
    return (getattr(row, f"{name}_ja") or english) if is_japanese() else english


def said_note(fact: Any, day: date) -> str:
    """Return the note of a fact in the reader's language; empty on a day before the one it speaks from."""
    return said(fact, "note") if fact.note_at(day) else ""


def said_as_written(english: str) -> str:
    """Return a text that has no Japanese: English, marked as such for screen readers."""
    if not english:
        return ""
    return format_html('<span lang="en">{}</span>', english) if is_japanese() else english


def said_title(document: Any) -> str:
    """Return the title of a document, in English, marked where it is not verified."""
    words = said_as_written(document.title)
    return unverified(words) if document.recalls("title") else words


def term_text(value: Mapping[str, Any] | None) -> str:
    """Return the words of a term in the reader's language; empty where it has none."""
    value = value or {}
    english = str(value.get("text", ""))
    if not is_japanese() or not english:
        return english
    return value.get("text_ja") or said_as_written(english)


def gap() -> str:
    """Return what parts two sentences, or a sentence and a link: nothing in Japanese."""
    return "" if is_japanese() else " "


def joined(sentences: Iterable[str]) -> SafeString:
    """Return sentences as one text, parted as the reader's language parts them."""
    return format_html_join(gap(), "{}", ((sentence,) for sentence in sentences))


def rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def plain(number: Decimal, places: int = 1) -> str:
    """Return digits with thousands separators and a true minus sign."""
    value = rounded(number, places)
    if value == 0:
        value = abs(value)
    return f"{value:,}".replace("-", MINUS)


def money(value: Decimal, currency: str = "USD", *, style: str = "short", places: int = 1) -> str:
    """Return an amount in words: `$78.4bn` short, `$78.4 billion` in prose, `784億ドル`.

    Below a million dollars or yen single units: `$600,000`, `12,345ドル`, cents below 1,000
    (`$2.50`). To ten million a tenth of a million unless whole (`$2.9m`, `$3m`), from there
    `$620m` below a billion. Japanese has whole 万 below one 億 (`290万ドル`), 億 below a
    trillion and 兆 from it. Each is judged after rounding. Yen: `¥340bn`, `3,400億円`.
    With two places a tenth of 億 is shown of any amount, as a hundredth of a billion is.
    """
    if is_japanese():
        return _money_ja(value, currency, places)
    sign, amount = (MINUS, -value) if value < 0 else ("", value)
    symbol = {"USD": "$", "JPY": "¥"}[currency]
    if amount and rounded(amount, 0) < MILLION:
        return f"{sign}{symbol}{_single(amount)}"
    if amount and rounded(amount / MILLION, 0) < 1000:
        shown = 1 if amount < 10 * MILLION else 0
        digits, unit = plain(amount / MILLION, shown).removesuffix(".0"), ("m", " million")
    else:
        digits, unit = plain(amount / BILLION, places), ("bn", " billion")
        if style == "prose" and amount % BILLION == 0:
            digits = plain(amount / BILLION, 0)
    return f"{sign}{symbol}{digits}{unit[1] if style == 'prose' else unit[0]}"


def _money_ja(value: Decimal, currency: str, places: int) -> str:
    sign, amount = (MINUS, -value) if value < 0 else ("", value)
    unit = {"USD": "ドル", "JPY": "円"}[currency]
    oku = amount / OKU
    if amount and rounded(amount, 0) < MILLION:
        return f"{sign}{_single(amount)}{unit}"
    if amount and rounded(amount / MAN, 0) < 10_000:
        return f"{sign}{plain(amount / MAN, 0)}万{unit}"
    whole = rounded(oku, 1) % 1 == 0 or (places < 2 and rounded(oku, 1) >= 100)
    shown = 0 if whole else 1
    if rounded(oku, shown) >= 10_000:
        cho = rounded(amount / CHO, 1)
        digits = f"{cho:,}".removesuffix(".0")
        return f"{sign}{digits}兆{unit}"
    return f"{sign}{plain(oku, shown)}億{unit}"


def _single(amount: Decimal) -> str:
    """Digits of an amount in single units; below a thousand to the cent where it has cents."""
    return plain(amount, 2).removesuffix(".00") if amount < 1000 else plain(amount, 0)


def exact_dollars(amount: Decimal) -> str:
    """Return US dollars to the cent: `$1,078,431,372.55`, `−$300.00`, `−300.00ドル`."""
    if is_japanese():
        return f"{plain(amount, 2)}ドル"
    return f"{MINUS if amount < 0 else ''}${plain(abs(amount), 2)}"


def nothing() -> str:
    """Return the zero of a rung on which nothing is published."""
    return "0ドル" if is_japanese() else "$0.00"


def money_range(
    bounds: Bounds, currency: str = "USD", *, style: str = "short", places: int = 1
) -> str:
    """Return a range that stays a range: `$35.7–36.0bn`, `up to $73.0bn`, `over ¥340bn`."""
    low, high = bounds.low, bounds.high
    if low is None and high is None:
        return _("not stated")
    if low is None:
        return _("up to %(amount)s") % {
            "amount": money(high or Decimal(0), currency, style=style, places=places)
        }
    if high is None:
        return _("over %(amount)s") % {"amount": money(low, currency, style=style, places=places)}
    if low == high:
        return money(low, currency, style=style, places=places)
    begin = money(low, currency, places=places)
    end = money(high, currency, places=places)
    words = _joined(begin, end, "〜" if is_japanese() else DASH)
    return re.sub("(?<=[0-9])bn$", " billion", words) if style == "prose" else words


def about(words: str) -> str:
    """Return an amount that a document gives as about so much."""
    return _("about %(amount)s") % {"amount": words}


def about_where(is_approximate: bool, words: str, bounds: Bounds) -> str:
    """Return a single amount as about so much where a document gives it so.

    A range says by itself that the amount is not exact.
    """
    return about(words) if is_approximate and bounds.value is not None else words


def _joined(begin: str, end: str, dash: str) -> str:
    """Two amounts with a dash: one currency sign, and one unit where both share it."""
    split = re.compile(r"(?P<sign>−?[$¥]?)(?P<digits>[\d.,]+)(?P<unit>.*)")
    first, last = split.fullmatch(begin), split.fullmatch(end)
    if begin == end or not first or not last:
        return begin if begin == end else f"{begin}{dash}{end}"
    if first["sign"] != last["sign"] or first["unit"] != last["unit"]:
        return f"{begin}{dash}{end}"
    return f"{first['sign']}{first['digits']}{dash}{last['digits']}{last['unit']}"


def billions(bounds: Bounds, places: int = 1) -> str:
    """Return a range without the unit, for table cells under a head that names it: see `cell`."""
    low, high = bounds.low, bounds.high
    if low is None and high is None:
        return _("not stated")
    if low is None:
        return _("up to %(amount)s") % {"amount": cell(high or Decimal(0), places)}
    if high is None:
        return _("over %(amount)s") % {"amount": cell(low, places)}
    if low == high:
        return cell(low, places)
    return f"{cell(low, places)}{DASH}{cell(high, places)}"


def cell(amount: Decimal, places: int = 1) -> str:
    """Return the digits of an amount in billions; in Japanese in 億, with a digit less behind the point."""
    if is_japanese():
        return plain(amount / OKU, max(places - 1, 0))
    return plain(amount / BILLION, places)


def percent(fraction: Decimal, places: int = 1) -> str:
    return f"{plain(fraction * 100, places)}%"


def percent_range(bounds: Bounds, places: int = 1) -> str:
    """Return a share range; bounds equal at the shown precision are printed once."""
    low, high = bounds.low, bounds.high
    if low is None and high is None:
        return _("not stated")
    if low is None:
        return _("up to %(amount)s") % {"amount": percent(high or Decimal(0), places)}
    if high is None:
        return _("over %(amount)s") % {"amount": percent(low, places)}
    begin, end = percent(low, places), percent(high, places)
    return begin if begin == end else f"{begin.removesuffix('%')}{DASH}{end}"


def rate(number: Decimal) -> str:
    """Return a duty or a rate in percent without needless zeros: 12.5%, 15%."""
    return f"{number.normalize():f}%".replace("-", MINUS)


def day(value: date | None) -> str:
    """Return a day: 17 Feb 2026, 2026年2月17日; an en dash for none."""
    if value is None:
        return DASH
    if is_japanese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def coarse_day(value: date | None, precision: str, *, is_recalled: bool = False) -> str:
    """Return a date as exactly as it is known: 3 Jun 2026, week of 8 Sep 2025, Nov 2025, 2025.

    A day that rests on general knowledge is marked unverified.
    """
    words = day(value)
    if value is None:
        return words
    if precision in ("month", "month_unverified", "year"):
        words = _month(value) if precision != "year" else _year(value)
    elif precision in COARSE:
        words = str(COARSE[precision]) % {"day": words}
    return unverified(words) if is_recalled or precision == "month_unverified" else words


def own_day(fact: Any) -> str:
    """Return the day of a reaction or a claim as exactly as it is known."""
    name, precision = fact.OWN_DATE
    return coarse_day(getattr(fact, name), getattr(fact, precision), is_recalled=fact.recalls(name))


def machine_day(value: date, precision: str) -> str:
    """Return a date for machines, no finer than it is known: 2026-06-03, 2025-11, 2025."""
    kept = {"month": 7, "month_unverified": 7, "year": 4}.get(precision)
    return value.isoformat()[:kept]


def unverified(words: str) -> str:
    """Mark words that rest on general knowledge."""
    return _marked(_("{words} (unverified)"), words)


def marked(words: str, *, is_recalled: bool, is_derived: bool) -> str:
    """Mark words that rest on general knowledge, and what no document states but was worked out."""
    if is_recalled:
        words = unverified(words)
    return _marked(_("{words} (derived)"), words) if is_derived else words


def _marked(mark: str, words: str) -> str:
    is_safe = isinstance(words, SafeString)
    return format_html(mark, words=words) if is_safe else mark.format(words=words)


def _month(value: date) -> str:
    if is_japanese():
        return f"{value.year}年{value.month}月"
    return f"{MONTHS[value.month - 1]} {value.year}"


def _year(value: date) -> str:
    return f"{value.year}年" if is_japanese() else str(value.year)


def long_day(value: date) -> str:
    """Return a day in prose: 19 January 2029."""
    if is_japanese():
        return day(value)
    return f"{value.day} {value:%B} {value.year}"


def reason(code: str | None) -> str:
    """Return why a figure has no value, in words."""
    return {
        "not_recorded_yet": _("The register held nothing at that moment."),
        "before_agreement": _("The day lies before the agreement."),
        "not_computed_yet": _(
            "No forecast is stored for this point. One is computed after every posting and every month."
        ),
        "not_kept_for_day": _(
            "No forecast was kept for that day, as known then. Forecasts are drawn on their own day, never for one gone by."
        ),
        "not_kept_by_publication": _(
            "Forecasts are kept for what the register held, not for what was public by a day."
        ),
        "not_stated": _("No document on record states it."),
        "no_projects": _("No project of this commitment is followed here."),
        "deadline_passed": _("The deadline has passed."),
        "too_few_forecasts": _(
            "Forecasts of fewer than eight days are scored: counts are told and no verdict."
        ),
        "no_observations": _("Nothing is on record yet that it could be computed from."),
        "too_short": _("Fewer than 30 days of payments are on record."),
        "rate_not_positive": _("Nothing moved on balance over the period."),
        "zero_plan": _("Nothing was planned by that day."),
        "before_start": _("The day lies before the start."),
        "zero_progress": _("No progress is on record, so no finish follows from it."),
        "not_within_horizon": _("It would lie after the year 2100."),
        "zero_total": _("The total it would be a share of is zero."),
        "scope_not_defined": _("It is defined for another scope only."),
        "depends_on_scope": _(
            "It depends on the part of the category: each has a rate of its own."
        ),
        "mfn_not_on_record": _("The ordinary duty is not on record: the added duty only."),
        "no_measure_on_record": _(
            "No measure on record covers the day. The general rate or an exception may apply."
        ),
        "heading_not_on_record": _(
            "No category on record holds this code. The general rate or an exception may apply."
        ),
        "step_not_stated": _("The rate steps to another that no document on record states."),
        "measures_overlap": _("Measures on record contradict each other for the day."),
        "own_target": _(
            "Its target is the amount selected itself: none stands apart from it to be measured by."
        ),
        "no_sign_change": _("Money went one way only, so no rate of return follows."),
        "no_root": _("No rate of return fits these payments."),
        "one_coding": _("One coding so far: no agreement to measure."),
        "one_label": _("Every coding gave the same label: chance leaves nothing to measure."),
    }.get(code or "", code or "")


def short_reason(code: str | None) -> str:
    """Return the reason in two or three words, for a cell."""
    return {
        "not_recorded_yet": _("not recorded yet"),
        "before_agreement": _("before the agreement"),
        "not_computed_yet": _("not computed yet"),
        "not_kept_for_day": _("not kept for that day"),
        "not_kept_by_publication": _("not kept so"),
        "not_stated": _("not stated"),
        "no_projects": _("no projects followed"),
        "deadline_passed": _("deadline passed"),
        "too_few_forecasts": _("too few forecasts"),
        "no_observations": _("no payments yet"),
        "too_short": _("under 30 days"),
        "rate_not_positive": _("no net payment"),
        "zero_plan": _("nothing planned"),
        "before_start": _("before the start"),
        "zero_progress": _("no progress yet"),
        "not_within_horizon": _("after 2100"),
        "zero_total": _("total is zero"),
        "scope_not_defined": _("not defined here"),
        "depends_on_scope": _("depends on the part"),
        "mfn_not_on_record": _("added duty only"),
        "no_measure_on_record": _("no measure"),
        "heading_not_on_record": _("code not held"),
        "step_not_stated": _("stepped, not stated"),
        "measures_overlap": _("contradicting"),
        "own_target": _("does not apply"),
        "no_sign_change": _("money went one way"),
        "no_root": _("no rate fits"),
        "one_coding": _("one coding so far"),
        "one_label": _("one label only"),
    }.get(code or "", code or "")
