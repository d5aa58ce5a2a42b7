"""The pages in a real browser: accessibility, policy, width, and life without script."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from commitments.models import Commitment, Document
from commitments.services.cases import approve_case, draft_case, submit_case
from commitments.services.loading import load_register
from projects.models import Project
from projects.services.decision_records import decision_changes
from projects.services.decisions import ProjectDecision
from tests.browser.conftest import Window
from tests.desk import make_people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

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
    "/returns/",
    "/returns/?amount=300000000&distributions=2027-09-15+50000000",
    "/calls/window/?notice=2026-12-01",
    "/money/",
    "/forecast/",
    "/pace/",
    "/scenarios/",
    "/tariffs/",
    "/tariffs/suppose/?suppose=decline&project=prj-tx-gulflink",
    "/watch/",
    "/reactions/",
    "/reactions/?side=japan&q=nothing",
    "/compare/",
    "/claims/",
    "/claims/?verdict=overstated",
    "/changes/",
    "/changes/?from=2026-01-31&to=2026-02-28",
    "/decisions/",
    "/corrections/",
    "/data/",
    "/data/claim/",
    "/report/",
    "/report/?page=/projects/",
    "/projects/?no-such=1",
    "/nowhere/",
    "/glossary/",
    "/method/",
    "/api/",
    "/licence/",
    "/accessibility/",
    "/?commitment=korea-us-2025",
    "/?known_at=2020-01-01",
)
ILLUSTRATIVE = "?commitment=illustrative-us-2025"
ILLUSTRATIVE_PAGES = tuple(
    path + ILLUSTRATIVE
    for path in (
        "/",
        "/projects/",
        "/money/",
        "/calls/",
        "/corrections/",
        "/figures/funded_usd/",
        "/watch/",
        "/changes/",
    )
)
LANGUAGES = ("", "/ja")


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


def test_no_page_breaks_a_rule_of_accessibility_or_the_policy_or_scrolls_sideways(browser, site):
    window = Window(browser, site)
    window.open("/decisions/")
    decision = window.page.get_attribute("main a[href*='/decisions/']", "href")
    found = [
        line
        for path in (*PAGES, *ILLUSTRATIVE_PAGES, decision)
        for language in LANGUAGES
        for line in window.looked_over(language + path)
    ]
    assert found == []
    refused = ("400 (Bad Request)", "404 (Not Found)")  # as asked: an error has a page too
    assert [c for c in window.complaints if not c.endswith(refused)] == []


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
