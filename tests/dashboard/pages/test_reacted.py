"""What reactions are about: links, the filter by subject, polls, and how far two codings agree."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from commitments.calculations.agreement import krippendorff_alpha
from commitments.calculations.undefined import Undefined
from commitments.models import Reaction
from commitments.services.cases import approve_case, draft_case, submit_case
from commitments.services.references import references_lead_somewhere
from tests.builders import record
from tests.dashboard.pages.reading import read
from tests.desk import make_people

DAY = "2026-11-22"
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def codings(*stances: tuple[str, str]) -> list[dict]:
    return [
        {
            "kind": "stancecoding",
            "op": "add",
            "data": {
                "ref": f"coding-{ref}",
                "reaction": ref,
                "stance": stance,
                "coder": "Second reader",
                "coded_on": "2026-11-27",
            },
        }
        for ref, stance in stances
    ]


def test_alpha_is_that_of_the_book():
    first, second = "0100000000", "1110010001"  # Krippendorff's own example of two observers
    labels = [("a", str(n), x) for n, x in enumerate(first)]
    labels += [("b", str(n), x) for n, x in enumerate(second)]
    assert f"{krippendorff_alpha(labels):.3f}" == "0.095"


def test_alpha_needs_two_codings_of_one_thing_and_two_labels():
    with pytest.raises(Undefined, match="one_coding"):
        krippendorff_alpha([("a", "1", "x"), ("b", "2", "x")])
    with pytest.raises(Undefined, match="one_label"):
        krippendorff_alpha([("a", "1", "x"), ("b", "1", "x")])


def test_every_link_names_something_of_its_kind(register):
    for reaction in Reaction.objects.all():
        assert not set(reaction.about) & set(reaction.about_inferred), reaction.ref
        for key in (*reaction.about, *reaction.about_inferred):
            assert key.partition(":")[0] in Reaction.ABOUT


@pytest.fixture
def desk(register):
    return make_people("editor", "approver")


@pytest.mark.parametrize("key", ["project:nobody", "party:toshiba", "measure"])
def test_a_reaction_about_nothing_on_record_is_refused(register, key):
    row = Reaction.objects.get(ref="rx-054")
    data = {
        "ref": "rx-new",
        "commitment": "japan-us-2025",
        "occurred_on": "2026-11-01",
        "country": "US",
        "actor": "Somebody",
        "actor_type": "media",
        "kind": "media",
        "stance": "neutral",
        "subject": "x",
        "summary": "x",
        "document": row.document.slug,
        "about": [key],
    }
    revision = record({"reaction": [data]})
    assert [refusal.field for refusal in references_lead_somewhere(revision)] == ["about"]


def test_reactions_are_found_by_what_they_are_about(client, register):
    court = read(client, f"/reactions/?as_of={DAY}&about=measure:gen-122-2026").words
    assert "Court of International Trade" in court
    assert "S&P Global Ratings" not in court
    address = f"/reactions/?as_of={DAY}&about=project:nobody"
    assert client.get(address).status_code == 400


def test_a_link_that_is_concluded_is_marked_and_leads_to_its_subject(client, register):
    page = read(client, f"/reactions/?as_of={DAY}&about=measure:mhd-25")
    assert "derived" in page.section("Jiji Press", "</li>")
    page = read(client, f"/reactions/?as_of={DAY}&about=project:prj-ga-diamond")
    assert "/projects/prj-ga-diamond/?as_of=2026-11-22" in page.links


def test_a_link_to_what_came_later_is_not_shown_before(client, register):
    words = read(client, "/reactions/?as_of=2025-07-25").words
    assert "American Automotive Policy Council" in words
    assert "EO 14345" not in words


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/projects/prj-tx-gulflink/", "350.org Japan"),
        ("/tariffs/", "Norton Rose Fulbright"),
        ("/compare/", "European Commission"),
        ("/?commitment=korea-us-2025", "Industry Minister Kim Jung-kwan"),
    ],
)
def test_what_is_spoken_of_shows_the_reactions(client, register, address, said):
    mark = "&" if "?" in address else "?"
    assert said in read(client, f"{address}{mark}as_of={DAY}").words


@pytest.mark.parametrize(
    ("address", "days"),
    [
        (
            "/reactions/",
            ("week of 8 Sep 2025", "Nov 2025", "Feb 2026 (unverified)", "about 3 Jun 2026 (unver"),
        ),
        (
            "/ja/reactions/",
            ("2025年9月8日の週", "2025年11月", "2026年2月（未検証）", "2026年6月3日ごろ（未検証）"),
        ),
    ],
)
def test_a_reaction_bears_its_day_as_exactly_as_it_is_known(client, register, address, days):
    pages = [read(client, f"{address}?as_of={DAY}{more}") for more in ("", "&after=rx-025")]
    html = "".join(page.html for page in pages)
    shown = re.findall(r"<time datetime=\"([0-9-]+)\">([^<]+)</time>", html)
    assert {day for _machine, day in shown} >= {*days[:3]}
    assert any(day.startswith(days[3]) for _machine, day in shown)
    assert ("2025-11", days[1]) in shown


def test_the_feed_and_the_watch_page_say_a_coarse_day_too(client, register):
    feed = client.get(f"/reactions/feed.atom?as_of={DAY}&q=METI").content.decode()
    assert "about 3 Jun 2026 (unverified): " in feed
    said = {
        **{"ref": "rx-new", "commitment": "japan-us-2025", "occurred_on": "2026-11-15"},
        **{"date_precision": "week", "country": "US", "actor": "Somebody", "actor_type": "media"},
        **{"kind": "media", "stance": "neutral", "subject": "x", "summary": "x"},
    }
    record({"reaction": [said]})
    row = read(client, f"/watch/?as_of={DAY}").section("4. Reactions", "</tr>")
    assert "week of 15 Nov 2026" in row


def test_a_poll_without_its_question_says_so(client, register):
    poll = read(client, f"/reactions/?as_of={DAY}&kind=poll").section("Kyodo News poll", "</li>")
    assert "Question: not stated · Answered: not stated · Asked: not stated" in poll


def test_money_and_duties_stand_on_the_same_axis(client, register):
    page = read(client, f"/reactions/?as_of={DAY}")
    assert "selected by the President" in page.words
    assert "Section 122, Trade Act of 1974 (Proclamation 11012)" in page.words
    assert page.html.count('class="tn-e"') >= 10
    assert "Last day: General goods, 10% added: expired after 150 days" in page.words
    assert "15% all-in: struck down after 201 days" in page.words
    before = read(client, "/reactions/?as_of=2026-02-23").words  # the ruling is made, not in effect
    assert "struck down" not in before


def test_a_second_coding_enters_by_a_case_and_agreement_is_measured(client, register, desk):
    editor, approver = desk
    before = json.loads(client.get("/api/v1/reactions/agreement/").content)
    assert (before["alpha"], before["reason"]) == (None, "one_coding")
    assert "One coding so far: no agreement to measure." in read(client, "/reactions/").words

    changes = codings(("rx-054", "critical"), ("rx-064", "critical"), ("rx-070", "supportive"))
    case = draft_case(changes, title="Second coding", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    approve_case(case.pk, actor=approver, version=case.version, now=NOW)

    after = json.loads(client.get("/api/v1/reactions/agreement/").content)
    # neutral/critical, critical/critical, supportive/supportive: 1 - (2/6) / (22/30)
    assert (after["reactions"], after["alpha"]) == (3, "0.545")
    assert "Krippendorff’s alpha: 0.545" in read(client, "/reactions/").words


def test_a_reaction_filed_elsewhere_counts_where_it_is_about(client, register, desk):
    """Page, list, codings and agreement of a commitment take the same reactions."""
    korea = "commitment=korea-us-2025"
    rows = client.get(f"/api/v1/reactions/?{korea}&page_size=500").json()["results"]
    refs = {row["ref"]: row["commitment"] for row in rows}
    assert refs["rx-032"] == "japan-us-2025"
    assert f"{len(rows)} reactions on record" in read(client, f"/reactions/?{korea}").words

    editor, approver = desk
    case = draft_case(codings(("rx-032", "critical")), title="Second coding", actor=editor)
    case = submit_case(case.pk, actor=editor, version=case.version, now=NOW)
    approve_case(case.pk, actor=approver, version=case.version, now=NOW)
    (coding,) = client.get(f"/api/v1/stance-codings/?{korea}").json()["results"]
    assert coding["reaction"] == "rx-032"
    assert client.get(f"/api/v1/reactions/agreement/?{korea}").json()["reactions"] == 1


def test_the_api_finds_reactions_by_what_they_are_about(client, register):
    rows = json.loads(client.get("/api/v1/reactions/?about=project:prj-ga-diamond").content)
    assert [row["ref"] for row in rows["results"]] == ["rx-051", "rx-053"]
    assert client.get("/api/v1/reactions/?about=prj-ga").status_code == 400


def test_a_poll_cannot_end_before_it_begins():
    poll = Reaction(poll_from=date(2026, 2, 1), poll_to=date(2026, 1, 1))
    with pytest.raises(ValidationError, match="before the first"):
        poll.clean()
