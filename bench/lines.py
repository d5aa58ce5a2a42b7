"""The table: one line for each measurement, and whether its ratio keeps its limit."""

from dataclasses import dataclass

WIDTH = 62
HEADER = f"{'measurement':{WIDTH}}  {'entries':>9}  {'ms':>9}  {'floor ms':>9}  {'ratio':>6}  limit"


@dataclass(frozen=True)
class Line:
    """One measurement: what, its seconds, its floor's seconds, and what the ratio may be."""

    what: str
    size: int
    seconds: float
    floor: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.ratio > self.limit

    def __str__(self) -> str:
        verdict = ""
        if self.limit is not None:
            verdict = f"  {self.limit:>5.1f}  {'over' if self.is_over else 'ok'}"
        return (
            f"{self.what:{WIDTH}}  {self.size:>9,}  {self.seconds * 1000:>9.2f}  "
            f"{self.floor * 1000:>9.2f}  {self.ratio:>6.2f}{verdict}"
        )
