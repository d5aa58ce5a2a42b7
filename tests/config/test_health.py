"""Probes come by address, with whatever host; everything else must name a host of ours."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_answers_whatever_the_host_and_without_tls(settings, path):
    settings.ALLOWED_HOSTS = ["register.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    answer = Client().get(path, headers={"host": "127.0.0.1:8000"})
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"]


@pytest.mark.django_db
def test_readyz_reports_the_jobs_that_wait_run_and_were_given_up():
    jobs = {"oldest_pending_seconds": None, "running": 0, "dead": 0}
    assert Client().get("/readyz").json()["jobs"] == jobs


@pytest.mark.django_db
def test_pages_refuse_a_host_that_is_not_ours(settings):
    settings.ALLOWED_HOSTS = ["register.example.org"]
    answer = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400


def test_readyz_says_when_the_database_is_not_reached(settings, monkeypatch):
    from django.db import DatabaseError

    from dashboard import health

    def refuse(_connection):
        raise DatabaseError

    monkeypatch.setattr(health, "MigrationExecutor", refuse)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "not reached"
    assert Client().get("/livez").status_code == 200
