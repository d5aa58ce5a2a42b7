"""What was put right is listed in the open: page and API, at a point in time."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commitments.models import Document
from commitments.services.cases import (
    approve_case,
    draft_case,
    force_case,
    submit_case,
    submit_once,
)
from commitments.services.undo import propose_undo
from dashboard.decisions import stated
from projects.models import FundingNotice, LedgerEntry
from projects.services.entries import reversal_record
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    entry_record,
    make_closing,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    post,
    record,
)
from tests.desk import make_people

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
API = "/api/v1/corrections/"


@pytest.fixture(autouse=True)
def _register(db):
    make_register()
    record(merged(make_project("prj-1"), make_project("prj-2")))


def put_right():
    """A late entry, a forced one and its reversal, a corrected claim and a withdrawn one."""
    post([make_entry("prj-1", "5.00", ref="led-plain", kind="fee", excuse="")])
    late = make_entry("prj-1", "7.00", ref="led-late", kind="fee", excuse="", late="told in July")
    record(merged(make_closing("2026-06-01"), {"ledgerentry": [entry_record(late)]}))
    since = date(2026, 6, 2)
    post([make_entry("prj-1", "9.00", ref="led-forced", excuse="a cent too much", on=since)])
    forced = LedgerEntry.objects.get(ref="led-forced")
    record(
        {
            "ledgerentry": [
                reversal_record(forced, Document.objects.get(slug=DOCUMENT), note="paid back")
            ]
        }
    )
    claim = make_project("prj-1", low="2000000.00", high="2000000.00")["claim"][0]
    record({"claim": [{**claim, "note": "the first figure was rounded"}]})
    record({"claim": [{**make_project("prj-2")["claim"][0], "withdrawn": True}]})


def listed(**query):
    answer = Client().get(API, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_nothing_put_right_is_said_in_words():
    assert listed()["results"] == []
    page = Client().get("/corrections/").content.decode()
    assert "Nothing was corrected so far." in page


def test_every_kind_of_correction_is_listed_newest_first_and_nothing_else():
    put_right()
    found = [(row["ref"], row["flags"], row["revision"]) for row in listed()["results"]]
    assert found == [
        ("clm-prj-2", ["withdrawn"], 8),
        ("clm-prj-1", ["superseded"], 7),
        ("led-forced-reversed", ["reversal"], 6),
        ("led-forced", ["forced"], 5),
        ("led-late", ["late"], 4),
    ]


def test_a_correction_says_what_changed_when_by_what_and_why():
    put_right()
    row = next(r for r in listed()["results"] if r["ref"] == "clm-prj-1")
    assert row == {
        "kind": "claim",
        "ref": "clm-prj-1",
        "flags": ["superseded"],
        "changes": [
            {"field": "note", "old": "", "new": "the first figure was rounded"},
            {"field": "low", "old": "1000000.00", "new": "2000000.00"},
            {"field": "high", "old": "1000000.00", "new": "2000000.00"},
        ],
        "reverses": None,
        "amount_usd": None,
        "late_reason": "",
        "override_reason": "",
        "note": "the first figure was rounded",
        "reason": "test",
        "case_reason": "",
        "recorded_at": row["recorded_at"],
        "revision": 7,
        "posted_by": "case",
        "case": None,
        "entered_by": None,
        "approved_by": None,
        "document": DOCUMENT,
    }
    reversal = next(r for r in listed()["results"] if r["ref"] == "led-forced-reversed")
    assert (reversal["reverses"], reversal["amount_usd"]) == ("led-forced", "-9.00")


def test_the_list_is_that_of_its_point_in_time():
    put_right()
    rows = listed()["results"]
    before = listed(known_at=rows[2]["recorded_at"])["results"]
    assert [row["ref"] for row in before] == ["led-forced-reversed", "led-forced", "led-late"]
    early = listed(as_of="2026-05-31")["results"]
    assert [row["ref"] for row in early] == ["clm-prj-2", "clm-prj-1"]


def test_what_was_taken_back_tells_the_reason_of_that_and_not_the_note_before():
    editor, approver = make_people("editor", "approver")
    claim = {**make_project("prj-1")["claim"][0], "ref": "clm-new", "who": "Energy"}
    changes = [{"kind": "claim", "data": {**claim, "note": "As the release has it."}}]
    case = submit_once(changes, title="A claim", actor=editor, now=NOW, reason="one more source")
    posted = approve_case(case.pk, actor=approver, version=case.version, now=NOW).revision
    case = propose_undo(posted.pk, actor=editor, reason="read from the wrong page", now=NOW)
    approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    [told] = listed()["results"]
    assert (told["ref"], told["flags"]) == ("clm-new", ["withdrawn"])
    assert (told["case_reason"], told["note"]) == ("read from the wrong page", "")


def test_pages_join_into_the_whole_list():
    put_right()
    whole, pages, address = listed()["results"], [], f"{API}?page_size=2"
    while address:
        body = Client().get(address).json()
        pages.append(body["results"])
        address = body["next"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row for page in pages for row in page] == whole


@pytest.mark.parametrize("cursor", ["x", "1:claim:9999999999999999999", "1:claim", "-1:claim:2"])
def test_a_made_up_cursor_is_refused_by_name(cursor):
    answer = Client().get(API, {"after": cursor})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "after")
    page = Client().get("/corrections/", {"after": cursor})
    assert page.status_code == 400
    assert "after" in page.content.decode()


def test_corrections_of_another_commitment_stay_apart():
    put_right()
    other = {"slug": "other-us", "name": "O", "investor": "O", "investor_code": "XX"}
    record({"commitment": [other]})
    assert listed(commitment="other-us")["results"] == []
    assert len(listed(commitment=COMMITMENT)["results"]) == 5


def test_the_page_tells_words_amounts_and_reasons():
    put_right()
    page = Client().get("/corrections/").content.decode()
    for words in ("led-late", "posted late", "told in July", "let through a rule", "-9.00", "→"):
        assert words in page
    assert "led-plain" not in page


def test_a_notice_let_through_is_told_beside_its_limit_and_who_entered_it():
    administrator, approver = make_people("administrator", "approver")
    notice = make_notice("prj-1", "3000000.00", override_reason="agreed by letter")
    lines = [{"kind": "fundingnotice", "data": notice}]
    case = submit_once(lines, title="A call", actor=administrator, now=NOW)
    approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    page = Client().get("/corrections/").content.decode()
    for words in ("3,000,000.00", "1,000,000.00", "entered by an administrator, approved by"):
        assert words in page


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (
            "projectlink",
            {"ref": "lnk-1", "project": "prj-1", "other": "prj-2", "relation": "merged_into"},
        ),
        ("projectprofile", {"ref": "prj-1-profile", "project": "prj-1", "count_in_totals": False}),
    ],
)
def test_a_merge_let_through_tells_what_it_leaves_selected_at_its_own_revision(kind, data):
    administrator, approver = make_people("administrator", "approver")
    record({"fundingnotice": [make_notice("prj-1", "900000.00")]})
    lines = [{"kind": kind, "data": {**data, "document": DOCUMENT}}]
    case = draft_case(lines, title="One project", actor=administrator)
    forced = {"actor": administrator, "version": case.version, "reason": "agreed"}
    case = force_case(case.pk, **forced)
    case = submit_case(case.pk, actor=administrator, version=case.version, now=NOW)
    approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    back = {**lines[0]["data"], **({"withdrawn": True} if kind == "projectlink" else {})}
    record({kind: [{**back, "count_in_totals": True} if kind == "projectprofile" else back]})

    page = " ".join(Client().get("/corrections/").content.decode().split())
    assert "<b>selected at most, US dollars</b> 1,000,000.00 → 0.00<" in page

    decision = Client().get(f"/decisions/{case.pk}/").content.decode()
    assert "900,000.00 USD, of at most 0.00 USD" in decision
    assert "of at most 1,000,000.00 USD" not in decision
    [needs] = Client().get(f"/api/v1/decisions/{case.pk}/").json()["result"]["required"]
    limit = needs["needs"][-1]
    assert (limit["given"], limit["state"]) == ("900,000.00 USD, of at most 0.00 USD", "set_aside")


def test_the_queries_of_the_list_do_not_grow_with_its_rows(django_assert_max_num_queries):
    record(make_closing("2026-06-01"))
    post([make_entry("prj-1", "1.00", late="late", on=date(2026, 6, 1))])
    with django_assert_max_num_queries(14):
        assert len(listed()["results"]) == 1
    post([make_entry("prj-2", "1.00", late="late") for _ in range(9)])
    with django_assert_max_num_queries(14):
        assert len(listed()["results"]) == 10


def test_the_queries_of_the_page_do_not_grow_with_the_notices_let_through():
    def let_through(number: int) -> None:
        named = {"ref": f"ntc-{number}", "number": str(number), "override_reason": "agreed"}
        record({"fundingnotice": [make_notice("prj-1", "3000000.00", **named)]})

    counts = []
    for numbers in ([1], [2, 3]):
        for number in numbers:
            let_through(number)
        Client().get("/corrections/")  # what is asked once in a process is asked here
        with CaptureQueriesContext(connection) as asked:
            assert Client().get("/corrections/").content.count(b"selected at most") == numbers[-1]
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_relabelled_entity_is_listed_with_its_old_and_new_label():
    record({"institution": [{"slug": "inst-lender", "name": "The Lender", "country": "JP"}]})
    row = listed()["results"][0]
    assert (row["kind"], row["ref"], row["flags"]) == ("institution", "inst-lender", ["relabelled"])
    assert row["changes"] == [
        {"field": "name", "old": "Lender", "new": "The Lender"},
        {"field": "country", "old": "", "new": "JP"},
    ]
    assert (row["document"], row["reverses"], row["note"]) == (None, None, "")
    page = Client().get("/corrections/").content.decode()
    for words in ("inst-lender", "relabelled", "Lender → The Lender"):
        assert words in page
    assert listed(published_by="2026-11-01")["results"] == []


def test_labels_of_another_commitment_and_its_projects_stay_apart():
    other = {"slug": "other-us", "name": "O", "investor": "O", "investor_code": "XX"}
    theirs = {"slug": "prj-theirs", "commitment": "other-us", "name": "theirs"}
    record({"commitment": [other], "project": [theirs]})
    record({"commitment": [{**other, "name": "Other"}], "project": [{**theirs, "name": "Theirs"}]})
    assert listed()["results"] == []
    refs = [row["ref"] for row in listed(commitment="other-us")["results"]]
    assert sorted(refs) == ["other-us", "prj-theirs"]


def test_links_put_right_are_listed_old_and_new():
    given = {
        **{"ref": "fin-1", "commitment": COMMITMENT, "instrument": "loan", "document": DOCUMENT},
        **{"signed_on": "2026-05-01", "projects": ["prj-1"], "providers": ["inst-lender"]},
    }
    record({"financing": [given]})
    record({"financing": [{**given, "projects": ["prj-2", "prj-1"]}]})
    (row,) = listed()["results"]
    assert row["changes"] == [{"field": "projects", "old": ["prj-1"], "new": ["prj-1", "prj-2"]}]
    assert "prj-1 → prj-1, prj-2" in Client().get("/corrections/").content.decode()


@pytest.mark.parametrize(
    ("value", "words"), [("480000000", "480000000.00"), ("0.0375", "0.0375"), ("1.5e2", "150.00")]
)
def test_an_amount_keeps_two_decimals_or_all_it_has(value, words):
    assert stated("claim", "low", value) == words
    assert stated("claim", "note", value) == value


def test_pages_join_where_labels_and_rows_mix():
    put_right()
    record({"institution": [{"slug": "inst-lender", "name": "The Lender"}]})
    record({"sector": [{"slug": "energy", "name": "Energy"}]})
    whole, pages, address = listed()["results"], [], f"{API}?page_size=1"
    while address:
        body = Client().get(address).json()
        pages += body["results"]
        address = body["next"]
    assert len(whole) == 7
    assert pages == whole


def test_a_notice_lowered_below_what_came_in_tells_the_sum_that_broke_its_limit():
    record({"fundingnotice": [make_notice("prj-1", "500000.00")]})
    notice = FundingNotice.objects.get()
    post([make_entry("prj-1", "550000.00", notice=notice, on=date(2026, 6, 1))])
    lowered = make_notice("prj-1", "480000.00", override_reason="agreed")
    record({"fundingnotice": [lowered]})

    page = " ".join(Client().get("/corrections/").content.decode().split())

    assert "<b>amount called, US dollars</b> 480,000.00<" in page
    assert "<b>received on it, US dollars</b> 550,000.00<" in page
    assert "selected at most" not in page
    assert "<b>Amount, US dollars</b> 500,000.00 → 480,000.00<" in page
    put_right()
    assert "台帳記入" in Client().get("/ja/corrections/").content.decode()


def test_an_agreement_let_through_tells_what_is_signed_and_what_is_selected():
    agreed = {
        **{"ref": "fin-1", "commitment": COMMITMENT, "instrument": "loan", "projects": ["prj-1"]},
        **{"signed_on": "2026-05-01", "document": DOCUMENT, "override_reason": "agreed"},
    }
    claim = {
        **make_project("prj-1")["claim"][0],
        **{"ref": "clm-fin", "subject": "financing:fin-1", "aspect": "amount.signed"},
        **{"low": "1400000.00", "high": "1400000.00"},
    }
    record({"financing": [agreed], "claim": [claim]})

    page = " ".join(Client().get("/corrections/").content.decode().split())

    assert "<b>signed in all, US dollars</b> 1,400,000.00<" in page
    assert "<b>selected at most, US dollars</b> 1,000,000.00<" in page
    split = " ".join(Client().get("/projects/prj-1/").content.decode().split())
    assert "Signed beyond what is selected" in split
    assert "in no signed agreement of its own" not in split


def test_a_correction_that_keeps_the_reason_of_its_notice_is_not_told_as_let_through():
    record({"fundingnotice": [make_notice("prj-1", "1300000.00", override_reason="agreed")]})
    record({"fundingnotice": [make_notice("prj-1", "900000.00")]})
    assert FundingNotice.objects.heads().get().override_reason == "agreed"

    lowered, forced = listed()["results"]
    page = " ".join(Client().get("/corrections/").content.decode().split())

    assert (lowered["flags"], forced["flags"]) == (["superseded"], ["forced"])
    assert (lowered["override_reason"], forced["override_reason"]) == ("", "agreed")
    assert page.count("<b>selected at most, US dollars</b>") == 1
    assert page.count("<b>amount called, US dollars</b> 1,300,000.00<") == 1


def test_a_payment_let_through_tells_the_sum_that_broke_its_limit():
    record({"fundingnotice": [make_notice("prj-1", "500000.00")]})
    notice = FundingNotice.objects.get()
    post([make_entry("prj-1", "550000.00", notice=notice, on=date(2026, 6, 1), excuse="it erred")])
    paid = {"kind": "disbursement", "on": date(2026, 6, 2), "excuse": "it erred"}
    post([make_entry("prj-1", "560000.00", **paid)])

    page = " ".join(Client().get("/corrections/").content.decode().split())

    assert "<b>called in all, US dollars</b> 500,000.00<" in page
    assert page.count("<b>received in all, US dollars</b> 550,000.00<") == 2
    assert "<b>paid on in all, US dollars</b> 560,000.00<" in page
