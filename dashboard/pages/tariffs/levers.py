"""Levers in words: how each trigger stands, from which facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.models import Reaction, Term
from dashboard import formats
from dashboard.notice_words import business_days, late_words, passed_words, short_nature
from dashboard.pages.frame import Cites, with_query
from dashboard.pages.tariffs.words import category_name
from dashboard.points import Reading
from dashboard.terms import said_term
from projects.selectors import ProjectRecord
from tariffs.calculations.levers import Sign, State
from tariffs.models import LeverState, Measure
from tariffs.selectors.levers import Standing, lever_history, lever_standings

TAGS = {State.MET: "a", State.WATCH: "w", State.NOT_MET: "k", State.CANNOT_TELL: ""}


@dataclass(frozen=True)
class LeverRow:
    """One lever as the pages show it."""

    title: str
    state: str
    tag: str
    trigger: str
    consequence: str
    source: SafeString | str
    facts: list[SafeString | str]
    rival: str
    readings: list[SafeString]
    history: list[str]


def state_words(state: str) -> str:
    """Return the state of a lever in words."""
    words: dict[str, str] = {
        State.NOT_MET: _("not met"),
        State.WATCH: _("watch"),
        State.MET: _("met"),
        State.CANNOT_TELL: _("cannot tell"),
    }
    return words[state]


def lever_rows(reading: Reading, cites: Cites) -> list[LeverRow]:
    """The levers of the commitment on the day described, with the facts used and their history."""
    standings = lever_standings(reading.record)
    stored: dict[int, list[LeverState]] = {}
    for change in lever_history(reading.point, reading.commitment):
        stored.setdefault(change.lever_id, []).append(change)
    signs = _Signs(reading, cites, [sign for found in standings for sign in found.signs])
    return [_row(found, cites, signs, stored.get(found.lever.root_key, [])) for found in standings]


def _row(found: Standing, cites: Cites, signs: "_Signs", stored: Sequence[LeverState]) -> LeverRow:
    lever = found.lever
    slug = lever.document.slug if lever.document else None
    rival = ""
    if found.rival_state is not None and found.rival_state is not found.state:
        rival = _("Window %(reading)s: %(state)s; %(other)s: %(other_state)s.") % {
            "reading": short_nature(found.reading),
            "state": state_words(found.state),
            "other": short_nature(found.rival_reading),
            "other_state": state_words(found.rival_state),
        }
    return LeverRow(
        title=formats.said(lever, "title"),
        state=state_words(found.state),
        tag=TAGS[found.state],
        trigger=formats.said(lever, "trigger"),
        consequence=formats.said(lever, "consequence"),
        source=cites.document(formats.said(lever, "instrument"), slug),
        facts=[signs.words(sign) for sign in found.signs],
        rival=rival,
        readings=[_reading_words(term, cites) for term in found.readings],
        history=[_change_words(change) for change in stored],
    )


def _reading_words(term: Term, cites: Cites) -> SafeString:
    slug = term.document.slug if term.document else None
    words = cites.document(said_term(term), slug)
    return format_html(_("{name}: {words}"), name=formats.said(term, "name"), words=words)


def _change_words(change: LeverState) -> str:
    given = {"day": formats.day(change.as_of), "state": state_words(change.state)}
    if not change.previous:
        return _("%(day)s: first judged, %(state)s") % given
    words = _("%(day)s: from %(before)s to %(state)s")
    return words % {**given, "before": state_words(change.previous)}


class _Signs:
    """Facts in words, each linked to the page or document it is found on."""

    def __init__(self, reading: Reading, cites: Cites, signs: Sequence[Sign]) -> None:
        self.reading, self.cites = reading, cites
        record = reading.record
        self.notices = {found.notice.ref: found.notice for found in record.notice_records}
        self.projects: Mapping[str, ProjectRecord] = {p.slug: p for p in record.projects}
        self.reactions = self._found(Reaction, "reaction", signs)
        self.measures = self._found(Measure, "measure", signs)

    def _found(self, model: Any, kind: str, signs: Sequence[Sign]) -> dict[str, Any]:
        refs = [sign.ref for sign in signs if sign.kind == kind]
        if not refs:
            return {}
        related = ("document", "category") if model is Measure else ("document",)
        rows = model.objects.current(self.reading.point).filter(ref__in=refs)
        return {row.ref: row for row in rows.select_related(*related)}

    def words(self, sign: Sign) -> SafeString | str:
        days = sign.days or 0
        words = {
            "declined_notice": _("{what}: declined on {day}"),
            "declined_project": _("{what}: declined on {day}"),
            "late": _("{what}: due on {day}, {late}"),
            "window_over": _("{what}: window over since {day}, {passed}"),
            "window_ends": _("{what}: {days} left, to {day}"),
            "critical_statement": _("{what}: critical statement, {day}"),
            "investigated": _("{what}: under investigation since {day}"),
            "scheduled": _("{what}: scheduled from {day}"),
        }[sign.code]
        return format_html(
            words,
            what=self._subject(sign),
            day=formats.day(sign.on),
            days=business_days(days),
            late=late_words(days),
            passed=passed_words(days),
        )

    def _subject(self, sign: Sign) -> SafeString | str:
        if sign.kind == "notice" and sign.ref in self.notices:
            notice = self.notices[sign.ref]
            return self._project(notice.project.slug, f" {notice.number}")
        if sign.kind == "project":
            return self._project(sign.ref)
        if sign.kind == "reaction" and sign.ref in self.reactions:
            reaction = self.reactions[sign.ref]
            slug = reaction.document.slug if reaction.document else None
            return self.cites.document(formats.said(reaction, "actor"), slug)
        measure = self.measures.get(sign.ref)
        if measure is None:
            return sign.ref
        slug = measure.document.slug if measure.document else None
        words = _("%(category)s, %(authority)s") % {
            "category": category_name(measure.category),
            "authority": formats.said(measure, "legal_authority"),
        }
        return self.cites.document(words, slug)

    def _project(self, slug: str, more: str = "") -> SafeString | str:
        found = self.projects.get(slug)
        name = formats.said(found.project, "name") if found else slug
        address = with_query(reverse("project", args=[slug]), self.reading)
        return format_html('<a href="{}">{}</a>{}', address, name, more)
