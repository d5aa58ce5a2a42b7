"""Reading a request's parameters: everything allowed is named, everything else refused."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from dashboard.api.problems import BadParameter
from dashboard.points import search_words

PAGE_PARAMETERS = ("after", "page_size", "ordering", "q")
PAGE_SIZE, LARGEST_PAGE = 50, 500
BIGGEST = 2**63 - 1
HELD = re.compile(r"[a-z]{1,40}:[\w.-]{1,140}", re.ASCII)
OWN_NAMES = ("ref", "number", "reverses", "notice", "document")
MOST_NAMED = 40  # values of a filter that a refusal still names


def page_size(query: QueryDict) -> int:
    text = query.get("page_size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE):
        raise BadParameter("page_size", f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


def filtered(
    rows: QuerySet[Any], query: QueryDict, filters: dict[str, str], model: type[Model]
) -> QuerySet[Any]:
    """Apply the filters asked for.

    Raise BadParameter for a value its column cannot hold, and for a word that
    no record has ever used there, naming those in use where they are few.
    """
    for name, path in filters.items():
        if name in query:
            column = column_of(model, path)
            value = _value(name, query[name], column)
            if _is_vocabulary(name, column):
                _check_in_use(name, value, model, path)
            rows = rows.filter(**{path: value})
    return rows


def _is_vocabulary(name: str, column: Any) -> bool:
    """Whether a filter takes a word of a set; the name of a record or document is none."""
    is_text = column.get_internal_type() in ("CharField", "SlugField", "TextField")
    return is_text and not column.choices and name not in OWN_NAMES


def _check_in_use(name: str, value: str, model: type[Model], path: str) -> None:
    *relations, last = path.split("__")
    owner = model
    for relation in relations:
        owner = owner._meta.get_field(relation).related_model
    rows = owner._default_manager
    if rows.filter(**{last: value}).exists():
        return
    words = rows.exclude(**{last: ""}).order_by(last).values_list(last, flat=True).distinct()
    known = list(words[: MOST_NAMED + 1])
    if len(known) > MOST_NAMED:
        raise BadParameter(name, f"“{value}” is not on record")
    if known:
        raise BadParameter(name, f"must be one of: {', '.join(known)}")


def flagged(rows: QuerySet[Any], query: QueryDict, flags: Mapping[str, str]) -> QuerySet[Any]:
    """Keep rows that have a text, or have none, as asked. Raise BadParameter but for true or false."""
    for name, path in flags.items():
        if name in query:
            given = Q(**{path: ""})
            rows = rows.filter(~given if _truth(name, query[name]) else given)
    return rows


def holding(
    rows: QuerySet[Any], query: QueryDict, lists: Mapping[str, tuple[str, ...]]
) -> QuerySet[Any]:
    """Apply the filters that ask whether one of some lists of texts holds a text."""
    for name, columns in lists.items():
        if name in query:
            text = query[name]
            if not HELD.fullmatch(text):
                raise BadParameter(name, "must be a kind and a key, like project:prj-1")
            fits = Q()
            for column in columns:
                fits |= Q(**{f"{column}__icontains": f'"{text}"'})
            rows = rows.filter(fits)
    return rows


def where(
    rows: QuerySet[Any], query: QueryDict, wheres: Mapping[str, Mapping[str, Q]]
) -> QuerySet[Any]:
    """Keep rows that meet the condition a filter names. Raise BadParameter for one it does not know."""
    for name, conditions in wheres.items():
        if name in query:
            if query[name] not in conditions:
                raise BadParameter(name, f"must be one of: {', '.join(conditions)}")
            rows = rows.filter(conditions[query[name]])
    return rows


def _truth(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise BadParameter(name, "must be true or false")
    return text == "true"


def column_of(model: type[Model], path: str) -> Any:
    """Return the column at the end of a path of relations."""
    *relations, last = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model._meta.get_field(last)


def _value(name: str, text: str, column: Any) -> Any:
    if "\x00" in text or len(text) > 200:
        raise BadParameter(name, "holds characters that cannot be used, or is too long")
    if column.get_internal_type() == "BooleanField":
        return _truth(name, text)
    try:
        value = column.to_python(text)
    except ValidationError as error:
        raise BadParameter(name, error.messages[0]) from error
    if isinstance(value, int) and abs(value) > BIGGEST:
        raise BadParameter(name, "is out of range")
    choices = [str(choice) for choice, _label in column.choices or ()]
    if choices and str(value) not in choices:
        raise BadParameter(name, f"must be one of: {', '.join(choices)}")
    return value


def searched(rows: QuerySet[Any], query: QueryDict, columns: tuple[str, ...]) -> QuerySet[Any]:
    """Keep rows in which every word stands in one of the columns."""
    for word in search_words(query):
        found = Q()
        for column in columns:
            found |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(found)
    return rows


@dataclass(frozen=True)
class Order:
    """A column to order by, and whether it runs down; the primary key breaks ties."""

    column: str
    descending: bool

    @property
    def by(self) -> tuple[str, str]:
        sign = "-" if self.descending else ""
        return f"{sign}{self.column}", f"{sign}pk"


def order_of(query: QueryDict, allowed: tuple[str, ...]) -> Order:
    text = query.get("ordering", allowed[0])
    column = text.removeprefix("-")
    if column not in allowed:
        listed = ", ".join(f"{name}, -{name}" for name in allowed)
        raise BadParameter("ordering", f"must be one of: {listed}")
    return Order(column, text.startswith("-"))


def after_cursor(
    rows: QuerySet[Any], query: QueryDict, order: Order, model: type[Model]
) -> QuerySet[Any]:
    """Keep the rows after the cursor. Raise BadParameter for one that was not made here."""
    text = query.get("after")
    if text is None:
        return rows
    refused = BadParameter("after", "is not a cursor of this list; follow “next”")
    try:
        by, value, pk = _read(text)
        value, pk = column_of(model, order.column).to_python(value), _key(model).to_python(pk)
    except (ValueError, TypeError, ArithmeticError, ValidationError, RecursionError) as error:
        raise refused from error
    if by != order.by[0] or not (_is_usable(value) and _is_usable(pk)):
        raise refused
    beyond = "lt" if order.descending else "gt"
    return rows.filter(
        Q(**{f"{order.column}__{beyond}": value}) | Q(**{order.column: value, f"pk__{beyond}": pk})
    )


def _read(text: str) -> list[Any]:
    """Undo `cursor`. Raise ValueError for what is not a list of three."""
    found = json.loads(base64.b64decode(text.encode(), altchars=b"-_", validate=True))
    if not isinstance(found, list) or len(found) != 3:
        raise ValueError("not a cursor")
    return found


def _key(model: type[Model]) -> Any:
    return model._meta.pk


def _is_usable(value: Any) -> bool:
    """Can the database compare with it: no absent value, NUL, or number past 64 bits."""
    if isinstance(value, int):
        return abs(value) <= BIGGEST
    return value is not None and "\x00" not in str(value)


def cursor(order: Order, value: Any, pk: Any) -> str:
    text = json.dumps([order.by[0], value, pk], default=str)
    return base64.urlsafe_b64encode(text.encode()).decode()


def next_address(path: str, query: QueryDict, after: str) -> str:
    kept = {name: query[name] for name in query if name != "after"}
    return f"{path}?{urlencode({**kept, 'after': after})}"


@dataclass(frozen=True)
class Slice:
    """A page of a derived list: where it begins and ends, and the address of the next one."""

    start: int
    end: int
    following: str | None


def slice_of(names: Sequence[str], query: QueryDict, path: str, order: Order) -> Slice:
    """Return the page asked for of a derived list, given by the natural keys in its order.

    Raise BadParameter for a page size or a cursor that cannot be used.
    """
    size, start = page_size(query), 0
    after = query.get("after")
    if after is not None:
        name = _name_in(after)
        if name not in names:
            raise BadParameter("after", "is not a cursor of this list; follow “next”")
        start = names.index(name) + 1
    end = start + size
    if end >= len(names):
        return Slice(start, len(names), None)
    return Slice(start, end, next_address(path, query, cursor(order, None, names[end - 1])))


def _name_in(text: str) -> str:
    """The natural key in the cursor of a derived list; empty when it is not one."""
    try:
        return str(_read(text)[2])
    except (ValueError, RecursionError):
        return ""
