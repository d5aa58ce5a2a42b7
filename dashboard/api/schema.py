"""The OpenAPI description, made from the table of resources."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import BooleanField
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from commitments.calculations.undefined import Reason
from commitments.calculations.verdicts import Verdict
from commitments.models import Claim
from dashboard.api.parameters import LARGEST_PAGE, PAGE_SIZE, column_of
from dashboard.api.resources import BY_NAME, Resource
from dashboard.points import LONGEST_SEARCH
from dashboard.windows import MOST_DAYS
from projects.calculations.notices import NATURES, Status
from projects.calculations.waterfall import Kind, Reading, Rounding

ABOUT = {
    "as_of": "Day described, ISO date, not after today in Tokyo.",
    "known_at": "Instant with offset, or a date meaning its end in UTC: what the register knew.",
    "published_by": "Keep only rows published by this day.",
    "commitment": "Slug of a commitment; the default one otherwise.",
    "after": "Cursor of a page: follow “next”.",
    "page_size": "Rows a page, 1 to 500; 50 by default.",
    "ordering": "Column to order by; a leading - runs down.",
    "q": "Words that must all be found.",
    "min": "Amounts of this many billion US dollars and more.",
    "max": "Amounts of this many billion US dollars and less.",
    "about": "What it is about, a kind and a key: project:prj-tx-gulflink, measure:gen-122-2026.",
    "rung": "Rung that the pace is told on; funded otherwise.",
    "category": "Slug of a category of goods, or another name of it: autos, general, furniture.",
    "hts": "Tariff code, in place of category: 8703, 9903.94.40.",
    "on": "Day of the rate, ISO date; it may lie in the future. Otherwise the day described.",
    "elasticity": "What-if: elasticity of imports to the price with duty, -10 to 0; an assumption.",
    "notice": "Day of the notice, which is day 0; it may lie in the future.",
    "days": "Business days of the window, 1 to 1000; those of the commitment's terms otherwise.",
    "reading": "What reduces the deemed allocation amount: Japan's share, or all of a first-tier payment.",
    "capitalise": "Whether deemed interest unpaid after six months joins the principal: yes or no.",
    "discount": "Discount rate of net present values, percent a year from 0 to 100; else each deemed rate.",
    "calendar": "Whose business days count; otherwise as the commitment's terms say, if they do.",
}


TYPES: dict[str, Any] = {
    "as_of": OpenApiTypes.DATE,
    "published_by": OpenApiTypes.DATE,
    "notice": OpenApiTypes.DATE,
    "on": OpenApiTypes.DATE,
    "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
    "page_size": {
        "type": "integer",
        "minimum": 1,
        "maximum": LARGEST_PAGE,
        "default": PAGE_SIZE,
    },
    "q": {"type": "string", "maxLength": LONGEST_SEARCH},
}


def _parameters(*names: str, choices: Mapping[str, Sequence[str]]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name,
            TYPES.get(name, str),
            OpenApiParameter.QUERY,
            description=ABOUT.get(name, f"Keep rows with this {name}."),
            enum=choices.get(name),
        )
        for name in names
    ]


def orderings(columns: Sequence[str]) -> list[str]:
    """The values of `ordering` for some columns: each up and down."""
    return [f"{sign}{column}" for column in columns for sign in ("", "-")]


def _choices(resource: Resource) -> dict[str, list[str]]:
    """The values a resource's parameters may have, where they can be listed."""
    columns = {n: column_of(resource.model, p) for n, p in resource.all_filters.items()}
    listed = {n: [str(v) for v, _ in c.choices] for n, c in columns.items() if c.choices}
    booleans = {n: ["true", "false"] for n, c in columns.items() if isinstance(c, BooleanField)}
    booleans |= {n: ["true", "false"] for n in resource.flags}
    named = {n: list(conditions) for n, conditions in resource.wheres.items()}
    return {**listed, **booleans, **named, "ordering": orderings(resource.ordering)}


def why_none(told: str = "why there is no figure") -> serializers.ChoiceField:
    """A reason code, one of the enumeration; null where there is an answer."""
    return serializers.ChoiceField(list(Reason), allow_null=True, help_text=told)


ALWAYS = (429, 500, 503)
POINT_ALONE = ("as_of", "known_at", "published_by")
POINT = (*POINT_ALONE, "commitment")
PAGE = ("after", "page_size", "ordering")
PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(),
        "parameter": serializers.CharField(required=False),
        "request_id": serializers.CharField(allow_null=True),
    },
)
META = inline_serializer(
    "Meta",
    {
        "as_of": serializers.DateField(),
        "known_at": serializers.DateTimeField(allow_null=True),
        "revision": serializers.IntegerField(),
        "published_by": serializers.DateField(allow_null=True),
        "data_cutoff": serializers.DateField(allow_null=True),
        "agreement_cutoff": serializers.DateField(
            allow_null=True, help_text="newest document of the agreement, its projects and money"
        ),
        "tariffs_cutoff": serializers.DateField(
            allow_null=True, help_text="newest document of the duties and the reactions"
        ),
        "commitment": serializers.CharField(),
        "illustrative": serializers.BooleanField(required=False),
        "undated_dropped": serializers.IntegerField(required=False),
        "count": serializers.IntegerField(required=False),
    },
)
FIGURE_FIELDS: dict[str, Any] = {
    "value": serializers.CharField(allow_null=True, help_text="set where low and high are equal"),
    "low": serializers.CharField(allow_null=True),
    "high": serializers.CharField(allow_null=True),
    "unit": serializers.CharField(),
    "rung": serializers.CharField(allow_null=True),
    "reason": why_none(),
    "note": serializers.CharField(allow_null=True),
    "unstated_count": serializers.IntegerField(help_text="members without an amount"),
    "is_approximate": serializers.BooleanField(
        help_text="a document behind the value gives it as about so much"
    ),
    "is_recalled": serializers.BooleanField(
        help_text="a term or an amount it is made from rests on general knowledge"
    ),
    "is_derived": serializers.BooleanField(
        help_text="no document states a term or an amount it is made from; it was worked out"
    ),
}
FIGURE = serializers.DictField(
    child=inline_serializer("Figure", {**FIGURE_FIELDS, "explain": serializers.URLField()})
)
LINKS = serializers.DictField(child=serializers.URLField())
METRIC_FIELDS: dict[str, Any] = {
    **{
        name: serializers.CharField()
        for name in (
            *("key", "name", "name_ja", "definition", "definition_ja"),
            *("formula", "formula_ja", "literature"),
        )
    },
    "version": serializers.IntegerField(),
    **FIGURE_FIELDS,
}
ROW_FIELDS: dict[str, Any] = {
    "label": serializers.CharField(),
    "kind": serializers.CharField(),
    "ref": serializers.CharField(),
    "sign": serializers.IntegerField(),
    "low": serializers.CharField(allow_null=True),
    "high": serializers.CharField(allow_null=True),
    "unit": serializers.CharField(help_text="of low and high"),
    "part": serializers.CharField(help_text="numerator or denominator in a share, else empty"),
    "date": serializers.DateField(allow_null=True),
    "documents": serializers.ListField(child=serializers.CharField()),
    "note": serializers.CharField(),
    "is_recalled": serializers.BooleanField(help_text="it rests on general knowledge"),
    "is_derived": serializers.BooleanField(help_text="no document states it; it was worked out"),
}
PART_FIELDS: dict[str, Any] = {
    "dimension": serializers.CharField(help_text="sector or instrument"),
    "part": serializers.CharField(),
    **FIGURE_FIELDS,
    "explain": serializers.URLField(),
}
METRIC = inline_serializer("Metric", METRIC_FIELDS)
SIDE = inline_serializer(
    "DivisionSide",
    {
        "low": serializers.CharField(allow_null=True),
        "high": serializers.CharField(allow_null=True),
        "unit": serializers.CharField(),
    },
)
DIVISION = inline_serializer(
    "Division",
    {
        "numerator": SIDE,
        "denominator": SIDE,
        "factor": serializers.CharField(help_text="what the quotient is multiplied by"),
    },
    allow_null=True,
)
FIGURE_ROW = type("FigureRow", (serializers.Serializer,), ROW_FIELDS)
INPUT_FIELDS: dict[str, Any] = {
    "key": serializers.CharField(),
    **FIGURE_FIELDS,
    "explain": serializers.URLField(),
}
INPUT = type("MetricInput", (serializers.Serializer,), INPUT_FIELDS)
PART = type("MetricPart", (serializers.Serializer,), PART_FIELDS)
METRIC_WITH_ROWS = inline_serializer(
    "MetricWithRows",
    {
        **METRIC_FIELDS,
        "division": DIVISION,
        "rows": FIGURE_ROW(many=True),
        "context": FIGURE_ROW(many=True),
        "inputs": INPUT(many=True, help_text="the metrics its formula is made from"),
        "parts": PART(many=True),
    },
)
WORD = inline_serializer(
    "Word",
    {
        "key": serializers.CharField(),
        "group": serializers.ChoiceField(choices=["ladder", "evidence"]),
        **{
            name: serializers.CharField()
            for name in ("name", "name_ja", "definition", "definition_ja")
        },
    },
)
COMMITMENT = inline_serializer(
    "Commitment",
    {
        **{
            name: serializers.CharField()
            for name in ("slug", "name", "name_ja", "investor", "investor_ja")
        },
        "investor_code": serializers.CharField(),
        "host_code": serializers.CharField(),
        "is_default": serializers.BooleanField(),
        "illustrative": serializers.BooleanField(),
        "progress": serializers.URLField(),
    },
)
CORRECTION = inline_serializer(
    "Correction",
    {
        "kind": serializers.CharField(),
        "ref": serializers.CharField(),
        "flags": serializers.ListField(
            child=serializers.CharField(),
            help_text="late, reversal, superseded, withdrawn, forced, relabelled",
        ),
        "changes": inline_serializer(
            "Change",
            {
                "field": serializers.CharField(),
                "old": serializers.JSONField(allow_null=True),
                "new": serializers.JSONField(allow_null=True),
            },
            many=True,
        ),
        "reverses": serializers.CharField(allow_null=True),
        "amount_usd": serializers.CharField(allow_null=True),
        "late_reason": serializers.CharField(),
        "override_reason": serializers.CharField(),
        "note": serializers.CharField(),
        "reason": serializers.CharField(help_text="of the posting: the title of its case, if any"),
        "case_reason": serializers.CharField(help_text="why the case was entered, in public words"),
        "recorded_at": serializers.DateTimeField(),
        "revision": serializers.IntegerField(),
        "posted_by": serializers.CharField(help_text="load, case or import"),
        "case": serializers.IntegerField(allow_null=True),
        "entered_by": serializers.CharField(allow_null=True),
        "approved_by": serializers.CharField(allow_null=True),
        "document": serializers.CharField(allow_null=True),
    },
)
AMOUNT = inline_serializer(
    "ProjectAmount",
    {
        "low": serializers.CharField(allow_null=True),
        "high": serializers.CharField(allow_null=True),
        "currency": serializers.CharField(),
        "is_approximate": serializers.BooleanField(
            help_text="a document behind the amount gives it as about so much"
        ),
        "ruling": serializers.CharField(allow_null=True),
        "claims": serializers.ListField(child=serializers.CharField()),
        "rival_claims": serializers.ListField(child=serializers.CharField()),
    },
)
PROJECT_FIELDS: dict[str, Any] = {
    **{name: serializers.CharField() for name in ("slug", "name", "name_ja")},
    "stage": serializers.CharField(allow_null=True),
    "reached": serializers.DictField(
        child=serializers.DateField(allow_null=True),
        help_text="the day of each stage that steps decided; what money alone reached is not here",
    ),
    "sector": serializers.CharField(),
    "states": serializers.ListField(child=serializers.CharField()),
    "location": serializers.CharField(),
    "batch": serializers.CharField(),
    "count_in_totals": serializers.BooleanField(),
    "continued_as": serializers.CharField(allow_null=True),
    "merged_into": serializers.CharField(allow_null=True),
    "amounts": serializers.DictField(child=AMOUNT),
    "said": serializers.DictField(
        child=type(AMOUNT)(), help_text="on no rung: reported, or candidate_us_list"
    ),
    "documents": serializers.ListField(child=serializers.CharField()),
}
PROJECT = inline_serializer("Project", PROJECT_FIELDS)
AMOUNTS = type(AMOUNT)(many=True)
PROJECT_FINANCING = inline_serializer(
    "ProjectFinancing",
    {
        "ref": serializers.CharField(),
        "signed_on": serializers.DateField(allow_null=True),
        "instrument": serializers.CharField(),
        "providers": serializers.ListField(child=serializers.CharField()),
        "projects": serializers.ListField(child=serializers.CharField()),
        "cover_status": serializers.CharField(),
        "amounts": AMOUNTS,
        "document": serializers.CharField(allow_null=True),
    },
)
PROJECT_WITH_FINANCINGS = inline_serializer(
    "ProjectWithFinancings",
    {**PROJECT_FIELDS, "financings": type(PROJECT_FINANCING)(many=True)},
)

_DECISION = {
    "id": serializers.IntegerField(),
    "title": serializers.CharField(),
    "proposed_by": serializers.CharField(help_text="username"),
    "proposed_at": serializers.DateTimeField(
        help_text="when what was approved was submitted, after any return"
    ),
    "approved_by": serializers.CharField(help_text="username, never that of the proposer"),
    "approved_at": serializers.DateTimeField(),
    "revision": serializers.IntegerField(),
    "recorded_at": serializers.DateTimeField(),
    "rules_set_aside": serializers.ListField(child=serializers.CharField()),
}
DECISION = inline_serializer("Decision", {**_DECISION, "illustrative": serializers.BooleanField()})
PACK: dict[str, Any] = {
    "result": inline_serializer(
        "DecisionPack",
        {
            **_DECISION,
            "commitment": serializers.CharField(allow_null=True),
            "illustrative": serializers.BooleanField(),
            "reason": serializers.CharField(),
            "approval_reason": serializers.CharField(),
            "drafted_at": serializers.DateTimeField(help_text="when the first draft was kept"),
            "steps": serializers.ListField(
                child=serializers.DictField(),
                help_text="each submission and return, oldest first; the last is of what was approved",
            ),
            "submitted_sha256": serializers.CharField(
                help_text="of the changes as submitted; the hash of the pack is sha256, beside result"
            ),
            "changes_count": serializers.IntegerField(),
            "required_left_out": serializers.IntegerField(
                help_text="steps whose needs are not told"
            ),
            **{
                name: serializers.ListField(child=serializers.DictField())
                for name in ("changes", "required", "documents", "rival_claims", "effects")
            },
        },
    ),
    "sha256": serializers.CharField(
        help_text="of result as canonical JSON: sorted keys, no spaces, UTF-8"
    ),
}

_BOUND_HELP = "null where the bound would be 0 or 1: draws cannot show certainty"
ODDS_OF_RUNG = inline_serializer(
    "OddsOfRung",
    {
        "low": serializers.CharField(allow_null=True, help_text=_BOUND_HELP),
        "high": serializers.CharField(allow_null=True, help_text=_BOUND_HELP),
        "words": serializers.CharField(help_text="in English, as a natural frequency"),
    },
)


def _odds(name: str, *, allow_null: bool = False) -> Any:
    return inline_serializer(
        name,
        {rung: type(ODDS_OF_RUNG)() for rung in ("funded", "selected")},
        allow_null=allow_null,
        help_text="that the target is reached by the deadline; of a prior they rest on assumptions",
    )


ODDS = _odds("Odds")


FORECAST: dict[str, Any] = {
    "result": inline_serializer(
        "StoredForecast",
        {
            "as_of": serializers.DateField(),
            "revision": serializers.IntegerField(),
            "model_version": serializers.CharField(),
            "is_prior": serializers.BooleanField(
                help_text="under half a year of payments: odds rest on assumptions"
            ),
            "seed": serializers.CharField(),
            "sha256": serializers.CharField(
                help_text="of inputs and results as canonical JSON: sorted keys, no spaces, UTF-8"
            ),
            "odds": ODDS,
            "inputs": serializers.DictField(),
            "results": serializers.DictField(
                help_text="whole US dollars by month, levels and variants; paths that reached the target"
            ),
        },
        allow_null=True,
    ),
    "reason": why_none("why there is none"),
    "reliability": inline_serializer(
        "Reliability",
        {
            "origins": serializers.IntegerField(
                help_text="days that the scored forecasts were made on; of several of one day the last counts"
            ),
            "months": serializers.IntegerField(help_text="months of them that are scored"),
            "reached": serializers.IntegerField(
                help_text="months with funding on the needed path or above; at the deadline, on target"
            ),
            **{
                f"in_{level}": serializers.IntegerField(
                    help_text=f"months inside the interval ({level} %)"
                )
                for level in (50, 80, 90)
            },
            "pit_histogram": serializers.ListField(
                child=serializers.IntegerField(),
                help_text="months by the tenth of the forecast that what came lay in",
            ),
            **{
                name: serializers.CharField(allow_null=True, help_text=told)
                for name, told in (
                    ("crps_share", "mean CRPS as a share of the target"),
                    ("run_rate_share", "mean error of the run rate as a share of the target"),
                    ("pinball_share", "mean pinball loss as a share of the target"),
                    ("brier", "mean Brier score of the odds that funding is on the needed path"),
                    ("base_rate_brier", "Brier score of always telling how often it was"),
                )
            },
            "reason": why_none("why there are no scores: forecasts of under eight days"),
            "skill": inline_serializer(
                "Skill",
                {
                    "value": serializers.CharField(
                        allow_null=True, help_text="1 less CRPS over the error of the run rate"
                    ),
                    "reason": why_none("why there is none; zero_total: the run rate erred by 0"),
                },
            ),
        },
    ),
}

PACE: dict[str, Any] = {
    "rung": serializers.CharField(),
    "reason": why_none("why there are no lines"),
    "lines": inline_serializer(
        "PaceLine",
        {
            "dimension": serializers.CharField(help_text="programme, sector, instrument, project"),
            "key": serializers.CharField(),
            "budget_usd": serializers.CharField(
                allow_null=True,
                help_text="what the indices count of the amount to be reached: the low end of a "
                "range, the ceiling where only that is stated; null where none is on record",
            ),
            "budget_low_usd": serializers.CharField(
                allow_null=True, help_text="the amount to be reached as stated, its low"
            ),
            "budget_high_usd": serializers.CharField(allow_null=True, help_text="its high"),
            "budget_basis": serializers.CharField(
                allow_null=True,
                help_text="what it is: target, selected, or signed so far of an instrument",
            ),
            "budget_is_approximate": serializers.BooleanField(
                help_text="true where a document gives an amount in it as about so much"
            ),
            "done_usd": serializers.CharField(
                allow_null=True,
                help_text="what the indices count of what is on record, as of the budget; null "
                "where no document splits the rung so",
            ),
            "done_low_usd": serializers.CharField(
                allow_null=True, help_text="what is on record as stated, its low"
            ),
            "done_high_usd": serializers.CharField(allow_null=True, help_text="its high"),
            "plan": serializers.CharField(
                help_text="naive_linear where none is published, and on every rung but funded, "
                "which plans are of; sum_of_projects of a sector without one of its own, none "
                "where there is no target"
            ),
            "plan_sums": inline_serializer(
                "PaceSum",
                {"project": serializers.CharField(), "plan": serializers.CharField()},
                many=True,
                help_text="the plans that sum_of_projects adds up, point by point",
            ),
            "indices": serializers.DictField(
                child=inline_serializer(
                    "PaceIndex",
                    {
                        "value": serializers.CharField(allow_null=True),
                        "reason": why_none(),
                        "explain": serializers.CharField(
                            help_text="the metric of this part on this rung"
                        ),
                    },
                ),
                help_text=(
                    "trailing rates divide by their window, or by the days since the first amount "
                    "where those are fewer; projected_usd is that rate kept up to the deadline, "
                    "not clipped: it may lie past the part's own budget"
                ),
            ),
        },
        many=True,
    ),
}

WINDOW: dict[str, Any] = {
    "notice": serializers.DateField(),
    "days": serializers.IntegerField(),
    "calendar": serializers.CharField(),
    "calendar_stated": serializers.CharField(
        allow_null=True, help_text="that of the commitment's terms; null: they state none"
    ),
    "earliest_funding_date": serializers.DateField(help_text="last day of the window"),
    "excluded": inline_serializer(
        "ExcludedDay",
        {
            "date": serializers.DateField(),
            "name": serializers.CharField(),
            "country": serializers.CharField(help_text="JP or US"),
        },
        many=True,
    ),
    "calendar_version": serializers.CharField(),
}

_RATE: dict[str, Any] = {
    "rate_percent": serializers.CharField(
        allow_null=True, help_text="percent of the customs value; null has a reason"
    ),
    "basis": serializers.CharField(
        allow_null=True,
        help_text="what the rate holds: ad_valorem_additional, all_in_with_mfn, mfn_only, exempt",
    ),
    "reason": why_none("why there is no rate; mfn_not_on_record: the added duty only"),
}
TARIFF_MEASURE = inline_serializer(
    "RateMeasure",
    {
        "ref": serializers.CharField(),
        "legal_authority": serializers.CharField(),
        "legal_authority_ja": serializers.CharField(),
        "rate_percent": serializers.CharField(allow_null=True, help_text="percent"),
        "basis": serializers.CharField(help_text="of the measure's own rate"),
        "hts_scope": serializers.CharField(),
        "scope": serializers.CharField(help_text="part of the category; empty: all of it"),
        "leaves_out": serializers.CharField(help_text="goods it does not cover, or may not"),
        "effective_from": serializers.DateField(allow_null=True),
        "effective_to": serializers.DateField(allow_null=True, help_text="last day in force"),
        "status": serializers.CharField(help_text="on the day described, from acts and dates"),
        "replaces": serializers.ListField(child=serializers.CharField()),
        "document": serializers.CharField(allow_null=True),
        "published_on": serializers.DateField(allow_null=True),
        "note": serializers.CharField(),
    },
)
_MEASURES = type(TARIFF_MEASURE)
RATE: dict[str, Any] = {
    "category": serializers.CharField(allow_null=True),
    "hts": serializers.CharField(allow_null=True),
    "on": serializers.DateField(),
    **_RATE,
    "status": serializers.CharField(
        help_text="in_force, scheduled, depends_on_scope or not_stated"
    ),
    "authority": _MEASURES(
        many=True, help_text="what decides first, the ordinary duty beneath it last"
    ),
    "scopes": inline_serializer(
        "ScopeRate",
        {
            "category": serializers.CharField(
                allow_null=True, help_text="null: what of the code lies in none on record"
            ),
            "scope": serializers.CharField(help_text="part of the category; empty: all of it"),
            "scope_ja": serializers.CharField(),
            **_RATE,
            "authority": _MEASURES(many=True),
        },
        many=True,
        help_text="the parts, where they are told apart",
    ),
    "nearest": _MEASURES(
        many=True, help_text="of what has no rate: measures before and after, or on goods beside it"
    ),
}
TARIFF_CATEGORY = inline_serializer(
    "TariffCategoryRate",
    {
        **{name: serializers.CharField() for name in ("slug", "name", "name_ja")},
        "aliases": serializers.ListField(
            child=serializers.CharField(), help_text="other names it is asked by"
        ),
        "headings": serializers.ListField(
            child=serializers.CharField(), help_text="tariff codes that lie wholly in it"
        ),
        **_RATE,
        "status": serializers.CharField(help_text="on the day described"),
    },
)

_READING = "of the window, where a notice states none: earliest (date) or latest (deadline)"
LEVER = inline_serializer(
    "LeverStanding",
    {
        **{name: serializers.CharField() for name in ("ref", "title", "title_ja")},
        **{
            name: serializers.CharField()
            for part in ("trigger", "consequence", "instrument")
            for name in (part, f"{part}_ja")
        },
        "rule": serializers.CharField(help_text="what tests the trigger"),
        "readings": inline_serializer(
            "LeverReading",
            {
                "term": serializers.CharField(help_text="its ref"),
                **{name: serializers.CharField() for name in ("key", "reading")},
                "is_default": serializers.BooleanField(help_text="the one the register goes by"),
                **{name: serializers.CharField() for name in ("name", "name_ja")},
                "value": serializers.DictField(help_text="its text, or its parts"),
                "document": serializers.CharField(allow_null=True),
            },
            many=True,
            help_text="how the clause is read: rival readings, and what remains of it",
        ),
        "reading": serializers.CharField(help_text=_READING),
        "state": serializers.CharField(help_text="not_met, watch, met or cannot_tell"),
        "other_reading": serializers.CharField(),
        "other_reading_state": serializers.CharField(
            allow_null=True, help_text="under the other reading of the window"
        ),
        "signs": inline_serializer(
            "LeverSign",
            {
                "code": serializers.CharField(),
                "state": serializers.CharField(help_text="what it alone would make of the lever"),
                "kind": serializers.CharField(help_text="notice, project, measure or reaction"),
                "ref": serializers.CharField(),
                "on": serializers.DateField(allow_null=True),
                "business_days": serializers.IntegerField(allow_null=True),
            },
            many=True,
            help_text="the facts used",
        ),
        "document": serializers.CharField(allow_null=True),
    },
)
WEIGHED_CLAIM = inline_serializer(
    "WeighedClaim",
    {
        **{name: serializers.CharField() for name in ("ref", "subject", "aspect", "who")},
        "rank": serializers.IntegerField(help_text="1 official record … 4 unattributed article"),
        "stated_on": serializers.DateField(allow_null=True),
        "unit": serializers.ChoiceField(list(Claim.Unit)),
        "text": serializers.CharField(),
        **{
            name: serializers.CharField(allow_null=True, help_text="in the claim's unit")
            for name in ("low", "high", "record_low", "record_high")
        },
        "evidence": serializers.ListField(
            child=serializers.CharField(), help_text="refs of the claims that make the record"
        ),
        "away": serializers.CharField(
            allow_null=True, help_text="how far outside the record, above it positive"
        ),
        "verdict": serializers.ChoiceField(list(Verdict)),
        "why": serializers.CharField(
            help_text="an editor's reason, where no rule compares; else empty"
        ),
        "document": serializers.CharField(allow_null=True),
    },
)
_HAPPENING = {
    "text": serializers.CharField(),
    "on": serializers.DateField(allow_null=True),
}
WATCH = {
    "reason": why_none("why there is nothing to watch"),
    "items": inline_serializer(
        "WatchItem",
        {
            "number": serializers.IntegerField(),
            **{name: serializers.CharField() for name in ("name", "state", "trend")},
            "last": inline_serializer("LastChange", _HAPPENING),
            "next": inline_serializer("NextExpected", _HAPPENING),
        },
        many=True,
    ),
    "silences": inline_serializer(
        "Silence",
        {
            "text": serializers.CharField(),
            "since": serializers.DateField(),
            "days": serializers.IntegerField(),
        },
        many=True,
    ),
    "documents": serializers.ListField(child=serializers.CharField()),
}
AGREEMENT = {
    "reactions": serializers.IntegerField(help_text="coded by more than one editor"),
    "coders": serializers.ListField(child=serializers.CharField()),
    "alpha": serializers.CharField(
        allow_null=True, help_text="Krippendorff's alpha of nominal labels, 1 at most"
    ),
    "reason": why_none("why there is no alpha"),
}
PEER_PART_FIELDS: dict[str, Any] = {
    "label": serializers.CharField(),
    "amount_usd": serializers.CharField(allow_null=True, help_text="US dollars"),
}
PEER_PART = type("PeerPart", (serializers.Serializer,), PEER_PART_FIELDS)
PEER = inline_serializer(
    "Peer",
    {
        **{name: serializers.CharField() for name in ("slug", "investor", "investor_code")},
        "illustrative": serializers.BooleanField(help_text="true for a fictional commitment"),
        "pledge_usd": serializers.CharField(allow_null=True, help_text="US dollars"),
        "components": PEER_PART(
            many=True, help_text="parts of the pledge, or amounts named beside it"
        ),
        "annual_cap_usd": serializers.CharField(
            allow_null=True, help_text="US dollars, the most to be paid in a year"
        ),
        "start": serializers.DateField(allow_null=True),
        "is_signed": serializers.BooleanField(
            help_text="false where only an announcement is on record: days count from that"
        ),
        "days_since_start": serializers.IntegerField(allow_null=True),
        "governing_document": serializers.CharField(
            allow_null=True, help_text="the document whose force `binding` states"
        ),
        "deadline": serializers.DateField(allow_null=True),
        "cash_share": serializers.CharField(
            allow_null=True, help_text="fraction its documents call cash"
        ),
        "rate_percent": serializers.CharField(
            allow_null=True, help_text="general duty on the day described, as tariffs/rate/ answers"
        ),
        "rate_basis": serializers.CharField(allow_null=True),
        **{
            name: serializers.CharField(allow_null=True)
            for name in (
                *("horizon", "instruments", "tariff_from", "tariff_to"),
                *("binding", "split", "status"),
            )
        },
        "selected_share": serializers.JSONField(
            help_text="the metric; null where selections are not followed"
        ),
        "note": serializers.CharField(help_text="why it is not like for like"),
        "documents": serializers.ListField(child=serializers.CharField()),
        "recalled_fields": serializers.ListField(
            child=serializers.CharField(), help_text="fields that rest on general knowledge"
        ),
        "derived_fields": serializers.ListField(
            child=serializers.CharField(), help_text="fields drawn from what was worked out"
        ),
    },
)

_MONEY = "US dollars to the cent"


def _range(name: str, unit: str, about: str) -> dict[str, Any]:
    """The three fields of a range: its value where low and high are equal, and both."""
    return {
        f"{name}_{unit}": serializers.CharField(allow_null=True, help_text=about),
        f"{name}_low_{unit}": serializers.CharField(allow_null=True),
        f"{name}_high_{unit}": serializers.CharField(allow_null=True),
    }


_A_YEAR = "US dollars a year to the cent; null where low and high differ"
_EXTRA = f"more duty without the agreement, {_A_YEAR}"
WHAT_IF = inline_serializer(
    "ExposureWhatIf",
    {
        **_range("extra", "usd", f"as extra, on the imports left: {_A_YEAR}"),
        **_range("imports_lost", "usd", f"imports that would fall away: {_A_YEAR}"),
    },
    allow_null=True,
)
_EXPOSURE_LINE: dict[str, Any] = {
    "line": serializers.CharField(),
    "label": serializers.CharField(),
    "category": serializers.CharField(allow_null=True, help_text="whose rate it pays"),
    "imports_usd": serializers.CharField(help_text=_MONEY),
    **_range("rate", "percent", "rate in force on the day"),
    "basis": serializers.CharField(allow_null=True),
    "reason": why_none(),
    "added_only": serializers.BooleanField(
        help_text="a rate leaves out the ordinary duty, which is not on record"
    ),
    **_range("duty", "usd", f"imports times rate, {_A_YEAR}"),
    **_range("without", "percent", "rate without the agreement"),
    "without": inline_serializer(
        "RateWithout",
        {
            "rate_percent": serializers.CharField(allow_null=True),
            "basis": serializers.CharField(help_text="empty: not stated"),
            "source": serializers.CharField(
                allow_null=True, help_text="counterfactual_row or same_for_all_countries"
            ),
            "note": serializers.CharField(),
            "document": serializers.CharField(allow_null=True),
        },
        many=True,
        help_text="one for each part",
    ),
    **_range("duty_without", "usd", f"imports times that rate, {_A_YEAR}"),
    **_range("extra", "usd", _EXTRA),
    "what_if": WHAT_IF,
    "authority": serializers.ListField(child=serializers.CharField(), help_text="refs of measures"),
}
EXPOSURE_LINE = type("ExposureLine", (serializers.Serializer,), _EXPOSURE_LINE)
EXPOSURE: dict[str, Any] = {
    "on": serializers.DateField(),
    "reason": why_none("why there is no baseline and no total; null where there are"),
    "baseline": inline_serializer(
        "ExposureBaseline",
        {
            "line": serializers.CharField(),
            "label": serializers.CharField(),
            "year": serializers.IntegerField(),
            "imports_usd": serializers.CharField(help_text=_MONEY),
            "basis": serializers.CharField(),
            "document": serializers.CharField(allow_null=True),
        },
        allow_null=True,
    ),
    "elasticity": serializers.CharField(allow_null=True),
    "lines": EXPOSURE_LINE(many=True),
    "within": EXPOSURE_LINE(
        many=True, help_text="parts of lines that a measure names; they are in no sum"
    ),
    "total": inline_serializer(
        "ExposureTotal",
        {
            "imports_usd": serializers.CharField(help_text="of all lines"),
            "imports_with_rate_usd": serializers.CharField(
                help_text="of the lines that have a duty"
            ),
            "imports_without_rate_usd": serializers.CharField(
                help_text="of the lines that have none"
            ),
            "imports_compared_usd": serializers.CharField(
                help_text="of the lines that have an extra"
            ),
            "imports_uncompared_usd": serializers.CharField(
                help_text="of the lines that have none: no rate without the agreement is on record"
            ),
            "unstated_count": serializers.IntegerField(help_text="lines without a duty"),
            "uncompared_count": serializers.IntegerField(help_text="lines without an extra"),
            **_range("duty", "usd", f"of the lines that have one, {_A_YEAR}"),
            **_range(
                "average", "percent", "import-weighted average rate: duty over imports with a rate"
            ),
            **_range("duty_compared", "usd", f"of the lines that have an extra, {_A_YEAR}"),
            **_range("duty_without", "usd", f"of the lines that have an extra, {_A_YEAR}"),
            **_range("extra", "usd", _EXTRA),
            "added_only": serializers.BooleanField(help_text="a line leaves out the ordinary duty"),
            "added_only_count": serializers.IntegerField(
                help_text="lines whose duty leaves out the ordinary duty"
            ),
            "what_if": WHAT_IF,
        },
        allow_null=True,
    ),
}
EXPLAINED_EXPOSURE: dict[str, Any] = {
    **EXPOSURE,
    "explain": serializers.DictField(
        child=serializers.URLField(),
        help_text="where the lines that make duty, average and extra re-sum to them",
    ),
}
SUPPOSED: dict[str, Any] = {
    "suppose": serializers.CharField(),
    "project": serializers.CharField(),
    "clauses": inline_serializer(
        "SupposedClause",
        {
            **{
                name: serializers.CharField()
                for name in ("ref", "title", "title_ja", "consequence", "consequence_ja")
            },
            "reading": serializers.CharField(help_text=_READING),
            "before": serializers.CharField(help_text="not_met, watch, met or cannot_tell"),
            "after": serializers.CharField(help_text="as it would stand"),
            "other_reading": serializers.CharField(),
            **{
                name: serializers.CharField(
                    allow_null=True, help_text="null where the trigger does not hang on the window"
                )
                for name in ("other_reading_before", "other_reading_after")
            },
            "document": serializers.CharField(allow_null=True),
        },
        many=True,
        help_text="the levers hit",
    ),
    "exposure": inline_serializer(
        "SupposedExposure",
        EXPOSURE,
        allow_null=True,
        help_text="the duty at stake; null without a trade baseline",
    ),
    "documents": serializers.ListField(
        child=serializers.CharField(), help_text="what the answer rests on, each once"
    ),
    "terms": inline_serializer(
        "SupposedTerm",
        {
            "key": serializers.CharField(help_text="split or decline"),
            "value": serializers.DictField(),
            "document": serializers.CharField(allow_null=True),
        },
        many=True,
        help_text="what the agreement says of distributions, and of a refusal to fund",
    ),
}
WATERFALL_QUESTION = inline_serializer(
    "WaterfallQuestion",
    {
        "reading": serializers.ChoiceField(
            list(Reading),
            default=str(Reading.JAPAN_SHARE),
            help_text="what reduces the deemed allocation amount: Japan's half, or the whole first tier",
        ),
        "rounding": serializers.ChoiceField(
            list(Rounding),
            default=str(Rounding.EACH),
            help_text="each payment rounded half-even by itself, or the odd cent carried to the next",
        ),
        "discount_rate": serializers.CharField(
            required=False, help_text="fraction a year from 0 to 1: asks for net present values"
        ),
        "events": inline_serializer(
            "WaterfallEvent",
            {
                "date": serializers.DateField(),
                "type": serializers.ChoiceField(list(Kind)),
                "amount": serializers.CharField(
                    required=False, help_text=f"{_MONEY}, of a contribution or distribution"
                ),
                "rate": serializers.CharField(
                    required=False,
                    help_text="fraction a year from this day on, benchmark and spread together, "
                    "not below 0: 0.0525 is 5.25 %",
                ),
            },
            many=True,
        ),
    },
)
_STEP: dict[str, Any] = {
    "date": serializers.DateField(),
    **{
        name: serializers.CharField(help_text=_MONEY)
        for name in (
            *("amount", "daa_before", "tier1", "japan_tier1", "us_tier1"),
            *("tier2", "japan_tier2", "us_tier2", "interest_after", "principal_after"),
        )
    },
}
WATERFALL_STEP = type("WaterfallStep", (serializers.Serializer,), _STEP)
WATERFALL = inline_serializer(
    "WaterfallAnswer",
    {
        "reading": serializers.ChoiceField(list(Reading)),
        "steps": WATERFALL_STEP(many=True, help_text="one for each distribution"),
        **{
            name: serializers.CharField(help_text=_MONEY)
            for name in ("total_japan", "total_us", "final_principal", "final_interest")
        },
        **{
            name: serializers.CharField(required=False, help_text=f"{_MONEY}; with `discount_rate`")
            for name in ("npv_japan", "npv_project")
        },
    },
)
_BOUNDS = type(
    "MoneyBounds",
    (serializers.Serializer,),
    {
        "low": serializers.CharField(allow_null=True),
        "high": serializers.CharField(allow_null=True),
    },
)
_INVESTMENT: dict[str, Any] = {
    **{name: serializers.CharField() for name in ("project", "name", "name_ja")},
    "reading": serializers.ChoiceField(list(Reading)),
    "capitalise": serializers.BooleanField(
        help_text="whether deemed interest unpaid after six months joins the principal"
    ),
    "funded_on": serializers.DateField(allow_null=True, help_text="first funding"),
    "paid_in_usd": serializers.CharField(help_text=_MONEY),
    "distributed_usd": serializers.CharField(help_text=_MONEY),
    "japan_received_usd": _BOUNDS(),
    "us_received_usd": _BOUNDS(),
    "deemed_allocation_usd": _BOUNDS(help_text="still owed; no high where no rate is on record"),
    "principal_usd": serializers.CharField(help_text=_MONEY),
    "interest_usd": serializers.CharField(help_text=_MONEY),
    "tier": serializers.IntegerField(help_text="in which the next dollar falls: 1 or 2"),
    "worth_usd": _BOUNDS(help_text="newest valuation since cash last moved; null: not stated"),
    "japan_worth_usd": _BOUNDS(help_text="what the waterfall would give Japan of it"),
    "npv_japan_usd": _BOUNDS(
        help_text="net present value on the first day, Japan's flows; null: no rate on record"
    ),
    "npv_project_usd": _BOUNDS(help_text="the same, all flows"),
    "discount_rate": serializers.CharField(allow_null=True, help_text="fraction a year"),
    "discount_basis": serializers.ChoiceField(
        ["deemed", "chosen"], help_text="the deemed rate at the first funding, or `discount`"
    ),
    "valued_on": serializers.DateField(allow_null=True),
    "flags": serializers.ListField(
        child=serializers.CharField(),
        help_text="rate_not_stated; losses_silent: it ended with money still owed, a claim under a "
        "guarantee was paid, or what it paid out and is worth is less than was paid in",
    ),
}
INVESTMENT = inline_serializer("Investment", _INVESTMENT)
MEASURES = serializers.DictField(child=inline_serializer("Measure", FIGURE_FIELDS))
INVESTMENT_WITH_STEPS = inline_serializer(
    "InvestmentWithSteps",
    {
        **_INVESTMENT,
        "steps": WATERFALL_STEP(many=True, help_text="one for each distribution"),
        "rates": inline_serializer(
            "RateInUse",
            {
                "ref": serializers.CharField(),
                "effective_on": serializers.DateField(),
                "annual_rate": serializers.CharField(help_text="fraction a year"),
            },
            many=True,
        ),
        "measures": MEASURES,
    },
)


def one(record: Any) -> dict[str, Any]:
    """The body of an answer about one record."""
    return {"result": record}


def page_of(record: Any) -> dict[str, Any]:
    """The body of an answer that lists records."""
    many = type(record)(many=True)
    return {"next": serializers.CharField(allow_null=True), "results": many}


def _errors(*codes: int) -> dict[Any, Any]:
    return {
        (code, "application/problem+json"): OpenApiResponse(PROBLEM, description="Problem")
        for code in codes
    }


STANDING = inline_serializer(
    "NoticeStanding",
    {
        "status": serializers.ChoiceField([str(status) for status in Status]),
        "due_on": serializers.DateField(allow_null=True, help_text="null: the reading gives none"),
        "days_left": serializers.IntegerField(
            allow_null=True, help_text="business days; 0 or negative after; null once it has ended"
        ),
        "days_off": serializers.IntegerField(help_text="business days early or late"),
        "days_taken": serializers.IntegerField(allow_null=True, help_text="business days"),
        "ended_on": serializers.DateField(allow_null=True),
    },
)
EXTENDED: dict[str, dict[str, Any]] = {
    "forecasts": {"odds": ODDS},
    "scenarios": {
        "odds": _odds("OddsOrNone", allow_null=True),
        "dominating": serializers.CharField(
            allow_null=True,
            help_text="the largest project, where it holds over 40 % of what is selected: the draws vary more; null: none, or not drawn yet",
        ),
    },
    "tariff-measures": {
        "status": serializers.CharField(help_text="on the day described, from acts and dates")
    },
    "notices": {
        "receipts": inline_serializer(
            "NoticeReceipt",
            {"value_date": serializers.DateField(), "amount_usd": serializers.CharField()},
            many=True,
        ),
        "received_usd": serializers.CharField(),
        "unfunded_usd": serializers.CharField(help_text="called and not received"),
        "overpaid_usd": serializers.CharField(help_text="received beyond what is called"),
        "funded_on": serializers.DateField(
            allow_null=True, help_text="value date of the completing receipt"
        ),
        "standings": inline_serializer(
            "NoticeStandings", {nature: type(STANDING)() for nature in NATURES}
        ),
        "unfunded_commitment": inline_serializer(
            "UnfundedCommitment",
            {
                "selected_low": serializers.CharField(allow_null=True),
                "selected_high": serializers.CharField(allow_null=True),
                "noticed_before_usd": serializers.CharField(),
                "this_notice_usd": serializers.CharField(),
                "after_low": serializers.CharField(allow_null=True),
                "after_high": serializers.CharField(allow_null=True),
            },
        ),
    },
}


@cache
def _record(resource_name: str) -> Any:
    """One serializer class a resource, so that the description names it once."""
    resource = BY_NAME[resource_name]
    fields = {name: _field(resource.model, path) for name, path in resource.fields.items()}
    for link in resource.links:
        fields[link] = serializers.ListField(child=serializers.CharField())
    if resource.judge:
        fields["amounts"] = AMOUNTS
    fields.update(EXTENDED.get(resource.name, {}))
    return type(_title(resource), (serializers.Serializer,), fields)


KINDS: dict[str, type[serializers.Field[Any, Any, Any, Any]]] = {
    "BooleanField": serializers.BooleanField,
    "DateField": serializers.DateField,
    "DateTimeField": serializers.DateTimeField,
    "FloatField": serializers.CharField,  # sent as decimal strings
    "JSONField": serializers.JSONField,
    **dict.fromkeys(
        (
            *("AutoField", "BigAutoField", "IntegerField", "SmallIntegerField"),
            *("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField"),
        ),
        serializers.IntegerField,
    ),
}


def _field(model: Any, path: str) -> Any:
    """The field that describes a column: decimals are strings, help texts are the model's."""
    *relations, last = path.split("__")
    may_be_null = False
    for relation in relations:
        link = model._meta.get_field(relation)
        may_be_null = may_be_null or link.null
        model = link.related_model
    column = model._meta.get_field(last)
    may_be_null = may_be_null or column.null
    while column.is_relation:
        column = column.target_field
    kind = KINDS.get(column.get_internal_type(), serializers.CharField)
    return kind(allow_null=may_be_null, help_text=str(column.help_text) or None)


def _title(resource: Resource) -> str:
    return "".join(part.title() for part in resource.name.split("-"))


def _on_get(**description: Any) -> Any:
    return extend_schema_view(get=extend_schema(**description))


def _point(resource: Resource) -> tuple[str, ...]:
    return POINT if resource.takes_commitment else POINT_ALONE


def describe_list(resource: Resource) -> Any:
    """Return the decorator that describes a resource's list."""
    page = inline_serializer(
        f"{_title(resource)}Page",
        {
            "meta": META,
            "next": serializers.CharField(allow_null=True),
            "results": _record(resource.name)(many=True),
        },
    )
    filters = (*resource.all_filters, *resource.flags, *resource.holding, *resource.wheres)
    own = (n for n in filters if n not in POINT)
    names = (*_point(resource), *PAGE, *(("q",) if resource.search else ()), *own)
    return _on_get(
        operation_id=f"list_{resource.name}",
        description=resource.about,
        parameters=_parameters(*names, choices=_choices(resource)),
        responses={200: page, 304: None, **_errors(400, *ALWAYS)},
    )


def describe_detail(resource: Resource) -> Any:
    """Return the decorator that describes one record of a resource."""
    body = inline_serializer(
        f"{_title(resource)}Answer", {"meta": META, "result": _record(resource.name)()}
    )
    return _on_get(
        operation_id=f"get_{resource.name}",
        description=resource.about,
        parameters=_parameters(*_point(resource), choices={}),
        responses={200: body, 304: None, **_errors(400, 404, *ALWAYS)},
    )


def describe(
    operation_id: str,
    about: str,
    *names: str,
    body: dict[str, Any],
    may_be_missing: bool = False,
    choices: Mapping[str, Sequence[str]] | None = None,
    point: Sequence[str] = POINT,
) -> Any:
    """Return the decorator that describes any other view."""
    answer = inline_serializer(
        "".join(p.title() for p in operation_id.split("_")), {"meta": META, **body}
    )
    errors = (400, 404, *ALWAYS) if may_be_missing else (400, *ALWAYS)
    return _on_get(
        operation_id=operation_id,
        description=about,
        parameters=_parameters(*point, *names, choices=choices or {}),
        responses={200: answer, 304: None, **_errors(*errors)},
    )


def describe_calculator(operation_id: str, about: str, *, question: Any, answer: Any) -> Any:
    """Return the decorator that describes a view which computes from what is posted to it."""
    return extend_schema_view(
        post=extend_schema(
            operation_id=operation_id,
            description=about,
            request={"application/json": question},
            responses={200: answer, **_errors(400, *ALWAYS)},
        )
    )
