"""Judged amounts as answers give them: bounds, currency, and the claims behind them."""

from decimal import Decimal
from typing import Any

from commitments.calculations.bounds import Bounds
from commitments.calculations.money import cents
from commitments.selectors import Judged
from projects.models import Financing
from projects.selectors import CommitmentRecord


def judged_amount(judged: Judged, currency: str) -> dict[str, Any]:
    """Return the bounds of a judged figure with the claims used and those set aside."""
    return {
        "low": _decimal(judged.bounds.low),
        "high": _decimal(judged.bounds.high),
        "currency": currency,
        "is_approximate": judged.is_approximate and judged.bounds.value is not None,
        "ruling": judged.ruling.ref if judged.ruling else None,
        "claims": [claim.ref for claim in judged.used],
        "rival_claims": [claim.ref for claim in judged.others],
    }


def signed_amounts(record: CommitmentRecord, ref: str) -> list[dict[str, Any]]:
    """Return the amounts of a financing: dollars first, then any other currency claimed."""
    return [judged_amount(judged, code) for code, judged in record.signed_amounts(ref)]


def financing_amounts(record: CommitmentRecord, project: str) -> list[dict[str, Any]]:
    """Return the financings that cover a project; one that covers several is not split."""
    return [
        _financing(record, financing)
        for financing in record.financings
        if project in [p.slug for p in financing.projects.all()]
    ]


def _financing(record: CommitmentRecord, financing: Financing) -> dict[str, Any]:
    return {
        "ref": financing.ref,
        "signed_on": financing.signed_on,
        "instrument": financing.instrument.slug,
        "providers": [provider.slug for provider in financing.providers.all()],
        "projects": [project.slug for project in financing.projects.all()],
        "cover_status": financing.cover_status,
        "amounts": signed_amounts(record, financing.ref),
        "document": financing.document.slug if financing.document else None,
    }


def bounds_of(bounds: Bounds) -> dict[str, str | None]:
    """Return the bounds of an amount in dollars, null where one is not stated."""
    return {"low": _decimal(bounds.low), "high": _decimal(bounds.high)}


def _decimal(amount: Decimal | None) -> str | None:
    return None if amount is None else str(cents(amount))
