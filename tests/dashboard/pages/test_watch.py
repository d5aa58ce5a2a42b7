"""The five watch items and the silences, real, fictional and where nothing is followed."""

import json

import pytest

from tests.builders import record
from tests.dashboard.pages.reading import read

DAY = "2026-11-22"


def test_watch_shows_state_last_change_and_next_event_of_each_item(client, register):
    words = read(client, f"/watch/?as_of={DAY}").words
    assert "3 projects selected, 3 in consultation, 1 financing signed" in words
    assert "Selected 90 days ago: $35.7–36.0bn; now: $35.7–36.0bn." in words
    assert "General goods pay 12.5% under Section 301" in words
    assert "Begins: Polysilicon and solar derivatives, 15% added" in words
    assert "74 reactions on record" in words
    assert "European Union, Switzerland and Liechtenstein: deadline" in words


def test_watch_counts_the_days_of_each_silence(client, register):
    page = read(client, f"/watch/?as_of={DAY}")
    table = page.html.split("Silences on record")[1].split("</table>")[0]
    assert table.count("no decision of either side is on record") == 3
    assert "248" in table  # 19 March to 22 November 2026
    assert "no funding notice is on record" in table
    assert "205" in table  # since the loans of 1 May 2026


def test_watch_is_silent_of_silences_while_little_time_has_passed(client, register):
    words = read(client, "/watch/?as_of=2026-04-15").words
    assert "no decision of either side" not in words
    assert "Nothing is overdue." in words


def test_each_item_says_what_changed_and_how_it_moved(client, register):
    words = read(client, f"/watch/?as_of={DAY}").words
    assert "AI and semiconductor projects (unnamed): under negotiation" in words
    assert "General goods 90 days ago: 12.5%; now: 12.5%." in words
    assert (
        "Power to modify the order: cannot tell; Tariff response to non-funding: not met" in words
    )
    assert "Prime Minister Sanae Takaichi: Said the US President had given her" in words
    about = "Reactions that name their deals or are concluded to be about them, in the last 90 days"
    assert f"{about}: 0; in the 90 before: 3." in words


def test_a_question_long_awaited_an_answer_to_is_a_silence(client, register):
    """The action that counsel expected in the coming weeks on 18 September, and the appeal."""
    silences = client.get(f"/api/v1/watch/?as_of={DAY}").json()["silences"]
    since = {s["text"]: (s["since"], s["days"]) for s in silences}
    capacity = "How did the excess-capacity Section 301 investigation end?"
    assert since[f"{capacity} No answer is on record"] == ("2026-09-18", 65)
    appeal = "How did the appeal of the Section 122 ruling of 7 May 2026 end?"
    assert since[f"{appeal} No answer is on record"] == ("2026-05-07", 199)
    answered = {
        "ref": "gap-tariffs-1",
        "area": "tariffs",
        "question": capacity,
        "text": "An action was published.",
        "confidence": "derived",
    }
    record({"gap": [answered]})
    assert capacity not in json.dumps(client.get(f"/api/v1/watch/?as_of={DAY}").json())


def test_the_fiction_says_what_was_cancelled_paid_and_is_awaited(client, illustrative):
    body = client.get(f"/api/v1/watch/?as_of={DAY}&commitment=illustrative-us-2025").json()
    approvals, returns, tariffs = body["items"][:3]
    assert "Selected 90 days ago: $177.9–192.9bn; now: $137.9–152.9bn." in approvals["trend"]
    cancelled = "Bayou gas export terminal (fictional): cancelled, 10 Sep 2026"
    assert approvals["last"]["text"] == f"$1.5bn funded; before that {cancelled}"
    assert returns["last"] == {
        "text": "$110m distributed by Long prairie data campus (fictional)",
        "on": "2026-10-30",
    }
    assert "Tariff response to non-funding (fictional): met" in tariffs["state"]
    silences = {s["text"]: s["since"] for s in body["silences"]}
    window = "River bend gas power (fictional) FN-3: the window is over, $4.0bn of $6.0bn received"
    assert silences[window] == "2026-08-26"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("commitment=korea-us-2025", "Only the terms of this commitment are on record."),
    ],
)
def test_watch_says_why_it_has_nothing_to_show(client, register, query, says):
    assert says in read(client, f"/watch/?{query}").words


def test_the_api_gives_the_same_five_items_with_dates(client, register):
    answer = json.loads(client.get(f"/api/v1/watch/?as_of={DAY}").content)
    assert [item["number"] for item in answer["items"]] == [1, 2, 3, 4, 5]
    tariffs = answer["items"][2]
    assert tariffs["state"].startswith("General goods pay 12.5% under Section 301")
    assert (tariffs["last"]["on"], tariffs["next"]["on"]) == ("2026-09-29", "2026-12-04")
    assert answer["silences"][0]["days"] == 248
    assert "<" not in json.dumps(answer["items"])


def test_before_the_agreement_only_money_has_nothing_to_say(client, register):
    answer = json.loads(client.get("/api/v1/watch/?as_of=2025-08-10").content)
    assert answer["reason"] == "before_agreement"
    approvals, returns, tariffs, reactions, others = answer["items"]
    assert {approvals["state"], returns["state"]} == {"The agreement was not yet signed."}
    assert tariffs["state"] == (
        "General goods pay 15% under IEEPA. Levers – Quarterly review statement: cannot tell"
    )
    assert tariffs["last"] == {"text": "General goods: 15% all-in (IEEPA)", "on": "2025-08-07"}
    assert (reactions["last"]["on"], others["number"]) == ("2025-08-06", 5)
    page = read(client, "/watch/?as_of=2025-08-10").words
    assert "General goods pay 15% under IEEPA" in page
    korea = client.get("/api/v1/watch/?as_of=2025-08-10&commitment=korea-us-2025").json()
    assert (korea["items"], korea["reason"]) == ([], "before_agreement")


def tariffs_on(client, day):
    return client.get(f"/api/v1/watch/?as_of={day}").json()["items"][2]


@pytest.mark.parametrize(
    ("day", "changed", "words"),
    [
        ("2025-09-20", "2025-09-16", "Passenger vehicles: 15% all-in (Section 232)"),
        ("2026-02-22", "2026-02-20", "Supreme Court of the United States: Held by 6 to 3"),
        ("2026-04-10", "2026-04-06", "Steel and aluminium: 25–50% (Section 232)"),
        ("2026-05-10", "2026-05-07", "Court of International Trade: Held 2 to 1"),
        ("2026-09-30", "2026-09-29", "Patented pharmaceuticals: 15% all-in (Section 232)"),
    ],
)
def test_the_last_change_of_duties_is_the_newest_of_any_category_or_court(
    client, register, day, changed, words
):
    last = tariffs_on(client, day)["last"]
    assert (last["on"], last["text"][: len(words)]) == (changed, words)


@pytest.mark.parametrize(
    ("day", "next_on"),
    [("2026-02-25", "2026-07-23"), ("2026-07-20", "2026-07-23"), ("2026-08-20", "2026-09-03")],
)
def test_what_comes_next_is_the_first_countdown_of_the_tariffs_page(client, register, day, next_on):
    coming = tariffs_on(client, day)["next"]
    ahead = read(client, f"/tariffs/?as_of={day}").section('id="t5"', "</section>")
    assert (coming["on"], coming["text"] in ahead) == (next_on, True)


def test_a_rate_struck_down_is_told_as_such_while_it_is_charged(client, register):
    state = tariffs_on(client, "2026-02-22")["state"]
    assert state.startswith(
        "General goods pay 15% under IEEPA, struck down on 20 Feb 2026 and charged until 23 Feb 2026"
    )


def test_what_is_awaited_of_duties_is_a_silence(client, register):
    silences = client.get(f"/api/v1/watch/?as_of={DAY}").json()["silences"]
    since = {s["text"]: s["since"] for s in silences}
    assert since["No newer document on duties or reactions"] == "2026-10-07"
    challenge = (
        "How did the challenge to the forced-labour Section 301 duties at the Court of "
        "International Trade end? No answer is on record"
    )
    assert since[challenge] == "2026-07-28"


@pytest.mark.parametrize(
    ("day", "count", "changed", "words"),
    [
        ("2025-08-10", 7, "2025-07-30", "Korea: deal announced"),
        ("2025-09-20", 7, "2025-08-21", "European Union: deal signed"),
        ("2026-01-20", 9, "2026-01-15", "Taiwan: deal announced"),
        ("2026-02-22", 10, "2026-02-12", "Taiwan: deal signed"),
        ("2026-07-05", 10, "2026-07-01", "European Union: Implemented: the European Parliament"),
        (DAY, 10, "2026-07-24", "United Arab Emirates: General rate now 12.5% added; Qatar"),
    ],
)
def test_the_last_change_of_other_deals_is_their_newest_dated_step(
    client, register, day, count, changed, words
):
    others = client.get(f"/api/v1/watch/?as_of={day}").json()["items"][4]
    assert others["state"].startswith(f"{count} pledges to the United States")
    assert (others["last"]["on"], others["last"]["text"][: len(words)]) == (changed, words)


def test_the_next_deadline_of_other_deals_names_every_country_it_is_of(client, register):
    others = client.get(f"/api/v1/watch/?as_of={DAY}").json()["items"][4]
    assert others["next"]["on"] == "2028-12-31"
    assert others["next"]["text"].startswith("European Union, Switzerland")
    assert others["next"]["text"].count("deadline") == 1
