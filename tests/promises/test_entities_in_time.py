"""Things are on record from the posting that named them: lists and pages obey the point."""

from datetime import timedelta

import pytest

from commitments.models import Document, Revision
from tests.builders import BASE, EVIDENCE, make_register, record
from tests.dashboard.api.test_answers import get
from tests.dashboard.pages.reading import read
from tests.dashboard.pages.test_sources import slugs

pytestmark = pytest.mark.django_db
LISTS = ("commitments", "documents", "institutions", "instruments", "sectors")


def before_the_load() -> str:
    first = Revision.objects.order_by("number").values_list("recorded_at", flat=True)[0]
    return (first - timedelta(seconds=1)).isoformat()


def dated(slug: str, day: str | None, precision: str) -> dict:
    return {**BASE["document"][0], "slug": slug, "date": day, "date_precision": precision}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_things_are_empty_before_the_first_revision(client, name):
    make_register()
    assert get(client, f"{name}/", known_at=before_the_load())["results"] == []
    assert get(client, f"{name}/")["results"] != []


def test_a_thing_is_on_record_from_the_revision_that_named_it(client):
    make_register()
    record({"document": [dated("doc-later", "2025-10-01", "day")]})
    first = Revision.objects.get(number=1).recorded_at.isoformat()
    found = get(client, "documents/", known_at=first)["results"]
    assert {document["slug"] for document in found} == {"doc-test", *EVIDENCE}
    assert client.get("/api/v1/documents/doc-later/", {"known_at": first}).status_code == 404
    page = client.get("/sources/doc-later/", {"known_at": first})
    assert page.status_code == 200
    assert "<h1>This document is not on record yet</h1>" in page.content.decode()


def test_a_relabelled_thing_keeps_the_revision_that_named_it():
    make_register()
    record({"document": [{**BASE["document"][0], "title": "Another title"}]})
    document = Document.objects.get(slug="doc-test")
    assert (document.title, document.revision_id) == ("Another title", 1)


def test_documents_obey_the_last_day_they_can_have_been_public(client):
    make_register()
    papers = [
        dated("doc-day", "2025-10-31", "day"),
        dated("doc-week", "2025-10-25", "week"),
        dated("doc-month", "2025-10-03", "month"),
        dated("doc-year", "2025-01-01", "year"),
        dated("doc-undated", None, "undated"),
    ]
    record({"document": papers})

    def public_by(day: str) -> list[str]:
        answer = get(client, "documents/", published_by=day)
        assert answer["meta"]["undated_dropped"] == 1
        page = read(client, f"/sources/?published_by={day}")
        assert "1 undated document is left out." in page.words
        found = [document["slug"] for document in answer["results"]]
        assert sorted(slugs(page)) == sorted(found)
        return [slug for slug in found if slug not in EVIDENCE]

    assert public_by("2025-10-30") == ["doc-test"]
    assert public_by("2025-10-31") == ["doc-day", "doc-month", "doc-test", "doc-week"]
    assert public_by("2025-12-31") == ["doc-day", "doc-month", "doc-test", "doc-week", "doc-year"]


def test_sources_say_that_nothing_was_recorded_yet(client):
    make_register()
    page = read(client, f"/sources/?known_at={before_the_load().replace('+', '%2B')}")
    assert "The register held nothing at that moment." in page.words
