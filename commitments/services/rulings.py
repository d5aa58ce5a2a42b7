"""A ruling between rival claims, as the record of a case."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import slugify

from commitments.models import Claim, Ruling


def ruling_change(claims: Sequence[Claim], *, reason: str) -> dict[str, Any]:
    """Return the change by which some claims make the figure shown; the others stay public.

    It supersedes the ruling on the same figure, if there is one. Raise ValueError
    for no claim, or for claims of different figures.
    """
    figures = {(claim.subject, claim.aspect) for claim in claims}
    if len(figures) != 1:
        raise ValueError("a ruling is about one figure")
    subject, aspect = figures.pop()
    standing = Ruling.objects.heads().filter(subject=subject, aspect=aspect).first()
    new = f"rul-{slugify(subject.replace(':', '-'))}-{slugify(aspect.replace('.', '-'))}"
    return {
        "kind": "ruling",
        "data": {
            "ref": standing.ref if standing else new[:140],
            "subject": subject,
            "aspect": aspect,
            "reason": reason,
            "claims": sorted(claim.ref for claim in claims),
        },
    }
