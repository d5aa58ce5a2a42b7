"""Drawing elements as escaped text."""

import re
from collections.abc import Iterable
from html import escape

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML holds them


class Markup(str):
    """Text that is already escaped: templates print it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def text(words: object) -> Markup:
    """Return words escaped for use inside an element."""
    return Markup(escape(UNWRITABLE.sub("", str(words))))


def el(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element. Children that are not Markup are escaped; None attributes are left out.

    Attribute names are written as keyword arguments: a trailing underscore is
    dropped (`class_`), other underscores become hyphens unless the name is
    camel case (`viewBox`).
    """
    given = "".join(
        f' {_name(key)}="{text(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = join(children)
    return Markup(f"<{name}{given}/>" if not inside else f"<{name}{given}>{inside}</{name}>")


def join(children: Iterable[object]) -> Markup:
    """Return children one after another, each escaped unless it is Markup."""
    return Markup(
        "".join(c if isinstance(c, Markup) else text(c) for c in children if c is not None)
    )


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def percent(share: float) -> str:
    """Return a fraction as an SVG percentage."""
    return f"{share * 100:.2f}%"
