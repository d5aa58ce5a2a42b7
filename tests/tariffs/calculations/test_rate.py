"""One answer for a day from the measures of a category; rates as published, in percent."""

from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.undefined import Reason
from tariffs.calculations.rate import (
    Answer,
    Basis,
    Duty,
    Part,
    goods_rate_on,
    heading_rate_on,
    rate_on,
)

DAY = date(2025, 9, 16)


def duty(ref: str, rate: str, basis: Basis = Basis.ADDITIONAL, **kwargs: Any) -> Duty:
    return Duty(ref, Decimal(rate), basis, kwargs.pop("begins", date(2025, 1, 1)), **kwargs)


def test_a_duty_is_added_to_the_ordinary_one_where_that_is_on_record():
    """Cars from 3 April 2025: 25 on top of 2.5 (Proclamation 10908)."""
    answer = rate_on([duty("auto-232-25", "25"), duty("mfn", "2.5", Basis.MFN_ONLY)], DAY)
    assert answer == Answer(Decimal("27.5"), Basis.ALL_IN, None, ("auto-232-25", "mfn"))


def test_without_the_ordinary_duty_the_rate_is_the_added_one_and_says_so():
    answer = rate_on([duty("gen-10", "10")], DAY)
    assert answer == Answer(Decimal(10), Basis.ADDITIONAL, Reason.MFN_NOT_ON_RECORD, ("gen-10",))


def test_a_total_contains_the_ordinary_duty_and_never_lowers_it():
    """EO 14345: goods at 15 or more pay only column 1."""
    ceiling = duty("ceiling", "15", Basis.ALL_IN)
    low, high = duty("mfn", "2.5", Basis.MFN_ONLY), duty("mfn", "25", Basis.MFN_ONLY)
    assert rate_on([ceiling, low], DAY).rate == 15
    assert rate_on([ceiling, high], DAY).rate == 25


def test_an_exempt_category_pays_the_ordinary_duty():
    exempt = duty("aircraft-0", "0", Basis.EXEMPT)
    assert rate_on([exempt], DAY).reason is Reason.MFN_NOT_ON_RECORD
    answer = rate_on([exempt, duty("mfn", "3", Basis.MFN_ONLY)], DAY)
    assert (answer.rate, answer.basis, answer.reason) == (3, Basis.EXEMPT, None)


def test_a_rate_that_names_the_country_stands_in_place_of_one_for_all():
    """9 April 2025: 24 for Japan in place of, not on top of, 10 for all."""
    named = duty("gen-24", "24", names_country=True)
    assert rate_on([duty("gen-10", "10"), named], DAY).rate == 24
    assert rate_on([duty("gen-10", "10", scope="x"), named], DAY).rate == 24


def test_both_days_of_a_measure_count():
    one = duty("gen-24", "24", begins=DAY, ends=DAY)
    rates = [rate_on([one], date(2025, 9, day)).rate for day in (15, 16, 17)]
    assert rates == [None, 24, None]


def test_a_replaced_measure_gives_way_only_while_the_other_holds():
    stacked = duty("stacked", "15")
    total = duty("total", "15", Basis.ALL_IN, begins=DAY, replaces=("stacked",))
    assert rate_on([stacked, total], date(2025, 9, 15)).basis is Basis.ADDITIONAL
    assert rate_on([stacked, total], DAY).basis is Basis.ALL_IN


def test_parts_that_differ_are_told_apart_and_parts_alike_are_one_answer():
    core, rest = duty("core", "50", scope="core"), duty("rest", "25", scope="rest")
    unknown = Reason.MFN_NOT_ON_RECORD
    assert rate_on([core, rest], DAY) == Answer(
        None,
        None,
        Reason.DEPENDS_ON_SCOPE,
        ("core", "rest"),
        (
            Part("core", Decimal(50), Basis.ADDITIONAL, unknown, ("core",)),
            Part("rest", Decimal(25), Basis.ADDITIONAL, unknown, ("rest",)),
        ),
    )
    listed, certified = (duty(n, "15", Basis.ALL_IN, scope=n) for n in ("listed", "certified"))
    answer = rate_on([listed, certified], DAY)
    assert (answer.rate, answer.refs) == (15, ("listed", "certified"))


def test_beside_an_exempt_part_the_rest_is_untold_but_a_heading_is_its_measure():
    part = duty("others-0", "0", Basis.EXEMPT, scope="others")
    rest = Part("", None, None, Reason.NO_MEASURE_ON_RECORD, ())
    assert rate_on([part], DAY).parts[1:] == (rest,)
    assert heading_rate_on([part], DAY) == Answer(
        Decimal(0), Basis.EXEMPT, Reason.MFN_NOT_ON_RECORD, ("others-0",)
    )


def test_goods_that_a_measure_leaves_out_are_not_told():
    """Proclamation 10962: refined copper is not covered."""
    copper = duty("copper-50", "50", leaves_out="refined")
    assert rate_on([copper], DAY).rate == 50
    assert goods_rate_on([copper], DAY) == Answer(
        None,
        None,
        Reason.DEPENDS_ON_SCOPE,
        ("copper-50",),
        (
            Part("", Decimal(50), Basis.ADDITIONAL, Reason.MFN_NOT_ON_RECORD, ("copper-50",)),
            Part("refined", None, None, Reason.NO_MEASURE_ON_RECORD, ()),
        ),
    )
    ordinary = duty("mfn", "3", Basis.MFN_ONLY)
    assert goods_rate_on([ordinary], DAY) == rate_on([ordinary], DAY)


def test_past_a_step_to_what_is_not_stated_a_duty_has_no_rate():
    stepping = duty("quartz", "25", stated_to=DAY)
    assert rate_on([stepping], DAY).rate == 25
    assert rate_on([stepping], date(2025, 9, 17)) == Answer(
        None, None, Reason.STEP_NOT_STATED, (), nearest=("quartz",)
    )


def test_measures_that_clash_are_reported_not_chosen_from():
    answer = rate_on([duty("a", "15"), duty("b", "20")], DAY)
    assert answer == Answer(None, None, Reason.MEASURES_OVERLAP, (), nearest=("a", "b"))


def test_a_day_without_a_measure_names_the_nearest_ones():
    before = duty("before", "10", ends=date(2025, 2, 1))
    after = duty("after", "15", begins=date(2026, 1, 1))
    assert rate_on([after, before], DAY) == Answer(
        None, None, Reason.NO_MEASURE_ON_RECORD, (), nearest=("before", "after")
    )
