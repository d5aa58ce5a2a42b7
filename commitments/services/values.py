"""One value of a record, judged by its shape before its field reads it.

Fields of the framework turn a list into words and a fraction into a whole
number; a record's values mean what they say, or are refused.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.written import DAY, FIRST_YEAR, LAST_YEAR
from commitments.models import ScaledDecimalField

# Control characters but tab and line breaks, zero-width characters and those that turn the
# direction of writing: nobody sees them, and Postgres keeps no NUL.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)

SHOWN = 60  # characters of what is refused
PLAIN: tuple[tuple[Any, re.Pattern[str], Any], ...] = (
    (
        (models.DecimalField, ScaledDecimalField),
        re.compile(r"-?[0-9]+(\.[0-9]+)?"),
        gettext_lazy("“%(value)s” is no plain number like 1234.50: digits and one point only"),
    ),
    (
        models.IntegerField,
        re.compile(r"-?[0-9]+"),
        gettext_lazy("“%(value)s” is no plain whole number like 45"),
    ),
    (models.DateField, DAY, gettext_lazy("“%(value)s” is not a day like 2026-02-28")),
)
"""The one way in which numbers and days are written, though their fields read more."""


def value_of(field: Any, written: Any) -> Any:
    """Return what a field keeps for a written value. Raise ValidationError saying what is wrong."""
    if written is None:
        # one that may not be blank is judged later, for it may still be computed
        if field.blank and not field.null:
            raise ValidationError(_("cannot be null"))
        return None
    if isinstance(written, float):
        raise ValidationError(_("a number with a fraction is written as words, like “12.5”"))
    if isinstance(field, (models.CharField, models.TextField)) and not isinstance(written, str):
        raise ValidationError(_("must be words"))
    if isinstance(field, models.DateField) and not isinstance(written, (str, date)):
        raise ValidationError(_("must be a day like 2029-01-19"))
    if isinstance(field, models.JSONField):
        _check_shape(field, written)
    for text in _texts(written):
        if found := UNSEEN.search(text):
            words = _("holds a character nobody sees, %(code)s")
            raise ValidationError(words % {"code": f"U+{ord(found[0]):04X}"})
    value = field.to_python(written)
    _check_plain(field, written)
    if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        words = _("lies outside the years %(first)s to %(last)s")
        raise ValidationError(words % {"first": FIRST_YEAR, "last": LAST_YEAR})
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValidationError(_("needs an offset, as in 2026-11-22T09:00:00+09:00"))
    return value


def _check_plain(field: Any, written: Any) -> None:
    if isinstance(field, models.DateTimeField):
        return
    for classes, shape, words in PLAIN:
        if isinstance(field, classes) and isinstance(written, (str, bool)):
            text = str(written)
            if not shape.fullmatch(text):
                raise ValidationError(words % {"value": text[:SHOWN]})


def _check_shape(field: Any, written: Any) -> None:
    """Hold a field that begins as an empty list or object to that."""
    words = isinstance(written, list) and all(isinstance(item, str) for item in written)
    if field.default is list and not words:
        raise ValidationError(_("must be a list of words"))
    if field.default is dict and not isinstance(written, dict):
        raise ValidationError(_("must be an object"))


def _texts(written: Any) -> Iterator[str]:
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict):
        for name, part in written.items():
            yield name
            yield from _texts(part)
    elif isinstance(written, list):
        for part in written:
            yield from _texts(part)
