"""What was put right after it was recorded: late, reversed, superseded, withdrawn, forced, relabelled."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, Value, prefetch_related_objects
from django.utils.translation import gettext as _

from commitments.models import (
    ApprovalCase,
    AuditEntry,
    Document,
    Fact,
    Institution,
    Party,
    Revision,
)
from commitments.models.revisions import known_by, true_by
from commitments.selectors import PointError
from commitments.services.kind_names import kind_name
from commitments.services.one_commitment import made_up, rows_beside
from commitments.services.register import RELABELLED, Keys, kinds, payload, stored_links
from dashboard.points import Reading, entity_rows
from projects.models import LedgerEntry, Project
from projects.models.reasons import Reasoned

CURSOR = re.compile(r"([0-9]{1,18}):([a-z]{1,40}):([0-9]{1,18})")
TRAIL = "auditentry"  # what a relabelled entity is called in a cursor


@dataclass(frozen=True)
class Change:
    """One field as it was and as it is."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Correction:
    """One row that was put right: what it is, when, by which posting, and why.

    `flags` are late, reversal, superseded, withdrawn, forced, relabelled. The
    row of a relabelled entity is the entry of the audit trail that says so.
    """

    row: Any
    kind: str
    flags: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def revision(self) -> Revision:
        found: Revision = self.row.revision
        return found

    @property
    def what(self) -> str:
        """The kind of thing put right, in words."""
        return kind_name(kinds()[self.kind])

    @property
    def document(self) -> Document | None:
        """The document the row rests on; a label rests on none."""
        found: Document | None = getattr(self.row, "document", None)
        return found

    @property
    def case(self) -> ApprovalCase | None:
        return getattr(self.revision, "case", None)

    @property
    def entered_by(self) -> str | None:
        """The name of the person who entered the case, if they gave one."""
        return _name(self.case and self.case.created_by)

    @property
    def was_entered_by_an_administrator(self) -> bool:
        """Whether the person who entered the case is one who may set a rule aside."""
        groups = self.case.created_by.groups.all() if self.case else ()
        return any(group.name == "administrator" for group in groups)

    @property
    def approved_by(self) -> str | None:
        """The name of the person who approved the case, if they gave one."""
        return _name(self.case and self.case.decided_by)

    @property
    def reasons(self) -> dict[str, str]:
        """Why, in the words on record: of a late or forced row, its own note, the posting, its case.

        A note that a row took over from the one before it says nothing of this correction.
        """
        before = getattr(self.row, "supersedes", None) or getattr(self.row, "reverses", None)
        note = getattr(self.row, "note", "")
        given = {
            "late_reason": getattr(self.row, "late_reason", ""),
            "override_reason": self.row.override_reason if is_let_through(self.row) else "",
            "note": "" if before is not None and note == before.note else note,
        }
        case_reason = self.case.reason if self.case else ""
        return {**given, "reason": self.revision.reason, "case_reason": case_reason}

    @property
    def cursor(self) -> str:
        return f"{self.row.revision_id}:{self.row._meta.model_name}:{self.row.pk}"


def _name(person: User | None) -> str | None:
    """A person's own name; never the name they sign in with."""
    return (person.get_full_name() or None) if person else None


def corrections(reading: Reading, *, after: str = "", size: int) -> list[Correction]:
    """The corrections known at a point, newest first: `size` and one more if there are more.

    Raise PointError for a cursor that was not made here.
    """
    beyond = _cursor(after)
    branches = [
        _after(_branch(model, reading), kind, beyond)
        .order_by()
        .annotate(kind_=Value(kind))
        .values_list("revision_id", "kind_", "id")
        for kind, model in fact_models()
    ]
    branches.append(
        _after(relabels(reading), TRAIL, beyond)
        .order_by()
        .annotate(kind_=Value(TRAIL))
        .values_list("revision_id", "kind_", "id")
    )
    first, *others = branches
    places = list(
        first.union(*others, all=True).order_by("-revision_id", "kind_", "-id")[: size + 1]
    )
    wanted: dict[str, list[int]] = {}
    for _number, kind, pk in places:
        wanted.setdefault(kind, []).append(pk)
    found = {c.cursor: c for kind, pks in wanted.items() for c in _read(kind, pks)}
    prefetch_related_objects([c.case.created_by for c in found.values() if c.case], "groups")
    return [found[f"{number}:{kind}:{pk}"] for number, kind, pk in places]


def fact_models() -> Iterator[tuple[str, Any]]:
    """Every kind of fact with its model, entries of the ledger among them."""
    for kind, model in kinds().items():
        if model is LedgerEntry or issubclass(model, Fact):
            yield kind, model


def _branch(model: Any, reading: Reading) -> QuerySet[Any]:
    """The rows of one kind that correct or were let through, as the point sees them."""
    names = {f.name for f in model._meta.concrete_fields}
    if model is LedgerEntry:
        chosen = Q(reverses__isnull=False) | ~Q(late_reason="")
    else:
        chosen = Q(supersedes__isnull=False)
    if "override_reason" in names:
        chosen |= ~Q(override_reason="")
    rows = model.objects.filter(known_by(reading.point), chosen)
    if model.VALID_DATES:
        rows = rows.filter(true_by(model, reading.point.as_of))
    return rows.filter(rows_beside(model, reading.commitment))


def relabels(reading: Reading) -> QuerySet[AuditEntry]:
    """The labels changed by the point; those of another commitment and its projects are not its.

    Nor is what only fiction names that of a real one, or what it does not name that of fiction.
    A label has no day of publication: what must have been published by a day leaves it out.
    """
    point = reading.point
    if point.published_by is not None:
        return AuditEntry.objects.none()
    others = Project.objects.exclude(commitment=reading.commitment).values("slug")
    rows = AuditEntry.objects.filter(action=RELABELLED, revision__lte=point.revision)
    for model in (Document, Institution, Party):
        named = Q(kind=model._meta.model_name)
        if reading.commitment.illustrative:
            rows = rows.exclude(named & ~Q(ref__in=entity_rows(model, reading).values("slug")))
        else:
            rows = rows.exclude(named, ref__in=made_up(model).values("slug"))
    return rows.exclude(Q(kind="commitment") & ~Q(ref=reading.commitment.slug)).exclude(
        kind="project", ref__in=others
    )


def _cursor(text: str) -> tuple[int, str, int] | None:
    if not text:
        return None
    found = CURSOR.fullmatch(text)
    if found is None:
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    return int(found[1]), found[2], int(found[3])


def _after(rows: QuerySet[Any], kind: str, beyond: tuple[int, str, int] | None) -> QuerySet[Any]:
    if beyond is None:
        return rows
    revision, last_kind, pk = beyond
    rest = Q(revision__lt=revision)
    if kind > last_kind:
        rest |= Q(revision=revision)
    elif kind == last_kind:
        rest |= Q(revision=revision, pk__lt=pk)
    return rows.filter(rest)


def _read(kind: str, pks: list[int]) -> Iterable[Correction]:
    if kind == TRAIL:
        yield from _read_relabels(pks)
        return
    model = kinds()[kind]
    older = "reverses" if model is LedgerEntry else "supersedes"
    rows = model._default_manager.filter(pk__in=pks).select_related(
        *("revision__case__created_by", "revision__case__decided_by", "document", older)
    )
    rows = rows.defer("revision__case__changes")  # those of an import are many
    rows, keys = list(rows), Keys()
    owners = [pk for row in rows for pk in (row.pk, getattr(row, "supersedes_id", None)) if pk]
    links = stored_links(model, owners)
    for row in rows:
        yield Correction(row, kind, tuple(_flags(row)), tuple(_changes(row, links, keys)))


def _read_relabels(pks: list[int]) -> Iterable[Correction]:
    rows = AuditEntry.objects.filter(pk__in=pks).select_related(
        "revision__case__created_by", "revision__case__decided_by"
    )
    for row in rows.defer("revision__case__changes"):
        old, new = row.before or {}, row.after or {}
        changes = tuple(Change(name, old.get(name), new[name]) for name in new)
        yield Correction(row, row.kind, (RELABELLED,), changes)


def _flags(row: Any) -> Iterator[str]:
    if isinstance(row, LedgerEntry):
        if row.reverses_id is not None:
            yield "reversal"
        if row.late_reason:
            yield "late"
    elif row.supersedes_id is not None:
        yield "withdrawn" if row.withdrawn else "superseded"
    if is_let_through(row):
        yield "forced"


def is_let_through(row: Any) -> bool:
    """Whether a row gave the reason that let it through a rule; a correction may only keep one."""
    if isinstance(row, Reasoned):
        return row.gives_reason(row.supersedes)
    return bool(getattr(row, "override_reason", ""))


def _changes(row: Any, links: Mapping[int, dict[str, list[int]]], keys: Keys) -> Iterator[Change]:
    """The fields and links in which a version differs from the one before it."""
    if isinstance(row, LedgerEntry) or row.supersedes_id is None or row.withdrawn:
        return
    old = payload(row.supersedes, links.get(row.supersedes_id, {}), keys)
    new = payload(row, links.get(row.pk, {}), keys)
    for name in new:
        if old[name] != new[name]:
            yield Change(name, old[name], new[name])


def flag_words(flag: str) -> str:
    """Return what became of a row, in a word for a tag."""
    return {
        "late": _("posted late"),
        "reversal": _("reversal"),
        "superseded": _("corrected"),
        "withdrawn": _("withdrawn"),
        "forced": _("let through a rule"),
        RELABELLED: _("relabelled"),
    }[flag]
