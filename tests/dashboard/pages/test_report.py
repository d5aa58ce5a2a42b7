"""A visitor reports an error: kept for the desk, throttled, never a half."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from commitments.models import IntakeItem
from dashboard.throttles import Reports
from tests.builders import make_register
from tests.dashboard.pages.reading import Page

pytestmark = pytest.mark.django_db
GOOD = {"text": "The Texas terminal is 2.1 billion, not 2.2.", "page": "/projects/prj-tx-gulflink/"}


def words_of(answer):
    return Page(answer.content.decode()).words


@pytest.fixture
def client():
    cache.clear()
    make_register()
    return Client()


def test_a_report_is_kept_with_its_page_and_its_contact_unpublished(client):
    answer = client.post("/report/", {**GOOD, "contact": "me@example.org"}, follow=True)

    assert answer.redirect_chain == [("/report/?sent=1", 302)]
    item = IntakeItem.objects.get()
    assert (item.kind, item.state, item.text, item.page, item.contact, item.created_by) == (
        "error", "open", GOOD["text"], GOOD["page"], "me@example.org", None,
    )  # fmt: skip
    assert "An editor reads it" in answer.content.decode()
    assert "me@example.org" not in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": ""}, "This field is required."),
        ({"text": "short"}, "Ensure this value has at least 10 characters (it has 5)."),
        ({"text": "x" * 4001}, "Ensure this value has at most 4000 characters (it has 4001)."),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"url": "ftp://example.org/x"}, "Enter a valid URL."),
    ],
)
def test_a_report_that_cannot_be_used_says_why_beside_the_field(client, change, message):
    answer = client.post("/report/", {**GOOD, **change})

    assert answer.status_code == 422
    assert message in words_of(answer)
    assert IntakeItem.objects.count() == 0


def test_hidden_characters_are_taken_out_and_markup_stays_text(client):
    client.post("/report/", {"text": "a\u202eb\u0007c <script>alert(1)</script> wrong"})
    item = IntakeItem.objects.get()
    assert item.text == "abc <script>alert(1)</script> wrong"


def test_a_nul_is_refused_by_the_name_of_its_field_and_nothing_is_kept(client):
    answer = client.post("/report/", {**GOOD, "text": f"{GOOD['text']}\u0000"})
    assert answer.status_code == 400
    assert "text: holds characters that cannot be used" in words_of(answer)
    assert IntakeItem.objects.count() == 0


def test_the_sixth_report_within_the_hour_waits(client, monkeypatch):
    monkeypatch.setattr(Reports, "THROTTLE_RATES", {"reports": "5/hour"})
    given = [{**GOOD, "text": f"{GOOD['text']} ({n})"} for n in range(6)]
    statuses = [client.post("/report/", one).status_code for one in given]

    assert statuses == [302] * 5 + [429]
    assert IntakeItem.objects.count() == 5
    refused = client.post("/report/", GOOD)
    assert "nothing was kept" in words_of(refused)
    assert 3500 < int(refused["Retry-After"]) <= 3601


def test_every_page_leads_to_the_form_and_names_itself(client):
    page = client.get("/glossary/?as_of=2026-02-28").content.decode()
    assert f"{reverse('report')}?page=/glossary/%3Fas_of%3D2026-02-28" in page
