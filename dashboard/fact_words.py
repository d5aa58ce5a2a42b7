"""What a fact of the register says, in one line and in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.models import (
    Claim,
    Contradiction,
    Event,
    Fact,
    Gap,
    InstitutionStatement,
    Reaction,
    Ruling,
    SectorMapping,
    StanceCoding,
    Term,
)
from dashboard import formats
from dashboard.claims import aspect_words, claim_words
from dashboard.code_words import batch_words, role_words
from dashboard.terms import basis_words, said_term
from projects.models import (
    ClosedPeriod,
    Cover,
    DeemedRate,
    Financing,
    FundingNotice,
    LedgerEntry,
    Plan,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    StageEvent,
    Valuation,
)
from tariffs.models import CounterfactualRate, Lever, Measure, TradeFlow

TABLES: Mapping[str, Any] = {
    "claim": gettext_lazy("claims"),
    "closedperiod": gettext_lazy("closed periods"),
    "commitment": gettext_lazy("commitments"),
    "contradiction": gettext_lazy("contradictions"),
    "counterfactualrate": gettext_lazy("rates with and without the agreement"),
    "cover": gettext_lazy("covers"),
    "deemedrate": gettext_lazy("deemed rates"),
    "document": gettext_lazy("documents"),
    "event": gettext_lazy("events"),
    "financing": gettext_lazy("financings"),
    "fundingnotice": gettext_lazy("funding notices"),
    "gap": gettext_lazy("gaps"),
    "institution": gettext_lazy("institutions"),
    "institutionstatement": gettext_lazy("statements about institutions"),
    "instrument": gettext_lazy("instruments"),
    "ledgerentry": gettext_lazy("ledger entries"),
    "lever": gettext_lazy("levers"),
    "measure": gettext_lazy("tariff measures"),
    "party": gettext_lazy("companies"),
    "plan": gettext_lazy("plans"),
    "project": gettext_lazy("projects"),
    "projectlink": gettext_lazy("links between projects"),
    "projectparty": gettext_lazy("companies of projects"),
    "projectprofile": gettext_lazy("profiles of projects"),
    "reaction": gettext_lazy("reactions"),
    "ruling": gettext_lazy("rulings"),
    "sector": gettext_lazy("sectors"),
    "sectormapping": gettext_lazy("mappings of sectors"),
    "stageevent": gettext_lazy("steps of projects"),
    "stancecoding": gettext_lazy("second codings of stance"),
    "tariffcategory": gettext_lazy("groups of goods"),
    "term": gettext_lazy("terms of agreements"),
    "tradeflow": gettext_lazy("trade of a year"),
    "valuation": gettext_lazy("valuations"),
}


# What a line may name of another record: read with the fact.
NAMED = frozenset(
    {
        *("project", "other", "category", "party", "institution", "insurer", "instrument"),
        *("sector", "reaction"),
    }
)


def named_by(model: type[Fact | LedgerEntry]) -> list[str]:
    """The links of a kind of fact, or of ledger entries, that its line names."""
    links = [f.name for f in model._meta.concrete_fields if f.many_to_one]
    return [name for name in links if name in NAMED]


def table_words(kind: str) -> str:
    """Return what the records of a kind are called together."""
    return str(TABLES[kind])


def fact_words(fact: Fact | LedgerEntry, day: date, names: Mapping[str, str]) -> str:
    """Return a fact in a line; `names` gives what claims and rulings speak of, by subject."""
    if isinstance(fact, Claim):
        return _claim_words(fact, names)
    if isinstance(fact, Ruling):
        about = _about(names.get(fact.subject, ""), aspect_words(fact.aspect))
        return _sentence(about, formats.said(fact, "reason"))
    if isinstance(fact, LedgerEntry):
        return entry_words(fact)
    for model, words in WORDS.items():
        if isinstance(fact, model):
            return words(fact)
    return formats.said_as_written(fact.note_at(day)) or fact.ref


def _claim_words(claim: Claim, names: Mapping[str, str]) -> str:
    about = _about(names.get(claim.subject, ""), aspect_words(claim.aspect))
    return _sentence(about, claim_words(claim))


def _about(name: str, aspect: str) -> str:
    if not name:
        return aspect
    return format_html(_("{name}, {aspect}"), name=name, aspect=aspect)


def _sentence(about: str, said: str) -> str:
    return format_html(_("{words}: {said}"), words=about, said=said)


def _named(entity: Any) -> str:
    return formats.said_name(entity, "name")


def financing_words(financing: Financing) -> str:
    """Return an agreement in words: its instrument and the day it was signed."""
    given = {"instrument": _named(financing.instrument), "day": formats.day(financing.signed_on)}
    return _("%(instrument)s signed on %(day)s") % given


def entry_words(entry: LedgerEntry) -> str:
    """Return an entry of the ledger in words: its project, the day money moved, what and how much."""
    about = _about(_named(entry.project), formats.day(entry.value_date))
    parts = [_("reversal")] if entry.reverses_id else []
    parts += [str(entry.get_kind_display()), formats.money(entry.amount_usd)]
    return _sentence(about, _(", ").join(parts))


def _notice_words(notice: FundingNotice) -> str:
    return _("%(project)s, notice %(number)s of %(day)s: %(amount)s") % {
        "project": _named(notice.project),
        "number": notice.number,
        "day": formats.day(notice.received_on),
        "amount": formats.money(notice.amount_usd),
    }


def _cover_words(cover: Cover) -> str:
    stated = cover.amount_usd is not None
    return _("%(insurer)s covers %(amount)s from %(day)s") % {
        "insurer": _named(cover.insurer),
        "amount": formats.money(cover.amount_usd) if stated else _("an amount not stated"),
        "day": formats.day(cover.in_force_on),
    }


def _step_words(event: StageEvent) -> str:
    about = _about(_named(event.project), formats.day(event.occurred_on))
    return _sentence(about, str(event.get_kind_display()))


def _profile_words(profile: ProjectProfile) -> str:
    parts = [_named(profile.sector)] if profile.sector else []
    parts += [batch_words(profile.batch)] if profile.batch else []
    return _sentence(_named(profile.project), _(", ").join(parts) or _("not stated"))


def _link_words(link: ProjectLink) -> str:
    return _("%(project)s: %(relation)s %(other)s") % {
        "project": _named(link.project),
        "relation": link.get_relation_display(),
        "other": _named(link.other),
    }


def _measure_words(measure: Measure) -> str:
    percent = measure.rate_percent
    rate = _("no rate stated")
    if percent is not None:
        rate = f"{formats.rate(percent)} {basis_words(measure.basis)}"
    return _("%(goods)s: %(rate)s, from %(day)s") % {
        "goods": _named(measure.category),
        "rate": rate,
        "day": formats.day(measure.effective_from),
    }


def _counterfactual_words(row: CounterfactualRate) -> str:
    return _("%(goods)s from %(day)s: %(with)s; without the agreement %(without)s") % {
        "goods": _named(row.category),
        "day": formats.day(row.period_from),
        "with": formats.rate(row.with_percent),
        "without": formats.rate(row.without_percent),
    }


def _trade_words(flow: TradeFlow) -> str:
    about = _about(formats.said_name(flow, "label"), str(flow.year))
    amount = formats.money(flow.value_usd)
    return _sentence(about, formats.unverified(amount) if flow.recalls("value_usd") else amount)


def _plan_words(plan: Plan) -> str:
    return _("plan of %(day)s") % {"day": formats.day(plan.effective_on)}


def _rate_words(rate: DeemedRate) -> str:
    about = _named(rate.project) if rate.project else _("every investment")
    return _sentence(about, formats.percent(rate.annual_rate, 2))


def _valuation_words(valuation: Valuation) -> str:
    about = _about(_named(valuation.project), formats.day(valuation.valued_on))
    return _sentence(about, formats.money(valuation.amount_usd))


WORDS: Mapping[type[Fact], Callable[[Any], str]] = {
    ClosedPeriod: lambda fact: _("closed up to %(day)s") % {"day": formats.day(fact.ends_on)},
    Contradiction: lambda fact: formats.said(fact, "topic"),
    CounterfactualRate: _counterfactual_words,
    Cover: _cover_words,
    DeemedRate: _rate_words,
    Event: lambda fact: formats.said(fact, "title"),
    Financing: financing_words,
    FundingNotice: _notice_words,
    Gap: lambda fact: formats.said(fact, "question"),
    InstitutionStatement: lambda fact: _sentence(
        _named(fact.institution), formats.said_as_written(fact.text)
    ),
    Lever: lambda fact: formats.said(fact, "title"),
    Measure: _measure_words,
    Plan: _plan_words,
    ProjectLink: _link_words,
    ProjectParty: lambda fact: _sentence(
        _about(_named(fact.project), formats.said(fact.party, "name")),
        role_words(fact.role),
    ),
    ProjectProfile: _profile_words,
    Reaction: lambda fact: _sentence(formats.said(fact, "actor"), formats.said(fact, "summary")),
    SectorMapping: lambda fact: formats.said_name(fact, "label"),
    StageEvent: _step_words,
    StanceCoding: lambda fact: _sentence(
        formats.said_name(fact.reaction, "actor"), str(fact.get_stance_display())
    ),
    Term: lambda fact: _sentence(formats.said_name(fact, "name"), said_term(fact)),
    TradeFlow: _trade_words,
    Valuation: _valuation_words,
}
