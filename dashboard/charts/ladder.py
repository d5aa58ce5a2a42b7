"""The bars of the ladder: one row a rung, all on the scale of the target."""

from dataclasses import dataclass

from dashboard.charts.svg import Markup, el, percent

FIRM = 0.02  # above this share of the target the firmer tint reads better


@dataclass(frozen=True)
class RungBar:
    """What to draw for one rung, as shares of the target.

    `kind` is "ceiling", "range", "none" or "unknown". `published` is the list
    as published beyond what is open; `words` stand in an empty row.
    """

    kind: str
    low: float = 0
    high: float = 0
    published: float = 0
    words: str = ""


def time_bar(share: float, words: str) -> Markup:
    """Return the first row: the share of time passed, running down as the one red line."""
    share = min(max(share, 0), 1)
    x = percent(share)
    beside = share > 0.7
    return _svg(
        el("rect", class_="track", x=0, y="30%", width="100%", height="40%"),
        el("rect", class_="tmf", x=0, y="30%", width=x, height="40%"),
        el("line", class_="now", x1=x, x2=x, y1="20%", y2="130%"),
        el(
            "text",
            words,
            class_="t-al t-halo e" if beside else "t-al",
            x=percent(share + (-0.012 if beside else 0.012)),
            y="50%",
            dy=4,
        ),
    )


def rung_bar(bar: RungBar, time_share: float | None) -> Markup:
    """Return one rung: solid to low, hatched to high; hatched from 0 for a ceiling.

    Without a time share the row stands outside the line of time.
    """
    now = None if time_share is None else _now(time_share)
    if bar.kind == "unknown":
        line = el("line", class_="unk", x1=0, x2="100%", y1="50%", y2="50%")
        return _svg(line, _words(bar.words, "t-halo gap"))
    if bar.kind == "none":
        line = el("line", class_="zero", x1=0, x2="100%", y1="50%", y2="50%")
        ring = el("circle", class_="ring", cx=5, cy="50%", r=4.5)
        return _svg(line, ring, now, _words(bar.words, "t-halo"))  # words stay readable
    parts = [_block("track", 1)]
    if bar.published > bar.high:
        parts.append(_block("hope", bar.published))
    if bar.high > bar.low or bar.kind == "ceiling":
        parts.append(_block("hx", bar.high))
    if bar.kind == "range" and bar.low > 0:
        parts.append(_block("st4" if bar.low > FIRM else "st5", bar.low))
    return _svg(*parts, now)


def _now(time_share: float) -> Markup:
    x = percent(min(max(time_share, 0), 1))
    return el("line", class_="now", x1=x, x2=x, y1="-30%", y2="130%")


def _block(class_: str, share: float) -> Markup:
    return el(
        "rect", class_=class_, x=0, y="22%", width=percent(min(max(share, 0), 1)), height="56%"
    )


def _words(words: str, class_: str) -> Markup:
    return el("text", words, class_=class_, x=20, y="50%", dy=4)


def _svg(*parts: Markup | None) -> Markup:
    return el("svg", *parts, class_="plot", aria_hidden="true")


def hatch() -> Markup:
    """Return the hatching that every page defines once."""
    line = el("line", class_="hl", x1=0, x2=0, y1=0, y2=6)
    pattern = el(
        "pattern",
        line,
        id="hx",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return el("svg", el("defs", pattern), class_="vh", width=0, height=0, aria_hidden="true")
