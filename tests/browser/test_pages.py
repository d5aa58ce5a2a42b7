"""Life of a page in a real browser: without script, by keyboard, in either theme."""

import re

import pytest

from tests.browser.conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_first_page_reads_the_same_without_script_and_prints_on_five_sheets(browser, site):
    texts = []
    for enabled in (True, False):
        window = Window(browser, site, java_script_enabled=enabled)
        window.page.goto(site + "/?as_of=2026-11-22")
        texts.append(window.page.inner_text("main"))
    assert texts[0] == texts[1]
    assert "No payment of the $550 billion is on record" in texts[0].replace("\n", " ")
    sheets = window.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 5
    window.page.emulate_media(media="print")
    assert window.page.is_visible("#sources li >> nth=-1")
    assert window.page.is_visible(".ribbon >> text=Not found is not the same as did not happen.")
    sizes = "['.k-none .bar text', '.k-none th'].map(c => document.querySelector(c))"
    said, name = window.page.evaluate(f"{sizes}.map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert said <= name


def test_the_theme_is_kept_by_a_cookie_with_and_without_script(browser, site):
    for enabled in (True, False):
        window = Window(browser, site, java_script_enabled=enabled, color_scheme="light")
        window.page.goto(site + "/glossary/")
        window.page.click("#theme")
        window.page.wait_for_load_state("load")
        window.page.goto(site + "/")
        assert window.page.get_attribute("html", "data-theme") == "dark"


def test_a_figure_opens_its_document_in_place_and_closes_by_escape(browser, site):
    window = Window(browser, site)
    window.open("/?as_of=2026-11-22")
    figure = window.page.locator("a.fig[data-s]").first
    figure.click()
    card = window.page.locator("#prov")
    assert card.is_visible()
    window.page.keyboard.press("Escape")
    assert not card.is_visible()
    assert window.page.evaluate("document.activeElement.className") == "fig"
    assert window.complaints == []


def test_a_chart_is_read_aloud_by_the_arrow_keys(browser, site):
    window = Window(browser, site)
    window.open("/?as_of=2026-11-22")
    window.page.locator("figure.chart .kb").first.focus()
    window.page.keyboard.press("ArrowRight")
    said = window.page.inner_text("#live")
    assert said.startswith("4 Sep 2025: Even pace 0.0")


def test_marks_keep_an_outline_in_forced_colours(browser, site):
    window = Window(browser, site, forced_colors="active")
    window.open("/")
    stroke = window.page.evaluate("getComputedStyle(document.querySelector('.ladder .hx')).stroke")
    assert stroke not in ("none", "rgba(0, 0, 0, 0)")


def test_tables_of_pace_and_returns_fit_a4(browser, site):
    """A4 less its margins is 182 mm wide, 688 CSS pixels."""
    window = Window(browser, site)
    window.page.set_viewport_size({"width": 688, "height": 1000})
    window.page.emulate_media(media="print")
    cut = "[...document.querySelectorAll('.scroll')].filter(t => t.scrollWidth > t.clientWidth + 1)"
    for path in ("/pace/", "/pace/?rung=selected", "/returns/", "/ja/pace/"):
        joint = "&" if "?" in path else "?"
        window.page.goto(f"{site}{path}{joint}commitment=illustrative-us-2025")
        assert window.page.evaluate(f"{cut}.map(t => t.getAttribute('aria-label'))") == [], path


def test_the_amounts_of_the_ladder_stay_in_their_column(browser, site):
    window = Window(browser, site)
    window.page.set_viewport_size({"width": 1280, "height": 900})
    past = """cells => cells.filter(c => {
        const style = getComputedStyle(c), words = document.createRange()
        words.selectNodeContents(c)
        const room = c.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
        return words.getBoundingClientRect().width > room + 1
    }).map(c => c.innerText)"""
    for path in ("/", "/ja/"):
        window.page.goto(f"{site}{path}?commitment=illustrative-us-2025")
        assert window.page.eval_on_selector_all(".ladder.real td.big", past) == [], path


def test_labels_stand_over_their_values_on_a_phone(browser, site):
    window = Window(browser, site)
    window.page.set_viewport_size({"width": 375, "height": 800})
    window.page.goto(f"{site}/returns/?commitment=illustrative-us-2025")
    widths = "[...document.querySelectorAll('.facts.left dd')].map(d => d.offsetWidth)"
    found = window.page.evaluate(widths)
    assert found
    assert min(found) > 300
