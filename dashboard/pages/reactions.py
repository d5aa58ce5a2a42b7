"""What is said: reactions on both sides, in a list with filters and as an Atom feed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import Reaction
from commitments.selectors import PointError, reactions_to
from dashboard import formats
from dashboard.charts.reactions import EventLane
from dashboard.code_words import actor_type_words, reaction_kind_words
from dashboard.exports.evidence import reaction_grid
from dashboard.facts_read import REACTIONS, undated
from dashboard.pages.beside import beside_reactions
from dashboard.pages.feeds import SIZE, as_response, atom_feed, unique_id
from dashboard.pages.files import file_of, files_of
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.reactions import legend, reactions_figure, stance_words
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import Choices, takes
from dashboard.pages.reacted import lines_of
from dashboard.points import Reading, search_words
from dashboard.subjects import (
    OF_SIDE,
    Subject,
    reactions_about,
    stance_agreement,
    subject_keys,
    subjects_of,
)

PAGE_SIZE = 50
FILTERS = ("side", "actor_type", "kind", "stance", "about", "q")


def _values(column: str) -> Iterable[str]:
    return Reaction.objects.order_by(column).values_list(column, flat=True).distinct()


def _present(reactions: Iterable[Reaction], column: str) -> list[str]:
    """The values of a column among some reactions, each once: what a filter can find."""
    return sorted({getattr(reaction, column) for reaction in reactions})


def side_names() -> list[tuple[str, str]]:
    return [
        ("japan", _("Japan")),
        ("us", _("United States")),
        ("other", _("Other countries")),
    ]


def _found(request: HttpRequest, reading: Reading, chosen: dict[str, str]) -> list[Reaction]:
    """The reactions that fit the filters, newest first."""
    rows = reactions_to(reading.commitment, reading.point)
    if chosen["side"]:
        rows = rows.filter(OF_SIDE[chosen["side"]])
    for name in ("actor_type", "kind", "stance"):
        if chosen[name]:
            rows = rows.filter(**{name: chosen[name]})
    for word in search_words(request.GET):
        texts = ("actor", "actor_ja", "summary", "summary_ja", "subject")
        fits = Q()
        for column in texts:
            fits |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(fits)
    found = list(
        rows.select_related("document", "revision", "commitment").order_by("-occurred_on", "ref")
    )
    return reactions_about(found, [chosen["about"]]) if chosen["about"] else found


def _abouts(subjects: Mapping[str, Subject]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the reactions of the commitment are about, in groups to choose from."""
    by_name = sorted(subjects.values(), key=lambda s: s.words)
    names = {
        "project": _("Projects"),
        "measure": _("Tariff measures"),
        "term": _("Terms"),
        "commitment": _("Commitments"),
    }
    groups = [
        (name, [(s.key, s.words) for s in by_name if s.kind == kind])
        for kind, name in names.items()
    ]
    return [(name, found) for name, found in groups if found]


CHOICES: dict[str, Choices] = {
    "side": lambda: OF_SIDE,
    "actor_type": lambda: _values("actor_type"),
    "kind": lambda: _values("kind"),
    "stance": lambda: Reaction.Stance.values,
    "about": subject_keys,
}


@page
@takes("q", "after", **CHOICES)
def reaction_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List reactions with filters, the chart of those found, and keyset pages."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    found = _found(request, reading, chosen)
    refs = [reaction.ref for reaction in found]
    after = request.GET.get("after", "").strip()
    if after and after not in refs:
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    start = refs.index(after) + 1 if after else 0
    shown = found[start : start + PAGE_SIZE]
    asked = {name: value for name, value in chosen.items() if value}
    address = reverse("reactions")
    more = start + PAGE_SIZE < len(found)
    everything = kept.reactions(reading.point, reading.commitment)
    subjects = subjects_of(reading, everything)
    beside = beside_reactions(figures) if found else []
    lanes = [EventLane(lane.name, [row.on for row in lane.rows]) for lane in beside]
    finding = _("Reactions on record by month")
    chart = reactions_figure(figures, found, finding, lanes) if found else None
    context = page_context(
        request,
        reading,
        left_out=undated(reading, REACTIONS),
        title=_("Reactions"),
        cites=cites,
        rows=lines_of(reading, cites, shown, subjects),
        count=len(found),
        chart=chart,
        drawings=[chart] if chart else [],
        beside=beside,
        agreement=_agreement(reading),
        abouts=_abouts(subjects),
        legend=legend(),
        pager=Pager(
            previous=with_query(address, reading, **asked) if after else "",
            next=with_query(address, reading, **asked, after=shown[-1].ref) if more else "",
        ),
        chosen=chosen,
        sides=side_names(),
        actor_types=[
            (value, actor_type_words(value)) for value in _present(everything, "actor_type")
        ],
        kinds=[(value, reaction_kind_words(value)) for value in _present(everything, "kind")],
        stances=[(value, stance_words(value)) for value in Reaction.Stance.values],
        feed=with_query(reverse("reactions-feed"), reading, **asked),
        files=files_of(reading, "reactions_file", "reactions-list", **asked),
    )
    return TemplateResponse(request, "dashboard/reactions.html", context)


@page
@takes("q", **CHOICES)
def reaction_feed(request: HttpRequest, reading: Reading) -> HttpResponse:
    """The newest reactions that fit the filters, as an Atom feed."""
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    label = _("Stance is an editor’s label toward the agreement or the measure named.")
    feed = atom_feed(
        request, reading, title=_("Reactions – 550 Tracker"), label=label, home=reverse("reactions")
    )
    for reaction in _found(request, reading, chosen)[:SIZE]:
        document = reaction.document
        source = reverse("source", args=[document.slug]) if document else reverse("reactions")
        feed.add_item(
            title=_("%(actor)s: %(stance)s")
            % {"actor": _plain(reaction, "actor"), "stance": stance_words(reaction.stance)},
            link=request.build_absolute_uri(source),
            description=_("%(day)s: %(words)s")
            % {"day": formats.own_day(reaction), "words": _plain(reaction, "summary")},
            unique_id=unique_id(reaction.ref),
            pubdate=datetime.combine(reaction.occurred_on, time(), UTC),
            updateddate=reaction.revision.recorded_at,
            categories=[reaction.country, reaction.kind, reaction.stance],
        )
    return as_response(feed)


@page
@takes("q", **CHOICES)
def reaction_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the reactions that fit the filters as CSV or XLSX."""
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    found = _found(request, reading, chosen)
    return file_of(reaction_grid(found, reading), suffix, reading)


def _agreement(reading: Reading) -> str:
    """How far two codings of stance agree, in words."""
    found = stance_agreement(reading.point, reading.commitment)
    if found.alpha is None:
        return formats.reason(found.reason)
    words = _("Agreement of the codings of %(n)s reactions, Krippendorff’s alpha: %(alpha)s.")
    return words % {"n": found.reactions, "alpha": found.alpha}


def _plain(reaction: Reaction, name: str) -> str:
    """A text in the reader's language without mark-up."""
    japanese = getattr(reaction, f"{name}_ja") if formats.is_japanese() else ""
    return japanese or getattr(reaction, name)
