"""Every kind of page, looked over in a real browser: what the walks of both languages share."""

from playwright.sync_api import Browser

from tests.browser.conftest import Window

PAGES = (
    "/",
    "/projects/",
    "/projects/?stage=selected&q=nothing",
    "/projects/prj-oh-portsmouth-gas/",
    "/sectors/energy/",
    "/states/TX/",
    "/figures/",
    "/figures/selected_usd/",
    "/figures/selected_share/",
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


def faults_in(browser: Browser, site: str, language: str) -> list[str]:
    """What breaks a rule of accessibility, the policy or the width, on every page of a language."""
    window = Window(browser, site)
    window.open("/decisions/")
    decision = window.page.get_attribute("main a[href*='/decisions/']", "href")
    found = [
        line
        for path in (*PAGES, *ILLUSTRATIVE_PAGES, decision)
        for line in window.looked_over(language + path)
    ]
    refused = ("400 (Bad Request)", "404 (Not Found)")  # as asked: an error has a page too
    return [*found, *(c for c in window.complaints if not c.endswith(refused))]
