"""Commitments of several countries side by side: one row each, for the page and the API."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure
from commitments.calculations.written import read_amount, read_day, read_percent
from commitments.models import Commitment, Term
from commitments.selectors import default_terms
from dashboard.points import Reading
from projects.metrics import BY_KEY, evaluate, figure_json
from projects.selectors import record_with_kept_facts

KEYS = (
    *("target", "start", "announced", "deadline", "horizon", "instruments", "components"),
    *("annual_cap", "tariff_from", "tariff_to", "current_general_rate", "binding"),
    *("split_text", "status", "headline_rung", "not_like_for_like"),
)
SIGNED = "signed"  # the reading of a start that is the day of signing
SORTS = ("pledge", "name", "deadline", "days", "rate", "progress")


@dataclass(frozen=True)
class Peer:
    """One commitment as its terms state it: amounts in US dollars, rates in percent.

    `cash_share` is the part its documents call cash, a fraction; None where
    none says. `is_signed` is False where only an announcement is on record, and
    its days count from that. `note` is the term that says why it is not like for
    like. `progress` is the selected share of the target where selections
    are followed, None where nobody follows them.
    """

    commitment: Commitment
    terms: dict[str, Term]
    pledge: Decimal | None
    deadline: date | None
    start: date | None
    is_signed: bool
    days_since_start: int | None
    cash_share: Decimal | None
    rate_percent: Decimal | None
    progress: Figure | None
    note: Term | None

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents its terms rest on, each once."""
        slugs = (term.document.slug for term in self.terms.values() if term.document)
        return tuple(dict.fromkeys(slugs))


def peers(reading: Reading, sort: str = "pledge") -> list[Peer]:
    """Every commitment with a target known at the point, sorted; fictional ones only beside themselves."""
    found = [
        _peer(reading, terms)
        for slug, terms in default_terms(reading.point, KEYS).items()
        if "target" in terms
        and (slug == reading.commitment.slug or not terms["target"].commitment.illustrative)
    ]
    return sorted(found, key=lambda peer: _place(peer, sort))


def _peer(reading: Reading, terms: dict[str, Term]) -> Peer:
    commitment = terms["target"].commitment
    pledge = read_amount(terms["target"].value.get("usd"))
    start = _day(terms, "start")
    as_of = reading.point.as_of
    progress = None
    if "headline_rung" in terms:
        record = record_with_kept_facts(commitment, reading.point)
        progress = evaluate(BY_KEY["selected_share"], record)
    rate = terms.get("current_general_rate")
    return Peer(
        commitment=commitment,
        terms=terms,
        pledge=pledge,
        deadline=_day(terms, "deadline"),
        start=start,
        is_signed=start is not None and terms["start"].reading == SIGNED,
        days_since_start=(as_of - start).days if start and start <= as_of else None,
        cash_share=_cash_share(terms.get("components"), pledge),
        rate_percent=read_percent(rate.value.get("percent")) if rate else None,
        progress=progress,
        note=terms.get("not_like_for_like"),
    )


def _day(terms: dict[str, Term], key: str) -> date | None:
    return read_day(terms[key].value.get("date")) if key in terms else None


def _cash_share(components: Term | None, pledge: Decimal | None) -> Decimal | None:
    listed = components.value.get("list", []) if components else []
    cash = [read_amount(part.get("amount_usd")) for part in listed if part.get("cash") is True]
    stated = [amount for amount in cash if amount is not None]
    return sum(stated, Decimal(0)) / pledge if stated and pledge else None


def _place(peer: Peer, sort: str) -> tuple[bool, Any, str]:
    """Largest first for amounts, rates and days, soonest deadline first; the unstated last."""
    share = peer.progress.bounds if peer.progress else Bounds()
    value: Any = {
        "name": peer.commitment.investor,
        "pledge": None if peer.pledge is None else -peer.pledge,
        "deadline": peer.deadline,
        "days": None if peer.days_since_start is None else -peer.days_since_start,
        "rate": None if peer.rate_percent is None else -peer.rate_percent,
        "progress": None if share.high is None else -share.high,
    }[sort]
    return value is None, value if value is not None else 0, peer.commitment.slug


def peer_json(peer: Peer) -> dict[str, Any]:
    """Return a commitment beside the others as plain data: amounts in US dollars, rates in percent."""

    def text(key: str) -> str | None:
        term = peer.terms.get(key)
        return term.value.get("text") if term else None

    progress = peer.progress and figure_json(BY_KEY["selected_share"], peer.progress)
    rate = peer.terms.get("current_general_rate")
    governing = peer.terms["binding"].document if "binding" in peer.terms else None
    return {
        "slug": peer.commitment.slug,
        "investor": peer.commitment.investor,
        "investor_code": peer.commitment.investor_code,
        "pledge_usd": None if peer.pledge is None else str(peer.pledge),
        "start": peer.start,
        "is_signed": peer.is_signed,
        "days_since_start": peer.days_since_start,
        "deadline": peer.deadline,
        "cash_share": None if peer.cash_share is None else str(round(peer.cash_share, 6)),
        "rate_percent": None if peer.rate_percent is None else f"{peer.rate_percent.normalize():f}",
        "rate_basis": rate.value.get("basis") if rate else None,
        **{
            name: text(name)
            for name in ("horizon", "instruments", "tariff_from", "tariff_to", "binding")
        },
        "governing_document": governing.slug if governing else None,
        "split": text("split_text"),
        "status": text("status"),
        "selected_share": progress,
        "note": peer.note.value.get("text", "") if peer.note else "",
        "documents": list(peer.documents),
    }
