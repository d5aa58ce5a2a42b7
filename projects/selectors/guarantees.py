"""The days on which a guarantee or a cover of a project stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from commitments.calculations.point import PointInTime
from projects.models import Cover, Financing

Span = tuple[date, date]  # first and last day


def guarantees_of(projects: Collection[str], point: PointInTime) -> Mapping[str, Sequence[Span]]:
    """The first and last days of the guarantees and covers of some projects, by project."""
    found: defaultdict[str, list[Span]] = defaultdict(list)
    rows = Financing.objects.current(point).filter(projects__slug__in=projects).distinct()
    agreed: dict[int, list[str]] = {}
    for one in rows.select_related("instrument").prefetch_related("projects"):
        slugs = agreed[one.root_key] = [project.slug for project in one.projects.all()]
        for slug in slugs if not one.instrument.is_cash else ():
            found[slug].append((one.signed_on or date.min, date.max))
    for cover in Cover.objects.current(point).filter(financing__in=agreed):
        for slug in agreed[cover.financing_id]:
            found[slug].append((cover.in_force_on, cover.ends_on or date.max))
    return found


def stands_on(spans: Iterable[Span], day: date) -> bool:
    """Whether a day lies in one of some spans."""
    return any(begin <= day <= end for begin, end in spans)
