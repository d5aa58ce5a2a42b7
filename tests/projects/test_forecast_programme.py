"""`manage.py forecast_programme`: what it prints, what it leaves out, what it refuses."""

import copy
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from projects.calculations.quantiles import LEVELS

PROGRAMME = {
    "as_of": "2009-06-30",
    "horizon_months": 26,
    "future_approvals": False,
    "projects": [
        {
            "id": "X1",
            "commitment_usd": 100_000_000,
            "approval_date": "2008-01-15",
            "disbursements": [
                ["2008-03", 5_000_000.25],
                ["2009-01", 12_000_000],
                ["2009-02", -1e6],
            ],
        },
        {"id": "X2", "commitment_usd": 40e6, "approval_date": "2009-03-02", "disbursements": []},
    ],
}


def changed(**fields):
    return {**copy.deepcopy(PROGRAMME), **fields}


def project(**fields):
    return {**copy.deepcopy(PROGRAMME["projects"][0]), **fields}


def forecast(tmp_path: Path, told: object, *options: str) -> list[dict]:
    file = tmp_path / "programmes.json"
    file.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    out = StringIO()
    call_command("forecast_programme", str(file), *options, stdout=out)
    return json.loads(out.getvalue())


def test_one_object_gives_a_list_of_one(tmp_path):
    [found] = forecast(tmp_path, PROGRAMME)
    assert list(found) == ["mean", "median", "quantiles"]
    assert list(found["quantiles"]) == [f"{level:g}" for level in LEVELS]
    assert {"0.01", "0.02", "0.025", "0.05", "0.5", "0.95", "0.975", "0.98", "0.99"} <= set(
        found["quantiles"]
    )
    assert found["median"] == found["quantiles"]["0.5"]
    values = list(found["quantiles"].values())
    assert values == sorted(values)
    assert 16_000_000.25 < found["quantiles"]["0.1"] < found["mean"] < 140e6


def test_a_list_gives_one_answer_each_and_the_same_bytes_again(tmp_path):
    told = [PROGRAMME, changed(future_approvals=True), PROGRAMME]
    first, more, again = forecast(tmp_path, told)
    assert first == again
    assert more["mean"] > first["mean"]
    assert forecast(tmp_path, told) == [first, more, again]
    assert forecast(tmp_path, []) == []


def test_the_order_of_projects_and_payments_does_not_matter(tmp_path):
    turned = changed(projects=[PROGRAMME["projects"][1], project()])
    turned["projects"][1]["disbursements"].reverse()
    assert forecast(tmp_path, turned) == forecast(tmp_path, PROGRAMME)


def test_payments_after_as_of_are_left_out_and_counted_on_stderr(tmp_path, capsys):
    later = changed()
    later["projects"][0]["disbursements"] += [["2009-07", 80_000_000], ["2011-01", -3]]
    assert forecast(tmp_path, [PROGRAMME, later]) == forecast(tmp_path, [PROGRAMME, PROGRAMME])
    words = "warning: programme 2: payments after 2009-06 are left out: 2\n"
    assert capsys.readouterr().err == words


def test_an_approval_after_as_of_is_one_to_come_unless_none_is_said_to_come(tmp_path):
    later = project(id="L", approval_date="2009-07-01", disbursements=[])
    silent = changed(projects=[*PROGRAMME["projects"], later])
    del silent["future_approvals"]
    assert forecast(tmp_path, silent)[0]["mean"] > forecast(tmp_path, PROGRAMME)[0]["mean"]
    with pytest.raises(CommandError, match=r"projects\[2\]\.approval_date: 2009-07-01 lies after"):
        forecast(tmp_path, {**silent, "future_approvals": False})


def test_the_first_half_of_a_month_stands_for_the_end_of_the_month_before(tmp_path):
    assert forecast(tmp_path, changed(as_of="2009-07-15")) == forecast(tmp_path, PROGRAMME)
    assert forecast(tmp_path, changed(as_of="2009-07-16")) != forecast(tmp_path, PROGRAMME)


def test_no_more_is_paid_back_than_was_paid(tmp_path):
    refunded = project(id="R", disbursements=[["2008-03", 5e6], ["2009-01", -9e6]])
    young, back = forecast(
        tmp_path, [changed(projects=[project(disbursements=[])]), changed(projects=[refunded])]
    )
    assert young["quantiles"]["0.01"] == 0.0
    assert back["quantiles"]["0.01"] == -4e6


def test_a_whole_horizon_may_be_written_with_a_point(tmp_path):
    assert forecast(tmp_path, changed(horizon_months=26.0)) == forecast(tmp_path, PROGRAMME)


def test_a_programme_can_come_through_a_pipe():
    run = subprocess.run(
        [sys.executable, "manage.py", "forecast_programme", "-"],
        input=json.dumps(PROGRAMME),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout)[0]["mean"] > 17e6


def test_a_project_of_the_library_is_never_its_own_donor(tmp_path):
    """P001001 is in the library: with and without its own row the others stay the donors."""
    as_library = changed(projects=[project(id="P001001")])
    [known], [unknown] = (
        forecast(tmp_path, as_library),
        forecast(tmp_path, changed(projects=[project(id="Q")])),
    )
    assert known["mean"] == pytest.approx(unknown["mean"], rel=0.02)


def test_nothing_approved_yet_rests_on_the_prior(tmp_path):
    assert forecast(tmp_path, changed(projects=[]))[0]["quantiles"]["0.99"] == 0.0
    more = forecast(tmp_path, changed(projects=[], future_approvals=True))[0]
    assert more["median"] == 0.0
    assert more["mean"] > 0


def test_a_target_caps_what_is_selected(tmp_path):
    open_ended, capped = forecast(
        tmp_path,
        [changed(future_approvals=True), changed(future_approvals=True, target_usd="150000000.00")],
    )
    assert capped["quantiles"]["0.99"] < open_ended["quantiles"]["0.99"]
    assert capped["quantiles"]["0.99"] <= 1.05 * 150e6


def test_donors_can_be_held_to_what_was_known_then(tmp_path):
    assert forecast(tmp_path, PROGRAMME, "--known-then") != forecast(tmp_path, PROGRAMME)


def test_a_day_before_the_library_has_no_donors_known_then(tmp_path):
    early = changed(as_of="1999-12-31", projects=[])
    with pytest.raises(CommandError, match="programme 1: as_of: fewer than two donors"):
        forecast(tmp_path, early, "--known-then")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("{", "the file is not JSON"),
        ("[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]", "nested deeper than 20"),
        ('{"as_of": NaN}', "NaN is not a number"),
        ('{"as_of": "2009-06-30", "as_of": "2009-07-30"}', "“as_of” stands twice"),
        ("7", "programme 1: an object was expected, not 7"),
        ([PROGRAMME, {}], "programme 2: as_of is missing"),
        (changed(as_of="2009-02-30"), 'programme 1: as_of: a day of the calendar was expected, not "2009-02-30"'),
        (changed(as_of="30/06/2009"), "as_of: a date YYYY-MM-DD was expected"),
        (changed(horizon_months=0), "horizon_months: a whole number of months from 1 to 600"),
        (changed(horizon_months=2.5), "horizon_months: a whole number"),
        (changed(horizon_months=True), "horizon_months: a whole number"),
        (changed(future_approvals="yes"), 'future_approvals: true or false was expected, not "yes"'),
        (changed(target_usd=-1), "target_usd: an amount above zero was expected, not -1"),
        (changed(projects={}), "programme 1: projects: a list was expected, not {}"),
        (changed(projects=[3]), "programme 1: projects[0]: an object was expected, not 3"),
        (changed(projects=[project(), project()]), "projects: the id “X1” stands twice"),
        (changed(projects=[project(id=None)]), "programme 1: projects[0].id is missing"),
        (changed(projects=[project(commitment_usd=0)]), "projects[0].commitment_usd: an amount above zero"),
        (changed(projects=[project(commitment_usd="1,000")]), "commitment_usd: a number of up to 15 digits"),
        (changed(projects=[project(commitment_usd="١٠٠")]), "commitment_usd: a number of up to 15 digits"),
        (changed(projects=[project(commitment_usd=10**16)]), "commitment_usd: a number of up to 15 digits"),
        ('{"as_of": "2009-06-30", "projects": [], "horizon_months": 1, "target_usd": 1e400}', "target_usd: a number of up to 15 digits"),
        (changed(projects=[project(approval_date="2008-13-01")]), "projects[0].approval_date: a day of the calendar"),
        (changed(projects=[project(approval_date="0000-01-01")]), "approval_date: a day of the calendar"),
        (changed(projects=[project(disbursements=[["2008-01"]])]), "projects[0].disbursements[0]: [month, amount] was expected"),
        (changed(projects=[project(disbursements=[["2008-00", 1]])]), "disbursements[0]: a month of the calendar"),
        (changed(projects=[project(disbursements=[["2008-01", 1], ["2007-12", 1]])]), "projects[0].disbursements[1]: 2007-12 lies before the approval of 2008-01-15"),
        (changed(projects=[project(disbursements=[["2008-01", None]])]), "disbursements[0]: a number was expected, not null"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_programme_and_field(tmp_path, told, message):
    with pytest.raises(CommandError) as refused:
        forecast(tmp_path, told)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"none\.json cannot be read"):
        call_command("forecast_programme", str(tmp_path / "none.json"))
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match=r"bad\.json cannot be read"):
        call_command("forecast_programme", str(tmp_path / "bad.json"))


def test_nothing_is_printed_when_a_later_programme_is_refused(tmp_path):
    file = tmp_path / "programmes.json"
    file.write_text(json.dumps([PROGRAMME, {}]))
    out = StringIO()
    with pytest.raises(CommandError, match="programme 2: as_of is missing"):
        call_command("forecast_programme", str(file), stdout=out)
    assert out.getvalue() == ""
