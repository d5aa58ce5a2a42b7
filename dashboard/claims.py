"""What was claimed against what is on record: words and answers, for the page and the API."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure, Scope
from commitments.calculations.verdicts import Verdict
from commitments.models import Claim, Commitment, Term
from commitments.selectors import Backing, Disagreement, Found, WeighedClaim, weighed_claims
from dashboard import formats
from dashboard.points import Reading
from dashboard.subjects import measure_name
from dashboard.terms import said_term
from projects.metrics import BY_KEY, evaluate, share_of_sectors
from projects.models import Project
from projects.selectors import Member
from tariffs.models import Measure

CLAIM_PARAMETERS = ("verdict", "rank", "q")
VERDICTS = [verdict.value for verdict in Verdict]
RANKS = [str(rank.value) for rank in Claim.Rank if rank != Claim.Rank.DERIVED]


def verdict_words(verdict: str) -> str:
    return {
        Verdict.SUPPORTED: _("supported"),
        Verdict.ROUNDED: _("rounded"),
        Verdict.OVERSTATED: _("overstated"),
        Verdict.CONTRADICTED: _("contradicted"),
        Verdict.UNSUPPORTED: _("unsupported"),
    }[Verdict(verdict)]


def rank_words(rank: int) -> str:
    return {
        Claim.Rank.OFFICIAL: _("official record"),
        Claim.Rank.ONE_SIDE: _("one side’s statement"),
        Claim.Rank.PRESS: _("press or analyst"),
        Claim.Rank.ARTICLE: _("unattributed article"),
        Claim.Rank.DERIVED: _("derived"),
    }[Claim.Rank(rank)]


def aspect_words(aspect: str) -> str:
    """Return what a claim speaks of, in words; its own name where the register has no others."""
    return {
        "amount.candidate": _("amount as a candidate"),
        "amount.candidate_us_list": _("amount in the US list of candidates"),
        "amount.in_consultation": _("amount in consultation"),
        "amount.instrument.equity": _("equity, in dollars"),
        "amount.instrument.guarantee": _("guarantees, in dollars"),
        "amount.instrument.loan": _("loans, in dollars"),
        "amount.reported": _("amount reported"),
        "amount.selected": _("amount selected"),
        "amount.signed": _("amount signed"),
        "announced.share_of_total": _("announced, of the total"),
        "announced.total": _("announced so far"),
        "candidates_2025_10.critical_energy_infrastructure": _("candidates in energy, Oct 2025"),
        "candidates_2025_10.total": _("candidates of Oct 2025 in all"),
        "deadline.feasibility": _("whether the deadline can be met"),
        "facility.kind": _("what is built"),
        "financing_signed.share_of_total": _("financing signed, of the total"),
        "institution_share.jbic_equity_and_loans": _("JBIC’s share, equity and loans"),
        "institution_share.nexi_guarantee": _("share covered by NEXI"),
        "jbic.filp_equity_fy2025_after_supplementary": _("JBIC: equity from FILP, FY2025"),
        "jbic.filp_equity_fy2026": _("JBIC: equity from FILP, FY2026"),
        "jbic.filp_loans_fy2025_after_supplementary": _("JBIC: loans from FILP, FY2025"),
        "jbic.filp_loans_fy2026": _("JBIC: loans from FILP, FY2026"),
        "jbic.loan_funding_from_fx_fund": _("JBIC: loans funded from the FX fund"),
        "jbic_and_related.funding_fy2026": _("JBIC and related: funding, FY2026"),
        "nature.directed_capital": _("nature: directed capital"),
        "nature.equity_loans_guarantees": _("nature: equity, loans, guarantees"),
        "nature.not_a_loan": _("nature: not a loan"),
        "nexi.grant_bonds_ceiling": _("NEXI: ceiling of grant bonds"),
        "nexi.grant_bonds_fy2026": _("NEXI: grant bonds, FY2026"),
        "nexi.guarantee_capacity": _("NEXI: capacity of guarantees"),
        "profit_share.basis": _("basis of the split"),
        "profit_share.switch_point": _("where the split changes"),
        "profit_share.us": _("profits to the United States"),
        "profit_share.us_after_deemed_allocation": _("to the United States, second stage"),
        "profit_share.us_before_deemed_allocation": _("to the United States, first stage"),
        "profit_share.us_on_equity_only": _("profits to the United States, equity only"),
        "sector_share_of_selected.energy": _("energy, of what is selected"),
        "share.instrument.equity": _("share of equity"),
        "share.instrument.guarantee": _("share of guarantees"),
        "share.instrument.loan": _("share of loans"),
        "share.sector.clean-energy-critical-minerals": _("share of clean energy, minerals"),
        "share.sector.energy": _("share of electricity and energy"),
        "share.sector.other": _("share of other sectors"),
        "share.sector.pharmaceuticals-medical": _("share of medicines"),
        "share.sector.semiconductors-advanced-manufacturing": _("share of semiconductors"),
        "share.sector.shipbuilding-infrastructure": _("share of shipbuilding"),
        "tariff.baseline": _("baseline tariff"),
        "tariff.reciprocal_change": _("change of the reciprocal tariff"),
        "tariff.section_122_surcharge": _("Section 122 surcharge"),
        "total": _("amount of the commitment"),
        "total.negotiating_history": _("amount during the talks"),
        "tranche_1.funding_window_end": _("first batch: end of the window"),
        "tranche_1.headline": _("first batch, as headlined"),
        "tranche_1.share_of_total": _("first batch, of the total"),
        "tranche_1.total": _("first batch in all"),
        "tranche_1.total_reported_before": _("first batch, as reported before"),
        "tranche_2.total": _("second batch in all"),
        "tranche_2.total_reported_before": _("second batch, as reported before"),
    }.get(aspect, aspect.replace("_", " ").replace(".", ": "))


def subject_names(subjects: Iterable[str]) -> dict[str, str]:
    """The names of the projects that claims speak of; the rest speak of the commitment."""
    slugs = {subject.removeprefix("project:") for subject in subjects}
    projects = Project.objects.filter(slug__in=slugs)
    return {f"project:{project.slug}": formats.said_name(project, "name") for project in projects}


def disagreement_words(found: Iterable[Disagreement]) -> list[str]:
    """Name what each disagreement is about: the project or the commitment, and the figure."""
    listed = list(found)
    names = subject_names(d.subject for d in listed)
    names |= {
        f"commitment:{c.slug}": formats.said_name(c, "name") for c in Commitment.objects.all()
    }
    words = _("%(name)s, %(aspect)s")
    return [
        words % {"name": names.get(d.subject, d.subject), "aspect": aspect_words(d.aspect)}
        for d in listed
    ]


def claim_words(claim: Claim) -> str:
    """Return what a claim says: its words, or its amount in its unit.

    An amount read from words that give none exactly stands behind them, as derived.
    """
    if claim.unit == Claim.Unit.TEXT:
        return formats.said(claim, "text")
    bounds = claim_bounds(claim)
    words = formats.about_where(claim.is_approximate, bounds_words(bounds, claim.unit), bounds)
    if claim.text and {"low", "high"} & set(claim.derived_fields):
        said = formats.said(claim, "text")
        return _("%(said)s (derived: %(range)s)") % {"said": said, "range": words}
    return words


def bounds_words(bounds: Bounds, unit: str) -> str:
    """Return a range in the unit of its claim: dollars, yen or percent."""
    if not bounds.is_stated:
        return _("not stated")
    if unit == Claim.Unit.PERCENT:
        fractions = (None if b is None else b / 100 for b in (bounds.low, bounds.high))
        return formats.percent_range(Bounds(*fractions))
    currency = "JPY" if unit == Claim.Unit.JPY else "USD"
    return formats.money_range(bounds, currency, places=_places(bounds))


def _places(bounds: Bounds) -> int:
    """Two decimals of a billion where one would round what is said: 488.45 is not 488.4."""
    ends = [end for end in (bounds.low, bounds.high) if end is not None]
    return 1 if all(end % (formats.BILLION / 10) == 0 for end in ends) else 2


def claim_bounds(claim: Claim) -> Bounds:
    return Bounds(claim.low, claim.high)


def weighed(reading: Reading, chosen: dict[str, str], words: list[str]) -> list[WeighedClaim]:
    """The claims about a commitment, weighed, that fit a verdict, a rank and words."""

    def fits(found: WeighedClaim) -> bool:
        claim = found.claim
        text = f"{claim.ref} {claim.who} {claim.subject} {aspect_words(claim.aspect)} {claim.text}"
        return (
            chosen.get("verdict", "") in ("", found.verdict)
            and chosen.get("rank", "") in ("", str(claim.rank))
            and all(word.lower() in text.lower() for word in words)
        )

    def elsewhere(names: set[str]) -> dict[str, Found]:
        return {**_measures(names, reading), **_shares(names, reading)}

    found = weighed_claims(reading.commitment, reading.point, elsewhere)
    return [w for w in found if fits(w)]


def _measures(names: set[str], reading: Reading) -> dict[str, Found]:
    """The measures that claims name, by name, each with its rate in percent."""
    refs = [name.removeprefix("measure:") for name in names if name.startswith("measure:")]
    if not refs:
        return {}
    rows = Measure.objects.current(reading.point).filter(ref__in=refs)
    found = {}
    for measure in rows.select_related("category", "document"):
        bounds = Bounds(measure.rate_percent, measure.rate_percent)
        found[f"measure:{measure.ref}"] = (Backing(measure, bounds),), bounds
    return found


def _shares(names: set[str], reading: Reading) -> dict[str, Found]:
    """The register's own shares that claims name, by name, in percent to two places.

    Their evidence are the claims that make the amounts of the rung.
    """
    record, found = reading.record, {}
    if any(name.startswith("sectormapping:") for name in names):
        selected = record.members("selected")
        for mapping in record.sector_mappings:
            name = f"sectormapping:{mapping.ref}"
            if name in names:
                found[name] = _share(share_of_sectors(record, mapping.sectors), selected)
    signed = record.members("signed") if any(n.startswith("instrument:") for n in names) else []
    for name in names if signed else ():
        if name.startswith("instrument:"):
            scope = Scope(instrument=name.removeprefix("instrument:"))
            found[name] = _share(evaluate(BY_KEY["instrument_share"], record, scope), signed)
    return {name: one for name, one in found.items() if one[1].is_stated}


def _share(figure: Figure, members: Iterable[Member]) -> Found:
    low, high = figure.bounds.low, figure.bounds.high
    claims = dict.fromkeys(claim for member in members for claim in member.claims.used)
    backings = tuple(Backing(claim, Bounds(claim.low, claim.high)) for claim in claims)
    return backings, Bounds(*(None if b is None else round(b * 100, 2) for b in (low, high)))


def record_words(found: WeighedClaim) -> str:
    """Return what a claim is weighed against, in words; empty where nothing is on record."""
    if found.record.is_stated:
        return bounds_words(found.record, found.claim.unit)
    said = dict.fromkeys(backing_words(backing) for backing in found.evidence)
    return ("；" if formats.is_japanese() else "; ").join(said)


def backing_words(backing: Backing) -> str:
    """Return what a claim, a term or a measure says, as plain words."""
    fact = backing.fact
    if isinstance(fact, Claim):
        return claim_words(fact)
    if isinstance(fact, Term):
        return said_term(fact)
    return measure_name(fact)


def backing_name(backing: Backing) -> str:
    """Return who or what speaks in a piece of evidence."""
    fact = backing.fact
    if isinstance(fact, Claim):
        return formats.said_name(fact, "who")
    return formats.said_name(fact, "name" if isinstance(fact, Term) else "legal_authority")


def weighed_json(found: WeighedClaim) -> dict[str, Any]:
    """Return a weighed claim as plain data: exact decimal strings in the claim's unit."""
    claim = found.claim
    return {
        "ref": claim.ref,
        "subject": claim.subject,
        "aspect": claim.aspect,
        "who": claim.who,
        "rank": claim.rank,
        "stated_on": claim.stated_on.isoformat() if claim.stated_on else None,
        "unit": claim.unit,
        "text": claim.text,
        "low": _number(claim.low),
        "high": _number(claim.high),
        "record_low": _number(found.record.low),
        "record_high": _number(found.record.high),
        "evidence": [backing.fact.ref for backing in found.evidence],
        "away": _number(found.away),
        "verdict": str(found.verdict),
        "why": claim.stands_why if found.is_editors else "",
        "document": claim.document.slug if claim.document else None,
    }


def _number(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}"
