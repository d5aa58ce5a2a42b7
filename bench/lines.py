"""One line of the table."""

from dataclasses import dataclass

WIDTH = 56
HEADER = f"{'measurement':{WIDTH}}  {'entries':>10}  {'ms':>9}  {'floor ms':>9}  ratio  limit"


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

    @property
    def is_missed(self) -> bool:
        return self.limit is not None and self.ratio > self.limit

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"{self.limit:.1f}"
        return (
            f"{self.what:{WIDTH}}  {self.size:>10,}  {self.seconds * 1000:>9.1f}  "
            f"{self.floor * 1000:>9.1f}  {self.ratio:>5.2f}  {limit:>5}{' missed' * self.is_missed}"
        )
