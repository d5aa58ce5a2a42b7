"""What is new: two days side by side, and what was recorded between them."""

import pytest
from django.utils import timezone

from commitments.calculations.dates import business_day
from commitments.models import Alert, Commitment, Revision
from dashboard.news import news
from dashboard.points import reading_of
from tests.builders import COMMITMENT, DOCUMENT, make_register, record
from tests.dashboard.pages.reading import read
from tests.notices import PROJECT, make_commitment_with_window

FICTION = "commitment=illustrative-us-2025"


def gap(number: int) -> dict:
    row = {"area": "tariffs", "text": "?", "confidence": "derived"}
    return {**row, "ref": f"gap-{number}", "question": f"Question {number}?"}


@pytest.mark.usefixtures("register")
def test_the_difference_is_that_of_the_first_page_on_both_days(client):
    page = read(client, "/changes/?from=2026-01-31&to=2026-02-28")
    figures = page.section('<h2 id="figures">', "</table>")
    assert "31 Jan 2026 28 Feb 2026 Change" in figures
    assert "Selected none published $35.7–36.0bn +$35.7bn to +$36.0bn" in figures
    assert "Days left 1,084 days 1,056 days −28" in figures
    assert "/?as_of=2026-01-31" in page.links
    progress = "/api/v1/commitments/japan-us-2025/progress/?as_of=2026-02-28"
    selected = client.get(progress).json()["metrics"]["selected_usd"]
    assert (selected["low"], selected["high"]) == ("35700000000.00", "36000000000.00")


@pytest.mark.usefixtures("illustrative")
def test_postings_of_the_fiction_stand_with_the_fiction_alone(client):
    real = read(client, "/changes/").section('<h2 id="recorded">', '<h2 id="rules">')
    assert "test" in real
    assert "fictional" not in real
    assert "Claim: what a document says" in real
    fiction = read(client, f"/changes/?{FICTION}").section('<h2 id="recorded">', '<h2 id="rules">')
    assert fiction.count("Load of the illustrative scenario, fictional") == 2


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("from=yesterday", "from", "“yesterday” is not a date like 2026-02-28"),
        ("from=0001-01-01", "from", "must lie in the years 1900 to 2100"),
        ("from=2026-02-02&to=2026-02-01", "from", "lies after “to”"),
        ("as_of=2026-02-01&to=2026-02-02", "to", "lies after the day described, 2026-02-01"),
        ("kind=gossip", "kind", "must be one of: revision, alert, lever"),
        ("after=1", "after", "is not a cursor of this list; follow “next”"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_by_name(client, query, name, words):
    page = read(client, f"/changes/?{query}", status=400)
    assert page.section('<p class="error">', "</p>").startswith(f"{name}: {words}")


@pytest.mark.usefixtures("register")
def test_before_the_load_the_page_says_so(client):
    words = read(client, "/changes/?known_at=2020-01-01").words
    assert "The register held nothing at that moment." in words


@pytest.mark.django_db
def test_pages_of_the_list_hold_each_posting_once(rf):
    make_register()
    for number in range(7):
        record({"gap": [gap(number)]})
    reading = reading_of(rf.get("/"))
    today = business_day(timezone.now())
    seen, after = [], ""
    while True:
        found = news(reading, begin=today, end=today, after=after, size=3)
        seen += [item.row.pk for item in found[:3]]
        if len(found) <= 3:
            break
        after = found[2].cursor
    assert seen == list(range(8, 0, -1))


@pytest.mark.usefixtures("illustrative")
def test_queries_do_not_grow_with_what_is_listed(client, django_assert_max_num_queries):
    read(client, "/changes/")
    with django_assert_max_num_queries(40):
        client.get(f"/changes/?{FICTION}")
    with django_assert_max_num_queries(40):
        client.get("/changes/feed.atom")


@pytest.mark.usefixtures("register")
def test_the_page_speaks_japanese(client):
    assert "アラート" in read(client, "/ja/changes/").words


@pytest.mark.django_db
def test_what_was_let_through_is_said_with_its_posting(client):
    make_commitment_with_window()
    late = {"ref": "per-1", "commitment": COMMITMENT, "ends_on": "2026-09-30"}
    record({"closedperiod": [late]})
    entry = {
        "ref": "led-1",
        "commitment": COMMITMENT,
        "project": PROJECT,
        "instrument": "loan",
        "kind": "funding",
        "value_date": "2026-09-02",
        "amount_usd": "1.00",
        "document": DOCUMENT,
        "override_reason": "paid without a notice",
        "late_reason": "the bank told late",
    }
    record({"ledgerentry": [entry, {**entry, "ref": "led-2"}]})
    posted, today = Revision.objects.latest("number"), business_day(timezone.now())
    told = {"rule": "odds", "number": 1, "level": "0", "as_of": today, "revision": posted}
    same_key = {"pk": posted.pk, "commitment": Commitment.objects.get(slug=COMMITMENT)}
    Alert.objects.create(**told, **same_key)

    words = read(client, "/changes/").words

    assert "Odds that the target is funded in time are under 1 in 100" in words
    assert words.count("let through a rule paid without a notice") == 1
    assert words.count("posted late the bank told late") == 1
    assert "the bank told late" in client.get("/changes/feed.atom").content.decode()
