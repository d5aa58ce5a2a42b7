"""What every row of a file is stamped with: the point it stands for, whose it is, whether fiction."""

from datetime import date

from commitments.models import Commitment
from dashboard.points import Reading

STAMPS = ("_as_of", "_revision", "_published_by", "_commitment", "_illustrative")


def stamp(
    reading: Reading, *, as_of: date | None = None, revision: int | None = None
) -> dict[str, str]:
    """Return the stamps of a row at a reading's point, or of another day and revision than its."""
    point, commitment = reading.point, reading.commitment
    return {
        "_as_of": (as_of or point.as_of).isoformat(),
        "_revision": f"r{point.revision if revision is None else revision}",
        "_published_by": point.published_by.isoformat() if point.published_by else "",
        **owned(commitment.slug, is_fictional=commitment.illustrative),
    }


def label(commitment: Commitment) -> dict[str, str]:
    """Return the stamps that say whose a row is: of its own commitment."""
    return owned(commitment.slug, is_fictional=commitment.illustrative)


def owned(commitment: str, *, is_fictional: bool) -> dict[str, str]:
    """Return the stamps that name a commitment, and say whether the row is fiction."""
    return {"_commitment": commitment, "_illustrative": "true" if is_fictional else "false"}


def name_at(subject: str, reading: Reading, *, as_of: date | None = None) -> str:
    """Return the name of a file: its subject, its commitment and the point it stands for.

    Of another day than that of the point where one is given.
    """
    point = reading.point
    named = f"{subject}_{reading.commitment.slug}_{as_of or point.as_of}_r{point.revision}"
    return f"{named}_published-by-{point.published_by}" if point.published_by else named
