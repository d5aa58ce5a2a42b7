"""The point in time that a figure describes."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class PointInTime:
    """What was true on a day, as far as the register knew at a revision.

    `as_of` is the valid date, inclusive. `revision` is the number of the newest
    revision that counts, 0 before the first, recorded at `recorded_at`;
    `known_at` is the instant it was resolved from, or else that instant.
    `published_by` keeps only what the world could know by the end of that day.
    `today` is the business day in Asia/Tokyo on which the question was asked.
    Definition: the three times of a fact (valid, recorded, published).
    """

    as_of: date
    revision: int
    today: date
    known_at: datetime | None = None
    published_by: date | None = None
    recorded_at: datetime | None = None

    @property
    def seen_until(self) -> date:
        """The last day of which anything can be on record: nothing was public later."""
        return min(self.as_of, self.published_by or self.as_of)

    @property
    def is_recorded(self) -> bool:
        return self.revision > 0
