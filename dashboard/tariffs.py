"""The duty a request asks about: for the API and the pages alike."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.undefined import Reason
from commitments.models import Term
from commitments.selectors import PointError, day_asked
from dashboard.points import one_of
from projects.selectors import CommitmentRecord, ProjectRecord
from tariffs.calculations.codes import digits_of
from tariffs.models import Supposition, TariffCategory
from tariffs.selectors.codes import rate_of_code
from tariffs.selectors.exposure import Exposure, exposure_on
from tariffs.selectors.levers import Hit, can_be_supposed, hits
from tariffs.selectors.rates import NOT_STATED, RateBook, RateOn

RATE_PARAMETERS = ("category", "hts", "on")
EXPOSURE_PARAMETERS = ("on", "elasticity")
SUPPOSED_PARAMETERS = ("suppose", "project")
LEAST_ELASTICITY = -10
NOTHING_TO_SUPPOSE = gettext_lazy(
    "No project is selected or in consultation on this day: there is nothing to suppose."
)
NUMBER = re.compile(r"-?[0-9]{1,2}(\.[0-9]{1,2})?")


def rate_of(asked: Mapping[str, str], book: RateBook) -> RateOn:
    """Return the rate of a category, or of a tariff code, on a day that may lie ahead.

    Without a day it is the day described. Raise PointError naming the
    parameter that cannot be used.
    """
    on = day_in(asked.get("on", ""), book.point.as_of)
    if not book.point.is_recorded:
        return RateOn(on, NOT_STATED, None, None, Reason.NOT_RECORDED_YET, ())
    if asked.get("hts") and asked.get("category"):
        raise PointError("hts", _("stands beside category; ask for one of them"))
    if asked.get("hts"):
        return _rate_of_code(asked["hts"], book, on)
    return book.rate(categories_in(asked.get("category", ""), book), on)


def categories_in(name: str, book: RateBook) -> tuple[TariffCategory, ...]:
    """Return the categories a name stands for. Raise PointError for one that names none."""
    if not name:
        raise PointError("category", _("is required: the category of goods, as in autos"))
    found = book.named(name)
    if not found:
        one_of("category", name, [category.slug for category in book.categories])
    return found


def day_in(text: str, default: date) -> date:
    """Return the day of a rate. Raise PointError unless it is a day of the calendar."""
    return day_asked("on", text) if text else default


def _rate_of_code(text: str, book: RateBook, on: date) -> RateOn:
    digits = digits_of(text)
    if digits is None:
        words = _("“%(text)s” is no tariff code like 8703 or 9903.94.40") % {"text": text[:40]}
        raise PointError("hts", words)
    return rate_of_code(book, digits, on)


@dataclass(frozen=True)
class Supposed:
    """A supposition with the levers it hits, and what a return of old rates would cost."""

    event: str
    project: ProjectRecord
    hits: list[Hit]
    exposure: Exposure | None


def supposed_of(asked: Mapping[str, str], record: CommitmentRecord, book: RateBook) -> Supposed:
    """Return what would follow if a project were not funded. Nothing is written.

    Raise PointError naming the parameter that is missing or cannot be used.
    """
    event, project = asked.get("suppose", ""), asked.get("project", "")
    one_of("suppose", event, Supposition.Event.values)
    projects = {found.slug: found for found in can_be_supposed(record)}
    if not projects:
        raise PointError("project", NOTHING_TO_SUPPOSE)
    one_of("project", project, list(projects))
    found = hits(event, project, record)
    return Supposed(event, projects[project], found, exposure_on(book, record.point.as_of))


def documents_of(found: Supposed, terms: Iterable[Term]) -> list[str]:
    """Return the documents that an answer rests on, each once: of the clauses, the duties and the terms."""
    rows: list[Any] = [hit.after.lever for hit in found.hits]
    if found.exposure:
        rows.append(found.exposure.baseline)
        for line in found.exposure.at_stake:
            rows += [line.trade, *line.rate.authority, *line.without]
    documents = [row.document for row in (*rows, *terms)]
    return list(dict.fromkeys(d.slug for d in documents if d is not None))


def elasticity_in(text: str) -> Decimal | None:
    """Return the elasticity of a what-if, None where none is asked for.

    Raise PointError unless it is a number from -10 to 0 with at most two decimals.
    """
    if not text:
        return None
    if not NUMBER.fullmatch(text) or not LEAST_ELASTICITY <= Decimal(text) <= 0:
        words = _("must be a number from %(least)s to 0 with at most two decimals, as in -1.5")
        raise PointError("elasticity", words % {"least": LEAST_ELASTICITY})
    return Decimal(text)
