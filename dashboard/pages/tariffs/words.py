"""Duties in words: categories, bases, authorities, and what an answer says of a day."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formats
from dashboard.terms import basis_words
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.rates import CHANGES, LAST_DAY, RateBook, RateOn, ScopeRate, Step

AUTHORITIES = (
    ("IEEPA", "a-ie"),
    ("Section 122", "a-122"),
    ("Section 301", "a-301"),
    ("Section 232", "a-232"),
)


def category_name(category: TariffCategory) -> str:
    return category.name_ja or category.name if formats.is_japanese() else category.name


def scope_name(category: TariffCategory, scope: ScopeRate) -> str:
    """Return the category, and the part of it where there is one."""
    name = category_name(category)
    if not scope.scope:
        return name
    words = _("%(category)s: %(part)s")
    return words % {"category": name, "part": formats.said(scope, "scope")}


def authority_words(measure: Measure) -> str:
    """Return the law a measure rests on, without the act that applied it."""
    words = formats.said(measure, "legal_authority")
    return words.split("（" if formats.is_japanese() else " (")[0]


def authority_class(measure: Measure) -> str:
    """Return the class of the strip and the legend for the law a measure rests on."""
    for name, class_ in AUTHORITIES:
        if measure.legal_authority.startswith(name):
            return class_
    return "a-mfn"


def percent_words(rate: RateOn | ScopeRate) -> str:
    """Return a rate; the lowest and highest of its parts where they differ; or why there is none."""
    if rate.rate_percent is not None:
        return formats.rate(rate.rate_percent)
    if isinstance(rate, RateOn) and rate.low is not None and rate.high is not None:
        return f"{formats.rate(rate.low).removesuffix('%')}{formats.DASH}{formats.rate(rate.high)}"
    return formats.short_reason(rate.reason)


def answer_words(rate: RateOn | ScopeRate) -> str:
    """Return a rate with its basis."""
    words = percent_words(rate)
    return words if rate.rate_percent is None else f"{words} {basis_words(rate.basis or '')}"


def what_words(measure: Measure) -> str:
    """Return a measure in words: its goods and its rate."""
    name = measured_goods(measure)
    if measure.rate_percent is None:
        return name
    return f"{name}, {formats.rate(measure.rate_percent)} {basis_words(measure.basis)}"


def step_words(step: Step) -> str:
    """Return what happens to a measure on a day ahead: it begins, changes, or has its last day."""
    if step.kind == CHANGES:
        words = _("%(what)s: %(change)s")
        change = formats.said(step.measure, "step")
        return words % {"what": what_words(step.measure), "change": change}
    words = _("Last day: %(what)s") if step.kind == LAST_DAY else _("Begins: %(what)s")
    return words % {"what": what_words(step.measure)}


def measured_goods(measure: Measure) -> str:
    """Return the goods a measure covers: its category, and the part of it where there is one."""
    name = category_name(measure.category)
    if not measure.scope:
        return name
    words = _("%(category)s: %(part)s")
    return words % {"category": name, "part": formats.said(measure, "scope")}


def days_of(measure: Measure, ends: date) -> int:
    """Return how many days a measure runs, both counted; 0 where its first day is not stated."""
    return (ends - measure.effective_from).days + 1 if measure.effective_from else 0


def ended_words(measure: Measure, ends: date, book: RateBook) -> str:
    """Return a measure that has ended in words: what became of it, and after how many days."""
    days = days_of(measure, ends)
    words = ngettext(
        "%(what)s: %(status)s after %(n)s day", "%(what)s: %(status)s after %(n)s days", days
    )
    status = status_words(book.status(measure))
    return words % {"what": what_words(measure), "status": status, "n": days}


def status_words(status: str) -> str:
    """Return what became of a measure, in a word or two."""
    return {
        "superseded": _("superseded"),
        "superseded_retroactively": _("superseded retroactively"),
        "suspended": _("suspended"),
        "invalidated": _("struck down"),
        "expired": _("expired"),
        "lapsed": _("lapsed"),
    }.get(status, _("ended"))
