"""What is made up is told of beside its own commitment only, and what is real never as made up."""

import csv
import io

import pytest
from django.test import Client
from django.utils import timezone

from commitments.services.cases import approve_case, draft_case, submit_case
from projects.services.verification import verify_ledger
from tests.builders import COMMITMENT, broken, make_project, make_register, merged, record
from tests.desk import make_people

pytestmark = pytest.mark.django_db
FICTION = "fiction-us"
HERE, THERE = "rul-real", "rul-fiction"
LENDER = {"subject": "institution:inst-lender", "aspect": "capacity.lent"}


@pytest.fixture(autouse=True)
def _two_commitments():
    make_register()
    other = {"slug": FICTION, "name": "F", "investor": "F", "investor_code": "XX"}
    theirs = make_project("prj-9")
    theirs["project"][0]["commitment"] = theirs["claim"][0]["commitment"] = FICTION
    fictional = {
        **{"slug": "doc-fiction", "title": "F", "kind": "fictional", "date": "2026-01-01"},
        **{"access": "read", "side": "us"},
    }
    record({"commitment": [{**other, "illustrative": True}]})
    record(merged(make_project("prj-1"), theirs, {"document": [fictional]}))
    record({"ruling": [ruling(HERE, "prj-1")]})


def ruling(ref: str, project: str, **overrides):
    return {
        **{"ref": ref, "subject": f"project:{project}", "aspect": "amount.selected"},
        **{"reason": f"reason of {ref}", "claims": [f"clm-{project}"], "document": "doc-test"},
        **overrides,
    }


@pytest.fixture
def decided():
    """The decision by which a ruling on a fictional project was recorded and then withdrawn."""
    editor, approver = make_people("editor", "approver")
    for withdrawn in (False, True):
        data = ruling(THERE, "prj-9", **({"withdrawn": True} if withdrawn else {}))
        case = draft_case([{"kind": "ruling", "data": data}], title="On a dream", actor=editor)
        case = submit_case(case.pk, actor=editor, version=case.version, now=timezone.now())
        case = approve_case(case.pk, actor=approver, version=case.version, now=timezone.now())
    record({"ruling": [ruling(THERE, "prj-9")]})
    return case


def rows(address: str):
    content = Client().get(address).getvalue().decode("utf-8-sig")
    return [
        (row["ref"], row["_commitment"], row["_illustrative"])
        for row in csv.DictReader(io.StringIO(content))
    ]


@pytest.mark.usefixtures("decided")
def test_a_file_and_a_list_hold_the_rulings_of_their_own_commitment():
    assert rows("/data/ruling.csv") == [(HERE, COMMITMENT, "false")]
    assert rows(f"/data/ruling.csv?commitment={FICTION}") == [(THERE, FICTION, "true")]
    assert THERE not in Client().get("/data/ruling/").content.decode()
    for query, ref, illustrative in (("", HERE, None), (f"?commitment={FICTION}", THERE, True)):
        answer = Client().get(f"/api/v1/rulings/{query}").json()
        assert [row["ref"] for row in answer["results"]] == [ref]
        assert answer["meta"].get("illustrative") is illustrative
    assert Client().get(f"/api/v1/rulings/{THERE}/").status_code == 404


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("address", ["/changes/", "/changes/feed.atom", "/corrections/"])
def test_what_is_new_and_put_right_of_fiction_is_told_beside_it_alone(address):
    real = Client().get(address)
    fictional = Client().get(address, {"commitment": FICTION})
    words = THERE if address == "/corrections/" else "On a dream"
    assert (real.status_code, fictional.status_code) == (200, 200)
    assert words not in real.content.decode()
    assert words in fictional.content.decode()


def test_a_decision_about_fiction_is_marked_in_every_list(decided):
    results = Client().get("/api/v1/decisions/").json()["results"]
    assert [row["illustrative"] for row in results] == [True, True]
    assert Client().get(f"/api/v1/decisions/{decided.pk}/").json()["result"]["illustrative"]
    page = Client().get("/decisions/").content.decode()
    assert page.count('<span class="tag">illustrative</span>') == 2


@pytest.mark.usefixtures("decided")
def test_the_page_of_a_document_names_nothing_made_up_beside_what_is_real():
    real = Client().get("/sources/doc-test/").content.decode()
    assert (HERE in real, THERE in real) == (True, False)
    fictional = Client().get("/sources/doc-test/", {"commitment": FICTION}).content.decode()
    assert (HERE in fictional, THERE in fictional) == (False, True)


def test_what_belongs_to_no_commitment_rests_on_nothing_fictional():
    (claim,) = make_project("prj-9")["claim"]
    words = "“doc-fiction” is fictional, and this belongs to no fictional commitment"
    gap = {"ref": "gap-1", "area": "money", "question": "Why?", "text": "t"}
    assert f"gap gap-1, document: {words}" in broken({"gap": [{**gap, "document": "doc-fiction"}]})
    nobodys = {**claim, "ref": "clm-new", "commitment": None}
    assert broken({"claim": [nobodys]}) == [
        f"claim clm-new, commitment: is required: “project:prj-9” belongs to {COMMITMENT}".replace(
            COMMITMENT, FICTION
        )
    ]


def test_a_new_name_of_what_is_made_up_is_no_correction_of_what_is_real():
    labels = {"kind": "fictional", "date": "2026-01-01", "access": "read", "side": "us"}
    record({"document": [{**labels, "slug": "doc-fiction", "title": "A new dream"}]})
    real, fictional = (
        Client().get("/api/v1/corrections/", query).json()["results"]
        for query in ({}, {"commitment": FICTION})
    )
    assert ([row["ref"] for row in real], fictional) == ([], [])


def on_an_institution(**overrides):
    """A ruling about a lender, which is of no commitment, over what a fictional claim says of it."""
    (claim,) = make_project("prj-9")["claim"]
    record({"claim": [{**claim, **LENDER, "ref": "clm-lender", "commitment": FICTION}]})
    given = {**LENDER, "claims": ["clm-lender"], "document": "doc-fiction"}
    return ruling("rul-lender", "", **{**given, **overrides})


def test_a_ruling_on_what_is_of_no_commitment_belongs_to_that_of_its_claims():
    record({"ruling": [on_an_institution()]})
    record({"ruling": [on_an_institution(reason="another reason")]})
    assert rows("/data/ruling.csv") == [(HERE, COMMITMENT, "false")]
    assert rows(f"/data/ruling.csv?commitment={FICTION}") == [("rul-lender", FICTION, "true")]
    for address in ("/api/v1/rulings/", "/changes/", "/corrections/", "/api/v1/corrections/"):
        assert "rul-lender" not in Client().get(address).content.decode(), address
    for address in ("/api/v1/rulings/", "/api/v1/corrections/"):
        answer = Client().get(address, {"commitment": FICTION}).json()
        assert [row["ref"] for row in answer["results"]] == ["rul-lender"]
        assert answer["meta"]["illustrative"] is True


def test_a_ruling_over_claims_of_several_commitments_is_refused_and_found_on_record():
    words = f"belong to several commitments: {FICTION}, {COMMITMENT}"
    (claim,) = make_project("prj-1")["claim"]
    record({"claim": [{**claim, **LENDER, "ref": "clm-real"}]})
    wrong = on_an_institution(claims=["clm-lender", "clm-real"])
    assert broken({"ruling": [wrong]}) == [f"ruling rul-lender, claims: {words}"]
    record({"ruling": [wrong]})
    found = [str(finding) for finding in verify_ledger(lambda _percent: None).findings]
    assert f"ruling rul-lender, claims: {words}" in found


def test_a_ruling_of_no_fictional_commitment_rests_on_nothing_fictional():
    (claim,) = make_project("prj-1")["claim"]
    record({"claim": [{**claim, **LENDER, "ref": "clm-all", "commitment": None}]})
    wrong = on_an_institution(claims=["clm-all"])
    words = "“doc-fiction” is fictional, and this belongs to no fictional commitment"
    assert broken({"ruling": [wrong]}) == [f"ruling rul-lender, document: {words}"]
    record({"ruling": [wrong]})
    found = [str(finding) for finding in verify_ledger(lambda _percent: None).findings]
    assert f"ruling rul-lender, document: {words}" in found
