"""References that are words, not keys: what they name must be in the register.

A claim's subject is "kind:key", and so is each thing it is weighed against or a
reaction is about; evidence is a list of refs; a mapping names sectors by slug. They are judged once a revision is written, so that a claim
may stand beside what it speaks of.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from commitments.models import (
    Claim,
    Contradiction,
    Document,
    Reaction,
    Revision,
    Ruling,
    Sector,
    SectorMapping,
    Term,
)
from commitments.services.kind_names import no_such
from commitments.services.register import Refusal, kinds

CHUNK = 500
ALLOWED: dict[tuple[str, str], Collection[str]] = {
    ("reaction", "about"): Reaction.ABOUT,
    ("reaction", "about_inferred"): Reaction.ABOUT,
    ("claim", "against"): Claim.AGAINST,
}
"""The kinds that a field may name, where it may not name every one."""


def references_lead_somewhere(revision: Revision) -> list[Refusal]:
    """Refuse subjects, evidence and sectors that the register does not hold."""
    judges = (
        (_subjects, (Claim, Ruling, Reaction)),
        (_evidence, (Contradiction,)),
        (_sectors, (SectorMapping,)),
    )
    found = (judge(revision) for judge, kinds_ in judges if revision.wrote(*kinds_))
    return [refusal for refusals in found for refusal in refusals]


def _subjects(revision: Revision) -> Iterator[Refusal]:
    posted = [
        (str(model._meta.model_name), ref, "subject", subject)
        for model in (Claim, Ruling)
        for ref, subject in model.objects.filter(revision=revision).values_list("ref", "subject")
    ]
    for field in ("about", "about_inferred"):
        rows = Reaction.objects.filter(revision=revision).values_list("ref", field)
        posted += [("reaction", ref, field, subject) for ref, found in rows for subject in found]
    weighed = Claim.objects.filter(revision=revision).values_list("ref", "against")
    posted += [("claim", ref, "against", name) for ref, names in weighed for name in names]
    named: dict[str, set[str]] = {}
    for _kind, _ref, _field, subject in posted:
        kind, _colon, key = str(subject).partition(":")
        named.setdefault(kind, set()).add(key)
    known = kinds()
    held = {kind: _held(known[kind], keys) for kind, keys in named.items() if kind in known}
    aspects = Claim.objects.filter(aspect__in=named.get("figure", ()))
    held["figure"] = set(aspects.values_list("aspect", flat=True))
    for record_kind, ref, field, subject in posted:
        kind, _colon, key = str(subject).partition(":")
        allowed = ALLOWED.get((record_kind, field), known)
        if kind not in allowed:
            words = _("“%(subject)s” is not a kind of record and a key, like “project:prj-1”")
            yield Refusal(record_kind, ref, field, words % {"subject": subject})
        elif key not in held[kind]:
            yield _no_such(record_kind, ref, field, known.get(kind, Claim), key)


def _evidence(revision: Revision) -> Iterator[Refusal]:
    posted = list(Contradiction.objects.filter(revision=revision).values_list("ref", "evidence"))
    named = {name for _ref, names in posted for name in names}
    if not named:
        return
    held = _held(Claim, named) | _held(Term, named) | _held(Document, named)
    held |= {
        alias for aliases in Document.objects.values_list("aliases", flat=True) for alias in aliases
    }
    for ref, names in posted:
        for name in names:
            if name not in held:
                words = _("no claim, term or document “%(key)s”") % {"key": name}
                yield Refusal("contradiction", ref, "evidence", words)


def _sectors(revision: Revision) -> Iterator[Refusal]:
    posted = SectorMapping.objects.filter(revision=revision).values_list("ref", "sectors")
    held = _held(Sector, {slug for _ref, slugs in posted for slug in slugs})
    for ref, slugs in posted:
        for slug in slugs:
            if slug not in held:
                yield _no_such("sectormapping", ref, "sectors", Sector, slug)


def _no_such(kind: str, ref: str, field: str, model: Any, key: str) -> Refusal:
    return Refusal(kind, ref, field, no_such(model, key))


def _held(model: Any, keys: Collection[str]) -> set[str]:
    """Those of some natural keys that the register holds. A query for each 500."""
    listed, held = sorted(keys), set()
    for start in range(0, len(listed), CHUNK):
        wanted = {f"{model.NATURAL_KEY}__in": listed[start : start + CHUNK]}
        found: Iterable[str] = model._default_manager.filter(**wanted).values_list(
            model.NATURAL_KEY, flat=True
        )
        held |= set(found)
    return held
