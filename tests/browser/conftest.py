"""A browser window that remembers complaints: what every browser test stands on."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from commitments.models import Commitment, Document
from commitments.services.cases import approve_case, draft_case, submit_case
from commitments.services.loading import load_register
from projects.models import Project
from projects.services.decision_records import decision_changes
from projects.services.decisions import ProjectDecision
from tests.desk import make_people

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
COVERED = """() => {
const closed = [...document.querySelectorAll("details:not([open])")]
for (const part of closed) part.open = true
const words = (cell) => {
  const range = document.createRange()
  range.selectNodeContents(cell)
  return range.getBoundingClientRect()
}
const found = [...document.querySelectorAll(".scroll")].flatMap((box) => {
  box.scrollLeft = box.scrollWidth
  const rows = [...box.querySelectorAll("tr")].map((row) => {
    const cells = [...row.children].filter((cell) => cell.offsetWidth)
    const first = cells[0], last = cells.at(-1)
    if (cells.length < 2 || !last.innerText) return 0
    if (getComputedStyle(first).position !== "sticky") return 0
    const edge = Math.max(first.getBoundingClientRect().right, words(first).right)
    return Math.round(edge - words(last).left)
  })
  const most = Math.max(0, ...rows)
  box.scrollLeft = 0
  return most ? [`${box.getAttribute("aria-label")}: ${most} px of the last column`] : []
})
for (const part of closed) part.open = false
return found
}"""
SLOW = "was preloaded using link preload but not used within a few seconds"  # by a busy machine


class Window:
    """A browser window that remembers every complaint."""

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        self.base, self.complaints = base, []
        self.context = browser.new_context(**options)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and SLOW not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path, wait_until="load")
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_load_state("load")
        self.complaints += self.page.evaluate("window.violations || []")

    def sign_in(self, username: str) -> None:
        self.open("/admin/login/?next=/admin/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", f"{username}-pass-phrase")
        self.page.click("input[type=submit]")
        self.settle()

    def choose(self, field: str, text: str) -> None:
        """Choose from an autocomplete as a person does: open, type, take what fits."""
        self.page.click(f".field-{field} .select2-selection")
        self.page.fill(".select2-search__field", text)
        self.page.wait_for_function(
            "text => [...document.querySelectorAll('.select2-results__option')]"
            ".every((option) => option.textContent.includes(text))",
            arg=text,
        )
        self.page.click(f".select2-results__option:has-text('{text}')")

    def text(self) -> str:
        """The words of the page, its blanks joined."""
        return " ".join(self.page.inner_text("body").split())

    def axe(self, *, contrast: bool = True) -> list[str]:
        """What axe finds wrong, one line a rule and element."""
        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(
            "([rules, contrast]) => axe.run(document, {runOnly: {type: 'tag', values: rules},"
            " rules: {'color-contrast': {enabled: contrast}}, resultTypes: ['violations']})",
            [RULES, contrast],
        )
        return [
            f"{self.page.url} {v['id']}: {node['target']} {node['failureSummary']}"
            for v in found["violations"]
            for node in v["nodes"]
        ]

    def looked_over(self, path: str, widths: tuple[int, ...] = (320, 768)) -> list[str]:
        """Open a page once and return what is wrong with it: both themes, each width, on paper.

        Contrast, three quarters of the time, is the theme's and not the language's: it is
        measured in light on pages in English and in dark on those in Japanese.
        """
        found, japanese = [], path.startswith("/ja/")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light", media="screen")
        self.open(path)
        found += [*self.axe(contrast=not japanese), *self._too_wide(path, 1280)]
        self.page.set_viewport_size({"width": 390, "height": 900})
        self.page.emulate_media(color_scheme="dark", media="screen")
        found += [*self.axe(contrast=japanese), *self._too_wide(path, 390)]
        found += self._covered(path, 390)
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            found += [*self._too_wide(path, width), *self._covered(path, width)]
        self.page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
        self.page.emulate_media(media="print")
        return [*found, *self._too_wide(f"{path} on paper", 794)]

    def _too_wide(self, path: str, width: int) -> list[str]:
        over = self.page.evaluate(OVER)
        return [f"{path} at {width}: {over} px too wide"] if over > 0 else []

    def _covered(self, path: str, width: int) -> list[str]:
        """What the first column, which stays in sight, hides of a table scrolled to its end."""
        found = self.page.evaluate(COVERED)
        return [f"{path} at {width}, under the first column of {words}" for words in found]


@pytest.fixture
def site(live_server, transactional_db):
    """The running product with the shipped facts, the illustrative ones and a decided case."""
    load_register(Path(settings.BASE_DIR) / "fixtures" / "register", reason="test")
    call_command("load_illustrative", verbosity=0)
    decide()
    return live_server.url


def decide():
    """Let two people decide on a project, on a day after those the tests below look at."""
    editor, approver = make_people("editor", "approver")
    decision = ProjectDecision(
        commitment=Commitment.objects.get(slug="japan-us-2025"),
        project=Project.objects.get(slug="prj-tn-al-smr"),
        kind="declined",
        occurred_on=date(2026, 11, 24),
        document=Document.objects.get(slug="doc-mou-2025-09-04"),
        who="Commerce",
        rank=1,
        qualifier="not_stated",
        low=None,
        high=None,
        locator="page 2: for this test alone",
    )
    case = draft_case(decision_changes(decision), title="Small reactors", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())


@pytest.fixture
def browser(site: str, chromium_path: str) -> Iterator[Browser]:
    """A browser that opens once the file's own `site` is filled, and closes before it is emptied.

    While it is open the tests touch the product by its pages alone: Playwright
    keeps an event loop in this thread, which Django takes for asynchronous code.
    """
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()
