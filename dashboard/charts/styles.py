"""What the stylesheet says of a drawing, as literal attributes: its light colours, in pixels.

The stylesheet stays the one place where marks get their look; a picture that
leaves the page takes it along.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SHEET = Path(__file__).parents[1] / "static" / "dashboard" / "app.css"
LAYERS = ("base", "layout", "part", "chart", "util", "print", "")  # a later one wins
KEPT = (
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"),
    *("opacity", "paint-order", "text-anchor", "font-weight", "font-size", "font-family"),
)
PLAIN = re.compile(r"[a-z]*(\.[\w-]+)*( [a-z]*(\.[\w-]+)*)*")
FONT = re.compile(r"(?:(\d+) )?([\d.]+)px/\S+ (.+)")
ALPHA = re.compile(r"(#[0-9a-f]{6})([0-9a-f]{2})")


@dataclass(frozen=True)
class Element:
    """What a selector can ask of an element: its name and its classes."""

    name: str
    classes: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """One selector, element by element, with what it sets and how it ranks."""

    path: tuple[Element, ...]
    given: tuple[tuple[str, str], ...]
    rank: tuple[int, int, int]


def attributes_of(lineage: Sequence[Element]) -> dict[str, str]:
    """Return what the stylesheet sets on the last element of a line of descent."""
    found: dict[str, str] = {}
    for rule in _rules():
        if _fits(rule.path, lineage):
            found.update(rule.given)
    for name in ("fill", "stroke"):
        if shade := ALPHA.fullmatch(found.get(name, "")):
            found[name] = shade[1]
            found[f"{name}-opacity"] = f"{int(shade[2], 16) / 255:.2f}"
    return found


def token(name: str) -> str:
    """Return the light value of a token."""
    return _resolved(f"var(--{name})")


def _fits(path: Sequence[Element], lineage: Sequence[Element]) -> bool:
    *above, last = path
    if not _is(last, lineage[-1]):
        return False
    outer = iter(reversed(lineage[:-1]))
    return all(any(_is(wanted, one) for one in outer) for wanted in reversed(above))


def _is(wanted: Element, one: Element) -> bool:
    return wanted.name in ("", one.name) and wanted.classes <= one.classes


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    """The rules that hold everywhere and set what a drawing needs, in the order in which they win."""
    found = []
    for n, (layer, selectors, body) in enumerate(_blocks(_sheet(), "")):
        given = tuple(_given(body))
        for selector in selectors.split(",") if given else ():
            path = tuple(_element(part) for part in selector.split())
            if PLAIN.fullmatch(selector) and path:
                weight = sum(10 * len(e.classes) + bool(e.name) for e in path)
                found.append(Rule(path, given, (LAYERS.index(layer), weight, n)))
    return tuple(sorted(found, key=lambda rule: rule.rank))


def _element(written: str) -> Element:
    name, *classes = written.split(".")
    return Element(name, frozenset(classes))


def _given(body: str) -> Iterator[tuple[str, str]]:
    for declaration in body.split(";"):
        name, _colon, value = declaration.partition(":")
        value = _resolved(value.strip()) if name in (*KEPT, "font") else ""
        if name == "font" and (font := FONT.fullmatch(value)):
            yield "font-weight", font[1] or "400"
            yield "font-size", font[2]
            yield "font-family", font[3].replace('"', "'").replace("'Inter V'", "Inter")
        elif name in KEPT and value != "inherit":
            yield name, value.removesuffix("px")


@lru_cache(maxsize=1)
def _sheet() -> str:
    return re.sub(r"/\*.*?\*/", "", SHEET.read_text(), flags=re.DOTALL)


@lru_cache(maxsize=1)
def _tokens() -> dict[str, str]:
    root = next(body for _layer, name, body in _blocks(_sheet(), "") if name == ":root")
    return dict(re.findall(r"--([\w-]+):([^;]+)", root))


def _resolved(value: str) -> str:
    while "var(" in value:
        value = re.sub(r"var\(--([\w-]+)\)", lambda found: _tokens()[found[1]], value)
    return re.sub(r"light-dark\(([^,()]+),[^()]+\)", r"\1", value)


def _blocks(css: str, layer: str) -> Iterator[tuple[str, str, str]]:
    """Yield layer, selectors and body of each rule; what holds under a condition is left out."""
    at = 0
    while (begin := css.find("{", at)) >= 0:
        end, depth = begin + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        head = css[at:begin].rsplit(";", 1)[-1].strip()
        body, at = css[begin + 1 : end - 1], end
        if head.startswith("@layer "):
            yield from _blocks(body, head.removeprefix("@layer "))
        elif not head.startswith("@"):
            yield layer, head, body
