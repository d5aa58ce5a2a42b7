"""Every table of the register is in the admin, and every list can be searched and narrowed."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from projects.models import Financing, LedgerCheck
from tests.builders import record
from tests.desk import COMMITMENT, load_small_register, make_people

pytestmark = pytest.mark.django_db

# What may stand without a filter, and why.
UNFILTERED = {
    "auth.Group": "there are as many as there are roles",
    "commitments.RevisionHead": "there is one",
}


@pytest.fixture
def administrator():
    load_small_register()
    (person,) = make_people("administrator")
    client = Client()
    client.force_login(person)
    return client


def lists(rf):
    return [
        (model, desk.get_search_fields(rf.get("/")), desk.get_list_filter(rf.get("/")))
        for model, desk in admin.site._registry.items()
    ]


def test_every_list_has_a_search_and_a_filter(rf):
    found = lists(rf)
    assert len(found) > 50
    assert [model._meta.label for model, search, _filters in found if not search] == []
    bare = {model._meta.label for model, _search, filters in found if not filters}
    assert bare == set(UNFILTERED)


def test_every_table_has_a_list_or_stands_on_the_page_of_its_fact(rf):
    tables = {
        model
        for room in ("commitments", "projects", "tariffs", "dashboard")
        for model in apps.get_app_config(room).get_models()
    }
    inside = {inline.model for desk in admin.site._registry.values() for inline in desk.inlines}
    assert {m.__name__ for m in inside} == {"RulingClaim", "FinancingProject", "FinancingProvider"}
    assert tables - inside - set(admin.site._registry) == set()


def test_a_financing_shows_the_projects_and_lenders_it_names(administrator):
    record(
        {
            "institution": [{"slug": "inst-lender", "name": "Lender"}],
            "financing": [
                {
                    "ref": "fin-linked",
                    "commitment": COMMITMENT,
                    "instrument": "loan",
                    "projects": ["prj-gas"],
                    "providers": ["inst-lender"],
                }
            ],
        }
    )
    found = Financing.objects.get(ref="fin-linked")
    page = administrator.get(reverse("admin:projects_financing_change", args=[found.pk]))
    named = [
        str(formset.formset.queryset.get()) for formset in page.context["inline_admin_formsets"]
    ]
    assert named == [str(found.project_links.get()), str(found.provider_links.get())]
    assert b"_links-0-DELETE" not in page.content


def test_every_search_finds_what_it_says_and_answers_what_is_not_there(administrator, rf):
    for model, _search, _filters in lists(rf):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = administrator.get(address, {"q": "no-such-thing"})
        assert page.status_code == 200, address
        assert page.context["cl"].result_count == 0, address


@pytest.mark.parametrize(
    ("address", "found", "narrowed"),
    [
        ("commitments_instrument", "?is_cash__exact=0", {"standby"}),
        ("commitments_sector", "?revision__kind__exact=case", set()),
        ("commitments_party", "?revision__kind__exact=case", set()),
        ("tariffs_tariffcategory", "?revision__kind__exact=case", set()),
    ],
)
def test_a_filter_keeps_what_it_names(administrator, address, found, narrowed):
    record({"instrument": [{"slug": "standby", "name": "Standby", "is_cash": False}]})
    page = administrator.get(reverse(f"admin:{address}_changelist") + found)
    assert {row.slug for row in page.context["cl"].result_list} == narrowed


def test_checks_of_the_ledger_are_told_apart_by_what_they_found(administrator):
    fine = LedgerCheck.objects.create(entries=3, last_sha256="a" * 64)
    broken = LedgerCheck.objects.create(entries=3, first_broken=2, problems=["entry 2"])
    address = reverse("admin:projects_ledgercheck_changelist")
    for query, check in (
        ("?first_broken__isempty=1", fine),
        ("?first_broken__isempty=0", broken),
        ("?q=aaaa", fine),
    ):
        page = administrator.get(address + query)
        assert list(page.context["cl"].result_list) == [check], query
