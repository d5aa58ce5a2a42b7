"""The waterfall for any events a caller sends: computed and answered, nothing is kept."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commitments.calculations.money import CENT, cents
from commitments.calculations.strict_json import parse_json
from commitments.selectors import DAY
from dashboard.api.problems import BadParameter, TooLarge
from projects.calculations.performance import xnpv
from projects.calculations.waterfall import (
    Balance,
    Event,
    Kind,
    Reading,
    Rounding,
    Step,
    Waterfall,
    waterfall,
)

MOST_EVENTS = 2000
LARGEST_BODY = 500_000
LARGEST_AMOUNT = Decimal(10) ** 15
RATE_PLACES = 8
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
LONGEST_NUMBER = 40  # characters
DEEMED_RATE = (
    "benchmark and spread together, 0.0525 for 5.25 %. A benchmark may be negative, "
    "deemed interest is not: it adds to what is owed"
)
FIELDS = ("reading", "rounding", "discount_rate", "events")
EVENT_FIELDS = {
    Kind.RATE: ("date", "type", "rate"),
    Kind.CAPITALISE: ("date", "type"),
    Kind.CONTRIBUTION: ("date", "type", "amount"),
    Kind.DISTRIBUTION: ("date", "type", "amount"),
}


@dataclass(frozen=True)
class Question:
    """Events, the reading they are to be split by, and where an odd cent goes."""

    reading: Reading
    rounding: Rounding
    discount: Decimal | None
    events: tuple[Event, ...]


class WaterfallView(APIView):
    """Split the distributions of one investment between Japan and the United States.

    Stateless: nothing is stored. Events may come in any order; on one day the
    order is rate, capitalise, contribution, distribution. Interest is capitalised only
    where an event says so, and nothing accrues before the first rate. Interest is simple
    between such events, by actual days over a year of 360 (ACT/360), the first day counted
    and the last not, rounded half-even to the cent at each event. By `reading` JAPAN_SHARE
    what Japan receives reduces the deemed allocation amount, so each side gets it once in
    the first tier; by TOTAL the whole first-tier payment does. Each payment
    is rounded half-even by itself; with `rounding` carried, the sum of a tier is, so
    that at a zero rate it does not matter in how many payments money comes. A
    `discount_rate` adds the net present values of the first day.
    """

    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise TooLarge(LARGEST_BODY)
        asked = question_in(request._request.body)
        result = waterfall(asked.events, asked.reading, rounding=asked.rounding)
        ended = result.balance
        present = {} if asked.discount is None else present_values(asked, result)
        return Response(
            {
                "reading": asked.reading,
                "steps": [step_of(step) for step in result.steps],
                "total_japan": cents_of(result.japan),
                "total_us": cents_of(result.us),
                "final_principal": cents_of(ended.principal),
                "final_interest": cents_of(ended.interest),
                **present,
            },
            headers={"Cache-Control": "no-store", "Content-Language": "en"},
        )


def present_values(asked: Question, result: Waterfall) -> dict[str, str]:
    """Return the net present value of the first day, of Japan's flows and of all."""
    paid = [(e.on, -e.value) for e in asked.events if e.kind is Kind.CONTRIBUTION]
    sides = {
        "npv_japan": [(step.on, step.japan) for step in result.steps],
        "npv_project": [(step.on, step.amount) for step in result.steps],
    }
    rate = asked.discount or Decimal(0)
    return {
        name: cents_of(cents(xnpv(rate, [*paid, *received]))) for name, received in sides.items()
    }


def cents_of(amount: Decimal) -> str:
    """Write dollars with their two decimals."""
    return f"{amount:.2f}"


def step_of(step: Step) -> dict[str, str]:
    """Return a distribution with its two tiers, the balance before it and after it."""
    before: Balance = step.before
    return {
        "date": step.on.isoformat(),
        "amount": cents_of(step.amount),
        "daa_before": cents_of(before.daa),
        "tier1": cents_of(step.tier1),
        "japan_tier1": cents_of(step.japan_tier1),
        "us_tier1": cents_of(step.us_tier1),
        "tier2": cents_of(step.tier2),
        "japan_tier2": cents_of(step.japan_tier2),
        "us_tier2": cents_of(step.us_tier2),
        "interest_after": cents_of(step.after.interest),
        "principal_after": cents_of(step.after.principal),
    }


def question_in(body: bytes) -> Question:
    """Read a request's body. Raise BadParameter naming the first field that cannot be used."""
    try:
        asked = parse_json(body.decode(), number=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadParameter("body", "is not JSON") from error
    except InvalidOperation as error:
        raise BadParameter("body", "holds a number that cannot be used") from error
    except ValueError as error:
        raise BadParameter("body", f"cannot be used: {error}") from error
    if not isinstance(asked, dict):
        raise BadParameter("body", "must be an object with “reading” and “events”")
    _only("", asked, FIELDS)
    reading = _one_of("reading", asked.get("reading", Reading.JAPAN_SHARE), list(Reading))
    rounding = _one_of("rounding", asked.get("rounding", Rounding.EACH), list(Rounding))
    discount = None
    if "discount_rate" in asked:
        discount = _number("discount_rate", asked["discount_rate"])
        _check_rate("discount_rate", discount)
    events = asked.get("events")
    if not isinstance(events, list) or not events:
        raise BadParameter("events", "is required: a list of at least one event")
    if len(events) > MOST_EVENTS:
        raise BadParameter("events", f"holds more than {MOST_EVENTS} events")
    read = tuple(_event(f"events[{i}]", event) for i, event in enumerate(events))
    _refuse_two_rates(read)
    return Question(Reading(reading), Rounding(rounding), discount, read)


def _one_of(name: str, given: Any, allowed: Sequence[str]) -> str:
    if not isinstance(given, str) or given not in allowed:
        raise BadParameter(name, f"must be one of: {', '.join(allowed)}")
    return given


def _only(where: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for name in given:
        if name not in allowed:
            listed = ", ".join(allowed)
            raise BadParameter(f"{where}{name}"[:60], f"is not known; allowed are: {listed}")


def _event(where: str, given: Any) -> Event:
    if not isinstance(given, dict):
        raise BadParameter(where, "must be an object with “date” and “type”")
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in EVENT_FIELDS:
        raise BadParameter(f"{where}.type", f"must be one of: {', '.join(Kind)}")
    _only(f"{where}.", given, EVENT_FIELDS[kind])
    on = _day(f"{where}.date", given.get("date"))
    if kind == Kind.CAPITALISE:
        return Event(on, Kind.CAPITALISE)
    name = "rate" if kind == Kind.RATE else "amount"
    value = _number(f"{where}.{name}", given.get(name))
    if kind == Kind.RATE:
        _check_rate(f"{where}.rate", value, DEEMED_RATE)
    else:
        _check_amount(f"{where}.amount", value)
    return Event(on, Kind(kind), value)


def _day(where: str, text: Any) -> date:
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise BadParameter(where, "must be a date like 2027-03-15")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(where, f"“{text}” is not a day of the calendar") from error


def _number(where: str, given: Any) -> Decimal:
    """A number as JSON has it, or its plain digits in a string."""
    is_plain = isinstance(given, str) and len(given) <= LONGEST_NUMBER and PLAIN.fullmatch(given)
    if not is_plain and not isinstance(given, Decimal):
        raise BadParameter(where, "must be a decimal number, best as a string: “300000000.00”")
    return Decimal(given)


def _check_rate(where: str, rate: Decimal, example: str = "0.0525 for 5.25 %") -> None:
    if not 0 <= rate <= 1:
        raise BadParameter(where, f"must be a fraction a year from 0 to 1: {example}")
    if rate != round(rate, RATE_PLACES):
        raise BadParameter(where, f"has more than {RATE_PLACES} decimals")


def _check_amount(where: str, amount: Decimal) -> None:
    if not 0 < amount <= LARGEST_AMOUNT:
        raise BadParameter(where, f"must be more than 0 and at most {LARGEST_AMOUNT:f} US dollars")
    if amount % CENT:
        raise BadParameter(where, "has a fraction of a cent")


def _refuse_two_rates(events: tuple[Event, ...]) -> None:
    """One day has one rate: with two, the answer would hang on the order of the list."""
    rates: dict[date, Decimal] = {}
    for i, event in enumerate(events):
        if event.kind is Kind.RATE and rates.setdefault(event.on, event.value) != event.value:
            raise BadParameter(f"events[{i}].rate", f"is the second rate for {event.on}")
