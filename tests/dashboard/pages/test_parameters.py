"""Every page takes the parameters it declares and no others, and says which those are."""

from urllib.parse import quote

import pytest
from django.urls import get_resolver, reverse

from dashboard.pages.parameters import declared
from dashboard.points import POINT_PARAMETERS, state_codes
from tests.builders import BASE, make_project, merged, record
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.rendering
NAMES = {
    "slug": {
        **dict.fromkeys(("project", "project_chart"), "prj-gas"),
        **dict.fromkeys(("sector", "sector_chart"), "energy"),
        "source": "doc-test",
    },
    "code": {"state": "OH", "state_chart": "OH"},
    "key": {"figure": "selected_usd", "decision": "1"},
    "kind": {},
}
CURSOR = "is not a cursor of this list; follow “next”"


@pytest.fixture
def few(db) -> None:
    record(
        merged(
            BASE,
            make_project("prj-gas", low="33000000000", high="33300000000"),
            make_project("prj-mine", low="600000000", high="600000000", sector="metals"),
        )
    )


def pages() -> dict[str, tuple[str, object]]:
    """Every public page by name: its address and its view. The theme is a form, not a page."""
    found = {}
    for pattern in get_resolver("dashboard.urls").url_patterns:
        if pattern.name == "theme":
            continue
        arguments = {
            name: NAMES.get(name, {}).get(pattern.name, {"kind": "claim"}.get(name, "csv"))
            for name in pattern.pattern.regex.groupindex
        }
        found[pattern.name] = (reverse(pattern.name, kwargs=arguments), pattern.callback)
    return found


@pytest.mark.parametrize("name", sorted(pages()))
def test_page_refuses_an_unknown_parameter_and_names_those_it_takes(client, few, name):
    address, view = pages()[name]
    allowed = ", ".join(sorted((*POINT_PARAMETERS, *declared(view))))
    page = read(client, f"{address}?colour=red&as_of=2026-11-01", status=400)
    assert page.section('<p class="error">', "</p>") == (
        f"colour: is not a parameter here; allowed are: {allowed}"
    )
    assert f"{address}?as_of=2026-11-01" in page.links


@pytest.mark.parametrize("name", sorted(pages()))
def test_page_refuses_nul_and_a_parameter_given_twice(client, few, name):
    address, view = pages()[name]
    for parameter in (*POINT_PARAMETERS, *declared(view)):
        nul = read(client, f"{address}?{parameter}=%00", status=400)
        assert nul.section('<p class="error">', "</p>").startswith(f"{parameter}: ")
        assert "\x00" not in nul.html
        twice = read(client, f"{address}?{parameter}=a&{parameter}=b", status=400)
        words = twice.section('<p class="error">', "</p>")
        assert words == f"{parameter}: is given more than once"


@pytest.mark.parametrize(
    ("address", "parameter", "words"),
    [
        ("/projects/?state=ZZ", "state", f"must be one of: {', '.join(state_codes())}"),
        ("/projects/?sector=toys", "sector", "must be one of: energy, metals, not-stated"),
        ("/projects/?instrument=barter", "instrument", "must be one of: equity, loan, not-stated"),
        ("/projects/?after=prj-none", "after", CURSOR),
        ("/projects/?q=a b c d e f g h i", "q", "holds more than 100 characters or 8 words"),
        ("/figures/selected_usd/?state=ZZ", "state", f"must be one of: {', '.join(state_codes())}"),
        ("/figures/selected_usd/?project=prj-none", "project", "“prj-none” is not on record"),
        ("/sources/?side=mars", "side", "must be one of: us, japan, joint, other, press, article"),
        ("/sources/?kind=poem", "kind", "must be one of: fact_sheet"),
        ("/sources/?after=doc-none", "after", CURSOR),
        ("/?as_of=0001-01-01", "as_of", "must lie in the years 1900 to 2100"),
        ("/sources/?published_by=0001-01-01", "published_by", "must lie in the years 1900 to 2100"),
        ("/decisions/?after=x", "after", CURSOR),
        ("/corrections/?after=x", "after", CURSOR),
    ],
)
def test_page_refuses_a_value_it_cannot_use(client, few, address, parameter, words):
    page = read(client, address.replace(" ", "%20"), status=400)
    assert page.section('<p class="error">', "</p>") == f"{parameter}: {words}"


def test_refusals_speak_japanese_on_japanese_pages(client, few):
    for query in ("colour=red", "as_of=2999-01-01", "known_at=x", "commitment=mars", "sort=size"):
        page = read(client, f"/ja/projects/?{query}", status=400)
        words = page.section('<p class="error">', "</p>").partition(": ")[2]
        assert any("぀" <= letter <= "鿿" for letter in words), words


def test_the_form_of_a_refused_page_leads_on(client, few):
    page = read(client, f"/projects/?{quote('x' * 80)}=1&q=gas&y=2", status=400)
    hidden = [a for tag, a in page.elements if tag == "input" and a.get("type") == "hidden"]
    assert [a["name"] for a in hidden if a["name"] not in ("csrfmiddlewaretoken", "next")] == ["q"]
    assert read(client, next(a for a in page.links if a == "/projects/?q=gas")).words


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("/states/oh/?as_of=2026-11-01", "/states/OH/?as_of=2026-11-01"),
        ("/ja/states/Oh/", "/ja/states/OH/"),
        ("/sectors/Energy/", "/sectors/energy/"),
        ("/projects/PRJ-Gas/", "/projects/prj-gas/"),
        ("/figures/Selected_USD/", "/figures/selected_usd/"),
        ("/sources/DOC-test/", "/sources/doc-test/"),
        ("/data/Claim/", "/data/claim/"),
    ],
)
def test_a_name_in_other_letters_leads_to_the_one_on_record(client, few, given, written):
    answer = client.get(given)
    assert (answer.status_code, answer["Location"]) == (301, written)
    assert client.get(written).status_code == 200


def test_a_name_that_is_on_record_in_no_letters_is_not_found(client, few):
    assert client.get("/states/zz/", follow=True).status_code == 404
    assert client.get("/projects/prj-none/").status_code == 404


def test_every_link_of_every_page_is_one_its_page_takes(client, register):
    """What the pages print is what they accept: the first twenty addresses of each."""
    seen: set[str] = set()
    for address in ("/projects/", "/sources/", "/calls/", "/corrections/", "/states/OH/"):
        page = read(client, f"{address}?as_of=2026-11-22")
        seen |= {a for a in page.links if a.startswith("/") and "?" in a and "/api/" not in a}
    kept = sorted(seen, key=lambda a: a.partition("?")[2])[:60]
    assert {a: client.get(a).status_code for a in kept} == dict.fromkeys(kept, 200)
