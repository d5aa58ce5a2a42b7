"""The rate in force from the shipped measures: every day, every category, exactly one answer."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from commitments.calculations.undefined import Reason
from commitments.services.register import RecordError
from tariffs.calculations.codes import SPECIAL, span_of, spans_in
from tariffs.calculations.rate import Basis
from tariffs.models import Measure
from tariffs.selectors.checks import contradicted_statuses
from tariffs.selectors.codes import rate_of_code
from tariffs.selectors.rates import RateBook, RateOn
from tests.builders import point, record

FIRST, LAST = date(2025, 4, 1), date(2026, 12, 31)
ADDED, ALL_IN, MFN, EXEMPT = Basis.ADDITIONAL, Basis.ALL_IN, Basis.MFN_ONLY, Basis.EXEMPT
MOBILE = "metals-mobile-equip-25"
pytestmark = pytest.mark.usefixtures("register")


def book(**at: Any) -> RateBook:
    return RateBook(point(**at), "JP")


def rate(slug: str, on: str, **at: Any) -> RateOn:
    held = book(**at)
    return held.rate(held.named(slug), date.fromisoformat(on))


def steps(slug: str) -> list[tuple[str, str, Basis | None]]:
    """The days on which the answer changes, with rate and basis; a range where parts differ."""
    held = book()
    (category,) = held.named(slug)
    found: list[tuple[str, str, Basis | None]] = []
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(n)
        one = held.rate_of(category, day)
        words = f"{one.low:f}" if one.low == one.high and one.low is not None else ""
        if one.low != one.high:
            words = f"{one.low:f}-{one.high:f}"
        if not found or found[-1][1:] != (words, one.basis):
            found.append((day.isoformat(), words, one.basis))
    return found


def test_every_day_of_every_category_has_exactly_one_answer():
    held = book()
    assert len(held.categories) == 20
    for category in held.categories:
        for n in range((LAST - FIRST).days + 1):
            one = held.rate_of(category, FIRST + timedelta(n))
            given = (one.rate_percent is not None, one.status == "depends_on_scope")
            if given == (True, False):
                assert one.status in ("in_force", "scheduled")
                assert one.authority
                assert one.basis is not None
            elif given == (False, True):
                assert one.authority
                assert len(one.scopes) > 1
                told = [s for s in one.scopes if s.authority]
                assert all(s.rate_percent is not None for s in told)
                rest = [(s.scope, s.reason) for s in one.scopes if s not in told]
                assert rest in ([], [("", Reason.NO_MEASURE_ON_RECORD)])
            else:
                assert (one.status, one.authority, one.scopes) == ("not_stated", (), ())
                assert one.reason is Reason.NO_MEASURE_ON_RECORD
                assert one.nearest


STEPS = {
    "autos": [("2025-04-01", "2.5", MFN), ("2025-04-03", "27.5", ALL_IN), ("2025-09-16", "15", ALL_IN)],
    "general": [
        ("2025-04-01", "", None),
        ("2025-04-05", "10", ADDED),
        ("2025-04-09", "24", ADDED),
        ("2025-04-10", "10", ADDED),
        ("2025-08-07", "15", ALL_IN),
        ("2026-02-24", "10", ADDED),
        ("2026-07-24", "12.5", ALL_IN),
    ],
    "auto_parts": [("2025-04-01", "", None), ("2025-05-03", "25", ADDED), ("2025-09-16", "15", ALL_IN)],
    "light_trucks": [("2025-04-01", "25", MFN), ("2025-04-03", "50", ALL_IN), ("2025-09-16", "25", MFN)],
    "heavy_trucks": [("2025-04-01", "", None), ("2025-11-01", "50", ALL_IN)],
    "buses": [("2025-04-01", "", None), ("2025-11-01", "12", ALL_IN)],
    "steel_aluminium": [
        ("2025-04-01", "25", ADDED),
        ("2025-06-04", "50", ADDED),
        ("2026-04-06", "25-50", None),
    ],
    "copper": [("2025-04-01", "", None), ("2025-08-01", "50", ADDED)],
    "wood_furniture": [("2025-04-01", "", None), ("2025-10-14", "15", ALL_IN)],
    "softwood_lumber": [("2025-04-01", "", None), ("2025-10-14", "10", ADDED)],
    "civil_aircraft": [
        ("2025-04-01", "", None),
        ("2025-04-05", "10", ADDED),
        ("2025-09-16", "0", EXEMPT),
    ],
    "pharmaceuticals": [
        ("2025-04-01", "", None),
        ("2026-07-31", "0-15", None),
        ("2026-09-29", "15", ALL_IN),
    ],
    "pharmaceuticals_specialty": [("2025-04-01", "", None), ("2026-09-29", "0", EXEMPT)],
    "construction_machinery": [
        ("2025-04-01", "", None),
        ("2026-04-06", "25", ADDED),
        ("2026-06-08", "15", ALL_IN),
    ],
    "machinery_metal_intensive": [("2025-04-01", "", None), ("2026-04-06", "15", ALL_IN)],
    "semiconductors": [("2025-04-01", "", None), ("2026-01-15", "25", ADDED)],
    "unmanned_aircraft": [("2025-04-01", "", None), ("2026-09-03", "15-100", None)],
    "polysilicon": [("2025-04-01", "", None), ("2026-12-04", "15", ADDED)],
    "quartz_surface_products": [("2025-04-01", "", None), ("2026-08-15", "25-50", None)],
    "generic_pharma_natural_resources": [("2025-04-01", "", None)],
}  # fmt: skip


def test_the_steps_of_every_category_are_those_of_the_acts():
    assert {c.slug: steps(c.slug) for c in book().categories} == STEPS


WITHOUT_A_MEASURE = """\
general 2025-04-01 to 2025-04-04: no_measure_on_record (measures: gen-10-2025)
auto_parts 2025-04-01 to 2025-05-02: no_measure_on_record (measures: parts-232-25)
heavy_trucks 2025-04-01 to 2025-10-31: no_measure_on_record (measures: mhd-25)
buses 2025-04-01 to 2025-10-31: no_measure_on_record (measures: bus-10)
copper 2025-04-01 to 2025-07-31: no_measure_on_record (measures: copper-50)
machinery_metal_intensive 2025-04-01 to 2026-04-05: no_measure_on_record (measures: metals-annex-3-15)
construction_machinery 2025-04-01 to 2026-04-05: no_measure_on_record (measures: metals-mobile-equip-25)
softwood_lumber 2025-04-01 to 2025-10-13: no_measure_on_record (measures: lumber-10)
wood_furniture 2025-04-01 to 2025-10-13: no_measure_on_record (measures: furniture-15)
civil_aircraft 2025-04-01 to 2025-04-04: no_measure_on_record (measures: aircraft-10)
generic_pharma_natural_resources 2025-04-01 to 2025-09-03: no_measure_on_record (measures: natural-generic-0)
generic_pharma_natural_resources 2025-09-04 to 2026-02-23: no_measure_on_record (measures: none)
generic_pharma_natural_resources 2026-02-24 to 2026-12-31: no_measure_on_record (measures: natural-generic-0)
semiconductors 2025-04-01 to 2026-01-14: no_measure_on_record (measures: semi-25)
pharmaceuticals 2025-04-01 to 2026-07-30: no_measure_on_record (measures: pharma-15-annex3)
pharmaceuticals_specialty 2025-04-01 to 2026-09-28: no_measure_on_record (measures: pharma-specialty-0)
unmanned_aircraft 2025-04-01 to 2026-09-02: no_measure_on_record (measures: uas-15)
polysilicon 2025-04-01 to 2026-12-03: no_measure_on_record (measures: polysilicon-15)
quartz_surface_products 2025-04-01 to 2026-08-14: no_measure_on_record (measures: quartz-201)
19 stretches, 5316 days of a category without a rate
"""


def test_the_days_without_a_measure_are_printed_and_known():
    """Reviewed against the gaps of the compilation: goods on them followed the general rate or its exceptions."""
    printed = StringIO()
    call_command("check_tariffs", stdout=printed)
    assert printed.getvalue() == WITHOUT_A_MEASURE


def test_what_the_compilers_listed_follows_from_acts_and_dates():
    assert contradicted_statuses(book()) == []


def test_the_ordinary_duty_of_cars_stays_beneath_every_later_step():
    for day in ("2025-06-01", "2025-09-16", "2026-12-31"):
        authority = [m.ref for m in rate("autos", day).authority]
        assert authority[-1] == "mfn-passenger-cars-2025-04"


def test_before_the_world_could_know_of_it_a_retroactive_act_changes_nothing():
    was = rate("general", "2025-08-20", published_by=date(2025, 9, 3))
    assert (was.rate_percent, was.basis) == (15, ADDED)
    assert [m.ref for m in was.authority] == ["gen-15-stacked-2025"]
    now = rate("general", "2025-08-20")
    assert (now.rate_percent, now.basis) == (15, ALL_IN)
    assert [m.legal_authority for m in now.authority] == ["IEEPA (EO 14345)"]


def test_an_end_set_by_an_act_is_hindsight_until_that_act_is_public():
    """The ceiling held without an end until the Supreme Court ruled on 20 February 2026."""
    before = rate("general", "2026-03-01", published_by=date(2026, 2, 19))
    assert (before.rate_percent, before.basis) == (15, ALL_IN)
    assert rate("general", "2026-03-01", published_by=date(2026, 2, 20)).rate_percent == 10


@pytest.mark.parametrize(
    ("slug", "on", "published_by"),
    [
        ("general", "2026-07-26", date(2026, 7, 24)),
        ("wood_furniture", "2026-01-01", date(2026, 6, 1)),
        ("machinery_metal_intensive", "2026-05-01", date(2026, 6, 1)),
        ("auto_parts", "2026-01-01", date(2026, 6, 1)),
    ],
)
def test_an_act_is_public_on_its_own_day_whenever_a_text_of_it_was_published(
    slug, on, published_by
):
    known, whole = rate(slug, on, published_by=published_by), rate(slug, on)
    assert known.rate_percent is not None
    assert (known.rate_percent, known.authority) == (whole.rate_percent, whole.authority)


def test_days_of_a_step_are_days():
    words = {"measure": [retroactive(ref="odd", steps_on=["soon"])]}
    with pytest.raises(RecordError, match="steps_on"):
        record(words)


def test_a_rate_that_steps_to_what_is_not_stated_is_known_until_the_day_before():
    """Quartz steps down each 15 August by what the record does not tell; furniture of others rises."""
    assert rate("quartz_surface_products", "2027-08-14").status == "depends_on_scope"
    for day in ("2027-08-15", "2030-08-14"):
        seen = rate("quartz_surface_products", day)
        assert (seen.status, seen.reason) == ("not_stated", Reason.STEP_NOT_STATED)
        assert [m.ref for m in seen.nearest] == ["quartz-201", "quartz-201-over-quota"]
    assert rate("quartz_surface_products", "2030-08-15").reason is Reason.NO_MEASURE_ON_RECORD
    held = book()
    changes = held.changes(held.named("quartz")[0], date(2026, 8, 15), date(2031, 1, 1))
    begun = [(change.begins.isoformat(), change.rate.high) for change in changes]
    assert begun == [("2026-08-15", 50), ("2027-08-15", None), ("2030-08-15", None)]
    assert rate("wood_furniture", "2027-01-01").rate_percent == 15


def test_every_code_that_a_scope_names_is_found_with_what_holds_it_and_what_it_holds():
    held = book()
    measures = [m for found in held.measures.values() for m in found]
    named = {span.first for m in measures for span in spans_in(m.hts_scope)}
    assert len(named) > 40
    codes = named | {code[:n] for code in named for n in (2, 4, 6, 8)}
    codes |= {f"{code}00" for code in named if len(code) < 10}
    reasons = {code: rate_of_code(held, code, date(2026, 12, 31)).reason for code in codes}
    assert [c for c, reason in reasons.items() if reason is Reason.HEADING_NOT_ON_RECORD] == []


def test_a_special_heading_charges_what_its_own_measures_do_while_they_hold():
    """Of every heading of chapter 99 on record, the days around each start and end."""
    held = book()
    measures = [m for found in held.measures.values() for m in found]
    headings = {
        end
        for measure in measures
        for span in spans_in(measure.hts_scope)
        for end in (span.first, span.last)
        if end.startswith(SPECIAL)
    }
    assert len(headings) > 30
    edges = {
        day for m in measures for day in (m.effective_from, held.ends_on(m)) if day is not None
    }
    days = sorted({day + timedelta(n) for day in edges for n in (-1, 0, 1)})
    for digits in headings:
        for day in days:
            one = rate_of_code(held, digits, day)
            naming = {
                m.ref
                for slug in held.measures
                for m in held.standing(slug, day)
                if held.names(m, digits)
            }
            if one.reason != Reason.STEP_NOT_STATED:
                assert (one.status == "not_stated") is (not naming), (digits, day)
            assert (one.rate_percent is None) or naming & {m.ref for m in one.authority}
            assert all(
                scope.rate_percent is None or naming & {m.ref for m in scope.authority}
                for scope in one.scopes
            ), (digits, day)
            assert all(scope.authority for scope in one.scopes), (digits, day)  # none is untold
            assert one.authority or one.nearest


@pytest.mark.parametrize(
    ("code", "on", "percent", "status", "refs"),
    [
        ("99038209", "2026-05-01", "25", "in_force", ["metals-annex-1b-25", MOBILE]),
        ("99038209", "2026-06-08", "25", "in_force", ["metals-annex-1b-25"]),
        ("99039441", "2025-06-01", None, "not_stated", ["auto-232-15"]),
        ("99039440", "2025-06-01", None, "not_stated", ["auto-232-15", "light-trucks-ceiling"]),
        ("99039401", "2026-10-15", None, "not_stated", ["auto-232-25", "light-trucks-232-25"]),
        ("99030125", "2025-04-09", None, "not_stated", ["gen-24-2025"]),  # Japan's own that day
        ("99030230", "2025-08-20", None, "not_stated", ["gen-15-allin-2025"]),  # put in its place
        ("99030461", "2026-08-15", "0", "in_force", ["pharma-0-others"]),  # no part of it is untold
        ("99030461", "2026-09-29", None, "not_stated", ["pharma-0-others"]),
    ],
)
def test_a_special_heading_that_does_not_run_has_no_rate_but_the_nearest_measures(
    code, on, percent, status, refs
):
    one = rate_of_code(book(), code, date.fromisoformat(on))
    assert (one.rate_percent, one.status) == (percent and Decimal(percent), status)
    assert [m.ref for m in (one.authority or one.nearest)] == refs


def test_a_heading_that_a_scope_names_by_itself_is_in_no_range_of_another():
    """9903.08.24 is the ceiling of 15 %; the duties above it name the range it lies in."""
    held = book()
    measures = [m for found in held.measures.values() for m in found]
    alone = {
        span.first
        for measure in measures
        for span in spans_in(measure.hts_scope)
        if span.is_one and span.first.startswith(SPECIAL)
    }
    assert len(alone) > 30
    for digits in alone:
        naming = {m.ref for m in measures if held.names(m, digits)}
        assert naming == {
            m.ref for m in measures if any(s == span_of(digits) for s in spans_in(m.hts_scope))
        }, digits
    ceiling = rate_of_code(held, "99030824", date(2026, 11, 30))
    assert (ceiling.rate_percent, ceiling.basis, ceiling.status) == (15, ALL_IN, "in_force")
    assert [m.ref for m in ceiling.authority] == ["uas-15"]
    beside = rate_of_code(held, "99030823", date(2026, 11, 30))
    assert [scope.rate_percent for scope in beside.scopes] == [15, 25, 100]


def codes_on_record(held: RateBook) -> set[str]:
    """Every code that a scope or a category names, with its like: above, beneath and beside it."""
    measures = [m for found in held.measures.values() for m in found]
    named = {
        end for m in measures for span in spans_in(m.hts_scope) for end in (span.first, span.last)
    }
    headings = [h for c in held.categories for h in (*c.headings, *c.near_headings)]
    named |= {heading.replace(".", "") for heading in headings}
    above = {code[:n] for code in named for n in range(2, len(code), 2)}
    codes = named | above
    return (
        codes
        | {f"{code}99" for code in codes if 2 < len(code) < 10}
        | {f"{c[:2]}01" for c in codes}
    )


@pytest.mark.parametrize("on", ["2025-04-01", "2025-10-01", "2026-08-01", "2026-11-30"])
def test_what_a_code_is_answered_with_is_found_in_the_answer_for_every_code_above_it(on):
    held = book()
    told = {
        code: rate_of_code(held, code, date.fromisoformat(on)) for code in codes_on_record(held)
    }
    assert len(told) > 150

    def rates(one: RateOn) -> set[Any]:
        return {(p.rate_percent, p.basis, p.authority) for p in one.scopes or (one,) if p.authority}

    def measures(one: RateOn) -> set[str]:
        return {measure.ref for measure in (*one.authority, *one.nearest)}

    for code, one in told.items():
        for above in (told[code[:n]] for n in range(2, len(code), 2)):
            assert rates(one) <= rates(above), (code, above)
            if not code.startswith(SPECIAL):  # above it stand the headings that run, and no rest
                assert measures(one) <= measures(above), (code, above)


def test_no_measure_that_leaves_goods_out_answers_for_a_code_alone():
    held = book()
    for measure in (m for found in held.measures.values() for m in found if m.leaves_out):
        for span in spans_in(measure.hts_scope):
            found = rate_of_code(held, span.first, measure.effective_from)
            if not span.first.startswith("99"):
                assert found.status == "depends_on_scope", measure.ref
                assert measure.leaves_out in [scope.scope for scope in found.scopes]


def test_a_surcharge_for_a_fixed_time_ends_by_itself():
    seen = rate("general", "2026-07-24", published_by=date(2026, 3, 1))
    assert (seen.status, seen.reason) == ("not_stated", Reason.NO_MEASURE_ON_RECORD)
    assert [m.ref for m in seen.nearest] == ["gen-122-2026"]


def retroactive(**overrides: Any) -> dict[str, Any]:
    return {
        "ref": "auto-232-10",
        "category": "autos",
        "rate_percent": "10",
        "basis": "all_in_with_mfn",
        "names_country": True,
        "legal_authority": "Section 232 (a later act)",
        "effective_from": "2025-09-16",
        "listed_status": "in_force",
        "document": "doc-fr-2025-17908",
        **overrides,
    }


def test_a_retroactive_act_changes_the_answer_of_later_revisions_only():
    first = point().revision
    record({"measure": [retroactive(replaces=["auto-232-15"])]})
    assert rate("autos", "2025-10-01").rate_percent == 10
    assert rate("autos", "2025-10-01", revision=first).rate_percent == 15
    assert rate("autos", "2025-09-15").rate_percent == Decimal("27.5")
    held = book()
    assert held.status(Measure.objects.get(ref="auto-232-15")) == "superseded_retroactively"


def test_two_measures_that_contradict_are_reported_by_answer_and_command():
    record({"measure": [retroactive()]})
    seen = rate("autos", "2025-10-01")
    assert (seen.status, seen.reason) == ("not_stated", Reason.MEASURES_OVERLAP)
    assert [m.ref for m in seen.nearest] == [
        "auto-232-15",
        "auto-232-10",
        "mfn-passenger-cars-2025-04",
    ]
    with pytest.raises(CommandError, match="autos 2025-09-16 to 2026-12-31: measures_overlap"):
        call_command("check_tariffs", stdout=StringIO())


def test_a_threat_never_charges_whatever_its_dates_say():
    assert rate("general", "2025-08-03").rate_percent == 10


def test_a_scheduled_measure_is_said_to_be_so():
    assert rate("polysilicon", "2026-12-04").status == "scheduled"
    assert rate("autos", "2026-12-31").status == "in_force"


def test_before_the_first_revision_nothing_is_recorded():
    assert book(revision=0).categories == ()


def test_a_category_is_found_by_its_other_names():
    held = book()
    found = {
        n: [c.slug for c in held.named(n)]
        for n in ("baseline", "Cars", "civil-aircraft", "trucks", "x")
    }
    assert found == {
        "baseline": ["general"],
        "Cars": ["autos"],
        "civil-aircraft": ["civil_aircraft"],
        "trucks": ["light_trucks", "heavy_trucks"],
        "x": [],
    }
