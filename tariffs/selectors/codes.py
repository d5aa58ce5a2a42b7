"""The duty on goods of a tariff code: from the categories that hold it, wholly or in part."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from commitments.calculations.undefined import Reason
from tariffs.calculations.codes import SPECIAL, span_of
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.rates import GENERAL, NOT_STATED, RateBook, RateOn, ScopeRate, scopes_of


def rate_of_code(book: RateBook, digits: str, on: date) -> RateOn:
    """Return the one answer for a tariff code on a day.

    A heading of chapter 99 is that of its measures that hold on the day. Goods pay the rate of
    the category their code lies in wholly, but for what its measures leave out. A code that measures
    name without holding all of it, or that is wider than what they name, pays the rate
    in part: the rest is not told. Of what is not told the measures on goods beside it are
    named, so that the answer for a code holds what those for the codes it holds say.
    """
    whole = _holding(book, digits)
    held = whole or _naming(book, digits)
    if held and digits.startswith(SPECIAL):
        return book.rate(_charging(book, held, digits, on) or held, on, digits=digits)
    near = (*(category.slug for category in _beside(book, digits)), GENERAL)
    nearest = tuple(measure for slug in near for measure in book.standing(slug, on))
    if whole:
        rate = book.rate(whole, on, digits=digits)
        is_told = all(scope.rate_percent is not None for scope in rate.scopes)
        return rate if is_told or rate.nearest else _beside_it(rate, nearest)
    if held:
        return _in_part(book, digits, held, book.rate(held, on, digits=digits), nearest)
    return RateOn(on, NOT_STATED, None, None, Reason.HEADING_NOT_ON_RECORD, (), nearest=nearest)


def _holding(book: RateBook, digits: str) -> tuple[TariffCategory, ...]:
    """The categories a code lies in wholly: by the longest chapter or line that holds it."""
    found = [
        (len(span.first), category)
        for category in book.categories
        for span in map(span_of, category.headings)
        if span.holds(digits)
    ]
    longest = max((length for length, _ in found), default=0)
    return tuple(category for length, category in found if length == longest)


def _naming(book: RateBook, digits: str) -> tuple[TariffCategory, ...]:
    """The categories of which a measure names the code, or some of what it holds."""
    return tuple(
        category
        for category in book.categories
        if any(span_of(heading).meets(digits) for heading in category.headings)
        or any(book.names(measure, digits) for measure in book.measures.get(category.slug, ()))
    )


def _charging(
    book: RateBook, held: Sequence[TariffCategory], digits: str, on: date
) -> tuple[TariffCategory, ...]:
    """The categories of which a measure that names the code holds on a day."""
    return tuple(
        category
        for category in held
        if any(book.names(measure, digits) for measure in book.standing(category.slug, on))
    )


def _beside(book: RateBook, digits: str) -> tuple[TariffCategory, ...]:
    """The categories some goods of a code lie in, or may."""
    return tuple(
        category
        for category in book.categories
        if any(span_of(heading).meets(digits) for heading in category.near_headings)
    )


def _beside_it(rate: RateOn, beside: Sequence[Measure]) -> RateOn:
    """The answer with the measures beside what has no rate, those it rests on left out."""
    near = (measure for measure in (*rate.nearest, *beside) if measure not in rate.authority)
    return replace(rate, nearest=tuple(dict.fromkeys(near)))


def _in_part(
    book: RateBook,
    digits: str,
    held: Sequence[TariffCategory],
    rate: RateOn,
    beside: Sequence[Measure],
) -> RateOn:
    """The answer for a code of which some goods lie outside the categories: these are not told.

    Of a code that one measure names wholly, a part without a rate is these goods already.
    """
    rate = _beside_it(rate, beside)
    if rate.status == NOT_STATED:
        return rate
    scopes = rate.scopes or scopes_of(held[0], rate)
    is_named = any(
        book.names_all(measure, digits)
        for category in held
        for measure in book.measures.get(category.slug, ())
    )
    if not is_named or all(scope.rate_percent is not None for scope in scopes):
        scopes += (ScopeRate(None, "", "", None, None, Reason.HEADING_NOT_ON_RECORD, ()),)
    depends = Reason.DEPENDS_ON_SCOPE
    return replace(
        rate, status=str(depends), rate_percent=None, basis=None, reason=depends, scopes=scopes
    )
