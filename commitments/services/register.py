"""How records enter the register: from a file, a case or an import, by one path.

A record is a JSON object whose keys are field names of its model. Foreign keys
are natural keys (a slug, or the ref of a fact), amounts are decimal strings,
dates are ISO dates. The kinds are the models themselves: every entity and fact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from commitments.calculations.dates import last_possible_day
from commitments.models import AuditEntry, Document, Fact, Revision
from commitments.models.entities import Entity

BOOKKEEPING = {"id", "revision", "root", "supersedes", "document_on"}


@dataclass(frozen=True)
class Refusal:
    """Why a record was not taken: where it stood, which field, what is wrong."""

    kind: str
    ref: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}, {self.field}: {self.message}"


class RecordError(Exception):
    """One or more records were refused; nothing of them was written."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals
        super().__init__("; ".join(map(str, refusals)))


@dataclass
class Outcome:
    """What happened to each record, as "kind ref" lines."""

    added: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    relabelled: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.added or self.relabelled or self.superseded or self.withdrawn)


def kinds() -> dict[str, Any]:
    """Every kind of record by name, in an order in which each follows what it names."""
    found = {
        str(model._meta.model_name): model
        for model in apps.get_models()
        if issubclass(model, (Entity, Fact))
    }
    names = {model: name for name, model in found.items()}
    graph = {
        name: {
            names[f.related_model]
            for f in model._meta.get_fields()
            if (f.many_to_one or f.many_to_many)
            and not f.auto_created
            and f.related_model in names
            and f.related_model is not model
        }
        for name, model in sorted(found.items())
    }
    return {name: found[name] for name in TopologicalSorter(graph).static_order()}


def record_fields(model: Any) -> dict[str, Any]:
    """The fields a record of this model may carry, links included."""
    concrete = [f for f in model._meta.concrete_fields if f.name not in BOOKKEEPING]
    return {f.name: f for f in (*concrete, *model._meta.many_to_many)}


class Keys:
    """Natural keys to primary keys and back, each model read once."""

    def __init__(self) -> None:
        self._keys: dict[Any, dict[str, int]] = {}
        self._names: dict[Any, dict[int, str]] = {}
        self._documents: dict[int, Document] = {}

    def document(self, pk: int) -> Document:
        if pk not in self._documents:
            self._documents = Document.objects.in_bulk()
        return self._documents[pk]

    def of(self, model: Any) -> dict[str, int]:
        if model not in self._keys:
            rows = model._default_manager.all()
            if issubclass(model, Fact):
                rows = rows.filter(supersedes__isnull=True)
            pairs = dict(rows.values_list(model.NATURAL_KEY, "pk"))
            if model is Document:
                pairs |= {
                    alias: pk
                    for pk, aliases in rows.values_list("pk", "aliases")
                    for alias in aliases
                }
            self._keys[model] = pairs
            self._names[model] = {
                pk: name for name, pk in rows.values_list(model.NATURAL_KEY, "pk")
            }
        return self._keys[model]

    def name(self, model: Any, pk: int) -> str:
        self.of(model)
        return self._names[model][pk]

    def forget(self, model: Any) -> None:
        self._keys.pop(model, None)
        if model is Document:
            self._documents = {}


def payload(instance: models.Model, links: Mapping[str, list[int]], keys: Keys) -> dict[str, Any]:
    """Return an instance as a record, in the normal form two versions are compared in."""
    values: dict[str, Any] = {}
    for name, f in record_fields(type(instance)).items():
        if f.many_to_many:
            values[name] = sorted(keys.name(f.related_model, pk) for pk in links.get(name, []))
        elif f.many_to_one:
            pk = getattr(instance, f.attname)
            values[name] = None if pk is None else keys.name(f.related_model, pk)
        else:
            values[name] = plain(getattr(instance, f.attname))
    return values


def plain(value: Any) -> Any:
    """Return a field's value as a record carries it in normal form."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def build(model: Any, record: Mapping[str, Any], keys: Keys) -> tuple[Any, dict[str, list[int]]]:
    """Return an unsaved instance and its links from a record.

    Raise RecordError naming every field that is unknown, missing or wrong.
    """
    kind, ref = str(model._meta.model_name), str(record.get(model.NATURAL_KEY, "?"))
    refusals: list[Refusal] = []
    allowed = record_fields(model)
    for name in record.keys() - allowed.keys():
        refusals.append(Refusal(kind, ref, name, "no such field"))
    instance = model()
    links: dict[str, list[int]] = {}
    for name, f in allowed.items():
        if name not in record:
            continue
        try:
            if f.many_to_many:
                links[name] = [_resolve(f.related_model, key, keys) for key in record[name]]
            elif f.many_to_one:
                key = record[name]
                pk = None if key is None else _resolve(f.related_model, key, keys)
                setattr(instance, f.attname, pk)
            else:
                setattr(instance, f.attname, f.to_python(record[name]))
        except (ValidationError, LookupError) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else error.args[0]
            refusals.append(Refusal(kind, ref, name, text))
    relations = [f.name for f in allowed.values() if f.many_to_one]
    for name in relations:
        missing = not allowed[name].null and getattr(instance, allowed[name].attname) is None
        if missing and all(refusal.field != name for refusal in refusals):
            refusals.append(Refusal(kind, ref, name, "is required"))
    if isinstance(instance, Fact) and not refusals:
        if instance.document_id is not None:
            instance.document = keys.document(instance.document_id)
        _date(instance)
    if not refusals:
        try:
            instance.clean_fields(exclude=[*BOOKKEEPING, *relations])
            instance.clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                refusals += [Refusal(kind, ref, name, text) for text in messages]
    if refusals:
        raise RecordError(refusals)
    return instance, links


def _resolve(model: Any, key: Any, keys: Keys) -> int:
    if not isinstance(key, str) or key not in keys.of(model):
        raise LookupError(f"no {model._meta.verbose_name} “{key}”")
    return keys.of(model)[key]


def _date(fact: Fact) -> None:
    document = fact.document
    if document is not None:
        fact.document_on = document.date
    if fact.published_on is not None:
        return
    if fact.OWN_DATE and getattr(fact, fact.OWN_DATE[0]):
        own, precision = (getattr(fact, name) for name in fact.OWN_DATE)
        fact.published_on = last_possible_day(own, precision)
    elif document is not None:
        fact.published_on = last_possible_day(document.date, document.date_precision)


class Recorder:
    """Compares records with the register and writes what is new, under one revision.

    Use inside a transaction. `open_revision` is called at the first change and
    never when nothing changes.
    """

    def __init__(self, open_revision: Any, *, loading: bool) -> None:
        self._open = open_revision
        self._revision: Revision | None = None
        self.loading = loading
        self.keys = Keys()
        self.outcome = Outcome()

    @property
    def revision(self) -> Revision:
        if self._revision is None:
            self._revision = self._open()
        return self._revision

    @property
    def posted(self) -> Revision | None:
        return self._revision

    def record(self, kind: str, records: Iterable[Mapping[str, Any]]) -> list[Refusal]:
        """Take records of one kind; return why any were refused.

        The others are written all the same, so that what rests on them is
        judged too: roll the transaction back when anything was refused.
        """
        model = kinds()[kind]
        take = self._take_facts if issubclass(model, Fact) else self._take_entities
        refusals = take(model, list(records))
        self.keys.forget(model)
        return refusals

    def _take_entities(self, model: Any, records: list[Mapping[str, Any]]) -> list[Refusal]:
        kind, refusals, new = model._meta.model_name, [], []
        existing = {getattr(e, model.NATURAL_KEY): e for e in model._default_manager.all()}
        for record in records:
            try:
                instance, _ = build(model, record, self.keys)
            except RecordError as error:
                refusals += error.refusals
                continue
            line = f"{kind} {instance.slug}"
            old = existing.get(instance.slug)
            if old is None:
                new.append(instance)
                self.outcome.added.append(line)
                continue
            before, after = payload(old, {}, self.keys), payload(instance, {}, self.keys)
            if before == after:
                self.outcome.unchanged.append(line)
                continue
            instance.pk = old.pk
            instance.save()
            self.outcome.relabelled.append(line)
            AuditEntry.objects.create(
                actor=self.revision.actor,
                revision=self.revision,
                action="relabelled",
                kind=kind,
                ref=instance.slug,
                before={k: v for k, v in before.items() if after[k] != v},
                after={k: v for k, v in after.items() if before[k] != v},
            )
        if new:
            _ = self.revision
            model._default_manager.bulk_create(new)
        return refusals

    def _take_facts(self, model: Any, records: list[Mapping[str, Any]]) -> list[Refusal]:
        refusals: list[Refusal] = []
        chains = self._chains(model)
        stored_links = _stored_links(model)
        fresh: list[tuple[Any, dict[str, list[int]]]] = []
        for record in records:
            try:
                instance, links = build(model, record, self.keys)
                if self._differs(instance, links, chains.get(instance.ref, []), stored_links):
                    fresh.append((instance, links))
            except RecordError as error:
                refusals += error.refusals
        if fresh:
            for instance, _ in fresh:
                instance.revision = self.revision
            model._default_manager.bulk_create([instance for instance, _ in fresh])
            _write_links(model, fresh)
        if self.loading:
            self._note_gone(model, chains, records)
        return refusals

    def _chains(self, model: Any) -> dict[str, list[Any]]:
        chains: dict[str, list[Any]] = {}
        for version in model._default_manager.select_related("revision").order_by("pk"):
            chains.setdefault(version.ref, []).append(version)
        return chains

    def _differs(self, new: Any, links: Any, chain: list[Any], stored_links: Any) -> bool:
        kind = new._meta.model_name
        line = f"{kind} {new.ref}"
        if not chain:
            self.outcome.added.append(line)
            return True
        head = chain[-1]
        compared = head
        if self.loading:
            loaded = [v for v in chain if v.revision.kind == Revision.Kind.LOAD]
            compared = loaded[-1] if loaded else head
        before = payload(compared, stored_links.get(compared.pk, {}), self.keys)
        same_day = compared.document_on == new.document_on
        if same_day and before == payload(new, links, self.keys):
            self.outcome.unchanged.append(line)
            return False
        if compared is not head:
            text = f"edited in the file, but corrected since by r{head.revision_id}"
            raise RecordError([Refusal(kind, new.ref, "ref", text)])
        new.supersedes, new.root_id = head, head.root_key
        lines = self.outcome.withdrawn if new.withdrawn else self.outcome.superseded
        lines.append(line)
        return True

    def _note_gone(self, model: Any, chains: dict[str, list[Any]], records: list[Any]) -> None:
        present = {record.get("ref") for record in records}
        self.outcome.gone += [
            f"{model._meta.model_name} {ref}"
            for ref, chain in chains.items()
            if ref not in present
            and chain[-1].revision.kind == Revision.Kind.LOAD
            and not chain[-1].withdrawn
        ]


def _link_parts(field_: Any) -> tuple[Any, str, str]:
    through = field_.remote_field.through
    return through, f"{field_.m2m_field_name()}_id", f"{field_.m2m_reverse_field_name()}_id"


def _stored_links(model: Any) -> dict[int, dict[str, list[int]]]:
    links: dict[int, dict[str, list[int]]] = {}
    for f in model._meta.many_to_many:
        through, here, there = _link_parts(f)
        for owner, target in through._default_manager.values_list(here, there):
            links.setdefault(owner, {}).setdefault(f.name, []).append(target)
    return links


def _write_links(model: Any, fresh: list[tuple[Any, dict[str, list[int]]]]) -> None:
    for f in model._meta.many_to_many:
        through, here, there = _link_parts(f)
        through._default_manager.bulk_create(
            through(**{here: instance.pk, there: target})
            for instance, links in fresh
            for target in links.get(f.name, [])
        )
