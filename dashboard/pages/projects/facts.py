"""What is known of a project beside its amounts: profile, parties, relations."""

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.code_words import batch_words, role_words
from dashboard.pages.frame import (
    with_query,
)
from dashboard.pages.overview.mix import sector_name
from dashboard.pages.overview.places import place_words
from dashboard.points import Reading
from projects.models import ProjectLink, ProjectParty, ProjectProfile
from projects.selectors import ProjectRecord


def facts(reading: Reading, project: ProjectRecord) -> list[tuple[str, SafeString | str]]:
    profile = project.profile
    if profile is None:
        return []
    sector = profile.sector
    facts: list[tuple[str, SafeString | str]] = [
        (_("Sector"), sector_name(sector) if sector else _("not stated")),
        (
            _("As the source puts it"),
            formats.said_as_written(profile.sector_text) or _("not stated"),
        ),
        (_("US state"), place_words(project) or _("not stated")),
        (_("Place"), formats.said(profile, "location") or _("not stated")),
        (_("Batch"), batch_words(profile.batch) if profile.batch else _("not stated")),
    ]
    if profile.capacity_mw:
        words = f"{profile.capacity_mw:,} MW"
        facts.append(
            (
                _("Capacity"),
                _("at least %(mw)s") % {"mw": words} if profile.capacity_is_minimum else words,
            )
        )
    facts.append((_("Instrument split"), _split_words(profile)))
    if note := formats.said_note(profile, reading.point.seen_until):
        facts.append((_("Note"), note))
    return facts


def _split_words(profile: ProjectProfile) -> str:
    """What is known of the split by instrument: nothing where a source says it is not disclosed."""
    if profile.split_note in ("", "not disclosed"):
        return _("not stated")
    return formats.said(profile, "split_note")


def parties(reading: Reading, project: ProjectRecord) -> list[tuple[str, str]]:
    rows = ProjectParty.objects.current(reading.point).filter(project=project.project)
    return [
        (formats.said(row.party, "name"), role_words(row.role))
        for row in rows.select_related("party").order_by("pk")
    ]


def links(reading: Reading, project: ProjectRecord) -> list[tuple[str, str, str]]:
    rows = ProjectLink.objects.current(reading.point)
    out = rows.filter(project=project.project).select_related("other")
    back = rows.filter(other=project.project).select_related("project")
    onward = {
        ProjectLink.Relation.CONTINUED_AS: _("continued as"),
        ProjectLink.Relation.MERGED_INTO: _("merged into"),
    }
    backward = {
        ProjectLink.Relation.CONTINUED_AS: _("continues"),
        ProjectLink.Relation.MERGED_INTO: _("takes in"),
    }
    related = _("related to")
    pairs = [(link.other, onward.get(link.relation, related)) for link in out]
    pairs += [(link.project, backward.get(link.relation, related)) for link in back]
    return [
        (
            words,
            other.name_ja or other.name if formats.is_japanese() else other.name,
            with_query(reverse("project", args=[other.slug]), reading),
        )
        for other, words in dict.fromkeys(pairs)
    ]
