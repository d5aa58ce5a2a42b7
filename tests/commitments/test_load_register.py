"""Loading the curated files: one revision or none, and a clear report."""

import json
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from commitments.models import AuditEntry, Claim, Document, Revision, Sector, Term
from commitments.services.loading import LoadRefused, load_register
from commitments.services.register import RecordError
from tests.builders import make_register, record

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


def test_an_edited_fact_is_superseded_and_nothing_else(folder, register):
    edit(folder / CLAIMS, lambda rows: rows[0].update(note="read again"))
    report = load(folder)
    ref = Claim.objects.get(revision=2).ref
    assert report.outcome.superseded == [f"claim {ref}"]
    assert report.outcome.added == report.outcome.relabelled == report.outcome.withdrawn == []
    old, new = Claim.objects.filter(ref=ref).order_by("pk")
    assert (new.supersedes, new.root, old.note != new.note) == (old, old, True)


def test_an_edited_label_changes_in_place_and_is_audited(folder, register):
    edit(folder / "sectors.json", lambda rows: rows[0].update(name="Chips"))
    report = load(folder)
    slug = Sector.objects.get(name="Chips").slug
    assert report.outcome.relabelled == [f"sector {slug}"]
    audit = AuditEntry.objects.get(action="relabelled")
    assert (audit.ref, audit.after) == (slug, {"name": "Chips"})
    assert audit.before == {"name": "Semiconductors"}


def test_a_document_with_another_date_supersedes_the_facts_that_rest_on_it(folder, register):
    resting = Claim.objects.filter(document__slug="doc-jiji-2025-10-29").count()

    def move(rows):
        next(r for r in rows if r["slug"] == "doc-jiji-2025-10-29")["date"] = "2025-10-30"

    edit(folder / "documents.json", move)
    report = load(folder)
    assert report.outcome.relabelled == ["document doc-jiji-2025-10-29"]
    assert resting > 0
    assert len([x for x in report.outcome.superseded if x.startswith("claim")]) == resting


def test_a_withdrawn_record_is_a_retraction(folder, register):
    edit(folder / CLAIMS, lambda rows: rows[0].update(withdrawn=True))
    report = load(folder)
    assert len(report.outcome.withdrawn) == 1
    assert Claim.objects.get(revision=2).withdrawn is True


def test_a_record_gone_from_the_file_is_reported_and_kept(folder, register):
    edit(folder / CLAIMS, lambda rows: rows.pop(0))
    report = load(folder)
    assert (len(report.outcome.gone), report.revision) == (1, None)


BAD = [
    ({"document": "doc-nowhere"}, "document", "no document “doc-nowhere”"),
    ({"low": "1.00005"}, "low", "more than 4 decimals"),
    ({"low": "NaN"}, "low", "not a finite number"),
    ({"low": "1e400"}, "low", "too large"),
    *(
        ({"low": text}, "low", f"“{text}” is no plain number like 1234.50")
        for text in ("33_000_000_000", "３３", " 33", "33 ", "1e11", "+5", "5.", ".5")
    ),
    ({"unit": "usd", "low": "-33000000000"}, "low", "must not be below zero"),
    ({"unit": "jpy", "high": "-1"}, "high", "must not be below zero"),
    ({"unit": "percent", "aspect": "share.loan", "low": "-1"}, "low", "not be below zero"),
    ({"stated_on": "20260228"}, "stated_on", "“20260228” is not a day like 2026-02-28"),
    ({"side": "press", "rank": 1}, "rank", "Only a government's or a joint document"),
    ({"side": "press", "rank": 2}, "rank", "not one side's own statement"),
    ({"side": "us", "rank": 3}, "rank", "is of another rank"),
    ({"side": "derived", "rank": 1}, "rank", "and never wins"),
    ({"confidence": "derived"}, "rank", "and never wins"),
    (
        {
            **{"subject": "project:prj-tx-gulflink", "aspect": "amount.selected", "unit": "usd"},
            **{"document": None, "side": "us", "rank": 2, "qualifier": "not_stated"},
        },
        "document",
        "An amount rests on a document, unless it was worked out",
    ),
    ({"rank": "１"}, "rank", "is no plain whole number"),
    ({"document": "doc-openai-2026-08-17", "rank": 1}, "rank", "Only a government's"),
    ({"stated_on": "2026-02-30"}, "stated_on", "invalid date"),
    ({"unit": "euro"}, "unit", "not a valid choice"),
    ({"colour": "blue"}, "colour", "no such field"),
    ({"who": ""}, "who", "cannot be blank"),
    ({"who": ["Commerce"]}, "who", "must be words"),
    ({"who": 5}, "who", "must be words"),
    ({"who": "Com\u202emerce"}, "who", "holds a character nobody sees, U+202E"),
    ({"note": "a\u0000b"}, "note", "holds a character nobody sees, U+0000"),
    ({"stated_on": 20260228}, "stated_on", "must be a day"),
    ({"stated_on": "9999-12-31"}, "stated_on", "outside the years 1900 to 2100"),
    ({"recalled_fields": "low"}, "recalled_fields", "must be a list of words"),
    ({"recalled_fields": [1]}, "recalled_fields", "must be a list of words"),
    ({"low": "2.00", "high": "1.00"}, "high", "high end is below the low end"),
    ({"low": "2.00", "high": "2.00", "qualifier": "more_than"}, "high", "Leave this empty"),
    ({"low": "2.00", "qualifier": "up_to"}, "low", "Leave this empty"),
    (
        {
            **{"subject": "project:prj-tx-gulflink", "aspect": "amount.selected", "unit": "usd"},
            **{"low": "2.00", "side": "us", "rank": 2},
        },
        "high",
        "Enter this end of the amount",
    ),
    ({"unit": "usd", "low": "1.005"}, "low", "“1.005” has more decimals than US dollars: 2"),
    ({"unit": "jpy", "low": "1.5"}, "low", "“1.5” has more decimals than yen: 0"),
]


def test_bad_records_load_nothing_and_are_each_named(folder):
    def spoil(rows):
        sound = {**rows[0], "low": None, "high": None}
        rows += [{**sound, "ref": f"clm-bad-{n}", **change} for n, (change, *_) in enumerate(BAD)]

    edit(folder / CLAIMS, spoil)
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    found = {refusal.ref: refusal for refusal in refused.value.refusals}
    assert len(refused.value.refusals) == len(found) == len(BAD)
    for n, (change, field, words) in enumerate(BAD):
        refusal = found[f"clm-bad-{n}"]
        assert (refusal.kind, refusal.field) == ("claim", field), change
        assert words in refusal.message, change
    assert Revision.objects.count() == Document.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subject": "project:nope"}, "no project “nope”"),
        ({"subject": "planet:mars"}, "is not a kind of record and a key"),
        ({"subject": "everything"}, "is not a kind of record and a key"),
    ],
)
def test_a_claim_about_nothing_on_record_loads_nothing(folder, change, words):
    edit(folder / CLAIMS, lambda rows: rows[0].update(change))
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    (refusal,) = refused.value.refusals
    assert (refusal.kind, refusal.field) == ("claim", "subject")
    assert words in refusal.message
    assert Revision.objects.count() == Document.objects.count() == 0


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        (
            "contradictions.json",
            {"evidence": ["clm-nope"]},
            "no claim, term or document “clm-nope”",
        ),
        ("contradictions.json", {"evidence": None}, "cannot be null"),
        ("claims.json", {"against": ["claim:clm-nope"]}, "no claim “clm-nope”"),
        ("claims.json", {"against": ["measure:gen-nope"]}, "gen-nope"),
        ("claims.json", {"against": ["figure:nope"]}, "no claim “nope”"),
        ("claims.json", {"against": ["project:prj-ga-diamond"]}, "is not a kind of record"),
        ("claims.json", {"stands": "overstated"}, "say why it stands so"),
        ("rulings.json", {"claims": ["clm-nope"]}, "no claim “clm-nope”"),
        ("financings.json", {"projects": None}, "must be a list of keys"),
        ("financings.json", {"projects": "prj-tx-gulflink"}, "must be a list of keys"),
        ("financings.json", {"projects": [["x"]]}, "no project “['x']”"),
        ("profiles.json", {"states": "TX"}, "must be a list of words"),
        ("profiles.json", {"capacity_mw": "1.5"}, "must be an integer"),
    ],
)
def test_a_reference_that_leads_nowhere_loads_nothing(folder, file, change, told):
    edit(folder / "japan-us-2025" / file, lambda rows: rows[0].update(change))
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    (refusal,) = refused.value.refusals
    assert refusal.field == next(iter(change))
    assert told in refusal.message
    assert Revision.objects.count() == 0


def test_a_ruling_stands_alone_on_its_figure_and_names_claims_of_it(folder):
    def spoil(rows):
        rows.append({**rows[1], "ref": "rul-second"})
        rows.append({**rows[1], "ref": "rul-of-another", "aspect": "capacity"})
        rows.append({**rows[2], "ref": "rul-of-nothing", "aspect": "capacity", "claims": []})

    edit(folder / "japan-us-2025/rulings.json", spoil)
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    told = {
        "ruling rul-second, aspect: “rul-fin-2026-05-01” rules on amount.signed of "
        "financing:fin-2026-05-01 already: correct that ruling",
        "ruling rul-of-another, claims: “clm-fin-usd” is about amount.signed of "
        "financing:fin-2026-05-01",
        "ruling rul-of-nothing, claims: is required",
    }
    assert told <= set(map(str, refused.value.refusals))
    assert Revision.objects.count() == 0


def test_a_mapping_to_a_sector_that_is_not_there_loads_nothing(folder):
    edit(
        folder / "japan-us-2025/sector_mappings.json",
        lambda rows: rows[0].update(sectors=["chips"]),
    )
    with pytest.raises(LoadRefused, match="1 records refused") as refused:
        load(folder)
    assert str(refused.value.refusals[0]).endswith("sectors: no sector “chips”")


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("reactions.json", {"occurred_on": "2027-05-05"}, "2027-05-05 lies in the future"),
        ("gaps.json", {"looked_on": "2027-05-05"}, "2027-05-05 lies in the future"),
        ("tariffs/levers.json", {"stated_on": "2027-05-05"}, "2027-05-05 lies in the future"),
        ("tariffs/trade.json", {"year": 2099}, "2099 lies in the future"),
    ],
)
def test_what_was_said_or_counted_does_not_lie_in_the_future(folder, file, change, told):
    edit(folder / file, lambda rows: rows[0].update(change))
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    assert [r.message for r in refused.value.refusals] == [told]
    assert Revision.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"kind": "gap"}', "records: must be a list of records"),
        ('{"kind": "gap", "records": null}', "records: must be a list of records"),
        ('{"kind": "gap", "records": {"ref": "x"}}', "records: must be a list of records"),
        ('{"kind": "gap", "records": ["x"]}', "record 1: is not an object of fields"),
        ('{"kind": "gap", "records": [null]}', "record 1: is not an object of fields"),
        ('{"kind": "gap", "records": [{}]}', "record 1: has no ref in words"),
        ('{"kind": "gap", "records": [{"ref": ["x"]}]}', "record 1: has no ref in words"),
        ('{"kind": "gap", "records": [{"ref": "x", "ref": "y"}]}', "“ref” stands twice"),
        ('{"kind": ["gap"], "records": []}', "kind: names no kind of record"),
        ('{"kind": "gap", "records": %s}' % ("[" * 5000), "nested deeper than 20"),
        ("[]", "kind: names no kind of record"),
        ('{"kind": "gap", "records": [], "note": "x"}', "note: no such field of a file"),
    ],
)
def test_a_malformed_file_is_refused_and_named(folder, content, told):
    (folder / "malformed.json").write_text(content)
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    (refusal,) = refused.value.refusals
    assert str(refusal).startswith("file malformed.json, ")
    assert told in str(refusal)
    assert Revision.objects.count() == 0


def test_a_database_refuses_a_range_upside_down_too(folder, register):
    claim = Claim.objects.first()
    upside_down = Claim(
        ref="clm-upside-down",
        revision=claim.revision,
        subject=claim.subject,
        aspect=claim.aspect,
        low=2,
        high=1,
        unit="usd",
        who="nobody",
        rank=1,
    )
    with pytest.raises(IntegrityError, match="claim_low_not_above_high"), transaction.atomic():
        upside_down.save()


@pytest.mark.parametrize(
    ("ref", "change", "field", "words"),
    [
        ("deadline", {"value": {"date": "2029-02-30"}}, "value", "a day like 2029-01-19"),
        ("deadline", {"value": {"date": "2025-09-04"}}, "value", "is not after the start"),
        ("up_to", {"is_default": True}, "is_default", "is the default reading already"),
        ("start", {"value": {"date": "2025-09-20"}}, "document", "it tells of 2025-09-20"),
    ],
)
def test_a_term_that_cannot_be_read_or_does_not_fit_loads_nothing(
    folder, ref, change, field, words
):
    def spoil(rows):
        next(r for r in rows if ref in (r["key"], r.get("reading"))).update(change)

    edit(folder / "japan-us-2025/terms.json", spoil)
    with pytest.raises(LoadRefused) as refused:
        load(folder)
    (refusal,) = refused.value.refusals
    assert (refusal.kind, refusal.field) == ("term", field)
    assert words in refusal.message
    assert Revision.objects.count() == 0


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


def test_an_entity_gone_from_the_files_is_reported_unless_a_case_added_it(folder, register):
    edit(folder / "parties.json", lambda rows: rows.pop(0))
    slug = json.loads((SHIPPED / "parties.json").read_text())["records"][0]["slug"]
    edit(folder / "japan-us-2025/parties.json", lambda rows: rows.clear())
    record({"party": [{"slug": "party-by-case", "name": "Found by a case"}]})
    gone = [line for line in load(folder).outcome.gone if line.startswith("party ")]
    assert gone == [f"party {slug}"]
    added = AuditEntry.objects.filter(kind="party", action="added")
    assert added.get(ref="party-by-case").revision_id == 2
    assert added.get(ref=slug).revision_id == 1


def test_a_file_that_says_what_a_case_corrected_is_unchanged(folder, register):
    content = json.loads((folder / CLAIMS).read_text())["records"][0]
    record({"claim": [{**content, "note": "corrected by a case"}]})
    edit(folder / CLAIMS, lambda rows: rows[0].update(note="corrected by a case"))
    report = load(folder)
    assert (report.revision, report.outcome.superseded) == (None, [])
    assert f"claim {content['ref']}" in report.outcome.unchanged
    assert load(folder).revision is None


def test_a_correction_by_case_is_not_undone_by_the_next_load(folder, register):
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
    count = sum(len(json.loads(p.read_text())["records"]) for p in folder.rglob("*.json"))
    assert count > 1000
    call_command("load_register", str(folder))
    assert f"{count} added, 0 unchanged" in capsys.readouterr().out
    call_command("load_register", str(folder))
    said = capsys.readouterr().out
    assert "no revision needed" in said
    assert "gone from the files stays on record" not in said
    edit(folder / CLAIMS, lambda rows: rows.pop())
    call_command("load_register", str(folder))
    assert 'keep its record and set "withdrawn": true' in capsys.readouterr().out
    edit(folder / CLAIMS, lambda rows: rows[0].update(document="doc-nowhere"))
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("load_register", str(folder))
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("load_register", "/nowhere")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"slug": "party-1", "name": "A"}, {"slug": "party-1", "name": "B"}], "stands twice"),
        ([{"slug": ["party-1"], "name": "A"}], "must be words, and is needed"),
        (["party-1"], "is not an object of fields"),
    ],
)
def test_records_of_a_case_without_a_key_of_their_own_are_refused(rows, told):
    make_register()
    with pytest.raises(RecordError, match=told):
        record({"party": rows})


def test_what_the_compilers_qualified_is_kept_in_words(folder, register):
    notes = {
        **dict(Document.objects.values_list("slug", "note")),
        **dict(Claim.objects.values_list("ref", "note")),
    }
    assert "Title sourced up to “with respect t...”" in notes["doc-mou-2025-09-04"]
    assert "Issuer also given as US Department of Commerce" in notes["doc-fr-2025-17908"]
    assert "An amount reported" in notes["clm-rpt-jdi-amount"]
    for ref in ("clm-sec-energy-t12", "clm-fin-share", "clm-progress"):
        assert "Compiled as sourced; derived here" in notes[ref]
    rule = Term.objects.get(key="exposure_rule")
    assert (rule.confidence, rule.document) == ("derived", None)
