"""The desk in a real browser: the whole way of a case, and nothing the policy forbids."""

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.desk import load_small_register, make_people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


class Desk:
    """One person's browser window that remembers every complaint."""

    def __init__(self, browser, base: str) -> None:
        self.base, self.complaints = base, []
        context = browser.new_context()
        context.add_init_script(WATCH)
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_load_state("networkidle")
        self.complaints += self.page.evaluate("window.violations")

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


def test_a_case_goes_its_whole_way_in_the_browser(live_server, settings, chromium_path):
    settings.PRODUCTION = False
    load_small_register()
    make_people("editor", "approver")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        editor, approver = (Desk(browser, live_server.url) for _ in range(2))

        editor.sign_in("editor")
        assert "Returned to you" in editor.page.inner_text(".queues")
        for path in ("commitments/claim/", "projects/stageevent/", "commitments/job/"):
            editor.open(f"/admin/{path}")
        editor.page.goto(f"{live_server.url}/admin/commitments/claim/")
        editor.page.click("#result_list tbody a")
        editor.settle()
        assert "Versions" in editor.page.inner_text("#content-main")

        editor.open("/admin/commitments/approvalcase/add/")
        editor.choose("project", "Port")
        editor.page.select_option("#id_kind", "selected")
        editor.page.fill("#id_occurred_on", "2026-02-17")
        editor.page.fill("#id_low", "2100000000")
        editor.page.fill("#id_high", "2100000000")
        editor.choose("document", "Fact sheet")
        editor.page.fill("#id_who", "Commerce")
        editor.page.fill("#id_locator", "page 2")
        editor.settle()
        editor.page.click("input[name=_submit]")
        editor.settle()
        assert "Submitted; another person decides." in editor.page.inner_text("body")

        approver.sign_in("approver")
        approver.page.click(".queues a:has-text('Port')")
        approver.settle()
        assert "$33.00–33.30bn" in approver.page.inner_text("#content-main")
        approver.page.click("input[value=Approve]")
        approver.settle()
        assert "Approved and recorded." in approver.page.inner_text("body")
        complaints = editor.complaints + approver.complaints
        browser.close()
    assert complaints == []
