"""What are the odds? The prior of the real record, a forecast with money moving, and none."""

import csv
import hashlib
import html
import io
import json
from datetime import date

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from commitments.models import Commitment, Job, Revision
from commitments.services import jobs
from dashboard import formats
from dashboard.alerts import findings
from dashboard.chances import chance_words, told_odds
from dashboard.pages.forecast import part_rows, usd_words
from projects.calculations.backtest import ALTERNATIVES
from projects.metrics.pace_lines import pace_lines
from projects.models import Forecast, Project
from projects.selectors import CommitmentRecord
from projects.selectors.backtest import kept_backtest
from projects.services.forecasts import request_forecasts
from tests.builders import BASE, make_score, point, record
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 25)
REAL = f"/forecast/?as_of={DAY}"
SCENARIO = f"/forecast/?commitment=illustrative-us-2025&as_of={DAY}"


@pytest.fixture(autouse=True)
def _few_paths(monkeypatch):
    monkeypatch.setattr("projects.services.forecasts.PATHS", 400)


def store(slug: str, day: date = DAY) -> Forecast:
    Job.objects.filter(kind="forecast").delete()  # what a load asked for today
    commitment = Commitment.objects.get(slug=slug)
    for job in request_forecasts(as_of=day, now=timezone.now(), commitments=[commitment]):
        jobs.run_job(job.key, clock=timezone.now)
    return Forecast.objects.latest("pk")


def test_the_real_record_has_a_prior_in_words_with_what_it_assumes(client, register):
    store("japan-us-2025")
    page = read(client, REAL)
    assert "Prior: under 1 in 100 that $550bn is funded by 19 Jan 2029" in page.words
    assert "No payment is on record, so the odds rest on assumptions" in page.words
    assert "One project holds more than 40% of what is selected: Portsmouth" in page.words
    assert "Of the rest Texas GulfLink" in page.words
    assert "in turn, so the draws vary more both with and without it" in page.words
    assert "the draws with it vary more" not in page.words
    assert "Nothing is paid in the first 3 months after a selection" in page.words
    assert "Needed from today, a month $21.3bn Last 30 days, a month no payments yet" in page.words
    for part in ("Fast donors", "Slow donors", "Without the project that dominates"):
        assert part in page.words
    assert "0 months of published forecasts are scored so far. Under eight days" in page.words
    assert "model analogue-4, 400 paths, seed" in page.words
    assert "manage.py reproduce_forecast FILE" in page.words
    assert "40 projects 0.164 0.097 0.047 0.044 0.031 90% 97%" in page.words


def test_draws_without_the_project_that_dominates_vary_less_where_none_dominates_then(
    client, register
):
    stored = store("japan-us-2025")
    body = json.loads(stored.body)
    name = body["results"]["dominating"]
    largest = next(one for one in body["inputs"]["approvals"] if one["project"] == name)
    equal = [{**largest, "project": f"prj-{n}", "amount_usd": "1000000000.00"} for n in range(3)]
    body["inputs"]["approvals"] = [largest, *equal]
    stored.pk, stored.model_version, stored.body = None, "other", json.dumps(body)
    stored.save()
    words = read(client, REAL).words
    assert "and the draws with it vary more." in words
    assert "in turn" not in words


def test_two_projects_that_dominate_are_both_named_and_the_larger_is_left_out(client, register):
    stored = store("japan-us-2025")
    body = json.loads(stored.body)
    large, other = body["inputs"]["approvals"][:2]
    body["inputs"]["approvals"] = [{**large, "amount_usd": "2.00"}, {**other, "amount_usd": "2.50"}]
    body["results"]["dominating"] = other["project"]
    stored.pk, stored.model_version, stored.body = None, "other", json.dumps(body)
    stored.save()
    smaller, larger = (Project.objects.get(slug=one["project"]).name for one in (large, other))
    words = read(client, REAL).words
    assert (
        f"Two projects each hold more than 40% of what is selected: {larger} and {smaller}."
        in words
    )
    assert f"shown with and without {larger}." in words
    assert "One project holds" not in words


RULE = "its approval, once made, still counts in the pace and sizes of approvals to come."


def test_what_is_left_of_a_project_left_out_is_said_on_the_forecast_and_method_pages(
    client, register
):
    store("japan-us-2025")
    for address in (REAL, "/method/"):
        assert RULE in read(client, address).words
        assert "支払済みの額は残るが" in read(client, f"/ja{address}").words
    words = read(client, f"{REAL}&rung=selected&donors=without").words
    assert "Selected already $2.7bn" in words
    assert "the pace count the whole record, with the project that the draws leave out." in words
    assert "count the whole record" not in read(client, f"{REAL}&rung=selected").words


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("analogue-1", "what it was paid is left out too."),
        ("analogue-2", "what it was paid counts as selected still."),
    ],
)
def test_a_forecast_of_an_older_model_says_what_it_kept(client, register, model, said):
    stored = store("japan-us-2025")
    body = json.loads(stored.body)
    for approval in body["inputs"]["approvals"]:
        del approval["is_ended"]
    stored.pk, stored.model_version, stored.body = None, model, json.dumps(body)
    stored.save()
    words = read(client, f"{REAL}&donors=without").words
    assert f"Drawn by an older model: without it, {said}" in words
    assert RULE not in words


def test_the_overview_shows_no_odds_while_it_is_a_prior(client, register):
    store("japan-us-2025")
    page = read(client, f"/?as_of={DAY}")
    assert "in 100" not in page.words
    assert "Forecast Prior only No payment is on record, so odds would only restate" in page.words
    assert f"/forecast/?as_of={DAY}" in page.links


def test_the_overview_shows_the_odds_of_a_forecast(client, illustrative):
    address = f"/?commitment=illustrative-us-2025&as_of={DAY}"
    assert "Forecast Not kept for that day No forecast was kept" in read(client, address).words
    today = read(client, "/?commitment=illustrative-us-2025").words
    assert "Forecast Not computed yet No forecast is stored for this point." in today
    store("illustrative-us-2025")
    words = read(client, address).words
    assert (
        "Forecast under 1 in 100 that the target is funded by 19 January 2029; half of the" in words
    )


def test_basis_and_donors_are_chosen_in_the_address(client, register):
    store("japan-us-2025")
    page = read(client, f"{REAL}&rung=selected&donors=slow")
    assert "is selected by 19 Jan 2029" in page.words
    assert '<option value="slow" selected>' in page.html
    read(client, f"{REAL}&donors=best", 400)


def test_donors_without_a_project_are_refused_where_none_dominates(client, illustrative):
    store("illustrative-us-2025")
    refused = read(client, f"{SCENARIO}&donors=without", 400)
    assert "donors: must be one of: all, fast, slow" in refused.words


def test_shares_of_the_sources_add_to_a_hundred_and_a_refund_has_none():
    parts = [("a", 253), ("b", 307), ("c", 447)]  # 25.1, 30.5 and 44.4: rounded alone 25 + 30 + 44
    assert [share for _words, _amount, share in part_rows(parts)] == ["25%", "31%", "44%"]
    assert [share for *_rest, share in part_rows([("a", -5), ("b", 10)])] == ["–", "–"]
    assert [share for *_rest, share in part_rows([("a", 0), ("b", 0)])] == ["–", "–"]


@pytest.mark.parametrize("address", ["/forecast/", "/method/"])
def test_readings_chosen_by_the_backtest_stand_with_both_figures(client, register, address):
    words = read(client, address).words
    kept = {(one["reading"], one["portfolio"]): one for one in kept_backtest()["readings"]}
    assert len(kept) == len(ALTERNATIVES)
    for one in kept.values():
        if one["reading"] != "common_spread":
            assert one["chosen"]["crps"] <= one["otherwise"]["crps"] + 0.0002
        assert (
            f"CRPS {one['chosen']['crps']:.4f}, otherwise" in words or "8, the" in one["portfolio"]
        )
        assert f"otherwise {one['otherwise']['crps']:.4f}." in words
    assert "at most three times the largest known, not one and a half times" in words
    assert "by its share paid in the last twelve months too" in words
    japanese = read(client, f"/ja{address}").words
    assert "1.5倍ではなく3倍とする" in japanese
    assert "直近12か月の支払割合でも重みを付ける" in japanese


def test_of_what_is_selected_the_page_shows_its_own_sources_pace_and_forecasts(client, register):
    body = json.loads(store("japan-us-2025").body)
    fan = body["results"]["variants"]["all"]["selected"]
    already = sum(float(one["amount_usd"]) for one in body["inputs"]["approvals"])
    page = read(client, f"{REAL}&rung=selected")
    assert "Selected by the deadline, mean of the draws" in page.words
    assert f"Selected already {usd_words(already)}" in page.words
    rule = "counts at the low end of its range, or at its ceiling where only that is stated."
    assert page.words.count(rule) == 3  # under the fan, of its parts and of the pace
    assert "Funded already" not in page.words
    known = CommitmentRecord(Commitment.objects.get(slug="japan-us-2025"), point(DAY))
    whole = pace_lines(known, "selected")[0].values
    for key, words in (
        ("required_usd_per_month", "Needed from today, a month"),
        ("trailing_365d_usd_per_month", "Last 365 days, a month"),
        ("projected_usd", "Run rate of the last 365 days"),
    ):
        assert f"{words} {formats.money(whole[key])}" in page.words
    mean = usd_words(fan["mean"][-1])
    assert f"This model, mean of the draws {mean} Run rate" in page.words
    assert "of selections they say nothing" in page.words
    assert "they do not move selections" in page.words
    assert "Fast donors" not in page.html.split("<table")[4]


def test_in_japanese_the_rung_is_a_word(client, register):
    store("japan-us-2025")
    for rung, words in (("funded", "拠出"), ("selected", "選定")):
        page = read(client, f"/ja{REAL}&rung={rung}")
        assert f"段階：{words}" in page.words
        assert f"段階：{rung}" not in page.words


def test_the_fan_tells_every_month(client, register):
    months = json.loads(store("japan-us-2025").body)["results"]["months"]
    fan = (
        read(client, REAL)
        .html.split("<caption>The fan by month, $ billion")[1]
        .split("</table>")[0]
    )
    assert fan.count("<tr>") - 1 == len(months) == 26


def test_with_half_a_year_of_payments_it_is_a_forecast(client, illustrative):
    store("illustrative-us-2025")
    page = read(client, SCENARIO)
    assert "dotted: an even pace. Grey: the plan in force, Re-baseline of September" in page.words
    assert "Needed path Plan 31 Dec 2026" in page.section("The fan by month", "</table>")
    assert "Grey: the plan" not in read(client, f"{SCENARIO}&rung=selected").words
    answer = client.get(f"/forecast/fan.csv?commitment=illustrative-us-2025&as_of={DAY}")
    months = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    planned = {(row["rung"], row["month_end"]): row["planned_usd"] for row in months}
    assert planned["funded", "2026-12-31"] == "60000000000"
    assert planned["funded", "2029-01-19"] == "550000000000"
    assert planned["selected", "2026-12-31"] == ""
    assert "Odds: under 1 in 100 that $550bn is funded by 19 Jan 2029" in page.words
    assert "Funded already $45.6bn" in page.words
    assert "Prior" not in page.words
    fictional = Commitment.objects.get(slug="illustrative-us-2025")
    known = CommitmentRecord(fictional, point(DAY))
    [odds] = [one for one in findings(known) if one.rule == "odds"]
    told = {name: odds.facts[name] for name in ("low", "high", "words")}
    assert told == {"low": None, "high": "0.0025", "words": "under 1 in 100"}


def test_without_a_stored_forecast_the_page_says_why(client, register):
    assert "No forecast is stored for this point." in read(client, "/forecast/").words
    assert formats.reason("not_kept_for_day") in read(client, REAL).words
    for address, words in (
        (f"{REAL}&commitment=taiwan-us-2026", "state no deadline"),
        (f"{REAL}&commitment=korea-us-2025", "No project of this commitment is followed here"),
        (f"{REAL}&commitment=eu-us-2025", "No project of this commitment is followed"),
        (f"{REAL}&published_by=2026-06-01", "not for what was public by a day"),
    ):
        assert words in read(client, address).words
    korea = client.get(f"/api/v1/commitments/korea-us-2025/forecast/?as_of={DAY}").json()
    assert (korea["result"], korea["reason"]) == (None, "no_projects")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "not_computed_yet"),
        ("as_of=2026-11-20", "not_kept_for_day"),
        ("as_of=2025-09-04", "not_kept_for_day"),
        ("as_of=2025-09-04&published_by=2025-10-01", "not_kept_by_publication"),
        ("as_of=2025-09-03", "before_agreement"),
        ("commitment=korea-us-2025", "no_projects"),
        ("commitment=korea-us-2025&as_of=2026-11-20", "no_projects"),
        ("commitment=taiwan-us-2026", "not_stated"),
    ],
)
def test_page_and_api_give_one_reason_for_no_forecast(client, register, query, reason):
    """Projects of Japan are followed from the start, and none had been named on its first day."""
    slug = query.partition("commitment=")[2].partition("&")[0] or "japan-us-2025"
    answer = client.get(f"/api/v1/commitments/{slug}/forecast/?{query}").json()
    assert (answer["result"], answer["reason"]) == (None, reason)
    words = read(client, f"/forecast/?{query}").words
    assert ("No project of this commitment is followed" in words) is (reason == "no_projects")
    own = ("no_projects", "not_stated", "before_agreement")  # said in the page's own words
    assert reason in own or formats.reason(reason) in words


def test_what_was_known_once_is_not_still_to_be_computed(client, register):
    known = Revision.objects.latest("number").recorded_at.isoformat().replace("+00:00", "Z")
    record({"sector": [{"slug": "new", "name": "New"}]})
    address = "/api/v1/commitments/japan-us-2025/forecast/"
    assert client.get(address).json()["reason"] == "not_computed_yet"
    assert client.get(address, {"known_at": known}).json()["reason"] == "not_kept_for_day"


def test_before_the_first_project_of_the_fiction_no_word_says_that_none_is_followed(
    client, illustrative
):
    address = "/forecast/?commitment=illustrative-us-2025&as_of=2025-09-20"
    words = read(client, address).words
    assert formats.reason("not_kept_for_day") in words
    assert "is followed here" not in words


def test_with_nothing_recorded_the_page_still_answers(client):
    record(BASE)
    assert "What are the odds?" in read(client, "/forecast/").words


def scored(stored: Forecast, origins: int, months: int = 1) -> None:
    """Score some months of forecasts made on so many days: half of them too low."""
    for origin in range(origins):
        stored.pk, stored.as_of = None, date(2026, 1, origin + 1)
        stored.save()
        for n in range(1, months + 1):
            make_score(stored, n, in_50=n % 2 == origin % 2, pit=0.95 if origin % 2 else 0.05)


def test_forecasts_of_eight_days_get_scores(client, register):
    scored(store("japan-us-2025"), 8)
    words = read(client, REAL).words
    assert (
        "8 months of published forecasts are scored so far. The forecasts were made on 8 days."
        in words
    )
    assert "Under eight days" not in words
    assert "CRPS, share of the target 0.0100" in words
    assert "Error of the run rate, share of the target 0.0400" in words
    assert "Skill over the run rate: 0 is as good, 1 perfect 0.75" in words
    assert "Brier score of the odds that funding is on the needed path 0.0400" in words
    assert "Brier score of telling how often it was 0.0000" in words
    assert "On the needed path or above 8 of 8" in words
    assert "Inside the interval (50%) 4 of 8" in words
    assert "Tenth of the forecast Months 0–10% 4 10–20% 0" in words
    assert "90–100% 4" in words
    rule = "Of several forecasts of one day the last counts."
    assert rule in words
    assert rule in read(client, "/method/").words
    told = client.get(f"/api/v1/commitments/japan-us-2025/forecast/?as_of={DAY}").json()
    assert told["reliability"] == {
        "origins": 8,
        "months": 8,
        "reached": 8,
        "in_50": 4,
        "in_80": 8,
        "in_90": 8,
        "pit_histogram": [4, 0, 0, 0, 0, 0, 0, 0, 0, 4],
        "crps_share": "0.010000",
        "run_rate_share": "0.040000",
        "skill": {"value": "0.750000", "reason": None},
        "pinball_share": "0.005000",
        "brier": "0.040000",
        "base_rate_brier": "0.000000",
        "reason": None,
    }


def test_many_months_of_forecasts_of_few_days_get_counts_and_no_verdict(client, register):
    stored = store("japan-us-2025")
    address = f"/api/v1/commitments/japan-us-2025/forecast/?as_of={DAY}"
    empty = client.get(address)
    scored(stored, 2, months=6)
    words = read(client, REAL).words
    assert (
        "12 months of published forecasts are scored so far. The forecasts were made on 2 days."
        in words
    )
    assert "Under eight days, counts are shown and no verdict." in words
    assert "Inside the interval (80%) 12 of 12" in words
    assert "CRPS, share" not in words
    assert "Brier score" not in words
    told = client.get(address, headers={"if-none-match": empty["ETag"]}).json()["reliability"]
    assert (told["origins"], told["months"], told["in_80"]) == (2, 12, 12)
    assert (told["brier"], told["reason"]) == (None, "too_few_forecasts")
    assert told["skill"] == {"value": None, "reason": "too_few_forecasts"}


def test_each_scored_month_has_its_brier_score_by_the_api(client, register):
    scored(store("japan-us-2025"), 1)
    [row] = client.get(f"/api/v1/forecast-scores/?as_of={DAY}").json()["results"]
    names = ("needed_usd", "odds", "is_reached", "brier", "run_rate_share")
    assert [row[name] for name in names] == ["5.00", "0.800000", True, "0.040000", "0.040000"]


@pytest.mark.parametrize(
    ("odds", "words"),
    [
        ((0.0, 0.0001), "under 1 in 100"),
        ((0.004, 0.004), "under 1 in 100"),
        ((0.034, 0.034), "3 in 100"),
        ((0.9999, 1.0), "over 99 in 100"),
    ],
)
def test_chances_are_natural_frequencies_and_never_certain(odds, words):
    assert chance_words(odds) == words


def test_the_api_gives_the_stored_bytes_and_a_reason_for_none(client, register):
    address = f"/api/v1/commitments/japan-us-2025/forecast/?as_of={DAY}"
    empty = client.get(address)
    assert (empty.json()["result"], empty.json()["reason"]) == (None, "not_kept_for_day")
    stored = store("japan-us-2025")
    answer = client.get(address, headers={"if-none-match": empty["ETag"]}).json()
    result = answer["result"]
    assert result["is_prior"] is True
    assert {"inputs": result["inputs"], "results": result["results"]} == json.loads(stored.body)
    assert result["odds"]["funded"] == {"low": None, "high": "0.0025", "words": "under 1 in 100"}
    kept = {name: result[name] for name in ("inputs", "results")}
    told = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(told.encode()).hexdigest() == result["sha256"]
    assert result["sha256"] in read(client, f"/forecast/?as_of={DAY}").html
    none = client.get(f"/api/v1/commitments/taiwan-us-2026/forecast/?as_of={DAY}").json()
    assert (none["result"], none["reason"]) == (None, "not_stated")
    assert client.get("/api/v1/commitments/nobody/forecast/").status_code == 404
    by_publication = client.get(f"{address}&published_by=2026-02-10").json()
    assert (by_publication["result"], by_publication["reason"]) == (None, "not_kept_by_publication")
    words = read(client, f"/forecast/?as_of={DAY}&published_by=2026-02-10").words
    assert formats.reason("not_kept_by_publication") in words
    [listed] = client.get("/api/v1/forecasts/").json()["results"]
    assert (listed["sha256"], listed["odds"]) == (stored.sha256, result["odds"])


@pytest.mark.parametrize(
    ("reached", "odds"),
    [
        (0, {"low": None, "high": "0.0001", "words": "under 1 in 100"}),
        (340, {"low": "0.034", "high": "0.034", "words": "3 in 100"}),
        (10_000, {"low": "0.9999", "high": None, "words": "over 99 in 100"}),
    ],
)
def test_odds_as_data_are_never_0_or_1(reached, odds):
    assert told_odds({"reached": {"funded": reached}}, "funded", 10_000) == odds


def test_the_fan_can_be_taken_away_with_its_label(client, register):
    assert client.get(f"/forecast/fan.csv?as_of={DAY}").status_code == 404
    stored = store("japan-us-2025")
    answer = client.get(f"/forecast/fan.csv?as_of={DAY}")
    assert answer["Content-Disposition"].endswith('japan-us-2025_2026-11-25_r1.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 4 * 2 * 26
    last = [r for r in rows if (r["donors"], r["rung"]) == ("all", "funded")][-1]
    fan = json.loads(stored.body)["results"]["variants"]["all"]["funded"]
    workbook = client.get(f"/forecast/fan.xlsx?as_of={DAY}")
    head, *found = load_workbook(io.BytesIO(workbook.content)).active.iter_rows(values_only=True)
    middle = head.index("usd_0.5")
    assert [row[middle] for row in found] == [float(row["usd_0.5"]) for row in rows]
    assert (last["month_end"], last["usd_0.5"]) == ("2029-01-19", str(fan["0.5"][-1]))
    assert (last["_label"], last["_revision"], last["_illustrative"]) == ("prior", "r1", "false")
    chosen = f"as_of={DAY}&rung=selected&donors=fast"
    page = read(client, f"/forecast/?{chosen}")
    file = html.unescape(next(link for link in page.links if "/forecast/fan.csv" in link))
    answer = client.get(file)
    assert '"forecast_selected_fast_japan-us-2025_' in answer["Content-Disposition"]
    kept = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert kept == [r for r in rows if (r["donors"], r["rung"]) == ("fast", "selected")]
    assert client.get(f"/forecast/fan.csv?as_of={DAY}&donors=none").status_code == 400
