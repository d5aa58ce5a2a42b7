"""Which duty is charged on a day: one answer from the measures of a category.

Rates are Decimal percent of the customs value. The rules: a replaced measure
gives way to the one that replaced it, from that one's first day on; a rate set
for the country by name beats one for all countries; a duty added to the ordinary
(MFN) duty gives the total where that duty is on record; a total contains the
ordinary duty, and nothing is added where that is higher; goods of which a part
alone is exempt pay for the rest what other measures say, which is not told here;
past the day of a step to what is not stated a duty has no rate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from commitments.calculations.undefined import Reason


class Basis(StrEnum):
    """What a rate holds: itself only, or the ordinary (MFN, column 1) duty as well."""

    ADDITIONAL = "ad_valorem_additional"
    ALL_IN = "all_in_with_mfn"
    MFN_ONLY = "mfn_only"
    EXEMPT = "exempt"


@dataclass(frozen=True)
class Duty:
    """One measure as far as its rate goes: both days count, no last day means open.

    `scope` names a part of the category; empty, the measure covers all of it.
    `leaves_out` names goods of it that the measure does not cover, or may not.
    `replaces` holds the refs of measures it stands in place of, retroactively.
    `stated_to` is the last day on which its rate is known, where it runs on.
    """

    ref: str
    rate: Decimal
    basis: Basis
    begins: date
    ends: date | None = None
    scope: str = ""
    names_country: bool = False
    replaces: tuple[str, ...] = ()
    leaves_out: str = ""
    stated_to: date | None = None

    def covers(self, on: date) -> bool:
        return self.begins <= on and (self.ends is None or on <= self.ends)


@dataclass(frozen=True)
class Part:
    """The rate of one part of a category, or why it has none, and the duties that make it."""

    scope: str
    rate: Decimal | None
    basis: Basis | None
    reason: Reason | None
    refs: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The rate of a category on a day: one for all of it, or one for each part, or none.

    `refs` name the deciding measures first, the ordinary duty last. Without
    any, `nearest` names the last measure before the day and the first after it.
    """

    rate: Decimal | None
    basis: Basis | None
    reason: Reason | None
    refs: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    nearest: tuple[str, ...] = ()

    @property
    def depends_on_scope(self) -> bool:
        return self.reason is Reason.DEPENDS_ON_SCOPE


def rate_on(duties: Sequence[Duty], on: date) -> Answer:
    """Return the one answer for a day. Measures that clash are said to, never chosen from."""
    parts = _parts(duties, on)
    if len(parts) == 1 and parts[0].scope and parts[0].basis is Basis.EXEMPT:
        parts = (*parts, _untold(""))
    return _answer(parts, duties, on)


def heading_rate_on(duties: Sequence[Duty], on: date) -> Answer:
    """Return the answer for a heading of chapter 99: it is its measures, no part of it is untold."""
    return _answer(_parts(duties, on), duties, on)


def goods_rate_on(duties: Sequence[Duty], on: date) -> Answer:
    """Return the answer for goods that what decides may leave out: what these pay is not told."""
    answer = rate_on(duties, on)
    left_out = {d.leaves_out: None for d in duties if d.ref in answer.refs and d.leaves_out}
    if not left_out:
        return answer
    told = answer.parts or (Part("", answer.rate, answer.basis, answer.reason, answer.refs),)
    parts = (*told, *map(_untold, left_out))
    return Answer(None, None, Reason.DEPENDS_ON_SCOPE, answer.refs, parts)


def standing_on(duties: Iterable[Duty], on: date) -> list[Duty]:
    """Return the measures that hold on a day: neither replaced nor beaten by a named rate."""
    running = [duty for duty in duties if duty.covers(on)]
    replaced = {ref for duty in running for ref in duty.replaces}
    running = [duty for duty in running if duty.ref not in replaced]
    named = {d.scope for d in running if d.names_country and d.basis is not Basis.MFN_ONLY}
    return [
        duty
        for duty in running
        if duty.names_country or duty.basis is Basis.MFN_ONLY or not ({"", duty.scope} & named)
    ]


def total_of(duty: Duty, ordinary: Decimal | None) -> tuple[Decimal, Basis, Reason | None]:
    """Return a duty with the ordinary duty beneath it, as far as that is on record."""
    if duty.basis is Basis.MFN_ONLY:
        return duty.rate, duty.basis, None
    if duty.basis is Basis.ALL_IN:
        return max(duty.rate, ordinary or duty.rate), duty.basis, None
    if ordinary is None:
        return duty.rate, duty.basis, Reason.MFN_NOT_ON_RECORD
    if duty.basis is Basis.EXEMPT:
        return ordinary, duty.basis, None
    return duty.rate + ordinary, Basis.ALL_IN, None


def _parts(duties: Sequence[Duty], on: date) -> tuple[Part, ...]:
    standing = standing_on(duties, on)
    return tuple(_part(scope, standing, on) for scope in _scopes(standing))


def _answer(parts: tuple[Part, ...], duties: Sequence[Duty], on: date) -> Answer:
    if not parts:
        return Answer(None, None, Reason.NO_MEASURE_ON_RECORD, (), nearest=_nearest(duties, on))
    refs = tuple(dict.fromkeys(ref for part in parts for ref in part.refs))
    alike = {(part.rate, part.basis, part.reason) for part in parts}
    if len(alike) > 1:
        return Answer(None, None, Reason.DEPENDS_ON_SCOPE, refs, parts)
    rate, basis, reason = alike.pop()
    if rate is None:
        return Answer(None, None, reason, (), nearest=refs)
    return Answer(rate, basis, reason, refs, parts if len(parts) > 1 else ())


def _scopes(standing: Sequence[Duty]) -> list[str]:
    """The parts told apart on a day: by the duties, or by ordinary duties where they stand alone."""
    added = [duty for duty in standing if duty.basis is not Basis.MFN_ONLY]
    return list(dict.fromkeys(duty.scope for duty in added or standing))


def _untold(scope: str) -> Part:
    return Part(scope, None, None, Reason.NO_MEASURE_ON_RECORD, ())


def _part(scope: str, standing: Sequence[Duty], on: date) -> Part:
    own = [duty for duty in standing if duty.scope == scope]
    ordinary = [d for d in own if d.basis is Basis.MFN_ONLY] or [
        d for d in standing if d.basis is Basis.MFN_ONLY and not d.scope
    ]
    duties = [d for d in own if d.basis is not Basis.MFN_ONLY] or ordinary
    refs = tuple(dict.fromkeys(duty.ref for duty in (*duties, *ordinary)))
    if _clash(duties) or _clash(ordinary):
        return Part(scope, None, None, Reason.MEASURES_OVERLAP, refs)
    if any(duty.stated_to is not None and duty.stated_to < on for duty in duties):
        return Part(scope, None, None, Reason.STEP_NOT_STATED, refs)
    rate, basis, reason = total_of(duties[0], ordinary[0].rate if ordinary else None)
    return Part(scope, rate, basis, reason, refs)


def _clash(duties: Sequence[Duty]) -> bool:
    return len({(duty.rate, duty.basis) for duty in duties}) > 1


def _nearest(duties: Sequence[Duty], on: date) -> tuple[str, ...]:
    before = [d for d in duties if d.ends is not None and d.ends < on]
    after = [d for d in duties if d.begins > on]
    last = max(before, key=lambda d: (d.ends, d.begins), default=None)
    first = min(after, key=lambda d: d.begins, default=None)
    return tuple(duty.ref for duty in (last, first) if duty is not None)
