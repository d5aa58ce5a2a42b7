"""Every kind of change a case can hold, as one table, and the words for their fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from commitments.models import Fact
from commitments.services.register import kinds


@dataclass(frozen=True)
class Change:
    """One choice under "Add a change": the kind of record it makes and what is given already.

    `fixed` fields are not asked. `corrects` says the record must be in the register.
    """

    slug: str
    kind: str
    words: Any
    fixed: Mapping[str, Any] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    corrects: bool = False


AMOUNT = "amount"
REVERSAL = "reversal"
RETRACTION = "retraction"
REVERSAL_FIELDS = ("ref", "reverses", "document", "locator", "late_reason", "note")

CHANGES: tuple[Change, ...] = (
    Change("project", "project", _("New project")),
    Change("profile", "projectprofile", _("Sector, place and batch of a project")),
    Change("step", "stageevent", _("Step or milestone of a project, past or planned")),
    Change(AMOUNT, "claim", _("Amount of a project or financing"), initial={"unit": "usd"}),
    Change("claim", "claim", _("Claim: what a document says")),
    Change("ruling", "ruling", _("Ruling between rival claims")),
    Change("financing", "financing", _("Financing: provider, instrument and terms")),
    Change("cover", "cover", _("Cover of a financing")),
    Change("notice", "fundingnotice", _("Funding notice")),
    Change("entry", "ledgerentry", _("Ledger entry")),
    Change(REVERSAL, "ledgerentry", _("Reversal of a ledger entry"), only=REVERSAL_FIELDS),
    Change("plan", "plan", _("Plan")),
    Change("deemed-rate", "deemedrate", _("Deemed interest rate of an investment")),
    Change("valuation", "valuation", _("Valuation of an investment")),
    Change("closed-period", "closedperiod", _("Closed period of the ledger")),
    Change("term", "term", _("Term of the agreement")),
    Change("event", "event", _("Event in the life of the agreement")),
    Change("measure", "measure", _("Tariff measure")),
    Change("lever", "lever", _("Lever: condition under which a rate returns")),
    Change("rate", "counterfactualrate", _("Rate with and without the agreement")),
    Change("trade", "tradeflow", _("Trade of a year")),
    Change("reaction", "reaction", _("Reaction")),
    Change("stance-coding", "stancecoding", _("Second coding of a reaction’s stance")),
    Change("party", "projectparty", _("Company's part in a project")),
    Change("merge", "projectlink", _("Merge of two projects"), {"relation": "merged_into"}),
    Change(
        "continuation",
        "projectlink",
        _("Continuation of a candidate as a project"),
        {"relation": "continued_as"},
    ),
    Change("document", "document", _("Document")),
    Change("institution-statement", "institutionstatement", _("Statement about an institution")),
    Change("contradiction", "contradiction", _("Contradiction of the founding article")),
    Change("gap", "gap", _("Question the record does not answer")),
    Change("sector-mapping", "sectormapping", _("Mapping of sectors")),
    Change("new-institution", "institution", _("New institution")),
    Change("new-party", "party", _("New company")),
    Change("new-sector", "sector", _("New sector")),
    Change("rename-project", "project", _("New name of a project"), corrects=True),
    Change("rename-document", "document", _("New labels of a document"), corrects=True),
    Change("rename-institution", "institution", _("New labels of an institution"), corrects=True),
    Change("rename-party", "party", _("New name of a company"), corrects=True),
    Change("rename-sector", "sector", _("New name of a sector"), corrects=True),
    Change("rename-instrument", "instrument", _("New name of an instrument"), corrects=True),
    Change("rename-category", "tariffcategory", _("New name of a group of goods"), corrects=True),
    Change("rename-commitment", "commitment", _("New labels of a commitment"), corrects=True),
    Change(RETRACTION, "", _("Retraction of a fact")),
)
BY_SLUG = {change.slug: change for change in CHANGES}

KIND_WORDS: Mapping[str, Any] = {
    "claim": _("Claim: what a document says"),
    "instrument": _("Instrument"),
    "commitment": _("Commitment"),
    "tariffcategory": _("Group of goods"),
    "institution": _("Institution"),
    "party": _("Company"),
    "sector": _("Sector"),
    "project": _("Project"),
    "document": _("Document"),
    "document_on": _("Date of the document"),
    "projectlink": _("Link between projects"),
    "ledgerentry": _("Ledger entry"),
}

FIELD_WORDS: Mapping[str, Any] = {
    "about": _("What it names"),
    "about_inferred": _("What it is about, inferred"),
    "access": _("How it was accessed"),
    "account": _("Designated account"),
    "annual_rate": _("Rate a year, as a fraction"),
    "amount": _("Amount as paid, in its currency"),
    "amount_usd": _("Amount, US dollars"),
    "against": _("What it is weighed against"),
    "aspect": _("What of it"),
    "benchmark": _("Benchmark"),
    "calendar": _("Calendar"),
    "calendar_version": _("Version of the calendar"),
    "claims": _("Claims chosen"),
    "coded_on": _("Coded on"),
    "coder": _("Coder"),
    "commitment": _("Commitment"),
    "confidence": _("Confidence"),
    "cover_status": _("Cover"),
    "cover_text": _("Cover, in words, English"),
    "cover_text_ja": _("Cover, in words, Japanese"),
    "currency": _("Currency"),
    "date": _("Date"),
    "date_precision": _("Precision of the date"),
    "declined_on": _("Declined by Japan on"),
    "declined_usd": _("Declined, US dollars"),
    "default_reading": _("Reading it is judged by"),
    "document": _("Document"),
    "document_on": _("Date of the document"),
    "earliest_on": _("Earliest funding date"),
    "effective_on": _("In force from"),
    "ends_on": _("Last day"),
    "financing": _("Financing"),
    "fx_on": _("Day of the rate"),
    "fx_rate": _("Rate, yen per US dollar"),
    "fx_source": _("Source of the rate"),
    "high": _("High end"),
    "in_force_on": _("In force on"),
    "instrument": _("Instrument"),
    "insurer": _("Insurer"),
    "issuer": _("Issuer"),
    "kind": _("Kind"),
    "late_reason": _("Reason for a posting into a closed period (public)"),
    "locator": _("Where it says so"),
    "low": _("Low end"),
    "method": _("How it was estimated"),
    "name": _("Name, English"),
    "name_ja": _("Name, Japanese"),
    "note": _("Note"),
    "note_ja": _("Note, Japanese"),
    "notice": _("Funding notice"),
    "number": _("Number of the notice"),
    "occurred_on": _("Date"),
    "other": _("Other project"),
    "override_reason": _("Reason for breaking a rule (public)"),
    "planned": _("Planned"),
    "points": _("Points of the plan"),
    "poll_from": _("First day of the poll"),
    "poll_n": _("How many answered the poll"),
    "poll_question": _("Question of the poll"),
    "poll_to": _("Last day of the poll"),
    "project": _("Project"),
    "projects": _("Projects"),
    "providers": _("Providers"),
    "published_on": _("Published on"),
    "qualifier": _("How the amount is stated"),
    "rank": _("Rank of the evidence"),
    "reaction": _("Reaction"),
    "reading": _("Reading"),
    "reason": _("Reason"),
    "received_at": _("Instant of receipt"),
    "received_on": _("Day of receipt in Tokyo"),
    "received_zone": _("Time zone the source used"),
    "ref": _("Identifier"),
    "relation": _("Relation"),
    "repayment": _("Repayment"),
    "reverses": _("Entry to reverse"),
    "sector": _("Sector"),
    "side": _("Side"),
    "signed_on": _("Signed on"),
    "slug": _("Identifier"),
    "specified_on": _("Funding date in the notice"),
    "spread_bps": _("Spread, basis points"),
    "stance": _("Stance"),
    "stands": _("How it stands, as an editor says"),
    "stands_why": _("Why it stands so, English"),
    "stands_why_ja": _("Why it stands so, Japanese"),
    "stated_on": _("Stated on"),
    "stated_precision": _("Precision of the date"),
    "states": _("States"),
    "subject": _("Subject"),
    "tenor_months": _("Tenor, months"),
    "title": _("Title"),
    "unit": _("Unit"),
    "url": _("Address"),
    "value_date": _("Value date"),
    "valued_on": _("Valued on"),
    "who": _("Who said it"),
    "window_days": _("Business days of the window"),
    "withdrawn": _("Retracted"),
}


def field_words(model: Any, name: str) -> str:
    """The label of a field of a record, in plain words."""
    if name in FIELD_WORDS:
        return str(FIELD_WORDS[name])
    return str(model._meta.get_field(name).verbose_name).capitalize()


def kind_words(kind: str) -> str:
    """What a record of a kind is called, in plain words."""
    if kind in KIND_WORDS:
        return str(KIND_WORDS[kind])
    for change in CHANGES:
        if change.kind == kind and not change.corrects:
            return str(change.words)
    return kind


def fact_kinds() -> list[str]:
    """The kinds a retraction can speak of."""
    return [kind for kind, model in kinds().items() if issubclass(model, Fact)]
