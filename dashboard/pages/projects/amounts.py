"""Each figure about a project with every claim for it."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.models import Claim
from dashboard import formats
from dashboard.pages.frame import (
    Cites,
)
from dashboard.pages.projects.words import rung_words
from projects.selectors import ProjectRecord

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
) -> list[tuple[str, SafeString, str, list[ClaimRow]]]:
    """Each figure about the project: its rung, the figure, why, and every claim for it."""
    groups = []
    for rung in AMOUNT_RUNGS:
        judged = project.amounts.get(rung)
        if judged is None:
            continue
        claims = [(c, _("used")) for c in judged.used] + [
            (c, _("kept, not used")) for c in judged.others
        ]
        rows = [_claim_row(cites, claim, state) for claim, state in claims]
        documents = [c.document.slug for c in judged.used if c.document]
        figure = cites.figure(
            formats.money_range(judged.bounds), f"{rung}_usd", documents, project=project.slug
        )
        why = (
            judged.ruling.reason
            if judged.ruling
            else _("The claims of the best rank present are used.")
        )
        groups.append((rung_words(rung), figure, why, rows))
    return groups


def _claim_row(cites: Cites, claim: Claim, state: str) -> ClaimRow:
    slug = claim.document.slug if claim.document else None
    words = formats.money_range(Bounds(claim.low, claim.high), places=2)
    return ClaimRow(
        claim.who,
        cites.document(words, slug),
        str(claim.get_rank_display()),
        formats.day(claim.stated_on),
        state,
        claim.note_at(cites.reading.point.as_of),
    )
