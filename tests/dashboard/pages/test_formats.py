"""Numbers and days as people read them."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import override

from commitments.calculations.bounds import Bounds
from commitments.calculations.undefined import Reason
from commitments.models import Document
from dashboard import formats
from dashboard.chances import chance_words
from projects.models import StageEvent


def usd(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("value", "short", "prose", "japanese"),
    [
        ("78400000000", "$78.4bn", "$78.4 billion", "784億ドル"),
        ("550000000000", "$550.0bn", "$550 billion", "5,500億ドル"),
        ("620000000", "$620m", "$620 million", "6.2億ドル"),
        ("999949999.99", "$1.0bn", "$1.0 billion", "10億ドル"),
        ("950000000", "$950m", "$950 million", "9.5億ドル"),
        ("9994999999", "$10.0bn", "$10.0 billion", "99.9億ドル"),
        ("9995000000", "$10.0bn", "$10.0 billion", "100億ドル"),
        ("999990000000", "$1,000.0bn", "$1,000.0 billion", "1兆ドル"),
        ("1234000000000", "$1,234.0bn", "$1,234 billion", "1.2兆ドル"),
        ("-2200000000", "−$2.2bn", "−$2.2 billion", "−22億ドル"),
        ("0", "$0.0bn", "$0 billion", "0億ドル"),
        ("1169500", "$1.2m", "$1.2 million", "117万ドル"),
        ("2900000", "$2.9m", "$2.9 million", "290万ドル"),
        ("3000000", "$3m", "$3 million", "300万ドル"),
        ("9949999", "$9.9m", "$9.9 million", "995万ドル"),
        ("9999999", "$10m", "$10 million", "1,000万ドル"),
        ("12300000", "$12m", "$12 million", "1,230万ドル"),
        ("5000001", "$5m", "$5 million", "500万ドル"),
        ("999999.5", "$1m", "$1 million", "100万ドル"),
        ("600000", "$600,000", "$600,000", "600,000ドル"),
        ("310000.4", "$310,000", "$310,000", "310,000ドル"),
        ("-4321.5", "−$4,322", "−$4,322", "−4,322ドル"),
        ("5", "$5", "$5", "5ドル"),
        ("2.5", "$2.50", "$2.50", "2.50ドル"),
        ("0.01", "$0.01", "$0.01", "0.01ドル"),
    ],
)
def test_money_says_amounts_in_both_languages(value, short, prose, japanese):
    with override("en"):
        assert formats.money(usd(value)) == short
        assert formats.money(usd(value), style="prose") == prose
    with override("ja"):
        assert formats.money(usd(value)) == japanese


def test_money_says_yen():
    assert formats.money(usd("340000000000"), "JPY", places=0) == "¥340bn"
    with override("ja"):
        assert formats.money(usd("340000000000"), "JPY") == "3,400億円"
        assert formats.money(usd("12200000000000"), "JPY") == "12.2兆円"
        assert formats.money(usd("600000"), "JPY") == "600,000円"


@pytest.mark.parametrize(
    ("low", "high", "english", "japanese"),
    [
        ("35700000000", "36000000000", "$35.7–36.0bn", "357〜360億ドル"),
        (None, "73000000000", "up to $73.0bn", "最大730億ドル"),
        ("73000000000", None, "over $73.0bn", "730億ドル超"),
        ("2200000000", "2200000000", "$2.2bn", "22億ドル"),
        ("620000000", "1200000000", "$620m–$1.2bn", "6.2〜12億ドル"),
        ("-2000000000", "3000000000", "−$2.0bn–$3.0bn", "−20億ドル〜30億ドル"),
        ("2210000000", "2220000000", "$2.2bn", "22.1〜22.2億ドル"),
        (None, None, "not stated", "記載なし"),
    ],
)
def test_money_range_stays_a_range(low, high, english, japanese):
    bounds = Bounds(low and usd(low), high and usd(high))
    with override("en"):
        assert formats.money_range(bounds) == english
    with override("ja"):
        assert formats.money_range(bounds) == japanese


def test_percent_range_prints_equal_bounds_once():
    assert formats.percent_range(Bounds(Decimal("0.0649"), Decimal("0.0651"))) == "6.5%"
    assert formats.percent_range(Bounds(Decimal("0.06"), Decimal("0.07"))) == "6.0–7.0%"
    assert formats.percent_range(Bounds(None, Decimal("0.133"))) == "up to 13.3%"


def test_plain_rounds_half_to_even_and_has_no_negative_zero():
    assert formats.plain(Decimal("0.25")) == "0.2"
    assert formats.plain(Decimal("0.35")) == "0.4"
    assert formats.plain(Decimal("-0.04")) == "0.0"
    assert formats.plain(Decimal("-1234.5")) == "−1,234.5"


def test_rate_has_no_needless_zeros():
    assert [formats.rate(Decimal(r)) for r in ("12.500", "15.000", "100.000", "0.000")] == [
        "12.5%",
        "15%",
        "100%",
        "0%",
    ]


def test_days_are_written_out():
    day = date(2026, 2, 7)
    assert (formats.day(day), formats.long_day(day)) == ("7 Feb 2026", "7 February 2026")
    assert formats.day(None) == "–"
    with override("ja"):
        assert (formats.day(day), formats.long_day(day)) == ("2026年2月7日", "2026年2月7日")


def test_every_reason_has_words_in_both_languages():
    codes = [str(reason) for reason in Reason]
    with override("en"):
        english = [(formats.reason(c), formats.short_reason(c)) for c in codes]
    with override("ja"):
        japanese = [(formats.reason(c), formats.short_reason(c)) for c in codes]
    for code, words, others in zip(codes, english, japanese, strict=True):
        assert code not in words
        assert words[0] != others[0]
        assert words[1] != others[1]


def test_said_gives_the_readers_language_and_marks_what_is_not_translated():
    translated = SimpleNamespace(text="Not binding", text_ja="拘束力なし")
    english = SimpleNamespace(text="A <b> note", text_ja="")

    assert formats.said(translated, "text") == "Not binding"
    with override("ja"):
        assert formats.said(translated, "text") == "拘束力なし"
        assert formats.said(english, "text") == '<span lang="en">A &lt;b&gt; note</span>'


def test_said_note_speaks_from_its_day_in_the_readers_language():
    event = StageEvent(note="In Japan", note_ja="日本では", noted_on=date(2026, 3, 2))
    assert formats.said_note(event, date(2026, 3, 2)) == "In Japan"
    with override("ja"):
        assert formats.said_note(event, date(2026, 3, 2)) == "日本では"
        assert formats.said_note(event, date(2026, 3, 1)) == ""
        plain = StageEvent(note="In Japan")
        assert formats.said_note(plain, date(2026, 3, 1)) == '<span lang="en">In Japan</span>'


@pytest.mark.parametrize(
    ("value", "english", "japanese"),
    [
        ("2250000000", "$2.2bn", "22.5億ドル"),
        ("2350000000", "$2.4bn", "23.5億ドル"),
        ("2150000000.01", "$2.2bn", "21.5億ドル"),
        ("-2250000000", "−$2.2bn", "−22.5億ドル"),
        ("2450000", "$2.4m", "245万ドル"),
        ("3505000", "$3.5m", "350万ドル"),
        ("225000000", "$225m", "2.2億ドル"),
        ("10050000000", "$10.0bn", "100億ドル"),
        ("1250000000000", "$1,250.0bn", "1.2兆ドル"),
    ],
)
def test_a_tie_goes_to_the_even_digit(value, english, japanese):
    with override("en"):
        assert formats.money(usd(value)) == english
    with override("ja"):
        assert formats.money(usd(value)) == japanese


def test_ties_of_shares_ranges_and_odds_go_to_the_even_digit():
    assert [formats.percent(usd(v)) for v in ("0.0005", "0.0015", "0.1245")] == [
        "0.0%",
        "0.2%",
        "12.4%",
    ]
    assert formats.billions(Bounds(usd("2250000000"), usd("2350000000"))) == "2.2–2.4"
    assert [formats.plain(usd(v), 0) for v in ("0.5", "1.5", "-2.5")] == ["0", "2", "−2"]
    assert [chance_words((odds, odds)) for odds in (0.025, 0.375)] == ["2 in 100", "38 in 100"]


@pytest.mark.parametrize(
    ("precision", "english", "japanese", "machine"),
    [
        ("day", "8 Sep 2025", "2025年9月8日", "2025-09-08"),
        ("week", "week of 8 Sep 2025", "2025年9月8日の週", "2025-09-08"),
        ("approximate", "about 8 Sep 2025", "2025年9月8日ごろ", "2025-09-08"),
        ("reported", "reported 8 Sep 2025", "2025年9月8日報道", "2025-09-08"),
        ("month", "Sep 2025", "2025年9月", "2025-09"),
        ("month_unverified", "Sep 2025 (unverified)", "2025年9月（未検証）", "2025-09"),
        ("year", "2025", "2025年", "2025"),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(precision, english, japanese, machine):
    day = date(2025, 9, 8)
    with override("en"):
        assert formats.coarse_day(day, precision) == english
    with override("ja"):
        assert formats.coarse_day(day, precision) == japanese
    assert formats.machine_day(day, precision) == machine


@pytest.mark.parametrize(
    ("language", "recalled", "words"),
    [
        ("en", [], "Terms of A & B"),
        ("en", ["title"], "Terms of A & B (unverified)"),
        ("ja", [], '<span lang="en">Terms of A &amp; B</span>'),
        ("ja", ["title"], '<span lang="en">Terms of A &amp; B</span>（未検証）'),
    ],
)
def test_a_recalled_title_is_marked(language, recalled, words):
    with override(language):
        document = Document(title="Terms of A & B", recalled_fields=recalled)
        assert formats.said_title(document) == words


def test_a_recalled_day_is_marked_and_no_day_stays_none():
    assert formats.coarse_day(date(2026, 6, 3), "approximate", is_recalled=True) == (
        "about 3 Jun 2026 (unverified)"
    )
    assert formats.coarse_day(None, "undated") == formats.DASH


def test_marked_words_keep_their_links_and_escape_what_is_not_safe():
    assert formats.unverified(mark_safe("<b>x</b>")) == "<b>x</b> (unverified)"
    assert formats.unverified("a < b") == "a < b (unverified)"


def test_a_table_counts_in_billions_and_in_japanese_in_oku():
    """$1bn is 10億ドル: a digit less behind the point says as much."""
    bounds = Bounds(usd("33000000000"), usd("33300000000"))
    assert (formats.billions(bounds), formats.cell(usd("2250000000"), 2)) == ("33.0–33.3", "2.25")
    with override("ja"):
        assert (formats.billions(bounds), formats.cell(usd("2250000000"), 2)) == ("330–333", "22.5")
        assert formats.billions(Bounds(None, usd("73000000000"))) == "最大730"
