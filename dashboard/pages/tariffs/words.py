"""Duties in words: categories, bases, authorities, and what an answer says of a day."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formats
from dashboard.terms import basis_words
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.exposure import Exposure, ExposureLine
from tariffs.selectors.rates import CHANGES, LAST_DAY, RateBook, RateOn, ScopeRate, Step

AUTHORITIES = (
    ("IEEPA", "a-ie"),
    ("Section 122", "a-122"),
    ("Section 301", "a-301"),
    ("Section 232", "a-232"),
    ("Section 201", "a-201"),
    ("EO ", "a-eo"),
    ("HTSUS column 1", "a-mfn"),
)
OTHER_AUTHORITY = "a-un"
RANGE = "a-rng"


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
    return OTHER_AUTHORITY


def legend_words(book: RateBook) -> dict[str, str]:
    """Every class a legend can hold, with its words."""
    return {
        "a-ie": _emergency_powers(book),
        "a-122": _("Section 122, for 150 days"),
        "a-301": _("Section 301"),
        "a-232": _("Section 232"),
        "a-201": _("Section 201"),
        "a-eo": _("Executive order"),
        "a-mfn": _("Ordinary duty"),
        OTHER_AUTHORITY: _("Another authority"),
        RANGE: _("From the lowest to the highest of the parts"),
    }


def _emergency_powers(book: RateBook) -> str:
    """The emergency powers, and the day they were struck down once an act on record says so."""
    days = [
        measure.ended_by.date
        for measures in book.measures.values()
        for measure in measures
        if measure.listed_status == Measure.Listed.INVALIDATED
        and measure.ended_by is not None
        and book.ends_on(measure) is not None
    ]
    if not days:
        return _("Emergency powers (IEEPA)")
    return _("Emergency powers (IEEPA), struck down %(day)s") % {"day": formats.day(max(days))}


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


def whole_days(step: Step) -> int:
    """Return the days from the first of a measure to a step: its last day counts, that of a change does not."""
    changes = timedelta(days=1) if step.kind == CHANGES else timedelta()
    return days_of(step.measure, step.day - changes)


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


def uncompared_words(found: Exposure) -> str:
    """Say which lines are in no sum of extra duty, with their imports; nothing where all are in it."""
    n = len(found.without_comparison)
    if not n:
        return ""
    text = ngettext(
        "%(n)s line has no rate without the agreement on record and is in no sum of extra "
        "duty: %(imports)s of imports.",
        "%(n)s lines have no rate without the agreement on record and are in no sum of extra "
        "duty: %(imports)s of imports.",
        n,
    )
    left = found.imports - found.imports_compared
    return text % {"n": n, "imports": formats.money(left)}


def added_only_words(lines: Sequence[ExposureLine]) -> str:
    """Say how many of the lines of a sum count the added duty only; nothing where none does."""
    n = sum(line.is_added_only for line in lines)
    if not n:
        return ""
    text = ngettext(
        "added duty only in %(n)s of %(all)s line",
        "added duty only in %(n)s of %(all)s lines",
        len(lines),
    )
    return text % {"n": n, "all": len(lines)}
