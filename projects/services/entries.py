"""Ledger entries as records: read fast and strictly, many at once, and appended as one set."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date

from commitments.models import Commitment, Document, Instrument
from commitments.services.register import Keys, Recorder, Refusal, record_fields
from projects.models import FundingNotice, LedgerEntry, Project
from projects.services.ledger import FIELDS, LedgerError, Row, append

KIND = "ledgerentry"
AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,2})?")
RATE = re.compile(r"\d{1,10}(\.\d{1,8})?")
CHUNK = 500
NAMES = frozenset(record_fields(LedgerEntry))
TEXTS = {
    name: f.max_length or 10_000
    for name, f in record_fields(LedgerEntry).items()
    if f.get_internal_type() in ("CharField", "TextField")
}
RELATIONS = {
    "commitment": Commitment,
    "project": Project,
    "instrument": Instrument,
    "document": Document,
    "notice": FundingNotice,
}
EMPTY: Row = {
    name: "" if f.get_internal_type() in ("CharField", "TextField") else None
    for name, f in FIELDS.items()
}


def take_entries(recorder: Recorder, records: Sequence[Mapping[str, Any]]) -> list[Refusal]:
    """Append the entries that are not in the ledger yet; one that is there must be the same.

    An entry is never corrected: reverse it. Return why any were refused.
    """
    if not records:
        return []
    stored = stored_entries([str(record.get("ref", "")) for record in records])
    reversed_ = _ids_of([str(r["reverses"]) for r in records if r.get("reverses")])
    rows: list[Row] = []
    refusals: list[Refusal] = []
    for record in records:
        ref = str(record.get("ref") or "?")
        found = list(_problems(record, recorder.keys, reversed_))
        if found:
            refusals += [Refusal(KIND, ref, name, words) for name, words in found]
        elif ref in stored:
            if stored[ref] == normal(record):
                recorder.outcome.unchanged.append(f"{KIND} {ref}")
            else:
                words = "is posted with other values; a posted entry is reversed, not changed"
                refusals.append(Refusal(KIND, ref, "ref", words))
        else:
            rows.append(_row(record, recorder.keys, reversed_))
            recorder.outcome.added.append(f"{KIND} {ref}")
    if rows and not refusals:
        try:
            append(rows, revision=recorder.revision)
        except LedgerError as error:
            refusals += [Refusal(KIND, "ledger", "limit", words) for words in error.problems]
    return refusals


def normal(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of an entry in normal form: every field, amounts with two decimals."""
    full = {name: record.get(name) for name in record_fields(LedgerEntry)}
    for name in TEXTS:
        full[name] = full[name] or ""
    full["currency"] = full["currency"] or "USD"
    amount_usd = f"{Decimal(str(full['amount_usd'])):.2f}"
    full["amount_usd"] = amount_usd
    full["amount"] = f"{Decimal(full['amount']):.2f}" if full["amount"] else amount_usd
    full["fx_rate"] = f"{Decimal(full['fx_rate']):.8f}" if full["fx_rate"] else None
    for name in ("notice", "reverses", "fx_on"):
        full[name] = full[name] or None
    return full


def stored_entries(refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the posted entries of some refs as records in normal form."""
    names = list(record_fields(LedgerEntry))
    paths = [
        {"document": "document__slug", "notice": "notice__ref", "reverses": "reverses__ref"}.get(
            name, f"{name}__slug" if name in RELATIONS else name
        )
        for name in names
    ]
    found = {}
    for start in range(0, len(refs), CHUNK):
        rows = LedgerEntry.objects.filter(ref__in=refs[start : start + CHUNK]).order_by()
        for values in rows.values_list(*paths):
            record = dict(zip(names, values, strict=True))
            for name in ("value_date", "fx_on"):
                record[name] = record[name] and record[name].isoformat()
            found[record["ref"]] = normal(record)
    return found


def _ids_of(refs: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(refs), CHUNK):
        rows = LedgerEntry.objects.filter(ref__in=refs[start : start + CHUNK])
        found.update(rows.values_list("ref", "pk"))
    return found


def _problems(
    record: Mapping[str, Any], keys: Keys, reversed_: Mapping[str, int]
) -> Iterable[tuple[str, str]]:
    for name in record.keys() - NAMES:
        yield name, "no such field"
    for name in ("ref", "commitment", "project", "instrument", "document", "kind", "value_date"):
        if not record.get(name):
            yield name, "is required"
    for name, model in RELATIONS.items():
        key = record.get(name)
        if key and (not isinstance(key, str) or key not in keys.of(model)):
            yield name, f"no {model._meta.verbose_name} “{key}”"
    for name, most in TEXTS.items():
        text = record.get(name) or ""
        if not isinstance(text, str) or len(text) > most or "\x00" in text:
            yield name, f"must be text of at most {most} characters"
    if record.get("kind") and record["kind"] not in LedgerEntry.Kind.values:
        yield "kind", f"must be one of: {', '.join(LedgerEntry.Kind.values)}"
    for name in ("value_date", "fx_on"):
        if record.get(name) and _day(record[name]) is None:
            yield name, f"“{record[name]}” is not a date like 2026-02-28"
    yield from _amount_problems(record)
    if record.get("reverses") and record["reverses"] not in reversed_:
        yield "reverses", f"no ledger entry “{record['reverses']}”"


def _amount_problems(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    given = {name: record.get(name) for name in ("amount_usd", "amount")}
    for name, text in given.items():
        if name == "amount_usd" and text in (None, ""):
            yield name, "is required"
        elif text not in (None, "") and not (isinstance(text, str) and AMOUNT.fullmatch(text)):
            yield name, f"“{text}” is not an amount like 1234.50, at most two decimals"
        elif text and text.startswith("-") and not record.get("reverses"):
            yield name, "is negative; only a reversal is"
    currency, rate = record.get("currency") or "USD", record.get("fx_rate")
    if rate and not (isinstance(rate, str) and RATE.fullmatch(rate) and Decimal(rate) > 0):
        yield "fx_rate", f"“{rate}” is not a rate like 152.3 with at most 8 decimals"
    if currency == "USD" and rate:
        yield "fx_rate", "a dollar amount has no rate"
    if currency == "USD" and given["amount"] and given["amount"] != given["amount_usd"]:
        yield "amount", "differs from amount_usd, though both are US dollars"
    if currency != "USD":
        for name in ("amount", "fx_rate", "fx_on"):
            if not record.get(name):
                yield name, f"is required for an amount in {currency}"


def _day(value: Any) -> date | None:
    try:
        return parse_date(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _row(record: Mapping[str, Any], keys: Keys, reversed_: Mapping[str, int]) -> Row:
    row = dict(EMPTY)
    row.update({name: record.get(name) or "" for name in TEXTS})
    row["currency"] = row["currency"] or "USD"
    for name, model in RELATIONS.items():
        key = record.get(name)
        row[f"{name}_id"] = keys.of(model)[key] if key else None
    row["value_date"] = date.fromisoformat(record["value_date"])
    row["amount_usd"] = _minor(record["amount_usd"])
    row["amount"] = _minor(record.get("amount") or record["amount_usd"])
    if record.get("fx_rate"):
        row["fx_rate"] = round(Decimal(record["fx_rate"]), 8)
        row["fx_on"] = date.fromisoformat(record["fx_on"])
    row["reverses_id"] = reversed_[record["reverses"]] if record.get("reverses") else None
    return row


def _minor(text: str) -> int:
    return int(Decimal(text).scaleb(2))
