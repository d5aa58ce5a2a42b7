"""Loading the curated files: one revision or none, and a clear report."""

import json
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from commitments.models import AuditEntry, Claim, Document, Revision, Sector
from commitments.services.loading import LoadRefused, load_register

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "register"
pytestmark = pytest.mark.django_db
CLAIMS = "japan-us-2025/claims.json"


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "register"
    shutil.copytree(SHIPPED, copy)
    return copy


def edit(path: Path, change) -> None:
    content = json.loads(path.read_text())
    change(content["records"])
    path.write_text(json.dumps(content))


def load(folder: Path):
    return load_register(folder, reason="test")


def test_loading_twice_changes_nothing_and_makes_no_revision(folder):
    first, second = load(folder), load(folder)
    assert (first.revision.number, second.revision) == (1, None)
    assert len(first.outcome.added) == len(second.outcome.unchanged)
    assert not second.outcome.changed
    assert Revision.objects.count() == 1


def test_an_edited_fact_is_superseded_and_nothing_else(folder):
    load(folder)
    edit(folder / CLAIMS, lambda rows: rows[0].update(note="read again"))
    report = load(folder)
    ref = Claim.objects.get(revision=2).ref
    assert report.outcome.superseded == [f"claim {ref}"]
    assert report.outcome.added == report.outcome.relabelled == report.outcome.withdrawn == []
    old, new = Claim.objects.filter(ref=ref).order_by("pk")
    assert (new.supersedes, new.root, old.note != new.note) == (old, old, True)


def test_an_edited_label_changes_in_place_and_is_audited(folder):
    load(folder)
    edit(folder / "sectors.json", lambda rows: rows[0].update(name="Chips"))
    report = load(folder)
    slug = Sector.objects.get(name="Chips").slug
    assert report.outcome.relabelled == [f"sector {slug}"]
    audit = AuditEntry.objects.get(action="relabelled")
    assert (audit.ref, audit.after) == (slug, {"name": "Chips"})
    assert audit.before == {"name": "Semiconductors"}


def test_a_document_with_another_date_supersedes_the_facts_that_rest_on_it(folder):
    load(folder)
    resting = Claim.objects.filter(document__slug="doc-jiji-2025-10-29").count()

    def move(rows):
        next(r for r in rows if r["slug"] == "doc-jiji-2025-10-29")["date"] = "2025-10-30"

    edit(folder / "documents.json", move)
    report = load(folder)
    assert report.outcome.relabelled == ["document doc-jiji-2025-10-29"]
    assert resting > 0
    assert len([x for x in report.outcome.superseded if x.startswith("claim")]) == resting


def test_a_withdrawn_record_is_a_retraction(folder):
    load(folder)
    edit(folder / CLAIMS, lambda rows: rows[0].update(withdrawn=True))
    report = load(folder)
    assert len(report.outcome.withdrawn) == 1
    assert Claim.objects.get(revision=2).withdrawn is True


def test_a_record_gone_from_the_file_is_reported_and_kept(folder):
    load(folder)
    edit(folder / CLAIMS, lambda rows: rows.pop(0))
    report = load(folder)
    assert (len(report.outcome.gone), report.revision) == (1, None)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"document": "doc-nowhere"}, "document", "no document “doc-nowhere”"),
        ({"low": "1.00005"}, "low", "more than 4 decimals"),
        ({"low": "NaN"}, "low", "not a finite number"),
        ({"low": "1e400"}, "low", "too large"),
        ({"stated_on": "2026-02-30"}, "stated_on", "invalid date"),
        ({"unit": "euro"}, "unit", "not a valid choice"),
        ({"colour": "blue"}, "colour", "no such field"),
        ({"who": ""}, "who", "cannot be blank"),
    ],
)
def test_a_bad_record_loads_nothing_and_is_named(folder, change, field, words):
    edit(folder / CLAIMS, lambda rows: rows[0].update(change))
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    (refusal,) = refused.value.refusals
    assert (refusal.kind, refusal.field) == ("claim", field)
    assert words in refusal.message
    assert Revision.objects.count() == Document.objects.count() == 0


def test_the_same_record_twice_and_a_broken_file_are_refused(folder):
    edit(folder / CLAIMS, lambda rows: rows.append(dict(rows[0])))
    (folder / "broken.json").write_text("{")
    (folder / "other.json").write_text('{"kind": "colour", "records": []}')
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    told = [str(r) for r in refused.value.refusals]
    assert any("stands twice" in line for line in told)
    assert any("broken.json" in line and "not JSON" in line for line in told)
    assert any("other.json" in line and "names no kind" in line for line in told)


def test_a_correction_by_case_is_not_undone_by_the_next_load(folder):
    from tests.builders import record

    load(folder)
    content = json.loads((folder / CLAIMS).read_text())["records"][0]
    record({"claim": [{**content, "note": "corrected by a case"}]})
    report = load(folder)
    assert report.revision is None
    assert Claim.objects.get(ref=content["ref"], successor=None).note == "corrected by a case"
    edit(folder / CLAIMS, lambda rows: rows[0].update(note="and edited in the file"))
    with pytest.raises(LoadRefused, match="1 records refused") as refused:
        load(folder)
    assert "corrected since by r2" in str(refused.value.refusals[0])


def test_the_command_reports_and_names_what_it_refuses(folder, capsys):
    call_command("load_register", str(folder))
    assert "959 added, 0 unchanged" in capsys.readouterr().out
    call_command("load_register", str(folder))
    assert "no revision needed" in capsys.readouterr().out
    edit(folder / CLAIMS, lambda rows: rows[0].update(document="doc-nowhere"))
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("load_register", str(folder))
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("load_register", "/nowhere")
