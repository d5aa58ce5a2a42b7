"""What pages and API find projects by alike."""

import re
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.models import Commitment
from commitments.selectors import PointError
from dashboard.charts.usmap import outlines
from dashboard.formats import BILLION
from projects.calculations.stages import Stage
from projects.models import ProjectProfile
from projects.selectors import CASH_RUNGS, NOT_STATED, CommitmentRecord, ProjectRecord

STANDING = (Stage.SELECTED, Stage.IN_CONSULTATION, Stage.CANDIDATE, Stage.REPORTED)
RUNGS = ("selected", "in_consultation", "candidate", "signed", "noticed", *CASH_RUNGS, "guaranteed")

AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,9})?")


def standing_amount(project: ProjectRecord) -> tuple[str, Bounds]:
    """The rung a project's amount stands on, and the amount; `reported` is no rung.

    Of a project that has ended it is the rung on which it stood until then.
    """
    reached = project.standing.reached
    rung = next((str(stage) for stage in STANDING if stage in reached), "candidate")
    judged = project.amounts.get(rung) or project.said.get(rung)
    return rung, judged.bounds if judged else Bounds()


def amount_in(name: str, text: str) -> Decimal | None:
    """An amount given in billions, as US dollars; None where none is given.

    Raise PointError for what is no number in plain digits, or is below zero.
    """
    if not text:
        return None
    if not AMOUNT.fullmatch(text):
        words = _("must be a number of billions in plain digits, zero or more, like 0.5")
        raise PointError(name, words)
    return Decimal(text) * BILLION


def is_within(project: ProjectRecord, least: Decimal | None, most: Decimal | None) -> bool:
    """Whether the amount a project stands at lies between two; its high end is compared."""
    if least is None and most is None:
        return True
    _rung, bounds = standing_amount(project)
    high = bounds.high if bounds.high is not None else bounds.low
    return high is not None and (least is None or high >= least) and (most is None or high <= most)


def batches(commitment: Commitment | None = None) -> list[str]:
    """The batches that projects of a commitment, or of any, were ever put in."""
    found = ProjectProfile.objects.exclude(batch="").order_by("batch")
    if commitment is not None:
        found = found.filter(project__commitment=commitment)
    return list(found.values_list("batch", flat=True).distinct())


def batch_of(project: ProjectRecord) -> str:
    return project.profile.batch if project.profile else ""


def holds_words(project: ProjectRecord, words: Sequence[str], record: CommitmentRecord) -> bool:
    """Whether every word stands in the names, sector's words, place or companies of a project."""
    if not words:
        return True
    parts = [project.project.name, project.project.name_ja, project.slug]
    if profile := project.profile:
        parts += [profile.sector_text, profile.location, profile.location_ja]
    names = outlines()
    parts += [names[code]["n"] for code in project.states if code in names]
    for company in record.companies.get(project.slug, ()):
        parts += [company.name, company.name_ja]
    text = " ".join(parts).lower()
    return all(word.lower() in text for word in words)


def instruments_of(record: CommitmentRecord, slug: str) -> set[str]:
    """The instruments of a project's amounts on every rung, alone or with others."""
    found = {
        member.instrument
        for rung in RUNGS
        for member in record.members(rung)
        if slug in (member.projects or (member.project,))
    }
    return found or {NOT_STATED}
