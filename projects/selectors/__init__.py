"""Everything the metrics and pages read about a commitment at one point, each read once."""

from projects.selectors.cash import CASH_RUNGS, RUNG_OF_KIND, CashDay
from projects.selectors.members import RUNGS, Member
from projects.selectors.projects import NOT_STATED, SAID, ProjectRecord
from projects.selectors.record import CommitmentRecord, record_with_kept_facts

__all__ = [
    "CASH_RUNGS",
    "NOT_STATED",
    "RUNGS",
    "RUNG_OF_KIND",
    "SAID",
    "CashDay",
    "CommitmentRecord",
    "Member",
    "ProjectRecord",
    "record_with_kept_facts",
]
