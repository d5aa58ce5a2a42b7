"""The head leads to a few pages, the foot to all of them."""

from django.urls import get_resolver

from tests.dashboard.pages.reading import Page, read

DAY = "as_of=2026-11-22"
# Pages of one thing, files, and what a form leads to: other pages lead there.
ELSEWHERE = {
    *("project", "state", "sector", "figure", "decision", "source", "data_table", "data_file"),
    *("data_template", "calls-feed", "reactions-feed", "changes-feed", "theme"),
    *("exposure_file", "scenario", "scenario_file", "pace_file", "forecast_file", "record_file"),
    *("what-if-file", "investments-file"),
    *("claims_file", "compare_file", "reactions_file", "watch_file"),
}


def part(page: Page, start: str) -> Page:
    return Page(page.html.split(start, 1)[1].split("</nav>", 1)[0])


def test_head_holds_at_most_eight_pages_and_marks_the_present_one(client, register):
    page = read(client, f"/projects/prj-ga-diamond/?{DAY}")
    head = part(page, '<nav class="nav"')
    assert 1 < len(head.links) <= 8
    here = [a["href"] for tag, a in head.elements if tag == "a" and "aria-current" in a]
    assert here == [f"/projects/?{DAY}"]


def test_foot_leads_to_every_page_and_keeps_the_point_in_time(client, register):
    page = read(client, f"/calls/window/?{DAY}&published_by=2026-11-01")
    foot = page.html.split("<footer", 1)[1].split("</footer>")[0]
    links = {address.partition("?")[0] for address in Page(foot).links}
    names = {p.name: str(p.pattern) for p in get_resolver("dashboard.urls").url_patterns}
    others = {name for name in names if name in ELSEWHERE or name.endswith("_chart")}
    assert links == {f"/{names[name]}" for name in names.keys() - others}
    for address in part(page, '<nav class="allpages"').links:
        assert address.endswith(f"?{DAY}&published_by=2026-11-01")
        read(client, address)
    here = [a["href"] for tag, a in Page(foot).elements if tag == "a" and "aria-current" in a]
    assert [address.partition("?")[0] for address in here] == ["/calls/window/"]


def test_foot_speaks_japanese(client, register):
    words = Page(read(client, f"/ja/?{DAY}").html.split("<footer", 1)[1]).words
    for heading in ("コミットメント", "根拠", "変更の履歴", "再利用"):
        assert heading in words


def test_every_page_leads_to_what_changed_and_to_the_data_at_its_point(client, register):
    links = read(client, "/projects/?as_of=2026-02-28").links
    assert "/changes/?as_of=2026-02-28" in links
    assert "/data/?as_of=2026-02-28" in links
