"""The evidence pack of a decision: page, list and JSON with its hash."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commitments.calculations.bounds import Bounds
from commitments.calculations.calendars import calendar_version
from commitments.models import Document
from commitments.services.cases import (
    approve_case,
    draft_case,
    return_case,
    revise_case,
    submit_case,
)
from commitments.services.register import Refusal
from dashboard import decisions
from dashboard.casework import refusal_words, rival_claims, split_tables, value_words
from dashboard.decisions import needs_at_decision, states_of
from projects.metrics.financing import InstrumentSplit
from projects.services.effects import Effects, SplitEffect, tried
from tests.builders import make_notice, record
from tests.desk import (
    COMMITMENT,
    RECORDS,
    TODAY,
    WINDOW,
    load_small_register,
    make_changes,
    make_people,
)

CANCELLED = {
    "kind": "cancelled",
    "occurred_on": date(2026, 3, 2),
    "low": None,
    "high": None,
    "qualifier": "not_stated",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    load_small_register()
    return make_people("editor", "approver")


def submitted(people, title="Port", **overrides):
    editor, _ = people
    case = draft_case(make_changes(**overrides), title=title, actor=editor)
    return submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())


def approved(people, **kwargs):
    case = submitted(people, **kwargs)
    return approve_case(case.pk, actor=people[1], version=case.version, now=timezone.now())


def said(response):
    return " ".join(response.content.decode().split())


def test_a_decision_shows_change_evidence_people_and_effect(people):
    case = approved(people)

    page = said(Client().get(f"/decisions/{case.pk}/"))

    for words in (
        "editor, ",
        "approver, ",
        "2,100,000,000.00",
        "page 2: a port of 2.1 billion dollars",
        "Fact sheet",
        f"r{case.revision_id}",
        "$33.00–33.30bn",
        "$35.10–35.40bn",
    ):
        assert words in page
    assert f"/decisions/{case.pk}/" in said(Client().get("/decisions/"))


def test_a_decision_is_told_in_japanese_whole(people):
    case = approved(people)

    page = said(Client().get(f"/ja/decisions/{case.pk}/"))

    for words in (
        "<h2>変更内容</h2>",
        "（ファクトシート、米国）",
        "日付の精度</th><td>–</td><td>日</td>",
    ):
        assert words in page
    assert "fact sheet" not in page


def test_the_hash_of_a_pack_is_that_of_its_canonical_json(people):
    case = approved(people)

    answer = Client().get(f"/api/v1/decisions/{case.pk}/").json()

    text = json.dumps(answer["result"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert answer["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (answer["result"]["proposed_by"], answer["result"]["approved_by"]) == (
        "editor",
        "approver",
    )
    event = next(c for c in answer["result"]["changes"] if c["kind"] == "stageevent")
    assert event["computed"] == [
        {"name": "published_on", "old": None, "new": "2026-02-17"},
        {"name": "document_on", "old": None, "new": "2026-02-17"},
    ]
    effect = next(e for e in answer["result"]["effects"] if e["metric"] == "selected_usd")
    assert (effect["before"]["low"], effect["after"]["low"]) == ("33000000000.00", "35100000000.00")
    assert answer["sha256"] in said(Client().get(f"/decisions/{case.pk}/"))


def test_the_pack_tells_what_the_register_computed_and_the_approver_was_warned_of(people):
    editor, approver = people
    record(WINDOW)
    document = {"slug": "doc-call", "title": "Notice", "kind": "funding_notice", "side": "us"}
    document |= {"date": "2026-03-01", "access": "read", "url": "https://example.org/notice"}
    notice = make_notice("prj-gas", "5.00", commitment=COMMITMENT, document="doc-call")
    changes = [{"kind": "document", "data": document}, {"kind": "fundingnotice", "data": notice}]
    case = draft_case(changes, title="Notice", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    address = f"/decisions/{case.pk}/"

    answer = Client().get(f"/api/v1{address}").json()

    of_document, of_notice = (change["computed"] for change in answer["result"]["changes"])
    warning = "The document is older than the act: ntc-prj-gas of 2026-03-02."
    assert of_document == []
    assert {(f["name"], f["old"], f["new"]) for f in of_notice} == {
        ("calendar", None, "joint"),
        ("calendar_version", None, calendar_version()),
        ("default_reading", None, "earliest"),
        ("earliest_on", None, "2026-05-11"),
        ("window_days", None, 45),
        ("published_on", None, "2026-03-02"),
        ("document_on", None, "2026-03-01"),
    }
    assert [d["warning"] for d in answer["result"]["documents"]] == [warning]
    page = said(Client().get(address))
    for words in (
        "2026-05-11 (computed)",
        f"{calendar_version()} (computed)",
        'href="https://example.org/notice"',
        warning,
        "SHA-256 of “result” in the JSON below, written with sorted keys, no spaces and in UTF-8",
        f"· http://testserver{address}",
    ):
        assert words in page, words
    assert answer["sha256"] in said(Client().get(f"/ja{address}"))


def test_a_document_relabelled_after_a_decision_leaves_its_pack_as_it_was_approved(people):
    case = approved(people)
    address = f"/api/v1/decisions/{case.pk}/"
    before = Client().get(address).json()
    labels = {"title": "Renamed", "kind": "letter", "side": "japan", "date": "2025-12-31"}
    given = dict(RECORDS["document"][0])
    for name, label in labels.items():
        given[name] = label
        record({"document": [given]})

    after = Client().get(address).json()

    assert (after["result"], after["sha256"]) == (before["result"], before["sha256"])
    page = said(Client().get(f"/decisions/{case.pk}/"))
    assert "17 Feb 2026, fact sheet, United States" in page
    assert "Renamed" not in page
    later = approved(people, title="Gas", **CANCELLED)
    renamed = Client().get(f"/api/v1/decisions/{later.pk}/").json()["result"]["documents"]
    assert [(d["title"], d["date"]) for d in renamed] == [("Renamed", "2025-12-31")]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (
            {"access": "excerpt_read", "recalled_fields": ["title"]},
            ("Fact sheet (unverified)", "17 Feb 2026, fact sheet, United States, excerpt read"),
        ),
        (
            {"access": "not_seen", "confidence": "recalled"},
            (
                "Fact sheet (unverified)",
                "17 Feb 2026 (unverified), fact sheet, United States (unverified), not seen",
            ),
        ),
    ],
)
def test_a_document_known_from_memory_is_marked_in_the_pack_and_on_its_page(people, labels, told):
    record({"document": [{**RECORDS["document"][0], **labels}]})
    case = approved(people)
    address = f"/decisions/{case.pk}/"

    [document] = Client().get(f"/api/v1{address}").json()["result"]["documents"]

    labels = {"confidence": "sourced", "recalled_fields": [], **labels}
    assert {name: document[name] for name in labels} == labels
    page = said(Client().get(address))
    for words in told:
        assert words in page, words
    assert "（未検証）" in said(Client().get(f"/ja{address}"))


def test_a_later_decision_leaves_an_earlier_pack_as_it_was(people):
    first = approved(people)
    before = Client().get(f"/api/v1/decisions/{first.pk}/").json()["sha256"]
    approved(people, **CANCELLED)

    assert Client().get(f"/api/v1/decisions/{first.pk}/").json()["sha256"] == before


def test_what_is_not_approved_is_nowhere_to_be_seen(people):
    case = submitted(people)

    for address in (
        f"/decisions/{case.pk}/",
        f"/api/v1/decisions/{case.pk}/",
        "/decisions/99999999999999999999999/",
        "/decisions/x/",
        "/api/v1/decisions/-1/",
    ):
        assert Client().get(address).status_code == 404
    assert Client().get("/api/v1/decisions/").json()["results"] == []
    assert "No case has been approved" in said(Client().get("/decisions/"))


def test_decisions_are_paged_by_key(people):
    cases = [
        approved(people),
        approved(people, **CANCELLED),
    ]
    first = Client().get("/api/v1/decisions/?page_size=1").json()
    second = Client().get(first["next"]).json()

    assert [r["id"] for r in first["results"] + second["results"]] == [c.pk for c in cases[::-1]]
    assert second["next"] is None
    bad = Client().get("/api/v1/decisions/?after=x")
    assert (bad.status_code, "after" in said(bad)) == (400, True)


def test_a_project_page_names_who_entered_and_who_approved(people):
    case = approved(people)

    page = said(Client().get("/projects/prj-port/"))

    assert f'href="/decisions/{case.pk}/"' in page
    assert "Entered by editor, approved by approver" in page
    assert "Entered by load of curated data" in page


def test_a_merged_project_leads_to_its_heir_and_keeps_the_query(people):
    editor, approver = people
    link = {
        "ref": "merge",
        "project": "prj-port",
        "other": "prj-gas",
        "relation": "merged_into",
        "document": "doc-fact-sheet",
    }
    case = draft_case([{"kind": "projectlink", "data": link}], title="Merge", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())

    moved = Client().get("/projects/prj-port/?as_of=2026-11-01")
    assert (moved.status_code, moved.url) == (301, "/projects/prj-gas/?as_of=2026-11-01")
    answer = Client().get("/api/v1/projects/prj-port/").json()
    assert answer["result"]["merged_into"] == "prj-gas"


def test_a_decision_on_fiction_is_dressed_as_fiction_and_asked_for_as_no_other(people):
    editor, approver = people
    real = approved(people)
    fiction = {"slug": "fiction", "name": "Fiction", "investor": "Fiction"}
    record({"commitment": [{**fiction, "investor_code": "XX", "illustrative": True}]})
    project = {"slug": "prj-dream", "commitment": "fiction", "name": "Dream"}
    case = draft_case([{"kind": "project", "data": project}], title="Dream", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    page, data = f"/decisions/{case.pk}/", f"/api/v1/decisions/{case.pk}/"

    for query in ("", "?commitment=fiction"):
        words = said(Client().get(page + query))
        assert "Illustrative: these figures are fictional." in words
        assert "Fiction to US" in words
        meta = Client().get(data + query).json()["meta"]
        assert (meta["commitment"], meta["illustrative"]) == ("fiction", True)
        assert (meta["data_cutoff"], meta["agreement_cutoff"]) == (None, None)
    for address in (page, data):
        assert Client().get(f"{address}?commitment={COMMITMENT}").status_code == 404
    fictional = Client().get("/decisions/?commitment=fiction")
    assert f'href="{page}"' in said(fictional)
    assert Client().get(f"/decisions/{real.pk}/?commitment=fiction").status_code == 404
    assert "these figures are fictional" not in said(Client().get(f"/decisions/{real.pk}/"))


def test_a_commitment_without_decisions_says_so_beside_those_of_another(people):
    approved(people)
    other = {"slug": "other", "name": "Other", "investor": "Other", "investor_code": "XX"}
    record({"commitment": [other]})
    none = "No case of this commitment has been approved at this point in time."
    assert none in said(Client().get("/decisions/?commitment=other"))
    assert none not in said(Client().get(f"/decisions/?commitment={COMMITMENT}"))


def test_the_list_of_a_commitment_holds_what_its_details_answer(people, monkeypatch):
    editor, approver = people
    monkeypatch.setattr("dashboard.decisions.CHUNK", 1)
    other = {"slug": "other", "name": "Other", "investor": "Other", "investor_code": "XX"}
    record({"commitment": [other]})
    cases = {}
    for slug, kind, data in (
        ("real", "project", {"slug": "prj-a", "commitment": COMMITMENT, "name": "A"}),
        ("others", "project", {"slug": "prj-b", "commitment": "other", "name": "B"}),
        ("nobodys", "party", {"slug": "pty-a", "name": "A company"}),
        ("further", "project", {"slug": "prj-c", "commitment": "other", "name": "C"}),
    ):
        case = draft_case([{"kind": kind, "data": data}], title=slug, actor=editor)
        case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
        approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
        cases[slug] = case.pk

    for query, held in (
        ("", ["further", "nobodys", "others", "real"]),
        ("?commitment=other", ["further", "nobodys", "others"]),
        (f"?commitment={COMMITMENT}", ["nobodys", "real"]),
    ):
        listed = Client().get(f"/api/v1/decisions/{query}").json()
        assert ([r["title"] for r in listed["results"]], listed["next"]) == (held, None)
        page = said(Client().get(f"/decisions/{query}"))
        for slug, pk in cases.items():
            answer = Client().get(f"/api/v1/decisions/{pk}/{query}")
            assert answer.status_code == (200 if slug in held else 404)
            assert (f'href="/decisions/{pk}/"' in page) == (slug in held)
    walked, address = [], "/api/v1/decisions/?commitment=other&page_size=1"
    while address:
        answer = Client().get(address).json()
        walked += [r["title"] for r in answer["results"]]
        address = answer["next"]
    assert walked == ["further", "nobodys", "others"]


def test_the_pack_tells_each_submission_and_return_as_they_were(people):
    editor, approver = people
    case = submitted(people)
    drafted, first = case.created_at, case.frozen_hash
    case = return_case(
        case.pk, actor=approver, version=case.version, now=timezone.now(), reason="Quote the page."
    )
    changes = make_changes(locator="page 3")
    case = revise_case(case.pk, changes, title="Port", actor=editor, version=case.version)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    case = approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())

    result = Client().get(f"/api/v1/decisions/{case.pk}/").json()["result"]

    steps = result["steps"]
    assert [(s["step"], s["by"], s["reason"], s["sha256"]) for s in steps] == [
        ("submitted", "editor", "", first),
        ("returned", "approver", "Quote the page.", None),
        ("submitted", "editor", "", case.frozen_hash),
    ]
    assert first != case.frozen_hash == result["submitted_sha256"]
    assert result["drafted_at"] == drafted.isoformat() < steps[0]["at"] < steps[1]["at"]
    assert steps[1]["at"] < result["proposed_at"] == case.submitted_at.isoformat()
    (listed,) = Client().get("/api/v1/decisions/").json()["results"]
    assert listed["proposed_at"] == result["proposed_at"]
    minutes = [step["at"][:16] for step in steps]
    told = (
        f"<dt>Submitted</dt><dd>editor, {minutes[0]} UTC</dd>"
        f"<dt>Returned</dt><dd>approver, {minutes[1]} UTC: Quote the page.</dd>"
        f"<dt>Submitted as approved</dt><dd>editor, {minutes[2]} UTC</dd>"
    )
    assert told in said(Client().get(f"/decisions/{case.pk}/"))


def rival(ref, document, low, high):
    said = {"unit": "usd", "who": "A paper", "side": "press", "rank": 3, "document": document}
    claim = {"ref": ref, "commitment": COMMITMENT, "subject": "project:prj-port"}
    record({"claim": [{**claim, **said, "aspect": "amount.selected", "low": low, "high": high}]})


def test_the_pack_holds_what_others_said_of_the_same_when_it_was_decided_and_nothing_later(people):
    rival("clm-before", "doc-news", "2000000000.00", "2500000000.00")
    case = approved(people)
    address = f"/decisions/{case.pk}/"
    before = Client().get(f"/api/v1{address}").json()
    rival("clm-after", "doc-news", "1900000000.00", "1900000000.00")
    rival("clm-before", "doc-news", "2600000000.00", "2600000000.00")
    record({"document": [{**RECORDS["document"][1], "title": "Renamed"}]})
    desk = Client()
    desk.force_login(people[1])

    after = Client().get(f"/api/v1{address}").json()

    assert (after["result"], after["sha256"]) == (before["result"], before["sha256"])
    assert after["result"]["rival_claims"] == [
        {
            **{"ref": "clm-before", "subject": "project:prj-port", "aspect": "amount.selected"},
            **{"who": "A paper", "rank": 3, "said": "$2.0–2.5bn", "unit": "usd"},
            **{"low": "2000000000.00", "high": "2500000000.00", "document": "doc-news"},
            "chosen": None,
        }
    ]
    for page in (
        Client().get(address),
        desk.get(f"/admin/commitments/approvalcase/{case.pk}/change/"),
    ):
        _, told = said(page).split("What others say about the same</h2>")
        words = " ".join(re.sub("<[^>]+>", " ", told.split("</table>")[0]).split())
        assert words.endswith("A paper $2.0–2.5bn press or analyst A report")


def told_of_rivals(page):
    _, told = said(page).split("What others say about the same</h2>")
    return " ".join(re.sub("<[^>]+>", " ", told.split("</table>")[0]).split())


def test_the_pack_of_a_ruling_holds_all_that_was_said_of_its_figure(people):
    rival("clm-paper", "doc-news", "2000000000.00", "2500000000.00")
    rival("clm-analyst", "doc-news", "1000000000.00", "1000000000.00")
    about = {"subject": "project:prj-port", "aspect": "amount.selected"}
    ruling = {"ref": "rul-port", **about, "reason": "It was there.", "claims": ["clm-paper"]}
    case = draft_case([{"kind": "ruling", "data": ruling}], title="Port", actor=people[0])
    case = submit_case(case.pk, actor=people[0], version=case.version, now=timezone.now())
    desk = Client()
    desk.force_login(people[1])
    both = (
        "A paper $1.0bn (not chosen) press or analyst A report "
        "A paper $2.0–2.5bn (chosen by the ruling) press or analyst A report"
    )
    address = f"/admin/commitments/approvalcase/{case.pk}/change/"
    assert told_of_rivals(desk.get(address)).endswith(both)

    approve_case(case.pk, actor=people[1], version=case.version, now=timezone.now())

    pack = Client().get(f"/api/v1/decisions/{case.pk}/").json()["result"]
    assert [
        (one["ref"], one["low"], one["rank"], one["document"], one["chosen"])
        for one in pack["rival_claims"]
    ] == [
        ("clm-analyst", "1000000000.00", 3, "doc-news", False),
        ("clm-paper", "2000000000.00", 3, "doc-news", True),
    ]
    assert [one["slug"] for one in pack["documents"]] == ["doc-news"]
    for page in (Client().get(f"/decisions/{case.pk}/"), desk.get(address)):
        assert told_of_rivals(page).endswith(both)


def test_rival_claims_of_one_case_are_rivals_of_one_another():
    load_small_register()
    base = {"subject": "project:prj-port", "aspect": "amount.selected", "unit": "usd"}
    first = {**base, "ref": "clm-1", "who": "A", "rank": 3, "low": "5.00", "high": "5.00"}
    second = {**first, "ref": "clm-2", "who": "B", "rank": "1", "document": "doc-fact-sheet"}
    other = {**first, "ref": "clm-3", "subject": "project:prj-gas", "low": "none"}

    def told(*lines):
        changes = [{"kind": kind, "data": data} for kind, data in lines]
        return [
            (r.claim.ref, r.chosen, r.document and r.document.slug) for r in rival_claims(changes)
        ]

    lines = [("claim", first), ("claim", second), ("claim", other)]
    assert told(*lines) == [
        ("clm-gas", None, "doc-fact-sheet"),
        ("clm-2", None, "doc-fact-sheet"),
        ("clm-1", None, None),
    ]
    ruling = {**base, "ref": "rul-1", "claims": ["clm-2"]}
    assert told(("ruling", ruling), lines[1]) == [("clm-2", True, "doc-fact-sheet")]
    assert told(lines[0]) == told(lines[0], ("claim", {**second, "withdrawn": True})) == []


def test_the_pack_tells_what_was_required_and_given_in_every_language_alike(people):
    case = approved(people)
    address = f"/api/v1/decisions/{case.pk}/"
    answer = Client().get(address).json()

    (step,) = answer["result"]["required"]

    assert (step["step"], step["subject"]) == ("selected by the President", "prj-port")
    assert [(need["given"], need["required"], need["state"]) for need in step["needs"]] == [
        ("doc-fact-sheet (fact sheet, United States)", True, "met"),
        ("given", False, "met"),
        ("2026-02-17", True, "met"),
        ("given", False, "met"),
    ]
    assert "✓ met" in said(Client().get(f"/decisions/{case.pk}/"))
    japanese = said(Client().get(f"/ja/decisions/{case.pk}/"))
    assert answer["sha256"] in japanese


def test_what_was_needed_is_told_after_the_decision_as_it_was_before(people):
    editor, approver = people
    common = {
        **{"commitment": COMMITMENT, "project": "prj-gas", "instrument": "loan"},
        "amount_usd": "500000000.00",
    }
    notice = {**common, "ref": "ntc-1", "number": "1", "received_on": "2026-03-02"}
    notice |= {"document": "doc-notice"}
    paid = {**common, "ref": "led-1", "kind": "funding", "value_date": "2026-06-01"}
    paid |= {"document": "doc-receipt"}
    record({**WINDOW, "fundingnotice": [notice]})
    less = {"amount_usd": "400000000.00"}
    changes = [
        *make_changes(),
        {"kind": "fundingnotice", "data": {**notice, **less}},
        {"kind": "ledgerentry", "data": {**paid, **less, "notice": "ntc-1"}},
    ]
    trial = tried(changes, today=TODAY)
    case = draft_case(changes, title="Less", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    case = approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    record({"fundingnotice": [{**notice, "amount_usd": "900000000.00"}]})
    assert trial.refused is None
    assert len(trial.needs) == 3
    assert tuple(needs_at_decision(case, states_of(case))) == trial.needs


def test_what_a_large_decision_needed_is_read_once_for_each_language(people, client, monkeypatch):
    case = approved(people)
    address = reverse("decision", args=[case.pk])
    small = said(client.get(address))
    reads, needs = [], decisions.step_needs
    monkeypatch.setattr(
        decisions, "step_needs", lambda *args, **kw: reads.append(1) or needs(*args, **kw)
    )
    monkeypatch.setattr(decisions, "MOST_CHANGES", len(case.changes) - 1)

    told = [said(client.get(address)) for _ in range(2)]
    needed = small.partition("What each step needs")[2].partition("Evidence")[0]
    assert needed
    assert all(needed in page for page in told)
    assert len(reads) == 1


def test_amounts_of_a_decision_have_two_decimals_on_both_sides(people):
    editor, approver = people
    record(WINDOW)
    notice = {
        **{"ref": "ntc-1", "commitment": COMMITMENT, "project": "prj-gas", "instrument": "loan"},
        **{"number": "1", "received_on": "2026-03-02", "document": "doc-notice"},
    }
    record({"fundingnotice": [{**notice, "amount_usd": "500000000"}]})
    data = {**notice, "amount_usd": "480000000"}
    case = draft_case([{"kind": "fundingnotice", "data": data}], title="Less", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
    approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())

    (change,) = Client().get(f"/api/v1/decisions/{case.pk}/").json()["result"]["changes"]

    amounts = [f for f in change["fields"] if f["name"] == "amount_usd"]
    assert amounts == [{"name": "amount_usd", "old": "500000000.00", "new": "480000000.00"}]
    assert value_words(Document, "kind", "lender_release") == "lender’s release"
    assert value_words(Document, "confidence", "recalled") == "general knowledge, not verified"


def test_a_limit_that_is_passed_is_told_of_the_project_it_is_of():
    told = "funded 550.00 USD, but noticed 470.00 USD"
    over = Refusal("ledgerentry", "prj-2", "amount_usd", told, of="project")
    assert refusal_words(over) == f"Project prj-2: F{told[1:]}."
    shown = refusal_words(replace(over, at="led-1"))
    assert shown == f"Ledger entry led-1 (prj-2), Amount, US dollars: F{told[1:]}."


def test_a_gap_below_zero_reads_as_what_is_signed_beyond_what_is_selected():
    def split(rest):
        some = (Bounds(), (), Bounds(), rest, rest)
        return InstrumentSplit(*some, unstated_count=0)

    effects = Effects(
        (), (SplitEffect("prj-gas", split(Decimal(5_000_000)), split(Decimal(-400_000_000))),)
    )
    rows = split_tables(effects)[0].rows[-2:]
    assert [(row.name, row.before, row.after) for row in rows] == [
        ("Gap: not stated", "$5m", "–"),
        ("Signed beyond what is selected", "–", "$400m"),
    ]
