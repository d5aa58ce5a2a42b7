from commitments.models.entities import (
    Commitment,
    Document,
    Institution,
    Instrument,
    Party,
    Sector,
    document_kind_words,
)
from commitments.models.money import MoneyField, ScaledDecimalField
from commitments.models.provenance import (
    Claim,
    Contradiction,
    Gap,
    Reaction,
    Ruling,
    RulingClaim,
    StanceCoding,
)
from commitments.models.revisions import AuditEntry, Fact, Revision, RevisionHead
from commitments.models.terms import Event, InstitutionStatement, SectorMapping, Term
from commitments.models.work import Alert, ApprovalCase, ImportBatch, InboxItem, IntakeItem, Job

__all__ = [
    "Alert",
    "ApprovalCase",
    "AuditEntry",
    "Claim",
    "Commitment",
    "Contradiction",
    "Document",
    "Event",
    "Fact",
    "Gap",
    "ImportBatch",
    "InboxItem",
    "Institution",
    "InstitutionStatement",
    "Instrument",
    "IntakeItem",
    "Job",
    "MoneyField",
    "Party",
    "Reaction",
    "Revision",
    "RevisionHead",
    "Ruling",
    "RulingClaim",
    "ScaledDecimalField",
    "Sector",
    "SectorMapping",
    "StanceCoding",
    "Term",
    "document_kind_words",
]
