"""A chart to take away: the drawing of the page as one file that stands alone.

Percentages become pixels and classes the literal colours of the stylesheet;
title, legend, source, day and licence are written in the picture. Nothing in it
needs a style, a script, another file or a recent viewer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element as Node

from defusedxml.ElementTree import fromstring

from dashboard.charts.frame import Chart
from dashboard.charts.ladder import hatch
from dashboard.charts.styles import Element, attributes_of, token
from dashboard.charts.svg import Markup, el, join

WIDTH, HEIGHT, EDGE = 1200, 675, 40
ROOM = WIDTH - 2 * EDGE
MOST = 1.75  # times the size on the page: below it 640 pixels are left, where wide labels fit
ACROSS, DOWN = ("x", "x1", "x2", "cx", "width"), ("y", "y1", "y2", "cy", "height")
UNSEEN = frozenset({"hit", "narrowonly"})
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
PIECE = re.compile(rf"\s+|[{WIDE}]|[^\s{WIDE}]+")


@dataclass(frozen=True)
class Surroundings:
    """The words around a chart: above it, its legend as marks with words, and below it."""

    title: str
    subtitle: str
    language: str
    label: str = ""
    legend: Sequence[tuple[Markup, str]] = ()
    foot: Sequence[str] = ()


@dataclass(frozen=True)
class _Place:
    """Where a drawing lies: its lineage for the stylesheet, and its size in pixels."""

    lineage: tuple[Element, ...]
    width: float
    height: float


def picture(chart: Chart, around: Surroundings) -> str:
    """Return the chart as an SVG document of 1200 by 675 pixels, taller where it needs to be."""
    head, top = _head(around)
    foot = [line for words in around.foot for line in lines(words, ROOM, 14)]
    below = 24 + 20 * len(foot) + EDGE - 16
    drawn, height = _drawing(chart, HEIGHT - top - below)
    whole = max(HEIGHT, round(top + height + below))
    first = whole - EDGE - 20 * (len(foot) - 1)
    rule = el("line", x1=EDGE, x2=WIDTH - EDGE, y1=first - 26, y2=first - 26, stroke=token("rule"))
    body = [
        el("title", around.title),
        el("desc", chart.description),
        el("rect", width=WIDTH, height=whole, fill=token("bg")),
        el("defs", _pattern()),
        *head,
        el("g", drawn, transform=f"translate({EDGE} {top})"),
        rule if foot else None,
        *(_line(words, first + 20 * n, 14, "ink-2") for n, words in enumerate(foot)),
    ]
    words = attributes_of((Element("svg", frozenset({"plot"})), Element("text", frozenset())))
    made = el(
        "svg",
        *body,
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=whole,
        viewBox=f"0 0 {WIDTH} {whole}",
        role="img",
        font_family=words["font-family"],
        **{"xml:lang": around.language},
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{made}\n'


def lines(words: str, room: float, size: float) -> list[str]:
    """Return words broken into lines that fit: between words, and between Japanese letters."""
    found: list[str] = [""]
    for piece in PIECE.findall(words):
        if found[-1] and _width(found[-1] + piece, size) > room:
            found.append("")
        if found[-1] or not piece.isspace():
            found[-1] += piece
    return [line.rstrip() for line in found if line.strip()]


def _width(words: str, size: float) -> float:
    """About how wide words are, on the safe side."""
    return sum(size if re.match(f"[{WIDE}]", letter) else size * 0.56 for letter in words)


def _head(around: Surroundings) -> tuple[list[Markup], float]:
    """What stands above the drawing, and where the drawing begins."""
    made: list[Markup] = []
    y = float(EDGE - 10)
    for words, size, colour, weight in (
        (around.label, 16, "alarm", 650),
        (around.title, 26, "ink", 650),
        (around.subtitle, 17, "ink-2", 400),
    ):
        for line in lines(words, ROOM, size):
            y += size * 1.3
            made.append(_line(line, y, size, colour, weight))
    x = float(EDGE)
    y += 12 if around.legend else 0
    for n, (mark, words) in enumerate(around.legend):
        wide = 24 + _width(words, 15) + 22
        if not n or x + wide > WIDTH - EDGE:
            x, y = float(EDGE), y + 22
        place = _Place((Element("svg", frozenset({"plot"})),), 0, 0)
        shape = el(
            "g", _node(_parsed(mark), place), transform=f"translate({x + 8:.1f} {y - 5:.1f})"
        )
        made += [shape, _line(words, y, 15, "ink-2", x=x + 24)]
        x += wide
    return made, y + 22


def _line(
    words: str, y: float, size: float, colour: str, weight: int = 400, *, x: float = EDGE
) -> Markup:
    return el(
        "text",
        words,
        x=x,
        y=float(y),
        fill=token(colour),
        font_size=size,
        font_weight=weight,
    )


def _pattern() -> Markup | None:
    """The hatching, which the page defines once."""
    (defs,) = _parsed(hatch())
    return _node(defs[0], _Place((), 0, 0))


def _drawing(chart: Chart, room: float) -> tuple[Markup, float]:
    """The drawing at the size that fills the room, and its height; it never shrinks below its own."""
    root = _parsed(chart.svg)
    figure = Element("figure", frozenset({"chart", *chart.kind.split()}))
    lineage = (figure, _element(root))
    if box := root.get("viewBox"):
        left, top, width, height = (float(number) for number in box.split())
        scale = min(ROOM / width, room / height)
        x = (ROOM - width * scale) / 2 - left * scale
        moved = f"translate({x:.2f} {-top * scale:.2f}) scale({scale:.4f})"
        inner = _children(root, _Place(lineage, width, height))
        return el("g", inner, transform=moved), height * scale
    height = float(root.get("height", "0"))
    scale = max(1.0, min(MOST, room / height))
    inner = _children(root, _Place(lineage, ROOM / scale, height))
    return el("g", inner, transform=f"scale({scale:.4f})"), height * scale


def _parsed(drawing: Markup) -> Node:
    found: Node = fromstring(drawing)
    return found


def _element(node: Node) -> Element:
    return Element(node.tag, frozenset(node.get("class", "").split()))


def _children(node: Node, place: _Place) -> Markup:
    return join(_node(child, place) for child in node)


def _node(node: Node, place: _Place) -> Markup | None:
    one = _element(node)
    if node.tag in ("title", "desc") or one.classes & UNSEEN:
        return None
    inside = _Place((*place.lineage, one), place.width, place.height)
    if node.tag == "svg":
        return _nested(node, inside)
    written = {
        name: _pixels(name, value, place)
        for name, value in node.attrib.items()
        if name not in ("class", "data-i")
    }
    given: dict[str, str] = {**written, **attributes_of(inside.lineage)}
    given.pop("font-family", "")  # the document sets it
    if given.pop("paint-order", ""):
        return _haloed(node, given)
    return el(node.tag, node.text, _children(node, inside), **given)


def _haloed(node: Node, given: dict[str, str]) -> Markup:
    """Words over a halo: twice, since older viewers draw the halo over the words."""
    halo = {name: value for name, value in given.items() if name.startswith("stroke")}
    words = {name: value for name, value in given.items() if name not in halo}
    under = {**words, **halo, "fill": halo.get("stroke", "none"), "aria-hidden": "true"}
    if halo.get("stroke", "none") == "none":
        return el("text", node.text, **words)
    return join([el("text", node.text, **under), el("text", node.text, **words)])


def _nested(node: Node, place: _Place) -> Markup:
    """A drawing within: curves on a plane of 1000 by 1000, or a mark around a point."""
    x = _pixels("x", node.get("x", "0"), place)
    y = _pixels("y", node.get("y", "0"), place)
    if node.get("viewBox") is None:
        return el("g", _children(node, place), transform=f"translate({x} {y})")
    width = float(_pixels("width", node.get("width", "100%"), place))
    height = float(_pixels("height", node.get("height", "100%"), place))
    for path in node:
        path.set("d", _scaled(path.get("d", ""), width / 1000, height / 1000))
    return el("g", _children(node, place), transform=f"translate({x} {y})")


def _scaled(d: str, across: float, down: float) -> str:
    def moved(found: re.Match[str]) -> str:
        return f"{float(found[1]) * across:.2f},{float(found[2]) * down:.2f}"

    return re.sub(r"(-?[\d.]+),(-?[\d.]+)", moved, d)


def _pixels(name: str, value: str, place: _Place) -> str:
    if not value.endswith("%") or name not in (*ACROSS, *DOWN):
        return value
    whole = place.width if name in ACROSS else place.height
    return f"{float(value[:-1]) / 100 * whole:.2f}"


def swatches(classes: Iterable[tuple[str, str]]) -> list[tuple[Markup, str]]:
    """Return a legend of coloured squares: the class of each, and its words."""
    return [
        (el("rect", class_=class_, x=-6, y=-6, width=12, height=12), words)
        for class_, words in classes
    ]
