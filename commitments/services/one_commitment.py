"""A fact belongs to one commitment: whatever it names belongs to the same.

So nothing of one commitment, a fictional one least of all, enters the figures
of another. Which fields lead to a commitment is read from the models, so it
holds for every kind of record, and for a claim's subject, which is words.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from commitments.models import AuditEntry, Commitment, Document, Fact, Revision
from commitments.services.register import RELABELLED, TAKE, Refusal, kinds, record_fields

CHUNK = 500
FIXED = {"project": "commitment", "commitment": "illustrative"}  # labels that never change


def one_commitment(revision: Revision) -> list[Refusal]:
    """Refuse what names records of another commitment, or takes a record into one."""
    return [*_moved(revision), *strangers(revision)]


def strangers(revision: Revision | None = None) -> Iterator[Refusal]:
    """Yield what a revision posted, or all that stands, that names another commitment's records.

    Records of a kind that a room takes itself come by the thousand: it judges
    each before it is written.
    """
    for kind, model in kinds().items():
        if revision is not None and kind in TAKE:
            continue
        if hasattr(model, "revision") and model is not Commitment and ways_of(model):
            rows = _posted(model, revision) if revision else _standing(model)
            yield from _astray(kind, model, rows, corrected=revision is not None)
            if "subject" in record_fields(model):
                yield from _misplaced(kind, model, rows)


@cache
def ways_of(model: Any) -> Mapping[str, str]:
    """The fields of a kind that lead to a commitment, each with its path; its own key first."""
    found: dict[str, str] = {}
    for name, f in record_fields(model).items():
        if not (f.many_to_one or f.many_to_many) or f.related_model is model:
            continue
        if f.related_model is Commitment:
            found = {name: name, **found}
        elif hasattr(f.related_model, "NATURAL_KEY") and (inner := ways_of(f.related_model)):
            found[name] = f"{name}__{next(iter(inner.values()))}"
    return MappingProxyType(found)


def _posted(model: Any, revision: Revision) -> Any:
    rows = model._default_manager.filter(revision=revision)
    return rows.filter(withdrawn=False) if issubclass(model, Fact) else rows


def _standing(model: Any) -> Any:
    rows = model._default_manager.all()
    return rows.heads().filter(withdrawn=False) if issubclass(model, Fact) else rows


def _astray(kind: str, model: Any, rows: Any, *, corrected: bool) -> Iterator[Refusal]:
    """What leads to more than one commitment, or rests a real one on a fictional document."""
    (field, own), *others = ways_of(model).items()
    if issubclass(model, Fact) and corrected:
        others.append(("supersedes", f"supersedes__{own}"))
    wrong = Q(pk__in=())
    for _name, path in others:
        wrong |= Q(**{f"{own}__lt": F(path)}) | Q(**{f"{own}__gt": F(path)})
    has_document = "document" in record_fields(model)
    if has_document:
        wrong |= Q(document__kind=Document.FICTIONAL, **{f"{own}__illustrative": False})
    columns = [f"{path}__slug" for _name, path in others]
    document = ("document__slug", "document__kind") if has_document else ()
    found = rows.filter(wrong).order_by("pk").distinct()
    listed = found.values_list("pk", model.NATURAL_KEY, f"{own}__slug", *document, *columns)
    for _pk, ref, home, *rest in listed:
        slugs = rest[len(document) :]
        for (name, _path), slug in zip(others, slugs, strict=True):
            if slug in (None, home):
                continue
            given = {"there": slug, "here": home}
            if name == "supersedes":
                words = _("was recorded for %(there)s: withdraw it and record another for %(here)s")
                yield Refusal(kind, ref, field, words % given)
            else:
                words = _("belongs to another commitment: %(there)s, not %(here)s")
                yield Refusal(kind, ref, name, words % given)
        if document and rest[1] == Document.FICTIONAL:
            words = _("“%(document)s” is fictional, and %(here)s is not")
            yield Refusal(kind, ref, "document", words % {"document": rest[0], "here": home})


def _misplaced(kind: str, model: Any, rows: Any) -> Iterator[Refusal]:
    """What speaks of a subject of another commitment."""
    own = next(iter(ways_of(model).values()))
    listed = list(rows.values_list(model.NATURAL_KEY, "subject", f"{own}__slug").distinct())
    homes = _homes(subject for _ref, subject, _home in listed)
    for ref, subject, home in listed:
        there = homes.get(subject)
        if there is not None and home is not None and there != home:
            words = _("“%(subject)s” belongs to another commitment: %(there)s, not %(here)s")
            given = {"subject": subject, "there": there, "here": home}
            yield Refusal(kind, ref, "subject", words % given)


def _homes(subjects: Iterable[str]) -> dict[str, str]:
    """The commitment of each subject that has one. A query for each 500 of a kind."""
    named: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _colon, key = subject.partition(":")
        named.setdefault(kind, set()).add(key)
    homes: dict[str, str] = {}
    for kind, keys in named.items():
        model = kinds().get(kind)
        if model is None or (not (ways := ways_of(model)) and model is not Commitment):
            continue
        path = "slug" if model is Commitment else f"{next(iter(ways.values()))}__slug"
        listed = sorted(keys)
        for start in range(0, len(listed), CHUNK):
            rows = model._default_manager.filter(
                **{f"{model.NATURAL_KEY}__in": listed[start : start + CHUNK]}
            )
            homes |= {
                f"{kind}:{key}": home for key, home in rows.values_list(model.NATURAL_KEY, path)
            }
    return homes


def _moved(revision: Revision) -> Iterator[Refusal]:
    """What would take a project, or a whole fictional commitment, over to another side."""
    trail = AuditEntry.objects.filter(revision=revision, action=RELABELLED, kind__in=FIXED)
    for entry in trail.order_by("pk"):
        name = FIXED[entry.kind]
        if name in (entry.after or {}):
            words = _("cannot be changed: facts and figures rest on it")
            yield Refusal(entry.kind, entry.ref, name, words)
