"""Whatever is refused is told in the reader's language: no message is English alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import override

from commitments.calculations.written import PARTS
from commitments.models import Claim, Document
from commitments.models.terms import HOLDS, PROBLEMS
from commitments.services.kind_names import NAMES, no_such
from commitments.services.register import RecordError, kinds
from commitments.services.values import value_of
from dashboard.casework import sentence
from tests.builders import COMMITMENT, make_register, record
from tests.notices import make_commitment_with_window, notice_record

ROOT = Path(__file__).resolve().parent.parent
MESSAGE_AT = {  # which argument of each says what is wrong
    "Refusal": 3,
    "CellError": 3,
    "CaseRefused": 1,
    "SheetRefused": 0,
    "ValidationError": 0,
    "LookupError": 0,
    "_Unreadable": 0,
    "PointError": 1,
}
AT_A_TERMINAL = {"commitments/services/loading.py", "commitments/services/roles.py"}
ENGLISH = re.compile(r"[A-Za-z]{2,}")
QUOTED = re.compile(r"“[^”]*”|「[^」]*」|NULL|null|U\+[0-9A-F]+|[0-9T:+-]{10,}|%\(\w+\)s")


def is_english(words: str) -> bool:
    """Whether words are left in a message once what it quotes is taken out."""
    return ENGLISH.search(QUOTED.sub("", words)) is not None


def said() -> Iterator[tuple[str, ast.expr]]:
    """Where a message is given to a refusal, and the expression that makes it."""
    for room in ("commitments", "projects", "tariffs", "dashboard"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name in AT_A_TERMINAL or {"calculations", "migrations", "management"} & {
                *path.parts
            }:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = MESSAGE_AT.get(called)
                if place is not None and len(node.args) > place:
                    yield f"{name}:{node.lineno}", node.args[place]


def bare(message: ast.expr) -> Iterator[str]:
    """The words of a message that stand in it as they are."""
    if isinstance(message, ast.Constant) and isinstance(message.value, str):
        yield message.value
    elif isinstance(message, ast.JoinedStr):
        yield from (v.value for v in message.values if isinstance(v, ast.Constant))
    elif isinstance(message, ast.BinOp):
        yield from bare(message.left)
    elif isinstance(message, ast.Dict):
        for part in message.values:
            yield from bare(part)


def test_no_refusal_is_written_in_one_language():
    found = list(said())
    assert len(found) > 150
    assert [place for place, words in found if any(map(ENGLISH.search, bare(words)))] == []


def field(model: Any, name: str) -> "models.Field[Any, Any]":
    return model._meta.get_field(name)


WRONG_VALUES: tuple[tuple[Any, str, Any], ...] = (
    (Claim, "note", None),
    (Claim, "low", 0.5),
    (Claim, "low", "many"),
    (Claim, "low", "Infinity"),
    (Claim, "low", "0.123456789"),
    (Claim, "low", "1" * 20),
    (Claim, "who", 5),
    (Claim, "who", "Com\u202emerce"),
    (Claim, "stated_on", 20260228),
    (Claim, "stated_on", "2999-01-01"),
    (Claim, "recalled_fields", "low"),
    (apps.get_model("projects", "FundingNotice"), "received_at", "2026-11-22T09:00:00"),
)


@pytest.mark.parametrize(("model", "name", "written"), WRONG_VALUES)
def test_a_wrong_value_is_refused_in_japanese(model, name, written):
    with override("ja"), pytest.raises(ValidationError) as refused:
        value_of(field(model, name), written)
    (words,) = refused.value.messages
    assert not is_english(words)


def test_every_kind_has_a_name_in_japanese():
    assert sorted(NAMES) == sorted(str(model._meta.verbose_name) for model in kinds().values())
    with override("ja"):
        assert [model for model in kinds().values() if is_english(no_such(model, "x"))] == []
    assert no_such(Document, "doc-x") == "no document “doc-x”"


def test_what_a_term_must_hold_is_named_in_japanese():
    assert {holds for _fits, holds in PARTS.values()} == HOLDS.keys()
    with override("ja"):
        told = [str(words) for words in (*PROBLEMS.values(), *HOLDS.values())]
    assert [words for words in told if is_english(words)] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("records", "names"),
    [
        ({"claim": [{"ref": "c", "colour": "blue"}]}, {"colour", "unit"}),
        ({"reaction": [{"ref": "r", "about": [{}]}]}, {"about"}),
        ({"term": [{"ref": "t", "commitment": "none"}]}, {"commitment"}),
        ({"projectprofile": [{"ref": "p"}]}, {"project"}),
        ({"document": [5, {"slug": ["x"]}, {"slug": "d"}, {"slug": "d"}]}, {"slug"}),
    ],
)
def test_records_are_refused_in_japanese(records, names):
    make_register()
    with override("ja"), pytest.raises(RecordError) as refused:
        record(records)
    assert names <= {refusal.field for refusal in refused.value.refusals}
    assert [r for r in refused.value.refusals if is_english(r.message)] == []


@pytest.mark.django_db
def test_what_a_room_computes_and_judges_is_refused_in_japanese():
    make_commitment_with_window()
    late = notice_record(received_on="2099-12-31")
    plan = {"ref": "plan-1", "commitment": COMMITMENT, "label": "計画"}
    plans = [{**plan, "points": [{"on": "x"}]}, {**plan, "points": "nonsense"}]
    wrong = ({"fundingnotice": [late]}, *({"plan": [one]} for one in plans))
    for records in wrong:
        with override("ja"), pytest.raises(RecordError) as refused:
            record(records)
        assert [r for r in refused.value.refusals if is_english(r.message)] == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("lies in the future", "Lies in the future."),
        ("prj-zz-test: noticed 5.00 USD", "prj-zz-test: noticed 5.00 USD."),
        ("plant: signed 5.00 USD", "plant: signed 5.00 USD."),
        ("led-1 was reversed by led-2", "led-1 was reversed by led-2."),
    ],
)
def test_an_identifier_that_begins_a_sentence_stays_as_it_is(reason, words):
    assert sentence(reason) == words
