"""Levers in words: how each trigger stands, from which facts, and what a supposition would hit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.models import Reaction
from commitments.selectors import PointError
from dashboard import formats
from dashboard.pages.frame import Cites, with_query
from dashboard.pages.tariffs.words import category_name
from dashboard.points import Reading, one_of
from dashboard.terms import term_words
from projects.calculations.stages import Stage
from projects.selectors import ProjectRecord
from tariffs.calculations.levers import Sign, State
from tariffs.models import LeverState, Measure
from tariffs.selectors.exposure import Exposure
from tariffs.selectors.levers import (
    DECLINED,
    MISSED,
    Standing,
    lever_history,
    lever_standings,
    supposed_sign,
)

SUPPOSITIONS = (DECLINED, MISSED)
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
    history: list[str]


@dataclass(frozen=True)
class Supposition:
    """What would follow if Japan declined a project, or missed its window. Nothing is written."""

    heading: str
    hits: list[tuple[str, str, str, str]]
    stake: str
    lines: list[tuple[str, str, str, str]]
    split: list[tuple[str, str, SafeString | str]]
    address: str


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
        rival = _("Under the other reading of the window: %(state)s.") % {
            "state": state_words(found.rival_state)
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
        history=[_change_words(change) for change in stored],
    )


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
        counted = ngettext("%(n)s business day", "%(n)s business days", days) % {"n": days}
        words = {
            "declined_notice": _("{what}: declined on {day}"),
            "declined_project": _("{what}: declined on {day}"),
            "late": _("{what}: due on {day}, late by {days}"),
            "window_over": _("{what}: window over since {day}, {days}"),
            "window_ends": _("{what}: {days} left, to {day}"),
            "critical_statement": _("{what}: critical statement, {day}"),
            "investigated": _("{what}: under investigation since {day}"),
            "scheduled": _("{what}: scheduled from {day}"),
        }[sign.code]
        return format_html(words, what=self._subject(sign), day=formats.day(sign.on), days=counted)

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


def choices_of(reading: Reading) -> list[tuple[str, str]]:
    """The projects a supposition can be about: those that are on record and have not ended."""
    return [
        (
            p.slug,
            p.project.name_ja if formats.is_japanese() and p.project.name_ja else p.project.name,
        )
        for p in reading.record.projects
        if p.standing.is_selected or p.standing.stage == Stage.IN_CONSULTATION
    ]


def supposition_of(
    asked: Mapping[str, str], reading: Reading, cites: Cites, exposure: Exposure | None
) -> Supposition | None:
    """What a supposition would hit; None where nothing is supposed. Raise PointError."""
    kind, project = asked.get("suppose", ""), asked.get("project", "")
    if not kind and not project:
        return None
    if not kind:
        raise PointError(
            "suppose", _("must be one of: %(names)s") % {"names": ", ".join(SUPPOSITIONS)}
        )
    one_of("suppose", kind, SUPPOSITIONS)
    names = dict(choices_of(reading))
    one_of("project", project, names)
    before = {found.lever.ref: found for found in lever_standings(reading.record)}
    sign = supposed_sign(kind, project, reading.record)
    after = lever_standings(reading.record, supposed=[sign])
    words = (
        _("If Japan declines %(project)s")
        if kind == DECLINED
        else _("If the window of %(project)s is missed")
    )
    return Supposition(
        heading=words % {"project": names[project]},
        hits=[
            (
                formats.said(found.lever, "title"),
                state_words(before[found.lever.ref].state),
                state_words(found.state),
                formats.said(found.lever, "consequence"),
            )
            for found in after
            if sign.ref in [s.ref for s in found.signs if s not in before[found.lever.ref].signs]
        ],
        stake=formats.money_range(exposure.extra) if exposure else _("not stated"),
        lines=_at_stake(exposure),
        split=_split(reading, cites),
        address=_lasting(asked, reading),
    )


def _lasting(asked: Mapping[str, str], reading: Reading) -> str:
    """The address that gives this supposition again whatever is recorded later."""
    point = reading.point
    pinned = {"as_of": point.as_of.isoformat()}
    if point.recorded_at is not None:
        pinned["known_at"] = (point.known_at or point.recorded_at).isoformat()
    given = {name: value for name, value in asked.items() if value}
    return f"{reverse('tariffs')}?{urlencode({**reading.asked, **pinned, **given})}#suppose"


def _at_stake(exposure: Exposure | None) -> list[tuple[str, str, str, str]]:
    """The lines whose duty would rise: in billions a year now, without the agreement, and the rise."""
    return [
        (
            formats.said(line.trade, "label"),
            formats.billions(line.duty, 2),
            formats.billions(line.duty_without, 2),
            formats.billions(line.extra, 2),
        )
        for line in (exposure.lines if exposure else ())
        if line.extra.high
    ]


def _split(reading: Reading, cites: Cites) -> list[tuple[str, str, SafeString | str]]:
    """How distributions are shared, and what the terms say of a refusal to fund."""
    rows = []
    for key, name in (("split", _("As agreed")), ("decline", _("After a refusal to fund"))):
        term = reading.record.terms.term(key)
        if term is not None:
            slug = term.document.slug if term.document else None
            rows.append((name, term_words(term.value), cites.document(_("Source"), slug)))
    return rows
