"""What to beware of, in sentences."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.pages.overview.figures import Figures
from projects.metrics import Flag, flags


def flag_notes(figures: Figures) -> list[SafeString]:
    """Return each flag of the commitment as a sentence."""
    return [_words(figures, flag) for flag in flags(figures.record)]


def _words(figures: Figures, flag: Flag) -> SafeString:
    text = {
        "deadline_met": _("The target was met on {day}."),
        "deadline_missed": _("The deadline has passed; the target was missed by {amount}."),
        "concentration": _(
            "One project, {project}, is {share} of all selected: figures of the whole follow it."
        ),
        "over_funded": _(
            "{project} is over-funded: {amount} more was paid in than stands selected."
        ),
        "plan_short": _(
            "The plan in force ends {amount} short of the target; after its last point it is "
            "held flat."
        ),
    }[flag.code]
    return format_html(
        text,
        day=formats.day(flag.on),
        amount="" if flag.amount_usd is None else formats.money(flag.amount_usd),
        project=_name(figures, flag.project),
        share=formats.percent_range(flag.share),
    )


def _name(figures: Figures, slug: str) -> str:
    record = figures.record.by_slug.get(slug)
    if record is None:
        return slug
    project = record.project
    return (formats.is_japanese() and project.name_ja) or project.name
