"""The stylesheet and the script: contrast from the tokens, classes, sizes, no other host."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

from tests.dashboard.charts.samples import every_chart, every_row, parse

STATIC = Path(__file__).parents[3] / "dashboard" / "static" / "dashboard"
CSS = (STATIC / "app.css").read_text()
SCRIPT = (STATIC / "app.js").read_text()
TOKEN = re.compile(r"--([a-z0-9-]+):light-dark\((#[0-9a-f]+),(#[0-9a-f]+)\)")
MODES = ("light", "dark")
KB = 1024

Colour = tuple[float, float, float]


def tokens() -> dict[str, dict[str, str]]:
    root = CSS[CSS.index(":root{") : CSS.index("[data-theme=light]")]
    pairs = {name: (light, dark) for name, light, dark in TOKEN.findall(root)}
    return {mode: {name: pair[i] for name, pair in pairs.items()} for i, mode in enumerate(MODES)}


def rgb(colour: str, under: str = "#fff") -> Colour:
    """Return red, green and blue from 0 to 1; a translucent colour is laid over `under`."""
    digits = colour.removeprefix("#")
    if len(digits) in (3, 4):
        digits = "".join(d * 2 for d in digits)
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    if len(digits) == 6:
        return red, green, blue
    alpha = int(digits[6:], 16) / 255
    below = rgb(under)
    return (
        alpha * red + (1 - alpha) * below[0],
        alpha * green + (1 - alpha) * below[1],
        alpha * blue + (1 - alpha) * below[2],
    )


def luminance(colour: Colour) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2, from 1 to 21; `one` lies over `other`."""
    high, low = sorted((luminance(rgb(one, other)), luminance(rgb(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def written(selector: str, property_: str) -> dict[str, str]:
    """Return a colour that a rule writes out, for each mode."""
    found = re.search(
        re.escape(selector)
        + r"\{[^}]*\b"
        + property_
        + r":light-dark\((#[0-9a-f]+),(#[0-9a-f]+)\)",
        CSS,
    )
    assert found, f"{selector} sets no {property_} for both modes"
    return dict(zip(MODES, found.groups(), strict=True))


def test_contrast_agrees_with_the_published_examples():
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#00000080", "#fff") == pytest.approx(contrast("#7f7f7f", "#fff"), rel=0.01)


def test_every_colour_token_has_both_modes():
    assert len(tokens()["light"]) >= 30
    assert tokens()["light"].keys() == tokens()["dark"].keys()


TEXT = [
    *[(ink, ground, 7.5) for ink, ground in product(("ink", "ink-2"), ("bg", "surface"))],
    *[(ink, "sunken", 6.5) for ink in ("ink", "ink-2", "link")],
    *[(ink, ground, 4.5) for ink, ground in product(("ink-3", "link"), ("bg", "surface"))],
    ("brand", "bg", 4.5),
    ("alarm", "bg", 4.5),
    ("brand-ink", "brand", 4.5),
    ("bg", "ink", 4.5),
    ("link", "warn-bg", 4.5),
    ("ink", "warn-bg", 7.5),
    ("alarm", "alarm-bg", 5.15),
    ("warn", "warn-bg", 5.15),
    ("ok", "ok-bg", 5.15),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("ink", "ground", "least"), TEXT)
def test_text_stands_out(ink, ground, least, mode):
    colours = tokens()[mode]
    assert contrast(colours[ink], colours[ground]) >= least


def test_the_palest_grey_is_for_marks_and_never_for_words():
    assert not re.search(r"(?<![a-z-])color:var\(--ink-3\)", CSS)
    assert not re.search(r"text[^{}]*\{[^}]*fill:var\(--ink-3\)", CSS)


MARKS = (
    *product(("st-edge", "st4", "st5", "ink-3", "alarm"), ("bg", "sunken")),
    *product(("brand", "c-loan", "c-guar", "c-eq", "c-other", "rule-strong", "ink-2"), ("bg",)),
    *product(("focus",), ("bg", "surface", "sunken")),
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_that_carry_a_value_stand_out(mark, ground, mode):
    colours = tokens()[mode]
    assert contrast(colours[mark], colours[ground]) >= 3


@pytest.mark.parametrize("mode", MODES)
def test_words_over_areas_stand_out(mode):
    colours, inverse = tokens()[mode], written(".plot .inv", "fill")[mode]
    assert contrast(inverse, colours["c-loan"]) >= 4.5
    assert contrast(inverse, colours["c-eq"]) >= 4.5
    after = written(".after", "fill")[mode]
    assert contrast(colours["ink-2"], after) >= 4.5
    assert contrast(colours["ink"], after) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_circles_on_the_map_stand_out_from_every_state(mode):
    circle = written(".map circle", "fill")[mode]
    ring = written(".map circle.sel", "stroke")[mode]
    for ground in (written(".map path", "fill")[mode], written(".map .has", "fill")[mode]):
        assert contrast(circle, ground) >= 3
        assert contrast(ring, ground) >= 3


def test_older_browsers_get_the_light_values():
    block = CSS[CSS.index("@supports not (color:light-dark(") :]
    given = dict(re.findall(r"--([a-z0-9-]+):(#[0-9a-f]+)", block))
    light = tokens()["light"]
    assert given.items() <= light.items()
    assert {"bg", "ink", "ink-2", "link", "alarm", "brand", "st4", "st5"} <= given.keys()


def test_every_token_used_is_defined():
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", CSS))
    assert used <= set(re.findall(r"--([a-z0-9-]+):", CSS))


def test_every_class_of_a_drawing_is_styled():
    drawn = [*(chart.svg for chart in every_chart().values()), *every_row().values()]
    classes = {
        name
        for drawing in drawn
        for node in parse(drawing).iter()
        for name in node.get("class", "").split()
    }
    assert len(classes) >= 30
    assert [name for name in sorted(classes) if not re.search(rf"\.{name}(?![\w-])", CSS)] == []


def test_a_note_under_a_number_wraps_and_leaves_the_other_columns_their_room():
    assert ".num{text-align:right;white-space:nowrap}" in CSS
    assert ".prj td.num small{white-space:normal}" in CSS


def test_a_line_of_arithmetic_wraps_on_a_phone():
    assert "p.num{white-space:normal}" in CSS


@pytest.mark.parametrize(("name", "kb"), [("app.css", 10), ("app.js", 8)])
def test_files_stay_within_their_budget(name, kb):
    assert len(gzip.compress((STATIC / name).read_bytes(), 9)) <= kb * KB


def test_the_admin_stylesheet_stays_small():
    assert (STATIC / "admin.css").stat().st_size < 4 * KB


def test_fonts_are_shipped_with_their_licences():
    named = sorted(set(re.findall(r"url\(([^)#]+)\)", CSS)))
    assert named == ["fonts/inter-var.woff2", "fonts/source-serif-var.woff2"]
    assert [(STATIC / name).read_bytes()[:4] for name in named] == [b"wOF2", b"wOF2"]
    assert sum((STATIC / name).stat().st_size for name in named) <= 60 * KB
    for licence in ("LICENSE-Inter.txt", "LICENSE-SourceSerif4.txt"):
        assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / licence).read_text().upper()


def test_the_map_is_shipped_with_its_licence():
    charts = STATIC.parents[1] / "charts"
    assert "permission to use" in (charts / "LICENSE-us-atlas.txt").read_text().lower()


@pytest.mark.parametrize("words", ["@import", "http://", "https://", "expression("])
def test_the_stylesheet_asks_no_other_host(words):
    assert words not in CSS


@pytest.mark.parametrize(
    "words", ["http://", "https://", "eval(", "Function(", "innerHTML", "document.write", "import"]
)
def test_the_script_builds_no_code_or_markup_from_text(words):
    assert words not in SCRIPT


@pytest.mark.parametrize("rule", ["@media print", "forced-colors:active", "prefers-reduced-motion"])
def test_the_stylesheet_serves_print_and_preferences(rule):
    assert rule in CSS
