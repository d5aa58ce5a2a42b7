"""The form field for each field of a record, made from its model.

Links are natural keys, completed as they are typed from the register and from
the case itself, so that one case can hold a project and its first step.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.written import read_day
from commitments.models import Claim, Document, Fact, ScaledDecimalField
from commitments.services.register import Keys, kinds, record_fields
from commitments.services.tables import MOST_DIGITS
from dashboard.admin.fields import (
    A_DAY,
    DayField,
    PlainTextField,
    StatesField,
    check_size,
    web_address,
)
from dashboard.admin.forms import LABELS, QUALIFIERS, RANKS
from dashboard.casework import sentence
from dashboard.changes import field_words
from dashboard.claims import aspect_words
from projects.services.decisions import DOCUMENT_KINDS

LONG = {"class": "vLargeTextField", "rows": 3}
WIDE = {"class": "vTextField"}
MOST_CHOICES = 1_000  # suggestions of one list; what is typed may be any key
BLANK_ROWS = 2
MONEY_PLACES = 4  # amounts and claims; rates keep more
UNEVIDENCED = {
    *("closedperiod", "plan", "ruling", "gap", "contradiction", "sectormapping", "stancecoding"),
}
NOT_ASKED_FIRST = {
    ("ledgerentry", "amount"): gettext_lazy("Empty for US dollars."),
    ("ledgerentry", "currency"): gettext_lazy("USD or JPY; empty for US dollars."),
    ("fundingnotice", "received_on"): gettext_lazy(
        "Computed from the instant when that is given; the window is computed from this day."
    ),
    ("claim", "side"): gettext_lazy("Empty: that of the document."),
}
HELP: Mapping[tuple[str, str], Any] = {
    ("document", "kind"): gettext_lazy(
        "A funding notice rests on a funding_notice, cash received on a receipt, "
        "every other payment on a payment_record."
    ),
    ("fundingnotice", "received_at"): gettext_lazy("Empty where only the day is known."),
    ("fundingnotice", "received_zone"): gettext_lazy("As the source gives it, like Asia/Tokyo."),
    ("fundingnotice", "specified_on"): gettext_lazy("The funding date the notice names."),
    ("ledgerentry", "fx_rate"): gettext_lazy("Yen for one US dollar."),
    ("deemedrate", "annual_rate"): gettext_lazy("Benchmark and spread together."),
}
AN_INSTANT = gettext_lazy("Write date, time and offset, like 2026-12-01T09:30:00+09:00.")
AMOUNT = re.compile(r"-?\d+(\.\d{1,4})?")
CHOICES: Mapping[tuple[str, str], Any] = {
    ("claim", "side"): [*Document.Side.choices, ("derived", gettext_lazy("derived"))],
    ("claim", "stated_precision"): Document.Precision.choices,
    ("reaction", "date_precision"): Document.Precision.choices,
    ("ledgerentry", "currency"): [("USD", "USD"), ("JPY", "JPY")],
}
SUGGESTED: Mapping[tuple[str, str], Sequence[str]] = {
    ("document", "kind"): DOCUMENT_KINDS,
    ("claim", "aspect"): [aspect for read in Claim.AMOUNTS.values() for aspect in read],
}
AMOUNTS = (*Claim.AMOUNTS["project"], *Claim.AMOUNTS["financing"])


@dataclass(frozen=True)
class Basket:
    """The records a line may name besides those of the register: the other lines of its case."""

    changes: Sequence[Mapping[str, Any]] = ()

    def keys(self, kind: str) -> list[str]:
        name = kinds()[kind].NATURAL_KEY
        return [str(c["data"].get(name)) for c in self.changes if c["kind"] == kind]


class SuggestedInput(forms.TextInput):
    """A text input that completes what is typed from a list."""

    def __init__(self, suggestions: Iterable[tuple[str, str]], attrs: Any = None) -> None:
        super().__init__(attrs={**WIDE, "autocomplete": "off", **(attrs or {})})
        self.suggestions = list(suggestions)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        attrs = {**(attrs or {}), "list": f"list_{name}"}
        return format_html(
            "{}{}", super().render(name, value, attrs, renderer), datalist(name, self.suggestions)
        )


class RowsInput(SuggestedInput):
    """One text input for each of several values, and two empty ones."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [text.strip() for text in values if text.strip()]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        rows = [*(value or []), *[""] * BLANK_ROWS]
        first = (attrs or {}).get("id", f"id_{name}")
        inputs = format_html_join(
            "",
            '<input type="text" class="vTextField" name="{}" value="{}" list="list_{}" '
            'id="{}" aria-label="{}" autocomplete="off"><br>',
            (
                (name, text, name, first if n == 0 else f"{first}_{n}", f"{self.label} {n + 1}")
                for n, text in enumerate(rows)
            ),
        )
        return format_html("{}{}", inputs, datalist(name, self.suggestions))

    label = ""


def datalist(name: str, suggestions: Iterable[tuple[str, str]]) -> Any:
    options = format_html_join("", '<option value="{}">{}</option>', suggestions)
    return format_html('<datalist id="list_{}">{}</datalist>', name, options)


class KeyField(PlainTextField):
    """The natural key of a record of one kind, in the register or in the same case."""

    def __init__(self, kind: str, basket: Basket, **kwargs: Any) -> None:
        self.kind, self.basket = kind, basket
        kwargs["widget"] = SuggestedInput(_keys_of(kind, basket))
        super().__init__(max_length=140, **kwargs)

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        if not text:
            return None
        check_key(self.kind, text, self.basket)
        return str(text)


class KeysField(forms.Field):
    """Several natural keys, each in an input of its own."""

    def __init__(self, kind: str, basket: Basket, **kwargs: Any) -> None:
        self.kind, self.basket = kind, basket
        super().__init__(widget=RowsInput(_keys_of(kind, basket)), **kwargs)

    def clean(self, value: Any) -> list[str]:
        found: list[str] = super().clean(value) or []
        for key in found:
            check_key(self.kind, key, self.basket)
        return list(dict.fromkeys(found))


def check_key(kind: str, key: str, basket: Basket) -> None:
    """Raise ValidationError when neither the register nor the case holds the key."""
    model = kinds()[kind]
    in_register = model._default_manager.filter(**{model.NATURAL_KEY: key}).exists()
    if not in_register and model is Document:
        in_register = key in Keys().of(Document)
    if not in_register and key not in basket.keys(kind):
        raise forms.ValidationError(
            _("No %(kind)s “%(key)s” is in the register or in this case."),
            params={"kind": model._meta.verbose_name, "key": key[:140]},
        )


def _keys_of(kind: str, basket: Basket) -> list[tuple[str, str]]:
    model = kinds()[kind]
    rows = model._default_manager.order_by("-pk")
    if issubclass(model, Fact):
        rows = rows.heads().filter(withdrawn=False)
    found = [(str(getattr(row, model.NATURAL_KEY)), str(row)) for row in rows[:MOST_CHOICES]]
    return [*((key, _("in this case")) for key in basket.keys(kind)), *found]


class NumberField(PlainTextField):
    """A decimal number as it is stored: digits, a point, as many decimals as the field keeps."""

    def __init__(self, places: int, **kwargs: Any) -> None:
        self.places = places
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "decimal", "class": "vTextField"})
        super().__init__(max_length=24, **kwargs)

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        if not text:
            return None
        decimals = len(text.partition(".")[2])
        if not (text.isascii() and AMOUNT.fullmatch(text)) or decimals > self.places:
            raise forms.ValidationError(
                _number_words(self.places),
                params={"places": self.places},
            )
        check_size(text, MOST_DIGITS)
        return format(Decimal(text), f".{min(self.places, 2)}f") if self.places == 2 else str(text)


class InstantField(PlainTextField):
    """An instant with its offset from UTC."""

    def clean(self, value: Any) -> str | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            found = parse_datetime(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise forms.ValidationError(
                AN_INSTANT,
            )
        return found.isoformat()


class PointsField(PlainTextField):
    """The points of a plan: one line each, a date and the cumulative US dollars."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{p.get('on')} {p.get('amount_usd')}" for p in value)
        return value

    def clean(self, value: Any) -> list[dict[str, str]]:  # type: ignore[override]  # points
        points = []
        for number, line in enumerate((super().clean(value) or "").splitlines(), start=1):
            if line.strip():
                points.append(self._point(number, line))
        days = [p["on"] for p in points]
        if days != sorted(set(days)):
            raise forms.ValidationError(_("The dates must follow one another, each once."))
        return points

    def _point(self, number: int, line: str) -> dict[str, str]:
        day, _gap, amount = line.replace(",", " ").strip().partition(" ")
        on, amount = read_day(day), amount.strip()
        if on is None or not (amount.isascii() and re.fullmatch(r"\d{1,15}(\.\d{1,2})?", amount)):
            raise forms.ValidationError(
                _("Line %(number)s is not a date and an amount, like 2027-06-30 2100000000."),
                params={"number": number},
            )
        return {"on": on.isoformat(), "amount_usd": f"{Decimal(amount):.2f}"}


class WordsField(PlainTextField):
    """A list of short texts with commas or line breaks between."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]  # a list
        parts = re.split(r"[,\n]+", super().clean(value) or "")
        return [part.strip() for part in parts if part.strip()]


class StateCodesField(StatesField):
    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]  # a list
        return list(super().clean(value))


class JsonField(PlainTextField):
    """A value as JSON: an object of names and texts or numbers, never floating point."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            found = json.loads(text, parse_float=_no_float, parse_constant=_no_float)
        except (ValueError, RecursionError):
            raise forms.ValidationError(
                _('Write JSON like {"usd": "550000000000.00"}; decimals stand in quotes.')
            ) from None
        if not isinstance(found, dict | list):
            raise forms.ValidationError(_('Write JSON like {"date": "2029-01-19"}.'))
        return found


def _no_float(text: str) -> Any:
    raise ValueError(text)


def form_field(kind: str, name: str, basket: Basket) -> forms.Field:
    """Return the form field for one field of a record. Its cleaned value is what a record holds."""
    model = kinds()[kind]
    f = record_fields(model)[name]
    optional = f.blank or (kind, name) in NOT_ASKED_FIRST or f.has_default()
    words = _help(kind, name, f)
    given: dict[str, Any] = {
        "label": field_words(model, name),
        "required": not optional,
        "help_text": words,
    }
    if name == "document" and kind not in UNEVIDENCED:
        given["required"] = True
    if f.many_to_many:
        field = KeysField(kind_of(f.related_model), basket, **{**given, "required": False})
        field.widget.label = given["label"]  # type: ignore[attr-defined]  # RowsInput
        return field
    if f.many_to_one or f.one_to_one:
        return KeyField(kind_of(f.related_model), basket, **given)
    return _plain_field(kind, name, f, given)


def amount_aspect_field() -> forms.Field:
    """What of a project or a financing an amount is, of those that the register reads."""
    choices = [(aspect, f"{aspect_words(aspect)} ({aspect})") for aspect in AMOUNTS]
    return forms.ChoiceField(
        choices=[("", "---------"), *choices], label=field_words(Claim, "aspect")
    )


def amount_fields() -> dict[str, forms.Field]:
    """What is asked of the amount of a new financing, which is kept as a claim beside it."""
    signed = aspect_words("amount.signed").capitalize()
    labels = {name: f"{signed}: {LABELS[name]}" for name in ("qualifier", "low", "high")}
    unstated = Claim.Qualifier.NOT_STATED
    found: dict[str, forms.Field] = {
        "amount_qualifier": forms.ChoiceField(
            choices=QUALIFIERS, initial=unstated, required=False, label=labels["qualifier"]
        )
    }
    for end in ("low", "high"):
        found[f"amount_{end}"] = NumberField(2, required=False, label=labels[end])
    found["amount_unit"] = forms.ChoiceField(
        choices=[(unit.value, unit.label) for unit in (Claim.Unit.USD, Claim.Unit.JPY)],
        required=False,
        label=f"{signed}: {field_words(Claim, 'unit')}",
    )
    found["amount_who"] = PlainTextField(
        max_length=200,
        required=False,
        widget=forms.TextInput(WIDE),
        label=f"{signed}: {LABELS['who']}",
    )
    found["amount_rank"] = forms.TypedChoiceField(
        choices=RANKS,
        coerce=int,
        initial=Claim.Rank.PRESS,
        required=False,
        label=f"{signed}: {LABELS['rank']}",
    )
    return found


def _help(kind: str, name: str, f: Any) -> str:
    """What a field holds, and an example that is taken: the words of its error."""
    about = NOT_ASKED_FIRST.get((kind, name)) or HELP.get((kind, name), f.help_text)
    example: Any = ""
    if isinstance(f, models.DateTimeField):
        example = AN_INSTANT
    elif isinstance(f, models.DateField):
        example = A_DAY
    elif isinstance(f, ScaledDecimalField | models.DecimalField):
        places = getattr(f, "places", getattr(f, "decimal_places", 2))
        example = _number_words(places) % {"places": places}
    if not (about and example):
        return str(about or example)
    return f"{sentence(str(about))} {example}"


def _number_words(places: int) -> str:
    if places > MONEY_PLACES:
        return _("Write digits with at most %(places)s decimals, like 152.35 or 0.052.")
    return _("Write digits with at most %(places)s decimals, like 2100000000 or 35.50.")


def _plain_field(kind: str, name: str, f: Any, given: dict[str, Any]) -> forms.Field:
    if name == "points":
        words = _("One line for each point: the date and the cumulative US dollars.")
        return PointsField(widget=forms.Textarea(LONG), **{**given, "help_text": words})
    if name == "states":
        return StateCodesField(max_length=200, **given)
    if isinstance(f, models.JSONField):
        if f.default is list:
            return WordsField(widget=forms.TextInput(WIDE), **given)
        return JsonField(widget=forms.Textarea(LONG), **given)
    if choices := CHOICES.get((kind, name), f.choices):
        blank = [] if given["required"] or f.has_default() else [("", "---------")]
        if isinstance(f, models.IntegerField):
            return forms.TypedChoiceField(choices=[*blank, *choices], coerce=int, **given)
        return forms.ChoiceField(choices=[*blank, *choices], **given)
    if isinstance(f, ScaledDecimalField):
        return NumberField(f.places, **given)
    if isinstance(f, models.DateTimeField):
        return InstantField(max_length=40, widget=forms.TextInput(WIDE), **given)
    if isinstance(f, models.DateField):
        return DayField(**given)
    if isinstance(f, models.BooleanField):
        return forms.BooleanField(**{**given, "required": False})
    if isinstance(f, models.DecimalField):
        return NumberField(f.decimal_places, **given)
    if isinstance(f, models.IntegerField):
        return forms.IntegerField(min_value=0, max_value=2**31 - 1, **given)
    if isinstance(f, models.URLField):
        return web_address(widget=forms.URLInput(WIDE), **given)
    if isinstance(f, models.TextField):
        return PlainTextField(max_length=10_000, widget=forms.Textarea(LONG), **given)
    suggested = SUGGESTED.get((kind, name))
    widget = SuggestedInput([(s, "") for s in suggested]) if suggested else forms.TextInput(WIDE)
    return PlainTextField(max_length=f.max_length, widget=widget, **given)


def kind_of(model: Any) -> str:
    return str(model._meta.model_name)
