"""One form per kind of record, made from the model: what a case may change, field by field.

A form asks what `record_fields` allows; what the register computes is not asked.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.text import slugify
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.models import Claim, Commitment, Document, Fact
from commitments.services.cases import keys_in_open_cases, line_refusals, stored_records
from commitments.services.register import filled_by, kinds, record_fields
from dashboard.admin.fields import PlainTextField
from dashboard.admin.record_fields import (
    AMOUNTS,
    LONG,
    Basket,
    KeyField,
    amount_aspect_field,
    amount_fields,
    form_field,
)
from dashboard.casework import refusal_words, sentence
from dashboard.changes import AMOUNT, REVERSAL, Change, field_words
from projects.models import LedgerEntry
from projects.services.decision_records import amount_claim, as_fictional, said_of
from projects.services.decisions import amount_problems
from projects.services.notices import day_of_receipt

KEPT = {"withdrawn", "derived_fields", "recalled_fields"}  # carried over from what is corrected
LAST = ("document", "locator", "published_on", "confidence", "note", "note_ja")


class RecordForm(forms.Form):
    """The fields of one record of a case. `record` holds it once the form is valid.

    With `stored` it corrects a record of the register: its key stays, and what
    the form does not ask is kept. A new financing is asked its amount as well,
    which `beside` holds as the claim that the register reads it from.
    """

    def __init__(
        self,
        *args: Any,
        change: Change,
        basket: Basket,
        stored: Mapping[str, Any] | None = None,
        may_force: bool = False,
        asks_amount: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.change, self.basket, self.stored = change, basket, stored
        self.may_force = may_force
        self.model = kinds()[change.kind]
        self.record: dict[str, Any] = {}
        self.beside: list[dict[str, Any]] = []
        for name in self._asked():
            if asks_amount and name == LAST[0]:
                self.fields |= amount_fields()
            self.fields[name] = form_field(change.kind, name, basket)
        if change.slug == AMOUNT and (stored is None or stored.get("aspect") in AMOUNTS):
            self.fields["aspect"] = amount_aspect_field()
        key = self.fields.get(self.model.NATURAL_KEY)
        if key is not None and issubclass(self.model, Fact | LedgerEntry):
            key.required = False
            key.help_text = _("Never changes. Empty: the register makes one.")
        if stored is not None and key is not None:
            key.disabled = True
            key.initial = stored[self.model.NATURAL_KEY]
        if change.slug == REVERSAL:
            self.fields["reverses"].required = True

    def _asked(self) -> list[str]:
        hidden = KEPT | set(self.change.fixed) | (set() if self.may_force else {"override_reason"})
        if self.change.slug != REVERSAL:
            hidden |= {"reverses"}
        names = [n for n in record_fields(self.model) if n not in hidden]
        if self.change.only:
            names = [n for n in names if n in self.change.only]
        return [n for n in names if n not in LAST] + [n for n in LAST if n in names]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asked = record_fields(self.model)
        self.record = self._record({n: v for n, v in data.items() if n in asked})
        if "amount_qualifier" in self.fields:
            self.beside = self._amount(data)
        self._check_key()
        self._check_record()
        return data

    def _record(self, data: Mapping[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = dict(self.stored or {})
        record |= self.change.fixed
        for name, value in data.items():
            record[name] = _plain(value)
            if value in (None, "") and not self._may_be_empty(name):
                del record[name]
        if self.change.slug == REVERSAL and record.get("reverses"):
            record |= _opposite(record["reverses"])
        if self.change.kind == "claim" and not record.get("side") and record.get("document"):
            side = self._side_of(record["document"])
            record["side"] = Claim.side_of(int(record.get("rank") or 0), side)
        if self.stored is None and not record.get(self.model.NATURAL_KEY):
            named = self.fields[self.model.NATURAL_KEY].required
            record[self.model.NATURAL_KEY] = "?" if named else self._free_key(record)
        if self.stored is not None:
            record.pop("withdrawn", None)
            if not self.may_force:
                record = _without_carried(self.model, record)
            _forget_computed_publication(record, self.stored)
        return record

    def _may_be_empty(self, name: str) -> bool:
        """Whether an emptied field is said, so that a correction can take a value away."""
        f = record_fields(self.model)[name]
        return self.stored is not None and (f.null or f.blank)

    def _side_of(self, document: str) -> str:
        for change in self.basket.changes:
            if change["kind"] == "document" and change["data"].get("slug") == document:
                return str(change["data"].get("side", ""))
        found = Document.objects.filter(slug=document).values_list("side", flat=True).first()
        return found or ""

    def _free_key(self, record: Mapping[str, Any]) -> str:
        parts = [self.change.kind]
        for name in ("project", "subject", "kind", "aspect", "key", "relation", "number"):
            if record.get(name):
                parts.append(str(record[name]).replace("project:", "").replace("_", "-"))
        day = next((record[n] for n in _DAYS if record.get(n)), day_of_receipt(record))
        stem = slugify(" ".join([*parts, str(day or "")]).replace(".", "-"))[:120]
        return self._free(self.change.kind, stem)

    def _free(self, kind: str, stem: str) -> str:
        """A name that no record of the register or of an open case carries."""
        taken = {*self.basket.keys(kind), *keys_in_open_cases(kind)[kind]}
        starting = kinds()[kind]._default_manager.filter(ref__startswith=stem)
        taken |= set(starting.values_list("ref", flat=True))
        number, key = 2, stem
        while key in taken:
            number, key = number + 1, f"{stem}-{number}"
        return key

    def _amount(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The claim of a financing's amount, where one is stated."""
        qualifier = data.get("amount_qualifier") or Claim.Qualifier.NOT_STATED
        ends = {end: data.get(f"amount_{end}") for end in ("low", "high")}
        low, high = (None if text is None else Decimal(text) for text in ends.values())
        if not self.errors.keys() & {f"amount_{end}" for end in ends}:
            for problem in amount_problems(qualifier, low, high=high):
                self.add_error(f"amount_{problem.field}", problem.message)
        if qualifier == Claim.Qualifier.NOT_STATED:
            return []
        for name in ("amount_who", "amount_rank"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("An amount that is stated needs this."))
        document = self._document(self.record.get("document"))
        if document is None or self.errors:
            return []
        ref = str(self.record["ref"])
        stated = (f"financing:{ref}", "amount.signed", qualifier, Bounds(low, high))
        claim = {
            "ref": self._free("claim", f"clm-{ref}"[:120]),
            "commitment": self.record.get("commitment"),
            **amount_claim(*stated, unit=data.get("amount_unit") or Claim.Unit.USD),
            "who": data["amount_who"],
            **said_of(document, data.get("signed_on"), rank=int(data["amount_rank"])),
            "locator": self.record.get("locator", ""),
        }
        return [{"kind": "claim", "data": claim}]

    def _document(self, slug: Any) -> Document | None:
        """A document of the register or of the same case."""
        for change in self.basket.changes:
            if change["kind"] == "document" and change["data"].get("slug") == slug:
                given = change["data"]
                return Document(
                    slug=str(slug),
                    side=str(given.get("side", "")),
                    date=parse_date(str(given.get("date") or "")),
                    date_precision=str(given.get("date_precision") or Document.Precision.DAY),
                )
        return Document.objects.filter(slug=slug).first()

    def _check_key(self) -> None:
        key, name = str(self.record[self.model.NATURAL_KEY]), self.model.NATURAL_KEY
        if key in self.basket.keys(self.change.kind):
            self.add_error(name, _("This case holds a change of this record; edit that one."))
        if self.stored is None:
            rows = self.model._default_manager.filter(**{name: key})
            if rows.exists():
                self.add_error(
                    name, _("The register holds this record; load it above to correct it.")
                )

    def _could_be_filled(self, name: str) -> bool:
        """Whether an empty field would have been computed from one that cannot be read."""
        return not self.record.get(name) and filled_by(self.model).get(name) in self.errors

    def _check_record(self) -> None:
        """Try the record with the rest of its case; put each refusal beside its field."""
        given = [{"kind": c["kind"], "data": c["data"]} for c in self.basket.changes]
        given += [*self.beside, {"kind": self.change.kind, "data": self.record}]
        *others, line = as_fictional(given)
        refusals = line_refusals(others, line, may_force=self.may_force)
        for claim in self.beside:
            told = line_refusals(
                [c for c in (*others, line) if c != claim], claim, may_force=self.may_force
            )
            refusals += [replace(r, field=f"amount_{r.field}") for r in told]
        for refusal in refusals:
            if refusal.field in self.errors or self._could_be_filled(refusal.field):
                continue
            if refusal.field in self.fields:
                self.add_error(refusal.field, sentence(refusal.message))
            else:
                self.add_error(None, refusal_words(refusal))


_DAYS = ("occurred_on", "received_on", "value_date", "signed_on", "stated_on", "in_force_on")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _opposite(ref: str) -> dict[str, Any]:
    """What a reversal takes over from the entry it cancels, its amounts turned round."""
    original = stored_records([{"kind": "ledgerentry", "data": {"ref": ref}}]).get(
        ("ledgerentry", ref)
    )
    if original is None:
        return {}
    names = ("commitment", "project", "instrument", "notice", "kind", "value_date")
    taken = {name: original[name] for name in (*names, "currency", "fx_rate", "fx_on", "fx_source")}
    for name in ("amount", "amount_usd"):
        taken[name] = f"{-Decimal(original[name]):.2f}"
    return taken


def _without_carried(model: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    """A correction without what the register carries over to it by itself."""
    carried = getattr(model, "CARRIED", ())
    return {name: value for name, value in record.items() if name not in carried}


def _forget_computed_publication(record: dict[str, Any], stored: Mapping[str, Any]) -> None:
    """Let the day of publication be found anew where what it rests on has changed."""
    moved = any(record.get(n) != stored.get(n) for n in ("document", *_DAYS))
    if moved and record.get("published_on") == stored.get("published_on"):
        record.pop("published_on", None)


def initial_of(change: Change, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a form is filled with: the stored version, or the defaults of its model."""
    if stored is not None:
        return dict(stored)
    initial: dict[str, Any] = {}
    for name, f in record_fields(kinds()[change.kind]).items():
        if f.has_default() and not callable(f.default):
            initial[name] = f.default
    if "commitment" in record_fields(kinds()[change.kind]):
        default = Commitment.objects.filter(is_default=True).first()
        initial["commitment"] = default.slug if default else None
    if change.kind == "claim":
        initial["rank"] = Claim.Rank.PRESS
    return {**initial, **change.initial}


class RetractionForm(forms.Form):
    """Which fact is taken back, and why."""

    def __init__(self, *args: Any, kind: str, basket: Basket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.basket = kind, basket
        self.record: dict[str, Any] = {}
        self.fields["ref"] = KeyField(kind, Basket(), label=field_words(kinds()[kind], "ref"))
        self.fields["note"] = PlainTextField(
            max_length=4000,
            widget=forms.Textarea(LONG),
            label=_("Reason"),
            help_text=_("Why the fact is taken back; shown with its history."),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        ref = data.get("ref")
        if not ref:
            return data
        stored = stored_records([{"kind": self.kind, "data": {"ref": ref}}]).get((self.kind, ref))
        if stored is None or stored.get("withdrawn"):
            self.add_error("ref", _("This fact is retracted already."))
        elif ref in self.basket.keys(self.kind):
            self.add_error("ref", _("This case holds a change of this record; edit that one."))
        else:
            kept = _without_carried(kinds()[self.kind], stored)
            self.record = {**kept, "withdrawn": True, "note": data.get("note", "")}
            if "note_ja" in stored:  # of the note that gives way to the reason
                self.record["note_ja"] = ""
        return data
