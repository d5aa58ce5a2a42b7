"""Reactions as lines of a page: what was said, of what, by whom the stance was labelled, and polls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.models import Reaction
from dashboard import formats
from dashboard.pages.frame import Cites, with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.reactions import stance_words
from dashboard.points import Reading
from dashboard.subjects import Subject, coded_by, keys_of, reactions_about, subjects_of

MOST = 6


@dataclass(frozen=True)
class Line:
    """One reaction in words, with what it is about; `is_inferred` where that is concluded."""

    on: str
    day: str
    actor: SafeString | str
    stance: str
    summary: SafeString | str
    source: SafeString | str
    about: list[tuple[SafeString | str, bool]]
    coded: str
    poll: list[tuple[str, str]]


@dataclass(frozen=True)
class Reacted:
    """The newest reactions to something, how many there are, and where all of them stand."""

    lines: list[Line]
    count: int
    address: str


def lines_of(
    reading: Reading, cites: Cites, found: Sequence[Reaction], subjects: Mapping[str, Subject]
) -> list[Line]:
    """Reactions in words, in the order given, with those subjects that are on record."""
    return [_line(reading, cites, reaction, subjects) for reaction in found]


def reacted_to(reading: Reading, cites: Cites, keys: Iterable[str]) -> Reacted | None:
    """The newest reactions about any of some things; None where there is none."""
    wanted = list(keys)
    found = reactions_about(kept.reactions(reading.point, reading.commitment), wanted)
    if not found:
        return None
    about = wanted[0] if len(wanted) == 1 else ""
    address = with_query(reverse("reactions"), reading, about=about)
    newest = found[:MOST]
    lines = lines_of(reading, cites, newest, subjects_of(reading, newest))
    return Reacted(lines, len(found), address)


def _line(
    reading: Reading, cites: Cites, reaction: Reaction, subjects: Mapping[str, Subject]
) -> Line:
    slug = reaction.document.slug if reaction.document else None
    return Line(
        on=formats.machine_day(reaction.occurred_on, reaction.date_precision),
        day=formats.own_day(reaction),
        actor=formats.said(reaction, "actor"),
        stance=stance_words(reaction.stance),
        summary=formats.said(reaction, "summary"),
        source=cites.document(_("Source"), slug),
        about=[
            (_linked(reading, cites, subjects[key]), key not in reaction.about)
            for key in keys_of(reaction)
            if key in subjects
        ],
        coded=_coded(reaction, reading.point.as_of),
        poll=_poll(reaction) if reaction.is_poll else [],
    )


def _linked(reading: Reading, cites: Cites, subject: Subject) -> SafeString | str:
    if not subject.path:
        return cites.document(subject.words, subject.document)
    address = with_query(subject.path, reading)
    if subject.commitment and subject.commitment != reading.commitment.slug:
        address = f"{with_query(reverse('compare'), reading)}#{subject.commitment}"
    return format_html('<a href="{}">{}</a>', address, subject.words)


def _coded(reaction: Reaction, as_of: date) -> str:
    """Who gave the stance its label, and when, but for a day after the one described."""
    if not reaction.coder:
        return _("Coder of the stance: not stated")
    day = coded_by(reaction.coded_on, as_of)
    if day is None:
        return _("Stance coded by %(who)s") % {"who": reaction.coder}
    words = _("Stance coded by %(who)s, %(day)s")
    return words % {"who": reaction.coder, "day": formats.day(day)}


def _poll(reaction: Reaction) -> list[tuple[str, str]]:
    """The question, the number asked and the days of a poll; "not stated" where the record has none."""
    days = _("not stated")
    if reaction.poll_from or reaction.poll_to:
        ends = (reaction.poll_from, reaction.poll_to)
        days = formats.DASH.join(formats.day(day) if day else "" for day in ends)
    return [
        (_("Question"), reaction.poll_question or _("not stated")),
        (_("Answered"), f"{reaction.poll_n:,}" if reaction.poll_n else _("not stated")),
        (_("Asked"), days),
    ]
