"""A file at the desk: sent, judged by a job, submitted as one case, approved by another person."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commitments.models import ApprovalCase, Document, ImportBatch, Job, Party, Revision
from commitments.services import jobs
from commitments.services.tables import columns_of
from projects.models import FundingNotice, LedgerEntry
from projects.services import imports
from tests.builders import RECEIPT, evidence_of, make_entry, post, record
from tests.dashboard.pages.reading import Page
from tests.desk import COMMITMENT, RECORDS, WINDOW, load_small_register, make_people

pytestmark = pytest.mark.django_db

PARTY_HEAD = "slug,name,name_ja,illustrative\r\n"
PARTIES = f"{PARTY_HEAD}pty-a,Alpha,,\r\npty-b,NA,,\r\n"
ENTRY = {
    "ref": "led-1",
    "commitment": COMMITMENT,
    "project": "prj-gas",
    "instrument": "loan",
    "kind": "fee",
    "value_date": "2026-06-01",
    "amount_usd": "12.50",
    "document": "doc-payment",
}
ENTRY_COLUMNS = (
    *("ref", "commitment", "project", "instrument", "notice", "kind", "value_date", "amount_usd"),
    *("currency", "amount", "fx_rate", "fx_on", "fx_source", "reverses", "document", "locator"),
    *("late_reason", "override_reason", "note"),
)


@pytest.fixture
def desk():
    load_small_register()
    people = make_people("viewer", "editor", "editor_2", "approver")
    found = {}
    for person in people:
        found[person.username] = Client()
        found[person.username].force_login(person)
    return found


def entries(*overrides):
    """A ledger file: one line for each set of overrides."""
    lines = [",".join(ENTRY_COLUMNS)]
    for n, given in enumerate(overrides, start=1):
        kind = given.get("kind", ENTRY["kind"])
        record = {**ENTRY, "ref": f"led-{n}", "document": evidence_of(kind), **given}
        lines.append(",".join(f'"{record.get(name, "")}"' for name in ENTRY_COLUMNS))
    return "\r\n".join(lines)


def send(client, content, *, table="party", name="table.csv"):
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    address = reverse("admin:commitments_importbatch_add")
    return client.post(address, {"table": table, "file": file})


def judged(client, content, **kwargs):
    answer = send(client, content, **kwargs)
    assert answer.status_code == 302, answer.content.decode()
    batch = ImportBatch.objects.latest("pk")
    jobs.run_job(batch.job.key, clock=timezone.now)
    return ImportBatch.objects.get(pk=batch.pk)


def errors(batch):
    return [(e["row"], e["column"], e["value"], e["reason"]) for e in batch.report["errors"]]


def confirm(client, batch):
    return client.post(reverse("admin:commitments_importbatch_confirm", args=[batch.pk]))


def approve(client, case):
    address = reverse("admin:commitments_approvalcase_approve", args=[case.pk])
    return client.post(address, {"version": case.version})


def page(client, batch):
    return client.get(reverse("admin:commitments_importbatch_change", args=[batch.pk]))


def test_a_file_becomes_one_case_and_one_revision(desk):
    batch = judged(desk["editor"], PARTIES)
    assert batch.report["counts"] == {"rows": 2, "new": 2, "changed": 0, "same": 0, "error": 0}
    assert Party.objects.count() == 0

    assert confirm(desk["editor"], batch).status_code == 302
    case = ApprovalCase.objects.get()
    assert (case.state, case.title) == ("submitted", "Import of table.csv into parties")
    assert approve(desk["editor"], case).status_code == 403
    assert approve(desk["approver"], case).status_code == 302

    case.refresh_from_db()
    assert list(Party.objects.order_by("slug").values_list("slug", "name")) == [
        ("pty-a", "Alpha"),
        ("pty-b", "NA"),
    ]
    assert case.revision.kind == Revision.Kind.IMPORT
    assert Revision.objects.count() == 2


def test_a_file_sent_twice_before_it_is_read_is_one_import(desk):
    first, second = (send(desk["editor"], PARTIES) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert ImportBatch.objects.count() == 1


def test_the_same_file_twice_adds_nothing_and_says_so(desk):
    batch = judged(desk["editor"], PARTIES)
    confirm(desk["editor"], batch)
    approve(desk["approver"], ApprovalCase.objects.get())

    again = judged(desk["editor"], PARTIES)

    assert again.report["counts"] == {"rows": 2, "new": 0, "changed": 0, "same": 2, "error": 0}
    assert again.case is None
    shown = page(desk["editor"], again).content.decode()
    assert "The same file was imported before" in shown
    assert "Nothing in this file differs from the register: it adds nothing." in shown
    assert confirm(desk["editor"], again).status_code == 409
    assert ApprovalCase.objects.count() == 1


def test_the_dry_run_marks_what_changes_and_what_an_empty_cell_takes_away(desk):
    fields = "slug,name,name_ja,short,country,kind,owner,role,role_ja,illustrative\r\n"
    first = judged(
        desk["editor"], fields + "inst-jbic,JBIC,国際協力銀行,,JP,bank,,,,\r\n", table="institution"
    )
    confirm(desk["editor"], first)
    approve(desk["approver"], first.case)

    batch = judged(
        desk["editor"],
        fields + "inst-jbic,JBIC,国際協力銀行,,,bank,,,,\r\n",
        table="institution",
    )

    assert batch.report["rows"] == [
        {"row": 2, "ref": "inst-jbic", "new": False, "fields": {"country": ["JP", ""]}}
    ]
    assert batch.report["counts"]["changed"] == 1
    assert "<del>JP</del>" in page(desk["editor"], batch).content.decode()


def test_totals_are_told_before_and_after(desk):
    head = [c.name for c in columns_of("claim")]
    claim = {
        **{"ref": "clm-gas", "commitment": COMMITMENT, "subject": "project:prj-gas"},
        **{"aspect": "amount.selected", "low": "34000000000.00", "high": "34000000000"},
        **{"unit": "usd", "who": "Commerce", "side": "us", "rank": "1"},
        "document": "doc-fact-sheet",
    }
    content = ",".join(head) + "\r\n" + ",".join(claim.get(name, "") for name in head)

    batch = judged(desk["editor"], content, table="claim")

    selected = next(t for t in batch.report["totals"] if t["key"] == "selected_usd")
    assert (selected["before"]["low"], selected["after"]["low"]) == (
        "33000000000.0000",
        "34000000000.0000",
    )


def test_one_wrong_cell_takes_nothing_and_names_every_error(desk):
    content = entries(
        {},
        {"amount_usd": "1,000.50"},
        {"project": "prj-moon"},
        {"value_date": "2026-02-30", "kind": "gift"},
    )

    batch = judged(desk["editor"], content, table="ledgerentry")

    assert errors(batch) == [
        (
            3,
            "amount_usd",
            "1,000.50",
            "is not a number like 1234.50: digits, at most 2 decimals, no commas",
        ),
        (4, "project", "prj-moon", "no project “prj-moon”"),
        (
            5,
            "kind",
            "gift",
            "must be one of: funding, disbursement, guarantee_call, principal, interest, "
            "distribution, fee",
        ),
        (5, "value_date", "2026-02-30", "is not a date like 2026-02-28"),
    ]
    assert (batch.state, batch.case) == ("refused", None)
    assert batch.report["counts"] == {"rows": 4, "error": 3, "errors": 4}
    shown = page(desk["editor"], batch).content.decode()
    assert "4 errors. Nothing of this file is taken; correct it and send it again." in shown
    assert LedgerEntry.objects.count() == 0
    assert confirm(desk["editor"], batch).status_code == 409


NUMBER = "is not a number like 1234.50: digits, at most 2 decimals, no commas"
DAY = "is not a date like 2026-02-28"


BAD_CELLS = (
    *(("amount_usd", value, NUMBER) for value in ("NaN", "Infinity", "1e400", "0.005", "-0")),
    *(("amount_usd", v, NUMBER) for v in ("1,000.50", "١٢٣", "1_000", "$5")),
    ("amount_usd", "1" + "0" * 16, "is too large: at most 15 digits before the point are kept"),
    *(("value_date", value, DAY) for value in ("2026-02-30", "0000-01-01", "1/2/2026")),
    ("value_date", "9999-12-31", "lies outside the years 1900 to 2199"),
    ("kind", "", "is required"),
    (
        "kind",
        "gift",
        "must be one of: funding, disbursement, guarantee_call, principal, interest, "
        "distribution, fee",
    ),
    ("note", "x" * 10_001, "is longer than 10,000 characters"),
    ("document", "doc-none", "no document “doc-none”"),
)


def test_every_bad_cell_is_named_with_its_row_and_reason(desk):
    content = entries(*({column: value} for column, value, _reason in BAD_CELLS))

    batch = judged(desk["editor"], content, table="ledgerentry")

    assert errors(batch) == [
        (row, column, value[:200], reason)
        for row, (column, value, reason) in enumerate(BAD_CELLS, start=2)
    ]
    assert Revision.objects.count() == 1


NOTICE = {
    "ref": "ntc-1",
    "commitment": COMMITMENT,
    "project": "prj-gas",
    "instrument": "loan",
    "number": "1",
    "amount_usd": "100.00",
    "document": "doc-notice",
}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("received_at", "2026-06-01T09:00:00", "has no offset from UTC, like +09:00"),
        ("received_at", "soon", "is not an instant like 2026-02-28T09:00:00+09:00"),
        ("withdrawn", "maybe", "is neither true nor false"),
        ("recalled_fields", "[" * 5_000, "is nested deeper than 20 levels"),
        ("recalled_fields", '[{""a"": 1, ""a"": 2}]', "names a key twice"),
        ("recalled_fields", "[open", "is not JSON"),
    ],
)
def test_a_cell_of_another_sort_is_named_with_its_reason(desk, column, value, reason):
    record(WINDOW)

    batch = judged(desk["editor"], notices({column: value}), table="fundingnotice")

    assert errors(batch) == [(2, column, value.replace('""', '"')[:200], reason)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("slug,name_ja,illustrative\r\na,,", [(1, "name", "", "this column is missing")]),
        (
            "slug,name,name_ja,illustrative,name\r\na,b,,,c",
            [(1, "name", "name", "this column stands twice")],
        ),
        (
            "slug,name_ja,illustrative,Name\r\na,,,b",
            [
                (1, "name", "", "this column is missing"),
                (1, "Name", "Name", "this table has no such column"),
            ],
        ),
        (PARTY_HEAD + "a,b,,\r\na,c,,", [(3, "slug", "a", "stands in row 2 already")]),
        (
            PARTY_HEAD + "a,b,,,c",
            [(2, "", "", "The row has 5 cells, the head names 4 columns.")],
        ),
    ],
)
def test_a_bad_head_or_row_is_named(desk, content, found):
    assert errors(judged(desk["editor"], content)) == found


def test_a_row_of_the_wrong_length_is_one_error_among_those_of_the_others(desk):
    rows = ("party-a1,A,,maybe", "party-a2,B", "party-a3,C,,maybe,extra", "party-a4,D,,maybe")
    batch = judged(desk["editor"], PARTY_HEAD + "\r\n".join(rows))

    unread = "is neither true nor false"
    assert errors(batch) == [
        (2, "illustrative", "maybe", unread),
        (3, "", "", "The row has 2 cells, the head names 4 columns."),
        (4, "", "", "The row has 5 cells, the head names 4 columns."),
        (5, "illustrative", "maybe", unread),
    ]
    assert batch.report["counts"] == {"rows": 4, "error": 4, "errors": 4}


def test_rows_are_held_to_the_limits_beside_one_of_the_wrong_length(desk):
    batch = judged(desk["editor"], entries({"kind": "funding"}) + "\r\nled-2", table="ledgerentry")

    assert [(row, column) for row, column, _value, _reason in errors(batch)] == [
        (2, "amount_usd"),
        (3, ""),
    ]
    assert errors(batch)[0][3].endswith("(rows that are wrong are not counted)")


def test_a_reason_given_with_an_import_is_that_of_its_case(desk):
    batch = judged(desk["editor"], PARTIES)
    address = reverse("admin:commitments_importbatch_confirm", args=[batch.pk])
    assert 'name="reason"' in page(desk["editor"], batch).content.decode()
    desk["editor"].post(address, {"reason": " The quarterly list. "})

    case = ApprovalCase.objects.get()
    assert (case.state, case.reason) == ("submitted", "The quarterly list.")


def notices(*overrides):
    """A file of notices: one line for each set of overrides."""
    head = [c.name for c in columns_of("fundingnotice")]
    lines = [",".join(head)]
    for n, given in enumerate(overrides, start=1):
        record = {**NOTICE, "ref": f"ntc-{n}", "number": str(n), "received_on": "2026-06-01"}
        lines.append(",".join(f'"{(record | given).get(name, "")}"' for name in head))
    return "\r\n".join(lines)


def test_what_passes_a_limit_is_said_at_the_row_with_which_it_does(desk):
    funded = entries({}, {"kind": "funding"}, {"kind": "funding", "amount_usd": "5"})
    batch = judged(desk["editor"], funded, table="ledgerentry")

    assert errors(batch) == [
        (3, "amount_usd", "12.50", "prj-gas: funded 17.50 USD, but noticed 0.00 USD")
    ]

    record(WINDOW)
    noticed = notices({"amount_usd": "33000000000"}, {"amount_usd": "900000000"})
    batch = judged(desk["editor"], noticed, table="fundingnotice")

    words = "prj-gas: noticed 33,900,000,000.00 USD, but selected at most 33,300,000,000.00 USD"
    assert errors(batch) == [(3, "amount_usd", "900000000", words)]

    more = notices(*({"amount_usd": amount} for amount in ("33000000000", "900000000", "5")))
    batch = judged(desk["editor"], more, table="fundingnotice")
    assert [(row, value) for row, _column, value, _reason in errors(batch)] == [(3, "900000000")]


def test_rows_are_held_to_the_limits_while_others_are_wrong(desk):
    paid = {"kind": "disbursement", "amount_usd": "7.00"}
    content = entries({"amount_usd": "1,000.50"}, {}, paid, {"project": "prj-moon"})

    batch = judged(desk["editor"], content, table="ledgerentry")

    assert [(row, column) for row, column, _value, _reason in errors(batch)] == [
        (2, "amount_usd"),
        (4, "amount_usd"),
        (5, "project"),
    ]
    words = "prj-gas: disbursed 7.00 USD, but funded 0.00 USD (rows that are wrong are not counted)"
    assert errors(batch)[1][3] == words


def test_a_reason_of_an_administrator_is_an_error_in_the_file_of_another(desk):
    forced = {"kind": "funding", "override_reason": "agreed by letter"}
    content = entries({}, forced)

    batch = judged(desk["editor"], content, table="ledgerentry")

    words = "only an administrator sets a rule aside: leave this empty"
    assert errors(batch) == [(3, "override_reason", "agreed by letter", words)]
    assert batch.case is None
    (boss,) = make_people("administrator")
    client = Client()
    client.force_login(boss)
    assert errors(judged(client, content, table="ledgerentry")) == []


def test_an_unchanged_reason_of_a_notice_is_no_new_one_in_the_file_of_an_editor(desk):
    given = {"amount_usd": "40000000000.00", "override_reason": "agreed"}
    noticed = {**NOTICE, "ref": "ntc-1", "number": "1", "received_on": "2026-06-01", **given}
    record({**WINDOW, "fundingnotice": [noticed]})

    batch = judged(desk["editor"], notices({**given, "note": "by letter"}), table="fundingnotice")

    assert errors(batch) == []
    assert list(batch.report["rows"][0]["fields"]) == ["note"]
    assert confirm(desk["editor"], batch).status_code == 302
    approve(desk["approver"], batch.case)
    head = FundingNotice.objects.heads().get()
    assert (head.note, head.override_reason) == ("by letter", "agreed")
    worded = notices({**given, "override_reason": "agreed anew"})
    [error] = errors(judged(desk["editor"], worded, table="fundingnotice"))
    assert error[:3] == (2, "override_reason", "agreed anew")
    raised = notices({**given, "amount_usd": "40000000000.01"})
    [error] = errors(judged(desk["editor"], raised, table="fundingnotice"))
    assert error[:3] == (2, "amount_usd", "40000000000.01")


def test_a_limit_passed_since_the_file_was_judged_is_said_at_its_row_when_it_is_approved(desk):
    record({**WINDOW, "fundingnotice": [{**NOTICE, "received_on": "2026-03-02"}]})
    funded = {"kind": "funding", "notice": "ntc-1"}
    content = entries({}, {**funded, "amount_usd": "40.00"}, {**funded, "amount_usd": "50.00"})
    batch = judged(desk["editor"], content, table="ledgerentry")
    assert confirm(desk["editor"], batch).status_code == 302
    other = {**ENTRY, "ref": "led-other", **funded, "document": RECEIPT}
    record({"ledgerentry": [{**other, "amount_usd": "20.00"}]})

    answer = approve(desk["approver"], batch.case)

    assert answer.status_code == 409
    said = Page(answer.content.decode()).words
    words = "Row 4, amount_usd, “50.00”: ntc-1: funded 110.00 USD, but this notice calls 100.00 USD"
    assert words in said
    case_page = reverse("admin:commitments_approvalcase_change", args=[batch.case.pk])
    assert words in Page(desk["approver"].get(case_page).content.decode()).words


def test_a_period_closed_since_the_file_was_judged_is_said_at_each_row_when_it_is_submitted(desk):
    batch = judged(desk["editor"], entries({}, {}), table="ledgerentry")
    closed = {"ref": "per-1", "commitment": COMMITMENT, "ends_on": "2026-06-30"}
    record({"closedperiod": [closed]})

    said = Page(confirm(desk["editor"], batch).content.decode()).words

    for row in (2, 3):
        assert f"Row {row}, late_reason, “”: the period up to 2026-06-30 was closed" in said


def test_all_cells_of_a_row_are_judged_at_once(desk):
    several = {"project": "nope", "instrument": "gold", "amount_usd": "x", "value_date": "y"}
    content = entries(several, {"value_date": "2100-01-01"}, {"amount_usd": "-5"}, {})

    batch = judged(desk["editor"], content, table="ledgerentry")

    assert {(row, column, value) for row, column, value, _reason in errors(batch)} == {
        (2, "project", "nope"),
        (2, "instrument", "gold"),
        (2, "amount_usd", "x"),
        (2, "value_date", "y"),
        (3, "value_date", "2100-01-01"),
        (4, "amount_usd", "-5"),
    }


def test_what_only_the_database_would_refuse_is_said_at_its_cell(desk):
    record(WINDOW)
    content = notices({"amount_usd": "-5"}, {"amount_usd": "0", "instrument": "gold"}, {})

    batch = judged(desk["editor"], content, table="fundingnotice")

    assert [e for e in errors(batch) if "above zero" in e[3]] == [
        (2, "amount_usd", "-5", "Enter an amount above zero."),
    ]
    assert (3, "instrument", "gold", "no instrument “gold”") in errors(batch)
    assert "constraint" not in str(batch.report).lower()


def test_a_rule_that_only_the_database_holds_names_the_row(desk, monkeypatch):
    monkeypatch.setattr(FundingNotice, "clean", lambda self: None)
    record(WINDOW)

    batch = judged(desk["editor"], notices({}, {"amount_usd": "-5"}), table="fundingnotice")

    assert errors(batch) == [(3, "", "", "would break a rule of the register")]


def test_text_is_text_and_comes_without_what_turns_its_reading(desk):
    hostile = PARTY_HEAD + 'pty-a,"<script>alert(1)</script>\u202e\u200f",,\r\npty-b,"\'=1+1",,\r\n'

    batch = judged(desk["editor"], hostile)

    assert [row["fields"]["name"][1] for row in batch.report["rows"]] == [
        "<script>alert(1)</script>",
        "=1+1",
    ]
    shown = page(desk["editor"], batch).content.decode()
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


@pytest.mark.parametrize("role", ["viewer", "approver"])
def test_only_an_editor_sends_a_file(desk, role):
    assert desk[role].get(reverse("admin:commitments_importbatch_add")).status_code == 403
    assert send(desk[role], PARTIES).status_code == 403
    assert ImportBatch.objects.count() == 0


def test_only_who_sent_a_file_submits_it(desk):
    batch = judged(desk["editor"], PARTIES)

    for role in ("viewer", "approver", "editor_2"):
        assert confirm(desk[role], batch).status_code == 403
    batch.refresh_from_db()
    assert (batch.state, batch.case.state) == ("read", "draft")


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("slug,name", "table.exe", "The file must be called .csv or .xlsx."),
        (b"MZ\x90", "table.csv", "The file is called .csv but does not hold text."),
        (b"MZ\x90", "table.xlsx", "The file is called .xlsx but is no workbook."),
        (b"x" * (10 * 2**20 + 1), "table.csv", "The file is larger than 10 MB."),
    ],
)
def test_a_suspicious_file_is_refused_beside_its_field(desk, content, name, reason):
    answer = send(desk["editor"], content, name=name)

    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert ImportBatch.objects.count() == Job.objects.count() == 0


def test_progress_is_on_the_job_its_page_and_the_terminal(desk, monkeypatch):
    monkeypatch.setattr(jobs, "REPORT_SECONDS", 0)
    lines = "".join(f"pty-{n},Party {n},,\r\n" for n in range(2_000))
    send(desk["editor"], PARTY_HEAD + lines)
    batch = ImportBatch.objects.get()
    seen, shown = [], []

    def watch(job, percent):
        seen.append(percent)
        batch.job.refresh_from_db()
        shown.append(
            f'value="{batch.job.progress}"' in page(desk["editor"], batch).content.decode()
        )

    jobs.run_job(batch.job.key, clock=timezone.now, watch=watch)

    assert seen == [7, 14, 22, 29, 30, 37, 45, 52, 60]
    assert all(shown)
    batch.job.refresh_from_db()
    assert (batch.job.state, batch.job.progress) == ("done", 100)


def test_a_poison_file_ends_dead_and_the_next_one_is_judged(desk, monkeypatch):
    read = imports.read_sheet

    def poisoned(content, filename, report):
        if filename == "poison.csv":
            raise MemoryError("too much")
        return read(content, filename, report)

    monkeypatch.setattr(imports, "read_sheet", poisoned)
    send(desk["editor"], PARTIES, name="poison.csv")
    poison = ImportBatch.objects.get()
    for _ in range(jobs.MOST_ATTEMPTS):
        Job.objects.update(available_at=timezone.now())
        call_command("run_jobs", "--once", verbosity=0)

    batch = judged(desk["editor"], PARTIES)

    poison.refresh_from_db()
    assert (poison.job.state, poison.state, poison.case) == ("dead", "uploaded", None)
    assert "The job failed for good: MemoryError: too much" in (
        page(desk["editor"], poison).content.decode().replace("&#x27;", "'")
    )
    assert batch.state == "read"
    assert Document.objects.count() == len(RECORDS["document"])


def test_a_register_that_moved_on_is_judged_again_when_the_case_is_submitted(desk):
    first = judged(desk["editor"], PARTIES)
    second = judged(desk["editor_2"], PARTIES.replace("Alpha", "Beta"))
    confirm(desk["editor_2"], second)
    approve(desk["approver"], second.case)

    confirm(desk["editor"], first)

    first.refresh_from_db()
    stood = {"slug": "pty-a", "name": "Beta", "name_ja": "", "illustrative": False}
    assert first.case.changes[0]["before"] == stood


def test_an_import_is_taken_back_as_one_from_its_revision_page(desk):
    batch = judged(desk["editor"], entries({}, {"amount_usd": "7.50"}), table="ledgerentry")
    confirm(desk["editor"], batch)
    approve(desk["approver"], batch.case)
    revision = Revision.objects.latest("number")
    address = reverse("admin:commitments_revision_take_back", args=[revision.pk])
    shown = reverse("admin:commitments_revision_change", args=[revision.pk])
    assert address in desk["editor_2"].get(shown).content.decode()
    assert address not in desk["approver"].get(shown).content.decode()

    assert desk["approver"].post(address, {"reason": "wrong file"}).status_code == 403
    assert desk["editor_2"].post(address, {"reason": " "}).status_code == 400
    assert desk["editor_2"].post(address, {"reason": "wrong file"}).status_code == 302
    case = ApprovalCase.objects.latest("pk")
    assert approve(desk["editor_2"], case).status_code == 403
    assert approve(desk["approver"], case).status_code == 302

    assert sum(e.amount_usd for e in LedgerEntry.objects.all()) == 0
    assert LedgerEntry.objects.count() == 4
    assert desk["editor"].post(address, {"reason": "wrong file"}).status_code == 409


def test_a_revision_that_cannot_be_taken_back_says_each_reason(desk):
    received = post([make_entry("prj-gas", "9.00")])
    paid = make_entry("prj-gas", "5.00", kind="disbursement", excuse="")
    post([paid])
    address = reverse("admin:commitments_revision_take_back", args=[received.pk])
    refused = desk["editor"].post(address, {"reason": "entered twice"})
    assert refused.status_code == 409
    assert "Project prj-gas: Disbursed 5.00 USD, but funded 0.00 USD." in (refused.content.decode())


def test_an_editor_imports_the_reversal_of_what_was_let_through(desk):
    post([make_entry("prj-gas", "9.00", ref="led-forced")])
    back = {"kind": "funding", "amount_usd": "-9.00", "reverses": "led-forced"}
    batch = judged(desk["editor"], entries(back), table="ledgerentry")
    assert (batch.state, errors(batch)) == ("read", [])
    again = entries({**back, "override_reason": "a test of something else"})
    words = "a reversal sets no rule aside: leave this empty"
    assert errors(judged(desk["editor"], again, table="ledgerentry")) == [
        (2, "override_reason", "a test of something else", words)
    ]


def test_a_file_without_rows_adds_nothing(desk):
    batch = judged(desk["editor"], PARTY_HEAD)
    assert (batch.state, batch.report["counts"]["rows"], batch.case) == ("read", 0, None)
    assert "Nothing in this file differs from the register" in (
        page(desk["editor"], batch).content.decode()
    )


def test_the_totals_before_and_after_are_those_of_the_commitment_of_the_rows(desk):
    record(
        {
            "commitment": [
                {"slug": "other", "name": "Other", "investor": "Other", "investor_code": "XX"}
            ],
            "term": [
                {
                    **{"ref": "term-other", "commitment": "other", "key": "start", "name": "Start"},
                    **{"value": {"date": "2025-09-04"}, "effective_on": "2025-09-04"},
                }
            ],
            "financing": [{"ref": "fin-1", "commitment": "other", "instrument": "loan"}],
        }
    )
    cover = {
        **{"ref": "cov-1", "financing": "fin-1", "insurer": "inst-jbic", "confidence": "sourced"},
        **{"in_force_on": "2026-06-01", "amount_usd": "5.00", "document": "doc-news"},
    }
    names = [column.name for column in columns_of("cover")]
    lines = (names, [cover.get(name, "") for name in names])
    content = "\r\n".join(",".join(line) for line in lines)
    batch = judged(desk["editor"], content, table="cover")
    assert errors(batch) == []
    totals = {t["key"]: (t["before"]["high"], t["after"]["high"]) for t in batch.report["totals"]}
    assert totals["guaranteed_usd"] == (None, "5.00")
    assert totals["selected_usd"] == ("0.00", "0.00")


def commitments_file(*rows):
    """A file of commitments, one line for each slug and whether it is the default."""
    names = [column.name for column in columns_of("commitment")]
    given = {"name": "Japan", "investor": "Japan", "investor_code": "JP", "host_code": "US"}
    records = [{**given, "slug": slug, "is_default": on} for slug, on in rows]
    lines = [names, *([record.get(name, "") for name in names] for record in records)]
    return "\r\n".join(",".join(line) for line in lines)


def test_a_file_names_one_default_commitment_and_is_refused_by_row_otherwise(desk):
    def told(*rows):
        batch = judged(desk["editor"], commitments_file(*rows), table="commitment")
        return [(row, column, value, reason[:40]) for row, column, value, reason in errors(batch)]

    second = "“japan-us-2025” is the default already: "
    both = "“korea-us” is the default already: take"
    none = "one commitment is the default: name anot"
    assert told((COMMITMENT, "true"), ("korea-us", "true")) == [(3, "is_default", "true", second)]
    assert told(("korea-us", "true"), (COMMITMENT, "true")) == [(2, "is_default", "true", second)]
    assert told((COMMITMENT, "false"), ("korea-us", "true"), ("eu-us", "true")) == [
        (4, "is_default", "true", f"{both} "[:40])
    ]
    assert told((COMMITMENT, "false")) == [(2, "is_default", "false", none)]
    assert told(("korea-us", "true"), (COMMITMENT, "false")) == []


def test_a_large_case_is_shown_page_by_page(desk):
    lines = "".join(f"pty-{n:03d},Party {n},,\r\n" for n in range(250))
    batch = judged(desk["editor"], PARTY_HEAD + lines)
    address = reverse("admin:commitments_approvalcase_change", args=[batch.case.pk])

    first, last = desk["editor"].get(address), desk["editor"].get(address, {"changes_page": "3"})

    assert [len(a.context["changes"]) for a in (first, last)] == [100, 50]
    assert last.context["changes"][0].ref == "pty-200"
    assert "Page 3 of 3" in last.content.decode()
