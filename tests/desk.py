"""A small register and the people at its desk, for tests of cases and the admin."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction

from commitments.models import Commitment, Document, Revision
from commitments.services.register import Recorder, kinds
from commitments.services.revisions import post_revision
from commitments.services.roles import create_person, grant_roles
from projects.metrics import BY_KEY, evaluate
from projects.models import Project
from projects.selectors import CommitmentRecord
from projects.services.decision_records import decision_changes
from projects.services.decisions import ProjectDecision, newest_point
from tests.builders import money_documents

TODAY = date(2026, 11, 24)
COUNTS = ("TOTAL", "INITIAL")
COMMITMENT = "japan-us-2025"
RECORDS: dict[str, list[dict[str, Any]]] = {
    "commitment": [
        {
            "slug": COMMITMENT,
            "name": "Japan",
            "investor": "Japan",
            "investor_code": "JP",
            "is_default": True,
        }
    ],
    "sector": [{"slug": "energy", "name": "Energy"}, {"slug": "metals", "name": "Metals"}],
    "instrument": [{"slug": "loan", "name": "Loan"}],
    "institution": [{"slug": "inst-jbic", "name": "JBIC"}],
    "document": [
        {
            "slug": "doc-fact-sheet",
            "title": "Fact sheet",
            "kind": "fact_sheet",
            "issuer": "Commerce",
            "date": "2026-02-17",
            "access": "read",
            "side": "us",
        },
        {
            "slug": "doc-news",
            "title": "A report",
            "kind": "news",
            "date": "2026-03-01",
            "access": "read",
            "side": "press",
        },
        *money_documents("2026-03-01"),
    ],
    "term": [
        {
            "ref": "term-start",
            "commitment": COMMITMENT,
            "key": "start",
            "name": "Start",
            "value": {"date": "2025-09-04"},
            "effective_on": "2025-09-04",
            "document": "doc-fact-sheet",
        },
        {
            "ref": "term-target",
            "commitment": COMMITMENT,
            "key": "target",
            "name": "Target",
            "value": {"usd": "550000000000.00"},
            "effective_on": "2025-09-04",
            "document": "doc-fact-sheet",
        },
    ],
    "project": [
        {"slug": "prj-gas", "commitment": COMMITMENT, "name": "Gas plant"},
        {"slug": "prj-port", "commitment": COMMITMENT, "name": "Port"},
    ],
    "stageevent": [
        {
            "ref": "prj-gas-selected",
            "project": "prj-gas",
            "kind": "selected",
            "occurred_on": "2026-02-17",
            "document": "doc-fact-sheet",
        },
        {
            "ref": "prj-port-announced",
            "project": "prj-port",
            "kind": "announced_second_batch",
            "occurred_on": "2026-02-10",
            "document": "doc-news",
        },
    ],
    "claim": [
        {
            "ref": "clm-gas",
            "commitment": COMMITMENT,
            "subject": "project:prj-gas",
            "aspect": "amount.selected",
            "low": "33000000000.00",
            "high": "33300000000.00",
            "unit": "usd",
            "who": "Commerce",
            "side": "us",
            "rank": 1,
            "document": "doc-fact-sheet",
        }
    ],
}
WINDOW = {
    "term": [
        {
            "ref": f"term-{key}",
            "commitment": COMMITMENT,
            "key": key,
            "name": key,
            "value": value,
            "effective_on": "2025-09-04",
            "document": "doc-fact-sheet",
        }
        for key, value in (
            ("funding_window", {"business_days": 45}),
            ("calendar", {"calendar": "joint"}),
        )
    ]
}


def load_small_register() -> Revision:
    """Post the records above as one load."""
    with transaction.atomic():
        recorder = Recorder(
            lambda: post_revision(kind=Revision.Kind.LOAD, actor=None, reason="small register"),
            loading=True,
        )
        named = [kind for kind in kinds() if kind in RECORDS]
        refusals = [r for kind in named for r in recorder.record(kind, RECORDS[kind])]
        assert refusals == []
        assert recorder.posted is not None
        return recorder.posted


def make_people(*names: str) -> list[User]:
    """Create people named after their role; `editor_2` is a second editor."""
    grant_roles(apps)
    return [
        create_person(User, name, role=name.split("_")[0], password=f"{name}-pass-phrase")
        for name in names
    ]


def make_decision(**overrides: Any) -> ProjectDecision:
    """A selection of the port at 2.1bn dollars, evidenced by the fact sheet."""
    values: dict[str, Any] = {
        "commitment": Commitment.objects.get(),
        "project": Project.objects.get(slug="prj-port"),
        "kind": "selected",
        "occurred_on": date(2026, 2, 17),
        "document": Document.objects.get(slug="doc-fact-sheet"),
        "who": "Commerce",
        "rank": 1,
        "qualifier": "stated",
        "low": Decimal(2_100_000_000),
        "high": Decimal(2_100_000_000),
        "locator": "page 2: a port of 2.1 billion dollars",
    }
    return ProjectDecision(**{**values, **overrides})


def make_changes(**overrides: Any) -> list[dict[str, Any]]:
    return decision_changes(make_decision(**overrides))


def selected_usd(revision: int | None = None) -> tuple[Decimal | None, Decimal | None]:
    """The selected total, low and high, at the newest or an earlier revision."""
    point = newest_point(TODAY)
    if revision is not None:
        posted = Revision.objects.get(pk=revision)
        point = replace(point, revision=revision, recorded_at=posted.recorded_at)
    figure = evaluate(BY_KEY["selected_usd"], CommitmentRecord(Commitment.objects.get(), point))
    return figure.bounds.low, figure.bounds.high


def approval_form(**overrides: str) -> dict[str, str]:
    """What a browser sends when an editor enters the same selection of the port."""
    return {
        "project": str(Project.objects.get(slug="prj-port").pk),
        "commitment": str(Commitment.objects.get().pk),
        "kind": "selected",
        "occurred_on": "2026-02-17",
        "qualifier": "stated",
        "low": "2100000000",
        "high": "2100000000.00",
        "document": str(Document.objects.get(slug="doc-fact-sheet").pk),
        "new_document_precision": "day",
        "who": "Commerce",
        "rank": "1",
        "locator": "page 2: a port of 2.1 billion dollars",
        **{f"{part}-{count}_FORMS": "0" for part in ("financings", "sources") for count in COUNTS},
        **overrides,
    }


def signing_form(*agreements: dict[str, str], **overrides: str) -> dict[str, str]:
    """What a browser sends for a signing of the gas plant with some agreements."""
    lines = {
        f"financings-{number}-{name}": value
        for number, agreement in enumerate(agreements)
        for name, value in {"cover_status": "not_stated", **agreement}.items()
    }
    return approval_form(
        **{
            "project": str(Project.objects.get(slug="prj-gas").pk),
            "kind": "financing_signed",
            "occurred_on": "2026-03-01",
            "document": str(Document.objects.get(slug="doc-news").pk),
            "rank": "3",
            "financings-TOTAL_FORMS": str(len(agreements)),
            **lines,
            **overrides,
        }
    )
