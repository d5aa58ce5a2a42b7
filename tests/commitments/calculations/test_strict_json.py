"""JSON as the register reads it."""

import pytest

from commitments.calculations.strict_json import parse_json


def test_fractions_stay_words_digit_for_digit():
    assert parse_json('{"a": 0.10, "b": [1, true, null, "x"]}') == {
        "a": "0.10",
        "b": [1, True, None, "x"],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the key “c” stands twice in one object"),
        ("[" * 5000 + "]" * 5000, "nested deeper than 20"),
        ("[" * 5000, "nested deeper than 20"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "-Infinity is not a number"),
        ('{"a": %s}' % ("9" * 5000), "Exceeds the limit"),
        ("{", "Expecting property name"),
        ("\ufeff{}", "BOM"),
    ],
)
def test_what_is_ambiguous_or_bottomless_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        parse_json(text)


def test_brackets_inside_words_are_no_nesting():
    assert parse_json('["%s", "\\\\", "\\"[["]' % ("[" * 50)) == ["[" * 50, "\\", '"[[']
