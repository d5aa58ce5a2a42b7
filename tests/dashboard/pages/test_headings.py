"""Section headings are generated: each rule in its states."""

from decimal import Decimal

from django.utils.translation import override

from commitments.calculations.bounds import Bounds, exactly
from dashboard.pages.overview import mix, peers, places, reactions, record, returns, tariffs


def test_record_heading_counts_what_is_decided():
    heading = record.record_heading(selected=3, in_consultation=3, signed=1)
    assert heading == "3 projects selected, 3 in consultation, 1 financing signed"
    heading = record.record_heading(selected=1, in_consultation=0, signed=2)
    assert heading == "1 project selected, 0 in consultation, 2 financings signed"


def test_places_heading_names_the_state_that_holds_most():
    assert (
        places.places_heading(projects=0, states=0) == "No project is selected or in consultation"
    )
    assert places.places_heading(projects=1, states=2) == "1 project in 2 states"
    heading = places.places_heading(projects=6, states=6, largest=("Ohio", "92%"))
    assert heading == "6 projects in 6 states; Ohio holds 92% of what is selected"


def test_mix_heading_names_the_largest_sector():
    assert mix.mix_heading("98%", "energy") == "98% of the selected money is for energy"


def test_reactions_heading_counts_them():
    assert reactions.heading(0, 0) == "No reaction is on record for the day"
    assert reactions.heading(1, 0) == "1 reaction on record, 0 in the last 90 days"
    assert reactions.heading(74, 4) == "74 reactions on record, 4 in the last 90 days"


def test_peers_heading_warns_that_pledges_differ():
    assert peers.heading(10) == "10 pledges to the United States, each counted in its own way"


def test_tariff_and_returns_headings_say_when_nothing_is_on_record():
    assert tariffs.heading(None) == "No rate on general goods is on record for the day"
    assert returns.heading(None, none_yet=True) == "How returns are shared is not stated"


def test_headings_stay_short_in_english_and_are_whole_sentences_in_japanese():
    headings = [
        lambda: record.record_heading(selected=3, in_consultation=3, signed=1),
        lambda: places.places_heading(projects=6, states=6, largest=("Ohio", "92%")),
        lambda: reactions.heading(74, 4),
        lambda: peers.heading(10),
        lambda: tariffs.heading(None),
    ]
    assert max(len(heading()) for heading in headings) <= 80
    with override("ja"):
        translated = [heading() for heading in headings]
    for words in translated:
        assert not {"project", "states", "reaction", "pledges", "record"} & set(words.split())
        assert any("\u3040" <= letter <= "\u9fff" for letter in words)


def test_exact_shares_are_shown_adding_to_100_and_ranges_stay_ranges():
    third = exactly(Decimal(1) / 3)
    assert mix.shares_in_words([third] * 3) == ["33.4%", "33.3%", "33.3%"]
    assert mix.shares_in_words([Bounds(Decimal("0.3"), Decimal("0.4")), third]) == [
        "30.0–40.0%",
        "33.3%",
    ]
