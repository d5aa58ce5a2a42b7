"""Form fields that take what people paste and refuse what cannot be meant."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from commitments.calculations.plain_text import without_controls
from commitments.calculations.written import DAY
from dashboard.charts.usmap import outlines
from dashboard.points import is_key

DOLLARS = re.compile(r"\d+(\.\d{1,2})?")
MOST_DIGITS = 13
ISO = "%Y-%m-%d"
A_DAY = _("Write year, month and day, like 2026-12-01.")


class Chooser(AutocompleteSelect):
    """A choice that completes what is typed; what cannot be a row is shown as no choice."""

    def __init__(self, model: Any, field: str) -> None:
        super().__init__(model._meta.get_field(field), admin.site)

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if not v or is_key(v)], attrs)


class PlainTextField(forms.CharField):
    """Text as text: what could hide or turn its reading round is taken out."""

    def to_python(self, value: Any) -> str:
        return super().to_python(without_controls(str(value or "").replace("\r\n", "\n")))


class DayField(forms.DateField):
    """A day as ISO 8601 writes it, in any language: 11/12/2026 is another day in another country."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", A_DAY)
        super().__init__(
            widget=AdminDateWidget(format=ISO),
            input_formats=[ISO],
            error_messages={"invalid": A_DAY},
            **kwargs,
        )

    def strptime(self, value: str, format: str) -> date:
        if not DAY.fullmatch(value):
            raise ValueError(value)
        return date.fromisoformat(value)


class DollarField(forms.CharField):
    """An amount of US dollars: digits, at most two decimals, nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "decimal", "class": "vTextField"})
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Decimal | None:  # type: ignore[override]  # an amount, not text
        text = super().clean(value)
        if not text:
            return None
        if not (text.isascii() and DOLLARS.fullmatch(text)):
            raise forms.ValidationError(
                _("Write whole US dollars with at most two decimals, like 2100000000 or 35.50.")
            )
        check_size(text, MOST_DIGITS)
        return Decimal(text)


def check_size(text: str, most: int) -> None:
    """Raise ValidationError for a number of more digits before its point than are kept."""
    if len(text.partition(".")[0].lstrip("-0")) > most:
        raise forms.ValidationError(
            _("This is too large: at most %(most)s digits before the point are kept."),
            params={"most": most},
        )


class SlugNameField(forms.CharField):
    """A readable name that never changes: small letters, digits and hyphens."""

    def __init__(self, *, prefixes: tuple[str, ...], **kwargs: Any) -> None:
        start = "|".join(map(re.escape, prefixes))
        shape = RegexValidator(
            rf"^({start})[a-z0-9]+(-[a-z0-9]+)*\Z",
            _("Begin with %(prefixes)s, then small letters, digits and single hyphens.")
            % {"prefixes": " / ".join(prefixes)},
        )
        super().__init__(max_length=80, validators=[shape], **kwargs)


class StatesField(forms.CharField):
    """Postal codes of US states with commas between; more than one is not split."""

    def clean(self, value: Any) -> tuple[str, ...]:  # type: ignore[override]  # codes, not text
        text = super().clean(value)
        codes = tuple(dict.fromkeys(code for code in re.split(r"[\s,]+", text.upper()) if code))
        unknown = [code for code in codes if code not in outlines()]
        if unknown:
            raise forms.ValidationError(
                _("No US state has the postal code %(codes)s."),
                params={"codes": ", ".join(unknown)[:60]},
            )
        return codes


def web_address(**kwargs: Any) -> forms.URLField:
    """Return a field for an http or https address."""
    field = forms.URLField(max_length=1000, assume_scheme="https", **kwargs)
    field.validators = [URLValidator(schemes=["http", "https"])]
    return field
