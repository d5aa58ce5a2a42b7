"""Labels change in place: not under what goes by them, and one commitment is the default."""

import itertools

import pytest
from django.db import transaction

from commitments.models import Commitment, Document, Instrument
from commitments.services.cases import CaseRefused, apply_changes
from commitments.services.register import RecordError
from tests.builders import (
    BASE,
    COMMITMENT,
    DOCUMENT,
    broken,
    make_entry,
    make_notice,
    make_project,
    make_register,
    post,
    record,
)

pytestmark = pytest.mark.django_db
FIXED = "cannot be changed: facts and figures rest on it"
HELD = BASE["commitment"][0]
OTHER = {"slug": "other-us", "name": "Other", "investor": "Other", "investor_code": "XX"}
TO_COME = "2028-01-04"
NO_DEFAULT = "one commitment is the default: name another in the same case or file"


@pytest.fixture(autouse=True)
def _register(db):
    make_register()
    record(make_project("prj-1", low="900.00", high="900.00"))


def cash(slug: str, *, is_cash: bool, name: str = "Loans") -> dict[str, list]:
    return {"instrument": [{"slug": slug, "name": name, "is_cash": is_cash}]}


def test_an_instrument_stays_cash_or_none_while_anything_rests_on_it():
    assert broken(cash("loan", is_cash=False)) == []  # a slip, mended before it is used
    mine = {"commitment": COMMITMENT, "document": DOCUMENT}
    record({"financing": [{**mine, "ref": "fin-1", "instrument": "equity"}]})
    record({"fundingnotice": [make_notice("prj-1", "9.00")]})
    post([make_entry("prj-1", "1.00", kind="fee", instrument=the("not-stated"), excuse="")])
    for slug in ("loan", "equity", "not-stated"):
        assert f"instrument {slug}, is_cash: {FIXED}" in broken(cash(slug, is_cash=False)), slug
        assert broken(cash(slug, is_cash=True)) == []


def the(slug: str) -> Instrument:
    return Instrument.objects.get(slug=slug)


def test_a_commitment_keeps_the_countries_by_which_its_duties_are_found():
    record({"commitment": [OTHER]})
    assert broken({"commitment": [{**OTHER, "investor_code": "GB"}]}) == []
    for name in ("investor_code", "host_code"):
        told = broken({"commitment": [{**HELD, name: "FR"}]})
        assert told == [f"commitment {COMMITMENT}, {name}: {FIXED}"]
    assert broken({"commitment": [{**HELD, "name": "Another name"}]}) == []


def paper(slug: str, **labels: object) -> dict[str, list]:
    return {"document": [{**BASE["document"][0], "slug": slug, **labels}]}


def test_no_document_is_of_a_day_to_come_or_dated_so_anew():
    for slug in (DOCUMENT, "doc-new"):
        told = broken(paper(slug, date=TO_COME))
        assert told == [f"document {slug}, date: {TO_COME} lies in the future"]
        assert broken(paper(slug, date="2025-09-03")) == []
    record(paper("doc-later", date=TO_COME))
    assert broken(paper("doc-later", date=TO_COME, title="Read")) == [
        f"document doc-later, date: {TO_COME} lies in the future"
    ]
    assert broken(paper("doc-later")) == []


def test_a_document_is_not_dated_anew_under_a_term_that_tells_of_a_later_day():
    own = paper("doc-own")
    start = next(term for term in BASE["term"] if term["key"] == "start")
    record({**own, "term": [{**start, "document": "doc-own"}]})
    (words,) = broken(paper("doc-own", date="2025-08-01"))
    assert words.startswith("term term-start, document: it tells of 2025-09-04")
    assert broken(paper("doc-own", date="2025-09-05")) == []


@pytest.mark.parametrize(
    ("labels", "field", "name"),
    [
        ({"slug": "doc-new", "aliases": [DOCUMENT]}, "aliases", DOCUMENT),
        ({"slug": "doc-new", "aliases": ["filed-as"]}, "aliases", "filed-as"),
        ({"slug": "filed-as"}, "slug", "filed-as"),
    ],
)
def test_a_name_leads_to_one_document(labels, field, name):
    record(paper(DOCUMENT, aliases=["filed-as"]))
    assert broken(paper(**labels)) == [
        f"document {labels['slug']}, {field}: “{name}” is a name of “{DOCUMENT}” already"
    ]
    assert broken(paper(DOCUMENT, aliases=["filed-as", "and-as"])) == []
    assert Document.objects.get(slug=DOCUMENT).aliases == ["filed-as"]


def default(held: bool, other: bool) -> list[dict]:
    labels = ({**HELD, "is_default": held}, {**OTHER, "is_default": other})
    return [{"kind": "commitment", "data": data} for data in labels]


def refused(changes: list[dict]) -> list[str]:
    with pytest.raises(CaseRefused) as caught, transaction.atomic():
        apply_changes(changes, actor=None, reason="test")
    return [str(refusal) for refusal in caught.value.refusals]


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("is_new", [True, False])
def test_the_default_is_handed_over_in_one_case_in_either_order(turn, is_new):
    if not is_new:
        record({"commitment": [OTHER]})
    apply_changes(default(held=False, other=True)[::turn], actor=None, reason="test")
    assert [c.slug for c in Commitment.objects.filter(is_default=True)] == ["other-us"]


@pytest.mark.parametrize(("turn", "is_new"), itertools.product([1, -1], [True, False]))
def test_a_second_default_is_told_at_its_own_record(turn, is_new):
    if not is_new:
        record({"commitment": [OTHER]})
    (words,) = refused(default(held=True, other=True)[::turn])
    assert words.startswith(f"commitment other-us, is_default: “{COMMITMENT}” is the default")
    (words,) = refused(default(held=True, other=True)[1:])
    assert words.startswith(f"commitment other-us, is_default: “{COMMITMENT}” is the default")
    third = {"kind": "commitment", "data": {**OTHER, "slug": "third-us", "is_default": True}}
    (words,) = refused([third, *default(held=False, other=True)])
    assert words.startswith("commitment other-us, is_default: “third-us” is the default")


def test_one_commitment_stays_the_default_and_none_of_fiction():
    assert refused(default(held=False, other=False)) == [
        f"commitment {COMMITMENT}, is_default: {NO_DEFAULT}"
    ]
    fiction = {"commitment": [{**OTHER, "illustrative": True, "is_default": True}]}
    with pytest.raises(RecordError) as caught:
        record({"commitment": [{**HELD, "is_default": False}], **fiction})
    assert "commitment other-us, is_default: an illustrative commitment is never" in str(
        caught.value
    )
    Commitment.objects.update(is_default=False)
    assert broken({"commitment": [OTHER]}) == [f"commitment other-us, is_default: {NO_DEFAULT}"]
