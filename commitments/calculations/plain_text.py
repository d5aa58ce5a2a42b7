"""Text as text: what could hide in it, turn its reading round or run in a spreadsheet."""

import re
import unicodedata

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
RUNS = re.compile(r"'*[=+\-@\t\r\x00]")


def without_controls(text: str) -> str:
    """Return text without control and direction characters; line breaks and tabs stay."""
    if text.isprintable():  # neither control nor format characters in it
        return text
    return "".join(
        c for c in text if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in BIDI)
    )


def named(text: str, most: int) -> str:
    """Return a name on one line. Raise ValueError when nothing is left, or more than `most`."""
    name = " ".join(without_controls(text).split())
    if not name or len(name) > most:
        raise ValueError(f"a name of up to {most} characters is needed")
    return name


def guarded(text: str) -> str:
    """Return text as a spreadsheet may hold it: an apostrophe before what it would run.

    It would run what begins with = + - @, a tab, a carriage return or a NUL.
    `unguarded` gives the very text back.
    """
    return f"'{text}" if RUNS.match(text) else text


def unguarded(text: str) -> str:
    """Return the text a guarded cell stands for."""
    return text[1:] if text[:1] == "'" and RUNS.match(text) else text
