"""How records enter the register: from a file, a case or an import, by one path.

A record is a JSON object whose keys are field names of its model. Foreign keys
are natural keys (a slug, or the ref of a fact), amounts are decimal strings,
dates are ISO dates. The kinds are the models with a natural key: every entity
and fact, and the ledger's entries.

Rooms tell at start what is special to their kinds: how fields that no record
carries are computed, who takes the records of a kind that is not a plain fact,
and the rules that must hold once a revision is posted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from commitments.calculations.dates import last_possible_day
from commitments.models import AuditEntry, Commitment, Document, Fact, Revision
from commitments.services.kind_names import no_such
from commitments.services.values import value_of

ADDED, RELABELLED = "added", "relabelled"
BOOKKEEPING = {"id", "revision", "root", "supersedes", "document_on"}


@dataclass(frozen=True)
class Refusal:
    """Why a record was not taken: where it stood, which field, what is wrong.

    `also` names records, by kind and key, beside the one refused: those on which
    a public reason would set the rule aside.

    What is wrong with several records together stands under what they share, a
    project or a notice; `at` then names the one among them at which it shows,
    and `of` the kind of what they share.
    """

    kind: str
    ref: str
    field: str
    message: str
    also: tuple[tuple[str, str], ...] = ()
    at: str = ""
    of: str = ""

    def __str__(self) -> str:
        return f"{self.of or self.kind} {self.ref}, {self.field}: {self.message}"


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
        return bool(self.kinds)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of the records that were written."""
        written = (self.added, self.relabelled, self.superseded, self.withdrawn)
        return frozenset(line.partition(" ")[0] for lines in written for line in lines)


Complete = Callable[[Any, "Keys"], None]
Take = Callable[["Recorder", Sequence[Mapping[str, Any]]], list[Refusal]]
Rule = Callable[[Revision], list[Refusal]]
Read = Callable[[Sequence[str]], dict[str, dict[str, Any]]]
COMPLETE: dict[str, Complete] = {}
TAKE: dict[str, Take] = {}
READ: dict[str, Read] = {}
RULES: list[Rule] = []


def register_completion(kind: str, complete: Complete) -> None:
    """Compute a kind's computed fields on an unsaved instance; ValidationError refuses it."""
    COMPLETE[kind] = complete


def register_taker(kind: str, take: Take, read: Read) -> None:
    """Let a room write the records of a kind itself, and read those of some keys in normal form.

    Writing returns why any were refused.
    """
    TAKE[kind], READ[kind] = take, read


def register_rule(rule: Rule) -> None:
    """Hold every posting to a rule: it is given the revision, after its records are written."""
    if rule not in RULES:
        RULES.append(rule)


@cache
def kinds() -> Mapping[str, Any]:
    """Every kind of record by name, in an order in which each follows what it names."""
    found = {
        str(model._meta.model_name): model
        for model in apps.get_models()
        if hasattr(model, "NATURAL_KEY")
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
    return MappingProxyType({n: found[n] for n in TopologicalSorter(graph).static_order()})


@cache
def record_fields(model: Any) -> Mapping[str, Any]:
    """The fields a record of this model may carry, links included."""
    hidden = BOOKKEEPING | getattr(model, "COMPUTED", frozenset())
    concrete = [f for f in model._meta.concrete_fields if f.name not in hidden]
    return MappingProxyType({f.name: f for f in (*concrete, *model._meta.many_to_many)})


class Keys:
    """Natural keys to primary keys and back, each model read once."""

    def __init__(self) -> None:
        self._keys: dict[Any, dict[str, int]] = {}
        self._names: dict[Any, dict[int, str]] = {}
        self._documents: dict[int, Document] = {}
        self.memo: dict[Any, Any] = {}  # what a completion reads once for many records

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
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def normal_value(model: Any, name: str, value: Any) -> Any:
    """Return a value of a record in the normal form stored versions are shown in."""
    described = record_fields(model)[name]
    try:
        if described.many_to_many:
            return sorted(value)
        return value if described.many_to_one else plain(described.to_python(value))
    except (ValidationError, ArithmeticError, TypeError, ValueError):
        return value  # what cannot be read is shown as it stands, and refused when rehearsed


def is_restated(model: Any, record: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Whether a record says of every field just what is stored, as an exported one does.

    Then nothing is to be computed anew, even if its document was dated otherwise since.
    """
    return all(
        stored[name] == normal_value(model, name, record[name])
        if name in record
        else stored[name] == empty_value(f)
        for name, f in record_fields(model).items()
    )


def filled_by(model: Any) -> Mapping[str, str]:
    """The fields that are computed where a record leaves them empty, each with what gives it."""
    found: Mapping[str, str] = getattr(model, "FILLED", {})
    return found


def empty_value(field: Any) -> Any:
    """What a field holds of which nothing is said, in normal form."""
    return [] if field.many_to_many else plain(field.get_default())


def build(model: Any, record: Mapping[str, Any], keys: Keys) -> tuple[Any, dict[str, list[int]]]:
    """Return an unsaved instance and its links from a record.

    Raise RecordError naming every field that is unknown, missing or wrong.
    """
    kind, ref = str(model._meta.model_name), str(record.get(model.NATURAL_KEY, "?"))
    refusals: list[Refusal] = []
    allowed = record_fields(model)
    for name in record.keys() - allowed.keys():
        refusals.append(Refusal(kind, ref, name, _("no such field")))
    instance = model()
    links: dict[str, list[int]] = {}
    for name, f in allowed.items():
        if name not in record:
            continue
        try:
            if f.many_to_many:
                if not isinstance(record[name], list):
                    raise ValidationError(_("must be a list of keys"))
                if twice := [key for key in record[name] if record[name].count(key) > 1]:
                    raise ValidationError(_("“%(key)s” stands twice") % {"key": twice[0]})
                links[name] = [_resolve(f.related_model, key, keys) for key in record[name]]
            elif f.many_to_one:
                key = record[name]
                pk = None if key is None else _resolve(f.related_model, key, keys)
                setattr(instance, f.attname, pk)
            else:
                setattr(instance, f.attname, value_of(f, record[name]))
        except (ValidationError, LookupError) as error:
            text = error.messages[0] if isinstance(error, ValidationError) else error.args[0]
            refusals.append(Refusal(kind, ref, name, text))
    relations = [f.name for f in allowed.values() if f.many_to_one]
    for name in relations:
        missing = not allowed[name].null and getattr(instance, allowed[name].attname) is None
        if missing and all(refusal.field != name for refusal in refusals):
            refusals.append(Refusal(kind, ref, name, _("is required")))
    if isinstance(instance, Fact) and not refusals and instance.document_id is not None:
        instance.document = keys.document(instance.document_id)
    refusals += _judged(instance, kind, ref, keys, {refusal.field for refusal in refusals})
    if refusals:
        raise RecordError(refusals)
    return instance, links


def _judged(
    instance: Any, kind: str, ref: str, keys: Keys, wrong: Collection[str]
) -> Iterable[Refusal]:
    """Say what else is wrong with an instance, some fields of which are known to be wrong.

    Fields are judged each by itself; what is computed from several, and what must fit
    together, only where every field could be read.
    """
    model: Any = type(instance)
    relations = [f.name for f in record_fields(model).values() if f.many_to_one]
    left = {*BOOKKEEPING, *relations, *wrong}
    if wrong:  # nor is what could not be computed missed
        left |= getattr(model, "COMPUTED", frozenset())
        left |= {name for name, source in filled_by(model).items() if source in wrong}
    found: dict[str, list[str]] = {}
    if not wrong and kind in COMPLETE:
        found = _said(lambda: COMPLETE[kind](instance, keys))
        if found:  # what could not be computed is not missed as well
            left |= found.keys() | getattr(model, "COMPUTED", frozenset())
    if not wrong and isinstance(instance, Fact):  # its own day may have been computed just now
        _date(instance)
    unfit = _said(lambda: instance.clean_fields(exclude=left))
    together = {} if wrong or unfit else _said(instance.clean)
    for name, messages in {**together, **unfit, **found}.items():
        yield from (Refusal(kind, ref, name, text) for text in messages)


def _said(judge: Callable[[], None]) -> dict[str, list[str]]:
    """What a judge says is wrong, by field; nothing where it raises nothing."""
    try:
        judge()
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            return {"": error.messages}
        return {
            name: [text for one in found for text in _told(one)]
            for name, found in error.error_dict.items()
        }
    return {}


def _told(error: ValidationError) -> list[str]:
    return [_("is required")] if error.code == "null" else error.messages


def _resolve(model: Any, key: Any, keys: Keys) -> int:
    if not isinstance(key, str) or key not in keys.of(model):
        raise LookupError(no_such(model, key))
    return keys.of(model)[key]


def _date(fact: Fact) -> None:
    """Date a fact by its document, or by a day of its own; no act was public before it was done.

    A statement of its document's very day knows that day no better than the document.
    """
    document = fact.document
    if document is not None:
        fact.document_on = document.date
    if fact.published_on is None:
        own = getattr(fact, fact.OWN_DATE[0]) if fact.OWN_DATE else None
        if fact.OWN_DATE and own not in (None, fact.document_on):
            fact.published_on = last_possible_day(own, getattr(fact, fact.OWN_DATE[1]))
        elif document is not None:
            fact.published_on = last_possible_day(document.date, document.date_precision)
    if fact.published_on is not None and fact.act_on is not None:
        fact.published_on = max(fact.published_on, fact.act_on)


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
        sound, refusals = _sound(model, list(records))
        if kind in TAKE:
            refusals += TAKE[kind](self, sound)
        else:
            take = self._take_facts if issubclass(model, Fact) else self._take_entities
            refusals += take(model, sound)
        self.keys.forget(model)
        return refusals

    def broken_rules(self) -> list[Refusal]:
        """What the revision, once written, would break; nothing when nothing was written."""
        if self._revision is None:
            return []
        self._revision.written = self.outcome.kinds
        return [refusal for rule in RULES for refusal in rule(self._revision)]

    def _take_entities(self, model: Any, records: list[Mapping[str, Any]]) -> list[Refusal]:
        kind, refusals, given, new = model._meta.model_name, [], [], []
        existing = {getattr(e, model.NATURAL_KEY): e for e in model._default_manager.all()}
        for record in records:
            try:
                instance, _links = build(model, record, self.keys)
                given.append(instance)
            except RecordError as error:
                refusals += error.refusals
        if model is Commitment:
            second = _second_defaults(given, existing)
            refusals += second
            refused = {refusal.ref for refusal in second}
            given = [one for one in given if one.slug not in refused]
            given.sort(key=lambda one: one.is_default)  # the one that hands it over comes first
        for instance in given:
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
            instance.pk, instance.revision_id = old.pk, old.revision_id
            instance.save()
            self.outcome.relabelled.append(line)
            AuditEntry.objects.create(
                actor=self.revision.actor,
                revision=self.revision,
                action=RELABELLED,
                kind=kind,
                ref=instance.slug,
                before={k: v for k, v in before.items() if after[k] != v},
                after={k: v for k, v in after.items() if before[k] != v},
            )
        if new:
            for instance in new:
                instance.revision = self.revision
            if broken := _insert(model, new):
                return refusals + broken
            AuditEntry.objects.bulk_create(
                AuditEntry(
                    actor=self.revision.actor,
                    revision=self.revision,
                    action=ADDED,
                    kind=kind,
                    ref=instance.slug,
                )
                for instance in new
            )
        if self.loading:
            self._note_gone(kind, _loaded_entities(kind, existing), records)
        return refusals

    def _take_facts(self, model: Any, records: list[Mapping[str, Any]]) -> list[Refusal]:
        refusals: list[Refusal] = []
        chains = self._chains(model)
        links_before = stored_links(model)
        fresh: list[tuple[Any, dict[str, list[int]]]] = []
        for record in records:
            try:
                instance, links = build(model, record, self.keys)
                chain = chains.get(instance.ref, [])
                if self._differs(record, instance, links, chain, links_before):
                    fresh.append((instance, links))
            except RecordError as error:
                refusals += error.refusals
        if fresh:
            for instance, _links in fresh:
                instance.revision = self.revision
            if refused := _insert(model, [instance for instance, _links in fresh]):
                return refusals + refused
            _write_links(model, fresh)
        if self.loading:
            loaded = [
                ref
                for ref, chain in chains.items()
                if chain[-1].revision.kind == Revision.Kind.LOAD and not chain[-1].withdrawn
            ]
            self._note_gone(model._meta.model_name, loaded, records)
        return refusals

    def _chains(self, model: Any) -> dict[str, list[Any]]:
        chains: dict[str, list[Any]] = {}
        for version in model._default_manager.select_related("revision").order_by("pk"):
            chains.setdefault(version.ref, []).append(version)
        return chains

    def _differs(
        self,
        record: Mapping[str, Any],
        new: Any,
        links: Any,
        chain: list[Any],
        links_before: Any,
    ) -> bool:
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
        now = (new.document_on, payload(new, links, self.keys))
        for version in dict.fromkeys((compared, head)):
            before = payload(version, links_before.get(version.pk, {}), self.keys)
            restated = not self.loading and is_restated(type(new), record, before)
            if restated or (version.document_on, before) == now:
                self.outcome.unchanged.append(line)
                return False
        if compared is not head:
            text = _("edited in the file, but corrected since by r%(revision)s")
            given = {"revision": head.revision_id}
            raise RecordError([Refusal(kind, new.ref, "ref", text % given)])
        new.supersedes, new.root_id = head, head.root_key
        if hasattr(new, "keep_computed"):
            new.keep_computed(head)
            if (new.document_on, payload(new, links, self.keys)) == (head.document_on, before):
                self.outcome.unchanged.append(line)
                return False
        lines = self.outcome.withdrawn if new.withdrawn else self.outcome.superseded
        lines.append(line)
        return True

    def _note_gone(self, kind: str, loaded: Iterable[str], records: list[Any]) -> None:
        """Note what came by a load and stands in none of the records any more."""
        present = {record.get(kinds()[kind].NATURAL_KEY) for record in records}
        self.outcome.gone += [f"{kind} {key}" for key in loaded if key not in present]


def _second_defaults(
    given: Sequence[Commitment], existing: Mapping[str, Commitment]
) -> list[Refusal]:
    """Refuse a second default beside the first: one case or file may hand it over."""
    was = {slug for slug, one in existing.items() if one.is_default}
    defaults = [one.slug for one in given if one.is_default]
    defaults += was - {one.slug for one in given}
    first, *others = sorted(defaults, key=lambda slug: slug not in was) or [""]
    words = _("“%(other)s” is the default already: take it from there in the same case or file")
    also = (("commitment", first),)
    return [
        Refusal("commitment", slug, "is_default", words % {"other": first}, also=also)
        for slug in others
    ]


def _insert(model: Any, instances: Sequence[Any]) -> list[Refusal]:
    """Insert rows; where the database refuses them, write none and say which it was."""
    try:
        with transaction.atomic():
            model._default_manager.bulk_create(instances)
    except IntegrityError:
        kind, words = str(model._meta.model_name), _("would break a rule of the register")
        refused = [i for i in instances if not _holds(i)]
        return [Refusal(kind, str(getattr(i, model.NATURAL_KEY)), "", words) for i in refused] or [
            Refusal(kind, "", "", _("together they would break a rule of the register"))
        ]
    return []


def _holds(instance: models.Model) -> bool:
    try:
        instance.validate_constraints()
    except ValidationError:
        return False
    return True


def _sound(model: Any, records: list[Any]) -> tuple[list[Mapping[str, Any]], list[Refusal]]:
    """The records that are objects with a natural key of their own, and why others are not."""
    kind, name = str(model._meta.model_name), model.NATURAL_KEY
    sound: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    refusals = []
    for number, record in enumerate(records, start=1):
        key = record.get(name) if isinstance(record, Mapping) else None
        if not isinstance(key, str) or not key:
            place = _("record %(number)s") % {"number": number}
            words = (
                _("must be words, and is needed")
                if isinstance(record, Mapping)
                else _("is not an object of fields")
            )
            refusals.append(Refusal(kind, place, name, words))
        elif key in seen and kind not in TAKE:
            refusals.append(Refusal(kind, key, name, _("stands twice")))
        else:
            seen.add(key)
            sound.append(record)
    return sound, refusals


def _loaded_entities(kind: str, existing: Mapping[str, Any]) -> list[str]:
    """Those of the stored entities that a load added; others came by a case."""
    by_case = set(
        AuditEntry.objects.filter(kind=kind, action=ADDED)
        .exclude(revision__kind=Revision.Kind.LOAD)
        .values_list("ref", flat=True)
    )
    return [slug for slug in existing if slug not in by_case]


def _link_parts(field_: Any) -> tuple[Any, str, str]:
    through = field_.remote_field.through
    return through, f"{field_.m2m_field_name()}_id", f"{field_.m2m_reverse_field_name()}_id"


def stored_links(
    model: Any, owners: Collection[int] | None = None
) -> dict[int, dict[str, list[int]]]:
    """The many-to-many links of a model's rows, of some owners only where given: one query a field."""
    links: dict[int, dict[str, list[int]]] = {}
    for f in model._meta.many_to_many:
        through, here, there = _link_parts(f)
        rows = through._default_manager.order_by("pk")
        if owners is not None:
            rows = rows.filter(**{f"{here}__in": owners})
        for owner, target in rows.values_list(here, there):
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
