"""What a kind of record is called within a sentence, in the language of who reads it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

NAMES = (
    gettext_noop("claim"),
    gettext_noop("closed period"),
    gettext_noop("commitment"),
    gettext_noop("contradiction"),
    gettext_noop("counterfactual rate"),
    gettext_noop("cover"),
    gettext_noop("deemed rate"),
    gettext_noop("document"),
    gettext_noop("event"),
    gettext_noop("financing"),
    gettext_noop("funding notice"),
    gettext_noop("gap"),
    gettext_noop("institution"),
    gettext_noop("institution statement"),
    gettext_noop("instrument"),
    gettext_noop("ledger entry"),
    gettext_noop("lever"),
    gettext_noop("measure"),
    gettext_noop("party"),
    gettext_noop("plan"),
    gettext_noop("project"),
    gettext_noop("project link"),
    gettext_noop("project party"),
    gettext_noop("project profile"),
    gettext_noop("reaction"),
    gettext_noop("ruling"),
    gettext_noop("sector"),
    gettext_noop("sector mapping"),
    gettext_noop("stage event"),
    gettext_noop("stance coding"),
    gettext_noop("tariff category"),
    gettext_noop("term"),
    gettext_noop("trade flow"),
    gettext_noop("valuation"),
)
"""The names of all kinds, as their models give them, marked for translation."""


def kind_name(model: Any) -> str:
    """Return what a kind is called: “funding notice”."""
    return _(str(model._meta.verbose_name))


def no_such(model: Any, key: Any) -> str:
    """Return that the register holds no record of a kind under a key."""
    return _("no %(kind)s “%(name)s”") % {"kind": kind_name(model), "name": key}
