"""What if: a stored forecast drawn again with changes, beside the record and never in it.

The same forecast and changes are one scenario under one address, whoever asks.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commitments.calculations.plain_text import named
from commitments.services.jobs import JobKind, Progress, register_kind, submit
from projects.models import Forecast, Scenario
from projects.services.forecasts import Inputs, ended, has_ended, results_of

KIND = "scenario"
DONORS = ("all", "fast", "slow")
RUNGS = ("funded", "selected")
SLOWEST, FASTEST = Decimal("0.25"), Decimal(4)
LONGEST_SLIP = 24  # months
LONGEST_NAME = 80
FARTHEST = timedelta(days=3653)  # a deadline after the forecast's day


class ScenarioRefused(ValueError):
    """A scenario that cannot be drawn: the field and a sentence."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


@dataclass(frozen=True)
class Changes:
    """What differs from the forecast.

    Approvals come `pace_times` as fast (1: as drawn), payments slip by months, a
    project is declined, or cancelled; donors, another deadline, and the rung looked at.
    Empty: as it is.
    """

    pace_times: str = "1"
    slip_months: int = 0
    declined: str = ""
    donors: str = "all"
    deadline: str = ""
    rung: str = "funded"


def checked(told: dict[str, str], inputs: Inputs) -> Changes:
    """Return changes from the texts of a form. Raise ScenarioRefused naming the first wrong field."""
    deadline = told.get("deadline", "").strip()
    declined = told.get("declined", "").strip()
    if declined and declined not in open_projects(inputs):
        raise ScenarioRefused("declined", _("No such project is in the forecast."))
    return Changes(
        pace_times=_pace(told.get("pace_times", "").strip() or "1"),
        slip_months=_slip(told.get("slip_months", "").strip() or "0"),
        declined=declined,
        donors=_one_of("donors", told.get("donors", "").strip() or "all", DONORS),
        deadline=_deadline(deadline, inputs) if deadline else "",
        rung=_one_of("rung", told.get("rung", "").strip() or "funded", RUNGS),
    )


def open_projects(inputs: Inputs) -> list[str]:
    """Return the projects of which something may still come: approved, or candidates."""
    both = (*inputs["approvals"], *inputs["candidates"])
    return [one["project"] for one in both if not has_ended(one)]


def _pace(text: str) -> str:
    plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 6
    if not plain or not SLOWEST <= Decimal(text) <= FASTEST:
        words = _("A number from %(low)s to %(high)s is needed.")
        raise ScenarioRefused("pace_times", words % {"low": SLOWEST, "high": FASTEST})
    return f"{Decimal(text).normalize():f}"


def _slip(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4) or int(text) > LONGEST_SLIP:
        words = _("A whole number of months from 0 to %(most)s is needed.")
        raise ScenarioRefused("slip_months", words % {"most": LONGEST_SLIP})
    return int(text)


def _one_of(field: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        words = _("must be one of: %(names)s") % {"names": ", ".join(choices)}
        raise ScenarioRefused(field, words)
    return value


def _deadline(text: str, inputs: Inputs) -> str:
    """A day at least two months after the forecast's, so that there is a month to draw."""
    as_of = date.fromisoformat(inputs["as_of"])
    first, last = as_of + timedelta(days=62), as_of + FARTHEST
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not first <= day <= last:
        words = _("A day from %(first)s to %(last)s is needed.") % {"first": first, "last": last}
        raise ScenarioRefused("deadline", words)
    return "" if day.isoformat() == inputs["deadline"] else day.isoformat()


def save_scenario(forecast: Forecast, name: str, changes: Changes, *, now: datetime) -> Scenario:
    """Keep a scenario and ask for it to be drawn; one that exists already is returned as it is.

    Call in a transaction; the caller rings the bell after commit. Raise
    ScenarioRefused for a name that is missing or too long.
    """
    try:
        name = named(name, LONGEST_NAME)
    except ValueError as error:
        words = _("A name of up to %(most)s characters is needed.") % {"most": LONGEST_NAME}
        raise ScenarioRefused("name", words) from error
    scenario, _created = Scenario.objects.get_or_create(
        key=key_of(forecast, changes),
        defaults={
            "name": name,
            "commitment": forecast.commitment,
            "forecast": forecast,
            "changes": asdict(changes),
        },
    )
    submit(KIND, job_key(scenario), {"scenario": scenario.key}, now=now)
    return scenario


def key_of(forecast: Forecast, changes: Changes) -> str:
    """Return the name of a forecast with changes: a hash of both."""
    text = json.dumps([forecast.sha256, asdict(changes)], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def job_key(scenario: Scenario) -> str:
    return f"scenario:{scenario.key}"


def changed_inputs(inputs: Inputs, changes: Changes) -> Inputs:
    """Return a forecast's inputs with the changes made."""
    return {
        **ended(inputs, changes.declined),
        "pace_times": changes.pace_times,
        "slip_months": changes.slip_months,
        "deadline": changes.deadline or inputs["deadline"],
    }


def _compute(payload: dict[str, Any], _report: Progress) -> dict[str, Any]:
    scenario = Scenario.objects.select_related("forecast").get(key=payload["scenario"])
    changes = Changes(**scenario.changes)
    inputs = changed_inputs(json.loads(scenario.forecast.body)["inputs"], changes)
    drawn = results_of(inputs, [changes.donors])
    return {
        **{name: drawn[name] for name in ("seed", "months", "dominating")},
        "paths": inputs["paths"],
        "deadline": inputs["deadline"],
        **drawn["variants"][changes.donors],
    }


def _write(payload: dict[str, Any], results: dict[str, Any]) -> None:
    Scenario.objects.filter(key=payload["scenario"]).update(results=results)


def register_jobs() -> None:
    """Make the drawing of scenarios known."""
    register_kind(JobKind(KIND, _compute, _write, soft=60, hard=80, lease=100))
