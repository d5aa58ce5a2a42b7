"""Forecast any programme: what it is told in JSON, what it may be paid in US dollars.

Nothing of the register is read and nothing is stored.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import numpy as np

from commitments.calculations.strict_json import parse_json
from projects.calculations.analogue import Programme, draw, seed_of
from projects.calculations.donors import Library, Operation, month_number, month_of
from projects.calculations.quantiles import quantiles

LONGEST_HORIZON = 600  # months
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH = re.compile(r"\d{4}-\d{2}")
WHOLE = re.compile(r"(\d{1,3})(\.0+)?", re.ASCII)
NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?([eE][+-]?\d{1,2})?")

Value = TypeVar("Value")
Told = Mapping[str, Any]


class ProgrammeRefused(ValueError):
    """A programme cannot be forecast; the message names it and the field."""


def read_programmes(text: str, *, warn: Callable[[str], None]) -> list[Programme]:
    """Return the programmes of a JSON text: one object, or a list of them.

    `as_of` stands for the end of its month, up to the 15th for the end of the
    one before; payments of later months are left out and `warn` is told how many.
    A project approved after `as_of` is a known approval to come. Keys nobody asks
    for are let be. Raise ProgrammeRefused naming the first programme and field
    that is wrong or contradicts another: an approval after `as_of` where
    `future_approvals` is false, a payment in a month before its approval.
    """
    try:
        told = parse_json(text)
    except ValueError as wrong:
        raise ProgrammeRefused(f"the file is not JSON: {wrong}") from wrong
    listed = told if isinstance(told, list) else [told]
    return [_programme(one, f"programme {n}", warn=warn) for n, one in enumerate(listed, start=1)]


def forecast_of(
    programme: Programme, library: Library, *, known_then: bool = False
) -> dict[str, Any]:
    """Return mean, median and quantiles of the US dollars paid by the horizon, to the cent.

    Donors are those observed by the library's end or, with `known_then`, only
    what was observed by the programme's own month. Raise ProgrammeRefused if
    that leaves fewer than two donors.
    """
    donors = library.known_by(programme.month) if known_then else library
    if len(donors) < 2:  # a project is never its own donor
        raise ProgrammeRefused("as_of: fewer than two donors of the library were known by then")
    paths = draw(programme, donors, seed=_seed(programme))
    totals = np.maximum(paths.totals[:, 0], min(paths.paid, 0.0))  # no more comes back than came
    found = quantiles(totals)
    return {
        "mean": round(float(totals.mean()), 2),
        "median": round(found["0.5"], 2),
        "quantiles": {level: round(value, 2) for level, value in found.items()},
    }


def _seed(programme: Programme) -> int:
    """The seed of a programme's content: the same programme, however listed, the same draws."""
    operations = sorted(programme.operations, key=lambda o: o.id)
    content = (
        [[o.id, o.commitment, o.approved, sorted(o.paid.items())] for o in operations],
        [programme.horizon, programme.expects_more, programme.target],
    )
    digest = hashlib.blake2b(json.dumps(content).encode()).hexdigest()
    return seed_of(str(programme.month), digest)


def _programme(told: object, where: str, *, warn: Callable[[str], None]) -> Programme:
    if not isinstance(told, dict):
        raise ProgrammeRefused(f"{where}: an object was expected, not {_shown(told)}")
    as_of = _field(told, "as_of", _day, where)
    month = month_of(as_of)
    expects_more = _optional(told, "future_approvals", _flag, where)
    last_approval = as_of if expects_more is False else date.max
    listed = [
        _operation(one, f"{where}: projects[{n}]", last_approval=last_approval)
        for n, one in enumerate(_field(told, "projects", _list, where))
    ]
    late = sum(on > month for _operation_, months in listed for on in months)
    if late:
        warn(f"{where}: payments after {_month_words(month)} are left out: {late}")
    operations = [_known_by(operation, month) for operation, _months in listed]
    twice = {o.id for n, o in enumerate(operations) if o.id in {p.id for p in operations[:n]}}
    if twice:
        raise ProgrammeRefused(f"{where}: projects: the id “{min(twice)}” stands twice")
    return Programme(
        month=month,
        horizon=_field(told, "horizon_months", _horizon, where),
        operations=tuple(operations),
        expects_more=expects_more or False,
        target=_optional(told, "target_usd", _positive, where),
    )


def _operation(told: object, where: str, *, last_approval: date) -> tuple[Operation, list[int]]:
    """A project with all its payments by month, and the month of each as they are listed."""
    if not isinstance(told, dict):
        raise ProgrammeRefused(f"{where}: an object was expected, not {_shown(told)}")
    approved_on = _field(told, "approval_date", _day, where)
    if approved_on > last_approval:
        raise ProgrammeRefused(
            f"{where}.approval_date: {approved_on} lies after as_of, but future_approvals is false"
        )
    approved = month_number(approved_on)
    paid: dict[int, float] = {}
    months = []
    for n, entry in enumerate(_field(told, "disbursements", _list, where)):
        at = f"{where}.disbursements[{n}]"
        if not isinstance(entry, list) or len(entry) != 2:
            raise ProgrammeRefused(f"{at}: [month, amount] was expected, not {_shown(entry)}")
        on, amount = _read(entry[0], _month, at), _read(entry[1], _number, at)
        if on < approved:
            raise ProgrammeRefused(f"{at}: {entry[0]} lies before the approval of {approved_on}")
        months.append(on)
        paid[on] = paid.get(on, 0.0) + amount
    return Operation(
        id=_field(told, "id", _text, where),
        commitment=_field(told, "commitment_usd", _positive, where),
        approved=approved,
        paid=paid,
    ), months


def _known_by(operation: Operation, month: int) -> Operation:
    return replace(operation, paid={on: usd for on, usd in operation.paid.items() if on <= month})


def _month_words(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _field(told: Told, name: str, read: Callable[[object], Value], where: str) -> Value:
    at = f"{where}.{name}" if where.endswith("]") else f"{where}: {name}"
    if told.get(name) is None:
        raise ProgrammeRefused(f"{at} is missing")
    return _read(told[name], read, at)


def _optional(told: Told, name: str, read: Callable[[object], Value], where: str) -> Value | None:
    return None if told.get(name) is None else _field(told, name, read, where)


def _read(value: object, read: Callable[[object], Value], at: str) -> Value:
    try:
        return read(value)
    except ValueError as wrong:
        raise ProgrammeRefused(f"{at}: {wrong}, not {_shown(value)}") from wrong


def _day(value: object) -> date:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("a date YYYY-MM-DD was expected")
    try:
        return date.fromisoformat(value)
    except ValueError as none_such:
        raise ValueError("a day of the calendar was expected") from none_such


def _month(value: object) -> int:
    if not isinstance(value, str) or not MONTH.fullmatch(value):
        raise ValueError("a month YYYY-MM was expected")
    try:
        return month_number(date.fromisoformat(f"{value}-01"))
    except ValueError as none_such:
        raise ValueError("a month of the calendar was expected") from none_such


def _number(value: object) -> float:
    """A number as JSON has it; those with a fraction arrive as their digits."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("a number was expected")
    digits = str(value)
    if not digits.isascii() or not NUMBER.fullmatch(digits):
        raise ValueError("a number of up to 15 digits was expected")
    number = float(digits)
    if not math.isfinite(number) or abs(number) >= 1e15:
        raise ValueError("a number of up to 15 digits was expected")
    return number


def _positive(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError("an amount above zero was expected")
    return number


def _horizon(value: object) -> int:
    """A whole number of months, 26 or 26.0; one with a fraction arrives as its digits."""
    whole = WHOLE.fullmatch(str(value)) if isinstance(value, int | str) else None
    months = 0 if whole is None else int(whole[1])
    if isinstance(value, bool) or not 1 <= months <= LONGEST_HORIZON:
        raise ValueError(f"a whole number of months from 1 to {LONGEST_HORIZON} was expected")
    return months


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false was expected")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("a list was expected")
    return value


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError("a text was expected")
    return str(value)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"{text[:60]}…" if len(text) > 61 else text
