"""Whether the trigger of a re-imposition clause is met, from signs on record.

A sign is one fact that bears on a trigger and the state it alone would give it.
The firmest sign decides: met before watch. Without a sign a trigger that facts can
test is not met; one that rests on somebody's judgement cannot be told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SOON = 15  # business days before a window's day: the second reminder


class State(StrEnum):
    """How the trigger of a lever stands."""

    NOT_MET = "not_met"
    WATCH = "watch"
    MET = "met"
    CANNOT_TELL = "cannot_tell"


class Rule(StrEnum):
    """What tests a trigger.

    non_funding: a selected investment is not funded in its window, or declined.
    conduct: the commitments as a whole are not carried out; the text gives no test.
    statement: an official's view; what officials said is the only sign.
    legal_basis: the trigger on non-funding is met, or a new measure is prepared, on a
        basis that still stands.
    """

    NON_FUNDING = "non_funding"
    CONDUCT = "conduct"
    STATEMENT = "statement"
    LEGAL_BASIS = "legal_basis"


@dataclass(frozen=True)
class Sign:
    """A fact that bears on a trigger: its code, what it is about, its day and days counted."""

    code: str
    state: State
    kind: str
    ref: str
    on: date | None = None
    days: int | None = None


@dataclass(frozen=True)
class Window:
    """A funding notice under one reading of its window, as far as a trigger asks.

    `due_on` is None where the reading gives no due date. `days_left` are
    business days to the day watched, negative after it; `is_past` from the day
    after it, though no business day may have passed yet.
    """

    ref: str
    is_open: bool
    is_late: bool
    declined_on: date | None
    due_on: date | None
    watched_on: date
    days_left: int
    is_past: bool
    days_off: int


def window_sign(window: Window) -> Sign | None:
    """Return what a notice says of a clause on non-funding; None when it says nothing.

    One that was paid late says nothing any more: the money is there.
    """
    if window.declined_on is not None:
        return Sign("declined_notice", State.MET, "notice", window.ref, window.declined_on)
    if not window.is_open:
        return None
    if window.is_late:
        return Sign("late", State.MET, "notice", window.ref, window.due_on, window.days_off)
    if window.is_past:
        return Sign(
            "window_over", State.WATCH, "notice", window.ref, window.watched_on, -window.days_left
        )
    if window.days_left <= SOON:
        return Sign(
            "window_ends", State.WATCH, "notice", window.ref, window.watched_on, window.days_left
        )
    return None


def softened(signs: Iterable[Sign]) -> tuple[Sign, ...]:
    """Return signs that only make one watch: for a trigger of which they are no test."""
    return tuple(
        Sign(s.code, State.WATCH, s.kind, s.ref, s.on, s.days) if s.state is State.MET else s
        for s in signs
    )


def state_of(rule: Rule, signs: Iterable[Sign]) -> State:
    """Return the state that the firmest sign gives, or what stands without one."""
    states = {sign.state for sign in signs}
    for state in (State.MET, State.WATCH):
        if state in states:
            return state
    testable = rule in (Rule.NON_FUNDING, Rule.LEGAL_BASIS)
    return State.NOT_MET if testable else State.CANNOT_TELL
