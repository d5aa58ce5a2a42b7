"""Tariff codes in the words of a scope, as the compilation writes them."""

import pytest

from tariffs.calculations.codes import Span, digits_of, span_of, spans_in


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        ("8704.21, 8704.31 and related", [("870421",) * 2, ("870431",) * 2]),
        ("9903.74.02; heading 8702", [("99037402",) * 2, ("8702",) * 2]),
        ("9903.01.43-.76 (Japan line)", [("99030143", "99030176")]),
        ("9903.08.20-9903.08.26; U.S. note 43", [("99030820", "99030826")]),
        ("chapters 72, 73, 76 and derivatives", [("72",) * 2, ("73",) * 2, ("76",) * 2]),
        ("core copper articles (chapter 74 and close derivatives)", [("74",) * 2]),
        ("6810.99.00.20", [("6810990020",) * 2]),
        ("column 1 rate of 15% or more; U.S. note 16(c)(ix)-(x)", []),
    ],
)
def test_the_codes_of_a_scope_are_read_from_its_words(scope, named):
    assert list(spans_in(scope)) == [Span(*ends) for ends in named]


def test_a_code_meets_what_it_lies_in_and_what_it_holds_and_lies_wholly_in_the_first_alone():
    line = span_of("8704.21")
    codes = ("87", "8704", "870421", "8704210010", "870422", "88")
    assert [line.meets(code) for code in codes] == [True, True, True, True, False, False]
    assert [line.holds(code) for code in codes] == [False, False, True, True, False, False]
    japan = Span("99030143", "99030176")
    codes = ("99030142", "99030143", "9903016010", "990301", "99030177")
    assert [japan.meets(code) for code in codes] == [False, True, True, True, False]


def test_a_code_is_written_with_or_without_its_points():
    texts = ("8703", "8703.23.01", "99039440", "72", "870", "87x3", "٨٧٠٣", "")
    assert [digits_of(text) for text in texts] == [
        *("8703", "87032301", "99039440", "72"),
        *(None, None, None, None),
    ]
