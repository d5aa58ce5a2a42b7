"""What is new: postings, alerts and levers that turned, newest first, of one commitment."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from commitments.calculations.dates import TOKYO
from commitments.models import Alert, Revision
from commitments.selectors import PointError
from commitments.services.one_commitment import rows_beside
from dashboard.corrections import fact_models, relabels
from dashboard.points import Reading, has_column
from projects.models import LedgerEntry
from tariffs.selectors.levers import turns

KINDS = ("revision", "alert", "lever")
CURSOR = re.compile(r"([0-9]{1,17}):([a-z]{1,10}):([0-9]{1,18})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(microseconds=1)


@dataclass(frozen=True)
class News:
    """One thing that happened to the register: when, what kind, and its row."""

    at: datetime
    kind: str
    row: Any

    @property
    def place(self) -> tuple[datetime, str, int]:
        return self.at, self.kind, self.row.pk

    @property
    def cursor(self) -> str:
        return f"{(self.at - EPOCH) // STEP}:{self.kind}:{self.row.pk}"


def news(
    reading: Reading,
    *,
    begin: date,
    end: date,
    kinds: tuple[str, ...] = KINDS,
    after: str = "",
    size: int,
) -> list[News]:
    """What was recorded from a day to a day in Tokyo, newest first: `size`, one more if there are more.

    Raise PointError for a cursor that was not made here.
    """
    beyond = _cursor(after)
    found = [
        item
        for kind in kinds
        for item in _read(kind, _within(kind, _rows(kind, reading), begin, end, beyond), size)
    ]
    return sorted(found, key=lambda item: item.place, reverse=True)[: size + 1]


INSTANTS = {"revision": "recorded_at", "alert": "told_at", "lever": "judged_at"}


def _rows(kind: str, reading: Reading) -> QuerySet[Any]:
    """The rows of a kind that the point sees and that are about the commitment."""
    point, commitment = reading.point, reading.commitment
    if kind == "revision":
        return Revision.objects.filter(_touches(reading), number__lte=point.revision)
    if kind == "alert":
        rows = Alert.objects.filter(revision__lte=point.revision, as_of__lte=point.seen_until)
        return rows.filter(commitment=commitment).select_related("commitment")
    return turns(point, commitment).select_related("lever")


def _touches(reading: Reading) -> Q:
    """Revisions with a fact or a label of the commitment, or of none in particular."""
    here = {"revision": OuterRef("pk")}
    touched = Q(Exists(relabels(reading).filter(**here)))
    for _kind, model in fact_models():
        rows = model.objects.filter(rows_beside(model, reading.commitment), **here)
        touched |= Q(Exists(rows))
    return touched


def _within(
    kind: str,
    rows: QuerySet[Any],
    begin: date,
    end: date,
    beyond: tuple[datetime, str, int] | None,
) -> QuerySet[Any]:
    instant = INSTANTS[kind]
    first = datetime.combine(begin, time(), TOKYO)
    last = datetime.combine(end + timedelta(days=1), time(), TOKYO)
    rows = rows.filter(**{f"{instant}__gte": first, f"{instant}__lt": last})
    if beyond is not None:
        at, last_kind, pk = beyond
        rest = Q(**{f"{instant}__lt": at})
        if kind < last_kind:
            rest |= Q(**{instant: at})
        elif kind == last_kind:
            rest |= Q(**{instant: at}, pk__lt=pk)
        rows = rows.filter(rest)
    return rows.order_by(f"-{instant}", "-pk")


def _read(kind: str, rows: QuerySet[Any], size: int) -> Iterator[News]:
    if kind == "revision":
        rows = rows.select_related("case").defer("case__changes")
    for row in rows[: size + 1]:
        yield News(getattr(row, INSTANTS[kind]), kind, row)


def _cursor(text: str) -> tuple[datetime, str, int] | None:
    if not text:
        return None
    found = CURSOR.fullmatch(text)
    if found is None or found[2] not in KINDS:
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    return EPOCH + int(found[1]) * STEP, found[2], int(found[3])


@dataclass(frozen=True)
class Tally:
    """How many facts of a kind a revision added, and how many of them correct an older one."""

    kind: str
    added: int
    corrected: int


def tallies(reading: Reading, revisions: list[int]) -> Mapping[int, list[Tally]]:
    """What each revision added to the commitment, by kind: one query."""
    if not revisions:
        return {}
    branches = []
    for kind, model in fact_models():
        older = "reverses" if model is LedgerEntry else "supersedes"
        branches.append(
            model.objects.filter(rows_beside(model, reading.commitment), revision__in=revisions)
            .order_by()
            .annotate(kind_=Value(kind))
            .values("revision_id", "kind_")
            .annotate(added=Count("pk"), corrected=Count(older))
            .values_list("revision_id", "kind_", "added", "corrected")
        )
    first, *others = branches
    found: dict[int, list[Tally]] = {}
    for number, kind, added, corrected in first.union(*others, all=True):
        found.setdefault(number, []).append(Tally(kind, added, corrected))
    for of_revision in found.values():
        of_revision.sort(key=lambda tally: (-tally.added, tally.kind))
    return found


@dataclass(frozen=True)
class LetThrough:
    """A reason for which a posting was let through: late into a closed period, or past a rule."""

    reason: str
    flag: str  # late or forced


def let_through_by(reading: Reading, revisions: list[int]) -> Mapping[int, list[LetThrough]]:
    """The public reasons that what each revision posted carries, each once: one query."""
    if not revisions:
        return {}
    branches = [
        model.objects.filter(rows_beside(model, reading.commitment), revision__in=revisions)
        .exclude(**{name: ""})
        .order_by()
        .annotate(flag_=Value("late" if name == "late_reason" else "forced"))
        .values_list("revision_id", "flag_", name)
        .distinct()
        for _kind, model in fact_models()
        for name in ("late_reason", "override_reason")
        if has_column(model, name)
    ]
    first, *others = branches
    found: dict[int, list[LetThrough]] = {}
    for number, flag, reason in first.union(*others):
        found.setdefault(number, []).append(LetThrough(reason, flag))
    for reasons in found.values():
        reasons.sort(key=lambda let: (let.flag, let.reason))
    return found
