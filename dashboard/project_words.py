"""The words of stages, rungs and instruments, and the amount a project stands with."""

from django.utils.translation import gettext as _

from commitments.models import Instrument
from dashboard import formats
from projects.calculations.stages import Stage, Standing
from projects.services.requirements import STAGE_WORDS


def stage_words(stage: Stage | None) -> str:
    """Return a stage in words; the glossary defines each."""
    if stage is None:
        return _("no stage on record")
    return str(STAGE_WORDS[stage])


def ended_words(standing: Standing) -> str:
    """Return how a project ended and when; empty while it has not."""
    if standing.ended_on is None:
        return ""
    return _("%(stage)s on %(day)s") % {
        "stage": stage_words(standing.stage),
        "day": formats.day(standing.ended_on),
    }


def rung_words(rung: str) -> str:
    if rung == "candidate_us_list":
        return _("candidate, on the list of the US side")
    return stage_words(Stage(rung))


def instrument_name(instrument: Instrument) -> str:
    return instrument.name_ja or instrument.name if formats.is_japanese() else instrument.name
