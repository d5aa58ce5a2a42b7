"""Each figure about a project with every claim for it."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.models import Claim
from commitments.selectors import Judged
from dashboard import formats
from dashboard.pages.frame import (
    Cites,
)
from dashboard.project_words import rung_words
from projects.selectors import SAID, ProjectRecord

AMOUNT_RUNGS = ("selected", "in_consultation", "candidate")


@dataclass(frozen=True)
class ClaimRow:
    who: str
    amount: SafeString | str
    rank: str
    day: str
    state: str
    note: str


def amounts(
    cites: Cites, project: ProjectRecord
) -> list[tuple[str, SafeString | str, str, list[ClaimRow]]]:
    """Each figure about the project: its rung, the figure, why, and every claim for it."""
    groups = []
    for rung in (*AMOUNT_RUNGS, *SAID):
        judged = project.amounts.get(rung) or project.said.get(rung)
        if judged is None:
            continue
        claims = [(c, _used_words(rung, project)) for c in judged.used]
        claims += [(c, _("kept, not used")) for c in judged.others]
        rows = [_claim_row(cites, claim, state) for claim, state in claims]
        figure = amount_words(cites, project, rung, formats.money_range(judged.bounds))
        groups.append((rung_words(rung), figure, _why(rung, judged), rows))
    return groups


def amount_words(cites: Cites, project: ProjectRecord, rung: str, words: str) -> SafeString | str:
    """Return an amount linked to its explanation; one in no total to the document that says it."""
    judged = project.amounts.get(rung) or project.said[rung]
    documents = [c.document.slug for c in judged.used if c.document]
    words = formats.about_where(judged.is_approximate, words, judged.bounds)
    if rung in SAID or project.standing.ended_on is not None:
        return cites.document(words, next(iter(documents), None))
    return cites.figure(words, f"{rung}_usd", documents, project=project.slug)


def _used_words(rung: str, project: ProjectRecord) -> str:
    """Return what becomes of the claims that make an amount."""
    if rung == "reported":
        return _("said before a decision; in no total")
    if rung == "candidate_us_list":
        return _("on the US side’s list; in no total")
    if project.standing.ended_on is not None:
        return _("used until it ended; in no total since")
    return _("used")


def _why(rung: str, judged: Judged) -> str:
    if rung == "reported":
        return _("Said before or without a decision: it stands on no rung and in no total.")
    if rung == "candidate_us_list":
        return _("The joint list is what counts: this stands on no rung and in no total.")
    if judged.ruling:
        return formats.said(judged.ruling, "reason")
    return _("The claims of the best rank present are used.")


def _claim_row(cites: Cites, claim: Claim, state: str) -> ClaimRow:
    slug = claim.document.slug if claim.document else None
    bounds = Bounds(claim.low, claim.high)
    words = formats.about_where(claim.is_approximate, formats.money_range(bounds, places=2), bounds)
    return ClaimRow(
        formats.said(claim, "who"),
        cites.document(words, slug),
        str(claim.get_rank_display()),
        formats.own_day(claim),
        state,
        formats.said_note(claim, cites.reading.point.seen_until),
    )
