"""What a hostile or mistaken address asks of the desk is refused in words, by name."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.desk import approval_form, load_small_register, make_people

pytestmark = pytest.mark.django_db
LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
]
SEARCHED = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model, options in admin.site._registry.items()
    if options.search_fields
]
CLAIMS = "/admin/commitments/claim/"


@pytest.fixture
def client():
    load_small_register()
    found = Client()
    found.force_login(make_people("administrator")[0])
    return found


def said(answer):
    return answer.content.decode()


def test_a_search_too_long_is_refused_on_every_list(client):
    asked = [client.get(address, {"q": "word " * 3000}) for address in SEARCHED]

    assert len(asked) > 40
    for answer in asked:
        assert answer.status_code == 400
        assert "q: holds more than 100 characters or 8 words" in said(answer)


def test_a_search_too_long_is_refused_where_a_field_completes_what_is_typed(client):
    field = {"app_label": "projects", "model_name": "stageevent", "field_name": "project"}
    answer = client.get("/admin/autocomplete/", {**field, "term": "word " * 3000})

    assert answer.status_code == 400
    assert "term: holds more than 100 characters or 8 words" in said(answer)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("nosuch=1", "nosuch"),
        ("rank__exact=xx", "rank__exact"),
        ("rank__exact=1&nosuch=1&id__exact=abc", "nosuch, id__exact"),
        ("pk__in=1,x", "pk__in"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named_and_not_dropped(client, query, names):
    answer = client.get(f"{CLAIMS}?{query}")

    assert answer.status_code == 400
    assert f"{names}: cannot be used to filter this list" in said(answer)
    assert f'href="{CLAIMS}"' in said(answer)


def test_every_list_refuses_an_unknown_filter_and_takes_a_page_that_is_not_there(client):
    for address in LISTS:
        assert client.get(address, {"nosuch": "1"}).status_code == 400, address
        assert client.get(address, {"p": 10**6}).status_code in (200, 400), address


def test_what_is_not_there_is_not_found_on_any_page_of_the_desk(client):
    for key in ("9" * 30, str(2**63), "-1", "abc", "%00", "x" * 3000):
        for page in ("change", "history"):
            for address in (CLAIMS, "/admin/commitments/approvalcase/", "/admin/auth/user/"):
                answer = client.get(f"{address}{key}/{page}/", follow=True)
                missing = answer.status_code == 404 or answer.request["PATH_INFO"] == "/admin/"
                assert missing, f"{address}{key}/{page}/"


@pytest.mark.parametrize(
    "away", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(away):
    make_people("editor")
    given = {"username": "editor", "password": "editor-pass-phrase", "next": away}

    answer = Client().post("/admin/login/", given)

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("row", ["9" * 30, "abc", "\x00", "-1", "١"])
@pytest.mark.parametrize(
    ("address", "action"),
    [(CLAIMS, "propose_withdrawal"), ("/admin/projects/ledgerentry/", "propose_reversal")],
)
def test_what_is_ticked_and_is_no_row_is_refused(client, address, action, row):
    given = {"action": action, "_selected_action": [row], "index": "0"}

    answer = client.post(address, given)

    assert answer.status_code == 400
    assert "rows: what is ticked is no row of this list" in said(answer)


@pytest.mark.parametrize("choice", ["9" * 30, "abc", "-1"])
@pytest.mark.parametrize("field", ["project", "document"])
def test_a_choice_that_is_no_row_is_told_beside_its_field(client, field, choice):
    given = approval_form(**{field: choice})

    answer = client.post("/admin/commitments/approvalcase/add/", {**given, "_draft": "1"})

    assert answer.status_code == 422
    assert "That choice is not one of the available choices." in said(answer)


@pytest.mark.parametrize("step", ["take", "dismiss"])
def test_an_item_that_is_not_there_is_not_found(client, step):
    for key in (2**63 - 1, 2**63, "9" * 30):
        assert client.post(f"/admin/commitments/intakeitem/{key}/{step}/").status_code == 404


def test_what_is_too_long_or_too_much_is_refused_in_words(client):
    address = "/admin/commitments/approvalcase/add/"
    long = client.post(address, {"who": "x" * 3_000_000})
    many = client.post(address, {f"f{n}": "1" for n in range(1500)})

    assert (long.status_code, many.status_code) == (413, 400)
    assert "What was sent is longer than 2.5 MB; nothing of it was kept." in said(long)
    assert "holds more than 1,000 fields; nothing of it was kept." in said(many)
