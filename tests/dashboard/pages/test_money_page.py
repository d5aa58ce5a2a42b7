"""Loans, cover or cash: what is published against what is signed, real and illustrative."""

import pytest

from tests.builders import BASE, record
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db
REAL = "/money/?as_of=2026-11-22"
SCENARIO = "/money/?commitment=illustrative-us-2025&as_of=2026-11-25"


def test_with_the_real_record_the_split_is_not_stated_and_rival_targets_are_both_named(
    client, register
):
    page = read(client, REAL)
    assert page.section('<p class="lede wrapfig">', "</p>") == (
        "Signed: about $2.2bn; how much of it is covered is not stated. A guarantee is exposure, not "
        "cash. Of what is selected, $33.5–33.8bn has no instrument in any signed agreement."
    )
    bands = page.section('aria-labelledby="m1">', "</section>")
    assert "1–2%" in bands
    assert "article: 5–10%" in bands
    assert "3.5" not in bands  # no middle of rival targets
    assert "2026 signed about 2.20" in page.section('aria-labelledby="m2">', "</section>")
    yen = page.section('aria-labelledby="m4">', "</section>")
    assert "over ¥340bn about $2.2bn no rate on record" in yen


def test_with_money_moving_every_part_has_its_rows(client, illustrative):
    page = read(client, SCENARIO)
    assert page.section('<p class="lede wrapfig">', "</p>").startswith(
        "Gross $113.2–114.2bn, of which $25.6bn is cover"
    )
    years = page.section('aria-labelledby="m2">', "</section>")
    assert "2026 funded 43.10 2.50 – 45.60 –" in years
    assert "2025 noticed – 0.30 – 0.30 –" in years
    institutions = page.section('aria-labelledby="m3">', "</section>")
    assert "Insurer C (fictional) – – 25.56 0" in institutions
    yen = page.section('aria-labelledby="m4">', "</section>")
    assert "¥304.6bn $2.00bn 152.3 11 May 2026 fictional reference rate of the day" in yen


def test_without_any_financing_the_page_says_so(client):
    record(BASE)
    words = read(client, "/money/").words
    for part in (
        "No financing is signed on record",
        "No amount is signed, called or paid on record.",
        "No institution has signed on record.",
        "No amount in yen is on record.",
    ):
        assert part in words
