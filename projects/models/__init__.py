from projects.models.money import (
    ClosedPeriod,
    Cover,
    Financing,
    FinancingProject,
    FinancingProvider,
    FundingNotice,
    LedgerDay,
    LedgerEntry,
    LedgerProject,
    Plan,
    Snapshot,
)
from projects.models.project import (
    Project,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    StageEvent,
)

__all__ = [
    "ClosedPeriod",
    "Cover",
    "Financing",
    "FinancingProject",
    "FinancingProvider",
    "FundingNotice",
    "LedgerDay",
    "LedgerEntry",
    "LedgerProject",
    "Plan",
    "Project",
    "ProjectLink",
    "ProjectParty",
    "ProjectProfile",
    "Snapshot",
    "StageEvent",
]
