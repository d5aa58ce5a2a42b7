"""A walk over every address as everybody: exactly what one table declares."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from commitments.models import Revision
from commitments.services.cases import draft_case
from commitments.services.intake import add_address
from commitments.services.roles import ROLES
from projects.services.imports import upload_file
from tests.dashboard.test_admin_permissions import make_case
from tests.desk import load_small_register, make_changes, make_people

pytestmark = pytest.mark.django_db

IDENTITIES = ("anonymous", *ROLES)
ENTERING, EVERY_ROLE = {"editor", "administrator"}, set(ROLES)
OWN = {"editor"}  # the case and the file below are the editor's
DECIDING = {"approver"}

# Who may take each step of the desk, and who may look at each of its own pages; all others
# are refused. A page of a model that Django names itself is walked in test_admin_permissions.
STEPS = {
    "approvalcase_submit": OWN,
    "approvalcase_approve": DECIDING,
    "approvalcase_return": DECIDING,
    "approvalcase_withdraw": OWN,
    "approvalcase_force": set(),  # an administrator, in a case of their own
    "approvalcase_remove_line": OWN,
    "importbatch_confirm": OWN,
    "intakeitem_take": ENTERING,
    "intakeitem_dismiss": ENTERING,
    "revision_take_back": ENTERING,
}
PAGES = {
    "approvalcase_new": ENTERING,
    "approvalcase_edit": OWN,
    "approvalcase_words": OWN,
    "approvalcase_line": OWN,
    "approvalcase_edit_line": OWN,
}
OF_DJANGO = {  # open to every role; who is not signed in is sent to the door
    "index": EVERY_ROLE,
    "app_list": EVERY_ROLE,
    "password_change": EVERY_ROLE,
    "password_change_done": EVERY_ROLE,
    "jsi18n": EVERY_ROLE,
}
# Taking a POST from anybody: a calculator, a report of an error, a what-if, a choice of theme.
FORMS = {"report", "scenarios", "suppose"}
OPEN_POSTS = {"waterfall", "theme", "set_language"} | FORMS


def routes(patterns=None, prefix="", space=""):
    """Every address of the product as (name, route), with its namespace."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, route, inner)
        else:
            yield f"{space}{pattern.name}", route


NAMES = dict(routes())
ADMIN = {n.removeprefix("admin:") for n in NAMES if n.startswith("admin:")}
PUBLIC = {n: route for n, route in NAMES.items() if not n.startswith("admin:")}


@pytest.fixture
def clients(roles_at_the_desk):
    found = {"anonymous": Client()}
    for person in roles_at_the_desk:
        found[person.username] = Client()
        found[person.username].force_login(person)
    return found


@pytest.fixture
def roles_at_the_desk():
    load_small_register()
    return make_people(*ROLES)


def test_every_address_of_the_admin_is_declared_here_or_named_by_django():
    named = re.compile(r".*_(changelist|add|change|history|delete)$")
    own = {n for n in ADMIN if not named.match(n)} - {"None"}
    ways_in = {"login", "logout", "autocomplete", "view_on_site", "auth_user_password_change"}
    declared = {f"commitments_{n}" for n in STEPS.keys() | PAGES.keys()} | OF_DJANGO.keys()
    assert own - ways_in == declared - (declared - own)
    assert declared <= ADMIN


def place(name):
    """The address of a step or page of the desk, on records made for it, and what to post."""
    editor = User.objects.get(username="editor")
    if name.startswith("approvalcase"):
        waits = name in ("approvalcase_approve", "approvalcase_return", "approvalcase_withdraw")
        case = make_case() if waits else draft_case(make_changes(), title="Port", actor=editor)
        given = {
            "approvalcase_new": [],
            "approvalcase_line": [case.pk, "claim"],
            "approvalcase_edit_line": [case.pk, 1],
            "approvalcase_remove_line": [case.pk, 1],
        }.get(name, [case.pk])
        return given, {"version": case.version, "reason": "because"}
    if name.startswith("importbatch"):
        batch = upload_file("claim", "c.csv", b"ref\n", actor=editor, now=datetime.now(UTC))
        return [batch.pk], {}
    if name.startswith("intakeitem"):
        item = add_address(url="https://example.org/a", text="", actor=editor)
        return [item.pk], {"reason": "because"}
    return [Revision.objects.latest("number").pk], {"reason": "because"}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_each_identity_takes_exactly_the_declared_steps(clients, identity):
    found = {}
    for name, allowed in STEPS.items():
        with transaction.atomic():
            given, data = place(name)
            address = reverse(f"admin:commitments_{name}", args=given)
            found[name] = refused(clients[identity].post(address, data)), identity in allowed
            transaction.set_rollback(True)
    assert {name: pair for name, pair in found.items() if pair[0] is pair[1]} == {}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_each_identity_opens_exactly_the_declared_pages_of_the_desk(clients, identity):
    found = {}
    for name, allowed in PAGES.items():
        with transaction.atomic():
            given, _ = place(name)
            address = reverse(f"admin:commitments_{name}", args=given)
            found[name] = refused(clients[identity].get(address)), identity in allowed
            transaction.set_rollback(True)
    for name, allowed in OF_DJANGO.items():
        given = ["commitments"] if name == "app_list" else []
        address = reverse(f"admin:{name}", args=given)
        found[name] = refused(clients[identity].get(address)), identity in allowed
    assert {name: pair for name, pair in found.items() if pair[0] is pair[1]} == {}


def refused(response):
    """True when the person is told no, finds nothing (another's draft), or is sent to sign in."""
    sent_to_sign_in = response.status_code == 302 and "/login/" in response.url
    assert response.status_code < 500
    return sent_to_sign_in or response.status_code in (403, 404)


def sample(route):
    """An address of a route, with names of the small register where it wants some."""
    address = route
    for wanted, given in (
        ("<str:key>", "japan-us-2025"),
        ("<slug:key>", "target_usd"),
        ("<slug:slug>", "energy"),
        ("<str:code>", "OH"),
        ("<slug:kind>", "claim"),
        ("<slug:chart>", "path"),
        ("<slug:suffix>", "svg"),
        (r"(?P<kind>\w{1,40})", "claim"),
        (r"(?P<keys>[^/]{1,99})", "0"),
        (r"(?P<suffix>csv|xlsx)", "csv"),
    ):
        address = address.replace(wanted, given)
    return "/" + address.replace("^", "").replace("$", "").replace("\\", "")


@pytest.mark.parametrize("identity", IDENTITIES)
def test_pages_and_api_are_open_to_everybody_and_take_no_writing(clients, identity):
    client, wrong = clients[identity], {}
    for name, route in PUBLIC.items():
        address = sample(route)
        read = client.get(address)
        if (refused(read) and read.status_code != 404) or (read.status_code == 405) != (
            name in OPEN_POSTS - FORMS
        ):
            wrong[f"GET {address}"] = read.status_code
        for method in ("post", "put", "patch", "delete"):
            if method == "post" and name in OPEN_POSTS:
                continue
            status = getattr(client, method)(address).status_code
            if status not in (403, 404, 405):
                wrong[f"{method} {address}"] = status
    assert wrong == {}
