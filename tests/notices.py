"""A commitment with a funding window, and notices and receipts on its one project."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from commitments.models import Commitment
from projects.models import FundingNotice, LedgerEntry
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    NOTICE,
    make_entry,
    make_project,
    make_register,
    record,
)

PROJECT = "plant"
TERMS = (
    ("funding_window", "earliest", {"business_days": 45, "nature": "earliest"}),
    ("calendar", "joint", {"calendar": "joint"}),
)


def make_commitment_with_window() -> Commitment:
    """The test commitment with its 45 joint business days and one plant selected at 10m dollars."""
    commitment = make_register()
    terms = [
        {
            "ref": f"term-{key}",
            "commitment": COMMITMENT,
            "key": key,
            "reading": reading,
            "name": key,
            "value": value,
            "effective_on": "2025-09-04",
            "document": DOCUMENT,
        }
        for key, reading, value in TERMS
    ]
    record({"term": terms, **make_project(PROJECT, low="10000000.00", high="10000000.00")})
    return commitment


def notice_record(ref: str = "not-1", **overrides: Any) -> dict[str, Any]:
    """A notice of 4m dollars received on 1 September 2026."""
    return {
        "ref": ref,
        "commitment": COMMITMENT,
        "project": PROJECT,
        "instrument": "loan",
        "number": ref.removeprefix("not-"),
        "received_on": "2026-09-01",
        "amount_usd": "4000000.00",
        "document": NOTICE,
        **overrides,
    }


def record_notices(*notices: dict[str, Any]) -> list[FundingNotice]:
    """Record notices as one revision; the newest version of each, in the order given."""
    record({"fundingnotice": notices})
    heads = FundingNotice.objects.heads()
    return [heads.get(ref=notice["ref"]) for notice in notices]


def receipts(notice: FundingNotice, *paid: tuple[date, str]) -> Sequence[LedgerEntry]:
    """Unposted receipts on a notice; its first version is the one they name."""
    first = notice if notice.root_id is None else notice.root
    return [make_entry(PROJECT, amount, on=on, notice=first) for on, amount in paid]
