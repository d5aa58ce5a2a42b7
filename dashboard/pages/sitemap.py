"""Where the pages stand: a few in the head of every page, all of them in its foot."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

# What a reader asks first; DESIGN keeps the head to eight. A new page goes into a group below.
HEAD = ("overview", "projects", "money", "forecast", "returns", "calls", "tariffs", "method")


@dataclass(frozen=True)
class Entry:
    """A link to a page: its address, its words, and whether the reader is there."""

    address: str
    words: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Pages that belong together, under a heading."""

    heading: str
    entries: list[Entry]


def _groups() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    return (
        (
            _("The commitment"),
            (
                ("overview", _("Overview")),
                ("projects", _("Projects")),
                ("money", _("Money")),
                ("pace", _("Pace")),
                ("forecast", _("Forecast")),
                ("scenarios", _("Scenarios")),
                ("calls", _("Calls")),
                ("window", _("Window calculator")),
                ("returns", _("Returns")),
            ),
        ),
        (
            _("Around it"),
            (
                ("tariffs", _("Tariffs")),
                ("suppose", _("If it is not funded")),
                ("watch", _("What to watch")),
                ("reactions", _("Reactions")),
                ("compare", _("Other countries")),
            ),
        ),
        (
            _("How we know"),
            (
                ("figures", _("Figures")),
                ("sources", _("Sources")),
                ("claims", _("Said against record")),
                ("method", _("Method")),
                ("glossary", _("Glossary")),
            ),
        ),
        (
            _("What changed"),
            (
                ("changes", _("Changes")),
                ("decisions", _("Decisions")),
                ("corrections", _("Corrections")),
            ),
        ),
        (
            _("Reuse"),
            (
                ("data", _("Data")),
                ("api", _("API")),
                ("licence", _("Licence and disclaimer")),
                ("accessibility", _("Accessibility")),
            ),
        ),
    )


def groups(request: HttpRequest, keeping: Callable[[str], str]) -> list[Group]:
    """Return every page by group; `keeping` gives an address the point in time it keeps."""
    found = [
        (heading, [(reverse(name), words) for name, words in pages]) for heading, pages in _groups()
    ]
    addresses = [address for _heading, pages in found for address, _words in pages]
    here = _nearest(request.path, addresses)
    return [
        Group(heading, [Entry(keeping(a), words, a == here) for a, words in pages])
        for heading, pages in found
    ]


def head(request: HttpRequest, keeping: Callable[[str], str]) -> list[Entry]:
    """Return the pages in the head, in their order."""
    words = {name: said for _heading, pages in _groups() for name, said in pages}
    addresses = [reverse(name) for name in HEAD]
    here = _nearest(request.path, addresses)
    return [
        Entry(keeping(address), words[name], address == here)
        for name, address in zip(HEAD, addresses, strict=True)
    ]


def _nearest(path: str, addresses: list[str]) -> str:
    """The address a path lies under, the longest one; the overview holds only itself."""
    under = [a for a in addresses if path == a or (a.count("/") > 1 and path.startswith(a))]
    return max(under, key=len, default="")
