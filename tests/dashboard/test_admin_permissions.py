"""A walk over every admin address as everybody: exactly the declared permissions."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commitments.models import ApprovalCase, AuditEntry, Claim, ImportBatch, IntakeItem, Job, Ruling
from commitments.services.cases import draft_case, submit_case
from commitments.services.register import Recorder
from commitments.services.revisions import post_revision
from commitments.services.roles import ROLES, ROOMS
from tests.desk import COMMITMENT, load_small_register, make_changes, make_people

pytestmark = pytest.mark.django_db

IDENTITIES = ("anonymous", *ROLES)
OUTSIDE = {
    ("auth", "user"): {
        "administrator": {"changelist", "add", "change", "history"},
    },
    ("auth", "group"): {"administrator": {"changelist", "change", "history"}},
    ("axes", "accessattempt"): {"administrator": {"changelist", "change", "history", "delete"}},
}
READING = {"changelist", "change", "history"}
PAGES = ("changelist", "add", "change", "history", "delete")


def declared(model, identity):
    """The pages of a model that a role may open."""
    label, name = model._meta.app_label, model._meta.model_name
    if identity == "anonymous":
        return set()
    if label not in ROOMS:
        return OUTSIDE[label, name].get(identity, set())
    entered = (ApprovalCase, ImportBatch, IntakeItem, Ruling)
    enters = model in entered and identity in ("editor", "administrator")
    return READING | {"add"} if enters else READING


@pytest.fixture
def clients():
    load_small_register()
    found = {"anonymous": Client()}
    for person in make_people(*ROLES):
        client = Client()
        client.force_login(person)
        found[person.username] = client
    return found


def make_case():
    editor = User.objects.get(username="editor")
    case = draft_case(make_changes(), title="Port", actor=editor)
    return submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())


def make_dead_job(key="progress:x"):
    return Job.objects.create(
        key=key, kind="x", state="dead", attempts=4, available_at=timezone.now(), last_error="boom"
    )


def status(client, model, page):
    label = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    if page in ("changelist", "add"):
        return client.get(reverse(label)).status_code
    obj = model._default_manager.order_by("pk").first()
    if obj is None:
        return None
    return client.get(reverse(label, args=[obj.pk])).status_code


@pytest.mark.parametrize("identity", IDENTITIES)
def test_each_identity_opens_exactly_the_declared_pages(clients, identity):
    make_case()
    make_dead_job()
    wrong = {}
    for model in admin.site._registry:
        for page in PAGES:
            found = status(clients[identity], model, page)
            allowed = page in declared(model, identity)
            wanted = 200 if allowed else (302 if identity == "anonymous" else 403)
            if found not in (None, wanted):
                wrong[f"{model._meta.label} {page}"] = (found, wanted)
    assert wrong == {}


@pytest.mark.parametrize("identity", ["viewer", "editor", "approver", "administrator"])
def test_posting_to_a_fact_changes_nothing(clients, identity):
    claim = Claim.objects.get(ref="clm-gas")
    before = Claim.objects.values().get(pk=claim.pk)
    client = clients[identity]
    change = reverse("admin:commitments_claim_change", args=[claim.pk])
    changelist = reverse("admin:commitments_claim_changelist")

    assert client.post(change, {"who": "somebody else"}).status_code == 403
    assert client.post(reverse("admin:commitments_claim_add"), {}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [claim.pk], "post": "yes"}
    client.post(changelist, delete)
    assert Claim.objects.values().get(pk=claim.pk) == before


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("step", ["submit", "approve", "return", "withdraw"])
def test_steps_of_a_case_by_role(clients, identity, step):
    case = make_case()
    address = reverse(f"admin:commitments_approvalcase_{step}", args=[case.pk])
    data = {"version": case.version, "reason": "because"}

    found = clients[identity].post(address, data)

    case.refresh_from_db()
    if identity == "anonymous":
        assert found.status_code == 302
        assert "/login/" in found.url
        assert case.state == "submitted"
        return
    allowed = {"approver": {"approve", "return"}, "editor": {"withdraw"}}.get(identity, set())
    conflict = identity == "editor" and step == "submit"  # submitted already
    assert found.status_code == (302 if step in allowed else 409 if conflict else 403)
    assert (case.state == "submitted") == (step not in allowed)


@pytest.mark.parametrize("identity", ["viewer", "editor", "approver"])
def test_only_an_administrator_runs_a_dead_job_again(clients, identity):
    job = make_dead_job()
    running = Job.objects.create(
        key="y", kind="x", state="running", attempts=1, available_at=timezone.now()
    )
    changelist = reverse("admin:commitments_job_changelist")
    data = {"action": "run_again", "_selected_action": [job.pk, running.pk]}

    clients[identity].post(changelist, data)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("dead", 4)

    clients["administrator"].post(changelist, data)
    job.refresh_from_db()
    running.refresh_from_db()
    assert (job.state, job.attempts) == ("pending", 0)
    assert (running.state, running.attempts) == ("running", 1)
    assert AuditEntry.objects.get(kind="job").reason == "boom"


def test_roles_hold_exactly_what_the_table_says(clients):
    views = {
        f"{p.content_type.app_label}.{p.codename}"
        for p in Permission.objects.select_related("content_type")
        if p.content_type.app_label in ROOMS and p.codename.startswith("view_")
    }
    for role, wanted in ROLES.items():
        held = {
            f"{p.content_type.app_label}.{p.codename}"
            for p in Group.objects.get(name=role).permissions.select_related("content_type")
        }
        assert held == views | set(wanted[1:]), role


def test_an_administrator_cannot_make_or_change_a_superuser(clients):
    root = User.objects.create_superuser("root", password="root-pass-phrase")
    client = clients["administrator"]
    address = reverse("admin:auth_user_change", args=[root.pk])

    assert client.post(address, {"username": "gone"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.get(password).status_code == 403
    own = User.objects.get(username="administrator")
    form = {"username": "administrator", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    saved = client.post(reverse("admin:auth_user_change", args=[own.pk]), form)
    assert saved.status_code == 302
    own.refresh_from_db()
    assert not own.is_superuser
    assert AuditEntry.objects.get(kind="user").ref == "administrator"


def test_nobody_is_renamed(clients):
    """Decisions name who proposed and approved them, under their hash."""
    editor = User.objects.get(username="editor")
    form = {"username": "another", "first_name": "A", "is_active": "on", "is_staff": "on"}
    address = reverse("admin:auth_user_change", args=[editor.pk])
    assert clients["administrator"].post(address, form).status_code == 302
    editor.refresh_from_db()
    assert (editor.username, editor.first_name) == ("editor", "A")


def more_records():
    """Three more rows of each kind that the lists below show."""
    return {
        "document": [
            {
                "slug": f"doc-{n}",
                "kind": "news",
                "date": "2026-01-01",
                "access": "read",
                "side": "press",
            }
            for n in range(3)
        ],
        "project": [
            {"slug": f"prj-{n}", "commitment": COMMITMENT, "name": f"P{n}"} for n in range(3)
        ],
        "term": [
            {
                "ref": f"t{n}",
                "commitment": COMMITMENT,
                "key": f"k{n}",
                "name": "x",
                "value": {"n": n},
                "document": f"doc-{n}",
            }
            for n in range(3)
        ],
        "claim": [
            {
                "ref": f"c{n}",
                "commitment": COMMITMENT,
                "subject": "commitment:x",
                "aspect": "total",
                "unit": "usd",
                "who": "x",
                "side": "press",
                "rank": 3,
                "document": f"doc-{n}",
            }
            for n in range(3)
        ],
        "stageevent": [
            {
                "ref": f"e{n}",
                "project": f"prj-{n}",
                "kind": "selected",
                "occurred_on": "2026-01-01",
                "document": f"doc-{n}",
            }
            for n in range(3)
        ],
    }


@pytest.mark.parametrize("name", ["claim", "term", "stageevent", "project", "revision", "document"])
def test_queries_of_a_list_do_not_grow_with_its_rows(clients, name, django_assert_num_queries):
    label = "projects" if name in ("stageevent", "project") else "commitments"
    address = reverse(f"admin:{label}_{name}_changelist")
    client = clients["viewer"]
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    with transaction.atomic():
        recorder = Recorder(
            lambda: post_revision(kind="load", actor=None, reason="more"), loading=False
        )
        assert [
            r for kind, rows in more_records().items() for r in recorder.record(kind, rows)
        ] == []

    with django_assert_num_queries(len(few)):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("identity", IDENTITIES)
def test_only_those_who_enter_open_a_case_and_nobody_changes_anothers(clients, identity):
    case, client = make_case(), clients[identity]
    opened = client.get(reverse("admin:commitments_approvalcase_new")).status_code
    line = reverse("admin:commitments_approvalcase_line", args=[case.pk, "claim"])
    taken_out = reverse("admin:commitments_approvalcase_remove_line", args=[case.pk, 1])
    forced = reverse("admin:commitments_approvalcase_force", args=[case.pk])
    data = {"version": case.version, "reason": "because"}

    found = [client.get(line), client.post(taken_out, data), client.post(forced, data)]

    before = case.changes
    case.refresh_from_db()
    assert case.changes == before
    wanted = 302 if identity == "anonymous" else 403
    assert [response.status_code for response in found] == [wanted] * 3
    enters = identity in ("editor", "administrator")
    assert opened == (200 if enters else wanted)
