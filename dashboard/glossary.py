"""The words of the register, each defined once, for the page and the API."""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Entry:
    """One word: its key, where it belongs, and what it means, in the reader's language."""

    key: str
    group: Literal["ladder", "evidence"]
    word: str | Promise
    meaning: str | Promise


GLOSSARY = (
    Entry(
        "candidate",
        "ladder",
        _("Candidate"),
        _("Companies or governments name a possible investment. Evidence: a list or statement."),
    ),
    Entry(
        "in-consultation",
        "ladder",
        _("In consultation"),
        _(
            "Announced, but no decision or fact sheet of the deciding side is on record. A stage below selected, in no rung."
        ),
    ),
    Entry(
        "selected",
        "ladder",
        _("Selected"),
        _(
            "The President selects it on the Investment Committee’s recommendation, after the Consultation Committee. Evidence: a decision or fact sheet of the deciding side."
        ),
    ),
    Entry(
        "signed",
        "ladder",
        _("Signed"),
        _("Financing agreements are signed. Evidence: the lender’s release, or a report of it."),
    ),
    Entry(
        "noticed",
        "ladder",
        _("Noticed"),
        _("A funding notice (capital call) is issued. Evidence: the notice."),
    ),
    Entry(
        "funded",
        "ladder",
        _("Funded"),
        _("Cash reaches the designated account. Evidence: a receipt."),
    ),
    Entry(
        "disbursed",
        "ladder",
        _("Disbursed"),
        _("The vehicle pays it on to the project. Evidence: a payment record."),
    ),
    Entry(
        "distributed",
        "ladder",
        _("Distributed"),
        _("The investment pays out. Evidence: a payment record."),
    ),
    Entry(
        "guaranteed",
        "ladder",
        _("Guaranteed"),
        _(
            "Cover in force, less the claims paid under it: exposure, not cash. It stands beside the ladder and is never added to it."
        ),
    ),
    Entry(
        "claim",
        "evidence",
        _("Claim"),
        _(
            "What a document says: subject, low, high, unit, who, when. “Up to” has no low, “more than” has no high. Rival claims live side by side."
        ),
    ),
    Entry(
        "ruling",
        "evidence",
        _("Ruling"),
        _(
            "Which claims make the figure shown, and why. The figure is their lowest low to highest high; derived claims never win."
        ),
    ),
    Entry(
        "revision",
        "evidence",
        _("Revision"),
        _(
            "One posting to the register. What was published is never overwritten: a correction is a new row that names the old one."
        ),
    ),
    Entry(
        "as-of",
        "evidence",
        _("As of"),
        _("The day described: what was true in the world."),
    ),
    Entry(
        "as-known-at",
        "evidence",
        _("As known at"),
        _("The moment whose knowledge is used: what the register held."),
    ),
    Entry(
        "published-by",
        "evidence",
        _("Published by"),
        _("Keeps only what the world could know by the end of that day."),
    ),
    Entry(
        "none-published",
        "evidence",
        _("None published"),
        _(
            "A rung that is recorded, on which nothing is on record. It says what was found, not what happened."
        ),
    ),
    Entry(
        "not-stated",
        "evidence",
        _("Not stated"),
        _("No document on record gives the number. It is not zero."),
    ),
    Entry(
        "deemed-allocation-amount",
        "evidence",
        _("Deemed allocation amount"),
        _(
            "Principal and deemed interest of an investment; until it is paid out, distributions are shared equally."
        ),
    ),
    Entry(
        "joint-business-day",
        "evidence",
        _("Joint business day"),
        _("A weekday on which neither Japan’s banks nor the Federal Reserve are closed."),
    ),
)
