"""The desk in a real browser: the whole way of a case, and nothing the policy forbids."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group

from tests.browser.conftest import Window
from tests.desk import load_small_register, make_people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, transactional_db):
    """The running product with a small register, an editor who may also decide, and an approver."""
    load_small_register()
    editor, _approver = make_people("editor", "approver")
    editor.groups.add(Group.objects.get(name="approver"))
    return live_server.url


def enter_selection(editor: Window) -> None:
    editor.open("/admin/commitments/approvalcase/add/")
    editor.choose("project", "Port")
    editor.page.select_option("#id_kind", "selected")
    editor.page.fill("#id_occurred_on", "2026-02-17")
    editor.page.fill("#id_low", "2100000000")
    editor.page.fill("#id_high", "2100000000")
    editor.choose("document", "Fact sheet")
    editor.page.fill("#id_who", "Commerce")
    editor.page.fill("#id_locator", "page 2")
    editor.page.click("input[name=_submit]")
    editor.settle()


def test_a_selection_goes_its_whole_way_and_moves_the_total(browser, site):
    editor, approver = Window(browser, site), Window(browser, site)
    before = datetime.now(UTC)
    editor.sign_in("editor")
    assert "Returned to you" in editor.page.inner_text(".queues")
    enter_selection(editor)
    assert "Submitted; another person decides." in editor.text()
    case = editor.page.url

    assert "You entered this case; another person must decide on it." in editor.text()
    assert editor.page.locator("input[value=Approve]").count() == 0
    editor.page.evaluate(
        "() => { const form = document.querySelector('form[action$=\"/withdraw/\"]');"
        " form.action = form.action.replace('withdraw', 'approve'); form.submit(); }"
    )
    editor.page.wait_for_url("**/approve/")
    assert "You entered this case; another person must decide on it." in editor.text()
    assert "Nothing was changed." in editor.text()
    editor.complaints = [c for c in editor.complaints if "403 (Forbidden)" not in c]

    approver.open("/")
    assert "$33.0–33.3" in approver.page.inner_text("main")
    approver.sign_in("approver")
    approver.page.click(".queues a:has-text('Port')")
    approver.settle()
    assert approver.page.url == case
    read = approver.text()
    for words in ("2,100,000,000.00", "page 2", "Fact sheet", "$33.00–33.30bn", "$35.10–35.40bn"):
        assert words in read
    approver.page.click("input[value=Approve]")
    approver.settle()
    assert "Approved and recorded." in approver.text()

    approver.open("/")
    assert "$35.1–35.4" in approver.page.inner_text("main")
    approver.open(f"/?known_at={before:%Y-%m-%dT%H:%M:%S.%fZ}")
    then = approver.page.inner_text("main")
    assert "$33.0–33.3" in then
    assert "$35.1–35.4" not in then
    approver.open("/figures/selected_usd/")
    rows = approver.page.locator("main tr:has-text('Port')")
    assert "2,100,000,000.00" in rows.first.inner_text()
    assert "Fact sheet" in approver.page.inner_text("main")
    assert editor.complaints + approver.complaints == []
