"""From a request to what it asks about: a point in time, a commitment and a scope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.calculations.metric import Scope
from commitments.calculations.point import PointInTime
from commitments.models import (
    Claim,
    Commitment,
    Document,
    Fact,
    Institution,
    InstitutionStatement,
    Instrument,
    Party,
    Reaction,
    Revision,
    Sector,
    StanceCoding,
    Term,
)
from commitments.selectors import (
    PointError,
    documents_beside,
    entities_at,
    point_in_time,
    undated_count,
)
from commitments.services.one_commitment import MADE_UP, made_up, own_rows, rows_beside
from commitments.services.register import kinds
from dashboard.charts.usmap import outlines
from projects.models import (
    Financing,
    FundingNotice,
    LedgerEntry,
    Project,
    ProjectParty,
    ProjectProfile,
    StageEvent,
)
from projects.selectors import NOT_STATED, CommitmentRecord

POINT_PARAMETERS = ("as_of", "known_at", "published_by", "commitment")
SCOPE_PARAMETERS = ("project", "sector", "instrument", "state")
MAX_LENGTH = 120
MOST_WORDS, LONGEST_SEARCH = 8, 100
BIGGEST_KEY = 2**63 - 1
ABOUT_ANY = (Reaction, StanceCoding)  # told of beside every commitment they are about
FIGURE_FACTS = (Claim, Term, ProjectProfile, StageEvent, Financing, FundingNotice, LedgerEntry)


@dataclass(frozen=True)
class Reading:
    """What a request asks about, and the record that answers it.

    `reads_all` where the answer reads rows of the other commitments too: see `beside_others`.
    """

    point: PointInTime
    commitment: Commitment
    record: CommitmentRecord
    scope: Scope
    asked: Mapping[str, str]
    reads_all: bool = False

    @property
    def query(self) -> str:
        """The parameters that lead back to this reading; defaults are left out."""
        return urlencode(self.asked)

    @property
    def newest(self) -> "NewestDocuments":
        """The newest documents on record; what follows are their dates."""
        found = newest_documents(self.point, self.commitment)
        if not self.reads_all:
            return found
        return replace(found, overall=_newer(found.overall, found.listed))

    @property
    def agreement_cutoff(self) -> date | None:
        """The newest document date among visible rows of the agreement."""
        return _date(self.newest.agreement)

    @property
    def tariffs_cutoff(self) -> date | None:
        """The newest document date among visible rows of duties and reactions."""
        return _date(self.newest.tariffs)

    @property
    def cutoff(self) -> date | None:
        """The newest document date over everything visible, the documents listed included."""
        return _date(self.newest.overall)


# A point names the revision and the instant it was recorded, and what a revision
# holds never changes: these answers can be kept.


@dataclass(frozen=True)
class NewestDocuments:
    """The newest document, not after the day described, of four groups; None where none is."""

    agreement: Document | None
    tariffs: Document | None
    overall: Document | None
    listed: Document | None


@lru_cache(maxsize=256)
def newest_documents(point: PointInTime, commitment: Commitment) -> NewestDocuments:
    """The newest documents that visible rows rest on, and the newest that is listed.

    The agreement: every kind of the register and its projects that belongs to the
    commitment. Duties and reactions: those to every commitment, to a fictional one
    only where that is asked for. Overall: both, and what is listed beside the
    commitment without a row that rests on it yet. The library: every document, those
    of other commitments too, but what is made up only where that is asked for.
    """
    own, duties, entries = Q(), Q(), []
    for _kind, rows in rows_with_documents(point):
        model = rows.model
        if model is LedgerEntry:
            entries.append(_newest_paid(rows.filter(commitment=commitment), point))
        elif model._meta.app_label == "tariffs" or model in ABOUT_ANY:
            duties |= _cited(rows.filter(_told_beside(model, commitment)))
        else:
            own |= _cited(rows.filter(_belongs(model, commitment)))
    beside = documents_beside(commitment, point)
    agreement = _newer(_newest(beside.filter(own)) if own else None, *entries)
    tariffs = _newest(beside.filter(duties)) if duties else None
    library = _newest(beside)
    listed = library if commitment.is_default else _newest(documents_of(commitment, point))
    return NewestDocuments(agreement, tariffs, _newer(agreement, tariffs, listed), library)


def beside_others(reading: Reading) -> Reading:
    """The same reading, for what sets its commitment beside the others: all their documents count."""
    return replace(reading, reads_all=True)


def _date(document: Document | None) -> date | None:
    return document.date if document is not None else None


def _newest(documents: QuerySet[Document]) -> Document | None:
    dated = documents.filter(date__isnull=False)
    exact = dated.alias(is_exact=Q(date_precision=Document.Precision.DAY))
    return exact.order_by("-date", "-is_exact", "slug").first()


def _newest_paid(entries: QuerySet[Any], point: PointInTime) -> Document | None:
    """The newest document of some entries: asked document by document, for they may be millions."""
    documents = entities_at(Document, point).filter(date__lte=point.as_of)
    return _newest(documents.filter(Exists(entries.order_by().filter(document=OuterRef("pk")))))


def _newer(*documents: Document | None) -> Document | None:
    dated = [document for document in documents if document is not None]
    return max(dated, key=lambda document: document.date or date.min, default=None)


def _cited(rows: QuerySet[Any]) -> Q:
    """The documents that some rows rest on."""
    return Q(pk__in=rows.order_by().filter(document__isnull=False).values("document"))


def _belongs(model: Any, commitment: Commitment) -> Q:
    """Rows of a commitment; what belongs to none is told of beside the default one."""
    if commitment.is_default:
        return rows_beside(model, commitment)
    return own_rows(model, [commitment.pk]) or Q(pk__in=())


def _told_beside(model: Any, commitment: Commitment) -> Q:
    """Rows that belong to a commitment or to none, and to every other that is not made up."""
    fiction = Commitment.objects.filter(illustrative=True).exclude(pk=commitment.pk)
    made_up = own_rows(model, fiction)
    return Q() if made_up is None else ~made_up


@lru_cache(maxsize=256)
def undated_of(point: PointInTime, commitment: Commitment, models: tuple[Any, ...]) -> int:
    """How many rows of a commitment published_by drops for want of a date.

    Of what belongs to no commitment every row counts, and of reactions, which
    are told of beside each that they are about.
    """
    count = 0
    for model in models:
        beside = Q() if model in ABOUT_ANY else rows_beside(model, commitment)
        count += undated_count(point, model, beside)
    return count


def entity_rows(model: Any, reading: Reading) -> QuerySet[Any]:
    """The things of one kind on record at a reading's point.

    A document stands from its day on, a project from its first step, a party
    from the first project it has a part in. The default commitment has the whole
    library, but for what is made up; another has the documents its facts cite,
    the parties of its projects and the institutions that lend or insure under it.
    """
    point = reading.point
    if model is Document:
        return documents_of(reading.commitment, point)
    rows = entities_at(model, point)
    if model is Project:
        return rows.filter(Exists(StageEvent.objects.current(point).filter(project=OuterRef("pk"))))
    if model is Party:
        parts = ProjectParty.objects.current(point).filter(party=OuterRef("pk"))
        real = parts.filter(project__commitment__illustrative=False)
        own = parts.filter(project__commitment=reading.commitment)
        return rows.filter(Exists(real if reading.commitment.is_default else own))
    if model is Institution and reading.commitment.is_default:
        return rows.exclude(pk__in=made_up(Institution))
    if model is Institution:
        own = Financing.objects.current(point).filter(commitment=reading.commitment)
        return rows.filter(_lends_or_insures(own))
    return rows


def entities_named(model: Any, reading: Reading) -> QuerySet[Any]:
    """The things of one kind that are found by name at a reading's point, listed or not.

    What is made up is found beside an illustrative commitment only.
    """
    rows = entities_at(model, reading.point)
    if reading.commitment.illustrative or model not in MADE_UP:
        return rows
    return rows.exclude(pk__in=made_up(model))


def facts_beside(model: Any, reading: Reading) -> QuerySet[Any]:
    """The facts of one kind that hold at a reading's point and stand beside its commitment.

    What is stated of an institution stands where the institution does.
    """
    rows: QuerySet[Any] = model.objects.current(reading.point)
    if model is InstitutionStatement:
        return rows.filter(institution__in=entity_rows(Institution, reading))
    return rows.filter(rows_beside(model, reading.commitment))


def document_on_record(reading: Reading, slug: str) -> Document | None:
    """The document of a slug at a reading's point, or None where it is not on record there.

    A document dated after the day described is on record only where a fact of
    that day rests on it: what was true may have been written down later.
    """
    point = reading.point
    document: Document | None = entities_named(Document, reading).filter(slug=slug).first()
    if document is None or document.date is None or document.date <= point.as_of:
        return document
    rests = (rows.filter(document=document).exists() for _kind, rows in rows_with_documents(point))
    return document if any(rests) else None


def rows_with_documents(point: PointInTime) -> Iterable[tuple[str, QuerySet[Any]]]:
    """What holds at a point and rests on documents: facts and ledger entries, kind by kind.

    A kind of facts of which the register holds no row is left out: it need not be asked for more.
    """
    held = _kinds_held()
    for kind, model in kinds().items():
        if issubclass(model, Fact):
            if kind in held:
                yield kind, model.objects.current(point)
        elif has_column(model, "document"):  # entries of the ledger
            yield kind, model.objects.known(point).filter(value_date__lte=point.as_of)


def _kinds_held() -> set[str]:
    """The kinds of facts of which the register holds any row, in one question."""
    facts = {kind: model for kind, model in kinds().items() if issubclass(model, Fact)}
    any_row = {kind: Exists(model.objects.order_by()) for kind, model in facts.items()}
    found = Revision.objects.values(**any_row).first() or {}
    return {kind for kind, held in found.items() if held}


def naming(document: Document, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of some rows that name a document: as their own, in another link, or as evidence."""
    columns = rows.model._meta.concrete_fields
    named = Q(pk__in=())
    for column in columns:
        if column.related_model is Document:
            named |= Q(**{column.name: document})
    if any(column.name == "evidence" for column in columns):
        listed = rows.order_by().values_list("pk", "evidence")
        named |= Q(pk__in=[pk for pk, evidence in listed if document.slug in evidence])
    return rows.filter(named)


def _lends_or_insures(financings: QuerySet[Financing]) -> Q:
    lends = Exists(financings.filter(provider_links__institution=OuterRef("pk")))
    return lends | Exists(financings.filter(covers__insurer=OuterRef("pk")))


def documents_of(commitment: Commitment, point: PointInTime) -> QuerySet[Document]:
    """The documents listed beside a commitment: see `entity_rows`."""
    documents = documents_beside(commitment, point)
    if commitment.is_default:
        return documents
    cited = Q()
    for model in kinds().values():
        own = own_rows(model, [commitment.pk])
        if own is not None and has_column(model, "document"):
            rows_of = model.objects.current if issubclass(model, Fact) else model.objects.known
            cited |= _cited(rows_of(point).filter(own))
    return documents.filter(cited)


def has_column(model: Any, name: str) -> bool:
    return any(f.name == name for f in model._meta.concrete_fields)


def today() -> date:
    """The business day in Asia/Tokyo, by the server's clock."""
    return business_day(timezone.now())


def allow_only(query: QueryDict, *names: str) -> None:
    """Refuse a parameter that is unknown or given twice, naming those allowed. Raise PointError."""
    for name in query:
        if name not in names:
            words = _("is not a parameter here; allowed are: %(names)s")
            raise PointError(name[:60], words % {"names": ", ".join(sorted(set(names)))})
        if len(query.getlist(name)) > 1:
            raise PointError(name, _("is given more than once"))


def check_characters(sent: QueryDict) -> None:
    """Raise PointError naming a field of an address or a form that holds what no database keeps."""
    for name, values in sent.lists():
        if any("\x00" in value for value in values):
            raise PointError(name[:60], _("holds characters that cannot be used"))


def one_of(name: str, value: str, choices: Iterable[str]) -> str:
    """Return a value that is among the choices. Raise PointError naming them all."""
    allowed = list(choices)
    if value not in allowed:
        raise PointError(name, _("must be one of: %(names)s") % {"names": ", ".join(allowed)})
    return value


def search_words(query: QueryDict, name: str = "q") -> list[str]:
    """Return the words searched for. Raise PointError for a text too long to search."""
    text = query.get(name, "")
    found = text.split()
    if len(text) > LONGEST_SEARCH or len(found) > MOST_WORDS:
        words = _("holds more than %(characters)s characters or %(words)s words")
        raise PointError(name, words % {"characters": LONGEST_SEARCH, "words": MOST_WORDS})
    if "\x00" in text:
        raise PointError(name, _("holds characters that cannot be used"))
    return found


def is_key(text: object) -> bool:
    """Whether some text can be the key of a row: digits of a number of 64 bits."""
    key = str(text)
    return key.isascii() and key.isdigit() and len(key) < 20 and int(key) <= BIGGEST_KEY


def sector_slugs() -> list[str]:
    return list(Sector.objects.values_list("slug", flat=True))


def instrument_slugs() -> list[str]:
    return list(Instrument.objects.values_list("slug", flat=True))


def state_codes() -> list[str]:
    return [*sorted(outlines()), NOT_STATED]


def check_scope(scope: Scope) -> None:
    """Raise PointError for a part of a commitment that is not on record, naming what is."""
    for name, choices in (
        ("sector", sector_slugs),
        ("instrument", instrument_slugs),
        ("state", state_codes),
    ):
        value = getattr(scope, name)
        if value not in (None, NOT_STATED):
            one_of(name, value, choices())
    if scope.project not in (None, NOT_STATED):
        found = Project.objects.filter(slug=scope.project)
        if not found.exists():
            words = _("“%(slug)s” is not on record") % {"slug": scope.project}
            raise PointError("project", words)


def reading_of(request: HttpRequest) -> Reading:
    """Resolve a request's parameters. Raise PointError naming the one that cannot be used."""
    asked = {
        name: request.GET[name].strip()
        for name in (*POINT_PARAMETERS, *SCOPE_PARAMETERS)
        if request.GET.get(name, "").strip()
    }
    for name, value in asked.items():
        if len(value) > MAX_LENGTH or "\x00" in value:
            raise PointError(name, _("is too long or holds characters that cannot be used"))
    now = timezone.now()
    point = point_in_time(
        today=business_day(now),
        now=now,
        as_of=asked.get("as_of"),
        known_at=asked.get("known_at"),
        published_by=asked.get("published_by"),
    )
    commitment = commitment_named(asked.get("commitment"))
    kept = {
        k: v
        for k, v in asked.items()
        if k in POINT_PARAMETERS and not _is_default(k, v, point, commitment)
    }
    return Reading(
        point=point,
        commitment=commitment,
        record=CommitmentRecord(commitment, point),
        scope=Scope(**{name: asked.get(name) for name in SCOPE_PARAMETERS}),
        asked=kept,
    )


def commitment_named(slug: str | None) -> Commitment:
    """The commitment of a slug, or the default one. Raise PointError for an unknown slug."""
    commitments = Commitment.objects.order_by("-is_default", "slug")
    found = commitments.filter(slug=slug).first() if slug else commitments.first()
    if found is None:
        unknown = _("“%(slug)s” is no commitment") % {"slug": slug}
        message = unknown if slug else _("nothing is loaded yet")
        raise PointError("commitment", message)
    return found


def _is_default(name: str, value: str, point: PointInTime, commitment: Commitment) -> bool:
    return (name == "as_of" and value == point.today.isoformat()) or (
        name == "commitment" and commitment.is_default
    )
