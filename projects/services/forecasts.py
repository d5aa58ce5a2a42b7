"""The forecast of a commitment: its inputs from the record, its draws, both stored and frozen.

The results follow from the inputs alone: the same inputs give the same bytes.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
from django.db.models import Q

from commitments.calculations.dates import business_day, last_day_of_month
from commitments.calculations.strict_json import parse_json
from commitments.calculations.undefined import Undefined
from commitments.models import Commitment, Job, Revision
from commitments.selectors import point_at
from commitments.services.jobs import (
    JobKind,
    Progress,
    register_daily,
    register_kind,
    subject_of,
    submit,
)
from projects.calculations.analogue import (
    DOMINATING_SHARE,
    PATHS,
    VERSION,
    Paths,
    Programme,
    draw,
    seed_of,
)
from projects.calculations.approvals import SizePrior
from projects.calculations.baselines import earned_schedule, mean_curve_rest, paid_usd, run_rate
from projects.calculations.donors import (
    Floats,
    Library,
    Operation,
    build_library,
    mean_curve,
    month_number,
    month_of,
)
from projects.calculations.pipeline import Candidate, StageOdds, updated
from projects.calculations.quantiles import quantiles
from projects.models import Forecast
from projects.selectors import CommitmentRecord
from projects.selectors.donors import donor_library
from projects.selectors.forecasts import approvals, goal_of, named_candidates, waits

KIND = "forecast"
OWN_WEIGHT = 5.0  # of the commitment's own projects among the donors
FAN_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
SCORED_MONTHS = (1, 3, 6, 12, 24)  # ahead; the last month of the fan is scored too
DAYS_OF_HISTORY = 183  # of payments, until the record outweighs what was assumed
LONGEST_SHOWN = 60  # characters of a value that a message quotes
WINDOW_MONTHS = 3  # 45 business days after a notice, and the notice after the selection

# Judgements, stored with each forecast and shown: what is held before the record says more.
SIZE_PRIOR = SizePrior(mean=math.log(3e9), variance=1.5**2, largest=50e9)
STAGE_PRIORS = (
    StageOdds("candidate", moves=2.0, days=2 * 365.0, successes=1.5, failures=1.5),
    StageOdds("in_consultation", moves=2.0, days=2 * 180.0, successes=2.25, failures=0.75),
)

Inputs = dict[str, Any]


def inputs_of(record: CommitmentRecord) -> Inputs | None:
    """Return what a forecast starts from as plain JSON values; None where there is none to make.

    There is none without a goal that lies ahead, nor for a commitment whose projects
    nobody follows. Money is a decimal string.
    """
    point = record.point
    try:
        goal = goal_of(record)
    except Undefined:
        return None
    known = approvals(record)
    paid_since = min((on for on, amount in record.daily("funded") if amount), default=None)
    seen = waits(record)
    return {
        "commitment": record.commitment.slug,
        "as_of": point.as_of.isoformat(),
        "revision": point.revision,
        "model": VERSION,
        "paths": PATHS,
        "target_usd": str(round(goal.target, 2)),
        "start": goal.start.isoformat(),
        "deadline": goal.deadline.isoformat(),
        "paid_since": None if paid_since is None else paid_since.isoformat(),
        "approvals": [
            {
                "project": one.project,
                "amount_usd": str(round(one.amount, 2)),
                "selected_on": one.selected_on.isoformat(),
                "is_listed": one.is_listed,
                "is_ended": one.is_ended,
                "funded": [[month, str(round(amount, 2))] for month, amount in one.funded],
            }
            for one in known
        ],
        "candidates": [
            {
                "project": one.project,
                "stage": one.stage,
                "low": _text(one.low),
                "high": _text(one.high),
            }
            for one in named_candidates(record)
        ],
        "stages": [_texts(updated(prior, seen)) for prior in STAGE_PRIORS],
        "stage_priors": [_texts(prior) for prior in STAGE_PRIORS],
        "size_prior": _texts(SIZE_PRIOR),
        "window_months": WINDOW_MONTHS,
        "slip_months": 0,
        "pace_times": "1",
    }


def _texts(assumed: StageOdds | SizePrior) -> dict[str, str]:
    """Its fields as texts: no number of a stored forecast is a fraction in binary."""
    return {name: str(value) for name, value in asdict(assumed).items()}


def _numbers(texts: Mapping[str, str]) -> dict[str, Any]:
    return {name: text if name == "stage" else float(text) for name, text in texts.items()}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(round(amount, 2))


def is_prior(inputs: Inputs) -> bool:
    """Tell whether too little was paid yet: nothing, or for less than half a year."""
    since = inputs["paid_since"]
    if since is None:
        return True
    as_of = date.fromisoformat(inputs["as_of"])
    return (as_of - date.fromisoformat(since)).days < DAYS_OF_HISTORY


def programme_of(inputs: Inputs) -> Programme:
    """Return the programme that inputs describe."""
    month = month_of(date.fromisoformat(inputs["as_of"]))
    return Programme(
        month=month,
        horizon=month_of(date.fromisoformat(inputs["deadline"])) - month,
        operations=tuple(
            Operation(
                id=one["project"],
                commitment=float(one["amount_usd"]),
                approved=min(month_number(date.fromisoformat(one["selected_on"])), month),
                paid=_paid_by(one["funded"], month),
                listed=one["is_listed"],
                ended=has_ended(one),
            )
            for one in inputs["approvals"]
        ),
        expects_more=True,
        target=float(inputs["target_usd"]),
        size_prior=SizePrior(**_numbers(inputs["size_prior"])),
        candidates=tuple(
            Candidate(
                id=one["project"],
                stage=one["stage"],
                low=_number(one["low"]),
                high=_number(one["high"]),
                ended=has_ended(one),
            )
            for one in inputs["candidates"]
        ),
        stages=tuple(StageOdds(**_numbers(one)) for one in inputs["stages"]),
        window=inputs["window_months"],
        slip=inputs["slip_months"],
        pace=float(inputs["pace_times"]),
    )


def _paid_by(funded: Sequence[Sequence[str]], month: int) -> Mapping[int, float]:
    """Dollars by month; what came in the first half of a month counts to the one before."""
    paid: dict[int, float] = {}
    for written, amount in funded:
        on = min(month_number(date.fromisoformat(f"{written}-01")), month)
        paid[on] = paid.get(on, 0.0) + float(amount)
    return paid


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


@cache
def _donors(pace: Any) -> Library:
    return donor_library().of_pace(pace)


def donors_of(programme: Programme, pace: Any) -> Library:
    """Return the donors of one pace, the programme's own projects among them with more weight.

    An own project's commitment counts as the library's mean, for its size lies
    far outside the library's.
    """
    library = _donors(pace)
    own = build_library(programme.operations, end=programme.month)
    mean = np.full(len(own), library.commitments.mean())
    return library.joined(replace(own, commitments=mean), weight=OWN_WEIGHT)


def results_of(inputs: Inputs, variants: Iterable[str] | None = None) -> dict[str, Any]:
    """Return what follows from inputs: fans, odds and shares by variant, and the baselines.

    Variants are the donors "all", "fast" and "slow", and "without" what is still to
    come of the largest project, where it dominates. Dollars are whole.
    """
    programme = programme_of(inputs)
    seed = seed_of(inputs["as_of"], f"r{inputs['revision']}")
    months = range(1, programme.horizon + 1)
    dominating = next(iter(dominating_projects(inputs)), None)
    wanted = variants or ("all", "fast", "slow", *(["without"] if dominating else []))
    drawn = {}
    for name in wanted:
        subject, pace = programme, "all" if name == "without" else name
        if name == "without":
            subject = programme_of(ended(inputs, dominating))
        paths = draw(
            subject, donors_of(programme, pace), seed=seed, months=months, paths=inputs["paths"]
        )
        drawn[name] = _variant(paths, float(inputs["target_usd"]))
    return {
        "seed": str(seed),
        "months": [
            min(_month_end(programme.month + ahead).isoformat(), inputs["deadline"])
            for ahead in months
        ],
        "paid_usd": round(sum(sum(o.paid.values()) for o in programme.operations)),
        "dominating": dominating,
        "variants": drawn,
        "baselines": _baselines(programme),
    }


def ended(inputs: Mapping[str, Any], project: str | None) -> Inputs:
    """Return inputs as they are once nothing more comes of a project.

    What it was paid stays paid, and its approval stays in the history that gives
    the pace and sizes of those to come. A candidate stays among the draws and
    brings nothing, so that those of the others do not move.
    """
    marked = {
        kind: [
            {**one, "is_ended": has_ended(one) or one["project"] == project} for one in inputs[kind]
        ]
        for kind in ("approvals", "candidates")
    }
    return {**inputs, **marked}


def has_ended(one: Mapping[str, Any]) -> bool:
    """Tell whether an approval or a candidate of inputs has ended.

    A stored candidate is open, and what analogue-1 stored holds no approval that has ended.
    """
    return bool(one.get("is_ended", False))


def live_approvals(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the approvals of inputs that have not ended."""
    return [one for one in inputs["approvals"] if not has_ended(one)]


def dominating_projects(inputs: Inputs) -> list[str]:
    """Return the projects that each hold more than 40 % of what is selected, the largest first.

    There are two at most; of two as large the first by slug comes first.
    """
    amounts = {one["project"]: Decimal(one["amount_usd"]) for one in live_approvals(inputs)}
    most = DOMINATING_SHARE * float(sum(amounts.values()))
    over = (name for name, amount in amounts.items() if float(amount) > most)
    return sorted(over, key=lambda name: (-amounts[name], name))


def _variant(paths: Paths, target: float) -> dict[str, Any]:
    totals = paths.totals
    last = totals.shape[1]
    scored = [ahead for ahead in SCORED_MONTHS if ahead < last] + [last]
    existing, future = float(paths.existing[:, -1].mean()), float(paths.future[:, -1].mean())
    return {
        "funded": _fan(totals),
        "selected": _fan(paths.selected),
        "scored": {str(ahead): _whole(quantiles(totals[:, ahead - 1])) for ahead in scored},
        "reached": {
            "funded": int(np.count_nonzero(totals[:, -1] >= target)),
            "selected": int(np.count_nonzero(paths.selected[:, -1] >= target - 1)),
        },
        "paid_usd": round(paths.paid),
        "existing_usd": round(existing),
        "future_usd": round(future),
    }


def _fan(by_month: Floats) -> dict[str, list[int]]:
    """Whole dollars by month: the mean, and each level of the fan."""
    levels = np.quantile(by_month, FAN_LEVELS, axis=0)
    fan = {f"{level:g}": row for level, row in zip(FAN_LEVELS, levels, strict=True)}
    return {
        name: [round(float(value)) for value in row]
        for name, row in {"mean": by_month.mean(axis=0), **fan}.items()
    }


def _whole(values: Mapping[str, float]) -> dict[str, int]:
    return {level: round(value) for level, value in values.items()}


def _baselines(programme: Programme) -> dict[str, int]:
    """Three simple forecasts of what is approved already, in whole dollars at the deadline.

    What was paid of projects that have ended is in each as it is.
    """
    curve = mean_curve(_donors("all"))
    at = {"month": programme.month, "horizon": programme.horizon}
    known, kept = _known_and_kept(programme)
    return {
        "run_rate": round(run_rate_usd(programme, programme.horizon)),
        "earned_schedule": round(kept + earned_schedule(known, curve, **at)),
        "mean_curve": round(kept + mean_curve_rest(known, curve, **at)),
    }


def run_rate_usd(programme: Programme, ahead: int) -> float:
    """Return the US dollars paid some months ahead if the last twelve go on, at most what is approved."""
    known, kept = _known_and_kept(programme)
    return kept + run_rate(known, month=programme.month, horizon=ahead)


def _known_and_kept(programme: Programme) -> tuple[list[Operation], float]:
    """What is approved and has not ended, and the dollars paid of what has."""
    known = [o for o in programme.operations if not o.ended]
    kept = paid_usd([o for o in programme.operations if o.ended], programme.month)
    return known, kept


def _month_end(month: int) -> date:
    return last_day_of_month(date(month // 12, month % 12 + 1, 1))


def body_of(inputs: Inputs) -> str:
    """Return inputs and the results that follow as canonical JSON: sorted keys, no spaces."""
    return _canonical({"inputs": inputs, "results": results_of(inputs)})


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(body: str) -> str:
    """Return the SHA-256 that a forecast is published with, in hexadecimal digits."""
    return hashlib.sha256(body.encode()).hexdigest()


class ForecastRefused(ValueError):
    """A published forecast that cannot be recomputed; the message says why."""


@dataclass(frozen=True)
class Published:
    """What a forecast was published as: inputs and results, the model, and the hash of both.

    `body` is the canonical JSON of inputs and results as given; None where no
    results are given. `beside` is what else was told of them.
    """

    sha256: str
    model: str
    inputs: Inputs
    body: str | None
    beside: Mapping[str, Any]


def read_published(text: str) -> Published:
    """Return the forecast in an answer of the API. Raise ForecastRefused naming the field that is wrong."""
    try:
        told = parse_json(text)
    except ValueError as wrong:
        raise ForecastRefused(f"not JSON: {wrong}") from wrong
    result = told.get("result") if isinstance(told, dict) else None
    if not isinstance(result, dict):
        raise ForecastRefused("result: an object with a stored forecast was expected")
    for name, kind in (("sha256", str), ("model_version", str), ("inputs", dict)):
        if not isinstance(result.get(name), kind):
            raise ForecastRefused(f"result.{name} is missing")
    given = {name: result[name] for name in ("inputs", "results") if name in result}
    body = _canonical(given) if "results" in given else None
    beside = {name: value for name, value in result.items() if name not in ("inputs", "results")}
    return Published(result["sha256"], result["model_version"], result["inputs"], body, beside)


def check_published(
    published: Published, told_beside: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> None:
    """Draw a published forecast again from its inputs and compare all that was published.

    `told_beside` gives what follows from inputs and results and is told beside
    them. Raise ForecastRefused if another model drew it, if its inputs are no
    forecast's, or naming what differs: the hash, and the first path of what is
    told beside and of results that are given.
    """
    if published.model != VERSION:
        raise ForecastRefused(f"drawn by the model {published.model}; this is {VERSION}")
    try:
        body = body_of(published.inputs)
        found = hash_of(body)
        follows = told_beside(json.loads(body))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as wrong:
        raise ForecastRefused(f"result.inputs: no inputs of a forecast ({wrong!r})") from wrong
    said = published.sha256
    wrongs = [] if found == said else [f"published as {said}, recomputed as {found}"]
    if published.body not in (None, body):
        differs = first_difference(json.loads(published.body), json.loads(body), "result")
        wrongs.append(differs or "inputs and results are not written in the canonical form")
    told = {name: value for name, value in published.beside.items() if name in follows}
    again = {name: value for name, value in follows.items() if name in told}
    if differs := first_difference(told, again, "result"):
        wrongs.append(differs)
    if wrongs:
        raise ForecastRefused("; ".join(wrongs))


def first_difference(given: Any, found: Any, path: str) -> str | None:
    """Name the first path, keys in order, at which two JSON values differ; None where they do not."""
    if _canonical(given) == _canonical(found):
        return None
    if isinstance(given, dict) and isinstance(found, dict):
        for name in sorted(given.keys() | found.keys()):
            if name not in given or name not in found:
                where = "as recomputed" if name in found else "as published"
                return f"{path}.{name} is there only {where}"
            if differs := first_difference(given[name], found[name], f"{path}.{name}"):
                return differs
    if isinstance(given, list) and isinstance(found, list) and len(given) == len(found):
        for n, (one, other) in enumerate(zip(given, found, strict=True)):
            if differs := first_difference(one, other, f"{path}[{n}]"):
                return differs
    return f"{path} is {_shown(given)}, recomputed as {_shown(found)}"


def _shown(value: Any) -> str:
    text = _canonical(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _compute(payload: dict[str, Any], _report: Progress) -> tuple[Inputs, str] | None:
    commitment, as_of, revision = subject_of(payload)
    inputs = inputs_of(CommitmentRecord(commitment, point_at(revision, as_of)))
    return None if inputs is None else (inputs, body_of(inputs))


def _write(payload: dict[str, Any], computed: tuple[Inputs, str] | None) -> None:
    if computed is None:
        return
    inputs, body = computed
    commitment, as_of, revision = subject_of(payload)
    Forecast.objects.get_or_create(
        commitment=commitment,
        as_of=as_of,
        revision=revision,
        model_version=inputs["model"],
        defaults={
            "is_prior": is_prior(inputs),
            "seed": json.loads(body)["results"]["seed"],
            "body": body,
            "sha256": hash_of(body),
        },
    )


def request_forecasts(
    *, as_of: date, now: datetime, commitments: Iterable[Commitment] | None = None
) -> list[Job]:
    """Ask for a forecast of the newest revision; one job a month while nothing is posted.

    Of every commitment that is followed by default: with projects, or a headline rung
    before the first. Within a month the inputs change by a posting only. Call in the
    transaction that changed an input; the caller rings the bell after commit.
    """
    revision = Revision.objects.order_by("-number").first()
    if revision is None:
        return []
    month = _month_end(month_of(as_of))
    followed = Q(projects__isnull=False) | Q(terms__key="headline_rung")
    known = Commitment.objects.filter(followed).distinct()
    subjects = known if commitments is None else commitments
    return [
        submit(
            KIND,
            f"forecast:{commitment.slug}:{month:%Y-%m}:{revision.number}:{VERSION}",
            {
                "commitment": commitment.slug,
                "as_of": as_of.isoformat(),
                "revision": revision.number,
            },
            now=now,
        )
        for commitment in subjects
    ]


def forecast_differences(limit: int = 10) -> list[str]:
    """Recompute the newest forecasts of this model from their inputs; return those that differ, in words."""
    newest = Forecast.objects.filter(model_version=VERSION).select_related("commitment", "revision")
    return [
        f"forecast of {stored.commitment} for {stored.as_of} at {stored.revision}"
        for stored in newest.order_by("-pk")[:limit]
        if hash_of(body_of(json.loads(stored.body)["inputs"])) != stored.sha256
        or hash_of(stored.body) != stored.sha256
    ]


def register_jobs() -> None:
    """Make the forecast known, and due every month and after every posting."""
    register_kind(JobKind(KIND, _compute, _write, soft=240, hard=300, lease=330))
    register_daily(KIND, lambda now: request_forecasts(as_of=business_day(now), now=now))
