"""Plain builders: a small register made through the same doors as the real one."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Document, Instrument, Revision
from commitments.services.register import Recorder, RecordError, kinds, record_fields
from commitments.services.revisions import post_revision
from projects.models import Forecast, ForecastScore, LedgerEntry, Project
from projects.selectors import CommitmentRecord

TODAY = date(2026, 11, 24)
COUNTER = itertools.count(1)
COMMITMENT = "test-us-2025"
DOCUMENT = "doc-test"
LENDER_RELEASE = "doc-lender"
LENDER_DOCUMENT = {
    **{"slug": LENDER_RELEASE, "title": "Release of a lender", "kind": "lender_release"},
    **{"date": "2025-09-04", "access": "read", "side": "other"},
}
NOTICE, RECEIPT, PAYMENT = "doc-notice", "doc-receipt", "doc-payment"
EVIDENCE = {NOTICE: "funding_notice", RECEIPT: "receipt", PAYMENT: "payment_record"}


def money_documents(day: str) -> list[dict[str, Any]]:
    """The documents of a day that a notice, a receipt and every other payment rest on."""
    return [
        {"slug": s, "title": s, "kind": k, "date": day, "access": "read", "side": "other"}
        for s, k in EVIDENCE.items()
    ]


def evidence_of(kind: str) -> str:
    """The document that a kind of ledger entry rests on."""
    return RECEIPT if kind == "funding" else PAYMENT


BASE: dict[str, list[dict[str, Any]]] = {
    "commitment": [
        {
            "slug": COMMITMENT,
            "name": "Test",
            "investor": "Japan",
            "investor_code": "JP",
            "is_default": True,
        }
    ],
    "sector": [{"slug": s, "name": s} for s in ("energy", "metals", "not-stated")],
    "instrument": [{"slug": s, "name": s} for s in ("loan", "equity", "not-stated")],
    "institution": [{"slug": "inst-lender", "name": "Lender"}],
    "document": [
        {
            "slug": DOCUMENT,
            "title": "Test document",
            "kind": "fact_sheet",
            "date": "2025-09-04",
            "access": "read",
            "side": "us",
        },
    ],
    "term": [
        {
            "ref": f"term-{key}",
            "commitment": COMMITMENT,
            "key": key,
            "name": key,
            "value": value,
            "effective_on": "2025-09-04",
            "document": DOCUMENT,
        }
        for key, value in (
            ("start", {"date": "2025-09-04"}),
            ("deadline", {"date": "2029-01-19"}),
            ("target", {"usd": "550000000000.00"}),
            ("funding_window", {"business_days": 45}),
            ("calendar", {"calendar": "joint"}),
        )
    ],
}


def with_papers(
    records: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The same, with the documents of money that they name and that are not on record."""
    rows = (*records.get("fundingnotice", ()), *records.get("ledgerentry", ()))
    named = {str(row.get("document")) for row in rows} & EVIDENCE.keys()
    if not named:
        return records
    there = {row["slug"] for row in records.get("document", ())}
    there.update(Document.objects.filter(slug__in=named).values_list("slug", flat=True))
    papers = [d for d in money_documents("2025-09-04") if d["slug"] in named - there]
    return merged(records, {"document": papers}) if papers else records


def record(
    records: Mapping[str, Sequence[Mapping[str, Any]]], *, kind: str = Revision.Kind.CASE
) -> Revision | None:
    """Record by kind under one revision. Raise RecordError when any is refused."""
    with transaction.atomic():
        recorder = Recorder(
            lambda: post_revision(kind=kind, actor=None, reason="test"), loading=False
        )
        records = with_papers(records)
        for name in _named(records):
            refusals = recorder.record(name, records[name])
            if refusals:
                raise RecordError(refusals)
        return recorder.posted


def _named(records: Mapping[str, Any]) -> list[str]:
    """The kinds some records are of, in the order they are recorded in."""
    return [name for name in kinds() if name in records]


def broken(records: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """What the rules of the register say against posting some records; nothing stays written."""
    with transaction.atomic():
        recorder = Recorder(
            lambda: post_revision(kind=Revision.Kind.CASE, actor=None, reason="test"), loading=False
        )
        records = with_papers(records)
        refusals = [r for name in _named(records) for r in recorder.record(name, records[name])]
        refusals = refusals or recorder.broken_rules()
        transaction.set_rollback(True)
    return [str(refusal) for refusal in refusals]


def make_register() -> Commitment:
    """A commitment with target, start and deadline, the documents of money, and nothing else."""
    record(merged(BASE, {"document": money_documents("2025-09-04")}))
    return Commitment.objects.get(slug=COMMITMENT)


def make_project(slug: str, **overrides: Any) -> dict[str, list[dict[str, Any]]]:
    """The records of a project: its stage, its place and one claim about its amount.

    `stage` is an event kind, `on` its day, `low` and `high` decimal strings or None.
    """
    given = {
        "stage": "selected",
        "on": "2026-02-17",
        "low": "1000000.00",
        "high": "1000000.00",
        "sector": "energy",
        "states": ["OH"],
        "rank": 1,
        **overrides,
    }
    rung = {"candidate_listed": "candidate", "announced_second_batch": "in_consultation"}.get(
        given["stage"], "selected"
    )
    records: dict[str, list[dict[str, Any]]] = {
        "project": [{"slug": slug, "commitment": COMMITMENT, "name": slug}],
        "projectprofile": [
            {
                "ref": f"{slug}-profile",
                "project": slug,
                "sector": given["sector"],
                "states": given["states"],
                "document": DOCUMENT,
            }
        ],
        "stageevent": [
            {
                "ref": f"{slug}-{given['stage']}",
                "project": slug,
                "kind": given["stage"],
                "occurred_on": given["on"],
                "document": DOCUMENT,
            }
        ],
    }
    if given["low"] is not None or given["high"] is not None:
        records["claim"] = [
            {
                "ref": f"clm-{slug}",
                "commitment": COMMITMENT,
                "subject": f"project:{slug}",
                "aspect": f"amount.{rung}",
                "low": given["low"],
                "high": given["high"],
                "unit": "usd",
                "qualifier": qualifier_of(given["low"], given["high"]),
                "who": "a government",
                "side": Claim.side_of(given["rank"], "us"),
                "rank": given["rank"],
                "stated_on": given["on"],
                "document": DOCUMENT,
            }
        ]
    return records


def qualifier_of(low: str | None, high: str | None) -> str:
    """The qualifier of an amount by the ends that are stated."""
    if low is None and high is None:
        return Claim.Qualifier.NOT_STATED
    if low is None:
        return Claim.Qualifier.UP_TO
    return Claim.Qualifier.MORE_THAN if high is None else Claim.Qualifier.STATED


def merged(*parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """Several sets of records as one."""
    whole: dict[str, list[Any]] = {}
    for part in parts:
        for kind, rows in part.items():
            whole.setdefault(kind, []).extend(rows)
    return whole


def make_notice(project: str, amount: str, **overrides: Any) -> dict[str, Any]:
    """The record of a funding notice on the loan of a project."""
    return {
        "ref": f"ntc-{project}",
        "commitment": COMMITMENT,
        "project": project,
        "instrument": "loan",
        "number": "1",
        "received_on": "2026-03-02",
        "amount_usd": amount,
        "document": NOTICE,
        **overrides,
    }


def make_entry(project: str, amount: str, **overrides: Any) -> LedgerEntry:
    """An unposted ledger entry in US dollars, excused from the limits unless `excuse` is empty."""
    given = {
        "ref": f"led-{next(COUNTER)}",
        "kind": "funding",
        "on": date(2026, 6, 1),
        "instrument": "loan",
        "notice": None,
        "excuse": "a test of something else",
        "late": "",
        "document": evidence_of(overrides.get("kind", "funding")),
        **overrides,
    }
    owner = Project.objects.select_related("commitment").get(slug=project)
    return LedgerEntry(
        ref=given["ref"],
        commitment=owner.commitment,
        project=owner,
        instrument=Instrument.objects.get(slug=given["instrument"]),
        kind=given["kind"],
        value_date=given["on"],
        amount_usd=Decimal(amount),
        amount=Decimal(amount),
        document=Document.objects.filter(slug=given["document"]).first()
        or Document(slug=given["document"]),  # with_papers records it
        notice=given["notice"],
        override_reason=given["excuse"],
        late_reason=given["late"],
    )


def make_closing(until: str, **overrides: Any) -> dict[str, list[dict[str, Any]]]:
    """The record that closes the ledger of the test commitment up to a day."""
    mine = {"commitment": COMMITMENT, "document": DOCUMENT}
    return {"closedperiod": [{**mine, "ref": f"closed-{until}", "ends_on": until, **overrides}]}


def post(entries: Sequence[LedgerEntry]) -> Revision:
    """Post entries as one revision, within the rules. Raise RecordError when any is refused."""
    with transaction.atomic():
        recorder = Recorder(
            lambda: post_revision(kind=Revision.Kind.CASE, actor=None, reason="test"), loading=False
        )
        records = with_papers({"ledgerentry": [entry_record(entry) for entry in entries]})
        refusals = [r for name in _named(records) for r in recorder.record(name, records[name])]
        if refusals := refusals or recorder.broken_rules():
            raise RecordError(refusals)
        return recorder.revision


def entry_record(entry: LedgerEntry) -> dict[str, Any]:
    """An unposted entry as the record that posts it."""
    record: dict[str, Any] = {}
    for name, field in record_fields(LedgerEntry).items():
        value = getattr(entry, name)
        if field.many_to_one and value is not None:
            value = getattr(value, value.NATURAL_KEY)
        record[name] = value if value is None else str(value)
    return record


def point(
    as_of: date = TODAY, *, revision: int | None = None, published_by: date | None = None
) -> PointInTime:
    """A point in time; the newest revision unless one is named."""
    newest = Revision.objects.order_by("-number").values_list("number", flat=True).first() or 0
    return PointInTime(
        as_of=as_of,
        revision=newest if revision is None else revision,
        today=TODAY,
        published_by=published_by,
        known_at=datetime.now(UTC),
    )


def make_score(forecast: Forecast, months_ahead: int, **overrides: Any) -> ForecastScore:
    """A score of one month of a forecast, as the job would store it."""
    return ForecastScore.objects.create(
        forecast=forecast,
        months_ahead=months_ahead,
        revision_id=overrides.pop("revision_id", forecast.revision_id),
        **{
            "due_on": date(2026, 11, months_ahead),
            "outcome_usd": Decimal(10),
            "crps_share": 0.01,
            "pinball_share": 0.005,
            "in_50": True,
            "in_80": True,
            "in_90": True,
            "pit": 0.5,
            "needed_usd": Decimal(5),
            "odds": 0.8,
            "is_reached": True,
            "brier": 0.04,
            "run_rate_share": 0.04,
            **overrides,
        },
    )


def reading(as_of: date = TODAY, **kwargs: Any) -> CommitmentRecord:
    """The record of the test commitment at a point."""
    return CommitmentRecord(Commitment.objects.get(slug=COMMITMENT), point(as_of, **kwargs))
