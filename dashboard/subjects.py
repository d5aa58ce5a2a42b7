"""What reactions are about, in words and with an address: projects, measures, terms, commitments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.calculations.agreement import krippendorff_alpha
from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Undefined
from commitments.models import Commitment, Reaction, Term
from commitments.selectors import codings_to, entities_at, reactions_to
from dashboard import formats
from dashboard.points import Reading
from dashboard.terms import basis_words
from tariffs.models import Measure

KIND_ORDER = Reaction.ABOUT
OF_SIDE = {"japan": Q(country="JP"), "us": Q(country="US"), "other": ~Q(country__in=("JP", "US"))}
"""Which reactions are of a side."""


@dataclass(frozen=True)
class Subject:
    """One thing a reaction is about; `document` where the register has no page of its own for it."""

    key: str
    words: str
    path: str = ""
    document: str | None = None
    commitment: str = ""
    inferred: bool = False

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]


def keys_of(reaction: Reaction) -> list[str]:
    """Everything a reaction is about, what it names first."""
    return [*reaction.about, *(key for key in reaction.about_inferred if key not in reaction.about)]


def coded_by(day: date | None, as_of: date) -> date | None:
    """Return the day on which a stance was coded; None where that comes after the day described."""
    return day if day is None or day <= as_of else None


def subject_keys() -> list[str]:
    """Everything that any reaction is about: the values of the filter."""
    rows = Reaction.objects.values_list("about", "about_inferred")
    found = {key for named, inferred in rows for key in (*named, *inferred)}
    return sorted(found, key=lambda key: (KIND_ORDER.index(key.partition(":")[0]), key))


def reactions_about(found: Iterable[Reaction], keys: Iterable[str]) -> list[Reaction]:
    """Those of some reactions that are about any of some things."""
    wanted = set(keys)
    return [reaction for reaction in found if wanted & set(keys_of(reaction))]


def subjects_of(reading: Reading, found: Sequence[Reaction]) -> dict[str, Subject]:
    """What some reactions are about, as far as it is on record at the point, by key: three queries."""
    keys = {key for reaction in found for key in keys_of(reaction)}
    named: dict[str, list[str]] = {}
    for key in keys:
        kind, _colon, name = key.partition(":")
        named.setdefault(kind, []).append(name)
    subjects = [
        *_projects(reading, named.get("project", [])),
        *_measures(reading, named.get("measure", [])),
        *_terms(reading, named.get("term", [])),
        *_commitments(reading, named.get("commitment", [])),
    ]
    return {subject.key: subject for subject in subjects}


def _projects(reading: Reading, slugs: Sequence[str]) -> Iterable[Subject]:
    for slug in slugs:
        record = reading.record.by_slug.get(slug)
        if record is not None:
            name = formats.said_name(record.project, "name")
            yield Subject(f"project:{slug}", name, reverse("project", args=[slug]))


def _measures(reading: Reading, refs: Sequence[str]) -> Iterable[Subject]:
    if not refs:
        return
    rows = Measure.objects.current(reading.point).filter(ref__in=refs)
    for measure in rows.select_related("category", "document"):
        yield Subject(
            f"measure:{measure.ref}",
            measure_name(measure),
            reverse("tariffs"),
            measure.document.slug if measure.document else None,
        )


def measure_name(measure: Measure) -> str:
    """Return a measure as plain words: its goods, its rate, and the law it rests on."""
    category = formats.said_name(measure.category, "name")
    law = formats.said_name(measure, "legal_authority")
    if measure.rate_percent is None:
        return _("%(category)s, %(authority)s") % {"category": category, "authority": law}
    return _("%(category)s %(rate)s %(basis)s, %(authority)s") % {
        "category": category,
        "rate": formats.rate(measure.rate_percent),
        "basis": basis_words(measure.basis),
        "authority": law,
    }


def _terms(reading: Reading, refs: Sequence[str]) -> Iterable[Subject]:
    if not refs:
        return
    rows = Term.objects.current(reading.point).filter(ref__in=refs)
    for term in rows.select_related("document"):
        words = _("term: %(name)s") % {"name": formats.said_name(term, "name")}
        slug = term.document.slug if term.document else None
        yield Subject(f"term:{term.ref}", words, document=slug)


def _commitments(reading: Reading, slugs: Sequence[str]) -> Iterable[Subject]:
    if not slugs:
        return
    for found in entities_at(Commitment, reading.point).filter(slug__in=slugs):
        words = _("commitment: %(who)s") % {"who": formats.said_name(found, "investor")}
        yield Subject(f"commitment:{found.slug}", words, reverse("overview"), None, found.slug)


@dataclass(frozen=True)
class Agreement:
    """How far editors agree on the stance of reactions both coded; alpha None with its reason."""

    reactions: int
    coders: tuple[str, ...]
    alpha: str | None
    reason: str | None


@lru_cache(maxsize=64)
def stance_agreement(point: PointInTime, commitment: Commitment) -> Agreement:
    """Krippendorff's alpha over the reactions to a commitment that more than one editor coded.

    The first label stands on the reaction, every further one is a coding of its own.
    """
    seconds = codings_to(commitment, point)
    further = list(seconds.values_list("coder", "reaction__ref", "stance"))
    refs = {ref for _coder, ref, _stance in further}
    rows = reactions_to(commitment, point).filter(ref__in=refs)
    firsts = list(rows.values_list("coder", "ref", "stance"))
    labels = [*firsts, *(row for row in further if row[1] in {ref for _c, ref, _s in firsts})]
    coders = tuple(sorted({coder for coder, _ref, _stance in labels}))
    try:
        alpha, reason = f"{krippendorff_alpha(labels):.3f}", None
    except Undefined as undefined:
        alpha, reason = None, str(undefined.reason)
    return Agreement(len(firsts), coders, alpha, reason)
