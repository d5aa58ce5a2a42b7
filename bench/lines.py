"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measurement: what, its time, its floor's time, and what the ratio may be."""

    what: str
    size: int
    seconds: float
    floor: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor
