"""Atom feeds: what those of every page share."""

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.points import Reading

SIZE = 50


def atom_feed(
    request: HttpRequest, reading: Reading, *, title: str, label: str, home: str
) -> Atom1Feed:
    """Return an empty feed of the page at `home`; one of a fictional commitment says so."""
    if reading.commitment.illustrative:
        label = _("Illustrative: these figures are fictional.") + " " + label
    return Atom1Feed(
        title=title,
        link=request.build_absolute_uri(home),
        description=label,
        subtitle=label,
        language=get_language(),
        feed_url=request.build_absolute_uri(),
    )


def unique_id(name: str) -> str:
    return f"tag:550-tracker,2025:{name}"


def as_response(feed: Atom1Feed) -> HttpResponse:
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
