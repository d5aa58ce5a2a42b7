"""A case in words: its lines old and new, what it rests on, what it needs and what it moves."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.dates import last_possible_day
from commitments.calculations.metric import Figure
from commitments.models import (
    ApprovalCase,
    Claim,
    Document,
    Fact,
    Instrument,
    Revision,
    ScaledDecimalField,
    Sector,
    document_kind_words,
)
from commitments.selectors import documents_at
from commitments.services.cases import (
    CaseRefused,
    FieldChange,
    RecordChange,
    changes_shown,
    computed_changes,
)
from commitments.services.register import Refusal, kinds, record_fields
from commitments.services.tables import CellError
from dashboard import formats
from dashboard.changes import field_words, kind_words
from dashboard.claims import aspect_words, claim_words
from projects.metrics.financing import InstrumentSplit
from projects.services.effects import Effects, Overshoot
from projects.services.imports import refused_cells
from projects.services.notices import day_of_receipt

Changes = Sequence[Mapping[str, Any]]
IDENTIFIER = re.compile(r"[a-z][a-z0-9_.]*[-:0-9]")


@dataclass(frozen=True)
class ShownField:
    """One field of a line, old and new in words."""

    words: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownChange:
    """One line of a case as a person reads it: what it says, and what the register computes from it."""

    words: str
    ref: str
    is_new: bool
    fields: tuple[ShownField, ...]
    computed: tuple[ShownField, ...] = ()
    line: Mapping[str, Any] | None = field(default=None)


def shown_changes(
    changes: Changes, lines: Sequence[Mapping[str, Any]] | None = None
) -> list[ShownChange]:
    """Return the lines of a case old and new, with where each is edited when that is given."""
    found = []
    for number, shown in enumerate(changes_shown(changes)):
        found.append(
            ShownChange(
                words=kind_words(shown.kind),
                ref=shown.ref,
                is_new=shown.is_new,
                fields=tuple(_words_of(shown.kind, shown.fields)),
                line=lines[number] if lines else None,
            )
        )
    return found


def with_computed(
    shown: Sequence[ShownChange], changes: Changes, posted: Revision | None = None
) -> list[ShownChange]:
    """Return lines with what the register computes for each, or computed when they were posted."""
    return [
        replace(line, computed=tuple(_words_of(change["kind"], fields)))
        for line, change, fields in zip(
            shown, changes, computed_changes(changes, posted=posted), strict=True
        )
    ]


def shown_moves(moved: Sequence[RecordChange]) -> list[ShownChange]:
    """Return records that changed meanwhile: as at submission, and as they are now."""
    return [
        ShownChange(
            kind_words(m.kind), m.ref, is_new=m.is_new, fields=tuple(_words_of(m.kind, m.fields))
        )
        for m in moved
        if m.fields
    ]


@dataclass(frozen=True)
class ShownRefusal:
    """A step that was refused, in words: its sentence, and what stands against it."""

    code: str
    message: str
    lines: tuple[str, ...] = ()
    moved: tuple[ShownChange, ...] = ()


def shown_refusal(refused: CaseRefused, case: ApprovalCase | None = None) -> ShownRefusal:
    """Return a refusal with the fields of its records by their labels.

    Of a case that an import became, each is told by row and column of the file.
    """
    told = [cell_words(cell) for cell in refused_cells(case, refused)] or [
        refusal_words(refusal) for refusal in refused.refusals
    ]
    lines = [*refused.lines, *told, *beside(refused.moved)]
    return ShownRefusal(
        refused.code, refused.message, tuple(lines), tuple(shown_moves(refused.moved))
    )


def cell_words(cell: CellError) -> str:
    """Return what is wrong with a cell of a file, or with all of it."""
    if cell.row is None:
        return cell.reason
    return _("Row %(row)s, %(column)s, “%(value)s”: %(reason)s") % asdict(cell)


def refusal_words(refusal: Refusal) -> str:
    """Return what stands against one record: its kind and name, the field, the reason."""
    kind = refusal.kind if refusal.at else refusal.of or refusal.kind
    model = kinds().get(kind)
    about = f"{kind_words(kind)} {refusal.at or refusal.ref}".strip()
    if refusal.at:
        about = f"{about} ({refusal.ref})"
    if model is not None and refusal.field in record_fields(model):
        about = f"{about}, {field_words(model, refusal.field)}"
    return _("%(about)s: %(reason)s") % {"about": about, "reason": sentence(refusal.message)}


def beside(moved: Sequence[RecordChange]) -> list[str]:
    """Say what was posted beside a case since it was submitted."""
    return [
        _("%(kind)s %(ref)s was posted since, by revision %(revision)s")
        % {"kind": kind_words(m.kind), "ref": m.ref, "revision": m.revision}
        for m in moved
        if m.revision is not None
    ]


def sentence(reason: str) -> str:
    """Return a reason as a sentence; an identifier it begins with stays as it is."""
    ended = reason if reason.endswith((".", "。", "!", "?")) else f"{reason}{_('.')}"
    return ended if IDENTIFIER.match(ended) else ended[:1].upper() + ended[1:]


def _words_of(kind: str, fields: Iterable[FieldChange]) -> Iterable[ShownField]:
    model = kinds()[kind]
    for f in fields:
        old, new = (value_words(model, f.name, value) for value in (f.old, f.new))
        yield ShownField(field_words(model, f.name), old, new)


def value_words(model: Any, name: str, value: Any) -> str:
    """Return a value of a record in words: choices by their label, amounts with separators."""
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    f = {f.name: f for f in (*model._meta.concrete_fields, *model._meta.many_to_many)}.get(name)
    if f is not None and f.choices:
        return str(dict(f.choices).get(value, value))
    if name in ("date_precision", "stated_precision"):
        return str(dict(Document.Precision.choices).get(value, value))
    if name == "confidence":
        return str(dict(Fact.Confidence.choices).get(value, value))
    if model is Document and name == "kind":
        return document_kind_words(str(value))
    if name == "aspect":
        return f"{aspect_words(str(value))} ({value})"
    if model is Claim and name == "side":
        return str(dict(Document.Side.choices).get(value, value))
    if f is not None and isinstance(f, ScaledDecimalField) and value is not None:
        try:
            number = f.to_python(str(value))
        except ValidationError:  # shown as it stands; the rehearsal says what is wrong with it
            return str(value)
        return f"{number:,.2f}" if number is not None else "–"
    if name == "points" and isinstance(value, list) and all(isinstance(p, dict) for p in value):
        return "; ".join(f"{p.get('on')} {p.get('amount_usd')}" for p in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{k}: {v}" for k, v in value.items())
    return str(value)


@dataclass(frozen=True)
class EffectRow:
    """One figure before and after, in words."""

    name: str
    before: str
    after: str
    moves: bool


@dataclass(frozen=True)
class SplitTable:
    """The selected amount of a project by instrument: each line, the running total, the gap."""

    project: str
    rows: tuple[EffectRow, ...]


@dataclass(frozen=True)
class CitedDocument:
    """One document a case names, with the words quoted from it."""

    slug: str
    document: Any
    quotes: tuple[str, ...]
    is_new: bool
    older: str = ""

    @property
    def given(self) -> Mapping[str, Any]:
        """Its labels, as on record or as the case enters them; empty where neither has it."""
        if self.document is None:
            return {}
        return self.document if isinstance(self.document, dict) else vars(self.document)

    @property
    def title(self) -> str:
        """Its title, or its name in the register where none is stated."""
        title = self.given.get("title")
        return self._marked(formats.said_as_written(title), "title") if title else self.slug

    @property
    def day(self) -> str:
        """Its date, as exactly as it is known."""
        precision = str(self.given.get("date_precision") or Document.Precision.DAY)
        return self._marked(formats.coarse_day(_day(self.given.get("date")), precision), "date")

    @property
    def kind(self) -> str:
        """What sort of document it is, in words."""
        return document_kind_words(self.given.get("kind", ""))

    @property
    def side(self) -> str:
        """Whose document it is, in words."""
        side = self.given.get("side", "")
        return self._marked(str(dict(Document.Side.choices).get(side, side)), "side")

    @property
    def access(self) -> str:
        """How much of it was seen, in words."""
        access = self.given.get("access", "")
        return str(dict(Document.Access.choices).get(access, access))

    def _marked(self, words: str, name: str) -> str:
        """Mark words of a label that rests on general knowledge."""
        recalled = self.given.get("recalled_fields") or ()
        is_recalled = self.given.get("confidence") == "recalled" or name in recalled
        return formats.unverified(words) if is_recalled else words


def effect_rows(effects: Effects) -> list[EffectRow]:
    """Totals, shares and pace before and after."""
    parts = {
        (key, row.slug): formats.said(row, "name")
        for key, model in (("sector_share", Sector), ("instrument_share", Instrument))
        for row in model._default_manager.all()
    }
    rows = []
    for effect in effects.figures:
        name = effect.metric.name_ja if formats.is_japanese() else effect.metric.name
        if effect.part:
            name = _("%(metric)s: %(part)s") % {
                "metric": name,
                "part": parts.get((effect.metric.key, effect.part), effect.part),
            }
        unit = effect.metric.unit
        before, after = figure_words(unit, effect.before), figure_words(unit, effect.after)
        rows.append(EffectRow(name, before, after, effect.moves))
    return rows


def overshoot_words(over: Overshoot | None) -> str:
    """Warn that more is selected than the commitment is for; nothing where it is not."""
    if over is None:
        return ""
    words = _("Beyond the remaining commitment: %(selected)s would be selected, of %(target)s.")
    given = {name: formats.exact_dollars(getattr(over, name)) for name in ("selected", "target")}
    return words % given


def split_tables(effects: Effects) -> list[SplitTable]:
    """The instruments of each project of a case before and after, with total and gap."""
    names = {row.slug: formats.said(row, "name") for row in Instrument.objects.all()}
    tables = []
    for split in effects.splits:
        before = {line.instrument: line.bounds for line in split.before.lines}
        after = {line.instrument: line.bounds for line in split.after.lines}
        lines = [
            (names.get(slug, slug), before.get(slug), after.get(slug))
            for slug in dict.fromkeys([*before, *after])
        ]
        lines += [
            (_("Total of the instruments"), split.before.signed, split.after.signed),
            (_("Selected amount"), split.before.selected, split.after.selected),
        ]
        rows = [_bounds_row(*line) for line in lines]
        both = (split.before, split.after)
        gap = ["–" if s.is_overrun else _gap_words(s.rest_low, s.rest_high) for s in both]
        over = [_overrun_words(s) if s.is_overrun else "–" for s in both]
        rows.append(EffectRow(_("Gap: not stated"), gap[0], gap[1], gap[0] != gap[1]))
        if any(s.is_overrun for s in both):
            words = _("Signed beyond what is selected")
            rows.append(EffectRow(words, over[0], over[1], over[0] != over[1]))
        tables.append(SplitTable(split.project, tuple(rows)))
    return tables


def _bounds_row(name: str, before: Any, after: Any) -> EffectRow:
    words = [formats.money_range(b, places=2) if b is not None else "–" for b in (before, after)]
    return EffectRow(name, words[0], words[1], words[0] != words[1])


def _overrun_words(split: InstrumentSplit) -> str:
    low, high = (None if r is None else -r for r in (split.rest_low, split.rest_high))
    return _gap_words(low, high)


def _gap_words(low: Any, high: Any) -> str:
    shown = ["–" if v is None else formats.money(v, places=2) for v in (low, high)]
    if shown[0] == shown[1]:
        return shown[0]
    return _("low %(low)s, high %(high)s") % {"low": shown[0], "high": shown[1]}


def figure_words(unit: str, figure: Figure) -> str:
    """Return a figure in the words of its unit, or why there is none."""
    if figure.reason:
        return formats.reason(str(figure.reason))
    if figure.text:
        return figure.text
    if unit.startswith("usd"):
        return formats.money_range(figure.bounds, places=2)
    if unit == "fraction":
        return formats.percent_range(figure.bounds, places=2)
    low, high = figure.bounds.low, figure.bounds.high
    shown = [
        "–" if v is None else formats.plain(v, 0 if unit == "days" else 3) for v in (low, high)
    ]
    words = shown[0] if shown[0] == shown[1] else f"{shown[0]}–{shown[1]}"
    if unit == "days" and figure.bounds.is_stated:
        return ngettext("%(days)s day", "%(days)s days", 1 if words == "1" else 2) % {"days": words}
    return words


@dataclass(frozen=True)
class RivalClaim:
    """What is said of the figure of a claim or a ruling of a case; `chosen` only by a ruling."""

    claim: Claim
    words: str
    document: CitedDocument | None
    chosen: bool | None = None

    @property
    def choice(self) -> str:
        """Whether the ruling chooses it, in words; empty where the case holds none on it."""
        if self.chosen is None:
            return ""
        return _("chosen by the ruling") if self.chosen else _("not chosen")


def rival_claims(changes: Changes, revision: int | None = None) -> list[RivalClaim]:
    """What others say of the figures of claims, and all that is said of those of rulings.

    Claims of the case itself are others to one another. As the register stood at a
    revision, or without one as it stands now: two or three queries.
    """
    entered = [c["data"] for c in changes if c["kind"] == "claim"]
    ruled = {_figure_of(c["data"]): c["data"] for c in changes if c["kind"] == "ruling"}
    wanted = {*map(_figure_of, entered), *ruled}
    if not wanted:
        return []
    aspects: dict[str, set[str]] = {}
    for subject, aspect in wanted:
        aspects.setdefault(aspect, set()).add(subject)
    same = Q()
    for aspect, subjects in aspects.items():
        same |= Q(aspect=aspect, subject__in=subjects)
    own = [str(data.get("ref")) for data in entered]
    rows = _claims_at(revision).filter(same, withdrawn=False).exclude(ref__in=own)
    found = [(claim, claim.document and claim.document.slug) for claim in rows]
    standing = [data for data in entered if not data.get("withdrawn")]
    beside = Counter(map(_figure_of, standing))
    for data in standing:
        if beside[_figure_of(data)] > 1 or _figure_of(data) in ruled:
            found.append((_claim_of(data), data.get("document")))
    slugs = {slug for _claim, slug in found if slug}
    cited = {
        slug: CitedDocument(slug, document, (), is_new=False)
        for slug, document in _labels_of(slugs, changes, revision).items()
    }
    rivals = []
    for claim, slug in sorted(found, key=lambda one: (*_figure(one[0]), one[0].rank or 0)):
        ruling = ruled.get(_figure(claim))
        chosen = None if ruling is None else claim.ref in _chosen_by(ruling)
        rivals.append(RivalClaim(claim, claim_words(claim), cited.get(slug), chosen))
    return rivals


def _figure(claim: Claim) -> tuple[str, str]:
    return claim.subject, claim.aspect


def _figure_of(data: Mapping[str, Any]) -> tuple[str, str]:
    return str(data.get("subject") or ""), str(data.get("aspect") or "")


def _chosen_by(ruling: Mapping[str, Any]) -> Sequence[str]:
    """The claims that a ruling of a case chooses; one taken back chooses none."""
    return () if ruling.get("withdrawn") else ruling.get("claims") or ()


def _claims_at(revision: int | None) -> Any:
    stood = Claim.objects.heads() if revision is None else Claim.objects.heads_at(revision)
    return stood.select_related("document")


def _claim_of(data: Mapping[str, Any]) -> Claim:
    """A claim as a case enters it, as far as it can be read."""
    read = {}
    for f in Claim._meta.concrete_fields:
        if f.name in data and not f.is_relation:
            with suppress(ValidationError):
                read[f.name] = f.to_python(data[f.name])
    return Claim(**read)


def _labels_of(
    slugs: Iterable[str], changes: Changes, revision: int | None
) -> dict[str, Document | Mapping[str, Any] | None]:
    """Documents by slug as on record, else as the case enters them; None where neither has it."""
    new = {c["data"]["slug"]: c["data"] for c in changes if c["kind"] == "document"}
    stored = documents_at(slugs, revision)
    return {slug: stored.get(slug) or new.get(slug) for slug in slugs}


def cited_documents(changes: Changes, revision: int | None = None) -> list[CitedDocument]:
    """The documents some changes name, each with the words quoted and the acts it is older than.

    A ruling names those of the claims it chooses. They have the labels of a revision, or
    without one those of now.
    """
    new = {c["data"]["slug"]: c["data"] for c in changes if c["kind"] == "document"}
    quotes: dict[str, list[str]] = {}
    acts: dict[str, list[Act]] = {}
    for change in changes:
        slug = change["data"].get("document")
        if slug:
            quotes.setdefault(slug, [])
            if (words := change["data"].get("locator")) and words not in quotes[slug]:
                quotes[slug].append(words)
            acts.setdefault(slug, []).extend(_acts_of(change))
    rulings = [change["data"] for change in changes if change["kind"] == "ruling"]
    chosen = {ref for ruling in rulings for ref in _chosen_by(ruling)}
    for claim in _claims_at(revision).filter(ref__in=chosen) if chosen else ():
        if claim.document:
            words = quotes.setdefault(claim.document.slug, [])
            if claim.locator and claim.locator not in words:
                words.append(claim.locator)
    stored = documents_at(quotes, revision)
    return [
        CitedDocument(
            slug,
            stored.get(slug) or new.get(slug),
            tuple(words),
            slug not in stored,
            _older_words(stored.get(slug) or new.get(slug), acts.get(slug, ())),
        )
        for slug, words in quotes.items()
    ]


Act = tuple[date, str]  # its day and its name


def _acts_of(change: Mapping[str, Any]) -> Iterable[Act]:
    """The act that a line records, unless it is planned or the line takes it back."""
    data = change["data"]
    name = getattr(kinds().get(change["kind"]), "ACT_DATE", "")
    if name and not data.get("planned") and not data.get("withdrawn"):
        is_notice = change["kind"] == "fundingnotice"
        day = day_of_receipt(data) if is_notice else _day(data.get(name))
        if day is not None:
            yield day, str(data.get("ref"))


def _older_words(document: Document | Mapping[str, Any] | None, acts: Sequence[Act]) -> str:
    """Say that a document is older than acts it is named for, where it is."""
    if document is None:
        return ""
    given = document if isinstance(document, Mapping) else vars(document)
    on = _day(given.get("date"))
    last = last_possible_day(on, str(given.get("date_precision") or "day"))
    later = sorted(act for act in acts if last is not None and act[0] > last)
    if not later:
        return ""
    day, ref = later[-1]
    words = ngettext(
        "The document is older than the act: %(ref)s of %(day)s.",
        "The document is older than %(count)d acts, the last of them %(ref)s of %(day)s.",
        len(later),
    )
    return words % {"count": len(later), "ref": ref, "day": day}


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
