"""A fact belongs to one commitment: whatever it names belongs to the same.

So nothing of one commitment, a fictional one least of all, enters the figures
of another. Which fields lead to a commitment is read from the models, so it
holds for every kind of record, and for a claim's subject, which is words. So
are lists of references: a claim is weighed against its own commitment's
records, and what a reaction or a contradiction names is made up only where it is.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from commitments.models import (
    Commitment,
    Document,
    Fact,
    Institution,
    Party,
    Revision,
)
from commitments.services.register import TAKE, Refusal, kinds, record_fields

CHUNK = 500
MADE_UP: Mapping[Any, tuple[str, Any]] = {
    Document: ("kind", Document.FICTIONAL),
    Institution: ("illustrative", True),
    Party: ("illustrative", True),
}
"""What belongs to no commitment and may be made up: the label, and its value, that says so."""

LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "contradiction": {"evidence": ("claim", "term", "document")},
    "reaction": {"about": (), "about_inferred": ()},
}
"""Fields that list records: by kind and key, or by the key alone of one of some kinds."""


def one_commitment(revision: Revision) -> list[Refusal]:
    """Refuse what names records of another commitment, or takes a record into one."""
    return list(strangers(revision))


def strangers(revision: Revision | None = None) -> Iterator[Refusal]:
    """Yield what a revision posted, or all that stands, that names another commitment's records.

    Records of a kind that a room takes itself come by the thousand: it judges
    each before it is written.
    """
    for kind, model in kinds().items():
        if revision is not None and kind in TAKE:
            continue
        if not hasattr(model, "revision") or model is Commitment:
            continue
        if revision is not None and not revision.wrote(model):
            continue
        rows = _posted(model, revision) if revision else _standing(model)
        if ways_of(model):
            yield from _astray(kind, model, rows, corrected=revision is not None)
            if "subject" in record_fields(model):
                yield from _misplaced(kind, model, rows)
                yield from _of_several(kind, model, rows)
        yield from _fictional(kind, model, rows)


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


def own_rows(model: Any, commitments: QuerySet[Commitment] | Collection[int]) -> Q | None:
    """The rows of a kind that belong to one of some commitments; None for a kind of none.

    Some are a query, or keys: where they are known the conditions hold no list to look up.

    A row belongs to the commitment it names or that what it names belongs to; a
    ruling names none, and belongs to that of its subject and of its claims. Where
    both have one it is the same, by the rules of a posting.
    """
    return _rows_whose(model, "in", commitments)


def _rows_whose(model: Any, lookup: str, value: Any) -> Q | None:
    """The rows of a kind whose commitment answers a lookup: see `own_rows`."""
    ways = ways_of(model)
    if not ways:
        return None
    name, path = next(iter(ways.items()))
    if not model._meta.get_field(name).many_to_many:
        return Q(**{f"{path}__{lookup}": value})
    through = model._default_manager.order_by().filter(**{f"{path}__{lookup}": value})
    found = Q(pk__in=through.values("pk"))
    for kind, named in kinds().items():
        if named is model:
            continue
        itself = named is Commitment
        own = Q(**{f"pk__{lookup}": value}) if itself else _rows_whose(named, lookup, value)
        if own is not None:
            key = {named.NATURAL_KEY: Substr(OuterRef("subject"), len(kind) + 2)}
            of_kind = named._default_manager.order_by().filter(own, **key)
            found |= Q(Exists(of_kind), subject__startswith=f"{kind}:")
    return found


def rows_beside(model: Any, commitment: Commitment) -> Q:
    """The rows of a kind told of beside a commitment: its own, and all of a kind of none.

    Those of a kind that belong to none stand beside every commitment that is not made up.
    """
    own = own_rows(model, [commitment.pk])
    of_any = _rows_of_any(model)
    if own is None or of_any is None:
        return Q()
    return own if commitment.illustrative else own | ~of_any


@cache
def _rows_of_any(model: Any) -> Q | None:
    """The rows of a kind that belong to a commitment, whichever it is."""
    return _rows_whose(model, "isnull", False)


def _posted(model: Any, revision: Revision) -> Any:
    rows = model._default_manager.filter(revision=revision)
    return rows.filter(withdrawn=False) if issubclass(model, Fact) else rows


def _standing(model: Any) -> Any:
    rows = model._default_manager.all()
    return rows.heads().filter(withdrawn=False) if issubclass(model, Fact) else rows


def _astray(kind: str, model: Any, rows: Any, *, corrected: bool) -> Iterator[Refusal]:
    """What leads to more than one commitment."""
    (field, own), *others = ways_of(model).items()
    if issubclass(model, Fact) and corrected:
        others.append(("supersedes", f"supersedes__{own}"))
    wrong = Q(pk__in=())
    for _name, path in others:
        wrong |= Q(**{f"{own}__lt": F(path)}) | Q(**{f"{own}__gt": F(path)})
    columns = [f"{path}__slug" for _name, path in others]
    found = rows.filter(wrong).order_by("pk").distinct()
    listed = found.values_list("pk", model.NATURAL_KEY, f"{own}__slug", *columns)
    for _pk, ref, home, *slugs in listed:
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


def made_up(model: Any) -> QuerySet[Any]:
    """The documents, institutions or parties that are made up."""
    name, value = MADE_UP[model]
    found: QuerySet[Any] = model.objects.filter(**{name: value})
    return found


def _fictional(kind: str, model: Any, rows: Any) -> Iterator[Refusal]:
    """What names something made up and belongs to a real commitment, or to none."""
    path = next(iter(ways_of(model).values()), None)
    real = rows if path is None else rows.exclude(**{f"{path}__illustrative": True})
    home = [f"{path}__slug"] if path else []
    found: list[tuple[str, str, str, str | None]] = []
    for name, f in record_fields(model).items():
        if f.related_model in MADE_UP:
            fiction = real.filter(**{f"{name}__in": made_up(f.related_model)})
            listed = fiction.order_by("pk").values_list(model.NATURAL_KEY, f"{name}__slug", *home)
            found += [(ref, name, key, *(here or [None])) for ref, key, *here in listed.distinct()]
    if path and "subject" in record_fields(model):
        for named in MADE_UP:
            found += _on_fiction(model, real, named, home[0])
    for name, of in LISTS.get(kind, {}).items():
        found += _listing_fiction(model, real, name, of, home)
    for ref, name, key, here in found:
        if here:
            words = _("“%(named)s” is fictional, and %(here)s is not")
            given = {"named": key, "here": here}
        else:
            words = _("“%(named)s” is fictional, and this belongs to no fictional commitment")
            given = {"named": key}
        yield Refusal(kind, ref, name, words % given)


def _on_fiction(
    model: Any, rows: Any, named: Any, home: str
) -> Iterator[tuple[str, str, str, str | None]]:
    """Those of some rows whose subject is something made up of one kind."""
    start = f"{named._meta.model_name}:"
    key = Substr("subject", len(start) + 1)
    about = rows.filter(subject__startswith=start).annotate(key_of=key)
    fiction = about.filter(key_of__in=made_up(named).values("slug"))
    listed = fiction.order_by("pk").values_list(model.NATURAL_KEY, "key_of", home)
    for ref, slug, here in listed.distinct():
        yield ref, "subject", slug, here


def _listing_fiction(
    model: Any, rows: Any, name: str, of: tuple[str, ...], home: list[str]
) -> Iterator[tuple[str, str, str, str | None]]:
    """Those of some rows that list something made up, or a record of a fictional commitment."""
    listed = rows.order_by("pk").values_list(model.NATURAL_KEY, name, *home)
    rows_of = [(ref, key, here) for ref, keys, *here in listed for key in keys]
    subjects = {key: [f"{kind}:{key}" for kind in of] or [key] for _ref, key, _here in rows_of}
    fiction = _fiction({subject for named in subjects.values() for subject in named})
    for ref, key, here in rows_of:
        if fiction.intersection(subjects[key]):
            yield ref, name, key, *(here or [None])


def _fiction(subjects: set[str]) -> set[str]:
    """Those of some subjects that are made up, or of a fictional commitment."""
    if not subjects:
        return set()
    fictional = set(Commitment.objects.filter(illustrative=True).values_list("slug", flat=True))
    found = {subject for subject, home in homes_of(subjects).items() if home in fictional}
    for model in MADE_UP:
        kind, rows = model._meta.model_name, made_up(model)
        keys = set(rows.values_list("slug", flat=True))
        if model is Document:
            keys.update(*rows.values_list("aliases", flat=True))
        found |= {f"{kind}:{key}" for key in keys} & subjects
    return found


def _misplaced(kind: str, model: Any, rows: Any) -> Iterator[Refusal]:
    """What speaks of a subject of another commitment, or of one without naming it.

    So with what a claim is weighed against.
    """
    name, own = next(iter(ways_of(model).items()))
    columns = (model.NATURAL_KEY, "subject", f"{own}__slug")
    listed = [(ref, "subject", *rest) for ref, *rest in rows.values_list(*columns).distinct()]
    if "against" in record_fields(model):
        weighed = rows.values_list(model.NATURAL_KEY, "against", f"{own}__slug")
        listed += [(ref, "against", key, home) for ref, keys, home in weighed for key in keys]
    homes = homes_of(subject for _ref, _field, subject, _home in listed)
    for ref, field, subject, home in listed:
        there = homes.get(subject)
        if there is not None and home is None:
            words = _("is required: “%(subject)s” belongs to %(there)s")
            yield Refusal(kind, ref, name, words % {"subject": subject, "there": there})
        elif there is not None and there != home:
            words = _("“%(subject)s” belongs to another commitment: %(there)s, not %(here)s")
            given = {"subject": subject, "there": there, "here": home}
            yield Refusal(kind, ref, field, words % given)


def _of_several(kind: str, model: Any, rows: Any) -> Iterator[Refusal]:
    """What speaks of a subject of no commitment by records of more than one."""
    name, own = next(iter(ways_of(model).items()))
    if not model._meta.get_field(name).many_to_many:
        return
    columns = (model.NATURAL_KEY, "subject", f"{own}__slug")
    named = rows.filter(**{f"{own}__isnull": False}).order_by(*columns)
    slugs: dict[tuple[str, str], list[str]] = {}
    for ref, subject, slug in named.values_list(*columns).distinct():
        slugs.setdefault((ref, subject), []).append(slug)
    several = {key: found for key, found in slugs.items() if len(found) > 1}
    homes = homes_of(subject for _ref, subject in several)
    for (ref, subject), found in several.items():
        if homes.get(subject) is None:
            words = _("belong to several commitments: %(slugs)s") % {"slugs": ", ".join(found)}
            yield Refusal(kind, ref, name, words)


def homes_of(subjects: Iterable[str]) -> dict[str, str]:
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
            named_homes = rows.values_list(model.NATURAL_KEY, path)
            homes |= {f"{kind}:{key}": home for key, home in named_homes if home}
    return homes
