"""Ledger entries as records: read fast and strictly, many at once, and appended as one set."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.dates import business_day
from commitments.calculations.written import FIRST_YEAR, LAST_YEAR
from commitments.models import Commitment, Document, Instrument, Revision
from commitments.services.kind_names import no_such
from commitments.services.register import Keys, Recorder, Refusal, record_fields
from commitments.services.tables import MOST_DIGITS
from projects.models import FundingNotice, LedgerEntry, Project
from projects.selectors.ledger import closed_until
from projects.services.ledger import FIELDS, Row, append

KIND = "ledgerentry"
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")
RATE = re.compile(r"[0-9]{1,7}(\.[0-9]{1,8})?")  # 15 digits: what every database keeps
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CURRENCY = re.compile(r"[A-Z]{3}")
CHUNK = 500
NAMES = frozenset(record_fields(LedgerEntry))
REQUIRED = ("ref", "commitment", "project", "instrument", "document", "kind", "value_date")

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
RATE_DAYS = 6
"""The most days from a rate to the value date it converts: Tokyo publishes none while it is
closed, longest around the New Year, from 31 December to 3 January and a weekend beside them."""
NEEDED_ABROAD: Mapping[str, Any] = {
    "amount": gettext_lazy("is required: what was paid in %(currency)s"),
    "fx_rate": gettext_lazy("is required: the rate of %(currency)s to the US dollar"),
    "fx_on": gettext_lazy("is required: the day of the rate of %(currency)s"),
    "fx_source": gettext_lazy("is required: who states the rate of %(currency)s"),
}
KINDS = frozenset(LedgerEntry.Kind.values)
EMPTY: Row = {
    name: "" if f.get_internal_type() in ("CharField", "TextField") else None
    for name, f in FIELDS.items()
}
# What a reversal shares with the entry it cancels; its amounts are the opposite.
SHARED = (
    *("commitment_id", "project_id", "instrument_id", "notice_id", "kind", "value_date"),
    *("currency", "fx_rate", "fx_on"),
)

Found = tuple[str, str]  # a field and what is wrong with it


class ReversalRefused(ValueError):
    """An entry that cannot be reversed, and why."""


def reversal_record(
    entry: LedgerEntry, document: Document, *, locator: str = "", note: str = "", late: str = ""
) -> dict[str, Any]:
    """Return the record, for a case, that cancels an entry by its exact opposite.

    It stands on the value date of the original, so figures as known before
    stay what they were; `late` is the reason a closed period asks for. What was
    let through a limit is taken from what the limit holds, which asks for no
    reason. Raise ReversalRefused if the entry was reversed before, or is itself
    a reversal.
    """
    if entry.reverses_id is not None:
        raise ReversalRefused(_("Entry %(ref)s is itself a reversal.") % {"ref": entry.ref})
    if hasattr(entry, "reversal"):
        given = {"ref": entry.ref, "by": entry.reversal.ref}
        raise ReversalRefused(_("Entry %(ref)s was reversed by %(by)s.") % given)
    original = stored_entries([entry.ref])[entry.ref]
    return {
        **original,
        "ref": f"{entry.ref[:131]}-reversed",
        "amount_usd": _opposite(original["amount_usd"]),
        "amount": _opposite(original["amount"]),
        "reverses": entry.ref,
        "document": document.slug,
        "locator": locator,
        "note": note,
        "late_reason": late,
        "override_reason": "",
    }


def take_entries(recorder: Recorder, records: Sequence[Mapping[str, Any]]) -> list[Refusal]:
    """Append the entries that are not in the ledger yet; one that is there must be the same.

    An entry is never corrected: reverse it. Reversals are appended last, so one
    may stand beside what it reverses. Return why any were refused.
    """
    firsts = [record for record in records if not record.get("reverses")]
    reversals = [record for record in records if record.get("reverses")]
    refusals = _twice(records)
    refusals += _take(recorder, firsts, write=not refusals)
    beside = {str(record.get("ref")) for record in firsts}
    return refusals + _take(recorder, reversals, write=not refusals, beside=beside)


def _take(
    recorder: Recorder,
    records: Sequence[Mapping[str, Any]],
    *,
    write: bool,
    beside: Collection[str] = (),
) -> list[Refusal]:
    """Judge entries, and append them if they all stand and `write` says so.

    What they reverse is in the ledger, or `beside` them where nothing is written.
    """
    if not records:
        return []
    stored = stored_entries([str(record.get("ref", "")) for record in records])
    originals = _originals([str(r["reverses"]) for r in records if r.get("reverses")])
    judge = _judge(recorder.keys)
    days: Callable[[Mapping[str, Any]], Iterable[Found]] | None = None
    rows: list[Row] = []
    refusals: list[Refusal] = []
    for record in records:
        ref = str(record.get("ref") or "?")
        found = judge(record)
        if ref in stored:
            if not found and stored[ref] == normal(record):
                recorder.outcome.unchanged.append(f"{KIND} {ref}")
            elif not found:
                words = _("is posted with other values; a posted entry is reversed, not changed")
                found = [("ref", words)]
        else:
            days = days or _day_judge(recorder.revision)
            row = None if found else _row(record, recorder.keys)
            if row is not None and record.get("reverses"):
                original = originals.get(record["reverses"])
                if original is not None or write or record["reverses"] not in beside:
                    found = list(_reversal_problems(row, original))
            found += days(record)
            if row is not None:
                rows.append(row)
            recorder.outcome.added.append(f"{KIND} {ref}")
        refusals += [Refusal(KIND, ref, name, words) for name, words in found]
    if rows and write and not refusals:
        append(rows, revision=recorder.revision)
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
    posted = posted_refs(refs)
    found = {}
    for start in range(0, len(posted), CHUNK):
        rows = LedgerEntry.objects.filter(ref__in=posted[start : start + CHUNK]).order_by()
        for values in rows.values_list(*paths):
            record = dict(zip(names, values, strict=True))
            for name in ("value_date", "fx_on"):
                record[name] = record[name] and record[name].isoformat()
            found[record["ref"]] = normal(record)
    return found


def posted_refs(refs: Sequence[str]) -> list[str]:
    """Return those of many refs that are in the ledger, by one question."""
    if not refs:
        return []
    many = "ANY(%s)" if connection.vendor == "postgresql" else "(SELECT value FROM json_each(%s))"
    joined = "=" if connection.vendor == "postgresql" else "IN"
    given = list(refs) if connection.vendor == "postgresql" else json.dumps(list(refs))
    table = LedgerEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ref FROM {table} WHERE ref {joined} {many}", [given])  # noqa: S608  # names of our own
        return [ref for (ref,) in cursor.fetchall()]


def _opposite(amount: str) -> str:
    return amount.removeprefix("-") if amount.startswith("-") else f"-{amount}"


def _twice(records: Sequence[Mapping[str, Any]]) -> list[Refusal]:
    """What stands twice in one set: a ref, or an entry to be reversed."""
    refusals = []
    for name in ("ref", "reverses"):
        seen: set[str] = set()
        for record in records:
            value = record.get(name)
            if value and str(value) in seen:
                words = _("“%(value)s” stands twice in these records") % {"value": value}
                refusals.append(Refusal(KIND, str(record.get("ref")), name, words))
            seen.add(str(value))
    return refusals


def _originals(refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = {}
    for start in range(0, len(refs), CHUNK):
        rows = LedgerEntry.objects.filter(ref__in=refs[start : start + CHUNK]).order_by()
        for row in rows.values(
            *("pk", "ref", "amount", "amount_usd", "reverses_id", "reversal__ref"), *SHARED
        ):
            found[row["ref"]] = row
    return found


def _reversal_problems(row: Row, original: Mapping[str, Any] | None) -> Iterable[Found]:
    """Say where a reversal is not the opposite of its original; note in the row which it is."""
    if original is None:
        yield "reverses", _("is not in the ledger")
        return
    row["reverses_id"] = original["pk"]
    if original["reverses_id"] is not None:
        yield "reverses", _("%(ref)s is itself a reversal") % original
    if original["reversal__ref"] is not None:
        words = _("%(ref)s was reversed by %(by)s")
        yield "reverses", words % {**original, "by": original["reversal__ref"]}
    for name in SHARED:
        if row[name] != original[name]:
            words = _("must be as in the entry it reverses, %(ref)s")
            yield name.removesuffix("_id"), words % original
    if row["override_reason"]:
        yield "override_reason", _("a reversal sets no rule aside: leave this empty")
    for name in ("amount_usd", "amount"):
        if row[name] != -int(original[name].scaleb(2)):
            words = _("must be the opposite of the entry it reverses: %(amount)s")
            yield name, words % {"amount": -original[name]}


def _judge(keys: Keys) -> Callable[[Mapping[str, Any]], list[Found]]:
    """Return what says of one record which fields are wrong; names on record are read once."""
    known = {name: keys.of(model) for name, model in RELATIONS.items()}
    commitments = dict(Project.objects.values_list("slug", "commitment__slug"))
    real = set(Commitment.objects.filter(illustrative=False).values_list("slug", flat=True))
    fictional = Document.objects.filter(kind=Document.FICTIONAL).in_bulk()
    notices = dict(FundingNotice.objects.heads().values_list("ref", "project__slug"))

    def judge(record: Mapping[str, Any]) -> list[Found]:
        found = list(_shape_problems(record, known))
        wrong = {name for name, _words in found}
        if not wrong & {"project", "commitment"} and (
            commitments[record["project"]] != record["commitment"]
        ):
            found.append(("project", _("belongs to another commitment")))
        if (
            record.get("notice")
            and not record.get("reverses")  # a reversal names what its original does
            and not wrong & {"project", "notice"}
            and notices[record["notice"]] != record["project"]
        ):
            found.append(("notice", _("belongs to another project")))
        if not wrong & {"document", "commitment"} and record["commitment"] in real:
            document = fictional.get(known["document"][record["document"]])
            if document is not None:
                given = {"named": document.slug, "here": record["commitment"]}
                words = _("“%(named)s” is fictional, and %(here)s is not")
                found.append(("document", words % given))
        return found

    return judge


def _shape_problems(
    record: Mapping[str, Any], known: Mapping[str, Mapping[str, int]]
) -> Iterable[Found]:
    for name in record.keys() - NAMES:
        yield name, _("no such field")
    for name in REQUIRED:
        if not record.get(name):
            yield name, _("is required")
    for name, value in record.items():
        if not value:
            continue
        if name in known:
            if not isinstance(value, str) or value not in known[name]:
                yield name, no_such(RELATIONS[name], value)
        elif name in TEXTS:
            most = TEXTS[name]
            if not isinstance(value, str) or len(value) > most or "\x00" in value:
                yield name, _("must be text of at most %(most)d characters") % {"most": most}
            elif not value.strip():
                yield name, _("is blank")
    if record.get("kind") and record["kind"] not in KINDS:
        yield "kind", _("must be one of: %(kinds)s") % {"kinds": ", ".join(sorted(KINDS))}
    for name in ("value_date", "fx_on"):
        day = _day(record.get(name))
        if record.get(name) and day is None:
            yield name, _("“%(text)s” is not a date like 2026-02-28") % {"text": record[name]}
        elif day is not None and day.year < FIRST_YEAR:  # days to come are refused as such
            words = _("must lie in the years %(first)s to %(last)s")
            yield name, words % {"first": FIRST_YEAR, "last": LAST_YEAR}
    yield from _amount_problems(record)


def _amount_problems(record: Mapping[str, Any]) -> Iterable[Found]:
    sound = True
    for name in ("amount_usd", "amount"):
        text = record.get(name)
        if text in (None, ""):
            if name == "amount_usd":
                sound = False
                yield name, _("is required")
        elif not (isinstance(text, str) and AMOUNT.fullmatch(text)):
            sound = False
            words = _("“%(text)s” is not an amount like 1234.50, at most two decimals")
            yield name, words % {"text": str(text)[:60]}
        elif len(text.partition(".")[0].lstrip("-0")) > MOST_DIGITS:
            sound = False
            words = _("is too large: at most %(most)d digits before the point are kept")
            yield name, words % {"most": MOST_DIGITS}
        elif not _minor(text):
            yield name, _("an entry of zero says nothing")
        elif text[0] == "-" and not record.get("reverses"):
            yield name, _("is negative; only a reversal is")
    currency = record.get("currency") or "USD"
    if currency != "USD" or record.get("fx_rate") or record.get("fx_on"):
        yield from _currency_problems(record, currency, sound=sound)
    elif (
        sound and record.get("amount") and _minor(record["amount"]) != _minor(record["amount_usd"])
    ):
        yield "amount", _("differs from the amount in US dollars, though both are in dollars")


def _currency_problems(record: Mapping[str, Any], currency: Any, *, sound: bool) -> Iterable[Found]:
    """Say what an amount in another currency lacks: its amount, rate, day of the rate, source."""
    if currency == "USD":
        for name in ("fx_rate", "fx_on"):
            if record.get(name):
                yield name, _("a dollar amount has no rate")
        return
    if not (isinstance(currency, str) and CURRENCY.fullmatch(currency)):
        yield "currency", _("must be three capitals, as in JPY")
    for name, words in NEEDED_ABROAD.items():
        if not record.get(name):
            yield name, str(words) % {"currency": currency}
    rate = record.get("fx_rate")
    if rate and not (isinstance(rate, str) and RATE.fullmatch(rate) and Decimal(rate) > 0):
        words = _("“%(rate)s” is not a rate like 152.3 with at most 8 decimals")
        yield "fx_rate", words % {"rate": str(rate)[:60]}
    elif sound and rate and record.get("amount"):
        yield from _conversion_problems(record, Decimal(rate))
    if sound and currency == "JPY" and record.get("amount") and _minor(record["amount"]) % 100:
        yield "amount", _("yen have no decimals")


def _conversion_problems(record: Mapping[str, Any], rate: Decimal) -> Iterable[Found]:
    """US dollars are the amount divided by the rate, to the cent."""
    dollars = round(Decimal(record["amount"]) / rate, 2)
    if dollars != Decimal(record["amount_usd"]):
        words = _("is not the amount divided by the rate, %(dollars)s")
        yield "amount_usd", words % {"dollars": dollars}


def _day_judge(revision: Revision) -> Callable[[Mapping[str, Any]], Iterable[Found]]:
    """Return what says of one record that its day is to come, or that its reason is amiss.

    A day that was ever closed needs one, and no other day has one.
    """
    today = business_day(revision.recorded_at)
    closed = closed_until(revision.number)

    def days(record: Mapping[str, Any]) -> Iterable[Found]:
        day, until = _day(record.get("value_date")), closed.get(str(record.get("commitment")))
        if day is not None and day > today:
            yield "value_date", _("%(day)s lies in the future") % {"day": day}
        rate_on = None if record.get("reverses") else _day(record.get("fx_on"))
        if day and rate_on and (words := _rate_fault(rate_on, day)):
            yield "fx_on", words
        reason = str(record.get("late_reason") or "").strip()
        is_late = day is not None and until is not None and day <= until
        if is_late and not reason:
            words = _("the period up to %(until)s was closed; say why this is posted into it")
            yield "late_reason", words % {"until": until}
        elif day is not None and not is_late and reason:
            words = _("%(day)s lies in no closed period; leave this empty")
            yield "late_reason", words % {"day": day}

    return days


def _rate_fault(rate_on: date, value_date: date) -> str:
    """Say why a rate of one day does not convert what moved on another; empty where it does."""
    given = {"day": rate_on, "value_date": value_date, "most": RATE_DAYS}
    if rate_on > value_date:
        return _("%(day)s is after the value date, %(value_date)s") % given
    if (value_date - rate_on).days > RATE_DAYS:
        words = _(
            "%(day)s is more than %(most)s days before the value date, %(value_date)s: give the"
            " rate of that day, or the last published before it"
        )
        return words % given
    return ""


def stale_rates() -> Iterator[Refusal]:
    """Yield standing entries on record that were converted at the rate of another time."""
    abroad = LedgerEntry.objects.filter(reverses=None, reversal=None, fx_on__isnull=False)
    abroad = abroad.exclude(fx_on=F("value_date")).order_by("number")
    for ref, rate_on, day in abroad.values_list("ref", "fx_on", "value_date").iterator():
        if words := _rate_fault(rate_on, day):
            yield Refusal(KIND, ref, "fx_on", words)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    return _parsed(value) if isinstance(value, str) else None


def _row(record: Mapping[str, Any], keys: Keys) -> Row:
    row = dict(EMPTY)
    for name, value in record.items():
        if value and name in RELATIONS:
            row[f"{name}_id"] = keys.of(RELATIONS[name])[value]
        elif value and name in TEXTS:
            row[name] = value
    row["currency"] = row["currency"] or "USD"
    row["value_date"] = _day(record["value_date"])
    row["amount_usd"] = _minor(record["amount_usd"])
    row["amount"] = _minor(record["amount"]) if record.get("amount") else row["amount_usd"]
    if record.get("fx_rate"):
        row["fx_rate"] = round(Decimal(record["fx_rate"]), 8)
        row["fx_on"] = _day(record["fx_on"])
    return row


def _minor(text: str) -> int:
    whole, _point, decimals = text.partition(".")
    return int(whole + decimals.ljust(2, "0"))
