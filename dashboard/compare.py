"""Commitments of several countries side by side: one row each, for the page and the API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure
from commitments.calculations.point import PointInTime
from commitments.calculations.written import read_amount, read_day
from commitments.models import Commitment, Term
from commitments.selectors import default_terms
from dashboard.points import Reading
from dashboard.terms import term_words
from projects.metrics import BY_KEY, evaluate, figure_json
from projects.selectors import record_with_kept_facts
from tariffs.models import Measure
from tariffs.selectors.rates import GENERAL_RATE, RateOn, general_rates

KEYS = (
    *("target", "start", "announced", "deadline", "horizon", "instruments", "components"),
    *("annual_cap", "tariff_from", "tariff_to", GENERAL_RATE, "binding"),
    *("split", "split_text", "status", "not_like_for_like"),
)
SIGNED = "signed"  # the reading of a start that is the day of signing
TURNS = ("start", "status", "announced", "target", GENERAL_RATE, "tariff_to")
NOTE = "not_like_for_like"  # the register's own words, no step of the deal
BEGINS = ("start", "announced")  # terms that give the start, the first on record
SPLIT = ("split", "split_text")  # terms that give the split: in shares, else in words alone
CASH = ("components", "target")  # terms that give the cash share: one by the other
RESTS_ON = {
    **{"pledge_usd": ("target",), "annual_cap_usd": ("annual_cap",)},
    **{"start": BEGINS, "days_since_start": BEGINS},
    "split": SPLIT,
    **{
        key: (key,)
        for key in (
            *("components", "deadline", "horizon", "instruments", "tariff_from", "tariff_to"),
            *("binding", "status"),
        )
    },
}
"""The term behind each field of an answer but the rate: the first of these that is on record."""
SORTS = ("pledge", "name", "deadline", "days", "rate", "progress")


@dataclass(frozen=True)
class Part:
    """A part of a pledge, or an amount its documents name beside it: US dollars, None if unstated."""

    label: str
    amount: Decimal | None
    is_cash: bool


@dataclass(frozen=True)
class Peer:
    """One commitment as its terms state it: amounts in US dollars, rates in percent.

    `cash_share` is the part its documents call cash, a fraction; None where none says.
    `parts` are what the pledge is made of, or what its documents name beside it;
    `annual_cap` is the most to be paid in a year. `pledge` is None while no amount is on
    record. `is_signed` is False where only an announcement is on record, and its days count
    from that. `note` is the term that says why it is not like for like. `rate` is the
    general duty on its goods on the day described. `progress` is the
    selected share of the target where selections are followed, None where nobody follows them.
    """

    commitment: Commitment
    terms: dict[str, Term]
    pledge: Decimal | None
    annual_cap: Decimal | None
    parts: tuple[Part, ...]
    deadline: date | None
    start: date | None
    is_signed: bool
    days_since_start: int | None
    cash_share: Decimal | None
    rate: RateOn
    progress: Figure | None
    note: Term | None

    @property
    def rate_fact(self) -> Measure | Term | None:
        """What decides its rate: a measure, else the term that states it; None without a rate."""
        stating = self.rate.term if self.rate.rate_percent is not None else None
        return next(iter(self.rate.authority), stating)

    @property
    def governing(self) -> Term | None:
        """The term whose document it rests on: its legal force, else its amount or announcement."""
        found = (self.terms.get(key) for key in ("binding", "target", "announced"))
        return next((term for term in found if term and term.document), None)

    @property
    def rests_on(self) -> dict[str, list[Term]]:
        """The terms behind each field, by the names of the answer."""
        firsts = {name: self.term(*keys) for name, keys in RESTS_ON.items()}
        found = {name: [term] for name, term in firsts.items() if term is not None}
        if self.cash_share is not None:
            found["cash_share"] = [self.terms[key] for key in CASH]
        if self.rate.rate_percent is not None and self.rate.term is not None:
            found["rate_percent"] = [self.rate.term]
        return found

    @property
    def recalled_fields(self) -> list[str]:
        """What of it rests on general knowledge, by the names of the answer."""
        behind = self.rests_on.items()
        found = [name for name, terms in behind if any(term.recalls("value") for term in terms)]
        by_measure = any(measure.recalls("rate_percent") for measure in self.rate.authority)
        return [*found, "rate_percent"] if by_measure else found

    @property
    def derived_fields(self) -> list[str]:
        """What of it no document states and was worked out, by the names of the answer."""
        behind = self.rests_on.items()
        found = [name for name, terms in behind if any(term.derives("value") for term in terms)]
        by_measure = any(measure.derives("rate_percent") for measure in self.rate.authority)
        return [*found, "rate_percent"] if by_measure else found

    def term(self, *keys: str) -> Term | None:
        """The first of some terms that is on record."""
        return next((self.terms[key] for key in keys if key in self.terms), None)

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents its terms and its rate rest on, each once."""
        facts = (*self.terms.values(), *self.rate.authority)
        return tuple(dict.fromkeys(fact.document.slug for fact in facts if fact.document))


@dataclass(frozen=True)
class Turn:
    """A dated step of a commitment: announced, signed, its state, or a term from the day it holds."""

    day: date
    peer: Peer
    term: Term

    @property
    def place(self) -> tuple[int, int]:
        """The newest first; of one day what says most first."""
        key = self.term.key
        return -self.day.toordinal(), TURNS.index(key) if key in TURNS else len(TURNS)


def peers(reading: Reading, sort: str = "pledge") -> list[Peer]:
    """Every commitment announced by the point, sorted; fictional ones only beside themselves."""
    terms = announced_terms(default_terms(reading.point, KEYS), reading.commitment)
    followed = _followed(reading.point)
    rates = rates_by_slug(reading.point, terms)
    found = [
        _peer(reading, held, rates[slug], is_followed=slug in followed)
        for slug, held in terms.items()
    ]
    return sorted(found, key=lambda peer: _place(peer, sort))


def announced_terms(
    terms: Mapping[str, dict[str, Term]], own: Commitment
) -> dict[str, dict[str, Term]]:
    """The terms of each commitment announced or with a target; fictional ones only beside themselves."""
    return {
        slug: held
        for slug, held in terms.items()
        if ("announced" in held or "target" in held)
        and (slug == own.slug or not _commitment(held).illustrative)
    }


def rates_by_slug(point: PointInTime, terms: Mapping[str, dict[str, Term]]) -> dict[str, RateOn]:
    """The general duty on goods of each commitment's country on the day described.

    A fictional one has no say in what goods of a real country pay.
    """
    countries = {slug: _commitment(held).investor_code for slug, held in terms.items()}
    stated = {
        countries[slug]: held[GENERAL_RATE]
        for slug, held in terms.items()
        if GENERAL_RATE in held and not _commitment(held).illustrative
    }
    rates = general_rates(point, {code: stated.get(code) for code in countries.values()})
    return {slug: rates[code] for slug, code in countries.items()}


def _commitment(terms: Mapping[str, Term]) -> Commitment:
    return next(iter(terms.values())).commitment


def newest_turns(found: Iterable[Peer], as_of: date) -> list[Turn]:
    """What happened last under some commitments: all that stands in the first place."""
    turns = [
        Turn(day, peer, term)
        for peer in found
        for term in peer.terms.values()
        if term.key != NOTE and (day := _turned_on(term)) is not None and day <= as_of
    ]
    first = min((turn.place for turn in turns), default=None)
    return [turn for turn in turns if turn.place == first]


def _turned_on(term: Term) -> date | None:
    """The day a term tells of, where it is one's own; else the day it holds from."""
    return term.act_on or term.effective_on or term.document_on


def _followed(point: PointInTime) -> set[str]:
    """The commitments whose selections are followed, on every day described.

    A headline rung is set for them. It is a convention of the register, never published:
    published_by leaves it be.
    """
    whole = replace(point, as_of=point.today, published_by=None)
    rows = Term.objects.current(whole).filter(key="headline_rung")
    return set(rows.values_list("commitment__slug", flat=True))


def _peer(reading: Reading, terms: dict[str, Term], rate: RateOn, *, is_followed: bool) -> Peer:
    commitment = _commitment(terms)
    pledge, parts = _usd(terms, "target"), _parts(terms.get("components"))
    start = _day(terms, "start") or _day(terms, "announced")
    as_of = reading.point.as_of
    progress = None
    if is_followed:
        record = record_with_kept_facts(commitment, reading.point)
        progress = evaluate(BY_KEY["selected_share"], record)
    return Peer(
        commitment=commitment,
        terms=terms,
        pledge=pledge,
        annual_cap=_usd(terms, "annual_cap"),
        parts=parts,
        deadline=_day(terms, "deadline"),
        start=start,
        is_signed="start" in terms and terms["start"].reading == SIGNED,
        days_since_start=(as_of - start).days if start and start <= as_of else None,
        cash_share=_cash_share(parts, pledge),
        rate=rate,
        progress=progress,
        note=terms.get(NOTE),
    )


def _day(terms: dict[str, Term], key: str) -> date | None:
    return read_day(terms[key].value.get("date")) if key in terms else None


def _usd(terms: dict[str, Term], key: str) -> Decimal | None:
    return read_amount(terms[key].value.get("usd")) if key in terms else None


def _parts(components: Term | None) -> tuple[Part, ...]:
    listed = components.value.get("list", []) if components else []
    return tuple(
        Part(
            label=str(part.get("label", "")),
            amount=read_amount(part.get("amount_usd")),
            is_cash=part.get("cash") is True,
        )
        for part in listed
        if isinstance(part, Mapping)
    )


def _cash_share(parts: Iterable[Part], pledge: Decimal | None) -> Decimal | None:
    stated = [part.amount for part in parts if part.is_cash and part.amount is not None]
    return sum(stated, Decimal(0)) / pledge if stated and pledge else None


def _place(peer: Peer, sort: str) -> tuple[bool, Any, str]:
    """Largest first for amounts, rates and days, soonest deadline first; the unstated last."""
    share = peer.progress.bounds if peer.progress else Bounds()
    value: Any = {
        "name": peer.commitment.investor,
        "pledge": None if peer.pledge is None else -peer.pledge,
        "deadline": peer.deadline,
        "days": None if peer.days_since_start is None else -peer.days_since_start,
        "rate": None if peer.rate.rate_percent is None else -peer.rate.rate_percent,
        "progress": None if share.high is None else -share.high,
    }[sort]
    return value is None, value if value is not None else 0, peer.commitment.slug


def peer_json(peer: Peer) -> dict[str, Any]:
    """Return a commitment beside the others as plain data: amounts in US dollars, rates in percent."""

    def text(key: str) -> str | None:
        term = peer.terms.get(key)
        return term.value.get("text") if term else None

    split = peer.term(*SPLIT)
    with override("en"):  # as every text of an answer, whoever reads its file
        split_words = term_words(split.value) if split else None
    progress = peer.progress and figure_json(BY_KEY["selected_share"], peer.progress)
    percent = peer.rate.rate_percent
    return {
        "slug": peer.commitment.slug,
        "investor": peer.commitment.investor,
        "investor_code": peer.commitment.investor_code,
        "illustrative": peer.commitment.illustrative,
        "pledge_usd": None if peer.pledge is None else str(peer.pledge),
        "components": [
            {
                "label": part.label,
                "amount_usd": None if part.amount is None else str(part.amount),
            }
            for part in peer.parts
        ],
        "annual_cap_usd": None if peer.annual_cap is None else str(peer.annual_cap),
        "start": peer.start,
        "is_signed": peer.is_signed,
        "days_since_start": peer.days_since_start,
        "deadline": peer.deadline,
        "cash_share": None if peer.cash_share is None else str(round(peer.cash_share, 6)),
        "rate_percent": None if percent is None else f"{percent.normalize():f}",
        "rate_basis": peer.rate.basis,
        **{
            name: text(name)
            for name in ("horizon", "instruments", "tariff_from", "tariff_to", "binding")
        },
        "governing_document": peer.governing.document.slug
        if peer.governing and peer.governing.document
        else None,
        "split": split_words,
        "status": text("status"),
        "selected_share": progress,
        "note": peer.note.value.get("text", "") if peer.note else "",
        "documents": list(peer.documents),
        "recalled_fields": peer.recalled_fields,
        "derived_fields": peer.derived_fields,
    }
