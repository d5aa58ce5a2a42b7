from projects.models.money import (
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
