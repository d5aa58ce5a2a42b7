"""The headline, by rule: first match wins, one line per sentence."""

from decimal import Decimal

from django.utils.translation import gettext as _

from dashboard.formats import money, percent

BEHIND, AHEAD = Decimal("0.95"), Decimal("1.05")


def headline(*, time: Decimal, reached: Decimal, days_left: int, target: Decimal) -> str:
    """Return what the first page says first.

    `time` is the share of time used, `reached` the share of the target on the
    headline rung. "On record", never "has not happened".
    """
    whole = money(target, style="prose")
    words = {
        "t": percent(time, 0),
        "m": _("under 1%") if 0 < reached < Decimal("0.005") else percent(reached, 0),
        "n": days_left,
        "target": whole,
    }
    if reached >= 1:
        return _("All %(target)s is paid, %(n)s days before the deadline") % words
    if days_left < 0:
        if reached <= 0:
            return _("The deadline has passed. No payment of the %(target)s is on record") % words
        return _("The deadline has passed with %(m)s of the %(target)s paid") % words
    if reached <= 0:
        return _("%(t)s of the time is gone. No payment of the %(target)s is on record") % words
    pace = reached / time if time > 0 else Decimal(2)
    if pace < BEHIND:
        return _("%(t)s of the time is gone, %(m)s of the %(target)s is paid") % words
    if pace <= AHEAD:
        # xgettext:no-python-format  (the Japanese sentence names the target too)
        return _("Payments keep pace: %(m)s of the money in %(t)s of the time") % words
    # xgettext:no-python-format  (the same)
    return _("Payments run ahead: %(m)s of the money in %(t)s of the time") % words


def sentences(text: str) -> list[str]:
    """Return the lines of a headline: one for each sentence."""
    marked = text.replace("。", "。\n").replace(". ", ".\n")
    return [line.strip() for line in marked.split("\n") if line.strip()]
