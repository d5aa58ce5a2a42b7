"""What the page of a case shows: its lines in words, what is computed, and what it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from commitments.models import ScaledDecimalField
from commitments.services.cases import RecordChange, changes_shown
from commitments.services.register import Keys, RecordError, build, kinds, record_fields
from dashboard.admin.changes import field_words, kind_words

Changes = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class ShownField:
    """One field of a line, old and new in words."""

    words: str
    old: str
    new: str


@dataclass(frozen=True)
class ComputedField:
    """One field the register computes when the line is recorded."""

    words: str
    value: str


@dataclass(frozen=True)
class ShownChange:
    """One line of a case as a person reads it."""

    words: str
    ref: str
    is_new: bool
    fields: tuple[ShownField, ...]
    computed: tuple[ComputedField, ...] = ()
    line: Mapping[str, Any] | None = field(default=None)


def shown_changes(
    changes: Changes, lines: Sequence[Mapping[str, Any]] | None = None
) -> list[ShownChange]:
    """Return the lines of a case old and new, with where each is edited when that is given."""
    keys = Keys()
    found = []
    for number, (change, shown) in enumerate(zip(changes, changes_shown(changes), strict=True)):
        found.append(
            ShownChange(
                words=kind_words(shown.kind),
                ref=shown.ref,
                is_new=shown.is_new,
                fields=tuple(_fields(shown)),
                computed=tuple(_computed(change, keys)),
                line=lines[number] if lines else None,
            )
        )
    return found


def _fields(shown: RecordChange) -> Iterable[ShownField]:
    model = kinds()[shown.kind]
    for f in shown.fields:
        old, new = (value_words(model, f.name, value) for value in (f.old, f.new))
        yield ShownField(field_words(model, f.name), old, new)


def value_words(model: Any, name: str, value: Any) -> str:
    """Return a value of a record in words: choices by their label, amounts with separators."""
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    f = record_fields(model).get(name)
    if f is not None and f.choices:
        return str(dict(f.choices).get(value, value))
    if f is not None and isinstance(f, ScaledDecimalField) and value is not None:
        number = f.to_python(str(value))
        return f"{number:,.2f}" if number is not None else "–"
    if name == "points" and isinstance(value, list):
        return "; ".join(f"{p.get('on')} {p.get('amount_usd')}" for p in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{k}: {v}" for k, v in value.items())
    return str(value)


def _computed(change: Mapping[str, Any], keys: Keys) -> Iterable[ComputedField]:
    """What the register would compute for a line, where all it names is on record."""
    model = kinds()[change["kind"]]
    names = sorted(getattr(model, "COMPUTED", ()))
    if not names or change["kind"] == "ledgerentry":
        return
    try:
        instance, _links = build(model, change["data"], keys)
    except RecordError:
        return
    for name in names:
        value = getattr(instance, name)
        if isinstance(value, date | datetime | str | int):
            yield ComputedField(field_words(model, name), str(value))
