"""The headline by its rule table, every state in both languages."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from dashboard.headline import headline, sentences

TARGET = Decimal(550_000_000_000)
STATES = {
    "done": (
        ("0.5", "1", 600),
        "All $550 billion is paid, 600 days before the deadline",
        "5,500億ドルの拠出が完了。期限まで600日",
    ),
    "deadline passed, nothing": (
        ("1", "0", -1),
        "The deadline has passed. No payment of the $550 billion is on record",
        "期限が過ぎた。5,500億ドルの拠出は確認されていない",
    ),
    "deadline passed": (
        ("1", "0.41", -30),
        "The deadline has passed with 41% of the $550 billion paid",
        "期限が過ぎた。拠出は5,500億ドルの41%",
    ),
    "nothing funded": (
        ("0.360", "0", 789),
        "36% of the time is gone. No payment of the $550 billion is on record",
        "期間の36%が過ぎた。5,500億ドルの拠出は、まだ確認されていない",
    ),
    "behind": (
        ("0.50", "0.10", 600),
        "50% of the time is gone, 10% of the $550 billion is paid",
        "期間の50%が過ぎたが、拠出は5,500億ドルの10%にとどまる",
    ),
    "on pace": (
        ("0.50", "0.50", 600),
        "Payments keep pace: 50% of the money in 50% of the time",
        "拠出はほぼ均等ペース。期間の50%で5,500億ドルの50%",
    ),
    "ahead": (
        ("0.50", "0.60", 600),
        "Payments run ahead: 60% of the money in 50% of the time",
        "拠出は均等ペースを上回る。期間の50%で5,500億ドルの60%",
    ),
}


def said(time: str, reached: str, days_left: int) -> str:
    return headline(
        time=Decimal(time), reached=Decimal(reached), days_left=days_left, target=TARGET
    )


@pytest.mark.parametrize("state", STATES)
def test_headline_says_each_state_in_both_languages(state):
    arguments, english, japanese = STATES[state]
    with override("en"):
        assert said(*arguments) == english
    with override("ja"):
        assert said(*arguments) == japanese


@pytest.mark.parametrize(
    ("reached", "opening"),
    [
        ("0.4749", "50% of the time is gone"),
        ("0.475", "Payments keep pace"),
        ("0.525", "Payments keep pace"),
        ("0.5251", "Payments run ahead"),
    ],
)
def test_headline_counts_five_percent_either_way_as_pace(reached, opening):
    assert said("0.5", reached, 600).startswith(opening)


def test_headline_says_under_one_percent_where_it_would_round_to_nothing():
    assert said("0.36", "0.004", 789) == (
        "36% of the time is gone, under 1% of the $550 billion is paid"
    )


def test_headline_counts_the_day_of_the_deadline_as_running():
    assert said("1", "0", 0) == (
        "100% of the time is gone. No payment of the $550 billion is on record"
    )


def test_headline_at_the_start_has_no_pace_to_fall_behind():
    assert said("0", "0.01", 1233).startswith("Payments run ahead")


def test_sentences_put_each_on_its_line():
    assert sentences("36% of the time is gone. No payment") == [
        "36% of the time is gone.",
        "No payment",
    ]
    assert sentences("期間の36%が過ぎた。拠出は") == ["期間の36%が過ぎた。", "拠出は"]
