"""The illustrative commitment is labelled on every page and in every answer, and in no other."""

import pytest
from django.core.management import call_command

from dashboard.api.resources import RESOURCES

pytestmark = pytest.mark.django_db
SLUG = "illustrative-us-2025"
BANNER = "Illustrative: these figures are fictional."
PAGES = (
    *("/", "/projects/", "/projects/illustrative-gas-power/", "/states/OH/", "/sectors/energy/"),
    *(
        "/money/",
        "/figures/",
        "/figures/funded_usd/",
        "/sources/",
        "/sources/doc-illustrative-receipts-2/",
    ),
    *("/glossary/", "/method/", "/api/", "/licence/"),
)


@pytest.fixture(autouse=True)
def _loaded(register):
    call_command("load_illustrative", verbosity=0)


def test_every_page_of_the_scenario_carries_the_banner(client):
    for address in PAGES:
        page = client.get(address, {"commitment": SLUG})
        assert (address, page.status_code) == (address, 200)
        assert BANNER in page.content.decode(), address


def test_no_page_of_the_real_commitment_names_anything_fictional(client):
    for address in ("/", "/projects/", "/money/", "/sources/", "/figures/funded_usd/"):
        text = client.get(address).content.decode()
        assert BANNER not in text, address
        # the form that chooses a commitment is the one place that offers it
        text = text.replace("Illustrative (fictional)", "").replace(SLUG, "")
        assert "ictional" not in text, address
        assert "illustrative-" not in text, address


def test_every_answer_of_the_scenario_says_so(client):
    addresses = [f"/api/v1/{resource.name}/" for resource in RESOURCES]
    addresses += ["/api/v1/", "/api/v1/metrics/", "/api/v1/metrics/funded_usd/"]
    addresses += ["/api/v1/projects/", "/api/v1/projects/illustrative-gas-power/"]
    for address in addresses:
        meta = client.get(address, {"commitment": SLUG}).json()["meta"]
        assert (address, meta.get("illustrative")) == (address, True)
    progress = client.get(f"/api/v1/commitments/{SLUG}/progress/").json()
    assert progress["meta"]["illustrative"] is True


def test_the_list_of_documents_holds_fictional_ones_only_for_the_scenario(client):
    asked = {"kind": "fictional", "page_size": "100"}
    real = client.get("/api/v1/documents/", asked).json()
    scenario = client.get("/api/v1/documents/", {**asked, "commitment": SLUG}).json()
    assert real["results"] == []
    assert len(scenario["results"]) > 20
    assert "illustrative" not in real["meta"]
