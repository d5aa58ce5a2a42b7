"""JSON as the register reads it: each key once, exact numbers, no bottomless nesting."""

import json
from collections.abc import Callable
from typing import Any

DEEPEST = 20
LONGEST_SHOWN = 60  # characters of a key that a message quotes


def parse_json(text: str, *, number: Callable[[str], Any] | None = None) -> Any:
    """Return what a JSON text says; numbers with a fraction stay words, digit for digit.

    With `number`, that reads every number from its digits, whole ones too. Raise
    ValueError for text that is not JSON, names a key twice in one object, is
    nested deeper than 20, or holds NaN or Infinity.
    """
    if _depth(text) > DEEPEST:
        raise ValueError(f"nested deeper than {DEEPEST}")
    return json.loads(
        text,
        parse_float=number or str,
        parse_int=number or int,
        parse_constant=_no_number,
        object_pairs_hook=_each_key_once,
    )


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings, found in one scan before any parsing."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key “{key[:LONGEST_SHOWN]}” stands twice in one object")
        found[key] = value
    return found
