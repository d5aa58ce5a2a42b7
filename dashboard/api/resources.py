"""What can be listed: each resource as one row of a table.

Fields are output name -> column path; rows are read as plain tuples, so a list
costs a query and little else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q

from commitments.models import (
    Alert,
    Claim,
    Contradiction,
    Document,
    Event,
    Gap,
    Institution,
    InstitutionStatement,
    Instrument,
    Party,
    Reaction,
    Revision,
    Ruling,
    Sector,
    SectorMapping,
    StanceCoding,
    Term,
)
from dashboard.api.amounts import signed_amounts
from dashboard.chances import told_odds
from dashboard.subjects import OF_SIDE
from projects.models import (
    ClosedPeriod,
    Cover,
    DeemedRate,
    Financing,
    Forecast,
    ForecastScore,
    FundingNotice,
    LedgerEntry,
    Plan,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    Scenario,
    Snapshot,
    StageEvent,
    Valuation,
)
from projects.selectors import CommitmentRecord
from projects.services.forecasts import is_prior
from tariffs.models import (
    CounterfactualRate,
    Lever,
    LeverState,
    Measure,
    Supposition,
    TariffCategory,
    TradeFlow,
)
from tariffs.selectors.rates import RateBook

FACT = {
    "ref": "ref",
    "document": "document__slug",
    "published_on": "published_on",
    "locator": "locator",
    "confidence": "confidence",
    "recalled_fields": "recalled_fields",
    "derived_fields": "derived_fields",
    "note": "note",
    "noted_on": "noted_on",
    "revision": "revision_id",
}
FACT_FILTERS = {"ref": "ref", "document": "document__slug", "confidence": "confidence"}

WITHOUT_PATH = (Document, Institution, Party, Ruling)
"""What the parameter narrows though no column leads to a commitment."""


@dataclass(frozen=True)
class Resource:
    """One resource: model, fields, and what may be filtered, ordered and searched.

    `commitment` is the path to the commitment that the parameter of that name
    selects. `links` are many-to-many fields given as lists of natural keys.
    `flags` are filters that ask whether a text is there: true or false; `holding`
    those that ask whether one of some lists holds a text; `wheres` those that
    name one of some conditions.
    `convert` changes a row of plain values before it is sent; `extend` adds to
    the rows of a page what the record of the commitment knows of them. `judge`
    gives a record's amounts from what the commitment's claims say of its ref.
    """

    name: str
    model: type[Model]
    fields: Mapping[str, str]
    about: str
    filters: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    holding: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wheres: Mapping[str, Mapping[str, Q]] = field(default_factory=dict)
    ordering: tuple[str, ...] = ("ref",)
    search: tuple[str, ...] = ()
    commitment: str | None = None
    is_fact: bool = True
    key: str = "ref"
    links: tuple[str, ...] = ()
    convert: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    judge: Callable[[CommitmentRecord, str], list[dict[str, Any]]] | None = None
    extend: Callable[[list[dict[str, Any]], CommitmentRecord], None] | None = None

    @property
    def takes_commitment(self) -> bool:
        """Whether the parameter narrows it; what belongs to no commitment refuses it."""
        return self.commitment is not None or self.model in WITHOUT_PATH

    @property
    def all_filters(self) -> dict[str, str]:
        return {**(FACT_FILTERS if self.is_fact and self.key == "ref" else {}), **self.filters}


def _same(*names: str, **renamed: str) -> dict[str, str]:
    return {**{name: name for name in names}, **renamed}


def _amounts(row: dict[str, Any]) -> dict[str, Any]:
    """Give a claim's bounds as money where its unit is money, without needless zeros else."""
    for bound in ("low", "high"):
        value: Decimal | None = row[bound]
        if value is not None:
            money = row["unit"] in ("usd", "jpy")
            row[bound] = str(round(value, 2)) if money else f"{value.normalize():f}"
    return row


def _scores(row: dict[str, Any]) -> dict[str, Any]:
    """Give the scores of a forecast as decimal strings, as every number with a fraction."""
    for name in ("crps_share", "run_rate_share", "pinball_share", "pit", "odds", "brier"):
        row[name] = f"{row[name]:.6f}"
    return row


def odds_by_rung(variant: Mapping[str, Any], paths: int) -> dict[str, Any]:
    """Return the odds of the target by the deadline, funded and selected, never as 0 or 1."""
    return {rung: told_odds(variant, rung, paths) for rung in ("funded", "selected")}


def follows_beside(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an answer tells beside the inputs and results of a forecast and follows from them."""
    inputs, results = body["inputs"], body["results"]
    return {
        "as_of": inputs["as_of"],
        "revision": inputs["revision"],
        "model_version": inputs["model"],
        "is_prior": is_prior(inputs),
        "seed": results["seed"],
        "odds": odds_by_rung(results["variants"]["all"], inputs["paths"]),
    }


def _with_odds(row: dict[str, Any]) -> dict[str, Any]:
    """Give a forecast's odds in place of its whole body."""
    body = json.loads(row["odds"])
    row["odds"] = odds_by_rung(body["results"]["variants"]["all"], body["inputs"]["paths"])
    return row


def _with_scenario_odds(row: dict[str, Any]) -> dict[str, Any]:
    """Give a scenario's odds once it is drawn, and the project that dominates what it starts from."""
    drawn = row["odds"]
    row["dominating"] = drawn and drawn.get("dominating")
    row["odds"] = drawn and odds_by_rung(drawn, drawn["paths"])
    return row


def _entity(name: str, model: type[Model], about: str, *names: str, **kwargs: Any) -> Resource:
    search = tuple(n for n in ("name", "name_ja", "title", "issuer") if n in names)
    return Resource(
        name,
        model,
        _same("slug", *names, **kwargs.pop("renamed", {})),
        about,
        ordering=kwargs.pop("ordering", ("slug",)),
        search=search,
        is_fact=False,
        key="slug",
        **kwargs,
    )


def with_standings(rows: list[dict[str, Any]], record: CommitmentRecord) -> None:
    """Add to notices what came in, how each reading judges them, and what they left unfunded."""
    known = {found.notice.ref: found for found in record.notice_records}
    for row in rows:
        found = known[row["ref"]]
        clock, effect = found.clock, found.effect
        row["declined_on"] = clock.declined_on
        if clock.declined_on is None:  # what is declined later is not told of yet
            row["declined_usd"] = None
        row["receipts"] = [
            {"value_date": r.on, "amount_usd": str(r.amount_usd)} for r in clock.receipts
        ]
        row["received_usd"] = str(round(clock.received_usd, 2))
        row["unfunded_usd"] = str(round(clock.unfunded_usd, 2))
        row["overpaid_usd"] = str(round(clock.overpaid_usd, 2))
        row["funded_on"] = clock.funded_on
        row["standings"] = {
            nature: {
                "status": str(one.status),
                "due_on": one.due_on,
                "days_left": one.days_left if one.is_open else None,
                "days_off": one.days_off,
                "days_taken": one.days_taken,
                "ended_on": one.ended_on,
            }
            for nature, one in found.standings.items()
        }
        row["unfunded_commitment"] = {
            "selected_low": _usd(effect.selected.low),
            "selected_high": _usd(effect.selected.high),
            "noticed_before_usd": _usd(effect.noticed_before),
            "this_notice_usd": _usd(effect.this_notice),
            "after_low": _usd(effect.after.low),
            "after_high": _usd(effect.after.high),
        }


def as_they_stood(rows: list[dict[str, Any]], record: CommitmentRecord) -> None:
    """Add to measures their status on the day described, and leave out an end set later."""
    books = {country: RateBook(record.point, country) for country in {r["country"] for r in rows}}
    for row in rows:
        book = books[row["country"]]
        measure = book.named_measure(row["ref"])
        row["status"] = book.status(measure)
        if book.ends_on(measure) != row["effective_to"]:
            row["effective_to"] = row["ended_by"] = None


def as_they_ran(rows: list[dict[str, Any]], record: CommitmentRecord) -> None:
    """Leave out the last day of a period that still ran, or whose end was not there at the point."""
    found = CounterfactualRate.objects.current(record.point)
    hidden = {row.ref for row in found if "period_to" in row.unseen(record.point)}
    for row in rows:
        if row["ref"] in hidden:
            row["period_to"] = None


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else str(round(amount, 2))


RESOURCES = (
    _entity(
        "documents",
        Document,
        "Published texts, one act one document.",
        *("title", "kind", "issuer", "date", "date_precision", "url", "citation", "access"),
        *("language", "side", "aliases", "confidence", "recalled_fields", "note"),
        filters=_same("kind", "side", "access", "date_precision"),
    ),
    _entity(
        "institutions",
        Institution,
        "Public bodies, banks and committees.",
        *("name", "name_ja", "short", "country", "kind", "owner", "role", "role_ja"),
        "illustrative",
        filters=_same("country", "kind"),
    ),
    _entity("parties", Party, "Companies named with projects.", "name", "name_ja", "illustrative"),
    _entity(
        "instruments", Instrument, "Ways to finance.", "name", "name_ja", "is_cash", "position"
    ),
    _entity("sectors", Sector, "Sectors of the register.", "name", "name_ja", "position"),
    _entity(
        "tariff-categories",
        TariffCategory,
        "Groups of goods.",
        *("name", "name_ja", "position", "aliases", "headings", "near_headings"),
    ),
    Resource(
        "institution-statements",
        InstitutionStatement,
        {**FACT, **_same("text", "since", institution="institution__slug")},
        "Sourced sentences about institutions.",
        filters=_same(institution="institution__slug"),
    ),
    Resource(
        "sector-mappings",
        SectorMapping,
        {
            **FACT,
            **_same("label", "label_ja", "share_low", "share_high", "sectors", "lists", "fit"),
        },
        "How the founding article's sectors map to other lists.",
    ),
    Resource(
        "terms",
        Term,
        {
            **FACT,
            **_same(*("key", "reading", "is_default", "name", "name_ja", "value", "clause")),
            **_same("effective_on", "note_ja", commitment="commitment__slug"),
        },
        "Terms of the commitment, each with its readings.",
        filters=_same("key", "reading", "is_default"),
        ordering=("ref", "key"),
        search=("name", "note"),
        commitment="commitment",
    ),
    Resource(
        "claims",
        Claim,
        {
            **FACT,
            **_same("subject", "aspect", "low", "high", "unit", "qualifier"),
            **_same("text", "text_ja", "who", "who_ja"),
            **_same("side", "rank", "stated_on", "stated_precision", "effective_on"),
            **_same("against", "stands", "stands_why", "stands_why_ja", "note_ja"),
            "commitment": "commitment__slug",
        },
        "What documents say: ranges with unit, who and when.",
        filters=_same("subject", "aspect", "unit", "side", "rank", "qualifier"),
        ordering=("ref", "subject", "rank"),
        search=("who", "text", "note", "aspect"),
        commitment="commitment",
        convert=_amounts,
    ),
    Resource(
        "rulings",
        Ruling,
        {**FACT, **_same("subject", "aspect", "reason", "reason_ja", "effective_on")},
        "Which claims make a figure, and why.",
        filters=_same("subject", "aspect"),
        links=("claims",),
    ),
    Resource(
        "events",
        Event,
        {**FACT, **_same("occurred_on", "title", "title_ja", commitment="commitment__slug")},
        "What happened, or is due.",
        ordering=("ref", "occurred_on"),
        search=("title",),
        commitment="commitment",
    ),
    Resource(
        "reactions",
        Reaction,
        {
            **FACT,
            **_same("occurred_on", "date_precision", "country", "actor", "actor_ja"),
            **_same("actor_type", "kind", "stance", "coder", "coded_on", "subject", "about"),
            **_same("about_inferred", "summary", "summary_ja"),
            **_same("poll_question", "poll_n", "poll_from", "poll_to"),
            "commitment": "commitment__slug",
        },
        "Reactions and what they are about; stance is an editor's label.",
        filters=_same("country", "actor_type", "kind", "stance"),
        holding={"about": ("about", "about_inferred")},
        wheres={"side": OF_SIDE},
        ordering=("ref", "occurred_on"),
        search=("actor", "actor_ja", "summary", "summary_ja", "subject"),
        commitment="commitment",
    ),
    Resource(
        "stance-codings",
        StanceCoding,
        {**FACT, **_same("stance", "coder", "coded_on"), "reaction": "reaction__ref"},
        "Second labels of the stance of reactions, by other editors.",
        filters={"reaction": "reaction__ref", "coder": "coder", "stance": "stance"},
        commitment="reaction__commitment",
    ),
    Resource(
        "contradictions",
        Contradiction,
        {
            **FACT,
            **_same("topic", "topic_ja", "statement_a", "statement_a_ja", "statement_b"),
            **_same("statement_b_ja", "explanation", "explanation_ja", "evidence"),
            **_same("handling", "handling_ja"),
            "since": "since",
        },
        "Statements of the founding article that cannot both hold.",
    ),
    Resource(
        "gaps",
        Gap,
        {
            **FACT,
            **_same("area", "question", "question_ja", "text", "text_ja", "looked_on"),
            "awaited_since": "awaited_since__slug",
        },
        "Questions the public record does not answer.",
        filters=_same("area"),
    ),
    Resource(
        "project-profiles",
        ProjectProfile,
        {
            **FACT,
            **_same("effective_on", "sector_text", "states", "location", "location_ja"),
            **_same("batch", "count_in_totals", "capacity_mw", "capacity_is_minimum"),
            **_same("split_note", "split_note_ja", "note_ja"),
            "project": "project__slug",
            "sector": "sector__slug",
        },
        "Sector, place and batch of projects.",
        filters=_same("batch", project="project__slug", sector="sector__slug"),
        commitment="project__commitment",
    ),
    Resource(
        "stage-events",
        StageEvent,
        {**FACT, **_same("kind", "occurred_on", "note_ja", project="project__slug")},
        "Dated, evidenced steps of projects.",
        filters=_same("kind", project="project__slug"),
        ordering=("ref", "occurred_on"),
        commitment="project__commitment",
    ),
    Resource(
        "project-parties",
        ProjectParty,
        {**FACT, **_same("role", project="project__slug", party="party__slug")},
        "Companies' parts in projects.",
        filters=_same(project="project__slug", party="party__slug"),
        commitment="project__commitment",
    ),
    Resource(
        "project-links",
        ProjectLink,
        {**FACT, **_same("relation", project="project__slug", other="other__slug")},
        "How projects belong together.",
        filters=_same("relation", project="project__slug"),
        commitment="project__commitment",
    ),
    Resource(
        "financings",
        Financing,
        {
            **FACT,
            **_same("signed_on", "cover_status", "cover_text", "cover_text_ja", "benchmark"),
            **_same("spread_bps", "tenor_months", "override_reason", "note_ja"),
            **_same(commitment="commitment__slug", instrument="instrument__slug"),
        },
        "Financing agreements; their amounts are judged from the claims about them.",
        filters=_same("cover_status", instrument="instrument__slug"),
        commitment="commitment",
        links=("projects", "providers"),
        judge=signed_amounts,
    ),
    Resource(
        "covers",
        Cover,
        {
            **FACT,
            **_same("in_force_on", "ends_on", "amount_usd"),
            "financing": "financing__ref",
            "insurer": "insurer__slug",
        },
        "Insurance and guarantees: exposure, not cash.",
        commitment="financing__commitment",
    ),
    Resource(
        "notices",
        FundingNotice,
        {
            **FACT,
            **_same("number", "received_at", "received_zone", "received_on", "amount_usd"),
            **_same(
                "account", "specified_on", "reading", "declined_on", "declined_usd", "window_days"
            ),
            **_same("calendar", "earliest_on", "calendar_version", "default_reading"),
            **_same("override_reason"),
            **_same(project="project__slug", instrument="instrument__slug"),
            "commitment": "commitment__slug",
        },
        "Funding notices, each with its standing under both readings of the window.",
        filters=_same("number", project="project__slug", instrument="instrument__slug"),
        ordering=("ref", "received_on"),
        commitment="commitment",
        extend=with_standings,
    ),
    Resource(
        "plans",
        Plan,
        {
            **FACT,
            **_same("effective_on", "label", "points", commitment="commitment__slug"),
            "project": "project__slug",
            "sector": "sector__slug",
        },
        "Baselines.",
        commitment="commitment",
    ),
    Resource(
        "deemed-rates",
        DeemedRate,
        {
            **FACT,
            **_same("effective_on", "annual_rate", "benchmark", "spread_bps"),
            "commitment": "commitment__slug",
            "project": "project__slug",
        },
        "Deemed interest rates of investments: a fraction a year from a day on.",
        filters=_same(project="project__slug"),
        ordering=("ref", "effective_on"),
        commitment="commitment",
    ),
    Resource(
        "valuations",
        Valuation,
        {**FACT, **_same("valued_on", "amount_usd", "method", project="project__slug")},
        "What investments are estimated to be worth, beyond what they paid out.",
        filters=_same(project="project__slug"),
        ordering=("ref", "valued_on"),
        commitment="project__commitment",
    ),
    Resource(
        "ledger-entries",
        LedgerEntry,
        {
            **_same("id", "ref", "number", "kind", "value_date", "amount_usd", "currency"),
            **_same("amount", "fx_rate", "fx_on", "fx_source", "published_on", "locator", "note"),
            **_same("late_reason", "override_reason", "previous_sha256", "sha256"),
            "reverses": "reverses__ref",
            "commitment": "commitment__slug",
            "project": "project__slug",
            "instrument": "instrument__slug",
            "notice": "notice__ref",
            "document": "document__slug",
            "case": "revision__case",
            "revision": "revision_id",
        },
        "Cash that moved; a correction is a reversal. Each seals the one before it.",
        filters={
            **_same("ref", "kind", "currency", project="project__slug"),
            **_same(instrument="instrument__slug", notice="notice__ref"),
            **_same(document="document__slug", reverses="reverses__ref"),
        },
        flags={"late": "late_reason", "forced": "override_reason"},
        ordering=("id", "value_date", "number"),
        commitment="commitment",
        key="id",
    ),
    Resource(
        "closed-periods",
        ClosedPeriod,
        {**FACT, **_same("ends_on", commitment="commitment__slug")},
        "Ledgers closed up to a day: what is posted into one later is late.",
        ordering=("ref", "ends_on"),
        commitment="commitment",
    ),
    Resource(
        "tariff-measures",
        Measure,
        {
            **FACT,
            **_same("country", "hts_scope", "scope", "scope_ja", "leaves_out", "leaves_out_ja"),
            **_same("rate_percent", "basis"),
            **_same("stacking", "names_country", "legal_authority", "legal_authority_ja"),
            **_same("effective_from", "effective_to", "replaces", "steps_on", "step", "step_ja"),
            **_same("is_step_open", "act_note"),
            "ended_by": "ended_by__slug",
            "category": "category__slug",
        },
        "Duties with their authority, scope and dates.",
        filters=_same("country", "basis", category="category__slug"),
        search=("legal_authority", "hts_scope"),
        extend=as_they_stood,
    ),
    Resource(
        "levers",
        Lever,
        {
            **FACT,
            **_same("title", "title_ja", "trigger", "trigger_ja", "consequence"),
            **_same("consequence_ja", "instrument", "instrument_ja", "rule", "terms", "stated_on"),
            "commitment": "commitment__slug",
        },
        "Conditions under which a rate can return.",
        commitment="commitment",
    ),
    Resource(
        "lever-states",
        LeverState,
        _same(
            *("id", "as_of", "state", "previous", "signs", "judged_at"),
            lever="lever__ref",
            revision="revision_id",
        ),
        "Changes of the levers' states as judged, each with the facts used, published later or not.",
        filters=_same("state", lever="lever__ref"),
        ordering=("id", "as_of"),
        commitment="lever__commitment",
        is_fact=False,
        key="id",
    ),
    Resource(
        "alerts",
        Alert,
        _same(
            *("id", "rule", "subject", "number", "level", "previous", "as_of", "facts", "told_at"),
            commitment="commitment__slug",
            revision="revision_id",
        ),
        "Levels crossed by pace debt, odds and windows, either way, each with what it was judged by.",
        filters=_same("rule", "subject"),
        ordering=("id", "as_of"),
        commitment="commitment",
        is_fact=False,
        key="id",
    ),
    Resource(
        "counterfactual-rates",
        CounterfactualRate,
        {
            **FACT,
            **_same("period_from", "period_to", "with_percent", "with_basis"),
            **_same(
                "without_percent", "without_basis", "without_basis_ja", "without_rate_basis", "kind"
            ),
            "category": "category__slug",
        },
        "Rates with and without the agreement; `period_to` is null while the period runs or its end is not public.",
        filters=_same(category="category__slug"),
        extend=as_they_ran,
    ),
    Resource(
        "trade",
        TradeFlow,
        {
            **FACT,
            **_same(
                "line",
                "label",
                "label_ja",
                "year",
                "value_usd",
                "country",
                "flow",
                "basis",
                "gtap_code",
                "part_of",
            ),
            "category": "category__slug",
        },
        "Trade by group of goods: the baseline of exposure.",
        filters=_same("year", "flow", "basis", category="category__slug"),
    ),
    Resource(
        "snapshots",
        Snapshot,
        _same(
            *("id", "as_of", "sha256", "metric_versions", "computed_at"),
            commitment="commitment__slug",
            revision="revision_id",
        ),
        "Stored progress: the kept record.",
        filters=_same("as_of"),
        ordering=("id", "as_of"),
        commitment="commitment",
        is_fact=False,
        key="id",
    ),
    Resource(
        "forecasts",
        Forecast,
        _same(
            *("id", "as_of", "model_version", "is_prior", "seed", "sha256", "computed_at"),
            commitment="commitment__slug",
            revision="revision_id",
            odds="body",
        ),
        "Forecasts as published, frozen; a commitment's newest with inputs and results stands under it.",
        filters=_same("as_of", "is_prior"),
        ordering=("id", "as_of"),
        commitment="commitment",
        is_fact=False,
        key="id",
        convert=_with_odds,
    ),
    Resource(
        "forecast-scores",
        ForecastScore,
        _same(
            *("id", "months_ahead", "due_on", "outcome_usd", "crps_share", "pinball_share"),
            *("in_50", "in_80", "in_90", "pit", "needed_usd", "odds", "is_reached", "brier"),
            *("run_rate_share", "scored_at"),
            forecast="forecast_id",
            commitment="forecast__commitment__slug",
            revision="revision_id",
        ),
        "How published forecasts did, once the months they spoke of had come.",
        filters=_same("months_ahead", forecast="forecast_id"),
        ordering=("id", "due_on"),
        commitment="forecast__commitment",
        is_fact=False,
        key="id",
        convert=_scores,
    ),
    Resource(
        "scenarios",
        Scenario,
        _same(
            *("key", "name", "changes", "results", "created_at"),
            commitment="commitment__slug",
            forecast="forecast_id",
            revision="forecast__revision_id",
            is_prior="forecast__is_prior",
            odds="results",
            dominating="results",
        ),
        "What-ifs on stored forecasts, named by visitors; never part of the record.",
        filters=_same(forecast="forecast_id"),
        ordering=("key",),
        commitment="commitment",
        is_fact=False,
        key="key",
        convert=_with_scenario_odds,
    ),
    Resource(
        "suppositions",
        Supposition,
        _same(
            *("key", "name", "event", "as_of", "published_by", "created_at"),
            commitment="commitment__slug",
            project="project__slug",
            revision="revision_id",
        ),
        "Questions to the levers kept by visitors; never part of the record.",
        filters=_same("event", project="project__slug"),
        ordering=("key",),
        commitment="commitment",
        is_fact=False,
        key="key",
    ),
    Resource(
        "revisions",
        Revision,
        _same("number", "recorded_at", "kind", "reason"),
        "Postings to the register.",
        filters=_same("kind"),
        ordering=("number",),
        is_fact=False,
        key="number",
    ),
)
BY_NAME = {resource.name: resource for resource in RESOURCES}
