"""What labels of things must keep to: what stands on them goes by them, and they change in place."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.models import AuditEntry, Commitment, Document, Revision
from commitments.services.register import ADDED, RELABELLED, Refusal, kinds, record_fields

FIXED: Mapping[str, tuple[str, ...]] = {
    "project": ("commitment",),
    "commitment": ("illustrative",),
    "institution": ("illustrative",),
    "party": ("illustrative",),
    "document": ("kind",),
}
"""Labels that never change; a document's kind only from or to fiction."""

FIXED_UNDER: Mapping[str, tuple[str, ...]] = {
    "commitment": ("investor_code", "host_code"),  # which duties stand beside its figures
    "instrument": ("is_cash",),  # whether it is summed as cash or as cover
}
"""Labels that no longer change once anything rests on their record."""


def labels_stay(revision: Revision) -> list[Refusal]:
    """Refuse to relabel what would take over to another side, or into other figures, what rests on it."""
    fixed = FIXED.keys() | FIXED_UNDER.keys()
    if not revision.wrote(*(kinds()[kind] for kind in fixed)):
        return []
    trail = AuditEntry.objects.filter(revision=revision, action=RELABELLED)
    words = _("cannot be changed: facts and figures rest on it")
    refusals = []
    for entry in trail.filter(kind__in=fixed).order_by("pk"):
        before, after = entry.before or {}, entry.after or {}
        for name in FIXED.get(entry.kind, ()):
            is_fiction = Document.FICTIONAL in (before.get(name), after.get(name))
            if name in after and (entry.kind != "document" or is_fiction):
                refusals.append(Refusal(entry.kind, entry.ref, name, words))
        under = [name for name in FIXED_UNDER.get(entry.kind, ()) if name in after]
        if under and _is_rested_on(kinds()[entry.kind], entry.ref):
            refusals += [Refusal(entry.kind, entry.ref, name, words) for name in under]
    return refusals


def _is_rested_on(model: Any, slug: str) -> bool:
    """Whether any record names an entity."""
    return any(
        other._default_manager.filter(**{f"{name}__slug": slug}).exists()
        for other in kinds().values()
        for name, f in record_fields(other).items()
        if f.related_model is model
    )


def documents_are_of_days_over(revision: Revision) -> list[Refusal]:
    """Refuse documents, new or relabelled, of days to come: nobody has read them."""
    if not revision.wrote(Document):
        return []
    today = business_day(revision.recorded_at)
    ahead = Document.objects.filter(slug__in=_touched(revision, "document"), date__gt=today)
    return [
        Refusal("document", slug, "date", _("%(day)s lies in the future") % {"day": day})
        for slug, day in ahead.order_by("slug").values_list("slug", "date")
    ]


def names_are_of_one_document(revision: Revision) -> list[Refusal]:
    """Refuse a name by which another document is filed: what cites the one would lead to the other."""
    touched = set(_touched(revision, "document")) if revision.wrote(Document) else ()
    if not touched:
        return []
    owners: dict[str, set[str]] = {}
    for slug, aliases in Document.objects.order_by("slug").values_list("slug", "aliases"):
        for name in (slug, *aliases):
            owners.setdefault(name, set()).add(slug)
    return list(_shared_names(owners, touched))


def _shared_names(owners: Mapping[str, set[str]], touched: set[str]) -> Iterator[Refusal]:
    words = _("“%(name)s” is a name of “%(other)s” already")
    for name, slugs in sorted(owners.items()):
        for slug in sorted(slugs & touched) if len(slugs) > 1 else ():
            given = {"name": name, "other": min(slugs - {slug})}
            yield Refusal("document", slug, "slug" if name == slug else "aliases", words % given)


def one_default_stands(revision: Revision) -> list[Refusal]:
    """Refuse to leave the pages without a commitment to begin with; two are refused when written."""
    if not revision.wrote(Commitment):
        return []
    touched = list(_touched(revision, "commitment").order_by("pk"))
    if not touched or Commitment.objects.filter(is_default=True).exists():
        return []
    words = _("one commitment is the default: name another in the same case or file")
    lost = AuditEntry.objects.filter(
        revision=revision, kind="commitment", before__is_default=True
    ).values_list("ref", flat=True)
    return [
        Refusal("commitment", ref, "is_default", words, also=(("commitment", ref),))
        for ref in list(lost) or touched
    ]


def _touched(revision: Revision, kind: str) -> Any:
    """The keys of the entities of a kind that a revision added or relabelled, as a query."""
    trail = AuditEntry.objects.filter(revision=revision, kind=kind)
    return trail.filter(action__in=(ADDED, RELABELLED)).values_list("ref", flat=True)


ALL = (labels_stay, documents_are_of_days_over, names_are_of_one_document, one_default_stands)
