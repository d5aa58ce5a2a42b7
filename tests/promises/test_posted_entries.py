"""A posted entry is never changed or removed, and its amount is exact: by whatever way it is tried."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from projects.models import LedgerEntry
from tests.builders import make_entry, make_project, make_register, post, record
from tests.desk import make_people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _entry(db):
    make_register()
    record(make_project("prj-1"))
    post([make_entry("prj-1", "900719925474099.27", ref="led-1")])


def unchanged() -> bool:
    return list(LedgerEntry.objects.values_list("ref", "amount_usd")) == [
        ("led-1", Decimal("900719925474099.27"))
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE projects_ledgerentry SET note = 'x'",
        "UPDATE projects_ledgerentry SET amount_usd = amount_usd",
        "DELETE FROM projects_ledgerentry",
        "INSERT INTO projects_ledgerentry SELECT * FROM projects_ledgerentry "
        "WHERE TRUE ON CONFLICT (ref) DO UPDATE SET note = 'x'",
        pytest.param(
            "INSERT OR REPLACE INTO projects_ledgerentry SELECT * FROM projects_ledgerentry",
            marks=pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own verb"),
        ),
        pytest.param(
            "TRUNCATE projects_ledgerentry CASCADE",
            marks=pytest.mark.skipif("connection.vendor == 'sqlite'", reason="has no TRUNCATE"),
        ),
    ],
)
def test_sql_cannot_change_or_remove_an_entry(statement):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
            cursor.execute(statement)
    assert unchanged()


def test_the_orm_cannot_change_or_remove_an_entry():
    entry = LedgerEntry.objects.get()
    entry.note = "x"
    for act in (
        entry.save,
        entry.delete,
        lambda: LedgerEntry.objects.update(note="x"),
        lambda: LedgerEntry.objects.all().delete(),
        lambda: LedgerEntry.objects.bulk_update([entry], ["note"]),
    ):
        with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
            act()
    assert unchanged()


def test_the_api_offers_no_way_to_change_an_entry():
    client, pk = Client(), LedgerEntry.objects.get().pk
    address = f"/api/v1/ledger-entries/{pk}/"
    for verb in ("post", "put", "patch", "delete"):
        answer = getattr(client, verb)(address, {"note": "x"}, content_type="application/json")
        assert answer.status_code in (403, 405), verb
    assert unchanged()


def test_the_admin_offers_no_way_to_change_an_entry():
    [administrator] = make_people("administrator")
    client, pk = Client(), LedgerEntry.objects.get().pk
    client.force_login(administrator)
    change = reverse("admin:projects_ledgerentry_change", args=[pk])
    assert "led-1" in client.get(change).content.decode()
    assert client.post(change, {"note": "x"}).status_code == 403
    delete = reverse("admin:projects_ledgerentry_delete", args=[pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert unchanged()


def test_amounts_past_a_float_sum_exactly_in_a_thousand_rows():
    post([make_entry("prj-1", "12345678901234.57", kind="fee") for _ in range(1000)])
    fees = LedgerEntry.objects.filter(kind="fee")
    assert fees.aggregate(total=Sum("amount_usd"))["total"] == Decimal("12345678901234570.00")
    assert sum(fees.values_list("amount_usd", flat=True)) == Decimal("12345678901234570.00")
    answer = Client().get("/api/v1/ledger-entries/", {"kind": "fee", "page_size": "500"}).json()
    assert {row["amount_usd"] for row in answer["results"]} == {"12345678901234.57"}
