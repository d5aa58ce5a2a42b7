"""Every text of the pages speaks Japanese, and the compiled file says what the source says."""

import gettext
from pathlib import Path

import polib
from django.conf import settings
from django.utils import translation

from commitments.models import Job
from tariffs.models import Measure

FOLDER = Path(settings.LOCALE_PATHS[0]) / "ja" / "LC_MESSAGES"
SOURCE = polib.pofile(str(FOLDER / "django.po"))


def test_no_text_is_untranslated_or_doubtful():
    doubtful = [e.msgid for e in SOURCE if not e.translated() or "fuzzy" in e.flags]
    assert doubtful == []
    assert len(SOURCE) > 600


def test_named_values_are_kept():
    for entry in SOURCE:
        if "python-format" in entry.flags:
            told = entry.msgstr or entry.msgstr_plural[0]
            wanted = set(_names(entry.msgid))
            assert set(_names(told)) <= wanted | set(_names(entry.msgid_plural)), entry.msgid


def _names(text: str) -> list[str]:
    return [part.split(")")[0] for part in text.split("%(")[1:]]


def test_the_compiled_file_is_fresh():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in SOURCE:
        if entry.msgid_plural:
            assert compiled.ngettext(entry.msgid, entry.msgid_plural, 2) == entry.msgstr_plural[0]
        elif entry.msgctxt:
            assert compiled.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr
        else:
            assert compiled.gettext(entry.msgid) == entry.msgstr


def test_a_measure_not_decided_yet_is_not_called_a_job_that_waits():
    with translation.override("ja"):
        assert (str(Measure.Listed.PENDING.label), str(Job.State.PENDING.label)) == (
            "未決定",
            "待機中",
        )
