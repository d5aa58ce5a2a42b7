"""The pages in a real browser: accessibility, policy, width, and life without script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from commitments.services.loading import load_register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "/",
    "/projects/",
    "/projects/?stage=selected&q=nothing",
    "/projects/prj-oh-portsmouth-gas/",
    "/sectors/energy/",
    "/states/TX/",
    "/figures/",
    "/figures/selected_usd/",
    "/sources/",
    "/sources/doc-mou-2025-09-04/",
    "/calls/",
    "/calls/?reading=latest&calendar=fed",
    "/calls/window/",
    "/calls/window/?notice=2026-12-01",
    "/glossary/",
    "/method/",
    "/api/",
    "/licence/",
    "/?commitment=korea-us-2025",
    "/?known_at=2020-01-01",
)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


class Window:
    """A browser window that remembers every complaint."""

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        self.base, self.complaints = base, []
        context = browser.new_context(**options)
        context.add_init_script(WATCH)
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path, wait_until="load")
        self.complaints += self.page.evaluate("window.violations || []")

    def axe(self) -> list[str]:
        """What axe finds wrong, one line a rule and element."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [
            f"{self.page.url} {v['id']}: {node['target']} {node['failureSummary']}"
            for v in found["violations"]
            for node in v["nodes"]
        ]


@pytest.fixture
def site(live_server: Any, transactional_db: None) -> str:
    """The address of the running product with the shipped facts."""
    load_register(Path(settings.BASE_DIR) / "fixtures" / "register", reason="test")
    return live_server.url


@pytest.fixture
def browser(site: str, chromium_path: str) -> Iterator[Browser]:
    """A browser that opens after the database is filled and closes before it is emptied."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


def test_no_page_breaks_a_rule_of_accessibility_or_the_policy(browser, site):
    findings: list[str] = []
    for scheme, width in (("light", 1280), ("dark", 390)):
        window = Window(
            browser, site, color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        for path in PAGES:
            for language in ("", "/ja"):
                window.open(language + path)
                findings += window.axe()
        findings += window.complaints
    assert findings == []


def test_no_page_scrolls_sideways(browser, site):
    wide = []
    for width in (320, 390, 768, 1280):
        window = Window(browser, site, viewport={"width": width, "height": 900})
        for path in PAGES:
            for language in ("", "/ja"):
                window.open(language + path)
                over = window.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if over > 0:
                    wide.append(f"{language}{path} at {width}: {over} px too wide")
    assert wide == []


def test_the_first_page_reads_the_same_without_script(browser, site):
    texts = []
    for enabled in (True, False):
        window = Window(browser, site, java_script_enabled=enabled)
        window.page.goto(site + "/?as_of=2026-11-22")
        texts.append(window.page.inner_text("main"))
    assert texts[0] == texts[1]
    assert "No payment of the $550 billion is on record" in texts[0].replace("\n", " ")


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
