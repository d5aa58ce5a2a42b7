"""Exact amounts in the database: whole minor units, never floating point."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core import exceptions
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

BIGGEST = 2**63 - 1
NOT_BELOW_ZERO = MinValueValidator(0, gettext_lazy("must not be below zero"))


class ScaledDecimalField(models.Field):
    """A Decimal kept as a 64-bit integer count of 10**-places.

    SQLite rounds its DECIMAL past 15 digits and sums it in floating point;
    an integer column is exact on both databases, and so are its sums. A value
    with more decimals than `places`, or out of range, is refused.
    """

    empty_strings_allowed = False

    def __init__(self, *args: Any, places: int = 4, **kwargs: Any) -> None:
        self.places = places
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs["places"] = self.places
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise exceptions.ValidationError(_("an amount is never a float"))
        given = {"value": value, "places": self.places}
        try:
            number = Decimal(str(value))
        except ArithmeticError as error:
            words = _("“%(value)s” is not a number")
            raise exceptions.ValidationError(words % given) from error
        if not number.is_finite():
            raise exceptions.ValidationError(_("“%(value)s” is not a finite number") % given)
        if -number.as_tuple().exponent > self.places and number != round(number, self.places):  # type: ignore[operator]  # finite: an int
            raise exceptions.ValidationError(
                _("“%(value)s” has more than %(places)s decimals") % given
            )
        if abs(number.scaleb(self.places)) > BIGGEST:
            raise exceptions.ValidationError(_("“%(value)s” is too large to store") % given)
        return number.quantize(Decimal(1).scaleb(-self.places))

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        number = self.to_python(value)
        return None if number is None else int(number.scaleb(self.places))

    def from_db_value(self, value: Any, *_rest: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        defaults = {
            "form_class": forms.DecimalField,
            "decimal_places": self.places,
            "max_digits": 17,
        }
        return super().formfield(**{**defaults, **kwargs})


class MoneyField(ScaledDecimalField):
    """An amount of money in hundredths of its currency's unit.

    The currency stands beside it, or is US dollars where the name ends in
    `_usd`. A yen amount has no decimals; the service that writes it checks that.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["places"] = 2
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["places"]
        return name, path, args, kwargs
