"""Terms are read as words, whatever shape their record has."""

import json
import re

import pytest
from django.conf import settings
from django.utils import translation

from dashboard.terms import rate_words, term_words
from tests.builders import COMMITMENT, make_register, record
from tests.dashboard.pages.reading import read

FILES = sorted(settings.BASE_DIR.glob("fixtures/**/*.json"))
RAW = re.compile(r"\w_\w|\b(True|False|None)\b|[{}\[\]]")


def every_value():
    for path in FILES:
        found = json.loads(path.read_text())
        for part in found if isinstance(found, list) else [found]:
            if part.get("kind") == "term":
                yield from ((r["ref"], r["value"]) for r in part["records"])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_term_of_the_register_is_shown_as_a_data_structure(language):
    values = list(every_value())
    assert len(values) > 100
    with translation.override(language):
        raw = [(ref, term_words(value)) for ref, value in values if RAW.search(term_words(value))]
    assert raw == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"usd": "550000000000.00", "label": "up_to"}, "up to $550.0bn"),
        ({"usd": "350000000000.00"}, "$350.0bn"),
        ({"date": "2029-01-19"}, "19 Jan 2029"),
        ({"business_days": 45, "nature": "latest"}, "within 45 business days after the notice"),
        ({"percent": "15", "basis": "all_in_with_mfn"}, "15% all-in"),
        ({"list": ["energy", "nuclear"]}, "energy, nuclear"),
        (
            {"before": {"japan": "0.5", "us": "0.5"}, "after": {"japan": "0.1", "us": "0.9"}},
            "Japan 50%, the United States 50% until the deemed allocation is paid out, "
            "then Japan 10%, the United States 90%",
        ),
        ({"rung": "funded"}, "Funded"),
        ({"text": "Active", "date": "2026-09-05"}, "Active; on record for 5 Sep 2026"),
        ({"something_new": "as written"}, "something new: as written"),
    ],
)
def test_a_term_is_read_by_its_parts(value, words):
    assert term_words(value) == words


def test_a_rate_that_is_not_written_is_not_stated():
    assert rate_words(None) == "not stated"
    assert rate_words({"scope": "no concession"}) == "not stated"


def test_a_remembered_term_without_a_document_is_no_convention_of_the_register(client, db):
    make_register()
    terms = [
        {
            "ref": f"term-calendar-{reading}",
            "commitment": COMMITMENT,
            "key": "calendar",
            "reading": reading,
            "is_default": reading == "joint",
            "name": f"Calendar {reading}",
            "value": {"calendar": reading},
            "effective_on": "2025-09-04",
            "confidence": confidence,
        }
        for reading, confidence in (("joint", "derived"), ("fed", "recalled"))
    ]
    record({"term": terms})
    words = read(client, "/method/").words
    assert words.count("no document on record") == words.count("the register’s convention") == 1
