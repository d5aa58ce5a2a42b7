"""What pages and API find projects by alike."""

from collections.abc import Iterable

from dashboard.charts.usmap import outlines
from projects.selectors import CASH_RUNGS, NOT_STATED, CommitmentRecord, ProjectRecord

RUNGS = ("selected", "in_consultation", "candidate", "signed", "noticed", *CASH_RUNGS, "guaranteed")


def holds_words(project: ProjectRecord, words: Iterable[str]) -> bool:
    """Whether every word stands in the names, the sector's words or the place of a project."""
    text = f"{project.project.name} {project.project.name_ja} {project.slug}"
    if project.profile:
        text += f" {project.profile.sector_text} {project.profile.location}"
    names = outlines()
    text += " ".join(("", *(names[code]["n"] for code in project.states if code in names)))
    return all(word.lower() in text.lower() for word in words)


def instruments_of(record: CommitmentRecord, slug: str) -> set[str]:
    """The instruments of a project's amounts on every rung, alone or with others."""
    found = {
        member.instrument
        for rung in RUNGS
        for member in record.members(rung)
        if slug in (member.projects or (member.project,))
    }
    return found or {NOT_STATED}
