"""Tariff codes: how they are written, and which of them a scope names in its words.

Codes are compared by their digits: two make a chapter, four a heading, up to ten a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = re.compile(r"\d{2}|\d{4}(\d{2}){0,3}")
LINE = r"\d{4}(?:\.\d{2}){0,3}"
LINES = re.compile(rf"\b({LINE})(?:-(?:({LINE})|((?:\.\d{{2}})+)))?\b")
CHAPTERS = re.compile(r"\bchapters? (\d{2}(?:(?:, | and )\d{2})*)\b")
SPECIAL = "99"  # the chapter of temporary duties: its headings are those of measures


@dataclass(frozen=True)
class Span:
    """The codes from one to another as long as it, both included, by their digits."""

    first: str
    last: str

    @property
    def is_one(self) -> bool:
        """Return whether it is one code and no range."""
        return self.first == self.last

    def meets(self, digits: str) -> bool:
        """Return whether a code lies in it, or holds some of it."""
        length = min(len(digits), len(self.first))
        return self.first[:length] <= digits[:length] <= self.last[:length]

    def holds(self, digits: str) -> bool:
        """Return whether a code lies in it wholly."""
        return len(digits) >= len(self.first) and self.meets(digits)


def digits_of(text: str) -> str | None:
    """Return the digits of a tariff code, with or without its points; None for what is none."""
    digits = text.replace(".", "")
    return digits if digits.isascii() and DIGITS.fullmatch(digits) else None


def span_of(code: str) -> Span:
    digits = code.replace(".", "")
    return Span(digits, digits)


def spans_in(scope: str) -> Iterator[Span]:
    """Yield the codes that the words of a scope name: lines, ranges of lines, and chapters.

    The end of a range may leave out how it begins: 9903.01.43-.76.
    """
    for first, last, tail in LINES.findall(scope):
        end = last or (first[: -len(tail)] + tail if tail else first)
        yield Span(first.replace(".", ""), end.replace(".", ""))
    for chapters in CHAPTERS.findall(scope):
        yield from map(span_of, re.findall(r"\d{2}", chapters))
