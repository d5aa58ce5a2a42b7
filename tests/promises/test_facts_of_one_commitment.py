"""Whatever a fact names belongs to its own commitment, so no figure takes in another's."""

import pytest

from commitments.services.one_commitment import ways_of
from commitments.services.register import kinds
from projects.services.verification import verify_ledger
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    LENDER_DOCUMENT,
    LENDER_RELEASE,
    broken,
    entry_record,
    make_entry,
    make_notice,
    make_project,
    make_register,
    merged,
    record,
)

pytestmark = pytest.mark.django_db
OTHER = "fiction-us"
THERE = f"belongs to another commitment: {OTHER}, not {COMMITMENT}"


def of_both() -> dict[str, dict]:
    """A sound record of each kind that names something beside its commitment."""
    mine = {"commitment": COMMITMENT, "document": DOCUMENT}
    (claim,) = make_project("prj-1")["claim"]
    return {
        "fundingnotice": {**make_notice("prj-1", "5.00")},
        "plan": {
            **{**mine, "ref": "plan-1", "project": "prj-1", "label": "p"},
            "points": [
                {"on": "2025-09-04", "amount_usd": "0"},
                {"on": "2029-01-19", "amount_usd": "9"},
            ],
        },
        "deemedrate": {
            **{**mine, "ref": "rate-1", "project": "prj-1"},
            **{"effective_on": "2026-01-01", "annual_rate": "0.05"},
        },
        "claim": {**claim, "ref": "clm-1"},
        "financing": {**mine, "ref": "fin-1", "instrument": "loan", "projects": ["prj-1"]},
        "ruling": {
            **{"ref": "rul-1", "subject": "project:prj-1", "aspect": "amount.selected"},
            **{"reason": "it says more", "claims": ["clm-prj-1"], "document": DOCUMENT},
        },
        "projectlink": {
            **{"ref": "link-1", "project": "prj-1", "other": "prj-2"},
            **{"relation": "related", "document": DOCUMENT},
        },
    }


WRONG = {
    "fundingnotice": ("project", "prj-9", THERE),
    "plan": ("project", "prj-9", THERE),
    "deemedrate": ("project", "prj-9", THERE),
    "claim": ("subject", "project:prj-9", f"“project:prj-9” {THERE}"),
    "financing": ("projects", ["prj-1", "prj-9"], THERE),
    "ruling": ("subject", "project:prj-9", f"“project:prj-9” {THERE}"),
    "projectlink": ("other", "prj-9", THERE),
}


@pytest.fixture(autouse=True)
def _two_commitments(db):
    make_register()
    other = {"slug": OTHER, "name": "F", "investor": "F", "investor_code": "XX"}
    theirs = make_project("prj-9")
    theirs["project"][0]["commitment"] = theirs["claim"][0]["commitment"] = OTHER
    document = {
        **{"slug": "doc-fiction", "title": "F", "kind": "fictional", "date": "2026-01-01"},
        **{"access": "read", "side": "us"},
    }
    record({"commitment": [{**other, "illustrative": True}]})
    record(merged(make_project("prj-1"), make_project("prj-2"), theirs, {"document": [document]}))


def found() -> list[str]:
    return [str(finding) for finding in verify_ledger(lambda _percent: None).findings]


def test_every_kind_that_names_something_of_a_commitment_is_tried_here():
    several = {
        name
        for name, model in kinds().items()
        if len(ways_of(model)) + ("subject" in {f.name for f in model._meta.get_fields()}) > 1
        and model._meta.app_label == "projects"
    }
    assert several - {"ledgerentry"} <= WRONG.keys()


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_a_record_that_names_another_commitments_is_refused(kind):
    sound = of_both()[kind]
    assert not [words for words in broken({kind: [sound]}) if "another commitment" in words]
    name, value, words = WRONG[kind]
    assert f"{kind} {sound['ref']}, {name}: {words}" in broken({kind: [{**sound, name: value}]})


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_one_that_is_in_the_data_is_found_until_it_is_withdrawn(kind):
    sound = of_both()[kind]
    name, value, words = WRONG[kind]
    wrong = {**sound, name: value}
    record({kind: [wrong]})
    assert f"{kind} {sound['ref']}, {name}: {words}" in found()
    assert broken({kind: [{**wrong, "withdrawn": True}]}) == []
    record({kind: [{**wrong, "withdrawn": True}]})
    assert not [line for line in found() if "another commitment" in line]


def test_a_fact_is_not_corrected_into_another_commitment():
    notice = make_notice("prj-1", "5.00")
    record({"fundingnotice": [notice]})
    there = {**notice, "commitment": OTHER, "project": "prj-9"}
    term = {
        **{"ref": "term-window", "commitment": OTHER, "key": "funding_window", "name": "w"},
        **{"value": {"business_days": 45}, "effective_on": "2025-09-04", "document": DOCUMENT},
    }
    named = {"ref": "term-days", "key": "calendar", "value": {"calendar": "joint"}}
    calendar = {**term, **named}
    assert (
        f"fundingnotice ntc-prj-1, commitment: was recorded for {COMMITMENT}: "
        f"withdraw it and record another for {OTHER}"
    ) in broken({"fundingnotice": [there], "term": [term, calendar]})


def test_a_project_stays_with_its_commitment_and_fiction_stays_fiction():
    moved = {"slug": "prj-9", "commitment": COMMITMENT, "name": "prj-9"}
    real = {"slug": OTHER, "name": "F", "investor": "F", "investor_code": "XX"}
    words = "cannot be changed: facts and figures rest on it"
    assert broken({"project": [moved]}) == [f"project prj-9, commitment: {words}"]
    assert broken({"commitment": [{**real, "illustrative": False}]}) == [
        f"commitment {OTHER}, illustrative: {words}"
    ]


def test_a_fictional_document_is_no_evidence_of_a_real_commitment():
    claim = {**of_both()["claim"], "document": "doc-fiction"}
    assert broken({"claim": [claim]}) == [
        f"claim clm-1, document: “doc-fiction” is fictional, and {COMMITMENT} is not"
    ]
    theirs = {**claim, "commitment": OTHER, "subject": "project:prj-9"}
    assert broken({"claim": [theirs]}) == []


MADE_UP = {
    "institution": [{"slug": "inst-fiction", "name": "Bank A", "illustrative": True}],
    "party": [{"slug": "party-fiction", "name": "Builder E", "illustrative": True}],
}


def naming_fiction(project: str, commitment: str) -> dict[str, list[dict]]:
    """A fact of each column that leads to an institution or a party, over what is made up."""
    (claim,) = make_project(project)["claim"]
    mine = {"commitment": commitment, "document": DOCUMENT}
    lent = {**mine, "instrument": "loan", "projects": [project], "document": LENDER_RELEASE}
    insured = {"financing": "fin-2", "insurer": "inst-fiction", "in_force_on": "2026-01-01"}
    part = {"project": project, "party": "party-fiction", "role": "builder", "document": DOCUMENT}
    about = {**mine, "subject": "institution:inst-fiction", "aspect": "capacity.lent"}
    return {
        "financing": [
            {**lent, "ref": "fin-1", "providers": ["inst-lender", "inst-fiction"]},
            {**lent, "ref": "fin-2"},
        ],
        "cover": [{**insured, "ref": "cov-1", "document": LENDER_RELEASE}],
        "projectparty": [{**part, "ref": "part-1"}],
        "claim": [{**claim, **about, "ref": "clm-1"}],
    }


def test_no_column_of_a_real_fact_names_an_institution_or_a_party_that_is_made_up():
    record(MADE_UP | {"document": [LENDER_DOCUMENT]})
    bank, party = "“inst-fiction” is fictional, and", "“party-fiction” is fictional, and"
    wrong = [
        f"claim clm-1, subject: {bank} {COMMITMENT} is not",
        f"cover cov-1, insurer: {bank} {COMMITMENT} is not",
        f"financing fin-1, providers: {bank} {COMMITMENT} is not",
        f"projectparty part-1, party: {party} {COMMITMENT} is not",
    ]
    assert sorted(broken(naming_fiction("prj-1", COMMITMENT))) == wrong
    said = {"ref": "said-1", "institution": "inst-fiction", "text": "t", "document": DOCUMENT}
    assert broken({"institutionstatement": [said]}) == [
        f"institutionstatement said-1, institution: {bank} this belongs to no fictional commitment"
    ]
    record(naming_fiction("prj-1", COMMITMENT))
    found = [str(finding) for finding in verify_ledger(lambda _percent: None).findings]
    assert set(wrong) <= set(found)


def test_fiction_may_name_what_is_made_up_and_what_is_real_beside_it():
    record(MADE_UP | {"document": [LENDER_DOCUMENT]})
    assert broken(naming_fiction("prj-9", OTHER)) == []


@pytest.mark.parametrize(
    ("kind", "label", "was"),
    [
        ("institution", {"illustrative": False}, "inst-fiction"),
        ("party", {"illustrative": False}, "party-fiction"),
        ("institution", {"illustrative": True}, "inst-lender"),
        ("document", {"kind": "fact_sheet"}, "doc-fiction"),
        ("document", {"kind": "fictional"}, DOCUMENT),
    ],
)
def test_what_is_made_up_stays_so_and_what_is_real_stays_real(kind, label, was):
    record(MADE_UP)
    stored = kinds()[kind].objects.filter(slug=was).values().get()
    labels = {k: v for k, v in stored.items() if k not in ("id", "revision_id") and v is not None}
    if "date" in labels:
        labels["date"] = str(labels["date"])
    (name,) = label
    told = broken({kind: [{**labels, **label}]})
    assert [words for words in told if words.startswith(f"{kind} ")] == [
        f"{kind} {was}, {name}: cannot be changed: facts and figures rest on it"
    ]


def test_an_entry_of_a_real_commitment_rests_on_its_own_project_and_on_no_fiction():
    own = entry_record(make_entry("prj-1", "5.00", ref="led-1", document="doc-fiction"))
    words = f"document: “doc-fiction” is fictional, and {COMMITMENT} is not"
    assert broken({"ledgerentry": [own]}) == [f"ledgerentry led-1, {words}"]
    theirs = {**own, "project": "prj-9"}
    assert broken({"ledgerentry": [theirs]}) == [
        "ledgerentry led-1, project: belongs to another commitment",
        f"ledgerentry led-1, {words}",
    ]
    assert broken({"ledgerentry": [{**theirs, "commitment": OTHER}]}) == []


FICTION = {
    "term": [
        {
            **{"ref": "term-fiction", "commitment": OTHER, "key": "target", "name": "t"},
            **{"value": {"usd": "1.00"}, "effective_on": "2025-09-04", "document": "doc-fiction"},
        }
    ]
}


def test_no_list_of_a_real_fact_names_anything_made_up():
    aliased = {"slug": "doc-fiction-2", "title": "F", "kind": "fictional", "date": "2026-01-01"}
    aliased |= {"access": "read", "side": "us", "aliases": ["doc-alias"]}
    record(FICTION | {"document": [aliased]})
    said = {"statement_a": "a", "statement_b": "b", "explanation": "e", "topic": "t"}
    reaction = {
        **{"ref": "rx-1", "commitment": COMMITMENT, "occurred_on": "2026-01-02", "country": "US"},
        **{"actor": "A", "actor_type": "press", "kind": "statement", "stance": "neutral"},
        **{"subject": "s", "summary": "s", "document": DOCUMENT},
    }
    claim = of_both()["claim"]
    real = ["clm-prj-1", "term-target", DOCUMENT]
    of_fiction = "is fictional, and this belongs to no fictional commitment"
    is_not = f"is fictional, and {COMMITMENT} is not"

    def contradiction(*evidence):
        return {"contradiction": [{**said, "ref": "sc-1", "evidence": [*real, *evidence]}]}

    def reacting(**more):
        return {"reaction": [{**reaction, **more}]}

    def weighed(*against, **more):
        return {"claim": [{**claim, "against": ["claim:clm-prj-1", *against], **more}]}

    wrong = []
    for key in ("doc-fiction", "doc-alias", "term-fiction", "clm-prj-9"):
        wrong.append((contradiction(key), f"contradiction sc-1, evidence: “{key}” {of_fiction}"))
    for field in ("about", "about_inferred"):
        for key in (f"commitment:{OTHER}", "project:prj-9", "term:term-fiction"):
            words = f"reaction rx-1, {field}: “{key}” "
            wrong.append((reacting(**{field: ["project:prj-1", key]}), words + is_not))
            nobodys = reacting(**{field: [key], "commitment": None})
            wrong.append((nobodys, words + of_fiction))
    for key in ("claim:clm-prj-9", "term:term-fiction"):
        wrong.append((weighed(key), f"claim clm-1, against: “{key}” {THERE}"))
    for records, words in wrong:
        assert broken(records) == [words]
        before = found()
        record(records)
        assert [line for line in found() if line not in before] == [words]
        (kind, [row]) = next(iter(records.items()))
        record({kind: [{**row, "withdrawn": True}]})
    assert broken(contradiction()) == []
    own = {"commitment": OTHER, "about": [f"commitment:{OTHER}", "project:prj-1"]}
    assert broken(reacting(ref="rx-2", **own)) == []
    theirs = {"ref": "clm-2", "commitment": OTHER, "subject": "project:prj-9"}
    mine = {**claim, **theirs, "against": ["claim:clm-prj-9", "term:term-fiction"]}
    assert broken({"claim": [mine]}) == []
