"""The terms of an agreement on a page, each with its document."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.models import Term
from dashboard import formats
from dashboard.pages.frame import Cites
from dashboard.points import Reading
from dashboard.terms import said_term


def term_rows(reading: Reading, cites: Cites) -> list[tuple[str, str, SafeString | str]]:
    """Every term of a commitment: its name, its value in words, and its document."""
    return [
        (formats.said_name(term, "name"), said_term(term), term_source(term, cites))
        for readings in reading.record.terms.readings.values()
        for term in readings
    ]


def term_source(term: Term, cites: Cites) -> SafeString | str:
    """The document of a term; without one, whether it is remembered or the register's own."""
    if term.document is not None:
        return cites.document(_("Source"), term.document.slug)
    return _("no document on record") if term.recalls("value") else _("the register’s convention")
