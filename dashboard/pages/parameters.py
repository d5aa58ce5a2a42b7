"""What a page may be asked: the parameters it declares, checked before it is made."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.http import QueryDict

from dashboard.points import POINT_PARAMETERS, allow_only, check_characters, one_of

Choices = Callable[[], Iterable[str]]
Declared = Mapping[str, Choices | None]
View = TypeVar("View", bound=Callable[..., Any])


def takes(*free: str, **chosen: Choices) -> Callable[[View], View]:
    """Declare the parameters of a page beside those of the point in time.

    A `free` one is judged by the page itself, which raises PointError; of a
    `chosen` one the function gives the values allowed.
    """

    def declare(view: View) -> View:
        view.parameters = {**dict.fromkeys(free), **chosen}  # type: ignore[attr-defined]  # read by `declared`
        return view

    return declare


def taking_forms(view: View) -> View:
    """Let a page take what a form posts."""
    view.takes_forms = True  # type: ignore[attr-defined]  # read by `takes_forms`
    return view


def takes_forms(view: Callable[..., Any]) -> bool:
    return getattr(view, "takes_forms", False)


def declared(view: Callable[..., Any]) -> Declared:
    """The parameters a page declares: none unless it says so."""
    found: Declared = getattr(view, "parameters", {})
    return found


def check(query: QueryDict, parameters: Declared) -> None:
    """Raise PointError naming a parameter or value that a page cannot use, and those it can."""
    allow_only(query, *POINT_PARAMETERS, *parameters)
    check_characters(query)
    for name, choices in parameters.items():
        value = query.get(name, "").strip()
        if value and choices is not None:
            one_of(name, value, choices())
